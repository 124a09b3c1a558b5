//! The one door of a project: `http://127.0.0.1:PORT`, with its services under `/rest/v1` and so on.

mod api_key;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

pub(crate) use api_key::require_key;

use crate::error::{Error, Result};
use crate::project::Project;
use crate::services;

/// Mounts the services. Each brings its own routes, with its prefix, and says itself which of them want a key ([`require_key`]):
/// auth, storage and functions have open ones.
fn router(project: &Arc<Project>) -> Router {
    Router::new()
        .merge(services::rest::router(project))
        .merge(services::realtime::router(project))
        .merge(services::auth::router(project))
        .merge(services::storage::router(project))
        .merge(services::functions::router(project))
        .fallback(|| async { message(StatusCode::NOT_FOUND, "no Route matched with those values", None) })
}

/// An open port for which there is no server yet: the address is known before the services start.
pub(crate) struct Door {
    listener: TcpListener,
    address: SocketAddr,
}

impl Door {
    /// Listens on 127.0.0.1; port 0 is any free one.
    pub(crate) async fn open(port: u16) -> Result<Self> {
        let failed = |source| Error::Listen { port, source };
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// A serving gateway; dropping it closes the port and every connection.
pub(crate) struct Gateway {
    task: JoinHandle<()>,
    stop: Option<oneshot::Sender<()>>,
}

impl Gateway {
    pub(crate) fn serve(door: Door, project: &Arc<Project>) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { task: tokio::spawn(accept(door.listener, router(project), stopped)), stop: Some(stop) }
    }

    /// Closes everything and waits until it is closed.
    pub(crate) async fn stop(mut self) {
        // Its receiver is waiting unless the task has ended already.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = (&mut self.task).await;
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, router: Router, mut stopped: oneshot::Receiver<()>) {
    // Dropped with this task, and each connection with it: open keep-alive connections hold nothing back.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // Out of file descriptors, or the client is gone already: others may do better.
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                    continue;
                };
                let _ = stream.set_nodelay(true);
                let service = TowerToHyperService::new(router.clone());
                connections.spawn(async move {
                    // An error here is a client that went away in the middle.
                    let _ = hyper::server::conn::http1::Builder::new()
                        .timer(TokioTimer::new())
                        // Closing idle connections would race with the next request of a pooling client.
                        .header_read_timeout(None)
                        .serve_connection(TokioIo::new(stream), service)
                        .with_upgrades()
                        .await;
                });
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            _ = &mut stopped => {
                drop(listener);
                connections.shutdown().await;
                return;
            }
        }
    }
}

/// An answer of the gateway itself, in the form that Supabase's gateway uses.
pub(crate) fn message(status: StatusCode, message: &str, hint: Option<&str>) -> Response {
    let mut body = json!({ "message": message });
    if let Some(hint) = hint {
        body["hint"] = json!(hint);
    }
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}
