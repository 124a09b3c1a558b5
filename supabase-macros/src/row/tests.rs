//! Mistakes of `#[derive(Row)]`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use quote::quote;
use syn::parse_quote;

use super::*;

fn mistakes(input: &DeriveInput) -> Vec<String> {
    let mut errors = Errors::default();
    let _ = parse::row(input, &mut errors);
    errors.messages()
}

#[test]
fn each_mistake_says_what_to_do() {
    let cases: [(DeriveInput, &str); 11] = [
        (
            parse_quote!(
                struct Mini {
                    id: i64,
                }
            ),
            "say which table `Mini` is a row of: `#[row(planets)]`",
        ),
        (
            parse_quote!(
                #[row(planets)]
                struct Mini(i64);
            ),
            "a row needs named fields, one for each column",
        ),
        (
            parse_quote!(
                #[row(planets)]
                enum Mini {
                    A,
                }
            ),
            "only a struct can be a row: its fields are the columns",
        ),
        (
            parse_quote!(
                #[row(planets)]
                struct Mini<T> {
                    id: T,
                }
            ),
            "a row cannot be generic: its fields are checked against the table's columns",
        ),
        (
            parse_quote!(
                #[row(planets, x)]
                struct Mini {
                    id: i64,
                }
            ),
            "expected the table alone: `#[row(planets)]`",
        ),
        (
            parse_quote!(
                #[row(planets)]
                #[row(moons)]
                struct Mini {
                    id: i64,
                }
            ),
            "a row belongs to one table; remove one of the two",
        ),
        (
            parse_quote!(
                #[row(planets)]
                struct Mini {
                    id: i64,
                    #[row(column = id)]
                    other: i64,
                }
            ),
            "column `id` is already read by the field `id`",
        ),
        (
            parse_quote!(
                #[row(planets)]
                struct Mini {
                    #[row(colum = id)]
                    id: i64,
                }
            ),
            "unknown attribute `colum`: did you mean `column`?",
        ),
        (
            parse_quote!(
                #[row(planets)]
                struct Mini {
                    #[row(column = "id")]
                    id: i64,
                }
            ),
            "expected a name of the table, without quotes, found `\"id\"`",
        ),
        (
            parse_quote!(
                #[row(planets)]
                struct Mini {
                    #[row(inner)]
                    id: i64,
                }
            ),
            "only a relation can be inner: `#[row(relation = moons, inner)]`",
        ),
        (
            parse_quote!(
                #[row(planets)]
                struct Mini {
                    #[row(column = id, count = moons)]
                    id: i64,
                }
            ),
            "a field is one column, one relation or one count",
        ),
    ];
    for (input, expected) in cases {
        let text = quote!(#input).to_string();
        assert_eq!(mistakes(&input), [expected], "in `{text}`");
    }
}

#[test]
fn a_row_expands_to_impls_and_checks() {
    let expansion = row(quote! {
        #[row(planets)]
        struct Mini { id: i64, mass: Option<Decimal>, #[row(relation = moons)] big: Vec<MiniMoon>, #[row(count = moons)] moons: i64 }
    });
    insta::assert_snapshot!(prettyplease::unparse(&syn::parse2(expansion).unwrap()));
}
