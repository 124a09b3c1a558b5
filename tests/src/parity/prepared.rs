//! A query of ours with everything but the sending done, whatever builder it came from, and what
//! came of sending it.

use std::pin::Pin;

use serde_json::value::RawValue;
use supabase_core::database::Response;
use supabase_core::{Error, ErrorKind, Result};

use super::normal::compact;

/// Any JSON, every digit kept.
pub type Any = Box<RawValue>;

/// What was read of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// Nothing was asked for.
    Nothing,
    /// JSON without blanks between its parts.
    Json(String),
    /// Text as it came.
    Text(String),
}

/// An error, in the parts that the server gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind.
    pub kind: ErrorKind,
    /// The status, if there was an answer.
    pub status: Option<u16>,
    /// The code.
    pub code: Option<String>,
    /// The message.
    pub message: Option<String>,
    /// The details.
    pub details: Option<String>,
    /// The hint.
    pub hint: Option<String>,
    /// How often it was sent.
    pub attempts: u32,
    /// The whole sentence.
    pub text: String,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Success {
    /// The status.
    pub status: u16,
    /// What was read.
    pub data: Data,
    /// The count, if one was asked for.
    pub count: Option<u64>,
    /// The positions of the rows.
    pub range: Option<(u64, u64)>,
}

/// What came of sending.
pub type Outcome = std::result::Result<Success, Failure>;

type Sending = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// A query ready to be sent.
pub struct Prepared {
    /// The future; nothing happens before it is awaited.
    pub send: Sending,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Prepared")
    }
}

/// What a builder reads its answers into.
pub(crate) trait Readable: Send + 'static {
    fn data(self) -> Data;
}

impl Readable for () {
    fn data(self) -> Data {
        Data::Nothing
    }
}
impl Readable for String {
    fn data(self) -> Data {
        Data::Text(self)
    }
}
impl Readable for Any {
    fn data(self) -> Data {
        Data::Json(compact(self.get()))
    }
}
impl Readable for Option<Any> {
    fn data(self) -> Data {
        Data::Json(self.map_or_else(|| "null".to_owned(), |row| compact(row.get())))
    }
}
impl Readable for Vec<Any> {
    fn data(self) -> Data {
        let rows: Vec<String> = self.iter().map(|row| compact(row.get())).collect();
        Data::Json(format!("[{}]", rows.join(",")))
    }
}
impl Readable for serde_json::Value {
    fn data(self) -> Data {
        Data::Json(compact(&self.to_string()))
    }
}

impl Prepared {
    pub(crate) fn new<D: Readable>(execute: impl Future<Output = Result<Response<D>>> + Send + 'static) -> Self {
        Self {
            send: Box::pin(async move {
                match execute.await {
                    Ok(response) => Ok(Success {
                        status: response.status.as_u16(),
                        count: response.count,
                        range: response.range,
                        data: response.data.data(),
                    }),
                    Err(error) => Err(failure(&error)),
                }
            }),
        }
    }
}

/// The parts of an error.
#[must_use]
pub fn failure(error: &Error) -> Failure {
    let body = error.body();
    Failure {
        kind: error.kind(),
        status: error.status().map(|status| status.as_u16()),
        code: error.code().map(str::to_owned),
        message: body.map(|body| body.message.clone()),
        details: body.and_then(|body| body.details.clone()),
        hint: body.and_then(|body| body.hint.clone()),
        attempts: error.attempts(),
        text: error.to_string(),
    }
}
