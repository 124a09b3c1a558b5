//! Exchanges recorded with a real PostgREST 14, told to the builder; then the same against the
//! server that runs here.

use supabase_tests::parity;

#[tokio::test]
async fn every_exchange_is_said_and_its_answer_is_read() {
    let tally = parity::replay::run(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert!(tally.summary.starts_with("exchanges: 1213 of 1213"), "{}", tally.summary);
}

#[tokio::test]
async fn a_running_server_answers_as_recorded() {
    let tally = parity::live::run(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
}
