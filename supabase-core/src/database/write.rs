//! Updating and deleting rows: never without a filter that was written down.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::answer::{Answer, Many, Minimal, Raw, Response, Rows};
use super::fetch::Fetch;
use super::filters::typed_filters;
use super::from::select_list;
use super::pending::Pending;
use super::untyped::Untyped;
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Accept, Count, FilterWriter, Plan, SelectionOf};
use crate::schema::Table;
use crate::transport::BoxFuture;

/// The update or delete has no filter yet.
#[derive(Debug, Clone, Copy)]
pub enum Unfiltered {}

/// The update or delete has a filter, or was told `.every_row()`.
#[derive(Debug, Clone, Copy)]
pub enum Filtered {}

/// An update or delete that says which rows it is about.
#[diagnostic::on_unimplemented(
    message = "this would change every row of `{T}`: an update or delete needs a filter",
    label = "add a filter such as `.eq(column, value)`, or say `.every_row()`",
    note = "`.every_row()` is for the cases where every row is meant"
)]
pub trait Narrowed<T> {}
impl<T> Narrowed<T> for Filtered {}

/// Nothing implements this: it carries the sentence for `limit`, `offset`, `range` and `order` of an
/// update or delete.
#[diagnostic::on_unimplemented(
    message = "an update or delete of `{T}` cannot be limited or ordered: PostgREST would ignore it and change every row that the filters match",
    label = "not for an update or delete",
    note = "choose the rows by their key: `.in_(column, keys)`",
    note = "to refuse a write that matches more rows than expected use `.max_affected(rows)`"
)]
pub trait Limited<T> {}

/// Asks for the written rows.
pub(crate) fn returning(pending: &mut Pending, select: impl FnOnce(&mut Plan)) {
    pending.plan.prefer.representation = Some(true);
    select(&mut pending.plan);
}

/// `single` and `maybe_single` of writes that give rows back.
macro_rules! returned_forms {
    ([$($param:tt)*] $ty:ty, $t:ty, $s:ty) => {
        impl<$($param)*> $ty
        where
            <$s as Rows<$t>>::Row: Send,
        {
            /// Exactly one written row. No row, or more than one, is an error of kind
            /// [`NotOneRow`](crate::ErrorKind::NotOneRow), and nothing is written.
            pub fn single(mut self) -> Fetch<super::answer::One<$t, $s>> {
                self.pending.plan.accept = crate::query::Accept::Object;
                Fetch::new(self.pending)
            }

            /// One written row or none. More than one is an error of kind
            /// [`NotOneRow`](crate::ErrorKind::NotOneRow), although they are written.
            pub fn maybe_single(self) -> Fetch<super::answer::Maybe<$t, $s>> {
                Fetch::new(self.pending)
            }
        }
    };
}
pub(crate) use returned_forms;

macro_rules! narrowed_writes {
    ($($(#[$doc:meta])* $name:ident $call:literal;)+) => {$(
        $(#[$doc])*
        #[must_use = "nothing is sent before it is awaited"]
        pub struct $name<T, F, A: Answer> {
            pub(crate) pending: Pending,
            running: Option<BoxFuture<'static, Result<A::Data>>>,
            types: PhantomData<fn() -> (T, F, A)>,
        }

        impl<T, F, A: Answer> std::fmt::Debug for $name<T, F, A> {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.debug_tuple(stringify!($name)).field(&self.pending.plan.name).finish()
            }
        }

        impl<T, F, A: Answer> $name<T, F, A> {
            pub(crate) fn new(pending: Pending) -> Self {
                Self { pending, running: None, types: PhantomData }
            }

            pub(crate) fn narrow(mut self, write: impl FnOnce(&mut FilterWriter<'_>)) -> $name<T, Filtered, A> {
                self.pending.narrow(write);
                $name::new(self.pending)
            }

            /// Every row is meant.
            pub fn every_row(mut self) -> $name<T, Filtered, A> {
                self.pending.plan.narrowed = true;
                $name::new(self.pending)
            }

            /// Counts the rows that were changed; the number is in `.execute().await?.count`.
            pub fn count(mut self, count: Count) -> Self {
                self.pending.plan.prefer.count = Some(count);
                self
            }

            /// Changes nothing, and says so with an error, if more rows than this match.
            pub fn max_affected(mut self, rows: u64) -> Self {
                self.pending.plan.prefer.max_affected = Some(rows);
                self
            }

            /// Changes nothing: the server does it all and rolls back. Needs
            /// `.allow_dry_run(true)` on the client and a server that lets requests roll back, which
            /// is proved before.
            pub fn dry_run(mut self) -> Self {
                self.pending.dry_run = true;
                self.pending.plan.prefer.rollback = true;
                self
            }
        }

        // The bound is on the methods and not on the impl: only then does the compiler say what is
        // missing, and not just that the method cannot be called. The futures have a type with a
        // name, since an `impl Future` would repeat the bound, and the sentence, where it is used.
        impl<T, F, A: Answer> $name<T, F, A> {
            /// Sends it.
            ///
            /// # Errors
            /// See [`ErrorKind`](crate::ErrorKind).
            pub fn send(self) -> BoxFuture<'static, Result<A::Data>>
            where
                F: Narrowed<T>,
            {
                let pending = self.pending;
                Box::pin(async move { Ok(pending.execute::<A>().await?.data) })
            }

            /// Sends it and gives the answer with count, status and headers.
            ///
            /// # Errors
            /// See [`ErrorKind`](crate::ErrorKind).
            pub fn execute(self) -> BoxFuture<'static, Result<Response<A::Data>>>
            where
                F: Narrowed<T>,
            {
                Box::pin(self.pending.execute::<A>())
            }
        }

        impl<T, F, A: Answer> $name<T, F, A> {
            /// PostgreSQL's plan of the write, as text. Nothing is written, unless the options have
            /// `analyze`. The server has to allow plans.
            pub fn explain(mut self, options: crate::query::Explain) -> Fetch<super::answer::ReadText>
            where
                F: Narrowed<T>,
            {
                self.pending.plan.accept = Accept::Explain(options);
                Fetch::new(self.pending)
            }
        }

        /// A future itself, and not made into one, since only then does the compiler say what is
        /// missing when there is no filter.
        impl<T, F: Narrowed<T>, A: Answer> Future for $name<T, F, A> {
            type Output = Result<A::Data>;
            fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
                if self.running.is_none() {
                    // Sent once: the pending request is taken, so a second future cannot be made.
                    let pending = self.pending.clone();
                    self.pending.plan.refuse(concat!("this ", $call, " has been sent already"));
                    self.running = Some(Box::pin(async move { Ok(pending.execute::<A>().await?.data) }));
                }
                match &mut self.running {
                    Some(running) => running.as_mut().poll(context),
                    None => Poll::Ready(Err(Error::new(ErrorKind::Refused, concat!("this ", $call, " has been sent already")))),
                }
            }
        }

        impl<T: Table, F> $name<T, F, Minimal> {
            /// Gives back the rows, shaped like any selection.
            pub fn select<S: SelectionOf<T> + 'static>(mut self, selection: S) -> $name<T, F, Many<T, S>>
            where
                S::Row: Send,
            {
                returning(&mut self.pending, |plan| plan.select(|out| selection.write(out)));
                $name::new(self.pending)
            }
        }

        impl<F> $name<Untyped, F, Minimal> {
            /// Gives back the rows.
            pub fn select<R>(mut self, columns: &str) -> $name<Untyped, F, Many<Untyped, Raw<R>>>
            where
                R: serde::de::DeserializeOwned + Send + 'static,
            {
                returning(&mut self.pending, |plan| select_list(plan, columns));
                $name::new(self.pending)
            }
        }

        impl<T: 'static, F, S: Rows<T> + 'static> $name<T, F, Many<T, S>>
        where
            S::Row: Send,
        {
            /// Exactly one row. No row, or more than one, is an error of kind
            /// [`NotOneRow`](crate::ErrorKind::NotOneRow), and nothing is changed.
            pub fn single(mut self) -> Fetch<super::answer::One<T, S>>
            where
                F: Narrowed<T>,
            {
                self.pending.plan.accept = Accept::Object;
                Fetch::new(self.pending)
            }

            /// The rows as comma-separated values, with a line of column names.
            pub fn csv(mut self) -> Fetch<super::answer::ReadText>
            where
                F: Narrowed<T>,
            {
                self.pending.plan.accept = Accept::Csv;
                Fetch::new(self.pending)
            }

            /// One row or none. More than one is an error of kind
            /// [`NotOneRow`](crate::ErrorKind::NotOneRow), although they are changed.
            pub fn maybe_single(self) -> Fetch<super::answer::Maybe<T, S>>
            where
                F: Narrowed<T>,
            {
                Fetch::new(self.pending)
            }
        }

        typed_filters! { [T: Table, F, A: Answer] $name<T, F, A> => $name<T, Filtered, A>, T; }

        /// Nothing of this can be called: it is here for the sentence that says why.
        impl<T, F, A: Answer> $name<T, F, A> {
            #[doc(hidden)]
            pub fn limit(self, _rows: u64) -> Self
            where
                F: Limited<T>,
            {
                self
            }

            #[doc(hidden)]
            pub fn offset(self, _rows: u64) -> Self
            where
                F: Limited<T>,
            {
                self
            }

            #[doc(hidden)]
            pub fn range(self, _first: u64, _last: u64) -> Self
            where
                F: Limited<T>,
            {
                self
            }

            #[doc(hidden)]
            pub fn order<O>(self, _order: O) -> Self
            where
                F: Limited<T>,
            {
                self
            }
        }
    )+};
}

narrowed_writes! {
    /// An update of `T`. Awaiting it gives nothing, or the rows of `.select(..)`; it does not
    /// compile without a filter.
    ///
    /// There is no `limit` and no `order`: PostgREST ignores them and changes every matching row.
    Update "update";
    /// A delete of `T`. Awaiting it gives nothing, or the rows of `.select(..)`; it does not
    /// compile without a filter.
    ///
    /// There is no `limit` and no `order`: PostgREST ignores them and deletes every matching row.
    Delete "delete";
}

macro_rules! options {
    ($($name:ident)+) => {$(
        impl<T, F, A: Answer> $name<T, F, A> {
            /// How long to wait for the head of the answer and between two parts of its body;
            /// `None` waits for ever.
            pub fn timeout(mut self, timeout: impl Into<Option<std::time::Duration>>) -> Self {
                self.pending.timeout(timeout.into());
                self
            }

            /// A header for this request. It wins over the client's of the same name.
            pub fn header(mut self, name: &str, value: &str) -> Self {
                self.pending.header(name, value);
                self
            }
        }

        impl<T, F, A: Answer> $name<T, F, A> {
            /// The finished request, without sending it and without keys.
            ///
            /// # Errors
            /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when it cannot be sent.
            pub fn to_request(&self) -> Result<crate::query::Request>
            where
                F: Narrowed<T>,
            {
                self.pending.request()
            }
        }
    )+};
}
options! { Update Delete }
