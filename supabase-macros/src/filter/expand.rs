//! The code of a filter.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::parse::{Condition, Filter, Leaf};
use crate::errors::Errors;
use crate::table::TablePath;
use crate::{anchor, json_path};

/// Writes a block whose value is the condition.
pub(crate) fn expand(filter: &Filter, errors: &Errors) -> TokenStream {
    let mut columns = Vec::new();
    collect(&filter.condition, &mut columns);
    let anchors = anchor::columns(&filter.table, columns);
    let condition = condition(&filter.table, &filter.condition);
    filter.table.scope(&quote!(#anchors #errors #condition))
}

fn collect<'f>(condition: &'f Condition, columns: &mut Vec<&'f Ident>) {
    match condition {
        Condition::Leaf(leaf) => columns.push(&leaf.column),
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| collect(part, columns)),
        Condition::Not(_, part) => collect(part, columns),
        Condition::Broken => {}
    }
}

fn condition(table: &TablePath, tree: &Condition) -> TokenStream {
    match tree {
        Condition::Leaf(part) if part.values.is_empty() && takes_value(part) => broken(table),
        Condition::Leaf(part) => leaf(table, part),
        Condition::All(parts) => {
            let parts = parts.iter().map(|part| condition(table, part));
            quote!(::supabase_core::query::all([#(#parts),*]))
        }
        Condition::Any(parts) => {
            let parts = parts.iter().map(|part| condition(table, part));
            quote!(::supabase_core::query::any([#(#parts),*]))
        }
        Condition::Not(word, part) => {
            let part = condition(table, part);
            quote_spanned!(word.span()=> ::supabase_core::query::not(#part))
        }
        Condition::Broken => broken(table),
    }
}

fn takes_value(leaf: &Leaf) -> bool {
    !matches!(leaf.operator.to_string().as_str(), "is_null" | "is_not_null" | "is_true" | "is_false" | "is_unknown")
}

/// A condition of the right type behind a mistake, so that the compiler goes on checking the rest.
fn broken(table: &TablePath) -> TokenStream {
    let table = table.marker();
    quote!(::core::iter::empty::<::supabase_core::query::Condition<#table>>().next().unwrap_or_else(|| loop {}))
}

fn leaf(table: &TablePath, leaf: &Leaf) -> TokenStream {
    let Leaf { operator, column, path, values } = leaf;
    let operand = json_path::operand(table.column_at(column), column.span(), path);
    quote_spanned!(operator.span()=> ::supabase_core::query::Operand::#operator(#operand #(, #values)*))
}
