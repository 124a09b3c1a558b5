//! Reading rows.

use std::future::IntoFuture;
use std::marker::PhantomData;

use futures_util::TryFutureExt;
use http::Method;

use super::answer::{Many, Maybe, Nothing, One, ReadJson, ReadText, Response, Rows};
use super::fetch::Fetch;
use super::filters::{optional_filters, typed_filters};
use super::pending::{Pending, request_options};
use super::within::{Having, Within};
use crate::error::Result;
use crate::query::{Accept, Count, Explain, FilterWriter, OrderOf};
use crate::schema::{EmbeddedIn, Relation, RelationOf, Table, ToOne};
use crate::transport::BoxFuture;

/// A read of `T` whose rows are `S`. Awaiting it gives a `Vec` of them.
#[must_use = "nothing is sent before the query is awaited"]
pub struct Select<T, S> {
    pub(crate) pending: Pending,
    types: PhantomData<fn() -> (T, S)>,
}

impl<T, S> Clone for Select<T, S> {
    fn clone(&self) -> Self {
        Self::new(self.pending.clone())
    }
}

impl<T, S> std::fmt::Debug for Select<T, S> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Select").field(&self.pending.plan.name).finish()
    }
}

impl<T, S> Select<T, S> {
    pub(crate) fn new(pending: Pending) -> Self {
        Self { pending, types: PhantomData }
    }

    pub(crate) fn narrow(mut self, write: impl FnOnce(&mut FilterWriter<'_>)) -> Self {
        self.pending.narrow(write);
        self
    }

    /// At most so many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.pending.plan.limit = Some(rows);
        self
    }

    /// Leaves out the first rows.
    pub fn offset(mut self, rows: u64) -> Self {
        self.pending.plan.offset = Some(rows);
        self
    }

    /// The rows from position `first` to position `last`, both included and counted from 0, as in
    /// the official clients. `last` before `first` is refused before sending.
    pub fn range(mut self, first: u64, last: u64) -> Self {
        if last < first {
            self.pending.plan.refuse(format!("`range({first}, {last})` ends before it starts"));
        }
        self.pending.plan.offset = Some(first);
        self.pending.plan.limit = Some(last.saturating_sub(first).saturating_add(1));
        self
    }

    /// Counts the rows that match, whatever the limit; the number is in `.execute().await?.count`.
    pub fn count(mut self, count: Count) -> Self {
        self.pending.plan.prefer.count = Some(count);
        self
    }
}

impl<T: 'static, S: Rows<T> + 'static> Select<T, S>
where
    S::Row: Send,
{
    /// Exactly one row. No row, or more than one, is an error of kind
    /// [`NotOneRow`](crate::ErrorKind::NotOneRow).
    pub fn single(mut self) -> Fetch<One<T, S>> {
        self.pending.plan.accept = match self.pending.plan.accept {
            Accept::JsonNullsStripped => Accept::ObjectNullsStripped,
            _ => Accept::Object,
        };
        Fetch::new(self.pending)
    }

    /// One row or none. More than one is an error of kind
    /// [`NotOneRow`](crate::ErrorKind::NotOneRow).
    pub fn maybe_single(mut self) -> Fetch<Maybe<T, S>> {
        // Two rows are enough to know that there is more than one.
        self.pending.plan.limit.get_or_insert(2);
        Fetch::new(self.pending)
    }

    /// The rows as comma-separated values, with a line of column names.
    ///
    /// Of no rows there is a line feed alone, without the names.
    pub fn csv(mut self) -> Fetch<ReadText> {
        if self.pending.plan.accept == Accept::JsonNullsStripped {
            self.pending.plan.refuse("`csv` and `strip_nulls` exclude each other");
        }
        self.pending.plan.accept = Accept::Csv;
        Fetch::new(self.pending)
    }

    /// The rows as a GeoJSON feature collection; the table needs a PostGIS column.
    pub fn geojson(mut self) -> Fetch<ReadJson<serde_json::Value>> {
        self.pending.plan.accept = Accept::GeoJson;
        Fetch::new(self.pending)
    }

    /// PostgreSQL's plan of the query, as text. The server has to allow plans.
    pub fn explain(mut self, options: Explain) -> Fetch<ReadText> {
        self.pending.plan.accept = Accept::Explain(options);
        Fetch::new(self.pending)
    }

    /// No rows, only the head of the answer: with `.count(..)`, the cheapest way to count.
    pub fn head(mut self) -> Fetch<Nothing> {
        self.pending.plan.method = Method::HEAD;
        Fetch::new(self.pending)
    }

    /// Sends the query and gives the rows.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub fn send(self) -> impl Future<Output = Result<Vec<S::Row>>> + Send + 'static {
        self.pending.execute::<Many<T, S>>().map_ok(|response| response.data)
    }

    /// Sends the query and gives the rows with count, range, status and headers.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub fn execute(self) -> impl Future<Output = Result<Response<Vec<S::Row>>>> + Send + 'static {
        self.pending.execute::<Many<T, S>>()
    }
}

impl<T: 'static, S: Rows<T> + 'static> IntoFuture for Select<T, S>
where
    S::Row: Send,
{
    type Output = Result<Vec<S::Row>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<S> Select<super::untyped::Untyped, S> {
    /// Leaves out the keys of NULLs, in embedded rows as well.
    pub fn strip_nulls(mut self) -> Self {
        self.pending.plan.accept = Accept::JsonNullsStripped;
        self
    }
}

impl<T: Table, S> Select<T, S> {
    /// The rows as JSON without the keys of NULLs, in embedded rows as well. A typed row has a place
    /// for every column, so this gives the document.
    pub fn strip_nulls(mut self) -> Fetch<ReadJson<Vec<serde_json::Value>>> {
        self.pending.plan.accept = Accept::JsonNullsStripped;
        Fetch::new(self.pending)
    }

    /// Sorts the rows: by a column, by `column.desc().nulls_first()`, or by several. Further calls
    /// add terms behind the earlier ones.
    pub fn order<O: OrderOf<T>>(mut self, order: O) -> Self {
        self.pending.plan.order(order.terms());
        self
    }

    /// Sorts the rows by a column of the related row: `.order_related(planets::rel::star, stars::name.desc())`.
    /// Rows without a related row come as their NULLs do. Only a relationship to one row can be sorted by.
    ///
    /// The relation need not be selected; a document of the rows (`csv`, `strip_nulls`) has the columns that are
    /// sorted by under `related_1`.
    pub fn order_related<E: Relation, O: OrderOf<E::Target>>(mut self, relation: E, order: O) -> Self
    where
        E::Source: RelationOf<T, E>,
        E::Cardinality: ToOne<T, E>,
    {
        let _ = relation;
        self.pending.plan.order_by_related(E::TARGET, E::BY_KEY, |out| order.write(out));
        self
    }

    /// Shapes an embedded relation: filters, order, limit. Compiles only where the selection
    /// contains the relation.
    pub fn within<E, O, Q>(mut self, relation: E, shape: impl FnOnce(Within<O, Q>) -> Within<O, Q>) -> Self
    where
        S: Rows<T>,
        E: EmbeddedIn<S::Row, Target = O, Row = Q>,
    {
        let _ = relation;
        self.pending.plan = Within::shape(self.pending.plan, "", <E as EmbeddedIn<S::Row>>::KEY, shape);
        self
    }

    /// Keeps rows that have a related row which the filters match. The relation need not be
    /// selected: an inner embed is added for the purpose.
    pub fn having<E: Relation>(
        mut self,
        relation: E,
        filters: impl FnOnce(Having<E::Target>) -> Having<E::Target>,
    ) -> Self
    where
        E::Source: RelationOf<T, E>,
    {
        let _ = relation;
        self.pending.plan = Having::keep::<E>(self.pending.plan, filters);
        self
    }

    /// Keeps rows that have no related row at all (an anti-join).
    pub fn lacking<E: Relation>(mut self, relation: E) -> Self
    where
        E::Source: RelationOf<T, E>,
    {
        let _ = relation;
        self.pending.plan.lack(E::TARGET, E::BY_KEY);
        self
    }
}

typed_filters! { [T: Table, S] Select<T, S> => Self, T; }
optional_filters! { [T: Table, S] Select<T, S>, T; }
request_options! { [T, S] Select<T, S>; }
