//! What discovery may look at: environment variables and the folders where systems put PostgreSQL.
//!
//! It is a value, so that a test can ask "what would happen on a machine without PostgreSQL?" without changing the
//! process that it runs in.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Environment variables and system folders, as discovery sees them.
#[derive(Debug, Clone)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    postgres_parents: Vec<PathBuf>,
}

impl Default for Environment {
    fn default() -> Self {
        Self::of_process()
    }
}

impl Environment {
    /// The environment of this process and the usual folders of this system.
    pub fn of_process() -> Self {
        Self {
            variables: std::env::vars_os().collect(),
            postgres_parents: [
                // Debian, Ubuntu
                "/usr/lib/postgresql",
                // Red Hat, Fedora (`/usr/pgsql-17`)
                "/usr",
                // Homebrew on Apple silicon and on Intel (`postgresql@17`)
                "/opt/homebrew/opt",
                "/usr/local/opt",
                // Postgres.app
                "/Applications/Postgres.app/Contents/Versions",
            ]
            .map(PathBuf::from)
            .to_vec(),
        }
    }

    /// An environment with no variables, which looks into no system folder.
    pub fn empty() -> Self {
        Self { variables: BTreeMap::new(), postgres_parents: Vec::new() }
    }

    /// The same with one variable set.
    #[must_use]
    pub fn with(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The value of a variable; an empty one counts as unset.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.variables.iter()
    }

    pub(crate) fn postgres_parents(&self) -> &[PathBuf] {
        &self.postgres_parents
    }

    /// The first file of this name on PATH that may be executed.
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        std::env::split_paths(self.get("PATH")?).map(|folder| folder.join(name)).find(|path| is_executable(path))
    }
}

pub(crate) fn is_executable(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
