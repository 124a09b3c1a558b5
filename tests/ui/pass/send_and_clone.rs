//! Builders and futures are `Send + 'static`, so that they can be spawned; reads are `Clone`.

#![allow(dead_code, reason = "the proofs are the bounds")]

use std::future::{Future, IntoFuture};

use db::{functions, moons, planets};
use supabase_core::prelude::*;

select!(struct Card: planets { id, moons { name } });

fn movable<T: Send + 'static>(_: T) {}

/// A builder that is awaited, and the future that it turns into.
fn awaited<B: IntoFuture<IntoFuture: Send + 'static> + Send + 'static>(builder: B) {
    movable(builder.into_future());
}

fn sent<F: Future<Output: Send> + Send + 'static>(future: F) {
    movable(future);
}

fn repeated<B: Clone + Send + 'static>(builder: &B) -> B {
    builder.clone()
}

fn reads(supabase: &Client) {
    let read = supabase.from(planets::Table).select(All).eq(planets::id, 1).order(planets::id);
    awaited(repeated(&read));
    sent(read.clone().send());
    sent(read.clone().execute());
    awaited(repeated(&read.clone().single()));
    awaited(repeated(&read.clone().maybe_single()));
    awaited(repeated(&read.clone().csv()));
    awaited(repeated(&read.clone().explain(Explain::default())));
    awaited(repeated(&read.clone().count(Count::Exact).head()));
    movable(read.clone().pages(100));
    movable(read.clone().pages(100).rows());
    movable(read.clone().stream());
    sent(read.all());

    awaited(repeated(&supabase.from(planets::Table).select((planets::id, planets::name))));
    awaited(repeated(&supabase.from(planets::Table).select(planets::name)));
    let cards = supabase
        .from(planets::Table)
        .select(Card::columns())
        .within(planets::rel::moons, |moons| moons.limit(1))
        .having(planets::rel::moons, |moons| moons.gt(moons::radius_km, 1.0));
    awaited(repeated(&cards));
    awaited(repeated(&supabase.from("planets").select::<serde_json::Value>("id").eq("id", 1)));
}

fn writes(supabase: &Client) {
    let row = insert!(planets { name: "Pluto", radius_km: 1188.3 });
    movable(row.clone());
    let insert = || supabase.from(planets::Table).insert(row.clone());
    awaited(insert());
    sent(insert().send());
    sent(insert().execute());
    awaited(insert().select(All));
    awaited(insert().select(All).single());
    awaited(supabase.from(planets::Table).insert_many([row.clone()]));
    awaited(supabase.from(planets::Table).upsert(row.clone()).on_conflict(planets::unique::id).select(planets::id));
    awaited(supabase.from(planets::Table).upsert_many([row.clone()]));

    let update = || supabase.from(planets::Table).update(update!(planets { name: "Pluto" }));
    movable(update());
    awaited(update().eq(planets::id, 1));
    sent(update().every_row());
    sent(update().eq(planets::id, 1).send());
    sent(update().eq(planets::id, 1).execute());
    awaited(update().eq(planets::id, 1).select(All).maybe_single());

    let delete = || supabase.from(planets::Table).delete();
    movable(delete());
    awaited(delete().eq(planets::id, 1));
    sent(delete().every_row());
    sent(delete().eq(planets::id, 1).send());
    sent(delete().eq(planets::id, 1).select(Card::columns()).execute());
    awaited(supabase.from("planets").delete().eq("id", 1));
}

fn calls(supabase: &Client) {
    awaited(repeated(&supabase.rpc(functions::hello_world {})));
    awaited(repeated(&supabase.rpc(functions::search_planets { query: "ea" }).gt(planets::id, 2)));
    awaited(supabase.rpc(functions::search_planets { query: "ea" }).select(Card::columns()));
    sent(supabase.rpc(call!(functions::count_moons { planet: 3 })).send());
    sent(supabase.rpc(functions::close_issue { issue: 2 }).execute());
}

fn parts(supabase: &Client) {
    movable(supabase.clone());
    movable(supabase.from(planets::Table));
    movable(planets::id.eq(1));
    movable(any([planets::id.eq(1)]));
    movable(planets::id.desc());
    movable(planets::facts.json_text("day_h"));
    movable(Card::columns());
    movable(planets::Insert::new("Pluto", 1188.3));
    movable(functions::search_planets { query: "ea" });
}

#[test]
fn a_client_and_its_queries_move_between_threads() -> Result<(), Box<dyn std::error::Error>> {
    let supabase = Client::new("http://localhost:1", "key")?;
    let query = supabase.from(planets::Table).select(All).eq(planets::id, 1);
    let here = query.to_request()?;
    let there = std::thread::spawn(move || query.to_request()).join().map_err(|_| "the thread panicked")??;
    assert_eq!(here, there);
    Ok(())
}
