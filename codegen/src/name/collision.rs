//! Several names in one place: each gets an identifier of its own, and always the same one.
//!
//! A name whose identifier is exactly its own spelling comes first, then the others by wire name; whoever finds the
//! identifier taken gets `_` behind it, repeated until it is free. So adding a name never takes the identifier away
//! from one that is spelled exactly like it.

use std::collections::BTreeSet;

use super::ident::{Ident, Name};

/// Identifiers of one place that are taken.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    taken: BTreeSet<String>,
}

impl Scope {
    /// A place where some words are kept.
    #[must_use]
    pub fn reserving(words: &[&str]) -> Self {
        Self { taken: words.iter().map(|word| (*word).to_owned()).collect() }
    }

    /// Takes the identifier, or the first longer one that is free.
    pub fn take(&mut self, wanted: Ident) -> Ident {
        let mut ident = wanted;
        while !ident.is_possible() || self.taken.contains(ident.plain()) {
            ident = ident.longer();
        }
        self.taken.insert(ident.plain().to_owned());
        ident
    }

    /// What the user has asked for comes first, then exact spellings that can be had.
    fn rank(&self, wish: &Wish<'_>) -> u8 {
        if wish.renamed {
            0
        } else if wish.rust.plain() == wish.db && wish.rust.is_possible() && !self.taken.contains(wish.db) {
            1
        } else {
            2
        }
    }

    /// Names for a list of wishes, in the order of the list; names of the database are distinct.
    #[must_use]
    pub fn take_all(&mut self, wishes: &[Wish<'_>]) -> Vec<Name> {
        let mut order: Vec<(usize, &Wish<'_>)> = wishes.iter().enumerate().collect();
        order.sort_by_key(|(_, wish)| (self.rank(wish), wish.db, wish.rust.clone()));
        let mut names: Vec<(usize, Name)> = order
            .into_iter()
            .map(|(place, wish)| (place, Name { db: wish.db.to_owned(), rust: self.take(wish.rust.clone()) }))
            .collect();
        names.sort_by_key(|(place, _)| *place);
        names.into_iter().map(|(_, name)| name).collect()
    }
}

/// A name and the identifier that it would like to have.
#[derive(Debug, Clone)]
pub struct Wish<'n> {
    db: &'n str,
    rust: Ident,
    renamed: bool,
}

impl<'n> Wish<'n> {
    /// The identifier in the database's own spelling, or the one that the configuration wants.
    #[must_use]
    pub fn new(db: &'n str, rename: Option<&str>) -> Self {
        Self { db, rust: Ident::new(rename.unwrap_or(db)), renamed: rename.is_some() }
    }

    /// An identifier of another shape.
    #[must_use]
    pub fn shaped(db: &'n str, rust: Ident) -> Self {
        Self { db, rust, renamed: false }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn names(reserved: &[&str], names: &[&str]) -> Vec<String> {
        let wishes: Vec<Wish<'_>> = names.iter().map(|name| Wish::new(name, None)).collect();
        Scope::reserving(reserved).take_all(&wishes).into_iter().map(|name| name.rust.to_string()).collect()
    }

    #[test]
    fn a_collision_gets_an_underscore() {
        assert_eq!(names(&[], &["a-b", "a_b"]), ["a_b_", "a_b"]);
        assert_eq!(names(&[], &["a b", "a-b", "a_b", "a_b_"]), ["a_b__", "a_b___", "a_b", "a_b_"]);
    }

    #[test]
    fn exact_spellings_first_whatever_the_order() {
        assert_eq!(names(&[], &["type", "r#type", "typ e"]), ["r#type", "r_type", "typ_e"]);
        assert_eq!(names(&[], &["é", "e\u{301}"]), ["é", "é_"]);
        assert_eq!(names(&[], &["e\u{301}", "é"]), ["é_", "é"]);
    }

    #[test]
    fn words_of_ours_are_kept() {
        let reserved = ["Table", "Row", "Insert", "Update", "Partial", "rel", "unique", "Rel"];
        assert_eq!(names(&reserved, &["Table", "Row", "rel", "row"]), ["Table_", "Row_", "rel_", "row"]);
        assert_eq!(names(&reserved, &["Table", "Table_"]), ["Table__", "Table_"]);
        assert_eq!(
            names(&["functions", "enums", "types"], &["functions", "types_", "types"]),
            ["functions_", "types_", "types__"]
        );
    }

    #[test]
    fn words_that_are_never_identifiers() {
        assert_eq!(
            names(&[], &["self", "Self", "super", "crate", "_", "*", "🚀"]),
            ["self_", "Self_", "super_", "crate_", "___", "__", "____"]
        );
    }

    #[test]
    fn renames_win() {
        let wishes = [Wish::new("a", None), Wish::new("b", Some("a"))];
        let rust: Vec<String> =
            Scope::default().take_all(&wishes).into_iter().map(|name| name.rust.to_string()).collect();
        assert_eq!(rust, ["a_", "a"]);
    }

    proptest! {
        #[test]
        fn any_names_give_distinct_valid_identifiers(names in proptest::collection::btree_set(any::<String>(), 0..40), reserved: bool) {
            let words: &[&str] = if reserved { &["Table", "Row", "rel"] } else { &[] };
            let wishes: Vec<Wish<'_>> = names.iter().map(|name| Wish::new(name, None)).collect();
            let given = Scope::reserving(words).take_all(&wishes);
            prop_assert_eq!(given.iter().map(|name| name.db.clone()).collect::<BTreeSet<_>>(), names.clone(), "wire names survive");
            let mut seen = BTreeSet::new();
            for name in &given {
                let text = name.rust.to_string();
                prop_assert!(syn::parse_str::<syn::Ident>(&text).is_ok(), "{:?} from {:?}", text, name.db);
                prop_assert!(!words.contains(&text.as_str()));
                let normal: String = unicode_normalization::UnicodeNormalization::nfc(text.as_str()).collect();
                prop_assert!(seen.insert(normal), "{:?} twice", text);
            }
            // The order of the list has no influence.
            let mut turned = wishes.clone();
            turned.reverse();
            let mut again = Scope::reserving(words).take_all(&turned);
            again.reverse();
            prop_assert_eq!(given, again);
        }

        #[test]
        fn names_of_few_letters_collide_a_lot(names in proptest::collection::btree_set("[ab_ \\-]{0,4}", 0..30)) {
            let wishes: Vec<Wish<'_>> = names.iter().map(|name| Wish::new(name, None)).collect();
            let given = Scope::default().take_all(&wishes);
            let distinct: BTreeSet<String> = given.iter().map(|name| name.rust.to_string()).collect();
            prop_assert_eq!(distinct.len(), names.len());
            for name in &given {
                prop_assert!(syn::parse_str::<syn::Ident>(&name.rust.to_string()).is_ok());
                let own = Ident::new(&name.db);
                if own.plain() == name.db && own.is_possible() {
                    prop_assert_eq!(name.rust.plain(), &name.db, "an exact spelling is kept");
                }
            }
        }
    }
}
