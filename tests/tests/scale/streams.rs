//! Rows as they arrive.

use super::*;

#[tokio::test]
async fn a_stream_gives_what_a_list_gives() {
    let stack = QUICKSTART.get().await.unwrap();
    let (supabase, _) = watched(stack, 8000);
    let query = supabase.from(moons::Table).select((moons::id, moons::name, moons::radius_km)).order(moons::id);
    let list = query.clone().await.unwrap();
    let streamed: Vec<_> = query.stream().map(Result::unwrap).collect().await;
    assert_eq!(streamed, list);
    assert_eq!(list.len(), 10);

    let query = supabase.from("moons").select::<JsonValue>("id, planets(name)").order("id");
    let list = query.clone().await.unwrap();
    let mut rows = query.stream();
    let mut streamed = Vec::new();
    while let Some(row) = rows.next().await {
        streamed.push(row.unwrap());
    }
    assert!(rows.next().await.is_none());
    assert_eq!(streamed, list);

    let found: Vec<_> =
        supabase.rpc(functions::search_planets { query: "ar" }).stream().map(|row| row.unwrap().name).collect().await;
    assert_eq!(found, ["Earth", "Mars"]);
    let found: Vec<_> = supabase
        .rpc(functions::search_planets { query: "ar" })
        .select(planets::id)
        .stream()
        .map(Result::unwrap)
        .collect()
        .await;
    assert_eq!(found, [3, 4]);
    let untyped = supabase.rpc(("search_planets", serde_json::json!({"query": "ar"}))).select("id").stream();
    let found: Vec<JsonValue> = untyped.map(Result::unwrap).collect().await;
    assert_eq!(found, [serde_json::json!({"id": 3}), serde_json::json!({"id": 4})]);
}

#[tokio::test]
async fn a_stream_ends_with_its_first_error() {
    let (supabase, _) = recorded([json(r#"[{"id":1,"name":"Luna"},{"id":"two","name":"Io"},{"id":3,"name":"x"}]"#)]);
    let (rows, error) = streamed(&supabase).await;
    assert_eq!(rows, [(1, "Luna".to_owned())]);
    let error = error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!((error.decode().unwrap().row(), error.decode().unwrap().column()), (Some(1), Some("id")));
    assert!(error.to_string().contains("GET /rest/v1/moons"), "{error}");

    for (cut, good) in [
        (r#"[{"id":1,"name":"Luna"}"#, 1),
        (r#"[{"id":1,"name":"Luna"},{"id":2,"#, 1),
        ("[", 0),
        ("", 0),
        ("<html>", 0),
    ] {
        let (supabase, _) = recorded([json(cut)]);
        let (rows, error) = streamed(&supabase).await;
        assert_eq!((rows.len(), error.unwrap().kind()), (good, ErrorKind::Decode), "{cut:?}");
    }

    let said = r#"{"code":"42501","message":"permission denied for table moons","details":null,"hint":null}"#;
    let (supabase, _) = recorded([Reply::json(StatusCode::FORBIDDEN, said)]);
    let (_, error) = streamed(&supabase).await;
    let error = error.unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::PermissionDenied, Some("42501")));
    assert_eq!(error.body().unwrap().text, said);

    let (supabase, recording) = recorded([]);
    let mut refused = supabase.from("moons").select::<JsonValue>("*").range(5, 1).stream();
    assert_eq!(refused.next().await.unwrap().unwrap_err().kind(), ErrorKind::Refused);
    assert!(recording.sent().is_empty());

    let (supabase, _) = recorded([json("[1, 2,\n30]"), json(r#"[1,"x"]"#)]);
    let call = || supabase.rpc(supabase_tests::recorded::public::functions::three_numbers {}).stream();
    assert_eq!(call().map(Result::unwrap).collect::<Vec<i32>>().await, [1, 2, 30]);
    let values: Vec<_> = call().collect().await;
    assert_eq!(*values[0].as_ref().unwrap(), 1);
    assert!(values[1].as_ref().unwrap_err().to_string().contains("row 1"));

    let (supabase, _) = recorded([json(r#"[{"id":1},{"id":1000000000000000}]"#)]);
    let mut rows = supabase.from("moons").select::<JsonValue>("id").stream().row_limit(12);
    assert!(rows.next().await.unwrap().is_ok());
    assert!(rows.next().await.unwrap().unwrap_err().to_string().contains("row 1: it has more than 12 bytes"));

    let (supabase, _) = recorded([json(r#"[{"id":1},{"id":"x"}]"#)]);
    #[derive(Debug, serde::Deserialize)]
    struct Id {
        id: i64,
    }
    let rows: Vec<_> = supabase.from("moons").select::<Id>("id").stream().collect().await;
    assert_eq!(rows[0].as_ref().unwrap().id, 1);
    assert!(rows[1].as_ref().unwrap_err().to_string().contains("row 1"));
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_end() {
    for (head, body) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", "[{\"id\":1,\"name\":\"Luna\"}]"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n18\r\n", "[{\"id\":1,\"name\":\"Luna\"}]"),
    ] {
        let server = Server::start(move |mut client| async move {
            client.say(head).await?;
            client.say(body).await
        })
        .await
        .unwrap();
        let supabase = Client::new(&server.url, "key").unwrap();
        let (rows, error) = streamed(&supabase).await;
        assert_eq!((rows.len(), error.unwrap().kind()), (1, ErrorKind::Offline));
    }
}
