//! Rows as they arrive.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use serde::de::DeserializeOwned;

use super::answer::{Many, Rows, nth_from_json};
use super::call::{Call, Untold};
use super::pending::{Named, Pending};
use super::select::Select;
use super::{respond, split};
use crate::decode::{Decode, Splitter, decode_nth_value};
use crate::error::{Error, Result};
use crate::query::{All, Request};
use crate::schema::{HasRow, Table, returns};
use crate::transport::{BoxFuture, ResponseBody};

/// The largest row that is read unless the stream is told otherwise.
const ROW_LIMIT: usize = 64 << 20;

/// The rows of one answer, decoded as its bytes arrive: a [`Stream`] of `Result<R>`, made by
/// `.stream()`.
///
/// It holds one row and one part of the body at a time, however many rows there are; a slow reader
/// slows the server down. Nothing is sent before the first row is asked for, and dropping the stream
/// closes the connection. The first error ends it, and an answer that breaks off is one.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> supabase_core::Result<()> {
/// # use supabase_core::{Client, transport::{Recording, Reply}};
/// # let answers = Recording::new([Reply::json(http::StatusCode::OK, r#"[{"id":1},{"id":2}]"#)]);
/// # let supabase = Client::builder("https://example.supabase.co", "key").transport(answers).build()?;
/// let mut rows = supabase.from("planets").select::<serde_json::Value>("id").stream();
/// let mut ids = Vec::new();
/// while let Some(row) = rows.next().await {
///     ids.push(row?["id"].as_i64());
/// }
/// assert_eq!(ids, [Some(1), Some(2)]);
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent before the first row is asked for"]
pub struct RowStream<R> {
    state: State,
    decode: fn(&[u8], usize) -> Result<R>,
    splitter: Splitter,
}

enum State {
    Asking(BoxFuture<'static, Result<Answering>>),
    Reading(Box<Answering>),
    Over,
}

/// An answer that says yes, and what is to be asked after it.
struct Answering {
    body: ResponseBody,
    name: Named,
    pending: Pending,
    rest: VecDeque<Request>,
}

async fn ask(pending: Pending, request: Request, rest: VecDeque<Request>) -> Result<Answering> {
    let name = Named::of(&request);
    let response = pending.send(request).await?;
    match respond::accepted_head(response).await {
        Ok(response) => Ok(Answering { body: response.body, name, pending, rest }),
        Err(error) => Err(name.put_on(error)),
    }
}

impl<R> RowStream<R> {
    fn new(pending: Pending, decode: fn(&[u8], usize) -> Result<R>) -> Self {
        let asking = Box::pin(async move {
            let (request, rest) = split::requests(&pending)?;
            ask(pending, request, rest).await
        });
        Self { state: State::Asking(asking), decode, splitter: Splitter::new(ROW_LIMIT) }
    }

    /// Refuses rows of more than so many bytes of JSON, embedded rows included: 64 MiB unless set.
    pub fn row_limit(mut self, bytes: usize) -> Self {
        self.splitter.set_limit(bytes);
        self
    }

    /// The next row; `None` behind the last one and after an error.
    pub async fn next(&mut self) -> Option<Result<R>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn fail(&mut self, error: Error) -> Poll<Option<Result<R>>> {
        let error = match std::mem::replace(&mut self.state, State::Over) {
            State::Reading(answering) => answering.name.put_on(error),
            _ => error,
        };
        Poll::Ready(Some(Err(error)))
    }
}

impl<R> Stream for RowStream<R> {
    type Item = Result<R>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<R>>> {
        let this = self.get_mut();
        loop {
            match &mut this.state {
                State::Over => return Poll::Ready(None),
                State::Asking(asking) => match ready!(asking.as_mut().poll(context)) {
                    Ok(answering) => this.state = State::Reading(Box::new(answering)),
                    Err(error) => return this.fail(error),
                },
                State::Reading(answering) => {
                    match this.splitter.next() {
                        Ok(Some((row, text))) => {
                            return match (this.decode)(text, row) {
                                Ok(row) => Poll::Ready(Some(Ok(row))),
                                Err(error) => this.fail(error),
                            };
                        }
                        Ok(None) => {}
                        Err(error) => return this.fail(error.into()),
                    }
                    match ready!(Pin::new(&mut answering.body).poll_next(context)) {
                        Some(Ok(part)) => this.splitter.push(&part),
                        Some(Err(error)) => return this.fail(error),
                        None => {
                            if let Err(error) = this.splitter.finish() {
                                return this.fail(error.into());
                            }
                            let State::Reading(mut done) = std::mem::replace(&mut this.state, State::Over) else {
                                continue;
                            };
                            if let Some(request) = done.rest.pop_front() {
                                this.splitter.begin_again();
                                this.state = State::Asking(Box::pin(ask(done.pending, request, done.rest)));
                            }
                        }
                    }
                }
            }
        }
    }
}

impl<R> fmt::Debug for RowStream<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RowStream").field("next_row", &self.splitter.row()).finish_non_exhaustive()
    }
}

impl<T: 'static, S: Rows<T> + 'static> Select<T, S> {
    /// The rows as they arrive, in memory that does not depend on how many there are.
    ///
    /// One request, so the server's cap on rows cuts this as it cuts `.await`; to read more rows
    /// than it gives at a time use `.pages(n).rows()`.
    pub fn stream(self) -> RowStream<S::Row> {
        RowStream::new(self.pending, S::nth)
    }
}

impl<T: HasRow> Call<returns::Rows<T>> {
    /// The rows as they arrive, in memory that does not depend on how many there are.
    pub fn stream(self) -> RowStream<T::Row> {
        RowStream::new(self.pending, <All as Rows<T>>::nth)
    }
}

impl<T: Table, S: Rows<T> + 'static> Call<Many<T, S>> {
    /// The rows as they arrive, in memory that does not depend on how many there are.
    pub fn stream(self) -> RowStream<S::Row> {
        RowStream::new(self.pending, S::nth)
    }
}

impl<V: Decode + 'static> Call<returns::SetOf<V>> {
    /// The values as they arrive, in memory that does not depend on how many there are.
    pub fn stream(self) -> RowStream<V> {
        fn nth<V: Decode>(body: &[u8], row: usize) -> Result<V> {
            Ok(decode_nth_value(body, row)?)
        }
        RowStream::new(self.pending, nth)
    }
}

impl<R: DeserializeOwned> Call<Untold<Vec<R>>> {
    /// The rows as they arrive, in memory that does not depend on how many there are.
    pub fn stream(self) -> RowStream<R> {
        RowStream::new(self.pending, nth_from_json)
    }
}
