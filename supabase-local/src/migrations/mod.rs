//! Applies migrations and seeds, and tells where one fails.

mod statements;

use std::fs;
use std::path::{Path, PathBuf};

use tokio_postgres::Client;
use tokio_postgres::error::ErrorPosition;

use crate::cluster::Cluster;
use crate::error::{Error, MigrationError, Result, server_message};

/// How much of a statement an error shows.
const SHOWN: usize = 200;

/// A statement that failed.
pub(crate) struct Failed {
    pub(crate) line: usize,
    pub(crate) statement: String,
    pub(crate) message: String,
}

/// Runs the statements of a text one by one.
pub(crate) async fn run_statements(client: &Client, text: &str) -> Result<(), Failed> {
    for statement in statements::split(text) {
        if let Err(error) = client.batch_execute(statement.text).await {
            // The server counts characters from 1.
            let inside = match error.as_db_error().and_then(|error| error.position()) {
                Some(ErrorPosition::Original(position)) => {
                    let before = usize::try_from(*position).unwrap_or(1).saturating_sub(1);
                    statement.text.chars().take(before).filter(|c| *c == '\n').count()
                }
                _ => 0,
            };
            let mut shown: String = statement.text.chars().take(SHOWN).collect();
            if shown.len() < statement.text.len() {
                shown.push('…');
            }
            return Err(Failed { line: statement.line + inside, statement: shown, message: server_message(&error) });
        }
    }
    Ok(())
}

/// Applies a text. Like a file it has a session of its own, so a `SET` in it ends with it.
pub(crate) async fn apply_text(cluster: &Cluster, database: &str, file: &Path, text: &str) -> Result<()> {
    let client = cluster.connect(database).await?;
    run_statements(&client, text).await.map_err(|failed| {
        Error::Migration(Box::new(MigrationError {
            file: file.to_path_buf(),
            line: failed.line,
            statement: failed.statement,
            message: failed.message,
        }))
    })
}

pub(crate) async fn apply_file(cluster: &Cluster, database: &str, file: &Path) -> Result<()> {
    let text = fs::read_to_string(file).map_err(|source| Error::io("read the migration", file, source))?;
    apply_text(cluster, database, file, &text).await
}

/// Applies the `*.sql` files of a folder in the order of their names; a `seed.sql` among them comes last.
pub(crate) async fn apply_folder(cluster: &Cluster, database: &str, folder: &Path) -> Result<()> {
    for file in files(folder)? {
        apply_file(cluster, database, &file).await?;
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |source| {
        Error::Io {
        action: "read the folder of migrations",
        path: folder.to_path_buf(),
        source,
        remedy: "\n  remedy: name a folder that holds the *.sql files (a relative path counts from the current folder, in tests the package's)".to_owned(),
    }
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() && path.extension().is_some_and(|extension| extension == "sql") {
            files.push(path);
        }
    }
    files.sort_by_key(|path| {
        let name = path.file_name().map(std::ffi::OsStr::to_os_string);
        (name.as_deref() == Some("seed.sql".as_ref()), name)
    });
    Ok(files)
}
