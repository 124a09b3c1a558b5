//! Names of the database on their way to a screen, or to Cargo: whoever may create a table must not be able to write
//! lines of his own there, nor to steer a terminal.

use std::borrow::Cow;

/// The text on one line: what is no letter of a line is written as its escape.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |_| false)
}

/// The text on its lines, for what has several by itself.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |letter| matches!(letter, '\n' | '\t'))
}

fn escaped(text: &str, kept: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_bad = |letter: char| {
        // Controls, ends of lines that some know, and changes of the direction of writing.
        (letter.is_control()
            || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
            && !kept(letter)
    };
    if !text.contains(is_bad) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if is_bad(letter) { safe.extend(letter.escape_default()) } else { safe.push(letter) }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_and_no_commands() {
        assert_eq!(line("public.\"ä b\""), "public.\"ä b\"");
        assert_eq!(line("a\nb\r\u{1b}[2J\u{9b}1m\u{202e}\u{2028}"), "a\\nb\\r\\u{1b}[2J\\u{9b}1m\\u{202e}\\u{2028}");
        assert_eq!(lines("a\n\tb\u{1b}"), "a\n\tb\\u{1b}");
    }
}
