//! Patterns of `like`, and their translation where the server's spelling cannot say them.

use std::borrow::Cow;

/// Text that is a pattern.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is not a pattern",
    label = "expected text such as `\"%ea%\"`",
    note = "to compare a plain value use `.eq(column, value)`"
)]
pub trait Pattern {
    /// The pattern's text.
    fn pattern(&self) -> &str;
}

impl Pattern for str {
    fn pattern(&self) -> &str {
        self
    }
}
impl Pattern for String {
    fn pattern(&self) -> &str {
        self
    }
}
impl Pattern for Cow<'_, str> {
    fn pattern(&self) -> &str {
        self
    }
}
impl<P: Pattern + ?Sized> Pattern for &P {
    fn pattern(&self) -> &str {
        (**self).pattern()
    }
}

/// The regular expression that matches exactly what the `like` pattern matches.
///
/// `%` is any text and `_` any character, line feeds included; `\` takes the next character as it
/// is. PostgreSQL's expressions are not sensitive to line feeds unless asked, so `.`, `^` and `$`
/// speak of the whole text.
pub(crate) fn to_regex(pattern: &str) -> String {
    let mut regex = String::with_capacity(pattern.len() + 16);
    // `***:` would switch flavours if the pattern began so; `(?s)`-like options are not needed.
    regex.push('^');
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '%' => regex.push_str(".*"),
            '_' => regex.push('.'),
            '\\' => match letters.next() {
                Some(literal) => push_literal(&mut regex, literal),
                // PostgreSQL refuses such a LIKE pattern; a lone backslash is the nearest reading.
                None => push_literal(&mut regex, '\\'),
            },
            literal => push_literal(&mut regex, literal),
        }
    }
    regex.push('$');
    regex
}

fn push_literal(regex: &mut String, letter: char) {
    if matches!(letter, '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' | '\\') {
        regex.push('\\');
    }
    regex.push(letter);
}

#[cfg(test)]
mod tests {
    use super::to_regex;

    #[test]
    fn a_pattern_with_a_star_becomes_an_anchored_expression() {
        assert_eq!(to_regex("%5 * 3%"), r"^.*5 \* 3.*$");
        assert_eq!(to_regex(r"100\%*_"), r"^100%\*.$");
        assert_eq!(to_regex("(a|b)*"), r"^\(a\|b\)\*$");
    }
}
