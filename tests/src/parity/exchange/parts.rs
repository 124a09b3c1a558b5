//! A recorded request in the parts that builders have methods for.

use std::collections::BTreeMap;

use supabase_core::database::Sort;
use supabase_core::query::Explain;

use super::super::normal::{Plain, split};
use super::super::prepared::Any;
use super::{Unsaid, unsaid};

/// The request in the parts that builders have methods for.
pub(super) struct Parts<'x> {
    pub(super) select: Option<&'x str>,
    pub(super) order: Option<&'x str>,
    pub(super) limit: Option<&'x str>,
    pub(super) offset: Option<&'x str>,
    pub(super) columns: Option<&'x str>,
    pub(super) on_conflict: Option<&'x str>,
    pub(super) filters: Vec<(&'x str, &'x str)>,
}

impl<'x> Parts<'x> {
    pub(super) fn of(plain: &'x Plain) -> Result<Self, Unsaid> {
        let mut parts = Self {
            select: None,
            order: None,
            limit: None,
            offset: None,
            columns: None,
            on_conflict: None,
            filters: Vec::new(),
        };
        for (key, value) in &plain.params {
            let place = match key.as_str() {
                "select" => &mut parts.select,
                "order" => &mut parts.order,
                "limit" => &mut parts.limit,
                "offset" => &mut parts.offset,
                "columns" => &mut parts.columns,
                "on_conflict" => &mut parts.on_conflict,
                _ => {
                    parts.filters.push((key, value));
                    continue;
                }
            };
            if place.replace(value).is_some() {
                return unsaid(format!("`{key}` twice: a builder says each modifier once"));
            }
        }
        Ok(parts)
    }
}

/// A modifier of an embedded resource.
pub(super) enum Modifier<'m> {
    Order(&'m str, Sort),
    Limit(&'m str, u64),
    Offset(&'m str, u64),
}

pub(super) fn modifier(key: &str) -> Option<(&str, &str)> {
    let (path, word) = key.rsplit_once('.').unwrap_or(("", key));
    matches!(word, "order" | "limit" | "offset" | "and" | "or").then_some((path, word))
}

/// The terms of an order.
pub(super) fn sorts(order: Option<&str>) -> Result<Vec<Sort>, Unsaid> {
    let Some(order) = order else { return Ok(Vec::new()) };
    split(order, ',').into_iter().map(|term| sort(term.trim())).collect()
}

fn sort(term: &str) -> Result<Sort, Unsaid> {
    let parts = split(term, '.');
    let is_word = |part: &&str| matches!(*part, "asc" | "desc" | "nullsfirst" | "nullslast");
    let words: Vec<&str> = parts.iter().skip(1).copied().filter(is_word).collect();
    let name = parts[..parts.len() - words.len()].join(".");
    if name.is_empty() || (parts.len() > 1 && words.is_empty()) || words.len() > 2 {
        return unsaid(format!("`{term}` is no term of an order"));
    }
    let mut sort = if words.contains(&"desc") { Sort::desc(&name) } else { Sort::asc(&name) };
    if words.contains(&"nullsfirst") {
        sort = sort.nulls_first();
    } else if words.contains(&"nullslast") {
        sort = sort.nulls_last();
    }
    Ok(sort)
}

pub(super) fn number(text: Option<&str>) -> Result<Option<u64>, Unsaid> {
    match text {
        None => Ok(None),
        Some(text) => match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => unsaid(format!("`{text}` where a number of rows belongs")),
        },
    }
}

/// The keys of all rows.
pub(super) fn keys(rows: &[Any]) -> std::collections::BTreeSet<String> {
    rows.iter()
        .filter_map(|row| serde_json::from_str::<BTreeMap<String, serde::de::IgnoredAny>>(row.get()).ok())
        .flat_map(BTreeMap::into_keys)
        .collect()
}

pub(super) fn looks_like_a_filter(value: &str) -> bool {
    let value = value.strip_prefix("not.").unwrap_or(value);
    let end = value.find(['.', '(']).unwrap_or(value.len());
    end < value.len()
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
        .contains(&&value[..end])
}

pub(super) fn explain(accept: &str) -> Option<Explain> {
    let rest = accept.strip_prefix("application/vnd.pgrst.plan")?;
    let mut parts = rest.split(';').map(str::trim);
    let mut explain = match parts.next() {
        Some("" | "+text") => Explain::new(),
        Some("+json") => Explain::new().json(),
        _ => return None,
    };
    for part in parts {
        if let Some(media) = part.strip_prefix("for=") {
            if media.trim_matches('"') != "application/json" {
                return None;
            }
        } else if let Some(options) = part.strip_prefix("options=") {
            for option in options.split('|') {
                explain = match option {
                    "analyze" => explain.analyze(),
                    "verbose" => explain.verbose(),
                    "settings" => explain.settings(),
                    "buffers" => explain.buffers(),
                    "wal" => explain.wal(),
                    "" => explain,
                    _ => return None,
                };
            }
        }
    }
    Some(explain)
}
