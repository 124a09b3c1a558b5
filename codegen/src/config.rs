//! The configuration file, `supabase-codegen.toml`. An option that does not exist is an error that names it and its line.
//!
//! ```toml
//! db-url-env = "MY_DATABASE"        # the environment variable that holds the database URL
//! # migrations = "supabase/migrations" # or generate from these
//! # snapshot = "supabase-schema.json"  # or from this
//! schemas = ["public", "inventory"] # the first is the main one
//! out = "src/db"
//! dates = "chrono"
//! rows = true                       # Row, Insert and Update structs
//! partial = false                   # Partial structs, for rows of which columns may be missing
//! derives = ["PartialEq"]           # what these derive besides Debug and Clone
//! newtypes = false                  # a type of its own for every domain
//! crate = "::supabase_core"         # where the generated code finds the library
//!
//! [tables.planets]                  # "inventory.parts" for another schema than the main one
//! rename = "worlds"                 # the Rust name; the wire name stays
//! rows = true
//! derives = ["Eq"]
//! skip = false
//!
//! [tables.planets.columns.facts]
//! json = "crate::Facts"             # json and jsonb: decoded into this type with serde
//! # type = "crate::Facts"           # any column: a type that derives `Value`
//! # rename = "details"
//! # nullable = false
//! # elements = "nullable"           # arrays: Vec<Option<T>>
//! # dimensions = 2                  # arrays: Vec<Vec<T>>; without it as declared (integer[][])
//! # skip = true
//!
//! [tables.planets.relations.moons]  # by the name that it has without this
//! rename = "satellites"
//!
//! [domains.email]
//! newtype = true                    # struct Email(pub String)
//! derives = ["Eq", "Hash"]          # besides Debug, Clone and PartialEq
//!
//! [functions.planet_by_name]
//! nullable = true                   # a scalar that may be NULL
//! ```
//!
//! The same can be said in comments of the database: [`crate::comments`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::ConfigError;

/// The file that is read when none is named.
pub const DEFAULT_FILE: &str = "supabase-codegen.toml";

/// The options of the file; everything may be left out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// The environment variable that holds the database URL.
    pub db_url_env: Option<String>,
    /// The schemas; `public` when there are none.
    pub schemas: Vec<String>,
    /// A folder of migrations to generate from, where no other source is given.
    pub migrations: Option<PathBuf>,
    /// A snapshot to generate from, where no other source is given.
    pub snapshot: Option<PathBuf>,
    /// The folder to write to.
    pub out: Option<PathBuf>,
    /// The library for dates and times.
    pub dates: Dates,
    /// Whether `Row`, `Insert` and `Update` structs are generated.
    pub rows: bool,
    /// Whether `Partial` structs are generated, for rows of which not every column is known.
    pub partial: bool,
    /// What they derive besides `Debug` and `Clone`.
    pub derives: Vec<String>,
    /// Whether every domain becomes a type of its own.
    pub newtypes: bool,
    /// Where the generated code finds `supabase-core`.
    #[serde(rename = "crate")]
    pub crate_path: String,
    /// By name of the table or view, with the schema in front when it is not the main one.
    pub tables: BTreeMap<String, TableConfig>,
    /// By name of the function, with the schema in front when it is not the main one.
    pub functions: BTreeMap<String, FunctionConfig>,
    /// By name of the domain, with the schema in front when it is not the main one.
    pub domains: BTreeMap<String, DomainConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            db_url_env: None,
            schemas: Vec::new(),
            migrations: None,
            snapshot: None,
            out: None,
            dates: Dates::Chrono,
            rows: true,
            partial: false,
            derives: Vec::new(),
            newtypes: false,
            crate_path: "::supabase_core".to_owned(),
            tables: BTreeMap::new(),
            functions: BTreeMap::new(),
            domains: BTreeMap::new(),
        }
    }
}

/// The library for dates and times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dates {
    /// `chrono`
    #[default]
    Chrono,
    /// `time`: supabase-core's feature `time`.
    Time,
    /// `jiff`: supabase-core's feature `jiff`.
    Jiff,
}

/// Wishes for one table or view.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct TableConfig {
    /// Leave it out.
    pub skip: bool,
    /// Its Rust name.
    pub rename: Option<String>,
    /// Whether its row structs are generated.
    pub rows: Option<bool>,
    /// Whether its `Partial` struct is generated.
    pub partial: Option<bool>,
    /// What they derive, on top of what all derive.
    pub derives: Vec<String>,
    /// By name of the column.
    pub columns: BTreeMap<String, ColumnConfig>,
    /// By name of the relationship.
    pub relations: BTreeMap<String, RelationConfig>,
}

/// Wishes for one column.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ColumnConfig {
    /// Leave it out.
    pub skip: bool,
    /// Its Rust name.
    pub rename: Option<String>,
    /// Its Rust type, one that derives `Value`.
    #[serde(rename = "type")]
    pub ty: Option<String>,
    /// The type of the document in a `json` or `jsonb` column, one that serde reads and writes.
    pub json: Option<String>,
    /// Whether it may be NULL (for views, where PostgreSQL does not tell).
    pub nullable: Option<bool>,
    /// Whether the elements of an array may be NULL.
    pub elements: Option<Elements>,
    /// How many dimensions an array has, where it is not as declared.
    pub dimensions: Option<u8>,
}

/// Whether the elements of an array may be NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Elements {
    /// `Vec<Option<T>>`
    Nullable,
    /// `Vec<T>`
    NotNull,
}

impl ColumnConfig {
    pub(crate) fn nullable_elements(&self) -> bool {
        self.elements == Some(Elements::Nullable)
    }
}

/// Wishes for one relationship.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RelationConfig {
    /// Leave it out.
    pub skip: bool,
    /// Its name, in Rust and in the answer.
    pub rename: Option<String>,
}

/// Wishes for one domain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct DomainConfig {
    /// Whether it becomes a type of its own.
    pub newtype: Option<bool>,
    /// Its Rust name.
    pub rename: Option<String>,
    /// What the type derives besides `Debug`, `Clone` and `PartialEq`.
    pub derives: Vec<String>,
}

/// Wishes for one function (all its overloads).
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct FunctionConfig {
    /// Leave it out.
    pub skip: bool,
    /// Its Rust name.
    pub rename: Option<String>,
    /// A scalar result, or an element of a set of scalars, may be NULL.
    pub nullable: bool,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is no TOML, or has an option that does not exist.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    /// Reads [`DEFAULT_FILE`] from the current folder, where it exists.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn read_default() -> Result<Self, ConfigError> {
        let path = Path::new(DEFAULT_FILE);
        if path.exists() { Self::read(path) } else { Ok(Self::default()) }
    }

    fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text)
            .map_err(|error| ConfigError::Parse { path: path.to_owned(), reason: error.to_string() })?;
        config.check()?;
        Ok(config)
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let invalid = |key: &str, value: &str, reason: String| {
            Err(ConfigError::Invalid { key: key.to_owned(), value: value.to_owned(), reason })
        };
        if let Err(error) = syn::parse_str::<syn::Path>(&self.crate_path) {
            return invalid("crate", &self.crate_path, format!("it is no Rust path: {error}"));
        }
        let derives = self.derives.iter().chain(self.tables.values().flat_map(|table| &table.derives));
        let derives = derives.chain(self.domains.values().flat_map(|domain| &domain.derives));
        for derive in derives {
            if let Err(error) = syn::parse_str::<syn::Path>(derive) {
                return invalid("derives", derive, format!("it is no Rust path: {error}"));
            }
        }
        let renames = self.tables.values().flat_map(|table| {
            let columns = table.columns.values().map(|column| &column.rename);
            columns
                .chain(std::iter::once(&table.rename))
                .chain(table.relations.values().map(|relation| &relation.rename))
        });
        let renames = renames
            .chain(self.functions.values().map(|function| &function.rename))
            .chain(self.domains.values().map(|domain| &domain.rename));
        for rename in renames.flatten() {
            if syn::parse_str::<syn::Ident>(rename).is_err() {
                return invalid("rename", rename, "it is no Rust identifier".to_owned());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Config::parse(text, Path::new("supabase-codegen.toml")).unwrap_err().to_string()
    }

    #[test]
    fn the_example_of_the_documentation_is_valid() {
        let source = include_str!("config.rs");
        let example: String = source
            .lines()
            .skip_while(|line| *line != "//! ```toml")
            .skip(1)
            .take_while(|line| *line != "//! ```")
            .map(|line| format!("{}\n", line.trim_start_matches("//!")))
            .collect();
        let config = Config::parse(&example, Path::new("x")).unwrap();
        assert_eq!(config.schemas, ["public", "inventory"]);
        assert_eq!(config.tables["planets"].columns["facts"].json.as_deref(), Some("crate::Facts"));
        assert!(config.functions["planet_by_name"].nullable);
    }

    #[test]
    fn empty_is_the_default() {
        assert_eq!(Config::parse("", Path::new("x")).unwrap(), Config::default());
    }

    #[test]
    fn unknown_options_name_themselves_and_their_line() {
        let text = error("out = \"src/db\"\nschema = [\"public\"]\n");
        assert!(text.contains("line 2") && text.contains("`schema`") && text.contains("`schemas`"), "{text}");
        let text = error("[tables.planets.columns.mass]\n\nnulable = true\n");
        assert!(text.contains("line 3") && text.contains("`nulable`") && text.contains("`nullable`"), "{text}");
    }

    #[test]
    fn values_are_checked() {
        assert!(error("dates = \"joda\"").contains("`chrono`"));
        assert!(error("derives = [\"Partial Eq\"]").contains("no Rust path"));
        assert!(error("[tables.a]\nrename = \"a-b\"").contains("no Rust identifier"));
        assert!(error("crate = \"9\"").contains("no Rust path"));
    }
}
