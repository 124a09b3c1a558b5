//! The grammar of `select!`.
//!
//! ```text
//! select    = attributes visibility "struct" Name ":" table "{" items "}"  |  table "{" items "}"
//! item      = attributes [alias ":"] column [json path] ["as" type] ["." aggregate "()"] ["as" type]
//!           | attributes [alias ":"] "count" "()"
//!           | attributes [alias ":"] relation "(" "count" ")"
//!           | attributes [alias ":"] relation ["!"] "{" items "}"
//!           | attributes [alias ":"] relation ["!"] "{" ".." row "}"
//!           | "..." relation ["!"] "{" items "}"
//! ```

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::token::{Brace, Paren};
use syn::{Attribute, Path, Token, Visibility, braced, parenthesized};

use super::cast::Cast;
use crate::errors::{Errors, comma_separated, mistake, quote_next, skip_rest};
use crate::json_path::{self, Step};
use crate::table::TablePath;
use crate::words::{name, nearest, plain};

/// What was written.
pub(crate) struct Select {
    /// Missing in the expression form.
    pub(crate) head: Option<Head>,
    pub(crate) table: TablePath,
    pub(crate) items: Vec<Item>,
}

/// `#[derive(..)] pub struct Card`
pub(crate) struct Head {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
}

pub(crate) struct Item {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) alias: Option<Ident>,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    Column(Column),
    /// `count()`
    Count {
        word: Ident,
    },
    /// `moons(count)`
    RelationCount {
        relation: Ident,
    },
    Relation {
        relation: Ident,
        inner: bool,
        body: Body,
    },
    Spread {
        relation: Ident,
        inner: bool,
        items: Vec<Item>,
    },
}

pub(crate) struct Column {
    pub(crate) name: Ident,
    pub(crate) path: Vec<Step>,
    pub(crate) cast: Option<Cast>,
    pub(crate) aggregate: Option<Aggregate>,
}

pub(crate) struct Aggregate {
    pub(crate) word: Ident,
    pub(crate) function: Function,
    pub(crate) cast: Option<Cast>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Avg,
    Sum,
    Min,
    Max,
    Count,
}

/// What is between the braces of a relation.
pub(crate) enum Body {
    Items(Vec<Item>),
    /// `..MoonCard`
    Row(Path),
}

const AGGREGATES: &[(&str, Function)] = &[
    ("avg", Function::Avg),
    ("sum", Function::Sum),
    ("min", Function::Min),
    ("max", Function::Max),
    ("count", Function::Count),
];

/// Reads the whole input.
pub(crate) fn select(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Select> {
    let ahead = input.fork();
    let named = input.peek(Token![#]) || input.peek(Token![struct]) || {
        ahead.parse::<Visibility>().is_ok_and(|visibility| !matches!(visibility, Visibility::Inherited))
    };
    let head = if named { Some(head(input, errors)?) } else { None };
    let table = TablePath::parse(input, errors)?;
    let items = if input.peek(Brace) {
        let content;
        braced!(content in input);
        match body(&content, errors, &table.text()) {
            Body::Items(items) => items,
            Body::Row(row) => {
                let row = row.segments.last().map_or_else(String::new, |row| row.ident.to_string());
                errors.push(content.span(), format!("a row stands for itself here: write `{row}::columns()` instead"));
                Vec::new()
            }
        }
    } else {
        errors.push(
            if input.is_empty() { table.span() } else { input.span() },
            format!("expected the columns in braces behind the table: `{} {{ id, name }}`", table.text()),
        );
        Vec::new()
    };
    if !input.is_empty() {
        let word = quote_next(input);
        errors.push(input.span(), format!("expected nothing behind the columns, found {word}"));
        skip_rest(input);
    }
    Ok(Select { head, table, items })
}

fn head(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Head> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility = input.parse()?;
    if !input.peek(Token![struct]) {
        return Err(mistake(
            input,
            format!(
                "expected `struct` and the row's name, found {}: `select!(struct Card: planets {{ id }})`",
                quote_next(input)
            ),
        ));
    }
    input.parse::<Token![struct]>()?;
    let name: Ident = input.parse()?;
    if input.peek(Token![<]) {
        let generics: syn::Generics = input.parse()?;
        let at = generics.lt_token.map_or(name.span(), |token| token.span);
        errors.push(at, format!("the row `{}` cannot be generic: its types come from the schema", plain(&name)));
    }
    if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
    } else {
        return Err(mistake(
            input,
            format!(
                "expected `:` and the table behind the row's name, found {}: `struct {name}: planets {{ .. }}`",
                quote_next(input)
            ),
        ));
    }
    Ok(Head { attributes, visibility, name })
}

/// Reads what is between braces. `owner` is the table or relation that the braces belong to.
fn body(input: ParseStream<'_>, errors: &mut Errors, owner: &str) -> Body {
    if input.is_empty() {
        errors.push(input.span(), format!("`{owner}` selects nothing: name at least one column"));
        return Body::Items(Vec::new());
    }
    if input.peek(Token![..]) && !input.peek(Token![...]) {
        match row(input) {
            Ok(row) => {
                let _ = input.parse::<Token![,]>();
                if !input.is_empty() {
                    errors.push(input.span(), "nothing can stand beside `..row`: it is the whole nested row");
                    skip_rest(input);
                }
                return Body::Row(row);
            }
            Err(error) => errors.add(error),
        }
    }
    Body::Items(comma_separated(input, errors, item))
}

fn row(input: ParseStream<'_>) -> syn::Result<Path> {
    input.parse::<Token![..]>()?;
    Path::parse_mod_style(input)
        .map_err(|error| syn::Error::new(error.span(), "expected a row such as `MoonCard` behind `..`"))
}

fn item(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Item> {
    let attributes = input.call(Attribute::parse_outer)?;
    if input.peek(Token![...]) {
        return spread(input, errors, attributes);
    }
    if input.peek(Token![..]) {
        return Err(mistake(
            input,
            "nothing can stand beside `..row`: it is the whole nested row; to take a relation's columns into this row write `...star { name }`",
        ));
    }
    if input.peek(Token![*]) {
        return Err(mistake(
            input,
            "`*` has no fields to decode into: name the columns, or select `All` for the generated row",
        ));
    }
    let mut word = name(input, "a column or a relation")?;
    let mut alias = None;
    if input.peek(Token![::]) {
        return Err(mistake(
            input,
            format!(
                "write the column alone; the columns of a relation go between its braces: `{} {{ .. }}`",
                plain(&word)
            ),
        ));
    }
    if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
        alias = Some(word);
        word = name(input, "a column or a relation behind the alias")?;
    }
    let kind = kind(word, input, errors)?;
    Ok(Item { attributes, alias, kind })
}

fn kind(word: Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Kind> {
    if input.peek(Token![!]) || input.peek(Brace) {
        let inner = inner(&word, input)?;
        let content;
        braced!(content in input);
        let body = body(&content, errors, &plain(&word));
        return Ok(Kind::Relation { relation: word, inner, body });
    }
    if input.peek(Paren) {
        let content;
        parenthesized!(content in input);
        if content.is_empty() && word == "count" {
            return Ok(Kind::Count { word });
        }
        let counts = content.parse::<Ident>().is_ok_and(|inside| inside == "count") && content.is_empty();
        skip_rest(&content);
        return if counts {
            Ok(Kind::RelationCount { relation: word })
        } else {
            Err(syn::Error::new(
                word.span(),
                format!(
                    "behind `{0}` expected `{0}(count)` or `{0} {{ .. }}`; columns are listed in braces",
                    plain(&word)
                ),
            ))
        };
    }
    column(word, input).map(Kind::Column)
}

/// Reads the `!` of an inner embed.
fn inner(relation: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
    if !input.peek(Token![!]) {
        return Ok(false);
    }
    input.parse::<Token![!]>()?;
    if input.peek(Brace) {
        return Ok(true);
    }
    Err(mistake(
        input,
        format!(
            "an inner embed is written `{0}! {{ .. }}`; a hint is not needed, since every relationship has a name of its own in `rel`",
            plain(relation)
        ),
    ))
}

fn spread(input: ParseStream<'_>, errors: &mut Errors, attributes: Vec<Attribute>) -> syn::Result<Item> {
    input.parse::<Token![...]>()?;
    let relation = name(input, "a relation behind `...`")?;
    if input.peek(Token![:]) {
        return Err(mistake(
            input,
            "a spread has no alias: its columns become fields of this row, and each may have one",
        ));
    }
    let inner = inner(&relation, input)?;
    if !input.peek(Brace) {
        return Err(mistake(input, format!("expected the columns to take over: `...{} {{ name }}`", plain(&relation))));
    }
    let content;
    braced!(content in input);
    let items = match body(&content, errors, &plain(&relation)) {
        Body::Items(items) => items,
        Body::Row(_) => {
            errors.push(relation.span(), "a spread takes columns, not a row: its columns become fields of this row");
            Vec::new()
        }
    };
    if let Some(attribute) = attributes.first() {
        errors.push(
            attribute.pound_token.span,
            "put attributes on the columns inside the spread: they become the fields",
        );
    }
    Ok(Item { attributes: Vec::new(), alias: None, kind: Kind::Spread { relation, inner, items } })
}

fn column(name: Ident, input: ParseStream<'_>) -> syn::Result<Column> {
    let path = json_path::parse(input)?;
    let inner_cast = cast(input)?;
    let aggregate = if input.peek(Token![.]) {
        input.parse::<Token![.]>()?;
        Some(aggregate(&name, input)?)
    } else {
        None
    };
    Ok(Column { name, path, cast: inner_cast, aggregate })
}

fn cast(input: ParseStream<'_>) -> syn::Result<Option<Cast>> {
    if !input.peek(Token![as]) {
        return Ok(None);
    }
    input.parse::<Token![as]>()?;
    let word = name(input, "a type such as `text` behind `as`")?;
    Cast::new(&word).map(Some)
}

fn aggregate(column: &Ident, input: ParseStream<'_>) -> syn::Result<Aggregate> {
    let expected = || format!("expected an aggregate such as `{}.max()`", plain(column));
    let word = input.call(Ident::parse_any).map_err(|error| syn::Error::new(error.span(), expected()))?;
    let text = plain(&word);
    let Some((_, function)) = AGGREGATES.iter().find(|(name, _)| *name == text) else {
        let names: Vec<&str> = AGGREGATES.iter().map(|(name, _)| *name).collect();
        let remedy = match nearest(&text, &names) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "there are `avg`, `sum`, `min`, `max` and `count`".to_owned(),
        };
        return Err(syn::Error::new(word.span(), format!("unknown aggregate `{text}`: {remedy}")));
    };
    if !input.peek(Paren) {
        return Err(syn::Error::new(word.span(), format!("an aggregate is a call: `{}.{text}()`", plain(column))));
    }
    let content;
    parenthesized!(content in input);
    if !content.is_empty() {
        let at: Span = content.span();
        skip_rest(&content);
        return Err(syn::Error::new(at, format!("`{text}()` takes nothing: the column stands before the dot")));
    }
    let cast = cast(input)?;
    Ok(Aggregate { word, function: *function, cast })
}
