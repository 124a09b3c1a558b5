//! A whole stack: a cluster, a template of the application's schema, and a first database.

use std::ops::Deref;
use std::path::PathBuf;

use tokio::sync::OnceCell;

use crate::background;
use crate::cluster::{Cluster, OwnedDatabase};
use crate::database::Database;
use crate::environment::Environment;
use crate::error::Result;
use crate::keys::{DEFAULT_JWT_SECRET, Keys};
use crate::migrations;
use crate::services::rest::RestSettings;

/// A running Supabase stack. It is a [`Database`] (URL, keys, SQL) that can make further ones.
///
/// Everything ends when this is dropped, and when the process ends in whatever way.
///
/// ```no_run
/// # async fn example() -> supabase_local::Result<()> {
/// use supabase_local::Stack;
///
/// let stack = Stack::builder().migrations("supabase/migrations").start().await?;
/// println!("{} {}", stack.url(), stack.anon_key());
///
/// // A fresh database with the same schema, for one test.
/// let database = stack.database().await?;
/// println!("{}", database.url());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Stack {
    // Dropped in this order: what uses the cluster before the cluster.
    database: Database,
    template: Option<OwnedDatabase>,
    /// What databases are copied from where there is no template.
    base: &'static str,
    own_cluster: bool,
    cluster: Cluster,
    keys: Keys,
}

impl Deref for Stack {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

impl Stack {
    /// Starts a stack with nothing but what every Supabase project has.
    ///
    /// # Errors
    /// When an engine is missing and cannot be fetched, or does not start.
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// A stack with migrations or other settings.
    pub fn builder() -> StackBuilder {
        StackBuilder::default()
    }

    /// The stack that the tests of a process share; the first call starts it, the end of the process ends it.
    ///
    /// A stack with migrations is shared with [`SharedStack`].
    ///
    /// # Errors
    /// As for [`Stack::start`].
    pub async fn shared() -> Result<&'static Self> {
        static SHARED: SharedStack = SharedStack::new(Stack::builder);
        SHARED.get().await
    }

    /// The cluster of this stack.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// A fresh database from the template (prelude, migrations, seed), with its own gateway and settings like the
    /// stack's. PostgREST starts with the first request.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn database(&self) -> Result<Database> {
        self.database_with(self.database.rest_settings().clone()).await
    }

    /// The same with other settings of PostgREST.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn database_with(&self, rest: RestSettings) -> Result<Database> {
        let template = self.template.as_ref().map_or(self.base, OwnedDatabase::name);
        let owned = OwnedDatabase::create(&self.cluster, "test", template).await?;
        let keys = self.keys.clone();
        background::run(Database::open(owned, keys, rest, 0)).await
    }

    /// Ends everything of this stack and waits for it.
    ///
    /// # Errors
    /// When a part cannot be removed.
    pub async fn stop(self) -> Result<()> {
        let Self { mut database, template, own_cluster, cluster, .. } = self;
        if own_cluster {
            database.close().await?;
            return cluster.stop().await;
        }
        database.stop().await?;
        match template {
            Some(template) => template.drop_now().await,
            None => Ok(()),
        }
    }
}

/// A stack that all tests of a process share.
///
/// ```no_run
/// use supabase_local::{SharedStack, Stack};
///
/// static STACK: SharedStack = SharedStack::new(|| Stack::builder().migrations("migrations"));
///
/// # async fn test() -> supabase_local::Result<()> {
/// let stack = STACK.get().await?;          // starts it once
/// let database = stack.database().await?;  // a database of this test's own
/// # Ok(())
/// # }
/// ```
pub struct SharedStack {
    builder: fn() -> StackBuilder,
    stack: OnceCell<Stack>,
}

impl SharedStack {
    /// A stack that the first [`get`](Self::get) starts.
    pub const fn new(builder: fn() -> StackBuilder) -> Self {
        Self { builder, stack: OnceCell::const_new() }
    }

    /// The stack; the first call starts it, others wait for it. After an error the next call tries again.
    ///
    /// # Errors
    /// As for [`StackBuilder::start`].
    pub async fn get(&self) -> Result<&Stack> {
        self.stack.get_or_try_init(|| (self.builder)().start()).await
    }
}

/// Something to apply to the template.
#[derive(Debug, Clone)]
enum Step {
    Folder(PathBuf),
    File(PathBuf),
    Text(String),
}

/// What a [`Stack`] is to be like.
#[derive(Debug, Clone)]
#[must_use]
pub struct StackBuilder {
    steps: Vec<Step>,
    rest: RestSettings,
    jwt_secret: String,
    port: u16,
    environment: Option<Environment>,
    cluster: Option<Cluster>,
    bare: bool,
}

impl Default for StackBuilder {
    fn default() -> Self {
        Self {
            steps: Vec::new(),
            rest: RestSettings::default(),
            jwt_secret: DEFAULT_JWT_SECRET.to_owned(),
            port: 0,
            environment: None,
            cluster: None,
            bare: false,
        }
    }
}

impl StackBuilder {
    /// Applies the `*.sql` files of a folder in the order of their names; a `seed.sql` among them comes last.
    /// Migrations, seeds and SQL are applied in the order of these calls.
    pub fn migrations(mut self, folder: impl Into<PathBuf>) -> Self {
        self.steps.push(Step::Folder(folder.into()));
        self
    }

    /// Applies a file, such as `supabase/seed.sql`.
    pub fn seed(mut self, file: impl Into<PathBuf>) -> Self {
        self.steps.push(Step::File(file.into()));
        self
    }

    /// Applies SQL text.
    pub fn sql(mut self, text: impl Into<String>) -> Self {
        self.steps.push(Step::Text(text.into()));
        self
    }

    /// Begins with an empty database: no schema `auth` or `extensions`, no default privileges. The roles exist all
    /// the same, since they belong to the cluster.
    pub fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// Sets everything of PostgREST at once.
    pub fn rest(mut self, settings: RestSettings) -> Self {
        self.rest = settings;
        self
    }

    /// See [`RestSettings::schemas`].
    pub fn schemas(mut self, schemas: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.rest = self.rest.schemas(schemas);
        self
    }

    /// See [`RestSettings::aggregates`].
    pub fn aggregates(mut self, on: bool) -> Self {
        self.rest = self.rest.aggregates(on);
        self
    }

    /// See [`RestSettings::plan`].
    pub fn plan(mut self, on: bool) -> Self {
        self.rest = self.rest.plan(on);
        self
    }

    /// See [`RestSettings::allow_rollback`].
    pub fn allow_rollback(mut self, on: bool) -> Self {
        self.rest = self.rest.allow_rollback(on);
        self
    }

    /// See [`RestSettings::max_rows`].
    pub fn max_rows(mut self, rows: impl Into<Option<u32>>) -> Self {
        self.rest = self.rest.max_rows(rows);
        self
    }

    /// See [`RestSettings::anonymous`].
    pub fn anonymous(mut self, on: bool) -> Self {
        self.rest = self.rest.anonymous(on);
        self
    }

    /// See [`RestSettings::setting`].
    pub fn rest_setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.rest = self.rest.setting(name, value);
        self
    }

    /// The secret that tokens are signed with, at least 32 characters (PostgREST wants that).
    pub fn jwt_secret(mut self, secret: impl Into<String>) -> Self {
        self.jwt_secret = secret.into();
        self
    }

    /// The port of the gateway; any free one by default.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Another environment than the process's for finding the engines.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// A cluster that runs already, for several stacks with different schemas. Roles belong to the whole cluster.
    pub fn cluster(mut self, cluster: &Cluster) -> Self {
        self.cluster = Some(cluster.clone());
        self
    }

    /// Starts the stack.
    ///
    /// # Errors
    /// When an engine is missing and cannot be fetched, or does not start; when a migration fails (the error has its
    /// file, line and statement). Nothing is left behind then.
    pub async fn start(self) -> Result<Stack> {
        background::run(async move {
            let Self { steps, rest, jwt_secret, port, environment, cluster, bare } = self;
            let own_cluster = cluster.is_none();
            let cluster = match cluster {
                Some(cluster) => cluster,
                None => Cluster::start_in(environment.unwrap_or_default()).await?,
            };
            let base = if bare { "template0" } else { "template1" };
            let template = if steps.is_empty() { None } else { Some(make_template(&cluster, base, &steps).await?) };
            let name = template.as_ref().map_or(base, OwnedDatabase::name);
            let owned = OwnedDatabase::create(&cluster, "stack", name).await?;
            let keys = Keys::new(&jwt_secret);
            let database = Database::open(owned, keys.clone(), rest, port).await?;
            database.ready().await?;
            Ok(Stack { database, template, base, own_cluster, cluster, keys })
        })
        .await
    }
}

async fn make_template(cluster: &Cluster, base: &str, steps: &[Step]) -> Result<OwnedDatabase> {
    let template = OwnedDatabase::create(cluster, "template", base).await?;
    for step in steps {
        match step {
            Step::Folder(folder) => migrations::apply_folder(cluster, template.name(), folder).await?,
            Step::File(file) => migrations::apply_file(cluster, template.name(), file).await?,
            Step::Text(text) => migrations::apply_text(cluster, template.name(), "SQL text".as_ref(), text).await?,
        }
    }
    Ok(template)
}
