//! What the auth service says when it says no: codes by name, and why a password is weak.

use std::fmt;

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::error::{Error, ErrorBody, ErrorKind};

/// The version of the API that this client speaks, sent with every request to the auth service.
pub(super) const API_VERSION: &str = "2024-01-01";
pub(super) const API_VERSION_HEADER: &str = "x-supabase-api-version";

macro_rules! codes {
    ($($variant:ident = $text:literal),* $(,)?) => {
        /// A code of the auth service.
        ///
        /// The list is that of the service's documentation; a code that it gains later is
        /// [`Other`](Self::Other).
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum AuthErrorCode {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
            /// A code that is not in the list, or none at all (then it is empty).
            Other(String),
        }

        impl AuthErrorCode {
            /// The code as the service writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for AuthErrorCode {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        #[cfg(test)]
        const ALL: &[&str] = &[$($text),*];
    };
}

codes! {
    AnonymousProviderDisabled = "anonymous_provider_disabled",
    BadCodeVerifier = "bad_code_verifier",
    BadJson = "bad_json",
    BadJwt = "bad_jwt",
    BadOauthCallback = "bad_oauth_callback",
    BadOauthState = "bad_oauth_state",
    CaptchaFailed = "captcha_failed",
    Conflict = "conflict",
    CurrentPasswordMismatch = "current_password_mismatch",
    CurrentPasswordRequired = "current_password_required",
    CustomProviderNotFound = "custom_provider_not_found",
    EmailAddressInvalid = "email_address_invalid",
    EmailAddressNotAuthorized = "email_address_not_authorized",
    EmailAddressNotProvided = "email_address_not_provided",
    EmailConflictIdentityNotDeletable = "email_conflict_identity_not_deletable",
    EmailExists = "email_exists",
    EmailNotConfirmed = "email_not_confirmed",
    EmailProviderDisabled = "email_provider_disabled",
    FeatureDisabled = "feature_disabled",
    FlowStateExpired = "flow_state_expired",
    FlowStateNotFound = "flow_state_not_found",
    HookPayloadInvalidContentType = "hook_payload_invalid_content_type",
    HookPayloadOverSizeLimit = "hook_payload_over_size_limit",
    HookTimeout = "hook_timeout",
    HookTimeoutAfterRetry = "hook_timeout_after_retry",
    IdentityAlreadyExists = "identity_already_exists",
    IdentityNotFound = "identity_not_found",
    InsufficientAal = "insufficient_aal",
    InvalidCredentials = "invalid_credentials",
    InvalidJwt = "invalid_jwt",
    InviteNotFound = "invite_not_found",
    ManualLinkingDisabled = "manual_linking_disabled",
    MfaChallengeExpired = "mfa_challenge_expired",
    MfaFactorNameConflict = "mfa_factor_name_conflict",
    MfaFactorNotFound = "mfa_factor_not_found",
    MfaIpAddressMismatch = "mfa_ip_address_mismatch",
    MfaPhoneEnrollNotEnabled = "mfa_phone_enroll_not_enabled",
    MfaPhoneVerifyNotEnabled = "mfa_phone_verify_not_enabled",
    MfaRecoveryCodesEnrollNotEnabled = "mfa_recovery_codes_enroll_not_enabled",
    MfaRecoveryCodesVerifyNotEnabled = "mfa_recovery_codes_verify_not_enabled",
    MfaTotpEnrollNotEnabled = "mfa_totp_enroll_not_enabled",
    MfaTotpVerifyNotEnabled = "mfa_totp_verify_not_enabled",
    MfaVerificationFailed = "mfa_verification_failed",
    MfaVerificationRejected = "mfa_verification_rejected",
    MfaVerifiedFactorExists = "mfa_verified_factor_exists",
    MfaWebAuthnEnrollNotEnabled = "mfa_webauthn_enroll_not_enabled",
    MfaWebAuthnVerifyNotEnabled = "mfa_webauthn_verify_not_enabled",
    NoAuthorization = "no_authorization",
    NotAdmin = "not_admin",
    OauthAuthorizationNotFound = "oauth_authorization_not_found",
    OauthClientNotFound = "oauth_client_not_found",
    OauthClientStateExpired = "oauth_client_state_expired",
    OauthClientStateNotFound = "oauth_client_state_not_found",
    OauthConsentNotFound = "oauth_consent_not_found",
    OauthDynamicClientRegistrationDisabled = "oauth_dynamic_client_registration_disabled",
    OauthInvalidState = "oauth_invalid_state",
    OauthProviderNotSupported = "oauth_provider_not_supported",
    OtpDisabled = "otp_disabled",
    OtpExpired = "otp_expired",
    OverCustomProviderQuota = "over_custom_provider_quota",
    OverEmailSendRateLimit = "over_email_send_rate_limit",
    OverRequestRateLimit = "over_request_rate_limit",
    OverSmsSendRateLimit = "over_sms_send_rate_limit",
    PasskeyDisabled = "passkey_disabled",
    PhoneExists = "phone_exists",
    PhoneNotConfirmed = "phone_not_confirmed",
    PhoneProviderDisabled = "phone_provider_disabled",
    PkceCodeVerifierNotFound = "pkce_code_verifier_not_found",
    ProviderDisabled = "provider_disabled",
    ProviderEmailNeedsVerification = "provider_email_needs_verification",
    ReauthenticationNeeded = "reauthentication_needed",
    ReauthenticationNotValid = "reauthentication_not_valid",
    RefreshTokenAlreadyUsed = "refresh_token_already_used",
    RefreshTokenNotFound = "refresh_token_not_found",
    RequestTimeout = "request_timeout",
    SamePassword = "same_password",
    SamlAssertionNoEmail = "saml_assertion_no_email",
    SamlAssertionNoUserId = "saml_assertion_no_user_id",
    SamlEntityIdMismatch = "saml_entity_id_mismatch",
    SamlIdpAlreadyExists = "saml_idp_already_exists",
    SamlIdpNotFound = "saml_idp_not_found",
    SamlMetadataFetchFailed = "saml_metadata_fetch_failed",
    SamlProviderDisabled = "saml_provider_disabled",
    SamlRelayStateExpired = "saml_relay_state_expired",
    SamlRelayStateNotFound = "saml_relay_state_not_found",
    SessionExpired = "session_expired",
    SessionNotFound = "session_not_found",
    SignupDisabled = "signup_disabled",
    SingleIdentityNotDeletable = "single_identity_not_deletable",
    SmsSendFailed = "sms_send_failed",
    SsoDomainAlreadyExists = "sso_domain_already_exists",
    SsoProviderDisabled = "sso_provider_disabled",
    SsoProviderNotFound = "sso_provider_not_found",
    TooManyEnrolledMfaFactors = "too_many_enrolled_mfa_factors",
    TooManyPasskeys = "too_many_passkeys",
    UnexpectedAudience = "unexpected_audience",
    UnexpectedFailure = "unexpected_failure",
    UserAlreadyExists = "user_already_exists",
    UserBanned = "user_banned",
    UserNotFound = "user_not_found",
    UserSsoManaged = "user_sso_managed",
    ValidationFailed = "validation_failed",
    WeakPassword = "weak_password",
    Web3ProviderDisabled = "web3_provider_disabled",
    Web3UnsupportedChain = "web3_unsupported_chain",
    WebAuthnChallengeExpired = "webauthn_challenge_expired",
    WebAuthnChallengeNotFound = "webauthn_challenge_not_found",
    WebAuthnCredentialExists = "webauthn_credential_exists",
    WebAuthnCredentialNotFound = "webauthn_credential_not_found",
    WebAuthnVerificationFailed = "webauthn_verification_failed",
}

impl fmt::Display for AuthErrorCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// Why a password is weak.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WeakPasswordReason {
    /// It is too short.
    Length,
    /// It lacks a kind of characters that the project demands.
    Characters,
    /// It is in a list of leaked passwords.
    Pwned,
    /// A reason that is not in the list.
    Other(String),
}

impl From<&str> for WeakPasswordReason {
    fn from(text: &str) -> Self {
        match text {
            "length" => Self::Length,
            "characters" => Self::Characters,
            "pwned" => Self::Pwned,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// What the auth service said: `error.auth()` of an [`Error`].
///
/// ```
/// use supabase_core::auth::AuthErrorCode;
/// # fn example(error: &supabase_core::Error) {
/// match error.auth().map(|refusal| refusal.code()) {
///     Some(AuthErrorCode::InvalidCredentials) => println!("wrong address or password"),
///     Some(AuthErrorCode::EmailNotConfirmed) => println!("look into your mail first"),
///     _ => println!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthRefusal {
    code: AuthErrorCode,
    reasons: Vec<WeakPasswordReason>,
    retryable: bool,
}

impl AuthRefusal {
    pub(super) fn of(code: AuthErrorCode) -> Self {
        Self { code, reasons: Vec::new(), retryable: false }
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &AuthErrorCode {
        &self.code
    }

    /// Why the password is weak; empty for other errors.
    #[must_use]
    pub fn weak_password_reasons(&self) -> &[WeakPasswordReason] {
        &self.reasons
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.retryable
    }

    /// Whether a refresh token or session is certainly of no use any more. Anything else, a proxy's
    /// page or an overloaded server, says nothing about the session.
    pub(super) fn ends_session(&self) -> bool {
        use AuthErrorCode as Code;
        matches!(
            self.code,
            Code::RefreshTokenNotFound
                | Code::RefreshTokenAlreadyUsed
                | Code::SessionNotFound
                | Code::SessionExpired
                | Code::UserNotFound
                | Code::UserBanned
        ) || self.code.as_str() == "invalid_grant"
    }
}

impl fmt::Display for AuthRefusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the auth service refused with `{}`", self.code)
    }
}

impl std::error::Error for AuthRefusal {}

/// The error of an answer that says no.
pub(super) fn refused(status: StatusCode, headers: HeaderMap, body: &[u8]) -> Error {
    let text = String::from_utf8_lossy(body).into_owned();
    let said: Option<Value> = serde_json::from_slice(body).ok().filter(Value::is_object);
    let field = |name: &str| {
        said.as_ref().and_then(|said| said.get(name)).and_then(Value::as_str).filter(|text| !text.is_empty())
    };
    // Since 2024-01-01 the code is in `code`, before that a number was there.
    let versioned = headers
        .get(API_VERSION_HEADER)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|version| version >= API_VERSION);
    let weak = said.as_ref().and_then(|said| said.get("weak_password")).filter(|weak| weak.is_object());
    let code = if versioned { field("code") } else { field("error_code") }
        .or_else(|| weak.map(|_| "weak_password"))
        // The OAuth form of old servers.
        .or_else(|| field("error").filter(|_| field("error_description").is_some()));
    let reasons = weak
        .and_then(|weak| weak.get("reasons"))
        .and_then(Value::as_array)
        .map(|reasons| reasons.iter().filter_map(Value::as_str).map(WeakPasswordReason::from).collect())
        .unwrap_or_default();
    let message =
        field("msg").or_else(|| field("message")).or_else(|| field("error_description")).or_else(|| field("error"));
    let message = message.map_or_else(
        || {
            let reason = status.canonical_reason().unwrap_or("error");
            match text.trim() {
                "" => reason.to_owned(),
                page if page.starts_with('<') => {
                    format!("{reason} (the answer is a page of markup, probably from a proxy)")
                }
                text => text.chars().take(200).collect(),
            }
        },
        str::to_owned,
    );
    let kind = kind_of(status, code);
    let refusal = AuthRefusal {
        code: AuthErrorCode::from(code.unwrap_or_default()),
        reasons,
        retryable: matches!(kind, ErrorKind::RateLimited | ErrorKind::Timeout | ErrorKind::Unavailable),
    };
    let code = code.map(str::to_owned);
    Error::new(kind, "")
        .with_body(ErrorBody { status, headers, code, message, details: None, hint: None, text })
        .with_source(refusal)
}

fn kind_of(status: StatusCode, code: Option<&str>) -> ErrorKind {
    use AuthErrorCode as Code;
    match code.map(Code::from) {
        Some(
            Code::InvalidCredentials
            | Code::BadJwt
            | Code::InvalidJwt
            | Code::NoAuthorization
            | Code::SessionExpired
            | Code::SessionNotFound
            | Code::RefreshTokenNotFound
            | Code::RefreshTokenAlreadyUsed
            | Code::OtpExpired
            | Code::BadCodeVerifier
            | Code::FlowStateExpired
            | Code::FlowStateNotFound
            | Code::MfaVerificationFailed
            | Code::MfaChallengeExpired
            | Code::EmailNotConfirmed
            | Code::PhoneNotConfirmed,
        ) => ErrorKind::Unauthenticated,
        Some(
            Code::EmailExists
            | Code::PhoneExists
            | Code::UserAlreadyExists
            | Code::IdentityAlreadyExists
            | Code::Conflict
            | Code::MfaFactorNameConflict
            | Code::SamlIdpAlreadyExists
            | Code::SsoDomainAlreadyExists
            | Code::WebAuthnCredentialExists,
        ) => ErrorKind::Conflict,
        Some(Code::NotAdmin | Code::InsufficientAal | Code::UserBanned | Code::SignupDisabled) => {
            ErrorKind::PermissionDenied
        }
        Some(
            Code::UserNotFound
            | Code::IdentityNotFound
            | Code::MfaFactorNotFound
            | Code::SsoProviderNotFound
            | Code::SamlIdpNotFound
            | Code::OauthClientNotFound
            | Code::CustomProviderNotFound
            | Code::InviteNotFound,
        ) => ErrorKind::NotFound,
        Some(Code::OverEmailSendRateLimit | Code::OverRequestRateLimit | Code::OverSmsSendRateLimit) => {
            ErrorKind::RateLimited
        }
        Some(
            Code::WeakPassword
            | Code::ValidationFailed
            | Code::SamePassword
            | Code::BadJson
            | Code::EmailAddressInvalid,
        ) => ErrorKind::InvalidInput,
        Some(Code::RequestTimeout | Code::HookTimeout) => ErrorKind::Timeout,
        _ if code == Some("invalid_grant") => ErrorKind::Unauthenticated,
        _ => match status.as_u16() {
            400 | 422 => ErrorKind::InvalidInput,
            401 => ErrorKind::Unauthenticated,
            403 => ErrorKind::PermissionDenied,
            404 => ErrorKind::NotFound,
            408 | 504 => ErrorKind::Timeout,
            409 => ErrorKind::Conflict,
            429 => ErrorKind::RateLimited,
            500..=599 => ErrorKind::Unavailable,
            _ => ErrorKind::Api,
        },
    }
}

/// Nobody is signed in.
pub(super) fn session_missing() -> Error {
    Error::new(ErrorKind::Unauthenticated, "nobody is signed in: sign in first, or set a session")
        .with_source(AuthRefusal::of(AuthErrorCode::SessionNotFound))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn every_code_goes_there_and_back() {
        for text in ALL {
            let code = AuthErrorCode::from(*text);
            assert!(!matches!(code, AuthErrorCode::Other(_)), "{text}");
            assert_eq!(code.as_str(), *text);
        }
        assert_eq!(AuthErrorCode::from("brand_new").as_str(), "brand_new");
    }

    #[test]
    fn the_three_forms_of_an_error_are_read() {
        let mut new = HeaderMap::new();
        new.insert(API_VERSION_HEADER, http::HeaderValue::from_static(API_VERSION));
        let bad = StatusCode::BAD_REQUEST;
        let code =
            |headers: &HeaderMap, body: &str| refused(bad, headers.clone(), body.as_bytes()).code().map(str::to_owned);
        assert_eq!(
            code(&new, r#"{"code":"invalid_credentials","message":"m"}"#).as_deref(),
            Some("invalid_credentials")
        );
        let old = HeaderMap::new();
        assert_eq!(
            code(&old, r#"{"code":400,"error_code":"invalid_credentials","msg":"m"}"#).as_deref(),
            Some("invalid_credentials")
        );
        assert_eq!(
            code(&old, r#"{"error":"invalid_grant","error_description":"m"}"#).as_deref(),
            Some("invalid_grant")
        );
        assert_eq!(code(&old, "<html>"), None);
        // The gateway's refusal of a key says nothing about the session.
        let gateway = refused(StatusCode::UNAUTHORIZED, old, br#"{"message":"Invalid API key"}"#);
        assert!(!gateway.auth().unwrap().ends_session());
    }
}
