//! The keys of a project: the legacy JWTs, the `sb_…` keys, and tokens for users.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The secret that a stack signs its tokens with unless it is given another one. It is no secret: a stack listens
/// on the loopback interface only, and a fixed one keeps keys in `.env` files valid between runs.
pub const DEFAULT_JWT_SECRET: &str = "supabase-local-signs-its-tokens-with-this-text";

/// The first second of the year 2100: the keys of a project do not run out.
const FAR_EXPIRY: u64 = 4_102_444_800;
/// The first second of 2025, so that keys are the same in every run and never lie in the future.
const KEYS_ISSUED: u64 = 1_735_689_600;

/// All keys of a project.
#[derive(Clone)]
pub(crate) struct Keys {
    jwt_secret: String,
    anon: String,
    service: String,
    publishable: String,
    secret: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    pub(crate) fn new(jwt_secret: &str) -> Self {
        let legacy = |role: &str| {
            sign(
                jwt_secret,
                &json!({ "iss": "supabase-local", "ref": "local", "role": role, "iat": KEYS_ISSUED, "exp": FAR_EXPIRY }),
            )
        };
        Self {
            jwt_secret: jwt_secret.to_owned(),
            anon: legacy("anon"),
            service: legacy("service_role"),
            publishable: opaque(jwt_secret, "sb_publishable_"),
            secret: opaque(jwt_secret, "sb_secret_"),
        }
    }

    pub(crate) fn jwt_secret(&self) -> &str {
        &self.jwt_secret
    }

    pub(crate) fn anon(&self) -> &str {
        &self.anon
    }

    pub(crate) fn service(&self) -> &str {
        &self.service
    }

    pub(crate) fn publishable(&self) -> &str {
        &self.publishable
    }

    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        sign(&self.jwt_secret, claims)
    }

    /// What a token claims, if it is signed with the project's secret. Whether it has expired is not asked.
    pub(crate) fn claims(&self, token: &str) -> Option<Value> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        if decode(header)?.get("alg")? != "HS256"
            || URL_SAFE_NO_PAD.encode(hmac(&self.jwt_secret, signed.as_bytes())) != signature
        {
            return None;
        }
        decode(claims)
    }

    /// The signature of a token's first two parts.
    pub(crate) fn signature(&self, text: &str) -> Vec<u8> {
        hmac(&self.jwt_secret, text.as_bytes())
    }

    /// Whether this is a key of the project.
    pub(crate) fn knows(&self, key: &str) -> bool {
        [&self.anon, &self.service, &self.publishable, &self.secret].into_iter().any(|known| known == key)
    }

    /// The JWT that stands for an `sb_…` key towards the services behind the gateway.
    pub(crate) fn jwt_of_opaque(&self, key: &str) -> Option<&str> {
        if key == self.publishable {
            Some(&self.anon)
        } else if key == self.secret {
            Some(&self.service)
        } else {
            None
        }
    }
}

/// A compact JWT over HS256.
fn sign(secret: &str, claims: &Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = hmac(secret, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn hmac(secret: &str, text: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length (a longer one is hashed), so this cannot fail.
    #[allow(clippy::expect_used)]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// A key in the form of hosted projects: prefix, 22 characters, underscore, 8 characters.
fn opaque(secret: &str, prefix: &str) -> String {
    let body = URL_SAFE_NO_PAD.encode(hmac(secret, prefix.as_bytes()));
    let body = body.get(..22).unwrap_or(&body).to_owned();
    let check = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{prefix}{body}")));
    format!("{prefix}{body}_{}", check.get(..8).unwrap_or(&check))
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may fail by panicking

    use super::*;

    #[test]
    fn a_token_is_the_published_example_of_hs256() {
        // The example of jwt.io, which every JWT library agrees on.
        let token =
            sign("your-256-bit-secret", &json!({ "sub": "1234567890", "name": "John Doe", "iat": 1_516_239_022 }));
        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[0], "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9");
        // serde_json orders keys, so the example's signature is checked over the example's own text.
        let text = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ";
        assert_eq!(
            URL_SAFE_NO_PAD.encode(hmac("your-256-bit-secret", text.as_bytes())),
            "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
        );
    }

    #[test]
    fn keys_are_stable_and_differ_by_secret_and_kind() {
        let one = Keys::new("one");
        assert_eq!(one.anon(), Keys::new("one").anon());
        assert_ne!(one.anon(), Keys::new("two").anon());
        assert_ne!(one.publishable(), Keys::new("two").publishable());
        let body = one.secret().strip_prefix("sb_secret_").unwrap();
        assert_eq!(body.len(), 31);
        assert_eq!(one.jwt_of_opaque(one.secret()), Some(one.service()));
        assert_eq!(one.jwt_of_opaque(one.anon()), None);
        assert!(one.knows(one.publishable()) && !one.knows(""));
    }
}
