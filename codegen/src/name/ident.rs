//! One name of the database as one identifier of Rust.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::keyword;

/// A name in both spellings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// As the database and the wire spell it.
    pub db: String,
    /// As Rust spells it.
    pub rust: Ident,
}

/// An identifier of Rust, normalised, perhaps a raw one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ident(String);

impl Ident {
    /// The letters of a name that Rust accepts, in the database's own spelling: no change of case, every other
    /// letter becomes `_`, and a name that begins with a digit gets one in front.
    ///
    /// The result may still be a keyword or one of the words that are never identifiers; [`Ident::is_possible`] tells.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut text = String::with_capacity(name.len());
        for letter in name.nfc() {
            let fits = letter == '_' || unicode_ident::is_xid_continue(letter);
            text.push(if fits { letter } else { '_' });
        }
        if !text.starts_with(|first: char| first == '_' || unicode_ident::is_xid_start(first)) {
            text.insert(0, '_');
        }
        // Replacing a letter can bring two others together that then combine.
        Self(text.nfc().collect())
    }

    /// The same with `_` behind it.
    #[must_use]
    pub fn longer(&self) -> Self {
        Self(format!("{}_", self.0))
    }

    /// Whether some spelling of it is an identifier.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        !keyword::is_never(&self.0)
    }

    /// Without `r#`.
    #[must_use]
    pub fn plain(&self) -> &str {
        &self.0
    }

    /// Whether it has to be written with `r#`.
    #[must_use]
    pub fn is_raw(&self) -> bool {
        keyword::is_keyword(&self.0)
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_raw() {
            formatter.write_str("r#")?;
        }
        formatter.write_str(&self.0)
    }
}

/// `PlanetKind` from `planet_kind`, `GasGiant` from `gas giant`: the words of a name, each with a capital.
///
/// Words end where a letter is none that Rust accepts, at `_`, and where a capital follows a small letter. A name
/// without any word becomes `Empty`, or the code points of its letters (`U2b` for `+`).
#[must_use]
pub fn upper_camel(name: &str) -> Ident {
    let mut text = String::new();
    let mut at_start = true;
    let mut after_small = false;
    for letter in name.nfc() {
        if letter == '_' || !unicode_ident::is_xid_continue(letter) {
            at_start = true;
            continue;
        }
        if at_start || (after_small && letter.is_uppercase()) {
            text.extend(letter.to_uppercase());
        } else {
            text.extend(letter.to_lowercase());
        }
        at_start = false;
        after_small = letter.is_lowercase();
    }
    if text.is_empty() {
        text = match name {
            "" => "Empty".to_owned(),
            odd => odd.chars().map(|letter| format!("U{:x}", u32::from(letter))).collect(),
        };
    }
    Ident::new(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ident(name: &str) -> String {
        Ident::new(name).to_string()
    }

    #[test]
    fn the_spelling_of_the_database_is_kept() {
        assert_eq!(ident("radius_km"), "radius_km");
        assert_eq!(ident("Upper"), "Upper");
        assert_eq!(ident("ünï"), "ünï");
        assert_eq!(ident("日本"), "日本");
        assert_eq!(ident("bool"), "bool");
    }

    #[test]
    fn odd_letters_become_underscores() {
        assert_eq!(ident("two words"), "two_words");
        assert_eq!(ident("say \"hi\""), "say__hi_");
        assert_eq!(ident("arrow->x"), "arrow__x");
        assert_eq!(ident("par(en)"), "par_en_");
        assert_eq!(ident("a🚀b"), "a_b");
    }

    #[test]
    fn a_digit_does_not_begin_an_identifier() {
        assert_eq!(ident("1st"), "_1st");
        assert_eq!(ident("2"), "_2");
        // A combining accent continues a word but does not begin one.
        assert_eq!(ident("\u{301}a"), "_\u{301}a");
    }

    #[test]
    fn equal_after_normalisation_is_equal() {
        assert_eq!(ident("e\u{301}"), ident("\u{e9}"));
    }

    #[test]
    fn keywords_are_raw() {
        assert_eq!(ident("type"), "r#type");
        assert_eq!(ident("match"), "r#match");
        assert_eq!(ident("gen"), "r#gen");
        assert_eq!(ident("select"), "select");
    }

    #[test]
    fn what_can_never_be_an_identifier() {
        for name in ["self", "Self", "super", "crate", "_", "*", "🚀", "-", ""] {
            let ident = Ident::new(name);
            assert!(!ident.is_possible(), "{name:?}");
            assert!(ident.longer().is_possible(), "{name:?}");
        }
    }

    #[test]
    fn capitals_for_types() {
        for (name, camel) in [
            ("planet_kind", "PlanetKind"),
            ("gas giant", "GasGiant"),
            ("very high", "VeryHigh"),
            ("a,b", "AB"),
            ("NULL", "Null"),
            ("veryHigh", "VeryHigh"),
            ("1st", "_1st"),
            ("", "Empty"),
            ("+", "U2b"),
            ("->", "U2dU3e"),
            ("_", "U5f"),
            ("self", "Self"),
            ("日本", "日本"),
            ("ßtraße", "SStraße"),
        ] {
            assert_eq!(upper_camel(name).plain(), camel, "{name:?}");
        }
    }
}
