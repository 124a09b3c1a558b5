//! Mistakes of `order!`.

use quote::quote;

use super::*;

fn mistakes(input: TokenStream) -> Vec<String> {
    let mut errors = Errors::default();
    if let Err(error) = (|input: ParseStream<'_>| parse(input, &mut errors)).parse2(input) {
        errors.add(error);
    }
    errors.messages()
}

#[test]
fn each_mistake_says_what_to_do() {
    let words = "expected `asc`, `desc`, `nulls first`, `nulls last` or `,`";
    let cases = [
        (quote!(planets name), "expected `:` behind the table, found `name`: `planets: name desc`".to_owned()),
        (quote!(name desc), "name the table in front of the order: `planets: name ..`".to_owned()),
        (
            quote!(planets: moons::name),
            "write the column alone, without `moons::`: an order is about one table".to_owned(),
        ),
        (quote!(planets:), "expected a column to order by: `planets: name desc`".to_owned()),
        (quote!(planets: 1), "expected a column to order by, found `1`".to_owned()),
        (quote!(planets: name down), format!("{words}, found `down`")),
        (quote!(planets: name asc desc), format!("{words}, found `desc`")),
        (quote!(planets: name nulls first desc), format!("{words}, found `desc`")),
        (quote!(planets: name = 1), format!("{words}, found `=`")),
        (quote!(planets: name nulls), "expected `first` or `last` behind `nulls`".to_owned()),
        (quote!(planets: name nulls lost), "expected `first` or `last` behind `nulls`, found `lost`".to_owned()),
    ];
    for (input, expected) in cases {
        let text = input.to_string();
        assert_eq!(mistakes(input), [expected], "in `{text}`");
    }
    assert!(mistakes(quote!(db::planets: name desc nulls last, facts ->> "a", id asc,)).is_empty());
    assert_eq!(mistakes(quote!(planets: name dsc, id, 2)).len(), 2);
}
