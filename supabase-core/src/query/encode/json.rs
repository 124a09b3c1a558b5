//! JSON strings.

use std::fmt::Write as _;

/// Whether a JSON string holds the text as it is: no quote, no backslash, no control character.
///
/// Eight bytes at a time, since names and most values are short.
#[inline]
fn is_plain_json(text: &str) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // The high bit of a byte is set where the byte is strange. A borrow may set further ones, above one
    // that is right.
    let strange = |bytes: &[u8; 8]| {
        let word = u64::from_le_bytes(*bytes);
        let (quote, backslash) = (word ^ (ONES * b'"' as u64), word ^ (ONES * b'\\' as u64));
        (word.wrapping_sub(ONES * 0x20) & !word)
            | (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash)
    };
    let bytes = text.as_bytes();
    let Some(last) = bytes.last_chunk::<8>() else {
        return bytes.iter().all(|&byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    };
    let mut found = strange(last);
    for chunk in bytes.as_chunks::<8>().0 {
        found |= strange(chunk);
    }
    found & (ONES << 7) == 0
}

/// Appends a JSON string. False when the text holds a NUL, which JSON can say and PostgreSQL cannot.
#[inline]
pub(super) fn push_json_string(out: &mut String, text: &str) -> bool {
    out.push('"');
    let whole = if is_plain_json(text) {
        out.push_str(text);
        true
    } else {
        push_escaped_json(out, text)
    };
    out.push('"');
    whole
}

#[inline(never)]
fn push_escaped_json(out: &mut String, text: &str) -> bool {
    let (mut rest, mut whole) = (0, true);
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => {
                whole &= byte != 0;
                out.push_str(&text[rest..at]);
                let written = write!(out, "\\u{byte:04x}");
                debug_assert!(written.is_ok(), "writing to a String does not fail");
                rest = at + 1;
                continue;
            }
            _ => continue,
        };
        out.push_str(&text[rest..at]);
        out.push_str(escape);
        rest = at + 1;
    }
    out.push_str(&text[rest..]);
    whole
}
