//! The official clients run their flows against the auth service of the local stack.
//!
//! A test is skipped by name where its client is missing: `SUPABASE_TEST_PYTHON` names a Python that has the package
//! `supabase` (else `python3` is tried), `SUPABASE_TEST_NODE` a Node, and `SUPABASE_TEST_NODE_FOLDER` the folder whose
//! `node_modules` has `@supabase/supabase-js`. With `SUPABASE_TEST_OFFICIAL=required` a missing client is a failure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use supabase_local::Stack;

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("official").join(name)
}

fn works(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Whether to go on; says so when not.
fn present(test: &str, there: bool, what: &str) -> bool {
    if !there {
        assert!(std::env::var("SUPABASE_TEST_OFFICIAL").as_deref() != Ok("required"), "{test}: {what} is missing");
        println!("skipped: {test}: {what} is missing");
    }
    there
}

async fn run(mut command: Command) {
    let stack = Stack::start().await.unwrap();
    command.args([stack.url(), stack.anon_key(), stack.service_key()]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("checks passed"), "{text}");
    println!("{}", text.lines().find(|line| line.contains("checks passed")).unwrap_or_default());
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn supabase_py_signs_in() {
    let python = std::env::var("SUPABASE_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let there = works(Command::new(&python).args(["-c", "import supabase"]));
    if present("supabase_py_signs_in", there, "a Python with the package `supabase`") {
        let mut command = Command::new(python);
        command.arg(script("auth.py"));
        run(command).await;
    }
}

#[tokio::test]
async fn supabase_js_signs_in() {
    let node = std::env::var("SUPABASE_TEST_NODE").unwrap_or_else(|_| "node".to_owned());
    let folder = std::env::var("SUPABASE_TEST_NODE_FOLDER").map_or_else(|_| script(""), PathBuf::from);
    let there = works(Command::new(&node).args(["-e", "require('@supabase/supabase-js')"]).current_dir(&folder));
    if present("supabase_js_signs_in", there, "a Node with the package `@supabase/supabase-js`") {
        let mut command = Command::new(node);
        command.arg(script("auth.mjs")).current_dir(folder);
        run(command).await;
    }
}
