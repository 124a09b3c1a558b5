//! Moving and copying objects.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::database::{OBJECT, Transaction};
use super::object::{NewObject, check_key, may_store, new_version, store};
use super::refusal::{Answer, Refusal, json_response};
use super::schema::{self, Fields};
use super::{Call, database};

pub(super) async fn move_object(call: &Call, fields: &Fields) -> Answer<Response> {
    let project = &*call.project;
    let (bucket, from, to, into) = names(fields)?;
    let caller = call.caller()?;
    check_key(&to)?;
    if database::object(project, Some(&caller), &bucket, &from).await?.is_none() {
        return Err(Refusal::no_object());
    }
    if database::bucket(project, &into).await?.is_none() {
        return Err(Refusal::not_related());
    }
    let version = new_version()?;
    let transaction = Transaction::of(project, &caller).await?;
    let before = transaction
        .rows("select version from storage.objects where bucket_id = $1 and name = $2", &[&bucket, &from])
        .await?;
    let moved = transaction
        .rows(
            "update storage.objects set bucket_id = $3, name = $4, version = $5, updated_at = now() where bucket_id = $1 and name = $2 returning id",
            &[&bucket, &from, &into, &to, &version],
        )
        .await?;
    let Some(old) = before.first().and_then(|row| row.get::<_, Option<String>>(0)).filter(|_| !moved.is_empty()) else {
        transaction.rollback().await?;
        return Err(Refusal::row_security());
    };
    let files = project.storage().files();
    std::fs::rename(files.path(&old)?, files.path(&version)?)?;
    transaction.commit().await?;
    Ok(schema::message("Successfully moved"))
}

/// Bucket, source, destination, and the bucket of the destination.
fn names(fields: &Fields) -> Answer<(String, String, String, String)> {
    let bucket = fields.required_text("bucketId")?;
    let from = fields.required_text("sourceKey")?;
    let to = fields.required_text("destinationKey")?;
    let into = fields.text("destinationBucket")?.unwrap_or_else(|| bucket.clone());
    Ok((bucket, from, to, into))
}

pub(super) async fn copy(call: &Call, fields: &Fields) -> Answer<Response> {
    let project = &*call.project;
    // The schema of a copy names its fields in another order.
    let (bucket, from, to, into) = names(fields)?;
    let keep = fields.boolean("copyMetadata")?.unwrap_or(true);
    let caller = call.caller()?;
    check_key(&to)?;
    let source = database::object(project, Some(&caller), &bucket, &from).await?.ok_or_else(Refusal::no_object)?;
    if database::bucket(project, &into).await?.is_none() {
        return Err(Refusal::not_related());
    }
    may_store(project, &caller, &into, &to, call.upserts()).await?;
    let mut metadata = source["metadata"].clone();
    let mut user = source["user_metadata"].clone();
    if !keep {
        for name in ["cacheControl", "mimetype"] {
            if let Some(value) = fields.get("metadata").and_then(|given| given.get(name)) {
                metadata[name] = value.clone();
            }
        }
        user = call
            .header("x-metadata")
            .and_then(|value| STANDARD.decode(value).ok())
            .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
            .unwrap_or(Value::Null);
    }
    let version = new_version()?;
    project.storage().files().copy(source["version"].as_str().unwrap_or_default(), &version)?;
    let new = NewObject {
        bucket: &into,
        key: &to,
        owner: caller.subject(),
        version: &version,
        metadata,
        user_metadata: Some(user),
    };
    if let Err(refusal) = store(project, &new, call.upserts()).await {
        project.storage().files().remove(&version);
        return Err(refusal);
    }
    let transaction = Transaction::service(project).await?;
    let row = transaction
        .json(&format!("select {OBJECT} from storage.objects where bucket_id = $1 and name = $2"), &[&into, &to])
        .await?;
    transaction.commit().await?;
    let mut answer = json!({ "Key": format!("{into}/{to}") });
    if let (Some(answer), Some(Value::Object(row))) = (answer.as_object_mut(), row.into_iter().next()) {
        answer.insert("Id".into(), row["id"].clone());
        answer.extend(row);
    }
    Ok(json_response(200, &answer))
}
