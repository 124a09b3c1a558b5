//! A tour of the database: typed rows, embedded relations, filters, writes, functions.
//!
//! `cargo xtask quickstart` starts a stack, applies `migrations/`, generates `db/` and runs this.
//! Against a project of one's own, set `SUPABASE_URL` and `SUPABASE_ANON_KEY`.

#[rustfmt::skip]
mod db;

use db::{big_planets, countries, functions, instruments, issues, messages, moons, planets, reservations, texts};
use supabase_core::prelude::*;

// A named shape with embedded relations. The types of its fields come from the schema.
select!(struct Card: planets { id, title: name, moons { name, radius_km }, star { name } });

// A struct of one's own, checked field by field.
#[derive(Debug, Row)]
#[row(planets)]
struct Mini {
    id: i64,
    name: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("SUPABASE_URL").map_err(|_| "set SUPABASE_URL, or run `cargo xtask quickstart`")?;
    let key =
        std::env::var("SUPABASE_ANON_KEY").map_err(|_| "set SUPABASE_ANON_KEY, or run `cargo xtask quickstart`")?;
    let supabase = Client::new(&url, &key)?;

    read(&supabase).await?;
    embed(&supabase).await?;
    filter_rows(&supabase).await?;
    write(&supabase).await?;
    call(&supabase).await?;
    without_a_schema(&supabase).await?;
    Ok(())
}

async fn read(supabase: &Client) -> supabase_core::Result<()> {
    println!("— reading");
    let every: Vec<planets::Row> = supabase.from(planets::Table).select(All).order(planets::id).await?;
    println!("{} planets; the first is {} with tags {:?}", every.len(), every[0].name, every[0].tags);

    let named: Vec<(i64, String)> = supabase
        .from(planets::Table)
        .select((planets::id, planets::name))
        .gt(planets::id, 2)
        .ilike(planets::name, "%ar%")
        .order(planets::name.desc().nulls_first())
        .limit(10)
        .await?;
    println!("names with `ar`: {named:?}");

    let mini: Vec<Mini> = supabase.from(planets::Table).select(Mini::columns()).limit(2).order(planets::id).await?;
    println!("{} and {}", mini[0].name, mini[1].id);

    let earth = supabase.from(planets::Table).select(All).eq(planets::name, "Earth").single().await?;
    println!("{} weighs {:?}", earth.name, earth.mass);
    let vulcan = supabase.from(planets::Table).select(All).eq(planets::name, "Vulcan").maybe_single().await?;
    println!("Vulcan: {:?}", vulcan.map(|planet| planet.name));

    let page = supabase
        .from(planets::Table)
        .select(planets::name)
        .order(planets::id)
        .range(0, 2)
        .count(Count::Exact)
        .execute()
        .await?;
    println!("{:?} of {:?}", page.data, page.count);

    let csv = supabase.from(big_planets::Table).select((big_planets::name, big_planets::radius_km)).csv().await?;
    println!("as csv:\n{csv}");
    Ok(())
}

async fn embed(supabase: &Client) -> supabase_core::Result<()> {
    println!("— related rows");
    let cards: Vec<Card> = supabase
        .from(planets::Table)
        .select(Card::columns())
        .within(planets::rel::moons, |moons| moons.order(moons::radius_km.desc()).limit(2))
        .having(planets::rel::moons, |moons| moons.gt(moons::radius_km, 1000.0))
        .order(planets::id)
        .await?;
    for card in &cards {
        let star = card.star.as_ref().map_or("no star", |star| &star.name);
        let moons: Vec<&str> = card.moons.iter().map(|moon| moon.name.as_str()).collect();
        println!("{} {} circles {star}; largest moons {moons:?}", card.id, card.title);
    }

    let counted =
        supabase.from(planets::Table).select(select!(planets { name, moons(count) })).order(planets::id).await?;
    println!("{} has {} moons", counted[4].name, counted[4].moons);

    let moonless = supabase.from(planets::Table).select(planets::name).lacking(planets::rel::moons).await?;
    println!("without moons: {moonless:?}");
    Ok(())
}

async fn filter_rows(supabase: &Client) -> supabase_core::Result<()> {
    println!("— filters");
    let rows = supabase
        .from(planets::Table)
        .select(planets::name)
        .filter(any([planets::id.eq(2), all([planets::name.eq("Mars"), not(planets::radius_km.gt(9000.0))])]))
        .await?;
    println!("any and all: {rows:?}");

    let rows = supabase
        .from(planets::Table)
        .select(planets::name)
        .filter(filter!(planets: contains(tags, ["hot"]) or (gt(radius_km, 60000.0) and not eq(id, 6))))
        .order(order!(planets: name desc nulls first, id))
        .await?;
    println!("the same as a macro: {rows:?}");

    let day = chrono::NaiveDate::from_ymd_opt(2000, 1, 2).unwrap_or_default();
    let morning = day.and_hms_opt(8, 0, 0).unwrap_or_default();
    let noon = day.and_hms_opt(12, 0, 0).unwrap_or_default();
    let taken = supabase
        .from(reservations::Table)
        .select(reservations::room_name)
        .overlaps(reservations::during, morning..noon)
        .await?;
    println!("taken that morning: {taken:?}");

    let open =
        supabase.from(issues::Table).select(issues::title).contains(issues::tags, ["is:open", "severity:high"]).await?;
    println!("open and severe: {open:?}");

    let found = supabase
        .from(texts::Table)
        .select(texts::content)
        .text_search(texts::search, TextQuery::websearch("eggs or road").config("english"))
        .await?;
    println!("found: {found:?}");

    let long_days = supabase
        .from(planets::Table)
        .select(planets::name)
        .is_not_null(planets::facts)
        .eq(planets::facts.json("day_h"), serde_json::json!(24.7))
        .await?;
    println!("a day of 24.7 hours: {long_days:?}");
    Ok(())
}

async fn write(supabase: &Client) -> supabase_core::Result<()> {
    println!("— writing");
    let pluto = supabase
        .from(planets::Table)
        .insert(insert!(planets { name: "Pluto", radius_km: 1188.3, tags: ["cold", "small, but dear"] }))
        .select((planets::id, planets::tags))
        .single()
        .await?;
    println!("inserted: {pluto:?}");

    supabase
        .from(moons::Table)
        .insert_many([
            moons::Insert::new("Charon", pluto.0),
            moons::Insert { radius_km: Some(24.5).into(), ..moons::Insert::new("Nix", pluto.0) },
        ])
        .await?;

    supabase.from(instruments::Table).update(update!(instruments { name: "piano" })).eq(instruments::id, 1).await?;
    let kept: Vec<instruments::Row> = supabase
        .from(instruments::Table)
        .upsert(insert!(instruments { id: 1, name: "violin", section_id: None }))
        .on_conflict(instruments::unique::id)
        .select(All)
        .await?;
    println!("upserted: {} by {:?}", kept[0].name, kept[0].made_by);

    supabase.from(countries::Table).delete().in_(countries::id, [4]).await?;
    let gone = supabase.from(planets::Table).delete().eq(planets::id, pluto.0).select(planets::name).await?;
    println!("deleted: {gone:?}");
    Ok(())
}

async fn call(supabase: &Client) -> supabase_core::Result<()> {
    println!("— functions");
    let hello: String = supabase.rpc(functions::hello_world {}).await?;
    let found: Vec<planets::Row> = supabase.rpc(functions::search_planets { query: "ar" }).gt(planets::id, 3).await?;
    let moons: i64 = supabase.rpc(functions::count_moons { planet: 5, smallest_km: Omit }).await?;
    println!(
        "{hello} {:?}; Jupiter has {moons} of the moons here",
        found.iter().map(|row| &row.name).collect::<Vec<_>>()
    );
    supabase.rpc(functions::close_issue { issue: 2 }).await?;
    Ok(())
}

async fn without_a_schema(supabase: &Client) -> supabase_core::Result<()> {
    println!("— without a schema");
    let rows: Vec<serde_json::Value> = supabase.from("planets").select("id, moons(name)").eq("name", "Earth").await?;
    println!("{}", serde_json::Value::from(rows));

    // Rows of the same table twice, each under its own name.
    let talk =
        supabase.from(messages::Table).select(select!(messages { body, sender { name }, receiver { name } })).await?;
    println!("{} writes: {}", talk[0].sender.name, talk[0].body);
    Ok(())
}
