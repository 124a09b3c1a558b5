//! A throw-away PostgreSQL and its databases.

mod database;
mod template;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::OnceCell;
use tokio_postgres::{Client, Config, NoTls};

pub(crate) use database::OwnedDatabase;

use crate::account::Account;
use crate::background;
use crate::engine::{Cache, Ending, Engine, EngineCommand, PostgresPrograms, PostgrestProgram};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::random;
use crate::supervisor::Supervisor;

/// How long a start may take before it counts as failed (a busy machine in CI is slow).
const PATIENCE: Duration = Duration::from_secs(60);

/// A throw-away PostgreSQL with Supabase's roles and schemas, on a free port of 127.0.0.1.
///
/// Every new database has the prelude: the roles `anon`, `authenticated`, `service_role`, `authenticator`, the
/// schemas `auth`, `storage`, `realtime`, `extensions`, `auth.uid()` and its siblings, `auth.users`, and the default
/// privileges of hosted projects. A database that is to have none of it is made from `template0`.
///
/// Clones are handles to the same cluster; it ends with the last of them (and of its databases), or with the process,
/// however that ends.
///
/// ```no_run
/// # async fn example() -> supabase_local::Result<()> {
/// let cluster = supabase_local::Cluster::start().await?;
/// let database = cluster.create_database("shop").await?;
/// database.apply_sql("create table planets (id bigint primary key)").await?;
/// println!("{}", database.url());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Cluster {
    inner: Arc<Inner>,
}

struct Inner {
    postgres: Engine,
    version: String,
    folder: PathBuf,
    port: u16,
    password: String,
    environment: Environment,
    account: Account,
    supervisor: Arc<Supervisor>,
    names: AtomicU32,
    postgrest: OnceCell<PostgrestProgram>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster")
            .field("port", &self.inner.port)
            .field("version", &self.inner.version)
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// Starts a cluster with the PostgreSQL that [`PostgresPrograms::find`] finds.
    ///
    /// # Errors
    /// When there is no PostgreSQL, or it does not start; the error has the end of its log.
    pub async fn start() -> Result<Self> {
        Self::start_in(Environment::of_process()).await
    }

    /// The same with an environment of the caller's choice.
    ///
    /// # Errors
    /// As for [`Cluster::start`].
    pub async fn start_in(environment: Environment) -> Result<Self> {
        background::run(async move {
            let account = Account::choose(&environment)?;
            let running = background::blocking(move || {
                let programs = PostgresPrograms::find(&environment)?;
                let supervisor = Supervisor::of_process()?;
                let cache = Cache::open(&environment, &account)?;
                let template = template::prepared(&cache, &account, &programs, &supervisor)?;
                let folder = supervisor.folder().join(random::letters(4)?);
                check_place(&folder, &account)?;
                account.private_folder(&folder)?;
                let removed = RemoveOnError(Some(folder.clone()));
                template::copy(&template, &folder.join("data"), &account)?;
                Ok((environment, account, programs, supervisor, folder, removed))
            })
            .await?;
            let (environment, account, programs, supervisor, folder, mut removed) = running;
            let (postgres, port) = start_on_free_port(&programs, &supervisor, &account, &folder).await?;
            let password = random::letters(20)?;
            let cluster = Self {
                inner: Arc::new(Inner {
                    postgres,
                    version: programs.version().to_owned(),
                    folder,
                    port,
                    password,
                    environment,
                    account,
                    supervisor,
                    names: AtomicU32::new(0),
                    postgrest: OnceCell::new(),
                }),
            };
            removed.0 = None;
            let password = &cluster.inner.password;
            cluster
                .execute(
                    "postgres",
                    &format!(
                        "alter role postgres password '{password}'; alter role authenticator password '{password}'"
                    ),
                    "set passwords",
                )
                .await?;
            Ok(cluster)
        })
        .await
    }

    /// The version of the server, such as `15.18 (Debian 15.18-0+deb12u1)`.
    pub fn version(&self) -> &str {
        &self.inner.version
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.inner.port
    }

    /// The folder of the server's Unix socket, where no password is asked for.
    pub fn socket_folder(&self) -> &Path {
        &self.inner.folder
    }

    /// The URL of a database for the superuser `postgres`.
    pub fn url(&self, database: &str) -> String {
        format!("postgresql://postgres:{}@127.0.0.1:{}/{database}", self.inner.password, self.inner.port)
    }

    /// Makes a database with the prelude. Its name is `name` with a number, so that names never collide; it is
    /// dropped together with the returned value.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn create_database(&self, name: &str) -> Result<ClusterDatabase> {
        let owned = OwnedDatabase::create(self, name, "template1").await?;
        Ok(ClusterDatabase { owned })
    }

    /// Ends the server and removes its folder, also when there are other handles to it.
    ///
    /// # Errors
    /// When the folder cannot be removed.
    pub async fn stop(self) -> Result<()> {
        background::blocking(move || self.inner.end()).await
    }

    /// The PostgREST for the databases of this cluster; looked for once.
    pub(crate) async fn postgrest(&self) -> Result<&PostgrestProgram> {
        let environment = &self.inner.environment;
        self.inner
            .postgrest
            .get_or_try_init(|| {
                let environment = environment.clone();
                background::blocking(move || PostgrestProgram::find(&environment))
            })
            .await
    }

    pub(crate) fn account(&self) -> &Account {
        &self.inner.account
    }

    pub(crate) fn supervisor(&self) -> &Arc<Supervisor> {
        &self.inner.supervisor
    }

    /// A number that this cluster has not given out before.
    pub(crate) fn next_number(&self) -> u32 {
        self.inner.names.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn is_last_handle(&self) -> bool {
        Arc::strong_count(&self.inner) == 1
    }

    /// How a process on this machine reaches a database as this role without a password.
    pub(crate) fn socket_url(&self, database: &str, role: &str) -> String {
        // The folder's name has letters, digits, dashes, dots and slashes, except where TMPDIR says otherwise.
        let folder = self.inner.folder.display().to_string();
        let mut encoded = String::new();
        for byte in folder.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
                _ => encoded.push_str(&format!("%{byte:02X}")),
            }
        }
        format!("postgresql://{role}@/{database}?host={encoded}&port={}", self.inner.port)
    }

    /// A connection as superuser over the socket.
    pub(crate) async fn connect(&self, database: &str) -> Result<Client> {
        connect(&self.inner.folder, self.inner.port, database)
            .await
            .map_err(|error| Error::database(format!("let us connect to {database}"), &error))
    }

    /// Runs statements that return nothing.
    pub(crate) async fn execute(&self, database: &str, sql: &str, action: &str) -> Result<()> {
        let client = self.connect(database).await?;
        client.batch_execute(sql).await.map_err(|error| Error::database(action, &error))
    }
}

/// A database of a [`Cluster`] without PostgREST; dropped together with this value.
#[derive(Debug)]
pub struct ClusterDatabase {
    owned: OwnedDatabase,
}

impl ClusterDatabase {
    /// The database's name.
    pub fn name(&self) -> &str {
        self.owned.name()
    }

    /// The URL for the superuser `postgres`.
    pub fn url(&self) -> String {
        self.owned.cluster().url(self.owned.name())
    }

    /// Runs a text of statements as superuser, each on its own.
    ///
    /// # Errors
    /// [`Error::Migration`] with the line of the statement that failed.
    pub async fn apply_sql(&self, text: &str) -> Result<()> {
        let (cluster, name, text) = (self.owned.cluster().clone(), self.owned.name().to_owned(), text.to_owned());
        background::run(
            async move { crate::migrations::apply_text(&cluster, &name, Path::new("SQL text"), &text).await },
        )
        .await
    }

    /// Applies the `*.sql` files of a folder in the order of their names, `seed.sql` last.
    ///
    /// # Errors
    /// [`Error::Migration`] with file, line, statement and the server's message.
    pub async fn apply_migrations(&self, folder: impl Into<PathBuf>) -> Result<()> {
        let (cluster, name, folder) = (self.owned.cluster().clone(), self.owned.name().to_owned(), folder.into());
        background::run(async move { crate::migrations::apply_folder(&cluster, &name, &folder).await }).await
    }

    /// Drops the database and waits until it is gone.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn drop_now(self) -> Result<()> {
        self.owned.drop_now().await
    }
}

impl Inner {
    fn end(&self) -> Result<()> {
        self.postgres.stop(Ending::Quit);
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::io("remove the folder", &self.folder, error))
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if !self.postgres.is_running() && !self.folder.exists() {
            return;
        }
        let (postgres, folder) = (self.postgres.ender(), self.folder.clone());
        // Not waited for; should the process end before it is done, the supervisor finishes the work.
        let _ = std::thread::Builder::new().name("cluster end".to_owned()).spawn(move || {
            postgres.stop(Ending::Quit);
            let _ = std::fs::remove_dir_all(&folder);
        });
    }
}

/// Longer paths do not fit into the address of a Unix socket, which has 104 bytes on macOS.
const LONGEST_FOLDER: usize = 104 - ".s.PGSQL.65535".len() - 2;

/// Tells in plain words what would otherwise fail inside an engine.
fn check_place(folder: &Path, account: &Account) -> Result<()> {
    let what = if folder.as_os_str().len() > LONGEST_FOLDER {
        "its path is too long for a Unix socket"
    } else if !account.can_enter(folder) {
        "the account that runs PostgreSQL cannot enter one of its parents"
    } else {
        return Ok(());
    };
    Err(Error::Io {
        action: "use the folder",
        path: folder.to_path_buf(),
        source: std::io::Error::other(what),
        remedy: "\n  remedy: set TMPDIR to a folder with a short path that every user can enter, such as /tmp"
            .to_owned(),
    })
}

/// Removes the folder of a start that failed.
struct RemoveOnError(Option<PathBuf>);

impl Drop for RemoveOnError {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Settings of every server: fast rather than durable, ready for logical replication.
const SETTINGS: [&str; 18] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=logical",
    "max_wal_senders=20",
    "max_replication_slots=20",
    "max_connections=200",
    "shared_buffers=64MB",
    "max_locks_per_transaction=256",
    // Statistics change only when a test says `analyze`, so planned counts are stable.
    "autovacuum=off",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "lc_messages=C",
    "logging_collector=off",
    "log_destination=stderr",
    "log_checkpoints=off",
    "unix_socket_permissions=0700",
];

pub(super) fn server_command(
    programs: &PostgresPrograms,
    data: &Path,
    socket_folder: &Path,
    port: u16,
    ending: Ending,
) -> EngineCommand {
    let mut command =
        EngineCommand::new("PostgreSQL", &programs.program("postgres"), ending).argument("-D").argument(data);
    for setting in SETTINGS {
        command = command.argument("-c").argument(setting);
    }
    command
        .argument("-c")
        .argument(format!("unix_socket_directories={}", socket_folder.display()))
        .argument("-p")
        .argument(port.to_string())
}

async fn start_on_free_port(
    programs: &PostgresPrograms,
    supervisor: &Arc<Supervisor>,
    account: &Account,
    folder: &Path,
) -> Result<(Engine, u16)> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let port = free_port()?;
        let command = server_command(programs, &folder.join("data"), folder, port, Ending::Quit)
            .argument("-c")
            .argument("listen_addresses=127.0.0.1");
        let engine = Engine::start(supervisor, account, folder, command)?;
        match wait_until_ready(&engine, folder, port).await {
            Ok(()) => return Ok((engine, port)),
            // Somebody else took the port between our look and the server's.
            Err(_) if attempt < 5 && engine.log().contains("could not bind") => {
                engine.stop(Ending::Quit);
            }
            Err(error) => return Err(error),
        }
    }
}

/// A port that nobody listens on right now.
fn free_port() -> Result<u16> {
    std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|source| Error::Listen { port: 0, source })
}

pub(super) async fn wait_until_ready(engine: &Engine, socket_folder: &Path, port: u16) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match connect(socket_folder, port, "postgres").await {
            Ok(_) => return Ok(()),
            Err(_) if !engine.is_running() => {
                return Err(engine.failed("ended while it was starting"));
            }
            Err(error) if Instant::now() >= deadline => {
                return Err(engine.failed(format!("was not ready within {} seconds: {error}", PATIENCE.as_secs())));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

pub(crate) async fn connect(socket_folder: &Path, port: u16, database: &str) -> Result<Client, tokio_postgres::Error> {
    let mut config = Config::new();
    config.host_path(socket_folder).port(port).user("postgres").dbname(database).application_name("supabase-local");
    let (client, connection) = config.connect(NoTls).await?;
    // It ends when the client is dropped; its errors reach the client's calls too.
    tokio::spawn(connection);
    Ok(client)
}
