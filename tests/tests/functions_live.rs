//! Our client against functions that run: handlers of the local stack, and a real Deno server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail by panicking

use std::process::{Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::{Value, json};
use supabase_core::functions::Region;
use supabase_core::{Client, ErrorKind};
use supabase_local::Stack;
use supabase_local::axum::Json;
use supabase_local::axum::http::HeaderMap;
use supabase_local::axum::routing::{any, post};
use supabase_tests::official::deno;

#[tokio::test]
async fn registered_handlers_are_called() {
    let stack = Stack::shared().await.unwrap();
    stack.function("echo", post(async |headers: HeaderMap, Json(body): Json<Value>| Json(json!({ "got": body, "region": headers.get("x-region").map(|value| value.to_str().unwrap().to_owned()), "bearer": headers.contains_key("authorization") }))));
    stack.function("slow", any(async || tokio::time::sleep(Duration::from_secs(30)).await));
    let supabase = Client::new(stack.url(), stack.publishable_key()).unwrap();
    let functions = supabase.functions();
    let answer: Value =
        functions.invoke("echo").region(Region::EuWest1).json(&json!({ "a": 1 })).await.unwrap().json().unwrap();
    assert_eq!(answer, json!({ "got": { "a": 1 }, "region": "eu-west-1", "bearer": false }));
    let error = functions.invoke("slow").timeout(Duration::from_millis(200)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let error = functions.invoke("nothing").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("NOT_FOUND")));
}

const SERVER: &str = r#"
Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }) => console.log("PORT " + port) }, async (request) => {
  const url = new URL(request.url);
  switch (url.pathname) {
    case "/json": return Response.json({ method: request.method, got: await request.json(), query: url.search });
    case "/binary": return new Response(await request.arrayBuffer(), { headers: { "content-type": "application/octet-stream" } });
    case "/form": { const form = await request.formData(); return Response.json([...form.keys()].concat(await form.get("file").text())); }
    case "/parts": { const form = new FormData(); form.append("title", "ä"); form.append("file", new File([new Uint8Array([0, 255])], "a.bin", { type: "image/png" })); return new Response(form); }
    case "/throws": throw new Error("thrown on purpose");
    case "/error": return Response.json({ error: "no such thing" }, { status: 422, headers: { "x-why": "because" } });
    case "/stream": case "/events": {
      let number = 0;
      const events = url.pathname === "/events";
      const body = new ReadableStream({ async pull(controller) {
        if (number === 5) return controller.close();
        await new Promise((done) => setTimeout(done, 100));
        controller.enqueue(new TextEncoder().encode(events ? `event: n\nid: ${number}\ndata: {"number":${number++}}\n\n` : `part ${number++}\n`));
      } });
      return new Response(body, { headers: { "content-type": events ? "text/event-stream" : "text/plain" } });
    }
    default: return new Response("not found", { status: 404 });
  }
});
"#;

struct Server(std::process::Child);
impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_deno_server_is_called() {
    use std::io::BufRead;

    let Some(program) = deno("a_deno_server_is_called").await else { return };
    let file = std::env::temp_dir().join(format!("supabase-functions-{}.ts", std::process::id()));
    std::fs::write(&file, SERVER).unwrap();
    let child = Command::new(program)
        .args(["run", "--allow-net", "--no-prompt"])
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut server = Server(child);
    let mut out = std::io::BufReader::new(server.0.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("PORT ") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0, "Deno ended");
    }
    std::fs::remove_file(&file).unwrap();
    let stack = Stack::start().await.unwrap();
    stack.functions_server(&format!("http://127.0.0.1:{}", line.trim_start_matches("PORT ").trim()));
    let supabase = Client::new(stack.url(), stack.publishable_key()).unwrap();
    let functions = supabase.functions();

    let answer: Value = functions
        .invoke("json?a=1")
        .query("b", "ü")
        .method(http::Method::PUT)
        .json(&[1, 2])
        .await
        .unwrap()
        .json()
        .unwrap();
    assert_eq!(answer, json!({ "method": "PUT", "got": [1, 2], "query": "?a=1&b=%C3%BC" }));
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    assert_eq!(functions.invoke("binary").bytes(bytes.clone()).await.unwrap().bytes(), bytes);
    let parts =
        bytes.chunks(7_000).map(|part| Ok::<_, std::io::Error>(Bytes::copy_from_slice(part))).collect::<Vec<_>>();
    assert_eq!(
        functions.invoke("binary").body_stream(futures_util::stream::iter(parts), None).await.unwrap().bytes(),
        bytes
    );
    let form = supabase_core::functions::Form::new()
        .text("title", "a")
        .part("file", supabase_core::functions::Part::bytes("inside").file_name("a.txt").content_type("text/plain"));
    assert_eq!(
        functions.invoke("form").multipart(&form).await.unwrap().json::<Vec<String>>().unwrap(),
        ["title", "file", "inside"]
    );

    let parts = functions.invoke("parts").await.unwrap().parts().await.unwrap();
    assert_eq!((parts[0].name.as_deref(), parts[0].text().unwrap()), (Some("title"), "ä"));
    assert_eq!((parts[1].file_name.as_deref(), &parts[1].data[..]), (Some("a.bin"), &[0, 255][..]));
    let error = functions.invoke("throws").await.unwrap_err();
    assert_eq!(error.functions().unwrap().status, 500);

    let error = functions.invoke("error").await.unwrap_err();
    let body = error.functions().unwrap();
    assert_eq!(
        (error.kind(), &*body.message, body.headers["x-why"].to_str().unwrap()),
        (ErrorKind::InvalidInput, "no such thing", "because")
    );

    let begun = std::time::Instant::now();
    let mut parts = functions.invoke("stream").stream().await.unwrap();
    assert_eq!(&parts.next().await.unwrap().unwrap()[..], b"part 0\n");
    assert!(begun.elapsed() < Duration::from_millis(400), "the first part came with the last");
    assert_eq!(parts.map(|part| part.unwrap().len()).collect::<Vec<_>>().await.iter().sum::<usize>(), 4 * 7);
    #[derive(serde::Deserialize)]
    struct Number {
        number: u8,
    }
    let events = functions.invoke("events").stream().await.unwrap().json_events::<Number>();
    assert_eq!(events.map(|event| event.unwrap().number).collect::<Vec<_>>().await, [0, 1, 2, 3, 4]);

    // The relay cannot reach it any more.
    drop(server);
    let error = functions.invoke("json").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unavailable, Some("relay")));
}
