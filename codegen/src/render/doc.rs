//! Documentation of generated items. Comments of the database are other people's text: they must never become a
//! doctest, a heading that swallows the rest, or a hidden change of the direction of writing.

use super::text::Text;

/// Outer documentation: the first line, then a comment of the database as paragraphs of its own.
pub(super) fn outer(text: &mut Text, first: impl AsRef<str>, comment: Option<&str>) {
    write(text, "///", first.as_ref(), comment);
}

/// The same for the inside of a module.
pub(super) fn inner(text: &mut Text, first: impl AsRef<str>, comment: Option<&str>) {
    write(text, "//!", first.as_ref(), comment);
}

fn write(text: &mut Text, mark: &str, first: &str, comment: Option<&str>) {
    for line in lines(first, comment) {
        text.line(format_args!("{mark}{line}"));
    }
}

fn lines(first: &str, comment: Option<&str>) -> Vec<String> {
    let mut lines = vec![line(first)];
    if let Some(comment) = comment.map(str::trim).filter(|comment| !comment.is_empty()) {
        lines.push(String::new());
        lines.extend(comment.lines().map(line));
    }
    lines
}

fn line(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let mut safe = String::with_capacity(text.len() + 1);
    // Without indentation there is no code block, and rustdoc wants a blank in front.
    safe.push(' ');
    let mut run = None;
    for letter in text.chars() {
        match letter {
            // Three of these begin a code block.
            '`' | '~' if run.is_some_and(|(last, count)| last == letter && count >= 2) => {
                safe.push('\\');
                safe.push(letter);
            }
            // The compiler refuses invisible changes of direction, and control characters have no place in a comment.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => safe.push('\u{fffd}'),
            control if control.is_control() => safe.push(' '),
            _ => safe.push(letter),
        }
        run = match run {
            Some((last, count)) if last == letter => Some((letter, count + 1)),
            _ => Some((letter, 1)),
        };
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_tamed() {
        assert_eq!(lines("a", None), [" a"]);
        assert_eq!(lines("a", Some("  ")), [" a"]);
        assert_eq!(lines("a", Some("first\n\n    let x = 1;\r\n")), [" a", "", " first", "", " let x = 1;"]);
        assert_eq!(line("```rust"), " ``\\`rust");
        assert_eq!(line("~~~~"), " ~~\\~\\~");
        assert_eq!(line("a\u{202e}b\u{7}c"), " a\u{fffd}b c");
        assert_eq!(line("`x` and ``y``"), " `x` and ``y``");
    }
}
