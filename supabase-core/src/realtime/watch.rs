//! A live query: the rows of a read, kept current.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use http::StatusCode;

use super::changes::{AnyChange, AnyChanges, RowChange};
use super::channel::Channel;
use super::partial::PartialRow;
use super::status::Gap;
use crate::database::{Answer, Select, pages};
use crate::decode::{Decode, DecodeError, JsonReader, RowReader, decode_row, decode_value};
use crate::error::{Error, ErrorKind, Result};
use crate::query::filter::Untyped;
use crate::query::{All, Condition, all, any};
use crate::schema::{FromRow, HasRow, Table};

/// How long changes are collected before they are looked up together.
const BATCH: Duration = Duration::from_millis(20);
/// How many keys are looked up in one request; the rest waits for the next.
const KEYS: usize = 100;
/// A query of more rows than this is refused: each of them is kept.
const MOST_ROWS: usize = 10_000;

/// The rows of a query at one moment.
#[derive(Debug)]
#[non_exhaustive]
pub struct WatchEvent<R> {
    /// Every row: in the query's order where it has one, else in the order in which they were first
    /// seen.
    pub rows: Vec<Arc<R>>,
    /// Why they are told again.
    pub cause: WatchCause,
}

/// Why a live query tells its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WatchCause {
    /// They were read for the first time.
    First,
    /// Some of them changed.
    Changed,
    /// The channel was away, and they were all read again.
    Gap(Gap),
    /// Changes came faster than they could be applied, or were incomplete, and the rows were all
    /// read again.
    Reread,
}

/// The rows of a query, kept current; made by [`Select::watch`].
///
/// Errors of a single read are items; it is tried again after the waits of
/// [`RealtimeOptions::backoff`](super::RealtimeOptions::backoff). A channel that the
/// server refuses ends the stream, and so does a query of too many rows.
#[must_use = "a stream does nothing unless it is read"]
pub struct Watch<R>(Pin<Box<dyn Stream<Item = Result<WatchEvent<R>>> + Send>>);

impl<R> fmt::Debug for Watch<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Watch")
    }
}

impl<R> Stream for Watch<R> {
    type Item = Result<WatchEvent<R>>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

/// The values of the primary key, as text.
type Key = Vec<String>;

/// Reads rows together with their keys.
struct Keyed<T>(PhantomData<fn() -> T>);

struct KeyedRow<T: HasRow> {
    key: Key,
    row: T::Row,
}

fn key<T: Table>(reader: &mut RowReader<'_>) -> Result<Key, DecodeError> {
    T::PRIMARY_KEY.iter().map(|column| Ok(plain(&reader.column::<RawText>(column)?.0))).collect()
}

/// A value as the JSON that it is.
struct RawText(String);

/// A JSON value as the text that a filter takes.
fn plain(json: &str) -> String {
    match serde_json::from_str::<String>(json) {
        Ok(text) => text,
        Err(_) => json.to_owned(),
    }
}

impl Decode for RawText {
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(json.raw_value()?.to_owned()))
    }
}

impl<T: HasRow> Answer for Keyed<T> {
    type Data = Vec<KeyedRow<T>>;
    fn read(_: StatusCode, body: &[u8]) -> Result<Self::Data> {
        // Each row is read twice, once for its key: the generated row does not tell which it is.
        let rows: Vec<RawText> = decode_value(body)?;
        rows.into_iter()
            .map(|RawText(json)| {
                let key = decode_row(json.as_bytes(), key::<T>)?;
                Ok(KeyedRow { key, row: decode_row(json.as_bytes(), <T::Row as FromRow>::decode)? })
            })
            .collect()
    }
}

struct State<T: HasRow> {
    query: Select<T, All>,
    changes: AnyChanges,
    /// By the order in which they were first seen.
    rows: BTreeMap<u64, (Key, Arc<T::Row>)>,
    places: HashMap<Key, u64>,
    next: u64,
    /// Changes that came while others were looked up.
    left: BTreeSet<Key>,
    /// All rows are to be read, for this reason: at first, and until it has worked.
    due: Option<WatchCause>,
    /// How often reading has failed since it last worked.
    failed: u32,
    /// It was refused for good.
    over: bool,
}

/// What a batch of changes asks for.
enum Work {
    Keys(BTreeSet<Key>),
    Everything(WatchCause),
    End(Option<Error>),
}

impl<T: HasRow> State<T>
where
    T::Row: Sync,
{
    /// With an order or a page, which rows belong is decided by all of them together.
    fn is_page(&self) -> bool {
        let plan = &self.query.pending.plan;
        !plan.order.is_empty() || plan.limit.is_some() || plan.offset.is_some()
    }

    async fn work(&mut self) -> Work {
        let mut keys = std::mem::take(&mut self.left);
        let mut everything = self.due.take();
        if self.failed > 0 {
            // What could not be read is read again after a while, however many changes come meanwhile: a server in
            // trouble is not asked with each of them.
            let wait = (self.query.pending.client.hub().shared.options.backoff)(self.failed);
            let until = tokio::time::Instant::now() + wait;
            while keys.len() < KEYS
                && let Ok(change) = tokio::time::timeout_at(until, self.changes.next()).await
            {
                if let Some(end) = note::<T>(change, &mut keys, &mut everything) {
                    return end;
                }
            }
            tokio::time::sleep_until(until).await;
        } else if everything == Some(WatchCause::First) {
            return Work::Everything(WatchCause::First);
        } else if keys.is_empty() {
            let first = self.changes.next().await;
            if let Some(end) = note::<T>(first, &mut keys, &mut everything) {
                return end;
            }
        }
        let deadline = tokio::time::Instant::now() + BATCH;
        while keys.len() < KEYS {
            let Ok(more) = tokio::time::timeout_at(deadline, self.changes.next()).await else { break };
            if let Some(end) = note::<T>(more, &mut keys, &mut everything) {
                return end;
            }
        }
        match everything {
            Some(cause) => Work::Everything(cause),
            None if self.is_page() => Work::Everything(WatchCause::Changed),
            None => Work::Keys(keys),
        }
    }

    async fn read_all(&mut self, cause: WatchCause) -> Result<()> {
        // Dropped or failed on the way, it is still to be done.
        self.due = Some(cause);
        let read = |body: &[u8]| Keyed::<T>::read(StatusCode::OK, body);
        let found = pages::more_than::<T, _>(self.query.pending.clone(), MOST_ROWS, read).await?;
        bounded(found.len())?;
        if self.is_page() {
            self.rows.clear();
            self.places.clear();
        }
        let kept: BTreeSet<&Key> = found.iter().map(|row| &row.key).collect();
        self.places.retain(|key, place| {
            let keep = kept.contains(key);
            if !keep {
                self.rows.remove(place);
            }
            keep
        });
        self.put(found);
        self.due = None;
        Ok(())
    }

    fn put(&mut self, found: Vec<KeyedRow<T>>) {
        for KeyedRow { key, row } in found {
            let place = *self.places.entry(key.clone()).or_insert_with(|| {
                self.next += 1;
                self.next
            });
            self.rows.insert(place, (key, Arc::new(row)));
        }
    }

    async fn read_keys(&mut self, keys: BTreeSet<Key>) -> Result<()> {
        let mut pending = self.query.pending.clone();
        match T::PRIMARY_KEY {
            [column] => {
                pending.narrow(|filter| filter.in_list(&Untyped(column), keys.iter().filter_map(|key| key.first())));
            }
            columns => {
                let each = keys.iter().map(|key| {
                    all::<T, _>(columns.iter().zip(key).map(|(column, value)| {
                        Condition::<T>::leaf(|filter| filter.compare(&Untyped(column), "eq", value.as_str()))
                    }))
                });
                let condition = any::<T, _>(each);
                pending.narrow(|filter| filter.condition(&condition));
            }
        }
        let found = match pending.execute::<Keyed<T>>().await {
            Ok(found) => found.data,
            Err(error) => {
                if error.kind() == ErrorKind::Refused {
                    // So many keys of several columns are too long for a URL.
                    return self.read_all(WatchCause::Changed).await;
                }
                // They are looked up with the next changes.
                self.left.extend(keys);
                return Err(error);
            }
        };
        let still: BTreeSet<&Key> = found.iter().map(|row| &row.key).collect();
        for key in keys.iter().filter(|key| !still.contains(key)) {
            if let Some(place) = self.places.remove(key) {
                self.rows.remove(&place);
            }
        }
        self.put(found);
        bounded(self.rows.len())
    }

    async fn next(&mut self) -> Option<Result<WatchEvent<T::Row>>> {
        if self.over {
            return None;
        }
        let (read, cause) = match self.work().await {
            Work::Keys(keys) => (self.read_keys(keys).await, WatchCause::Changed),
            Work::Everything(cause) => (self.read_all(cause.clone()).await, cause),
            Work::End(end) => return end.map(Err),
        };
        self.over = read.as_ref().is_err_and(|error| error.kind() == ErrorKind::Refused);
        self.failed = if read.is_ok() { 0 } else { self.failed.saturating_add(1) };
        Some(read.map(|()| WatchEvent { rows: self.rows.values().map(|(_, row)| row.clone()).collect(), cause }))
    }
}

/// Refuses what would be too much to keep.
fn bounded(rows: usize) -> Result<()> {
    if rows <= MOST_ROWS {
        return Ok(());
    }
    let why =
        format!("the query has more than {MOST_ROWS} rows, and a live query keeps each: filter it, or give it a limit");
    Err(Error::new(ErrorKind::Refused, why))
}

/// Notes what one item asks for.
fn note<T: Table>(
    item: Option<Result<AnyChange>>,
    keys: &mut BTreeSet<Key>,
    everything: &mut Option<WatchCause>,
) -> Option<Work> {
    match item {
        None => return Some(Work::End(None)),
        Some(Err(error)) if error.kind() == ErrorKind::Decode => {
            everything.get_or_insert(WatchCause::Reread);
        }
        Some(Err(error)) => return Some(Work::End(Some(error))),
        Some(Ok(AnyChange::Gap(gap))) => {
            *everything = Some(match everything.take() {
                // What was read at no time yet has no gap, and two that were not read yet are one.
                Some(WatchCause::First) => WatchCause::First,
                Some(WatchCause::Gap(before)) => WatchCause::Gap(Gap { until: gap.until, ..before }),
                _ => WatchCause::Gap(gap),
            });
        }
        Some(Ok(AnyChange::Lagged(_))) => {
            everything.get_or_insert(WatchCause::Reread);
        }
        Some(Ok(AnyChange::Row(RowChange { new, old, .. }))) => {
            let (new, old) = (key_of::<T>(&new), key_of::<T>(&old));
            if new.is_none() && old.is_none() {
                everything.get_or_insert(WatchCause::Reread);
            }
            // An update may have changed the key itself.
            keys.extend(new);
            keys.extend(old);
        }
    }
    None
}

fn key_of<T: Table>(row: &PartialRow) -> Option<Key> {
    T::PRIMARY_KEY.iter().map(|column| row.raw(column).map(plain)).collect()
}

impl<T: HasRow> Select<T, All>
where
    T::Row: Sync,
{
    /// A live query: the rows as they are now, and all of them again whenever one has changed.
    ///
    /// The changes are subscribed to first and the rows read then, so that nothing is missed in
    /// between. A changed row is looked up with the query's own filters; a query with an order, a
    /// limit or an offset is read again as a whole, and so is every query after a gap. The table has
    /// to be in the publication `supabase_realtime` and to have a primary key. The server's cap on
    /// rows does not matter, since they are read page by page; a query of more than 10,000 ends
    /// with an error.
    ///
    /// Only whole rows can be watched: embedded relations and aggregates change with other tables.
    ///
    /// ```ignore
    /// let mut planets = supabase.from(planets::Table).select(All).gt(planets::radius_km, 3000.0).watch();
    /// while let Some(event) = planets.next().await {
    ///     println!("{} planets", event?.rows.len());
    /// }
    /// ```
    pub fn watch(self) -> Watch<T::Row> {
        const {
            assert!(
                !T::PRIMARY_KEY.is_empty(),
                "only a table with a primary key can be watched: its rows are told apart by it"
            );
        }
        let begun = async move {
            if self.pending.plan.embeds > 0 {
                let why = "`having` and `lacking` depend on other tables, whose changes a live query does not see";
                return Err(Error::new(ErrorKind::Refused, why));
            }
            self.pending.request()?;
            let client = self.pending.client.clone();
            let number = client.hub().next_id();
            let channel = Channel::of(&client, &format!("watch:{}.{}:{number}", T::SCHEMA, T::NAME));
            let changes = channel.on_any_changes(T::SCHEMA, T::NAME).subscribe().await?;
            Ok(State::<T> {
                query: self,
                changes,
                rows: BTreeMap::new(),
                places: HashMap::new(),
                next: 0,
                left: BTreeSet::new(),
                due: Some(WatchCause::First),
                failed: 0,
                over: false,
            })
        };
        let stream = futures_util::stream::once(begun).flat_map(|begun| match begun {
            Err(error) => futures_util::stream::once(std::future::ready(Err(error))).left_stream(),
            Ok(state) => futures_util::stream::unfold(state, |mut state| async move {
                let event = state.next().await?;
                Some((event, state))
            })
            .right_stream(),
        });
        Watch(Box::pin(stream))
    }
}
