//! Filters of row changes: `id=gt.2,name=in.("a,b",c)`.

use super::sql::literal;

/// One condition.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) column: String,
    negated: bool,
    operator: String,
    value: String,
}

const OPERATORS: [&str; 13] =
    ["eq", "neq", "lt", "lte", "gt", "gte", "in", "like", "ilike", "is", "match", "imatch", "isdistinct"];

/// Splits at commas outside quotes and parentheses.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for letter in text.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(letter);
    }
    parts.push(part);
    parts
}

fn unquoted(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut out = String::new();
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        out.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    out
}

/// Reads a filter; the error has the part that is none.
pub(super) fn parse(text: &str) -> Result<Vec<Filter>, String> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    split(text)
        .into_iter()
        .map(|part| {
            let wrong = || part.clone();
            let (column, rest) = part.split_once('=').ok_or_else(wrong)?;
            let (negated, rest) = match rest.strip_prefix("not.") {
                Some(rest) => (true, rest),
                None => (false, rest),
            };
            let (operator, value) = rest.split_once('.').ok_or_else(wrong)?;
            if !OPERATORS.contains(&operator) {
                return Err(wrong());
            }
            Ok(Filter { column: unquoted(column), negated, operator: operator.to_owned(), value: value.to_owned() })
        })
        .collect()
}

impl Filter {
    /// The condition in SQL, on a value that is SQL itself. Literals have the column's type, so
    /// that comparisons are the database's own.
    pub(super) fn sql(&self, value: &str, kind: &str) -> String {
        let typed = |text: &str| format!("{}::{kind}", literal(&unquoted(text)));
        let text = literal(&unquoted(&self.value));
        let condition = match self.operator.as_str() {
            "eq" => format!("{value} = {}", typed(&self.value)),
            "neq" => format!("{value} <> {}", typed(&self.value)),
            "lt" => format!("{value} < {}", typed(&self.value)),
            "lte" => format!("{value} <= {}", typed(&self.value)),
            "gt" => format!("{value} > {}", typed(&self.value)),
            "gte" => format!("{value} >= {}", typed(&self.value)),
            "isdistinct" => format!("{value} is distinct from {}", typed(&self.value)),
            "in" => {
                let inner = self.value.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(&self.value);
                let values: Vec<String> = split(inner).iter().map(|text| typed(text)).collect();
                format!("{value} in ({})", values.join(", "))
            }
            "like" => format!("{value}::text like {text}"),
            "ilike" => format!("{value}::text ilike {text}"),
            "match" => format!("{value}::text ~ {text}"),
            "imatch" => format!("{value}::text ~* {text}"),
            _ => match self.value.to_ascii_lowercase().as_str() {
                "true" => format!("{value}::boolean is true"),
                "false" => format!("{value}::boolean is false"),
                "unknown" => format!("{value}::boolean is unknown"),
                _ => format!("{value} is null"),
            },
        };
        if self.negated { format!("not ({condition})") } else { format!("({condition})") }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may fail by panicking

    use super::*;

    #[test]
    fn commas_in_quotes_and_lists_do_not_end_a_condition() {
        let filters = parse(r#"name=eq."a,\"b\"",id=not.in.(1,2)"#).unwrap();
        assert_eq!(filters[0].sql("x", "text"), r#"(x = 'a,"b"'::text)"#);
        assert_eq!(filters[1].sql("x", "int8"), "not (x in ('1'::int8, '2'::int8))");
        assert_eq!(parse("foo").unwrap_err(), "foo");
        assert!(parse("id=contains.1").is_err());
    }
}
