//! Reading objects, and what is known about them.

use std::io::Read;

use axum::body::Body;
use axum::http::{HeaderValue, Method, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::object::{check_key, http_date};
use super::refusal::{Answer, Refusal, json_response};
use super::{Call, database, path, sign, status, token};

/// `/object/<bucket>/<key>`: whoever asks, a public bucket answers; a private one to those who may see the object.
pub(super) async fn any(call: &Call, bucket: &str, key: &str) -> Answer<Response> {
    let caller = token::caller_or_nobody(call.project.keys(), &call.headers);
    let row = database::bucket(&call.project, bucket).await?;
    if row.as_ref().is_some_and(|row| row["public"] == true) {
        return serve(call, find(call, None, bucket, key).await?, None);
    }
    if row.is_none() || caller.claims.as_object().is_none_or(serde_json::Map::is_empty) {
        return Err(Refusal::no_bucket());
    }
    serve(call, find(call, Some(&caller), bucket, key).await?, None)
}

pub(super) async fn authenticated(call: &Call, bucket: &str, key: &str) -> Answer<Response> {
    let caller = call.caller()?;
    if database::bucket(&call.project, bucket).await?.is_none() {
        return Err(Refusal::no_bucket());
    }
    serve(call, find(call, Some(&caller), bucket, key).await?, None)
}

pub(super) async fn public(call: &Call, bucket: &str, key: &str) -> Answer<Response> {
    if database::bucket(&call.project, bucket).await?.is_none_or(|row| row["public"] != true) {
        return Err(Refusal::no_bucket());
    }
    serve(call, find(call, None, bucket, key).await?, None)
}

pub(super) async fn signed(call: &Call, bucket: &str, key: &str) -> Answer<Response> {
    let Some(token) = path::query_value(&call.query, "token") else {
        return Err(Refusal::schema("querystring must have required property 'token'"));
    };
    let claims = sign::check(call, &token, "download", &format!("{bucket}/{key}"))?;
    let object = database::object(&call.project, None, bucket, key).await?.ok_or_else(Refusal::no_object)?;
    serve(call, object, claims["exp"].as_u64())
}

async fn find(call: &Call, caller: Option<&token::Caller>, bucket: &str, key: &str) -> Answer<Value> {
    check_key(key)?;
    database::object(&call.project, caller, bucket, key).await?.ok_or_else(Refusal::no_object)
}

pub(super) async fn info(call: &Call, kind: &str, bucket: &str, key: &str) -> Answer<Response> {
    let caller = if kind == "authenticated" {
        call.caller()?
    } else {
        token::caller_or_nobody(call.project.keys(), &call.headers)
    };
    let row = database::bucket(&call.project, bucket).await?.ok_or_else(Refusal::no_bucket)?;
    let public = row["public"] == true && kind != "authenticated";
    if !public && (kind == "public" || caller.claims.as_object().is_none_or(serde_json::Map::is_empty)) {
        return Err(Refusal::no_bucket());
    }
    let object = find(call, if public { None } else { Some(&caller) }, bucket, key).await?;
    let metadata = &object["metadata"];
    let body = json!({
        "id": object["id"], "name": object["name"], "version": object["version"], "bucket_id": object["bucket_id"],
        "size": metadata["size"], "content_type": metadata["mimetype"], "cache_control": metadata["cacheControl"],
        "etag": metadata["eTag"], "metadata": object["user_metadata"],
        "last_modified": object["updated_at"], "created_at": object["created_at"],
    });
    let mut response = json_response(200, &body);
    set(&mut response, "etag", metadata["eTag"].as_str());
    set(&mut response, "last-modified", Some(&last_modified(&object)));
    set(&mut response, "cache-control", metadata["cacheControl"].as_str());
    Ok(response)
}

fn set(response: &mut Response, name: &'static str, value: Option<&str>) {
    if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
        response.headers_mut().insert(name, value);
    }
}

/// Seconds since 1970 of the row's last change.
fn changed(object: &Value) -> u64 {
    // `2026-11-22T01:53:45.171Z`
    let text = object["updated_at"].as_str().unwrap_or_default();
    let number = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<i64>().ok()).unwrap_or(0);
    since_1970((number(0, 4), number(5, 7), number(8, 10)), (number(11, 13), number(14, 16), number(17, 19)))
}

/// Seconds since 1970 of a date in a header: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn seconds(text: &str) -> Option<u64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let month = i64::try_from(MONTHS.find(text.get(8..11)?)? / 3).ok()? + 1;
    Some(since_1970((number(12, 16)?, month, number(5, 7)?), (number(17, 19)?, number(20, 22)?, number(23, 25)?)))
}

fn since_1970((year, month, day): (i64, i64, i64), (hour, minute, second): (i64, i64, i64)) -> u64 {
    let (shifted_year, shifted_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * shifted_year + shifted_year / 4 - shifted_year / 100
        + shifted_year / 400
        + (153 * shifted_month + 2) / 5
        + day
        - 1
        - 719_468;
    u64::try_from(days * 86400 + hour * 3600 + minute * 60 + second).unwrap_or(0)
}

fn last_modified(object: &Value) -> String {
    http_date(changed(object))
}

/// First and last byte of a range; `None` where there is none to take.
fn range(text: &str, size: u64) -> Option<(u64, u64)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let range = if first.is_empty() {
        let count: u64 = last.parse().ok()?;
        (size.saturating_sub(count), size.checked_sub(1)?)
    } else {
        let first: u64 = first.parse().ok()?;
        let last: u64 = if last.is_empty() { u64::MAX } else { last.parse().ok()? };
        (first, last.min(size.checked_sub(1)?))
    };
    (range.0 <= range.1 && range.0 < size).then_some(range)
}

fn serve(call: &Call, object: Value, expires: Option<u64>) -> Answer<Response> {
    let metadata = &object["metadata"];
    let size = metadata["size"].as_u64().unwrap_or(0);
    let etag = metadata["eTag"].as_str().unwrap_or_default();
    let head = call.method == Method::HEAD;
    let asked_tag = if head { None } else { call.header("if-none-match") };
    let mut cache_control = metadata["cacheControl"].as_str().unwrap_or("no-cache").to_owned();
    let mut unchanged = false;
    if let Some(asked) = asked_tag {
        unchanged = asked == etag;
        if !unchanged {
            cache_control.push_str(", stale-while-revalidate=30");
        }
    }
    if asked_tag.is_none()
        && !head
        && let Some(since) = call.header("if-modified-since").and_then(seconds)
    {
        // Milliseconds count: what was written within that second is newer.
        let millis = object["updated_at"].as_str().and_then(|text| text.get(20..23)?.parse::<u64>().ok()).unwrap_or(0);
        unchanged = changed(&object) * 1000 + millis <= since * 1000;
    }
    let range = match call.header("range").filter(|_| !head && !unchanged) {
        None => None,
        Some(text) => Some(range(text, size).ok_or_else(Refusal::range)?),
    };
    let mut response = Response::new(Body::empty());
    let mime = metadata["mimetype"].as_str().unwrap_or("application/octet-stream");
    // Pages from this host could act in its name.
    let served = if mime.starts_with("text/html") { "text/plain" } else { mime };
    set(&mut response, "accept-ranges", Some("bytes"));
    set(&mut response, "content-type", Some(served));
    set(&mut response, "etag", Some(etag));
    set(&mut response, "x-robots-tag", metadata["xRobotsTag"].as_str().or(Some("none")));
    set(&mut response, "last-modified", Some(&last_modified(&object)));
    match expires {
        Some(end) => set(&mut response, "expires", Some(&http_date(end))),
        None => set(&mut response, "cache-control", Some(&cache_control)),
    }
    if let Some(name) = path::query_value(&call.query, "download") {
        let disposition = if name.is_empty() {
            "attachment;".to_owned()
        } else {
            let name = path::encode(&name);
            format!("attachment; filename={name}; filename*=UTF-8''{name}")
        };
        set(&mut response, "content-disposition", Some(&disposition));
    }
    if unchanged {
        *response.status_mut() = status(304);
        set(&mut response, "content-length", Some("0"));
        return Ok(response);
    }
    let (first, length) = match range {
        None => (0, size),
        Some((first, last)) => {
            *response.status_mut() = status(206);
            set(&mut response, "content-range", Some(&format!("bytes {first}-{last}/{size}")));
            (first, last - first + 1)
        }
    };
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    if !head {
        let file =
            call.project.storage().files().open_at(object["version"].as_str().unwrap_or_default(), first)?.take(length);
        *response.body_mut() = Body::from_stream(futures_util::stream::unfold(Some(file), |file| async move {
            const PART: usize = 64 * 1024;
            let mut file = file?;
            let mut part = vec![0; PART];
            match file.read(&mut part) {
                Ok(0) => None,
                Ok(read) => {
                    part.truncate(read);
                    Some((Ok(part), Some(file)))
                }
                Err(error) => Some((Err(error), None)),
            }
        }));
    }
    Ok(response)
}
