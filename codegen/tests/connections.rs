//! Ways to a database: TLS with a root that is right or wrong, and a pooler that keeps no session.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use supabase_codegen::Builder;
use supabase_codegen::error::{ConnectError, Error};
use supabase_local::Cluster;

const TABLE: &str = "create table planets (id integer primary key, name text not null);";

/// An authority with the text of its certificate.
fn authority() -> (Issuer<'static, KeyPair>, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let text = params.self_signed(&key).unwrap().pem();
    (Issuer::new(params, key), text)
}

#[tokio::test]
async fn tls() {
    let cluster = Cluster::start().await.unwrap();
    let database = support::database(&cluster, "tls", TABLE).await;
    let plain = Builder::new().db_url(format!("{}?sslmode=require", database.url()));
    let error = plain.model().unwrap_err();
    assert!(matches!(error, Error::Connect(ConnectError::NoTls { .. })), "{error}");

    let (issuer, root) = authority();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    // The server writes the files itself, since the key has to belong to its account.
    let write = |text: &str, file: &str| {
        format!(
            "copy (select unnest(string_to_array('{}', E'\\n'))) to program 'umask 077; cat > {file}';\n",
            text.trim_end().replace("\r\n", "\n")
        )
    };
    let mut sql = write(&certificate.pem(), "server.crt");
    sql.push_str(&write(&key.serialize_pem(), "server.key"));
    sql.push_str("alter system set ssl = on;\nselect pg_reload_conf();");
    database.apply_sql(&sql).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let (good, wrong, nothing) =
        (folder.path().join("good.pem"), folder.path().join("wrong.pem"), folder.path().join("nothing.pem"));
    std::fs::write(&good, root).unwrap();
    std::fs::write(&wrong, authority().1).unwrap();
    std::fs::write(&nothing, "no certificate").unwrap();
    // A reload takes a moment.
    let patience = Instant::now() + Duration::from_secs(10);
    while plain.model().is_err() {
        assert!(Instant::now() < patience, "{}", plain.model().unwrap_err());
        std::thread::sleep(Duration::from_millis(50));
    }
    let by_name = database.url().replace("127.0.0.1", "localhost");
    let read = |url: String, root: Option<&Path>| {
        let builder = Builder::new().db_url(url);
        let builder = root.into_iter().fold(builder, |builder, root| builder.root_cert(root));
        builder.model().map(|model| model.schemas[0].tables.len())
    };
    assert_eq!(read(by_name.clone(), Some(&good)).unwrap(), 1, "the right root");
    assert_eq!(read(format!("{by_name}?sslmode=verify-full&sslrootcert={}", good.display()), None).unwrap(), 1);
    assert_eq!(read(format!("{}?sslmode=verify-ca", database.url()), Some(&good)).unwrap(), 1, "any name");
    for (what, result) in [
        ("wrong root", read(by_name.clone(), Some(&wrong))),
        ("wrong root, any name", read(format!("{by_name}?sslmode=verify-ca"), Some(&wrong))),
        ("wrong name", read(database.url(), Some(&good))),
        ("the system's roots", read(format!("{by_name}?sslmode=verify-full"), None)),
    ] {
        let error = result.expect_err(what);
        let is_system = what == "the system's roots";
        // A machine may have no roots at all.
        let bare = is_system && matches!(error, Error::Connect(ConnectError::RootCert { .. }));
        assert!(bare || matches!(error, Error::Connect(ConnectError::Untrusted { .. })), "{what}: {error}");
        assert!(bare || error.to_string().contains("--root-cert"), "{what}: {error}");
    }
    let error = read(by_name, Some(&nothing)).unwrap_err();
    assert!(matches!(error, Error::Connect(ConnectError::RootCert { .. })), "{error}");
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Debian's place, the `PATH`, or the variable `PGBOUNCER`.
fn pgbouncer() -> Option<PathBuf> {
    let named = std::env::var_os("PGBOUNCER").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).map(|folder| folder.join("pgbouncer"));
    named.into_iter().chain(places).chain([PathBuf::from("/usr/sbin/pgbouncer")]).find(|file| file.is_file())
}

/// Through PgBouncer in transaction mode, many at once over one connection: a statement with a name would be one
/// that another client has prepared, or one that is not there.
#[tokio::test]
async fn a_pooler_without_sessions() {
    let Some(program) = pgbouncer() else {
        eprintln!("left out: a_pooler_without_sessions (no pgbouncer; `apt-get install pgbouncer`, or set PGBOUNCER)");
        return;
    };
    let cluster = Cluster::start().await.unwrap();
    let database = support::database(&cluster, "pooled", TABLE).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = database.url();
    let password = url.split_once("://postgres:").and_then(|(_, rest)| rest.split_once('@')).unwrap().0.to_owned();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pgbouncer.ini");
    // PgBouncer will not run as root.
    let is_root = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(folder.path()).unwrap()) == 0;
    let user = if is_root { "user = nobody" } else { "" };
    std::fs::write(
        &file,
        format!(
            "[databases]\npooled = host=127.0.0.1 port={} dbname={} user=postgres password={password}\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = 1\n{user}\n",
            cluster.port(),
            database.name()
        ),
    )
    .unwrap();
    let child = Command::new(program).arg("-q").arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _running = Running(child);
    let patience = Instant::now() + Duration::from_secs(10);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < patience, "pgbouncer does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    let pooled = format!("postgres://anybody:x@127.0.0.1:{port}/pooled");
    let readers: Vec<_> = (0..6)
        .map(|_| {
            let builder = Builder::new().db_url(&pooled);
            std::thread::spawn(move || (0..3).map(|_| builder.model().unwrap()).next_back().unwrap())
        })
        .collect();
    let expected = Builder::new().db_url(url).model().unwrap();
    for reader in readers {
        assert!(reader.join().unwrap() == expected, "another model through the pooler");
    }
}
