//! `select!`: a row struct whose field types come from the schema.
//!
//! [`parse`] reads the grammar, [`model`] names the structs and refuses what cannot be one row,
//! [`anchor`] serves editors, [`expand`] writes the code.

mod anchor;
mod cast;
mod expand;
mod model;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;

use crate::errors::Errors;

/// The expansion of `select!`.
pub(crate) fn select(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = match (|input: syn::parse::ParseStream<'_>| parse::select(input, &mut errors)).parse2(input) {
        Ok(parsed) => parsed,
        Err(error) => {
            errors.add(error);
            return quote!(#errors);
        }
    };
    let anchors = anchor::anchors(&parsed);
    let model = model::Model::new(&parsed, &mut errors);
    expand::expand(&model, &anchors, &errors)
}

#[cfg(test)]
mod tests;
