//! Every type that PostgreSQL has built in: what it is in Rust, that a value of it is read through PostgREST, and that
//! what was read is taken back.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

mod support;

use std::collections::BTreeMap;

use supabase_codegen::Builder;
use supabase_codegen::name::ty::{Homes, RustType, marker, value};
use supabase_core::decode::{Decode, decode_value};
use supabase_core::types::{
    Bytea, DateTimeUtc, Decimal, JsonValue, NaiveDate, NaiveDateTime, NaiveTime, PgMultirange, PgRange, Uuid,
};
use supabase_local::{Cluster, Stack};

/// Reads one value.
type Read = fn(&str) -> Result<(), String>;

fn read<T: Decode>(json: &str) -> Result<(), String> {
    decode_value::<T>(json.as_bytes()).map(drop).map_err(|error| error.to_string())
}

/// A type of `pg_type`: its marker, its type in Rust, how values and arrays are read, and a value in SQL.
struct Kind(&'static str, &'static str, &'static str, Read, Read, &'static str);

macro_rules! kinds {
    ($($name:literal: $marker:literal, $rust:ty, $sample:literal;)+) => {
        [$(Kind($name, $marker, stringify!($rust), read::<$rust>, read::<Vec<$rust>>, $sample)),+]
    };
}

/// Without a value are types that have no input: they are only shown.
fn kinds() -> Vec<Kind> {
    kinds! {
        "aclitem": "System", String, "postgres=r/postgres";
        "bit": "Bit", String, "1";
        "bool": "Bool", bool, "true";
        "box": "Geometric", String, "(1,1),(0,0)";
        "bpchar": "Text", String, "a";
        "bytea": "Bytea", Bytea, "\\x00ff5c";
        "char": "Text", String, "c";
        "cid": "System", String, "7";
        "cidr": "Cidr", String, "10.0.0.0/8";
        "circle": "Geometric", String, "<(0,0),1>";
        "date": "Date", NaiveDate, "2024-02-29";
        "datemultirange": "Multirange<Date>", PgMultirange<NaiveDate>, "{[2024-01-01,2024-02-01)}";
        "daterange": "Range<Date>", PgRange<NaiveDate>, "[2024-01-01,2024-02-01)";
        "float4": "Float4", f32, "1.5";
        "float8": "Float8", f64, "NaN";
        "gtsvector": "Opaque", String, "";
        "inet": "Inet", String, "192.168.0.1/24";
        "int2": "Int2", i16, "-32768";
        "int4": "Int4", i32, "2147483647";
        "int4multirange": "Multirange<Int4>", PgMultirange<i32>, "{[1,3),[5,7)}";
        "int4range": "Range<Int4>", PgRange<i32>, "[1,3)";
        "int8": "Int8", i64, "9223372036854775807";
        "int8multirange": "Multirange<Int8>", PgMultirange<i64>, "{}";
        "int8range": "Range<Int8>", PgRange<i64>, "empty";
        "interval": "Interval", String, "1 mon 2 days 03:04:05.5";
        "json": "Json", JsonValue, "{\"a\": [1, null]}";
        "jsonb": "Jsonb", JsonValue, "{\"a\": [1, null]}";
        "jsonpath": "Opaque", String, "$.a[*]";
        "line": "Geometric", String, "{1,-1,0}";
        "lseg": "Geometric", String, "[(0,0),(1,1)]";
        "macaddr": "Macaddr", String, "08:00:2b:01:02:03";
        "macaddr8": "Macaddr", String, "08:00:2b:01:02:03:04:05";
        "money": "Money", String, "$12.50";
        "name": "Text", String, "pg_class";
        "numeric": "Numeric", Decimal, "1234567890123456.0000000001";
        "nummultirange": "Multirange<Numeric>", PgMultirange<Decimal>, "{(1.5,2.5]}";
        "numrange": "Range<Numeric>", PgRange<Decimal>, "(1.5,)";
        "oid": "Oid", u32, "4294967295";
        "path": "Geometric", String, "[(0,0),(1,1)]";
        "pg_brin_bloom_summary": "Opaque", String, "";
        "pg_brin_minmax_multi_summary": "Opaque", String, "";
        "pg_dependencies": "Opaque", String, "";
        "pg_lsn": "System", String, "16/B374D848";
        "pg_mcv_list": "Opaque", String, "";
        "pg_ndistinct": "Opaque", String, "";
        "pg_node_tree": "Opaque", String, "";
        "pg_snapshot": "Opaque", String, "10:20:10,14,15";
        "point": "Geometric", String, "(1,2)";
        "polygon": "Geometric", String, "((0,0),(1,1),(1,0))";
        "refcursor": "Opaque", String, "portal";
        "regclass": "System", String, "pg_class";
        "regcollation": "System", String, "\"C\"";
        "regconfig": "System", String, "simple";
        "regdictionary": "System", String, "simple";
        "regnamespace": "System", String, "public";
        "regoper": "System", String, "||/";
        "regoperator": "System", String, "+(integer,integer)";
        "regproc": "System", String, "now";
        "regprocedure": "System", String, "now()";
        "regrole": "System", String, "postgres";
        "regtype": "System", String, "integer";
        "text": "Text", String, "a, \"b\" \\ {c}";
        "tid": "System", String, "(0,1)";
        "time": "Time", NaiveTime, "23:59:59.999999";
        "timestamp": "Timestamp", NaiveDateTime, "0044-03-15 12:00:00 BC";
        "timestamptz": "Timestamptz", DateTimeUtc, "2024-02-29 06:00:00.5+05:30";
        "timetz": "Timetz", String, "06:00:00+02";
        "tsmultirange": "Multirange<Timestamp>", PgMultirange<NaiveDateTime>, "{[2024-01-01 00:00:00,)}";
        "tsquery": "Tsquery", String, "'a' & 'b'";
        "tsrange": "Range<Timestamp>", PgRange<NaiveDateTime>, "(,\"2024-01-01 00:00:00\"]";
        "tstzmultirange": "Multirange<Timestamptz>", PgMultirange<DateTimeUtc>, "{[2024-01-01 00:00:00+00,2024-01-02 00:00:00+00)}";
        "tstzrange": "Range<Timestamptz>", PgRange<DateTimeUtc>, "[2024-01-01 00:00:00+00,2024-01-02 00:00:00+00)";
        "tsvector": "Tsvector", String, "'a':1 'b':2";
        "txid_snapshot": "Opaque", String, "10:20:10,14,15";
        "uuid": "Uuid", Uuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
        "varbit": "Bit", String, "101";
        "varchar": "Text", String, "abc";
        "xid": "System", String, "7";
        "xid8": "System", String, "7";
        "xml": "Xml", String, "<a>b</a>";
    }
    .into_iter()
    .collect()
}

/// The name of a type in Rust, as the list above writes it.
fn spelled(ty: &RustType) -> String {
    match ty {
        RustType::Primitive(name) | RustType::Library(name) => (*name).to_owned(),
        RustType::String => "String".to_owned(),
        RustType::LibraryOf(name, inner) => format!("{name}<{}>", spelled(inner)),
        RustType::Vec(inner) => format!("Vec<{}>", spelled(inner)),
        RustType::Option(inner) => format!("Option<{}>", spelled(inner)),
        RustType::Named(home) => home.ident.to_string(),
        RustType::User(text) => text.clone(),
    }
}

fn spelled_marker(marker: &supabase_codegen::name::ty::Marker) -> String {
    use supabase_codegen::name::ty::Marker;
    match marker {
        Marker::Leaf(name) => (*name).to_owned(),
        Marker::Of(name, inner) => format!("{name}<{}>", spelled_marker(inner)),
        Marker::Named(name, home) => format!("{name}<{}>", home.ident),
    }
}

#[tokio::test]
async fn built_in_types() {
    let mut kinds = kinds();
    let listed = "create view server_types as select t.typname::text as name, t.typarray <> 0 as listed from pg_catalog.pg_type t
                  where t.typnamespace = 'pg_catalog'::regnamespace and t.typtype in ('b', 'r', 'm')
                  and not (t.typelem <> 0 and t.typlen = -1);";
    // Types of a later PostgreSQL are not those of this one, but every one of this one is listed.
    let cluster = Cluster::start().await.unwrap();
    let stack = Stack::builder().cluster(&cluster).sql(listed).start().await.unwrap();
    let get = |stack: &Stack, path: &str, query: &str| {
        let (url, key) = (stack.url().to_owned(), stack.service_key().to_owned());
        let (path, query) = (path.to_owned(), query.to_owned());
        async move {
            let (status, body) =
                tokio::task::spawn_blocking(move || support::get(&url, &key, &path, &query)).await.unwrap();
            assert_eq!(status, 200, "{body}");
            body
        }
    };
    let body = get(&stack, "/rest/v1/server_types", "select=name,listed").await;
    let server: Vec<serde_json::Value> = serde_json::from_str(&body).unwrap();
    // By name, with whether there are arrays of it.
    let server: BTreeMap<&str, bool> =
        server.iter().map(|row| (row["name"].as_str().unwrap(), row["listed"].as_bool().unwrap())).collect();
    let unlisted: Vec<_> = server.keys().filter(|name| !kinds.iter().any(|kind| kind.0 == **name)).collect();
    assert!(unlisted.is_empty(), "this PostgreSQL has types that are not in the list: {unlisted:?}");
    stack.stop().await.unwrap();
    kinds.retain(|kind| server.contains_key(kind.0));
    assert!(kinds.len() > 70);

    // A row with values, then one with what was read of it.
    let shown = |kind: &Kind| !kind.5.is_empty();
    let columns: Vec<String> = kinds
        .iter()
        .map(|kind| {
            let list = if server[kind.0] { format!(", \"a_{0}\" pg_catalog.\"{0}\"[]", kind.0) } else { String::new() };
            format!("\"{0}\" pg_catalog.\"{0}\"{list}", kind.0)
        })
        .collect();
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let names: Vec<String> =
        kinds.iter().filter(|kind| shown(kind)).map(|kind| format!("\"{0}\", \"a_{0}\"", kind.0)).collect();
    let values: Vec<String> = kinds
        .iter()
        .filter(|kind| shown(kind))
        .map(|kind| format!("{0}::pg_catalog.\"{1}\", array[{0}::pg_catalog.\"{1}\"]", quoted(kind.5), kind.0))
        .collect();
    let sql = format!(
        "create table every (id integer primary key, {});
         insert into every (id, {names}) values (1, {});
         create function write_back(document json) returns boolean language sql as $$
           insert into every select * from json_populate_record(null::every, document);
           select (select to_jsonb(e) - 'id' from every e where id = 1) = (select to_jsonb(e) - 'id' from every e where id = 2)
         $$;",
        columns.join(", "),
        values.join(", "),
        names = names.join(", "),
    );
    let stack = Stack::builder().cluster(&cluster).sql(sql).start().await.unwrap();
    let builder = Builder::new().db_url(stack.db_url());
    let model = builder.model().unwrap();
    assert!(model.warnings.is_empty(), "{:?}", model.warnings);
    let every = model.schemas[0].tables.iter().find(|table| table.name == "every").unwrap();
    let homes = Homes::default();
    for kind in &kinds {
        let column = |name: &str| every.columns.iter().find(|column| column.name == name).unwrap();
        let one = column(kind.0);
        let spelled_rust: String = kind.2.split_whitespace().collect();
        assert_eq!(spelled_marker(&marker(&one.ty, &homes)), kind.1, "{}", kind.0);
        assert_eq!(spelled(&value(&one.ty, &homes, false)), spelled_rust, "{}", kind.0);
        if !server[kind.0] {
            continue;
        }
        let many = column(&format!("a_{}", kind.0));
        assert_eq!(spelled_marker(&marker(&many.ty, &homes)), format!("Array<{}>", kind.1), "{}[]", kind.0);
        assert_eq!(spelled(&value(&many.ty, &homes, false)), format!("Vec<{spelled_rust}>"), "{}[]", kind.0);
    }

    let body = get(&stack, "/rest/v1/every", "select=*&id=eq.1").await;
    let rows: Vec<BTreeMap<String, Box<serde_json::value::RawValue>>> = serde_json::from_str(&body).unwrap();
    let mut read = 0;
    for kind in kinds.iter().filter(|kind| shown(kind)) {
        let (one, many) = (rows[0][kind.0].get(), rows[0][&format!("a_{}", kind.0)].get());
        (kind.3)(one).unwrap_or_else(|error| panic!("{} as {}: {one}: {error}", kind.0, kind.2));
        (kind.4)(many).unwrap_or_else(|error| panic!("{}[] as Vec<{}>: {many}: {error}", kind.0, kind.2));
        read += 1;
    }
    assert!(read > 60, "{read} types");
    // What was sent is taken back, and is the same then.
    let mut again = rows.into_iter().next().unwrap();
    again.insert("id".to_owned(), serde_json::value::RawValue::from_string("2".to_owned()).unwrap());
    let document = format!("{{\"document\":{}}}", serde_json::to_string(&again).unwrap());
    let (url, key) = (stack.url().to_owned(), stack.service_key().to_owned());
    let (status, answer) =
        tokio::task::spawn_blocking(move || support::post(&url, &key, "/rest/v1/rpc/write_back", &document))
            .await
            .unwrap();
    assert_eq!((status, answer.as_str()), (200, "true"));
}

/// Domains as types of their own, another library's dates and partial rows: what comes out compiles, and nothing
/// changes for those who did not ask.
#[tokio::test]
async fn wishes() {
    let cluster = Cluster::start().await.unwrap();
    let sql = "create domain email as text check (value like '%@%');
               comment on domain email is 'An address';
               create domain emails as email[];
               create domain points as integer not null default 0;
               create type contact as (email email, since date);
               create table people (id bigint primary key, email email not null, others emails, points points,
                 contact contact, born date, seen timestamptz, wakes time, met timestamp, \"odd name\" email[],
                 grid integer[][], cube text[]);
               create view grids as select id, grid from people;
               create function by_email(wanted email) returns setof people language sql stable as 'select * from people';
               create function mails() returns setof email language sql stable as 'select email from people';";
    let database = support::database(&cluster, "wishes", sql).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("supabase-codegen.toml");
    let generate = |text: &str, name: &str| {
        std::fs::write(&file, text).unwrap();
        let out = folder.path().join(name).join("db");
        let builder = Builder::new().db_url(database.url()).config_file(&file)?.out(&out);
        builder.generate()?;
        support::compile(&out);
        let text = |file: &str| std::fs::read_to_string(out.join(file)).unwrap();
        let grids: String = text("grids.rs").split_whitespace().collect();
        assert!(
            grids.contains("pubgrid:::core::option::Option<::std::vec::Vec<::std::vec::Vec<::core::primitive::i32>>")
        );
        Ok::<_, supabase_codegen::error::Error>((text("people.rs"), text("types.rs")))
    };
    let (people, types) = generate("newtypes = true\npartial = true", "newtypes").unwrap();
    for wanted in [
        "pub email: super::types::Email,",
        "pub others: ::core::option::Option<super::types::Emails>,",
        "pub odd_name: ::core::option::Option<::std::vec::Vec<super::types::Email>>,",
        "type Sql = ::supabase_core::schema::sql::Text;",
        "pub struct Partial {",
        "pub born: ::supabase_core::types::Cell<::supabase_core::types::NaiveDate>,",
        "email: reader.cell(\"email\")?,",
    ] {
        assert!(people.contains(wanted), "{wanted}\n{people}");
    }
    for wanted in [
        "/// An address",
        "pub struct Email(pub ::std::string::String);",
        "pub struct Emails(pub ::std::vec::Vec<super::types::Email>);",
        "pub email: ::core::option::Option<super::types::Email>,",
    ] {
        assert!(types.contains(wanted), "{wanted}\n{types}");
    }
    let (people, types) =
        generate("[domains.email]\nnewtype = true\nrename = \"Address\"\nderives = [\"Eq\", \"Hash\"]", "one").unwrap();
    assert!(people.contains("pub others: ::core::option::Option<::std::vec::Vec<super::types::Address>>,"), "{people}");
    assert!(types.contains("#[derive(Debug, Clone, PartialEq, Eq, Hash)]\npub struct Address("), "{types}");
    assert!(!people.contains("Partial") && !types.contains("Points"), "{people}");
    let (people, _) = generate("[tables.people.columns.cube]\ndimensions = 3", "cube").unwrap();
    let people: String = people.split_whitespace().collect();
    assert!(people.contains(
        "pubcube:::core::option::Option<::std::vec::Vec<::std::vec::Vec<::std::vec::Vec<::std::string::String>"
    ));
    let (people, types) = generate("", "plain").unwrap();
    assert!(people.contains("pub email: ::std::string::String,") && !types.contains("Email"), "{people}");
    for (wrong, parts) in [
        ("[domains.emai]\nnewtype = true", ["domains.emai`", "Did you mean `email`"]),
        ("[domains.email]\nnewtypes = true", ["`newtypes`", "`newtype`"]),
        ("[tables.people.columns.cube]\ndimensions = 9", ["cube.dimensions", "one to six"]),
        ("[tables.people.columns.id]\ndimensions = 2", ["id.dimensions", "the column is bigint"]),
    ] {
        let error = generate(wrong, "wrong").unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{wrong}: {error}");
    }
    for (dates, wanted) in [
        ("time", ["time::Date", "time::OffsetDateTime", "time::Time", "time::PrimitiveDateTime"]),
        ("jiff", ["jiff::Date", "jiff::Timestamp", "jiff::Time", "jiff::DateTime"]),
    ] {
        let (people, _) = generate(&format!("dates = \"{dates}\""), dates).unwrap();
        assert!(wanted.iter().all(|ty| people.contains(&format!("::types::{ty}"))), "{dates}\n{people}");
        assert!(!people.contains("Naive"), "{dates}");
    }
}

/// A type of an extension that nobody knows is text, and is told by its table and column.
#[tokio::test]
async fn unknown_types() {
    let cluster = Cluster::start().await.unwrap();
    let sql = "create type mystery; create function mystery_in(cstring) returns mystery language internal immutable strict as 'textin';
               create function mystery_out(mystery) returns cstring language internal immutable strict as 'textout';
               create type mystery (input = mystery_in, output = mystery_out, like = text);
               create table boxes (id integer primary key, inside mystery, many mystery[]);";
    let database = support::database(&cluster, "unknown", sql).await;
    let model = Builder::new().db_url(database.url()).model().unwrap();
    let told: Vec<String> = model.warnings.iter().filter(|told| told.important).map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "public.boxes.inside: type public.mystery is not known: read and written as text",
            "public.boxes.many: type public.mystery[] is not known: read and written as text"
        ]
    );
}

/// Every table, column and key of the schema is in the diagram, and in the form that Mermaid reads.
#[tokio::test]
async fn diagram() {
    let cluster = Cluster::start().await.unwrap();
    let sql = "create table stars (id integer primary key, name varchar(20) not null unique);
               create table planets (id integer primary key, star_id integer not null references stars (id), \"odd name\" text);
               create table profiles (planet_id integer primary key references planets (id));
               create schema shop; create table shop.parts (id integer primary key, mass numeric(8,2));";
    let database = support::database(&cluster, "diagram", sql).await;
    let (text, _) = Builder::new().db_url(database.url()).schemas(["public", "shop"]).diagram().unwrap();
    assert_eq!(
        text,
        "erDiagram
    \"planets\" {
        integer id PK \"not null\"
        integer star_id FK \"not null\"
        text odd_name \"odd name\"
    }
    \"profiles\" {
        integer planet_id PK, FK \"not null\"
    }
    \"stars\" {
        integer id PK \"not null\"
        character_varying(20) name UK \"not null\"
    }
    \"shop.parts\" {
        integer id PK \"not null\"
        numeric(8_2) mass
    }
    \"stars\" ||--o{ \"planets\" : \"planets_star_id_fkey\"
    \"planets\" ||--o| \"profiles\" : \"profiles_planet_id_fkey\"
"
    );
}
