//! Requests, byte for byte: no runtime, no server.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use supabase_core::database::Sort;
use supabase_core::prelude::*;
use supabase_tests::db::{functions, instruments, issues, moons, planets, reservations, stars, texts};

select!(struct Card: planets { id, title: name, moons { name }, star { name } });

fn supabase() -> Client {
    Client::new("https://example.supabase.co", "key").unwrap()
}

/// The target of a read, without the table and the leading `?`.
macro_rules! read {
    ($($call:tt)*) => {{
        let request = supabase().from(planets::Table).select(planets::id) $($call)*.to_request().unwrap();
        request.target.strip_prefix("/planets?select=id&").unwrap_or(&request.target).to_owned()
    }};
}

#[test]
fn filters_are_spelled_as_postgrest_reads_them() {
    assert_eq!(read!(.eq(planets::name, "a,b&c+d#e%f")), "name=eq.a%2Cb%26c%2Bd%23e%25f".replace("%2C", ","));
    assert_eq!(read!(.neq(planets::id, 1)), "id=neq.1");
    assert_eq!(read!(.gte(planets::radius_km, 1.5)), "radius_km=gte.1.5");
    assert_eq!(read!(.like(planets::name, "%ea%")), "name=like.%25ea%25");
    assert_eq!(read!(.ilike(planets::name, "5 * 3")), "name=imatch.%5E5%20%5C*%203%24");
    assert_eq!(read!(.like_any_of(planets::name, ["a,b", "c%"])), "name=like(any).%7B%22a,b%22,%22c%25%22%7D");
    assert_eq!(read!(.is_null(planets::mass)), "mass=is.null");
    assert_eq!(read!(.is_not_null(planets::mass)), "mass=not.is.null");
    assert_eq!(read!(.in_(planets::name, ["a\"b", "c,d", ""])), "name=in.(%22a%5C%22b%22,%22c,d%22,%22%22)");
    assert_eq!(read!(.in_(planets::name, [""])), "name=eq.");
    assert_eq!(read!(.not_in(planets::name, [""])), "name=not.eq.");
    assert_eq!(read!(.in_(planets::id, [1, 2])), "id=in.(1,2)");
    assert_eq!(read!(.contains(planets::tags, ["a", "b c"])), "tags=cs.%7B%22a%22,%22b%20c%22%7D");
    assert_eq!(read!(.contains(planets::facts, serde_json::json!({"a": [1]}))), "facts=cs.%7B%22a%22:%5B1%5D%7D");
    assert_eq!(read!(.eq(planets::facts.json("a b").json_text(0), "x")), "facts-%3E%22a%20b%22-%3E%3E0=eq.x");
    assert_eq!(
        read!(.filter(any([planets::id.eq(1), not(planets::name.eq("a,b)"))]))),
        "or=(id.eq.1,name.not.eq.%22a,b)%22)"
    );
    assert_eq!(
        read!(.filter(not(all([planets::id.gt(1), planets::tags.contains(["a\\b"])])))),
        "not.and=(id.gt.1,tags.cs.%22%7B%5C%22a%5C%5C%5C%5Cb%5C%22%7D%22)"
    );
    assert_eq!(read!(.filter(planets::id.in_([1, 2]))), "and=(id.in.(1,2))");
    assert_eq!(
        read!(.order(planets::name.desc().nulls_first()).order(planets::id).limit(3).offset(6)),
        "order=name.desc.nullsfirst,id&limit=3&offset=6"
    );
    assert_eq!(read!(.order(order!(planets: name desc nulls last, id))), "order=name.desc.nullslast,id.asc");
    assert_eq!(read!(.range(2, 4)), "limit=3&offset=2");
    assert_eq!(read!(.raw(planets::tags, "not.cs", "{a,b}")), "tags=not.cs.%7Ba,b%7D");
}

#[test]
fn a_related_row_is_embedded_to_sort_by() {
    assert_eq!(
        read!(.order_related(planets::rel::star, (stars::name.desc().nulls_last(), stars::id)).order(planets::id)),
        "/planets?select=id,related_1:planets_star_id_fkey(name,id)\
         &order=related_1(name).desc.nullslast,related_1(id),id"
    );
    let none: [planets::id; 0] = [];
    assert_eq!(read!(.order(none).order_related(planets::rel::star, Vec::<stars::name>::new())), "/planets?select=id");
}

#[test]
fn ranges_and_text_search() {
    let at = |hour| chrono::NaiveDate::from_ymd_opt(2000, 1, 2).unwrap().and_hms_opt(hour, 0, 0).unwrap();
    let request = supabase()
        .from(reservations::Table)
        .select(All)
        .range_gt(reservations::during, at(8)..at(9))
        .to_request()
        .unwrap();
    assert_eq!(
        request.target,
        "/reservations?select=*&during=sr.%5B%222000-01-02T08:00:00%22,%222000-01-02T09:00:00%22)"
    );
    let request = supabase()
        .from(texts::Table)
        .select(All)
        .text_search(texts::search, TextQuery::websearch("a or b").config("english"))
        .to_request()
        .unwrap();
    assert_eq!(request.target, "/texts?select=*&search=wfts(english).a%20or%20b");
}

#[test]
fn embedded_relations_carry_their_hint() {
    let request = supabase()
        .from(planets::Table)
        .select(Card::columns())
        .within(planets::rel::moons, |moons| moons.eq(moons::name, "Luna").order(moons::radius_km.desc()).limit(3))
        .having(planets::rel::moons, |moons| moons.gt(moons::radius_km, 1000.0))
        .to_request()
        .unwrap();
    assert_eq!(
        request.target,
        "/planets?select=id,title:name,moons!moons_planet_id_fkey(name),star:planets_star_id_fkey(name),\
         having_1:moons_planet_id_fkey!inner()&moons.name=eq.Luna&moons.order=radius_km.desc&moons.limit=3&having_1.radius_km=gt.1000"
    );
}

#[test]
fn writes_say_what_they_want_back() {
    let insert = supabase()
        .from(planets::Table)
        .insert(insert!(planets { name: "Pluto", radius_km: 1188.3, mass: None, star_id: Omit, tags: ["a\"b"] }))
        .to_request()
        .unwrap();
    assert_eq!((insert.method.as_str(), insert.target.as_str()), ("POST", "/planets"));
    assert_eq!(insert.body.unwrap(), r#"{"name":"Pluto","radius_km":1188.3,"mass":null,"tags":["a\"b"]}"#);
    assert_eq!(insert.headers["prefer"], "return=minimal");
    assert_eq!(insert.headers["content-profile"], "public");
    assert!(!insert.idempotent);

    let many = supabase()
        .from(instruments::Table)
        .insert_many([insert!(instruments { name: "a" }), insert!(instruments { name: "b", made_by: "c" })])
        .to_request()
        .unwrap();
    assert_eq!(many.target, "/instruments?columns=%22name%22,%22made_by%22");
    assert_eq!(many.body.unwrap(), r#"[{"name":"a"},{"name":"b","made_by":"c"}]"#);
    assert_eq!(many.headers["prefer"], "return=minimal,missing=default");

    let upsert = supabase()
        .from(instruments::Table)
        .upsert(insert!(instruments { id: 1, name: "piano" }))
        .on_conflict(instruments::unique::name)
        .on_conflict(instruments::unique::id)
        .select(instruments::id)
        .to_request()
        .unwrap();
    assert_eq!(upsert.target, "/instruments?on_conflict=id&select=id");
    assert_eq!(upsert.headers["prefer"], "return=representation,resolution=merge-duplicates");

    let update = supabase()
        .from(issues::Table)
        .update(update!(issues { open: false }))
        .eq(issues::id, 1)
        .max_affected(1)
        .to_request()
        .unwrap();
    assert_eq!((update.method.as_str(), update.target.as_str()), ("PATCH", "/issues?id=eq.1"));
    assert_eq!(update.headers["prefer"], "return=minimal,handling=strict,max-affected=1");

    let delete = supabase().from(moons::Table).delete().every_row().count(Count::Exact).to_request().unwrap();
    assert_eq!((delete.method.as_str(), delete.target.as_str()), ("DELETE", "/moons"));
    assert_eq!(delete.headers["prefer"], "return=minimal,count=exact");
}

#[test]
fn functions_are_called_with_post_unless_told() {
    let call = supabase().rpc(functions::search_planets { query: "ea" }).gt(planets::id, 2).to_request().unwrap();
    assert_eq!((call.method.as_str(), call.target.as_str()), ("POST", "/rpc/search_planets?id=gt.2"));
    assert_eq!(call.body.unwrap(), r#"{"query":"ea"}"#);
    assert!(call.idempotent, "the function is declared stable");
    let call = supabase().rpc(functions::search_planets { query: "ea" }).get().to_request().unwrap();
    assert_eq!((call.method.as_str(), call.target.as_str()), ("GET", "/rpc/search_planets?query=ea"));
    // Text that the server would take for a filter goes in a body.
    let call = supabase().rpc(functions::search_planets { query: "eq.1" }).get().to_request().unwrap();
    assert_eq!(call.method, "POST");
    let call = supabase().rpc(functions::count_moons { planet: 3, smallest_km: Omit }).to_request().unwrap();
    assert_eq!(call.body.unwrap(), r#"{"planet":3}"#);
}

#[test]
fn the_untyped_builder_writes_the_same() {
    let read = supabase().from("Odd, Table?").select::<serde_json::Value>("id, \"a b\", moons ( name )");
    let request = read
        .eq("order", 1)
        .eq("moons.name", "x")
        .order(Sort::desc("a,b"))
        .order_within("moons", "name")
        .to_request()
        .unwrap();
    assert_eq!(
        request.target,
        "/Odd%2C%20Table%3F?select=id,%22a%20b%22,moons(name)&%22order%22=eq.1&moons.name=eq.x&moons.order=name.asc&order=%22a,b%22.desc".replace("%2C", ",")
    );
    let request = supabase().schema("inventory").from("parts").delete().eq("id", 1).to_request().unwrap();
    assert_eq!(request.headers["content-profile"], "inventory");
    let schema = supabase().schema("bad\nschema").from("parts").select::<serde_json::Value>("*").to_request();
    assert!(schema.is_err());
}

#[test]
fn what_the_server_cannot_tell_apart_is_refused() {
    use supabase_tests::db::{teams, users};
    // Through a junction there is no other name for the relation than the table's.
    select!(struct Team: teams { name, users { name } });
    select!(struct Aliased: teams { name, mine: users { name } });
    let refused = supabase()
        .from(teams::Table)
        .select(Team::columns())
        .within(teams::rel::users, |users| users.order(users::name))
        .having(teams::rel::users, |users| users.eq(users::name, "Ada"))
        .to_request()
        .unwrap_err();
    assert!(refused.to_string().contains("alias"), "{refused}");
    let aliased = supabase()
        .from(teams::Table)
        .select(Aliased::columns())
        .within(Aliased::mine, |users| users.order(users::name))
        .having(teams::rel::users, |users| users.eq(users::name, "Ada"))
        .to_request();
    assert!(aliased.is_ok());
}
