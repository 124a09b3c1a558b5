//! `real` and `double precision`.

use crate::decode::{Decode, DecodeError, DecodeText, JsonReader};

const EXPECTED: &str = "a number";

macro_rules! floats {
    ($($ty:ident: $exact:literal, [$($power:literal),+];)+) => {$(
        impl Decode for $ty {
            #[inline]
            fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
                /// The powers of ten that the type holds exactly.
                const POWERS: &[$ty] = &[$($power),+];
                let place = json.place();
                if let Some(number) = json.simple_number()
                    && number.mantissa <= $exact
                    && let Some(power) = POWERS.get(number.scale as usize)
                {
                    // Both are exact, so the quotient is rounded once: the nearest value.
                    let value = number.mantissa as $ty / power;
                    return Ok(if number.negative { -value } else { value });
                }
                json.go_to(place);
                let mut ahead = json.fork();
                let value = match ahead.peek() {
                    Some(b'"') => ahead.string().ok().and_then(|text| $ty::of(&text)),
                    _ => ahead.number().ok().and_then(|token| token.parse().ok()).filter(|value: &$ty| value.is_finite()),
                };
                match value {
                    Some(value) => {
                        json.go_to(ahead.place());
                        Ok(value)
                    }
                    None => Err(json.unexpected(EXPECTED)),
                }
            }
        }

        impl Special for $ty {
            fn of(text: &str) -> Option<Self> {
                match text {
                    "NaN" => Some(Self::NAN),
                    "Infinity" => Some(Self::INFINITY),
                    "-Infinity" => Some(Self::NEG_INFINITY),
                    _ => None,
                }
            }
        }

        impl DecodeText for $ty {
            fn decode_text(text: &str) -> Result<Self, DecodeError> {
                let parsed = || text.parse().ok().filter(|value: &$ty| value.is_finite());
                $ty::of(text).or_else(parsed).ok_or_else(|| DecodeError::expected(EXPECTED, text))
            }
        }
    )+};
}

/// The values that JSON has no numbers for; PostgreSQL sends their names.
trait Special: Sized {
    fn of(text: &str) -> Option<Self>;
}

floats! {
    f64: 9_007_199_254_740_992, [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22
    ];
    f32: 16_777_216, [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];
}
