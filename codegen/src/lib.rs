//! Typed table modules for `supabase-core` from a PostgreSQL database, or from what is known of one.
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
//! | [`mod@write`] | files | what has changed |
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
//! The program is [`cli::main`]: `codegen --db-url … --schema public --out src/db`, `codegen check` for CI,
//! `codegen diagram` for people, and `codegen snapshot` for builds without a database ([`Builder::build_script`]).

pub mod check;
pub mod cli;
pub mod comments;
pub mod config;
pub mod diagram;
pub mod error;
pub mod model;
pub mod name;
pub mod render;
pub mod sources;
mod tame;
pub mod write;

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use config::Config;
use error::{ConfigError, ConnectError, Error, SourceError, WriteError};
use model::{Model, Warning};
use name::Named;
use sources::{Reading, Source, migrations, snapshot};
use write::Written;

/// The generator, configured step by step.
#[derive(Clone, Default)]
pub struct Builder {
    config: Config,
    config_file: Option<PathBuf>,
    source: Option<Source>,
    root_cert: Option<PathBuf>,
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
            .field("source", &self.source)
            .field("root_cert", &self.root_cert)
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
    pub fn db_url(self, url: impl Into<String>) -> Self {
        self.source(Source::Database { url: url.into(), root_cert: None })
    }

    /// A file of certificates (PEM) that the database's has to lead to; means `sslmode=verify-full` where the URL
    /// does not say otherwise.
    #[must_use]
    pub fn root_cert(mut self, file: impl AsRef<Path>) -> Self {
        self.root_cert = Some(file.as_ref().to_owned());
        self
    }

    /// A project by its URL and its secret (or `service_role`) key; what its OpenAPI document cannot tell is
    /// [`sources::openapi::LIMITS`].
    #[must_use]
    pub fn project(self, url: impl Into<String>, key: impl Into<String>) -> Self {
        self.source(Source::Project { url: url.into(), key: key.into() })
    }

    /// A `GeneratorMetadata` document of Supabase's tools, `-` for the standard input; what it cannot tell is
    /// [`sources::metadata::LIMITS`].
    #[must_use]
    pub fn metadata(self, file: impl AsRef<Path>) -> Self {
        self.source(Source::Metadata(file.as_ref().to_owned()))
    }

    /// A folder of migrations, applied to a throw-away PostgreSQL of this machine (cargo feature `migrations`).
    #[must_use]
    pub fn migrations(self, folder: impl AsRef<Path>) -> Self {
        self.source(Source::Migrations(folder.as_ref().to_owned()))
    }

    /// A snapshot that [`Builder::write_snapshot`] or `codegen snapshot` has written.
    #[must_use]
    pub fn snapshot(self, file: impl AsRef<Path>) -> Self {
        self.source(Source::Snapshot(file.as_ref().to_owned()))
    }

    /// Where the schema is read from; the last call counts.
    #[must_use]
    pub fn source(mut self, source: Source) -> Self {
        self.source = Some(source);
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

    /// The same from a file; [`Builder::build_script`] watches it.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn config_file(mut self, file: impl AsRef<Path>) -> Result<Self, Error> {
        self.config = Config::read(file.as_ref())?;
        self.config_file = Some(file.as_ref().to_owned());
        Ok(self)
    }

    /// The schemas that were chosen, each once; `public` where none was.
    #[must_use]
    pub fn selected_schemas(&self) -> Vec<String> {
        self.chosen_schemas().unwrap_or_else(|| vec!["public".to_owned()])
    }

    /// Nothing where the source is to decide.
    fn chosen_schemas(&self) -> Option<Vec<String>> {
        let wanted = if self.schemas.is_empty() { &self.config.schemas } else { &self.schemas };
        let mut schemas: Vec<String> = Vec::new();
        for name in wanted {
            if !schemas.contains(name) {
                schemas.push(name.clone());
            }
        }
        Some(schemas).filter(|schemas| !schemas.is_empty())
    }

    /// Reads the schema and writes the files. Blocks; also works where an async runtime is running.
    ///
    /// # Errors
    /// Anything of [`Error`]. No file has been touched then.
    pub fn generate(&self) -> Result<Report, Error> {
        let out = self.folder()?;
        let (named, mut report) = self.introspect()?;
        report.written = write::write(out, &render::files(&named))?;
        Ok(report)
    }

    /// Reads the schema and compares with the files.
    ///
    /// # Errors
    /// Anything of [`Error`].
    pub fn check(&self) -> Result<check::Differences, Error> {
        let out = self.folder()?;
        let (named, _) = self.introspect()?;
        Ok(check::check(out, &render::files(&named))?)
    }

    /// Reads the schema and gives the files without writing them.
    ///
    /// # Errors
    /// Anything of [`Error`] but [`Error::Write`].
    pub fn render(&self) -> Result<(Vec<render::File>, Report), Error> {
        let (named, report) = self.introspect()?;
        Ok((render::files(&named), report))
    }

    /// Reads the schema and gives everything as one file.
    ///
    /// # Errors
    /// Anything of [`Error`] but [`Error::Write`].
    pub fn render_single(&self) -> Result<(String, Report), Error> {
        let (named, report) = self.introspect()?;
        Ok((render::single(&named), report))
    }

    fn folder(&self) -> Result<&Path, Error> {
        let out = self.out.as_deref().or(self.config.out.as_deref());
        Ok(out.ok_or(ConfigError::NoOut)?)
    }

    /// Reads the schema and gives it as a snapshot: text for a file that is checked in, from which
    /// [`Builder::snapshot`] generates without a database.
    ///
    /// # Errors
    /// Anything of [`Error`] but [`Error::Write`].
    pub fn snapshot_text(&self) -> Result<(String, Vec<Warning>), Error> {
        let reading = self.read()?;
        Ok((snapshot::write(&reading.catalog)?, reading.warnings))
    }

    /// Writes the snapshot; the file is touched only where it would change, which is what comes back.
    ///
    /// # Errors
    /// Anything of [`Error`].
    pub fn write_snapshot(&self, file: impl AsRef<Path>) -> Result<(bool, Vec<Warning>), Error> {
        let (text, warnings) = self.snapshot_text()?;
        Ok((write_file(file.as_ref(), &text)?, warnings))
    }

    /// For a `build.rs`: generates one file `$OUT_DIR/db.rs` that holds a module `db`, and tells Cargo what the
    /// output depends on (the snapshot, the migrations and `config.toml`, the metadata, the configuration's file).
    /// No network is used unless a database or a project was named here: without a source it is
    /// `supabase-schema.json` beside `Cargo.toml`, else the nearest `supabase/migrations`.
    ///
    /// A schema is best a crate of its own, which is compiled again only when the schema has changed:
    ///
    /// ```text
    /// db/Cargo.toml               [build-dependencies] supabase-codegen, default-features = false, features = ["migrations"]
    ///                             (the feature is for migrations: leave it out with a snapshot)
    ///                             [dependencies]       supabase-core
    /// db/build.rs                 fn main() -> Result<(), supabase_codegen::error::Error> {
    ///                                 supabase_codegen::Builder::new().build_script().map(drop)
    ///                             }
    /// db/src/lib.rs               include!(concat!(env!("OUT_DIR"), "/db.rs"));
    ///                             pub use db::*;
    /// db/supabase-schema.json     written by `supabase-codegen snapshot --out db/supabase-schema.json`
    /// ```
    ///
    /// Where columns of JSON have types of the application (`json = "types::Facts"`), these are in a third crate,
    /// `types`, on which both `db` and the application depend: `db` cannot use the application's own types, since
    /// the application uses `db`.
    ///
    /// # Errors
    /// Anything of [`Error`]; outside a build script always.
    pub fn build_script(&self) -> Result<Report, Error> {
        let out = std::env::var_os("OUT_DIR").ok_or(SourceError::NoOutDir)?;
        let builder = match self.source {
            Some(_) => self.clone(),
            None => self.clone().source(offline_source().ok_or(ConnectError::NoUrl)?),
        };
        let mut watched: Vec<PathBuf> = builder.config_file.iter().cloned().collect();
        watched.push(PathBuf::from("build.rs"));
        match &builder.source {
            Some(Source::Snapshot(file) | Source::Metadata(file)) => watched.push(file.clone()),
            Some(Source::Migrations(folder)) => {
                watched.push(folder.clone());
                watched.extend(folder.parent().map(|folder| folder.join("config.toml")).filter(|file| file.exists()));
            }
            Some(Source::Database { .. } | Source::Project { .. }) | None => {}
        }
        let (text, report) = builder.render_single()?;
        // Inner attributes cannot stand at the top of an included file.
        let text = format!("/// Generated by supabase-codegen.\npub mod db {{\n{text}\n}}\n");
        write_file(&Path::new(&out).join("db.rs"), &text)?;
        let mut told: Vec<String> =
            watched.iter().map(|path| format!("cargo::rerun-if-changed={}", path.display())).collect();
        let important = report.warnings.iter().filter(|warning| warning.important);
        told.extend(important.map(|warning| format!("cargo::warning=supabase-codegen: {warning}")));
        let mut stdout = std::io::stdout().lock();
        for line in told {
            // A line break in a name would begin a directive of its own.
            writeln!(stdout, "{}", tame::line(&line)).map_err(|source| WriteError::Io {
                action: "write to",
                path: PathBuf::from("stdout"),
                source,
            })?;
        }
        Ok(report)
    }

    /// The catalog and what the source cannot tell.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn read(&self) -> Result<Reading, Error> {
        let mut source = self.source.clone().ok_or(ConnectError::NoUrl)?;
        if let Source::Database { root_cert, .. } = &mut source
            && root_cert.is_none()
        {
            root_cert.clone_from(&self.root_cert);
        }
        let schemas = self.chosen_schemas();
        block_on(sources::read(&source, schemas.as_deref()))
    }

    /// Reads the schema and draws it: [`diagram::mermaid`].
    ///
    /// # Errors
    /// When the source cannot be read, or the configuration does not fit.
    pub fn diagram(&self) -> Result<(String, Vec<Warning>), Error> {
        let model = self.model()?;
        Ok((diagram::mermaid(&model), model.warnings))
    }

    /// Writes the diagram; the file is touched only where it would change, which is what comes back.
    ///
    /// # Errors
    /// Anything of [`Error`].
    pub fn write_diagram(&self, file: impl AsRef<Path>) -> Result<(bool, Vec<Warning>), Error> {
        let (text, warnings) = self.diagram()?;
        Ok((write_file(file.as_ref(), &text)?, warnings))
    }

    /// What the schema means, decided by the configuration.
    ///
    /// # Errors
    /// When the source cannot be read, or the configuration does not fit.
    pub fn model(&self) -> Result<Model, Error> {
        let mut reading = self.read()?;
        let config = comments::collect(&mut reading.catalog, &self.config)?;
        let mut model = model::build(&reading.catalog, &config)?;
        model.warnings.splice(0..0, reading.warnings);
        Ok(model)
    }

    fn introspect(&self) -> Result<(Named, Report), Error> {
        let mut model = self.model()?;
        let mut warnings = std::mem::take(&mut model.warnings);
        let named = name::name(&model, &self.config);
        warnings.extend(named.lints());
        let report = Report { counts: Counts::of(&model), warnings, written: Written::default() };
        Ok((named, report))
    }
}

/// What a build may read without being told: files of the project.
fn offline_source() -> Option<Source> {
    let snapshot = PathBuf::from(snapshot::DEFAULT_FILE);
    if snapshot.exists() {
        return Some(Source::Snapshot(snapshot));
    }
    migrations::find().map(Source::Migrations)
}

/// Writes where it would change, by way of a temporary file, so that nobody ever sees half of it.
fn write_file(file: &Path, text: &str) -> Result<bool, WriteError> {
    if std::fs::read(file).is_ok_and(|present| present == text.as_bytes()) {
        return Ok(false);
    }
    let failed = |source: std::io::Error| WriteError::Io { action: "write", path: file.to_owned(), source };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut new = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    new.write_all(text.as_bytes()).map_err(failed)?;
    // A temporary file is for its owner only.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(new.path(), std::fs::Permissions::from_mode(0o644)).map_err(failed)?;
    }
    new.persist(file).map_err(|error| failed(error.error))?;
    Ok(true)
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
