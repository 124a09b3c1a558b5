//! Random filters, trees and rows through the client against a real server, compared with SQL.
//!
//! `FUZZ_CASES` and `FUZZ_SEED` make a longer or another run; `cargo run -p supabase-tests --bin fuzz`
//! repeats a single case.

#![allow(clippy::panic, reason = "a test fails by panicking")]

use supabase_tests::fuzz::{Options, run};

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_selects_what_sql_selects() {
    let mut options = Options::default();
    options.cases = number("FUZZ_CASES").unwrap_or(options.cases);
    options.seed = number("FUZZ_SEED").unwrap_or(options.seed);
    println!("seed {}, {} cases", options.seed, options.cases);
    let report = run(&options).await;
    println!("seed {}: {report}", options.seed);
    assert!(report.failures.is_empty(), "seed {}: {:#?}", options.seed, report.failures);
    let judged = report.equal + report.refused + report.rows;
    assert_eq!(judged, options.cases, "every case is judged");
    assert!(report.selecting * 2 > report.equal, "most cases select something: {report}");
    // An operator that the server and SQL refuse alike is one that a column should not have.
    assert!(report.refused_by_both * 1000 < options.cases, "few cases are no SQL: {report}");
    assert!(report.refused * 20 < options.cases, "few cases are refused: {report}");
}
