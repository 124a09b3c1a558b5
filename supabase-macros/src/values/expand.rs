//! The code of column values.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};

use super::Purpose;
use super::parse::{Field, Value, Values};
use crate::anchor;
use crate::errors::Errors;
use crate::table::TablePath;

/// Writes a block whose value is the row.
pub(crate) fn expand(values: &Values, purpose: Purpose, errors: &Errors) -> TokenStream {
    let Values { table, fields } = values;
    let anchors = anchor::columns(table, fields.iter().map(|field| &field.column));
    // Behind a mistake, columns may be missing that were meant: one sentence is enough.
    let required = (purpose == Purpose::Insert && errors.is_empty()).then(|| required(table, fields));
    let marker = table.marker();
    let sets = fields.iter().map(|field| set(table, field));
    quote! {{
        #anchors
        #errors
        #required
        ::supabase_core::query::Values::<#marker>::new() #(#sets)*
    }}
}

/// Checks at compile time that every required column is set. The columns are named as values, as
/// in the calls behind, so that an unknown one is one mistake and not two.
fn required(table: &TablePath, fields: &[Field]) -> TokenStream {
    let at = table.span();
    let marker = table.marker();
    let columns = fields.iter().filter(|field| !field.if_some).map(|field| table.column_at(&field.column));
    quote_spanned! {at=>
        const _: () = {
            const fn name<C: ::supabase_core::schema::Column>(_: &C) -> &'static ::core::primitive::str {
                C::NAME
            }
            ::supabase_core::__private::assert_insertable::<#marker>(&[#(name(&#columns)),*])
        };
    }
}

fn set(table: &TablePath, field: &Field) -> TokenStream {
    let Field { column, if_some, value } = field;
    let at = column.span();
    let path = table.column_at(column);
    let value = match value {
        Value::Variable => column.to_token_stream(),
        // `None` alone has no type; text that is never written stands in for the value.
        Value::Null(word) => quote_spanned! {word.span()=>
            ::core::option::Option::<::supabase_core::types::Literal<'static>>::None
        },
        Value::Omit(word) => quote_spanned!(word.span()=> ::supabase_core::schema::Omit),
        Value::Expression(expression) => expression.to_token_stream(),
    };
    let method = if *if_some { quote_spanned!(at=> set_if_some) } else { quote_spanned!(at=> set) };
    quote_spanned!(at=> .#method(#path, #value))
}
