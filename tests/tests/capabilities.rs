//! Every id of Supabase's capability matrix, written down as the call that an application makes for it.
//!
//! The calls compile and are not run: this shows that nothing of the matrix is missing and how each thing is
//! called. What the calls do is shown by the tests of each area. `CAPABILITIES.md` is written from this file
//! (`BLESS=1 cargo test -p supabase-tests --test capabilities`).

// A test may fail by panicking; values that a call gives stand for what an application would do with them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unused_variables)]

use std::collections::BTreeMap;
use std::path::Path;

/// The calls of an area: each id, what the reader finds in the documentation, and the code.
macro_rules! capabilities {
    ($($id:literal: $item:literal => |$client:ident| $body:block)*) => {
        /// Each id with the item that serves it.
        pub(crate) fn list() -> Vec<(&'static str, &'static str)> {
            $({
                async fn written($client: &supabase_core::Client) -> Result<(), Box<dyn std::error::Error>> {
                    $body
                    #[allow(unreachable_code, reason = "a call may end in a loop or a return")]
                    Ok(())
                }
                let _ = written;
            })*
            vec![$(($id, $item)),*]
        }
    };
}

mod areas {
    // Each area's file.
    pub(crate) mod auth;
    pub(crate) mod client;
    pub(crate) mod database;
    pub(crate) mod functions;
    pub(crate) mod realtime;
    pub(crate) mod storage;
}

/// The ids of the matrix with their names.
fn matrix() -> BTreeMap<String, String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/capabilities.tsv");
    std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        .lines()
        .map(|line| line.split_once('\t').unwrap_or_else(|| panic!("{}: {line}", file.display())))
        .map(|(id, name)| (id.to_owned(), name.to_owned()))
        .collect()
}

/// Holds the calls of one area against the ids of it.
fn complete(area: &str, calls: &[(&'static str, &'static str)]) {
    let wanted: Vec<String> = matrix().into_keys().filter(|id| id.split('.').next() == Some(area)).collect();
    assert!(!wanted.is_empty(), "the matrix has no area {area}");
    let mut given: Vec<String> = calls.iter().map(|(id, _)| (*id).to_owned()).collect();
    given.sort();
    assert_eq!(given, wanted, "the calls of {area} and the ids of the matrix");
    let silent: Vec<_> = calls.iter().filter(|(_, item)| item.trim().is_empty()).collect();
    assert!(silent.is_empty(), "ids without a name in the documentation: {silent:?}");
}

#[test]
fn every_id_of_auth_has_a_call() {
    complete("auth", &areas::auth::list());
}

#[test]
fn every_id_of_the_client_has_a_call() {
    complete("client", &areas::client::list());
}

#[test]
fn every_id_of_functions_has_a_call() {
    complete("functions", &areas::functions::list());
}

#[test]
fn every_id_of_realtime_has_a_call() {
    complete("realtime", &areas::realtime::list());
}

#[test]
fn every_id_of_the_database_has_a_call() {
    complete("database", &areas::database::list());
}

#[test]
fn every_id_of_storage_has_a_call() {
    complete("storage", &areas::storage::list());
}

/// The table that a reader looks things up in.
#[test]
fn the_table_for_readers_is_current() {
    let areas = [
        areas::auth::list(),
        areas::client::list(),
        areas::database::list(),
        areas::functions::list(),
        areas::realtime::list(),
        areas::storage::list(),
    ];
    let calls: BTreeMap<&str, &str> = areas.into_iter().flatten().collect();
    let mut text = String::from(
        "# What the client covers\n\n\
         Every id of Supabase's capability matrix with the item that serves it. Written from\n\
         `tests/tests/areas/`, where each call stands as an application would write it.\n",
    );
    let mut area = String::new();
    for (id, name) in matrix() {
        let Some(item) = calls.get(id.as_str()) else { continue };
        let of = id.split('.').next().unwrap_or_default();
        if of != area {
            of.clone_into(&mut area);
            text.push_str(&format!("\n## {area}\n\n| id | capability | item |\n|---|---|---|\n"));
        }
        text.push_str(&format!("| {id} | {name} | `{item}` |\n"));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../CAPABILITIES.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, text).unwrap();
    } else {
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            found == text,
            "CAPABILITIES.md is not current: BLESS=1 cargo test -p supabase-tests --test capabilities"
        );
    }
}
