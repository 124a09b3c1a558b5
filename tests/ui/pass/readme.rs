//! The code of the README, so that it compiles. `the_readme_is_what_compiles` in `tests/ui.rs` holds the two
//! against each other; a block is what stands between its two marks.

#![allow(dead_code, unused_variables, reason = "these are examples")]

use supabase_core::Client;

#[derive(serde::Serialize)]
pub(crate) struct Question {
    name: String,
}

#[derive(serde::Deserialize)]
struct Reply {
    message: String,
}

#[rustfmt::skip]
pub(crate) async fn card() -> Result<(), Box<dyn std::error::Error>> {
    // README: card
    use supabase_core::prelude::*;
    use db::{moons, planets};                        // generated

    select!(struct Card: planets { id, title: name, moons { name, radius_km }, star { name } });

    let supabase = Client::from_env()?;              // or Client::new(url, key)
    let cards: Vec<Card> = supabase
        .from(planets::Table)
        .select(Card::columns())
        .ilike(planets::name, "%ar%")
        .within(planets::rel::moons, |moons| moons.order(moons::radius_km.desc()).limit(3))
        .order(planets::name.desc())
        .await?;
    for card in &cards {
        let star = card.star.as_ref();               // an Option, by the foreign key's nullability
        println!("{}: {:?} {:?}", card.title, star.map(|star| &star.name), card.moons.first().map(|moon| &moon.name));
    }
    // README: end
    Ok(())
}

#[rustfmt::skip]
pub(crate) async fn database(supabase: Client) -> Result<(), Box<dyn std::error::Error>> {
    use db::{countries, functions, instruments, planets};
    use supabase_core::prelude::*;
    // README: database
    // every column, some columns, one row, maybe one row, either condition
    let every: Vec<planets::Row> = supabase.from(planets::Table).select(All).await?;
    let some: Vec<(i64, String)> = supabase.from(planets::Table).select((planets::id, planets::name)).gt(planets::id, 2).await?;
    let earth = supabase.from(planets::Table).select(All).eq(planets::name, "Earth").single().await?;
    let vulcan = supabase.from(planets::Table).select(All).eq(planets::name, "Vulcan").maybe_single().await?;
    let inner = planets::name.eq("Venus") | planets::radius_km.lt(3000.0);
    let found: Vec<i64> = supabase.from(planets::Table).select(planets::id).filter(inner).await?;

    // how many, without the rows
    let counted = supabase.from(planets::Table).select(All).count(Count::Exact).head().execute().await?.count;

    // more rows than one answer may have: page by page, or as they arrive
    let everything = supabase.from(planets::Table).select(All).all().await?;

    // writes
    supabase.from(planets::Table).insert(insert!(planets { name: "Pluto", radius_km: 1188.3 })).await?;
    supabase.from(instruments::Table).update(update!(instruments { name: "piano" })).eq(instruments::id, 1).await?;
    supabase.from(countries::Table).delete().in_(countries::id, [1, 2, 3]).await?;

    // functions of the database; `call!` leaves arguments to their defaults
    let hello: String = supabase.rpc(functions::hello_world {}).await?;
    let moons: i64 = supabase.rpc(call!(functions::count_moons { planet: 5 })).await?;

    // without a schema: the same builder, names as text, any `Deserialize` row
    let rows: Vec<serde_json::Value> = supabase.from("planets").select("id, moons(name)").eq("name", "Earth").await?;
    // README: end
    Ok(())
}

#[rustfmt::skip]
pub(crate) async fn services(supabase: Client, question: Question) -> Result<(), Box<dyn std::error::Error>> {
    use db::planets;
    // README: services
    use std::path::Path;
    use supabase_core::auth::Credentials;
    use supabase_core::realtime::Change;

    supabase.auth().sign_in_with_password(Credentials::email("ada@example.com", "secret")).await?;

    supabase.storage().from("avatars").upload("public/ada.png", Path::new("ada.png")).await?;

    let reply: Reply = supabase.functions().invoke("hello-world").json(&question).await?.json()?;
    let mut events = supabase.functions().invoke("count").stream().await?.events();
    while let Some(event) = events.next().await {
        println!("{}", event?.data);
    }

    let mut changes = supabase.channel("room").on_changes(planets::Table).subscribe().await?;
    while let Some(change) = changes.next().await {
        match change? {
            Change::Insert { new, .. } => println!("{} was discovered", new.name),
            other => println!("{other:?}"),
        }
    }
    // README: end
    Ok(())
}
