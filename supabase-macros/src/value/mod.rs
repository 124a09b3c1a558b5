//! `#[derive(Value)]`: a type of the user's own as a value of a column.

mod expand;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::errors::Errors;

/// The expansion of `#[derive(Value)]`.
pub(crate) fn value(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => {
            errors.add(error);
            return quote!(#errors);
        }
    };
    let code = parse::shape(&input, &mut errors).map(|shape| expand::expand(&input, &shape));
    quote!(#errors #code)
}

#[cfg(test)]
mod tests;
