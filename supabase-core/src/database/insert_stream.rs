//! Inserting rows as they come: no more of them is held than is on its way.

use std::borrow::Cow;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::Method;
use serde::Serialize;

use super::answer::{Minimal, Response};
use super::from::From;
use super::pending::Pending;
use super::untyped::Untyped;
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Count, plan, values};
use crate::schema::{InsertRow, Insertable, RowOf, Table};
use crate::transport::{Body, BoxFuture};

/// How many rows that are there already go into one part of the body.
const ROWS_OF_A_PART: usize = 256;

/// A row that is written: its JSON object, and the columns that it sets.
struct Written {
    json: Bytes,
    columns: Vec<Cow<'static, str>>,
}

type Rows = Pin<Box<dyn Stream<Item = Result<Written>> + Send>>;

/// An insert whose rows are sent while they come, made by `.insert_stream(rows)`. Awaiting it gives nothing.
#[must_use = "nothing is sent before the insert is awaited"]
pub struct InsertStream<T> {
    pending: Pending,
    rows: Rows,
    table: PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for InsertStream<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("InsertStream").field(&self.pending.plan.name).finish()
    }
}

impl<T: Table> From<T> {
    /// Inserts rows while they come, all of them in one request and so all or none. Memory does not grow with their
    /// number.
    ///
    /// The first row says which columns are written. A later one may leave some out, which take their default; one
    /// that sets another column ends the insert with an error. So does an `Err` of the stream: nothing is written then.
    ///
    /// There is no time limit unless `.timeout(..)` sets one for the whole: the server answers behind the last row.
    ///
    /// ```ignore
    /// let rows = lines.map(|line| Ok::<_, io::Error>(insert!(planets { name: line?, radius_km: 1.0 })));
    /// supabase.from(planets::Table).insert_stream(rows).await?;
    /// ```
    pub fn insert_stream<S, R, E>(self, rows: S) -> InsertStream<T>
    where
        T: Insertable,
        S: Stream<Item = Result<R, E>> + Send + 'static,
        R: InsertRow,
        R::Table: RowOf<T, R>,
        E: std::error::Error + Send + Sync + 'static,
    {
        InsertStream::new(
            self.write(Method::POST),
            rows.map(|row| {
                let body = values::one(&row.map_err(broken_off)?, |row, out| row.write(out))
                    .map_err(|error| Error::new(ErrorKind::Refused, format!("a value of a row: {error}")))?;
                Ok(Written { json: body.json, columns: body.columns.into_iter().map(Cow::Borrowed).collect() })
            }),
        )
    }
}

impl From<Untyped> {
    /// Inserts rows while they come: anything that serializes as JSON objects. All of them go in one request and so
    /// all or none; memory does not grow with their number.
    ///
    /// The first row says which columns are written. A later one may leave some out, which take their default; one
    /// that sets another column ends the insert with an error. So does an `Err` of the stream: nothing is written then.
    ///
    /// There is no time limit unless `.timeout(..)` sets one for the whole: the server answers behind the last row.
    pub fn insert_stream<S, R, E>(self, rows: S) -> InsertStream<Untyped>
    where
        S: Stream<Item = Result<R, E>> + Send + 'static,
        R: Serialize,
        E: std::error::Error + Send + Sync + 'static,
    {
        InsertStream::new(
            self.write(Method::POST),
            rows.map(|row| {
                let row = row.map_err(broken_off)?;
                let unwritable = |error: serde_json::Error| {
                    Error::new(ErrorKind::Refused, "a row cannot be written as JSON").with_source(error)
                };
                let serde_json::Value::Object(object) = serde_json::to_value(&row).map_err(unwritable)? else {
                    return Err(Error::new(ErrorKind::Refused, "a row does not serialize as a JSON object"));
                };
                let json = serde_json::to_vec(&row).map_err(unwritable)?.into();
                Ok(Written { columns: object.into_iter().map(|(key, _)| Cow::Owned(key)).collect(), json })
            }),
        )
    }
}

fn broken_off(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Refused, format!("the rows to insert ended with an error, so none was written: {error}"))
        .with_source(error)
}

impl<T> InsertStream<T> {
    fn new(pending: Pending, rows: impl Stream<Item = Result<Written>> + Send + 'static) -> Self {
        Self { pending, rows: Box::pin(rows), table: PhantomData }
    }

    /// Counts the rows that were written; the number is in `.execute().await?.count`.
    pub fn count(mut self, count: Count) -> Self {
        self.pending.plan.prefer.count = Some(count);
        self
    }

    /// Writes nothing: the server does it all and rolls back. Needs `.allow_dry_run(true)` on the client and a server
    /// that lets requests roll back, which is proved before.
    pub fn dry_run(mut self) -> Self {
        self.pending.dry_run = true;
        self.pending.plan.prefer.rollback = true;
        self
    }

    /// How long the whole may take, from the first row to the head of the answer.
    pub fn timeout(mut self, timeout: impl Into<Option<std::time::Duration>>) -> Self {
        self.pending.timeout(timeout.into());
        self
    }

    /// A header for this request. It wins over the client's of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.pending.header(name, value);
        self
    }

    /// Sends the rows.
    ///
    /// # Errors
    /// See [`ErrorKind`]; [`ErrorKind::Refused`] where the rows themselves are the reason.
    pub fn send(self) -> impl Future<Output = Result<()>> + Send + 'static
    where
        T: 'static,
    {
        async move { self.run().await.map(drop) }
    }

    /// Sends the rows and gives the answer with count, status and headers.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn execute(self) -> impl Future<Output = Result<Response<()>>> + Send + 'static
    where
        T: 'static,
    {
        self.run()
    }

    async fn run(self) -> Result<Response<()>> {
        let Self { mut pending, mut rows, .. } = self;
        let first = rows.next().await.transpose()?;
        let mut columns = Vec::new();
        if let Some(first) = &first {
            columns.clone_from(&first.columns);
        }
        if !columns.is_empty() {
            let mut list = String::new();
            plan::push_columns(&mut list, columns.iter().map(AsRef::as_ref));
            pending.plan.parameter("columns", &list);
            // Whether a row that is still to come leaves one out is not known yet.
            pending.plan.prefer.missing_default = true;
        }
        // What a row has against it is told to the connection in words of its own, so it is kept here.
        let trouble: Arc<Mutex<Option<Error>>> = Arc::default();
        let body = Parts(Mutex::new(Box::pin(parts(first, rows, columns, Arc::clone(&trouble)))));
        let sent = pending.execute_with::<Minimal>(Body::Stream { stream: Box::pin(body), length: None }).await;
        let trouble = trouble.lock().map_or(None, |mut trouble| trouble.take());
        match trouble {
            Some(trouble) => Err(trouble),
            None => sent,
        }
    }
}

impl<T: 'static> IntoFuture for InsertStream<T> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'static, Self::Output>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// The body: an array of the rows, in parts of as many rows as are there.
fn parts(
    first: Option<Written>,
    rows: Rows,
    columns: Vec<Cow<'static, str>>,
    trouble: Arc<Mutex<Option<Error>>>,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
    let opening = first.map_or_else(Vec::new, |first| first.json.into());
    let opening = [b"[".as_slice(), &opening].concat();
    let rest = rows.ready_chunks(ROWS_OF_A_PART).map(move |rows| {
        let mut part = Vec::new();
        for row in rows {
            let row = row.and_then(|row| match row.columns.iter().find(|column| !columns.contains(column)) {
                Some(column) => Err(Error::new(
                    ErrorKind::Refused,
                    format!(
                        "a row sets `{column}`, which the first row does not: set it in the first one as well; none was \
                         written"
                    ),
                )),
                None => Ok(row),
            });
            match row {
                Ok(row) => {
                    part.push(b',');
                    part.extend_from_slice(&row.json);
                }
                Err(error) => {
                    if let Ok(mut trouble) = trouble.lock() {
                        *trouble = Some(error);
                    }
                    return Err(std::io::Error::other("the rows ended with an error"));
                }
            }
        }
        Ok(Bytes::from(part))
    });
    stream::once(std::future::ready(Ok(Bytes::from(opening))))
        .chain(rest)
        .chain(stream::once(std::future::ready(Ok(Bytes::from_static(b"]")))))
}

/// Bodies are shared between threads by type; this one is only ever reached from one.
struct Parts<S>(Mutex<Pin<Box<S>>>);

impl<S: Stream> Stream for Parts<S> {
    type Item = S::Item;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        match self.0.get_mut() {
            Ok(parts) => parts.as_mut().poll_next(context),
            Err(_) => Poll::Ready(None),
        }
    }
}
