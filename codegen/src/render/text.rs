//! A file while it is written: lines with their indentation, broken where they would be too long.
//!
//! The text is written as it shall stand, and not printed from a syntax tree: of a thousand tables the tree alone
//! would take longer than everything else.

use std::fmt::{self, Write as _};

/// Lines are broken where they would be longer; by this width the output is what `prettyplease` prints.
const WIDTH: usize = 89;

/// The text so far, and how deep in it we are.
#[derive(Debug, Default)]
pub(super) struct Text {
    out: String,
    depth: usize,
}

impl Text {
    /// Behind a header.
    pub(super) fn after(header: &str) -> Self {
        Self { out: header.to_owned(), depth: 0 }
    }

    /// Everything.
    pub(super) fn finish(self) -> String {
        self.out
    }

    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.out.push_str("    ");
        }
    }

    /// A line.
    pub(super) fn line(&mut self, text: impl fmt::Display) {
        self.indent();
        // Writing to a `String` does not fail.
        let _ = writeln!(self.out, "{text}");
    }

    /// A line that begins a block.
    pub(super) fn open(&mut self, text: impl fmt::Display) {
        self.line(text);
        self.depth += 1;
    }

    /// The line that ends it.
    pub(super) fn close(&mut self, text: impl fmt::Display) {
        self.depth = self.depth.saturating_sub(1);
        self.line(text);
    }

    /// What follows is one level deeper, as where the line before both ends a block and begins one.
    pub(super) fn deeper(&mut self) {
        self.depth += 1;
    }

    /// A block, `before` and `after` being its first and its last line; both are one line where nothing is in it.
    pub(super) fn block(&mut self, before: impl fmt::Display, after: &str, inside: impl FnOnce(&mut Self)) {
        self.indent();
        let _ = writeln!(self.out, "{before}");
        let empty = self.out.len();
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        if self.out.len() == empty {
            self.out.pop();
            let _ = writeln!(self.out, "{after}");
        } else {
            self.line(after);
        }
    }

    fn fits(&self, letters: usize) -> bool {
        self.depth * 4 + letters <= WIDTH
    }

    /// `before`, a type, `after`: where that is too long for a line, what is between the brackets gets lines of its own.
    pub(super) fn typed(&mut self, before: impl fmt::Display, ty: &str, after: &str) {
        let before = before.to_string();
        let letters = before.chars().count() + ty.chars().count() + after.chars().count();
        let parts = ty.strip_suffix('>').and_then(|inner| inner.split_once('<'));
        match parts.filter(|_| !self.fits(letters)) {
            Some((head, inner)) => {
                self.open(format_args!("{before}{head}<"));
                self.typed("", inner, ",");
                self.close(format_args!(">{after}"));
            }
            None => self.line(format_args!("{before}{ty}{after}")),
        }
    }

    /// `before`, items with commas, `after`: in one line, or each in its own.
    pub(super) fn list(&mut self, before: impl fmt::Display, items: &[String], after: impl fmt::Display) {
        let (before, after) = (before.to_string(), after.to_string());
        let inside: usize = items.iter().map(|item| item.chars().count() + 2).sum::<usize>().saturating_sub(2);
        if items.is_empty() || self.fits(before.chars().count() + inside + after.chars().count()) {
            self.line(format_args!("{before}{}{after}", items.join(", ")));
            return;
        }
        self.open(before);
        for item in items {
            self.line(format_args!("{item},"));
        }
        self.close(after);
    }
}

/// A literal of Rust for a name of the database.
pub(super) struct Quoted<'t>(pub(super) &'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.0)
    }
}

/// Literals for a list.
pub(super) fn quoted(names: &[impl AsRef<str>]) -> Vec<String> {
    names.iter().map(|name| Quoted(name.as_ref()).to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken() {
        let mut text = Text::default();
        text.open("pub struct Row {");
        text.typed("pub a: ", "Option<i32>", ",");
        let name = "long_".repeat(12);
        text.typed(format_args!("pub {name}: "), "::core::option::Option<::std::vec::Vec<A, B>>", ",");
        text.close("}");
        let items = quoted(&["x", "say \"hi\""]);
        text.list("const A: &[&str] = &[", &items, "];");
        text.list(format_args!("const {name}: &[&'static str] = &["), &items, "];");
        text.block("mod empty {", "}", |_| ());
        assert_eq!(
            text.finish(),
            format!(
                "pub struct Row {{\n    pub a: Option<i32>,\n    pub {name}: ::core::option::Option<\n        \
                 ::std::vec::Vec<A, B>,\n    >,\n}}\nconst A: &[&str] = &[\"x\", \"say \\\"hi\\\"\"];\n\
                 const {name}: &[&'static str] = &[\n    \"x\",\n    \"say \\\"hi\\\"\",\n];\nmod empty {{}}\n"
            )
        );
    }
}
