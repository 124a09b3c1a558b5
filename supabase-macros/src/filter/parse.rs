//! The grammar of `filter!`: `not` binds tighter than `and`, `and` tighter than `or`.
//!
//! ```text
//! filter  = table ":" or
//! or      = and ("or" and)*
//! and     = not ("and" not)*
//! not     = "not" not | "(" or ")" | operator "(" operand ("," value)* ")"
//! operand = column (("->" | "->>") (key | index))*
//! ```

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::token::Paren;
use syn::{Expr, Token, parenthesized};

use crate::errors::{Errors, mistake, quote_next, skip_rest};
use crate::json_path::{self, Step};
use crate::table::TablePath;
use crate::words::{name, nearest, plain, refuse_path};

pub(crate) struct Filter {
    pub(crate) table: TablePath,
    pub(crate) condition: Condition,
}

pub(crate) enum Condition {
    Leaf(Leaf),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Ident, Box<Condition>),
    /// A part that could not be read; its mistake is noted.
    Broken,
}

/// `eq(id, 2)`
pub(crate) struct Leaf {
    pub(crate) operator: Ident,
    pub(crate) column: Ident,
    pub(crate) path: Vec<Step>,
    pub(crate) values: Vec<Expr>,
}

/// Every operator, and how many values it takes behind the column.
const OPERATORS: &[(&str, usize)] = &[
    ("eq", 1),
    ("neq", 1),
    ("gt", 1),
    ("gte", 1),
    ("lt", 1),
    ("lte", 1),
    ("in_", 1),
    ("not_in", 1),
    ("is_distinct", 1),
    ("is_null", 0),
    ("is_not_null", 0),
    ("is_true", 0),
    ("is_false", 0),
    ("is_unknown", 0),
    ("like", 1),
    ("ilike", 1),
    ("like_all_of", 1),
    ("like_any_of", 1),
    ("ilike_all_of", 1),
    ("ilike_any_of", 1),
    ("match_regex", 1),
    ("imatch_regex", 1),
    ("contains", 1),
    ("contained_by", 1),
    ("overlaps", 1),
    ("range_gt", 1),
    ("range_gte", 1),
    ("range_lt", 1),
    ("range_lte", 1),
    ("range_adjacent", 1),
    ("text_search", 1),
];

/// Reads the whole input.
pub(crate) fn filter(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Filter> {
    let table = TablePath::parse(input, errors)?;
    if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
    } else {
        let found = quote_next(input);
        let at = if input.is_empty() { table.span() } else { input.span() };
        if input.peek(Paren) {
            // What was read for a table is an operator, and no module to look for.
            let error = format!("name the table in front of the condition: `planets: {}(..)`", table.text());
            let error = syn::Error::new(table.span(), error);
            skip_rest(input);
            return Err(error);
        }
        errors.push(at, format!("expected `:` behind the table, found {found}: `{}: eq(id, 2)`", table.text()));
        skip_rest(input);
        return Ok(Filter { table, condition: Condition::Broken });
    }
    if input.is_empty() {
        errors.push(table.span(), format!("expected a condition behind the table: `{}: eq(id, 2)`", table.text()));
        return Ok(Filter { table, condition: Condition::Broken });
    }
    let condition = or(input, errors);
    if !input.is_empty() {
        let found = quote_next(input);
        errors.push(input.span(), format!("expected `and`, `or` or the end behind a condition, found {found}"));
        skip_rest(input);
    }
    Ok(Filter { table, condition })
}

fn or(input: ParseStream<'_>, errors: &mut Errors) -> Condition {
    chain(input, errors, "or", and, Condition::Any)
}

fn and(input: ParseStream<'_>, errors: &mut Errors) -> Condition {
    chain(input, errors, "and", not, Condition::All)
}

fn chain(
    input: ParseStream<'_>,
    errors: &mut Errors,
    word: &str,
    part: fn(ParseStream<'_>, &mut Errors) -> Condition,
    join: fn(Vec<Condition>) -> Condition,
) -> Condition {
    let first = part(input, errors);
    let mut parts = vec![first];
    while eat_word(input, word) {
        parts.push(part(input, errors));
    }
    match parts.len() {
        1 => parts.swap_remove(0),
        _ => join(parts),
    }
}

fn not(input: ParseStream<'_>, errors: &mut Errors) -> Condition {
    if let Some(word) = peek_word(input)
        && word == "not"
    {
        let _ = input.parse::<Ident>();
        return Condition::Not(word, Box::new(not(input, errors)));
    }
    if input.peek(Paren) {
        return match group(input, errors) {
            Ok(condition) => condition,
            Err(error) => broken(error, input, errors),
        };
    }
    match leaf(input, errors) {
        Ok(leaf) => Condition::Leaf(leaf),
        Err(error) => broken(error, input, errors),
    }
}

fn group(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Condition> {
    let content;
    parenthesized!(content in input);
    if content.is_empty() {
        return Err(mistake(&content, "expected a condition between the parentheses"));
    }
    let condition = or(&content, errors);
    if !content.is_empty() {
        let found = quote_next(&content);
        errors.push(content.span(), format!("expected `and`, `or` or `)` behind a condition, found {found}"));
        skip_rest(&content);
    }
    Ok(condition)
}

/// Notes the mistake and goes on at the next `and` or `or`.
fn broken(error: syn::Error, input: ParseStream<'_>, errors: &mut Errors) -> Condition {
    errors.add(error);
    while !input.is_empty() && !peek_word(input).is_some_and(|word| word == "and" || word == "or") {
        let _ = input.parse::<proc_macro2::TokenTree>();
    }
    Condition::Broken
}

fn peek_word(input: ParseStream<'_>) -> Option<Ident> {
    input.fork().call(Ident::parse_any).ok()
}

fn eat_word(input: ParseStream<'_>, word: &str) -> bool {
    let found = peek_word(input).is_some_and(|next| next == word);
    if found {
        let _ = input.parse::<Ident>();
    }
    found
}

fn leaf(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Leaf> {
    let Some(word) = peek_word(input) else {
        return Err(mistake(input, format!("expected a condition such as `eq(id, 2)`, found {}", quote_next(input))));
    };
    input.call(Ident::parse_any)?;
    let text = plain(&word);
    if text == "and" || text == "or" {
        return Err(syn::Error::new(
            word.span(),
            format!("`{text}` stands between two conditions: `eq(id, 1) {text} eq(id, 2)`"),
        ));
    }
    let operator = if text == "in" { Ident::new("in_", word.span()) } else { word };
    let Some((_, takes)) = OPERATORS.iter().find(|(name, _)| operator == name) else {
        return Err(syn::Error::new(operator.span(), unknown(&operator, input)));
    };
    if !input.peek(Paren) {
        return Err(syn::Error::new(
            operator.span(),
            format!("`{operator}` is written like a call: {}", example(&operator, *takes)),
        ));
    }
    let content;
    parenthesized!(content in input);
    let operand = name(&content, "a column").and_then(|column| {
        refuse_path(&column, &content, "a filter")?;
        Ok((column, json_path::parse(&content)?))
    });
    let (column, path) = match operand {
        Ok(operand) => operand,
        Err(error) => {
            skip_rest(&content);
            return Err(error);
        }
    };
    let mut values = Vec::new();
    while content.peek(Token![,]) {
        content.parse::<Token![,]>()?;
        if content.is_empty() {
            break;
        }
        match content.parse() {
            Ok(value) => values.push(value),
            Err(error) => {
                skip_rest(&content);
                return Err(error);
            }
        }
    }
    if !content.is_empty() {
        let error = mistake(&content, format!("expected `,` or `)` here, found {}", quote_next(&content)));
        skip_rest(&content);
        return Err(error);
    }
    if values.len() != *takes {
        let what = if *takes == 0 { "a column alone" } else { "a column and one value" };
        let count = match values.len() {
            0 => "is no value".to_owned(),
            1 => "is a value".to_owned(),
            count => format!("are {count} values"),
        };
        errors.push(
            operator.span(),
            format!("`{operator}` takes {what}, but there {count}: {}", example(&operator, *takes)),
        );
        return Ok(Leaf { operator, column, path, values: Vec::new() });
    }
    Ok(Leaf { operator, column, path, values })
}

fn example(operator: &Ident, takes: usize) -> String {
    match (operator.to_string().as_str(), takes) {
        (_, 0) => format!("`{operator}(column)`"),
        ("in_" | "not_in", _) => format!("`{operator}(column, [1, 2])`"),
        ("like_all_of" | "like_any_of" | "ilike_all_of" | "ilike_any_of", _) => {
            format!("`{operator}(column, [\"%a%\", \"%b%\"])`")
        }
        _ => format!("`{operator}(column, value)`"),
    }
}

/// The sentence for a word that is no operator.
fn unknown(operator: &Ident, input: ParseStream<'_>) -> String {
    let text = plain(operator);
    let names: Vec<&str> = OPERATORS.iter().map(|(name, _)| *name).collect();
    let alias = match text.as_str() {
        "ne" => Some("neq"),
        "ge" => Some("gte"),
        "le" => Some("lte"),
        "cs" => Some("contains"),
        "cd" => Some("contained_by"),
        "ov" => Some("overlaps"),
        "sr" => Some("range_gt"),
        "nxl" => Some("range_gte"),
        "sl" => Some("range_lt"),
        "nxr" => Some("range_lte"),
        "adj" => Some("range_adjacent"),
        "fts" | "plfts" | "phfts" | "wfts" => Some("text_search"),
        "match" | "regex" => Some("match_regex"),
        "imatch" => Some("imatch_regex"),
        _ => None,
    };
    match alias.or_else(|| nearest(&text, &names)) {
        Some(name) => format!("unknown operator `{text}`: did you mean `{name}`?"),
        None if input.peek(Paren) => format!("unknown operator `{text}`; there are {}", names.join(", ")),
        None => format!("expected a condition such as `eq({text}, value)`, found `{text}`"),
    }
}
