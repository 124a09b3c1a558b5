//! Compile errors as a product: `ui/fail` holds programs that must not compile, one rule per file,
//! with everything that the compiler says beside them; `ui/pass` holds programs that must.
//!
//! On the compiler that `ui/BLESSED` names, every word is compared (trybuild). The words of another
//! compiler around our sentences differ, so there the sentences alone are compared: every message,
//! label and note that our traits and macros carry, case by case. `UI_COMPARE=sentences` asks for
//! that on any compiler. Nothing is ever skipped. `ui/README.md` says how to add a case.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

// Programs that are compiled and never run.
#[allow(
    unused_must_use,
    non_upper_case_globals,
    reason = "what they make is not sent, and their names are hostile on purpose"
)]
#[path = "../ui/pass/mod.rs"]
mod pass;

mod ui_cases;

use std::collections::BTreeSet;

use ui_cases::sentence::Sentences;
use ui_cases::{Case, Comparison, compiler, project};

#[test]
fn mistakes_are_explained() {
    let compiler = compiler();
    match Comparison::chosen(&compiler) {
        Comparison::EveryWord => trybuild::TestCases::new().compile_fail("ui/fail/*/*.rs"),
        Comparison::Sentences => {
            let cases = Case::all();
            println!("comparing our sentences in {} cases with what {compiler} says", cases.len());
            let sentences = Sentences::of_the_sources();
            let answers = project::check(&cases);
            let problems: Vec<String> = cases
                .iter()
                .zip(&answers)
                .flat_map(|(case, answer)| ui_cases::compare(case, answer, &sentences))
                .collect();
            assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
        }
    }
}

/// The README's code is a program that compiles, word for word.
#[test]
fn the_readme_is_what_compiles() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(folder.join("../README.md")).unwrap();
    let compiled = std::fs::read_to_string(folder.join("ui/pass/readme.rs")).unwrap();
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>().join("\n");
    let told: Vec<String> =
        readme.split("```rust\n").skip(1).map(|rest| lines(rest.split("```").next().unwrap())).collect();
    let blocks: Vec<String> = compiled
        .split("// README: ")
        .skip(1)
        .step_by(2)
        .map(|block| lines(block.split_once('\n').unwrap().1))
        .collect();
    assert_eq!(told.len(), 3, "blocks of the README");
    for (told, compiled) in told.iter().zip(&blocks) {
        assert_eq!(told.trim(), compiled.trim());
    }
}

/// Sentences that no program of a user's can show, each with the reason.
const NEVER_SHOWN: &[(&str, &str)] = &[
    ("`{Self}` cannot be the bound of a range", DECODE_TEXT),
    ("no way to read a `{Self}` from PostgreSQL's text", DECODE_TEXT),
    ("a range of a type of one's own needs `DecodeText`; `String` takes any bound as it is", DECODE_TEXT),
    ("not all of this is of `{T}`", PARTS),
    ("expected columns, rows and orders of `{T}`", PARTS),
    ("the result of this function cannot be read", "generated functions give what can be read"),
    ("`{Self}` is not a result", "generated functions give what can be read"),
    (
        "the untyped form is `supabase.rpc((\"name\", arguments))`",
        "`rpc` asks for more than a generated function, and says so",
    ),
    ("its rows cannot be read", "`select` has refused what is no selection"),
    ("a channel is left when its last handle is dropped", SERVICES),
    ("a form does nothing until it is the body of a call", SERVICES),
    ("a part does nothing until it is in a form", SERVICES),
    ("a stream does nothing unless it is polled", SERVICES),
    ("a stream does nothing unless it is read", SERVICES),
    (
        "nothing is received before `.subscribe()` is awaited, or `.stream()` is called and the channel is subscribed",
        SERVICES,
    ),
    ("nothing is sent before `.invoke(..)` is awaited", SERVICES),
    ("nothing is sent before the batch is awaited", SERVICES),
    ("nothing is sent before the broadcast is awaited", SERVICES),
    ("nothing is sent before the upload is awaited", SERVICES),
    ("options do nothing until a client is built with them", SERVICES),
    ("settings do nothing until they are given to a client", SERVICES),
    ("the callback ends when this is dropped", SERVICES),
];
const SERVICES: &str = "no case yet: a builder of auth, storage, functions or realtime that is dropped";
const DECODE_TEXT: &str = "it is the range that a field or column cannot be read into";
const PARTS: &str = "the column, row or order of the other table has a sentence of its own";

#[test]
fn every_sentence_is_shown_by_a_case() {
    let sentences = Sentences::of_the_sources();
    let cases = Case::all();
    let shown: BTreeSet<&str> = cases
        .iter()
        .flat_map(|case| sentences.found_in(&case.expected))
        .filter_map(|found| sentences.written(&found))
        .collect();
    let never: BTreeSet<&str> = NEVER_SHOWN.iter().map(|(message, _)| *message).collect();
    let hidden: BTreeSet<&str> = sentences.all().filter(|message| !shown.contains(message)).collect();
    let forgotten: Vec<&&str> = hidden.difference(&never).collect();
    assert!(forgotten.is_empty(), "no case shows these sentences: {forgotten:#?}");
    let stale: Vec<&&str> = never.difference(&hidden).collect();
    assert!(stale.is_empty(), "these are gone, or shown after all: {stale:#?}");
}
