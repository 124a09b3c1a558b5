//! Operations, values and trees in normal form.

use std::fmt::Write as _;

use serde_json::Value;

use super::{name_path, split, unquoted, unquoted_find};

/// `[not.]operator.value`
pub(super) fn operation(text: &str) -> String {
    let (negated, rest) = text.strip_prefix("not.").map_or(("", text), |rest| ("not.", rest));
    let end = rest.find('.').unwrap_or(rest.len());
    let (operator, value) = rest.split_at(end);
    let Some(value) = value.strip_prefix('.') else { return text.to_owned() };
    format!("{negated}{operator}.{}", value_of(operator, value))
}

/// Whether the server reads the value as an operation and not as an argument.
pub(super) fn is_operation(text: &str) -> bool {
    let rest = text.strip_prefix("not.").unwrap_or(text);
    let end = rest.find(['.', '(']).unwrap_or(rest.len());
    end < rest.len()
        && [
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
        ]
        .contains(&&rest[..end])
}

/// A value by what its operator reads.
fn value_of(operator: &str, value: &str) -> String {
    if operator == "in" {
        return match list(value) {
            Some(items) => format!("{:?}", items.iter().map(|item| scalar(item)).collect::<Vec<_>>()),
            None => value.to_owned(),
        };
    }
    if matches!(operator, "cs" | "cd" | "ov" | "sl" | "sr" | "nxl" | "nxr" | "adj")
        || operator.ends_with("(any)")
        || operator.ends_with("(all)")
    {
        return literal(value);
    }
    if matches!(operator, "eq" | "neq" | "gt" | "gte" | "lt" | "lte" | "isdistinct") {
        return match serde_json::from_str::<Value>(value) {
            Ok(document) if document.is_object() && value.len() > 2 => format!("json {document}"),
            _ => scalar(value),
        };
    }
    value.to_owned()
}

/// A literal of PostgreSQL: a document, an array, a range, a number, a moment, or text.
fn literal(value: &str) -> String {
    if value.starts_with(['{', '['])
        && let Ok(document) = serde_json::from_str::<Value>(value)
        && (document.is_object() || document.is_array())
    {
        return format!("json {document}");
    }
    if let Some(array) = array(value) {
        return format!("array {array}");
    }
    if let Some(range) = range(value) {
        return range;
    }
    scalar(value)
}

/// A number by its value, a moment by its fields, text as it is.
pub(super) fn scalar(value: &str) -> String {
    if let Some(moment) = moment(value) {
        return moment;
    }
    let numeric = !value.is_empty()
        && value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'));
    if numeric
        && value.contains(['e', 'E', '.', '-'])
        && let Ok(number) = value.parse::<f64>()
    {
        // Digits beyond a double are kept as text by the callers that care.
        return if number == 0.0 { "0".to_owned() } else { format!("{number:?}") };
    }
    value.to_owned()
}

fn moment(text: &str) -> Option<String> {
    use chrono::{DateTime, NaiveDateTime};
    if text.len() < 19 || !text.as_bytes()[0].is_ascii_digit() {
        return None;
    }
    let text = text.replacen(' ', "T", 1);
    if let Ok(moment) = DateTime::parse_from_rfc3339(&text) {
        return Some(format!("moment {}", moment.to_utc().to_rfc3339()));
    }
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|moment| format!("moment {moment}"))
}

/// The items of `(a,"b")`: an item is bare, or quoted as a whole.
fn list(value: &str) -> Option<Vec<String>> {
    // Blanks behind the parenthesis mean nothing; others belong to their item.
    let inside = value.trim_start().strip_prefix('(')?.strip_suffix(')')?.trim_start();
    if inside.is_empty() {
        return Some(Vec::new());
    }
    let mut items = Vec::new();
    let mut rest = inside;
    loop {
        // A quote opens an item only at its very start.
        if let Some((item, after)) = leading_quoted(rest)
            && (after.is_empty() || after.starts_with(','))
        {
            items.push(item);
            rest = after;
        } else {
            let end = rest.find([',', ')']).unwrap_or(rest.len());
            if rest[end..].starts_with(')') {
                return None;
            }
            items.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None => return Some(items),
        }
    }
}

/// The quoted text that stands first, and what follows it.
fn leading_quoted(text: &str) -> Option<(String, &str)> {
    let inside = text.strip_prefix('"')?;
    let mut out = String::new();
    let mut letters = inside.char_indices();
    loop {
        match letters.next()? {
            (at, '"') => return Some((out, &inside[at + 1..])),
            (_, '\\') => out.push(letters.next()?.1),
            (_, letter) => out.push(letter),
        }
    }
}

/// An array literal with every element quoted, NULL apart.
fn array(text: &str) -> Option<String> {
    let (array, rest) = array_at(text)?;
    rest.is_empty().then_some(array)
}

fn array_at(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('{')?;
    let mut out = String::from("{");
    if let Some(rest) = rest.strip_prefix('}') {
        return Some(("{}".to_owned(), rest));
    }
    loop {
        rest = rest.trim_start();
        if rest.starts_with('{') {
            let (inner, after) = array_at(rest)?;
            out.push_str(&inner);
            rest = after;
        } else if let Some((element, after)) = leading_quoted(rest) {
            write!(out, "{element:?}").ok()?;
            rest = after;
        } else {
            let end = rest.find([',', '}', '{', '"'])?;
            if !rest[end..].starts_with([',', '}']) {
                return None;
            }
            let element = rest[..end].trim();
            // Bare brackets are those of ranges: this is a multirange.
            if element.is_empty() || element.contains(['[', ']', '(', ')']) {
                return None;
            }
            if element.eq_ignore_ascii_case("null") {
                out.push_str("NULL");
            } else {
                write!(out, "{element:?}").ok()?;
            }
            rest = &rest[end..];
        }
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(',') {
            out.push(',');
            rest = after;
        } else {
            let after = rest.strip_prefix('}')?;
            out.push('}');
            return Some((out, after));
        }
    }
}

/// A range with bare bounds.
fn range(text: &str) -> Option<String> {
    let open = text.chars().next().filter(|open| matches!(open, '[' | '('))?;
    let close = text.chars().last().filter(|close| matches!(close, ']' | ')'))?;
    let inside = text.get(1..text.len().checked_sub(1)?)?;
    let bounds = split(inside, ',');
    let [lower, upper] = bounds[..] else { return None };
    let bound = |text: &str| scalar(&unquoted(text.trim()));
    Some(format!("range {open}{},{}{close}", bound(lower), bound(upper)))
}

/// `(a.eq.1,not.and(b.eq."x",c.is.null))`, taken apart as the server does.
pub(super) fn tree(text: &str) -> String {
    match nodes(text.trim()) {
        Some((nodes, "")) => nodes,
        _ => format!("\u{1}bare {text}"),
    }
}

/// A list of nodes in parentheses, and what follows it.
fn nodes(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('(')?;
    let mut out = String::from("(");
    loop {
        let (node, after) = node(rest.trim_start())?;
        out.push_str(&node);
        rest = after.trim_start();
        if let Some(after) = rest.strip_prefix(',') {
            out.push('\u{3}');
            rest = after;
        } else {
            out.push(')');
            return Some((out, rest.strip_prefix(')')?));
        }
    }
}

fn node(text: &str) -> Option<(String, &str)> {
    let (negated, bare) = text.strip_prefix("not.").map_or(("", text), |rest| ("not.", rest));
    for word in ["and", "or"] {
        if let Some(rest) = bare.strip_prefix(word)
            && rest.starts_with('(')
        {
            let (inside, after) = nodes(rest)?;
            return Some((format!("{negated}{word}{inside}"), after));
        }
    }
    // The column ends at the first dot outside quotes.
    let at = unquoted_find(text, ".")?;
    let (column, operation) = (&text[..at], &text[at + 1..]);
    let (negated, rest) = operation.strip_prefix("not.").map_or(("", operation), |rest| ("not.", rest));
    let end = rest.find('.')?;
    let (operator, rest) = (&rest[..end], &rest[end + 1..]);
    let (value, after) = if operator == "in" {
        let mut quoted = false;
        let mut escaped = false;
        let end = rest.char_indices().find(|(_, letter)| {
            if escaped {
                escaped = false;
            } else if quoted && *letter == '\\' {
                escaped = true;
            } else if *letter == '"' {
                quoted = !quoted;
            }
            *letter == ')' && !quoted
        })?;
        let end = end.0 + 1;
        (value_of("in", &rest[..end]), &rest[end..])
    } else if let Some((value, after)) = leading_quoted(rest)
        && after.starts_with([',', ')'])
    {
        (value_of(operator, &value), after)
    } else {
        // A bare array may have commas, but no braces inside.
        let array = rest.strip_prefix('{').and_then(|inside| {
            let end = inside.find(['{', '}'])? + 1;
            (rest[end..].starts_with('}') && rest[end + 1..].starts_with([',', ')'])).then_some(end + 1)
        });
        let end = array.or_else(|| rest.find([',', ')']))?;
        (value_of(operator, &rest[..end]), &rest[end..])
    };
    Some((format!("{}.{negated}{operator}.{value}", name_path(column)), after))
}
