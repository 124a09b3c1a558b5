//! Keys of objects and names of buckets: which the server accepts, and how they are written in a path.
//!
//! The server decodes a path once in most places, but signs a path as JavaScript's `decodeURI`
//! leaves it, so that `%2B` stays `%2B` in a signature and never matches again. What has a meaning in
//! neither is therefore sent as itself, and only a blank and `?` are encoded. URL parsers remove `.`
//! and `..` between slashes, in the spelling `%2e` too; a slash beside them is sent as `%2F`, which
//! the server reads as a slash and parsers leave alone.

use crate::error::{Error, ErrorKind};

/// Whether the server accepts this character in a key.
const fn accepted(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(
            character,
            '_' | '/'
                | '!'
                | '.'
                | '*'
                | '\''
                | '('
                | ')'
                | ' '
                | '&'
                | '$'
                | '@'
                | '='
                | ';'
                | ':'
                | '+'
                | ','
                | '?'
                | '-'
        )
}

fn refused(what: String) -> Error {
    Error::new(ErrorKind::Refused, what)
}

fn named(character: char) -> String {
    if character.is_control() || character.is_whitespace() {
        format!("U+{:04X}", u32::from(character))
    } else {
        format!("`{character}`")
    }
}

/// Refuses a key that the server would refuse, and the two that no URL can say.
pub(crate) fn check(key: &str) -> Result<(), Error> {
    if key.is_empty() {
        return Err(refused("the key of the object is empty".into()));
    }
    if let Some(character) = key.chars().find(|&character| !accepted(character)) {
        return Err(refused(format!(
            "the key {key:?} holds {}, which Storage does not accept: a key is made of ASCII letters, digits, blanks and \
             _ / ! - . * ' ( ) & $ @ = ; : + , ?",
            named(character)
        )));
    }
    if matches!(key, "." | "..") {
        return Err(refused(format!("the key `{key}` cannot be said in a URL: every parser on the way removes it")));
    }
    Ok(())
}

/// Refuses a bucket that could not be addressed.
pub(crate) fn check_bucket(bucket: &str) -> Result<(), Error> {
    if bucket.is_empty() {
        return Err(refused("the name of the bucket is empty".into()));
    }
    if let Some(character) = bucket.chars().find(|&character| character == '/' || !accepted(character)) {
        return Err(refused(format!(
            "the bucket {bucket:?} holds {}, which Storage does not accept: a bucket is named with ASCII letters, digits, \
             blanks and _ ! - . * ' ( ) & $ @ = ; : + , ?",
            named(character)
        )));
    }
    if matches!(bucket, "." | "..") {
        return Err(refused(format!(
            "the bucket `{bucket}` cannot be said in a URL: every parser on the way removes it"
        )));
    }
    Ok(())
}

fn is_dots(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

/// Whether signing this key alone would give a URL that never verifies; signing it in a batch, where
/// it travels in the body, works.
pub(crate) fn needs_batch_signing(key: &str) -> bool {
    key.contains('?') || key.split('/').any(is_dots)
}

/// Appends a checked key or bucket as it is sent in a path.
pub(crate) fn encode(out: &mut String, key: &str) {
    let mut segments = key.split('/').peekable();
    let mut glue = None;
    // Whether the text since the last real slash is dots alone so far.
    let mut before_is_dots = false;
    while let Some(segment) = segments.next() {
        if let Some(slash) = glue {
            out.push_str(if is_dots(segment) || before_is_dots { "%2F" } else { slash });
        }
        for character in segment.chars() {
            match character {
                ' ' => out.push_str("%20"),
                '?' => out.push_str("%3F"),
                other => out.push(other),
            }
        }
        before_is_dots = is_dots(segment) && glue.is_none();
        glue = segments.peek().map(|_| "/");
    }
}

/// `<prefix>/<bucket>/<key>` as sent.
pub(crate) fn object_path(prefix: &str, bucket: &str, key: &str) -> String {
    let mut path = String::with_capacity(prefix.len() + bucket.len() + key.len() + 8);
    path.push_str(prefix);
    path.push('/');
    encode(&mut path, bucket);
    path.push('/');
    encode(&mut path, key);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(key: &str) -> String {
        let mut out = String::new();
        encode(&mut out, key);
        out
    }

    #[test]
    fn only_blanks_and_question_marks_are_encoded() {
        assert_eq!(encoded("a b+c&d$e@f=g;h:i,j?k'(l)!*.txt"), "a%20b+c&d$e@f=g;h:i,j%3Fk'(l)!*.txt");
        assert_eq!(encoded("//lead/trail//"), "//lead/trail//");
    }

    #[test]
    fn dots_are_kept_away_from_slashes() {
        for (key, expected) in [
            ("a/../b", "a%2F../b"),
            ("../b", "..%2Fb"),
            ("./../b", ".%2F../b"),
            ("a/.", "a%2F."),
            ("a/../../b", "a%2F..%2F../b"),
            ("/..", "%2F.."),
            ("..a/...", "..a/..."),
        ] {
            assert_eq!(encoded(key), expected);
            let url = ::url::Url::parse(&format!("http://localhost/object/bucket/{}", encoded(key))).ok();
            assert_eq!(url.map(|url| url.path().to_owned()), Some(format!("/object/bucket/{expected}")));
        }
    }

    #[test]
    fn a_refused_key_names_its_character() {
        for (key, name) in
            [("a%20b", "`%`"), ("ü", "`ü`"), ("a\nb", "U+000A"), ("a~b", "`~`"), ("a\\b", "`\\`"), ("[x]", "`[`")]
        {
            let error = check(key).err();
            assert!(error.is_some_and(|error| error.kind() == ErrorKind::Refused && error.to_string().contains(name)));
        }
        assert!(check("").is_err() && check("..").is_err() && check("a/..").is_ok());
        assert!(check_bucket("a/b").is_err() && check_bucket("a b").is_ok());
    }
}
