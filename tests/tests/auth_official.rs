//! The official clients run their flows against the auth service of the local stack; see
//! [`supabase_tests::official`] for where they come from.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use supabase_local::Stack;
use supabase_tests::official::flow;

#[tokio::test]
async fn supabase_py_signs_in() {
    let stack = Stack::start().await.unwrap();
    flow("supabase_py_signs_in", "auth.py", &stack).await;
    stack.stop().await.unwrap();
}

#[tokio::test]
async fn supabase_js_signs_in() {
    let stack = Stack::start().await.unwrap();
    flow("supabase_js_signs_in", "auth.mjs", &stack).await;
    stack.stop().await.unwrap();
}
