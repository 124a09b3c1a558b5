//! What a query costs before I/O, in allocations: a count, so it is the same on every machine.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use supabase_core::prelude::*;
use supabase_tests::db::planets;

fn allocations<T>(work: impl FnOnce() -> T) -> u64 {
    allocation_counter::measure(|| {
        let kept = work();
        drop(kept);
    })
    .count_total
}

#[test]
fn a_query_of_four_columns_three_filters_and_an_order() {
    let supabase = Client::new("http://127.0.0.1:1", "key").unwrap();
    let build = || {
        supabase
            .from(planets::Table)
            .select((planets::id, planets::name, planets::radius_km, planets::star_id))
            .gt(planets::id, 2)
            .ilike(planets::name, "%ea%")
            .eq(planets::has_rings, false)
            .order(planets::name.desc())
    };
    let plan = allocations(build);
    let request = allocations(|| build().to_request().unwrap());
    println!("allocations: {plan} for the query, {request} up to the finished request with its headers");
    assert!(plan <= 4, "{plan} allocations for a simple select; the budget is 4");
}
