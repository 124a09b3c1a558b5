//! Full text search queries.

use std::borrow::Cow;

/// How the words of a query are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Raw,
    Plain,
    Phrase,
    Websearch,
}

/// A full text search query: the words, how they are read, and the configuration.
///
/// ```
/// use supabase_core::query::TextQuery;
/// let query = TextQuery::websearch("\"fat cat\" or rat").config("english");
/// # let _ = query;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextQuery<'t> {
    text: Cow<'t, str>,
    reading: Reading,
    config: Option<Cow<'t, str>>,
}

impl<'t> TextQuery<'t> {
    fn new(text: impl Into<Cow<'t, str>>, reading: Reading) -> Self {
        Self { text: text.into(), reading, config: None }
    }

    /// The syntax of `to_tsquery`: `'fat' & 'cat'`. Other text is an error of the server (`fts`).
    pub fn raw(text: impl Into<Cow<'t, str>>) -> Self {
        Self::new(text, Reading::Raw)
    }

    /// Words that all have to occur (`plainto_tsquery`, `plfts`).
    pub fn plain(text: impl Into<Cow<'t, str>>) -> Self {
        Self::new(text, Reading::Plain)
    }

    /// Words that have to follow one another (`phraseto_tsquery`, `phfts`).
    pub fn phrase(text: impl Into<Cow<'t, str>>) -> Self {
        Self::new(text, Reading::Phrase)
    }

    /// The syntax of search engines: quotes, `or`, `-` (`websearch_to_tsquery`, `wfts`).
    pub fn websearch(text: impl Into<Cow<'t, str>>) -> Self {
        Self::new(text, Reading::Websearch)
    }

    /// The text search configuration, such as `english` or `simple`.
    #[must_use]
    pub fn config(self, config: impl Into<Cow<'t, str>>) -> Self {
        Self { config: Some(config.into()), ..self }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn operator(&self) -> Result<Cow<'static, str>, String> {
        let operator = match self.reading {
            Reading::Raw => "fts",
            Reading::Plain => "plfts",
            Reading::Phrase => "phfts",
            Reading::Websearch => "wfts",
        };
        match &self.config {
            None => Ok(Cow::Borrowed(operator)),
            Some(config)
                if !config.is_empty() && config.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') =>
            {
                Ok(Cow::Owned(format!("{operator}({config})")))
            }
            Some(config) => Err(format!(
                "`{config}` cannot be named as a text search configuration: PostgREST takes letters, digits and `_`"
            )),
        }
    }
}

/// What `text_search` takes: a [`TextQuery`], or text in the syntax of `to_tsquery`.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is not a text search query",
    label = "expected text or a `TextQuery`",
    note = "write `TextQuery::websearch(\"fat cats\")`, `::plain(..)`, `::phrase(..)` or `::raw(\"'fat' & 'cats'\")`"
)]
pub trait AsTextQuery {
    /// The query.
    fn as_text_query(&self) -> TextQuery<'_>;
}

impl AsTextQuery for str {
    fn as_text_query(&self) -> TextQuery<'_> {
        TextQuery::raw(self)
    }
}
impl AsTextQuery for String {
    fn as_text_query(&self) -> TextQuery<'_> {
        TextQuery::raw(self.as_str())
    }
}
impl AsTextQuery for TextQuery<'_> {
    fn as_text_query(&self) -> TextQuery<'_> {
        TextQuery {
            text: Cow::Borrowed(&*self.text),
            reading: self.reading,
            config: self.config.as_deref().map(Cow::Borrowed),
        }
    }
}
impl<Q: AsTextQuery + ?Sized> AsTextQuery for &Q {
    fn as_text_query(&self) -> TextQuery<'_> {
        (**self).as_text_query()
    }
}
