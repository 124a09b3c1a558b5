//! What no single file can be tested for alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod differential;
mod errors;
mod recorded;
mod rows;
