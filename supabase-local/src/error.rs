//! What can go wrong with a local stack: every message names the thing and what to do about it.

use std::path::PathBuf;

/// The result of everything that this crate does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a local stack could not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An engine (PostgreSQL or PostgREST) is neither on this machine nor could it be fetched.
    #[error(
        "{engine} was not found and could not be fetched.\n  looked at: {looked}\n  fetching: {reason}\n  remedy: {remedy}"
    )]
    EngineMissing {
        /// `PostgreSQL` or `PostgREST`.
        engine: &'static str,
        /// The places that were looked at, and why each did not do.
        looked: String,
        /// Why the package could not be had either.
        reason: String,
        /// What helps: both ways.
        remedy: String,
    },
    /// An engine that was named explicitly cannot be used.
    #[error(
        "{variable}={path} cannot be used: {reason}\n  remedy: correct {variable}, or unset it so that the engine is searched for"
    )]
    EngineUnusable {
        /// The environment variable that names the engine.
        variable: &'static str,
        /// Its value.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// What the package registry delivered is not what this version of the crate was written for.
    #[error(
        "the package {package} does not have the expected checksum (expected {expected}, got {got}); nothing was installed\n  remedy: look at which registry and proxy npm uses (`npm config get registry`)"
    )]
    Checksum {
        /// Name and version of the package.
        package: String,
        /// The pinned checksum.
        expected: String,
        /// The checksum of what arrived.
        got: String,
    },
    /// An engine started and ended, or did not become ready in time.
    #[error("{engine} {what}\n  the end of its log:\n{log}")]
    EngineFailed {
        /// `PostgreSQL`, `initdb` or `PostgREST`.
        engine: String,
        /// What happened.
        what: String,
        /// The last lines of its log.
        log: String,
    },
    /// The account that PostgreSQL is to run as when the program runs as root.
    #[error(
        "PostgreSQL refuses to run as root, and the account {account:?} to run it as {reason}\n  remedy: set SUPABASE_LOCAL_USER to an unprivileged account"
    )]
    Account {
        /// The name of the account.
        account: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file or folder could not be read or written.
    #[error("could not {action} {}: {source}{remedy}", .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
        /// What helps (empty, or a line of its own).
        remedy: String,
    },
    /// A statement of a migration or seed file failed.
    #[error(transparent)]
    Migration(Box<MigrationError>),
    /// The database refused something.
    #[error("the database refused to {action}: {message}")]
    Database {
        /// What was tried.
        action: String,
        /// The server's message, its SQLSTATE, detail and hint.
        message: String,
    },
    /// The gateway could not listen.
    #[error(
        "the gateway could not listen on 127.0.0.1:{port}: {source}\n  remedy: choose another port, or 0 for any free one"
    )]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The stack, or the part of it that was asked for, was stopped.
    #[error("{0} was stopped; start another one")]
    Stopped(&'static str),
    /// The system refused a thread, a process or randomness.
    #[error("could not {action}: {source}")]
    System {
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A statement that failed, with its place.
#[derive(Debug, thiserror::Error)]
#[error("{}, line {line}: {message}\n  statement: {statement}\n  remedy: correct this statement and start again; nothing of the stack was kept", .file.display())]
pub struct MigrationError {
    /// The file (or a word for text that came from no file).
    pub file: PathBuf,
    /// The line of the file, counted from 1: of the mistake where the server tells it, else of the statement.
    pub line: usize,
    /// The beginning of the statement.
    pub statement: String,
    /// The server's message, its SQLSTATE, detail and hint.
    pub message: String,
}

impl Error {
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>, source: std::io::Error) -> Self {
        Self::Io { action, path: path.into(), source, remedy: String::new() }
    }

    pub(crate) fn database(action: impl Into<String>, error: &tokio_postgres::Error) -> Self {
        Self::Database { action: action.into(), message: server_message(error) }
    }
}

/// The server's words with everything it added: SQLSTATE, detail, hint, where.
pub(crate) fn server_message(error: &tokio_postgres::Error) -> String {
    let Some(error) = error.as_db_error() else {
        // The crate's own Display names only the stage ("error connecting to server").
        let mut text = error.to_string();
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        return text;
    };
    let mut text = format!("{} ({})", error.message(), error.code().code());
    for (name, part) in [("detail", error.detail()), ("hint", error.hint()), ("context", error.where_())] {
        if let Some(part) = part {
            text.push_str(&format!("\n  {name}: {part}"));
        }
    }
    text
}
