//! Mistakes of `filter!`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use quote::quote;
use syn::parse::Parser;

use super::{filter, parse};
use crate::errors::Errors;

fn mistakes(input: proc_macro2::TokenStream) -> Vec<String> {
    let mut errors = Errors::default();
    if let Err(error) = (|input: syn::parse::ParseStream<'_>| parse::filter(input, &mut errors)).parse2(input) {
        errors.add(error);
    }
    errors.messages()
}

#[test]
fn each_mistake_says_what_to_do() {
    let cases = [
        (quote!(), "expected a table such as `planets`, found the end"),
        (quote!(planets), "expected `:` behind the table, found the end: `planets: eq(id, 2)`"),
        (quote!(planets eq(id, 2)), "expected `:` behind the table, found `eq`: `planets: eq(id, 2)`"),
        (quote!(eq(id, 2)), "name the table in front of the condition: `planets: eq(..)`"),
        (quote!(planets: eq(moons::id, 2)), "write the column alone, without `moons::`: a filter is about one table"),
        (quote!(planets:), "expected a condition behind the table: `planets: eq(id, 2)`"),
        (quote!(planets: rnage_gt(id, 2)), "unknown operator `rnage_gt`: did you mean `range_gt`?"),
        (quote!(planets: cs(id, 2)), "unknown operator `cs`: did you mean `contains`?"),
        (quote!(planets: somewhere), "expected a condition such as `eq(somewhere, value)`, found `somewhere`"),
        (quote!(planets: eq), "`eq` is written like a call: `eq(column, value)`"),
        (quote!(planets: is_null), "`is_null` is written like a call: `is_null(column)`"),
        (quote!(planets: eq(id)), "`eq` takes a column and one value, but there is no value: `eq(column, value)`"),
        (
            quote!(planets: in(id, 1, 2)),
            "`in_` takes a column and one value, but there are 2 values: `in_(column, [1, 2])`",
        ),
        (quote!(planets: is_null(id, 1)), "`is_null` takes a column alone, but there is a value: `is_null(column)`"),
        (quote!(planets: eq("id", 2)), "expected a column, found `\"id\"`"),
        (quote!(planets: eq(id 2)), "expected `,` or `)` here, found `2`"),
        (quote!(planets: eq(id, 1) eq(id, 2)), "expected `and`, `or` or the end behind a condition, found `eq`"),
        (quote!(planets: eq(id, 1) and), "expected a condition such as `eq(id, 2)`, found the end"),
        (quote!(planets: and eq(id, 1)), "`and` stands between two conditions: `eq(id, 1) and eq(id, 2)`"),
        (quote!(planets: ()), "expected a condition between the parentheses"),
        (quote!(planets: (eq(id, 1) eq(id, 2))), "expected `and`, `or` or `)` behind a condition, found `eq`"),
        (
            quote!(planets: eq(facts -> key, 1)),
            "expected a key in quotes or an index behind `->`, found `key`: write `-> \"key\"` or `-> 0`",
        ),
    ];
    for (input, expected) in cases {
        let text = input.to_string();
        assert_eq!(mistakes(input), [expected], "in `{text}`");
    }
}

#[test]
fn every_mistake_is_reported_and_the_rest_is_still_checked() {
    let input = quote!(planets: rnage_gt(id, 2) and (eq(id) or like(name, "a")) or is_nul(mass));
    assert_eq!(mistakes(input.clone()).len(), 3);
    let text = filter(input).to_string();
    assert_eq!(text.matches("compile_error").count(), 3);
    assert!(text.contains("Operand :: like"));
}

#[test]
fn a_filter_expands_to_calls() {
    let block: syn::Block =
        syn::parse2(filter(quote!(planets: eq(id, 2) and not is_null(facts -> "a" ->> 0)))).unwrap();
    let function: syn::File = syn::parse_quote!(fn expansion() -> Condition #block);
    insta::assert_snapshot!(prettyplease::unparse(&function));
}
