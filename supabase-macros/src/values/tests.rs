//! Mistakes of `insert!` and `update!`.

use quote::quote;

use super::*;

fn mistakes(input: TokenStream, purpose: Purpose) -> Vec<String> {
    let mut errors = Errors::default();
    let parsed = (|input: syn::parse::ParseStream<'_>| parse::values(input, purpose, &mut errors)).parse2(input);
    if let Err(error) = parsed {
        errors.add(error);
    }
    errors.messages()
}

#[test]
fn each_mistake_says_what_to_do() {
    let cases = [
        (
            quote!(planets),
            "expected the values in braces behind the table, found the end: `insert!(planets { column: value })`",
        ),
        (
            quote!(planets(1)),
            "expected the values in braces behind the table, found `(`: `insert!(planets { column: value })`",
        ),
        (quote!(planets { name: "a" } x), "expected nothing behind the values, found `x`"),
        (quote!(planets { "name": 1 }), "expected a column, found `\"name\"`"),
        (quote!(planets { name: "a", name: "b" }), "`name` is set twice; remove one of the two"),
        (quote!(planets { name: "a" id: 1 }), "expected `,` before `id`"),
        (
            quote!(planets { name: "a", ..rest }),
            "`..` is not supported here: name the columns that are set, every other one keeps its default",
        ),
    ];
    for (input, expected) in cases {
        let text = input.to_string();
        assert_eq!(mistakes(input, Purpose::Insert), [expected], "in `{text}`");
    }
    assert_eq!(
        mistakes(quote!(planets {}), Purpose::Update),
        ["an update must set at least one column: `update!(planets { column: value })`"]
    );
    assert!(mistakes(quote!(planets {}), Purpose::Insert).is_empty());
    assert!(mistakes(quote!(planets { a, b: 1, c?: x, type: None, d: Omit }), Purpose::Insert).is_empty());
}

#[test]
fn required_columns_are_checked_unless_something_else_is_wrong() {
    let checked = |input| values(input, Purpose::Insert).to_string().contains("assert_insertable");
    assert!(checked(quote!(planets { name: "a" })));
    assert!(!checked(quote!(planets { name: "a", 3 })));
    assert!(!values(quote!(planets { name: "a" }), Purpose::Update).to_string().contains("assert_insertable"));
}
