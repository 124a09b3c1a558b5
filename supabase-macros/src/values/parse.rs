//! Reads `planets { name: "Pluto", moon_count, mass?: mass }`.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::token::Brace;
use syn::{Expr, Token, braced};

use super::Purpose;
use crate::errors::{Errors, comma_separated, mistake, quote_next, skip_rest};
use crate::table::TablePath;
use crate::words::{name, plain};

pub(crate) struct Values {
    pub(crate) table: TablePath,
    pub(crate) fields: Vec<Field>,
}

pub(crate) struct Field {
    pub(crate) column: Ident,
    /// `column?: option`
    pub(crate) if_some: bool,
    pub(crate) value: Value,
}

pub(crate) enum Value {
    /// `column`: the variable of that name.
    Variable,
    /// `None`
    Null(Ident),
    /// `Omit`
    Omit(Ident),
    Expression(Box<Expr>),
}

/// Reads the whole input.
pub(crate) fn values(input: ParseStream<'_>, purpose: Purpose, errors: &mut Errors) -> syn::Result<Values> {
    let macro_name = if purpose == Purpose::Insert { "insert" } else { "update" };
    let table = TablePath::parse(input, errors)?;
    if !input.peek(Brace) {
        let found = quote_next(input);
        let at = if input.is_empty() { table.span() } else { input.span() };
        errors.push(
            at,
            format!("expected the values in braces behind the table, found {found}: `{macro_name}!({} {{ column: value }})`", table.text()),
        );
        skip_rest(input);
        return Ok(Values { table, fields: Vec::new() });
    }
    let content;
    braced!(content in input);
    if purpose == Purpose::Update && content.is_empty() {
        errors.push(
            content.span(),
            format!("an update must set at least one column: `update!({} {{ column: value }})`", table.text()),
        );
    }
    let read = comma_separated(&content, errors, |input, _| field(input));
    if !input.is_empty() {
        let found = quote_next(input);
        errors.push(input.span(), format!("expected nothing behind the values, found {found}"));
        skip_rest(input);
    }
    let mut fields: Vec<Field> = Vec::with_capacity(read.len());
    for field in read {
        if fields.iter().any(|earlier| plain(&earlier.column) == plain(&field.column)) {
            errors.push(field.column.span(), format!("`{}` is set twice; remove one of the two", plain(&field.column)));
        } else {
            fields.push(field);
        }
    }
    Ok(Values { table, fields })
}

fn field(input: ParseStream<'_>) -> syn::Result<Field> {
    if input.peek(Token![..]) {
        return Err(mistake(
            input,
            "`..` is not supported here: name the columns that are set, every other one keeps its default",
        ));
    }
    let column = name(input, "a column")?;
    let if_some = input.peek(Token![?]);
    if if_some {
        input.parse::<Token![?]>()?;
    }
    let value = if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
        value(input.parse()?)
    } else {
        Value::Variable
    };
    Ok(Field { column, if_some, value })
}

fn value(expression: Expr) -> Value {
    if let Expr::Path(path) = &expression
        && let Some(ident) = path.path.get_ident()
        && path.qself.is_none()
    {
        if ident == "None" {
            return Value::Null(ident.clone());
        }
        if ident == "Omit" {
            return Value::Omit(ident.clone());
        }
    }
    Value::Expression(Box::new(expression))
}
