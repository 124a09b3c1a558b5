//! What an answer is read into.

use std::marker::PhantomData;

use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::untyped::Untyped;
use crate::decode::{Decode, decode_nth_row, decode_row, decode_rows, decode_value};
use crate::error::{Error, ErrorBody, ErrorKind, Result};
use crate::query::Selection;
use crate::schema::Table;

/// An answer with everything that came along.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Response<D> {
    /// The rows, the row, the text.
    pub data: D,
    /// How many rows match, if a count was asked for.
    pub count: Option<u64>,
    /// The positions of the first and the last row that came, if the server told.
    pub range: Option<(u64, u64)>,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
}

/// How rows of a selection over `T` are read.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a selection of `{T}`", label = "its rows cannot be read")]
pub trait Rows<T> {
    /// One row.
    type Row: 'static;
    /// Reads an array of rows.
    ///
    /// # Errors
    /// Fails when the JSON is not what the rows say.
    fn many(body: &[u8]) -> Result<Vec<Self::Row>>;
    /// Reads one object.
    ///
    /// # Errors
    /// Fails when the JSON is not what the row says.
    fn one(body: &[u8]) -> Result<Self::Row>;
    /// Reads the object that is number `row` of many, which its error says.
    ///
    /// # Errors
    /// Fails when the JSON is not what the row says.
    fn nth(body: &[u8], row: usize) -> Result<Self::Row>;
}

impl<T: Table, S: Selection<T>> Rows<T> for S {
    type Row = S::Row;
    fn many(body: &[u8]) -> Result<Vec<S::Row>> {
        Ok(decode_rows(body, S::decode)?)
    }
    fn one(body: &[u8]) -> Result<S::Row> {
        Ok(decode_row(body, S::decode)?)
    }
    fn nth(body: &[u8], row: usize) -> Result<S::Row> {
        Ok(decode_nth_row(body, row, S::decode)?)
    }
}

/// Rows of the untyped builder: any type that serde can read.
#[derive(Debug, Clone, Copy)]
pub struct Raw<R>(PhantomData<fn() -> R>);

impl<R: DeserializeOwned + 'static> Rows<Untyped> for Raw<R> {
    type Row = R;
    fn many(body: &[u8]) -> Result<Vec<R>> {
        from_json(body)
    }
    fn one(body: &[u8]) -> Result<R> {
        from_json(body)
    }
    fn nth(body: &[u8], row: usize) -> Result<R> {
        nth_from_json(body, row)
    }
}

/// One element of an array, in any type that serde can read.
pub(crate) fn nth_from_json<R: DeserializeOwned>(body: &[u8], row: usize) -> Result<R> {
    serde_json::from_slice(body).map_err(|error| {
        Error::new(ErrorKind::Decode, format!("row {row} is not a `{}`: {error}", std::any::type_name::<R>()))
            .with_source(error)
    })
}

pub(crate) fn from_json<R: DeserializeOwned>(body: &[u8]) -> Result<R> {
    serde_json::from_slice(body).map_err(|error| {
        Error::new(ErrorKind::Decode, format!("the answer is not a `{}`: {error}", std::any::type_name::<R>()))
            .with_source(error)
    })
}

/// How a whole answer is read.
pub trait Answer: 'static {
    /// What it is read into.
    type Data: Send + 'static;
    /// Reads the body of a successful answer.
    ///
    /// # Errors
    /// Fails when the body is not what the type says.
    fn read(status: StatusCode, body: &[u8]) -> Result<Self::Data>;
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident<$($param:ident),+>;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name<$($param),+>(PhantomData<fn() -> ($($param,)+)>);
    )+};
}

answers! {
    /// Any number of rows: a `Vec`.
    Many<T, S>;
    /// Exactly one row.
    One<T, S>;
    /// One row or none: an `Option`.
    Maybe<T, S>;
    /// One JSON value.
    Value<V>;
    /// A JSON document that serde reads.
    ReadJson<V>;
}

/// Nothing is asked for: the server answers without a body.
#[derive(Debug, Clone, Copy)]
pub enum Minimal {}

/// The headers alone (`HEAD`).
#[derive(Debug, Clone, Copy)]
pub enum Nothing {}

/// The body as text: csv, a plan.
#[derive(Debug, Clone, Copy)]
pub enum ReadText {}

impl<T: 'static, S: Rows<T> + 'static> Answer for Many<T, S>
where
    S::Row: Send,
{
    type Data = Vec<S::Row>;
    fn read(_: StatusCode, body: &[u8]) -> Result<Vec<S::Row>> {
        S::many(body)
    }
}

impl<T: 'static, S: Rows<T> + 'static> Answer for One<T, S>
where
    S::Row: Send,
{
    type Data = S::Row;
    fn read(status: StatusCode, body: &[u8]) -> Result<S::Row> {
        // A single row that a filter left out of a function's result is the word null.
        if body.trim_ascii() == b"null" {
            return Err(not_one(status, "the function returned no row"));
        }
        S::one(body)
    }
}

impl<T: 'static, S: Rows<T> + 'static> Answer for Maybe<T, S>
where
    S::Row: Send,
{
    type Data = Option<S::Row>;
    fn read(status: StatusCode, body: &[u8]) -> Result<Option<S::Row>> {
        // A function that gives one row answers with the row itself, or with the word null.
        match body.trim_ascii() {
            b"null" => return Ok(None),
            [b'{', ..] => return S::one(body).map(Some),
            _ => {}
        }
        let mut rows = S::many(body)?;
        match rows.len() {
            0 | 1 => Ok(rows.pop()),
            _ => Err(not_one(status, "`maybe_single` found more than one row")),
        }
    }
}

/// Cardinality that the client checks itself, told as the server tells it.
fn not_one(status: StatusCode, why: &str) -> Error {
    Error::new(ErrorKind::NotOneRow, "").with_body(ErrorBody {
        status,
        headers: HeaderMap::new(),
        code: Some("PGRST116".to_owned()),
        message: why.to_owned(),
        details: None,
        hint: None,
        text: String::new(),
    })
}

impl<V: Decode + Send + 'static> Answer for Value<V> {
    type Data = V;
    fn read(_: StatusCode, body: &[u8]) -> Result<V> {
        Ok(decode_value(body)?)
    }
}

impl<V: DeserializeOwned + Send + 'static> Answer for ReadJson<V> {
    type Data = V;
    fn read(_: StatusCode, body: &[u8]) -> Result<V> {
        // A function without a result answers 204 and no body, which serde reads as null.
        from_json(if body.is_empty() { b"null" } else { body })
    }
}

impl Answer for Minimal {
    type Data = ();
    fn read(_: StatusCode, _: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Answer for Nothing {
    type Data = ();
    fn read(_: StatusCode, _: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Answer for ReadText {
    type Data = String;
    fn read(_: StatusCode, body: &[u8]) -> Result<String> {
        match std::str::from_utf8(body) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(Error::new(ErrorKind::Decode, "the answer is not UTF-8").with_source(error)),
        }
    }
}
