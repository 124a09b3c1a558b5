//! (docs)
mod anchor;
mod call;
mod errors;
mod filter;
mod json_path;
mod order;
mod row;
mod select;
mod table;
mod value;
mod values;
mod words;

use proc_macro::TokenStream;
use values::Purpose;

/// d
#[proc_macro]
pub fn select(input: TokenStream) -> TokenStream {
    select::select(input.into()).into()
}
/// d
#[proc_macro]
pub fn filter(input: TokenStream) -> TokenStream {
    filter::filter(input.into()).into()
}
/// d
#[proc_macro]
pub fn order(input: TokenStream) -> TokenStream {
    order::order(input.into()).into()
}
/// d
#[proc_macro]
pub fn insert(input: TokenStream) -> TokenStream {
    values::values(input.into(), Purpose::Insert).into()
}
/// d
#[proc_macro]
pub fn update(input: TokenStream) -> TokenStream {
    values::values(input.into(), Purpose::Update).into()
}
/// d
#[proc_macro_derive(Row, attributes(row))]
pub fn row(input: TokenStream) -> TokenStream {
    row::row(input.into()).into()
}
/// d
#[proc_macro_derive(Value, attributes(value))]
pub fn value(input: TokenStream) -> TokenStream {
    value::value(input.into()).into()
}
/// d
#[proc_macro]
pub fn call(input: TokenStream) -> TokenStream {
    call::call(input.into()).into()
}
