//! What makes an editor complete the names inside a macro.
//!
//! rust-analyzer takes the first place that a token expands to. Under its own `cfg`, every name is
//! therefore mentioned first where it is meant: `use planets::na as _;`. The compiler never sees it.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::table::TablePath;

/// Wraps anchors; the `allow` has to be on an outer item, or every user is warned of the `cfg`.
pub(crate) fn wrap(anchors: &TokenStream) -> TokenStream {
    quote! {
        #[allow(unexpected_cfgs)]
        const _: () = {
            #[cfg(rust_analyzer)]
            #[allow(unused_imports)]
            const _: () = { #anchors };
        };
    }
}

/// Anchors of columns of one table.
pub(crate) fn columns<'c>(table: &TablePath, columns: impl IntoIterator<Item = &'c Ident>) -> TokenStream {
    let columns = columns.into_iter();
    wrap(&quote! { use #table::{self as _}; #(use #table::#columns as _;)* })
}
