//! What was recorded of the official clients' realtime: conversations in both versions of the protocol, and
//! broadcasts over HTTP.

use supabase_tests::parity;

#[tokio::test]
async fn conversations_are_those_of_the_official_clients() {
    let tally = parity::realtime::conversations(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert_eq!((tally.good, tally.all), (159, 159));
}

#[tokio::test]
async fn broadcasts_over_http_are_those_of_the_official_clients() {
    let tally = parity::realtime::run(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert_eq!((tally.good, tally.all), (3, 3));
}
