//! `insert!` and `update!`: column values of one row.
//!
//! ```text
//! values = table "{" field ("," field)* "}"
//! field  = column ":" value | column "?" ":" option | column
//! ```

mod expand;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;

use crate::errors::Errors;

/// What the values are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Insert,
    Update,
}

/// The expansion of `insert!` or `update!`.
pub(crate) fn values(input: TokenStream, purpose: Purpose) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = (|input: syn::parse::ParseStream<'_>| parse::values(input, purpose, &mut errors)).parse2(input);
    match parsed {
        Ok(values) => expand::expand(&values, purpose, &errors),
        Err(error) => {
            errors.add(error);
            quote!({ #errors })
        }
    }
}

#[cfg(test)]
mod tests;
