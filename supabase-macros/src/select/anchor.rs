//! The anchors of a selection: every name, mentioned where it is meant.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::parse::{Body, Item, Kind, Select};
use crate::anchor;

/// Anchors of everything that was read, also when the rest of the input was wrong.
pub(crate) fn anchors(select: &Select) -> TokenStream {
    let table = select.table.to_token_stream();
    let mut out = quote!(use #table::{self as _};);
    items(&table, &select.items, &mut out);
    anchor::wrap(&out)
}

fn items(base: &TokenStream, list: &[Item], out: &mut TokenStream) {
    for item in list {
        let relation = match &item.kind {
            Kind::Column(column) => {
                let name = &column.name;
                out.extend(quote!(use #base::#name as _;));
                continue;
            }
            Kind::Count { .. } => continue,
            Kind::RelationCount { relation } | Kind::Relation { relation, .. } | Kind::Spread { relation, .. } => {
                relation
            }
        };
        out.extend(quote!(use #base::rel::#relation as _;));
        let inside = quote!(#base::rel::#relation);
        match &item.kind {
            Kind::Relation { body: Body::Items(list), .. } | Kind::Spread { items: list, .. } => {
                items(&inside, list, out)
            }
            Kind::Relation { body: Body::Row(row), .. } => out.extend(quote!(use #row as _;)),
            _ => {}
        }
    }
}
