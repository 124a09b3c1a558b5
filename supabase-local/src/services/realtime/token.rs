//! Access tokens, as the server judges them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::keys::now;

/// A valid token.
#[derive(Debug, Clone)]
pub(super) struct Claims {
    pub(super) role: String,
    pub(super) expires: u64,
    /// All of them, as JSON text for `request.jwt.claims`.
    pub(super) json: String,
}

/// Why a token is not: the server's code, and its words.
#[derive(Debug, Clone)]
pub(super) struct Invalid {
    pub(super) code: &'static str,
    pub(super) words: String,
}

pub(super) fn check(secret: &str, token: &str) -> Result<Claims, Invalid> {
    let malformed = || Invalid { code: "MalformedJWT", words: "The token provided is not a valid JWT".to_owned() };
    let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
    let (_, payload) = signed.split_once('.').ok_or_else(malformed)?;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| malformed());
    let claims: Value = serde_json::from_slice(&decode(payload)?).map_err(|_| malformed())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| malformed())?;
    mac.update(signed.as_bytes());
    mac.verify_slice(&decode(signature)?)
        .map_err(|_| Invalid { code: "JwtSignatureError", words: "Failed to validate JWT signature".to_owned() })?;
    let (Some(role), Some(expires)) = (claims["role"].as_str(), claims["exp"].as_u64()) else {
        return Err(Invalid {
            code: "InvalidJWTToken",
            words: "Fields `role` and `exp` are required in JWT".to_owned(),
        });
    };
    if let Some(words) = expired(expires) {
        return Err(Invalid { code: "InvalidJWTToken", words });
    }
    Ok(Claims { role: role.to_owned(), expires, json: claims.to_string() })
}

/// What the server says about an expired token.
pub(super) fn expired(expires: u64) -> Option<String> {
    let now = now();
    (expires <= now).then(|| format!("Token has expired {} seconds ago", now - expires))
}
