//! `/storage/v1`: buckets and objects, with the project's row level security, as hosted projects have them.
//!
//! Rows are in `storage.buckets` and `storage.objects`; contents are files in the stack's own folder. Left out are image
//! transformation, vector and analytics buckets, versions, and the S3 protocol: their routes are unknown here, as they
//! are on a server that has them switched off.

mod bucket;
mod database;
mod files;
mod list;
mod object;
mod path;
mod read;
mod refusal;
mod schema;
mod sign;
mod token;
mod transfer;
mod tus;
mod upload;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::routing::any;
use http_body_util::{BodyExt, Limited};
use serde_json::json;

use self::files::Files;
use self::refusal::{Answer, Refusal, json_response};
use self::schema::Fields;
use crate::project::Project;

const PREFIX: &str = "/storage/v1";
/// What a JSON body may have.
const JSON_LIMIT: usize = 1024 * 1024;
/// What an object may have, unless the stack says otherwise: the limit of hosted projects without a plan.
pub(crate) const DEFAULT_SIZE_LIMIT: u64 = 50 * 1024 * 1024;

/// The storage service of one database.
pub(crate) struct Storage {
    files: Files,
    pool: Arc<database::Pool>,
    uploads: tus::Uploads,
    size_limit: AtomicU64,
}

impl Storage {
    pub(crate) fn new(parent: std::path::PathBuf) -> Self {
        Self {
            files: Files::new(parent),
            pool: Arc::default(),
            uploads: tus::Uploads::default(),
            size_limit: AtomicU64::new(DEFAULT_SIZE_LIMIT),
        }
    }

    fn files(&self) -> &Files {
        &self.files
    }

    fn pool(&self) -> Arc<database::Pool> {
        self.pool.clone()
    }

    fn size_limit(&self) -> u64 {
        self.size_limit.load(Ordering::Relaxed)
    }

    pub(crate) fn set_size_limit(&self, bytes: u64) {
        self.size_limit.store(bytes, Ordering::Relaxed);
    }

    /// Forgets what is only in memory.
    pub(crate) fn forget(&self) {
        self.pool.clear();
        self.uploads.forget();
    }

    /// Closes the connections, so that the database can be dropped.
    pub(crate) fn stop(&self) {
        self.pool.clear();
    }
}

/// The routes of this service. Like the hosted gateway, none asks for an `apikey`: signed and public URLs have none.
pub(crate) fn router(project: &Arc<Project>) -> Router {
    let service = any(answer);
    Router::new()
        .route(PREFIX, service.clone())
        .route(&format!("{PREFIX}/"), service.clone())
        .route(&format!("{PREFIX}/{{*path}}"), service)
        .with_state(project.clone())
}

/// A request with its path taken apart.
struct Call {
    project: Arc<Project>,
    method: Method,
    /// Below the prefix, as it came.
    path: String,
    query: String,
    headers: HeaderMap,
}

impl Call {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn upserts(&self) -> bool {
        self.header("x-upsert") == Some("true")
    }

    /// `METHOD:path?query`, as the server says an unknown route.
    fn unknown(&self) -> Response {
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        let message = format!("Route {}:{}{query} not found", self.method, self.path);
        let first = self.path.split('/').nth(1).unwrap_or_default();
        if matches!(first, "bucket" | "object" | "cdn" | "render" | "vector") {
            let body =
                json!({ "statusCode": "404", "error": "Not Found", "message": message, "code": "InvalidRequest" });
            let mut response = json_response(404, &body);
            response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
            response
        } else {
            json_response(404, &json!({ "message": message, "error": "Not Found", "statusCode": 404 }))
        }
    }

    fn caller(&self) -> Answer<token::Caller> {
        token::caller(self.project.keys(), &self.headers)
    }
}

async fn answer(State(project): State<Arc<Project>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path().strip_prefix(PREFIX).unwrap_or_default().to_owned();
    let call = Call {
        project,
        method: head.method,
        path,
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
    };
    if path::decode(&call.path).is_none() {
        let message = format!("'{}' is not a valid url component", call.path);
        return json_response(
            400,
            &json!({ "error": "Bad Request", "code": "FST_ERR_BAD_URL", "message": message, "statusCode": 400 }),
        );
    }
    if call.path == "/upload/resumable" || call.path.starts_with("/upload/resumable/") {
        return tus::answer(&call, body).await;
    }
    let head_only = call.method == Method::HEAD;
    let response = route(&call, body).await.unwrap_or_else(Refusal::into_response);
    if head_only { without_body(response) } else { response }
}

/// The answer to HEAD: the headers of the answer to GET.
fn without_body(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    if let Some(length) = axum::body::HttpBody::size_hint(&body).exact()
        && !head.headers.contains_key("content-length")
    {
        head.headers.insert("content-length", length.into());
    }
    Response::from_parts(head, Body::empty())
}

async fn fields(call: &Call, body: Body) -> Answer<Fields> {
    let bytes = Limited::new(body, JSON_LIMIT)
        .collect()
        .await
        .map_err(|_| Refusal::new(413, "FastifyError", "InvalidRequest", "Request body is too large"))?
        .to_bytes();
    Fields::parse(&call.headers, &bytes)
}

/// Splits `bucket/key` and decodes both; the key is everything after the first slash.
fn bucket_and_key(rest: &str) -> Option<(String, String)> {
    let (bucket, key) = rest.split_once('/')?;
    Some((path::decode(bucket)?, path::decode(key)?))
}

#[allow(clippy::too_many_lines, reason = "the table of routes")]
async fn route(call: &Call, body: Body) -> Answer<Response> {
    let project = &*call.project;
    let method = call.method.as_str();
    let (first, rest) =
        call.path.trim_start_matches('/').split_once('/').unwrap_or((call.path.trim_start_matches('/'), ""));
    let reads = matches!(method, "GET" | "HEAD");
    match first {
        "status" if reads => Ok(Response::new(Body::empty())),
        "version" if reads => {
            let mut response = Response::new(Body::from("0.0.0"));
            response.headers_mut().insert("content-type", HeaderValue::from_static("text/plain; charset=utf-8"));
            Ok(response)
        }
        "bucket" => {
            let (id, action) = rest.split_once('/').map_or((rest, None), |(id, action)| (id, Some(action)));
            let has_slash = call.path.trim_start_matches('/').contains('/');
            let id = path::decode(id).unwrap_or_default();
            match (method, has_slash, action) {
                ("POST", false, None) => {
                    needs_token(call)?;
                    let fields = fields(call, body).await?;
                    bucket::create(project, &call.caller()?, &fields).await
                }
                ("GET", false, None) => {
                    bucket::list(
                        project,
                        &call.caller()?,
                        &call.query,
                        call.header("x-client-info").unwrap_or_default(),
                    )
                    .await
                }
                ("GET", true, None) if !id.is_empty() => bucket::get(project, &call.caller()?, &id).await,
                ("PUT", true, None) if !id.is_empty() => {
                    needs_token(call)?;
                    let fields = fields(call, body).await?;
                    bucket::update(project, &call.caller()?, &id, &fields).await
                }
                ("DELETE", true, None) if !id.is_empty() => bucket::delete(project, &call.caller()?, &id).await,
                ("POST", true, Some("empty")) => bucket::empty(project, &call.caller()?, &id).await,
                _ => Ok(call.unknown()),
            }
        }
        "cdn" if method == "DELETE" && !rest.is_empty() => {
            if !call.caller()?.is_service() {
                return Err(Refusal::role());
            }
            Err(Refusal::new(
                400,
                "MissingParameter",
                "MissingParameter",
                "Missing Required Parameter CDN_PURGE_ENDPOINT_URL is not set",
            ))
        }
        "object" => object_route(call, rest, body).await,
        _ => Ok(call.unknown()),
    }
}

/// A missing header is found before the body is looked at.
fn needs_token(call: &Call) -> Answer<()> {
    if call.headers.contains_key("authorization") {
        Ok(())
    } else {
        Err(Refusal::schema("headers must have required property 'authorization'"))
    }
}

async fn object_route(call: &Call, rest: &str, body: Body) -> Answer<Response> {
    let project = &*call.project;
    let method = call.method.as_str();
    let reads = matches!(method, "GET" | "HEAD");
    let (second, below) = rest.split_once('/').unwrap_or((rest, ""));
    match (method, second) {
        ("POST", "move" | "copy") if below.is_empty() => {
            needs_token(call)?;
            let fields = fields(call, body).await?;
            if second == "move" {
                transfer::move_object(call, &fields).await
            } else {
                transfer::copy(call, &fields).await
            }
        }
        ("POST", "list" | "list-v2") if !below.is_empty() && !below.contains('/') => {
            needs_token(call)?;
            let fields = fields(call, body).await?;
            let bucket = path::decode(below).unwrap_or_default();
            let caller = call.caller()?;
            if second == "list" {
                list::folder(project, &caller, &bucket, &fields).await
            } else {
                list::prefix(project, &caller, &bucket, &fields).await
            }
        }
        ("POST", "sign") if !below.is_empty() => {
            needs_token(call)?;
            let fields = fields(call, body).await?;
            match bucket_and_key(below) {
                Some((bucket, key)) if !key.is_empty() => sign::one(call, below, &bucket, &key, &fields).await,
                _ => sign::many(call, &path::decode(below).unwrap_or_default(), &fields).await,
            }
        }
        (_, "sign") if reads => match bucket_and_key(below) {
            Some((bucket, key)) => read::signed(call, &bucket, &key).await,
            None => Ok(call.unknown()),
        },
        ("POST" | "PUT", "upload") => match below.strip_prefix("sign/").and_then(bucket_and_key) {
            Some((bucket, key)) if method == "POST" => sign::upload(call, &bucket, &key).await,
            Some((bucket, key)) => upload::signed(call, &bucket, &key, body).await,
            None => Ok(call.unknown()),
        },
        (_, "public") if reads => match bucket_and_key(below) {
            Some((bucket, key)) => read::public(call, &bucket, &key).await,
            None => Ok(call.unknown()),
        },
        (_, "authenticated") if reads => match bucket_and_key(below) {
            Some((bucket, key)) => read::authenticated(call, &bucket, &key).await,
            None => Ok(call.unknown()),
        },
        (_, "info") if reads => {
            let (kind, below) = match below.split_once('/') {
                Some((kind @ ("public" | "authenticated"), below)) if below.contains('/') => (kind, below),
                _ => ("", below),
            };
            match bucket_and_key(below) {
                Some((bucket, key)) => read::info(call, kind, &bucket, &key).await,
                None => Ok(call.unknown()),
            }
        }
        ("DELETE", _) if !rest.is_empty() && !rest.contains('/') => {
            needs_token(call)?;
            let fields = fields(call, body).await?;
            object::remove_many(call, &path::decode(rest).unwrap_or_default(), &fields).await
        }
        _ => match bucket_and_key(rest) {
            Some((bucket, key)) if !key.is_empty() => match method {
                "GET" | "HEAD" => read::any(call, &bucket, &key).await,
                "POST" | "PUT" => upload::standard(call, &bucket, &key, body).await,
                "DELETE" => {
                    let is_json = call.header("content-type").is_some_and(|value| value.contains("json"));
                    if is_json {
                        // Unlike the removal of a bucket, this one wants a body that says what it is.
                        fields(call, body).await?;
                    }
                    let caller = call.caller()?;
                    object::remove(call, &caller, &bucket, &key).await
                }
                _ => Ok(call.unknown()),
            },
            _ => Ok(call.unknown()),
        },
    }
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
