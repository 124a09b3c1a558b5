//! Random schemas with the worst names: what is generated compiles, and every column can be selected and filtered.
//!
//! The seed is fixed, so that a failure stays; `HOSTILE_SEED` tries another one.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

mod support;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use supabase_codegen::Builder;
use supabase_local::Stack;

const TABLES: usize = 60;
const SCHEMA: &str = "hostile";

/// Numbers that look random (SplitMix64), the same for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    fn word(&mut self, list: &[&'static str]) -> &'static str {
        list[self.below(list.len())]
    }
}

/// Words that mean something to Rust, to PostgREST, to SQL, or to what is generated.
const WORDS: [&str; 56] = [
    "self",
    "Self",
    "super",
    "crate",
    "type",
    "match",
    "async",
    "await",
    "fn",
    "gen",
    "try",
    "dyn",
    "union",
    "macro_rules",
    "Table",
    "Row",
    "Insert",
    "Update",
    "Column",
    "rel",
    "all",
    "columns",
    "unique",
    "enums",
    "types",
    "functions",
    "mod",
    "select",
    "order",
    "limit",
    "offset",
    "and",
    "or",
    "not",
    "on_conflict",
    "columns ",
    "count",
    "new",
    "default",
    "id",
    "ID",
    "Id",
    "i d",
    "i_d",
    "i-d",
    "_",
    "__",
    "Option",
    "String",
    "Vec",
    "str",
    "i32",
    "None",
    "Some",
    "std",
    "core",
];

/// Letters that are hard on somebody.
const LETTERS: [&str; 40] = [
    "a", "B", "z", "0", "9", "_", " ", "  ", "\"", "'", "\\", ",", ".", ":", ";", "(", ")", "[", "]", "{", "}", "<",
    ">", "=", "&", "%", "+", "#", "?", "!", "$", "@", "-", "->", "é", "ß", "日", "🦀", "\u{200d}", "\u{301}",
];

const TYPES: [&str; 30] = [
    "text",
    "integer",
    "bigint",
    "smallint",
    "boolean",
    "numeric",
    "numeric(10,2)",
    "real",
    "double precision",
    "uuid",
    "date",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
    "interval",
    "jsonb",
    "bytea",
    "inet",
    "text[]",
    "integer[][]",
    "int4range",
    "tstzrange",
    "int8multirange",
    "varchar(7)",
    "char(3)",
    "\"char\"",
    "bit(4)",
    "hostile.\"a mood\"",
    "hostile.\"dom.ain\"",
];

/// A name of at most 63 bytes, which PostgreSQL would cut otherwise.
fn name(random: &mut Random, taken: &mut BTreeSet<String>, also_slash: bool) -> String {
    loop {
        let mut name = String::new();
        match random.below(4) {
            0 => name.push_str(random.word(&WORDS)),
            1 => {
                name.push_str(random.word(&WORDS));
                name.push_str(random.word(&LETTERS));
            }
            2 => {
                for _ in 0..=random.below(6) {
                    name.push_str(random.word(&LETTERS));
                }
            }
            _ => {
                while name.len() < 60 {
                    name.push_str(random.word(&LETTERS));
                }
                while name.len() > 63 {
                    name.pop();
                }
            }
        }
        if also_slash && random.below(20) == 0 {
            name.push('/');
        }
        if !name.is_empty() && name.len() <= 63 && taken.insert(name.clone()) {
            return name;
        }
    }
}

fn sql_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// A name as PostgREST reads it in a query.
fn quoted(name: &str) -> String {
    encoded(&format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")))
}

struct Made {
    sql: String,
    tables: Vec<(String, Vec<String>)>,
}

fn schema(seed: u64) -> Made {
    let mut random = Random(seed);
    let mut sql = format!(
        "create schema {SCHEMA}; create type {SCHEMA}.\"a mood\" as enum ('', 'Other', 'a b', '\"', 'self', '日', '🦀', 'A b');
         create domain {SCHEMA}.\"dom.ain\" as integer check (value > 0);\n"
    );
    let mut taken = BTreeSet::new();
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    let mut keys: Vec<Option<(String, &str)>> = Vec::new();
    for number in 0..TABLES {
        let table = name(&mut random, &mut taken, false);
        let mut own = BTreeSet::new();
        let mut columns = Vec::new();
        let mut parts = Vec::new();
        let mut key = None;
        if random.below(5) > 0 {
            let column = name(&mut random, &mut own, true);
            let ty = random.word(&["integer", "bigint", "uuid", "text"]);
            parts.push(format!("{} {ty} primary key", sql_name(&column)));
            columns.push(column.clone());
            key = Some((column, ty));
        }
        for _ in 0..random.below(9) {
            let column = name(&mut random, &mut own, true);
            let null = random.word(&["", " not null", " unique"]);
            let ty = random.word(&TYPES);
            // What has no order cannot be unique.
            let null = if null == " unique" && !["integer", "text", "uuid", "date"].contains(&ty) { "" } else { null };
            parts.push(format!("{} {ty}{null}", sql_name(&column)));
            columns.push(column);
        }
        for _ in 0..random.below(4) {
            let place = random.below(number.max(1));
            if let Some(Some((target, ty))) = keys.get(place) {
                let column = name(&mut random, &mut own, true);
                let table = sql_name(&tables[place].0);
                parts.push(format!("{} {ty} references {SCHEMA}.{table} ({})", sql_name(&column), sql_name(target)));
                columns.push(column);
            }
        }
        sql.push_str(&format!("create table {SCHEMA}.{} ({});\n", sql_name(&table), parts.join(", ")));
        tables.push((table, columns));
        keys.push(key);
    }
    sql.push_str(&format!("grant usage on schema {SCHEMA} to anon, service_role; grant all on all tables in schema {SCHEMA} to anon, service_role;"));
    Made { sql, tables }
}

fn get(url: &str, key: &str, path: &str) -> (u16, String) {
    let place = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(place).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {place}\r\napikey: {key}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[tokio::test]
async fn random_schemas() {
    let seed = std::env::var("HOSTILE_SEED").map_or(20_261_122, |seed| seed.parse().unwrap());
    let made = schema(seed);
    let stack = Stack::builder().sql(&made.sql).schemas([SCHEMA]).start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("db");
    let builder = Builder::new().db_url(stack.db_url()).schema(SCHEMA);
    let report = builder.clone().out(&out).generate().unwrap();
    assert_eq!(report.counts.tables, TABLES, "seed {seed}: {:?}", report.warnings);
    support::compile(&out);

    let model = builder.model().unwrap();
    let (url, key) = (stack.url().to_owned(), stack.service_key().to_owned());
    let asked = tokio::task::spawn_blocking(move || {
        let mut asked = 0;
        for (table, columns) in &made.tables {
            let known = model.schemas[0].tables.iter().find(|known| known.name == *table).unwrap();
            let names: BTreeSet<&String> = known.columns.iter().map(|column| &column.name).collect();
            assert_eq!(names, columns.iter().collect(), "seed {seed}: {table:?}");
            let mut ask = |query: String| {
                let path = format!("/rest/v1/{}?{query}", encoded(table));
                let (status, body) = get(&url, &key, &path);
                assert_eq!((status, body.as_str()), (200, "[]"), "seed {seed}: {table:?} {query}");
                asked += 1;
            };
            for column in columns {
                ask(format!("select={}", quoted(column)));
                // PostgREST has no form of the column `*` for a filter.
                if column != "*" {
                    ask(format!("{}=is.null", quoted(column)));
                }
            }
            for relation in &known.relations {
                ask(format!("select=related:{}(*)", encoded(&relation.wire)));
            }
        }
        asked
    })
    .await
    .unwrap();
    assert!(asked > TABLES * 5, "{asked} requests");
    eprintln!("seed {seed}: {TABLES} tables, {asked} requests");
}
