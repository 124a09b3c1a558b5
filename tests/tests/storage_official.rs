//! Clients that we did not write run their flows against the storage service of the local stack: the official ones, and
//! two of the resumable protocol; see [`supabase_tests::official`] for where they come from.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use supabase_local::{SharedStack, Stack};
use supabase_tests::official::flow;

static STACK: SharedStack = SharedStack::new(Stack::builder);

async fn against_a_database(test: &str, script: &str) {
    let database = STACK.get().await.unwrap().database().await.unwrap();
    flow(test, script, &database).await;
    database.stop().await.unwrap();
}

#[tokio::test]
async fn supabase_py_stores_objects() {
    against_a_database("supabase_py_stores_objects", "storage.py").await;
}

#[tokio::test]
async fn supabase_js_stores_objects() {
    against_a_database("supabase_js_stores_objects", "storage.mjs").await;
}

#[tokio::test]
async fn tuspy_uploads_in_chunks() {
    against_a_database("tuspy_uploads_in_chunks", "tus.py").await;
}

#[tokio::test]
async fn tus_js_client_uploads_in_chunks() {
    against_a_database("tus_js_client_uploads_in_chunks", "tus.mjs").await;
}
