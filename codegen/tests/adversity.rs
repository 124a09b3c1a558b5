//! What the names of a database, a network and another run may not do to a project.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

mod support;

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use supabase_codegen::Builder;
use supabase_codegen::render::{File, HEADER};
use supabase_codegen::write::{Written, write};

/// A function that takes integers and gives one.
fn function(name: &str, arguments: &[(&str, &str, &str)]) -> Value {
    let arguments: Vec<Value> =
        arguments.iter().map(|(name, ty, sql)| json!({"name": name, "type": ty, "sql": sql})).collect();
    json!({
        "schema": "public", "name": name, "arguments": arguments,
        "returns": "int4", "returns_sql": "integer", "volatility": "v"
    })
}

/// A snapshot of a database that has these functions.
fn snapshot(folder: &Path, functions: &[Value]) -> PathBuf {
    let file = folder.join("supabase-schema.json");
    let text = json!({"version": 1, "schemas": [{"name": "public"}], "functions": functions}).to_string();
    std::fs::write(&file, text).unwrap();
    file
}

/// The build script of `no_name_is_a_directive`, which reads what it prints; by itself it does nothing.
#[test]
fn a_build_script() {
    if let Some(file) = std::env::var_os("ADVERSITY_SNAPSHOT") {
        Builder::new().snapshot(PathBuf::from(file)).build_script().unwrap();
    }
}

#[test]
fn no_name_is_a_directive() {
    const HOSTILE: &str = "f\ncargo::rustc-env=STOLEN=1\n\u{1b}[2J";
    let folder = tempfile::tempdir().unwrap();
    // Two overloads that PostgREST cannot tell apart are told of, by their name.
    let file = snapshot(
        folder.path(),
        &[function(HOSTILE, &[("a", "int4", "integer")]), function(HOSTILE, &[("a", "text", "text")])],
    );
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_build_script", "--nocapture"])
        .env("ADVERSITY_SNAPSHOT", file)
        .env("OUT_DIR", folder.path())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}");
    assert_eq!(printed.matches("cargo::warning=").count(), 2, "{printed}");
    assert!(
        printed.contains(r"public.f\ncargo::rustc-env=STOLEN=1\n\u{1b}[2J(integer): another overload"),
        "{printed}"
    );
    let directives: Vec<&str> = printed.lines().filter(|line| line.starts_with("cargo:")).collect();
    assert!(directives.iter().all(|line| !line.starts_with("cargo::rustc")), "{directives:?}");
    assert!(!printed.contains('\u{1b}'), "{printed:?}");
}

#[test]
fn arguments_that_are_called_like_ours() {
    let folder = tempfile::tempdir().unwrap();
    let integers = |names: &[&'static str]| -> Vec<_> { names.iter().map(|name| (*name, "int4", "integer")).collect() };
    let file = snapshot(
        folder.path(),
        &[
            function("f", &integers(&["__Value", "other"])),
            function("g", &integers(&["__omitted"])),
            function("h", &integers(&["__Value_", "__omitted", "value", "__Value"])),
        ],
    );
    let out = folder.path().join("db");
    Builder::new().snapshot(file).out(&out).generate().unwrap();
    support::compile(&out);
    let text = std::fs::read_to_string(out.join("functions.rs")).unwrap();
    for name in ["__Value", "__Value_", "__omitted"] {
        assert!(text.contains(&format!("const NAME: &'static ::core::primitive::str = \"{name}\";")), "{name}\n{text}");
    }
}

#[test]
fn a_key_follows_no_redirect() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("http://{}/rest/v1/?token=x", elsewhere.local_addr().unwrap());
    let named = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", named.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = named.accept().unwrap();
        let mut request = vec![0; 4096];
        let read = stream.read(&mut request).unwrap();
        write!(stream, "HTTP/1.1 307 Temporary Redirect\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n").unwrap();
        String::from_utf8_lossy(&request[..read]).into_owned()
    });
    elsewhere.set_nonblocking(true).unwrap();
    let place = elsewhere.local_addr().unwrap().to_string();
    // Whoever follows is answered, so that it does not wait.
    let other = std::thread::spawn(move || {
        for _ in 0..20 {
            match elsewhere.accept() {
                Ok((mut stream, _)) => {
                    let _ =
                        stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    return true;
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        false
    });
    let error = Builder::new().project(&url, "sb_secret_x").model().unwrap_err().to_string();
    assert!(server.join().unwrap().to_lowercase().contains("apikey: sb_secret_x"));
    assert!(!other.join().unwrap(), "the key went to another host: {error}");
    assert!(error.contains(&format!("it redirects to http://{place}/rest/v1/,")), "{error}");
    // Over the open network it does not even set out.
    let error = Builder::new().project("http://project.example", "sb_secret_x").model().unwrap_err().to_string();
    assert!(error.contains("unencrypted") && error.contains("https://"), "{error}");
}

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: format!("{HEADER}{text}\n") }
}

/// Every file below a folder with its text; links are not followed.
fn tree(folder: &Path) -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                walk(root, &entry.path(), found);
            } else if entry.file_type().unwrap().is_file() {
                let name = entry.path().strip_prefix(root).unwrap().display().to_string();
                found.insert(name, std::fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

#[test]
fn a_run_leaves_the_output_of_another_alone() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("db");
    // Another database's output below, one behind a link, and one whose name is that of a table.
    let other = [file("mod.rs", "pub mod events;"), file("events.rs", "pub struct Table;")];
    let elsewhere = folder.path().join("elsewhere");
    write(&elsewhere, &other).unwrap();
    write(&out.join("analytics"), &other).unwrap();
    write(&out.join("planets"), &other).unwrap();
    std::os::unix::fs::symlink(&elsewhere, out.join("linked")).unwrap();
    let others = tree(folder.path());

    let first = [
        file(
            "mod.rs",
            "pub mod planets;\npub mod inventory;\n#[path = \"u65e5/mod.rs\"]\npub mod 日;\npub mod linked;",
        ),
        file("planets.rs", "1"),
        file("inventory/mod.rs", "pub mod parts;"),
        file("inventory/parts.rs", "1"),
        file("u65e5/mod.rs", "pub mod x;"),
        file("u65e5/x.rs", "1"),
    ];
    assert_eq!(write(&out, &first).unwrap(), Written { written: 6, unchanged: 0, removed: 0 });
    assert_eq!(write(&out, &first).unwrap(), Written { written: 0, unchanged: 6, removed: 0 });
    // Two schemas and a table are gone; so are their files, and nothing else.
    assert_eq!(write(&out, &[file("mod.rs", "")]).unwrap(), Written { written: 1, unchanged: 0, removed: 5 });
    let mut expected = others;
    expected.insert("db/mod.rs".to_owned(), format!("{HEADER}\n"));
    assert_eq!(tree(folder.path()), expected);
    assert!(!out.join("inventory").exists() && !out.join("u65e5").exists(), "empty folders of schemas go");
}
