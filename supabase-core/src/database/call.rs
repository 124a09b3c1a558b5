//! Calling functions of the database.

use std::borrow::Cow;
use std::future::IntoFuture;
use std::marker::PhantomData;

use http::{HeaderValue, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::{
    Answer, Many, Maybe, Minimal, Nothing, One, ReadJson, ReadText, Response, Rows as ReadRows, Value,
};
use super::fetch::Fetch;
use super::filters::{optional_filters, typed_filters};
use super::pending::{Pending, request_options};
use super::split::Post;
use super::within::{Having, Within};
use crate::client::Client;
use crate::decode::Decode;
use crate::error::Result;
use crate::query::{
    Accept, All, ArgumentWriter, Count, Explain, FilterWriter, OrderOf, Plan, Resource, Selection, SelectionOf,
};
use crate::schema::returns::{OneRow, Rows, Scalar, SetOf, Void};
use crate::schema::{EmbeddedIn, Function, HasRow, Relation, RelationOf, Table};
use crate::transport::BoxFuture;

/// What `Client::rpc` takes: a generated function, or a name with arguments.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a call of a database function",
    label = "expected a generated function such as `functions::hello_world {{}}`",
    note = "the untyped form is `supabase.rpc((\"name\", arguments))` with anything that serializes as an object"
)]
pub trait CallTarget<R> {
    /// How the answer is read.
    type Returns;
    #[doc(hidden)]
    fn call(self, client: Client, schema: Cow<'static, str>) -> Call<Self::Returns>;
}

impl<F: Function> CallTarget<()> for F {
    type Returns = F::Returns;
    fn call(self, client: Client, _: Cow<'static, str>) -> Call<F::Returns> {
        let mut plan = Plan::new(Method::POST, Resource::Function, Cow::Borrowed(F::NAME), Cow::Borrowed(F::SCHEMA));
        plan.read_only = F::READ_ONLY;
        let mut body = String::with_capacity(128);
        let mut single = None;
        let mut writer = ArgumentWriter::for_body(&mut body, &mut single);
        self.write(&mut writer);
        let written = writer.finish();
        plan.check("an argument", written);
        plan.body = Some(match single {
            Some(single) => {
                plan.content_type = Some(HeaderValue::from_static(single.content_type));
                single.bytes.into()
            }
            None => body.into(),
        });
        let mut arguments = String::new();
        let (mut fits, mut documents) = (true, false);
        self.write(&mut ArgumentWriter::for_query(&mut arguments, &mut fits, &mut documents));
        Call::new(Pending::new(client, plan), fits.then_some(InUrl { arguments, documents }))
    }
}

/// A function that was named by text: the answer is anything that serde can read.
#[derive(Debug, Clone, Copy)]
pub struct Untold<R>(PhantomData<fn() -> R>);

impl<A: Serialize, R> CallTarget<Untold<R>> for (&str, A) {
    type Returns = Untold<R>;
    fn call(self, client: Client, schema: Cow<'static, str>) -> Call<Untold<R>> {
        let (name, arguments) = self;
        let mut plan = Plan::new(Method::POST, Resource::Function, Cow::Owned(name.to_owned()), schema);
        let mut query = None;
        match serde_json::to_value(&arguments) {
            Ok(serde_json::Value::Null) => {
                plan.body = Some("{}".into());
                query = Some(InUrl::default());
            }
            Ok(serde_json::Value::Object(object)) => query = query_arguments(&object),
            Ok(_) => {}
            Err(error) => plan.refuse(format!("the arguments cannot be written as JSON: {error}")),
        }
        if plan.body.is_none() {
            match serde_json::to_vec(&arguments) {
                Ok(body) => plan.body = Some(body.into()),
                Err(error) => plan.refuse(format!("the arguments cannot be written as JSON: {error}")),
            }
        }
        Call::new(Pending::new(client, plan), query)
    }
}

impl<R> CallTarget<Untold<R>> for &str {
    type Returns = Untold<R>;
    fn call(self, client: Client, schema: Cow<'static, str>) -> Call<Untold<R>> {
        (self, ()).call(client, schema)
    }
}

/// The arguments of a call as parameters.
#[derive(Debug, Clone, Default)]
struct InUrl {
    arguments: String,
    /// Whether there is a document of json among them. PostgREST before 14 takes it for a string that
    /// spells it, so it is said here only where there is no other way.
    documents: bool,
}

/// The arguments as parameters, where a query string can say them.
fn query_arguments(object: &serde_json::Map<String, serde_json::Value>) -> Option<InUrl> {
    use serde_json::Value as Json;
    let (mut out, mut documents) = (String::new(), false);
    for (name, value) in object {
        crate::query::plan::separator(&mut out);
        crate::query::percent_encode(&mut out, name);
        out.push('=');
        let text = match value {
            Json::Null => return None,
            Json::String(text) => text.clone(),
            Json::Array(elements) => {
                // `{}` is an empty object to a parameter of type json.
                documents |= elements.is_empty();
                array_text(elements)?
            }
            other => {
                documents |= other.is_object();
                other.to_string()
            }
        };
        if crate::query::name::looks_like_a_filter(&text)
            || crate::query::name::is_reserved(name)
            || text.contains('\0')
        {
            return None;
        }
        crate::query::percent_encode(&mut out, &text);
    }
    Some(InUrl { arguments: out, documents })
}

/// A JSON array as an array of PostgreSQL; `None` where its elements are objects.
fn array_text(elements: &[serde_json::Value]) -> Option<String> {
    use serde_json::Value as Json;
    let mut out = String::from("{");
    for (at, element) in elements.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        match element {
            Json::Null => out.push_str("NULL"),
            Json::String(text) => crate::query::name::push_quoted(&mut out, text),
            Json::Array(elements) => out.push_str(&array_text(elements)?),
            Json::Object(_) => return None,
            other => out.push_str(&other.to_string()),
        }
    }
    out.push('}');
    Some(out)
}

/// A call whose answer is read as `R`, one of [`returns`](crate::schema::returns). Awaiting it
/// gives that.
#[must_use = "nothing is sent before the call is awaited"]
pub struct Call<R> {
    pub(crate) pending: Pending,
    /// The arguments as parameters, where a query string can say them.
    query: Option<InUrl>,
    returns: PhantomData<fn() -> R>,
}

impl<R> Clone for Call<R> {
    fn clone(&self) -> Self {
        Self { pending: self.pending.clone(), query: self.query.clone(), returns: PhantomData }
    }
}

impl<R> std::fmt::Debug for Call<R> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Call").field(&self.pending.plan.name).finish()
    }
}

impl<R> Call<R> {
    fn new(pending: Pending, query: Option<InUrl>) -> Self {
        Self { pending, query, returns: PhantomData }
    }

    fn returning<R2>(self) -> Call<R2> {
        Call::new(self.pending, self.query)
    }

    pub(crate) fn narrow(mut self, write: impl FnOnce(&mut FilterWriter<'_>)) -> Self {
        self.pending.narrow(write);
        self
    }

    /// Calls with `GET`, so that the server runs the function in a read-only transaction and
    /// caches may keep the answer. Arguments that a query string cannot say (NULL, text that
    /// would be taken for a filter, documents of json, variadic lists) make it a `POST` after all.
    pub fn get(mut self) -> Self {
        if self.query.as_ref().is_some_and(|query| !query.documents) {
            self.use_query(Method::GET);
        }
        self
    }

    fn use_query(&mut self, method: Method) -> bool {
        let Some(InUrl { arguments, .. }) = self.query.take() else { return false };
        let plan = &mut self.pending.plan;
        if !arguments.is_empty() {
            // The select list stays in front, where its end is known.
            let mut inserted = String::new();
            if plan.select_end > 0 {
                inserted.push('&');
                inserted.push_str(&arguments);
                plan.query.insert_str(plan.select_end, &inserted);
            } else {
                inserted.push_str(&arguments);
                if !plan.query.is_empty() {
                    inserted.push('&');
                }
                plan.query.insert_str(0, &inserted);
            }
        }
        let body = plan.body.take();
        if method == Method::GET && !arguments.is_empty() {
            self.pending.post = body.map(|body| Box::new(Post { arguments, body }));
        }
        plan.method = method;
        true
    }

    /// Counts the rows that the function gives, whatever the limit; the number is in
    /// `.execute().await?.count`.
    pub fn count(mut self, count: Count) -> Self {
        self.pending.plan.prefer.count = Some(count);
        self
    }

    /// Only the head of the answer. Note that the server does not run scalar and void functions
    /// for it. Arguments that a query string cannot say are refused before sending. A document of
    /// json is a string to servers before PostgREST 14 here, where there is no `POST` to say it by.
    pub fn head(mut self) -> Fetch<Nothing> {
        if self.pending.plan.method == Method::GET {
            // The arguments are in the URL already.
            self.pending.plan.method = Method::HEAD;
            self.pending.post = None;
        } else if !self.use_query(Method::HEAD) {
            self.pending.plan.refuse("`head` cannot say these arguments in a URL; call without it");
        }
        Fetch::new(self.pending)
    }

    /// Changes nothing, and says so with an error, if the function gives more rows than this: for
    /// functions whose rows are what they changed. Servers before PostgREST 14 refuse it.
    pub fn max_affected(mut self, rows: u64) -> Self {
        self.pending.plan.prefer.max_affected = Some(rows);
        self
    }

    /// PostgreSQL's plan of the call, as text. The server has to allow plans.
    pub fn explain(mut self, options: Explain) -> Fetch<ReadText> {
        self.pending.plan.accept = Accept::Explain(options);
        Fetch::new(self.pending)
    }

    /// The result as comma-separated values.
    pub fn csv(mut self) -> Fetch<ReadText> {
        self.pending.plan.accept = Accept::Csv;
        Fetch::new(self.pending)
    }

    /// The rows as a GeoJSON feature collection; they need a PostGIS column.
    pub fn geojson(mut self) -> Fetch<ReadJson<serde_json::Value>> {
        self.pending.plan.accept = Accept::GeoJson;
        Fetch::new(self.pending)
    }
}

/// How the answer of a call is read.
#[diagnostic::on_unimplemented(
    message = "the result of this function cannot be read",
    label = "`{Self}` is not a result"
)]
pub trait Returned: 'static {
    /// What awaiting the call gives.
    type Answer: Answer;
}

impl Returned for Void {
    type Answer = Minimal;
}
impl<V: Decode + Send + 'static> Returned for Scalar<V> {
    type Answer = Value<V>;
}
impl<V: Decode + Send + 'static> Returned for SetOf<V> {
    type Answer = Value<Vec<V>>;
}
impl<T: HasRow> Returned for Rows<T> {
    type Answer = Many<T, All>;
}
impl<T: HasRow> Returned for OneRow<T> {
    type Answer = One<T, All>;
}
impl<T: 'static, S: ReadRows<T> + 'static> Returned for Many<T, S>
where
    S::Row: Send,
{
    type Answer = Self;
}
impl<T: 'static, S: ReadRows<T> + 'static> Returned for One<T, S>
where
    S::Row: Send,
{
    type Answer = Self;
}
impl<R: DeserializeOwned + Send + 'static> Returned for Untold<R> {
    type Answer = ReadJson<R>;
}

impl<R: Returned> Call<R> {
    /// Calls the function.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub fn send(self) -> impl Future<Output = Result<<R::Answer as Answer>::Data>> + Send + 'static {
        async move { Ok(self.pending.execute::<R::Answer>().await?.data) }
    }

    /// Calls the function and gives the answer with count, status and headers.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub fn execute(self) -> impl Future<Output = Result<Response<<R::Answer as Answer>::Data>>> + Send + 'static {
        self.pending.execute::<R::Answer>()
    }
}

impl<R: Returned> IntoFuture for Call<R> {
    type Output = Result<<R::Answer as Answer>::Data>;
    type IntoFuture = BoxFuture<'static, Self::Output>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<T: Table> Call<Rows<T>> {
    /// Selects columns and relations of the rows that the function gives.
    pub fn select<S: SelectionOf<T>>(mut self, selection: S) -> Call<Many<T, S>> {
        self.pending.plan.select(|out| selection.write(out));
        self.returning()
    }
}

impl<T: Table> Call<OneRow<T>> {
    /// Selects columns and relations of the row that the function gives.
    pub fn select<S: SelectionOf<T>>(mut self, selection: S) -> Call<One<T, S>> {
        self.pending.plan.select(|out| selection.write(out));
        self.returning()
    }
}

/// What calls that give rows have in common, before and after `.select(..)`.
macro_rules! row_calls {
    ($([$($param:tt)*] $ty:ty, $t:ty, $s:ty;)+) => {$(
        impl<$($param)*> $ty {
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

            /// The rows from position `first` to `last`, both included and counted from 0.
            pub fn range(mut self, first: u64, last: u64) -> Self {
                if last < first {
                    self.pending.plan.refuse(format!("`range({first}, {last})` ends before it starts"));
                }
                self.pending.plan.offset = Some(first);
                self.pending.plan.limit = Some(last.saturating_sub(first).saturating_add(1));
                self
            }

            /// Sorts the rows. Only columns of the answer can be sorted by.
            pub fn order<O: OrderOf<$t>>(mut self, order: O) -> Self {
                self.pending.plan.order(order.terms());
                self
            }

            /// Exactly one row.
            pub fn single(mut self) -> Fetch<One<$t, $s>> {
                self.pending.plan.accept = Accept::Object;
                Fetch::new(self.pending)
            }

            /// One row or none.
            pub fn maybe_single(mut self) -> Fetch<Maybe<$t, $s>> {
                self.pending.plan.limit.get_or_insert(2);
                Fetch::new(self.pending)
            }

            /// Keeps rows that have a related row which the filters match.
            pub fn having<E: Relation>(mut self, relation: E, filters: impl FnOnce(Having<E::Target>) -> Having<E::Target>) -> Self
            where
                E::Source: RelationOf<$t, E>,
            {
                let _ = relation;
                self.pending.plan = Having::keep::<E>(self.pending.plan, filters);
                self
            }

            /// Keeps rows that have no related row at all (an anti-join).
            pub fn lacking<E: Relation>(mut self, relation: E) -> Self
            where
                E::Source: RelationOf<$t, E>,
            {
                let _ = relation;
                self.pending.plan.lack(E::TARGET, E::BY_KEY);
                self
            }

            /// The rows as JSON without the keys of NULLs, in embedded rows as well. A typed row has
            /// a place for every column, so this gives the document.
            pub fn strip_nulls(mut self) -> Fetch<ReadJson<Vec<serde_json::Value>>> {
                self.pending.plan.accept = Accept::JsonNullsStripped;
                Fetch::new(self.pending)
            }
        }
    )+};
}

row_calls! {
    [T: HasRow] Call<Rows<T>>, T, All;
    [T: Table, S: Selection<T> + 'static] Call<Many<T, S>>, T, S;
}

typed_filters! {
    [T: Table] Call<Rows<T>> => Self, T;
    [T: Table, S] Call<Many<T, S>> => Self, T;
}
optional_filters! {
    [T: Table] Call<Rows<T>>, T;
    [T: Table, S] Call<Many<T, S>>, T;
}

impl<T: Table, S: Selection<T> + 'static> Call<Many<T, S>> {
    /// Shapes an embedded relation: filters, order, limit.
    pub fn within<E, O, Q>(mut self, relation: E, shape: impl FnOnce(Within<O, Q>) -> Within<O, Q>) -> Self
    where
        E: EmbeddedIn<S::Row, Target = O, Row = Q>,
    {
        let _ = relation;
        self.pending.plan = Within::shape(self.pending.plan, "", <E as EmbeddedIn<S::Row>>::KEY, shape);
        self
    }
}

impl<R> Call<Untold<R>> {
    /// Selects columns of the rows that the function gives.
    pub fn select(mut self, columns: &str) -> Self {
        super::from::select_list(&mut self.pending.plan, columns);
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

    /// The rows from position `first` to `last`, both included and counted from 0.
    pub fn range(mut self, first: u64, last: u64) -> Self {
        if last < first {
            self.pending.plan.refuse(format!("`range({first}, {last})` ends before it starts"));
        }
        self.pending.plan.offset = Some(first);
        self.pending.plan.limit = Some(last.saturating_sub(first).saturating_add(1));
        self
    }

    /// Exactly one row.
    pub fn single(mut self) -> Self {
        self.pending.plan.accept = match self.pending.plan.accept {
            Accept::JsonNullsStripped => Accept::ObjectNullsStripped,
            _ => Accept::Object,
        };
        self
    }

    /// Leaves out the keys of NULLs.
    pub fn strip_nulls(mut self) -> Self {
        self.pending.plan.accept = match self.pending.plan.accept {
            Accept::Object => Accept::ObjectNullsStripped,
            _ => Accept::JsonNullsStripped,
        };
        self
    }
}

impl<R: DeserializeOwned + Send + 'static> Call<Untold<R>> {
    /// One row or none. More than one is an error of kind
    /// [`NotOneRow`](crate::ErrorKind::NotOneRow).
    pub fn maybe_single(mut self) -> Fetch<Maybe<super::untyped::Untyped, super::answer::Raw<R>>> {
        self.pending.plan.limit.get_or_insert(2);
        Fetch::new(self.pending)
    }
}

request_options! { [R] Call<R>; }
