//! Tables and functions of the database, by way of PostgREST.
//!
//! A builder is a [`Client`] and a plan (`query::plan`); its typed and its untyped methods write
//! into the same plan. Awaiting it, or calling `.send()`, finishes the plan, sends it and reads the
//! answer (`answer`).

mod answer;
mod call;
mod column;
mod fetch;
mod filters;
mod from;
mod insert;
mod insert_stream;
pub(crate) mod pages;
mod pending;
mod respond;
mod select;
mod selected;
mod sort;
mod split;
mod stream;
mod untyped;
mod verify;
mod within;
mod write;

pub use answer::{Answer, Many, Maybe, Minimal, Nothing, One, Raw, ReadJson, ReadText, Response, Rows, Value};
pub use call::{Call, CallTarget, Returned, Untold};
pub use column::{NamedColumn, column};
pub use fetch::Fetch;
pub use from::{From, FromTarget};
pub use insert::{Insert, Upsert};
pub use insert_stream::InsertStream;
pub use pages::{PagedRows, Pages};
pub use select::Select;
pub use sort::Sort;
pub use stream::RowStream;
pub use untyped::Untyped;
pub use verify::{SchemaCheck, SchemaDifference};
pub use within::{Having, Within};
pub use write::{Delete, Filtered, Limited, Narrowed, Unfiltered, Update};

use crate::client::Client;
use crate::query::{Accept, Plan, Resource};

impl Client {
    /// A table: a generated one (`planets::Table`), or one named by text for the untyped builder.
    pub fn from<F: FromTarget<Table = T>, T>(&self, table: F) -> From<T> {
        let schema = self.schema_name();
        let schema = if schema == "public" { "public".into() } else { schema.to_owned().into() };
        table.target(self.clone(), schema)
    }

    /// Calls a function of the database: a generated one (`functions::hello_world {}`), or
    /// `("name", arguments)` with any serializable arguments for the untyped form.
    pub fn rpc<F: CallTarget<R, Returns = A>, R, A>(&self, function: F) -> Call<A> {
        let schema = self.schema_name();
        let schema = if schema == "public" { "public".into() } else { schema.to_owned().into() };
        function.call(self.clone(), schema)
    }

    /// The server's description of the schema, an OpenAPI 2.0 document. Hosted projects give it to
    /// the service role alone.
    pub fn openapi_spec(&self) -> Fetch<ReadJson<serde_json::Value>> {
        let schema = self.schema_name().to_owned().into();
        let mut plan = Plan::new(http::Method::GET, Resource::Root, "".into(), schema);
        plan.accept = Accept::OpenApi;
        Fetch::new(pending::Pending::new(self.clone(), plan))
    }

    /// The same client with another schema for tables and functions named by text.
    #[must_use]
    pub fn schema(&self, schema: &str) -> Self {
        self.with_schema(schema)
    }
}
