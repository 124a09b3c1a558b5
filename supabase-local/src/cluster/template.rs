//! The prepared data folder: `initdb` and the prelude take seconds, a copy takes a fraction of one.
//!
//! It is kept in the cache under the server's version and a digest of everything that went into it.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{check_place, connect, server_command, wait_until_ready};
use crate::account::Account;
use crate::background;
use crate::engine::{Cache, Ending, Engine, PostgresPrograms, progress};
use crate::error::{Error, MigrationError, Result};
use crate::migrations::run_statements;
use crate::supervisor::Supervisor;

const PRELUDE: &str = include_str!("prelude.sql");

/// Who may connect: everybody who can enter the socket's folder, and over TCP who knows a password.
const ACCESS: &str = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\nlocal replication all trust\nhost replication all 127.0.0.1/32 scram-sha-256\n";

/// `C.UTF-8` is what hosted projects have; macOS before 26 and some minimal systems lack it.
const LOCALES: [&str; 2] = ["C.UTF-8", "C"];

/// Raised when the way of preparing changes without the prelude changing.
const FORM: &str = "1";

/// The folder of the prepared data; makes it when it is not there. Blocks.
pub(super) fn prepared(
    cache: &Cache,
    account: &Account,
    programs: &PostgresPrograms,
    supervisor: &Arc<Supervisor>,
) -> Result<PathBuf> {
    let mut digest = Sha256::new();
    for part in [FORM, programs.version(), ACCESS, PRELUDE] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    // The locales and extensions of another installation of the same version may differ.
    digest.update(programs.folder().as_os_str().as_encoded_bytes());
    let digest: String = digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let place = cache.path(format!("data-{}-{}-{digest}", programs.major(), account.uid()));
    let name = place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    cache.once(
        &name,
        || place.join("PG_VERSION").is_file().then(|| place.clone()),
        || make(&place, account, programs, supervisor).map(|()| place.clone()),
    )
}

fn make(place: &Path, account: &Account, programs: &PostgresPrograms, supervisor: &Arc<Supervisor>) -> Result<()> {
    progress(&format!("preparing a data folder for PostgreSQL {} (once) …", programs.version()));
    // The socket's path must be short, so it lies with the engines' folders and not in the cache.
    let sockets = supervisor.folder().join(crate::random::letters(4)?);
    check_place(&sockets, account)?;
    let unfinished = crate::engine::Unfinished::beside(place)?;
    let own = unfinished.folder.join("own");
    account.private_folder(&own)?;
    let data = own.join("data");
    initialise(&data, &own, account, programs)?;
    account.private_folder(&sockets)?;
    let engine = Engine::start(
        supervisor,
        account,
        &sockets,
        server_command(programs, &data, &sockets, 5432, Ending::Quit).argument("-c").argument("listen_addresses="),
    )?;
    let applied = background::runtime()?.block_on(async {
        wait_until_ready(&engine, &sockets, 5432).await?;
        let client = connect(&sockets, 5432, "template1")
            .await
            .map_err(|error| Error::database("let us connect to template1", &error))?;
        run_statements(&client, PRELUDE).await.map_err(|failed| {
            Error::Migration(Box::new(MigrationError {
                file: "the prelude of supabase-local".into(),
                line: failed.line,
                statement: failed.statement,
                message: failed.message,
            }))
        })
    });
    // An orderly end: nothing to recover in any copy.
    let status = engine.stop(Ending::Interrupt);
    let _ = fs::remove_dir_all(&sockets);
    applied?;
    if !status.is_some_and(|status| status.success()) {
        return Err(engine.failed("did not end in order after the prelude"));
    }
    unfinished.finish(&data, place)
}

fn initialise(data: &Path, folder: &Path, account: &Account, programs: &PostgresPrograms) -> Result<()> {
    let mut log = String::new();
    for locale in LOCALES {
        let mut command = Command::new(programs.program("initdb"));
        command
            .arg("-D")
            .arg(data)
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions"])
            .arg(format!("--locale={locale}"))
            .current_dir(folder)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", folder)
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        let output = account.command(&mut command).output().map_err(|source| Error::EngineFailed {
            engine: "initdb".to_owned(),
            what: format!("could not be run: {source}"),
            log: String::new(),
        })?;
        if output.status.success() {
            let access = data.join("pg_hba.conf");
            return fs::write(&access, ACCESS).map_err(|source| Error::io("write", access, source));
        }
        log = String::from_utf8_lossy(&output.stderr).lines().map(|line| format!("  {line}\n")).collect();
        // initdb removes what it began, but keeps a folder that it found.
        let _ = fs::remove_dir_all(data);
        if !log.contains("locale") {
            break;
        }
    }
    Err(Error::EngineFailed { engine: "initdb".to_owned(), what: "failed".to_owned(), log })
}

/// Copies the prepared folder. Blocks.
pub(super) fn copy(from: &Path, to: &Path, account: &Account) -> Result<()> {
    fs::create_dir(to).map_err(|source| Error::io("make the folder", to, source))?;
    let entries = fs::read_dir(from).map_err(|source| Error::io("read the folder", from, source))?;
    for entry in entries {
        let entry = entry.map_err(|source| Error::io("read the folder", from, source))?;
        let (source_path, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(|source| Error::io("look at", &source_path, source))?;
        if kind.is_dir() {
            copy(&source_path, &target, account)?;
        } else if kind.is_file() {
            // Permissions come along; where the file system can, the blocks are shared until they are written to.
            fs::copy(&source_path, &target).map_err(|source| Error::io("copy to", &target, source))?;
            account.own(&target)?;
        } else {
            let what = io::Error::new(io::ErrorKind::InvalidData, "it is neither a file nor a folder");
            return Err(Error::io("copy", source_path, what));
        }
    }
    fs::set_permissions(to, fs::Permissions::from_mode(0o700))
        .map_err(|source| Error::io("set the permissions of", to, source))?;
    account.own(to)
}
