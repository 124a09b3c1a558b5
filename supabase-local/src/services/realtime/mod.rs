//! `/realtime/v1`: channels over a WebSocket, and broadcasts over HTTP.
//!
//! Written from facts about the real server, both versions of its protocol. Row changes are real: they come from
//! the database's logical replication ([`changes`]). Limits are there to be switched on ([`RealtimeSettings`]). Left out:
//! the long poll, channels' crashes.

mod changes;
mod filter;
mod http;
mod kept;
mod pgoutput;
mod policy;
mod protocol;
mod settings;
mod socket;
mod sql;
mod state;
mod token;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::sync::Mutex as AsyncMutex;
use tokio::task::{AbortHandle, JoinSet};
use tokio_postgres::Client;

use crate::cluster;
use crate::error::{Error, Result};
use crate::gateway;
use crate::keys::Keys;
use crate::project::Project;
pub use settings::RealtimeSettings;
use state::State;

/// The realtime service of one database. Dropping it ends every socket.
pub(crate) struct Realtime {
    inner: Arc<Inner>,
}

/// What sockets and the poller share. It keeps neither the database nor the cluster alive.
pub(crate) struct Inner {
    keys: Keys,
    socket_folder: PathBuf,
    port: u16,
    database: String,
    state: Mutex<State>,
    settings: Mutex<RealtimeSettings>,
    poller: AsyncMutex<Option<AbortHandle>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Realtime {
    pub(crate) fn new(keys: Keys, socket_folder: PathBuf, port: u16, database: String) -> Self {
        let inner = Inner {
            keys,
            socket_folder,
            port,
            database,
            state: Mutex::default(),
            settings: Mutex::default(),
            poller: AsyncMutex::default(),
            tasks: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn configure(&self, change: impl FnOnce(&mut RealtimeSettings)) {
        change(&mut self.inner.settings.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Ends every socket and the poller, and waits for it.
    pub(crate) async fn stop(&self) {
        let mut tasks = std::mem::take(&mut *self.inner.tasks());
        tasks.shutdown().await;
    }
}

impl Drop for Realtime {
    fn drop(&mut self) {
        self.inner.tasks().abort_all();
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settings(&self) -> RealtimeSettings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn tasks(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs something that ends with the service at the latest.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let mut tasks = self.tasks();
        // What has ended is forgotten.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task)
    }

    async fn connect(&self) -> Result<Client> {
        cluster::connect(&self.socket_folder, self.port, &self.database)
            .await
            .map_err(|error| Error::database(format!("let realtime connect to {}", self.database), &error))
    }

    /// Fans out a broadcast that has an id, and keeps it if that is asked for and the channel is private.
    fn publish(&self, name: &state::Name, sender: Option<u64>, event: &str, persist: &Value, body: &protocol::Body) {
        let id = kept::new_id();
        let mut state = self.lock();
        state.broadcast(name, sender, event, Some(&json!({ "id": id })), body);
        if let (Some(lifetime), true) = (kept::asked(persist), name.1) {
            let at = SystemTime::now();
            state.shelf.keep(kept::Kept {
                topic: name.0.clone(),
                event: event.to_owned(),
                body: body.clone(),
                id,
                at,
                until: lifetime.and_then(|lifetime| at.checked_add(lifetime)),
            });
        }
    }

    /// Row changes are watched from the return of this on.
    async fn watch(self: &Arc<Self>) -> Result<()> {
        let mut poller = self.poller.lock().await;
        if poller.as_ref().is_none_or(AbortHandle::is_finished) {
            let (client, slot) = changes::open(self).await?;
            *poller = Some(self.spawn(changes::poll(self.clone(), client, slot)));
        }
        Ok(())
    }
}

/// The routes of this service. The socket judges its key itself, since its refusals are its own.
pub(crate) fn router(project: &Arc<Project>) -> Router {
    let inner = project.realtime().inner.clone();
    let keyed = Router::new()
        .route("/realtime/v1/api/broadcast", post(http::batch))
        .route("/realtime/v1/api/broadcast/{topic}/events/{event}", post(http::one))
        .route("/realtime/v1/api/ping", get(http::ping))
        .route_layer(axum::middleware::from_fn_with_state(project.clone(), gateway::require_key))
        .with_state(inner.clone());
    Router::new().route("/realtime/v1/websocket", get(socket::open)).with_state(inner).merge(keyed)
}
