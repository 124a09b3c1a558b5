//! Second factors: codes from an app, by phone, WebAuthn, recovery codes.

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::event::AuthEvent;
use super::request::{Channel, hidden};
use super::session::Session;
use super::sign_in::Fields;
use super::user::Factor;
use super::wire::{self, Call, segment};
use super::{Auth, TokenSource, jwt};
use crate::error::Result;

/// Second factors of the signed-in user, from [`Auth::mfa`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Mfa {
    auth: Auth,
}

/// A factor to enroll.
#[derive(Debug, Clone)]
#[must_use]
pub struct Enroll {
    body: Map<String, Value>,
}

impl Enroll {
    fn new(kind: &str) -> Self {
        Self { body: Fields::new().set("factor_type", kind).0 }
    }

    /// Codes from an authenticator app.
    pub fn totp() -> Self {
        Self::new("totp")
    }

    /// Codes sent to this number.
    pub fn phone(number: impl Into<String>) -> Self {
        let mut this = Self::new("phone");
        this.body.insert("phone".into(), json!(number.into()));
        this
    }

    /// A security key or passkey.
    pub fn webauthn() -> Self {
        Self::new("webauthn")
    }

    /// What the user calls it.
    pub fn friendly_name(mut self, name: impl Into<String>) -> Self {
        self.body.insert("friendly_name".into(), json!(name.into()));
        self
    }

    /// The name that an authenticator app shows beside the code.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.body.insert("issuer".into(), json!(issuer.into()));
        self
    }
}

/// A factor that was enrolled and waits for its first verification.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Enrolled {
    /// The factor's id.
    pub id: String,
    /// `totp`, `phone`, `webauthn`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// What the user calls it.
    #[serde(default)]
    pub friendly_name: Option<String>,
    /// What an authenticator app needs.
    #[serde(default)]
    pub totp: Option<Totp>,
    /// The number, of a phone factor.
    #[serde(default)]
    pub phone: Option<String>,
}

hidden!(Totp, RecoveryCodes);

/// What an authenticator app needs. It is a secret, and `Debug` shows nothing of it.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Totp {
    /// A picture of the QR code, as a `data:` URL of SVG.
    pub qr_code: String,
    /// The secret, to be typed in.
    pub secret: String,
    /// The `otpauth://` URI.
    pub uri: String,
}

/// A challenge that waits for its answer.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Challenge {
    /// The challenge's id.
    pub id: String,
    /// `totp`, `phone`, `webauthn`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// When it ends, in seconds since 1970.
    #[serde(default)]
    pub expires_at: i64,
    /// What the authenticator is to be asked, of WebAuthn factors.
    #[serde(default)]
    pub webauthn: Option<Value>,
}

/// Whose WebAuthn credentials are asked for.
#[derive(Debug, Clone)]
pub struct WebAuthnOrigin {
    /// The relying party: the domain.
    pub rp_id: String,
    /// The origins that may ask.
    pub rp_origins: Vec<String>,
}

/// Factors of a user by kind.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Factors {
    /// All of them, verified or not.
    pub all: Vec<Factor>,
    /// The verified ones with an authenticator app.
    pub totp: Vec<Factor>,
    /// The verified ones with a phone.
    pub phone: Vec<Factor>,
    /// The verified ones with WebAuthn.
    pub webauthn: Vec<Factor>,
}

/// How sure the server is who the user is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssuranceLevel {
    /// One factor.
    Aal1,
    /// Two factors.
    Aal2,
    /// Another level.
    Other(String),
}

impl From<&str> for AssuranceLevel {
    fn from(text: &str) -> Self {
        match text {
            "aal1" => Self::Aal1,
            "aal2" => Self::Aal2,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// A way by which the session was authenticated.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AuthenticationMethod {
    /// `password`, `otp`, `totp`, `oauth`, …
    pub method: String,
    /// When, in seconds since 1970.
    #[serde(default)]
    pub timestamp: i64,
}

/// The session's level, and the one that it can reach.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AssuranceLevels {
    /// The level now; `None` when nobody is signed in.
    pub current: Option<AssuranceLevel>,
    /// The level after verifying a factor, if the user has one; else the level now.
    pub next: Option<AssuranceLevel>,
    /// How the session was authenticated.
    pub methods: Vec<AuthenticationMethod>,
}

/// Recovery codes. They are secrets, and `Debug` shows nothing of them.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct RecoveryCodes {
    /// The factor's id.
    #[serde(default)]
    pub id: Option<String>,
    /// The codes, when they were made just now; the server does not tell them again.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Whatever else the server says, such as how many are left.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Mfa {
    pub(super) fn new(auth: Auth) -> Self {
        Self { auth }
    }

    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: String,
        body: Option<Value>,
    ) -> Result<T> {
        let mut call = Call::new(method, path).bearer(self.auth.user_bearer().await?);
        if let Some(body) = body {
            call = call.body(body);
        }
        wire::json(&self.auth.client, call).await
    }

    /// The session after a factor was verified: of the second level.
    async fn verified(&self, path: String, body: Value) -> Result<Session> {
        let session: Session = self.call(Method::POST, path, Some(body)).await?;
        match self.auth.client.tokens() {
            TokenSource::Session(owner) => owner.begin(session, AuthEvent::MfaChallengeVerified).await,
            // A client for a fixed token gets the session and stays as it is.
            _ => Ok(session.received(std::time::SystemTime::now())),
        }
    }

    /// Enrolls a factor; it counts once a code of it was verified.
    ///
    /// # Errors
    /// `mfa_factor_name_conflict`, `too_many_enrolled_mfa_factors`, `mfa_phone_enroll_not_enabled`, …
    pub async fn enroll(&self, factor: Enroll) -> Result<Enrolled> {
        let mut enrolled: Enrolled =
            self.call(Method::POST, "/factors".into(), Some(Value::Object(factor.body))).await?;
        if let Some(totp) = &mut enrolled.totp
            && !totp.qr_code.starts_with("data:")
        {
            totp.qr_code = format!("data:image/svg+xml;utf-8,{}", totp.qr_code);
        }
        Ok(enrolled)
    }

    /// Begins a verification; a phone factor gets its code.
    ///
    /// # Errors
    /// `mfa_factor_not_found`.
    pub async fn challenge(&self, factor_id: &str) -> Result<Challenge> {
        self.challenge_with(factor_id, json!({})).await
    }

    /// The same for a phone factor, by this channel.
    ///
    /// # Errors
    /// As for [`challenge`](Self::challenge).
    pub async fn challenge_by(&self, factor_id: &str, channel: Channel) -> Result<Challenge> {
        self.challenge_with(factor_id, json!({ "channel": channel.as_str() })).await
    }

    /// The same for a WebAuthn factor.
    ///
    /// # Errors
    /// As for [`challenge`](Self::challenge).
    pub async fn challenge_webauthn(&self, factor_id: &str, origin: &WebAuthnOrigin) -> Result<Challenge> {
        let origin = json!({ "rpId": origin.rp_id, "rpOrigins": origin.rp_origins });
        self.challenge_with(factor_id, json!({ "webauthn": origin })).await
    }

    async fn challenge_with(&self, factor_id: &str, body: Value) -> Result<Challenge> {
        self.call(Method::POST, format!("/factors/{}/challenge", segment(factor_id)?), Some(body)).await
    }

    /// Verifies a code, which takes the session to the second level.
    ///
    /// # Errors
    /// `mfa_verification_failed`, `mfa_challenge_expired`.
    pub async fn verify(&self, factor_id: &str, challenge_id: &str, code: &str) -> Result<Session> {
        let path = format!("/factors/{}/verify", segment(factor_id)?);
        self.verified(path, json!({ "challenge_id": challenge_id, "code": code })).await
    }

    /// Verifies what a WebAuthn authenticator answered: `kind` is `create` after enrolling, else
    /// `request`, and `credential` the JSON of the browser's credential.
    ///
    /// # Errors
    /// `mfa_verification_failed`, `mfa_challenge_expired`.
    pub async fn verify_webauthn(
        &self,
        factor_id: &str,
        challenge_id: &str,
        kind: &str,
        credential: Value,
    ) -> Result<Session> {
        let path = format!("/factors/{}/verify", segment(factor_id)?);
        let answer = json!({ "type": kind, "credential_response": credential });
        self.verified(path, json!({ "challenge_id": challenge_id, "webauthn": answer })).await
    }

    /// Begins a verification and verifies the code of an authenticator app.
    ///
    /// # Errors
    /// As for [`verify`](Self::verify).
    pub async fn challenge_and_verify(&self, factor_id: &str, code: &str) -> Result<Session> {
        let challenge = self.challenge(factor_id).await?;
        self.verify(factor_id, &challenge.id, code).await
    }

    /// Removes a factor. A verified one needs a session of the second level.
    ///
    /// # Errors
    /// `insufficient_aal`, `mfa_factor_not_found`.
    pub async fn unenroll(&self, factor_id: &str) -> Result<()> {
        self.call::<Value>(Method::DELETE, format!("/factors/{}", segment(factor_id)?), None).await.map(drop)
    }

    /// The user's factors, as the server knows them now.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn list_factors(&self) -> Result<Factors> {
        let all = self.auth.get_user().await?.factors;
        let verified = |kind: &str| {
            all.iter().filter(|factor| factor.is_verified() && factor.factor_type == kind).cloned().collect::<Vec<_>>()
        };
        Ok(Factors { totp: verified("totp"), phone: verified("phone"), webauthn: verified("webauthn"), all })
    }

    /// The level of the session and the one that it can reach, without asking the server.
    ///
    /// # Errors
    /// When the session's token cannot be read.
    pub async fn assurance_level(&self) -> Result<AssuranceLevels> {
        let Some(session) = self.auth.owner()?.session().await? else { return Ok(AssuranceLevels::default()) };
        levels(&session.access_token, &session.user.factors)
    }

    /// The same for this token, whose user the server is asked for.
    ///
    /// # Errors
    /// When the server refuses the token.
    pub async fn assurance_level_of(&self, access_token: &str) -> Result<AssuranceLevels> {
        let user = self.auth.get_user_of(access_token).await?;
        levels(access_token, &user.factors)
    }

    /// Whether the user has recovery codes.
    ///
    /// # Errors
    /// When the project has no recovery codes.
    pub async fn recovery_codes(&self) -> Result<RecoveryCodes> {
        self.call(Method::GET, "/factors/recovery-codes".into(), None).await
    }

    /// Makes recovery codes, and tells them this once.
    ///
    /// # Errors
    /// `mfa_recovery_codes_enroll_not_enabled`.
    pub async fn generate_recovery_codes(&self, friendly_name: Option<&str>) -> Result<RecoveryCodes> {
        let body = friendly_name.map(|name| json!({ "friendly_name": name }));
        self.call(Method::POST, "/factors/recovery-codes".into(), body).await
    }

    /// Makes other recovery codes; the old ones no longer hold.
    ///
    /// # Errors
    /// As for [`generate_recovery_codes`](Self::generate_recovery_codes).
    pub async fn regenerate_recovery_codes(&self) -> Result<RecoveryCodes> {
        self.call(Method::POST, "/factors/recovery-codes/regenerate".into(), None).await
    }

    /// Uses a recovery code up, which takes the session to the second level.
    ///
    /// # Errors
    /// `mfa_verification_failed`.
    pub async fn verify_recovery_code(&self, code: &str) -> Result<Session> {
        self.verified("/factors/recovery-codes/verify".into(), json!({ "code": code })).await
    }

    /// Removes the recovery codes.
    ///
    /// # Errors
    /// When the user has none.
    pub async fn remove_recovery_codes(&self) -> Result<()> {
        self.call::<Value>(Method::DELETE, "/factors/recovery-codes".into(), None).await.map(drop)
    }
}

fn levels(token: &str, factors: &[Factor]) -> Result<AssuranceLevels> {
    let claims = jwt::claims(token)?;
    let current = claims.get("aal").and_then(Value::as_str).map(AssuranceLevel::from);
    let next = if factors.iter().any(Factor::is_verified) { Some(AssuranceLevel::Aal2) } else { current.clone() };
    let methods = claims.get("amr").and_then(Value::as_array).map(|methods| {
        methods.iter().filter_map(|method| match method {
            // Providers of one's own may write names only.
            Value::String(name) => Some(AuthenticationMethod { method: name.clone(), timestamp: 0 }),
            other => serde_json::from_value(other.clone()).ok(),
        })
    });
    Ok(AssuranceLevels { current, next, methods: methods.map(Iterator::collect).unwrap_or_default() })
}
