//! Row changes, typed by the generated tables.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use chrono::{DateTime, Utc};
use futures_util::Stream;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::channel::{Channel, Subscription, end_of};
use super::hub::{Binding, Interest};
use super::mailbox::{Item, Read};
use super::partial::PartialRow;
use super::status::Gap;
use crate::decode::{DecodeError, decode_row};
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Condition, SelectWriter};
use crate::schema::{FromRow, HasRow, SameTable, Table};

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[non_exhaustive]
pub enum ChangeKind {
    /// It was inserted.
    #[serde(rename = "INSERT")]
    Insert,
    /// It was updated.
    #[serde(rename = "UPDATE")]
    Update,
    /// It was deleted.
    #[serde(rename = "DELETE")]
    Delete,
}

/// What a subscription to the changes of a table gives.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Change<R> {
    /// A row was inserted.
    #[non_exhaustive]
    Insert {
        /// The row.
        new: R,
        /// When it was committed.
        at: Option<DateTime<Utc>>,
    },
    /// A row was updated.
    #[non_exhaustive]
    Update {
        /// What was there before: the key's columns, or all of them with `REPLICA IDENTITY FULL`.
        old: PartialRow,
        /// The row as it is now.
        new: R,
        /// When it was committed.
        at: Option<DateTime<Utc>>,
    },
    /// A row was deleted.
    #[non_exhaustive]
    Delete {
        /// What was there before: the key's columns, or all of them with `REPLICA IDENTITY FULL`
        /// and no row level security.
        old: PartialRow,
        /// When it was committed.
        at: Option<DateTime<Utc>>,
    },
    /// Something happened to a row, but what was sent is not the whole row: a column that the role
    /// may not select, a value that was too large, a column that this program's schema does not
    /// have right.
    #[non_exhaustive]
    Incomplete {
        /// What happened.
        kind: ChangeKind,
        /// What was sent of the row as it is now.
        new: PartialRow,
        /// What was sent of the row as it was.
        old: PartialRow,
        /// What the server says about it.
        errors: Vec<String>,
        /// Why it is not the row, where the server said nothing.
        problem: Option<DecodeError>,
        /// When it was committed.
        at: Option<DateTime<Utc>>,
    },
    /// The channel was away; changes may have been missed. Read again what matters.
    Gap(Gap),
    /// So many changes were dropped, because they were not read in time.
    Lagged(u64),
}

/// A change of any table, with its columns by name.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RowChange {
    /// The schema of the table.
    pub schema: String,
    /// The table.
    pub table: String,
    /// What happened.
    pub kind: ChangeKind,
    /// The row as it is now; empty for a delete.
    pub new: PartialRow,
    /// The row as it was: the key's columns, or all of them with `REPLICA IDENTITY FULL`.
    pub old: PartialRow,
    /// What the server says about it.
    pub errors: Vec<String>,
    /// When it was committed.
    pub at: Option<DateTime<Utc>>,
}

/// What a subscription to changes of any table gives.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AnyChange {
    /// A row changed.
    Row(RowChange),
    /// The channel was away; changes may have been missed.
    Gap(Gap),
    /// So many changes were dropped, because they were not read in time.
    Lagged(u64),
}

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    schema: String,
    #[serde(default)]
    table: String,
    #[serde(rename = "type")]
    kind: ChangeKind,
    #[serde(default)]
    commit_timestamp: Option<String>,
    #[serde(default)]
    columns: Vec<WireColumn>,
    #[serde(default)]
    record: Option<Box<RawValue>>,
    #[serde(default)]
    old_record: Option<Box<RawValue>>,
    #[serde(default)]
    errors: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct WireColumn {
    name: String,
    #[serde(rename = "type", default)]
    kind: String,
}

impl Data {
    fn read(data: &RawValue) -> Result<Self> {
        let mut read: Self = serde_json::from_str(data.get()).map_err(|error| {
            Error::new(ErrorKind::Decode, format!("a change cannot be read: {error}")).with_source(error)
        })?;
        for record in [&mut read.record, &mut read.old_record].into_iter().flatten() {
            hex_as_postgrest(record, &read.columns);
        }
        Ok(read)
    }

    fn at(&self) -> Option<DateTime<Utc>> {
        self.commit_timestamp.as_deref()?.parse().ok()
    }
}

/// Realtime sends `bytea` as bare hex digits; PostgreSQL and PostgREST write `\x` before them.
fn hex_as_postgrest(record: &mut Box<RawValue>, columns: &[WireColumn]) {
    if columns.iter().all(|column| column.kind != "bytea") {
        return;
    }
    let Ok(mut values) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(record.get()) else {
        return;
    };
    // Numbers are written back as they came only in part of serde_json's features, so each value
    // but the bytes keeps its own text.
    let Ok(texts) = serde_json::from_str::<std::collections::BTreeMap<String, Box<RawValue>>>(record.get()) else {
        return;
    };
    let mut out = String::from("{");
    for (at, (name, text)) in texts.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&serde_json::Value::from(name.as_str()).to_string());
        out.push(':');
        let is_bytes = columns.iter().any(|column| column.name == *name && column.kind == "bytea");
        match values.get_mut(name) {
            Some(serde_json::Value::String(hex)) if is_bytes && !hex.starts_with("\\x") => {
                out.push_str(&serde_json::Value::from(format!("\\x{hex}")).to_string());
            }
            _ => out.push_str(text.get()),
        }
    }
    out.push('}');
    if let Ok(raw) = RawValue::from_string(out) {
        *record = raw;
    }
}

fn partial(record: Option<&RawValue>) -> PartialRow {
    record.and_then(|record| serde_json::from_str(record.get()).ok()).unwrap_or_default()
}

fn typed<R: FromRow>(data: &RawValue) -> Result<Change<R>> {
    let data = Data::read(data)?;
    let at = data.at();
    let old = partial(data.old_record.as_deref());
    let errors = data.errors.unwrap_or_default();
    if data.kind == ChangeKind::Delete && errors.is_empty() {
        return Ok(Change::Delete { old, at });
    }
    let row = match &data.record {
        Some(record) if data.kind != ChangeKind::Delete => decode_row(record.get().as_bytes(), R::decode).map_err(Some),
        _ => Err(None),
    };
    Ok(match (row, data.kind) {
        (Ok(new), ChangeKind::Insert) => Change::Insert { new, at },
        (Ok(new), _) => Change::Update { old, new, at },
        (Err(problem), kind) => {
            Change::Incomplete { kind, new: partial(data.record.as_deref()), old, errors, problem, at }
        }
    })
}

/// A subscription to the changes of a table, before it is one. Made by [`Channel::on_changes`].
#[derive(Debug)]
#[must_use = "nothing is received before `.subscribe()` is awaited, or `.stream()` is called and the channel is subscribed"]
pub struct OnChanges<T, R> {
    channel: Channel,
    binding: Binding,
    kind: Option<ChangeKind>,
    refusal: Option<String>,
    types: PhantomData<fn() -> (T, R)>,
}

impl<T: HasRow> OnChanges<T, T::Row> {
    pub(crate) fn new(channel: Channel) -> Self {
        Self {
            channel,
            binding: Binding {
                event: "*",
                schema: T::SCHEMA.to_owned(),
                table: Some(T::NAME.to_owned()),
                filter: None,
                select: Vec::new(),
            },
            kind: None,
            refusal: None,
            types: PhantomData,
        }
    }
}

impl<T: Table, R: FromRow> OnChanges<T, R> {
    /// Only this kind of change; every kind unless set.
    pub fn only(mut self, kind: ChangeKind) -> Self {
        self.kind = Some(kind);
        self.binding.event = kind.name();
        self
    }

    /// Only changes of rows that match; several filters must all match. The server knows
    /// `eq neq lt lte gt gte in_ like ilike is_null is_true … match_regex imatch_regex is_distinct`
    /// and their opposites; of others, and of logic trees, it would send nothing, so they are refused.
    /// Deletes cannot be filtered: they always come.
    pub fn filter<O>(mut self, condition: Condition<O>) -> Self
    where
        O: Table + SameTable<T, Condition<O>>,
    {
        match filter_of(&condition) {
            Ok(filter) => match &mut self.binding.filter {
                Some(filters) => {
                    filters.push(',');
                    filters.push_str(&filter);
                }
                None => self.binding.filter = Some(filter),
            },
            Err(why) => {
                self.refusal.get_or_insert(why);
            }
        }
        self
    }

    /// Only the columns of another row: one of plain columns, made by `select!` or
    /// `#[derive(Row)]`. The server adds the columns of the primary key.
    pub fn rows<Other: FromRow<Table = T>>(mut self) -> OnChanges<T, Other> {
        let mut list = String::new();
        let mut writer = SelectWriter::new(&mut list);
        Other::select(&mut writer);
        if let Some(refusal) = writer.finish() {
            self.refusal.get_or_insert(refusal);
        }
        self.binding.select.clear();
        if list != "*" {
            for name in list.split(',') {
                if !T::COLUMNS.iter().any(|column| column.name == name) {
                    self.refusal.get_or_insert(format!(
                        "`{name}` is not a plain column of `{}`: changes carry columns, not embeds, casts or aliases",
                        T::NAME
                    ));
                }
                self.binding.select.push(name.to_owned());
            }
        }
        let Self { channel, binding, kind, refusal, .. } = self;
        OnChanges { channel, binding, kind, refusal, types: PhantomData }
    }

    /// The stream, which gives items once the channel is subscribed: for several subscriptions on
    /// one channel.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] for a filter that the server does not have, and when the channel is
    /// subscribed already: the server is told about row changes when the channel joins.
    pub fn stream(self) -> Result<Changes<R>> {
        let subscription = register(&self.channel, self.binding, self.kind, self.refusal)?;
        Ok(Changes { subscription, row: PhantomData })
    }

    /// Subscribes the channel, waits until the server confirms that it sends changes, and gives the
    /// stream.
    ///
    /// # Errors
    /// As for [`stream`](Self::stream) and [`Channel::subscribe`].
    pub async fn subscribe(self) -> Result<Changes<R>> {
        let channel = self.channel.clone();
        let stream = self.stream()?;
        channel.subscribe().await?;
        Ok(stream)
    }
}

fn register(
    channel: &Channel,
    binding: Binding,
    kind: Option<ChangeKind>,
    refusal: Option<String>,
) -> Result<Subscription> {
    if let Some(refusal) = refusal {
        return Err(Error::new(ErrorKind::Refused, refusal));
    }
    let index = channel.bind(binding)?;
    Ok(channel.listen(Interest::Change(index, kind)))
}

/// The condition as realtime's grammar has it: `name=eq."a,b"`.
fn filter_of<O>(condition: &Condition<O>) -> Result<String, String> {
    if let Some(refusal) = condition.refusal() {
        return Err(refusal.to_string());
    }
    let Some((text, operator_at)) = condition.leaf_text() else {
        return Err("the server takes no `any`, `all` or `not` of several conditions: give each condition to a `.filter(..)` of its own".to_owned());
    };
    let (column, rest) =
        (text.get(..operator_at.saturating_sub(1)).unwrap_or_default(), text.get(operator_at..).unwrap_or_default());
    let bare = rest.strip_prefix("not.").unwrap_or(rest);
    let operator = bare.split('.').next().unwrap_or_default();
    const KNOWN: [&str; 12] = ["eq", "neq", "lt", "lte", "gt", "gte", "in", "like", "ilike", "is", "match", "imatch"];
    if !KNOWN.contains(&operator) && operator != "isdistinct" {
        return Err(format!("the server cannot filter changes with `{operator}`"));
    }
    if operator == "in" && bare.matches(',').count() >= 100 {
        return Err("the server takes at most 100 values of `in_` in a filter of changes".to_owned());
    }
    Ok(format!("{column}={rest}"))
}

impl ChangeKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

/// The changes of a table. Ends after the channel was left; before that, with an error, when the
/// server refused the channel.
#[derive(Debug)]
#[must_use = "a stream does nothing unless it is read"]
pub struct Changes<R> {
    subscription: Subscription,
    row: PhantomData<fn() -> R>,
}

impl<R: FromRow> Stream for Changes<R> {
    type Item = Result<Change<R>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(self.subscription.poll(context)) {
                Read::Item(Item::Change(data)) => Some(typed(&data)),
                Read::Item(Item::Gap(gap)) => Some(Ok(Change::Gap(gap))),
                Read::Item(Item::Lagged(count)) => Some(Ok(Change::Lagged(count))),
                Read::Item(_) => continue,
                end => end_of(&self.subscription, end),
            });
        }
    }
}

/// A subscription to the changes of any table, before it is one. Made by
/// [`Channel::on_any_changes`].
#[derive(Debug)]
#[must_use = "nothing is received before `.subscribe()` is awaited, or `.stream()` is called and the channel is subscribed"]
pub struct OnAnyChanges {
    channel: Channel,
    binding: Binding,
    kind: Option<ChangeKind>,
}

impl OnAnyChanges {
    pub(crate) fn new(channel: Channel, schema: &str, table: Option<&str>) -> Self {
        let binding = Binding {
            event: "*",
            schema: schema.to_owned(),
            table: table.map(str::to_owned),
            filter: None,
            select: Vec::new(),
        };
        Self { channel, binding, kind: None }
    }

    /// Only this kind of change; every kind unless set.
    pub fn only(mut self, kind: ChangeKind) -> Self {
        self.kind = Some(kind);
        self.binding.event = kind.name();
        self
    }

    /// A filter in realtime's own grammar: `name=eq.Mars,id=in.(1,2)`.
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.binding.filter = Some(filter.into());
        self
    }

    /// Only these columns, and the primary key's.
    pub fn select(mut self, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.binding.select = columns.into_iter().map(Into::into).collect();
        self
    }

    /// See [`OnChanges::stream`].
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when the channel is subscribed already.
    pub fn stream(self) -> Result<AnyChanges> {
        Ok(AnyChanges { subscription: register(&self.channel, self.binding, self.kind, None)? })
    }

    /// See [`OnChanges::subscribe`].
    ///
    /// # Errors
    /// As for [`stream`](Self::stream) and [`Channel::subscribe`].
    pub async fn subscribe(self) -> Result<AnyChanges> {
        let channel = self.channel.clone();
        let stream = self.stream()?;
        channel.subscribe().await?;
        Ok(stream)
    }
}

/// The changes of any table.
#[derive(Debug)]
#[must_use = "a stream does nothing unless it is read"]
pub struct AnyChanges {
    subscription: Subscription,
}

impl Stream for AnyChanges {
    type Item = Result<AnyChange>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(self.subscription.poll(context)) {
                Read::Item(Item::Change(data)) => Some(untyped(&data)),
                Read::Item(Item::Gap(gap)) => Some(Ok(AnyChange::Gap(gap))),
                Read::Item(Item::Lagged(count)) => Some(Ok(AnyChange::Lagged(count))),
                Read::Item(_) => continue,
                end => end_of(&self.subscription, end),
            });
        }
    }
}

fn untyped(data: &Arc<RawValue>) -> Result<AnyChange> {
    let data = Data::read(data)?;
    let at = data.at();
    Ok(AnyChange::Row(RowChange {
        at,
        new: partial(data.record.as_deref()),
        old: partial(data.old_record.as_deref()),
        schema: data.schema,
        table: data.table,
        kind: data.kind,
        errors: data.errors.unwrap_or_default(),
    }))
}
