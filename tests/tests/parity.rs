//! The recorded calls of the official clients, made on our builder: the same requests, errors,
//! results and retries, or a reason.

use supabase_tests::parity;

#[tokio::test]
async fn every_recorded_request_is_sent_or_differs_for_a_reason() {
    let tally = parity::wire::run(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert!(tally.summary.starts_with("wire parity: 357 of 357"), "{}", tally.summary);
}

#[tokio::test]
async fn every_recorded_answer_is_read_or_differs_for_a_reason() {
    let tally = parity::errors::run(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert!(tally.summary.starts_with("errors: 31 of 31"), "{}", tally.summary);
}

#[tokio::test]
async fn every_recorded_request_about_users_is_sent_or_differs_for_a_reason() {
    let tally = parity::auth::run(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert!(tally.summary.starts_with("auth parity: 190 of 190"), "{}", tally.summary);
}

#[tokio::test]
async fn every_recorded_request_about_clients_is_sent_or_differs_for_a_reason() {
    let tally = parity::auth::clients(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert!(tally.summary.starts_with("client parity: 25 of 25"), "{}", tally.summary);
}

#[tokio::test]
async fn every_recorded_answer_about_users_is_read() {
    let tally = parity::auth::errors(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert_eq!(tally.summary, "auth errors: 22 of 22");
}

#[tokio::test]
async fn every_answer_of_a_real_auth_server_is_read() {
    let tally = parity::auth::read(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert!(tally.good >= 300, "{}", tally.summary);
}
