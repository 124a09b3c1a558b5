//! Row changes from PostgreSQL's logical replication, sent to who may see them.
//!
//! As in the real server a slot is polled with SQL; here it is a temporary one, decoded by `pgoutput`, so that
//! the publications decide which tables are in it. One connection belongs to the poller; it begins with the first
//! channel and ends with the last.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::Inner;
use super::filter::Filter;
use super::pgoutput::{Changed, Datum, Decoder, Kind, Relation};
use super::protocol::{self, Body};
use super::sql::{literal, name};
use crate::error::{Error, Result};

/// How often the slot is looked at.
const PAUSE: Duration = Duration::from_millis(25);
/// The bytes of a value that is sent of a row that is too large.
const SHORT: usize = 64;

/// A column as the catalog has it.
#[derive(Debug, Clone)]
struct Column {
    /// `int8`, `_text`
    kind: String,
    /// `bigint`, `text[]`
    full_kind: String,
    primary: bool,
}

#[derive(Debug, Clone, Default)]
struct Catalog {
    columns: HashMap<String, Column>,
    row_security: bool,
}

/// Polls until nobody is left.
pub(super) async fn poll(inner: Arc<Inner>, client: Client, slot: String) {
    let mut poller = Poller { inner, client, decoder: Decoder::default(), catalogs: HashMap::new() };
    let sql = format!(
        "select encode(data, 'hex') from pg_logical_slot_get_binary_changes('{slot}', null, 2000, 'proto_version', '1', \
         'publication_names', 'supabase_realtime,supabase_realtime_messages_publication')"
    );
    loop {
        match poller.round(&sql).await {
            Ok(0) => tokio::time::sleep(PAUSE).await,
            Ok(_) => {}
            // The database is gone, or somebody has taken the slot: the next join begins anew.
            Err(error) => {
                crate::engine::progress(&format!("realtime: row changes have ended: {error}"));
                return;
            }
        }
        if !poller.inner.lock().has_members() {
            return;
        }
    }
}

/// Makes the slot; changes that commit from now on are in it.
pub(super) async fn open(inner: &Inner) -> Result<(Client, String)> {
    let client = inner.connect().await?;
    let slot = format!("supabase_realtime_{}", crate::random::letters(12)?.to_ascii_lowercase());
    client
        .simple_query(&format!("select pg_create_logical_replication_slot('{slot}', 'pgoutput', true)"))
        .await
        .map_err(|error| Error::database("make a replication slot", &error))?;
    Ok((client, slot))
}

/// Whether the publication has the table; and what is wrong with filters or columns, in the database's words.
pub(super) async fn validate(
    inner: &Inner,
    schema: &str,
    table: &str,
    filters: &[Filter],
    select: &[String],
) -> Result<(), String> {
    let client = inner.connect().await.map_err(|error| error.to_string())?;
    let published = client
        .query_opt(
            "select 1 from pg_publication_tables where pubname = 'supabase_realtime' and ($1 = '*' or schemaname = $1) \
             and ($2 = '*' or tablename = $2) limit 1",
            &[&schema, &table],
        )
        .await
        .map_err(|error| error.to_string())?;
    if published.is_none() {
        return Err(String::new());
    }
    if filters.is_empty() && select.is_empty() {
        return Ok(());
    }
    let rows = client
        .query(
            "select a.attname, format_type(a.atttypid, null) from pg_attribute a join pg_class c on c.oid = a.attrelid \
             join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped",
            &[&schema, &table],
        )
        .await
        .map_err(|error| error.to_string())?;
    let kinds: HashMap<String, String> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    for column in filters.iter().map(|filter| &filter.column).chain(select) {
        if !kinds.contains_key(column) {
            return Err(format!("invalid column for filter {column}"));
        }
    }
    for filter in filters {
        let kind = &kinds[&filter.column];
        let sql = format!("select {}", filter.sql(&format!("null::{kind}"), kind));
        client.simple_query(&sql).await.map_err(|error| {
            error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
        })?;
    }
    Ok(())
}

struct Poller {
    inner: Arc<Inner>,
    client: Client,
    decoder: Decoder,
    catalogs: HashMap<u32, Catalog>,
}

fn first_column(messages: Vec<SimpleQueryMessage>) -> Vec<Option<String>> {
    messages
        .into_iter()
        .filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row.get(0).map(str::to_owned)),
            _ => None,
        })
        .collect()
}

pub(super) fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).filter_map(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()).collect()
}

impl Poller {
    async fn query(&self, sql: &str) -> Result<Vec<Option<String>>> {
        let messages =
            self.client.simple_query(sql).await.map_err(|error| Error::database("tell row changes", &error))?;
        Ok(first_column(messages))
    }

    async fn round(&mut self, sql: &str) -> Result<usize> {
        let messages = self.query(sql).await?;
        let count = messages.len();
        for message in messages.into_iter().flatten() {
            if let Some(changed) = self.decoder.read(&from_hex(&message)) {
                for relation in self.decoder.described.drain(..) {
                    self.catalogs.remove(&relation);
                }
                let Some(relation) = self.decoder.relations.get(&changed.relation).cloned() else { continue };
                if (relation.schema.as_str(), relation.table.as_str()) == ("realtime", "messages") {
                    self.message(&relation, &changed).await?;
                } else {
                    self.tell(&relation, &changed).await?;
                }
            }
        }
        Ok(count)
    }

    /// `realtime.send` and its like: a broadcast from the database.
    async fn message(&mut self, relation: &Relation, changed: &Changed) -> Result<()> {
        let (Kind::Insert, Some(new)) = (changed.kind, &changed.new) else { return Ok(()) };
        let value = |wanted: &str| {
            relation.columns.iter().zip(new).find(|(column, _)| column.name == wanted).and_then(
                |(_, datum)| match datum {
                    Datum::Text(text) => Some(text.as_str()),
                    _ => None,
                },
            )
        };
        if value("extension") != Some("broadcast") {
            return Ok(());
        }
        let (Some(topic), Some(event)) = (value("topic"), value("event")) else { return Ok(()) };
        let body = match (value("payload"), value("binary_payload")) {
            (Some(json), _) => Body::Json(json.as_bytes().to_vec()),
            (None, Some(hex)) => Body::Bytes(from_hex(hex.trim_start_matches("\\x"))),
            (None, None) => return Ok(()),
        };
        let meta = json!({ "id": value("id") });
        let name = (format!("realtime:{topic}"), value("private") == Some("t"));
        self.inner.lock().broadcast(&name, None, event, Some(&meta), &body);
        Ok(())
    }

    async fn catalog(&mut self, relation: u32) -> Result<Catalog> {
        if let Some(catalog) = self.catalogs.get(&relation) {
            return Ok(catalog.clone());
        }
        let rows = self
            .client
            .query(
                "select a.attname, t.typname, format_type(a.atttypid, a.atttypmod), coalesce(a.attnum = any(i.indkey), false), \
                 c.relrowsecurity from pg_attribute a join pg_type t on t.oid = a.atttypid join pg_class c on c.oid = a.attrelid \
                 left join pg_index i on i.indrelid = c.oid and i.indisprimary \
                 where c.oid = $1 and a.attnum > 0 and not a.attisdropped",
                &[&relation],
            )
            .await
            .map_err(|error| Error::database("describe a table", &error))?;
        let mut catalog = Catalog::default();
        for row in rows {
            catalog.row_security = row.get(4);
            let column = Column { kind: row.get(1), full_kind: row.get(2), primary: row.get(3) };
            catalog.columns.insert(row.get(0), column);
        }
        self.catalogs.insert(relation, catalog.clone());
        Ok(catalog)
    }

    /// The values as the API writes them: `to_jsonb`, but bytes as bare hex digits.
    async fn record(&self, catalog: &Catalog, values: &[(&str, &Datum)]) -> Result<Map<String, Value>> {
        let mut parts = Vec::new();
        for (column, datum) in values {
            let Some(known) = catalog.columns.get(*column) else { continue };
            let json = match datum {
                Datum::Unchanged => continue,
                Datum::Null => "null::jsonb".to_owned(),
                Datum::Text(text) if known.kind == "bytea" => {
                    format!("to_jsonb({}::text)", literal(text.trim_start_matches("\\x")))
                }
                Datum::Text(text) => format!("to_jsonb({}::{})", literal(text), known.full_kind),
            };
            parts.push(format!("{},{json}", literal(column)));
        }
        // A function takes at most 100 arguments.
        let mut record = Map::new();
        for parts in parts.chunks(40) {
            let sql = format!("select json_build_object({})::text", parts.join(","));
            let text = self.query(&sql).await?.into_iter().flatten().next().unwrap_or_default();
            if let Ok(Value::Object(part)) = serde_json::from_str(&text) {
                record.extend(part);
            }
        }
        Ok(record)
    }

    async fn tell(&mut self, relation: &Relation, changed: &Changed) -> Result<()> {
        struct Asked {
            connection: u64,
            topic: String,
            id: i64,
            filters: Vec<Filter>,
            select: Vec<String>,
            role: String,
            claims: String,
        }
        let asked: Vec<Asked> = {
            let state = self.inner.lock();
            state
                .wanted
                .iter()
                .filter(|wanted| {
                    (wanted.event == "*" || wanted.event == changed.kind.name())
                        && (wanted.schema == "*" || wanted.schema == relation.schema)
                        && (wanted.table == "*" || wanted.table == relation.table)
                })
                .map(|wanted| Asked {
                    connection: wanted.connection,
                    topic: wanted.topic.clone(),
                    id: wanted.id,
                    filters: wanted.filters.clone(),
                    select: wanted.select.clone(),
                    role: wanted.claims.role.clone(),
                    claims: wanted.claims.json.clone(),
                })
                .collect()
        };
        if asked.is_empty() {
            return Ok(());
        }
        let catalog = self.catalog(relation.oid).await?;
        let names: Vec<&str> = relation.columns.iter().map(|column| column.name.as_str()).collect();
        let new: Vec<(&str, &Datum)> =
            changed.new.iter().flat_map(|new| names.iter().copied().zip(new.iter())).collect();
        // Without an old tuple the key is as it was.
        let whole_old = relation.full && !(catalog.row_security && changed.kind == Kind::Delete);
        let old_source = changed.old.as_ref().or(changed.new.as_ref());
        let old: Vec<(&str, &Datum)> = old_source
            .iter()
            .flat_map(|old| relation.columns.iter().zip(old.iter()))
            .filter(|(column, _)| {
                if whole_old {
                    true
                } else {
                    column.key && catalog.columns.get(&column.name).is_none_or(|known| known.primary || !relation.full)
                }
            })
            .map(|(column, datum)| (column.name.as_str(), datum))
            .collect();
        let record = self.record(&catalog, &new).await?;
        let old_record = if changed.kind == Kind::Insert { Map::new() } else { self.record(&catalog, &old).await? };

        // The real server measures the change as its plugin writes it.
        let size = |record: &Map<String, Value>| record.values().map(|value| value.to_string().len()).sum::<usize>();
        let too_large = size(&record) + size(&old_record) > self.inner.settings().max_record_bytes;

        // Per role and claims: which columns, and whether the row is theirs to see.
        let mut seen: HashMap<(String, String), (Vec<String>, bool)> = HashMap::new();
        for one in &asked {
            let who = (one.role.clone(), one.claims.clone());
            if let std::collections::hash_map::Entry::Vacant(place) = seen.entry(who) {
                let sight = sight(&self.client, relation, changed.kind, &catalog, &new, &one.role, &one.claims).await?;
                place.insert(sight);
            }
        }
        // Per channel: the ids whose filters match.
        let mut told: BTreeMap<(u64, String), (Vec<i64>, usize)> = BTreeMap::new();
        for (at, one) in asked.iter().enumerate() {
            let Some((_, visible)) = seen.get(&(one.role.clone(), one.claims.clone())) else { continue };
            if !visible || !self.matches(&catalog, &new, changed.kind, &one.filters).await? {
                continue;
            }
            told.entry((one.connection, one.topic.clone())).or_insert_with(|| (Vec::new(), at)).0.push(one.id);
        }
        let at = committed_at(changed.committed);
        for ((connection, topic), (ids, first)) in told {
            let one = &asked[first];
            let Some((columns, _)) = seen.get(&(one.role.clone(), one.claims.clone())) else { continue };
            let chosen = |column: &str| {
                columns.iter().any(|name| name == column)
                    && (one.select.is_empty()
                        || one.select.iter().any(|name| name == column)
                        || catalog.columns.get(column).is_some_and(|known| known.primary))
            };
            let only = |record: &Map<String, Value>| {
                record
                    .iter()
                    .filter(|(name, value)| chosen(name) && (!too_large || value.to_string().len() <= SHORT))
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect::<Map<_, _>>()
            };
            let described: Vec<Value> = names
                .iter()
                .filter(|name| chosen(name))
                .filter_map(|name| Some(json!({ "name": name, "type": catalog.columns.get(*name)?.kind })))
                .collect();
            let has_key = catalog.columns.values().any(|column| column.primary);
            let mut data = json!({
                "schema": relation.schema, "table": relation.table, "type": changed.kind.name(),
                "commit_timestamp": at, "columns": described, "errors": null,
            });
            if !has_key {
                data["errors"] = json!(["Error 400: Bad Request, no primary key"]);
            } else {
                if too_large {
                    data["errors"] = json!(["Error 413: Payload Too Large"]);
                }
                if changed.kind != Kind::Delete {
                    data["record"] = Value::Object(only(&record));
                }
                if changed.kind != Kind::Insert {
                    data["old_record"] = Value::Object(only(&old_record));
                }
            }
            let payload = json!({ "ids": ids, "data": data });
            let state = self.inner.lock();
            if let Some(wanted) =
                state.wanted.iter().find(|wanted| wanted.connection == connection && wanted.topic == topic)
            {
                let _ =
                    wanted.to.send(protocol::push(wanted.version, None, None, &topic, "postgres_changes", &payload));
            }
        }
        Ok(())
    }

    async fn matches(&self, catalog: &Catalog, new: &[(&str, &Datum)], kind: Kind, filters: &[Filter]) -> Result<bool> {
        // Deletes cannot be filtered.
        if filters.is_empty() || kind == Kind::Delete {
            return Ok(true);
        }
        let mut conditions = Vec::new();
        for filter in filters {
            let Some(known) = catalog.columns.get(&filter.column) else { return Ok(false) };
            let value = match new.iter().find(|(name, _)| *name == filter.column) {
                Some((_, Datum::Text(text))) => format!("{}::{}", literal(text), known.full_kind),
                _ => format!("null::{}", known.full_kind),
            };
            conditions.push(filter.sql(&value, &known.full_kind));
        }
        let sql = format!("select coalesce({}, false)", conditions.join(" and "));
        Ok(self.query(&sql).await?.first() == Some(&Some("t".to_owned())))
    }
}

/// Which columns the role may select, and whether it sees the row: asked of the table itself, as the role.
async fn sight(
    client: &Client,
    relation: &Relation,
    kind: Kind,
    catalog: &Catalog,
    new: &[(&str, &Datum)],
    role: &str,
    claims: &str,
) -> Result<(Vec<String>, bool)> {
    let failed = |error: tokio_postgres::Error| Error::database("look at a row as its reader", &error);
    let columns: Vec<String> = client
        .query(
            "select a.attname from pg_attribute a where a.attrelid = $2 and a.attnum > 0 and not a.attisdropped \
             and has_column_privilege($1::text::name, a.attrelid, a.attnum, 'SELECT')",
            &[&role, &relation.oid],
        )
        .await
        .map_err(failed)?
        .iter()
        .map(|row| row.get(0))
        .collect();
    let key: Vec<String> = new
        .iter()
        .filter_map(|(column, datum)| {
            let known = catalog.columns.get(*column).filter(|known| known.primary)?;
            match datum {
                Datum::Text(text) => Some(format!("{} = {}::{}", name(column), literal(text), known.full_kind)),
                _ => None,
            }
        })
        .collect();
    if columns.is_empty() {
        return Ok((columns, false));
    }
    if kind == Kind::Delete || !catalog.row_security || key.is_empty() {
        return Ok((columns, true));
    }
    let sql = format!(
        "begin; select set_config('request.jwt.claims', {}, true); set local role {}; \
         select 'seen' from {}.{} where {}; rollback",
        literal(claims),
        name(role),
        name(&relation.schema),
        name(&relation.table),
        key.join(" and ")
    );
    match client.simple_query(&sql).await {
        Ok(answer) => Ok((columns, first_column(answer).contains(&Some("seen".to_owned())))),
        Err(error) if error.as_db_error().is_some() => {
            // A policy that fails lets nobody see.
            client.simple_query("rollback").await.map_err(failed)?;
            Ok((columns, false))
        }
        Err(error) => Err(failed(error)),
    }
}

/// Microseconds since 2000 as `2026-01-02T03:04:05.678Z`.
fn committed_at(micros: i64) -> String {
    let millis = micros.div_euclid(1000);
    let (seconds, millis) = (millis.div_euclid(1000), millis.rem_euclid(1000));
    let (days, rest) = (seconds.div_euclid(86_400) + 10_957, seconds.rem_euclid(86_400));
    // Days since 1970 to a civil date (Howard Hinnant's algorithm).
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{millis:03}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::committed_at;

    #[test]
    fn commit_times_are_civil_dates() {
        assert_eq!(committed_at(0), "2000-01-01T00:00:00.000Z");
        assert_eq!(committed_at(68_169_600_000_000 + 123_000), "2002-02-28T00:00:00.123Z");
        assert_eq!(committed_at(762_523_445_678_000), "2024-02-29T12:04:05.678Z");
    }
}
