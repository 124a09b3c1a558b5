//! Rows of objects: storing, removing, and whether the caller may.

use axum::response::Response;
use serde_json::{Value, json};
use tokio_postgres::types::Json;

use super::Call;
use super::database::{self, OBJECT, Transaction};
use super::path;
use super::refusal::{Answer, Refusal, json_response};
use super::schema::{self, Fields};
use super::token::Caller;
use crate::project::Project;

/// What is to be stored about an object.
pub(super) struct NewObject<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) owner: Option<&'a str>,
    pub(super) version: &'a str,
    pub(super) metadata: Value,
    /// `None` keeps what a replaced object has.
    pub(super) user_metadata: Option<Value>,
}

/// The statement that stores an object, with or without replacing one.
fn store_sql(upsert: bool, returning: &str) -> String {
    let conflict = if upsert {
        "on conflict (bucket_id, name) do update set version = excluded.version, metadata = excluded.metadata, \
         owner = excluded.owner, owner_id = excluded.owner_id, updated_at = now(), \
         user_metadata = case when $8 then excluded.user_metadata else objects.user_metadata end"
    } else {
        ""
    };
    format!(
        "insert into storage.objects as objects (bucket_id, name, owner, owner_id, version, metadata, user_metadata) \
         select $1, $2, $3::text::uuid, $4, $5, $6, $7 where $8 or true {conflict} {returning}"
    )
}

async fn store_in(
    transaction: &Transaction,
    object: &NewObject<'_>,
    upsert: bool,
    returning: &str,
) -> Answer<Option<String>> {
    let owner = object.owner.filter(|owner| is_uuid(owner));
    let rows = transaction
        .rows_or(
            &store_sql(upsert, returning),
            &[
                &object.bucket,
                &object.key,
                &owner,
                &object.owner,
                &object.version,
                &Json(&object.metadata),
                &object.user_metadata.as_ref().map(Json),
                &object.user_metadata.is_some(),
            ],
            "KeyAlreadyExists",
        )
        .await?;
    Ok(rows.first().map(|row| row.get(0)))
}

pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() })
}

/// Whether the caller may store this object: it is tried, and taken back.
pub(super) async fn may_store(project: &Project, caller: &Caller, bucket: &str, key: &str, upsert: bool) -> Answer<()> {
    let transaction = Transaction::of(project, caller).await?;
    let trial =
        NewObject { bucket, key, owner: caller.subject(), version: "", metadata: json!({}), user_metadata: None };
    // Reading the row back would need the right to read it.
    store_in(&transaction, &trial, upsert, "").await?;
    transaction.rollback().await
}

/// Stores a row and gives its id; the content that it replaces is removed.
pub(super) async fn store(project: &Project, object: &NewObject<'_>, upsert: bool) -> Answer<String> {
    let transaction = Transaction::service(project).await?;
    let before = transaction
        .rows(
            "select version from storage.objects where bucket_id = $1 and name = $2 for update",
            &[&object.bucket, &object.key],
        )
        .await?;
    let id = store_in(&transaction, object, upsert, "returning id::text").await?.ok_or_else(Refusal::internal)?;
    transaction.commit().await?;
    if let Some(old) = before.first().and_then(|row| row.get::<_, Option<String>>(0)) {
        project.storage().files().remove(&old);
    }
    Ok(id)
}

pub(super) async fn remove(call: &Call, caller: &Caller, bucket: &str, key: &str) -> Answer<Response> {
    let project = &*call.project;
    if database::object(project, None, bucket, key).await?.is_none() {
        return Err(Refusal::no_object());
    }
    let transaction = Transaction::of(project, caller).await?;
    let gone = transaction
        .json(
            &format!("delete from storage.objects where bucket_id = $1 and name = $2 returning {OBJECT}"),
            &[&bucket, &key],
        )
        .await?;
    if gone.is_empty() {
        transaction.rollback().await?;
        return Err(Refusal::token("Access denied"));
    }
    transaction.commit().await?;
    forget(project, &gone);
    Ok(schema::message("Successfully deleted"))
}

pub(super) async fn remove_many(call: &Call, bucket: &str, fields: &Fields) -> Answer<Response> {
    let project = &*call.project;
    let keys = fields.texts("prefixes", usize::MAX)?;
    let caller = call.caller()?;
    let transaction = Transaction::of(project, &caller).await?;
    let gone = transaction
        .json(
            &format!("delete from storage.objects where bucket_id = $1 and name = any($2) returning {OBJECT}"),
            &[&bucket, &keys],
        )
        .await?;
    transaction.commit().await?;
    forget(project, &gone);
    Ok(json_response(200, &Value::Array(gone)))
}

fn forget(project: &Project, gone: &[Value]) {
    for object in gone {
        project.storage().files().remove(object["version"].as_str().unwrap_or_default());
    }
}

/// Refuses keys as the server does.
pub(super) fn check_key(key: &str) -> Answer<()> {
    if !path::is_key(key) {
        return Err(Refusal::key(key));
    }
    if path::has_dots(key) {
        return Err(Refusal::key(&format!("{key} (the file backend takes no dot segments)")));
    }
    Ok(())
}

/// An id of the form that the database makes.
pub(super) fn new_version() -> Answer<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| Refusal::internal())?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}

/// What the server keeps about a content.
pub(super) fn metadata(etag: &str, size: u64, mime: &str, cache_control: &str) -> Value {
    json!({
        "eTag": etag,
        "size": size,
        "mimetype": mime,
        "cacheControl": cache_control,
        "lastModified": now_iso(),
        "contentLength": size,
        "httpStatusCode": 200,
    })
}

fn now_iso() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let (date, time) = civil(since.as_secs());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        date.0,
        date.1,
        date.2,
        time.0,
        time.1,
        time.2,
        since.subsec_millis()
    )
}

/// Year, month, day and hour, minute, second of a time in UTC.
pub(super) fn civil(seconds: u64) -> ((u64, u64, u64), (u64, u64, u64)) {
    let (days, rest) = (seconds / 86400, seconds % 86400);
    // Years begin in March, so that the leap day is the last of one.
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    ((year, month, day), (rest / 3600, rest % 3600 / 60, rest % 60))
}

/// A time as headers say it.
pub(super) fn http_date(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let ((year, month, day), (hour, minute, second)) = civil(seconds);
    let weekday = DAYS[usize::try_from(seconds / 86400 % 7).unwrap_or(0)];
    let month = MONTHS[usize::try_from(month - 1).unwrap_or(0)];
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(civil(951_782_400).0, (2000, 2, 29));
    }
}
