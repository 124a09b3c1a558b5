//! Storage as an application meets it, against the local stack: what was stored comes back, whoever may not does not,
//! every key works, and what breaks goes on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
mod faults;
mod keys;
mod life;
mod restart;
mod sizes;
