//! What requests and answers cost: the cases, and the clients that they are put to.
//!
//! - [`build`]: requests, from the first call of a client to a finished `reqwest::Request`.
//! - [`decode`]: answers, from bytes to rows.
//! - [`stream`]: an answer of a million rows, and what memory it takes.
//!
//! The programs in `bin` measure one thing each and print plain lines; `cargo xtask bench` runs them
//! and holds the figures against the bars.

pub mod build;
pub mod decode;
pub mod stream;

/// The generated schema of the quickstart, which the cases are about.
#[allow(missing_docs, reason = "some generated items have none")]
#[rustfmt::skip]
#[path = "../../examples/quickstart/db/mod.rs"]
pub mod db;

/// Measures a piece of work, apart from what it needs beforehand, and hands on what it makes so that
/// dropping it is not measured.
pub trait Meter {
    /// Does the work, at least once.
    fn measure<I, R>(&mut self, prepare: impl Fn() -> I, work: impl Fn(I) -> R) -> R;
}

/// Measures nothing.
#[derive(Debug)]
pub struct Unmeasured;

impl Meter for Unmeasured {
    fn measure<I, R>(&mut self, prepare: impl Fn() -> I, work: impl Fn(I) -> R) -> R {
        work(prepare())
    }
}

/// Does the work in a function whose name callgrind is told to collect in, after doing it once
/// elsewhere, so that what is made once in a process is there.
#[derive(Debug)]
pub struct Collected;

impl Meter for Collected {
    fn measure<I, R>(&mut self, prepare: impl Fn() -> I, work: impl Fn(I) -> R) -> R {
        drop(work(prepare()));
        let input = prepare();
        collected(|| work(input))
    }
}

#[inline(never)]
fn collected<R>(work: impl FnOnce() -> R) -> R {
    std::hint::black_box(work())
}
