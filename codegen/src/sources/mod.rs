//! Where the facts come from. Every source fills the same [`catalog::Catalog`] and decides nothing.
//!
//! | source | says |
//! |---|---|
//! | [`postgres`] | everything: the catalogs of a live database |
//! | [`migrations`] | the same, of a throw-away database with the project's migrations |
//! | [`snapshot`] | the same, as it was when the snapshot was written |
//! | [`metadata`] | what `supabase gen types` knows ([`metadata::LIMITS`]) |
//! | [`openapi`] | what the project's REST interface says of itself ([`openapi::LIMITS`]) |

mod canonical;
pub mod catalog;
pub mod metadata;
pub mod migrations;
pub mod openapi;
pub mod postgres;
mod project;
pub mod snapshot;
mod sql_type;

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::error::{Error, IntrospectError, SourceError};
use crate::model::Warning;
use catalog::Catalog;

/// A place that a schema can be read from.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// A live database.
    Database {
        /// `postgres://user:password@host:port/database`
        url: String,
        /// A file of certificates (PEM) that the server's has to lead to; `sslmode=verify-full` then.
        root_cert: Option<PathBuf>,
    },
    /// A project's REST interface.
    Project {
        /// The project's URL.
        url: String,
        /// Its secret key (or `service_role` key).
        key: String,
    },
    /// A `GeneratorMetadata` document: a file, or `-` for the standard input.
    Metadata(PathBuf),
    /// A folder of migrations.
    Migrations(PathBuf),
    /// A snapshot.
    Snapshot(PathBuf),
}

/// What it is and where, without anything secret.
impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database { url, .. } => {
                formatter.write_str(postgres::place(url).as_deref().unwrap_or("the database"))
            }
            Self::Project { url, .. } => write!(formatter, "the project {url}"),
            Self::Metadata(file) if file == Path::new("-") => formatter.write_str("the metadata on the standard input"),
            Self::Metadata(file) => write!(formatter, "the metadata {}", file.display()),
            Self::Migrations(folder) => write!(formatter, "the migrations in {}", folder.display()),
            Self::Snapshot(file) => write!(formatter, "the snapshot {}", file.display()),
        }
    }
}

/// As [`fmt::Display`]: without password and key.
impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Source({self})")
    }
}

/// What a source has said.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The facts, the same for the same schema whichever complete source they are from.
    pub catalog: Catalog,
    /// What the source cannot tell.
    pub warnings: Vec<Warning>,
}

impl Reading {
    fn new(catalog: Catalog) -> Self {
        Self { catalog: canonical::canonical(catalog), warnings: Vec::new() }
    }

    fn limited(&mut self, place: &str, limits: &str) {
        let text = limits.split_whitespace().collect::<Vec<_>>().join(" ");
        self.warnings.push(Warning { important: true, place: place.to_owned(), text });
    }
}

/// Reads the schemas; without any those that the source has by itself: all of a snapshot or metadata document, those
/// of `supabase/config.toml` for migrations, else `public`.
///
/// # Errors
/// When the source cannot be reached or understood, or lacks a schema that was asked for.
pub async fn read(source: &Source, schemas: Option<&[String]>) -> Result<Reading, Error> {
    let public = || vec!["public".to_owned()];
    match source {
        Source::Database { url, root_cert } => {
            let schemas = schemas.map_or_else(public, <[String]>::to_vec);
            Ok(Reading::new(postgres::introspect_with(url, root_cert.as_deref(), &schemas).await?))
        }
        Source::Project { url, key } => {
            let schemas = schemas.map_or_else(public, <[String]>::to_vec);
            let documents = project::fetch(url, key, &schemas).await?;
            Ok(openapi::read(&documents, url)?)
        }
        Source::Metadata(file) => {
            let (text, name) = metadata_text(file)?;
            Ok(metadata::parse(&text, &name, schemas)?)
        }
        Source::Migrations(folder) => {
            let schemas = match schemas {
                Some(schemas) => schemas.to_vec(),
                None => migrations::schemas(folder)?.unwrap_or_else(public),
            };
            Ok(Reading::new(migrations::introspect(folder, &schemas).await?))
        }
        Source::Snapshot(file) => {
            let mut catalog = snapshot::read(file)?;
            let existing: Vec<String> = catalog.schemas.iter().map(|schema| schema.name.clone()).collect();
            let names = picked(schemas, &existing, &file.display().to_string())?;
            let rows = std::mem::take(&mut catalog.schemas);
            catalog.schemas =
                names.iter().filter_map(|name| rows.iter().find(|row| row.name == *name).cloned()).collect();
            catalog.functions.retain(|function| names.contains(&function.schema));
            Ok(Reading::new(catalog))
        }
    }
}

fn metadata_text(file: &Path) -> Result<(String, String), SourceError> {
    let (text, name) = if file == Path::new("-") {
        let mut text = String::new();
        (std::io::stdin().lock().read_to_string(&mut text).map(|_| text), "the standard input".to_owned())
    } else {
        (std::fs::read_to_string(file), file.display().to_string())
    };
    let text = text.map_err(|source| SourceError::Read { what: "the metadata", path: file.to_owned(), source })?;
    Ok((text, name))
}

/// The schemas asked for, all of which have to exist; without any all that exist.
fn picked(wanted: Option<&[String]>, existing: &[String], place: &str) -> Result<Vec<String>, SourceError> {
    let Some(wanted) = wanted else {
        return Ok(existing.to_vec());
    };
    match wanted.iter().find(|name| !existing.contains(name)) {
        Some(name) => {
            let error = IntrospectError::NoSchema { name: name.clone(), existing: existing.to_vec() };
            Err(SourceError::Document { what: place.to_owned(), reason: error.to_string() })
        }
        None => Ok(wanted.to_vec()),
    }
}
