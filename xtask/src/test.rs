//! `cargo xtask test`: everything that has to hold.

use crate::run::{Outcome, cargo, step, succeed};
use crate::{cost, generated, machine};

pub(crate) fn run(quick: bool) -> Outcome {
    machine::prepare_tests()?;
    step("the core without I/O: cargo tree", pure_core)?;
    step("tests of every package", || succeed("cargo test", &mut cargo(["test", "--workspace", "--no-fail-fast"])))?;
    step("the checked-in generated code", || generated::run(true))?;
    if quick {
        eprintln!("xtask: left out the compile-time budget (`cargo xtask cost`)");
        return Ok(());
    }
    step("the compile-time budget", || cost::run(&cost::Options::budget()))
}

/// `schema`, `query` and `decode` need neither a runtime nor an HTTP client.
fn pure_core() -> Outcome {
    let output =
        cargo(["tree", "--package", "supabase-core", "--no-default-features", "--edges", "normal", "--prefix", "none"])
            .output()
            .map_err(|error| format!("cargo tree: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo tree: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let tree = String::from_utf8_lossy(&output.stdout);
    match tree.lines().find(|line| ["tokio ", "reqwest ", "hyper "].iter().any(|crate_| line.starts_with(crate_))) {
        Some(line) => Err(format!("supabase-core without features depends on {line}")),
        None => Ok(()),
    }
}
