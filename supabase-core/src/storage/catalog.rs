//! The Iceberg REST catalog of an analytics bucket: namespaces and tables.
//!
//! Schemas, partition specs and metadata are those of the Iceberg specification and pass through as
//! JSON. A namespace has one or more levels, which travel with the unit separator between them.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::{Call, Pending, nothing};
use super::{key, respond};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::query::percent_encode;

/// The catalog of one bucket; made by [`Analytics::from`](super::Analytics::from).
///
/// ```no_run
/// # async fn example(supabase: supabase_core::Client) -> supabase_core::Result<()> {
/// let catalog = supabase.storage().analytics().from("events");
/// catalog.create_namespace(["default"], &Default::default()).await?;
/// let tables = catalog.list_tables(["default"]).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Catalog {
    client: Client,
    bucket: String,
}

/// A table and its namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableName {
    /// The levels of the namespace.
    pub namespace: Vec<String>,
    /// The name of the table.
    pub name: String,
}

impl TableName {
    /// A table by its namespace and name.
    pub fn new(namespace: impl IntoIterator<Item = impl Into<String>>, name: impl Into<String>) -> Self {
        Self { namespace: levels(namespace), name: name.into() }
    }
}

/// A table as the catalog describes it.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct LoadedTable {
    /// Where its metadata file is.
    #[serde(default)]
    pub metadata_location: Option<String>,
    /// Its metadata: schemas, partition specs, snapshots.
    #[serde(default)]
    pub metadata: Value,
    /// Settings for reading it, such as credentials.
    #[serde(default)]
    pub config: Option<BTreeMap<String, String>>,
}

impl std::fmt::Debug for LoadedTable {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Among the settings are the credentials of the object store.
        let settings: Option<Vec<&String>> = self.config.as_ref().map(|config| config.keys().collect());
        out.debug_struct("LoadedTable")
            .field("metadata_location", &self.metadata_location)
            .field("metadata", &self.metadata)
            .field("config", &settings)
            .finish()
    }
}

/// Which properties an update touched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct NamespaceUpdate {
    /// Those that were set.
    #[serde(default)]
    pub updated: Vec<String>,
    /// Those that were removed.
    #[serde(default)]
    pub removed: Vec<String>,
    /// Those that were to be removed and were not there.
    #[serde(default)]
    pub missing: Option<Vec<String>>,
}

fn levels(namespace: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    namespace.into_iter().map(Into::into).collect()
}

fn check_segment(text: &str, what: &str) -> Result<()> {
    if text.is_empty() || matches!(text, "." | "..") {
        return Err(Error::new(ErrorKind::Refused, format!("{what} {text:?} cannot be said in a URL")));
    }
    Ok(())
}

impl Catalog {
    pub(crate) fn new(client: Client, bucket: String) -> Self {
        Self { client, bucket }
    }

    fn call(&self, method: Method, rest: &str) -> Pending {
        let mut target = "/iceberg/v1/".to_owned();
        key::encode(&mut target, &self.bucket);
        target.push_str(rest);
        Pending::new(&self.client, method, target).check(key::check_bucket(&self.bucket))
    }

    fn namespace_call(&self, method: Method, namespace: &[String], rest: &str) -> Pending {
        let joined = namespace.join("\u{1f}");
        let mut path = "/namespaces/".to_owned();
        percent_encode(&mut path, &joined);
        path.push_str(rest);
        self.call(method, &path).check(check_segment(&joined, "the namespace"))
    }

    fn table_call(&self, method: Method, table: &TableName) -> Pending {
        let mut rest = "/tables/".to_owned();
        percent_encode(&mut rest, &table.name);
        self.namespace_call(method, &table.namespace, &rest).check(check_segment(&table.name, "the table"))
    }

    /// Creates a namespace with these properties.
    pub fn create_namespace(
        &self,
        namespace: impl IntoIterator<Item = impl Into<String>>,
        properties: &BTreeMap<String, String>,
    ) -> Call<()> {
        let mut body = json!({ "namespace": levels(namespace) });
        if !properties.is_empty() {
            body["properties"] = json!(properties);
        }
        Call::new(self.call(Method::POST, "/namespaces").json(&body), nothing)
    }

    /// The namespaces at the top.
    pub fn list_namespaces(&self) -> Call<Vec<Vec<String>>> {
        Call::new(self.call(Method::GET, "/namespaces"), namespaces)
    }

    /// The namespaces below this one.
    pub fn list_namespaces_in(&self, parent: impl IntoIterator<Item = impl Into<String>>) -> Call<Vec<Vec<String>>> {
        let mut pending = self.call(Method::GET, "/namespaces");
        pending.query("parent", &levels(parent).join("\u{1f}"));
        Call::new(pending, namespaces)
    }

    /// The properties of a namespace.
    pub fn load_namespace(
        &self,
        namespace: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<BTreeMap<String, String>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            properties: Option<BTreeMap<String, String>>,
        }
        Call::new(self.namespace_call(Method::GET, &levels(namespace), ""), |body| {
            respond::json::<Answer>(body).map(|answer| answer.properties.unwrap_or_default())
        })
    }

    /// Whether there is a namespace.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub fn namespace_exists(
        &self,
        namespace: impl IntoIterator<Item = impl Into<String>>,
    ) -> impl Future<Output = Result<bool>> + Send + 'static {
        exists(self.namespace_call(Method::HEAD, &levels(namespace), ""))
    }

    /// Sets and removes properties of a namespace.
    pub fn update_namespace(
        &self,
        namespace: impl IntoIterator<Item = impl Into<String>>,
        updates: &BTreeMap<String, String>,
        removals: &[&str],
    ) -> Call<NamespaceUpdate> {
        let pending = self.namespace_call(Method::POST, &levels(namespace), "/properties");
        Call::new(pending.json(&json!({ "updates": updates, "removals": removals })), respond::json)
    }

    /// Drops a namespace, which has to be empty.
    pub fn drop_namespace(&self, namespace: impl IntoIterator<Item = impl Into<String>>) -> Call<()> {
        Call::new(self.namespace_call(Method::DELETE, &levels(namespace), ""), nothing)
    }

    /// Creates a table. `request` is Iceberg's `CreateTableRequest`: `name`, `schema`, and perhaps
    /// `partition-spec`, `write-order`, `properties`.
    pub fn create_table(
        &self,
        namespace: impl IntoIterator<Item = impl Into<String>>,
        request: &impl Serialize,
    ) -> Call<LoadedTable> {
        Call::new(self.namespace_call(Method::POST, &levels(namespace), "/tables").json(request), respond::json)
    }

    /// The tables of a namespace.
    pub fn list_tables(&self, namespace: impl IntoIterator<Item = impl Into<String>>) -> Call<Vec<TableName>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            identifiers: Vec<TableName>,
        }
        Call::new(self.namespace_call(Method::GET, &levels(namespace), "/tables"), |body| {
            respond::json::<Answer>(body).map(|answer| answer.identifiers)
        })
    }

    /// A table's metadata.
    pub fn load_table(&self, table: &TableName) -> Call<LoadedTable> {
        Call::new(self.table_call(Method::GET, table), respond::json)
    }

    /// Whether there is a table.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub fn table_exists(&self, table: &TableName) -> impl Future<Output = Result<bool>> + Send + 'static {
        exists(self.table_call(Method::HEAD, table))
    }

    /// Changes a table. `commit` is Iceberg's `CommitTableRequest`: `requirements` and `updates`.
    pub fn update_table(&self, table: &TableName, commit: &impl Serialize) -> Call<LoadedTable> {
        Call::new(self.table_call(Method::POST, table).json(commit), respond::json)
    }

    /// Gives a table another name.
    pub fn rename_table(&self, from: &TableName, to: &TableName) -> Call<()> {
        let body = json!({ "source": from, "destination": to });
        Call::new(self.call(Method::POST, "/tables/rename").json(&body), nothing)
    }

    /// Makes a table of an existing metadata file, without writing data.
    pub fn register_table(
        &self,
        namespace: impl IntoIterator<Item = impl Into<String>>,
        name: &str,
        metadata_location: &str,
    ) -> Call<LoadedTable> {
        let body = json!({ "name": name, "metadata-location": metadata_location });
        Call::new(self.namespace_call(Method::POST, &levels(namespace), "/register").json(&body), respond::json)
    }

    /// Drops a table; with `purge`, its files as well.
    pub fn drop_table(&self, table: &TableName, purge: bool) -> Call<()> {
        let mut pending = self.table_call(Method::DELETE, table);
        pending.query("purgeRequested", if purge { "true" } else { "false" });
        Call::new(pending, nothing)
    }
}

fn namespaces(body: &Bytes) -> Result<Vec<Vec<String>>> {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(default)]
        namespaces: Vec<Vec<String>>,
    }
    respond::json::<Answer>(body).map(|answer| answer.namespaces)
}

async fn exists(pending: Pending) -> Result<bool> {
    let found: Result<(HeaderMap, Bytes)> = pending.send().await;
    match found {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
