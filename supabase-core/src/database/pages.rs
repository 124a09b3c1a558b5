//! Reading page by page, past the number of rows that a server gives at a time.
//!
//! A server may give fewer rows than it is asked for, and says nothing: PostgREST's `db-max-rows`
//! cuts every answer. So a short page is not the end. The end is an empty page, or a total that the
//! server was asked to count (`.count(Count::Exact)`) and that has been reached.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::Stream;
use http::{HeaderMap, Method, StatusCode};
use serde::de::DeserializeOwned;

use super::answer::{Many, Raw, Rows};
use super::call::{Call, Untold};
use super::pending::{Named, Pending};
use super::select::Select;
use super::selected::{Selected, Term, terms};
use super::untyped::Untyped;
use super::{respond, split};
use crate::decode::{DecodeError, JsonReader};
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Accept, All, ColumnName, Condition, Count, Plan, Refusal, Resource, name, percent_encode};
use crate::schema::{ColumnInfo, HasRow, Table, Unique, UniqueOf, returns};
use crate::transport::BoxFuture;

/// The size of a page where the user names none: what hosted projects give at most unless set.
const PAGE: u64 = 1000;

/// How much of a URL is left to what a page adds to it: order, limit and the last row's key.
const ADDED: usize = 700;

/// A query that is read page by page: a [`Stream`] of `Vec`s of rows, made by `.pages(n)`.
///
/// Every row comes, whatever the server's cap on rows: a page may have fewer than were asked for
/// and is never empty. Pages are found by the key of the last row where the order allows it (only
/// NOT NULL columns, among them the primary key, those of a unique constraint, or
/// [`by`](Self::by)'s): rows that are written
/// meanwhile then neither repeat nor hide others. Otherwise they are counted off by offset.
///
/// Nothing is sent before the first page is asked for. A limit or range of the query bounds the rows
/// in all. `.count(Count::Exact)` on the query saves the last request, whose page is empty, for the
/// price of counting on every page.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> supabase_core::Result<()> {
/// # use supabase_core::{Client, transport::{Recording, Reply}};
/// # let json = |body: &str| Reply::json(http::StatusCode::OK, body);
/// # let answers = Recording::new([json(r#"[{"id":1},{"id":2}]"#), json(r#"[{"id":3}]"#), json("[]")]);
/// # let supabase = Client::builder("https://example.supabase.co", "key").transport(answers).build()?;
/// let mut pages = supabase.from("planets").select::<serde_json::Value>("id").order("id").pages(2);
/// let mut lengths = Vec::new();
/// while let Some(page) = pages.next_page().await? {
///     lengths.push(page.len());
/// }
/// assert_eq!(lengths, [2, 1]);
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent before the first page is asked for"]
pub struct Pages<T, S: Rows<T>> {
    /// Here between two pages.
    cursor: Option<Box<Cursor>>,
    asking: Option<Asking<S::Row>>,
    failed: bool,
    table: PhantomData<fn() -> T>,
}

type Asking<R> = BoxFuture<'static, (Box<Cursor>, Result<Option<Vec<R>>>)>;

impl<T, S: Rows<T>> fmt::Debug for Pages<T, S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pages").field("rows_so_far", &self.cursor.as_ref().map(|at| at.seen)).finish_non_exhaustive()
    }
}

impl<T, S: Rows<T>> Unpin for Pages<T, S> {}

impl<T, S: Rows<T>> Pages<T, S> {
    fn new(pending: Pending, rows: u64, known: Known) -> Self {
        Self {
            cursor: Some(Box::new(Cursor::new(pending, rows, known))),
            asking: None,
            failed: false,
            table: PhantomData,
        }
    }
}

impl<T, S: Rows<T>> Pages<T, S> {
    /// Tells rows apart by this unique constraint instead of the primary key: one of the table's
    /// `unique` module, whose columns are all NOT NULL. Its columns end the order.
    pub fn by<U: Unique>(mut self, unique: U) -> Self
    where
        U::Table: UniqueOf<T, U>,
    {
        let _ = unique;
        if let Some(cursor) = &mut self.cursor {
            cursor.known = Known { columns: U::Table::COLUMNS, key: U::COLUMNS, unique: &[] };
            if let Some(column) = U::COLUMNS.iter().find(|column| !cursor.known.is_not_null(column)) {
                cursor.pending.plan.refuse(format!(
                    "`by`: column `{column}` may be NULL, and rows with NULL are not told apart by a unique constraint"
                ));
            }
        }
        self
    }
}

impl<T: 'static, S: Rows<T> + 'static> Pages<T, S>
where
    S::Row: Send,
{
    /// The next page; `None` behind the last one. After an error the same page is asked for again.
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    /// See [`ErrorKind`]; [`ErrorKind::Refused`] where there is nothing to sort by.
    pub async fn next_page(&mut self) -> Result<Option<Vec<S::Row>>> {
        poll_fn(|context| self.poll_page(context)).await
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Vec<S::Row>>>> {
        let asking = match &mut self.asking {
            Some(asking) => asking,
            None => {
                let Some(mut cursor) = self.cursor.take() else { return Poll::Ready(Ok(None)) };
                self.asking.insert(Box::pin(async move {
                    let page = cursor.page(S::many).await;
                    (cursor, page)
                }))
            }
        };
        let (cursor, page) = ready!(asking.as_mut().poll(context));
        self.asking = None;
        self.cursor = Some(cursor);
        Poll::Ready(page)
    }

    /// The rows of all pages, one after the other. The first error ends them.
    pub fn rows(self) -> PagedRows<T, S> {
        PagedRows { pages: self, page: Vec::new().into_iter() }
    }

    /// The rows of all pages at once.
    ///
    /// # Errors
    /// As [`next_page`](Self::next_page); no row is given then.
    pub async fn all(mut self) -> Result<Vec<S::Row>> {
        let Some(mut rows) = self.next_page().await? else { return Ok(Vec::new()) };
        while let Some(page) = self.next_page().await? {
            rows.extend(page);
        }
        Ok(rows)
    }
}

impl<T: 'static, S: Rows<T> + 'static> Stream for Pages<T, S>
where
    S::Row: Send,
{
    type Item = Result<Vec<S::Row>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.failed {
            return Poll::Ready(None);
        }
        let page = ready!(this.poll_page(context));
        this.failed = page.is_err();
        Poll::Ready(page.transpose())
    }
}

/// The rows of all pages: a [`Stream`] of `Result<Row>`, made by [`Pages::rows`].
#[must_use = "nothing is sent before the first row is asked for"]
pub struct PagedRows<T, S: Rows<T>> {
    pages: Pages<T, S>,
    page: std::vec::IntoIter<S::Row>,
}

impl<T, S: Rows<T>> fmt::Debug for PagedRows<T, S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("PagedRows").field(&self.pages).finish()
    }
}

impl<T, S: Rows<T>> Unpin for PagedRows<T, S> {}

impl<T: 'static, S: Rows<T> + 'static> PagedRows<T, S>
where
    S::Row: Send,
{
    /// The next row; `None` behind the last one and after an error.
    pub async fn next(&mut self) -> Option<Result<S::Row>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T: 'static, S: Rows<T> + 'static> Stream for PagedRows<T, S>
where
    S::Row: Send,
{
    type Item = Result<S::Row>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(row) = this.page.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            match ready!(Pin::new(&mut this.pages).poll_next(context)) {
                Some(Ok(page)) => this.page = page.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// What is known of the table when pages are asked for.
#[derive(Debug, Clone, Copy)]
struct Known {
    columns: &'static [ColumnInfo],
    /// Columns that tell rows apart, empty where none are known.
    key: &'static [&'static str],
    /// Further such sets of columns. Some of their columns may be NULL.
    unique: &'static [&'static [&'static str]],
}

impl Known {
    const NOTHING: Self = Self { columns: &[], key: &[], unique: &[] };

    const fn of<T: Table>() -> Self {
        Self { columns: T::COLUMNS, key: T::PRIMARY_KEY, unique: T::UNIQUE }
    }

    /// The columns that tell rows apart: those that the order has already, if it has all of a set; otherwise the
    /// primary key, or what there is in its place.
    fn key_under(&self, order: &[Term]) -> &'static [&'static str] {
        let usable = |set: &&'static [&'static str]| set.iter().all(|column| self.is_not_null(column));
        let sorted = |set: &&'static [&'static str]| set.iter().all(|column| order.iter().any(|term| term.is(column)));
        let key = Some(self.key).filter(|key| !key.is_empty());
        let mut sets = key.into_iter().chain(self.unique.iter().copied().filter(usable));
        sets.clone().find(sorted).or_else(|| sets.next()).unwrap_or_default()
    }

    fn is_not_null(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known.name == column && !known.nullable)
    }
}

/// A column by which the next page is found.
#[derive(Debug, Clone)]
struct KeyColumn {
    column: String,
    /// The key under which the answer has it.
    key: String,
    descending: bool,
}

/// A column under its exact name.
struct Exact<'n>(&'n str);

impl ColumnName for Exact<'_> {
    fn push_name(&self, out: &mut String) {
        name::push(out, self.0);
    }
}

/// Where the walk is.
#[derive(Debug)]
struct Cursor {
    /// The query, without limit and offset.
    pending: Pending,
    known: Known,
    size: u64,
    /// How many rows the user wants to leave out.
    start: u64,
    /// How many rows the user still wants, if that is bounded.
    wanted: Option<u64>,
    is_ready: bool,
    is_over: bool,
    /// Rows that this query gave so far.
    seen: u64,
    /// The columns to go on by; otherwise it goes by offset.
    keyset: Option<Vec<KeyColumn>>,
    /// Their values in the last row.
    last: Option<Vec<String>>,
    /// What a long `in_` leaves for further queries.
    rest: VecDeque<Plan>,
}

impl Cursor {
    fn new(mut pending: Pending, size: u64, known: Known) -> Self {
        let wanted = pending.plan.limit.take();
        let start = pending.plan.offset.take().unwrap_or(0);
        Self {
            pending,
            known,
            size,
            start,
            wanted,
            is_ready: false,
            is_over: false,
            seen: 0,
            keyset: None,
            last: None,
            rest: VecDeque::new(),
        }
    }

    /// Completes the order and decides how pages are found.
    fn prepare(&mut self) -> Result<(), Refusal> {
        let plan = &mut self.pending.plan;
        if self.size == 0 {
            return Err(Refusal::new("`pages(0)`: a page has one row at least"));
        }
        if !matches!(plan.accept, Accept::Json | Accept::JsonNullsStripped) {
            return Err(Refusal::new("`pages`: only lists of rows have pages"));
        }
        if plan.resource == Resource::Function && plan.method != Method::GET && !plan.read_only {
            return Err(Refusal::new(format!(
                "`pages` would call `{}` once for every page, and it is not known to change nothing: say `.get()`, or declare \
                 it `STABLE` and generate again",
                plan.name
            )));
        }
        let may_split = split::is_splittable(plan) && self.wanted.is_none() && self.start == 0;
        let selected = Selected::of(plan);
        let has_count_column = self.known.columns.iter().any(|column| column.name == "count");
        let counts = selected.has_aggregate || (selected.has_count && !has_count_column);
        let mut order = terms(plan);
        let key = if counts { &[][..] } else { self.known.key_under(&order) };
        if key.is_empty() && order.is_empty() {
            return Err(Refusal::new(format!(
                "pages of `{}` need an order, or rows come twice and others never: add `.order(..)` that ends in a unique \
                 column{}",
                plan.name,
                if counts { " (of the groups that are counted)" } else { "" }
            )));
        }
        for column in key {
            if !order.iter().any(|term| term.is(column)) {
                let mut name = String::new();
                let mut term = String::new();
                name::push(&mut name, column);
                percent_encode(&mut term, &name);
                plan.order(term);
                order.push(Term { column: (*column).to_owned(), is_own: true, descending: false });
            }
        }
        // What follows the last column of the key decides nothing.
        let deciding = key
            .iter()
            .filter_map(|column| order.iter().position(|term| term.is(column)))
            .max()
            .map_or(0, |last| last + 1);
        order.truncate(deciding);
        let known = self.known;
        if !order.is_empty() && order.iter().all(|term| term.is_own && known.is_not_null(&term.column)) {
            self.keyset = Some(select_keys(plan, &selected, known, order));
        }
        if may_split {
            self.split()?;
        }
        Ok(())
    }

    /// Spreads a long `in_` over several queries, each with pages of its own.
    fn split(&mut self) -> Result<(), Refusal> {
        let most = self.pending.client.url_limit();
        let length = split::url_length(&self.pending, &self.pending.plan.finish()?) + ADDED;
        if length > most && most > ADDED {
            self.rest = split::parts(&self.pending.plan, length, most)?.into();
            self.next_query();
        }
        Ok(())
    }

    fn next_query(&mut self) {
        match self.rest.pop_front() {
            Some(plan) => {
                self.pending.plan = plan;
                self.seen = 0;
                self.last = None;
            }
            None => self.is_over = true,
        }
    }

    async fn page<R>(&mut self, decode: fn(&[u8]) -> Result<Vec<R>>) -> Result<Option<Vec<R>>> {
        if !self.is_ready {
            self.prepare()?;
            self.is_ready = true;
        }
        while !self.is_over {
            let asked = self.wanted.map_or(self.size, |wanted| wanted.min(self.size));
            if asked == 0 {
                self.is_over = true;
                break;
            }
            let (pending, offset) = self.query(asked);
            let (request, _) = split::requests(&pending)?;
            let name = Named::of(&request);
            let response = pending.send(request).await?;
            if response.status == StatusCode::RANGE_NOT_SATISFIABLE {
                // With a count, the server says so of an offset behind the last row.
                self.next_query();
                continue;
            }
            let (_, headers, body) = respond::accepted(response).await.map_err(|error| name.put_on(error))?;
            let rows = decode(&body).map_err(|error| name.put_on(error))?;
            if rows.is_empty() {
                self.next_query();
                continue;
            }
            self.advance(&headers, &body, offset, rows.len()).map_err(|error| name.put_on(error))?;
            return Ok(Some(rows));
        }
        Ok(None)
    }

    /// The query for the next page, and from which of its rows on the page starts.
    fn query(&self, asked: u64) -> (Pending, u64) {
        let mut pending = self.pending.clone();
        pending.plan.limit = Some(asked);
        let offset = match (&self.keyset, &self.last) {
            (Some(keyset), Some(last)) => {
                go_on_behind(&mut pending, keyset, last);
                0
            }
            _ => self.start.saturating_add(self.seen),
        };
        pending.plan.offset = (offset > 0).then_some(offset);
        (pending, offset)
    }

    /// Takes note of a page.
    fn advance(&mut self, headers: &HeaderMap, body: &[u8], offset: u64, rows: usize) -> Result<()> {
        let (range, total) = respond::content_range(headers);
        if let Some((first, _)) = range
            && first != offset
        {
            return Err(Error::new(
                ErrorKind::Decode,
                format!("rows from number {offset} on were asked for, but those from number {first} on came"),
            ));
        }
        if let Some(keyset) = &self.keyset {
            match last_key(body, keyset)? {
                Some(key) if self.last.as_ref() == Some(&key) => {
                    return Err(Error::new(
                        ErrorKind::Decode,
                        "the rows behind the last one were asked for, but it came again",
                    ));
                }
                Some(key) => self.last = Some(key),
                // A list or a composite: what follows is found by offset.
                None => (self.keyset, self.last) = (None, None),
            }
        }
        let rows = rows as u64;
        self.seen += rows;
        if let Some(wanted) = &mut self.wanted {
            *wanted = wanted.saturating_sub(rows);
        }
        let counted = self.pending.plan.prefer.count == Some(Count::Exact);
        if counted && total.is_some_and(|total| offset.saturating_add(rows) >= total) {
            self.next_query();
        }
        Ok(())
    }
}

/// The rows of a query past the server's cap, read until there are more than `most`: who cannot keep more need not
/// read on.
#[cfg(feature = "realtime")]
pub(crate) async fn more_than<T: Table, R>(
    pending: Pending,
    most: usize,
    decode: fn(&[u8]) -> Result<Vec<R>>,
) -> Result<Vec<R>> {
    let mut cursor = Cursor::new(pending, PAGE, Known::of::<T>());
    let mut rows = Vec::new();
    while rows.len() <= most
        && let Some(page) = cursor.page(decode).await?
    {
        rows.extend(page);
    }
    Ok(rows)
}

/// Finds the columns in the answer; what it does not have without doubt is selected once more under
/// a name of its own, which rows that are read by name do not notice.
fn select_keys(plan: &mut Plan, selected: &Selected, known: Known, order: Vec<Term>) -> Vec<KeyColumn> {
    let mut number = 0;
    let mut keys = Vec::with_capacity(order.len());
    for term in order {
        let key = match selected.key_of(&term.column) {
            Some(key) => key,
            None => {
                let alias = loop {
                    number += 1;
                    let alias = format!("key_{number}");
                    let is_taken = selected.items.iter().any(|item| item.key == alias)
                        || known.columns.iter().any(|column| column.name == alias);
                    if !is_taken {
                        break alias;
                    }
                };
                plan.select_more(&alias, &term.column);
                alias
            }
        };
        keys.push(KeyColumn { column: term.column, key, descending: term.descending });
    }
    keys
}

/// Adds the filter for rows behind the one with these values: by the first column, or, where that
/// is equal, by the second, and so on. That the first is not before is said once more by itself,
/// since an index can start there.
fn go_on_behind(pending: &mut Pending, keyset: &[KeyColumn], last: &[String]) {
    let beyond = |key: &KeyColumn| if key.descending { "lt" } else { "gt" };
    let from = |key: &KeyColumn| if key.descending { "lte" } else { "gte" };
    let Some((first, value)) = keyset.first().zip(last.first()) else { return };
    if keyset.len() == 1 {
        return pending.narrow(|filter| filter.compare(&Exact(&first.column), beyond(first), value));
    }
    pending.narrow(|filter| filter.compare(&Exact(&first.column), from(first), value));
    let is = |operator: &str, key: &KeyColumn, value: &str| {
        Condition::<Untyped>::leaf(|filter| filter.compare(&Exact(&key.column), operator, value))
    };
    let behind = keyset.iter().zip(last).enumerate().map(|(at, (key, value))| {
        let equal = keyset.iter().zip(last).take(at).map(|(key, value)| is("eq", key, value));
        crate::query::all(equal.chain([is(beyond(key), key, value)]).collect::<Vec<_>>())
    });
    let behind = crate::query::any(behind.collect::<Vec<_>>());
    pending.narrow(|filter| filter.condition(&behind));
}

/// The values of the columns in the last row; `None` where one is no text, number or truth.
fn last_key(body: &[u8], keyset: &[KeyColumn]) -> Result<Option<Vec<String>>, DecodeError> {
    let text = std::str::from_utf8(body).map_err(DecodeError::custom)?;
    let mut last = None;
    JsonReader::new(text).array(|json| {
        last = Some(json.raw_value()?);
        Ok(())
    })?;
    let Some(last) = last else { return Ok(None) };
    JsonReader::new(last).object(|row| {
        let mut values = Vec::with_capacity(keyset.len());
        for KeyColumn { key, .. } in keyset {
            let Some(raw) = row.raw(key) else { return Ok(None) };
            values.push(match raw.as_bytes().first() {
                Some(b'"') => JsonReader::new(raw).string()?.into_owned(),
                Some(b'-' | b'0'..=b'9' | b't' | b'f') => raw.to_owned(),
                _ => return Ok(None),
            });
        }
        Ok(Some(values))
    })
}

macro_rules! paged {
    ($($(#[$doc:meta])* [$($param:tt)*] $ty:ty, $t:ty, $s:ty, $known:expr;)+) => {$(
        impl<$($param)*> $ty
        where
            <$s as Rows<$t>>::Row: Send,
        {
            /// Reads page by page, so many rows at a time, past the server's cap on rows.
            ///
            $(#[$doc])*
            pub fn pages(self, rows: u64) -> Pages<$t, $s> {
                Pages::new(self.pending, rows, $known)
            }

            /// Every row, read page by page past the server's cap on rows; see `pages`.
            ///
            /// # Errors
            /// See [`ErrorKind`].
            pub fn all(self) -> impl Future<Output = Result<Vec<<$s as Rows<$t>>::Row>>> + Send + 'static {
                self.pages(PAGE).all()
            }
        }
    )+};
}

paged! {
    /// The primary key ends the order, unless a key or the NOT NULL columns of another unique constraint are in it
    /// already; so do the columns of such a constraint where there is no primary key. Tables and views that have
    /// neither need an `.order(..)` that ends in a unique column.
    [T: Table, S: Rows<T> + 'static] Select<T, S>, T, S, Known::of::<T>();
    /// Needs an `.order(..)` that ends in a unique column.
    [S: Rows<Untyped> + 'static] Select<Untyped, S>, Untyped, S, Known::NOTHING;
    /// Needs an `.order(..)` that ends in a unique column, and a function that changes nothing: it
    /// is called for every page.
    [T: HasRow] Call<returns::Rows<T>>, T, All, Known { columns: T::COLUMNS, key: &[], unique: &[] };
    /// Needs an `.order(..)` that ends in a unique column, and a function that changes nothing: it
    /// is called for every page.
    [T: Table, S: Rows<T> + 'static] Call<Many<T, S>>, T, S, Known { columns: T::COLUMNS, key: &[], unique: &[] };
    /// Needs an `.order(..)` that ends in a unique column, and a function that changes nothing: it
    /// is called for every page, with `.get()`.
    [R: DeserializeOwned + 'static] Call<Untold<Vec<R>>>, Untyped, Raw<R>, Known::NOTHING;
}
