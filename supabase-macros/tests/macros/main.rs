//! The macros against the real `supabase-core` and a schema as the generator writes it: what they
//! expand to compiles without a warning, sends what it should and reads what comes back.

#![deny(warnings, missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod call;
mod filter;
mod order;
mod row;
#[allow(
    non_camel_case_types,
    non_upper_case_globals,
    non_snake_case,
    unused_imports,
    dead_code,
    unreachable_pub,
    clippy::all,
    reason = "as the generator has it at the root of a schema"
)]
mod schema;
mod select;
mod value;
mod values;

use supabase_core::Client;
use supabase_core::decode::decode_row;
use supabase_core::query::{Columns, Request};
use supabase_core::schema::{FromRow, RowOf, Table};

/// A client that is never asked to send anything.
fn client() -> Client {
    Client::new("http://localhost:1", "key").unwrap()
}

/// The parameters of a request, decoded, one a line.
fn parameters(request: &Request) -> Vec<String> {
    let (_, query) = request.target.split_once('?').unwrap_or(("", ""));
    query.split('&').map(decoded).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The select list that a row asks for.
fn select_list<T: Table, R: FromRow>(table: T, columns: Columns<R>) -> String
where
    R::Table: RowOf<T, R>,
{
    let request = client().from(table).select(columns).to_request().unwrap();
    parameters(&request)[0].strip_prefix("select=").unwrap().to_owned()
}

/// One row, as the server would answer it.
fn read<R: FromRow>(_columns: Columns<R>, json: &str) -> R {
    decode_row(json.as_bytes(), R::decode).unwrap()
}
