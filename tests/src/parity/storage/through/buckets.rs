//! Requests about buckets, told to the client.

use serde_json::{Map, Value};
use supabase_core::storage::{BucketInfo, BucketSort, FileSizeLimit, Lifecycle, Order, Storage};

use super::said::{Came, Claim, Said, TYPE, Why, flag, member, needed, text, texts};

pub(super) async fn tell(said: &Said<'_>, storage: &Storage) -> Result<Came, Why> {
    let segments: Vec<&str> = said.path.split('/').skip(1).collect();
    let id = segments.get(1).map(|id| super::super::decode(id, false)).unwrap_or_default();
    Ok(match (said.method, segments.as_slice()) {
        ("POST", ["bucket"]) => create(said, storage).await?,
        ("GET", ["bucket"]) => list(said, storage).await?,
        ("GET", ["bucket", _]) => storage.get_bucket(&id).await.map(|info| claims("", &info)),
        ("PUT", ["bucket", _]) => update(said, storage, &id).await?,
        ("DELETE", ["bucket", _]) => {
            said.without_body()?;
            storage.delete_bucket(&id).await.map(nothing)
        }
        ("POST", ["bucket", _, "empty"]) => {
            said.without_body()?;
            storage.empty_bucket(&id).await.map(nothing)
        }
        ("GET", ["bucket", _, "lifecycle"]) => storage.get_bucket_lifecycle(&id).await.map(|_| Vec::new()),
        ("PUT", ["bucket", _, "lifecycle"]) => {
            let lifecycle: Lifecycle = serde_json::from_value(said.body["json"].clone()).map_err(|_| TYPE)?;
            storage.update_bucket_lifecycle(&id, &lifecycle).await.map(nothing)
        }
        ("DELETE", ["bucket", _, "lifecycle"]) => storage.delete_bucket_lifecycle(&id).await.map(nothing),
        ("DELETE", ["cdn", _]) => storage.purge_bucket_cache(&id).await.map(nothing),
        ("DELETE", ["cdn", _, ..]) => {
            let key = segments[2..].join("/");
            storage.from(id).purge_cache(&super::super::decode(&key, false)).await.map(nothing)
        }
        ("POST", ["vector", "ListVectorBuckets"]) => storage.vectors().list_buckets().await.map(|_| Vec::new()),
        ("GET", ["iceberg", "bucket"]) => storage.analytics().list_buckets().await.map(|_| Vec::new()),
        _ => return Err("no call of the client goes there"),
    })
}

pub(super) fn nothing((): ()) -> Vec<Claim> {
    Vec::new()
}

fn claims(at: &str, info: &BucketInfo) -> Vec<Claim> {
    let time = |time: Option<chrono::DateTime<chrono::Utc>>| time.map(|time| time.to_rfc3339());
    let claim = |name: &str, value: Value| Claim::Json(format!("{at}/{name}"), value);
    vec![
        claim("id", info.id.as_str().into()),
        claim("name", info.name.as_str().into()),
        claim("owner", info.owner.as_deref().into()),
        claim("public", info.public.into()),
        claim("file_size_limit", info.file_size_limit.into()),
        claim("allowed_mime_types", info.allowed_mime_types.clone().into()),
        claim("type", info.kind.as_deref().into()),
        claim("created_at", time(info.created_at).into()),
        claim("updated_at", time(info.updated_at).into()),
    ]
}

/// What is said of a limit: nothing, none, or one.
fn limit(members: &Map<String, Value>) -> Result<Option<Option<FileSizeLimit>>, Why> {
    Ok(match members.get("file_size_limit") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(Value::String(text)) => Some(Some(text.as_str().into())),
        Some(Value::Number(number)) => match number.as_u64() {
            Some(bytes) => Some(Some(bytes.into())),
            None => return Err("a limit below nothing is said as text"),
        },
        Some(_) => return Err(TYPE),
    })
}

macro_rules! settings {
    ($call:ident, $members:ident) => {
        if let Some(public) = flag($members, "public")? {
            $call = $call.public(public);
        }
        if let Some(limit) = limit($members)? {
            $call = $call.file_size_limit::<FileSizeLimit>(limit);
        }
        match $members.get("allowed_mime_types") {
            Some(Value::Null) => $call = $call.any_mime_type(),
            _ => {
                if let Some(types) = texts($members, "allowed_mime_types")? {
                    $call = $call.allowed_mime_types(types);
                }
            }
        }
    };
}

async fn create(said: &Said<'_>, storage: &Storage) -> Result<Came, Why> {
    let members = said.members(&["id", "name", "public", "file_size_limit", "allowed_mime_types", "type"])?;
    let name = needed(text(members, "name")?)?;
    let mut call = storage.create_bucket(text(members, "id")?.unwrap_or(name)).name(name);
    settings!(call, members);
    if let Some(kind) = text(members, "type")? {
        call = call.kind(kind);
    }
    Ok(call.await.map(|created| vec![member("name", created.name)]))
}

async fn update(said: &Said<'_>, storage: &Storage, id: &str) -> Result<Came, Why> {
    let members = said.members(&["id", "name", "public", "file_size_limit", "allowed_mime_types"])?;
    for name in ["id", "name"] {
        if text(members, name)?.is_some_and(|other| other != id) {
            return Err("the client says the bucket's own name, since no other one is taken over");
        }
    }
    let mut call = storage.update_bucket(id);
    settings!(call, members);
    Ok(call.await.map(nothing))
}

async fn list(said: &Said<'_>, storage: &Storage) -> Result<Came, Why> {
    let asked = |name: &str| said.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let number = |name: &str| asked(name).map(|text| text.parse::<u32>().map_err(|_| TYPE)).transpose();
    let mut call = storage.list_buckets();
    if let Some(limit) = number("limit")? {
        call = call.limit(limit);
    }
    if let Some(offset) = number("offset")? {
        call = call.offset(offset);
    }
    if let Some(text) = asked("search") {
        call = call.search(text);
    }
    if asked("sortColumn").is_some() || asked("sortOrder").is_some() {
        let column = match needed(asked("sortColumn"))? {
            "id" => BucketSort::Id,
            "name" => BucketSort::Name,
            "created_at" => BucketSort::CreatedAt,
            "updated_at" => BucketSort::UpdatedAt,
            _ => return Err("no column of the client's"),
        };
        let order = match needed(asked("sortOrder"))? {
            "asc" => Order::Asc,
            "desc" => Order::Desc,
            _ => return Err("no order of the client's"),
        };
        call = call.sort_by(column, order);
    }
    Ok(call.await.map(|buckets| {
        let each = buckets.iter().enumerate().flat_map(|(at, info)| claims(&format!("/{at}"), info));
        each.chain([Claim::Json("#".to_owned(), buckets.len().into())]).collect()
    }))
}
