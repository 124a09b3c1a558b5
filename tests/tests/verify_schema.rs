//! `client.verify_schema`: the fingerprint in generated code against what a real server says of itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test: it fails by panicking")]

use supabase_core::Client;
use supabase_core::database::SchemaDifference;
use supabase_local::Stack;
use supabase_tests::db as quickstart;
use supabase_tests::fuzz::db;
use supabase_tests::stack::QUICKSTART;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_has_what_was_generated() {
    let stack = QUICKSTART.get().await.unwrap();
    let client = Client::new(stack.url(), stack.service_key()).unwrap();
    let check = client.verify_schema(&quickstart::SCHEMA).await.unwrap();
    assert!(check.is_current() && check.differences.is_empty(), "{check:?}");
    assert_eq!(check.found, quickstart::SCHEMA.fingerprint);
    assert!(quickstart::SCHEMA.tables.len() > 15);

    // The same code against a server that has gone on.
    let schema = std::fs::read_to_string(supabase_tests::parity::vectors().join("fuzz/schema.sql")).unwrap();
    let later = "alter table specimens drop column c_uuid; alter table specimens alter c_int4 type bigint;
                 alter table specimens alter c_text set not null; alter table specimens add column novel text;
                 drop table written;";
    let stack = Stack::builder().sql(format!("{schema}\n{later}")).start().await.unwrap();
    let client = Client::new(stack.url(), stack.service_key()).unwrap();
    let check = client.verify_schema(&db::SCHEMA).await.unwrap();
    assert!(!check.is_current());
    let told: Vec<String> = check.differences.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "column `public.specimens.c_text` is NOT NULL now",
            "column `public.specimens.c_int4` changed from integer to bigint",
            "column `public.specimens.c_uuid` is gone",
            "the table `public.written` is gone, or this key may not see it",
        ]
    );
    assert!(matches!(&check.differences[3], SchemaDifference::Table { table } if table == "public.written"));
    stack.stop().await.unwrap();
}
