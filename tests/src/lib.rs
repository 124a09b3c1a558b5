//! What the tests of this package share: the generated schemas, and a stack to run against.

/// The generated schema of the quickstart.
#[path = "../../examples/quickstart/db/mod.rs"]
pub mod db;

pub mod stack;
