//! Numbers as JSON writes them.

/// A number of at most nineteen digits and no exponent: `mantissa / 10^scale`.
#[derive(Debug, Clone, Copy)]
pub(in crate::decode) struct Simple {
    pub(in crate::decode) negative: bool,
    pub(in crate::decode) mantissa: u64,
    pub(in crate::decode) scale: u32,
}

/// Nineteen digits always fit into a `u64`.
const DIGITS: usize = 19;

#[inline]
fn digit(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).map(|byte| byte.wrapping_sub(b'0')).filter(|&digit| digit < 10)
}

/// Appends the digits at `at` to `mantissa` and returns the place behind them. It may wrap when
/// there are more than [`DIGITS`], which the callers count.
#[inline]
fn digits(bytes: &[u8], mut at: usize, mantissa: &mut u64) -> usize {
    while let Some(digit) = digit(bytes, at) {
        *mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    at
}

/// The sign, the magnitude and the end of a whole number below 10¹⁹; `None` for any other number
/// and for what is none.
#[inline]
pub(super) fn integer(bytes: &[u8], start: usize) -> Option<(bool, u64, usize)> {
    let negative = bytes.get(start) == Some(&b'-');
    let first = start + usize::from(negative);
    let mut magnitude = 0;
    let end = digits(bytes, first, &mut magnitude);
    let length = end - first;
    let zeros = length > 1 && bytes.get(first) == Some(&b'0');
    let more = matches!(bytes.get(end), Some(b'.' | b'e' | b'E'));
    (length != 0 && length <= DIGITS && !zeros && !more).then_some((negative, magnitude, end))
}

/// A number that [`Simple`] holds, and its end; `None` for any other number and for what is none.
#[inline]
pub(super) fn simple(bytes: &[u8], start: usize) -> Option<(Simple, usize)> {
    let negative = bytes.get(start) == Some(&b'-');
    let first = start + usize::from(negative);
    let mut mantissa = 0;
    let mut end = digits(bytes, first, &mut mantissa);
    let mut length = end - first;
    let mut scale = 0;
    if length == 0 || (length > 1 && bytes.get(first) == Some(&b'0')) {
        return None;
    }
    if bytes.get(end) == Some(&b'.') {
        let point = end;
        end = digits(bytes, point + 1, &mut mantissa);
        scale = end - point - 1;
        if scale == 0 {
            return None;
        }
        length += scale;
    }
    if length > DIGITS || matches!(bytes.get(end), Some(b'e' | b'E')) {
        return None;
    }
    Some((Simple { negative, mantissa, scale: scale as u32 }, end))
}

/// Where the number at `start` ends: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
pub(super) fn token_end(bytes: &[u8], start: usize) -> Option<usize> {
    let some_digits = |from: usize| {
        let length = bytes.get(from..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (length > 0).then_some(from + length)
    };
    let whole = start + usize::from(bytes.get(start) == Some(&b'-'));
    let mut end = some_digits(whole)?;
    if bytes.get(whole) == Some(&b'0') && end > whole + 1 {
        return None;
    }
    if bytes.get(end) == Some(&b'.') {
        end = some_digits(end + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        end = some_digits(end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-'))))?;
    }
    Some(end)
}
