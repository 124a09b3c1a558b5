//! Past the server's cap on rows.

use super::*;

#[tokio::test]
async fn pages_walk_past_the_cap_by_key() {
    let database = capped().await;
    let (supabase, transport) = watched(&database, 8000);
    let from = || supabase.from(planets::Table).select((planets::id, planets::name));
    assert_eq!(from().await.unwrap().len() as u64, CAP, "the cap is real");
    transport.take();

    let all = from().all().await.unwrap();
    assert_eq!(all.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(
        transport.take(),
        [
            "GET /planets?select=id,name&order=id&limit=1000",
            "GET /planets?select=id,name&id=gt.5&order=id&limit=1000",
            "GET /planets?select=id,name&id=gt.9&order=id&limit=1000",
        ]
    );

    let mut pages = from().pages(4);
    let mut lengths = Vec::new();
    while let Some(page) = pages.next_page().await.unwrap() {
        lengths.push(page.len());
    }
    assert_eq!(lengths, [4, 4, 1]);
    assert!(pages.next_page().await.unwrap().is_none());
    // As a stream of pages, of rows, and over the whole generated row.
    let lengths: Vec<_> = from().pages(7).map(|page| page.unwrap().len()).collect().await;
    assert_eq!(lengths, [5, 4]);
    let mut rows = supabase.from(planets::Table).select(All).order(planets::id.asc()).pages(2).rows();
    let mut ids = Vec::new();
    while let Some(row) = rows.next().await {
        ids.push(row.unwrap().id);
    }
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    transport.take();

    // A total that was counted saves the last request, and one that is no multiple of a page.
    assert_eq!(from().count(Count::Exact).all().await.unwrap().len(), 9);
    assert_eq!(transport.take().len(), 2);
    assert_eq!(from().gt(planets::id, 4).count(Count::Exact).all().await.unwrap().len(), 5);
    assert_eq!(transport.take().len(), 1);
    // A planned count is a guess, and no end.
    assert_eq!(from().count(Count::Planned).all().await.unwrap().len(), 9);

    // Limit, offset and range are about the whole.
    let ids = async |query: supabase_core::database::Select<planets::Table, (planets::id, planets::name)>| {
        query.all().await.unwrap().into_iter().map(|row| row.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(from().limit(7)).await, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(ids(from().offset(6)).await, [7, 8, 9]);
    assert_eq!(ids(from().range(1, 7)).await, [2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(ids(from().limit(0)).await, [0_i64; 0]);
    assert_eq!(ids(from().offset(100)).await, [0_i64; 0]);
    assert_eq!(ids(from().offset(100).count(Count::Exact)).await, [0_i64; 0]);
    assert_eq!(ids(from().gt(planets::id, 100)).await, [0_i64; 0]);
    assert_eq!(ids(from().order(planets::id.desc()).limit(6)).await, [9, 8, 7, 6, 5, 4]);
}

#[tokio::test]
async fn keys_of_several_columns_and_keys_that_are_not_selected() {
    let database = capped().await;
    database
        .sql(
            "delete from public.members; delete from public.messages; delete from public.notes; delete from public.users;
             insert into public.users (id, name) select gen_random_uuid(), 'user ' || n from generate_series(1, 4) n;
             insert into public.teams (id, name) values (3, 'c'), (4, 'd');
             insert into public.members (team_id, user_id, since)
             select t.id, u.id, date '2024-01-01' + (t.id % 2)::int from public.teams t, public.users u;",
        )
        .await
        .unwrap();
    let (supabase, transport) = watched(&database, 8000);
    let expected: Vec<String> = database
        .sql("select team_id || ' ' || user_id as key from public.members order by since desc, team_id, user_id desc")
        .await
        .unwrap()
        .iter()
        .map(|row| row.get("key").unwrap().to_owned())
        .collect();
    assert_eq!(expected.len(), 16);
    let found = supabase
        .from(members::Table)
        .select((members::since, members::team_id, members::user_id))
        .order((members::since.desc(), members::team_id.asc(), members::user_id.desc()))
        .pages(3)
        .all()
        .await
        .unwrap();
    let found: Vec<String> = found.iter().map(|(_, team, user)| format!("{team} {user}")).collect();
    assert_eq!(found, expected);
    let asked = transport.take();
    assert_eq!(asked.len(), 7);
    assert!(asked.iter().all(|asked| !asked.contains("offset=")), "{asked:?}");
    assert!(asked[1].contains("&since=lte."), "{}", asked[1]);

    // Rows that do not have the key are asked for it under another name.
    let dates = supabase.from(members::Table).select(members::since).all().await.unwrap();
    assert_eq!(dates.len(), 16);
    let asked = transport.take();
    assert!(
        asked[0].starts_with("GET /members?select=since,key_1:team_id,key_2:user_id&order=team_id,user_id&"),
        "{}",
        asked[0]
    );
    assert!(asked.iter().all(|asked| !asked.contains("offset=")), "{asked:?}");
    select!(struct Renamed: planets { number: id, id: name });
    let renamed = supabase.from(planets::Table).select(Renamed::columns()).order(planets::name).all().await.unwrap();
    let mut names: Vec<_> = renamed.iter().map(|row| row.id.clone()).collect();
    assert_eq!((renamed.len(), renamed[0].number), (9, 3));
    assert!(names.is_sorted());
    names.dedup();
    assert_eq!(names.len(), 9);
}

#[tokio::test]
async fn every_sort_gives_every_row_once() {
    let stack = QUICKSTART.get().await.unwrap();
    let rest = stack.rest_settings().clone();
    let database = stack.database_with(rest.clone().max_rows(3)).await.unwrap();
    database
        .sql("update public.planets set surveyed_at = timestamptz '2024-02-29 12:00:00.000001+05:30' + (id % 4) * interval '1 microsecond', radius_km = radius_km / 3")
        .await
        .unwrap();
    let (supabase, transport) = watched(&database, 8000);
    let by_sql = async |order: &str| -> Vec<i64> {
        let rows = database.sql(format!("select id from public.planets order by {order}")).await.unwrap();
        rows.iter().map(|row| row.get("id").unwrap().parse().unwrap()).collect()
    };
    let from = || supabase.from(planets::Table).select(planets::id);
    let orders = [
        (from().order(planets::radius_km), "radius_km, id", true),
        (from().order(planets::diameter_km.desc()), "diameter_km desc, id", true),
        (
            from().order((planets::has_rings.desc(), planets::surveyed_at.asc())),
            "has_rings desc, surveyed_at, id",
            true,
        ),
        (from().order(planets::surveyed_at.desc()).order(planets::id.desc()), "surveyed_at desc, id desc", true),
        (
            from().order((planets::surveyed_at, planets::radius_km)).order(planets::id),
            "surveyed_at, radius_km, id",
            true,
        ),
        (from().order((planets::id.desc(), planets::name.asc())), "id desc", true),
        (from().order(planets::tags), "tags, id", false),
        (from().order(planets::kind.desc().nulls_last()), "kind desc nulls last, id", false),
        (from().order(planets::discovered_on), "discovered_on, id", false),
    ];
    for (query, order, by_key) in orders {
        let expected = by_sql(order).await;
        for size in [1, 2, 1000] {
            assert_eq!(query.clone().pages(size).all().await.unwrap(), expected, "{order}");
            let asked = transport.take();
            assert_eq!(asked.iter().all(|asked| !asked.contains("offset=")), by_key, "{order}: {asked:?}");
        }
    }
    // Filters on related rows, and embedded rows, which the cap cuts for each row.
    let having = || from().having(planets::rel::moons, |moons| moons.gt(moons::radius_km, 1.0));
    assert_eq!(having().all().await.unwrap(), [3, 4, 5, 6, 8]);
    assert_eq!(having().order(planets::name.desc()).pages(2).all().await.unwrap(), [6, 8, 4, 5, 3]);
    // A function's rows, when the caller knows what tells them apart.
    transport.take();
    let found = supabase.rpc(functions::search_planets { query: "" }).select(planets::name).order(planets::id);
    assert_eq!(found.pages(4).by(planets::unique::id).all().await.unwrap().len(), 9);
    assert!(transport.take().last().unwrap().contains("select=name,key_1:id&id=gt.9"));
}

#[tokio::test]
async fn text_keys_of_any_content_and_another_unique_constraint() {
    let database = capped().await;
    let odd = ["", " ", "a,b", "a\"b\\c", "(x)", "*", "%", "null", "é", "é\u{301}", "🚀 & +", "z.gt.1", "Z", "z"];
    database.sql("delete from public.cities; delete from public.countries").await.unwrap();
    let (supabase, transport) = watched(&database, 8000);
    let rows = odd.map(|name| insert!(countries { name: name }));
    supabase.from(countries::Table).insert_many(rows).await.unwrap();
    transport.take();
    let expected: Vec<String> = database
        .sql("select name from public.countries order by name")
        .await
        .unwrap()
        .iter()
        .map(|row| row.get("name").unwrap().to_owned())
        .collect();
    for size in [1, 2, 5] {
        let names = supabase
            .from(countries::Table)
            .select(countries::name)
            .order(countries::name)
            .pages(size)
            .all()
            .await
            .unwrap();
        assert_eq!(names, expected, "a unique column, by which rows are told apart already");
        let asked = transport.take();
        assert!(asked[0].starts_with("GET /countries?select=name&order=name&"), "{}", asked[0]);
        assert!(asked.iter().all(|asked| !asked.contains("offset=")), "{asked:?}");
        let names = supabase
            .from(countries::Table)
            .select(countries::name)
            .pages(size)
            .by(countries::unique::name)
            .all()
            .await
            .unwrap();
        assert_eq!(names, expected, "by the unique name alone");
        let asked = transport.take();
        assert!(asked[0].starts_with("GET /countries?select=name&order=name&"), "{}", asked[0]);
        assert!(asked.iter().all(|asked| !asked.contains("offset=")), "{asked:?}");
    }
    let down: Vec<_> =
        supabase.from(countries::Table).select(countries::name).order(countries::name.desc()).all().await.unwrap();
    assert!(down.iter().rev().eq(&expected));
    // A unique column that may be NULL tells nothing apart.
    let error =
        supabase.from(users::Table).select(users::id).pages(2).by(users::unique::email).all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("`email`"), "{error}");
}

/// The countries as a table without a primary key, with two unique columns of which one may be NULL.
mod keyless {
    use supabase_core::schema::{Column, ColumnInfo, NotNull, Required, sql};

    pub(super) struct Table;
    impl supabase_core::schema::Table for Table {
        const NAME: &'static str = "countries";
        const SCHEMA: &'static str = "public";
        const COLUMNS: &'static [ColumnInfo] =
            &[ColumnInfo::new("name", "text", false), ColumnInfo::new("code", "character(2)", true)];
        const REQUIRED: &'static [&'static str] = &["name"];
        const PRIMARY_KEY: &'static [&'static str] = &[];
        const UNIQUE: &'static [&'static [&'static str]] = &[&["code"], &["name"]];
    }

    #[allow(non_camel_case_types, reason = "as generated")]
    pub(super) struct name;
    impl Column for name {
        type Table = Table;
        type Sql = sql::Text;
        type Ty = String;
        type Null = NotNull;
        type Write = Required;
        const NAME: &'static str = "name";
    }
}

#[tokio::test]
async fn a_unique_constraint_stands_in_for_a_primary_key() {
    let database = capped().await;
    let (supabase, transport) = watched(&database, 8000);
    let names = supabase.from(keyless::Table).select(keyless::name).pages(3).all().await.unwrap();
    assert_eq!(names, ["Afghanistan", "Albania", "Algeria", "Mordor"]);
    assert_eq!(transport.take()[1], "GET /countries?select=name&name=gt.Algeria&order=name&limit=3");
    // Where the order has the primary key, it is that.
    let ids = supabase.from(countries::Table).select(countries::id).order((countries::id, countries::name)).pages(2);
    assert_eq!(ids.all().await.unwrap(), [1, 2, 3, 4]);
    assert_eq!(transport.take()[1], "GET /countries?select=id&id=gt.2&order=id,name&limit=2");
}

#[tokio::test]
async fn a_sort_by_a_related_row_goes_by_offset() {
    let database = capped().await;
    let (supabase, transport) = watched(&database, 8000);
    let sorted = supabase.from(planets::Table).select(planets::id).order_related(planets::rel::star, stars::name);
    assert_eq!(sorted.pages(4).all().await.unwrap(), [9, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(
        transport.take()[1],
        "GET /planets?select=id,related_1:planets_star_id_fkey(name)&order=related_1(name),id&limit=4&offset=4"
    );
}

#[tokio::test]
async fn pages_by_offset_where_there_is_no_key() {
    let database = capped().await;
    let (supabase, transport) = watched(&database, 8000);
    // A column that may be NULL sorts, and cannot be gone on by.
    let ids =
        supabase.from(planets::Table).select(planets::id).order(planets::mass.asc().nulls_first()).all().await.unwrap();
    assert_eq!(ids, [9, 1, 4, 2, 3, 7, 8, 6, 5]);
    assert_eq!(
        transport.take(),
        [
            "GET /planets?select=id&order=mass.asc.nullsfirst,id&limit=1000",
            "GET /planets?select=id&order=mass.asc.nullsfirst,id&limit=1000&offset=5",
            "GET /planets?select=id&order=mass.asc.nullsfirst,id&limit=1000&offset=9",
        ]
    );
    // The untyped builder, whose columns are not known.
    let rows: Vec<JsonValue> = supabase.from("planets").select("id").order("id").pages(4).all().await.unwrap();
    assert_eq!(rows.iter().map(|row| row["id"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(transport.take().last().unwrap(), "GET /planets?select=id&order=id.asc&limit=4&offset=9");
    let rows: Vec<JsonValue> =
        supabase.from("planets").select("id").order("id").count(Count::Exact).all().await.unwrap();
    assert_eq!((rows.len(), transport.take().len()), (9, 2));
    // Functions: one that is declared to change nothing, and one by name, with GET.
    let found = supabase.rpc(functions::search_planets { query: "" }).order(planets::id).all().await.unwrap();
    assert_eq!(found.len(), 9);
    let found = supabase
        .rpc(functions::search_planets { query: "" })
        .select(planets::name)
        .order(planets::name)
        .pages(2)
        .all()
        .await
        .unwrap();
    assert!(found.len() == 9 && found.is_sorted());
    transport.take();
    let found: Vec<JsonValue> = supabase
        .rpc(("search_planets", serde_json::json!({"query": "a"})))
        .get()
        .select("id")
        .order("id")
        .all()
        .await
        .unwrap();
    assert_eq!(found.len(), 5);
    assert!(transport.take().iter().all(|asked| asked.starts_with("GET /rpc/search_planets?query=a")));
    // A view, sorted.
    let big = supabase
        .from(big_planets::Table)
        .select(big_planets::name)
        .order(big_planets::name)
        .pages(3)
        .all()
        .await
        .unwrap();
    assert_eq!(big, ["Jupiter", "Neptune", "Saturn", "Uranus"]);
}

#[tokio::test]
async fn pages_need_an_order() {
    let (supabase, recording) = recorded([]);
    let volatile = supabase.rpc(("search_planets", serde_json::json!({"query": "a"}))).order("id");
    let refused = [
        supabase.from("planets").select::<JsonValue>("*").pages(10).next_page().await.unwrap_err(),
        supabase.from("planets").select::<JsonValue>("*").all().await.unwrap_err(),
        supabase.rpc(functions::search_planets { query: "" }).all().await.unwrap_err(),
        supabase.from(planets::Table).select(select!(planets { kind, count() })).all().await.unwrap_err(),
        supabase.from("planets").select::<JsonValue>("*").order("id").pages(0).all().await.unwrap_err(),
        volatile.all().await.map(|_: Vec<JsonValue>| ()).unwrap_err(),
    ];
    for error in &refused {
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    }
    for error in &refused[..4] {
        assert!(error.to_string().contains("`.order(..)`"), "{error}");
    }
    assert!(refused[4].to_string().contains("pages(0)"));
    assert!(refused[5].to_string().contains("`.get()`"), "{}", refused[5]);
    assert!(recording.sent().is_empty());
}

#[tokio::test]
async fn aggregates_have_pages_of_groups() {
    let stack = QUICKSTART.get().await.unwrap();
    let database = stack.database_with(stack.rest_settings().clone().max_rows(2).aggregates(true)).await.unwrap();
    let (supabase, _) = watched(&database, 8000);
    let groups = supabase
        .from(planets::Table)
        .select(select!(planets { kind, count() }))
        .order(planets::kind)
        .all()
        .await
        .unwrap();
    assert_eq!(groups.iter().map(|group| group.count).collect::<Vec<_>>(), [5, 2, 2]);
}

#[tokio::test]
async fn writing_meanwhile_hides_no_row_from_a_walk_by_key() {
    let database = capped().await;
    let (supabase, _) = watched(&database, 8000);
    let mut pages = supabase.from(employees::Table).select(employees::id).pages(2);
    assert_eq!(pages.next_page().await.unwrap().unwrap(), [1, 2]);
    database.sql("update public.employees set manager_id = null; delete from public.employees where id = 2; insert into public.employees (id, name) values (0, 'zero')").await.unwrap();
    assert_eq!(pages.next_page().await.unwrap().unwrap(), [3, 4]);
    assert!(pages.next_page().await.unwrap().is_none());
}

#[tokio::test]
async fn an_error_loses_no_page_and_a_server_that_repeats_itself_is_found_out() {
    let busy = Reply::json(StatusCode::INTERNAL_SERVER_ERROR, r#"{"message":"oops"}"#);
    let (supabase, recording) = recorded([json(r#"[{"id":1}]"#), busy.clone(), json(r#"[{"id":2}]"#), json("[]")]);
    let mut pages = supabase.from(moons::Table).select(moons::id).pages(1);
    assert_eq!(pages.next_page().await.unwrap().unwrap(), [1]);
    assert_eq!(pages.next_page().await.unwrap_err().kind(), ErrorKind::Api);
    assert_eq!(pages.next_page().await.unwrap().unwrap(), [2]);
    assert!(pages.next_page().await.unwrap().is_none());
    let sent = recording.sent();
    assert_eq!(sent[1].url, sent[2].url);

    // As a stream it ends, so that nobody goes round in circles.
    let (supabase, _) = recorded([json(r#"[{"id":1}]"#), busy]);
    let rows: Vec<_> = supabase.from(moons::Table).select(moons::id).pages(1).rows().collect().await;
    assert_eq!(rows.len(), 2);
    assert!(rows[0].is_ok() && rows[1].is_err());

    // Filters that are not heeded would be a walk without an end.
    let (supabase, _) = recorded([json(r#"[{"id":1}]"#)]);
    let error = supabase.from(moons::Table).select(moons::id).all().await.unwrap_err();
    assert!(error.to_string().contains("it came again"), "{error}");
    let (supabase, _) = recorded([json(r#"[{"id":1}]"#).header("content-range", "0-0/*")]);
    let error = supabase.from("moons").select::<JsonValue>("id").order("id").all().await.unwrap_err();
    assert!(error.to_string().contains("number 1 on were asked for"), "{error}");
}
