//! `call!`.

use supabase_core::prelude::*;

use crate::client;
use crate::schema::{self as db, functions};

#[test]
fn a_call_passes_the_arguments_that_it_names() {
    let body = |request: supabase_core::query::Request| String::from_utf8(request.body.unwrap().to_vec()).unwrap();
    let call = client().rpc(call!(functions::count_moons { planet: 3 }));
    assert_eq!(body(call.to_request().unwrap()), r#"{"planet":3}"#);
    let larger_than = 1000.5;
    let call = client().rpc(call!(db::functions::count_moons { larger_than, planet: 3_i64 }));
    assert_eq!(body(call.to_request().unwrap()), r#"{"planet":3,"larger_than":1000.5}"#);
    assert_eq!(body(client().rpc(call!(functions::hello_world)).to_request().unwrap()), "{}");
    assert_eq!(body(client().rpc(call!(functions::hello_world {})).to_request().unwrap()), "{}");
}
