//! Replays what the official clients sent and what real servers answered through our client, and what a real storage
//! server answered against the local stack's.
//!
//! `cargo xtask parity [--vectors DIR]` runs it; `--live` adds the exchanges with PostgREST against a server that is
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
    // One part a line, so that parts can be added without touching each other.
    let mut tallies = vec![
        parity::wire::run(&folder).await,         // database: what the official clients sent
        parity::errors::run(&folder).await,       // database: what they made of canned answers
        parity::replay::run(&folder).await,       // database: what a real PostgREST was asked and said
        parity::functions::run(&folder).await,    // functions: what the official clients sent
        parity::functions::errors(&folder).await, // functions: what they made of canned answers
        parity::realtime::run(&folder).await,     // realtime: broadcasts over HTTP
        parity::realtime::conversations(&folder).await, // realtime: both directions of the socket
        parity::auth::run(&folder).await,         // auth: what the official clients sent
        parity::auth::clients(&folder).await,     // clients themselves: keys, tokens, settings
        parity::auth::errors(&folder).await,      // auth: what they made of canned answers
        parity::auth::read(&folder).await,        // auth: what a real server answered
        parity::auth::stand_in(&folder).await,    // auth: the same asked of the local stack
        parity::storage::wire::run(&folder).await, // storage: what the official clients sent
        parity::storage::tus::run(&folder).await, // storage: what a client of the resumable protocol sent
        parity::storage::errors::run(&folder).await, // storage: what they made of canned answers
        parity::storage::through::run(&folder).await, // storage: what a real server was asked and said
        parity::storage::exchange::run(&folder).await, // storage: the same against the local stack
    ];
    if live {
        tallies.push(parity::live::run(&folder).await);
    }
    for tally in &tallies {
        tally.print();
    }
    println!("{}", parity::closing(&tallies));
    if tallies.iter().any(|tally| !tally.failures.is_empty()) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn usage() -> ExitCode {
    eprintln!("usage: parity [--vectors DIR] [--live]");
    ExitCode::FAILURE
}
