//! The stack that live tests run against: one in this process, or a real project named by the
//! environment.

use supabase_core::Client;
use supabase_local::{Database, SharedStack, Stack};

/// A stack with the quickstart's schema and rows, shared by every test of one program. Tests that
/// write take a database of their own.
pub static QUICKSTART: SharedStack = SharedStack::new(|| Stack::builder().migrations(quickstart()));

/// A stack with the schema and rows of the recorded exchanges, shared by every test of one program.
pub static RECORDED: SharedStack = SharedStack::new(|| {
    Stack::builder()
        .bare()
        .schemas(["public", "inventory"])
        .migrations(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/postgrest"))
});

/// The quickstart's migrations.
#[must_use]
pub fn quickstart() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/quickstart/migrations")
}

/// A client for the anonymous role.
///
/// # Errors
/// Fails when the database's URL or key cannot be used.
pub fn anon(database: &Database) -> supabase_core::Result<Client> {
    Client::new(database.url(), database.anon_key())
}

/// A client for the service role, which row level security does not bind.
///
/// # Errors
/// Fails when the database's URL or key cannot be used.
pub fn service(database: &Database) -> supabase_core::Result<Client> {
    Client::new(database.url(), database.service_key())
}
