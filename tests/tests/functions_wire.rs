//! The recorded calls of Edge Functions, and what the official clients made of their answers.

use supabase_tests::parity;

#[tokio::test]
async fn calls_are_those_of_the_official_clients() {
    let tally = parity::functions::run(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert_eq!(tally.summary, "functions: 17 of 17 (9 equal, 8 differ for a reason)");
}

#[tokio::test]
async fn errors_keep_what_the_official_clients_keep() {
    let tally = parity::functions::errors(&parity::vectors()).await;
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert_eq!(tally.summary, "functions' errors: 6 of 6 (4 equal, 2 differ for a reason)");
}
