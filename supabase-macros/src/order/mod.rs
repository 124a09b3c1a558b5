//! `order!`: the terms of an order over one table.
//!
//! ```text
//! order = table ":" term ("," term)*
//! term  = column (("->" | "->>") (key | index))* ["asc" | "desc"] ["nulls" ("first" | "last")]
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};

use crate::anchor;
use crate::errors::{Errors, comma_separated, mistake, quote_next, skip_rest};
use crate::json_path::{self, Step};
use crate::table::TablePath;
use crate::words::{name, refuse_path};

struct Orders {
    table: TablePath,
    terms: Vec<Term>,
}

struct Term {
    column: Ident,
    path: Vec<Step>,
    /// `asc` or `desc`, where it was written.
    direction: Option<Ident>,
    /// `nulls_first` or `nulls_last`.
    nulls: Option<Ident>,
}

/// The expansion of `order!`.
pub(crate) fn order(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = (|input: ParseStream<'_>| parse(input, &mut errors)).parse2(input);
    match parsed {
        Ok(orders) => expand(&orders, &errors),
        Err(error) => {
            errors.add(error);
            quote!({ #errors })
        }
    }
}

fn parse(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Orders> {
    let table = TablePath::parse(input, errors)?;
    if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
    } else {
        let found = quote_next(input);
        let at = if input.is_empty() { table.span() } else { input.span() };
        let next = input.fork().call(Ident::parse_any);
        if next.is_ok_and(|word| word == "asc" || word == "desc" || word == "nulls") {
            // `name desc`: what was read for a table is a column, and no module to look for.
            let error = format!("name the table in front of the order: `planets: {} ..`", table.text());
            let error = syn::Error::new(table.span(), error);
            skip_rest(input);
            return Err(error);
        }
        errors.push(at, format!("expected `:` behind the table, found {found}: `{}: name desc`", table.text()));
        skip_rest(input);
        return Ok(Orders { table, terms: Vec::new() });
    }
    if input.is_empty() {
        errors.push(table.span(), format!("expected a column to order by: `{}: name desc`", table.text()));
    }
    let terms = comma_separated(input, errors, |input, _| term(input));
    Ok(Orders { table, terms })
}

fn term(input: ParseStream<'_>) -> syn::Result<Term> {
    let column = name(input, "a column to order by")?;
    refuse_path(&column, input, "an order")?;
    let path = json_path::parse(input)?;
    let mut term = Term { column, path, direction: None, nulls: None };
    while !input.is_empty() && !input.peek(Token![,]) {
        let expected = "expected `asc`, `desc`, `nulls first`, `nulls last` or `,`";
        let Ok(word) = input.call(Ident::parse_any) else {
            return Err(mistake(input, format!("{expected}, found {}", quote_next(input))));
        };
        match word.to_string().as_str() {
            "asc" | "desc" if term.direction.is_none() && term.nulls.is_none() => term.direction = Some(word),
            "nulls" if term.nulls.is_none() => {
                let place = input.call(Ident::parse_any).map_err(|_| {
                    let at = if input.is_empty() { word.span() } else { input.span() };
                    syn::Error::new(at, "expected `first` or `last` behind `nulls`")
                })?;
                term.nulls = Some(match place.to_string().as_str() {
                    "first" => Ident::new("nulls_first", place.span()),
                    "last" => Ident::new("nulls_last", place.span()),
                    other => {
                        let message = format!("expected `first` or `last` behind `nulls`, found `{other}`");
                        return Err(syn::Error::new(place.span(), message));
                    }
                });
            }
            other => return Err(syn::Error::new(word.span(), format!("{expected}, found `{other}`"))),
        }
    }
    Ok(term)
}

fn expand(orders: &Orders, errors: &Errors) -> TokenStream {
    let Orders { table, terms } = orders;
    let anchors = anchor::columns(table, terms.iter().map(|term| &term.column));
    let count = terms.len();
    let marker = table.marker();
    let terms = terms.iter().map(|term| expand_term(table, term));
    // The type is written down, since an order with mistakes may have no term left.
    table.scope(&quote! {
        #anchors
        #errors
        let terms: [::supabase_core::query::Order<#marker>; #count] = [#(#terms),*];
        terms
    })
}

fn expand_term(table: &TablePath, term: &Term) -> TokenStream {
    let at = term.column.span();
    let operand = json_path::operand(table.column_at(&term.column), at, &term.path);
    let direction = term.direction.clone().unwrap_or_else(|| Ident::new("asc", at));
    let order = quote_spanned!(at=> ::supabase_core::query::Operand::#direction(#operand));
    match &term.nulls {
        Some(nulls) => quote!(#order.#nulls()),
        None => order,
    }
}

#[cfg(test)]
mod tests;
