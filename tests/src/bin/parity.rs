//! Replays what the official clients sent and what a real PostgREST answered through our client.
//!
//! `cargo xtask parity [--vectors DIR]` runs it; `--live` adds the exchanges against a server that is
//! started for them.

use std::path::PathBuf;
use std::process::ExitCode;

use supabase_tests::parity;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut folder = parity::vectors();
    let mut live = false;
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), argument.strip_prefix("--vectors=")) {
            ("--live", _) => live = true,
            ("--vectors", _) => match arguments.next() {
                Some(path) => folder = PathBuf::from(path),
                None => return usage(),
            },
            (_, Some(path)) => folder = PathBuf::from(path),
            _ => return usage(),
        }
    }
    let mut failed = false;
    let mut tallies =
        vec![parity::wire::run(&folder).await, parity::errors::run(&folder).await, parity::replay::run(&folder).await];
    if live {
        tallies.push(parity::live::run(&folder).await);
    }
    for tally in tallies {
        tally.print();
        failed |= !tally.failures.is_empty();
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn usage() -> ExitCode {
    eprintln!("usage: parity [--vectors DIR] [--live]");
    ExitCode::FAILURE
}
