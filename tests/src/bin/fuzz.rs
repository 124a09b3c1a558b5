//! Random filters, trees and rows against a real server and SQL.
//!
//! `cargo run -p supabase-tests --bin fuzz -- --cases 100000 --seed 7`; `--only N` repeats one case of
//! a seed.

use std::process::ExitCode;

use supabase_tests::fuzz::{Options, run};

#[tokio::main]
async fn main() -> ExitCode {
    let mut options = Options::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let number = arguments.next().and_then(|number| number.parse::<u64>().ok());
        match (argument.as_str(), number) {
            ("--cases", Some(cases)) => options.cases = cases,
            ("--seed", Some(seed)) => options.seed = seed,
            ("--only", Some(case)) => options.only = Some(case),
            ("--parallel", Some(parallel)) => options.parallel = parallel as usize,
            _ => {
                eprintln!("usage: fuzz [--cases N] [--seed S] [--only CASE] [--parallel N]");
                return ExitCode::FAILURE;
            }
        }
    }
    println!("seed {}", options.seed);
    let report = run(&options).await;
    for failure in report.failures.iter().take(100) {
        println!("{failure}");
    }
    println!("seed {}: {report}", options.seed);
    if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
