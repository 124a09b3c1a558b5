//! Proof that what is written is what the server sees.
//!
//! - `wire`: every recorded call of the official clients, made on our builder, sends the same
//!   request; where theirs is wrong, the reason is printed.
//! - `errors`: their canned answers become our errors, results and retries.
//! - `functions`, `realtime`: the same for Edge Functions, for broadcasts over HTTP and for the
//!   conversations over a socket, in both versions of its protocol.
//! - `auth`: the same for the groups about users and about clients themselves.
//! - `exchange`, `replay`: every recorded exchange with a real PostgREST is told to the builder,
//!   sends the recorded request, and reads the recorded answer; and the same against a running
//!   server.
//! - `storage`: the same for the storage service.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test: it fails by panicking")]

pub mod auth;
pub mod call;
pub mod divergence;
pub mod errors;
pub mod exchange;
mod filters;
pub mod functions;
pub mod live;
pub mod normal;
pub mod prepared;
pub mod realtime;
pub mod replay;
pub mod storage;
pub mod value;
pub mod wire;

use std::path::{Path, PathBuf};

/// The recorded vectors of this repository.
#[must_use]
pub fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// The lines of a file as values.
///
/// # Panics
/// Panics when the file cannot be read, naming it and the line.
#[must_use]
pub fn lines<L: serde::de::DeserializeOwned>(file: &Path) -> Vec<L> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{}:{}: {error}", file.display(), at + 1))
        })
        .collect()
}

/// What a part of the run came to.
#[derive(Debug, Default)]
pub struct Tally {
    /// What is printed for each line that is not simply equal.
    pub notes: Vec<String>,
    /// What failed.
    pub failures: Vec<String>,
    /// The closing line: `wire parity: 357 of 357`.
    pub summary: String,
    /// How many lines came out as they should, for the sum of all parts.
    pub good: usize,
    /// How many lines there were.
    pub all: usize,
}

impl Tally {
    /// Prints the notes, the failures and the summary.
    pub fn print(&self) {
        for note in &self.notes {
            println!("  {note}");
        }
        for failure in &self.failures {
            println!("  FAILED {failure}");
        }
        println!("{}", self.summary);
    }
}

/// The line below all parts: their sum, and how many of them failed.
#[must_use]
pub fn closing(tallies: &[Tally]) -> String {
    let good: usize = tallies.iter().map(|tally| tally.good).sum();
    let all: usize = tallies.iter().map(|tally| tally.all).sum();
    let failures: usize = tallies.iter().map(|tally| tally.failures.len()).sum();
    let mut line = format!("parity: {good} of {all} lines in {} parts", tallies.len());
    if failures > 0 {
        line.push_str(&format!(", {failures} failures"));
    }
    line
}
