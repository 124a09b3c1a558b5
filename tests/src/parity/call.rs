//! The recorded calls of the official clients, as text: Python and JavaScript expressions.
//!
//! `supabase.table('planets').select('*').eq('id', 1).execute()` becomes a chain of named calls
//! with values. Only what the recordings have is understood.

/// A value of either language.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// `None`, `null`.
    Null,
    /// `undefined`.
    Undefined,
    /// `True`, `true`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// Text.
    Text(String),
    /// `b'…'`
    Bytes(Vec<u8>),
    /// `[…]`, `(…)`
    List(Vec<Expression>),
    /// `{…}`
    Dict(Vec<(String, Expression)>),
    /// A dotted name: `CountMethod.planned`.
    Name(String),
    /// A call of a dotted name: `datetime.date(2024,1,2)`, `new Date(0)`.
    Call(String, Arguments),
}

/// The arguments of a call.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Arguments {
    /// Those without a name.
    pub positional: Vec<Expression>,
    /// Those with one.
    pub named: Vec<(String, Expression)>,
}

impl Arguments {
    /// The argument of a position.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<&Expression> {
        self.positional.get(index)
    }

    /// An argument by name, or a member of an object that is passed last, as JavaScript does.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&Expression> {
        self.named.iter().find(|(key, _)| key == name).map(|(_, value)| value).or_else(|| {
            match self.positional.last()? {
                Expression::Dict(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
                _ => None,
            }
        })
    }
}

impl Expression {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is true.
    #[must_use]
    pub fn is_true(&self) -> bool {
        *self == Self::Bool(true)
    }
}

/// One link of the chain: a name, and arguments where it is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The name.
    pub name: String,
    /// The arguments; `None` for an attribute such as `.not_`.
    pub arguments: Option<Arguments>,
}

/// Reads a chain that starts with `supabase`.
///
/// # Errors
/// Says what was not understood.
pub fn parse(text: &str) -> Result<Vec<Link>, String> {
    let mut parser = Parser { rest: text };
    if !parser.take("supabase") {
        return Err(format!("`{text}` does not start with `supabase`"));
    }
    let mut chain = Vec::new();
    while parser.take(".") {
        let name = parser.identifier()?;
        let arguments = if parser.take("(") { Some(parser.arguments()?) } else { None };
        chain.push(Link { name, arguments });
    }
    parser.blanks();
    if parser.rest.is_empty() { Ok(chain) } else { Err(format!("`{}` is not understood", parser.rest)) }
}

struct Parser<'t> {
    rest: &'t str,
}

impl Parser<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, mark: &str) -> bool {
        self.blanks();
        match self.rest.strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn identifier(&mut self) -> Result<String, String> {
        self.blanks();
        let end = self.rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(self.rest.len());
        if end == 0 {
            return Err(format!("a name was expected at `{}`", self.rest));
        }
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(name.to_owned())
    }

    fn arguments(&mut self) -> Result<Arguments, String> {
        let mut arguments = Arguments::default();
        while !self.take(")") {
            let before = self.rest;
            // `name=value`, but not `name==`.
            if let Ok(name) = self.identifier()
                && self.take("=")
            {
                let value = self.expression()?;
                arguments.named.push((name, value));
            } else {
                self.rest = before;
                let value = self.expression()?;
                arguments.positional.push(value);
            }
            if !self.take(",") && !self.rest.trim_start().starts_with(')') {
                return Err(format!("`,` or `)` was expected at `{}`", self.rest));
            }
        }
        Ok(arguments)
    }

    fn items(&mut self, close: &str) -> Result<Vec<Expression>, String> {
        let mut items = Vec::new();
        while !self.take(close) {
            items.push(self.expression()?);
            if !self.take(",") && !self.rest.trim_start().starts_with(close) {
                return Err(format!("`,` or `{close}` was expected at `{}`", self.rest));
            }
        }
        Ok(items)
    }

    fn expression(&mut self) -> Result<Expression, String> {
        self.blanks();
        let first = self.rest.chars().next().ok_or("the call ends too early")?;
        match first {
            '\'' | '"' => Ok(Expression::Text(self.text()?)),
            'b' if self.rest.starts_with("b'") => {
                self.rest = &self.rest[1..];
                Ok(Expression::Bytes(self.text()?.chars().map(|letter| letter as u32 as u8).collect()))
            }
            '[' => {
                self.take("[");
                Ok(Expression::List(self.items("]")?))
            }
            '(' => {
                self.take("(");
                Ok(Expression::List(self.items(")")?))
            }
            '{' => {
                self.take("{");
                let mut members = Vec::new();
                while !self.take("}") {
                    self.blanks();
                    let key = if self.rest.starts_with(['\'', '"']) { self.text()? } else { self.identifier()? };
                    if !self.take(":") {
                        return Err(format!("`:` was expected at `{}`", self.rest));
                    }
                    members.push((key, self.expression()?));
                    if !self.take(",") && !self.rest.trim_start().starts_with('}') {
                        return Err(format!("`,` or `}}` was expected at `{}`", self.rest));
                    }
                }
                Ok(Expression::Dict(members))
            }
            '0'..='9' | '-' => {
                let end = self
                    .rest
                    .char_indices()
                    .find(|(at, letter)| {
                        let exponent_sign =
                            *at > 0 && matches!(letter, '+' | '-') && self.rest[..*at].ends_with(['e', 'E']);
                        !(letter.is_ascii_digit()
                            || matches!(letter, '.' | 'e' | 'E')
                            || (*at == 0 && *letter == '-')
                            || exponent_sign)
                    })
                    .map_or(self.rest.len(), |(at, _)| at);
                let (number, rest) = self.rest.split_at(end);
                self.rest = rest.strip_prefix('n').unwrap_or(rest);
                Ok(Expression::Number(number.to_owned()))
            }
            _ => {
                let _ = self.take("new ");
                let mut name = self.identifier()?;
                while self.rest.starts_with('.') {
                    self.rest = &self.rest[1..];
                    name.push('.');
                    name.push_str(&self.identifier()?);
                }
                if self.rest.starts_with('(') {
                    self.rest = &self.rest[1..];
                    return Ok(Expression::Call(name, self.arguments()?));
                }
                Ok(match name.as_str() {
                    "None" | "null" => Expression::Null,
                    "undefined" => Expression::Undefined,
                    "True" | "true" => Expression::Bool(true),
                    "False" | "false" => Expression::Bool(false),
                    _ => Expression::Name(name),
                })
            }
        }
    }

    fn text(&mut self) -> Result<String, String> {
        let quote = self.rest.chars().next().ok_or("a text was expected")?;
        let mut out = String::new();
        let mut letters = self.rest[1..].char_indices();
        loop {
            let (at, letter) = letters.next().ok_or_else(|| format!("an open text: `{}`", self.rest))?;
            match letter {
                '\\' => match letters.next().ok_or("an open text")?.1 {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'x' => {
                        let digits: String = letters.by_ref().take(2).map(|(_, digit)| digit).collect();
                        let code = u32::from_str_radix(&digits, 16).map_err(|error| error.to_string())?;
                        out.push(char::from_u32(code).ok_or("no character")?);
                    }
                    other => out.push(other),
                },
                letter if letter == quote => {
                    self.rest = &self.rest[at + 2..];
                    return Ok(out);
                }
                letter => out.push(letter),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_of_both_languages_are_read() {
        let chain =
            parse(r"supabase.table('t').not_.eq('a\\b', [1, None, {'k': True}], count=CountMethod.exact).execute()")
                .unwrap();
        assert_eq!(chain.len(), 4);
        assert_eq!(chain[1], Link { name: "not_".into(), arguments: None });
        let arguments = chain[2].arguments.as_ref().unwrap();
        assert_eq!(arguments.at(0), Some(&Expression::Text(r"a\b".into())));
        assert_eq!(arguments.option("count"), Some(&Expression::Name("CountMethod.exact".into())));
        let chain = parse("supabase.from('t').eq('a', -1.5e-3).order('b',{ascending:false})").unwrap();
        assert_eq!(chain[1].arguments.as_ref().unwrap().at(1), Some(&Expression::Number("-1.5e-3".into())));
        assert_eq!(chain[2].arguments.as_ref().unwrap().option("ascending"), Some(&Expression::Bool(false)));
        assert!(parse("supabase.from('t'").is_err());
    }
}
