//! Verifying tokens with the project's public keys.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::jwt::{self, Claims, invalid};
use super::session::seconds;
use super::wire::{self, Call};
use super::{Auth, TokenSource};
use crate::client::Client;
use crate::error::Result;
use crate::token::{Bearer, Token};

/// For so long fetched keys are taken for current.
const LIFETIME: Duration = Duration::from_secs(600);
/// An unknown key has the set fetched again, but not more often than this.
const REFETCH: Duration = Duration::from_secs(5);

/// The claims of a token that was verified.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct VerifiedClaims {
    /// What the token claims.
    pub claims: Claims,
    /// Its header.
    pub header: Map<String, Value>,
}

/// A set of public keys.
#[derive(Debug, Clone)]
pub struct Jwks(JwkSet);

impl Jwks {
    /// From the JSON of a `jwks.json`.
    ///
    /// # Errors
    /// When the text is no such set.
    pub fn from_json(text: &str) -> Result<Self> {
        Ok(Self(serde_json::from_str(text).map_err(|_| invalid("this is no set of public keys (JWKS)"))?))
    }
}

/// The keys of the project, fetched when they are needed: one request at a time, however many wait,
/// and none for a key that is known and current.
#[derive(Default)]
pub(crate) struct KeyCache {
    known: Mutex<Known>,
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    keys: Option<JwkSet>,
    fetched: Option<Instant>,
    /// The last attempt, whatever came of it.
    tried: Option<Instant>,
}

impl KeyCache {
    async fn key(&self, client: &Client, kid: &str) -> Result<Option<Jwk>> {
        if let (found, true) = self.look(kid) {
            return Ok(found);
        }
        let _turn = self.fetching.lock().await;
        // Somebody else may have fetched them meanwhile.
        let stale = match self.look(kid) {
            (found, true) => return Ok(found),
            (stale, false) => stale,
        };
        self.known().tried = Some(Instant::now());
        let call = Call::new(Method::GET, "/.well-known/jwks.json").bearer(Bearer::Key);
        match (wire::json::<JwkSet>(client, call).await, stale) {
            (Ok(keys), _) => {
                let found = keys.find(kid).cloned();
                let now = Some(Instant::now());
                *self.known() = Known { keys: Some(keys), fetched: now, tried: now };
                Ok(found)
            }
            // A key that was good until now is better than none while the server cannot be asked.
            (Err(_), Some(stale)) => Ok(Some(stale)),
            (Err(error), None) => Err(error),
        }
    }

    /// What is known of this key, and whether that still counts.
    fn look(&self, kid: &str) -> (Option<Jwk>, bool) {
        let known = self.known();
        let key = known.keys.as_ref().and_then(|keys| keys.find(kid)).cloned();
        let within = |time: Option<Instant>, limit| time.is_some_and(|time| time.elapsed() < limit);
        let current = key.is_some() && within(known.fetched, LIFETIME);
        let counts = current || within(known.tried, REFETCH);
        (key, counts)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Nothing in between can panic, so the value is whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Auth {
    /// The claims of the session's token, verified: by the project's public keys where its tokens are
    /// signed with one (no request, once the keys are known), else by asking the server.
    ///
    /// # Errors
    /// `invalid_jwt` for a token that is none, has ended, or has a wrong signature; when nobody is
    /// signed in.
    pub async fn get_claims(&self) -> Result<VerifiedClaims> {
        let token = self.client.tokens().token().await?.ok_or_else(super::error::session_missing)?;
        self.get_claims_of(token.text()).await
    }

    /// The claims of this token, verified.
    ///
    /// # Errors
    /// As for [`get_claims`](Self::get_claims).
    pub async fn get_claims_of(&self, access_token: &str) -> Result<VerifiedClaims> {
        self.verified(access_token, None).await
    }

    /// The claims of this token, verified with these keys first.
    ///
    /// # Errors
    /// As for [`get_claims`](Self::get_claims).
    pub async fn get_claims_with(&self, access_token: &str, keys: &Jwks) -> Result<VerifiedClaims> {
        self.verified(access_token, Some(keys)).await
    }

    async fn verified(&self, token: &str, given: Option<&Jwks>) -> Result<VerifiedClaims> {
        let (header, claims) = (jwt::header(token)?, jwt::claims(token)?);
        let now = match self.client.tokens() {
            TokenSource::Session(owner) => owner.now(),
            _ => std::time::SystemTime::now(),
        };
        match claims.get("exp").and_then(Value::as_i64) {
            None => return Err(invalid("the token has no `exp` claim")),
            Some(end) if end <= seconds(now) => return Err(invalid("the token has expired")),
            Some(_) => {}
        }
        let text = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
        let (algorithm, kid) = (text("alg"), text("kid"));
        if !algorithm.is_empty() && !algorithm.starts_with("HS") && algorithm != "none" && !kid.is_empty() {
            let key = match given.and_then(|keys| keys.0.find(kid)) {
                Some(key) => Some(key.clone()),
                None => self.client.jwks().key(&self.client, kid).await?,
            };
            if let Some(key) = key {
                verify(token, algorithm, &key)?;
                return Ok(VerifiedClaims { claims, header });
            }
        }
        // A shared secret, or a key that is not published: only the server can tell.
        let call = Call::new(Method::GET, "/user").bearer(Bearer::Exactly(Token::of_user(token)));
        wire::send(&self.client, call).await?;
        Ok(VerifiedClaims { claims, header })
    }
}

/// The algorithm is the key's, whatever the token's header says: the header is what an attacker
/// writes.
fn verify(token: &str, claimed: &str, key: &Jwk) -> Result<()> {
    let algorithm = match key.common.key_algorithm {
        Some(KeyAlgorithm::RS256) => Algorithm::RS256,
        Some(KeyAlgorithm::ES256) => Algorithm::ES256,
        Some(KeyAlgorithm::EdDSA) => Algorithm::EdDSA,
        Some(_) => return Err(invalid("the key is for an algorithm that access tokens are not signed with")),
        None => match &key.algorithm {
            AlgorithmParameters::RSA(_) => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => Algorithm::ES256,
            AlgorithmParameters::OctetKeyPair(_) => Algorithm::EdDSA,
            _ => return Err(invalid("the key is of a kind that access tokens are not signed with")),
        },
    };
    if format!("{algorithm:?}") != claimed {
        return Err(invalid("the token names another algorithm than its key is for"));
    }
    let key = DecodingKey::from_jwk(key).map_err(|_| invalid("the key that the token names cannot be used"))?;
    let mut rules = Validation::new(algorithm);
    // The end was checked against the client's clock; who it is for is the application's question.
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_aud = false;
    jsonwebtoken::decode::<Value>(token, &key, &rules).map_err(|_| invalid("the token's signature is wrong"))?;
    Ok(())
}
