//! A recorded call, made on our builder.

use supabase_core::Client;
use supabase_core::database::{Filtered, Minimal, Select, Sort, Untold, Untyped};
use supabase_core::query::{Count, Explain};
use supabase_core::transport::RetryPolicy;

use super::super::call::{Arguments, Expression, Link, parse};
use super::super::filters::Filters;
use super::super::prepared::{Any, Prepared};
use super::filter::filter;
use super::value::raw;

/// Makes the call on our builder; `Err` says what in it has no counterpart.
pub(super) fn make(client: &Client, call: &str) -> Result<Prepared, String> {
    // One line asks whether a method is there before it calls another.
    let call = call.split_once(" ? ").map_or(call, |(_, call)| call.rsplit_once(" : ").map_or(call, |(call, _)| call));
    let chain = parse(call)?;
    let mut links = chain.iter().filter(|link| link.name != "execute");
    let mut client = client.clone();
    loop {
        let link = links.next().ok_or("nothing is called")?;
        let none = Arguments::default();
        let arguments = link.arguments.as_ref().unwrap_or(&none);
        match link.name.as_str() {
            "schema" => client = client.schema(text(arguments, 0)?),
            "table" | "from_" | "from" => return table(&client, text(arguments, 0)?, &links.collect::<Vec<_>>()),
            "rpc" => return rpc(&client, arguments, &links.collect::<Vec<_>>()),
            "getOpenApiSpec" => return Ok(Prepared::new(client.openapi_spec().execute())),
            other => return Err(format!("`{other}` is not understood")),
        }
    }
}

pub(super) fn text(arguments: &Arguments, index: usize) -> Result<&str, String> {
    arguments.at(index).and_then(Expression::text).ok_or_else(|| format!("argument {index} is not text"))
}

fn count(arguments: &Arguments) -> Option<Count> {
    let word = match arguments.option("count")? {
        Expression::Text(word) => word.as_str(),
        Expression::Name(name) => name.rsplit('.').next()?,
        _ => return None,
    };
    match word {
        "exact" => Some(Count::Exact),
        "planned" => Some(Count::Planned),
        "estimated" => Some(Count::Estimated),
        _ => None,
    }
}

/// What a write gives back where nothing is asked for: Python's client asks for the rows.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Language {
    Python,
    JavaScript,
}

thread_local! {
    pub(super) static LANGUAGE: std::cell::Cell<Language> = const { std::cell::Cell::new(Language::Python) };
}

fn table(client: &Client, name: &str, links: &[&Link]) -> Result<Prepared, String> {
    let (first, rest) = links.split_first().ok_or("nothing is done with the table")?;
    let none = Arguments::default();
    let arguments = first.arguments.as_ref().unwrap_or(&none);
    let from = client.from(name);
    match first.name.as_str() {
        "select" => {
            let columns: Vec<&str> = arguments.positional.iter().filter_map(Expression::text).collect();
            let mut select = from.select::<Any>(&if columns.is_empty() { "*".to_owned() } else { columns.join(",") });
            if let Some(count) = count(arguments) {
                select = select.count(count);
            }
            let head = arguments.option("head").is_some_and(Expression::is_true);
            read(select, rest, head)
        }
        "insert" | "upsert" => {
            let body = arguments.at(0).ok_or("nothing to write")?;
            let merge = first.name == "upsert" || arguments.option("upsert").is_some_and(Expression::is_true);
            /// What both kinds of writes have.
            macro_rules! finish {
                ($write:expr) => {{
                    let mut write = $write;
                    if ["default_to_null", "defaultToNull"]
                        .iter()
                        .any(|name| arguments.option(name) == Some(&Expression::Bool(false)))
                    {
                        write = write.default_missing();
                    }
                    if let Some(count) = count(arguments) {
                        write = write.count(count);
                    }
                    insert_tail!(write, arguments, rest)
                }};
            }
            /// Returning, and what follows.
            macro_rules! insert_tail {
                ($write:expr, $arguments:expr, $rest:expr) => {{
                    let mut write = $write;
                    let asked = returning($arguments);
                    let mut selected: Option<&str> = (asked == Some(true)).then_some("*");
                    let mut form = "";
                    for link in $rest {
                        match link.name.as_str() {
                            "select" => {
                                selected = Some(
                                    link.arguments
                                        .as_ref()
                                        .and_then(|arguments| arguments.at(0)?.text())
                                        .unwrap_or("*"),
                                )
                            }
                            "single" | "explain" | "maybe_single" | "maybeSingle" | "csv" => form = link.name.as_str(),
                            "rollback" => write = write.dry_run(),
                            other => return Err(format!("`{other}` behind an insert")),
                        }
                    }
                    match (selected, form) {
                        (Some(columns), "") => Prepared::new(write.select::<Any>(columns).execute()),
                        (Some(columns), "single") => Prepared::new(write.select::<Any>(columns).single().execute()),
                        (Some(columns), "csv") => Prepared::new(write.select::<Any>(columns).csv().execute()),
                        (Some(columns), "explain") => {
                            Prepared::new(write.select::<Any>(columns).explain(Explain::new()).execute())
                        }
                        (Some(columns), _) => Prepared::new(write.select::<Any>(columns).maybe_single().execute()),
                        (None, "") => Prepared::new(write.execute()),
                        (None, "explain") => Prepared::new(write.explain(Explain::new()).execute()),
                        (None, form) => return Err(format!("`{form}` of no rows")),
                    }
                }};
            }
            let json = raw(body)?;
            let rows: Option<Vec<Any>> = match body {
                Expression::List(rows) => Some(rows.iter().map(raw).collect::<Result<_, _>>()?),
                _ => None,
            };
            Ok(match (merge, rows) {
                (false, None) => finish!(from.insert(&json)),
                (false, Some(rows)) => finish!(from.insert_many(rows)),
                (true, rows) => {
                    let mut upsert = match rows {
                        None => from.upsert(&json),
                        Some(rows) => from.upsert_many(rows),
                    };
                    if ["ignore_duplicates", "ignoreDuplicates"]
                        .iter()
                        .any(|name| arguments.option(name).is_some_and(Expression::is_true))
                    {
                        upsert = upsert.ignore_duplicates();
                    }
                    if let Some(columns) =
                        ["on_conflict", "onConflict"].iter().find_map(|name| arguments.option(name)?.text())
                    {
                        upsert = upsert.on_conflict(columns);
                    }
                    finish!(upsert)
                }
            })
        }
        "update" => {
            let json = raw(arguments.at(0).ok_or("nothing to write")?)?;
            let mut update = from.update(&json).every_row();
            if let Some(count) = count(arguments) {
                update = update.count(count);
            }
            write_tail(update, arguments, rest)
        }
        "delete" => {
            let mut delete = from.delete().every_row();
            if let Some(count) = count(arguments) {
                delete = delete.count(count);
            }
            write_tail(delete, arguments, rest)
        }
        other => Err(format!("`{other}` is not understood")),
    }
}

/// Whether the written rows come back: Python's default, JavaScript's not.
fn returning(arguments: &Arguments) -> Option<bool> {
    match arguments.option("returning") {
        Some(Expression::Text(word)) => Some(word == "representation"),
        Some(Expression::Name(name)) => Some(name.ends_with("representation")),
        _ => Some(LANGUAGE.get() == Language::Python),
    }
}

/// Updates and deletes, which have the same methods.
trait Narrow: Filters {
    fn most(self, rows: u64) -> Self;
    fn undone(self) -> Self;
    fn ready(self, columns: Option<&str>, form: &str) -> Result<Prepared, String>;
}

macro_rules! narrow {
    ($($name:ident)+) => {$(
        impl Narrow for supabase_core::database::$name<Untyped, Filtered, Minimal> {
            fn most(self, rows: u64) -> Self {
                self.max_affected(rows)
            }
            fn undone(self) -> Self {
                self.dry_run()
            }
            fn ready(self, columns: Option<&str>, form: &str) -> Result<Prepared, String> {
                Ok(match (columns, form) {
                    (Some(columns), "") => Prepared::new(self.select::<Any>(columns).execute()),
                    (Some(columns), "single") => Prepared::new(self.select::<Any>(columns).single().execute()),
                    (Some(columns), "explain") => Prepared::new(self.select::<Any>(columns).explain(Explain::new()).execute()),
                    (None, "") => Prepared::new(self.execute()),
                    (_, form) => return Err(format!("`{form}` of a write")),
                })
            }
        }
    )+};
}
narrow! { Update Delete }

fn write_tail<W: Narrow>(mut write: W, arguments: &Arguments, links: &[&Link]) -> Result<Prepared, String> {
    let mut columns = (returning(arguments) == Some(true)).then_some("*");
    let mut form = "";
    let mut negated = false;
    let none = Arguments::default();
    for link in links {
        let arguments = link.arguments.as_ref().unwrap_or(&none);
        match link.name.as_str() {
            "not_" => negated = true,
            "select" => columns = Some(arguments.at(0).and_then(Expression::text).unwrap_or("*")),
            "max_affected" | "maxAffected" => write = write.most(whole(arguments, 0)?),
            "rollback" => write = write.undone(),
            "single" | "explain" => form = link.name.as_str(),
            _ => write = filter(write, link, std::mem::take(&mut negated))?,
        }
    }
    write.ready(columns, form)
}

pub(super) fn whole(arguments: &Arguments, index: usize) -> Result<u64, String> {
    match arguments.at(index) {
        Some(Expression::Number(number)) => number.parse().map_err(|_| format!("`{number}` is no number of rows")),
        _ => Err("a number of rows was expected".to_owned()),
    }
}

pub(super) fn resource(arguments: &Arguments) -> Option<&str> {
    ["foreign_table", "reference_table", "referencedTable", "foreignTable"]
        .iter()
        .find_map(|name| arguments.option(name)?.text())
}

fn sort_of(arguments: &Arguments) -> Result<Sort, String> {
    let column = text(arguments, 0)?;
    let desc = arguments.option("desc").is_some_and(Expression::is_true)
        || arguments.option("ascending") == Some(&Expression::Bool(false));
    let sort = if desc { Sort::desc(column) } else { Sort::asc(column) };
    Ok(match ["nullsfirst", "nullsFirst"].iter().find_map(|name| arguments.option(name)) {
        Some(Expression::Bool(true)) => sort.nulls_first(),
        Some(Expression::Bool(false)) => sort.nulls_last(),
        _ => sort,
    })
}

fn explain_of(arguments: &Arguments) -> Explain {
    let on = |name: &str| arguments.option(name).is_some_and(Expression::is_true);
    let mut explain = Explain::new();
    if on("analyze") {
        explain = explain.analyze();
    }
    if on("verbose") {
        explain = explain.verbose();
    }
    if on("settings") {
        explain = explain.settings();
    }
    if on("buffers") {
        explain = explain.buffers();
    }
    if on("wal") {
        explain = explain.wal();
    }
    if arguments.option("format").and_then(Expression::text) == Some("json") {
        explain = explain.json();
    }
    explain
}

fn read(
    mut select: Select<Untyped, supabase_core::database::Raw<Any>>,
    links: &[&Link],
    head: bool,
) -> Result<Prepared, String> {
    let (mut form, mut explain, mut negated) = ("", Explain::new(), false);
    let mut stripped = false;
    for link in links {
        let none = Arguments::default();
        let arguments = link.arguments.as_ref().unwrap_or(&none);
        match link.name.as_str() {
            "not_" => negated = true,
            "order" => {
                let sort = sort_of(arguments)?;
                select = match resource(arguments) {
                    Some(resource) => select.order_within(resource, sort),
                    None => select.order(sort),
                };
            }
            "limit" => {
                let rows = whole(arguments, 0)?;
                select = match resource(arguments) {
                    Some(resource) => select.limit_within(resource, rows),
                    None => select.limit(rows),
                };
            }
            "offset" => select = select.offset(whole(arguments, 0)?),
            "range" => {
                let (first, last) = (whole(arguments, 0)?, whole(arguments, 1)?);
                select = match resource(arguments) {
                    Some(resource) => select.range_within(resource, first, last),
                    None => select.range(first, last),
                };
            }
            "strip_nulls" | "stripNulls" => {
                stripped = true;
                select = select.strip_nulls();
            }
            "single" | "maybe_single" | "maybeSingle" | "csv" => form = link.name.as_str(),
            "explain" => {
                form = "explain";
                explain = explain_of(arguments);
            }
            "setHeader" => select = select.header(text(arguments, 0)?, text(arguments, 1)?),
            // A read changes nothing, so there is no dry run of it; the preference can be set.
            "rollback" => select = select.header("prefer", "tx=rollback"),
            "retry" => select = select.retry(RetryPolicy::none()),
            _ => select = filter(select, link, std::mem::take(&mut negated))?,
        }
    }
    let _ = stripped;
    if head {
        return Ok(Prepared::new(select.head().execute()));
    }
    Ok(match form {
        "" => Prepared::new(select.execute()),
        "single" => Prepared::new(select.single().execute()),
        "csv" => Prepared::new(select.csv().execute()),
        "explain" => Prepared::new(select.explain(explain).execute()),
        _ => Prepared::new(select.maybe_single().execute()),
    })
}

fn rpc(client: &Client, arguments: &Arguments, links: &[&Link]) -> Result<Prepared, String> {
    let name = text(arguments, 0)?;
    let parameters = match arguments.at(1) {
        Some(Expression::Dict(members))
            if !members.iter().any(|(name, _)| matches!(name.as_str(), "get" | "head" | "count")) =>
        {
            let members = members.iter().filter(|(_, value)| *value != Expression::Undefined).cloned().collect();
            raw(&Expression::Dict(members))?
        }
        _ => raw(&Expression::Dict(Vec::new()))?,
    };
    let mut call = client.rpc::<_, Untold<Any>, _>((name, parameters));
    if let Some(count) = count(arguments) {
        call = call.count(count);
    }
    let (mut form, mut negated) = ("", false);
    for link in links {
        let none = Arguments::default();
        let arguments = link.arguments.as_ref().unwrap_or(&none);
        match link.name.as_str() {
            "not_" => negated = true,
            "select" => call = call.select(text(arguments, 0)?),
            "order" => call = call.order(sort_of(arguments)?),
            "limit" => call = call.limit(whole(arguments, 0)?),
            "max_affected" => call = call.max_affected(whole(arguments, 0)?),
            "single" => call = call.single(),
            "csv" | "maybe_single" => form = link.name.as_str(),
            _ => call = filter(call, link, std::mem::take(&mut negated))?,
        }
    }
    if arguments.option("head").is_some_and(Expression::is_true) {
        return Ok(Prepared::new(call.head().execute()));
    }
    if arguments.option("get").is_some_and(Expression::is_true) {
        call = call.get();
    }
    Ok(match form {
        "csv" => Prepared::new(call.csv().execute()),
        "maybe_single" => Prepared::new(call.maybe_single().execute()),
        _ => Prepared::new(call.execute()),
    })
}
