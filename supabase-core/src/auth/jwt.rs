//! Reading tokens without verifying them: what they claim, not whether it is true.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::error::{AuthErrorCode, AuthRefusal};
use crate::error::{Error, ErrorKind};

/// The claims of a JWT.
pub type Claims = Map<String, Value>;

pub(super) fn invalid(why: &str) -> Error {
    Error::new(ErrorKind::Unauthenticated, why).with_source(AuthRefusal::of(AuthErrorCode::InvalidJwt))
}

fn part(token: &str, index: usize) -> Result<Map<String, Value>, Error> {
    let mut parts = token.split('.');
    if parts.clone().count() != 3 {
        return Err(invalid("the token is no JWT: it has not three parts"));
    }
    let text = parts.nth(index).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD
        .decode(text.trim_end_matches('='))
        .map_err(|_| invalid("the token is no JWT: a part is not base64url"))?;
    serde_json::from_slice(&bytes).map_err(|_| invalid("the token is no JWT: a part is not a JSON object"))
}

pub(super) fn header(token: &str) -> Result<Map<String, Value>, Error> {
    part(token, 0)
}

pub(super) fn claims(token: &str) -> Result<Claims, Error> {
    part(token, 1)
}
