//! A finished query whose answer is not a list of rows. Nothing can be filtered any more.

use std::future::IntoFuture;
use std::marker::PhantomData;

use super::answer::{Answer, Response};
use super::pending::{Pending, request_options};
use crate::error::Result;
use crate::transport::BoxFuture;

/// A query whose answer is read as `A`: a single row, csv, a plan, a value. Awaiting it gives that.
#[must_use = "nothing is sent before the query is awaited"]
pub struct Fetch<A> {
    pub(crate) pending: Pending,
    answer: PhantomData<fn() -> A>,
}

impl<A> Clone for Fetch<A> {
    fn clone(&self) -> Self {
        Self::new(self.pending.clone())
    }
}

impl<A> std::fmt::Debug for Fetch<A> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Fetch").field(&self.pending.plan.name).finish()
    }
}

impl<A> Fetch<A> {
    pub(crate) fn new(pending: Pending) -> Self {
        Self { pending, answer: PhantomData }
    }
}

impl<A: Answer> Fetch<A> {
    /// Sends the query and gives the answer.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub fn send(self) -> impl Future<Output = Result<A::Data>> + Send + 'static {
        async move { Ok(self.pending.execute::<A>().await?.data) }
    }

    /// Sends the query and gives the answer with count, range, status and headers.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub fn execute(self) -> impl Future<Output = Result<Response<A::Data>>> + Send + 'static {
        self.pending.execute::<A>()
    }
}

impl<A: Answer> IntoFuture for Fetch<A> {
    type Output = Result<A::Data>;
    type IntoFuture = BoxFuture<'static, Self::Output>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

request_options! { [A] Fetch<A>; }
