//! `/rest/v1`: requests go to a PostgREST of the database's own, started with the first of them.

mod server;
mod settings;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::any;
use http_body_util::BodyExt;
use tokio::sync::RwLock;

use server::RestServer;
pub use settings::RestSettings;

use crate::error::{Error, Result};
use crate::gateway::{self, message};
use crate::project::Project;

/// The paths of this service.
const PREFIX: &str = "/rest/v1";

/// The REST service of one database.
pub(crate) struct Rest {
    settings: RestSettings,
    server: RwLock<Option<Arc<RestServer>>>,
}

impl Rest {
    pub(crate) fn new(settings: RestSettings) -> Self {
        Self { settings, server: RwLock::new(None) }
    }

    pub(crate) fn settings(&self) -> &RestSettings {
        &self.settings
    }

    /// The running server; the first caller starts it, and one that died is replaced.
    async fn server(&self, project: &Project) -> Result<Arc<RestServer>> {
        if let Some(server) = self.server.read().await.as_ref().filter(|server| server.is_running()) {
            return Ok(server.clone());
        }
        let mut place = self.server.write().await;
        if let Some(server) = place.as_ref().filter(|server| server.is_running()) {
            return Ok(server.clone());
        }
        let server = Arc::new(self.start(project).await?);
        *place = Some(server.clone());
        Ok(server)
    }

    async fn start(&self, project: &Project) -> Result<RestServer> {
        RestServer::start(
            project.cluster(),
            project.database(),
            &self.settings,
            project.keys().jwt_secret(),
            project.url(),
        )
        .await
    }

    /// Starts the server unless it runs.
    pub(crate) async fn ready(&self, project: &Project) -> Result<()> {
        self.server(project).await.map(drop)
    }

    /// From the return of this on, requests see the schema as it is now.
    ///
    /// A notification makes PostgREST reload some time later, and no version tells which change it has seen. A new
    /// process certainly sees them all; requests under way finish with the old one.
    pub(crate) async fn reload(&self, project: &Project) -> Result<()> {
        let mut place = self.server.write().await;
        if place.is_some() {
            *place = Some(Arc::new(self.start(project).await?));
        }
        Ok(())
    }

    pub(crate) async fn stop(&self) {
        self.server.write().await.take();
    }
}

/// The routes of this service.
///
/// They are no nested router: axum's nesting makes one slash of two, and PostgREST is to get the path as it came.
pub(crate) fn router(project: &Arc<Project>) -> Router {
    let service = any(forward);
    Router::new()
        .route(PREFIX, service.clone())
        .route(&format!("{PREFIX}/"), service.clone())
        .route(&format!("{PREFIX}/{{*path}}"), service)
        .route_layer(axum::middleware::from_fn_with_state(project.clone(), gateway::require_key))
        .with_state(project.clone())
}

/// The target behind the prefix, byte for byte.
fn target(uri: &Uri) -> Option<PathAndQuery> {
    let whole = uri.path_and_query()?.as_str();
    let rest = whole.strip_prefix(PREFIX)?;
    if rest.starts_with('/') { rest.parse().ok() } else { format!("/{rest}").parse().ok() }
}

async fn forward(State(project): State<Arc<Project>>, mut request: Request) -> Response {
    let server = match project.rest().server(&project).await {
        Ok(server) => server,
        Err(error) => return unavailable(&error),
    };
    let Some(target) = target(request.uri()) else {
        return message(StatusCode::BAD_REQUEST, "the path of the request is no path", None);
    };
    match Uri::builder().scheme("http").authority("postgrest").path_and_query(target).build() {
        Ok(uri) => *request.uri_mut() = uri,
        Err(_) => {
            return message(StatusCode::BAD_REQUEST, "the path of the request is no path", None);
        }
    }
    *request.version_mut() = axum::http::Version::HTTP_11;
    remove_hop_by_hop(request.headers_mut());
    // Our own server has answered it already.
    request.headers_mut().remove(header::EXPECT);
    if request.method() == Method::HEAD {
        // PostgREST 12 closes the connection behind its answer to HEAD without saying so: the next
        // request on it would be lost.
        request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    match server.client().request(request).await {
        Ok(response) => {
            let (mut head, body) = response.into_parts();
            remove_hop_by_hop(&mut head.headers);
            // The server must not end, by a reload, before its last answer is through.
            let body = body.map_frame(move |frame| {
                let _in_use = &server;
                frame
            });
            Response::from_parts(head, Body::new(body))
        }
        Err(error) => unavailable(&Error::Io {
            action: "get an answer from PostgREST for",
            path: PREFIX.into(),
            source: std::io::Error::other(with_causes(&error)),
            remedy: String::new(),
        }),
    }
}

fn unavailable(error: &Error) -> Response {
    let text = error.to_string();
    crate::engine::progress(&format!("the REST service is unavailable: {text}"));
    message(StatusCode::SERVICE_UNAVAILABLE, "The REST service of the local stack is unavailable", Some(&text))
}

/// hyper's own text is only the stage ("client error (SendRequest)").
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// Removes what concerns one connection only (RFC 9110, 7.6.1).
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in [
        header::CONNECTION,
        header::PROXY_AUTHENTICATE,
        header::PROXY_AUTHORIZATION,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ] {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    headers.remove("proxy-connection");
}
