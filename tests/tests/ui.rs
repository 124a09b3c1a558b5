//! Compile errors as a product: `ui/fail` holds programs that must not compile, one rule per file,
//! with everything that the compiler says beside them; `ui/pass` holds programs that must.
//!
//! On the compiler that `ui/BLESSED` names, every word is compared (trybuild). The words of another
//! compiler around our sentences differ, so there the sentences alone are compared: every message,
//! label and note that our traits and macros carry, case by case. `UI_COMPARE=sentences` asks for
//! that on any compiler. Nothing is ever skipped. `ui/README.md` says how to add a case.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

// Programs that are compiled and never run.
#[allow(unused_must_use, non_upper_case_globals, reason = "what they make is not sent, and their names are hostile on purpose")]
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

/// Sentences that no program of a user's can show, each with the reason.
const NEVER_SHOWN: &[(&str, &str)] = &[];

#[test]
fn every_sentence_is_shown_by_a_case() {
    let sentences = Sentences::of_the_sources();
    let shown: BTreeSet<usize> =
        Case::all().iter().flat_map(|case| sentences.found_in(&case.expected)).map(|found| found.template).collect();
    let hidden: Vec<&str> = sentences
        .messages()
        .filter(|(index, message)| {
            !shown.contains(index) && !NEVER_SHOWN.iter().any(|(never, _)| message.starts_with(never))
        })
        .map(|(_, message)| message)
        .collect();
    assert!(hidden.is_empty(), "no case shows these sentences:\n{}", hidden.join("\n"));
    let stale: Vec<&&str> = NEVER_SHOWN
        .iter()
        .map(|(never, _)| never)
        .filter(|never| sentences.messages().all(|(index, message)| !message.starts_with(**never) || shown.contains(&index)))
        .collect();
    assert!(stale.is_empty(), "these are gone or shown after all: {stale:?}");
}
