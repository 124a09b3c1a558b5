//! Filters in the user's own words: where the server stops reading them.
//!
//! The server reads a list or a tree up to the parenthesis that closes it and drops what follows
//! without a word, so a value with a `)` that nobody quoted takes the filters behind it away. This
//! reads as the server does, by the grammar of PostgREST's query parameters.

/// What the server would drop of a logic tree in parentheses, if anything.
pub(super) fn dropped_of_tree(text: &str) -> Option<&str> {
    let mut reader = Reader { text, at: 0 };
    dropped(text, reader.group().map(|()| reader.at))
}

/// What the server would drop of the list of `in`, if anything.
pub(super) fn dropped_of_list(text: &str) -> Option<&str> {
    let mut reader = Reader { text, at: 0 };
    dropped(text, reader.list().map(|()| reader.at))
}

fn dropped(text: &str, end: Option<usize>) -> Option<&str> {
    // The server refuses what it cannot read. A newer one may read what this cannot; then the
    // parentheses decide.
    let rest = &text[end.or_else(|| last_closed(text)).unwrap_or(text.len())..];
    (!rest.trim().is_empty()).then_some(rest)
}

/// Behind the parenthesis that closes the first one.
fn last_closed(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if std::mem::take(&mut escaped) => {}
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' if depth <= 1 => return Some(at + 1),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Reads as the server does; `None` is where it would refuse.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip(&mut self, letters: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|letter| !letters(letter)).unwrap_or(rest.len());
    }

    fn eat(&mut self, word: &str) -> bool {
        let eaten = self.rest().starts_with(word);
        if eaten {
            self.at += word.len();
        }
        eaten
    }

    /// A mark with blanks around it.
    fn mark(&mut self, mark: &str) -> Option<()> {
        let blanks = |letter: char| matches!(letter, ' ' | '\t');
        self.skip(blanks);
        if !self.eat(mark) {
            return None;
        }
        self.skip(blanks);
        Some(())
    }

    /// `(a,b)`
    fn group(&mut self) -> Option<()> {
        self.mark("(")?;
        self.node()?;
        while self.mark(",").is_some() {
            self.node()?;
        }
        self.mark(")")
    }

    /// A filter, or `and(..)`, `not.or(..)`.
    fn node(&mut self) -> Option<()> {
        let start = self.at;
        self.eat("not.");
        if (self.eat("and") || self.eat("or")) && self.rest().trim_start_matches([' ', '\t']).starts_with('(') {
            return self.group();
        }
        self.at = start;
        self.filter()
    }

    /// `name.operator.value`
    fn filter(&mut self) -> Option<()> {
        loop {
            self.skip(|letter| !matches!(letter, '.' | '"' | ',' | '(' | ')'));
            match self.rest().as_bytes().first() {
                Some(b'"') => self.quoted()?,
                Some(b'.') => break,
                _ => return None,
            }
        }
        self.eat(".");
        self.eat("not.");
        if self.eat("in.") {
            return self.list();
        }
        self.skip(|letter| letter.is_ascii_alphabetic());
        if self.eat("(") {
            // A quantifier, or the configuration of a text search.
            self.skip(|letter| letter != ')');
            self.eat(")");
        }
        if !self.eat(".") {
            return None;
        }
        if !self.quoted_alone() && !self.array() {
            self.skip(|letter| !matches!(letter, ',' | ')'));
        }
        Some(())
    }

    /// `(1,"2)")`
    fn list(&mut self) -> Option<()> {
        self.mark("(")?;
        loop {
            if !self.quoted_alone() {
                self.skip(|letter| !matches!(letter, ',' | ')'));
            }
            if !self.eat(",") {
                return self.mark(")");
            }
        }
    }

    /// Text in quotes that is a value as a whole; otherwise quotes are a part of the text.
    fn quoted_alone(&mut self) -> bool {
        let start = self.at;
        let alone = self.quoted().is_some() && matches!(self.rest().as_bytes().first(), None | Some(b',' | b')'));
        if !alone {
            self.at = start;
        }
        alone
    }

    fn quoted(&mut self) -> Option<()> {
        let mut letters = self.rest().strip_prefix('"')?.char_indices();
        let end = loop {
            match letters.next()? {
                (at, '"') => break at,
                (_, '\\') => drop(letters.next()),
                _ => {}
            }
        };
        self.at += end + 2;
        Some(())
    }

    /// `{a,b}`, in which parentheses and quotes are text.
    fn array(&mut self) -> bool {
        let Some(inside) = self.rest().strip_prefix('{') else { return false };
        let Some(end) = inside.find(['{', '}']) else { return false };
        let whole = inside[end..].starts_with('}');
        if whole {
            self.at += end + 2;
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_drops_is_seen() {
        for (text, rest) in [
            ("(title.eq.x),owner.eq.7)", ",owner.eq.7)"),
            ("(id.gt.0),name.eq.Ada)", ",name.eq.Ada)"),
            ("(a.eq.1,or(b.eq.2)),c.eq.3))", ",c.eq.3))"),
            ("(a.in.(1,2)),b.eq.2)", ",b.eq.2)"),
            (r#"(a.eq.x"),b.eq."y")"#, r#",b.eq."y")"#),
            (r#"(a.eq."x"y),b.eq.1)"#, ",b.eq.1)"),
            ("(a.eq.1)b", "b"),
        ] {
            assert_eq!(dropped_of_tree(text), Some(rest), "{text}");
        }
        for (text, rest) in [("(1),2)", ",2)"), (r#"(1, "a)",2)"#, r#"",2)"#), ("(1)tail", "tail")] {
            assert_eq!(dropped_of_list(text), Some(rest), "{text}");
        }
    }

    #[test]
    fn what_the_server_reads_to_its_end_is_let_through() {
        for text in [
            "(id.eq.1)",
            " ( id.eq.1 , name.eq.Ada ) ",
            r#"(name.eq."x),b.eq.1")"#,
            r#"(name.eq."x\"),b")"#,
            "(tags.cs.{a),b},id.eq.1)",
            "(not.and(a.eq.1,b.not.in.(1,2)),or(c.is.null))",
            "(a.like(any).{x,y},b.fts(english).cat)",
            r#"("odd)name".eq.1,facts->>"k)".eq.2)"#,
            "(order.eq.1,android.eq.2)",
            "(a.in.(),b.eq.)",
        ] {
            assert_eq!(dropped_of_tree(text), None, "{text}");
        }
        for text in ["()", "(1,2)", r#"("a)","b")"#, "(a b,c)", r#"("")"#, "no list"] {
            assert_eq!(dropped_of_list(text), None, "{text}");
        }
    }
}
