//! Reads the catalogs of a live PostgreSQL (12 or later) in one read-only, repeatable-read transaction.
//!
//! Statements are unnamed, so that transaction-mode poolers are no obstacle, and every name in the SQL is
//! resolved in `pg_catalog` only, so that types print the same whatever the user's search path is.

mod connect;
mod tls;
mod view;

use std::collections::BTreeMap;
use std::path::Path;

use postgres_types::Type;
use tokio_postgres::{Row, Transaction};

use crate::error::{Error, IntrospectError};
use crate::sources::catalog::{
    ArgumentMode, ArgumentRow, AttributeRow, Catalog, ColumnRow, ForeignKeyRow, FunctionRow, KeyRow, Oid, RelationKind,
    RelationRow, SchemaRow, TypeRow,
};

/// The oldest server whose catalogs have everything that is asked for (`attgenerated`).
const OLDEST: i32 = 120_000;

/// Reads the selected schemas.
///
/// # Errors
/// When no connection can be had ([`crate::error::ConnectError`]), a schema does not exist, the server is older
/// than PostgreSQL 12, or a query fails.
pub async fn introspect(url: &str, schemas: &[String]) -> Result<Catalog, Error> {
    introspect_with(url, None, schemas).await
}

/// The same, where the server's certificate has to lead to one of a file.
///
/// # Errors
/// As [`introspect`].
pub async fn introspect_with(url: &str, root_cert: Option<&Path>, schemas: &[String]) -> Result<Catalog, Error> {
    let mut client = connect::connect(url, root_cert).await?;
    let catalog = read(&mut client, schemas).await?;
    Ok(catalog)
}

/// Server and database of a URL, without anything secret; nothing where the URL cannot be understood.
#[must_use]
pub fn place(url: &str) -> Option<String> {
    connect::place(url)
}

async fn read(client: &mut tokio_postgres::Client, schemas: &[String]) -> Result<Catalog, IntrospectError> {
    let transaction = client
        .build_transaction()
        .read_only(true)
        .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
        .start()
        .await?;
    transaction
        .batch_execute("set local statement_timeout = '60s'; set local search_path = pg_catalog; set local jit = off")
        .await?;
    let version: i32 =
        one(&transaction, "select current_setting('server_version_num')::int4 as version").await?.try_get("version")?;
    if version < OLDEST {
        return Err(IntrospectError::OldServer { version: version / 10_000 });
    }

    let mut catalog = Catalog { schemas: selected_schemas(&transaction, schemas).await?, ..Catalog::default() };
    let selected: Vec<&str> = schemas.iter().map(String::as_str).collect();

    for row in query(&transaction, include_str!("relations.sql"), &selected).await? {
        let oid = row.try_get("oid")?;
        if let Some(definition) = row.try_get::<_, Option<&str>>("definition")? {
            catalog.views.insert(oid, view::read(definition));
        }
        catalog.relations.extend(relation(&row, oid)?);
    }
    for row in query(&transaction, include_str!("columns.sql"), &selected).await? {
        catalog.columns.entry(row.try_get("relation")?).or_default().push(column(&row)?);
    }
    for row in query(&transaction, include_str!("keys.sql"), &selected).await? {
        catalog.keys.push(KeyRow {
            relation: row.try_get("relation")?,
            name: row.try_get("name")?,
            primary: row.try_get("is_primary")?,
            constraint: row.try_get("is_constraint")?,
            immediate: row.try_get("is_immediate")?,
            columns: row.try_get("columns")?,
        });
    }
    for row in query(&transaction, include_str!("foreign_keys.sql"), &selected).await? {
        catalog.foreign_keys.push(ForeignKeyRow {
            name: row.try_get("name")?,
            name_is_guessed: false,
            relation: row.try_get("relation")?,
            columns: row.try_get("columns")?,
            target: row.try_get("target")?,
            target_columns: row.try_get("target_columns")?,
            validated: row.try_get("validated")?,
        });
    }
    catalog.types = types(&transaction, &selected).await?;
    for row in query(&transaction, include_str!("functions.sql"), &selected).await? {
        catalog.functions.push(function(&row)?);
    }
    transaction.rollback().await?;
    Ok(catalog)
}

async fn one(transaction: &Transaction<'_>, sql: &str) -> Result<Row, IntrospectError> {
    transaction.query_typed(sql, &[]).await?.pop().ok_or(IntrospectError::NoAnswer)
}

/// Runs one of the files beside this one with the names of the selected schemas.
async fn query(transaction: &Transaction<'_>, sql: &str, schemas: &[&str]) -> Result<Vec<Row>, IntrospectError> {
    Ok(transaction.query_typed(sql, &[(&schemas, Type::TEXT_ARRAY)]).await?)
}

async fn selected_schemas(transaction: &Transaction<'_>, wanted: &[String]) -> Result<Vec<SchemaRow>, IntrospectError> {
    let mut existing = BTreeMap::new();
    for row in transaction.query_typed(include_str!("schemas.sql"), &[]).await? {
        existing.insert(row.try_get::<_, String>("name")?, row.try_get::<_, Option<String>>("comment")?);
    }
    let mut found = Vec::new();
    for name in wanted {
        let Some(comment) = existing.get(name) else {
            return Err(IntrospectError::NoSchema { name: name.clone(), existing: existing.into_keys().collect() });
        };
        found.push(SchemaRow { name: name.clone(), comment: comment.clone() });
    }
    Ok(found)
}

fn relation(row: &Row, oid: Oid) -> Result<Option<RelationRow>, IntrospectError> {
    let kind = match row.try_get::<_, &str>("kind")? {
        "r" => RelationKind::Table,
        "p" => RelationKind::Partitioned,
        "f" => RelationKind::Foreign,
        "v" => RelationKind::View,
        "m" => RelationKind::MaterializedView,
        _ => return Ok(None),
    };
    Ok(Some(RelationRow {
        oid,
        schema: row.try_get("schema")?,
        name: row.try_get("name")?,
        kind,
        comment: row.try_get("comment")?,
        events: row.try_get("events")?,
        own_events: row.try_get("own_events")?,
        row_type: row.try_get("row_type")?,
    }))
}

fn column(row: &Row) -> Result<ColumnRow, IntrospectError> {
    Ok(ColumnRow {
        number: row.try_get("number")?,
        name: row.try_get("name")?,
        ty: row.try_get("type")?,
        sql: row.try_get("sql")?,
        dimensions: row.try_get("dimensions")?,
        not_null: row.try_get("not_null")?,
        default: row.try_get("default_expression")?,
        identity: row.try_get("identity")?,
        generated: row.try_get("generated")?,
        updatable: row.try_get("updatable")?,
        comment: row.try_get("comment")?,
    })
}

async fn types(transaction: &Transaction<'_>, selected: &[&str]) -> Result<BTreeMap<Oid, TypeRow>, IntrospectError> {
    let mut types = BTreeMap::new();
    let mut composites: Vec<(Oid, Oid)> = Vec::new();
    for row in query(transaction, include_str!("types.sql"), selected).await? {
        let oid: Oid = row.try_get("oid")?;
        let relation: Option<Oid> = row.try_get("relation")?;
        composites.extend(relation.map(|relation| (relation, oid)));
        let kind: &str = row.try_get("kind")?;
        types.insert(
            oid,
            TypeRow {
                oid,
                schema: row.try_get("schema")?,
                name: row.try_get("name")?,
                kind: kind.chars().next().unwrap_or('b'),
                element: row.try_get("element")?,
                base: row.try_get("base")?,
                base_sql: row.try_get("base_sql")?,
                not_null: row.try_get("not_null")?,
                has_default: row.try_get("has_default")?,
                relation,
                stand_alone: row.try_get("stand_alone")?,
                subtype: row.try_get("subtype")?,
                range: row.try_get("range")?,
                labels: row.try_get("labels")?,
                checks: row.try_get("checks")?,
                attributes: Vec::new(),
                extension: row.try_get("extension")?,
                comment: row.try_get("comment")?,
            },
        );
    }
    let by_relation: BTreeMap<Oid, Oid> = composites.into_iter().collect();
    let relations: Vec<Oid> = by_relation.keys().copied().collect();
    for row in transaction.query_typed(include_str!("attributes.sql"), &[(&relations, Type::OID_ARRAY)]).await? {
        let relation: Oid = row.try_get("relation")?;
        if let Some(composite) = by_relation.get(&relation).and_then(|oid| types.get_mut(oid)) {
            composite.attributes.push(AttributeRow {
                name: row.try_get("name")?,
                ty: row.try_get("type")?,
                sql: row.try_get("sql")?,
                comment: row.try_get("comment")?,
            });
        }
    }
    Ok(types)
}

fn function(row: &Row) -> Result<FunctionRow, IntrospectError> {
    let names: Vec<String> = row.try_get("names")?;
    let modes: Vec<String> = row.try_get("modes")?;
    let types: Vec<Oid> = row.try_get("types")?;
    let type_names: Vec<String> = row.try_get("type_names")?;
    let defaults: i16 = row.try_get("defaults")?;
    let mut arguments: Vec<ArgumentRow> = types
        .iter()
        .enumerate()
        .map(|(index, &ty)| ArgumentRow {
            name: names.get(index).cloned().unwrap_or_default(),
            mode: match modes.get(index).map(String::as_str) {
                Some("o") => ArgumentMode::Out,
                Some("b") => ArgumentMode::InOut,
                Some("v") => ArgumentMode::Variadic,
                Some("t") => ArgumentMode::Table,
                _ => ArgumentMode::In,
            },
            ty,
            sql: type_names.get(index).cloned().unwrap_or_default(),
            has_default: false,
        })
        .collect();
    // Defaults belong to the last inputs.
    let last_inputs = arguments.iter_mut().rev().filter(|argument| argument.mode.is_input());
    for argument in last_inputs.take(usize::try_from(defaults).unwrap_or(0)) {
        argument.has_default = true;
    }
    Ok(FunctionRow {
        oid: row.try_get("oid")?,
        schema: row.try_get("schema")?,
        name: row.try_get("name")?,
        comment: row.try_get("comment")?,
        arguments,
        returns: row.try_get("returns")?,
        returns_sql: row.try_get("returns_sql")?,
        returns_set: row.try_get("returns_set")?,
        rows: row.try_get("rows")?,
        volatility: row.try_get::<_, &str>("volatility")?.chars().next().unwrap_or('v'),
    })
}
