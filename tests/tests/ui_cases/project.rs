//! One cargo project whose programs are the cases, and what the compiler says about each.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use super::Case;

/// What the compiler says about one case.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// It has nothing against it.
    pub(crate) compiled: bool,
    /// The line of each error.
    pub(crate) errors: Vec<u64>,
    /// Every message, label and note.
    pub(crate) said: Vec<String>,
}

/// Checks every case at once.
pub(crate) fn check(cases: &[Case]) -> Vec<Answer> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui-sentences");
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    std::fs::write(folder.join("Cargo.toml"), manifest(tests, cases)).expect("the target folder can be written");
    let lock = tests.join("../Cargo.lock");
    std::fs::copy(lock, folder.join("Cargo.lock")).expect("the workspace has a lock file");

    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("RUSTFLAGS")
        .args(["check", "--offline", "--bins", "--keep-going", "--quiet", "--message-format=json"])
        .output()
        .expect("cargo runs, since it runs this test");
    let told = String::from_utf8_lossy(&output.stdout);
    let mut answers: BTreeMap<String, Answer> = BTreeMap::new();
    for message in told.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok()) {
        let target = &message["target"];
        if target["kind"][0] != "bin" {
            assert!(
                message["message"]["level"] != "error",
                "a dependency of the cases does not compile:\n{}",
                message["message"]["rendered"].as_str().unwrap_or_default()
            );
            continue;
        }
        let answer = answers.entry(target["name"].as_str().unwrap_or_default().to_owned()).or_default();
        match message["reason"].as_str() {
            Some("compiler-artifact") => answer.compiled = true,
            Some("compiler-message") => take(&message["message"], answer),
            _ => {}
        }
    }
    assert!(!answers.is_empty(), "cargo did not check the cases:\n{}", String::from_utf8_lossy(&output.stderr));
    let names = (0..cases.len()).map(name);
    names.map(|name| answers.remove(&name).unwrap_or_else(|| panic!("cargo says nothing about {name}"))).collect()
}

/// The name of the program of the case at `index`.
fn name(index: usize) -> String {
    format!("case_{index}")
}

fn take(diagnostic: &Json, answer: &mut Answer) {
    let spans = diagnostic["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
    if diagnostic["level"] == "error" {
        let primary = spans.iter().filter(|span| span["is_primary"] == true);
        answer.errors.extend(primary.filter_map(|span| outermost(span)["line_start"].as_u64()));
    }
    answer.said.extend(diagnostic["message"].as_str().map(str::to_owned));
    answer.said.extend(spans.iter().filter_map(|span| span["label"].as_str()).map(str::to_owned));
    for child in diagnostic["children"].as_array().into_iter().flatten() {
        take(child, answer);
    }
}

/// Where the user wrote what a macro expanded to.
fn outermost(span: &Json) -> &Json {
    match &span["expansion"] {
        Json::Null => span,
        expansion => outermost(&expansion["span"]),
    }
}

fn manifest(tests: &Path, cases: &[Case]) -> String {
    let root = tests.parent().expect("the package is in the workspace");
    let mut text = format!(
        r#"# Written by the ui test: the cases as programs of one package.
[package]
name = "ui-sentences"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[dependencies]
supabase-core = {{ path = {:?}, features = ["client", "macros"] }}
db = {{ package = "supabase-tests-db", path = {:?} }}
chrono = {{ version = "0.4", default-features = false, features = ["std"] }}
serde_json = "1"
"#,
        root.join("supabase-core"),
        tests.join("ui/db"),
    );
    for (index, case) in cases.iter().enumerate() {
        write!(text, "\n[[bin]]\nname = {:?}\npath = {:?}\n", name(index), case.path).expect("a String takes it");
    }
    text
}
