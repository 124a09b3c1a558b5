//! Tokens and keys that stand for the recorded ones.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use supabase_core::auth::Jwks;

/// A token that the key of RFC 7515, appendix A.3, has signed; `kid-1`, for the user of [`super::server`].
pub(super) const ES256: &str = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImtpZC0xIiwidHlwIjoiSldUIn0.\
    eyJzdWIiOiIxMTExMTExMS0xMTExLTQxMTEtODExMS0xMTExMTExMTExMTEiLCJleHAiOjQxMDI0NDQ4MDB9.\
    RQ65rkF8ZTZ3xYsZUNbdtvKzmTUgGKMDhZJNeDJMCUGy_D-6O8rFY887GQhgOWdO08Uhrk7RfZjVXOF8g_otOw";

/// The public half of that key, as the service publishes it.
pub(super) fn key_set() -> serde_json::Value {
    json!({ "keys": [{
        "kty": "EC", "crv": "P-256", "kid": "kid-1", "alg": "ES256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }] })
}

/// The same, read by our client.
pub(super) fn keys() -> Jwks {
    Jwks::from_json(&key_set().to_string()).expect("a set of keys")
}

/// An unsigned token that ends at `exp`.
pub(super) fn token(exp: i64, alg: &str) -> String {
    let header = json!({ "alg": alg, "typ": "JWT", "kid": "kid-1" });
    let claims = json!({
        "sub": "11111111-1111-4111-8111-111111111111", "exp": exp, "iat": 1_700_000_000, "aal": "aal1",
        "amr": [{ "method": "password", "timestamp": 1_700_000_000 }],
    });
    [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".") + ".c2ln"
}

/// The token of the signed-in user: `<JWT_USER>` in the recordings.
pub(super) fn user_jwt() -> String {
    token(4_102_444_800, "HS256")
}
