//! What a real auth server was asked and answered, asked of the local stack.

use supabase_tests::parity;

#[tokio::test]
async fn the_stand_in_answers_as_the_recorded_server_did() {
    let tally = parity::auth::stand_in(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{} differ:\n{}", tally.failures.len(), tally.failures.join("\n"));
    assert!(tally.good >= 200, "{}", tally.summary);
}
