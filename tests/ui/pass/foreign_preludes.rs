//! The preludes of other crates stand beside ours. One name is in two of them: `any`, which is
//! imported by name.

#![allow(unused_imports, reason = "the point is that they are in scope")]

use axum::extract::*;
use axum::routing::*;
use db::{moons, planets};
use futures::prelude::*;
use proptest::prelude::*;
use supabase_core::any;
use supabase_core::prelude::*;
use tokio::io::*;

select!(struct Card: planets { id, title: name, moons { name }, star { name } });

#[derive(Row)]
#[row(moons)]
#[allow(dead_code, reason = "no row is read here")]
struct Moon {
    name: String,
    radius_km: Option<f64>,
}

#[test]
fn a_query_is_written_as_ever() -> supabase_core::Result<()> {
    let supabase = Client::new("http://localhost:1", "key")?;
    let request = supabase
        .from(planets::Table)
        .select(Card::columns())
        .filter(any([planets::id.eq(2), all([planets::name.eq("Mars"), not(planets::radius_km.gt(9000.0))])]))
        .filter(filter!(planets: contains(tags, ["hot"]) or is_null(facts -> "day_h")))
        .within(planets::rel::moons, |moons| moons.ilike(moons::name, "%a%").limit(3))
        .order(order!(planets: name desc nulls first, id))
        .limit(10)
        .to_request()?;
    assert!(
        request.target.contains("or=(id.eq.2,and(name.eq.%22Mars%22,radius_km.not.gt.9000))"),
        "{}",
        request.target
    );

    let request = supabase.from(moons::Table).select(Moon::columns()).to_request()?;
    assert!(request.target.contains("select=name,radius_km"), "{}", request.target);

    let request = supabase
        .from(moons::Table)
        .insert(insert!(moons { name: "Luna", planet_id: 3, radius_km: None }))
        .to_request()?;
    assert!(request.target.contains("/moons"), "{}", request.target);
    let request = supabase.from(moons::Table).update(update!(moons { name: "Luna" })).eq(moons::id, 1).to_request()?;
    assert!(request.target.contains("id=eq.1"), "{}", request.target);
    Ok(())
}

/// With the combinators of other crates on our futures.
#[allow(dead_code, reason = "it has to compile, and would need a server to run")]
async fn futures_are_futures(supabase: Client) {
    let names = supabase.from(planets::Table).select(planets::name).send().map_ok(|names| names.len());
    let gone = supabase.from(planets::Table).delete().eq(planets::id, 3).map(|answer| answer.is_ok());
    let _ = futures::future::join(names, gone).await;
}
