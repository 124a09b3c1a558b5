//! One running PostgREST, reached over a Unix socket (no port to lose to somebody else).

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Uri;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::UnixStream;
use tower_service::Service;

use super::RestSettings;
use crate::cluster::Cluster;
use crate::engine::{Ending, Engine, EngineCommand};
use crate::error::Result;

/// How long PostgREST may take to read the schema.
const PATIENCE: Duration = Duration::from_secs(60);
/// PostgREST closes idle connections after 30 seconds; we must be first, or a request meets a closed one.
const IDLE: Duration = Duration::from_secs(10);

pub(super) struct RestServer {
    engine: Engine,
    socket: PathBuf,
    client: Client<SocketConnector, Body>,
}

impl RestServer {
    /// Starts a server and waits until it has read the schema.
    pub(super) async fn start(
        cluster: &Cluster,
        database: &str,
        settings: &RestSettings,
        jwt_secret: &str,
        public_url: &str,
    ) -> Result<Self> {
        let program = cluster.postgrest().await?;
        let socket = cluster.socket_folder().join(format!("rest{}", cluster.next_number()));
        let mut command = EngineCommand::new("PostgREST", program.path(), Ending::Kill)
            .variable("PGRST_DB_URI", cluster.socket_url(database, "authenticator"))
            .variable("PGRST_SERVER_UNIX_SOCKET", socket.display().to_string())
            .variable("PGRST_OPENAPI_SERVER_PROXY_URI", format!("{public_url}/rest/v1"));
        for (name, value) in settings.variables(jwt_secret) {
            command = command.variable(name, value);
        }
        let engine = Engine::start(cluster.supervisor(), cluster.account(), cluster.socket_folder(), command)?;
        // Every version from 9 to 14 says so once it can answer from the schema.
        engine.logged("Schema cache loaded", PATIENCE).await?;
        let deadline = Instant::now() + PATIENCE;
        while UnixStream::connect(&socket).await.is_err() {
            if !engine.is_running() || Instant::now() > deadline {
                return Err(engine.failed("does not listen on its socket"));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let client =
            Client::builder(TokioExecutor::new()).pool_idle_timeout(IDLE).build(SocketConnector(socket.clone()));
        Ok(Self { engine, socket, client })
    }

    pub(super) fn client(&self) -> &Client<SocketConnector, Body> {
        &self.client
    }

    pub(super) fn is_running(&self) -> bool {
        self.engine.is_running()
    }
}

impl Drop for RestServer {
    fn drop(&mut self) {
        // The engine ends itself when it is dropped; the folder of the cluster goes later.
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// Connects to the one socket, whatever the address says.
#[derive(Clone)]
pub(super) struct SocketConnector(PathBuf);

impl Service<Uri> for SocketConnector {
    type Response = SocketConnection;
    type Error = std::io::Error;
    type Future = Pin<Box<dyn Future<Output = std::io::Result<SocketConnection>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let path = self.0.clone();
        Box::pin(async move { UnixStream::connect(path).await.map(|stream| SocketConnection(TokioIo::new(stream))) })
    }
}

/// A stream of the client's pool.
pub(super) struct SocketConnection(TokioIo<UnixStream>);

impl Connection for SocketConnection {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl hyper::rt::Read for SocketConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl hyper::rt::Write for SocketConnection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
