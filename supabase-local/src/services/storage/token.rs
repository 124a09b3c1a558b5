//! Who asks: the token of a request, and the tokens of signed URLs.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::refusal::{Answer, Refusal};
use crate::keys::{Keys, now};

/// The claims of a request's token.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) claims: Value,
}

impl Caller {
    /// Nobody: sees nothing.
    pub(super) fn nobody() -> Self {
        Self { claims: serde_json::json!({}) }
    }

    pub(super) fn role(&self) -> &str {
        self.claims["role"].as_str().unwrap_or("anon")
    }

    pub(super) fn subject(&self) -> Option<&str> {
        self.claims["sub"].as_str()
    }

    pub(super) fn is_service(&self) -> bool {
        self.role() == "service_role"
    }
}

/// The claims of a token that is in order, or the text of what is wrong with it.
pub(super) fn verify(keys: &Keys, token: &str) -> Result<Value, &'static str> {
    const NONE: &str = "Invalid Compact JWS";
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(NONE);
    };
    let decode =
        |part: &str| URL_SAFE_NO_PAD.decode(part).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let head = decode(header).ok_or(NONE)?;
    if head["alg"] != "HS256" {
        return Err("\"alg\" (Algorithm) Header Parameter value not allowed");
    }
    if URL_SAFE_NO_PAD.decode(signature).ok().as_deref() != Some(&keys.signature(&format!("{header}.{claims}"))) {
        return Err("signature verification failed");
    }
    let claims = decode(claims).ok_or(NONE)?;
    if claims["nbf"].as_u64().is_some_and(|from| from > now()) {
        return Err("\"nbf\" claim timestamp check failed");
    }
    if claims["exp"].as_u64().is_some_and(|until| until <= now()) {
        return Err("\"exp\" claim timestamp check failed");
    }
    Ok(claims)
}

/// The bearer token; the scheme is optional.
fn bearer<'a>(keys: &'a Keys, headers: &'a HeaderMap) -> Option<&'a str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => value,
    };
    // The gateway of hosted projects puts the role's token in the place of such a key.
    Some(keys.jwt_of_opaque(token).unwrap_or(token))
}

/// The caller of a route that wants a token.
pub(super) fn caller(keys: &Keys, headers: &HeaderMap) -> Answer<Caller> {
    let token =
        bearer(keys, headers).ok_or_else(|| Refusal::schema("headers must have required property 'authorization'"))?;
    verify(keys, token).map(|claims| Caller { claims }).map_err(Refusal::token)
}

/// The caller of a route that answers nobody as well.
pub(super) fn caller_or_nobody(keys: &Keys, headers: &HeaderMap) -> Caller {
    bearer(keys, headers)
        .and_then(|token| verify(keys, token).ok())
        .map_or_else(Caller::nobody, |claims| Caller { claims })
}
