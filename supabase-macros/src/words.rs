//! Names as users write them: columns and relationships, and the nearest known word to a wrong one.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::ParseStream;

use crate::errors::{mistake, quote_next};

/// Reads a name. A Rust keyword is taken as the raw identifier that the generator made of it, so
/// that a column called `type` may be written `type`.
pub(crate) fn name(input: ParseStream<'_>, expected: &str) -> syn::Result<Ident> {
    let Ok(ident) = input.call(Ident::parse_any) else {
        return Err(mistake(input, format!("expected {expected}, found {}", quote_next(input))));
    };
    let text = ident.to_string();
    if matches!(text.as_str(), "self" | "Self" | "super" | "crate" | "_") {
        return Err(syn::Error::new(
            ident.span(),
            format!("`{text}` cannot name a column; the generator calls a column of that name `{text}_`"),
        ));
    }
    let keyword = !text.starts_with("r#") && syn::parse_str::<Ident>(&text).is_err();
    Ok(if keyword { Ident::new_raw(&text, ident.span()) } else { ident })
}

/// The text of an identifier without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// `big_moons` as a part of a type name: `BigMoons`.
pub(crate) fn upper_camel(ident: &Ident) -> String {
    plain(ident)
        .split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters.collect::<Vec<_>>())
        })
        .collect()
}

/// The known word that is most like `wrong`, when one is like it at all.
pub(crate) fn nearest<'w>(wrong: &str, known: &[&'w str]) -> Option<&'w str> {
    let limit = (wrong.chars().count() / 3).max(1);
    known
        .iter()
        .map(|word| (distance(wrong, word), *word))
        .filter(|(distance, word)| *distance <= limit || word.starts_with(wrong))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// How many letters have to be inserted, removed, replaced or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut rows = vec![(0..=other.len()).collect::<Vec<_>>()];
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(a != b);
            let mut best = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

/// Refuses `moons::name` where a column stands alone.
pub(crate) fn refuse_path(column: &Ident, input: ParseStream<'_>, what: &str) -> syn::Result<()> {
    if !input.peek(syn::Token![::]) {
        return Ok(());
    }
    let message = format!("write the column alone, without `{}::`: {what} is about one table", plain(column));
    Err(syn::Error::new(column.span(), message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_the_one_with_the_fewest_changes() {
        assert_eq!(nearest("rnage_gt", &["range_gt", "range_gte", "eq"]), Some("range_gt"));
        assert_eq!(nearest("contain", &["contains", "contained_by"]), Some("contains"));
        assert_eq!(nearest("zzz", &["eq", "contains"]), None);
    }

    #[test]
    fn type_names_are_made_of_the_words_of_a_name() {
        let ident = |text: &str| Ident::new(text, proc_macro2::Span::call_site());
        assert_eq!(upper_camel(&ident("big_moons")), "BigMoons");
        assert_eq!(upper_camel(&Ident::new_raw("type", proc_macro2::Span::call_site())), "Type");
        assert_eq!(upper_camel(&ident("élan_vital")), "ÉlanVital");
    }
}
