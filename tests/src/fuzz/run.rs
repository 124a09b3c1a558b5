//! A run: a stack, rows, and as many cases as were asked for.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use serde::Deserialize;
use supabase_core::transport::RetryPolicy;
use supabase_core::{Client, ErrorKind, select};
use supabase_local::Stack;
use tokio_postgres::types::ToSql;

use super::db::{specimens, written};
use super::operation::{Operation, Tree, having_filter, operation, sql, typed_filter, untyped_filter};
use super::random::Random;
use super::rows::{self, Row};
use super::value::{Kind, Sql, Value};
use super::{COLUMNS, PARTS, operation::Column};

/// How many cases, and which.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many.
    pub cases: u64,
    /// The seed.
    pub seed: u64,
    /// Only this one.
    pub only: Option<u64>,
    /// How many rows the table has.
    pub rows: usize,
    /// How many requests are under way at once.
    pub parallel: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { cases: 20_000, seed: 1, only: None, rows: 60, parallel: 24 }
    }
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Cases that agreed with SQL.
    pub equal: u64,
    /// Of these, cases in which some row was selected.
    pub selecting: u64,
    /// Cases that SQL refuses, and the server as well.
    pub refused_by_both: u64,
    /// Cases that were refused before sending, as they had to be.
    pub refused: u64,
    /// Rows that were written and read.
    pub rows: u64,
    /// What did not agree.
    pub failures: Vec<String>,
    /// How long the cases took.
    pub time: Duration,
}

impl std::fmt::Display for Report {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "{} cases equal to SQL ({} selected rows, {} refused by both), {} refused before sending, {} rows written and read, {} failed, in {:.1} s",
            self.equal,
            self.selecting,
            self.refused_by_both,
            self.refused,
            self.rows,
            self.failures.len(),
            self.time.as_secs_f32()
        )
    }
}

#[derive(Deserialize)]
struct Id {
    id: i32,
}

#[derive(Deserialize)]
struct WithParts {
    parts: Vec<Id>,
}

/// How many embedded rows each row has.
const PARTS_OF_EACH: usize = 2;

/// The text that the encoder makes of a value.
#[must_use]
pub fn written(value: &Value) -> String {
    static PROBE: LazyLock<Client> =
        LazyLock::new(|| Client::new("http://probe.invalid", "key").expect("a URL and a key"));
    let probe = &*PROBE;
    let request =
        probe.from("probe").select::<serde_json::Value>("*").eq("probe", value).to_request().expect("a value");
    let (_, text) = request.target.split_once("&probe=eq.").expect("one filter");
    crate::parity::normal::percent_decoded(text)
}

/// What a case asks.
enum Question {
    One(Column, Operation),
    Tree(Tree),
    /// Rows that have a related row: by one filter on it, or by a tree.
    Having(Tree),
    /// Embedded rows.
    Within(Tree),
}

/// The rows that questions are about.
struct Table {
    rows: Vec<Row>,
    parts: Vec<Row>,
}

/// A case: reproducible from its number.
fn question(seed: u64, case: u64, table: &Table) -> (Question, bool) {
    let mut random = Random::of(seed, case);
    let typed = random.once_in(2);
    let leaf_of = |columns: &[Column], rows: &[Row], random: &mut Random| {
        let at = random.below(columns.len());
        let near = rows[random.below(rows.len())][at].clone();
        (columns[at], operation(columns[at], near.as_ref(), random))
    };
    let leaf = |random: &mut Random| leaf_of(COLUMNS, &table.rows, random);
    let part = |random: &mut Random| leaf_of(PARTS, &table.parts, random);
    fn tree(random: &mut Random, depth: usize, leaf: &impl Fn(&mut Random) -> (Column, Operation)) -> Tree {
        match random.below(if depth == 0 { 1 } else { 4 }) {
            0 => {
                let (column, operation) = leaf(random);
                Tree::Leaf(column, operation)
            }
            1 => Tree::All((0..random.below(3) + 1).map(|_| tree(random, depth - 1, leaf)).collect()),
            2 => Tree::Any((0..random.below(3) + 1).map(|_| tree(random, depth - 1, leaf)).collect()),
            _ => Tree::Not(Box::new(tree(random, depth - 1, leaf))),
        }
    }
    let question = if random.once_in(8) {
        let depth = random.below(3);
        let tree = tree(&mut random, depth, &part);
        if random.once_in(2) { Question::Having(tree) } else { Question::Within(tree) }
    } else if random.once_in(4) {
        let depth = random.below(3) + 1;
        Question::Tree(tree(&mut random, depth, &leaf))
    } else {
        let (column, operation) = leaf(&mut random);
        Question::One(column, operation)
    };
    (question, typed)
}

type Asked = Result<Vec<i32>, (ErrorKind, String)>;

select!(struct Whole: specimens { parts { id } });

async fn ask(client: &Client, question: &Question, typed: bool) -> Asked {
    let answer = match question {
        Question::Within(tree) => within(client, tree, typed).await,
        _ if typed => {
            let select = client.from(specimens::Table).select(specimens::id);
            match question {
                Question::One(column, operation) => typed_filter(select, *column, operation),
                Question::Tree(tree) => select.filter(tree.typed()),
                Question::Having(tree) | Question::Within(tree) => {
                    select.having(specimens::rel::parts, |having| match tree {
                        Tree::Leaf(column, operation) => having_filter(having, *column, operation),
                        tree => having.filter(tree.part()),
                    })
                }
            }
            .await
        }
        _ => {
            let select = client.from("specimens");
            match question {
                Question::One(column, operation) => untyped_filter(select.select::<Id>("id"), "", *column, operation),
                Question::Tree(tree) => select.select("id").filter_by(tree.untyped()),
                Question::Having(tree) | Question::Within(tree) => {
                    let select = select.select("id, parts!inner()");
                    match tree {
                        Tree::Leaf(column, operation) => untyped_filter(select, "parts.", *column, operation),
                        tree => select.filter_within("parts", tree.untyped()),
                    }
                }
            }
            .await
            .map(|rows| rows.into_iter().map(|row| row.id).collect())
        }
    };
    match answer {
        Ok(mut ids) => {
            ids.sort_unstable();
            Ok(ids)
        }
        Err(error) => Err((error.kind(), error.to_string())),
    }
}

/// The embedded rows that a condition leaves.
async fn within(client: &Client, tree: &Tree, typed: bool) -> supabase_core::Result<Vec<i32>> {
    if typed {
        let whole = client.from(specimens::Table).select(Whole::columns());
        let rows = whole.within(specimens::rel::parts, |parts| parts.filter(tree.part())).await?;
        Ok(rows.into_iter().flat_map(|row| row.parts).map(|part| part.id).collect())
    } else {
        let select = client.from("specimens").select::<WithParts>("parts(id)");
        let rows = match tree {
            Tree::Leaf(column, operation) => untyped_filter(select, "parts.", *column, operation),
            tree => select.filter_within("parts", tree.untyped()),
        };
        Ok(rows.await?.into_iter().flat_map(|row| row.parts).map(|part| part.id).collect())
    }
}

async fn in_sql(database: &tokio_postgres::Client, question: &Question, condition: &Sql) -> Result<Vec<i32>, String> {
    let condition_text = &condition.text;
    let text = match question {
        Question::One(..) | Question::Tree(_) => {
            format!("select id from specimens where {condition_text} order by id")
        }
        Question::Having(_) => format!(
            "select id from specimens where exists (select 1 from parts where specimen_id = specimens.id and {condition_text}) order by id"
        ),
        Question::Within(_) => format!("select id from parts where {condition_text} order by id"),
    };
    let parameters: Vec<&(dyn ToSql + Sync)> =
        condition.parameters.iter().map(|text| text as &(dyn ToSql + Sync)).collect();
    match database.query(&text, &parameters).await {
        Ok(rows) => Ok(rows.iter().map(|row| row.get(0)).collect()),
        Err(error) => Err(error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())),
    }
}

enum Verdict {
    Equal(bool),
    RefusedByBoth,
    Refused,
    Different(String),
}

async fn judge(
    client: &Client,
    database: &tokio_postgres::Client,
    question: &Question,
    typed: bool,
    table: &Table,
) -> Verdict {
    let all = if matches!(question, Question::Within(_)) { table.parts.len() } else { table.rows.len() };
    let mut condition = Sql::default();
    match question {
        Question::One(column, operation) => sql(&mut condition, *column, operation),
        Question::Tree(tree) | Question::Having(tree) | Question::Within(tree) => tree.sql(&mut condition),
    }
    let (ours, theirs) = tokio::join!(ask(client, question, typed), in_sql(database, question, &condition));
    let named = || {
        let face = if typed { "typed" } else { "untyped" };
        match question {
            Question::One(column, operation) => format!("{face} `{}` {operation:?}", column.name),
            Question::Tree(tree) => format!("{face} tree {tree:?}"),
            Question::Having(tree) => format!("{face} having {tree:?}"),
            Question::Within(tree) => format!("{face} within {tree:?}"),
        }
    };
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) if ours == theirs => Verdict::Equal(!ours.is_empty()),
        (Ok(ours), Ok(theirs)) => Verdict::Different(format!("{}: selected {ours:?} instead of {theirs:?}", named())),
        (Err((ErrorKind::Refused, why)), theirs) => {
            // Refused is right where every row would match for want of a condition, or where SQL
            // refuses as well.
            let right = match &theirs {
                // Whether PostgreSQL meets the end of a pattern depends on the rows.
                Ok(_) if why.contains("a backslash that escapes nothing") => true,
                Ok(rows) => (why.contains("every row") && rows.len() == all) || has_empty_list(question),
                Err(_) => true,
            };
            if right {
                Verdict::Refused
            } else {
                Verdict::Different(format!("{}: {why}, but SQL says {theirs:?}", named()))
            }
        }
        (Err(_), Err(_)) => Verdict::RefusedByBoth,
        // Which parts of a tree PostgreSQL comes to, and so whether it meets the end of a pattern, is its plan's.
        (Err((_, why)), Ok(_)) | (Ok(_), Err(why)) if why.contains("must not end with escape character") => {
            Verdict::RefusedByBoth
        }
        (Err((_, why)), Ok(theirs)) => Verdict::Different(format!("{}: {why} instead of {theirs:?}", named())),
        (Ok(ours), Err(why)) => Verdict::Different(format!("{}: selected {ours:?}, but SQL says {why}", named())),
    }
}

/// Whether a list without elements is anywhere in it: under `not` such a tree is refused, whatever
/// else it says.
fn has_empty_list(question: &Question) -> bool {
    fn tree(node: &Tree) -> bool {
        match node {
            Tree::Leaf(_, operation) => matches!(operation, Operation::In(_, values) if values.is_empty()),
            Tree::All(parts) | Tree::Any(parts) => parts.iter().any(tree),
            Tree::Not(part) => tree(part),
        }
    }
    match question {
        Question::One(_, operation) => matches!(operation, Operation::In(true, values) if values.is_empty()),
        Question::Tree(node) | Question::Having(node) | Question::Within(node) => tree(node),
    }
}

/// Runs.
///
/// # Panics
/// Panics when no stack can be started.
pub async fn run(options: &Options) -> Report {
    let schema = crate::parity::vectors().join("fuzz/schema.sql");
    let stack = Stack::builder().seed(schema).max_rows(None).start().await.unwrap_or_else(|error| panic!("{error}"));
    let client = Client::builder(stack.url(), stack.anon_key())
        .url_limit(1 << 20)
        .retry(RetryPolicy::none())
        .build()
        .expect("a client");
    let mut databases = Vec::new();
    for _ in 0..4 {
        let database = stack.connect().await.expect("a connection");
        database.batch_execute("set timezone to 'UTC'").await.expect("a setting");
        databases.push(Arc::new(database));
    }
    // The rows come from the seed as well, written by SQL.
    let mut table = Table { rows: Vec::new(), parts: Vec::new() };
    let insert = async |insert: Sql| {
        let parameters: Vec<&(dyn ToSql + Sync)> =
            insert.parameters.iter().map(|text| text as &(dyn ToSql + Sync)).collect();
        databases[0].execute(&insert.text, &parameters).await.unwrap_or_else(|error| panic!("{error:?}: {insert:?}"));
    };
    for at in 0..options.rows {
        let mut random = Random::of(options.seed, u64::MAX - at as u64);
        let row = rows::row(COLUMNS, &mut random);
        insert(rows::insert("specimens", &[at as i32], COLUMNS, &row)).await;
        table.rows.push(row);
        for part in 0..PARTS_OF_EACH {
            let id = (at * PARTS_OF_EACH + part) as i32;
            let row = rows::row(PARTS, &mut random);
            insert(rows::insert("parts", &[id, at as i32], PARTS, &row)).await;
            table.parts.push(row);
        }
    }
    let table = Arc::new(table);
    let mut report = Report::default();
    let began = Instant::now();
    // One row in a hundred cases is written and read back.
    let written_rows = options.cases / 100;
    let numbers: Vec<u64> = options.only.map_or_else(|| (0..options.cases - written_rows).collect(), |only| vec![only]);
    let verdicts = futures_util::stream::iter(numbers)
        .map(|case| {
            let (client, database, table) =
                (client.clone(), databases[case as usize % databases.len()].clone(), table.clone());
            let seed = options.seed;
            tokio::spawn(async move {
                let (question, typed) = question(seed, case, &table);
                (case, judge(&client, &database, &question, typed, &table).await)
            })
        })
        .buffer_unordered(options.parallel);
    let mut verdicts = Box::pin(verdicts);
    while let Some(done) = verdicts.next().await {
        let (case, verdict) = done.expect("a case that does not panic");
        match verdict {
            Verdict::Equal(selecting) => {
                report.equal += 1;
                report.selecting += u64::from(selecting);
            }
            Verdict::RefusedByBoth => {
                report.equal += 1;
                report.refused_by_both += 1;
            }
            Verdict::Refused => report.refused += 1,
            Verdict::Different(what) => report.failures.push(format!("case {case}: {what}")),
        }
    }
    drop(verdicts);
    if options.only.is_none() {
        write_rows(&client, &databases[0], options, written_rows, &mut report).await;
    }
    report.time = began.elapsed();
    report.failures.sort();
    drop(databases);
    stack.stop().await.unwrap_or_else(|error| panic!("{error}"));
    report
}

/// Writes rows through both builders, compares them in SQL, and reads them through the typed one.
async fn write_rows(
    client: &Client,
    database: &tokio_postgres::Client,
    options: &Options,
    count: u64,
    report: &mut Report,
) {
    const BATCH: u64 = 20;
    for batch in 0..count.div_ceil(BATCH) {
        let first = batch * BATCH;
        let rows: BTreeMap<i32, Row> = (first..(first + BATCH).min(count))
            .map(|at| (at as i32, rows::row(COLUMNS, &mut Random::of(options.seed, u64::MAX / 2 - at))))
            .collect();
        let typed = batch % 2 == 0;
        let sent = if typed {
            client
                .from(written::Table)
                .insert_many(rows.iter().map(|(id, row)| rows::typed(*id, row)).collect::<Vec<_>>())
                .await
        } else {
            client
                .from("written")
                .insert_many(rows.iter().map(|(id, row)| rows::untyped(*id, row)).collect::<Vec<_>>())
                .await
        };
        if let Err(error) = sent {
            report.failures.push(format!("rows {first}..: {error}"));
            continue;
        }
        for (id, row) in &rows {
            let query = rows::differing(*id, row);
            let parameters: Vec<&(dyn ToSql + Sync)> =
                query.parameters.iter().map(|text| text as &(dyn ToSql + Sync)).collect();
            match database.query_one(&query.text, &parameters).await {
                Ok(found) => {
                    let found: String = found.get(0);
                    if !found.is_empty() {
                        report.failures.push(format!(
                            "row {id} ({}): stored {found} of {row:?}",
                            if typed { "typed" } else { "untyped" }
                        ));
                        continue;
                    }
                }
                Err(error) => {
                    report.failures.push(format!("row {id}: {error:?}"));
                    continue;
                }
            }
            report.rows += 1;
        }
        read_rows(client, &rows, report).await;
    }
}

/// An array that was read, as it was written.
fn list<V: Clone>(found: &Option<Vec<V>>, value: impl Fn(V) -> Value) -> Option<Value> {
    Some(Value::Array(found.as_ref()?.iter().cloned().map(|element| Some(value(element))).collect()))
}

/// Reads rows with the typed builder and compares every value with what was written.
async fn read_rows(client: &Client, rows: &BTreeMap<i32, Row>, report: &mut Report) {
    use written as t;
    // Arrays with NULL in them have no place in the generated row.
    let whole: Vec<i32> = rows
        .iter()
        .filter(|(_, row)| {
            !row.iter().flatten().any(|value| matches!(value, Value::Array(elements) if elements.contains(&None)))
        })
        .map(|(id, _)| *id)
        .collect();
    let read = client.from(t::Table).select(supabase_core::query::All).in_(t::id, whole.clone()).await;
    let read = match read {
        Ok(read) => read,
        Err(error) => {
            report.failures.push(format!("reading rows {whole:?}: {error}"));
            return;
        }
    };
    for found in read {
        let row = &rows[&found.id];
        for (column, value) in COLUMNS.iter().zip(row) {
            let same = match (column.kind, column.name) {
                (_, "c_text") => found.c_text.clone().map(Value::Text) == *value,
                (_, "c_varchar") => found.c_varchar.clone().map(Value::Text) == *value,
                (_, "c_citext") => found.c_citext.clone().map(Value::Text) == *value,
                (_, "order") => found.order.clone().map(Value::Text) == *value,
                (_, "say \"hi\"") => found.say__hi_.clone().map(Value::Text) == *value,
                (_, "größe") => found.größe.clone().map(Value::Text) == *value,
                (Kind::Int2, _) => found.c_int2.map(|number| Value::Int(number.into())) == *value,
                (Kind::Int4, _) => found.c_int4.map(|number| Value::Int(number.into())) == *value,
                (Kind::Int8, _) => found.c_int8.map(Value::Int) == *value,
                (Kind::Float4, _) => match (found.c_float4, value) {
                    (Some(found), Some(Value::Float4(value))) => {
                        found.is_nan() == value.is_nan() && (found.is_nan() || found == *value)
                    }
                    (found, value) => found.is_none() && value.is_none(),
                },
                (Kind::Float8, _) => match (found.c_float8, value) {
                    (Some(found), Some(Value::Float8(value))) => {
                        found.is_nan() == value.is_nan() && (found.is_nan() || found == *value)
                    }
                    (found, value) => found.is_none() && value.is_none(),
                },
                (Kind::Numeric, _) => found.c_numeric.map(Value::Numeric) == *value,
                (Kind::Bool, _) => found.c_bool.map(Value::Bool) == *value,
                (Kind::Uuid, _) => found.c_uuid.map(Value::Uuid) == *value,
                (Kind::Date, _) => found.c_date.map(Value::Date) == *value,
                (Kind::Time, _) => found.c_time.map(Value::Time) == *value,
                (Kind::Timestamp, _) => found.c_timestamp.map(Value::Timestamp) == *value,
                (Kind::Timestamptz, _) => found.c_timestamptz.map(Value::Timestamptz) == *value,
                (Kind::Bytea, _) => found.c_bytea.clone().map(Value::Bytea) == *value,
                (Kind::Mood, _) => found.c_mood.clone().map(Value::Mood) == *value,
                (Kind::Jsonb, _) => match (&found.c_jsonb, value) {
                    (Some(found), Some(Value::Jsonb(value))) => found == value,
                    // A document that is null and a column without a document look the same.
                    (None, Some(Value::Jsonb(value))) => value.is_null(),
                    (found, value) => found.is_none() && value.is_none(),
                },
                (Kind::Texts, _) => {
                    found
                        .c_texts
                        .clone()
                        .map(|list| Value::Array(list.into_iter().map(|text| Some(Value::Text(text))).collect()))
                        == *value
                }
                (Kind::Ints, _) => {
                    found.c_ints.clone().map(|list| {
                        Value::Array(list.into_iter().map(|number| Some(Value::Int(number.into()))).collect())
                    }) == *value
                }
                (Kind::Moments, _) => {
                    found.c_moments.clone().map(|list| {
                        Value::Array(list.into_iter().map(|moment| Some(Value::Timestamptz(moment))).collect())
                    }) == *value
                }
                (Kind::Name, _) => found.c_name.clone().map(Value::Text) == *value,
                (Kind::Word, _) => found.c_word.clone().map(Value::Text) == *value,
                (Kind::Positive, _) => found.c_positive.map(|number| Value::Int(number.into())) == *value,
                (Kind::Oid, _) => found.c_oid.map(|number| Value::Int(number.into())) == *value,
                (Kind::Json, _) => found.c_json.clone().map(Value::Jsonb) == *value,
                (Kind::Hstore, _) => found.c_hstore.clone().map(Value::Hstore) == *value,
                (Kind::Place, _) => found.c_place.clone().map(Value::Place) == *value,
                (Kind::Bools, _) => list(&found.c_bools, Value::Bool) == *value,
                (Kind::Longs, _) => list(&found.c_longs, Value::Int) == *value,
                (Kind::Numerics, _) => list(&found.c_numerics, Value::Numeric) == *value,
                (Kind::Uuids, _) => list(&found.c_uuids, Value::Uuid) == *value,
                (Kind::Dates, _) => list(&found.c_dates, Value::Date) == *value,
                (Kind::Blobs, _) => list(&found.c_blobs, Value::Bytea) == *value,
                (Kind::Documents, _) => list(&found.c_documents, Value::Jsonb) == *value,
                (Kind::Places, _) => list(&found.c_places, Value::Place) == *value,
                // Ranges and the texts of other types come back in their canonical form; SQL has compared them.
                _ => true,
            };
            if !same {
                report.failures.push(format!(
                    "row {}: column `{}` was written as {value:?} and read otherwise",
                    found.id, column.name
                ));
            }
        }
    }
}
