//! Names on the wire: when a column has to be quoted, and which names the server would take for
//! something else.

/// Parameters that PostgREST (or the gateway before it: `apikey`) reads as something other than a
/// filter. Unquoted, a filter on such a column is silently taken as a modifier and every row
/// matches.
const RESERVED: [&str; 10] =
    ["select", "order", "limit", "offset", "on_conflict", "columns", "and", "or", "not", "apikey"];

/// Whether an unquoted parameter of this name would not be a filter.
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Whether a name can stand unquoted in every place that the server's grammar has for it.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !is_reserved(name)
}

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

/// Appends a key that the user of the untyped builder wrote: an optional path of embedded
/// resources, a column, an optional json path. What they quoted themselves is theirs.
pub(crate) fn push_untyped(out: &mut String, key: &str) {
    if key.contains('"') {
        out.push_str(key);
        return;
    }
    let (path, json) = key.find("->").map_or((key, ""), |at| key.split_at(at));
    let (embeds, column) = path.rfind('.').map_or(("", path), |at| path.split_at(at + 1));
    out.push_str(embeds);
    if is_reserved(column)
        || column.is_empty()
        || column.contains([',', ':', '(', ')', '\\'])
        || column.trim() != column
    {
        push_quoted(out, column);
    } else {
        out.push_str(column);
    }
    out.push_str(json);
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
        assert_eq!(untyped("data->>a.b"), "data->>a.b");
        assert_eq!(untyped("order"), "\"order\"");
        assert_eq!(untyped("moons.limit"), "moons.\"limit\"");
        assert_eq!(untyped("\"a.b\""), "\"a.b\"");
        assert_eq!(untyped("a,b"), "\"a,b\"");
    }

    #[test]
    fn knows_filters_among_arguments() {
        assert!(looks_like_a_filter("eq.1"));
        assert!(looks_like_a_filter("like(any).{a}"));
        assert!(!looks_like_a_filter("earth"));
        assert!(!looks_like_a_filter("1.5"));
    }
}
