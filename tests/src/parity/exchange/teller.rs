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
