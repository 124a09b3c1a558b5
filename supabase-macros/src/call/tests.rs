//! Mistakes of `call!`.

use quote::quote;

use super::*;

#[test]
fn each_mistake_says_what_to_do() {
    let cases = [
        (quote!(), "expected a function such as `functions::hello_world`, found the end"),
        (quote!("f"), "expected a function such as `functions::hello_world`, found `\"f\"`"),
        (
            quote!(functions::f(1)),
            "expected the arguments in braces, found `(`: `call!(functions::name { argument: value })`",
        ),
        (quote!(functions::f { a: 1, a: 2 }), "`a` is passed twice; remove one of the two"),
        (quote!(functions::f { a: 1, .. }), "`..` is not needed: arguments that are not named keep their defaults"),
        (quote!(functions::f { a: 1 b: 2 }), "expected `,` before `b`"),
    ];
    for (input, expected) in cases {
        let text = input.to_string();
        let mut errors = Errors::default();
        if let Err(error) = (|input: ParseStream<'_>| parse(input, &mut errors)).parse2(input) {
            errors.add(error);
        }
        assert_eq!(errors.messages(), [expected], "in `{text}`");
    }
}
