//! `#[derive(Row)]`: a struct of the user's own, checked field by field against a table.

mod expand;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::errors::Errors;

/// The expansion of `#[derive(Row)]`.
pub(crate) fn row(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => {
            errors.add(error);
            return quote!(#errors);
        }
    };
    let row = parse::row(&input, &mut errors);
    expand::expand(row.as_ref(), &errors)
}

#[cfg(test)]
mod tests;
