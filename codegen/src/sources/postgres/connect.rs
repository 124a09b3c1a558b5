//! Opens the connection; every way in which that can fail becomes one sentence with its remedy.
//! No message contains the password: only host, port, user and database are ever printed.

use std::error::Error as _;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

use crate::error::ConnectError;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Connects, and drives the connection on the current runtime until the client is dropped.
pub(super) async fn connect(url: &str) -> Result<Client, ConnectError> {
    let mut config: Config = url.trim().parse().map_err(|error: tokio_postgres::Error| ConnectError::BadUrl {
        reason: error.source().map_or_else(|| error.to_string(), ToString::to_string),
    })?;
    if config.get_hosts().is_empty() {
        return Err(ConnectError::BadUrl { reason: "it names no host".to_owned() });
    }
    let place = describe(&config);
    // `prefer` means the same as `disable` until TLS is supported.
    if !matches!(config.get_ssl_mode(), SslMode::Disable | SslMode::Prefer) {
        return Err(ConnectError::Tls { place });
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(TIMEOUT);
    }
    if config.get_application_name().is_none() {
        config.application_name("supabase-codegen");
    }
    // Some servers accept the socket and then say nothing.
    let attempt = tokio::time::timeout(TIMEOUT * 2, config.connect(NoTls)).await;
    let (client, connection) = match attempt {
        Err(_) => return Err(ConnectError::Unreachable { place, reason: "no answer in time".to_owned() }),
        Ok(Err(error)) => return Err(explain(&error, &config, place)),
        Ok(Ok(pair)) => pair,
    };
    // The connection ends with its client; what goes wrong on it reaches the caller through the query that fails.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
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
    let config: Config = url.trim().parse().ok()?;
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
        runtime.block_on(connect(url)).expect_err("no connection")
    }

    #[test]
    fn urls_that_cannot_be_understood() {
        for url in ["nonsense", "http://example.com/db", "postgres://u:p@ss:word@host:x/db", "", "postgres:///db"] {
            let error = refused(url);
            assert!(matches!(error, ConnectError::BadUrl { .. }), "{url}: {error}");
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
    fn tls_is_refused_clearly() {
        let error = refused("postgres://user:hunter2@127.0.0.1:1/db?sslmode=require");
        assert!(matches!(error, ConnectError::Tls { .. }), "{error}");
    }

    #[test]
    fn a_place_has_no_secret() {
        assert_eq!(place("postgres://user:hunter2@example.com:6543/app").as_deref(), Some("example.com:6543/app"));
        assert_eq!(place("nonsense"), None);
    }
}
