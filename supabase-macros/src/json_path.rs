//! `facts -> "rings" -> 0 ->> "name"`: the way into a json column, as PostgreSQL writes it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::{LitInt, LitStr, Token};

use crate::errors::{mistake, quote_next};

/// One step.
pub(crate) struct Step {
    pub(crate) place: Place,
    /// Whether the step is `->>` and gives text.
    pub(crate) text: bool,
}

/// Where a step goes.
pub(crate) enum Place {
    /// A key of an object.
    Key(LitStr),
    /// An element of an array, counted from the end when negative.
    Index(i64, Span),
}

impl Step {
    /// The step as the core's `JsonStep`.
    pub(crate) fn to_select(&self) -> TokenStream {
        let step = match (&self.place, self.text) {
            (Place::Key(key), false) => quote!(Key(#key)),
            (Place::Key(key), true) => quote!(KeyText(#key)),
            (Place::Index(index, _), false) => quote!(Index(#index)),
            (Place::Index(index, _), true) => quote!(IndexText(#index)),
        };
        quote!(::supabase_core::__private::JsonStep::#step)
    }
}

/// Reads the steps behind a column, none if there are none.
pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    while input.peek(Token![->]) {
        let arrow: Token![->] = input.parse()?;
        if steps.last().is_some_and(|step| step.text) {
            return Err(syn::Error::new(
                arrow.spans[0],
                "`->>` gives text, so nothing can follow it; write `->` for the steps before the last",
            ));
        }
        let text = input.peek(Token![>]);
        if text {
            input.parse::<Token![>]>()?;
        }
        let place = if input.peek(LitStr) {
            Place::Key(input.parse()?)
        } else if input.peek(LitInt) || input.peek(Token![-]) {
            let minus: Option<Token![-]> = input.parse()?;
            let index: LitInt = input.parse()?;
            let value: i64 = index.base10_parse()?;
            Place::Index(if minus.is_some() { -value } else { value }, index.span())
        } else {
            let arrow = if text { "->>" } else { "->" };
            return Err(mistake(
                input,
                format!(
                    "expected a key in quotes or an index behind `{arrow}`, found {}: write `{arrow} \"key\"` or `{arrow} 0`",
                    quote_next(input)
                ),
            ));
        };
        steps.push(Step { place, text });
    }
    Ok(steps)
}

/// The operand of a filter or an order: the column, or the place inside it.
pub(crate) fn operand(column: TokenStream, at: Span, steps: &[Step]) -> TokenStream {
    let mut operand = column;
    for (depth, step) in steps.iter().enumerate() {
        let method = if step.text { quote_spanned!(at=> json_text) } else { quote_spanned!(at=> json) };
        let place = match &step.place {
            Place::Key(key) => quote!(#key),
            Place::Index(index, at) => quote_spanned!(*at=> #index),
        };
        // The first step needs a json column, every other one goes on from a path.
        operand = match depth {
            0 => quote_spanned!(at=> ::supabase_core::query::JsonOperand::#method(#operand, #place)),
            _ => quote_spanned!(at=> #operand.#method(#place)),
        };
    }
    operand
}
