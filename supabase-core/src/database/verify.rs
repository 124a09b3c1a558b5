//! Whether the server still has what the code was generated from.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::client::Client;
use crate::error::Result;
use crate::schema::{Fingerprint, SchemaInfo, TableInfo};

/// What [`Client::verify_schema`] has found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaCheck {
    /// The fingerprint of the generated code.
    pub expected: String,
    /// The fingerprint of what the server has of it.
    pub found: String,
    /// Where they differ; empty where the fingerprints are the same.
    pub differences: Vec<SchemaDifference>,
}

impl SchemaCheck {
    /// Whether the server has everything that the code was generated from.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.expected == self.found
    }
}

/// One thing that the server has otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaDifference {
    /// The server does not show this table: it is gone, or the key may not see it.
    Table {
        /// `schema.table`
        table: String,
    },
    /// The table does not have this column any more.
    Column {
        /// `schema.table`
        table: String,
        /// The column.
        column: String,
    },
    /// The column is of another type.
    Type {
        /// `schema.table`
        table: String,
        /// The column.
        column: String,
        /// The type in the generated code.
        expected: String,
        /// The type on the server.
        found: String,
    },
    /// The column may be NULL and was NOT NULL, or the other way round.
    Null {
        /// `schema.table`
        table: String,
        /// The column.
        column: String,
        /// Whether it may be NULL on the server.
        nullable: bool,
    },
}

impl fmt::Display for SchemaDifference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table { table } => write!(out, "the table `{table}` is gone, or this key may not see it"),
            Self::Column { table, column } => write!(out, "column `{table}.{column}` is gone"),
            Self::Type { table, column, expected, found } => {
                write!(out, "column `{table}.{column}` changed from {expected} to {found}")
            }
            Self::Null { table, column, nullable: true } => write!(out, "column `{table}.{column}` may be NULL now"),
            Self::Null { table, column, nullable: false } => write!(out, "column `{table}.{column}` is NOT NULL now"),
        }
    }
}

impl Client {
    /// Asks the server whether it still has what the code was generated from: one request for each schema, for its
    /// [`openapi_spec`](Client::openapi_spec), which hosted projects give to the service role alone.
    ///
    /// What the server has gained is no difference. Of views it is not known which columns may be NULL.
    ///
    /// ```no_run
    /// # mod db { pub const SCHEMA: supabase_core::schema::SchemaInfo =
    /// #     supabase_core::schema::SchemaInfo { fingerprint: "", tables: &[] }; }
    /// # async fn start(supabase: supabase_core::Client) -> supabase_core::Result<()> {
    /// let check = supabase.verify_schema(&db::SCHEMA).await?;
    /// for difference in &check.differences {
    ///     eprintln!("{difference}: run the generator again");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As any request; [`ErrorKind::PermissionDenied`](crate::ErrorKind) where the key may not read the description.
    pub async fn verify_schema(&self, known: &SchemaInfo) -> Result<SchemaCheck> {
        let mut documents: BTreeMap<&str, Value> = BTreeMap::new();
        for table in known.tables {
            if !documents.contains_key(table.schema) {
                documents.insert(table.schema, self.schema(table.schema).openapi_spec().await?);
            }
        }
        Ok(compare(known, &documents))
    }
}

fn compare(known: &SchemaInfo, documents: &BTreeMap<&str, Value>) -> SchemaCheck {
    let mut whole = Fingerprint::new();
    let mut differences = Vec::new();
    for table in known.tables {
        let definition = documents.get(table.schema).and_then(|document| document.get("definitions"));
        let definition = definition.and_then(|definitions| definitions.get(table.name));
        let found = match definition {
            Some(definition) => fingerprint(table, definition),
            None => 0,
        };
        whole.add(&format!("{found:016x}"));
        if found != table.fingerprint {
            differ(table, definition, &mut differences);
        }
    }
    SchemaCheck { expected: known.fingerprint.to_owned(), found: format!("{:016x}", whole.0), differences }
}

fn fingerprint(table: &TableInfo, definition: &Value) -> u64 {
    let mut names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    names.sort_unstable();
    let mut hash = Fingerprint::new();
    hash.add(table.schema);
    hash.add(table.name);
    for name in names {
        let Some(ty) = ty(definition, name) else {
            continue;
        };
        hash.add(name);
        hash.add(ty);
        hash.add(if table.tells_null && is_not_null(definition, name) { "not null" } else { "" });
    }
    hash.0
}

fn differ(table: &TableInfo, definition: Option<&Value>, differences: &mut Vec<SchemaDifference>) {
    let place = || format!("{}.{}", table.schema, table.name);
    let Some(definition) = definition else {
        differences.push(SchemaDifference::Table { table: place() });
        return;
    };
    for column in table.columns {
        let name = column.name;
        let Some(found) = ty(definition, name) else {
            differences.push(SchemaDifference::Column { table: place(), column: name.to_owned() });
            continue;
        };
        let spelled = table.spelled.iter().find(|(known, _)| *known == name).map(|(_, spelled)| (*spelled).to_owned());
        let expected = spelled.unwrap_or_else(|| without_modifier(column.sql_type));
        if expected != found {
            let (column, found) = (name.to_owned(), found.to_owned());
            differences.push(SchemaDifference::Type { table: place(), column, expected, found });
        }
        let nullable = !is_not_null(definition, name);
        if table.tells_null && nullable != column.nullable {
            differences.push(SchemaDifference::Null { table: place(), column: name.to_owned(), nullable });
        }
    }
}

fn ty<'d>(definition: &'d Value, column: &str) -> Option<&'d str> {
    definition.get("properties")?.get(column)?.get("format")?.as_str()
}

fn is_not_null(definition: &Value, column: &str) -> bool {
    let required = definition.get("required").and_then(Value::as_array);
    required.into_iter().flatten().any(|name| name.as_str() == Some(column))
}

/// `numeric` of `numeric(10,2)`; in quotes a parenthesis may be part of the name.
fn without_modifier(sql: &str) -> String {
    match (sql.split_once('('), sql.rsplit_once(')')) {
        (Some((before, _)), Some((_, after))) if !sql.contains('"') => format!("{}{after}", before.trim_end()),
        _ => sql.to_owned(),
    }
}
