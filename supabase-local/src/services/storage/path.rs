//! Paths of requests: what the server makes of the bytes that came.

/// Decodes every percent escape; `None` when one is broken, or the result is no text.
pub(super) fn decode(text: &str) -> Option<String> {
    decode_keeping(text, "")
}

/// Decodes as JavaScript's `decodeURI`, which leaves the escapes of these characters alone: so the
/// server reads the path of a URL that it signs.
pub(super) fn decode_uri(text: &str) -> Option<String> {
    decode_keeping(text, ";/?:@&=+$,#")
}

fn decode_keeping(text: &str, kept: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let escape = rest.get(at..at + 3)?;
        let byte = u8::from_str_radix(escape.get(1..)?, 16).ok()?;
        if byte.is_ascii() && kept.contains(char::from(byte)) {
            out.extend_from_slice(escape.as_bytes());
        } else {
            out.push(byte);
        }
        rest = &rest[at + 3..];
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8(out).ok()
}

fn accepted(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_/!.*'() &$=@;:+,?-".contains(character)
}

pub(super) fn is_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(accepted)
}

/// Whether the file backend of the recorded server takes it: it refuses what would leave its folder.
pub(super) fn has_dots(key: &str) -> bool {
    key.split('/').any(|segment| matches!(segment, "." | ".."))
}

pub(super) fn is_bucket_name(name: &str) -> bool {
    (1..=100).contains(&name.len())
        && name.trim() == name
        && name.chars().all(|character| character != '/' && accepted(character))
}

/// A value of a query, decoded as forms are.
pub(super) fn query_value(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then(|| decode(&value.replace('+', " ")).unwrap_or_default())
    })
}

/// As `encodeURIComponent`.
pub(super) fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}
