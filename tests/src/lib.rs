//! What the tests of this package share: the generated schemas, and a stack to run against.

#![allow(clippy::wrong_self_convention, reason = "`is_null` and its like are filters, as in SQL")]
#![allow(
    clippy::double_must_use,
    clippy::should_implement_trait,
    reason = "helpers of tests are named for what they give"
)]
#![allow(clippy::type_complexity, reason = "types of tests are read once")]

/// The generated schema of the quickstart.
#[rustfmt::skip]
#[path = "../../examples/quickstart/db/mod.rs"]
pub mod db;

/// The generated schema of the recorded exchanges: every type, odd names, two schemas.
#[rustfmt::skip]
#[path = "../../codegen/tests/generated/planets/mod.rs"]
pub mod recorded;

pub mod breaker;
pub mod server;
pub mod stack;

pub mod fuzz;
pub mod official;
pub mod parity;
