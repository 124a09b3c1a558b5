//! `filter!`: a logic tree of conditions over one table.

mod expand;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;

use crate::errors::Errors;

/// The expansion of `filter!`.
pub(crate) fn filter(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = (|input: syn::parse::ParseStream<'_>| parse::filter(input, &mut errors)).parse2(input);
    match parsed {
        Ok(filter) => expand::expand(&filter, &errors),
        Err(error) => {
            errors.add(error);
            quote!({ #errors })
        }
    }
}

#[cfg(test)]
mod tests;
