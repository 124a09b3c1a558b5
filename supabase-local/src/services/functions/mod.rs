//! `/functions/v1`: handlers registered in process, and a function server (Deno, the edge runtime) behind them.
//!
//! Tokens are not checked, as with `supabase functions serve --no-verify-jwt`.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use tower_service::Service as _;

use crate::project::Project;

const PREFIX: &str = "/functions/v1/";

/// The functions of one project.
#[derive(Default)]
pub(crate) struct Functions {
    registered: RwLock<Registered>,
}

#[derive(Default)]
struct Registered {
    handlers: HashMap<String, MethodRouter>,
    server: Option<(String, Client<HttpConnector, Body>)>,
}

impl Functions {
    pub(crate) fn register(&self, name: &str, handler: MethodRouter) {
        let mut registered = self.registered.write().unwrap_or_else(PoisonError::into_inner);
        registered.handlers.insert(name.to_owned(), handler);
    }

    pub(crate) fn forward_to(&self, url: &str) {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let mut registered = self.registered.write().unwrap_or_else(PoisonError::into_inner);
        registered.server = Some((url.trim_end_matches('/').to_owned(), client));
    }
}

/// The routes of this service.
pub(crate) fn router(project: &Arc<Project>) -> Router {
    Router::new().route("/functions/v1/{*path}", any(invoke)).with_state(project.clone())
}

async fn invoke(State(project): State<Arc<Project>>, mut request: Request) -> Response {
    let path = request.uri().path_and_query().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let path = path.strip_prefix(PREFIX).unwrap_or_default();
    let name = path.split(['/', '?']).next().unwrap_or_default();
    let (handler, server) = {
        let registered = project.functions().registered.read().unwrap_or_else(PoisonError::into_inner);
        (registered.handlers.get(name).cloned(), registered.server.clone())
    };
    if let Some(mut handler) = handler {
        let Ok(answer) = handler.call(request).await;
        return answer;
    }
    let Some((url, client)) = server else {
        let body = json!({ "code": "NOT_FOUND", "message": "Requested function was not found" });
        return (StatusCode::NOT_FOUND, axum::Json(body)).into_response();
    };
    match format!("{url}/{path}").parse::<Uri>() {
        Ok(uri) => *request.uri_mut() = uri,
        Err(_) => return relay_error("the path of the request is no path"),
    }
    request.headers_mut().remove(axum::http::header::HOST);
    match client.request(request).await {
        Ok(answer) => answer.map(Body::new),
        Err(error) => relay_error(&error.to_string()),
    }
}

/// The function could not be run; what it may have answered is not in this.
fn relay_error(why: &str) -> Response {
    let mut answer = (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(json!({ "message": why }))).into_response();
    answer.headers_mut().insert("x-relay-error", HeaderValue::from_static("true"));
    answer
}
