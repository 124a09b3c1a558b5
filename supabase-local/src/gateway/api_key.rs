//! The key that every request to a project carries, and what the gateway makes of it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use super::message;
use crate::keys::Keys;
use crate::project::Project;

const APIKEY: &str = "apikey";

/// Lets a request pass only with a key of the project, in the header `apikey` or the query.
///
/// An `sb_…` key is no token, so the role's JWT takes its place in `Authorization`: where that header is absent, and
/// where it repeats the key. A user's token is left alone. A key in the query is not passed on, since PostgREST would
/// take it for a filter; the other pairs keep their bytes.
pub(crate) async fn require_key(State(project): State<Arc<Project>>, mut request: Request, next: Next) -> Response {
    match admit(project.keys(), &mut request) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into(),
    }
}

enum Refused {
    Missing,
    Wrong,
}

impl From<Refused> for Response {
    fn from(refused: Refused) -> Self {
        let (text, hint) = match refused {
            Refused::Missing => ("No API key found in request", "No `apikey` request header or url param was found."),
            Refused::Wrong => ("Invalid API key", "Double check your Supabase `anon` or `service_role` API key."),
        };
        message(StatusCode::UNAUTHORIZED, text, Some(hint))
    }
}

fn admit(keys: &Keys, request: &mut Request) -> Result<(), Refused> {
    let key = match request.headers().get(APIKEY) {
        Some(value) => value.to_str().map_err(|_| Refused::Wrong)?.to_owned(),
        None => {
            let (key, uri) = take_from_query(request.uri()).ok_or(Refused::Missing)?;
            *request.uri_mut() = uri;
            key
        }
    };
    if !keys.knows(&key) {
        return Err(Refused::Wrong);
    }
    let bearer = request
        .headers()
        .get(header::AUTHORIZATION)
        .map(HeaderValue::as_bytes)
        .map(|value| value.strip_prefix(b"Bearer ").unwrap_or(value));
    // A key of another project as bearer stays, and the service refuses it.
    let opaque = match bearer {
        None => Some(key.as_str()),
        Some(bearer) => std::str::from_utf8(bearer).ok(),
    };
    if let Some(jwt) = opaque.and_then(|key| keys.jwt_of_opaque(key))
        && let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {jwt}"))
    {
        value.set_sensitive(true);
        request.headers_mut().insert(header::AUTHORIZATION, value);
    }
    Ok(())
}

/// The key of the query, and the address without it.
fn take_from_query(uri: &Uri) -> Option<(String, Uri)> {
    let query = uri.query()?;
    // Keys need no percent-encoding, so the plain spelling is the only one.
    let key = query.split('&').find_map(|pair| pair.strip_prefix("apikey="))?.to_owned();
    let rest: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("apikey=")).collect();
    let target = if rest.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), rest.join("&")) };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Some((key, Uri::from_parts(parts).ok()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may fail by panicking

    use super::*;

    #[test]
    fn only_the_key_leaves_the_query() {
        let (key, uri) = take_from_query(&"/a%2Fb?x=eq.a+b%20c&apikey=K&y=%22&&z".parse().unwrap()).unwrap();
        assert_eq!(key, "K");
        assert_eq!(uri, "/a%2Fb?x=eq.a+b%20c&y=%22&&z");
        assert_eq!(take_from_query(&"/?apikey=K".parse().unwrap()).unwrap().1, "/");
        assert!(take_from_query(&"/?myapikey=K".parse().unwrap()).is_none());
    }
}
