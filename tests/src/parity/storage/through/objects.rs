//! Requests about objects that are there, told to the client.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};
use supabase_core::storage::{Bucket, Entry, Order, RemoveItem, Resize, SortBy, Storage, Transform};

use super::super::exchange::body::bytes_of;
use super::super::exchange::placeholder::Bound;
use super::buckets::nothing;
use super::said::{Came, Claim, Said, TYPE, Why, count, flag, member, needed, text, texts};

pub(super) async fn tell(said: &Said<'_>, storage: &Storage) -> Result<Came, Why> {
    let rest = said.path.strip_prefix("/object/").ok_or("no call of the client goes there")?;
    let (first, below) = rest.split_once('/').unwrap_or((rest, ""));
    Ok(match (said.method, first) {
        ("POST", "move") if below.is_empty() => move_to(said, storage).await?,
        ("POST", "copy") if below.is_empty() => copy(said, storage).await?,
        ("POST", "list") => list(said, &storage.from(decoded(below))).await?,
        ("POST", "list-v2") => list_v2(said, &storage.from(decoded(below))).await?,
        ("POST", "sign") if below.contains('/') => {
            let (bucket, key) = place(below)?;
            sign(said, &storage.from(bucket), key).await?
        }
        ("POST", "sign") => sign_many(said, &storage.from(decoded(below))).await?,
        ("GET", "sign" | "public") => {
            return Err("a URL that the client gives: whoever has it fetches it without the client");
        }
        ("POST", "upload") => {
            said.without_body()?;
            let (bucket, key) = place(below.strip_prefix("sign/").unwrap_or_default())?;
            let call = storage.from(bucket).create_signed_upload_url(&key).upsert(said.upserts());
            call.await.map(|signed| vec![member("token", signed.token)])
        }
        ("GET", "info") if !below.starts_with("authenticated/") => {
            let (bucket, key) = place(below)?;
            let mut call = storage.from(bucket).info(key);
            for (name, value) in &said.query {
                call = if name == "versionId" { call.version_id(value) } else { return Err(QUERY) };
            }
            call.await.map(|info| {
                let time = |time: Option<chrono::DateTime<chrono::Utc>>| time.map(|time| time.to_rfc3339());
                vec![
                    member("id", info.id.map(|id| id.to_string())),
                    member("name", info.name),
                    member("version", info.version),
                    member("bucket_id", info.bucket_id),
                    member("size", info.size),
                    member("content_type", info.content_type),
                    member("cache_control", info.cache_control),
                    member("etag", info.etag),
                    member("metadata", info.metadata.unwrap_or_default()),
                    member("last_modified", time(info.last_modified)),
                    member("created_at", time(info.created_at)),
                ]
            })
        }
        ("DELETE", _) if below.is_empty() && !rest.contains('/') => remove(said, &storage.from(decoded(rest))).await?,
        ("DELETE", _) => return Err("one object is removed like several, by the route that says what was there"),
        ("HEAD", _) => return Err("`exists` and `info` ask the route whose refusals have a body"),
        ("GET", "authenticated" | "info") => return Err("the client asks by the shorter path, which says the same"),
        ("GET", _) if rest.contains('/') => download(said, storage, rest).await?,
        _ => return Err("no call of the client goes there"),
    })
}

const QUERY: Why = "a query that the client has no words for";

fn decoded(text: &str) -> String {
    super::super::decode(text, false)
}

/// Bucket and key.
pub(super) fn place(path: &str) -> Result<(String, String), Why> {
    path.split_once('/').map(|(bucket, key)| (decoded(bucket), decoded(key))).ok_or("no call of the client goes there")
}

async fn move_to(said: &Said<'_>, storage: &Storage) -> Result<Came, Why> {
    let members = said.members(&["bucketId", "sourceKey", "destinationKey", "destinationBucket"])?;
    let word = |name| text(members, name).and_then(needed);
    let mut call = storage.from(word("bucketId")?).move_to(word("sourceKey")?, word("destinationKey")?);
    if let Some(bucket) = text(members, "destinationBucket")? {
        call = call.into_bucket(bucket);
    }
    if let Some(upsert) = said.header("x-upsert") {
        call = call.header("x-upsert", upsert);
    }
    Ok(call.await.map(nothing))
}

async fn copy(said: &Said<'_>, storage: &Storage) -> Result<Came, Why> {
    let known = ["bucketId", "sourceKey", "destinationKey", "destinationBucket", "copyMetadata", "metadata"];
    let members = said.members(&known)?;
    let word = |name| text(members, name).and_then(needed);
    let mut call = storage.from(word("bucketId")?).copy(word("sourceKey")?, word("destinationKey")?);
    if let Some(bucket) = text(members, "destinationBucket")? {
        call = call.into_bucket(bucket);
    }
    if let Some(copy) = flag(members, "copyMetadata")? {
        call = call.copy_metadata(copy);
    }
    if let Some(metadata) = members.get("metadata") {
        let metadata = metadata.as_object().ok_or(TYPE)?;
        if let Some(seconds) = text(metadata, "cacheControl")? {
            let seconds = seconds.strip_prefix("max-age=").and_then(|seconds| seconds.parse().ok());
            call = call.cache_control(seconds.ok_or("the client says how long in seconds")?);
        }
        if let Some(mime) = text(metadata, "mimetype")? {
            call = call.content_type(mime);
        }
    }
    if said.header("x-metadata").is_some() {
        call = call.metadata(&said.metadata().ok_or(TYPE)?);
    }
    if said.upserts() {
        call = call.upsert(true);
    }
    Ok(call.await.map(|copied| {
        vec![
            member("Key", copied.full_path),
            member("Id", copied.id.map(|id| id.to_string())),
            member("name", copied.name),
            member("bucket_id", copied.bucket_id),
            member("metadata", copied.metadata.unwrap_or_default()),
            member("user_metadata", copied.user_metadata.unwrap_or_default()),
            member("created_at", copied.created_at.map(|time| time.to_rfc3339())),
        ]
    }))
}

/// Column and order.
fn sort(members: &Map<String, Value>) -> Result<Option<(SortBy, Order)>, Why> {
    let Some(sort) = members.get("sortBy") else { return Ok(None) };
    let sort = sort.as_object().ok_or(TYPE)?;
    let column = match needed(text(sort, "column")?)? {
        "name" => SortBy::Name,
        "created_at" => SortBy::CreatedAt,
        "updated_at" => SortBy::UpdatedAt,
        "last_accessed_at" => SortBy::LastAccessedAt,
        _ => return Err("no column of the client's"),
    };
    let order = match text(sort, "order")? {
        None | Some("asc") => Order::Asc,
        Some("desc") => Order::Desc,
        Some(_) => return Err("no order of the client's"),
    };
    Ok(Some((column, order)))
}

async fn list(said: &Said<'_>, bucket: &Bucket) -> Result<Came, Why> {
    let members = said.members(&["prefix", "limit", "offset", "sortBy", "search"])?;
    let mut call = bucket.list(needed(text(members, "prefix")?)?);
    if let Some(limit) = count(members, "limit")? {
        call = call.limit(limit);
    }
    if let Some(offset) = count(members, "offset")? {
        call = call.offset(offset);
    }
    if let Some((column, order)) = sort(members)? {
        call = call.sort_by(column, order);
    }
    if let Some(search) = text(members, "search")? {
        call = call.search(search);
    }
    Ok(call.await.map(|entries| {
        let each = entries.iter().enumerate().flat_map(|(at, entry)| {
            let claim = move |name: &str, value: Value| Claim::Json(format!("/{at}/{name}"), value);
            match entry {
                Entry::Folder { name } => {
                    vec![claim("name", name.as_str().into()), claim("id", Value::Null), claim("metadata", Value::Null)]
                }
                Entry::File(file) => vec![
                    claim("name", file.name.as_str().into()),
                    claim("id", file.id.to_string().into()),
                    claim("metadata/size", file.size().into()),
                    claim("metadata/mimetype", file.content_type().into()),
                    claim("updated_at", file.updated_at.map(|time| time.to_rfc3339()).into()),
                ],
            }
        });
        each.chain([Claim::Json("#".to_owned(), entries.len().into())]).collect()
    }))
}

async fn list_v2(said: &Said<'_>, bucket: &Bucket) -> Result<Came, Why> {
    let members = said.members(&["prefix", "limit", "cursor", "with_delimiter", "sortBy"])?;
    let mut call = bucket.list_v2();
    if let Some(prefix) = text(members, "prefix")? {
        call = call.prefix(prefix);
    }
    if let Some(limit) = count(members, "limit")? {
        call = call.limit(limit);
    }
    if let Some(cursor) = text(members, "cursor")? {
        call = call.cursor(cursor);
    }
    if let Some(with) = flag(members, "with_delimiter")? {
        call = call.with_delimiter(with);
    }
    if let Some((column, order)) = sort(members)? {
        call = call.sort_by(column, order);
    }
    Ok(call.await.map(|page| {
        let mut claims = vec![
            member("hasNext", page.has_next),
            member("nextCursor", page.next_cursor),
            Claim::Json("/objects#".to_owned(), page.objects.len().into()),
            Claim::Json("/folders#".to_owned(), page.folders.len().into()),
        ];
        for (at, object) in page.objects.iter().enumerate() {
            claims.push(Claim::Json(format!("/objects/{at}/name"), object.name.as_str().into()));
            claims.push(Claim::Json(format!("/objects/{at}/id"), object.id.map(|id| id.to_string()).into()));
            claims.push(Claim::Json(format!("/objects/{at}/metadata/size"), object.size().into()));
        }
        for (at, folder) in page.folders.iter().enumerate() {
            claims.push(Claim::Json(format!("/folders/{at}/name"), folder.name.as_str().into()));
        }
        claims
    }))
}

async fn remove(said: &Said<'_>, bucket: &Bucket) -> Result<Came, Why> {
    let members = said.members(&["prefixes"])?;
    let items = needed(members.get("prefixes").and_then(Value::as_array))?;
    let item = |item: &Value| match (item.as_str(), item["path"].as_str(), item["versionId"].as_str()) {
        (Some(key), ..) => Ok(RemoveItem::from(key)),
        (None, Some(path), Some(version)) => {
            Ok(RemoveItem::Version { path: path.to_owned(), version_id: version.to_owned() })
        }
        _ => Err(TYPE),
    };
    let keys = items.iter().map(item).collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() {
        return Err("nothing is to be removed, so nothing is sent");
    }
    if keys.len() > 1000 {
        return Err("more than 1000 keys travel in several requests");
    }
    Ok(bucket.remove(keys).await.map(|removed| {
        let each = removed.iter().enumerate().flat_map(|(at, object)| {
            let claim = move |name: &str, value: Value| Claim::Json(format!("/{at}/{name}"), value);
            [
                claim("name", object.name.as_str().into()),
                claim("id", object.id.map(|id| id.to_string()).into()),
                claim("bucket_id", object.bucket_id.as_deref().into()),
                claim("version", object.version.as_deref().into()),
            ]
        });
        each.chain([Claim::Json("#".to_owned(), removed.len().into())]).collect()
    }))
}

/// The token in a URL that was given.
fn token_in(url: &str) -> String {
    url.split_once("token=")
        .map(|(_, token)| token.split('&').next().unwrap_or_default())
        .unwrap_or_default()
        .to_owned()
}

fn lifetime(members: &Map<String, Value>) -> Result<Duration, Why> {
    let seconds = needed(members.get("expiresIn"))?.as_u64().filter(|seconds| *seconds > 0);
    seconds.map(Duration::from_secs).ok_or("the client says whole seconds, one at least")
}

async fn sign(said: &Said<'_>, bucket: &Bucket, key: String) -> Result<Came, Why> {
    if key.contains('?') {
        return Err("a key with `?` is signed in a batch, since this route signs it wrong");
    }
    let spelled = said.path.contains("%2") && !said.path.replace("%20", "").contains("%2");
    if !spelled && said.path.contains("%2") || said.path.contains("%40") {
        return Err("spelled so that the signature never fits; the client spells keys so that it does");
    }
    let members = said.members(&["expiresIn", "transform"])?;
    let mut call = bucket.create_signed_url(key, lifetime(members)?);
    if let Some(transform) = members.get("transform") {
        let transform = transform.as_object().ok_or(TYPE)?;
        let mut made = Transform::new();
        if let Some(width) = count(transform, "width")? {
            made = made.width(width);
        }
        if let Some(height) = count(transform, "height")? {
            made = made.height(height);
        }
        made = match text(transform, "resize")? {
            None => made,
            Some("cover") => made.resize(Resize::Cover),
            Some("contain") => made.resize(Resize::Contain),
            Some("fill") => made.resize(Resize::Fill),
            Some(_) => return Err("no way of resizing of the client's"),
        };
        call = call.transform(made);
    }
    Ok(call.await.map(|url| vec![Claim::Json("/signedURL?".to_owned(), token_in(&url).into())]))
}

async fn sign_many(said: &Said<'_>, bucket: &Bucket) -> Result<Came, Why> {
    let members = said.members(&["expiresIn", "paths"])?;
    let keys = needed(texts(members, "paths")?)?;
    if keys.is_empty() {
        return Err("nothing is to be signed, so nothing is sent");
    }
    if keys.len() > 1000 {
        return Err("more than 1000 keys travel in several requests");
    }
    Ok(bucket.create_signed_urls(keys, lifetime(members)?).await.map(|entries| {
        let each = entries.iter().enumerate().flat_map(|(at, entry)| {
            let claim = move |name: &str, value: Value| Claim::Json(format!("/{at}/{name}"), value);
            [
                claim("path", entry.key.as_str().into()),
                claim("error", entry.error.as_deref().into()),
                claim("signedURL?", entry.url.as_deref().map(token_in).into()),
            ]
        });
        each.chain([Claim::Json("#".to_owned(), entries.len().into())]).collect()
    }))
}

/// The bytes of a range, as the builder takes them.
enum Bytes {
    Between(u64, u64),
    From(u64),
    Last(u64),
}

fn range(text: &str) -> Option<Bytes> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    Some(match (first, last) {
        ("", last) => Bytes::Last(last.parse().ok()?),
        (first, "") => Bytes::From(first.parse().ok()?),
        (first, last) => {
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            if last < first {
                return None;
            }
            Bytes::Between(first, last)
        }
    })
}

async fn download(said: &Said<'_>, storage: &Storage, rest: &str) -> Result<Came, Why> {
    let (bucket, key) = place(rest)?;
    let mut call = storage.from(bucket).download(key);
    for (name, value) in &said.query {
        call = match name.as_str() {
            "cacheNonce" => call.cache_nonce(value),
            "versionId" => call.version_id(value),
            _ => call.query(name, value),
        };
    }
    let mut only_if = None;
    for (name, value) in &said.headers {
        match name.as_str() {
            "apikey" | "authorization" => {}
            "range" => {
                call = match range(value) {
                    Some(Bytes::Between(first, last)) => call.range(first..=last),
                    Some(Bytes::From(first)) => call.range(first..),
                    Some(Bytes::Last(count)) => call.last_bytes(count),
                    // What the builder refuses can still be said as a header.
                    None => call.header(name, value),
                };
            }
            "if-none-match" => only_if = Some(None),
            "if-modified-since" => match chrono::DateTime::parse_from_rfc2822(value) {
                Ok(time) => only_if = Some(Some(SystemTime::from(time))),
                Err(_) => call = call.header(name, value),
            },
            _ => call = call.header(name, value),
        }
    }
    let downloaded = match only_if {
        None => call.stream().await.map(Some),
        Some(None) => call.if_none_match(said.header("if-none-match").unwrap_or_default()).stream().await,
        Some(Some(time)) => call.if_modified_since(time).stream().await,
    };
    Ok(match downloaded {
        Err(error) => Err(error),
        Ok(None) => Ok(vec![Claim::Json("304".to_owned(), Value::Null)]),
        Ok(Some(downloaded)) => {
            let mut claims = vec![
                Claim::Header("content-type", downloaded.content_type().map(str::to_owned)),
                Claim::Header("etag", downloaded.etag().map(str::to_owned)),
                Claim::Header("cache-control", downloaded.cache_control().map(str::to_owned)),
                Claim::Header("last-modified", downloaded.last_modified().map(str::to_owned)),
                Claim::Header("content-length", downloaded.length().map(|length| length.to_string())),
                Claim::Header(
                    "content-range",
                    downloaded.content_range().map(|(first, last, all)| format!("bytes {first}-{last}/{all}")),
                ),
            ];
            match downloaded.bytes().await {
                Ok(bytes) => {
                    claims.push(Claim::Body(bytes.to_vec()));
                    Ok(claims)
                }
                Err(error) => Err(error),
            }
        }
    })
}

/// A transformed image; the recorded server has none.
pub(super) async fn render(said: &Said<'_>, storage: &Storage, rest: &str) -> Result<Came, Why> {
    let (bucket, key) = place(rest)?;
    let mut transform = Transform::new();
    for (name, value) in &said.query {
        transform = match name.as_str() {
            "width" => transform.width(value.parse().map_err(|_| TYPE)?),
            _ => return Err(QUERY),
        };
    }
    Ok(storage.from(bucket).download(key).transform(transform).await.map(|bytes| vec![Claim::Body(bytes.to_vec())]))
}

/// The body of a recorded answer, as bytes.
pub(super) fn answered(said: &Said<'_>) -> Vec<u8> {
    bytes_of(&said.line["response"]["body"], None, &Bound::new())
}
