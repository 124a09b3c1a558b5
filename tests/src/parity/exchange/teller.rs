//! One request, told to the builder.

use serde_json::value::RawValue;
use supabase_core::Client;
use supabase_core::database::Untyped;
use supabase_core::query::{Count, Explain, not};

use super::super::filters::Filters;
use super::super::normal::{self, Plain, split};
use super::super::prepared::{Any, Prepared};
use super::super::value::Value;
use super::operand::{tree, typed};
use super::parts::{Modifier, Parts, explain, keys, looks_like_a_filter, modifier, number, sorts};
use super::{Exchange, Unsaid, Ways, unsaid};

/// Tells one request.
pub(super) struct Teller<'x> {
    pub(super) client: Client,
    pub(super) plain: &'x Plain,
    /// Headers that no method sets.
    pub(super) own: Vec<(String, String)>,
    pub(super) ways: Ways,
    pub(super) exchange: &'x Exchange,
}

/// Sets every header of a list.
macro_rules! with_headers {
    ($builder:expr, $headers:expr) => {{
        let mut builder = $builder;
        for (name, value) in $headers {
            builder = builder.header(name, value);
        }
        builder
    }};
}

/// How the answer is asked for.
enum Form {
    Rows,
    Single,
    Stripped,
    StrippedSingle,
    Csv,
    GeoJson,
    Explain(Explain),
    /// A media type of the caller's own, read as text.
    Own,
}

impl<'x> Teller<'x> {
    fn preferences(&self) -> Vec<&'x str> {
        self.plain.header("prefer").map_or_else(Vec::new, |prefer| prefer.split(',').map(str::trim).collect())
    }

    fn form(&mut self) -> Form {
        let Some(accept) = self.plain.header("accept") else { return Form::Rows };
        match accept {
            "*/*" | "application/json" => Form::Rows,
            "application/vnd.pgrst.object+json" => Form::Single,
            "application/vnd.pgrst.array+json;nulls=stripped" => Form::Stripped,
            "application/vnd.pgrst.object+json;nulls=stripped" => Form::StrippedSingle,
            "text/csv" => Form::Csv,
            "application/geo+json" => Form::GeoJson,
            _ => {
                if let Some(explain) = explain(accept) {
                    return Form::Explain(explain);
                }
                self.own.push(("accept".to_owned(), accept.to_owned()));
                Form::Own
            }
        }
    }

    pub(super) fn root(&mut self) -> Result<Prepared, Unsaid> {
        let spec = self.client.openapi_spec();
        match self.plain.header("accept") {
            Some("application/openapi+json") => {}
            Some(other) => self.own.push(("accept".to_owned(), other.to_owned())),
            None => return unsaid("the root without a media type"),
        }
        Ok(Prepared::new(with_headers!(spec, &self.own).execute()))
    }

    /// Every preference that no method of a read sets goes in a header of its own.
    fn count_and_others(&mut self, known: &[&str]) -> Option<Count> {
        let mut count = None;
        let mut others = false;
        for preference in self.preferences() {
            match preference {
                "count=exact" if count.is_none() => count = Some(Count::Exact),
                "count=planned" if count.is_none() => count = Some(Count::Planned),
                "count=estimated" if count.is_none() => count = Some(Count::Estimated),
                other => others |= !known.contains(&other),
            }
        }
        if others && let Some(prefer) = self.plain.header("prefer") {
            self.own.push(("prefer".to_owned(), prefer.to_owned()));
        }
        count
    }

    pub(super) fn read(&mut self, table: &str) -> Result<Prepared, Unsaid> {
        let parts = Parts::of(self.plain)?;
        if parts.columns.is_some() || parts.on_conflict.is_some() {
            return unsaid("a modifier of writes on a read");
        }
        let count = self.count_and_others(&[]);
        let form = self.form();
        let mut select = self.client.from(table).select::<Any>(parts.select.unwrap_or("*"));
        select = self.filters(select, &parts.filters, |select, modifier| match modifier {
            Modifier::Order(resource, sort) => select.order_within(resource, sort),
            Modifier::Limit(resource, rows) => select.limit_within(resource, rows),
            Modifier::Offset(resource, rows) => select.offset_within(resource, rows),
        })?;
        for sort in sorts(parts.order)? {
            select = select.order(sort);
        }
        if let Some(limit) = number(parts.limit)? {
            select = select.limit(limit);
        }
        if let Some(offset) = number(parts.offset)? {
            select = select.offset(offset);
        }
        if let Some(count) = count {
            select = select.count(count);
        }
        if self.plain.method == "HEAD" {
            if let Some(accept) = self.plain.header("accept") {
                self.own.push(("accept".to_owned(), accept.to_owned()));
            }
            return Ok(Prepared::new(with_headers!(select.head(), &self.own).execute()));
        }
        let own = &self.own;
        Ok(match form {
            Form::Rows => Prepared::new(with_headers!(select, own).execute()),
            Form::Single => Prepared::new(with_headers!(select.single(), own).execute()),
            Form::Stripped => Prepared::new(with_headers!(select.strip_nulls(), own).execute()),
            Form::StrippedSingle => Prepared::new(with_headers!(select.strip_nulls().single(), own).execute()),
            Form::Csv | Form::Own => Prepared::new(with_headers!(select.csv(), own).execute()),
            Form::GeoJson => Prepared::new(with_headers!(select.geojson(), own).execute()),
            Form::Explain(explain) => Prepared::new(with_headers!(select.explain(explain), own).execute()),
        })
    }

    pub(super) fn call(&mut self, function: &str) -> Result<Prepared, Unsaid> {
        let post = self.plain.method == "POST";
        let mut parts = Parts::of(self.plain)?;
        let mut known = Vec::new();
        let mut max_affected = None;
        let preferences = self.preferences();
        if preferences.contains(&"handling=strict") {
            for preference in &preferences {
                if let Some(rows) = preference.strip_prefix("max-affected=").and_then(|rows| rows.parse().ok()) {
                    max_affected = Some(rows);
                    known.extend(["handling=strict", *preference]);
                }
            }
        }
        let count = self.count_and_others(&known);
        let form = self.form();
        let mut call = if post {
            let body = self.plain.body.as_deref().filter(|body| !body.is_empty()).unwrap_or("{}");
            let Ok(arguments) = RawValue::from_string(body.to_owned()) else {
                return unsaid("a body that is not JSON");
            };
            if body.trim() == "null" {
                return unsaid("a body that is the word null: a call without arguments sends an empty object");
            }
            self.client.rpc::<_, supabase_core::database::Untold<Any>, _>((function, arguments))
        } else {
            let mut arguments = serde_json::Map::new();
            let mut filters = Vec::new();
            for (key, value) in std::mem::take(&mut parts.filters) {
                if key.contains('.') || modifier(key).is_some() || looks_like_a_filter(value) {
                    filters.push((key, value));
                } else if arguments.insert(key.to_owned(), value.to_owned().into()).is_some() {
                    return unsaid(format!(
                        "argument `{key}` twice in the URL: a variadic list is sent by POST, which says it faithfully"
                    ));
                }
            }
            parts.filters = filters;
            self.client.rpc::<_, supabase_core::database::Untold<Any>, _>((function, arguments))
        };
        if let Some(select) = parts.select {
            call = call.select(select);
        }
        call = self.filters(call, &parts.filters, |call, modifier| match modifier {
            Modifier::Order(resource, sort) => call.order_within(resource, sort),
            Modifier::Limit(resource, rows) => call.limit_within(resource, rows),
            Modifier::Offset(resource, rows) => call.offset_within(resource, rows),
        })?;
        for sort in sorts(parts.order)? {
            call = call.order(sort);
        }
        if let Some(limit) = number(parts.limit)? {
            call = call.limit(limit);
        }
        if let Some(offset) = number(parts.offset)? {
            call = call.offset(offset);
        }
        if let Some(count) = count {
            call = call.count(count);
        }
        if let Some(rows) = max_affected {
            call = call.max_affected(rows);
        }
        if self.plain.method == "HEAD" {
            return Ok(Prepared::new(with_headers!(call.head(), &self.own).execute()));
        }
        if !post {
            call = call.get();
            if call.to_request().is_ok_and(|request| request.method != "GET") {
                return unsaid("an argument that a query string cannot say faithfully: the client sends POST");
            }
        }
        let own = &self.own;
        Ok(match form {
            Form::Rows => Prepared::new(with_headers!(call, own).execute()),
            Form::Single => Prepared::new(with_headers!(call.single(), own).execute()),
            Form::Stripped => Prepared::new(with_headers!(call.strip_nulls(), own).execute()),
            Form::StrippedSingle => Prepared::new(with_headers!(call.strip_nulls().single(), own).execute()),
            Form::Csv | Form::Own => Prepared::new(with_headers!(call.csv(), own).execute()),
            Form::GeoJson => return unsaid("GeoJSON of a function"),
            Form::Explain(explain) => Prepared::new(with_headers!(call.explain(explain), own).execute()),
        })
    }

    /// What the preferences of a write say.
    fn write_preferences(&mut self, known: &[&str]) -> WritePreferences {
        let mut said = WritePreferences::default();
        let preferences = self.preferences();
        let mut others = false;
        let mut returning = None;
        for preference in &preferences {
            match *preference {
                "return=representation" if returning.is_none() => returning = Some(true),
                "return=minimal" if returning.is_none() => returning = Some(false),
                "count=exact" if said.count.is_none() => said.count = Some(Count::Exact),
                "count=planned" if said.count.is_none() => said.count = Some(Count::Planned),
                "count=estimated" if said.count.is_none() => said.count = Some(Count::Estimated),
                // A server that allows no override would commit: our dry run refuses there.
                "tx=rollback" if self.exchange.server != "locked" => said.rollback = true,
                "handling=strict" => said.strict = true,
                "resolution=merge-duplicates" if known.contains(&"resolution") => said.resolution = Some(true),
                "resolution=ignore-duplicates" if known.contains(&"resolution") => said.resolution = Some(false),
                "missing=default" if known.contains(&"missing") => said.missing_default = true,
                other => match other.strip_prefix("max-affected=").and_then(|rows| rows.parse().ok()) {
                    Some(rows) if known.contains(&"max-affected") && preferences.contains(&"handling=strict") => {
                        said.max_affected = Some(rows);
                    }
                    _ => others = true,
                },
            }
        }
        said.representation = returning == Some(true);
        if said.strict && said.max_affected.is_none() && !said.rollback {
            others = true;
        }
        if others && let Some(prefer) = self.plain.header("prefer") {
            self.own.push(("prefer".to_owned(), prefer.to_owned()));
            said.rollback = false;
        }
        said
    }

    pub(super) fn insert(&mut self, table: &str) -> Result<Prepared, Unsaid> {
        let parts = Parts::of(self.plain)?;
        if !parts.filters.is_empty() || parts.limit.is_some() || parts.offset.is_some() {
            return unsaid("an insert with filters or a limit, which mean nothing there");
        }
        let said = self.write_preferences(&["resolution", "missing"]);
        if parts.on_conflict.is_some() && said.resolution.is_none() {
            return unsaid("`on_conflict` without a resolution does nothing; only `upsert` has it");
        }
        let form = self.form();
        let body = self.plain.body.as_deref().unwrap_or_default();
        let Ok(whole) = serde_json::from_str::<&RawValue>(body) else {
            return unsaid("a body that is not JSON");
        };
        let rows: Option<Vec<Any>> = serde_json::from_str(body).ok();
        if rows.iter().flatten().any(|row| !row.get().starts_with('{')) {
            return unsaid("rows that are not objects: refused before sending");
        }
        if let Some(columns) = parts.columns {
            let named: std::collections::BTreeSet<String> =
                split(columns, ',').into_iter().map(|name| normal::unquoted(name.trim())).collect();
            if rows.as_deref().map(keys) != Some(named) {
                return unsaid(
                    "`columns` that are not the keys of the rows: the client names those that the rows have",
                );
            }
        } else if rows.as_ref().is_some_and(|rows| rows.iter().any(|row| keys(std::slice::from_ref(row)) != keys(rows)))
        {
            return unsaid("rows with different keys and no `columns`: the client always names them");
        }
        let order = sorts(parts.order)?;
        let from = self.client.from(table);
        /// Finishes an insert or an upsert.
        macro_rules! finish {
            ($write:expr) => {{
                let mut write = $write;
                if said.missing_default {
                    write = write.default_missing();
                }
                if said.rollback {
                    write = write.dry_run();
                }
                if let Some(count) = said.count {
                    write = write.count(count);
                }
                if said.representation {
                    let mut write = write.select::<Any>(parts.select.unwrap_or("*"));
                    for sort in order {
                        write = write.order(sort);
                    }
                    let own = &self.own;
                    match form {
                        Form::Rows => Prepared::new(with_headers!(write, own).execute()),
                        Form::Single => Prepared::new(with_headers!(write.single(), own).execute()),
                        Form::Csv | Form::Own => Prepared::new(with_headers!(write.csv(), own).execute()),
                        Form::Explain(explain) => Prepared::new(with_headers!(write.explain(explain), own).execute()),
                        _ => return unsaid("rows of a write in this media type"),
                    }
                } else if parts.select.is_some() || parts.order.is_some() {
                    return unsaid("a select list on a write that returns nothing");
                } else {
                    match form {
                        Form::Rows => Prepared::new(with_headers!(write, &self.own).execute()),
                        Form::Explain(explain) => {
                            Prepared::new(with_headers!(write.explain(explain), &self.own).execute())
                        }
                        _ => {
                            if let Some(accept) = self.plain.header("accept") {
                                self.own.push(("accept".to_owned(), accept.to_owned()));
                            }
                            Prepared::new(with_headers!(write, &self.own).execute())
                        }
                    }
                }
            }};
        }
        Ok(match (said.resolution, rows) {
            (None, None) => finish!(from.insert(whole)),
            (None, Some(rows)) => finish!(from.insert_many(rows)),
            (Some(merge), rows) => {
                let mut upsert = match rows {
                    None => from.upsert(whole),
                    Some(rows) => from.upsert_many(rows),
                };
                if !merge {
                    upsert = upsert.ignore_duplicates();
                }
                if let Some(columns) = parts.on_conflict {
                    upsert = upsert.on_conflict(columns);
                }
                finish!(upsert)
            }
        })
    }

    pub(super) fn update(&mut self, table: &str) -> Result<Prepared, Unsaid> {
        let body = self.plain.body.as_deref().unwrap_or_default();
        let Ok(row) = serde_json::from_str::<&RawValue>(body) else {
            return unsaid("a body that is not JSON");
        };
        let update = self.client.from(table).update(row);
        self.write(update.every_row())
    }

    pub(super) fn delete(&mut self, table: &str) -> Result<Prepared, Unsaid> {
        if self.plain.body.is_some() {
            return unsaid("a delete with a body, which the server ignores");
        }
        let delete = self.client.from(table).delete();
        self.write(delete.every_row())
    }

    fn write<W: Write>(&mut self, write: W) -> Result<Prepared, Unsaid> {
        let parts = Parts::of(self.plain)?;
        if parts.order.is_some() || parts.limit.is_some() || parts.offset.is_some() {
            return unsaid(
                "`order` or `limit` on an update or delete: servers from 13 on ignore the limit and write every matching row, \
                 so there is no method for them",
            );
        }
        if parts.columns.is_some() {
            return unsaid("`columns` on an update: the client sends the columns that it means");
        }
        let said = self.write_preferences(&["max-affected"]);
        let form = self.form();
        let write = self.filters(write, &parts.filters, |write, _| write)?;
        if parts.filters.iter().any(|(key, _)| modifier(key).is_some_and(|(path, _)| !path.is_empty() && path != "not"))
        {
            return unsaid("a modifier of an embedded resource on a write");
        }
        if !said.representation && parts.select.is_some() {
            return unsaid("a select list on a write that returns nothing");
        }
        write.finish(parts.select, &said, form, &mut self.own, self.plain)
    }

    /// Adds filters and the modifiers of embedded resources.
    fn filters<B: Filters>(
        &mut self,
        mut builder: B,
        filters: &[(&str, &str)],
        modify: impl Fn(B, Modifier<'_>) -> B,
    ) -> Result<B, Unsaid> {
        for (key, value) in filters {
            match modifier(key) {
                Some((path, word @ ("and" | "or"))) => {
                    let (path, negated) = match path {
                        "not" => ("", true),
                        _ => path.strip_suffix(".not").map_or((path, false), |path| (path, true)),
                    };
                    let Some(inside) = value.strip_prefix('(').and_then(|value| value.strip_suffix(')')) else {
                        return unsaid("a tree without its parentheses");
                    };
                    let wanted = plain_filter(key, value);
                    if let Some(condition) = tree(word, inside).map(|tree| if negated { not(tree) } else { tree }) {
                        let said = if path.is_empty() {
                            self.scratch().filter_by(condition.clone())
                        } else {
                            self.scratch().filter_within(path, condition.clone())
                        };
                        if says(&said, &wanted) {
                            self.ways.typed += 1;
                            builder = if path.is_empty() {
                                builder.filter_by(condition)
                            } else {
                                builder.filter_within(path, condition)
                            };
                            continue;
                        }
                    }
                    self.ways.literal += 1;
                    builder = match (path, negated, word) {
                        ("", false, "or") => builder.or(inside),
                        ("", false, _) => builder.and(inside),
                        ("", true, "or") => builder.not_or(inside),
                        ("", true, _) => builder.not_and(inside),
                        (path, false, "or") => builder.or_within(path, inside),
                        (path, false, _) => builder.and_within(path, inside),
                        (path, true, "or") => builder.not_or_within(path, inside),
                        (path, true, _) => builder.not_and_within(path, inside),
                    };
                }
                Some((path, "order")) => {
                    for sort in sorts(Some(value))? {
                        builder = modify(builder, Modifier::Order(path, sort));
                    }
                }
                Some((path, word)) => {
                    let Some(rows) = number(Some(value))? else { return unsaid("a limit that is no number") };
                    builder = modify(
                        builder,
                        if word == "limit" { Modifier::Limit(path, rows) } else { Modifier::Offset(path, rows) },
                    );
                }
                None => builder = self.filter(builder, key, value)?,
            }
        }
        Ok(builder)
    }

    /// A builder to try a filter on.
    fn scratch(&self) -> supabase_core::database::Select<Untyped, supabase_core::database::Raw<Any>> {
        self.client.from("scratch").select::<Any>("*")
    }

    /// One filter: by the method that quotes and escapes where there is one, in the server's words
    /// otherwise.
    fn filter<B: Filters>(&mut self, builder: B, key: &str, value: &str) -> Result<B, Unsaid> {
        let wanted = plain_filter(key, value);
        if says(&typed(self.scratch(), key, value), &wanted) {
            self.ways.typed += 1;
            return Ok(typed(builder, key, value));
        }
        let (negated, rest) = value.strip_prefix("not.").map_or((false, value), |rest| (true, rest));
        let Some((operator, operand)) = rest.split_once('.') else {
            return unsaid(format!("a filter without an operator: `{key}={value}`"));
        };
        let literal = |builder| literal(builder, key, negated, operator, operand);
        let scratch = literal(self.scratch());
        match scratch.to_request() {
            Err(refused) => unsaid(format!("refused before sending: {refused}")),
            Ok(_) if says(&scratch, &wanted) => {
                self.ways.literal += 1;
                if negated {
                    return Ok(builder.not(key, operator, Value::Text(operand.to_owned())));
                }
                Ok(builder.filter(key, operator, Value::Text(operand.to_owned())))
            }
            Ok(request) => unsaid(format!("`{key}={value}` is written `{}` here", request.target)),
        }
    }
}

fn literal<B: Filters>(builder: B, key: &str, negated: bool, operator: &str, operand: &str) -> B {
    let operand = Value::Text(operand.to_owned());
    if negated { builder.not(key, operator, operand) } else { builder.filter(key, operator, operand) }
}

#[derive(Default)]
struct WritePreferences {
    representation: bool,
    count: Option<Count>,
    rollback: bool,
    strict: bool,
    resolution: Option<bool>,
    missing_default: bool,
    max_affected: Option<u64>,
}

/// Updates and deletes, which have the same methods.
trait Write: Filters {
    fn finish(
        self,
        select: Option<&str>,
        said: &WritePreferences,
        form: Form,
        own: &mut Vec<(String, String)>,
        plain: &Plain,
    ) -> Result<Prepared, Unsaid>;
}

macro_rules! writes {
    ($($name:ident)+) => {$(
        impl Write for supabase_core::database::$name<Untyped, supabase_core::database::Filtered, supabase_core::database::Minimal> {
            fn finish(self, select: Option<&str>, said: &WritePreferences, form: Form, own: &mut Vec<(String, String)>, plain: &Plain) -> Result<Prepared, Unsaid> {
                let mut write = self;
                if let Some(count) = said.count {
                    write = write.count(count);
                }
                if said.rollback {
                    write = write.dry_run();
                }
                if let Some(rows) = said.max_affected {
                    write = write.max_affected(rows);
                }
                if said.representation {
                    let write = write.select::<Any>(select.unwrap_or("*"));
                    return Ok(match form {
                        Form::Rows => Prepared::new(with_headers!(write, &*own).execute()),
                        Form::Single => Prepared::new(with_headers!(write.single(), &*own).execute()),
                        Form::Csv | Form::Own => Prepared::new(with_headers!(write.csv(), &*own).execute()),
                        Form::Explain(explain) => Prepared::new(with_headers!(write.explain(explain), &*own).execute()),
                        _ => return unsaid("rows of a write in this media type"),
                    });
                }
                Ok(match form {
                    Form::Rows => Prepared::new(with_headers!(write, &*own).execute()),
                    Form::Explain(explain) => Prepared::new(with_headers!(write.explain(explain), &*own).execute()),
                    _ => {
                        if let Some(accept) = plain.header("accept") {
                            own.push(("accept".to_owned(), accept.to_owned()));
                        }
                        Prepared::new(with_headers!(write, &*own).execute())
                    }
                })
            }
        }
    )+};
}
writes! { Update Delete }

fn plain_filter(key: &str, value: &str) -> Vec<String> {
    let params = vec![(key.to_owned(), value.to_owned())];
    Plain { method: "GET".to_owned(), params, ..Plain::default() }.normal().filters
}

/// Whether a builder's one filter is that one.
fn says<S>(builder: &supabase_core::database::Select<Untyped, S>, wanted: &[String]) -> bool {
    builder
        .to_request()
        .is_ok_and(|request| normal::of_target("GET", &request.target, Vec::new(), None).normal().filters == wanted)
}
<<<<<<< HEAD:tests/src/parity/exchange.rs

/// The filter by the method that has its name.
fn typed<B: Filters>(builder: B, key: &str, value: &str) -> B {
    let (negated, rest) = value.strip_prefix("not.").map_or((false, value), |rest| (true, rest));
    let (operator, operand) = rest.split_once('.').unwrap_or((rest, ""));
    let (name, config) = operator
        .strip_suffix(')')
        .and_then(|text| text.split_once('('))
        .map_or((operator, None), |(name, config)| (name, Some(config)));
    if negated {
        return match operator {
            "is" if operand == "null" => builder.is_not_null(key),
            "in" => builder.not_in(key, list(operand).unwrap_or_default()),
            _ => builder.not(key, operator, operand_of(operator, operand)),
        };
    }
    let value = operand_of(operator, operand);
    let patterns = || match array(operand) {
        Some(Value::List(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::Text(text) => text,
                other => format!("{other:?}"),
            })
            .collect(),
        _ => Vec::new(),
    };
    match (name, config) {
        ("eq", None) => builder.eq(key, value),
        ("neq", None) => builder.neq(key, value),
        ("gt", None) => builder.gt(key, value),
        ("gte", None) => builder.gte(key, value),
        ("lt", None) => builder.lt(key, value),
        ("lte", None) => builder.lte(key, value),
        ("isdistinct", None) => builder.is_distinct(key, value),
        ("cs", None) => builder.contains(key, value),
        ("cd", None) => builder.contained_by(key, value),
        ("ov", None) => builder.overlaps(key, value),
        ("sr", None) => builder.range_gt(key, value),
        ("nxl", None) => builder.range_gte(key, value),
        ("sl", None) => builder.range_lt(key, value),
        ("nxr", None) => builder.range_lte(key, value),
        ("adj", None) => builder.range_adjacent(key, value),
        ("in", None) => builder.in_(key, list(operand).unwrap_or_default()),
        ("is", None) => match operand {
            "null" => builder.is_null(key),
            "true" => builder.is_true(key),
            "false" => builder.is_false(key),
            _ => builder.is_unknown(key),
        },
        ("like", None) => builder.like(key, operand),
        ("ilike", None) => builder.ilike(key, operand),
        ("match", None) => builder.match_regex(key, operand),
        ("imatch", None) => builder.imatch_regex(key, operand),
        ("like", Some("all")) => builder.like_all_of(key, patterns()),
        ("like", Some("any")) => builder.like_any_of(key, patterns()),
        ("ilike", Some("all")) => builder.ilike_all_of(key, patterns()),
        ("ilike", Some("any")) => builder.ilike_any_of(key, patterns()),
        ("fts" | "plfts" | "phfts" | "wfts", config) => builder.text_search(key, text_query(name, config, operand)),
        _ => builder.filter(key, operator, value),
    }
}

fn text_query<'q>(name: &str, config: Option<&'q str>, text: &'q str) -> TextQuery<'q> {
    let query = match name {
        "fts" => TextQuery::raw(text),
        "plfts" => TextQuery::plain(text),
        "phfts" => TextQuery::phrase(text),
        _ => TextQuery::websearch(text),
    };
    match config {
        Some(config) => query.config(config),
        None => query,
    }
}

/// A value as an application has it: a list where the text is an array, a document where it is one.
fn operand_of(operator: &str, text: &str) -> Value {
    if text.starts_with(['{', '['])
        && let Ok(document) = serde_json::from_str::<serde_json::Value>(text)
        && (document.is_object() || document.is_array())
        && !matches!(operator, "like" | "ilike" | "match" | "imatch")
    {
        if text == "{}" {
            return Value::Text(text.to_owned());
        }
        return Value::Json(document);
    }
    array(text).filter(|_| matches!(operator, "cs" | "cd" | "ov")).unwrap_or_else(|| Value::Text(text.to_owned()))
}

/// The items of an `in` list, as texts.
fn list(text: &str) -> Option<Vec<Value>> {
    let inside = text.strip_prefix('(')?.strip_suffix(')')?;
    if inside.is_empty() {
        return Some(Vec::new());
    }
    let mut items = Vec::new();
    let mut start = 0;
    let (mut quoted, mut escaped) = (false, false);
    for (at, letter) in inside.char_indices().chain([(inside.len(), ',')]) {
        if escaped {
            escaped = false;
        } else if quoted && letter == '\\' {
            escaped = true;
        } else if letter == '"' && (quoted || at == start) {
            quoted = !quoted;
        } else if letter == ',' && !quoted {
            let item = &inside[start..at];
            items.push(Value::Text(whole_quoted(item).unwrap_or_else(|| item.to_owned())));
            start = at + 1;
        }
    }
    (!quoted).then_some(items)
}

/// An array literal.
fn array(text: &str) -> Option<Value> {
    let (value, rest) = array_at(text)?;
    rest.is_empty().then_some(value)
}

fn array_at(text: &str) -> Option<(Value, &str)> {
    let mut rest = text.strip_prefix('{')?;
    let mut items = Vec::new();
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((Value::List(items), rest));
    }
    loop {
        if rest.starts_with('{') {
            let (item, after) = array_at(rest)?;
            items.push(item);
            rest = after;
        } else if rest.starts_with('"') {
            let mut letters = rest[1..].char_indices();
            let mut out = String::new();
            let end = loop {
                match letters.next()? {
                    (at, '"') => break at + 2,
                    (_, '\\') => out.push(letters.next()?.1),
                    (_, letter) => out.push(letter),
                }
            };
            items.push(Value::Text(out));
            rest = &rest[end..];
        } else {
            let end = rest.find([',', '}'])?;
            let item = &rest[..end];
            if item.is_empty() || item.trim() != item || item.contains(['"', '\\', '{', '[', ']', '(', ')']) {
                return None;
            }
            items.push(if item.eq_ignore_ascii_case("null") { Value::Null } else { Value::Text(item.to_owned()) });
            rest = &rest[end..];
        }
        if let Some(after) = rest.strip_prefix(',') {
            rest = after;
        } else {
            return Some((Value::List(items), rest.strip_prefix('}')?));
        }
    }
}

/// A tree as conditions; `None` where it has a leaf that no method says.
fn tree(word: &str, inside: &str) -> Option<Condition<Untyped>> {
    let nodes: Option<Vec<Condition<Untyped>>> =
        split(inside, ',').into_iter().map(|node| condition(node.trim())).collect();
    Some(if word == "and" { all(nodes?) } else { any(nodes?) })
}

fn condition(node: &str) -> Option<Condition<Untyped>> {
    let (negated, bare) = node.strip_prefix("not.").map_or((false, node), |rest| (true, rest));
    for word in ["and", "or"] {
        if let Some(inside) = bare.strip_prefix(word).and_then(|rest| rest.strip_prefix('(')) {
            let tree = tree(word, inside.strip_suffix(')')?)?;
            return Some(if negated { not(tree) } else { tree });
        }
    }
    let at = {
        let (mut quoted, mut escaped) = (false, false);
        node.char_indices()
            .find(|(_, letter)| {
                if escaped {
                    escaped = false;
                } else if quoted && *letter == '\\' {
                    escaped = true;
                } else if *letter == '"' {
                    quoted = !quoted;
                }
                *letter == '.' && !quoted
            })?
            .0
    };
    let (name, operation) = (&node[..at], &node[at + 1..]);
    let (negated, rest) = operation.strip_prefix("not.").map_or((false, operation), |rest| (true, rest));
    let (operator, operand) = rest.split_once('.')?;
    let operand = if operator == "in" { operand.to_owned() } else { normal::unquoted(operand) };
    let leaf = leaf(column(name), operator, &operand)?;
    Some(if negated { not(leaf) } else { leaf })
}

fn leaf(column: NamedColumn<'_>, operator: &str, text: &str) -> Option<Condition<Untyped>> {
    let value = operand_of(operator, text);
    let (name, config) = operator
        .strip_suffix(')')
        .and_then(|text| text.split_once('('))
        .map_or((operator, None), |(name, config)| (name, Some(config)));
    Some(match (name, config) {
        ("eq", None) => column.eq(value),
        ("neq", None) => column.neq(value),
        ("gt", None) => column.gt(value),
        ("gte", None) => column.gte(value),
        ("lt", None) => column.lt(value),
        ("lte", None) => column.lte(value),
        ("isdistinct", None) => column.is_distinct(value),
        ("cs", None) => column.contains(value),
        ("cd", None) => column.contained_by(value),
        ("ov", None) => column.overlaps(value),
        ("sr", None) => column.range_gt(value),
        ("nxl", None) => column.range_gte(value),
        ("sl", None) => column.range_lt(value),
        ("nxr", None) => column.range_lte(value),
        ("adj", None) => column.range_adjacent(value),
        ("in", None) => column.in_(list(text)?),
        ("is", None) => match text {
            "null" => column.is_null(),
            "true" => column.is_true(),
            "false" => column.is_false(),
            "unknown" => column.is_unknown(),
            _ => return None,
        },
        ("like", None) if !text.contains('*') => column.like(text),
        ("ilike", None) if !text.contains('*') => column.ilike(text),
        ("match", None) => column.match_regex(text),
        ("imatch", None) => column.imatch_regex(text),
        ("fts" | "plfts" | "phfts" | "wfts", config) => column.text_search(text_query(name, config, text)),
        _ => return None,
    })
}

/// The terms of an order.
fn sorts(order: Option<&str>) -> Result<Vec<Sort>, Unsaid> {
    let Some(order) = order else { return Ok(Vec::new()) };
    split(order, ',').into_iter().map(|term| sort(term.trim())).collect()
}

fn sort(term: &str) -> Result<Sort, Unsaid> {
    let parts = split(term, '.');
    let is_word = |part: &&str| matches!(*part, "asc" | "desc" | "nullsfirst" | "nullslast");
    let words: Vec<&str> = parts.iter().skip(1).copied().filter(is_word).collect();
    let name = parts[..parts.len() - words.len()].join(".");
    if name.is_empty() || (parts.len() > 1 && words.is_empty()) || words.len() > 2 {
        return unsaid(format!("`{term}` is no term of an order"));
    }
    let mut sort = if words.contains(&"desc") { Sort::desc(&name) } else { Sort::asc(&name) };
    if words.contains(&"nullsfirst") {
        sort = sort.nulls_first();
    } else if words.contains(&"nullslast") {
        sort = sort.nulls_last();
    }
    Ok(sort)
}

fn number(text: Option<&str>) -> Result<Option<u64>, Unsaid> {
    match text {
        None => Ok(None),
        Some(text) => match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => unsaid(format!("`{text}` where a number of rows belongs")),
        },
    }
}

/// The keys of all rows.
fn keys(rows: &[Any]) -> std::collections::BTreeSet<String> {
    rows.iter()
        .filter_map(|row| serde_json::from_str::<BTreeMap<String, serde::de::IgnoredAny>>(row.get()).ok())
        .flat_map(BTreeMap::into_keys)
        .collect()
}

fn looks_like_a_filter(value: &str) -> bool {
    let value = value.strip_prefix("not.").unwrap_or(value);
    let end = value.find(['.', '(']).unwrap_or(value.len());
    end < value.len()
        && [
            "eq",
            "neq",
            "gt",
            "gte",
            "lt",
            "lte",
            "like",
            "ilike",
            "match",
            "imatch",
            "is",
            "isdistinct",
            "in",
            "cs",
            "cd",
            "ov",
            "sl",
            "sr",
            "nxr",
            "nxl",
            "adj",
            "fts",
            "plfts",
            "phfts",
            "wfts",
        ]
        .contains(&&value[..end])
}

fn explain(accept: &str) -> Option<Explain> {
    let rest = accept.strip_prefix("application/vnd.pgrst.plan")?;
    let mut parts = rest.split(';').map(str::trim);
    let mut explain = match parts.next() {
        Some("" | "+text") => Explain::new(),
        Some("+json") => Explain::new().json(),
        _ => return None,
    };
    for part in parts {
        if let Some(media) = part.strip_prefix("for=") {
            if media.trim_matches('"') != "application/json" {
                return None;
            }
        } else if let Some(options) = part.strip_prefix("options=") {
            for option in options.split('|') {
                explain = match option {
                    "analyze" => explain.analyze(),
                    "verbose" => explain.verbose(),
                    "settings" => explain.settings(),
                    "buffers" => explain.buffers(),
                    "wal" => explain.wal(),
                    "" => explain,
                    _ => return None,
                };
            }
        }
    }
    Some(explain)
}
=======
>>>>>>> main:tests/src/parity/exchange/teller.rs
