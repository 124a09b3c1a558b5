//! The inside of JSON strings.

/// What a string with a mistake in it should have been.
const EXPECTED: &str = "a string with a closing quote, escapes that JSON has and no bare control characters";
const SURROGATE: &str = "a string whose `\\u` escapes are characters (a surrogate without its other half is none)";

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES << 7;

/// Where a run of plain characters ends: the place of the next quote, backslash or control
/// character, or the end of the text.
///
/// Eight bytes at a time: strings in answers are short, and a call of a vectorised search costs more
/// than it saves.
#[inline]
pub(in crate::decode) fn plain_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let stops = stops(u64::from_le_bytes(*chunk));
        if stops != 0 {
            return at + (stops.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|&byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        at += 1;
    }
    at
}

/// The high bit of each byte that ends a run. A borrow may set bits above the lowest one that is
/// right, so only the lowest is to be believed.
#[inline]
const fn stops(word: u64) -> u64 {
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let control = word.wrapping_sub(ONES * b' ' as u64) & !word;
    let quote = quote.wrapping_sub(ONES) & !quote;
    let backslash = backslash.wrapping_sub(ONES) & !backslash;
    (control | quote | backslash) & HIGHS
}

/// Reads a string that has escapes: the text from `start`, plain up to `plain`. Returns it with the
/// place behind its closing quote.
pub(super) fn unescape(text: &str, start: usize, plain: usize) -> Result<(String, usize), &'static str> {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(plain - start + 16);
    let (mut start, mut end) = (start, plain);
    loop {
        out.push_str(text.get(start..end).unwrap_or_default());
        match bytes.get(end) {
            Some(b'"') => return Ok((out, end + 1)),
            Some(b'\\') => (),
            _ => return Err(EXPECTED),
        }
        let (character, next) = escape(bytes, end)?;
        out.push(character);
        start = next;
        end = plain_end(bytes, start);
    }
}

/// The character that the escape at `at` stands for, and the place behind it.
fn escape(bytes: &[u8], at: usize) -> Result<(char, usize), &'static str> {
    let character = match bytes.get(at + 1) {
        Some(b'n') => '\n',
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return unicode_escape(bytes, at),
        _ => return Err(EXPECTED),
    };
    Ok((character, at + 2))
}

fn unicode_escape(bytes: &[u8], at: usize) -> Result<(char, usize), &'static str> {
    let unit = hex_unit(bytes, at).ok_or(EXPECTED)?;
    if !(0xD800..0xE000).contains(&unit) {
        return char::from_u32(unit).map(|character| (character, at + 6)).ok_or(SURROGATE);
    }
    let low = if unit < 0xDC00 { hex_unit(bytes, at + 6) } else { None };
    let low = low.filter(|low| (0xDC00..0xE000).contains(low)).ok_or(SURROGATE)?;
    let character = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    char::from_u32(character).map(|character| (character, at + 12)).ok_or(SURROGATE)
}

/// The number in `\uXXXX` at `at`.
fn hex_unit(bytes: &[u8], at: usize) -> Option<u32> {
    let [b'\\', b'u', digits @ ..] = bytes.get(at..at + 6)? else { return None };
    digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)?))
}

/// The place behind the string whose opening quote stands at `at`. Its escapes have to be escapes,
/// but a surrogate may stand alone: nobody asked for the characters.
pub(super) fn skip(bytes: &[u8], at: usize) -> Result<usize, &'static str> {
    let mut at = plain_end(bytes, at + 1);
    loop {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'"'), _) => return Ok(at + 1),
            (Some(b'\\'), Some(b'n' | b'"' | b'\\' | b'/' | b't' | b'r' | b'b' | b'f')) => at += 2,
            (Some(b'\\'), Some(b'u')) if hex_unit(bytes, at).is_some() => at += 6,
            _ => return Err(EXPECTED),
        }
        at = plain_end(bytes, at);
    }
}
