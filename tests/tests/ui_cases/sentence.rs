//! Our own sentences: which there are, and which of them a compiler's answer has.
//!
//! They are read from the sources, out of every `#[diagnostic::on_unimplemented(..)]` and
//! `#[must_use = ".."]`, so that a changed or new one needs no list. Errors of macros and of const
//! assertions are ours as well; the compiler prints them without a code, and behind
//! `evaluation panicked`.

use std::path::Path;

/// A sentence with places for names: `` column `{C}` is not a range ``.
struct Template {
    /// What the attribute says, as it is written.
    written: String,
    /// The text between the places.
    parts: Vec<String>,
    kind: Kind,
}

/// Where the compiler prints a sentence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Message,
    Label,
    Note,
}

/// Every sentence of ours.
pub(crate) struct Sentences {
    templates: Vec<Template>,
}

/// One sentence in a compiler's answer.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// Which sentence it is; `None` for one of a macro.
    template: Option<usize>,
    /// What it says, with plain names.
    pub(crate) text: String,
}

impl Sentences {
    /// The sentences of the crates that users depend on.
    pub(crate) fn of_the_sources() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut templates = Vec::new();
        for package in ["supabase-core", "supabase-macros"] {
            read_folder(&root.join(package).join("src"), &mut templates);
        }
        assert!(templates.len() > 50, "only {} sentences were found in the sources", templates.len());
        Self { templates }
    }

    /// Every sentence as it is written. Several traits may share one.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.templates.iter().map(|template| template.written.as_str())
    }

    /// How a sentence is written; `None` for one of a macro.
    pub(crate) fn written(&self, found: &Found) -> Option<&str> {
        Some(&self.templates.get(found.template?)?.written)
    }

    /// The sentences that the text has, as rustc prints its errors for reading.
    pub(crate) fn found_in(&self, printed: &str) -> Vec<Found> {
        let mut found: Vec<Found> = printed.lines().filter_map(|line| self.found_in_line(line)).collect();
        found.sort();
        found.dedup();
        found
    }

    fn found_in_line(&self, line: &str) -> Option<Found> {
        if let Some(message) = line.strip_prefix("error: ") {
            return Some(Found { template: None, text: plain(message) }).filter(|_| is_of_a_macro(message));
        }
        let (kind, text) = if let Some(error) = line.strip_prefix("error[") {
            let (_, message) = error.split_once("]: ")?;
            if let Some(message) = message.strip_prefix("evaluation panicked: ") {
                return Some(Found { template: None, text: plain(message) });
            }
            (Kind::Message, message)
        } else if let Some(note) = line.trim_start().strip_prefix("= note: ") {
            (Kind::Note, note)
        } else {
            // `  |   ^^^^ what is wrong here`
            let (_, behind) = line.split_once('|')?;
            (Kind::Label, behind.trim_start_matches([' ', '|', '-', '^', '_']))
        };
        let index = self.templates.iter().position(|template| template.kind == kind && template.matches(text))?;
        Some(Found { template: Some(index), text: plain(text) })
    }
}

/// An error without a code is one of a macro, unless it is a lint.
fn is_of_a_macro(message: &str) -> bool {
    !message.starts_with("literal out of range") && !message.starts_with("unused ")
}

impl Template {
    fn new(written: &str, kind: Kind) -> Self {
        // `{{` is a brace, `{C}` a place.
        let mut parts = vec![String::new()];
        let mut letters = written.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter == '{' && letters.peek() != Some(&'{') {
                letters.by_ref().find(|letter| *letter == '}');
                parts.push(String::new());
            } else {
                if matches!(letter, '{' | '}') {
                    letters.next();
                }
                parts.last_mut().expect("there is one from the start").push(letter);
            }
        }
        Self { written: written.to_owned(), parts, kind }
    }

    /// Whether the text is this sentence, with something at each place.
    fn matches(&self, text: &str) -> bool {
        let Some((first, rest)) = self.parts.split_first() else { return false };
        let Some(mut left) = text.strip_prefix(first.as_str()) else { return false };
        let Some((last, between)) = rest.split_last() else { return left.is_empty() };
        for part in between {
            let Some(at) = left.find(part.as_str()) else { return false };
            left = &left[at + part.len()..];
        }
        left.ends_with(last.as_str())
    }
}

/// The text with every path shortened to its last name: which of a path's modules are printed is up
/// to the compiler.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let is_word = letter.is_alphanumeric() || matches!(letter, '_' | '#' | '{' | '}');
        if letter == ':' && text[at..].starts_with("::") && word < out.len() {
            letters.next();
            out.truncate(word);
            continue;
        }
        out.push(letter);
        if !is_word {
            word = out.len();
        }
    }
    out
}

fn read_folder(folder: &Path, templates: &mut Vec<Template>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read_folder(&path, templates);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            read_source(&source, templates);
        }
    }
}

fn read_source(source: &str, templates: &mut Vec<Template>) {
    let mut rest = source;
    while let Some(at) = rest.find("on_unimplemented(") {
        rest = &rest[at + "on_unimplemented(".len()..];
        // `key = "text", key = "text")`
        while let Some((key, behind)) = rest.split_once('=') {
            let key = key.trim_matches(|letter: char| letter.is_whitespace() || letter == ',');
            let kind = match key {
                "message" => Kind::Message,
                "label" => Kind::Label,
                "note" => Kind::Note,
                _ => break,
            };
            let (text, behind) = literal(behind);
            templates.push(Template::new(&text, kind));
            rest = behind;
        }
    }
    let mut rest = source;
    while let Some(at) = rest.find("#[must_use = ") {
        let (text, behind) = literal(&rest[at + "#[must_use = ".len()..]);
        let text = text.replace('{', "{{").replace('}', "}}");
        templates.push(Template::new(&text, Kind::Note));
        rest = behind;
    }
}

/// The string literal that the source goes on with, and what is behind it.
fn literal(source: &str) -> (String, &str) {
    let source = source.trim_start().strip_prefix('"').expect("a string literal");
    let mut text = String::new();
    let mut letters = source.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (text, &source[at + 1..]),
            '\\' => text.extend(letters.next().map(|(_, letter)| letter)),
            _ => text.push(letter),
        }
    }
    panic!("a string literal without an end: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_read_from_attributes() {
        let mut templates = Vec::new();
        read_source(
            r#"#[diagnostic::on_unimplemented(message = "`{C}` is \"{Self}\"", note = "write `a {{ .. }}`")] trait A {}
            #[must_use = "a {brace}"] struct B;"#,
            &mut templates,
        );
        let matching = |text: &str| templates.iter().filter(|template| template.matches(text)).count();
        assert_eq!(templates.len(), 3);
        assert_eq!(matching("`planets::id` is \"Int8\""), 1);
        assert_eq!(matching("`planets::id` is \"Int8"), 0);
        assert_eq!(matching("write `a { .. }`"), 1);
        assert_eq!(matching("a {brace}"), 1);
    }

    #[test]
    fn names_are_plain_whatever_their_path() {
        assert_eq!(plain("`db::planets::id` is `Range<sql::Timestamp>`"), "`id` is `Range<Timestamp>`");
        assert_eq!(plain("`query::{closure#0}::Row`: not `a: b`"), "`Row`: not `a: b`");
        assert_eq!(plain("`db::From::<T>::eq`"), plain("`From::<T>::eq`"));
    }

    #[test]
    fn words_of_the_compiler_are_not_ours() {
        let sentences = Sentences::of_the_sources();
        let theirs = "error[E0425]: cannot find value `nmae` in module `planets`\nerror: unused `Delete` that must be used\n  = note: required for `&str` to implement `Column`\n";
        assert_eq!(sentences.found_in(theirs), []);
    }
}
