//! Names on the wire: when a column has to be quoted, and which names the server would take for
//! something else.

/// Whether an unquoted parameter of this name would not be a filter: PostgREST (or the gateway before
/// it: `apikey`) reads it as something else, so a filter on such a column would silently be taken as a
/// modifier, and every row would match.
#[inline]
pub(crate) fn is_reserved(name: &str) -> bool {
    // Most names are told by their first letter.
    matches!(name.as_bytes().first(), Some(b'a' | b'c' | b'l' | b'n' | b'o' | b's')) && is_reserved_word(name)
}

fn is_reserved_word(name: &str) -> bool {
    matches!(
        name,
        "select" | "order" | "limit" | "offset" | "on_conflict" | "columns" | "and" | "or" | "not" | "apikey"
    )
}

/// Whether a name can stand unquoted in every place that the server's grammar has for it.
pub(crate) fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| WORD[usize::from(byte)]) && !is_reserved(name)
}

/// The bytes of names that are never quoted.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    table
};

/// Appends a column, relation or alias name, quoted where the grammar asks for it. Not
/// percent-encoded.
pub(crate) fn push(out: &mut String, name: &str) {
    if is_plain(name) {
        out.push_str(name);
    } else {
        push_quoted(out, name);
    }
}

/// Appends a name in quotes.
pub(crate) fn push_quoted(out: &mut String, name: &str) {
    out.push('"');
    for letter in name.chars() {
        if matches!(letter, '"' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('"');
}

/// The column at the start of a name as the grammar has it, quotes and all, without a path into its json.
pub(crate) fn without_path(name: &str) -> &str {
    let mut letters = name.char_indices();
    if name.starts_with('"') {
        letters.next();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => return &name[..=at],
                '\\' => drop(letters.next()),
                _ => {}
            }
        }
    }
    name.find("->").map_or(name, |at| &name[..at])
}

/// Appends a key that the user of the untyped builder wrote: an optional path of embedded
/// resources, a column, an optional json path. What they quoted themselves is theirs.
pub(crate) fn push_untyped(out: &mut String, key: &str) {
    if let Some(segments) = quoted_path(key) {
        for (mark, segment) in segments {
            out.push_str(mark);
            if segment.starts_with('"') {
                out.push_str(segment);
            } else if mark.starts_with('-') {
                push_untyped_step(out, segment);
            } else {
                push_untyped_name(out, segment);
            }
        }
        return;
    }
    let (path, mut json) = key.find("->").map_or((key, ""), |at| key.split_at(at));
    for (at, segment) in path.split('.').enumerate() {
        if at > 0 {
            out.push('.');
        }
        push_untyped_name(out, segment);
    }
    while let Some(rest) = json.strip_prefix("->") {
        out.push_str("->");
        let rest = rest.strip_prefix('>').inspect(|_| out.push('>')).unwrap_or(rest);
        let (key, next) = rest.find("->").map_or((rest, ""), |at| rest.split_at(at));
        push_untyped_step(out, key);
        json = next;
    }
}

/// The segments of a key that somebody has quoted with care, each behind the mark before it: a path
/// whose segments are quoted as wholes or have no quotes, with at least one of the former.
fn quoted_path(key: &str) -> Option<Vec<(&str, &str)>> {
    let mut segments = Vec::new();
    let (mut mark, mut rest, mut any) = ("", key, false);
    loop {
        let end = if let Some(inside) = rest.strip_prefix('"') {
            let mut letters = inside.char_indices();
            any = true;
            loop {
                match letters.next()? {
                    // Behind the quotes of both sides.
                    (at, '"') => break at + 2,
                    (_, '\\') => drop(letters.next()),
                    _ => {}
                }
            }
        } else {
            // A dash may stand in a bare name; an arrow ends it.
            let ends = |&(at, letter): &(usize, char)| matches!(letter, '.' | '"') || rest[at..].starts_with("->");
            rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at)
        };
        let (segment, behind) = rest.split_at(end);
        segments.push((mark, segment));
        let next = match behind {
            "" => return any.then_some(segments),
            _ if behind.starts_with('.') => 1,
            _ if behind.starts_with("->>") => 3,
            _ if behind.starts_with("->") => 2,
            _ => return None,
        };
        (mark, rest) = behind.split_at(next);
    }
}

/// Whether every server reads the name unquoted as what it is: ASCII words with single blanks or
/// dashes between them. The server's own idea of a letter is another than Rust's, and what it does
/// not take for a part of a name it cuts off without a word, so that the filter is about another
/// column; blanks around a dash are lost in the same way.
fn is_bare(name: &str) -> bool {
    let bytes = name.as_bytes();
    let is_word = |at: usize| bytes.get(at).is_some_and(|byte| WORD[usize::from(*byte)]);
    !bytes.is_empty()
        && bytes.iter().enumerate().all(|(at, byte)| {
            is_word(at) || (matches!(byte, b' ' | b'-') && at > 0 && is_word(at - 1) && is_word(at + 1))
        })
}

fn push_untyped_name(out: &mut String, name: &str) {
    if is_bare(name) && !is_reserved(name) {
        out.push_str(name);
    } else {
        push_quoted(out, name);
    }
}

/// Appends a key or an index of a json path. A key with a dot in it would end the name, and one that
/// ends in `.limit` or `.order` would make a modifier of the whole filter: such keys are quoted.
fn push_untyped_step(out: &mut String, key: &str) {
    if is_bare(key) || is_index(key) {
        out.push_str(key);
    } else {
        push_quoted(out, key);
    }
}

fn is_index(key: &str) -> bool {
    let digits = key.strip_prefix('-').unwrap_or(key);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the server takes a parameter of this name, as it stands in the URL before encoding, for
/// a modifier: by its last word.
pub(crate) fn is_modifier(key: &str) -> bool {
    is_reserved(key.rsplit('.').next().unwrap_or(key))
}

/// Whether a filter with this key, as it stands in the URL before encoding, is about the rows of
/// the table itself. Filters of embedded resources and modifiers narrow no update and no delete.
pub(crate) fn is_about_own_rows(key: &str) -> bool {
    if matches!(key, "and" | "or" | "not.and" | "not.or") {
        return true;
    }
    let mut letters = key.chars();
    let (mut quoted, mut last) = (false, ' ');
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted = !quoted,
            '\\' if quoted => drop(letters.next()),
            '.' if !quoted => return false,
            // The path of embeds is over where a path into json begins.
            '>' if !quoted && last == '-' => break,
            _ => {}
        }
        last = letter;
    }
    !is_modifier(key)
}

/// Whether the server would read the value of a GET argument as a filter on the result.
pub(crate) fn looks_like_a_filter(value: &str) -> bool {
    const OPERATORS: [&str; 30] = [
        "eq",
        "neq",
        "gt",
        "gte",
        "lt",
        "lte",
        "like",
        "ilike",
        "match",
        "imatch",
        "is",
        "isdistinct",
        "in",
        "cs",
        "cd",
        "ov",
        "sl",
        "sr",
        "nxr",
        "nxl",
        "adj",
        "fts",
        "plfts",
        "phfts",
        "wfts",
        "not",
        "all",
        "any",
        "and",
        "or",
    ];
    let Some(end) = value.find(['.', '(']) else { return false };
    OPERATORS.contains(&&value[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(name: &str) -> String {
        let mut out = String::new();
        push(&mut out, name);
        out
    }

    fn untyped(key: &str) -> String {
        let mut out = String::new();
        push_untyped(&mut out, key);
        out
    }

    #[test]
    fn a_path_is_cut_from_a_name() {
        assert_eq!(without_path("facts->a->>0"), "facts");
        assert_eq!(without_path("name"), "name");
        assert_eq!(without_path("\"a->\\\"b\"->c"), "\"a->\\\"b\"");
    }

    #[test]
    fn quotes_what_would_mean_something_else() {
        assert_eq!(pushed("radius_km"), "radius_km");
        assert_eq!(pushed("order"), "\"order\"");
        assert_eq!(pushed("a.b"), "\"a.b\"");
        assert_eq!(pushed("a\"b\\c"), "\"a\\\"b\\\\c\"");
        assert_eq!(pushed("größe"), "\"größe\"");
        assert_eq!(pushed(""), "\"\"");
    }

    #[test]
    fn untyped_keys_keep_their_paths() {
        assert_eq!(untyped("moons.name"), "moons.name");
        assert_eq!(untyped("data->a->>0"), "data->a->>0");
        assert_eq!(untyped("data->>-1"), "data->>-1");
        assert_eq!(untyped("data->>a.b"), "data->>\"a.b\"");
        assert_eq!(untyped("data->>a.limit"), "data->>\"a.limit\"");
        assert_eq!(untyped("percent%"), "\"percent%\"");
        assert_eq!(untyped("two words"), "two words");
        assert_eq!(untyped("größe"), "\"größe\"");
        assert_eq!(untyped("order"), "\"order\"");
        assert_eq!(untyped("moons.limit"), "moons.\"limit\"");
        assert_eq!(untyped("\"a.b\""), "\"a.b\"");
        assert_eq!(untyped("a,b"), "\"a,b\"");
        assert_eq!(untyped("has\"quote"), "\"has\\\"quote\"");
        assert_eq!(untyped("\"a b\".\"c\"->>\"d.e\""), "\"a b\".\"c\"->>\"d.e\"");
        assert_eq!(untyped("moons.\"limit\""), "moons.\"limit\"");
        assert_eq!(untyped("\"a\"b"), "\"\\\"a\\\"b\"");
        assert_eq!(untyped("moons.\"a b\".limit"), "moons.\"a b\".\"limit\"");
    }

    /// The server ends a name at the first letter that it does not know, joins words around a dash
    /// without their blanks, and refuses two dashes.
    #[test]
    fn untyped_names_that_the_server_would_read_differently_are_quoted() {
        for name in ["b²", "½", "a - b", "a -b", "a--b", "a  b", " a", "a ", "-a", "a-", "क्षि", "ที่", "a$", "ⅷ"]
        {
            assert_eq!(untyped(name), format!("\"{name}\""));
            assert_eq!(untyped(&format!("{name}.id")), format!("\"{name}\".id"), "as a resource");
            assert_eq!(untyped(&format!("facts->>{name}")), format!("facts->>\"{name}\""), "as a key");
            assert_eq!(untyped(&format!("\"q\".{name}")), format!("\"q\".\"{name}\""), "beside quotes");
        }
        for name in ["a b", "a-b", "a-b c_d", "_1"] {
            assert_eq!(untyped(name), name);
        }
    }

    #[test]
    fn knows_which_filters_narrow_a_write() {
        for own in ["id", "and", "not.or", "\"a.b\"", "data->>\"a.b\"", "\"order\"", "\"a\\\"b.c\""] {
            assert!(is_about_own_rows(own), "{own}");
        }
        for other in ["moons.name", "moons.and", "moons.not.or", "\"a b\".limit", "order", "data->>x.limit"] {
            assert!(!is_about_own_rows(other), "{other}");
        }
    }

    #[test]
    fn knows_filters_among_arguments() {
        assert!(looks_like_a_filter("eq.1"));
        assert!(looks_like_a_filter("like(any).{a}"));
        assert!(!looks_like_a_filter("earth"));
        assert!(!looks_like_a_filter("1.5"));
    }
}
