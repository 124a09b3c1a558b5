//! What application code does, against a real PostgreSQL and a real PostgREST.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::NaiveDate;
use supabase_core::prelude::*;
use supabase_core::types::{Decimal, JsonValue};
use supabase_core::{Client, ErrorKind};
use supabase_tests::db::{
    big_planets, countries, employees, enums, functions, instruments, issues, members, messages, moons, notes, planets,
    reservations, stars, teams, texts, users,
};
use supabase_tests::stack::{QUICKSTART, anon, service};

async fn reader() -> Client {
    anon(QUICKSTART.get().await.unwrap()).unwrap()
}

select!(struct Card: planets { id, title: name, moons { name, radius_km, craters { name } }, star { name } });

#[tokio::test]
async fn rows_decode_every_column() {
    let supabase = reader().await;
    let mars = supabase.from(planets::Table).select(All).eq(planets::name, "Mars").single().await.unwrap();
    assert_eq!(mars.id, 4);
    assert_eq!(mars.kind, Some(enums::PlanetKind::Rocky));
    assert_eq!(mars.mass, Some(Decimal::new(6417, 4)));
    assert_eq!(mars.tags, ["cold", "red"]);
    assert_eq!(mars.facts.unwrap()["rovers"][1], "Perseverance");
    assert!((mars.diameter_km - 6779.0).abs() < 1e-9);
    let PgRange::Span { lower, upper } = mars.visible.unwrap() else { unreachable!("not empty") };
    assert!(matches!(lower, std::ops::Bound::Included(from) if from.to_rfc3339() == "2026-02-01T20:00:00+00:00"));
    assert!(matches!(upper, std::ops::Bound::Excluded(_)));
    let every = supabase.from(planets::Table).select(All).await.unwrap();
    assert_eq!(every.len(), 9);
}

#[tokio::test]
async fn every_filter_finds_its_rows() {
    let supabase = reader().await;
    let ids = |query: supabase_core::database::Select<planets::Table, planets::id>| async move {
        query.order(planets::id).await.unwrap()
    };
    let from = || supabase.from(planets::Table).select(planets::id);
    assert_eq!(ids(from().eq(planets::name, "Earth")).await, [3]);
    assert_eq!(ids(from().neq(planets::star_id, 1)).await, [9]);
    assert_eq!(ids(from().gt(planets::id, 7)).await, [8, 9]);
    assert_eq!(ids(from().gte(planets::id, 8)).await, [8, 9]);
    assert_eq!(ids(from().lt(planets::id, 2)).await, [1]);
    assert_eq!(ids(from().lte(planets::id, 1)).await, [1]);
    assert_eq!(ids(from().like(planets::name, "M%")).await, [1, 4]);
    assert_eq!(ids(from().ilike(planets::name, "%AR%")).await, [3, 4]);
    assert_eq!(ids(from().like_all_of(planets::name, ["%e%", "%u%"])).await, [1, 2, 5, 8]);
    assert_eq!(ids(from().ilike_any_of(planets::name, ["e%", "V%"])).await, [2, 3]);
    assert_eq!(ids(from().match_regex(planets::name, "^[EM]")).await, [1, 3, 4]);
    assert_eq!(ids(from().imatch_regex(planets::name, "^m")).await, [1, 4]);
    assert_eq!(ids(from().is_null(planets::facts)).await, [7, 8, 9]);
    assert_eq!(ids(from().is_not_null(planets::visible)).await, [1, 2, 4, 5]);
    assert_eq!(ids(from().is_true(planets::has_rings)).await, [5, 6, 7, 8]);
    assert_eq!(ids(from().is_false(planets::has_rings).lt(planets::id, 3)).await, [1, 2]);
    assert_eq!(ids(from().in_(planets::name, ["Earth", "Mars", "a,b"])).await, [3, 4]);
    assert_eq!(ids(from().not_in(planets::id, [1, 2, 3, 4, 5, 6, 7])).await, [8, 9]);
    assert_eq!(ids(from().is_distinct(planets::mass, Decimal::new(6417, 4)).gt(planets::id, 7)).await, [8, 9]);
    assert_eq!(ids(from().contains(planets::tags, ["hot"])).await, [1, 2]);
    assert_eq!(ids(from().contains(planets::tags, ["blue, green"])).await, [3]);
    assert_eq!(ids(from().contained_by(planets::tags, ["cold", "red", "windy"]).lt(planets::id, 9)).await, [4, 7, 8]);
    assert_eq!(ids(from().overlaps(planets::tags, ["red", "rings"])).await, [4, 6]);
    assert_eq!(ids(from().contains(planets::facts, serde_json::json!({"life": true}))).await, [3]);
    assert_eq!(ids(from().eq(planets::kind, enums::PlanetKind::IceGiant)).await, [7, 8]);
    assert_eq!(ids(from().eq(planets::facts.json_text("day_h"), "24")).await, [3]);
    assert_eq!(ids(from().eq(planets::facts.json("missions").json_text(0), "Mariner 10")).await, [1]);
    assert_eq!(ids(from().eq_if_some(planets::id, None::<i64>).eq_if_some(planets::id, Some(2))).await, [2]);
    let tree = any([planets::id.eq(2), all([planets::name.eq("Mars"), not(planets::radius_km.gt(9000.0))])]);
    assert_eq!(ids(from().filter(tree)).await, [2, 4]);
    let tree = filter!(planets: contains(tags, ["hot"]) and (eq(id, 1) or not lt(radius_km, 9000.0)));
    assert_eq!(ids(from().filter(tree)).await, [1]);
}

#[tokio::test]
async fn ranges_and_text_search() {
    let supabase = reader().await;
    let at = |day, hour| NaiveDate::from_ymd_opt(2000, 1, day).unwrap().and_hms_opt(hour, 0, 0).unwrap();
    let from = || supabase.from(reservations::Table).select(reservations::id).order(reservations::id);
    assert_eq!(from().range_gt(reservations::during, at(1, 16)..at(2, 8)).await.unwrap(), [2]);
    assert_eq!(from().range_gte(reservations::during, at(2, 8)..at(2, 9)).await.unwrap(), [2]);
    assert_eq!(from().range_lt(reservations::during, at(1, 15)..at(1, 16)).await.unwrap(), [1]);
    assert_eq!(from().range_lte(reservations::during, at(1, 14)..at(1, 16)).await.unwrap(), [1]);
    assert_eq!(from().range_adjacent(reservations::during, at(2, 10)..at(2, 12)).await.unwrap(), [2]);
    assert_eq!(from().overlaps(reservations::during, at(1, 12)..at(1, 14)).await.unwrap(), [1]);
    assert_eq!(from().contains(reservations::during, PgRange::point(at(1, 13))).await.unwrap(), [1]);
    assert_eq!(from().contained_by(reservations::during, ..at(2, 0)).await.unwrap(), [1]);
    let found = |query: TextQuery<'static>| {
        let select = supabase.from(texts::Table).select(texts::id).text_search(texts::search, query).order(texts::id);
        async move { select.await.unwrap() }
    };
    assert_eq!(found(TextQuery::raw("'egg' & 'ham'").config("english")).await, [3]);
    assert_eq!(found(TextQuery::websearch("eggs or road").config("english")).await, [2, 3]);
    assert_eq!(found(TextQuery::phrase("seven years").config("english")).await, [1]);
    assert_eq!(found(TextQuery::plain("ham green").config("english")).await, [3]);
}

#[tokio::test]
async fn embedded_rows_are_shaped() {
    let supabase = reader().await;
    let cards: Vec<Card> = supabase
        .from(planets::Table)
        .select(Card::columns())
        .within(planets::rel::moons, |moons| {
            moons.order(moons::radius_km.desc()).limit(2).within(moons::rel::craters, |craters| craters.limit(1))
        })
        .having(planets::rel::moons, |moons| moons.gt(moons::radius_km, 1000.0))
        .order(planets::id)
        .await
        .unwrap();
    let names: Vec<&str> = cards.iter().map(|card| card.title.as_str()).collect();
    assert_eq!(names, ["Earth", "Jupiter", "Saturn", "Neptune"]);
    assert_eq!(cards[0].moons[0].craters.len(), 1);
    let largest: Vec<&str> = cards[1].moons.iter().map(|moon| moon.name.as_str()).collect();
    assert_eq!(largest, ["Ganymede", "Callisto"]);
    assert_eq!(cards[1].star.as_ref().unwrap().name, "Sun");

    // One relation twice, each shaped by its own alias, and a condition on its rows as well.
    select!(struct Twice: planets { name, big: moons { name }, small: moons { name }, moons { id } });
    let twice = supabase
        .from(planets::Table)
        .select(Twice::columns())
        .within(Twice::big, |moons| moons.gt(moons::radius_km, 2000.0).order(moons::name))
        .within(Twice::small, |moons| moons.lte(moons::radius_km, 2000.0).order(moons::name))
        .within(planets::rel::moons, |moons| moons.limit(1))
        .having(planets::rel::moons, |moons| moons.eq(moons::name, "Europa"))
        .single()
        .await
        .unwrap();
    assert_eq!(twice.big.iter().map(|moon| moon.name.as_str()).collect::<Vec<_>>(), ["Callisto", "Ganymede"]);
    assert_eq!(twice.small.iter().map(|moon| moon.name.as_str()).collect::<Vec<_>>(), ["Europa", "Io"]);
    assert_eq!(twice.moons.len(), 1);

    let lonely = supabase
        .from(planets::Table)
        .select(planets::id)
        .lacking(planets::rel::moons)
        .order(planets::id)
        .await
        .unwrap();
    assert_eq!(lonely, [1, 2, 7, 9]);
    let deep = supabase
        .from(planets::Table)
        .select(planets::name)
        .having(planets::rel::moons, |moons| {
            moons.having(moons::rel::craters, |craters| craters.eq(supabase_tests::db::craters::name, "Stickney"))
        })
        .await
        .unwrap();
    assert_eq!(deep, ["Mars"]);
}

#[tokio::test]
async fn selections_of_every_form() {
    let supabase = reader().await;
    let rows = supabase
        .from(planets::Table)
        .select(select!(planets { name, hours: facts ->> "day_h", weight: mass as text, moons(count), ...star { spectral_class } }))
        .eq(planets::id, 4)
        .await
        .unwrap();
    assert_eq!(rows[0].name, "Mars");
    assert_eq!(rows[0].hours.as_deref(), Some("24.7"));
    assert_eq!(rows[0].weight.as_deref(), Some("0.6417"));
    assert_eq!(rows[0].moons, 2);
    assert_eq!(rows[0].spectral_class.as_deref(), Some("G2V"));

    // Two keys to one table, a table to itself, many to many.
    let talk = supabase
        .from(messages::Table)
        .select(select!(messages { body, sender { name }, receiver { name } }))
        .await
        .unwrap();
    assert_eq!(talk[0].sender.name, "Ada");
    assert_eq!(talk[0].receiver.as_ref().unwrap().name, "Brahe");
    let staff = supabase
        .from(employees::Table)
        .select(select!(employees { name, manager { name }, employees { name } }))
        .eq(employees::name, "Ann")
        .single()
        .await
        .unwrap();
    assert_eq!(staff.manager.unwrap().name, "Director");
    assert_eq!(staff.employees[0].name, "Cy");
    let team = supabase
        .from(teams::Table)
        .select(select!(teams { name, users { name } }))
        .within(teams::rel::users, |users| users.order(users::name))
        .eq(teams::id, 1)
        .single()
        .await
        .unwrap();
    assert_eq!(team.users.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["Ada", "Brahe"]);
    let membership = supabase.from(members::Table).select((members::team_id, members::since)).limit(1).await.unwrap();
    assert_eq!(membership.len(), 1);
}

#[tokio::test]
async fn pages_counts_single_and_text() {
    let supabase = reader().await;
    let page = supabase
        .from(planets::Table)
        .select(planets::id)
        .order(planets::id)
        .range(2, 4)
        .count(Count::Exact)
        .execute()
        .await
        .unwrap();
    assert_eq!((page.data, page.count, page.range), (vec![3, 4, 5], Some(9), Some((2, 4))));
    let head = supabase
        .from(planets::Table)
        .select(All)
        .gt(planets::id, 5)
        .count(Count::Exact)
        .head()
        .execute()
        .await
        .unwrap();
    assert_eq!(head.count, Some(4));
    let none = supabase.from(planets::Table).select(All).eq(planets::name, "Vulcan").maybe_single().await.unwrap();
    assert!(none.is_none());
    let error = supabase.from(planets::Table).select(All).eq(planets::name, "Vulcan").single().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotOneRow, Some("PGRST116")));
    let error = supabase.from(planets::Table).select(All).gt(planets::id, 1).maybe_single().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotOneRow);
    let csv = supabase
        .from(big_planets::Table)
        .select((big_planets::id, big_planets::name))
        .order(big_planets::id)
        .limit(1)
        .csv()
        .await
        .unwrap();
    assert_eq!(csv.trim(), "id,name\n5,Jupiter");
    // Hosted projects have plans switched off; the server says so.
    let error = supabase.from(planets::Table).select(All).explain(Explain::new()).await.unwrap_err();
    assert_eq!(error.code(), Some("PGRST107"));
}

#[tokio::test]
async fn plans_are_shown_where_they_are_allowed() {
    let stack = QUICKSTART.get().await.unwrap();
    let database = stack.database_with(stack.rest_settings().clone().plan(true).aggregates(true)).await.unwrap();
    let supabase = anon(&database).unwrap();
    let plan = supabase.from(planets::Table).select(All).explain(Explain::new().analyze()).await.unwrap();
    assert!(plan.contains("Scan on planets"), "{plan}");
    let sums = supabase
        .from(planets::Table)
        .select(select!(planets { kind, radius_km.max(), mass.sum(), count() }))
        .eq(planets::kind, enums::PlanetKind::IceGiant)
        .await
        .unwrap();
    assert_eq!((sums[0].max, sums[0].sum, sums[0].count), (Some(25362.0), Some(Decimal::new(189_220, 3)), 2));
}

#[tokio::test]
async fn writes_in_every_form() {
    let stack = QUICKSTART.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let supabase = anon(&database).unwrap();
    let id = supabase
        .from(planets::Table)
        .insert(insert!(planets {
            name: "Pluto",
            radius_km: 1188.3,
            kind: enums::PlanetKind::Dwarf,
            facts: Json(vec![1, 2]),
            mass: None,
            star_id: Omit
        }))
        .select(planets::id)
        .single()
        .await
        .unwrap();
    supabase
        .from(moons::Table)
        .insert_many([
            moons::Insert::new("Charon", id),
            moons::Insert { radius_km: Some(24.5).into(), ..moons::Insert::new("Nix", id) },
        ])
        .await
        .unwrap();
    let moons = supabase
        .from(moons::Table)
        .select((moons::name, moons::radius_km))
        .eq(moons::planet_id, id)
        .order(moons::name)
        .await
        .unwrap();
    assert_eq!(moons, [("Charon".to_owned(), None), ("Nix".to_owned(), Some(24.5))]);

    // What one row leaves out takes its default, not NULL.
    supabase
        .from(instruments::Table)
        .insert_many([
            insert!(instruments { name: "a, \"b\"", made_by: Some("Ada") }),
            insert!(instruments { name: "c" }),
        ])
        .await
        .unwrap();
    let made: Vec<Option<String>> = supabase
        .from(instruments::Table)
        .select(instruments::made_by)
        .in_(instruments::name, ["a, \"b\"", "c"])
        .order(instruments::id)
        .await
        .unwrap();
    assert_eq!(made, [Some("Ada".to_owned()), Some("unknown maker".to_owned())]);

    supabase
        .from(instruments::Table)
        .update(update!(instruments { name: "piano", section_id: None }))
        .eq(instruments::id, 1)
        .await
        .unwrap();
    let upserted = supabase
        .from(instruments::Table)
        .upsert(insert!(instruments { id: 1, name: "harp" }))
        .on_conflict(instruments::unique::id)
        .select((instruments::name, instruments::section_id))
        .single()
        .await
        .unwrap();
    assert_eq!(upserted, ("harp".to_owned(), None));
    let ignored = supabase
        .from(instruments::Table)
        .upsert(insert!(instruments { name: "harp", made_by: "nobody" }))
        .on_conflict(instruments::unique::name)
        .ignore_duplicates()
        .select(All)
        .await
        .unwrap();
    assert!(ignored.is_empty());

    let changed = supabase
        .from(issues::Table)
        .update(update!(issues { open: false }))
        .contains(issues::tags, ["is:open"])
        .count(Count::Exact)
        .select(issues::id)
        .execute()
        .await
        .unwrap();
    assert_eq!((changed.data.len(), changed.count), (2, Some(2)));
    let gone =
        supabase.from(countries::Table).delete().in_(countries::id, [1, 2]).select(countries::name).await.unwrap();
    assert_eq!(gone.len(), 2);
    supabase.from(countries::Table).delete().every_row().await.unwrap();
    assert!(supabase.from(countries::Table).select(All).await.unwrap().is_empty());

    let twice = supabase.from(stars::Table).insert(insert!(stars { name: "Sun" })).await.unwrap_err();
    assert_eq!((twice.kind(), twice.code()), (ErrorKind::Conflict, Some("23505")));
    let nowhere = supabase.from(moons::Table).insert(insert!(moons { name: "x", planet_id: 12345 })).await.unwrap_err();
    assert_eq!((nowhere.kind(), nowhere.code()), (ErrorKind::Conflict, Some("23503")));
}

#[tokio::test]
async fn rows_are_sorted_by_a_related_row() {
    let supabase = reader().await;
    let ids = supabase
        .from(planets::Table)
        .select(planets::id)
        .order_related(planets::rel::star, stars::name)
        .order(planets::id.desc())
        .limit(3)
        .await
        .unwrap();
    assert_eq!(ids, [9, 8, 7]);
    // Beside the same relation as it is selected, twice over, and where there is no related row.
    let cards = supabase
        .from(planets::Table)
        .select(Card::columns())
        .having(planets::rel::star, |star| star.eq(stars::id, 1))
        .order_related(planets::rel::star, (stars::spectral_class.desc(), stars::id))
        .order(planets::name)
        .limit(2)
        .await
        .unwrap();
    assert_eq!(cards.iter().map(|card| card.title.as_str()).collect::<Vec<_>>(), ["Earth", "Jupiter"]);
    let names = supabase
        .from(employees::Table)
        .select(employees::name)
        .order_related(employees::rel::manager, employees::name.desc().nulls_first())
        .order(employees::id)
        .await
        .unwrap();
    assert_eq!(names, ["Director", "Ann", "Ben", "Cy"]);
}

#[tokio::test]
async fn rows_are_inserted_while_they_come() {
    use futures_util::{StreamExt, stream};
    let stack = QUICKSTART.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let supabase = anon(&database).unwrap();
    let good = |at: i32| {
        let row = insert!(instruments { name: format!("instrument \"{at}\", ü") });
        let made_by = (at % 2 == 0).then(|| format!("maker {at}"));
        Ok::<_, std::io::Error>(if at == 0 {
            row.set(instruments::made_by, "first")
        } else {
            row.set_if_some(instruments::made_by, made_by)
        })
    };
    let answer = supabase
        .from(instruments::Table)
        .insert_stream(stream::iter(0..3000).map(good))
        .count(Count::Exact)
        .execute()
        .await
        .unwrap();
    assert_eq!((answer.status, answer.count), (http::StatusCode::CREATED, Some(3000)));
    let counts = database
        .sql("select count(*) as n, count(*) filter (where made_by = 'unknown maker') as defaults, max(name) filter (where made_by = 'maker 42') as name from public.instruments where id >= 1000")
        .await
        .unwrap();
    let got: Vec<_> = ["n", "defaults", "name"].iter().map(|name| counts[0].get(name).unwrap()).collect();
    assert_eq!(got, ["3000", "1500", "instrument \"42\", ü"]);
    // By text, and none at all.
    let rows = stream::iter(["a", "b"]).map(|name| Ok::<_, std::io::Error>(serde_json::json!({"name": name})));
    supabase.from("instruments").insert_stream(rows).await.unwrap();
    let none = stream::iter(None::<Result<JsonValue, std::io::Error>>);
    supabase.from("instruments").insert_stream(none).await.unwrap();
    let total = || async {
        supabase
            .from(instruments::Table)
            .select(instruments::id)
            .count(Count::Exact)
            .head()
            .execute()
            .await
            .unwrap()
            .count
    };
    assert_eq!(total().await, Some(3006));
    // Trouble in the middle: nothing is written, and the error says why.
    let broken = stream::iter(0..2000).map(|at| {
        if at == 1500 {
            Err(std::io::Error::other("the file ends here"))
        } else {
            Ok(insert!(instruments { name: format!("broken {at}") }))
        }
    });
    let error = supabase.from(instruments::Table).insert_stream(broken).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("the file ends here"), "{error}");
    let wider = stream::iter(0..2000).map(|at| {
        let row = insert!(instruments { name: format!("wider {at}") });
        Ok::<_, std::io::Error>(if at < 700 { row } else { row.set(instruments::made_by, "x") })
    });
    let error = supabase.from(instruments::Table).insert_stream(wider).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("`made_by`"), "{error}");
    let twice = stream::iter(0..2000)
        .map(|at| Ok::<_, std::io::Error>(insert!(instruments { name: format!("twice {}", at % 1999) })));
    let error = supabase.from(instruments::Table).insert_stream(twice).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, Some("23505")));
    assert_eq!(total().await, Some(3006));
}

#[tokio::test]
async fn written_rows_come_back_with_what_is_related() {
    let stack = QUICKSTART.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let supabase = anon(&database).unwrap();
    select!(struct Moon: moons { name, planet { name, star { name } } });
    let moons = supabase
        .from(moons::Table)
        .insert_many([
            insert!(moons { name: "Tethys", planet_id: 6, radius_km: 531.1 }),
            insert!(moons { name: "Dysnomia", planet_id: 9, radius_km: Omit }),
        ])
        .select(Moon::columns())
        .await
        .unwrap();
    let told: Vec<_> = moons
        .iter()
        .map(|moon| (moon.name.as_str(), moon.planet.name.as_str(), moon.planet.star.as_ref().unwrap().name.as_str()))
        .collect();
    assert_eq!(told, [("Tethys", "Saturn", "Sun"), ("Dysnomia", "Proxima b", "Proxima Centauri")]);
    let planet = supabase
        .from(planets::Table)
        .upsert(insert!(planets { id: 6, name: "Saturn", radius_km: 58232.0 }))
        .select(select!(planets { name, moons(count) }))
        .single()
        .await
        .unwrap();
    assert_eq!((planet.name.as_str(), planet.moons), ("Saturn", 3));
    let changed = supabase
        .from(planets::Table)
        .update(update!(planets { has_rings: true }))
        .eq(planets::id, 4)
        .select(select!(planets { name, star { name }, moons { name } }))
        .await
        .unwrap();
    assert_eq!((changed[0].star.as_ref().unwrap().name.as_str(), changed[0].moons.len()), ("Sun", 2));
    let gone =
        supabase.from(moons::Table).delete().eq(moons::planet_id, 9).select(Moon::columns()).single().await.unwrap();
    assert_eq!(gone.planet.name, "Proxima b");
}

#[tokio::test]
async fn functions_of_every_result() {
    let stack = QUICKSTART.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let supabase = anon(&database).unwrap();
    let hello: String = supabase.rpc(functions::hello_world {}).await.unwrap();
    assert_eq!(hello, "Hello, world!");
    let found: Vec<planets::Row> =
        supabase.rpc(functions::search_planets { query: "ar" }).gt(planets::id, 3).await.unwrap();
    assert_eq!(found[0].name, "Mars");
    let cards: Vec<Card> =
        supabase.rpc(functions::search_planets { query: "mars" }).select(Card::columns()).await.unwrap();
    assert_eq!(cards[0].moons.len(), 2);
    assert_eq!(supabase.rpc(functions::count_moons { planet: 5, smallest_km: Omit }).await.unwrap(), 4);
    assert_eq!(supabase.rpc(functions::count_moons { planet: 5, smallest_km: 2000.0 }).get().await.unwrap(), 2);
    assert_eq!(supabase.rpc(call!(functions::count_moons { planet: 5 })).await.unwrap(), 4);
    assert_eq!(supabase.rpc(call!(functions::count_moons { smallest_km: 2000.0, planet: 5 })).await.unwrap(), 2);
    let sizes = supabase
        .rpc(functions::planet_sizes { least_km: 50000.0 })
        .gt(functions::results::planet_sizes::radius_km, 60000.0)
        .await
        .unwrap();
    assert_eq!(sizes.len(), 1);
    supabase.rpc(functions::close_issue { issue: 1 }).await.unwrap();
    let untyped: Vec<JsonValue> =
        supabase.rpc(("search_planets", serde_json::json!({"query": "ear"}))).select("name").await.unwrap();
    assert_eq!(untyped, [serde_json::json!({"name": "Earth"})]);
    let moons: i64 = supabase.rpc(("count_moons", serde_json::json!({"planet": 6}))).await.unwrap();
    assert_eq!(moons, 2);
    let missing = supabase.rpc("no_such_function").await.map(|_: JsonValue| ()).unwrap_err();
    assert_eq!((missing.kind(), missing.code()), (ErrorKind::NotFound, Some("PGRST202")));
}

#[tokio::test]
async fn the_untyped_builder_reaches_the_same() {
    let supabase = reader().await;
    let rows: Vec<JsonValue> = supabase
        .from("planets")
        .select("id, moons ( name )")
        .or("name.eq.Mars,name.eq.\"a,b\"")
        .order("id")
        .order_within("moons", supabase_core::database::Sort::desc("name"))
        .limit_within("moons", 1)
        .await
        .unwrap();
    assert_eq!(rows, [serde_json::json!({"id": 4, "moons": [{"name": "Phobos"}]})]);
    let tags: Vec<JsonValue> =
        supabase.from("planets").select("id").contains("tags", ["blue, green"]).not("id", "in", "(1,2)").await.unwrap();
    assert_eq!(tags, [serde_json::json!({"id": 3})]);
    let error = supabase.from("no_such_table").select::<JsonValue>("*").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn row_level_security_sees_the_user() {
    let stack = QUICKSTART.get().await.unwrap();
    let supabase = anon(stack).unwrap();
    assert!(supabase.from(notes::Table).select(All).await.unwrap().is_empty());
    let ada = supabase.as_user(&stack.jwt_for("11111111-1111-4111-8111-111111111111", "authenticated"));
    let brahe = supabase.as_user(&stack.jwt_for("22222222-2222-4222-8222-222222222222", "authenticated"));
    let (hers, his) =
        tokio::join!(ada.from(notes::Table).select(notes::body), brahe.from(notes::Table).select(notes::body));
    assert_eq!((hers.unwrap(), his.unwrap()), (vec!["A note of Ada".to_owned()], vec!["A note of Brahe".to_owned()]));
    assert_eq!(service(stack).unwrap().from(notes::Table).select(notes::id).await.unwrap().len(), 2);
    let refused = supabase.as_user("not a token\n").from(notes::Table).select(All).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unauthenticated);
    let of_users = ada.from(users::Table).select(users::name).order(users::name).await.unwrap();
    assert_eq!(of_users, ["Ada", "Brahe"]);
}
