//! Percent-encoding of the request target.
//!
//! Everything but letters, digits and a few marks is encoded, a blank as `%20`. Servers decode the
//! result the same way whatever they think of `+`, and no URL parser on the way finds anything to
//! normalise.

/// Whether a byte stands for itself in a query string.
const fn plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'*' | b'(' | b')' | b',' | b':' | b'!')
}

const PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = plain(byte as u8);
        byte += 1;
    }
    table
};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends `text`, encoded for a query string.
pub(crate) fn encode(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let mut rest = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if !PLAIN[usize::from(byte)] {
            // What is between is plain ASCII; between two bytes of one character there is nothing.
            if rest < at {
                out.push_str(&text[rest..at]);
            }
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
            rest = at + 1;
        }
    }
    out.push_str(&text[rest..]);
}

/// Whether nothing in `text` needs encoding.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| PLAIN[usize::from(byte)])
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
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        let mut out = String::new();
        encode(&mut out, text);
        out
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
