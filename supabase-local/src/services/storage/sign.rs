//! Signed URLs: tokens that carry the right to one object.

use axum::response::Response;
use serde_json::{Value, json};

use super::object::may_store;
use super::refusal::{Answer, Refusal, json_response};
use super::schema::Fields;
use super::{Call, database, path, token};
use crate::keys::now;

/// How long an upload may wait: the value of hosted projects.
const UPLOAD_SECONDS: u64 = 7200;
const MISSING: &str = "Either the object does not exist or you do not have access to it";

fn expiry(fields: &Fields) -> Answer<u64> {
    let seconds = fields
        .integer("expiresIn", 1)?
        .ok_or_else(|| Refusal::schema("body must have required property 'expiresIn'"))?;
    // The last second that JavaScript can say.
    if seconds > 8_640_000_000_000 {
        return Err(Refusal::new(400, "InvalidParameter", "InvalidParameter", "Invalid Parameter expiresIn"));
    }
    let resize = fields.get("transform").and_then(|transform| transform["resize"].as_str());
    if resize.is_some_and(|resize| !matches!(resize, "cover" | "contain" | "fill")) {
        return Err(Refusal::schema("body/transform/resize must be equal to one of the allowed values"));
    }
    Ok(u64::try_from(seconds).unwrap_or(1))
}

fn download_token(call: &Call, url: &str, seconds: u64) -> String {
    let now = now();
    call.project.keys().sign(&json!({ "url": url, "scope": "download", "iat": now, "exp": now + seconds }))
}

/// `below` is the path as it came: the token holds it as JavaScript's `decodeURI` reads it.
pub(super) async fn one(call: &Call, below: &str, bucket: &str, key: &str, fields: &Fields) -> Answer<Response> {
    let seconds = expiry(fields)?;
    let caller = call.caller()?;
    if database::object(&call.project, Some(&caller), bucket, key).await?.is_none() {
        return Err(Refusal::no_object());
    }
    let url = path::decode_uri(below).unwrap_or_default();
    let token = download_token(call, &url, seconds);
    Ok(json_response(200, &json!({ "signedURL": format!("/object/sign/{url}?token={token}") })))
}

pub(super) async fn many(call: &Call, bucket: &str, fields: &Fields) -> Answer<Response> {
    let seconds = expiry(fields)?;
    let keys = fields.texts("paths", 1000)?;
    let caller = call.caller()?;
    let transaction = database::Transaction::of(&call.project, &caller).await?;
    let found = transaction
        .rows("select name from storage.objects where bucket_id = $1 and name = any($2)", &[&bucket, &keys])
        .await?;
    transaction.commit().await?;
    let found: std::collections::HashSet<String> = found.iter().map(|row| row.get(0)).collect();
    let entries: Vec<Value> = keys
        .iter()
        .map(|key| {
            if !found.contains(key) {
                return json!({ "error": MISSING, "path": key, "signedURL": null });
            }
            let url = format!("{bucket}/{key}");
            let token = download_token(call, &url, seconds);
            json!({ "error": null, "path": key, "signedURL": format!("/object/sign/{url}?token={token}") })
        })
        .collect();
    Ok(json_response(200, &Value::Array(entries)))
}

pub(super) async fn upload(call: &Call, bucket: &str, key: &str) -> Answer<Response> {
    let caller = call.caller()?;
    if database::bucket(&call.project, bucket).await?.is_none() {
        return Err(Refusal::not_related());
    }
    may_store(&call.project, &caller, bucket, key, call.upserts()).await?;
    let url = format!("{bucket}/{key}");
    let now = now();
    let mut claims =
        json!({ "url": url, "upsert": call.upserts(), "scope": "upload", "iat": now, "exp": now + UPLOAD_SECONDS });
    if let Some(subject) = caller.subject() {
        claims["owner"] = json!(subject);
    }
    let token = call.project.keys().sign(&claims);
    Ok(json_response(200, &json!({ "url": format!("/object/upload/sign/{url}?token={token}"), "token": token })))
}

/// The claims of a signed URL's token, if it is for this object and this purpose.
pub(super) fn check(call: &Call, token: &str, scope: &str, url: &str) -> Answer<Value> {
    let claims = token::verify(call.project.keys(), token).map_err(Refusal::signed_token)?;
    if claims["scope"].as_str().is_some_and(|own| own != scope) || (scope == "upload" && claims["scope"].is_null()) {
        return Err(Refusal::signature(&format!("Token is not scoped for {scope}")));
    }
    if claims["url"] != url {
        return Err(Refusal::signature("Invalid signature"));
    }
    Ok(claims)
}
