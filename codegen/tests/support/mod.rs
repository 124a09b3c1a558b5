//! What the live tests share: databases with the schemas of the tests, and a request or two.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "shared by several test programs; a failing test may panic"
)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use supabase_local::{Cluster, ClusterDatabase};

/// The schema of the recorded PostgREST exchanges, with every type and two schemas.
pub(crate) fn planets() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/postgrest");
    // It makes these schemas itself.
    let prelude = "drop schema if exists auth cascade; drop schema if exists extensions cascade;";
    format!("{prelude}\n{}", std::fs::read_to_string(folder.join("schema.sql")).unwrap())
}

/// Rows for it.
pub(crate) fn planets_seed() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/postgrest/seed.sql")).unwrap()
}

/// Everything that a generator can trip over.
pub(crate) const ODD: &str = include_str!("../schema/odd.sql");

/// A database with the given text in it.
pub(crate) async fn database(cluster: &Cluster, name: &str, sql: &str) -> ClusterDatabase {
    let database = cluster.create_database(name).await.unwrap();
    if !sql.is_empty() {
        database.apply_sql(sql).await.unwrap();
    }
    database
}

/// A folder of checked-in output.
pub(crate) fn checked_in(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated").join(name)
}

/// Whether checked-in output is to be written anew.
pub(crate) fn bless() -> bool {
    std::env::var_os("BLESS").is_some()
}

/// Compiles generated modules as a library with `missing_docs` denied, against the `supabase-core` that this test was linked with.
pub(crate) fn compile(folder: &Path) {
    let programs = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    let mut libraries: Vec<_> = std::fs::read_dir(&programs)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rlib"))
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("libsupabase_core-"))
        .collect();
    libraries.sort_by_key(|path| std::fs::metadata(path).unwrap().modified().unwrap());
    assert!(!libraries.is_empty(), "supabase-core is a dependency of this test");
    let root = folder.parent().unwrap().join("lib.rs");
    let module = folder.file_name().unwrap().to_str().unwrap();
    std::fs::write(&root, format!("//! Generated code.\n#![deny(missing_docs, unused)]\npub mod {module};\n")).unwrap();
    // The newest is this test's, unless another choice of features was built after it: that one lacks the
    // features which this package asks for, and says so.
    let lacks =
        |said: &str| ["`time`", "`jiff`"].iter().any(|feature| said.contains(&format!("cannot find {feature} in")));
    let mut said = String::new();
    for library in libraries.iter().rev() {
        let output = rustc(folder, &programs, &root, library);
        if output.status.success() {
            return;
        }
        said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !lacks(&said) {
            break;
        }
    }
    panic!("the output does not compile:\n{said}");
}

fn rustc(folder: &Path, programs: &Path, root: &Path, library: &Path) -> std::process::Output {
    Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args([
            "--edition",
            "2024",
            "--crate-type",
            "lib",
            "--emit",
            "metadata",
            "--crate-name",
            "generated",
            "--out-dir",
        ])
        .arg(folder.parent().unwrap())
        .arg("--extern")
        .arg(format!("supabase_core={}", library.display()))
        .arg("-L")
        .arg(format!("dependency={}", programs.display()))
        .arg(root)
        .output()
        .unwrap()
}

/// `GET` of a path below a project's URL, as `(status, body)`.
pub(crate) fn get(url: &str, key: &str, path: &str, query: &str) -> (u16, String) {
    let place = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(place).unwrap();
    let (path, query) = (percent(path, b"/"), percent(query, b"=&"));
    write!(stream, "GET {path}?{query} HTTP/1.0\r\nHost: {place}\r\napikey: {key}\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// `POST` of a JSON document to a path below a project's URL, as `(status, body)`.
pub(crate) fn post(url: &str, key: &str, path: &str, document: &str) -> (u16, String) {
    let place = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(place).unwrap();
    let length = document.len();
    write!(
        stream,
        "POST {path} HTTP/1.0\r\nHost: {place}\r\napikey: {key}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{document}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn percent(text: &str, kept: &[u8]) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
