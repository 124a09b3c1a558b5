//! One schema through every door: the complete sources give the same model, the others what they say they can.
#![cfg(all(unix, feature = "migrations"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use supabase_codegen::Builder;
use supabase_codegen::error::{Error, SourceError};
use supabase_codegen::model::Model;
use supabase_codegen::model::ty::SqlType;
use supabase_local::{Cluster, Stack};

const SCHEMAS: [&str; 2] = ["public", "inventory"];

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/typegen").join(name)
}

/// The model without what is told about it.
fn model(builder: &Builder) -> Model {
    let mut model = builder.model().unwrap();
    model.warnings.clear();
    model
}

/// A database, a folder of migrations and a snapshot of the same schema are the same.
#[tokio::test]
async fn complete_sources_agree() {
    let cluster = Cluster::start().await.unwrap();
    for (name, sql, schemas) in [
        ("planets", support::planets(), SCHEMAS.to_vec()),
        ("odd", support::ODD.to_owned(), vec!["odd", "Second, schema"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        // What was dropped leaves gaps in the numbers of columns, and OIDs are never the same twice.
        let before = "create table gone (a integer); drop table gone; create type gone as enum ('x'); drop type gone;";
        let database = support::database(&cluster, name, &format!("{before}\n{sql}")).await;
        let live = Builder::new().db_url(database.url()).schemas(&schemas);

        let migrations = folder.path().join("supabase/migrations");
        std::fs::create_dir_all(&migrations).unwrap();
        std::fs::write(migrations.join("20260101000000_all.sql"), &sql).unwrap();
        let migrated = Builder::new().migrations(&migrations).schemas(&schemas);

        let file = folder.path().join("supabase-schema.json");
        assert!(live.write_snapshot(&file).unwrap().0);
        assert!(!live.write_snapshot(&file).unwrap().0, "the same schema is the same text");
        let kept = Builder::new().snapshot(&file);

        let expected = model(&live);
        assert!(expected.schemas.iter().map(|schema| schema.tables.len()).sum::<usize>() > 15);
        assert!(model(&migrated) == expected, "{name}: the migrations give another model");
        assert!(model(&kept) == expected, "{name}: the snapshot gives another model");
        assert_eq!(migrated.snapshot_text().unwrap().0, std::fs::read_to_string(&file).unwrap());
        // And so the files that come of it.
        assert_eq!(live.render().unwrap().0, kept.render().unwrap().0);
        // One schema of two.
        let one = kept.clone().schema(schemas[0]);
        assert!(model(&one) == model(&Builder::new().db_url(database.url()).schema(schemas[0])), "{name}: one schema");
    }
}

#[test]
fn snapshots_of_another_version() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("supabase-schema.json");
    for (text, parts) in [
        (r#"{"version": 99, "tables": []}"#, ["version 99", "`codegen snapshot`"]),
        (r#"{"version": 1, "schemas": [], "relation": []}"#, ["unknown field `relation`", "line 1"]),
        ("CREATE TABLE", ["supabase-schema.json", "line 1"]),
    ] {
        std::fs::write(&file, text).unwrap();
        let error = Builder::new().snapshot(&file).model().unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
    let error = Builder::new().snapshot(folder.path().join("none.json")).model().unwrap_err().to_string();
    assert!(error.contains("cannot read the snapshot") && error.contains("none.json"), "{error}");
}

/// The recorded documents are what Supabase's schema of them allows.
#[test]
fn recorded_metadata_is_valid() {
    let json =
        |name: &str| -> serde_json::Value { serde_json::from_slice(&std::fs::read(vector(name)).unwrap()).unwrap() };
    let validator = jsonschema::validator_for(&json("generator_metadata.schema.json")).unwrap();
    for name in ["quickstart.json", "planets.json"] {
        let mut document = json(name);
        assert!(validator.is_valid(&document), "{name}");
        document["version"] = 2.into();
        assert!(!validator.is_valid(&document), "{name}");
    }
}

/// Columns as far as `GeneratorMetadata` and OpenAPI know them: name, type, nullability.
type Columns = BTreeMap<(String, String), Vec<(String, String, bool)>>;

fn columns(model: &Model, mut ty: impl FnMut(&SqlType) -> String) -> Columns {
    let mut found = BTreeMap::new();
    for schema in &model.schemas {
        for table in &schema.tables {
            let mut columns: Vec<_> =
                table.columns.iter().map(|column| (column.name.clone(), ty(&column.ty), column.nullable)).collect();
            columns.sort();
            found.insert((schema.name.clone(), table.name.clone()), columns);
        }
    }
    found
}

/// Types with the names of enums and composites in place of numbers.
fn spelled(model: &Model, ty: &SqlType) -> String {
    let enums = model.schemas.iter().flat_map(|schema| &schema.enums).map(|row| (row.oid, &row.name));
    let composites = model.schemas.iter().flat_map(|schema| &schema.composites).map(|row| (row.oid, &row.name));
    let names: BTreeMap<u32, &String> = enums.chain(composites).collect();
    match ty {
        SqlType::Enum(oid) | SqlType::Composite(oid) => names.get(oid).map_or("?".to_owned(), |name| (*name).clone()),
        SqlType::Array(inner) => format!("{}[]", spelled(model, inner)),
        SqlType::Range(inner) => format!("range of {}", spelled(model, inner)),
        SqlType::Multirange(inner) => format!("multirange of {}", spelled(model, inner)),
        SqlType::Domain(_, base) => spelled(model, base),
        SqlType::Scalar(scalar) => format!("{scalar:?}"),
    }
}

/// Names of the relationships of tables with their cardinality.
fn relations(model: &Model, is_kept: impl Fn(&str) -> bool) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for schema in &model.schemas {
        for table in schema.tables.iter().filter(|table| is_kept(&table.name)) {
            for relation in table.relations.iter().filter(|relation| is_kept(&relation.target_name)) {
                let place = format!("{}.{}", schema.name, table.name);
                found.push((place, relation.wire.clone(), format!("{:?}", relation.cardinality)));
            }
        }
    }
    found.sort();
    found
}

/// A function's name with its arguments: name, type, whether it may be left out.
type Signature = (String, Vec<(String, String, bool)>);

fn functions(model: &Model) -> Vec<Signature> {
    let mut found: Vec<_> = model
        .schemas
        .iter()
        .flat_map(|schema| &schema.functions)
        .map(|function| {
            let arguments = function.arguments.iter();
            let mut arguments: Vec<_> = arguments
                .map(|argument| (argument.name.clone(), spelled(model, &argument.ty), argument.has_default))
                .collect();
            arguments.sort();
            (function.name.clone(), arguments)
        })
        .collect();
    found.sort();
    found
}

/// `GeneratorMetadata` gives tables, types, nullability, keys of one column, relationships and functions as the
/// catalogs do; its limits are told.
#[tokio::test]
async fn metadata_is_a_subset() {
    let cluster = Cluster::start().await.unwrap();
    let database = support::database(&cluster, "planets", &support::planets()).await;
    let full = model(&Builder::new().db_url(database.url()).schemas(SCHEMAS));
    let builder = Builder::new().metadata(vector("planets.json")).schemas(SCHEMAS);
    let told = builder.model().unwrap().warnings;
    assert!(told[0].important && told[0].text.contains("composite unique constraints"), "{told:?}");
    let mut less = model(&builder);
    // The document does not say which tables are partitions of another one.
    for schema in &mut less.schemas {
        schema.tables.retain(|table| !table.name.starts_with("readings_"));
    }

    let tables = |model: &Model| {
        let mut columns = columns(model, |ty| spelled(model, ty));
        let views: Vec<String> =
            model.schemas.iter().flat_map(|s| &s.tables).filter(|t| t.is_view()).map(|t| t.name.clone()).collect();
        // Of views every column may be NULL.
        for (_, columns) in columns.iter_mut().filter(|((_, name), _)| views.contains(name)) {
            columns.iter_mut().for_each(|column| column.2 = true);
        }
        columns
    };
    let (less_tables, full_tables) = (tables(&less), tables(&full));
    assert_eq!(less_tables.keys().collect::<Vec<_>>(), full_tables.keys().collect::<Vec<_>>());
    for (table, columns) in &full_tables {
        assert_eq!(&less_tables[table], columns, "{table:?}");
    }
    let views: Vec<String> =
        full.schemas.iter().flat_map(|s| &s.tables).filter(|t| t.is_view()).map(|t| t.name.clone()).collect();
    let is_table = |name: &str| !views.iter().any(|view| view == name);
    assert_eq!(relations(&less, is_table), relations(&full, is_table));
    assert_eq!(functions(&less), functions(&full));
    let keys = |model: &Model| -> Vec<(String, Vec<String>)> {
        let tables = model.schemas.iter().flat_map(|schema| &schema.tables).filter(|table| !table.is_view());
        tables
            .map(|table| {
                let mut key = table.primary_key.clone();
                key.sort();
                (table.name.clone(), key)
            })
            .collect()
    };
    assert_eq!(keys(&less), keys(&full));
    // And what comes of it is Rust.
    let folder = tempfile::tempdir().unwrap();
    builder.clone().out(folder.path().join("db")).generate().unwrap();
    support::compile(&folder.path().join("db"));
    let folder = tempfile::tempdir().unwrap();
    Builder::new().metadata(vector("quickstart.json")).out(folder.path().join("db")).generate().unwrap();
    support::compile(&folder.path().join("db"));

    let error = builder.schema("nowhere").model().unwrap_err().to_string();
    assert!(error.contains("`nowhere`") && error.contains("inventory"), "{error}");
}

/// The OpenAPI document gives tables, types, nullability, keys, relationships and functions' arguments.
#[tokio::test]
async fn openapi_is_a_subset() {
    let stack =
        Stack::builder().sql(support::planets()).sql(support::planets_seed()).schemas(SCHEMAS).start().await.unwrap();
    let full = model(&Builder::new().db_url(stack.db_url()).schemas(SCHEMAS));
    let builder = Builder::new().project(stack.url(), stack.service_key()).schemas(SCHEMAS);
    let told = builder.model().unwrap().warnings;
    assert!(told[0].important && told[0].text.contains("what functions give back"), "{told:?}");
    let less = model(&builder);

    let names = |model: &Model| columns(model, |_| String::new()).into_keys().collect::<Vec<_>>();
    assert_eq!(names(&less), names(&full), "the same tables and views");
    let (less_columns, full_columns) =
        (columns(&less, |ty| spelled(&less, ty)), columns(&full, |ty| spelled(&full, ty)));
    let mut other_types = Vec::new();
    for (table, columns) in &full_columns {
        let is_view = full.schemas.iter().flat_map(|s| &s.tables).any(|t| t.name == table.1 && t.is_view());
        for (mine, theirs) in less_columns[table].iter().zip(columns) {
            assert_eq!(mine.0, theirs.0, "{table:?}");
            assert!(is_view || mine.2 == theirs.2, "{table:?}.{}: nullable {} and {}", mine.0, mine.2, theirs.2);
            if mine.1 != theirs.1 {
                other_types.push(format!("{}: {} is {}", mine.0, theirs.1, mine.1));
            }
        }
    }
    // What the document does not tell: composites, and enums that occur in arrays only.
    other_types.sort();
    assert_eq!(
        other_types,
        [
            "a_composite: coordinates[] is Unknown[]",
            "a_enum: signal[] is Unknown[]",
            "c_composite: coordinates is Unknown"
        ]
    );
    // Every relationship is one that PostgREST finds.
    let mut asked = 0;
    for table in &less.schemas[0].tables {
        for relation in &table.relations {
            let query = format!("select=related:{}(*)&limit=0", relation.wire);
            let (url, key, path) =
                (stack.url().to_owned(), stack.service_key().to_owned(), format!("/rest/v1/{}", table.name));
            let what = format!("{} {query}", table.name);
            let (status, body) =
                tokio::task::spawn_blocking(move || support::get(&url, &key, &path, &query)).await.unwrap();
            assert!(
                status == 200 || body.contains("permission denied") || body.contains("infinite recursion"),
                "{what}: {status} {body}"
            );
            asked += 1;
        }
    }
    assert!(asked > 20, "{asked} relationships");
    let folder = tempfile::tempdir().unwrap();
    builder.out(folder.path().join("db")).generate().unwrap();
    support::compile(&folder.path().join("db"));

    let error = Builder::new().project(stack.url(), "sb_secret_wrong").model().unwrap_err();
    assert!(matches!(&error, Error::Source(SourceError::ProjectKey { .. } | SourceError::Project { .. })), "{error}");
    assert!(!error.to_string().contains("sb_secret_wrong"), "{error}");
}

/// `[api] schemas` of `supabase/config.toml` are the schemas where none is chosen.
#[tokio::test]
async fn migrations_of_a_project() {
    let folder = tempfile::tempdir().unwrap();
    let migrations = folder.path().join("supabase/migrations");
    std::fs::create_dir_all(&migrations).unwrap();
    std::fs::write(migrations.join("1_a.sql"), "create table public.a (id integer primary key);").unwrap();
    std::fs::write(migrations.join("2_b.sql"), "create schema shop; create table shop.b (id integer primary key);")
        .unwrap();
    std::fs::write(
        folder.path().join("supabase/config.toml"),
        "[api]\nschemas = [\"shop\", \"public\", \"graphql_public\"]\n",
    )
    .unwrap();
    let model = Builder::new().migrations(&migrations).model().unwrap();
    let names: Vec<&str> = model.schemas.iter().map(|schema| schema.name.as_str()).collect();
    assert_eq!(names, ["shop", "public"]);
    assert_eq!(model.schemas[0].tables[0].name, "b");

    std::fs::write(migrations.join("3_c.sql"), "-- fine\ncreate table c (id nonsense);").unwrap();
    let error = Builder::new().migrations(&migrations).model().unwrap_err().to_string();
    assert!(["3_c.sql", "nonsense"].iter().all(|part| error.contains(part)), "{error}");
    let error = Builder::new().migrations(folder.path()).model().unwrap_err().to_string();
    assert!(error.contains("no *.sql files"), "{error}");
}

/// `@supabase {…}` at the end of a comment says what the configuration could say.
#[tokio::test]
async fn wishes_in_comments() {
    let cluster = Cluster::start().await.unwrap();
    let sql = r#"create table planets (id integer primary key, facts jsonb, secret text, note text);
        comment on table planets is 'Worlds. @supabase {"rename": "worlds", "derives": ["PartialEq"]}';
        comment on column planets.facts is 'What is known. @supabase {"json": "crate::Facts", "nullable": false}';
        comment on column planets.secret is '@supabase {"skip": true}';
        comment on column planets.note is '@supabase {"rename": "remark"}';
        create function maybe() returns text language sql as 'select null::text';
        comment on function maybe is '@supabase {"nullable": true}';"#;
    let database = support::database(&cluster, "comments", sql).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("supabase-codegen.toml");
    std::fs::write(&file, "[tables.planets.columns.note]\nrename = \"memo\"\n").unwrap();
    let builder = Builder::new().db_url(database.url()).config_file(&file).unwrap();
    let model = builder.model().unwrap();
    let table = &model.schemas[0].tables[0];
    assert_eq!((table.rename.as_deref(), table.comment.as_deref()), (Some("worlds"), Some("Worlds.")));
    assert_eq!(table.derives, ["PartialEq"]);
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.rust_type.as_deref(), column.nullable, column.rename.as_deref()))
        .collect();
    assert_eq!(
        columns,
        [("id", None, false, None), ("facts", Some("crate::Facts"), false, None), ("note", None, true, Some("memo")),]
    );
    let (files, _) = builder.render().unwrap();
    assert!(files.iter().all(|file| !file.text.contains("@supabase")), "wishes are no documentation");

    database.apply_sql(r#"comment on column planets.note is '@supabase {"nulable": true}'"#).await.unwrap();
    let error = builder.model().unwrap_err().to_string();
    assert!(["public.planets.note", "`nulable`", "`nullable`"].iter().all(|part| error.contains(part)), "{error}");
}
