//! Reading at scale: streams, pages past the server's cap, long lists, time limits, repeats.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod limits;
mod pages;
mod repeats;
mod streams;
mod urls;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use http::StatusCode;
use supabase_core::prelude::*;
use supabase_core::transport::{BoxFuture, Http, HttpRequest, HttpResponse, Recording, Reply, RetryPolicy, Transport};
use supabase_core::types::JsonValue;
use supabase_core::{Client, Error, ErrorKind};
use supabase_local::Database;
use supabase_tests::db::{big_planets, countries, employees, functions, members, moons, planets, stars, users};
use supabase_tests::server::{CHUNKED, Server};
use supabase_tests::stack::QUICKSTART;

const CAP: u64 = 5;

/// A database of its own whose server gives five rows at most.
async fn capped() -> Database {
    let stack = QUICKSTART.get().await.unwrap();
    stack.database_with(stack.rest_settings().clone().max_rows(5)).await.unwrap()
}

/// The real transport, which keeps what is asked.
#[derive(Clone, Default)]
struct Watched {
    http: Http,
    seen: Arc<Mutex<Vec<(http::Method, String)>>>,
}

impl Transport for Watched {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Error>> {
        self.seen.lock().unwrap().push((request.method.clone(), request.url.clone()));
        self.http.send(request)
    }
}

impl Watched {
    /// What was asked since the last time, without the project's URL.
    fn take(&self) -> Vec<String> {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        seen.into_iter().map(|(method, url)| format!("{method} {}", url.split_once("/rest/v1").unwrap().1)).collect()
    }
}

fn watched(database: &Database, url_limit: usize) -> (Client, Watched) {
    let transport = Watched::default();
    let supabase = Client::builder(database.url(), database.service_key())
        .transport(transport.clone())
        .url_limit(url_limit)
        .build()
        .unwrap();
    (supabase, transport)
}

fn recorded(replies: impl IntoIterator<Item = Reply>) -> (Client, Recording) {
    let recording = Recording::new(replies);
    let retry = RetryPolicy::none();
    let builder = Client::builder("https://example.supabase.co", "key").transport(recording.clone()).retry(retry);
    (builder.build().unwrap(), recording)
}

fn json(body: &str) -> Reply {
    Reply::json(StatusCode::OK, body)
}

/// The rows and the error of a stream.
async fn streamed(supabase: &Client) -> (Vec<(i64, String)>, Option<Error>) {
    let mut rows = supabase.from(moons::Table).select((moons::id, moons::name)).stream();
    let mut good = Vec::new();
    let mut error = None;
    while let Some(row) = rows.next().await {
        match row {
            Ok(row) => good.push(row),
            Err(found) => assert!(error.replace(found).is_none(), "an error ends a stream"),
        }
    }
    (good, error)
}
