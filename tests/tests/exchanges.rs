//! Exchanges recorded with a real PostgREST 14, told to the builder; then the same against the
//! server that runs here.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use supabase_tests::parity;

#[tokio::test]
async fn every_exchange_is_said_and_its_answer_is_read() {
    let tally = parity::replay::run(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert!(tally.summary.starts_with("exchanges: 1211 of 1211"), "{}", tally.summary);
}

#[tokio::test]
async fn a_running_server_answers_as_recorded() {
    let tally = parity::live::run(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
}

#[tokio::test]
async fn maybe_one_row_of_a_function_is_the_row_itself_or_null() {
    use supabase_core::Client;
    use supabase_core::transport::{Recording, Reply};
    for (answer, found) in [("{\"id\":4}", Some(4)), ("null", None), ("[]", None), ("[{\"id\":4}]", Some(4))] {
        let recording = Recording::new([Reply::json(http::StatusCode::OK, answer)]);
        let client = Client::builder("http://replay.invalid", "key").transport(recording).build().unwrap();
        let row: Option<serde_json::Value> = client.rpc("planet_by_name").maybe_single().await.unwrap();
        assert_eq!(row.map(|row| row["id"].as_i64().unwrap()), found, "{answer}");
    }
}
