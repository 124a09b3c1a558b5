//! Lists that are too long for a URL.

use super::*;

#[tokio::test]
async fn a_long_list_is_spread_over_requests() {
    let stack = QUICKSTART.get().await.unwrap();
    let (short, _) = watched(stack, 100_000);
    let (supabase, transport) = watched(stack, 400);
    let ids = || (1..=400).chain([3, 3, 4]).map(|id| if id % 50 == 0 { id / 50 } else { 1000 + id });
    fn query(
        supabase: &Client,
        ids: impl Iterator<Item = i32>,
    ) -> supabase_core::database::Select<planets::Table, (planets::id, planets::name)> {
        supabase
            .from(planets::Table)
            .select((planets::id, planets::name))
            .neq(planets::name, "Mars")
            .in_(planets::id, ids)
    }
    let expected: BTreeSet<_> = query(&short, ids()).await.unwrap().into_iter().collect();
    assert_eq!(expected.len(), 7);
    let response = query(&supabase, ids()).execute().await.unwrap();
    let asked = transport.take();
    assert!(asked.len() > 4, "{}", asked.len());
    for asked in &asked {
        let url = asked.len() - "GET ".len() + stack.url().len() + "/rest/v1".len();
        assert!(url <= 400 && asked.contains("name=neq.Mars"), "{asked}");
    }
    assert_eq!((response.status, response.count, response.data.len()), (StatusCode::OK, None, 7));
    assert_eq!(response.data.into_iter().collect::<BTreeSet<_>>(), expected);

    // As a stream, and page by page: each part has pages of its own.
    let streamed: Vec<_> = query(&supabase, ids()).stream().map(Result::unwrap).collect().await;
    assert_eq!(streamed.len(), 7);
    assert_eq!(streamed.into_iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(transport.take().len(), asked.len());
    let (supabase, transport) = watched(stack, 1000);
    let paged = query(&supabase, ids()).pages(2).all().await.unwrap();
    assert_eq!(paged.len(), 7);
    assert_eq!(paged.into_iter().collect::<BTreeSet<_>>(), expected);
    assert!(transport.take().iter().all(|asked| asked.len() + stack.url().len() < 1000));
}

#[tokio::test]
async fn texts_of_any_content_are_found_in_any_part() {
    let stack = QUICKSTART.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let (supabase, transport) = watched(&database, 330);
    let odd = [
        "", " ", "a,b", "a\"b\\c", "(x)", "*", "%", "null", "é", "🚀 & +", "z.in.(1)", "),(", "\\", "\"", ",", "Mordor",
    ];
    let rows = odd[..15].iter().map(|name| insert!(countries { name: *name })).collect::<Vec<_>>();
    supabase.from(countries::Table).insert_many(rows).await.unwrap();
    transport.take();
    let filler = (0..30).map(|at| format!("nothing of number {at}, \"quoted\" (and so on)"));
    let wanted: Vec<String> =
        odd.iter().map(|name| (*name).to_owned()).chain(filler).chain(["a,b".to_owned()]).collect();
    let found = supabase.from(countries::Table).select(countries::name).in_(countries::name, &wanted).await.unwrap();
    assert!(transport.take().len() > 5);
    assert_eq!(found.len(), odd.len());
    assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), odd.into_iter().collect());
    // The empty text is a list of its own when nothing else fits beside it.
    let long = "x".repeat(150);
    let found = supabase
        .from(countries::Table)
        .select(countries::name)
        .in_(countries::name, ["", &long, &long.to_uppercase().replace('X', "y")])
        .await
        .unwrap();
    assert_eq!(found, [""]);
}

#[tokio::test]
async fn what_cannot_be_said_in_parts_is_refused_with_its_length() {
    let recording = Recording::new([json("[]")]);
    let supabase = Client::builder("https://example.supabase.co", "key").transport(recording.clone()).build().unwrap();
    let ids = || 100_000_000..100_001_000_i64;
    let from = || supabase.from(planets::Table).select(planets::id);
    let refused = [
        from().in_(planets::id, ids()).order(planets::id).await.unwrap_err(),
        from().in_(planets::id, ids()).limit(5).await.unwrap_err(),
        from().in_(planets::id, ids()).range(0, 5).await.unwrap_err(),
        from().in_(planets::id, ids()).offset(5).await.unwrap_err(),
        from().in_(planets::id, ids()).count(Count::Exact).await.unwrap_err(),
        from().in_(planets::id, ids()).single().await.map(drop).unwrap_err(),
        from().in_(planets::id, ids()).maybe_single().await.map(drop).unwrap_err(),
        from().in_(planets::id, ids()).csv().await.map(drop).unwrap_err(),
        from().in_(planets::id, ids()).head().await.unwrap_err(),
        from().not_in(planets::id, ids()).await.unwrap_err(),
        from().filter(any([planets::id.in_(ids()), planets::id.eq(1)])).await.unwrap_err(),
        from().eq(planets::name, "x".repeat(9000)).await.unwrap_err(),
        from().in_(planets::name, ["x".repeat(9000)]).await.unwrap_err(),
        supabase
            .from(planets::Table)
            .select(select!(planets { count() }))
            .in_(planets::id, ids())
            .await
            .map(drop)
            .unwrap_err(),
        supabase.from("planets").select::<JsonValue>("count").in_("id", ids()).await.map(drop).unwrap_err(),
        supabase.from("moons").select::<JsonValue>("id").in_("planets.id", ids()).await.map(drop).unwrap_err(),
        supabase
            .from("moons")
            .select::<JsonValue>("id")
            .filter("id", "in", format!("(1, {})", "\"2\",".repeat(3000)))
            .await
            .map(drop)
            .unwrap_err(),
        supabase.from(planets::Table).delete().in_(planets::id, ids()).await.unwrap_err(),
        supabase.from(planets::Table).update(update!(planets { name: "x" })).in_(planets::id, ids()).await.unwrap_err(),
        from().in_(planets::id, ids()).order(planets::id).stream().next().await.unwrap().unwrap_err(),
        from().in_(planets::id, ids()).order(planets::id).all().await.unwrap_err(),
        supabase.rpc(functions::search_planets { query: "" }).in_(planets::id, ids()).await.map(drop).unwrap_err(),
    ];
    for (at, error) in refused.iter().enumerate() {
        assert_eq!(error.kind(), ErrorKind::Refused, "{at}: {error}");
        let text = error.to_string();
        assert!(text.contains("bytes") && text.contains("8000") && text.contains(".rpc(..)"), "{at}: {text}");
    }
    assert!(recording.sent().is_empty());
    assert!(refused[0].to_string().contains("has 10070 bytes"), "{}", refused[0]);
    // Without any of that it goes through, in two.
    from().in_(planets::id, ids()).await.unwrap();
    assert_eq!(recording.sent().len(), 2);
}

#[tokio::test]
async fn a_call_by_get_becomes_a_post() {
    let stack = QUICKSTART.get().await.unwrap();
    let (supabase, transport) = watched(stack, 300);
    let long = "ar".to_owned() + &"%".repeat(400);
    let found = supabase
        .rpc(functions::search_planets { query: &*long })
        .get()
        .neq(planets::name, "Earth")
        .select(planets::name)
        .await
        .unwrap();
    assert_eq!(found, ["Mars"]);
    assert_eq!(transport.take(), ["POST /rpc/search_planets?name=neq.Earth&select=name"]);
    let found: Vec<JsonValue> =
        supabase.rpc(("search_planets", serde_json::json!({"query": long}))).select("id").get().await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(transport.take(), ["POST /rpc/search_planets?select=id"]);
    let found: Vec<JsonValue> =
        supabase.rpc(("search_planets", serde_json::json!({"query": "ar"}))).select("id").get().await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(transport.take(), ["GET /rpc/search_planets?select=id&query=ar"]);
    let error = supabase.rpc(functions::search_planets { query: &*long }).head().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
}
