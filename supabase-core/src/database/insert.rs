//! Inserting rows, and replacing those that exist.

use std::future::IntoFuture;
use std::marker::PhantomData;

use super::answer::{Answer, Many, Minimal, Raw, ReadText, Response, Rows};
use super::fetch::Fetch;
use super::from::{conflict_columns, select_list};
use super::pending::{Pending, request_options};
use super::sort::Sort;
use super::untyped::Untyped;
use super::write::{returned_forms, returning};
use crate::error::Result;
use crate::query::{Accept, Count, Explain, OrderOf, Resolution, SelectionOf};
use crate::schema::{Table, Unique, UniqueOf};
use crate::transport::BoxFuture;

macro_rules! inserts {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[must_use = "nothing is sent before the insert is awaited"]
        pub struct $name<T, A> {
            pub(crate) pending: Pending,
            types: PhantomData<fn() -> (T, A)>,
        }

        impl<T, A> std::fmt::Debug for $name<T, A> {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.debug_tuple(stringify!($name)).field(&self.pending.plan.name).finish()
            }
        }

        impl<T, A> $name<T, A> {
            pub(crate) fn new(pending: Pending) -> Self {
                Self { pending, types: PhantomData }
            }

            /// Counts the rows that were written; the number is in `.execute().await?.count`.
            pub fn count(mut self, count: Count) -> Self {
                self.pending.plan.prefer.count = Some(count);
                self
            }

            /// Columns that a row leaves out take their default instead of NULL.
            pub fn default_missing(mut self) -> Self {
                self.pending.plan.prefer.missing_default = true;
                self.pending.plan.uneven = None;
                self
            }

            /// Writes nothing: the server does it all and rolls back. Needs
            /// `.allow_dry_run(true)` on the client and a server that lets requests roll back, which
            /// is proved before.
            pub fn dry_run(mut self) -> Self {
                self.pending.dry_run = true;
                self.pending.plan.prefer.rollback = true;
                self
            }
        }

        impl<T, A: Answer> $name<T, A> {
            /// Sends the rows.
            ///
            /// # Errors
            /// See [`ErrorKind`](crate::ErrorKind).
            pub fn send(self) -> impl Future<Output = Result<A::Data>> + Send + 'static {
                async move { Ok(self.pending.execute::<A>().await?.data) }
            }

            /// Sends the rows and gives the answer with count, status and headers.
            ///
            /// # Errors
            /// See [`ErrorKind`](crate::ErrorKind).
            pub fn execute(self) -> impl Future<Output = Result<Response<A::Data>>> + Send + 'static {
                self.pending.execute::<A>()
            }
        }

        impl<T, A: Answer> $name<T, A> {
            /// PostgreSQL's plan of the write, as text. Nothing is written, unless the options have
            /// `analyze`. The server has to allow plans.
            pub fn explain(mut self, options: Explain) -> Fetch<ReadText> {
                self.pending.plan.accept = Accept::Explain(options);
                Fetch::new(self.pending)
            }
        }

        impl<T: 'static, S: Rows<T> + 'static> $name<T, Many<T, S>> {
            /// The written rows as comma-separated values, with a line of column names.
            pub fn csv(mut self) -> Fetch<ReadText> {
                self.pending.plan.accept = Accept::Csv;
                Fetch::new(self.pending)
            }
        }

        impl<T: Table, S: Rows<T> + 'static> $name<T, Many<T, S>> {
            /// Sorts the rows that come back, as servers from PostgREST 13 on do. Older ones give
            /// them as they were stored.
            pub fn order<O: OrderOf<T>>(mut self, order: O) -> Self {
                self.pending.plan.order(order.terms());
                self
            }
        }

        impl<S> $name<Untyped, Many<Untyped, S>> {
            /// Sorts the rows that come back, as servers from PostgREST 13 on do. Older ones give
            /// them as they were stored.
            pub fn order(mut self, order: impl Into<Sort>) -> Self {
                self.pending.plan.order(order.into().into_text());
                self
            }
        }

        impl<T, A: Answer> IntoFuture for $name<T, A> {
            type Output = Result<A::Data>;
            type IntoFuture = BoxFuture<'static, Self::Output>;
            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.send())
            }
        }

        impl<T: Table> $name<T, Minimal> {
            /// Gives back the written rows, shaped like any selection.
            pub fn select<S: SelectionOf<T>>(mut self, selection: S) -> $name<T, Many<T, S>> {
                returning(&mut self.pending, |plan| plan.select(|out| selection.write(out)));
                $name::new(self.pending)
            }
        }

        impl $name<Untyped, Minimal> {
            /// Gives back the written rows.
            pub fn select<R: serde::de::DeserializeOwned + 'static>(mut self, columns: &str) -> $name<Untyped, Many<Untyped, Raw<R>>> {
                returning(&mut self.pending, |plan| select_list(plan, columns));
                $name::new(self.pending)
            }
        }

        returned_forms! { [T: 'static, S: Rows<T> + 'static] $name<T, Many<T, S>>, T, S }

        request_options! { [T, A] $name<T, A>; }
    )+};
}

inserts! {
    /// An insert of `T`. Awaiting it gives nothing, or the rows of `.select(..)`.
    Insert;
    /// An upsert of `T`. Awaiting it gives nothing, or the rows of `.select(..)`.
    Upsert;
}

impl<T, A> Upsert<T, A> {
    /// Leaves rows that exist as they are, instead of replacing what is set.
    pub fn ignore_duplicates(mut self) -> Self {
        self.pending.plan.prefer.resolution = Some(Resolution::Ignore);
        self
    }

    fn conflict(mut self, columns: &str) -> Self {
        let mut encoded = String::new();
        crate::query::percent_encode(&mut encoded, columns);
        self.pending.plan.set_conflict(&encoded);
        self
    }
}

impl<T: Table, A> Upsert<T, A> {
    /// The constraint that decides which row exists already: one of the table's `unique` module.
    /// The primary key unless set.
    pub fn on_conflict<U: Unique>(self, constraint: U) -> Self
    where
        U::Table: UniqueOf<T, U>,
    {
        let _ = constraint;
        let mut columns = String::new();
        for (at, column) in U::COLUMNS.iter().enumerate() {
            if at > 0 {
                columns.push(',');
            }
            crate::query::name::push(&mut columns, column);
        }
        self.conflict(&columns)
    }
}

impl<A> Upsert<Untyped, A> {
    /// The columns, joined by commas, of the unique constraint that decides which row exists
    /// already. The primary key unless set.
    pub fn on_conflict(self, columns: &str) -> Self {
        let columns = conflict_columns(columns);
        self.conflict(&columns)
    }
}
