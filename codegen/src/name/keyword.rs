//! Words that Rust keeps for itself, of every edition.

/// Words that become raw identifiers (`r#type`).
const KEYWORDS: &[&str] = &[
    // strict
    "as", "async", "await", "break", "const", "continue", "dyn", "else", "enum", "extern", "false", "fn", "for", "if",
    "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "static", "struct", "trait",
    "true", "type", "unsafe", "use", "where", "while", // reserved
    "abstract", "become", "box", "do", "final", "gen", "macro", "override", "priv", "try", "typeof", "unsized",
    "virtual", "yield",
];

/// Words that cannot even be raw identifiers.
const NEVER: &[&str] = &["self", "Self", "super", "crate", "_"];

/// Whether the word has to be written as a raw identifier.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// Whether the word cannot be an identifier in any spelling.
pub(super) fn is_never(word: &str) -> bool {
    NEVER.contains(&word)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    #[test]
    fn the_lists_agree_with_the_parser() {
        for word in KEYWORDS {
            assert!(syn::parse_str::<syn::Ident>(&format!("r#{word}")).is_ok(), "{word} can be raw");
        }
        for word in NEVER {
            assert!(syn::parse_str::<syn::Ident>(word).is_err(), "{word} is no identifier");
        }
        for word in ["union", "auto", "default", "raw", "safe", "macro_rules", "id"] {
            assert!(!is_keyword(word) && syn::parse_str::<syn::Ident>(word).is_ok(), "{word} is free");
        }
    }
}
