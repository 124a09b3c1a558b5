//! The Supabase client in which **the database schema is part of the type system**.
//!
//! A generator reads a project's PostgreSQL and writes one module per table. With those modules the
//! compiler checks every column, operator, value, embedded relation, insert and function call; this
//! crate sends the requests to PostgREST and reads the answers into typed rows.
//!
//! - [`Client`] is where everything starts: [`Client::from`] for tables, [`Client::rpc`] for
//!   functions of the database.
//! - [`Client::storage`] for buckets and the objects in them.
//! - [`prelude`] has what application code wants in scope.
//! - [`schema`] is the contract that generated code fulfils, with the operators and values of every
//!   SQL type.
//! - [`query`] is pure: conditions, orders, selections, and the finished request.
//! - [`functions`] calls Edge Functions; [`realtime`] has broadcast, presence, row changes and live
//!   queries.
//! - [`transport`] is how requests leave; [`transport::Recording`] is its double for tests.
//! - [`Error`] has a [`kind`](Error::kind) to match on and keeps what the server said.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![allow(clippy::manual_async_fn, reason = "signatures promise `Send + 'static`, which `async fn` cannot")]
#![allow(clippy::wrong_self_convention, reason = "`is_null` and its like make conditions of columns, as in SQL")]

pub mod decode;
pub mod query;
pub mod schema;
pub mod types;

#[cfg(feature = "client")]
pub mod auth;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod config;
#[cfg(feature = "client")]
pub mod database;
#[cfg(feature = "client")]
mod error;
#[cfg(feature = "functions")]
pub mod functions;
#[cfg(feature = "client")]
mod next;
#[cfg(feature = "realtime")]
pub mod realtime;
#[cfg(feature = "storage")]
pub mod storage;
#[cfg(feature = "client")]
mod token;
#[cfg(feature = "client")]
mod trace;
#[cfg(feature = "client")]
pub mod transport;

#[doc(hidden)]
pub mod __private;
pub mod prelude;

#[cfg(feature = "client")]
pub use client::Client;
#[cfg(feature = "client")]
pub use config::ClientBuilder;
#[cfg(feature = "client")]
pub use error::{Error, ErrorBody, ErrorKind, Result};
/// The vocabulary of methods, headers and statuses that stands in signatures here.
#[cfg(feature = "client")]
pub use http;
pub use query::{all, any, not};
#[cfg(feature = "macros")]
pub use supabase_macros::{Row, Value, call, filter, insert, order, select, update};

/// Declares which version of the contract a generated file was written for. Used by generated code.
///
/// A generator of another version gives one error that names both and the command to run.
#[macro_export]
macro_rules! contract {
    (1) => {};
    ($other:literal) => {
        ::core::compile_error!(::core::concat!(
            "this generated schema was written for contract ",
            ::core::stringify!($other),
            ", but supabase-core implements contract 1: run the generator of the same release again (`supabase-codegen`)"
        ));
    };
}
