//! One enum for each stage, joined at the top. Every message names the thing and the remedy.

use std::path::PathBuf;

use thiserror::Error;

/// Anything that stops the generator. Nothing has been written when one is returned.
///
/// `Debug` is the message as well: it is what a build script shows whose `main` returns the error.
#[derive(Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The catalogs could not be read.
    #[error(transparent)]
    Introspect(#[from] IntrospectError),
    /// A source other than a database could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The output could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl std::fmt::Debug for Error {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, out)
    }
}

/// Why there is no connection.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// No source was given, and none was found.
    #[error(
        "no schema to read: pass --db-url postgres://user:password@host:port/database (or set SUPABASE_DB_URL or DATABASE_URL), --migrations supabase/migrations, --snapshot supabase-schema.json, --metadata FILE, or --project-url https://….supabase.co with --key (in a build script: `.snapshot(..)`, `.migrations(..)`, `.db_url(..)`)"
    )]
    NoUrl,
    /// A file of certificates that cannot be used.
    #[error("the root certificates {}: {reason}", path.display())]
    RootCert {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// TLS was refused by us.
    #[error(
        "PostgreSQL at {place} shows a certificate that is not trusted: {reason}. Pass the authority's certificate with --root-cert FILE (Supabase: Database Settings → SSL Configuration), or, where nobody can come between, use sslmode=require"
    )]
    Untrusted {
        /// Host and port.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The address cannot be understood.
    #[error(
        "the database URL cannot be understood: {reason}. It looks like postgres://user:password@host:port/database; letters such as @ : / in the password are written percent-encoded (%40 %3A %2F)"
    )]
    BadUrl {
        /// What is wrong with it.
        reason: String,
    },
    /// TLS was demanded of a server that has none.
    #[error("{place}: the URL demands TLS (sslmode=require), but this server does not speak it: use sslmode=prefer")]
    NoTls {
        /// Host and port.
        place: String,
    },
    /// Nobody answers.
    #[error(
        "cannot reach PostgreSQL at {place}: {reason}. Is it running, are host and port right, and does the network let you through?"
    )]
    Unreachable {
        /// Host and port.
        place: String,
        /// What the system said.
        reason: String,
    },
    /// User or password are wrong.
    #[error("PostgreSQL at {place} refuses user `{user}`: {reason}. Check user and password of the database URL")]
    LoginRefused {
        /// Host and port.
        place: String,
        /// The user.
        user: String,
        /// What the server said.
        reason: String,
    },
    /// The database does not exist.
    #[error("PostgreSQL at {place} has no database `{database}`: check the last part of the database URL")]
    NoDatabase {
        /// Host and port.
        place: String,
        /// The database.
        database: String,
    },
    /// The server refuses for another reason.
    #[error("PostgreSQL at {place} refuses the connection: {reason}")]
    Refused {
        /// Host and port.
        place: String,
        /// What the server said.
        reason: String,
    },
}

/// Why the catalogs could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IntrospectError {
    /// A selected schema does not exist.
    #[error("schema `{name}` does not exist; this database has: {}. Choose with --schema", existing.join(", "))]
    NoSchema {
        /// The schema asked for.
        name: String,
        /// Those that exist.
        existing: Vec<String>,
    },
    /// The server is too old.
    #[error("PostgreSQL {version} is too old: version 12 or later is needed")]
    OldServer {
        /// Its major version.
        version: i32,
    },
    /// A query without a row where one row is certain.
    #[error("the server gave no answer about its own version: is this a PostgreSQL?")]
    NoAnswer,
    /// A query failed.
    #[error("reading the catalogs failed: {}", describe(.0))]
    Query(#[from] tokio_postgres::Error),
}

fn describe(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    match error.as_db_error() {
        Some(server) => format!("{} (SQLSTATE {})", server.message(), server.code().code()),
        None => error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}")),
    }
}

/// Why a source other than a database could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A file cannot be read.
    #[error("cannot read {what} {}: {source}", path.display())]
    Read {
        /// What it is.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A document is not what it should be.
    #[error("{what}: {reason}")]
    Document {
        /// Where it is from.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// A snapshot of another version.
    #[error(
        "{name} is a snapshot of version {found}, but this generator knows version {known}: write it again with `codegen snapshot`, or use the generator that wrote it"
    )]
    SnapshotVersion {
        /// Where it is from.
        name: String,
        /// Its version.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// A metadata document of another version.
    #[error(
        "{name} is GeneratorMetadata of version {found}, but this generator knows version {known}: update supabase-codegen, or use a Supabase CLI that writes version {known}"
    )]
    MetadataVersion {
        /// Where it is from.
        name: String,
        /// Its version.
        found: String,
        /// Ours.
        known: u64,
    },
    /// The migrations could not be applied.
    #[error("the migrations could not be applied to a throw-away PostgreSQL: {reason}")]
    Migrations {
        /// What went wrong.
        reason: String,
    },
    /// The project gave no answer that can be used.
    #[error("{url}: {reason}")]
    Project {
        /// The address.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// The project refuses the key.
    #[error(
        "{url} refuses the key: {message}. The OpenAPI document is for the secret key (sb_secret_…, or the service_role key)"
    )]
    ProjectKey {
        /// The address.
        url: String,
        /// What it said.
        message: String,
    },
    /// No key was given.
    #[error(
        "a project's URL alone is not enough: pass the secret key with --key, or set SUPABASE_SECRET_KEY or SUPABASE_SERVICE_ROLE_KEY"
    )]
    NoKey,
    /// This build cannot read it.
    #[error(
        "this build of supabase-codegen cannot read {source_name}: build it with the cargo feature `{feature}` (`cargo install supabase-codegen --features {feature}`; in a build script, in the features of the build-dependency)"
    )]
    NotBuiltIn {
        /// What cannot be read.
        source_name: &'static str,
        /// What makes it possible.
        feature: &'static str,
    },
    /// Cargo has not said where to write.
    #[error("OUT_DIR is not set: `build_script` is for a build.rs; elsewhere use `generate`")]
    NoOutDir,
}

/// What is wrong with the configuration.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file cannot be understood.
    #[error("{}: {reason}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Line, key and what would be allowed.
        reason: String,
    },
    /// `db-url-env` names a variable that is not set.
    #[error("db-url-env names the environment variable `{name}`, which is not set")]
    NoVariable {
        /// The variable.
        name: String,
    },
    /// No place for the output.
    #[error(
        "no folder for the output: pass --out src/db (or --output - for stdout), or set `out` in supabase-codegen.toml"
    )]
    NoOut,
    /// An override is for something that the database does not have.
    #[error("the configuration has `{key}`, but {reason}{}", did_you_mean(near))]
    Unknown {
        /// The key, such as `tables.planet`.
        key: String,
        /// What does not exist.
        reason: String,
        /// Names that are alike.
        near: Vec<String>,
    },
    /// A wish in a comment of the database that cannot be understood.
    #[error(
        "the comment on {place} has `@supabase {wish}`: {reason}. The options are those of supabase-codegen.toml, as a JSON object at the comment's end"
    )]
    Comment {
        /// The object that the comment is on.
        place: String,
        /// The text after the mark.
        wish: String,
        /// What is wrong.
        reason: String,
    },
    /// An override that cannot be.
    #[error("the configuration has `{key} = {value:?}`: {reason}")]
    Invalid {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// Why it cannot be.
        reason: String,
    },
}

fn did_you_mean(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(". Did you mean `{}`?", names.join("` or `")) }
}

/// Why the output could not be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A file system error.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file of the user's is in the way.
    #[error("{} exists and was not written by supabase-codegen: move it away, or choose another folder with --out", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// Something failed, and taking back what had been done failed as well.
    #[error("{cause}. What had been done before that could not all be taken back: {}", list(left))]
    NotUndone {
        /// What failed first.
        cause: Box<WriteError>,
        /// The files that are not as they were.
        left: Vec<NotUndone>,
    },
}

/// A file that is not as it was before a run that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotUndone {
    /// The file.
    pub file: PathBuf,
    /// Where its text of before is kept, if there was a file.
    pub old: Option<PathBuf>,
}

fn list(files: &[NotUndone]) -> String {
    let told = files.iter().map(|NotUndone { file, old }| match old {
        Some(old) => format!("move {} to {}", old.display(), file.display()),
        None => format!("remove {}", file.display()),
    });
    told.collect::<Vec<_>>().join(", ")
}
