//! Users and sessions.

use futures_util::StreamExt;
use serde_json::json;
use supabase_core::auth::{
    AdminUser, Anonymous, AuthEvent, Channel, Credentials, Enroll, EthereumMessage, IdToken, LinkRequest, OAuth,
    OAuthClientSettings, Otp, OtpType, PasswordReset, Resend, SignOutReason, SignOutScope, SignUp, Sso, UserAttributes,
    VerifyOtp, Web3,
};
use supabase_core::types::Uuid;

const EMAIL: &str = "ada@example.com";
const BACK: &str = "https://app.example.com/callback";

/// What an authenticator of the user's device answered.
fn credential() -> serde_json::Value {
    json!({ "id": "…", "response": {} })
}

capabilities! {
    "auth.sign_in.sign_up": "Auth::sign_up" => |client| {
        let new = client.auth().sign_up(SignUp::email(EMAIL, "password").data(json!({ "name": "Ada" })).redirect_to(BACK)).await?;
        if new.session.is_none() {
            println!("look into your mail");
        }
        client.auth().sign_up(SignUp::phone("+15550100", "password").channel(Channel::Whatsapp)).await?;
    }
    "auth.sign_in.sign_in_anonymously": "Auth::sign_in_anonymously" => |client| {
        let session = client.auth().sign_in_anonymously(Anonymous::new().data(json!({ "theme": "dark" }))).await?;
    }
    "auth.sign_in.sign_in_with_password": "Auth::sign_in_with_password" => |client| {
        let session = client.auth().sign_in_with_password(Credentials::email(EMAIL, "password")).await?;
    }
    "auth.sign_in.sign_in_with_id_token": "Auth::sign_in_with_id_token" => |client| {
        let session = client.auth().sign_in_with_id_token(IdToken::new("google", "token of the provider").nonce("nonce")).await?;
    }
    "auth.sign_in.sign_in_with_oauth": "Auth::sign_in_with_oauth" => |client| {
        let begun = client
            .auth()
            .sign_in_with_oauth(OAuth::new("github").redirect_to(BACK).scopes("repo").query_param("prompt", "consent"))
            .await?;
        println!("send the browser to {}", begun.url);
    }
    "auth.sign_in.sign_in_with_otp": "Auth::sign_in_with_otp" => |client| {
        client.auth().sign_in_with_otp(Otp::email(EMAIL).create_user(false)).await?;
        client.auth().sign_in_with_otp(Otp::phone("+15550100").channel(Channel::Whatsapp)).await?;
    }
    "auth.sign_in.sign_in_with_sso": "Auth::sign_in_with_sso" => |client| {
        let begun = client.auth().sign_in_with_sso(Sso::domain("company.com").redirect_to(BACK)).await?;
    }
    "auth.sign_in.sign_in_with_web3": "Auth::sign_in_with_web3" => |client| {
        let message = EthereumMessage::new("app.example.com", "0x52908400098527886E0F7030069857D2E4169EE7", "https://app.example.com", "2026-01-01T00:00:00Z")
            .statement("Sign in")
            .chain_id("1")
            .text()?;
        let signature = b"what the wallet made of the message";
        let session = client.auth().sign_in_with_web3(Web3::ethereum(message, signature)).await?;
    }
    "auth.sign_in.verify_otp": "Auth::verify_otp" => |client| {
        client.auth().verify_otp(VerifyOtp::email(EMAIL, "123456", OtpType::Email)).await?;
        client.auth().verify_otp(VerifyOtp::phone("+15550100", "123456", OtpType::Sms)).await?;
        client.auth().verify_otp(VerifyOtp::token_hash("hash of the link", OtpType::Recovery)).await?;
    }
    "auth.sign_in.resend_confirmation": "Auth::resend" => |client| {
        client.auth().resend(Resend::signup(EMAIL).redirect_to(BACK)).await?;
    }
    "auth.sign_in.reauthenticate": "Auth::reauthenticate" => |client| {
        client.auth().reauthenticate().await?;
        client.auth().update_user(UserAttributes::new().password("new password").nonce("123456")).await?;
    }
    "auth.sign_in.send_password_reset_email": "Auth::reset_password_for_email" => |client| {
        client.auth().reset_password_for_email(PasswordReset::new(EMAIL).redirect_to(BACK)).await?;
    }
    "auth.sign_in.exchange_code_for_session": "Auth::exchange_code_for_session" => |client| {
        let begun = client.auth().sign_in_with_oauth("github").await?;
        let session = client.auth().exchange_code_for_session("code of the redirect", begun.flow.as_ref()).await?;
    }
    "auth.sign_in.concurrent_pkce_flows": "OAuthUrl::flow" => |client| {
        // Each flow keeps a verifier of its own, so a second one does not spoil the first.
        let (one, two) = (client.auth().sign_in_with_oauth("github").await?, client.auth().sign_in_with_oauth("google").await?);
        client.auth().exchange_code_for_session("code of the first", one.flow.as_ref()).await?;
        client.auth().exchange_code_for_session("code of the second", two.flow.as_ref()).await?;
    }
    "auth.session.get_session": "Auth::session" => |client| {
        if let Some(session) = client.auth().session().await? {
            println!("{}", session.user.id);
        }
    }
    "auth.session.set_session": "Auth::set_session" => |client| {
        client.auth().set_session("access token", "refresh token").await?;
    }
    "auth.session.refresh_session": "Auth::refresh_session" => |client| {
        let session = client.auth().refresh_session().await?;
    }
    "auth.session.auto_refresh": "Auth::start_auto_refresh" => |client| {
        client.auth().stop_auto_refresh();
        client.auth().start_auto_refresh();
    }
    "auth.session.get_user": "Auth::get_user" => |client| {
        let user = client.auth().get_user().await?;
        let other = client.auth().get_user_of("access token").await?;
    }
    "auth.session.update_user": "Auth::update_user" => |client| {
        let user = client.auth().update_user(UserAttributes::new().email("new@example.com").data(json!({ "name": "Ada" }))).await?;
    }
    "auth.session.get_claims": "Auth::get_claims" => |client| {
        let claims = client.auth().get_claims().await?;
        println!("{}", claims.claims["sub"]);
    }
    "auth.session.sign_out": "Auth::sign_out_with" => |client| {
        client.auth().sign_out_with(SignOutScope::Others).await?;
        client.auth().sign_out().await?;
    }
    "auth.session.sign_out_reason": "SignOutReason" => |client| {
        let mut events = client.auth().events();
        while let Some(change) = events.next().await {
            if change.event == AuthEvent::SignedOut(SignOutReason::Ended) {
                println!("the server ended the session");
            }
        }
    }
    "auth.session.subscribe_auth_events": "Auth::events" => |client| {
        let mut events = client.auth().events();
        while let Some(change) = events.next().await {
            println!("{:?}", change.event);
        }
    }
    "auth.identities.list_identities": "Auth::identities" => |client| {
        let identities = client.auth().identities().await?;
    }
    "auth.identities.link_identity": "Auth::link_identity" => |client| {
        let begun = client.auth().link_identity(OAuth::new("google").redirect_to(BACK)).await?;
        let session = client.auth().link_identity_with_id_token(IdToken::new("google", "token of the provider")).await?;
    }
    "auth.identities.unlink_identity": "Auth::unlink_identity" => |client| {
        let identities = client.auth().identities().await?;
        if let Some(identity) = identities.iter().find(|identity| identity.provider == "google") {
            client.auth().unlink_identity(identity).await?;
        }
    }
    "auth.mfa.enroll": "Mfa::enroll" => |client| {
        let app = client.auth().mfa().enroll(Enroll::totp().friendly_name("my phone")).await?;
        let sms = client.auth().mfa().enroll(Enroll::phone("+15550100")).await?;
    }
    "auth.mfa.challenge": "Mfa::challenge" => |client| {
        let challenge = client.auth().mfa().challenge("factor id").await?;
        let other = client.auth().mfa().challenge_by("factor id", Channel::Whatsapp).await?;
    }
    "auth.mfa.verify": "Mfa::verify" => |client| {
        let session = client.auth().mfa().verify("factor id", "challenge id", "123456").await?;
    }
    "auth.mfa.challenge_and_verify": "Mfa::challenge_and_verify" => |client| {
        let session = client.auth().mfa().challenge_and_verify("factor id", "123456").await?;
    }
    "auth.mfa.unenroll": "Mfa::unenroll" => |client| {
        client.auth().mfa().unenroll("factor id").await?;
    }
    "auth.mfa.list_factors": "Mfa::list_factors" => |client| {
        let factors = client.auth().mfa().list_factors().await?;
        println!("{} apps, {} phones", factors.totp.len(), factors.phone.len());
    }
    "auth.mfa.get_authenticator_assurance_level": "Mfa::assurance_level" => |client| {
        let levels = client.auth().mfa().assurance_level().await?;
        if levels.current != levels.next {
            println!("a second factor is due");
        }
    }
    "auth.passkey.register_passkey": "Passkeys::start_registration, Passkeys::finish_registration" => |client| {
        let challenge = client.auth().passkeys().start_registration().await?;
        // The authenticator answers `challenge.options`.
        let passkey = client.auth().passkeys().finish_registration(&challenge.challenge_id, credential()).await?;
    }
    "auth.passkey.sign_in_with_passkey": "Passkeys::start_authentication, Passkeys::finish_authentication" => |client| {
        let challenge = client.auth().passkeys().start_authentication(None).await?;
        let session = client.auth().passkeys().finish_authentication(&challenge.challenge_id, credential()).await?;
    }
    "auth.passkey.list_passkeys": "Passkeys::list" => |client| {
        let passkeys = client.auth().passkeys().list().await?;
    }
    "auth.passkey.update_passkey": "Passkeys::rename" => |client| {
        client.auth().passkeys().rename("passkey id", "my laptop").await?;
    }
    "auth.passkey.delete_passkey": "Passkeys::delete" => |client| {
        client.auth().passkeys().delete("passkey id").await?;
    }
    "auth.passkey_admin.list_passkeys": "AdminPasskeys::list" => |client| {
        let passkeys = client.auth().admin().passkeys().list(Uuid::nil()).await?;
    }
    "auth.passkey_admin.delete_passkey": "AdminPasskeys::delete" => |client| {
        client.auth().admin().passkeys().delete(Uuid::nil(), "passkey id").await?;
    }
    "auth.oauth_server.get_authorization_details": "OAuthServer::authorization" => |client| {
        let details = client.auth().oauth().authorization("authorization id").await?;
    }
    "auth.oauth_server.approve_authorization": "OAuthServer::approve" => |client| {
        let send_the_browser_to = client.auth().oauth().approve("authorization id").await?;
    }
    "auth.oauth_server.deny_authorization": "OAuthServer::deny" => |client| {
        let send_the_browser_to = client.auth().oauth().deny("authorization id").await?;
    }
    "auth.oauth_server.list_grants": "OAuthServer::grants" => |client| {
        let grants = client.auth().oauth().grants().await?;
    }
    "auth.oauth_server.revoke_grant": "OAuthServer::revoke_grant" => |client| {
        client.auth().oauth().revoke_grant("client id").await?;
    }
    "auth.admin.list_users": "AdminAuth::all_users" => |client| {
        let page = client.auth().admin().list_users(Some(1), Some(50)).await?;
        let mut users = Box::pin(client.auth().admin().all_users(100));
        while let Some(user) = users.next().await {
            println!("{}", user?.id);
        }
    }
    "auth.admin.get_user": "AdminAuth::get_user_by_id" => |client| {
        let user = client.auth().admin().get_user_by_id(Uuid::nil()).await?;
    }
    "auth.admin.create_user": "AdminAuth::create_user" => |client| {
        let user = client.auth().admin().create_user(AdminUser::new().email(EMAIL).password("password").email_confirm(true)).await?;
    }
    "auth.admin.update_user": "AdminAuth::update_user_by_id" => |client| {
        let user = client.auth().admin().update_user_by_id(Uuid::nil(), AdminUser::new().ban_duration("24h")).await?;
    }
    "auth.admin.delete_user": "AdminAuth::delete_user" => |client| {
        client.auth().admin().soft_delete_user(Uuid::nil()).await?;
        client.auth().admin().delete_user(Uuid::nil()).await?;
    }
    "auth.admin.invite_user": "AdminAuth::invite_user_by_email" => |client| {
        let user = client.auth().admin().invite_user_by_email(EMAIL, Some(json!({ "team": "blue" })), Some(BACK)).await?;
    }
    "auth.admin.generate_link": "AdminAuth::generate_link" => |client| {
        let link = client.auth().admin().generate_link(LinkRequest::recovery(EMAIL).redirect_to(BACK)).await?;
    }
    "auth.admin.sign_out": "AdminAuth::sign_out" => |client| {
        client.auth().admin().sign_out("the user's access token", SignOutScope::Global).await?;
    }
    "auth.admin.list_mfa_factors": "AdminFactors::list_factors" => |client| {
        let factors = client.auth().admin().mfa().list_factors(Uuid::nil()).await?;
    }
    "auth.admin.delete_mfa_factor": "AdminFactors::delete_factor" => |client| {
        client.auth().admin().mfa().delete_factor(Uuid::nil(), "factor id").await?;
    }
    "auth.admin.list_providers": "AdminProviders::list" => |client| {
        let providers = client.auth().admin().providers().list(Some("oidc")).await?;
    }
    "auth.admin.create_provider": "AdminProviders::create" => |client| {
        let provider = client
            .auth()
            .admin()
            .providers()
            .create(json!({ "provider_type": "oidc", "identifier": "custom:ours", "name": "Ours", "client_id": "id", "issuer": "https://id.example.com" }))
            .await?;
    }
    "auth.admin.get_provider": "AdminProviders::get" => |client| {
        let provider = client.auth().admin().providers().get("custom:ours").await?;
    }
    "auth.admin.update_provider": "AdminProviders::update" => |client| {
        let provider = client.auth().admin().providers().update("custom:ours", json!({ "enabled": false })).await?;
    }
    "auth.admin.delete_provider": "AdminProviders::delete" => |client| {
        client.auth().admin().providers().delete("custom:ours").await?;
    }
    "auth.oauth_admin.list_clients": "AdminClients::list" => |client| {
        let clients = client.auth().admin().oauth_clients().list(None, None).await?;
    }
    "auth.oauth_admin.create_client": "AdminClients::create" => |client| {
        let shop = client.auth().admin().oauth_clients().create(OAuthClientSettings::new().name("shop").redirect_uris([BACK])).await?;
    }
    "auth.oauth_admin.get_client": "AdminClients::get" => |client| {
        let shop = client.auth().admin().oauth_clients().get("client id").await?;
    }
    "auth.oauth_admin.update_client": "AdminClients::update" => |client| {
        let shop = client.auth().admin().oauth_clients().update("client id", OAuthClientSettings::new().name("shop")).await?;
    }
    "auth.oauth_admin.delete_client": "AdminClients::delete" => |client| {
        client.auth().admin().oauth_clients().delete("client id").await?;
    }
    "auth.oauth_admin.regenerate_client_secret": "AdminClients::regenerate_secret" => |client| {
        let shop = client.auth().admin().oauth_clients().regenerate_secret("client id").await?;
    }
}
