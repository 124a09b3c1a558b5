//! Supabase's own description of a schema, `GeneratorMetadata` version 1: what `supabase gen types` hands to a
//! generator that runs as a program of its own.
//!
//! The document says less than the catalogs do. What follows from that is told in one warning ([`LIMITS`]).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::SourceError;
use crate::sources::canonical::is_built_in;
use crate::sources::catalog::{
    ArgumentMode, ArgumentRow, AttributeRow, Catalog, ColumnRow, ForeignKeyRow, FunctionRow, KeyRow, Oid, RelationKind,
    RelationRow, SchemaRow, TypeRow, ViewRow,
};
use crate::sources::{Reading, picked};

/// The version that is understood.
pub const VERSION: u64 = 1;

/// What a model from this source lacks.
pub const LIMITS: &str = "GeneratorMetadata does not say which columns of views can be NULL (all may be), what views \
    are made of (their keys), composite unique constraints and names of unique constraints (no `on_conflict` on \
    them), base types of domains in arguments and results, subtypes of user-defined ranges (both are text), lengths \
    and precisions, dimensions of arrays (one), which tables are partitions (they are kept), computed columns' comments, and which functions belong to an extension (they are kept); --db-url, \
    --migrations and --snapshot do";

#[derive(Deserialize)]
struct Header {
    version: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    schemas: Vec<Schema>,
    tables: Vec<Relation>,
    foreign_tables: Vec<Relation>,
    views: Vec<View>,
    materialized_views: Vec<Relation>,
    columns: Vec<Column>,
    primary_keys: Vec<PrimaryKey>,
    relationships: Vec<Relationship>,
    functions: Vec<Function>,
    types: Vec<NamedType>,
}

#[derive(Deserialize)]
struct Schema {
    name: String,
}

#[derive(Deserialize)]
struct Relation {
    id: Oid,
    schema: String,
    name: String,
    comment: Option<String>,
}

#[derive(Deserialize)]
struct View {
    id: Oid,
    schema: String,
    name: String,
    comment: Option<String>,
    is_updatable: bool,
    #[serde(default)]
    is_insert_enabled: bool,
    #[serde(default)]
    is_update_enabled: bool,
}

#[derive(Deserialize)]
struct Column {
    table_id: Oid,
    ordinal_position: i16,
    name: String,
    format: String,
    type_schema: String,
    default_value: serde_json::Value,
    is_nullable: bool,
    is_identity: bool,
    identity_generation: Option<String>,
    is_generated: bool,
    is_updatable: bool,
    is_unique: bool,
    comment: Option<String>,
}

#[derive(Deserialize)]
struct PrimaryKey {
    table_id: Oid,
    name: String,
}

#[derive(Deserialize)]
struct Relationship {
    foreign_key_name: String,
    schema: String,
    relation: String,
    columns: Vec<String>,
    is_one_to_one: bool,
    referenced_schema: String,
    referenced_relation: String,
    referenced_columns: Vec<String>,
}

#[derive(Deserialize)]
struct Function {
    id: Oid,
    schema: String,
    name: String,
    args: Vec<Argument>,
    identity_argument_types: String,
    return_type_id: Oid,
    return_type: String,
    is_set_returning_function: bool,
    prorows: Option<f32>,
    behavior: String,
}

#[derive(Deserialize)]
struct Argument {
    mode: String,
    name: String,
    type_id: Oid,
    has_default: Option<bool>,
}

#[derive(Deserialize)]
struct NamedType {
    id: Oid,
    name: String,
    schema: String,
    format: String,
    enums: Vec<String>,
    attributes: Vec<Attribute>,
    comment: Option<String>,
    type_relation_id: Option<Oid>,
}

#[derive(Deserialize)]
struct Attribute {
    name: String,
    type_id: Oid,
}

/// Results of functions that only the server itself can call.
const UNCALLABLE: [&str; 10] = [
    "trigger",
    "event_trigger",
    "internal",
    "cstring",
    "language_handler",
    "fdw_handler",
    "index_am_handler",
    "table_am_handler",
    "tsm_handler",
    "pg_ddl_command",
];

/// Reads the text of a document; `name` is for messages.
///
/// # Errors
/// When it is no such document, one of another version, or lacks a schema that was asked for.
pub fn parse(text: &str, name: &str, schemas: Option<&[String]>) -> Result<Reading, SourceError> {
    let wrong = |error: serde_json::Error| SourceError::Document { what: name.to_owned(), reason: error.to_string() };
    let header: Header = serde_json::from_str(text).map_err(wrong)?;
    match &header.version {
        Some(version) if version.as_u64() == Some(VERSION) => {}
        Some(version) => {
            return Err(SourceError::MetadataVersion {
                name: name.to_owned(),
                found: version.to_string(),
                known: VERSION,
            });
        }
        None => {
            let reason = "it has no `version`, so it is no GeneratorMetadata".to_owned();
            return Err(SourceError::Document { what: name.to_owned(), reason });
        }
    }
    let document: Document = serde_json::from_str(text).map_err(wrong)?;
    let mut existing: Vec<String> = document.schemas.iter().map(|schema| schema.name.clone()).collect();
    existing.sort_by_key(|name| (name != "public", name.clone()));
    let names = picked(schemas, &existing, name)?;
    let catalog = catalog(&document, &names);
    let mut reading = Reading::new(catalog);
    reading.limited(name, LIMITS);
    Ok(reading)
}

fn catalog(document: &Document, schemas: &[String]) -> Catalog {
    let mut catalog = Catalog {
        schemas: schemas.iter().map(|name| SchemaRow { name: name.clone(), comment: None }).collect(),
        ..Catalog::default()
    };
    let updatable: BTreeSet<Oid> =
        document.columns.iter().filter(|column| column.is_updatable).map(|column| column.table_id).collect();
    let row_types: BTreeMap<Oid, Oid> =
        document.types.iter().filter_map(|ty| Some((ty.type_relation_id?, ty.id))).collect();
    let everything = 4 | 8 | 16;
    let mut add = |oid: Oid, schema: &str, name: &str, comment: &Option<String>, kind, events: (i32, i32)| {
        catalog.relations.push(RelationRow {
            oid,
            schema: schema.to_owned(),
            name: name.to_owned(),
            kind,
            comment: comment.clone(),
            events: events.0,
            own_events: events.1,
            row_type: row_types.get(&oid).copied().unwrap_or(0),
        });
    };
    for row in &document.tables {
        add(row.id, &row.schema, &row.name, &row.comment, RelationKind::Table, (everything, everything));
    }
    for row in &document.foreign_tables {
        let events = if updatable.contains(&row.id) { everything } else { 0 };
        add(row.id, &row.schema, &row.name, &row.comment, RelationKind::Foreign, (events, events));
    }
    for row in &document.views {
        let own = if row.is_updatable { 4 | 16 } else { 0 };
        let insert = if row.is_insert_enabled { 8 } else { 0 };
        let update = if row.is_update_enabled { 4 } else { 0 };
        let own_insert = if row.is_updatable { insert } else { 0 };
        add(
            row.id,
            &row.schema,
            &row.name,
            &row.comment,
            RelationKind::View,
            (own | insert | update, own | own_insert),
        );
    }
    for row in &document.materialized_views {
        add(row.id, &row.schema, &row.name, &row.comment, RelationKind::MaterializedView, (0, 0));
    }
    let views: BTreeSet<Oid> =
        document.views.iter().map(|row| row.id).chain(document.materialized_views.iter().map(|row| row.id)).collect();
    // Known to be views, and nothing else known of them.
    catalog.views = views.iter().map(|&oid| (oid, ViewRow::default())).collect();

    columns(document, &views, &mut catalog);
    keys(document, &mut catalog);
    catalog.types = types(document, &catalog);
    functions(document, schemas, &mut catalog);
    catalog
}

fn columns(document: &Document, views: &BTreeSet<Oid>, catalog: &mut Catalog) {
    let types: BTreeMap<(&str, &str), &NamedType> =
        document.types.iter().map(|ty| ((ty.schema.as_str(), ty.name.as_str()), ty)).collect();
    for column in &document.columns {
        let ty = types.get(&(column.type_schema.as_str(), column.format.as_str()));
        let built_in = (column.type_schema == "pg_catalog")
            .then(|| crate::sources::sql_type::built_in_by_name(&column.format))
            .flatten();
        let default = match &column.default_value {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        catalog.columns.entry(column.table_id).or_default().push(ColumnRow {
            number: column.ordinal_position,
            name: column.name.clone(),
            ty: ty.map(|ty| ty.id).or(built_in).unwrap_or(0),
            sql: ty.map_or_else(|| column.format.clone(), |ty| ty.format.clone()),
            not_null: !column.is_nullable,
            default,
            identity: match (column.is_identity, column.identity_generation.as_deref()) {
                (true, Some("ALWAYS")) => "a".to_owned(),
                (true, _) => "d".to_owned(),
                _ => String::new(),
            },
            generated: if column.is_generated { "s".to_owned() } else { String::new() },
            dimensions: 0,
            updatable: views.contains(&column.table_id) && column.is_updatable,
            comment: column.comment.clone(),
        });
    }
    for columns in catalog.columns.values_mut() {
        columns.sort_by_key(|column| column.number);
    }
}

fn keys(document: &Document, catalog: &mut Catalog) {
    let mut numbers: BTreeMap<(Oid, &str), i16> = BTreeMap::new();
    for (&oid, columns) in &catalog.columns {
        numbers.extend(columns.iter().map(|column| ((oid, column.name.as_str()), column.number)));
    }
    let oids: BTreeMap<(&str, &str), Oid> =
        catalog.relations.iter().map(|row| ((row.schema.as_str(), row.name.as_str()), row.oid)).collect();
    let mut keys: BTreeMap<(Oid, bool, Vec<i16>), KeyRow> = BTreeMap::new();
    let mut add = |relation: Oid, primary: bool, columns: Vec<i16>| {
        let same = keys.keys().any(|(other, _, known)| *other == relation && *known == columns);
        if !same {
            let name = if primary { "primary key".to_owned() } else { format!("unique {}", columns.len()) };
            let row = KeyRow { relation, name, primary, constraint: true, immediate: true, columns: columns.clone() };
            keys.insert((relation, primary, columns), row);
        }
    };
    let mut primary: BTreeMap<Oid, Vec<i16>> = BTreeMap::new();
    for key in &document.primary_keys {
        primary.entry(key.table_id).or_default().extend(numbers.get(&(key.table_id, key.name.as_str())));
    }
    for (relation, mut columns) in primary {
        columns.sort_unstable();
        add(relation, true, columns);
    }
    for column in document.columns.iter().filter(|column| column.is_unique) {
        add(column.table_id, false, vec![column.ordinal_position]);
    }
    let mut foreign_keys = Vec::new();
    for row in &document.relationships {
        let (Some(&relation), Some(&target)) = (
            oids.get(&(row.schema.as_str(), row.relation.as_str())),
            oids.get(&(row.referenced_schema.as_str(), row.referenced_relation.as_str())),
        ) else {
            continue;
        };
        let places = |oid: Oid, names: &[String]| -> Option<Vec<i16>> {
            names.iter().map(|name| numbers.get(&(oid, name.as_str())).copied()).collect()
        };
        let (Some(columns), Some(target_columns)) =
            (places(relation, &row.columns), places(target, &row.referenced_columns))
        else {
            continue;
        };
        if row.is_one_to_one {
            add(relation, false, columns.clone());
        }
        foreign_keys.push(ForeignKeyRow {
            name: row.foreign_key_name.clone(),
            name_is_guessed: false,
            relation,
            columns,
            target,
            target_columns,
            validated: true,
        });
    }
    catalog.keys = keys.into_values().collect();
    catalog.foreign_keys = foreign_keys;
}

fn types(document: &Document, catalog: &Catalog) -> BTreeMap<Oid, TypeRow> {
    let relations: BTreeSet<Oid> = catalog.relations.iter().map(|row| row.oid).collect();
    let by_format: BTreeMap<&str, &NamedType> = document.types.iter().map(|ty| (ty.format.as_str(), ty)).collect();
    let sql: BTreeMap<Oid, &str> = document.types.iter().map(|ty| (ty.id, ty.format.as_str())).collect();
    let mut types = BTreeMap::new();
    for row in document.types.iter().filter(|row| !is_built_in(row.id)) {
        let element = row.format.strip_suffix("[]").and_then(|element| by_format.get(element)).map(|ty| ty.id);
        let is_row = row.type_relation_id.is_some();
        let kind = match (row.enums.is_empty(), is_row, element) {
            (false, _, _) => 'e',
            (_, true, _) => 'c',
            _ => 'b',
        };
        types.insert(
            row.id,
            TypeRow {
                oid: row.id,
                schema: row.schema.clone(),
                name: row.name.clone(),
                kind,
                element,
                base: None,
                base_sql: None,
                not_null: false,
                has_default: false,
                relation: row.type_relation_id,
                stand_alone: row.type_relation_id.is_some_and(|relation| !relations.contains(&relation))
                    && !row.attributes.is_empty(),
                subtype: None,
                range: None,
                labels: row.enums.clone(),
                checks: Vec::new(),
                attributes: row
                    .attributes
                    .iter()
                    .map(|attribute| AttributeRow {
                        name: attribute.name.clone(),
                        ty: attribute.type_id,
                        sql: sql.get(&attribute.type_id).map_or_else(|| "unknown".to_owned(), |sql| (*sql).to_owned()),
                        comment: None,
                    })
                    .collect(),
                extension: None,
                comment: row.comment.clone(),
            },
        );
    }
    types
}

fn functions(document: &Document, schemas: &[String], catalog: &mut Catalog) {
    let types: BTreeMap<Oid, &NamedType> = document.types.iter().map(|ty| (ty.id, ty)).collect();
    let sql = |oid: Oid| {
        let known = types.get(&oid).map(|ty| ty.format.clone());
        known.or_else(|| crate::sources::sql_type::built_in_name(oid)).unwrap_or_else(|| "unknown".to_owned())
    };
    let uncallable = |oid: Oid| {
        let name = postgres_types::Type::from_oid(oid).map(|ty| ty.name().to_owned());
        name.or_else(|| types.get(&oid).map(|ty| ty.name.clone()))
            .is_some_and(|name| UNCALLABLE.contains(&name.as_str()))
    };
    let mut functions: Vec<&Function> = document
        .functions
        .iter()
        .filter(|function| schemas.contains(&function.schema))
        .filter(|function| {
            !uncallable(function.return_type_id) && !function.args.iter().any(|argument| uncallable(argument.type_id))
        })
        .collect();
    functions.sort_by_key(|function| (&function.schema, &function.name, &function.identity_argument_types));
    for row in functions {
        catalog.functions.push(FunctionRow {
            oid: row.id,
            schema: row.schema.clone(),
            name: row.name.clone(),
            comment: None,
            arguments: row
                .args
                .iter()
                .map(|argument| ArgumentRow {
                    name: argument.name.clone(),
                    mode: match argument.mode.as_str() {
                        "out" => ArgumentMode::Out,
                        "inout" => ArgumentMode::InOut,
                        "variadic" => ArgumentMode::Variadic,
                        "table" => ArgumentMode::Table,
                        _ => ArgumentMode::In,
                    },
                    ty: argument.type_id,
                    sql: sql(argument.type_id),
                    has_default: argument.has_default.unwrap_or(false),
                })
                .collect(),
            returns: row.return_type_id,
            returns_sql: row.return_type.clone(),
            returns_set: row.is_set_returning_function,
            rows: row.prorows.unwrap_or(0.0),
            volatility: match row.behavior.as_str() {
                "IMMUTABLE" => 'i',
                "STABLE" => 's',
                _ => 'v',
            },
        });
    }
}
