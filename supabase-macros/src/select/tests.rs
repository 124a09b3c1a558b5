//! Mistakes of `select!`, and what one selection expands to.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use quote::quote;

use super::{model, parse, select};
use crate::errors::Errors;
use syn::parse::Parser;

fn mistakes(input: proc_macro2::TokenStream) -> Vec<String> {
    let mut errors = Errors::default();
    let parsed = (|input: syn::parse::ParseStream<'_>| parse::select(input, &mut errors)).parse2(input);
    match parsed {
        Ok(parsed) => drop(model::Model::new(&parsed, &mut errors)),
        Err(error) => errors.add(error),
    }
    errors.messages()
}

fn mistake(input: proc_macro2::TokenStream) -> String {
    let mistakes = mistakes(input);
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    mistakes[0].clone()
}

#[test]
fn everything_that_the_grammar_has_is_read_without_a_mistake() {
    let input = quote! {
        /// Doc.
        #[derive(Debug)]
        pub(crate) struct Card: crate::db::planets {
            id, title: name, type, mass as text, facts -> "a" -> 0 ->> "b", #[serde(skip)] n: facts ->> -1 as int4,
            radius_km.avg(), low: mass.min() as float8, x: facts ->> "w" as numeric.sum(), count(), all: count(),
            moons(count), k: moons(count), craters! { id, }, big: moons! { ..MoonCard }, ...star { colour, ...galaxy! { age } },
        }
    };
    assert!(mistakes(input).is_empty());
    assert!(mistakes(quote!(planets { id })).is_empty());
}

#[test]
fn every_mistake_is_reported_at_once() {
    let input = quote!(struct Card: planets { id, 3, name name2, mass as txt, moons { * }, radius_km.agv() });
    assert_eq!(
        mistakes(input),
        [
            "expected a column or a relation, found `3`",
            "expected `,` before `name2`",
            "unknown type `txt` in a cast: did you mean `text`?",
            "`*` has no fields to decode into: name the columns, or select `All` for the generated row",
            "unknown aggregate `agv`: did you mean `avg`?",
        ]
    );
}

#[test]
fn each_mistake_says_what_to_do() {
    let cases = [
        (quote!(), "expected a table such as `planets`, found the end"),
        (quote!(planets), "expected the columns in braces behind the table: `planets { id, name }`"),
        (quote!(db::planets), "expected the columns in braces behind the table: `db::planets { id, name }`"),
        (quote!(planets::Table { id }), "name the table's module alone: `planets`"),
        (quote!(planets { id } x), "expected nothing behind the columns, found `x`"),
        (quote!(planets {}), "`planets` selects nothing: name at least one column"),
        (quote!(planets { moons {} }), "`moons` selects nothing: name at least one column"),
        (quote!(planets { ..Card }), "a row stands for itself here: write `Card::columns()` instead"),
        (
            quote!(planets { moons { id, ..Card } }),
            "nothing can stand beside `..row`: it is the whole nested row; to take a relation's columns into this row write `...star { name }`",
        ),
        (quote!(planets { moons { ..Card, id } }), "nothing can stand beside `..row`: it is the whole nested row"),
        (quote!(planets { id, id }), "`id` is selected twice; give this one a name of its own: `other_name: id`"),
        (
            quote!(planets { moons { id }, moons(count) }),
            "`moons` is selected twice; give this one a name of its own: `other_name: moons(count)`",
        ),
        (
            quote!(planets { name, ...star { name } }),
            "`name` is selected twice; give this one a name of its own: `other_name: name`",
        ),
        (
            quote!(planets { a: id.max(), b.max(), c.max() }),
            "`max` is selected twice; give this one a name of its own: `other_name: c.max()`",
        ),
        (
            quote!(planets { moons::name }),
            "write the column alone; the columns of a relation go between its braces: `moons { .. }`",
        ),
        (
            quote!(planets { moons(name) }),
            "behind `moons` expected `moons(count)` or `moons { .. }`; columns are listed in braces",
        ),
        (
            quote!(planets { moons!inner { id } }),
            "an inner embed is written `moons! { .. }`; a hint is not needed, since every relationship has a name of its own in `rel`",
        ),
        (quote!(planets { ...star }), "expected the columns to take over: `...star { name }`"),
        (
            quote!(planets { ...s: star { name } }),
            "a spread has no alias: its columns become fields of this row, and each may have one",
        ),
        (
            quote!(planets { ...star { ..Card } }),
            "a spread takes columns, not a row: its columns become fields of this row",
        ),
        (
            quote!(planets { ...star { planets { id } } }),
            "a spread takes columns only: embed `planets` in a relation of its own, `relation { planets { .. } }`",
        ),
        (
            quote!(planets { facts -> day_h }),
            "expected a key in quotes or an index behind `->`, found `day_h`: write `-> \"key\"` or `-> 0`",
        ),
        (
            quote!(planets { facts ->> "a" -> "b" }),
            "`->>` gives text, so nothing can follow it; write `->` for the steps before the last",
        ),
        (quote!(planets { facts -> "a b" }), "`a b` cannot name a field of the row; give one: `name: facts ..`"),
        (quote!(planets { facts -> "self" }), "`self` cannot name a field of the row; give one: `name: facts ..`"),
        (
            quote!(planets { s: facts ->> "a".sum() }),
            "`sum` needs to know the type of the json value: cast it first, `facts ->> \"key\" as numeric`",
        ),
        (quote!(planets { mass as double precision }), "unknown type `double` in a cast: write `float8`"),
        (quote!(planets { mass.max }), "an aggregate is a call: `mass.max()`"),
        (quote!(planets { mass.max(id) }), "`max()` takes nothing: the column stands before the dot"),
        (quote!(planets { self }), "`self` cannot name a column; the generator calls a column of that name `self_`"),
        (
            quote!(planets { columns: moons { id } }),
            "a relationship cannot be called `columns`: the row has a function of that name; choose another alias",
        ),
        (
            quote!(pub Card: planets { id }),
            "expected `struct` and the row's name, found `Card`: `select!(struct Card: planets { id })`",
        ),
        (
            quote!(struct Card planets { id }),
            "expected `:` and the table behind the row's name, found `planets`: `struct Card: planets { .. }`",
        ),
        (quote!(struct Card<T>: planets { id }), "the row `Card` cannot be generic: its types come from the schema"),
    ];
    for (input, expected) in cases {
        let text = input.to_string();
        assert_eq!(mistake(input), expected, "in `{text}`");
    }
}

/// The expansion as Rust, formatted.
fn formatted(input: proc_macro2::TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(select(input)).unwrap())
}

#[test]
fn a_named_row_expands_to_items() {
    insta::assert_snapshot!(formatted(quote! {
        pub struct Card: planets { id, title: name, moons { name }, big: moons! { ..MoonCard }, n: moons(count), ...star { colour } }
    }));
}

#[test]
fn what_was_right_survives_a_mistake() {
    let text = formatted(quote!(struct Card: planets { id, 3, name }));
    assert!(text.contains("compile_error"));
    assert!(text.contains("id: <planets::id as ::supabase_core::schema::Column>::Ty"));
    assert!(text.contains("name: <planets::name as ::supabase_core::schema::Column>::Ty"));
}
