//! Typed table modules for `supabase-core` from a PostgreSQL database.
//!
//! `introspect → model → name → render → write`: each stage is a folder with its own types, takes what the one before
//! it made, and can be tested from that alone.
//!
//! | stage | makes | decides |
//! |---|---|---|
//! | [`sources`] | [`sources::catalog::Catalog`] | nothing: raw rows |
//! | [`model`] | [`model::Model`] | types, nullability, cardinality, writability, what can be called |
//! | [`name`] | [`name::Named`] | every name in Rust, every type in Rust |
//! | [`render`] | [`render::File`]s | nothing: text |
//! | [`write`] | files | what has changed |
//!
//! ```no_run
//! let report = supabase_codegen::Builder::new()
//!     .db_url("postgres://postgres:secret@localhost:5432/postgres")
//!     .schema("public")
//!     .out("src/db")
//!     .generate()?;
//! println!("{}", report.counts);
//! # Ok::<(), supabase_codegen::error::Error>(())
//! ```
//!
//! The program is [`cli::main`]: `codegen --db-url … --schema public --out src/db`, and `codegen check` for CI.

pub mod check;
pub mod cli;
pub mod config;
pub mod error;
pub mod model;
pub mod name;
pub mod render;
pub mod sources;
pub mod write;

use std::fmt;
use std::path::{Path, PathBuf};

use config::Config;
use error::{ConfigError, ConnectError, Error, WriteError};
use model::{Model, Warning};
use name::Named;
use write::Written;

/// The generator, configured step by step.
#[derive(Clone, Default)]
pub struct Builder {
    config: Config,
    db_url: Option<String>,
    schemas: Vec<String>,
    out: Option<PathBuf>,
}

/// What was generated.
#[derive(Debug, Clone)]
pub struct Report {
    /// How many of what.
    pub counts: Counts,
    /// What the user should know.
    pub warnings: Vec<Warning>,
    /// What happened to the files.
    pub written: Written,
}

/// How many of what were generated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tables, also foreign and partitioned ones.
    pub tables: usize,
    /// Views, also materialized ones.
    pub views: usize,
    /// Functions.
    pub functions: usize,
    /// Enums.
    pub enums: usize,
    /// Composite types.
    pub composites: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.tables, "table"),
            (self.views, "view"),
            (self.functions, "function"),
            (self.enums, "enum"),
            (self.composites, "composite type"),
        ];
        let mut first = true;
        for (count, noun) in parts.into_iter().filter(|(count, noun)| *count > 0 || *noun == "table") {
            let comma = if first { "" } else { ", " };
            let plural = if count == 1 { "" } else { "s" };
            write!(formatter, "{comma}{count} {noun}{plural}")?;
            first = false;
        }
        Ok(())
    }
}

impl Counts {
    fn of(model: &Model) -> Self {
        let mut counts = Self::default();
        for schema in &model.schemas {
            let views = schema.tables.iter().filter(|table| table.is_view()).count();
            counts.views += views;
            counts.tables += schema.tables.len() - views;
            counts.functions += schema.functions.len();
            counts.enums += schema.enums.len();
            counts.composites += schema.composites.len();
        }
        counts
    }
}

/// Without the password.
impl fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("config", &self.config)
            .field("db_url", &self.db_url.as_deref().and_then(sources::postgres::place))
            .field("schemas", &self.schemas)
            .field("out", &self.out)
            .finish()
    }
}

impl Builder {
    /// Without anything set: the schema `public`, no database, no folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The database: `postgres://user:password@host:port/database`.
    #[must_use]
    pub fn db_url(mut self, url: impl Into<String>) -> Self {
        self.db_url = Some(url.into());
        self
    }

    /// Adds a schema; the first is the main one. Without any, those of the configuration, else `public`.
    #[must_use]
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schemas.push(name.into());
        self
    }

    /// Adds several schemas.
    #[must_use]
    pub fn schemas(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.schemas.extend(names.into_iter().map(|name| name.as_ref().to_owned()));
        self
    }

    /// The folder to write to; it gets a `mod.rs`, and one file per table.
    #[must_use]
    pub fn out(mut self, folder: impl AsRef<Path>) -> Self {
        self.out = Some(folder.as_ref().to_owned());
        self
    }

    /// Everything else that can be wished for.
    #[must_use]
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// The schemas that will be read, each once.
    #[must_use]
    pub fn selected_schemas(&self) -> Vec<String> {
        let wanted = if self.schemas.is_empty() { &self.config.schemas } else { &self.schemas };
        let mut schemas: Vec<String> = Vec::new();
        for name in wanted {
            if !schemas.contains(name) {
                schemas.push(name.clone());
            }
        }
        if schemas.is_empty() { vec!["public".to_owned()] } else { schemas }
    }

    /// Reads the database and writes the files. Blocks; also works where an async runtime is running.
    ///
    /// # Errors
    /// Anything of [`Error`]. No file has been touched then.
    pub fn generate(&self) -> Result<Report, Error> {
        let out = self.folder()?;
        let (named, mut report) = self.introspect()?;
        report.written = write::write(out, &render::files(&named)?)?;
        Ok(report)
    }

    /// Reads the database and compares with the files.
    ///
    /// # Errors
    /// Anything of [`Error`].
    pub fn check(&self) -> Result<check::Differences, Error> {
        let out = self.folder()?;
        let (named, _) = self.introspect()?;
        Ok(check::check(out, &render::files(&named)?)?)
    }

    /// Reads the database and gives the files without writing them.
    ///
    /// # Errors
    /// Anything of [`Error`] but [`Error::Write`].
    pub fn render(&self) -> Result<(Vec<render::File>, Report), Error> {
        let (named, report) = self.introspect()?;
        Ok((render::files(&named)?, report))
    }

    /// Reads the database and gives everything as one file.
    ///
    /// # Errors
    /// Anything of [`Error`] but [`Error::Write`].
    pub fn render_single(&self) -> Result<(String, Report), Error> {
        let (named, report) = self.introspect()?;
        Ok((render::single(&named)?, report))
    }

    fn folder(&self) -> Result<&Path, Error> {
        let out = self.out.as_deref().or(self.config.out.as_deref());
        Ok(out.ok_or(ConfigError::NoOut)?)
    }

    fn introspect(&self) -> Result<(Named, Report), Error> {
        let url = self.db_url.as_deref().ok_or(ConnectError::NoUrl)?;
        let schemas = self.selected_schemas();
        let catalog = block_on(sources::postgres::introspect(url, &schemas))?;
        let mut model = model::build(&catalog, &self.config)?;
        let warnings = std::mem::take(&mut model.warnings);
        let report = Report { counts: Counts::of(&model), warnings, written: Written::default() };
        Ok((name::name(&model, &self.config), report))
    }
}

/// Runs a future on a thread of its own, since the caller may be inside a runtime, where blocking is refused.
fn block_on<T: Send>(future: impl Future<Output = Result<T, Error>> + Send) -> Result<T, Error> {
    let thread = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| WriteError::Io {
            action: "start a runtime for",
            path: PathBuf::from("the connection"),
            source,
        })?;
        runtime.block_on(future)
    };
    std::thread::scope(|scope| match scope.spawn(thread).join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_tells_no_password() {
        let builder = Builder::new().db_url("postgres://user:hunter2@example.com/app").schema("a").schema("a");
        let text = format!("{builder:?}");
        assert!(text.contains("example.com") && !text.contains("hunter2"), "{text}");
        assert_eq!(builder.selected_schemas(), ["a"]);
        assert_eq!(Builder::new().selected_schemas(), ["public"]);
    }

    #[test]
    fn counts_in_words() {
        let counts = Counts { tables: 12, views: 1, functions: 0, enums: 2, composites: 0 };
        assert_eq!(counts.to_string(), "12 tables, 1 view, 2 enums");
        assert_eq!(Counts::default().to_string(), "0 tables");
    }
}
