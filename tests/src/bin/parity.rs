//! Replays what the official clients sent and what a real PostgREST answered through our client.
//!
//! `cargo xtask parity [--vectors DIR]` runs it.

use std::path::PathBuf;
use std::process::ExitCode;

use supabase_tests::parity;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut folder = parity::vectors();
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), argument.strip_prefix("--vectors=")) {
            ("--vectors", _) => match arguments.next() {
                Some(path) => folder = PathBuf::from(path),
                None => return usage(),
            },
            (_, Some(path)) => folder = PathBuf::from(path),
            _ => return usage(),
        }
    }
    let mut failed = false;
    for tally in
        [parity::wire::run(&folder).await, parity::errors::run(&folder).await, parity::replay::run(&folder).await]
    {
        tally.print();
        failed |= !tally.failures.is_empty();
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn usage() -> ExitCode {
    eprintln!("usage: parity [--vectors DIR]");
    ExitCode::FAILURE
}
