//! Opens the connection; every way in which that can fail becomes one sentence with its remedy.
//! No message contains the password: only host, port, user and database are ever printed.

use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config};

use super::tls::{self, Trust};
use crate::error::ConnectError;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Connects, and drives the connection on the current runtime until the client is dropped.
pub(super) async fn connect(url: &str, root_cert: Option<&Path>) -> Result<Client, ConnectError> {
    let (mut config, trust) = parse(url, root_cert)?;
    let place = describe(&config);
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(TIMEOUT);
    }
    if config.get_application_name().is_none() {
        config.application_name("supabase-codegen");
    }
    // Some servers accept the socket and then say nothing.
    let tls = tls::connector(&trust, &place)?;
    let attempt = tokio::time::timeout(TIMEOUT * 2, config.connect(tls)).await;
    let (client, connection) = match attempt {
        Err(_) => return Err(ConnectError::Unreachable { place, reason: "no answer in time".to_owned() }),
        Ok(Err(error)) => return Err(explain(&error, &config, place)),
        Ok(Ok(pair)) => pair,
    };
    // The connection ends with its client; what goes wrong on it reaches the caller through the query that fails.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// The URL with what the driver does not know taken out: `sslmode=verify-ca`, `verify-full`, and `sslrootcert`.
fn parse(url: &str, root_cert: Option<&Path>) -> Result<(Config, Trust), ConnectError> {
    let url = url.trim();
    let bad = |reason: &str| ConnectError::BadUrl { reason: reason.to_owned() };
    // An unescaped letter in a password would make its rest part of the host or database, which messages show.
    if let Some((_, rest)) = url.split_once("://") {
        let before_host = rest.rsplit_once('@').map_or("", |(user, _)| user);
        if before_host.contains(['@', '/', '?', '#']) {
            return Err(bad("its user or password has a letter that must be percent-encoded"));
        }
    }
    let (url, mode, file) = own_options(url);
    let root_cert = root_cert.map(Path::to_owned).or(file);
    let trust = match (mode.as_deref(), root_cert) {
        (Some("verify-ca"), root_cert) => Trust::Authority(root_cert),
        (Some("verify-full"), root_cert) | (None, root_cert @ Some(_)) => Trust::Name(root_cert),
        // As libpq does: who names a root means it.
        (Some("require"), root_cert @ Some(_)) => Trust::Authority(root_cert),
        _ => Trust::Anybody,
    };
    let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
        let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        // In `key=value` form what is taken for an option may be the rest of a password.
        if reason.starts_with("unknown option") && !url.contains("://") {
            bad("it has an option that is not known")
        } else {
            ConnectError::BadUrl { reason }
        }
    })?;
    if trust != Trust::Anybody {
        config.ssl_mode(SslMode::Require);
    }
    if config.get_hosts().is_empty() { Err(bad("it names no host")) } else { Ok((config, trust)) }
}

/// The URL without `sslrootcert` and without the modes of `sslmode` that the driver does not know, and these two.
fn own_options(url: &str) -> (String, Option<String>, Option<PathBuf>) {
    let Some((before, query)) = url.split_once('?').filter(|_| url.contains("://")) else {
        return (url.to_owned(), None, None);
    };
    let (mut mode, mut file) = (None, None);
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| match pair.split_once('=') {
            Some(("sslmode", value)) => {
                mode = Some(value.to_owned());
                !matches!(value, "verify-ca" | "verify-full")
            }
            Some(("sslrootcert", value)) => {
                // `system` means the system's authorities, which is what no file means.
                file = Some(percent_decoded(value)).filter(|value| value != "system").map(PathBuf::from);
                false
            }
            _ => true,
        })
        .collect();
    let url = if kept.is_empty() { before.to_owned() } else { format!("{before}?{}", kept.join("&")) };
    (url, mode, file)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn explain(error: &tokio_postgres::Error, config: &Config, place: String) -> ConnectError {
    let user = config.get_user().unwrap_or_default().to_owned();
    let Some(server) = error.as_db_error() else {
        let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        if reason.contains("password missing") {
            return ConnectError::LoginRefused {
                place,
                user,
                reason: "the URL has no password and the server wants one".to_owned(),
            };
        }
        if let Some(rustls::Error::InvalidCertificate(problem)) = certificate_error(error) {
            return ConnectError::Untrusted { place, reason: problem.to_string() };
        }
        // What the driver says when `sslmode=require` meets a server without TLS.
        if reason.contains("server does not support TLS") {
            return ConnectError::NoTls { place };
        }
        return ConnectError::Unreachable { place, reason };
    };
    let reason = server.message().to_owned();
    match *server.code() {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            ConnectError::LoginRefused { place, user, reason }
        }
        SqlState::INVALID_CATALOG_NAME => {
            ConnectError::NoDatabase { place, database: config.get_dbname().unwrap_or(&user).to_owned() }
        }
        _ => ConnectError::Refused { place, reason },
    }
}

/// What TLS had against the server, at the bottom of the driver's error.
fn certificate_error(error: &tokio_postgres::Error) -> Option<&rustls::Error> {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(found) = inner.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        // An I/O error hides what it was made of from `source`.
        let wrapped = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = wrapped.and_then(|wrapped| wrapped.downcast_ref::<rustls::Error>()) {
            return Some(found);
        }
        cause = inner.source();
    }
    None
}

/// Host and port, without anything secret.
fn describe(config: &Config) -> String {
    let ports = config.get_ports();
    let places: Vec<String> = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(index, host)| {
            let port = ports.get(index).or_else(|| ports.first()).copied().unwrap_or(5432);
            match host {
                Host::Tcp(name) => format!("{name}:{port}"),
                #[cfg(unix)]
                Host::Unix(path) => format!("{}:{port}", path.display()),
            }
        })
        .collect();
    places.join(", ")
}

/// Server and database of a URL, for a line of progress; nothing where the URL cannot be understood.
pub(super) fn place(url: &str) -> Option<String> {
    let (config, _) = parse(url, None).ok()?;
    let place = describe(&config);
    Some(match config.get_dbname() {
        Some(database) => format!("{place}/{database}"),
        None => place,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn refused(url: &str) -> ConnectError {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(connect(url, None)).expect_err("no connection")
    }

    #[test]
    fn urls_that_cannot_be_understood() {
        for url in ["nonsense", "http://example.com/db", "postgres://u:p@ss:word@host:x/db", "", "postgres:///db"] {
            let error = refused(url);
            assert!(matches!(error, ConnectError::BadUrl { .. }), "{url}: {error}");
        }
    }

    #[test]
    fn no_part_of_a_password_is_told() {
        for url in [
            "postgres://u:hun@ter2@host/db",
            "postgres://u:1/hunter2@host/db",
            "postgres://u:1?hunter2@host/db",
            "postgres://u:1#hunter2@host/db",
            "host=localhost password=hun hunter2=x",
            "postgres://u:hunter2@host:port/db",
            "postgres://u:hunter2@host/db?sslmode=whatever",
        ] {
            let text = refused(url).to_string();
            assert!(!text.contains("hunter2") && !text.contains("ter2"), "{text}");
            assert_eq!(place(url), None);
        }
    }

    #[test]
    fn nobody_there() {
        // Port 1 of the own machine: refused at once.
        let error = refused("postgres://user:hunter2@127.0.0.1:1/db");
        assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("127.0.0.1:1") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn tls_options_that_the_driver_does_not_know() {
        let trust = |url: &str, file: Option<&str>| parse(url, file.map(Path::new)).unwrap().1;
        let file = |name: &str| Some(PathBuf::from(name));
        assert_eq!(trust("postgres://h/d", None), Trust::Anybody);
        assert_eq!(trust("postgres://h/d?sslmode=require", None), Trust::Anybody);
        assert_eq!(trust("postgres://h/d?sslmode=verify-full", None), Trust::Name(None));
        assert_eq!(
            trust("postgres://h/d?sslmode=verify-ca&sslrootcert=a%20b.pem", None),
            Trust::Authority(file("a b.pem"))
        );
        assert_eq!(trust("postgres://h/d?sslmode=require&sslrootcert=a", None), Trust::Authority(file("a")));
        assert_eq!(trust("postgres://h/d?sslrootcert=system&sslmode=verify-full", None), Trust::Name(None));
        assert_eq!(trust("postgres://h/d?sslrootcert=a", Some("b")), Trust::Name(file("b")), "the option wins");
        let (config, _) = parse("postgres://h/d?sslmode=verify-full&connect_timeout=3", None).unwrap();
        assert_eq!(
            (config.get_ssl_mode(), config.get_connect_timeout()),
            (SslMode::Require, Some(&Duration::from_secs(3)))
        );
    }

    #[test]
    fn a_place_has_no_secret() {
        assert_eq!(place("postgres://user:hunter2@example.com:6543/app").as_deref(), Some("example.com:6543/app"));
        assert_eq!(place("nonsense"), None);
    }
}
