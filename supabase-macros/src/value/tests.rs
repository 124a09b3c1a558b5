//! Mistakes of `#[derive(Value)]`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use quote::quote;
use syn::parse_quote;

use super::*;

#[test]
fn each_mistake_says_what_to_do() {
    let cases: [(DeriveInput, &str); 8] = [
        (
            parse_quote!(
                struct Pair(i64, i64);
            ),
            "`Pair` is not one value: give it exactly one field, or store it as json with `#[value(json)]`",
        ),
        (
            parse_quote!(
                struct Nothing;
            ),
            "`Nothing` is not one value: give it exactly one field, or store it as json with `#[value(json)]`",
        ),
        (
            parse_quote!(
                enum Empty {}
            ),
            "`Empty` has no variant, so no value",
        ),
        (
            parse_quote!(
                enum Kind {
                    A(i64),
                }
            ),
            "a variant with fields has no label: store the type as json with `#[value(json)]`",
        ),
        (
            parse_quote!(
                enum Kind {
                    A,
                    #[value(rename = "a")]
                    B,
                }
            ),
            "the label `a` belongs to another variant; rename one: `#[value(rename = \"..\")]`",
        ),
        (
            parse_quote!(
                #[value(jsn)]
                struct Id(i64);
            ),
            "unknown attribute: there are `json` and `of = enums::Kind` on a type, and `rename = \"..\"` on a variant",
        ),
        (
            parse_quote!(
                #[value(rename = "x")]
                struct Id(i64);
            ),
            "`rename` belongs to a variant: the type itself has no name in a request",
        ),
        (
            parse_quote!(
                #[value(of = enums::Kind)]
                struct Id(i64);
            ),
            "`of` belongs to an enum: it names the generated enum that has the same labels",
        ),
    ];
    for (input, expected) in cases {
        let mut errors = Errors::default();
        let _ = parse::shape(&input, &mut errors);
        let text = quote!(#input).to_string();
        assert_eq!(errors.messages(), [expected], "in `{text}`");
    }
}

#[test]
fn labels_are_the_variants_in_snake_case() {
    let input: DeriveInput = parse_quote!(
        enum Kind {
            Rocky,
            GasGiant,
            #[value(rename = "ice giant")]
            Ice,
            r#Type,
        }
    );
    let Some(parse::Shape::Labels { labels, .. }) = parse::shape(&input, &mut Errors::default()) else {
        panic!("an enum without fields has labels");
    };
    let labels: Vec<&str> = labels.iter().map(|(_, label)| label.as_str()).collect();
    assert_eq!(labels, ["rocky", "gas_giant", "ice giant", "type"]);
}
