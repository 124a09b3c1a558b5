//! The recorded calls about second factors, recovery codes, the OAuth server and passkeys.

use serde_json::json;
use supabase_core::Result;
use supabase_core::auth::{Auth, Channel, Enroll, WebAuthnOrigin};

use super::token::user_jwt;

const F: &str = "34e770dd-9ff9-416c-87fa-43b31d7ef225";

/// Makes the call; `None` when there is no arm for it.
#[allow(clippy::too_many_lines, reason = "one arm for each recorded call")]
pub(super) async fn run(call: &str, auth: &Auth) -> Option<Result<()>> {
    let mfa = auth.mfa();
    Some(match call {
        "mfa.enroll({'factor_type': 'totp', 'friendly_name': 'your_friendly_name'})" => {
            mfa.enroll(Enroll::totp().friendly_name("your_friendly_name")).await.map(drop)
        }
        "mfa.enroll({'factor_type': 'totp', 'issuer': 'me'})" => {
            mfa.enroll(Enroll::totp().issuer("me")).await.map(drop)
        }
        "mfa.enroll({'factor_type': 'phone', 'phone': '+13334445555', 'friendly_name': 'p'})" => {
            mfa.enroll(Enroll::phone("+13334445555").friendly_name("p")).await.map(drop)
        }
        "mfa.enroll({'factor_type': 'totp'})  # no session" => mfa.enroll(Enroll::totp()).await.map(drop),
        "mfa.enroll({factorType:'phone',phone:'+1'})" => mfa.enroll(Enroll::phone("+1")).await.map(drop),
        "mfa.enroll({factorType:'webauthn',friendlyName:'k'})" => {
            mfa.enroll(Enroll::webauthn().friendly_name("k")).await.map(drop)
        }
        "mfa.challenge({'factor_id': '34e770dd-9ff9-416c-87fa-43b31d7ef225'})" => mfa.challenge(F).await.map(drop),
        "mfa.challenge({'factor_id': '34e770dd-9ff9-416c-87fa-43b31d7ef225', 'channel': 'whatsapp'})"
        | "mfa.challenge({factorId:'34e770dd-9ff9-416c-87fa-43b31d7ef225',channel:'whatsapp'})" => {
            mfa.challenge_by(F, Channel::Whatsapp).await.map(drop)
        }
        "mfa.challenge({factorId:'34e770dd-9ff9-416c-87fa-43b31d7ef225',webauthn:{rpId:'example.com',rpOrigins:['https://example.com']}})" => {
            mfa.challenge_webauthn(
                F,
                &WebAuthnOrigin { rp_id: "example.com".into(), rp_origins: vec!["https://example.com".into()] },
            )
            .await
            .map(drop)
        }
        "mfa.verify({'factor_id': '34e770dd-9ff9-416c-87fa-43b31d7ef225', 'challenge_id': '4034ae6f-a8ce-4fb5-8ee5-69a5863a7c15', 'code': '123456'})" => {
            mfa.verify(F, "4034ae6f-a8ce-4fb5-8ee5-69a5863a7c15", "123456").await.map(drop)
        }
        "mfa.verify({factorId:'34e770dd-9ff9-416c-87fa-43b31d7ef225',challengeId:'c',code:'123456'})" => {
            mfa.verify(F, "c", "123456").await.map(drop)
        }
        call if call.starts_with("mfa.challenge_and_verify(") || call.starts_with("mfa.challengeAndVerify(") => {
            mfa.challenge_and_verify(F, "123456").await.map(drop)
        }
        "mfa.unenroll({'factor_id': '34e770dd-9ff9-416c-87fa-43b31d7ef225'})" => mfa.unenroll(F).await,
        "mfa.listFactors()" | "mfa.list_factors()" => mfa.list_factors().await.map(drop),
        "mfa.get_authenticator_assurance_level()"
        | "mfa.get_authenticator_assurance_level()  # no session"
        | "mfa.getAuthenticatorAssuranceLevel()" => mfa.assurance_level().await.map(drop),
        "mfa.getAuthenticatorAssuranceLevel(JWT_HS)" => mfa.assurance_level_of(&user_jwt()).await.map(drop),
        "mfa.recoveryCodes.getStatus()" => mfa.recovery_codes().await.map(drop),
        "mfa.recoveryCodes.generate()" => mfa.generate_recovery_codes(None).await.map(drop),
        "mfa.recoveryCodes.generate({friendlyName:'n'})" => mfa.generate_recovery_codes(Some("n")).await.map(drop),
        "mfa.recoveryCodes.verify({code:'x'})" => mfa.verify_recovery_code("x").await.map(drop),
        "mfa.recoveryCodes.regenerate()" => mfa.regenerate_recovery_codes().await.map(drop),
        "mfa.recoveryCodes.unenroll()" => mfa.remove_recovery_codes().await,
        "oauth.getAuthorizationDetails('az1')" => auth.oauth().authorization("az1").await.map(drop),
        "oauth.approveAuthorization('az1')" => auth.oauth().approve("az1").await.map(drop),
        "oauth.denyAuthorization('az1')" => auth.oauth().deny("az1").await.map(drop),
        "oauth.listGrants()" => auth.oauth().grants().await.map(drop),
        "oauth.revokeGrant({clientId:'c1'})" => auth.oauth().revoke_grant("c1").await,
        "passkey.startRegistration()" => auth.passkeys().start_registration().await.map(drop),
        "passkey.verifyRegistration({challengeId:'c1',credential:{id:'x'}})" => {
            auth.passkeys().finish_registration("c1", json!({ "id": "x" })).await.map(drop)
        }
        "passkey.verifyAuthentication({challengeId:'c1',credential:{id:'x'}})" => {
            auth.passkeys().finish_authentication("c1", json!({ "id": "x" })).await.map(drop)
        }
        "passkey.list()" => auth.passkeys().list().await.map(drop),
        "passkey.update({passkeyId:'p1',friendlyName:'n'})" => auth.passkeys().rename("p1", "n").await.map(drop),
        "passkey.delete({passkeyId:'p1'})" => auth.passkeys().delete("p1").await,
        _ => return None,
    })
}
