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
    let kind = match purpose {
        Purpose::Insert => quote!(NewRow),
        Purpose::Update => quote!(Changes),
    };
    let omissions = fields.iter().filter_map(|field| omission(table, field));
    let sets = fields.iter().filter_map(|field| set(table, field));
    table.scope(&quote! {
        #anchors
        #errors
        #required
        #(#omissions)*
        ::supabase_core::query::Values::<#marker, ::supabase_core::query::#kind>::none() #(#sets)*
    })
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

/// Checks that a column that is left out on purpose may be left out.
fn omission(table: &TablePath, field: &Field) -> Option<TokenStream> {
    let Value::Omit(word) = &field.value else { return None };
    let at = field.column.span();
    let column = table.column_at(&field.column);
    let omit = quote_spanned!(word.span()=> omit);
    Some(quote_spanned! {at=>
        const _: fn() = || {
            fn #omit<C: ::supabase_core::schema::Column>(_: C)
            where
                C::Write: ::supabase_core::schema::OmitFor<C>,
            {
            }
            #omit(#column)
        };
    })
}

/// The call that sets the column; none when it is left out on purpose.
fn set(table: &TablePath, field: &Field) -> Option<TokenStream> {
    let Field { column, if_some, value } = field;
    let at = column.span();
    let path = table.column_at(column);
    let value = match value {
        Value::Variable => column.to_token_stream(),
        // `None` alone has no type; text that is never written stands in for the value.
        Value::Null(word) => quote_spanned! {word.span()=>
            ::core::option::Option::<::supabase_core::types::Literal<'static>>::None
        },
        Value::Omit(_) => return None,
        Value::Expression(expression) => expression.to_token_stream(),
    };
    let method = if *if_some { quote_spanned!(at=> set_if_some) } else { quote_spanned!(at=> set) };
    Some(quote_spanned!(at=> .#method(#path, #value)))
}
