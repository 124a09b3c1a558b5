//! Operands and conditions, from the words of the recorded requests to values of an application.

use supabase_core::database::{NamedColumn, Untyped, column};
use supabase_core::query::{Condition, TextQuery, all, any, not};

use super::super::filters::Filters;
use super::super::normal::{self, split, whole_quoted};
use super::super::value::Value;

/// The filter by the method that has its name.
pub(super) fn typed<B: Filters>(builder: B, key: &str, value: &str) -> B {
    let (negated, rest) = value.strip_prefix("not.").map_or((false, value), |rest| (true, rest));
    let (operator, operand) = rest.split_once('.').unwrap_or((rest, ""));
    let (name, config) = operator
        .strip_suffix(')')
        .and_then(|text| text.split_once('('))
        .map_or((operator, None), |(name, config)| (name, Some(config)));
    if negated {
        return match operator {
            "is" if operand == "null" => builder.is_not_null(key),
            "in" => builder.not_in(key, list(operand).unwrap_or_default()),
            _ => builder.not(key, operator, operand_of(operator, operand)),
        };
    }
    let value = operand_of(operator, operand);
    let patterns = || match array(operand) {
        Some(Value::List(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::Text(text) => text,
                other => format!("{other:?}"),
            })
            .collect(),
        _ => Vec::new(),
    };
    match (name, config) {
        ("eq", None) => builder.eq(key, value),
        ("neq", None) => builder.neq(key, value),
        ("gt", None) => builder.gt(key, value),
        ("gte", None) => builder.gte(key, value),
        ("lt", None) => builder.lt(key, value),
        ("lte", None) => builder.lte(key, value),
        ("isdistinct", None) => builder.is_distinct(key, value),
        ("cs", None) => builder.contains(key, value),
        ("cd", None) => builder.contained_by(key, value),
        ("ov", None) => builder.overlaps(key, value),
        ("sr", None) => builder.range_gt(key, value),
        ("nxl", None) => builder.range_gte(key, value),
        ("sl", None) => builder.range_lt(key, value),
        ("nxr", None) => builder.range_lte(key, value),
        ("adj", None) => builder.range_adjacent(key, value),
        ("in", None) => builder.in_(key, list(operand).unwrap_or_default()),
        ("is", None) => match operand {
            "null" => builder.is_null(key),
            "true" => builder.is_true(key),
            "false" => builder.is_false(key),
            _ => builder.is_unknown(key),
        },
        ("like", None) => builder.like(key, operand),
        ("ilike", None) => builder.ilike(key, operand),
        ("match", None) => builder.match_regex(key, operand),
        ("imatch", None) => builder.imatch_regex(key, operand),
        ("like", Some("all")) => builder.like_all_of(key, patterns()),
        ("like", Some("any")) => builder.like_any_of(key, patterns()),
        ("ilike", Some("all")) => builder.ilike_all_of(key, patterns()),
        ("ilike", Some("any")) => builder.ilike_any_of(key, patterns()),
        ("fts" | "plfts" | "phfts" | "wfts", config) => builder.text_search(key, text_query(name, config, operand)),
        _ => builder.filter(key, operator, value),
    }
}

fn text_query<'q>(name: &str, config: Option<&'q str>, text: &'q str) -> TextQuery<'q> {
    let query = match name {
        "fts" => TextQuery::raw(text),
        "plfts" => TextQuery::plain(text),
        "phfts" => TextQuery::phrase(text),
        _ => TextQuery::websearch(text),
    };
    match config {
        Some(config) => query.config(config),
        None => query,
    }
}

/// A value as an application has it: a list where the text is an array, a document where it is one.
fn operand_of(operator: &str, text: &str) -> Value {
    if text.starts_with(['{', '['])
        && let Ok(document) = serde_json::from_str::<serde_json::Value>(text)
        && (document.is_object() || document.is_array())
        && !matches!(operator, "like" | "ilike" | "match" | "imatch")
    {
        if text == "{}" {
            return Value::Text(text.to_owned());
        }
        return Value::Json(document);
    }
    array(text).filter(|_| matches!(operator, "cs" | "cd" | "ov")).unwrap_or_else(|| Value::Text(text.to_owned()))
}

/// The items of an `in` list, as texts.
fn list(text: &str) -> Option<Vec<Value>> {
    let inside = text.strip_prefix('(')?.strip_suffix(')')?;
    if inside.is_empty() {
        return Some(Vec::new());
    }
    let mut items = Vec::new();
    let mut start = 0;
    let (mut quoted, mut escaped) = (false, false);
    for (at, letter) in inside.char_indices().chain([(inside.len(), ',')]) {
        if escaped {
            escaped = false;
        } else if quoted && letter == '\\' {
            escaped = true;
        } else if letter == '"' && (quoted || at == start) {
            quoted = !quoted;
        } else if letter == ',' && !quoted {
            let item = &inside[start..at];
            items.push(Value::Text(whole_quoted(item).unwrap_or_else(|| item.to_owned())));
            start = at + 1;
        }
    }
    (!quoted).then_some(items)
}

/// An array literal.
fn array(text: &str) -> Option<Value> {
    let (value, rest) = array_at(text)?;
    rest.is_empty().then_some(value)
}

fn array_at(text: &str) -> Option<(Value, &str)> {
    let mut rest = text.strip_prefix('{')?;
    let mut items = Vec::new();
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((Value::List(items), rest));
    }
    loop {
        if rest.starts_with('{') {
            let (item, after) = array_at(rest)?;
            items.push(item);
            rest = after;
        } else if rest.starts_with('"') {
            let mut letters = rest[1..].char_indices();
            let mut out = String::new();
            let end = loop {
                match letters.next()? {
                    (at, '"') => break at + 2,
                    (_, '\\') => out.push(letters.next()?.1),
                    (_, letter) => out.push(letter),
                }
            };
            items.push(Value::Text(out));
            rest = &rest[end..];
        } else {
            let end = rest.find([',', '}'])?;
            let item = &rest[..end];
            if item.is_empty() || item.trim() != item || item.contains(['"', '\\', '{', '[', ']', '(', ')']) {
                return None;
            }
            items.push(if item.eq_ignore_ascii_case("null") { Value::Null } else { Value::Text(item.to_owned()) });
            rest = &rest[end..];
        }
        if let Some(after) = rest.strip_prefix(',') {
            rest = after;
        } else {
            return Some((Value::List(items), rest.strip_prefix('}')?));
        }
    }
}

/// A tree as conditions; `None` where it has a leaf that no method says.
pub(super) fn tree(word: &str, inside: &str) -> Option<Condition<Untyped>> {
    let nodes: Option<Vec<Condition<Untyped>>> =
        split(inside, ',').into_iter().map(|node| condition(node.trim())).collect();
    Some(if word == "and" { all(nodes?) } else { any(nodes?) })
}

fn condition(node: &str) -> Option<Condition<Untyped>> {
    let (negated, bare) = node.strip_prefix("not.").map_or((false, node), |rest| (true, rest));
    for word in ["and", "or"] {
        if let Some(inside) = bare.strip_prefix(word).and_then(|rest| rest.strip_prefix('(')) {
            let tree = tree(word, inside.strip_suffix(')')?)?;
            return Some(if negated { not(tree) } else { tree });
        }
    }
    let at = {
        let (mut quoted, mut escaped) = (false, false);
        node.char_indices()
            .find(|(_, letter)| {
                if escaped {
                    escaped = false;
                } else if quoted && *letter == '\\' {
                    escaped = true;
                } else if *letter == '"' {
                    quoted = !quoted;
                }
                *letter == '.' && !quoted
            })?
            .0
    };
    let (name, operation) = (&node[..at], &node[at + 1..]);
    let (negated, rest) = operation.strip_prefix("not.").map_or((false, operation), |rest| (true, rest));
    let (operator, operand) = rest.split_once('.')?;
    let operand = if operator == "in" { operand.to_owned() } else { normal::unquoted(operand) };
    let leaf = leaf(column(name), operator, &operand)?;
    Some(if negated { not(leaf) } else { leaf })
}

fn leaf(column: NamedColumn<'_>, operator: &str, text: &str) -> Option<Condition<Untyped>> {
    let value = operand_of(operator, text);
    let (name, config) = operator
        .strip_suffix(')')
        .and_then(|text| text.split_once('('))
        .map_or((operator, None), |(name, config)| (name, Some(config)));
    Some(match (name, config) {
        ("eq", None) => column.eq(value),
        ("neq", None) => column.neq(value),
        ("gt", None) => column.gt(value),
        ("gte", None) => column.gte(value),
        ("lt", None) => column.lt(value),
        ("lte", None) => column.lte(value),
        ("isdistinct", None) => column.is_distinct(value),
        ("cs", None) => column.contains(value),
        ("cd", None) => column.contained_by(value),
        ("ov", None) => column.overlaps(value),
        ("sr", None) => column.range_gt(value),
        ("nxl", None) => column.range_gte(value),
        ("sl", None) => column.range_lt(value),
        ("nxr", None) => column.range_lte(value),
        ("adj", None) => column.range_adjacent(value),
        ("in", None) => column.in_(list(text)?),
        ("is", None) => match text {
            "null" => column.is_null(),
            "true" => column.is_true(),
            "false" => column.is_false(),
            "unknown" => column.is_unknown(),
            _ => return None,
        },
        ("like", None) if !text.contains('*') => column.like(text),
        ("ilike", None) if !text.contains('*') => column.ilike(text),
        ("match", None) => column.match_regex(text),
        ("imatch", None) => column.imatch_regex(text),
        ("fts" | "plfts" | "phfts" | "wfts", config) => column.text_search(text_query(name, config, text)),
        _ => return None,
    })
}
