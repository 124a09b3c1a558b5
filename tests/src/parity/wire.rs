//! The recorded calls of the official clients, made on our builder.

use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;
use supabase_core::Client;
use supabase_core::database::{Filtered, Minimal, Select, Sort, Untold, Untyped, column};
use supabase_core::query::{Count, Explain, TextQuery, not};
use supabase_core::transport::{Recording, Reply, RetryPolicy};

use super::Tally;
use super::call::{Arguments, Expression, Link, parse};
use super::divergence::{Divergences, reasons};
use super::filters::Filters;
use super::normal::{Normal, Plain};
use super::prepared::{Any, Outcome, Prepared};
use super::replay::plain_of;
use super::value::Value;

/// One line of `wire_*.jsonl`.
#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    /// `db.filter.eq`
    pub group: String,
    /// The call, as text.
    pub call: String,
    /// The method; `None` when nothing was sent.
    pub method: Option<String>,
    /// The path.
    pub path: Option<String>,
    /// The decoded pairs.
    #[serde(default)]
    pub params: Option<Vec<(String, String)>>,
    /// The headers; a list where one is repeated.
    #[serde(default)]
    pub headers: Option<serde_json::Map<String, serde_json::Value>>,
    /// The body.
    #[serde(default)]
    pub body: Option<Body>,
}

/// A recorded body.
#[derive(Debug, Clone, Deserialize)]
pub struct Body {
    /// As it was sent.
    pub raw: Option<String>,
    /// Text that is no JSON.
    pub text: Option<String>,
}

impl Line {
    fn plain(&self) -> Plain {
        let mut headers = Vec::new();
        for (name, value) in self.headers.iter().flatten() {
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            for value in values {
                headers.push((name.clone(), value.as_str().unwrap_or_default().to_owned()));
            }
        }
        let path = self.path.clone().unwrap_or_default();
        Plain {
            method: self.method.clone().unwrap_or_default(),
            path: path.strip_prefix("/rest/v1").unwrap_or(&path).to_owned(),
            params: self.params.clone().unwrap_or_default(),
            headers,
            body: self.body.as_ref().and_then(|body| body.raw.clone().or_else(|| body.text.clone())),
        }
    }
}

/// Makes the call on our builder; `Err` says what in it has no counterpart.
pub(crate) fn make(client: &Client, call: &str) -> Result<Prepared, String> {
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

fn text(arguments: &Arguments, index: usize) -> Result<&str, String> {
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
enum Language {
    Python,
    JavaScript,
}

thread_local! {
    static LANGUAGE: std::cell::Cell<Language> = const { std::cell::Cell::new(Language::Python) };
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

fn whole(arguments: &Arguments, index: usize) -> Result<u64, String> {
    match arguments.at(index) {
        Some(Expression::Number(number)) => number.parse().map_err(|_| format!("`{number}` is no number of rows")),
        _ => Err("a number of rows was expected".to_owned()),
    }
}

fn resource(arguments: &Arguments) -> Option<&str> {
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

/// One filter.
fn filter<B: Filters>(builder: B, link: &Link, negated: bool) -> Result<B, String> {
    let none = Arguments::default();
    let arguments = link.arguments.as_ref().unwrap_or(&none);
    let name = link.name.as_str();
    match name {
        "or_" | "or" => {
            let filters = text(arguments, 0)?;
            return Ok(match (resource(arguments), negated) {
                (None, false) => builder.or(filters),
                (None, true) => builder.not_or(filters),
                (Some(resource), false) => builder.or_within(resource, filters),
                (Some(resource), true) => builder.not_or_within(resource, filters),
            });
        }
        "match" => {
            let Some(Expression::Dict(members)) = arguments.at(0) else {
                return Err("`match` without columns".to_owned());
            };
            let columns =
                members.iter().map(|(name, item)| Ok((name.clone(), value(item)?))).collect::<Result<_, String>>()?;
            return Ok(builder.match_(columns));
        }
        _ => {}
    }
    let column_name = text(arguments, 0)?;
    let second = arguments.at(1).ok_or_else(|| format!("`{name}` without a value"))?;
    let items = || match second {
        Expression::List(items) => items.iter().map(plain_value).collect(),
        Expression::Dict(members) => Ok(members.iter().map(|(name, _)| Value::Text(name.clone())).collect()),
        // A text is a list of its letters to Python.
        Expression::Text(text) => Ok(text.chars().map(|letter| Value::Text(letter.to_string())).collect()),
        Expression::Call(name, arguments) if name == "range" => {
            Ok((0..whole(arguments, 0)?).map(|number| Value::Integer(number.into())).collect())
        }
        other => Err(format!("{other:?} is no list")),
    };
    let patterns = || -> Result<Vec<String>, String> {
        match second {
            Expression::Text(text) => Ok(text.split(',').map(str::to_owned).collect()),
            Expression::List(items) => items
                .iter()
                .map(|item| item.text().map(str::to_owned).ok_or_else(|| "a pattern is text".to_owned()))
                .collect(),
            other => Err(format!("{other:?} is no list of patterns")),
        }
    };
    let pattern = || second.text().ok_or_else(|| "a pattern is text".to_owned());
    let search = |kind: &str| -> Result<TextQuery<'_>, String> {
        let text = second.text().ok_or("a query is text")?;
        let query = match kind {
            "plain" => TextQuery::plain(text),
            "phrase" => TextQuery::phrase(text),
            "web_search" | "websearch" => TextQuery::websearch(text),
            _ => TextQuery::raw(text),
        };
        Ok(query)
    };
    if negated {
        let operator = match name {
            "is_" => {
                return Ok(match second {
                    Expression::Null => builder.is_not_null(column_name),
                    Expression::Text(word) if word == "null" => builder.is_not_null(column_name),
                    _ => return Err("the opposite of `is`".to_owned()),
                });
            }
            "in_" => {
                if let Expression::Text(list) = second {
                    return Ok(builder.not(column_name, "in", Value::Text(list.clone())));
                }
                return Ok(builder.not_in(column_name, items()?));
            }
            "contains" => "cs",
            "like" => "like",
            "gt" => "gt",
            "text_search" => {
                let config = arguments.option("options").and_then(|options| match options {
                    Expression::Dict(members) => members.iter().find(|(name, _)| name == "config")?.1.text(),
                    _ => None,
                });
                let operator = config.map_or_else(|| "fts".to_owned(), |config| format!("fts({config})"));
                return Ok(builder.not(column_name, &operator, value(second)?));
            }
            other => return Err(format!("the opposite of `{other}`")),
        };
        return Ok(builder.not(column_name, operator, value(second)?));
    }
    Ok(match name {
        "eq" => builder.eq(column_name, plain_value(second)?),
        "neq" => builder.neq(column_name, plain_value(second)?),
        "gt" => builder.gt(column_name, plain_value(second)?),
        "gte" => builder.gte(column_name, plain_value(second)?),
        "lt" => builder.lt(column_name, plain_value(second)?),
        "lte" => builder.lte(column_name, plain_value(second)?),
        "isDistinct" => builder.is_distinct(column_name, plain_value(second)?),
        "like" => builder.like(column_name, pattern()?),
        "ilike" => builder.ilike(column_name, pattern()?),
        "like_all_of" | "likeAllOf" => builder.like_all_of(column_name, patterns()?),
        "like_any_of" | "likeAnyOf" => builder.like_any_of(column_name, patterns()?),
        "ilike_all_of" | "ilikeAllOf" => builder.ilike_all_of(column_name, patterns()?),
        "ilike_any_of" | "ilikeAnyOf" => builder.ilike_any_of(column_name, patterns()?),
        "regexMatch" => builder.match_regex(column_name, pattern()?),
        "regexIMatch" => builder.imatch_regex(column_name, pattern()?),
        "is_" | "is" => match second {
            Expression::Null => builder.is_null(column_name),
            Expression::Bool(true) => builder.is_true(column_name),
            Expression::Bool(false) => builder.is_false(column_name),
            Expression::Text(word) if word == "null" => builder.is_null(column_name),
            Expression::Text(word) if word == "unknown" => builder.is_unknown(column_name),
            Expression::Text(word) if word == "not_null" => builder.is_not_null(column_name),
            other => return Err(format!("`is` of {other:?}")),
        },
        "in_" | "in" => builder.in_(column_name, items()?),
        "notIn" => builder.not_in(column_name, items()?),
        "contains" | "cs" => builder.contains(column_name, value(second)?),
        "contained_by" | "containedBy" | "cd" => builder.contained_by(column_name, value(second)?),
        "overlaps" | "ov" => builder.overlaps(column_name, value(second)?),
        "range_gt" | "rangeGt" => builder.range_gt(column_name, range(second)?),
        "range_gte" | "rangeGte" => builder.range_gte(column_name, range(second)?),
        "range_lt" | "rangeLt" => builder.range_lt(column_name, range(second)?),
        "range_lte" | "rangeLte" => builder.range_lte(column_name, range(second)?),
        "range_adjacent" | "rangeAdjacent" => builder.range_adjacent(column_name, range(second)?),
        "text_search" | "textSearch" => {
            let option = |name: &str| {
                arguments.option(name).and_then(Expression::text).or_else(|| match arguments.option("options")? {
                    Expression::Dict(members) => members.iter().find(|(key, _)| key == name)?.1.text(),
                    _ => None,
                })
            };
            let query = search(option("type").unwrap_or_default())?;
            builder.text_search(
                column_name,
                match option("config") {
                    Some(config) => query.config(config),
                    None => query,
                },
            )
        }
        "phfts" => builder.text_search(column_name, search("phrase")?),
        "filter" => {
            let operator = second.text().ok_or("an operator is text")?;
            builder.filter(column_name, operator, value(arguments.at(2).ok_or("a filter without a value")?)?)
        }
        "not" => {
            let operator = second.text().ok_or("an operator is text")?;
            let operand = arguments.at(2).ok_or("a filter without a value")?;
            match (operator, operand) {
                ("is", Expression::Null) => builder.is_not_null(column_name),
                _ => builder.filter_or_condition(column_name, operator, value(operand)?),
            }
        }
        other => return Err(format!("`{other}` is not understood")),
    })
}

/// `.not(column, operator, value)`, by the one method or the other: both have to say the same.
trait NotWays: Filters {
    fn filter_or_condition(self, column_name: &str, operator: &str, value: Value) -> Self {
        match operator {
            "is_" => self.filter_by(not(column(column_name).is_null())),
            _ => self.not(column_name, operator, value),
        }
    }
}
impl<B: Filters> NotWays for B {}

/// A value of a comparison: a list or a dictionary is a document there.
fn plain_value(expression: &Expression) -> Result<Value, String> {
    match expression {
        Expression::List(_) | Expression::Dict(_) => Ok(Value::Json(json(expression)?)),
        other => value(other),
    }
}

fn range(expression: &Expression) -> Result<Value, String> {
    match expression {
        Expression::List(bounds) => match &bounds[..] {
            [lower, upper] => Ok(Value::Open(Box::new(value(lower)?), Box::new(value(upper)?))),
            _ => Err("a range has two bounds".to_owned()),
        },
        other => value(other),
    }
}

fn value(expression: &Expression) -> Result<Value, String> {
    Ok(match expression {
        Expression::Null => Value::Null,
        Expression::Undefined => return Err("`undefined` is no value".to_owned()),
        Expression::Bool(truth) => Value::Bool(*truth),
        Expression::Number(number) => match number.parse() {
            Ok(integer) if !number.starts_with("-0") => Value::Integer(integer),
            _ => Value::Float(number.parse().map_err(|_| format!("`{number}`"))?),
        },
        Expression::Text(text) => Value::Text(text.clone()),
        Expression::List(items) => Value::List(
            items
                .iter()
                .map(|item| match item {
                    Expression::Dict(_) => Ok(Value::Json(json(item)?)),
                    other => value(other),
                })
                .collect::<Result<_, _>>()?,
        ),
        Expression::Dict(_) => Value::Json(json(expression)?),
        Expression::Name(_) | Expression::Bytes(_) => return Err(format!("{expression:?} is no value of a filter")),
        Expression::Call(name, arguments) => Value::Text(called(name, arguments)?),
    })
}

/// Dates, times, identifiers and numbers, as our types write them.
fn called(name: &str, arguments: &Arguments) -> Result<String, String> {
    use supabase_core::types::{NaiveDate, NaiveTime};
    let number = |index: usize| -> u32 {
        match arguments.at(index) {
            Some(Expression::Number(number)) => number.parse().unwrap_or_default(),
            _ => 0,
        }
    };
    /// The text that the encoder makes of a value.
    fn written(value: &impl supabase_core::schema::ToValue) -> String {
        let probe = Client::new("http://probe.invalid", "key").expect("a URL and a key");
        let request = probe.from("probe").select::<Any>("*").eq("probe", value).to_request().expect("a value");
        let (_, written) = request.target.rsplit_once("=eq.").expect("one filter");
        super::normal::percent_decoded(written)
    }
    let date = || NaiveDate::from_ymd_opt(number(0) as i32, number(1), number(2)).ok_or("no date");
    Ok(match name {
        "datetime.date" => written(&date()?),
        "datetime.datetime" => {
            let moment = date()?.and_hms_opt(number(3), number(4), number(5)).ok_or("no time")?;
            if arguments.option("tzinfo").is_some() { written(&moment.and_utc()) } else { written(&moment) }
        }
        "datetime.time" => written(&NaiveTime::from_hms_opt(number(0), number(1), number(2)).ok_or("no time")?),
        "uuid.UUID" => {
            let Some(Expression::Number(number)) = arguments.option("int") else { return Err("a UUID".to_owned()) };
            written(&supabase_core::types::Uuid::from_u128(number.parse().map_err(|_| "a UUID")?))
        }
        "Decimal" => {
            written(&text(arguments, 0)?.parse::<supabase_core::types::Decimal>().map_err(|error| error.to_string())?)
        }
        "Date" => written(&chrono::DateTime::from_timestamp(number(0).into(), 0).ok_or("no moment")?),
        other => return Err(format!("`{other}` has no counterpart")),
    })
}

/// A document.
fn json(expression: &Expression) -> Result<serde_json::Value, String> {
    use serde_json::Value as Json;
    Ok(match expression {
        Expression::Null => Json::Null,
        Expression::Undefined => return Err("`undefined` is no value".to_owned()),
        Expression::Bool(truth) => Json::Bool(*truth),
        Expression::Number(number) => serde_json::from_str(number).map_err(|error| error.to_string())?,
        Expression::Text(text) => Json::String(text.clone()),
        Expression::Bytes(bytes) => Json::String(supabase_core::types::Bytea::from(bytes).to_string()),
        Expression::List(items) => Json::Array(items.iter().map(json).collect::<Result<_, _>>()?),
        Expression::Dict(members) => Json::Object(
            members.iter().map(|(key, value)| Ok((key.clone(), json(value)?))).collect::<Result<_, String>>()?,
        ),
        Expression::Call(name, arguments) => Json::String(called(name, arguments)?),
        Expression::Name(name) => return Err(format!("`{name}` is no value")),
    })
}

/// A document with its keys in the order in which they were written.
fn raw(expression: &Expression) -> Result<Any, String> {
    fn write(expression: &Expression, out: &mut String) -> Result<(), String> {
        match expression {
            Expression::Dict(members) => {
                out.push('{');
                for (at, (key, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    out.push_str(&serde_json::to_string(key).map_err(|error| error.to_string())?);
                    out.push(':');
                    write(value, out)?;
                }
                out.push('}');
            }
            Expression::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write(item, out)?;
                }
                out.push(']');
            }
            other => out.push_str(&json(other)?.to_string()),
        }
        Ok(())
    }
    let mut out = String::new();
    write(expression, &mut out)?;
    RawValue::from_string(out).map_err(|error| error.to_string())
}

/// A client that sends to a recording.
pub(crate) fn client(recording: &Recording, retry: RetryPolicy) -> Client {
    Client::builder("http://replay.invalid", "sb_publishable_testkey")
        .transport(recording.clone())
        .allow_dry_run(true)
        .retry(retry)
        .build()
        .expect("a URL and a key")
}

/// Makes a call against canned answers.
pub(crate) async fn send(
    language: &str,
    call: &str,
    replies: Vec<Reply>,
    retry: RetryPolicy,
) -> (Result<Outcome, String>, Recording) {
    let recording = Recording::new(replies);
    LANGUAGE.set(if language == "py" { Language::Python } else { Language::JavaScript });
    let prepared = make(&client(&recording, retry), call);
    let outcome = match prepared {
        Ok(prepared) => Ok(prepared.send.await),
        Err(why) => Err(why),
    };
    (outcome, recording)
}

/// How our request differs from theirs, in meaning; nothing when it does not. The flag says whether
/// they are the same letter by letter.
async fn compare(language: &str, line: &Line) -> (Option<String>, bool) {
    let proof = Reply::json(http::StatusCode::OK, "[]").header("preference-applied", "tx=rollback");
    let (outcome, recording) = send(language, &line.call, vec![proof], RetryPolicy::none()).await;
    let sent = recording.sent();
    let outcome = match outcome {
        Err(why) => return (Some(format!("call: {why}")), false),
        Ok(outcome) => outcome,
    };
    let refused = outcome.err().filter(|failure| failure.kind == supabase_core::ErrorKind::Refused);
    match (&line.method, refused) {
        (None, Some(_)) => (None, true),
        (None, None) => (Some("sent: theirs nothing, ours a request".to_owned()), false),
        (Some(_), Some(failure)) => (Some(format!("refused: {}", failure.text.replace("; ", ", "))), false),
        (Some(_), None) => {
            let Some(last) = sent.last() else { return (Some("sent: nothing".to_owned()), false) };
            let (theirs, ours) = (line.plain(), plain_of(last));
            let literally = theirs.params == ours.params && theirs.path == ours.path;
            (difference(&theirs, &ours), literally)
        }
    }
}

fn difference(theirs: &Plain, ours: &Plain) -> Option<String> {
    let (mut their, mut our): (Normal, Normal) = (theirs.normal(), ours.normal());
    if our.prefer.contains("tx=rollback") || our.prefer.iter().any(|item| item.starts_with("max-affected")) {
        // A preference that the server does not know has to fail, not to write.
        their.prefer.remove("handling=strict");
        our.prefer.remove("handling=strict");
    }
    let body = |normal: &mut Normal| {
        // The same members in another order are the same document.
        if let Some(text) = &normal.body
            && let Ok(document) = serde_json::from_str::<serde_json::Value>(text)
        {
            normal.body = Some(document.to_string());
        }
    };
    body(&mut their);
    body(&mut our);
    if their.body.is_none() && our.body.is_none() {
        their.content_type = None;
        our.content_type = None;
    }
    their.difference(&our).map(|difference| difference.trim_end_matches("; ").to_owned())
}

/// Replays the database groups of both files.
pub async fn run(folder: &Path) -> Tally {
    let divergences = Divergences::read();
    let mut tally = Tally::default();
    let mut unused: std::collections::BTreeSet<usize> = (0..divergences.wire.len()).collect();
    let (mut equal, mut literal, mut diverging, mut all) = (0, 0, 0, 0);
    for language in ["py", "js"] {
        let lines: Vec<Line> = super::lines(&folder.join(format!("wire_{language}.jsonl")));
        for line in lines.iter().filter(|line| line.group.starts_with("db.")) {
            all += 1;
            match compare(language, line).await {
                (None, same) => {
                    equal += 1;
                    literal += usize::from(same);
                }
                (Some(difference), _) => {
                    match reasons(&divergences.wire, &mut unused, language, &line.call, &difference) {
                        Some(reasons) => {
                            diverging += 1;
                            tally.notes.push(format!(
                                "{language} {} {}: {}",
                                line.group,
                                line.call,
                                reasons.join(", and ")
                            ));
                        }
                        None => tally.failures.push(format!("{language} {} {}: {difference}", line.group, line.call)),
                    }
                }
            }
        }
    }
    if folder == super::vectors() {
        let stale = std::mem::take(&mut unused);
        tally.failures.extend(
            stale.iter().map(|at: &usize| format!("no difference for the reason: {}", divergences.wire[*at].reason)),
        );
    }
    tally.summary = format!(
        "wire parity: {} of {all} ({equal} equal, {literal} of them letter by letter; {diverging} differ for a reason)",
        equal + diverging
    );
    tally
}
