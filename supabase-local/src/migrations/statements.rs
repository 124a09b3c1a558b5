//! Where one SQL statement ends and the next begins.
//!
//! A text of several statements sent at once fails without saying which of them; sent one by one, the line of the
//! mistake is known. The rules are PostgreSQL's lexer's: a semicolon ends a statement unless it stands in quotes, in
//! a dollar-quoted text, in a comment, in parentheses (rules) or in the body of `BEGIN ATOMIC … END`.

/// One statement of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Statement<'a> {
    /// From its first word, without the semicolon.
    pub(crate) text: &'a str,
    /// The line of its first word, counted from 1.
    pub(crate) line: usize,
}

/// Splits a text into its statements; what has only blanks and comments is none.
pub(crate) fn split(text: &str) -> Vec<Statement<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0 };
    let mut found = Vec::new();
    let mut state = State::default();
    let mut push = |first: Option<usize>, end: usize| {
        if let Some(first) = first {
            let line = 1 + text.as_bytes()[..first].iter().filter(|byte| **byte == b'\n').count();
            found.push(Statement { text: text[first..end].trim_end(), line });
        }
    };
    while let Some((token, start)) = lexer.next() {
        match token {
            Token::Semicolon if state.may_end() => {
                push(state.first, start);
                state = State::default();
            }
            Token::Blank => {}
            token => {
                state.first.get_or_insert(start);
                state.see(token, &text[start..lexer.at]);
            }
        }
    }
    push(state.first, text.len());
    found
}

#[derive(Default)]
struct State {
    first: Option<usize>,
    parentheses: usize,
    /// The first words, which tell whether this makes a function.
    words: Vec<String>,
    after_begin: bool,
    /// How many `BEGIN ATOMIC` and `CASE` are open.
    atomic: usize,
}

impl State {
    fn may_end(&self) -> bool {
        self.parentheses == 0 && self.atomic == 0
    }

    fn makes_routine(&self) -> bool {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        matches!(
            words.as_slice(),
            ["create", "function" | "procedure", ..] | ["create", "or", "replace", "function" | "procedure", ..]
        )
    }

    fn see(&mut self, token: Token, text: &str) {
        let after_begin = std::mem::take(&mut self.after_begin);
        match token {
            Token::Open => self.parentheses += 1,
            Token::Close => self.parentheses = self.parentheses.saturating_sub(1),
            Token::Word => {
                let word = text.to_ascii_lowercase();
                if self.words.len() < 4 {
                    self.words.push(word.clone());
                }
                if self.makes_routine() && self.parentheses == 0 {
                    match word.as_str() {
                        "begin" => self.after_begin = true,
                        "atomic" if after_begin => self.atomic += 1,
                        "case" if self.atomic > 0 => self.atomic += 1,
                        "end" if self.atomic > 0 => self.atomic -= 1,
                        _ => {}
                    }
                }
            }
            Token::Semicolon | Token::Blank | Token::Other => {}
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Semicolon,
    Open,
    Close,
    /// An unquoted word or number.
    Word,
    /// Blanks and comments.
    Blank,
    /// Quoted text, operators.
    Other,
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn next(&mut self) -> Option<(Token, usize)> {
        let start = self.at;
        let first = *self.bytes.get(start)?;
        self.at += 1;
        let token = match first {
            b';' => Token::Semicolon,
            b'(' => Token::Open,
            b')' => Token::Close,
            b'-' if self.peek(0) == b'-' => {
                self.skip_until(|byte| byte == b'\n');
                Token::Blank
            }
            b'/' if self.peek(0) == b'*' => {
                self.comment();
                Token::Blank
            }
            b'\'' => self.quoted(b'\'', false),
            b'"' => self.quoted(b'"', false),
            // E'…' is the only form in which a backslash hides a quote.
            b'e' | b'E' if self.peek(0) == b'\'' => {
                self.at += 1;
                self.quoted(b'\'', true)
            }
            b'$' => self.dollar(start),
            byte if byte.is_ascii_whitespace() => {
                self.skip_until(|byte| !byte.is_ascii_whitespace());
                Token::Blank
            }
            byte if in_word(byte) => {
                self.skip_until(|byte| !in_word(byte));
                Token::Word
            }
            _ => Token::Other,
        };
        Some((token, start))
    }

    fn skip_until(&mut self, stop: impl Fn(u8) -> bool) {
        while self.at < self.bytes.len() && !stop(self.bytes[self.at]) {
            self.at += 1;
        }
    }

    /// The rest of a `/* … */`, which nests.
    fn comment(&mut self) {
        let mut depth = 1;
        self.at += 1;
        while depth > 0 && self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
    }

    /// The rest of a quoted text; a doubled quote opens the next piece at once, which comes to the same.
    fn quoted(&mut self, quote: u8, backslashes: bool) -> Token {
        while self.at < self.bytes.len() {
            let byte = self.bytes[self.at];
            self.at += 1;
            if backslashes && byte == b'\\' {
                self.at = (self.at + 1).min(self.bytes.len());
            } else if byte == quote {
                if backslashes && self.peek(0) == quote {
                    self.at += 1;
                } else {
                    break;
                }
            }
        }
        Token::Other
    }

    /// `$$ … $$`, `$tag$ … $tag$`, or a parameter such as `$1`.
    fn dollar(&mut self, start: usize) -> Token {
        let tag_end = (self.at..self.bytes.len()).find(|at| !in_word(self.bytes[*at]) || self.bytes[*at] == b'$');
        let Some(tag_end) = tag_end.filter(|end| self.bytes[*end] == b'$' && !self.bytes[self.at].is_ascii_digit())
        else {
            return Token::Other;
        };
        let tag = &self.bytes[start..=tag_end];
        let body = tag_end + 1;
        let length = self.bytes[body..].windows(tag.len()).position(|window| window == tag);
        self.at = length.map_or(self.bytes.len(), |length| body + length + tag.len());
        Token::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sql: &str) -> Vec<&str> {
        split(sql).into_iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn semicolons_end_statements_only_where_the_server_says_so() {
        assert_eq!(texts("select 1; select 2;"), ["select 1", "select 2"]);
        assert_eq!(texts("select ';'; select \";\""), ["select ';'", "select \";\""]);
        assert_eq!(texts("select 'it''s;'; x"), ["select 'it''s;'", "x"]);
        assert_eq!(texts(r"select E'a\';b'; x"), [r"select E'a\';b'", "x"]);
        assert_eq!(texts(r"select 'a\'; x"), [r"select 'a\'", "x"]);
        assert_eq!(texts("select $$;$$; x"), ["select $$;$$", "x"]);
        assert_eq!(texts("select $a$ $$ ; $b$ $a$; x"), ["select $a$ $$ ; $b$ $a$", "x"]);
        assert_eq!(texts("select a$b$c; x$y$"), ["select a$b$c", "x$y$"]);
        assert_eq!(texts("select $1; x"), ["select $1", "x"]);
        assert_eq!(texts("create rule r as on insert to t do (select 1; select 2); x").len(), 2);
    }

    #[test]
    fn comments_are_no_statements() {
        assert_eq!(texts("-- a; b\n/* c; /* d; */ e; */ select 1 -- f;\n;\n-- g"), ["select 1 -- f;"]);
        assert_eq!(texts("  ;; \n ; "), [""; 0]);
        assert_eq!(texts(""), [""; 0]);
    }

    #[test]
    fn bodies_in_standard_sql_stay_whole() {
        let one = "create or replace function f() returns int language sql begin atomic select case when true then 1 else 2 end; select 3; end";
        assert_eq!(texts(&format!("{one}; select 1")), [one, "select 1"]);
        // A transaction is no body.
        assert_eq!(texts("begin; select 1; end;"), ["begin", "select 1", "end"]);
    }

    #[test]
    fn lines_are_those_of_the_first_word() {
        let found = split("\u{feff}-- one\n\nselect\n 1;\n\n  select 2");
        assert_eq!(found.iter().map(|statement| statement.line).collect::<Vec<_>>(), [3, 6]);
    }

    #[test]
    fn nothing_open_at_the_end_is_lost() {
        for open in ["select 'a", "select $x$ a", "select \"a", "select (1; 2", "select E'\\"] {
            assert_eq!(texts(open), [open]);
        }
    }
}
