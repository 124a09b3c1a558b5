//! One database with its own gateway and REST service.

use std::fmt::Display;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use crate::background;
use crate::cluster::OwnedDatabase;
use crate::error::{Error, Result};
use crate::gateway::{Door, Gateway};
use crate::keys::{Keys, now};
use crate::project::Project;
use crate::services::auth::{AuthSettings, Message};
use crate::services::realtime::RealtimeSettings;
use crate::services::rest::RestSettings;

/// A database with its own gateway, as one Supabase project. Dropping it closes the gateway, ends its PostgREST and
/// drops the database.
pub struct Database {
    project: Arc<Project>,
    gateway: Option<Gateway>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("url", &self.url()).field("name", &self.name()).finish_non_exhaustive()
    }
}

impl Database {
    /// Opens the gateway of a database. On the background runtime.
    pub(crate) async fn open(owned: OwnedDatabase, keys: Keys, rest: RestSettings, port: u16) -> Result<Self> {
        let door = Door::open(port).await?;
        let project = Arc::new(Project::new(keys, door.url(), owned, rest));
        let gateway = Gateway::serve(door, &project);
        Ok(Self { project, gateway: Some(gateway) })
    }

    /// The project URL, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> &str {
        self.project.url()
    }

    /// The name of the database.
    pub fn name(&self) -> &str {
        self.project.database()
    }

    /// The legacy key for clients: a JWT with the role `anon`.
    pub fn anon_key(&self) -> &str {
        self.project.keys().anon()
    }

    /// The legacy key for servers: a JWT with the role `service_role`, which bypasses row level security.
    pub fn service_key(&self) -> &str {
        self.project.keys().service()
    }

    /// The key for clients in the newer form, `sb_publishable_…`.
    pub fn publishable_key(&self) -> &str {
        self.project.keys().publishable()
    }

    /// The key for servers in the newer form, `sb_secret_…`.
    pub fn secret_key(&self) -> &str {
        self.project.keys().secret()
    }

    /// The secret that tokens are signed with (HS256).
    pub fn jwt_secret(&self) -> &str {
        self.project.keys().jwt_secret()
    }

    /// The URL of the database for the superuser `postgres`.
    pub fn db_url(&self) -> String {
        self.project.cluster().url(self.name())
    }

    /// How many bytes an object in storage may have, 50 MiB unless set. Uploads that begin after this see it.
    pub fn set_storage_size_limit(&self, bytes: u64) {
        self.project.storage().set_size_limit(bytes);
    }

    /// Closes the gateway with every connection, makes the storage service forget what it has in memory alone, and
    /// opens the gateway again at the same URL: what storage clients see of a server that crashes and is started anew.
    /// The database, the stored objects and unfinished resumable uploads stay; the other services go on.
    ///
    /// # Errors
    /// When the port has been taken in the meantime.
    pub async fn restart_storage(&mut self) -> Result<()> {
        let (gateway, project) = (self.gateway.take(), self.project.clone());
        let opened = background::run(async move {
            if let Some(gateway) = gateway {
                gateway.stop().await;
            }
            project.storage().forget();
            let port = project.url().rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default();
            let door = Door::open(port).await?;
            Ok(Gateway::serve(door, &project))
        });
        self.gateway = Some(opened.await?);
        Ok(())
    }

    /// How PostgREST is set here: a base for [`Stack::database_with`](crate::Stack::database_with).
    pub fn rest_settings(&self) -> &RestSettings {
        self.project.rest().settings()
    }

    /// An access token as the auth service makes them, valid for an hour.
    ///
    /// ```no_run
    /// # async fn example() -> supabase_local::Result<()> {
    /// let stack = supabase_local::Stack::start().await?;
    /// let token = stack.jwt_for("11111111-1111-4111-8111-111111111111", "authenticated");
    /// # Ok(())
    /// # }
    /// ```
    pub fn jwt_for(&self, user_id: impl Display, role: &str) -> String {
        let now = now();
        self.jwt_with(&json!({
            "iss": format!("{}/auth/v1", self.url()),
            "aud": "authenticated",
            "sub": user_id.to_string(),
            "role": role,
            "iat": now,
            "exp": now + 3600,
        }))
    }

    /// A token with these claims and no others.
    pub fn jwt_with(&self, claims: &Value) -> String {
        self.project.keys().sign(claims)
    }

    /// Registers an Edge Function: an axum handler, `axum::routing::any(..)`, under `/functions/v1/<name>`. It takes
    /// the place of another one of that name.
    ///
    /// ```no_run
    /// # async fn example() -> supabase_local::Result<()> {
    /// use supabase_local::axum::routing::any;
    /// let stack = supabase_local::Stack::start().await?;
    /// stack.function("hello", any(async || "Hello!"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn function(&self, name: &str, handler: axum::routing::MethodRouter) {
        self.project.functions().register(name, handler);
    }

    /// Passes the calls of functions that are not registered on to a server of functions, such as Deno, at this
    /// `http` URL. Where it does not answer, the answer is a relay error.
    pub fn functions_server(&self, url: &str) {
        self.project.functions().forward_to(url);
    }

    /// Runs SQL as superuser, in one transaction unless it has its own, and returns the rows of all its statements,
    /// every value as text.
    ///
    /// # Errors
    /// [`Error::Database`] with the server's message.
    pub async fn sql(&self, sql: impl Into<String>) -> Result<Vec<SimpleQueryRow>> {
        let (project, sql) = (self.project.clone(), sql.into());
        background::run(async move {
            let client = project.cluster().connect(project.database()).await?;
            let answer = client.simple_query(&sql).await.map_err(|error| {
                let shown: String = sql.chars().take(200).collect();
                Error::database(format!("run `{shown}`"), &error)
            })?;
            Ok(answer
                .into_iter()
                .filter_map(|part| match part {
                    SimpleQueryMessage::Row(row) => Some(row),
                    _ => None,
                })
                .collect())
        })
        .await
    }

    /// A connection as superuser, for queries with parameters.
    ///
    /// # Errors
    /// [`Error::Database`] with the server's message.
    pub async fn connect(&self) -> Result<Client> {
        let project = self.project.clone();
        background::run(async move { project.cluster().connect(project.database()).await }).await
    }

    /// Changes settings of the auth service, from the next request on.
    ///
    /// ```no_run
    /// # async fn example() -> supabase_local::Result<()> {
    /// let stack = supabase_local::Stack::start().await?;
    /// stack.configure_auth(|settings| settings.mailer_autoconfirm = true);
    /// # Ok(())
    /// # }
    /// ```
    pub fn configure_auth(&self, change: impl FnOnce(&mut AuthSettings)) {
        self.project.auth().configure(change);
    }

    /// Changes settings of the realtime service, from the next socket, join or message on.
    ///
    /// ```no_run
    /// # async fn example() -> supabase_local::Result<()> {
    /// let stack = supabase_local::Stack::start().await?;
    /// stack.configure_realtime(|settings| settings.max_channels_per_socket = Some(100));
    /// # Ok(())
    /// # }
    /// ```
    pub fn configure_realtime(&self, change: impl FnOnce(&mut RealtimeSettings)) {
        self.project.realtime().configure(change);
    }

    /// The mails and text messages that the auth service would have sent, in order.
    pub fn messages(&self) -> Vec<Message> {
        self.project.auth().messages()
    }

    /// The last of them to this address or number (without its plus).
    pub fn last_message(&self, to: &str) -> Option<Message> {
        self.messages().into_iter().rev().find(|message| message.to == to)
    }

    /// Starts PostgREST now; otherwise the first request does.
    ///
    /// # Errors
    /// When there is no PostgREST, or it does not start; the error has the end of its log.
    pub async fn ready(&self) -> Result<()> {
        let project = self.project.clone();
        background::run(async move { project.rest().ready(&project).await }).await
    }

    /// Makes PostgREST see the schema as it is now: every request after the return of this does.
    ///
    /// As in hosted projects a change of the schema also reloads by itself, but some time later.
    ///
    /// # Errors
    /// When PostgREST does not start.
    pub async fn reload_schema(&self) -> Result<()> {
        let project = self.project.clone();
        background::run(async move { project.rest().reload(&project).await }).await
    }

    /// Closes the gateway, ends PostgREST, drops the database, and waits for all of it.
    ///
    /// # Errors
    /// When the server refuses to drop the database.
    pub async fn stop(mut self) -> Result<()> {
        self.close().await?;
        let Ok(project) = Arc::try_unwrap(self.project) else {
            // A call on this value is still under way; the database goes with its end.
            return Ok(());
        };
        project.into_database().drop_now().await
    }

    pub(crate) async fn close(&mut self) -> Result<()> {
        let (gateway, project) = (self.gateway.take(), self.project.clone());
        background::run(async move {
            if let Some(gateway) = gateway {
                gateway.stop().await;
            }
            project.realtime().stop().await;
            project.rest().stop().await;
            project.storage().stop();
            Ok(())
        })
        .await
    }
}
