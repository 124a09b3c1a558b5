//! Buckets.

use axum::response::Response;
use serde_json::{Value, json};

use super::database::{BUCKET, OBJECT, Transaction};
use super::path;
use super::refusal::{Answer, Refusal, json_response};
use super::schema::{self, Fields};
use super::token::Caller;
use crate::project::Project;

/// Bytes of a limit: a number, or text with a decimal unit.
fn limit(value: &Value) -> Answer<Option<i64>> {
    const PATTERN: &str =
        "body/file_size_limit must match pattern \"^[0-9]+(?:\\.[0-9]+)?(?:[gG][bB]|[mM][bB]|[kK][bB]|[bB])$\"";
    let refuse =
        |why: &str| Refusal::schema(format!("{why}, {PATTERN}, body/file_size_limit must match a schema in anyOf"));
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => match number.as_i64() {
            Some(bytes) if bytes >= 0 => Ok(Some(bytes)),
            Some(_) => Err(refuse("body/file_size_limit must be >= 0")),
            None => Err(refuse("body/file_size_limit must be integer")),
        },
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => {
            let wrong = || {
                refuse(
                    "body/file_size_limit must be integer, body/file_size_limit must pass \"finite\" keyword validation",
                )
            };
            if let Ok(bytes) = text.parse::<i64>() {
                return Ok(Some(bytes));
            }
            let lower = text.to_ascii_lowercase();
            let (number, unit) = lower
                .strip_suffix("gb")
                .map(|number| (number, 1e9))
                .or_else(|| Some((lower.strip_suffix("mb")?, 1e6)))
                .or_else(|| Some((lower.strip_suffix("kb")?, 1e3)))
                .or_else(|| Some((lower.strip_suffix('b')?, 1.0)))
                .ok_or_else(wrong)?;
            if !number.starts_with(|first: char| first.is_ascii_digit())
                || !number.ends_with(|last: char| last.is_ascii_digit())
            {
                return Err(wrong());
            }
            let number: f64 = number.parse().map_err(|_| wrong())?;
            #[allow(clippy::cast_possible_truncation, reason = "limits are far below 2^53")]
            Ok(Some((number * unit) as i64))
        }
        _ => Err(refuse("body/file_size_limit must be integer")),
    }
}

fn mime_types(value: &Value) -> Answer<Option<Vec<String>>> {
    let Value::Array(types) = value else {
        return if value.is_null() { Ok(None) } else { Err(Refusal::schema("body/allowed_mime_types must be array")) };
    };
    let types: Vec<String> = types.iter().map(|mime| mime.as_str().unwrap_or_default().to_owned()).collect();
    match types.iter().find(|mime| !mime.ends_with('*') && mime.split('/').filter(|part| !part.is_empty()).count() != 2)
    {
        Some(wrong) => Err(Refusal::mime(wrong)),
        None => Ok(Some(types)),
    }
}

fn within(project: &Project, limit: Option<i64>) -> Answer<Option<i64>> {
    if limit.is_some_and(|limit| limit > i64::try_from(project.storage().size_limit()).unwrap_or(i64::MAX)) {
        return Err(Refusal::too_large());
    }
    Ok(limit)
}

pub(super) async fn create(project: &Project, caller: &Caller, body: &Fields) -> Answer<Response> {
    let name = body.required_text("name")?;
    let id = body.text("id")?.unwrap_or_else(|| name.clone());
    let public = body.boolean("public")?.unwrap_or(false);
    if body.text("type")?.is_some_and(|kind| !matches!(kind.as_str(), "STANDARD" | "ANALYTICS")) {
        return Err(Refusal::schema("body/type must be equal to one of the allowed values"));
    }
    let limit = limit(body.get("file_size_limit").unwrap_or(&Value::Null))?;
    let types = body.get("allowed_mime_types").unwrap_or(&Value::Null);
    if !path::is_bucket_name(&name) || !path::is_bucket_name(&id) {
        return Err(Refusal::bucket_name());
    }
    let (limit, types) = (within(project, limit)?, mime_types(types)?);
    let transaction = Transaction::of(project, caller).await?;
    transaction
        .rows_or(
            "insert into storage.buckets (id, name, owner_id, public, file_size_limit, allowed_mime_types) values ($1, $2, $3, $4, $5, $6)",
            &[&id, &name, &caller.subject(), &public, &limit, &types],
            "BucketAlreadyExists",
        )
        .await?;
    transaction.commit().await?;
    Ok(json_response(200, &json!({ "name": name })))
}

pub(super) async fn get(project: &Project, caller: &Caller, id: &str) -> Answer<Response> {
    let transaction = Transaction::of(project, caller).await?;
    let found = transaction.json(&format!("select {BUCKET} from storage.buckets where id = $1"), &[&id]).await?;
    transaction.commit().await?;
    found.first().map(|bucket| json_response(200, bucket)).ok_or_else(Refusal::no_bucket)
}

pub(super) async fn list(project: &Project, caller: &Caller, query: &str, info: &str) -> Answer<Response> {
    let value = |name: &str| path::query_value(query, name);
    let number = |name: &str, least: i64| -> Answer<Option<i64>> {
        match value(name) {
            None => Ok(None),
            Some(text) => match text.parse::<i64>() {
                Ok(number) if number >= least => Ok(Some(number)),
                Ok(_) => Err(Refusal::schema(format!("querystring/{name} must be >= {least}"))),
                Err(_) => Err(Refusal::schema(format!("querystring/{name} must be integer"))),
            },
        }
    };
    let one_of =
        |name: &str, allowed: &[&'static str]| match value(name) {
            None => Ok(allowed[0]),
            Some(text) => allowed.iter().find(|known| **known == text).copied().ok_or_else(|| {
                Refusal::schema(format!("querystring/{name} must be equal to one of the allowed values"))
            }),
        };
    let (limit, offset) = (number("limit", 1)?, number("offset", 0)?.unwrap_or(0));
    let column = one_of("sortColumn", &["name", "id", "created_at", "updated_at"])?;
    let order = one_of("sortOrder", &["asc", "desc"])?;
    let search = value("search").unwrap_or_default();
    let collate = if column.ends_with("_at") { "" } else { "collate \"C\"" };
    let transaction = Transaction::of(project, caller).await?;
    let sql = format!(
        "select {BUCKET} from storage.buckets where position(lower($1) in lower(name)) > 0 or $1 = '' \
         order by {column} {collate} {order} limit $2 offset $3"
    );
    let mut found = transaction.json(&sql, &[&search, &limit, &offset]).await?;
    transaction.commit().await?;
    if !is_old_python(info) {
        for bucket in &mut found {
            bucket["type"] = json!("STANDARD");
        }
    }
    Ok(json_response(200, &Value::Array(found)))
}

/// supabase-py before 2.18.0 does not understand the type of a bucket.
fn is_old_python(info: &str) -> bool {
    let Some(version) = info.split("supabase-py/").nth(1) else { return false };
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < (2, 18)
}

pub(super) async fn update(project: &Project, caller: &Caller, id: &str, body: &Fields) -> Answer<Response> {
    if ["public", "file_size_limit", "allowed_mime_types"].iter().all(|name| body.get(name).is_none()) {
        return Err(Refusal::schema(
            "body must have required property 'public', body must have required property 'file_size_limit', body must have \
             required property 'allowed_mime_types', body must match a schema in anyOf",
        ));
    }
    let public = body.boolean("public")?;
    let new_limit = body.get("file_size_limit").map(limit).transpose()?;
    let limit = new_limit.map(|limit| within(project, limit)).transpose()?;
    let types = body.get("allowed_mime_types").map(mime_types).transpose()?;
    let transaction = Transaction::of(project, caller).await?;
    let changed = transaction
        .rows(
            "update storage.buckets set public = coalesce($2, public), \
             file_size_limit = case when $3 then $4 else file_size_limit end, \
             allowed_mime_types = case when $5 then $6 else allowed_mime_types end where id = $1 returning id",
            &[&id, &public, &limit.is_some(), &limit.flatten(), &types.is_some(), &types.flatten()],
        )
        .await?;
    if changed.is_empty() {
        transaction.rollback().await?;
        return Err(Refusal::no_bucket());
    }
    transaction.commit().await?;
    Ok(schema::message("Successfully updated"))
}

pub(super) async fn empty(project: &Project, caller: &Caller, id: &str) -> Answer<Response> {
    if !caller.is_service() {
        return Err(Refusal::role());
    }
    let transaction = Transaction::service(project).await?;
    if transaction.rows("select 1 from storage.buckets where id = $1", &[&id]).await?.is_empty() {
        transaction.rollback().await?;
        return Err(Refusal::no_bucket());
    }
    let gone = transaction
        .json(&format!("delete from storage.objects where bucket_id = $1 returning {OBJECT}"), &[&id])
        .await?;
    transaction.commit().await?;
    for object in &gone {
        project.storage().files().remove(object["version"].as_str().unwrap_or_default());
    }
    Ok(schema::message("Empty bucket has been queued. Completion may take up to an hour."))
}

pub(super) async fn delete(project: &Project, caller: &Caller, id: &str) -> Answer<Response> {
    let transaction = Transaction::of(project, caller).await?;
    if transaction.rows("select 1 from storage.buckets where id = $1", &[&id]).await?.is_empty() {
        transaction.rollback().await?;
        return Err(Refusal::no_bucket());
    }
    // Objects that the caller cannot see count as well.
    let inside = Transaction::service(project).await?;
    let filled = !inside.rows("select 1 from storage.objects where bucket_id = $1 limit 1", &[&id]).await?.is_empty();
    inside.rollback().await?;
    if filled {
        transaction.rollback().await?;
        return Err(Refusal::new(
            409,
            "ResourceNotEmpty",
            "ResourceNotEmpty",
            "The bucket you tried to delete is not empty",
        ));
    }
    let gone = transaction.rows("delete from storage.buckets where id = $1 returning id", &[&id]).await?;
    if gone.is_empty() {
        transaction.rollback().await?;
        return Err(Refusal::no_bucket());
    }
    transaction.commit().await?;
    Ok(schema::message("Successfully deleted"))
}
