//! What a request means, whatever its spelling: the normal form that two requests are compared in.
//!
//! Written from PostgREST's grammar and apart from the encoder under test. Quotes that change
//! nothing, blanks that mean nothing and the order of what has none are gone; everything else stays.

mod operation;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use operation::{is_operation, operation, tree};

/// The words that end a parameter's name when it is a modifier of a table or an embedded resource.
const MODIFIERS: [&str; 5] = ["order", "limit", "offset", "and", "or"];

/// A request in normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normal {
    /// The method.
    pub method: String,
    /// The segments of the path below the REST root, decoded.
    pub path: Vec<String>,
    /// Filters and trees in their order.
    pub filters: Vec<String>,
    /// Everything else, which has no order.
    pub modifiers: BTreeSet<String>,
    /// What is preferred.
    pub prefer: BTreeSet<String>,
    /// The media type asked for.
    pub accept: String,
    /// The schema.
    pub profile: String,
    /// The media type of the body, where there is one.
    pub content_type: Option<String>,
    /// The body.
    pub body: Option<String>,
}

/// A request before that: decoded, not interpreted.
#[derive(Debug, Clone, Default)]
pub struct Plain {
    /// The method.
    pub method: String,
    /// The path with its percent-encoding, below the REST root.
    pub path: String,
    /// The parameters, decoded, in order.
    pub params: Vec<(String, String)>,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: Option<String>,
}

impl Plain {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The normal form.
    #[must_use]
    pub fn normal(&self) -> Normal {
        let reads = matches!(self.method.as_str(), "GET" | "HEAD");
        let writes = !reads;
        let function = self.path.trim_start_matches('/').starts_with("rpc/");
        let mut filters = Vec::new();
        let mut modifiers = BTreeSet::new();
        let mut selected = false;
        for (key, value) in &self.params {
            match key.as_str() {
                "select" => {
                    selected = true;
                    let list = select(value);
                    if list != "*" {
                        modifiers.insert(format!("select={list}"));
                    }
                }
                "columns" => {
                    let columns: BTreeSet<String> =
                        split(value, ',').iter().map(|name| unquoted(name.trim())).collect();
                    modifiers.insert(format!("columns={columns:?}"));
                }
                "on_conflict" => {
                    let columns: Vec<String> = split(value, ',').iter().map(|name| unquoted(name.trim())).collect();
                    modifiers.insert(format!("on_conflict={columns:?}"));
                }
                _ => match modifier(key) {
                    Some((path, word @ ("and" | "or"))) => filters.push(format!("{path}|{word}={}", tree(value))),
                    Some((path, "order")) => {
                        modifiers.insert(format!("{path}|order={}", order(value)));
                    }
                    Some((path, word)) => {
                        modifiers.insert(format!("{path}|{word}={value}"));
                    }
                    // Arguments are named, so their order means nothing.
                    None if function && reads && !is_operation(value) => {
                        modifiers.insert(format!("argument {key}={value}"));
                    }
                    None => filters.push(format!("{}={}", name_path(key), operation(value))),
                },
            }
        }
        let _ = selected;
        let mut prefer: BTreeSet<String> = self
            .headers
            .iter()
            .filter(|(name, _)| name == "prefer")
            .flat_map(|(_, value)| value.split(','))
            .map(|item| item.trim().to_owned())
            .filter(|item| !item.is_empty())
            .collect();
        if writes && !function {
            // What a write does when nothing is said.
            prefer.remove("return=minimal");
        }
        let body = self.body.as_deref().filter(|body| !body.is_empty());
        let body = match body {
            // The server calls a function without a body as it does with an object without a key.
            Some(body) if function && self.method == "POST" && compact(body) == "{}" => None,
            other => other
                .map(|body| serde_json::from_str::<Value>(body).map_or_else(|_| body.to_owned(), |_| compact(body))),
        };
        Normal {
            method: self.method.clone(),
            path: self.path.trim_start_matches('/').split('/').map(percent_decoded).collect(),
            filters,
            modifiers,
            prefer,
            accept: accept(self.header("accept")),
            profile: self
                .header(if reads { "accept-profile" } else { "content-profile" })
                .unwrap_or("public")
                .to_owned(),
            content_type: body.as_ref().and_then(|_| self.header("content-type").map(str::to_owned)),
            body,
        }
    }
}

impl Normal {
    /// How another request differs, in words; nothing when it does not.
    #[must_use]
    pub fn difference(&self, ours: &Self) -> Option<String> {
        let mut text = String::new();
        macro_rules! compare {
            ($($field:ident)+) => {$(
                if self.$field != ours.$field {
                    let written = write!(text, "{}: theirs {:?}, ours {:?}; ", stringify!($field), self.$field, ours.$field);
                    debug_assert!(written.is_ok());
                }
            )+};
        }
        compare!(method path filters modifiers prefer accept profile content_type body);
        (!text.is_empty()).then_some(text)
    }
}

/// A modifier's path of embedded resources and its word.
fn modifier(key: &str) -> Option<(String, &str)> {
    let (path, word) = key.rsplit_once('.').unwrap_or(("", key));
    if !MODIFIERS.contains(&word) {
        return None;
    }
    let mut path: Vec<String> =
        if path.is_empty() { Vec::new() } else { split(path, '.').into_iter().map(unquoted).collect() };
    let negated = matches!(word, "and" | "or") && path.last().is_some_and(|last| last == "not");
    if negated {
        path.pop();
        path.push("\u{1}not".to_owned());
    }
    Some((path.join("\u{2}"), MODIFIERS.iter().find(|known| **known == word)?))
}

/// A column with its path of embedded resources and into json; names without quotes.
fn name_path(key: &str) -> String {
    let (names, json) = match unquoted_find(key, "->") {
        Some(at) => key.split_at(at),
        None => (key, ""),
    };
    let names: Vec<String> = split(names, '.').into_iter().map(name).collect();
    let mut out = names.join("\u{2}");
    let mut rest = json;
    while let Some(after) = rest.strip_prefix("->") {
        let (arrow, after) = after.strip_prefix('>').map_or(("->", after), |after| ("->>", after));
        let end = unquoted_find(after, "->").unwrap_or(after.len());
        out.push_str(arrow);
        // A quoted key of digits is a key, a bare one an index.
        let step = &after[..end];
        if step.parse::<i64>().is_ok() {
            out.push('#');
        }
        out.push_str(&name(step));
        rest = &after[end..];
    }
    out
}

/// A name without its quotes. One that has none and would need them is another name to the server.
fn name(text: &str) -> String {
    if let Some(name) = whole_quoted(text) {
        return name;
    }
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$' | ' ' | '-');
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("\u{1}bare {text}") }
}

fn unquoted_find(text: &str, what: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if quoted && letter == '\\' {
            escaped = true;
        } else if letter == '"' {
            quoted = !quoted;
        } else if !quoted && text[at..].starts_with(what) {
            return Some(at);
        }
    }
    None
}

/// Splits outside quotes, parentheses and braces.
pub(crate) fn split(text: &str, at: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    let (mut quoted, mut escaped) = (false, false);
    for (place, letter) in text.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match letter {
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            letter if letter == at && depth == 0 => {
                parts.push(&text[start..place]);
                start = place + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// A name or value without the quotes around it and the escapes inside.
pub(crate) fn unquoted(text: &str) -> String {
    whole_quoted(text).unwrap_or_else(|| text.to_owned())
}

/// What stands in the quotes, if the text is quoted as a whole.
pub(crate) fn whole_quoted(text: &str) -> Option<String> {
    let inside = text.strip_prefix('"')?;
    let mut out = String::new();
    let mut letters = inside.chars();
    loop {
        match letters.next()? {
            '"' => break,
            '\\' => out.push(letters.next()?),
            letter => out.push(letter),
        }
    }
    letters.as_str().is_empty().then_some(out)
}

/// A select list without the blanks around its marks; blanks inside names belong to them.
fn select(list: &str) -> String {
    let mut out = String::with_capacity(list.len());
    let (mut quoted, mut escaped, mut blanks) = (false, false, String::new());
    let mark = |letter: char| matches!(letter, ',' | '(' | ')' | ':' | '.' | '!');
    for letter in list.trim().chars() {
        if !quoted && letter.is_whitespace() {
            blanks.push(letter);
            continue;
        }
        if !mark(letter) && !out.ends_with(mark) {
            out.push_str(&blanks);
        }
        blanks.clear();
        out.push(letter);
        if escaped {
            escaped = false;
        } else if quoted && letter == '\\' {
            escaped = true;
        } else if letter == '"' {
            quoted = !quoted;
        }
    }
    if out.is_empty() { "*".to_owned() } else { out }
}

/// Order terms with direction and place of NULLs spelled out.
fn order(terms: &str) -> String {
    let terms: Vec<String> = split(terms, ',')
        .into_iter()
        .map(|term| {
            let parts = split(term.trim(), '.');
            let known = |part: &&str| matches!(*part, "asc" | "desc" | "nullsfirst" | "nullslast");
            let words: Vec<&str> = parts.iter().copied().filter(known).collect();
            let tail = parts.iter().rev().take_while(|part| known(part)).count();
            let tail = tail.min(parts.len().saturating_sub(1));
            let column = parts[..parts.len() - tail].join(".");
            let desc = words.contains(&"desc") && tail > 0;
            let first = if words.contains(&"nullsfirst") { true } else { desc && !words.contains(&"nullslast") };
            let named = match column.strip_suffix(')').and_then(|column| column.split_once('(')) {
                Some((resource, column)) => format!("{}({})", name(resource), name_path(column)),
                None => name_path(&column),
            };
            format!("{named} {} {}", if desc { "desc" } else { "asc" }, if first { "first" } else { "last" })
        })
        .collect();
    terms.join(", ")
}

/// The media type in a spelling of its own; nothing said, and anything, is JSON.
fn accept(header: Option<&str>) -> String {
    let text = header.unwrap_or("application/json");
    if let Some(rest) = text.strip_prefix("application/vnd.pgrst.plan") {
        let mut parts = rest.split(';').map(str::trim);
        let format = parts.next().filter(|format| !format.is_empty()).unwrap_or("+text");
        let (mut target, mut options) = ("application/json".to_owned(), BTreeSet::new());
        for part in parts {
            if let Some(media) = part.strip_prefix("for=") {
                target = media.trim_matches('"').to_owned();
            } else if let Some(list) = part.strip_prefix("options=") {
                options.extend(list.split('|').filter(|option| !option.is_empty()).map(str::to_owned));
            }
        }
        return format!("plan{format} of {target} with {options:?}");
    }
    match text {
        "*/*" | "" => "application/json".to_owned(),
        other => other.replace("; ", ";"),
    }
}

/// JSON without blanks between its parts; numbers and the order of keys stay as they are.
#[must_use]
pub fn compact(json: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    json.chars()
        .filter(|letter| {
            if escaped {
                escaped = false;
                return true;
            }
            match letter {
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                _ => {}
            }
            quoted || !letter.is_whitespace()
        })
        .collect()
}

/// A percent-encoded text, decoded; `+` stays.
#[must_use]
pub fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let encoded = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok()))
            .flatten();
        out.push(encoded.unwrap_or(bytes[at]));
        at += if encoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A request by its target, decoded as the server does.
#[must_use]
pub fn of_target(method: &str, target: &str, headers: Vec<(String, String)>, body: Option<String>) -> Plain {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let params = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            // A bare plus is a blank to the server; ours are encoded.
            (percent_decoded(&key.replace('+', " ")), percent_decoded(&value.replace('+', " ")))
        })
        .collect();
    Plain { method: method.to_owned(), path: path.to_owned(), params, headers, body }
}

#[cfg(test)]
mod tests {
    use super::operation::scalar;
    use super::*;

    #[test]
    fn quotes_that_change_nothing_are_gone() {
        assert_eq!(operation("in.(a,\"b\")"), operation("in.(\"a\",b)"));
        assert_ne!(operation("in.(a,b)"), operation("in.(\"a,b\")"));
        assert_eq!(operation("cs.{a,\"b c\"}"), operation("cs.{\"a\",b c}"));
        assert_ne!(operation("cs.{NULL}"), operation("cs.{\"NULL\"}"));
        assert_eq!(operation("sr.(\"a\",b)"), operation("sr.(a,b)"));
        assert_ne!(operation("eq.a"), operation("eq.\"a\""));
        assert_ne!(tree("(a.eq.\"{{1},{2}}\",b.is.null)"), tree("(a.eq.{{1},{2}},b.is.null)"));
        assert_eq!(tree("(a.cs.\"{1,2}\",b.is.null)"), tree("(a.cs.{1,2},b.is.null)"));
        assert_ne!(name_path("\"with,comma\""), name_path("with,comma"));
        assert_ne!(select("two words"), select("twowords"));
        assert_eq!(select("a , b ( c )"), select("a,b(c)"));
        assert_eq!(tree("(a.eq.\"x\",not.or(b.in.(\"1\",2)))"), tree("(a.eq.x,not.or(\"b\".in.(1,2)))"));
        assert_ne!(tree("(a.eq.\"x,y\")"), tree("(a.eq.x,y)"));
    }

    #[test]
    fn what_differs_in_meaning_differs() {
        assert_ne!(name_path("data->>1"), name_path("data->>\"1\""));
        assert_ne!(name_path("a.b"), name_path("\"a.b\""));
        assert_eq!(name_path("\"a\".b"), name_path("a.\"b\""));
        assert_ne!(order("a.desc"), order("a"));
        assert_eq!(order("a.asc"), order("\"a\""));
        assert_ne!(order("a.nullsfirst"), order("a"));
        assert_ne!(scalar("1.5"), scalar("1.25"));
        assert_eq!(scalar("1e+21"), scalar("1e21"));
        assert_eq!(accept(None), accept(Some("*/*")));
        assert_ne!(accept(Some("text/csv")), accept(None));
    }
}
