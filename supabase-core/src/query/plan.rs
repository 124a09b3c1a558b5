//! A request while it is being built, and the finished request. Pure: no I/O, no runtime.

use std::borrow::Cow;
use std::fmt::Write as _;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Method};

use super::encode::ValueError;
use super::explain::Explain;
use super::order::OrderTerms;
use super::prefer::Prefer;
use super::{name, percent};

/// Why a query is refused before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub(crate) Box<str>);

impl Refusal {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into().into_boxed_str())
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// The media type that the answer is asked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Accept {
    #[default]
    Json,
    Object,
    JsonNullsStripped,
    ObjectNullsStripped,
    Csv,
    GeoJson,
    OpenApi,
    Explain(Explain),
}

impl Accept {
    fn header(self) -> HeaderValue {
        match self {
            Self::Json => HeaderValue::from_static("application/json"),
            Self::Object => HeaderValue::from_static("application/vnd.pgrst.object+json"),
            Self::JsonNullsStripped => HeaderValue::from_static("application/vnd.pgrst.array+json;nulls=stripped"),
            Self::ObjectNullsStripped => HeaderValue::from_static("application/vnd.pgrst.object+json;nulls=stripped"),
            Self::Csv => HeaderValue::from_static("text/csv"),
            Self::GeoJson => HeaderValue::from_static("application/geo+json"),
            Self::OpenApi => HeaderValue::from_static("application/openapi+json"),
            Self::Explain(explain) => explain.media_type(),
        }
    }
}

/// What is called: a table, or a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    Table,
    Function,
    /// The root, where the server describes itself.
    Root,
}

/// A request to PostgREST, finished and free of I/O.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query below the REST root, percent-encoded: `/planets?select=id&id=gt.2`.
    pub target: String,
    /// Everything but keys and tokens.
    pub headers: HeaderMap,
    /// The body, if there is one.
    pub body: Option<Bytes>,
    /// Whether repeating it can change nothing more than sending it once.
    pub idempotent: bool,
    /// Whether the headers are those of [`Plan::usual_read`], which are left out here.
    pub(crate) usual_read: bool,
}

/// A request while it is being built.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) method: Method,
    pub(crate) resource: Resource,
    pub(crate) name: Cow<'static, str>,
    pub(crate) schema: Cow<'static, str>,
    /// Encoded parameters, joined by `&`; the select list comes first and ends at `select_end`.
    pub(crate) query: String,
    pub(crate) select_end: usize,
    /// Encoded order terms, joined by `,`.
    pub(crate) order: String,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: Option<u64>,
    pub(crate) prefer: Prefer,
    pub(crate) accept: Accept,
    pub(crate) body: Option<Bytes>,
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) refusal: Option<Refusal>,
    /// How many embeds the builder has added for conditions on related rows.
    pub(crate) embeds: u32,
    /// Tables that were embedded for a condition under their own name.
    pub(crate) conditions_on: Vec<&'static str>,
    /// Whether the request is a call of a function that changes nothing.
    pub(crate) read_only: bool,
    /// Whether a filter on the table's own rows was written, or every row is meant.
    pub(crate) narrowed: bool,
    /// The columns that some rows of an upsert set and others leave out, joined for messages, until
    /// `.default_missing()` says what that means.
    pub(crate) uneven: Option<Box<str>>,
}

/// The schema that requests name unless they name another.
const USUAL_SCHEMA: &str = "public";

/// Whether a number of rows is a limit. The server's number ends here, and no table has as many rows:
/// `range(100, u64::MAX)` is everything from there on.
pub(crate) fn is_bound(rows: u64) -> bool {
    i64::try_from(rows).is_ok()
}

/// Starts the next parameter.
pub(crate) fn separator(query: &mut String) {
    if !query.is_empty() {
        query.push('&');
    }
}

impl Plan {
    pub(crate) fn new(method: Method, resource: Resource, name: Cow<'static, str>, schema: Cow<'static, str>) -> Self {
        Self {
            method,
            resource,
            name,
            schema,
            query: String::new(),
            select_end: 0,
            order: String::new(),
            limit: None,
            offset: None,
            prefer: Prefer::default(),
            accept: Accept::default(),
            body: None,
            content_type: None,
            refusal: None,
            embeds: 0,
            conditions_on: Vec::new(),
            read_only: false,
            narrowed: false,
            uneven: None,
        }
    }

    /// Remembers the first reason not to send.
    pub(crate) fn refuse(&mut self, why: impl Into<String>) {
        if self.refusal.is_none() {
            self.refusal = Some(Refusal::new(why));
        }
    }

    /// Remembers that a value of `place` cannot be sent.
    pub(crate) fn check(&mut self, place: &str, written: Result<(), ValueError>) {
        if let Err(error) = written {
            self.refuse(format!("{place}: {error}"));
        }
    }

    /// Adds a parameter whose value is encoded already.
    pub(crate) fn parameter(&mut self, key: &str, encoded: &str) {
        separator(&mut self.query);
        percent::encode(&mut self.query, key);
        self.query.push('=');
        self.query.push_str(encoded);
    }

    /// Looks at the filter that was written behind `start`: whether it is about the table's own rows.
    pub(crate) fn note_filter(&mut self, start: usize) {
        // Reads and calls need none, and most queries are reads.
        if !self.narrowed && matches!(self.method, Method::PATCH | Method::DELETE) {
            let written = self.query[start..].trim_start_matches('&');
            let key = percent::decode(written.split('=').next().unwrap_or_default());
            self.narrowed = name::is_about_own_rows(&key);
        }
    }

    /// Names the columns of a conflict, in place of those that were named before.
    pub(crate) fn set_conflict(&mut self, encoded: &str) {
        self.set_parameter("on_conflict", encoded);
    }

    /// Where the value of a modifier stands. A column of that name is quoted in a filter, so the bare
    /// key is the modifier alone.
    fn value_of(&self, key: &str) -> Option<std::ops::Range<usize>> {
        let mut sought = String::with_capacity(key.len() + 8);
        percent::encode(&mut sought, key);
        sought.push('=');
        let mut start = 0;
        loop {
            let end = self.query[start..].find('&').map_or(self.query.len(), |at| start + at);
            if self.query[start..end].starts_with(&sought) {
                return Some(start + sought.len()..end);
            }
            start = end + 1;
            if start > self.query.len() {
                return None;
            }
        }
    }

    /// Gives a modifier this value, in place of one that it had.
    pub(crate) fn set_parameter(&mut self, key: &str, encoded: &str) {
        match self.value_of(key) {
            Some(value) => self.query.replace_range(value, encoded),
            None => self.parameter(key, encoded),
        }
    }

    /// Adds to the list that a modifier has: the server reads only the first parameter of a name.
    pub(crate) fn extend_parameter(&mut self, key: &str, encoded: &str) {
        match self.value_of(key) {
            Some(value) if value.is_empty() => self.query.insert_str(value.end, encoded),
            Some(value) => self.query.insert_str(value.end, &format!(",{encoded}")),
            None => self.parameter(key, encoded),
        }
    }

    /// Writes the select list by way of `write`. The server reads the first list alone, so one that
    /// is there is replaced; the embeds of conditions stay, since filters are addressed to them.
    pub(crate) fn select(&mut self, write: impl FnOnce(&mut super::SelectWriter<'_>)) {
        if self.select_end > 0 {
            return self.select_instead(write);
        }
        // Room for a usual query, so that it is written without growing.
        if self.query.capacity() == 0 {
            self.query = String::with_capacity(256);
        }
        separator(&mut self.query);
        self.query.push_str("select=");
        let mut writer = super::SelectWriter::new(&mut self.query);
        write(&mut writer);
        if let Some(refusal) = writer.finish() {
            self.refuse(refusal);
        }
        self.select_end = self.query.len();
    }

    fn select_instead(&mut self, write: impl FnOnce(&mut super::SelectWriter<'_>)) {
        let start = self.value_of("select").map_or(self.select_end, |list| list.start);
        let old = &self.query[start..self.select_end];
        // They stand behind everything else, the first of them first.
        let conditions = if self.embeds == 0 { None } else { old.find(",having_1:") };
        let conditions = conditions.map_or(String::new(), |at| old[at..].to_owned());
        let mut list = String::with_capacity(128);
        let mut writer = super::SelectWriter::new(&mut list);
        write(&mut writer);
        if let Some(refusal) = writer.finish() {
            self.refuse(refusal);
        }
        list.push_str(&conditions);
        self.query.replace_range(start..self.select_end, &list);
        self.select_end = start + list.len();
    }

    /// Selects a column once more, under a key of its own.
    #[cfg(feature = "client")]
    pub(crate) fn select_more(&mut self, alias: &str, column: &str) {
        if self.select_end == 0 {
            self.select(|out| out.all());
        }
        let mut item = String::from(",");
        let mut writer = super::SelectWriter::new(&mut item);
        writer.column_as(alias, column);
        if let Some(refusal) = writer.finish() {
            self.refuse(refusal);
        }
        self.query.insert_str(self.select_end, &item);
        self.select_end += item.len();
    }

    /// Embeds one more relation in the select list, for a condition and not for its rows; gives the
    /// alias that its filters are addressed to.
    pub(crate) fn embed_for_condition(&mut self, target: &'static str, by_key: &str, inner: bool) -> String {
        self.embed_unseen("having", target, by_key, if inner { "!inner()" } else { "()" })
    }

    /// Keeps rows that have no related row.
    pub(crate) fn lack(&mut self, target: &'static str, by_key: &str) {
        let alias = self.embed_for_condition(target, by_key, false);
        self.parameter(&alias, "is.null");
    }

    /// Embeds a relation that the user has not selected, with a select list, under an alias of ours.
    ///
    /// `by_key` names the relationship without its table's name, where the server allows that.
    /// Where it does not, an embed of the same table that is selected under the table's name could
    /// not be told from this one by servers before PostgREST 16, which [`finish`](Self::finish)
    /// looks out for.
    fn embed_unseen(&mut self, purpose: &str, target: &'static str, by_key: &str, list: &str) -> String {
        if self.select_end == 0 {
            self.select(|out| out.all());
        }
        self.embeds += 1;
        let alias = format!("{purpose}_{}", self.embeds);
        let mut embed = String::with_capacity(target.len() + 24);
        embed.push(',');
        embed.push_str(&alias);
        embed.push(':');
        percent::encode(&mut embed, by_key);
        if by_key == target {
            self.conditions_on.push(target.split('!').next().unwrap_or(target));
        }
        embed.push_str(list);
        self.query.insert_str(self.select_end, &embed);
        self.select_end += embed.len();
        alias
    }

    /// Sorts by columns of a related row. They are embedded for the purpose, since the server sorts by what is
    /// selected alone.
    pub(crate) fn order_by_related(
        &mut self,
        target: &'static str,
        by_key: &str,
        write: impl FnOnce(&mut OrderTerms<'_>),
    ) {
        let alias = format!("related_{}", self.embeds + 1);
        let mut terms = OrderTerms::of_resource(&alias);
        write(&mut terms);
        let (terms, columns) = terms.finish();
        if !columns.is_empty() {
            self.embed_unseen("related", target, by_key, &format!("({})", columns.join(",")));
            self.order(terms);
        }
    }

    /// Adds order terms that are encoded already.
    pub(crate) fn order(&mut self, terms: String) {
        if self.order.is_empty() {
            self.order = terms;
        } else if !terms.is_empty() {
            self.order.push(',');
            self.order.push_str(&terms);
        }
    }

    /// Reads only, or writes to the same effect however often.
    fn is_idempotent(&self) -> bool {
        self.method == Method::GET || self.method == Method::HEAD || self.read_only
    }

    /// Refuses filters that the server would give to another embed of the same table.
    fn check_embeds(&self) -> Result<(), Refusal> {
        for table in &self.conditions_on {
            let mut key = String::from("&");
            percent::encode(&mut key, table);
            key.push('.');
            if self.query.contains(&key) {
                return Err(Refusal::new(format!(
                    "this query shapes the embedded `{table}` and has a condition on `{table}` rows as well, which servers \
                     before PostgREST 16 cannot tell apart; select it under an alias (`mine: {table} {{ .. }}` in `select!`) and \
                     shape that"
                )));
            }
        }
        Ok(())
    }

    /// Refuses a NUL in a name or a key of json: the server cuts the name there and goes on with
    /// another one. Values that hold one are refused where they are written.
    fn check_names(&self) -> Result<(), Refusal> {
        // A `%` of the user's own is encoded, so this is nothing but a NUL.
        const NUL: &str = "%00";
        let place = if self.query.contains(NUL) {
            self.query.split('&').find(|parameter| parameter.contains(NUL)).unwrap_or_default()
        } else if self.order.contains(NUL) {
            "order"
        } else {
            return Ok(());
        };
        let key = percent::decode(place.split('=').next().unwrap_or_default());
        Err(Refusal::new(format!(
            "the parameter {key:?} has a NUL character in a name: PostgreSQL has none there, and the server would cut the name \
             and take another column"
        )))
    }

    /// The path below the REST root.
    pub(crate) fn push_path(&self, out: &mut String) {
        out.push('/');
        if self.resource == Resource::Function {
            out.push_str("rpc/");
        }
        percent::encode_segment(out, &self.name);
    }

    /// The headers that most reads have, so that a client can have them ready.
    pub(crate) fn usual_read() -> HeaderMap {
        let plan = Self::new(Method::GET, Resource::Table, "".into(), USUAL_SCHEMA.into());
        debug_assert!(plan.is_usual_read(), "this is what it is measured by");
        plan.headers().unwrap_or_default()
    }

    /// Whether the headers are those of [`usual_read`](Self::usual_read).
    fn is_usual_read(&self) -> bool {
        (self.method == Method::GET || self.method == Method::HEAD)
            && self.accept == Accept::Json
            && self.prefer.is_empty()
            && self.body.is_none()
            && self.schema == USUAL_SCHEMA
    }

    /// The finished request.
    pub(crate) fn finish(&self) -> Result<Request, Refusal> {
        let mut request = self.finish_to_send()?;
        if std::mem::take(&mut request.usual_read) {
            request.headers = self.headers()?;
        }
        Ok(request)
    }

    /// The finished request, for a client: without headers where they are those of a usual read.
    pub(crate) fn finish_to_send(&self) -> Result<Request, Refusal> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        if self.resource == Resource::Table && matches!(self.method, Method::PATCH | Method::DELETE) && !self.narrowed {
            return Err(Refusal::new(format!(
                "no filter of this {} is about the rows of `{}` itself, so every row would be meant: filters of embedded \
                 resources do not narrow it; add one on a column, or say `.every_row()`",
                if self.method == Method::PATCH { "update" } else { "delete" },
                self.name
            )));
        }
        self.check_embeds()?;
        self.check_names()?;
        if let Some(uneven) = &self.uneven
            && self.prefer.resolution == Some(super::Resolution::Merge)
        {
            return Err(Refusal::new(format!(
                "`upsert_many` into `{}`: some rows leave out {uneven} and others set it, so the server would overwrite what is \
                 stored in the former; let every row set the same columns (send the others in an upsert of their own), or say \
                 `.default_missing()` if it shall be overwritten with the default",
                self.name
            )));
        }
        if self.prefer.resolution.is_some() && self.value_of("on_conflict").is_some_and(|value| value.is_empty()) {
            return Err(Refusal::new(format!(
                "an upsert into `{}` has to name the columns that decide which row exists already: it has no primary key, so \
                 without `.on_conflict(..)` every row would be inserted",
                self.name
            )));
        }
        if self.resource != Resource::Root && matches!(&*self.name, "" | "." | "..") {
            return Err(Refusal::new(format!("`{}` cannot be the name of a table or function in a URL", self.name)));
        }
        if self.name.as_bytes().contains(&0) {
            return Err(Refusal::new("the name of a table or function holds a NUL character"));
        }
        let mut target = String::with_capacity(self.name.len() + self.query.len() + self.order.len() + 48);
        self.push_path(&mut target);
        let mut mark = '?';
        let mut next = |target: &mut String| {
            target.push(mark);
            mark = '&';
        };
        if !self.query.is_empty() {
            next(&mut target);
            target.push_str(&self.query);
        }
        if !self.order.is_empty() {
            next(&mut target);
            target.push_str("order=");
            target.push_str(&self.order);
        }
        for (key, value) in [("limit", self.limit.filter(|rows| is_bound(*rows))), ("offset", self.offset)] {
            if let Some(value) = value {
                next(&mut target);
                let written = write!(target, "{key}={value}");
                debug_assert!(written.is_ok(), "writing to a String does not fail");
            }
        }
        let usual_read = self.is_usual_read();
        Ok(Request {
            method: self.method.clone(),
            target,
            headers: if usual_read { HeaderMap::new() } else { self.headers()? },
            body: self.body.clone(),
            idempotent: self.is_idempotent(),
            usual_read,
        })
    }

    fn headers(&self) -> Result<HeaderMap, Refusal> {
        const PREFER: HeaderName = HeaderName::from_static("prefer");
        const ACCEPT_PROFILE: HeaderName = HeaderName::from_static("accept-profile");
        const CONTENT_PROFILE: HeaderName = HeaderName::from_static("content-profile");

        let mut headers = HeaderMap::with_capacity(6);
        headers.insert(ACCEPT, self.accept.header());
        if !self.prefer.is_empty() {
            // Names and numbers of ours alone: always a valid header value.
            if let Ok(prefer) = HeaderValue::try_from(self.prefer.to_string()) {
                headers.insert(PREFER, prefer);
            }
        }
        if !self.schema.is_empty() {
            let profile = match &self.schema {
                Cow::Borrowed("public") => HeaderValue::from_static("public"),
                schema => HeaderValue::from_bytes(schema.as_bytes())
                    .map_err(|_| Refusal::new(format!("schema `{schema}` cannot be the value of a header")))?,
            };
            let reads = self.method == Method::GET || self.method == Method::HEAD;
            headers.insert(if reads { ACCEPT_PROFILE } else { CONTENT_PROFILE }, profile);
        }
        if self.body.is_some() {
            let json = const { HeaderValue::from_static("application/json") };
            headers.insert(CONTENT_TYPE, self.content_type.clone().unwrap_or(json));
        }
        Ok(headers)
    }
}

/// Appends a list of column names as `columns` and `on_conflict` take it.
pub(crate) fn push_columns<'n>(out: &mut String, names: impl Iterator<Item = &'n str>) {
    let mut text = String::with_capacity(128);
    for (at, column) in names.enumerate() {
        if at > 0 {
            text.push(',');
        }
        name::push_quoted(&mut text, column);
    }
    percent::encode(out, &text);
}
