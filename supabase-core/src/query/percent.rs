//! Percent-encoding of the request target.
//!
//! Everything but letters, digits and a few marks is encoded, a blank as `%20`. Servers decode the
//! result the same way whatever they think of `+`, and no URL parser on the way finds anything to
//! normalise.

/// Whether a byte stands for itself in a query string.
const fn plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'*' | b'(' | b')' | b',' | b':' | b'!')
}

pub(super) const PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = plain(byte as u8);
        byte += 1;
    }
    table
};

/// `%00%01%02` … `%FF`: the three characters of each byte in one text.
const ENCODED: &str = {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    const BYTES: [u8; 768] = {
        let mut text = [b'%'; 768];
        let mut byte = 0;
        while byte < 256 {
            text[3 * byte + 1] = HEX[byte >> 4];
            text[3 * byte + 2] = HEX[byte & 15];
            byte += 1;
        }
        text
    };
    match std::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => "",
    }
};

/// What stands for a byte that does not stand for itself.
pub(super) fn code(byte: u8) -> &'static str {
    let at = 3 * usize::from(byte);
    &ENCODED[at..at + 3]
}

/// Appends `text`, encoded for a query string.
#[inline]
pub(crate) fn encode(out: &mut String, text: &str) {
    if is_plain(text) {
        out.push_str(text);
    } else {
        encode_marks(out, text);
    }
}

fn encode_marks(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let mut rest = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if !PLAIN[usize::from(byte)] {
            // What is between is plain ASCII; between two bytes of one character there is nothing.
            if rest < at {
                out.push_str(&text[rest..at]);
            }
            out.push_str(code(byte));
            rest = at + 1;
        }
    }
    out.push_str(&text[rest..]);
}

/// Whether nothing in `text` needs encoding.
pub(crate) fn is_plain(text: &str) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES << 7;
    // The high bit of each byte of the result says whether the byte is within, for bytes below 0x80.
    let within = |word: u64, first: u8, last: u8| {
        (word + ONES * u64::from(0x80 - first)) & !(word + ONES * u64::from(0x7f - last))
    };
    // Eight bytes at a time, and only those that nearly all names are made of.
    let word_only = |bytes: &[u8; 8]| {
        let word = u64::from_le_bytes(*bytes);
        let ascii = word & !HIGHS;
        let letter = within(ascii | (ONES * 0x20), b'a', b'z');
        let other = |mark: u8| (ascii ^ (ONES * u64::from(mark))) + (HIGHS - ONES);
        (letter | !(other(b'_') & other(b'!'))) & !word & HIGHS == HIGHS
    };
    let bytes = text.as_bytes();
    if let Some(last) = bytes.last_chunk::<8>()
        && word_only(last)
        && bytes.as_chunks::<8>().0.iter().all(word_only)
    {
        return true;
    }
    bytes.iter().all(|&byte| PLAIN[usize::from(byte)])
}

/// Appends a value in quotes, encoded: an item of a list. False when it holds a NUL.
pub(super) fn encode_quoted(out: &mut String, text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut rest, mut at, mut whole) = (0, 0, true);
    out.push_str("%22");
    loop {
        while at < bytes.len() && PLAIN[usize::from(bytes[at])] {
            at += 1;
        }
        // What is between is plain ASCII; between two bytes of one character there is nothing.
        if rest < at {
            out.push_str(&text[rest..at]);
        }
        let Some(&byte) = bytes.get(at) else { break };
        match byte {
            b'"' => out.push_str("%5C%22"),
            b'\\' => out.push_str("%5C%5C"),
            b' ' => out.push_str("%20"),
            byte => {
                whole &= byte != 0;
                out.push_str(code(byte));
            }
        }
        at += 1;
        rest = at;
    }
    out.push_str("%22");
    whole
}

/// The text that [`encode`] made `encoded` of.
pub(crate) fn decode(encoded: &str) -> String {
    let bytes = encoded.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = match bytes[at] {
            b'%' => {
                let byte = encoded.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
                at += if byte.is_some() { 2 } else { 0 };
                byte.unwrap_or(b'%')
            }
            byte => byte,
        };
        out.push(byte);
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Appends `text` as one segment of a path: `/`, `.` and `..` lose their meaning.
pub(crate) fn encode_segment(out: &mut String, text: &str) {
    // `/` is encoded with the rest. A segment of dots alone cannot be said, since URL parsers take
    // `%2e` for a dot as well; the plan refuses those names.
    encode(out, text);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        let mut out = String::new();
        encode(&mut out, text);
        out
    }

    #[test]
    fn eight_bytes_at_a_time_are_judged_as_one_is() {
        for byte in 0..=0x7f_u8 {
            for text in
                [vec![byte; 11], [b"abcdefgh".as_slice(), &[byte]].concat(), [&[byte], b"abcdefgh".as_slice()].concat()]
            {
                assert_eq!(is_plain(&String::from_utf8(text).unwrap()), plain(byte), "{byte:#x}");
            }
        }
        assert!(!is_plain("moons_of_ü_planets"));
        assert!(is_plain("moons!moons_planet_id_fkey"));
    }

    #[test]
    fn quotes_items() {
        let quoted = |text: &str| {
            let mut out = String::new();
            (encode_quoted(&mut out, text), out)
        };
        for text in ["", "a", "a b", "Planet 17, the \"inner\" \\ one", "ü\"ü", "\u{1F680}", "abcdefgh", " ", "\\"] {
            let (whole, out) = quoted(text);
            assert!(whole);
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
            assert_eq!(decode(&out), format!("\"{escaped}\""));
            assert!(out.is_ascii());
        }
        assert!(!quoted("a\0b").0);
    }

    #[test]
    fn encodes_what_servers_read_differently() {
        assert_eq!(encoded("a b+c&d=e#f%g"), "a%20b%2Bc%26d%3De%23f%25g");
        assert_eq!(encoded("id.in.(1,2)"), "id.in.(1,2)");
        assert_eq!(encoded("ü\"\\"), "%C3%BC%22%5C");
        assert_eq!(encoded(""), "");
        for text in ["a b+c&d=e#f%g", "ü\"\\", "", "\u{1F680}%"] {
            assert_eq!(decode(&encoded(text)), text);
        }
    }
}
