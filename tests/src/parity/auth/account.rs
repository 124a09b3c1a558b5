//! The recorded calls about the session and its user.

use serde_json::json;
use supabase_core::Result;
use supabase_core::auth::{
    Auth, IdToken, OAuth, OtpType, PasswordReset, Resend, SignOutScope, UserAttributes, VerifyOtp,
};

use super::token::{ES256, keys, token, user_jwt};

/// Makes the call; `None` when there is no arm for it.
#[allow(clippy::too_many_lines, reason = "one arm for each recorded call")]
pub(super) async fn run(call: &str, auth: &Auth) -> Option<Result<()>> {
    let e = "email@example.com";
    let welcome = "https://example.com/welcome";
    Some(match call {
        "sign_out()" | "signOut()" | "sign_out()  # no session" | "signOut()  // no session" => auth.sign_out().await,
        "sign_out({'scope': 'local'})" | "signOut({scope:'local'})" => auth.sign_out_with(SignOutScope::Local).await,
        "sign_out({'scope': 'others'})" => auth.sign_out_with(SignOutScope::Others).await,
        "reset_password_for_email('email@example.com', {'redirect_to': 'https://example.com/update-password'})" => auth
            .reset_password_for_email(PasswordReset::new(e).redirect_to("https://example.com/update-password"))
            .await
            .map(drop),
        "reset_password_for_email('e', {'captcha_token': 'c'})" => {
            auth.reset_password_for_email(PasswordReset::new("e").captcha("c")).await.map(drop)
        }
        "reset_password_for_email('e')" => auth.reset_password_for_email("e").await.map(drop),
        "resetPasswordForEmail('e',{redirectTo:'https://r'})" => {
            auth.reset_password_for_email(PasswordReset::new("e").redirect_to("https://r")).await.map(drop)
        }
        "verify_otp({'email': 'email@example.com', 'token': '123456', 'type': 'email'})" => {
            auth.verify_otp(VerifyOtp::email(e, "123456", OtpType::Email)).await.map(drop)
        }
        "verifyOtp({email:'e',token:'123456',type:'email'})" => {
            auth.verify_otp(VerifyOtp::email("e", "123456", OtpType::Email)).await.map(drop)
        }
        "verify_otp({'phone': '+13334445555', 'token': '123456', 'type': 'sms'})" => {
            auth.verify_otp(VerifyOtp::phone("+13334445555", "123456", OtpType::Sms)).await.map(drop)
        }
        "verify_otp({'token_hash': 'h', 'type': 'recovery', 'options': {'redirect_to': 'https://r', 'captcha_token': 'c'}})" => {
            auth.verify_otp(VerifyOtp::token_hash("h", OtpType::Recovery).redirect_to("https://r").captcha("c"))
                .await
                .map(drop)
        }
        "refresh_session()" | "refresh_session()  # no session" => auth.refresh_session().await.map(drop),
        "refreshSession({refresh_token:'x'})" => auth.refresh_session_with("x").await.map(drop),
        "get_user()" | "get_user()  # no session" | "getUser()  // no session" => auth.get_user().await.map(drop),
        "get_user('jwt-arg')" | "getUser('jwt-arg')" => auth.get_user_of("jwt-arg").await.map(drop),
        "update_user({'password': 'new password'})" => {
            auth.update_user(UserAttributes::new().password("new password")).await.map(drop)
        }
        "update_user({'data': {'hello': 'world'}})" | "updateUser({data:{hello:'world'}})" => {
            auth.update_user(UserAttributes::new().data(json!({ "hello": "world" }))).await.map(drop)
        }
        "update_user({'password': 'new password', 'nonce': '123456'})" => {
            auth.update_user(UserAttributes::new().password("new password").nonce("123456")).await.map(drop)
        }
        "update_user({'email': 'new@email.com'}, {'email_redirect_to': 'https://r'})" => {
            auth.update_user(UserAttributes::new().email("new@email.com").redirect_to("https://r")).await.map(drop)
        }
        "update_user({'email': 'new@email.com'})" | "updateUser({email:'new@email.com'})" => {
            auth.update_user(UserAttributes::new().email("new@email.com")).await.map(drop)
        }
        "updateUser({password:'p',nonce:'1',current_password:'o'},{emailRedirectTo:'https://r'})" => auth
            .update_user(UserAttributes::new().password("p").nonce("1").current_password("o").redirect_to("https://r"))
            .await
            .map(drop),
        "update_user({'email': 'x'})  # no session" => {
            auth.update_user(UserAttributes::new().email("x")).await.map(drop)
        }
        "get_user_identities()" => auth.identities().await.map(drop),
        "link_identity({'provider': 'github', 'options': {'redirect_to': 'https://r', 'scopes': 's', 'query_params': {'a': 'b'}}})" => {
            auth.link_identity(OAuth::new("github").redirect_to("https://r").scopes("s").query_param("a", "b"))
                .await
                .map(drop)
        }
        "link_identity({'provider': 'github'})" => auth.link_identity("github").await.map(drop),
        "linkIdentity({provider:'github',options:{redirectTo:'https://r'}})" => {
            auth.link_identity(OAuth::new("github").redirect_to("https://r")).await.map(drop)
        }
        "linkIdentity({provider:'google',token:'idt'})" => {
            auth.link_identity_with_id_token(IdToken::new("google", "idt")).await.map(drop)
        }
        call if call.starts_with("unlink_identity(") => match auth.identities().await {
            Ok(identities) => auth.unlink_identity(&identities[0]).await,
            Err(error) => Err(error),
        },
        "unlinkIdentity({identity_id:'22222222-2222-4222-8222-222222222222'})" => {
            auth.unlink_identity(
                &serde_json::from_value(json!({ "identity_id": "22222222-2222-4222-8222-222222222222" })).unwrap(),
            )
            .await
        }
        "reauthenticate()" | "reauthenticate()  # no session" => auth.reauthenticate().await,
        "resend({'type': 'signup', 'email': 'email@example.com', 'options': {'email_redirect_to': 'https://example.com/welcome'}})" => {
            auth.resend(Resend::signup(e).redirect_to(welcome)).await.map(drop)
        }
        "resend({'type': 'email_change', 'email': 'email@example.com'})" => {
            auth.resend(Resend::email_change(e)).await.map(drop)
        }
        "resend({'type': 'phone_change', 'phone': '1234567890'})" => {
            auth.resend(Resend::phone_change("1234567890")).await.map(drop)
        }
        "resend({'type': 'sms', 'phone': '1234567890'})" => auth.resend(Resend::sms("1234567890")).await.map(drop),
        "resend({type:'signup',email:'e',options:{emailRedirectTo:'https://r'}})" => {
            auth.resend(Resend::signup("e").redirect_to("https://r")).await.map(drop)
        }
        "resend({type:'signup',email:'e'})" => auth.resend(Resend::signup("e")).await.map(drop),
        "set_session(JWT_HS, 'refresh-x')" | "setSession({access_token:JWT_HS,refresh_token:'r'})" => {
            auth.set_session(&user_jwt(), "r").await.map(drop)
        }
        "setSession({access_token:JWT_EXP,refresh_token:'r'})" => {
            auth.set_session(&token(1_000_000_000, "HS256"), "r").await.map(drop)
        }
        call if call.contains("exchange_code_for_session({'auth_code': 'c1'})]")
            || call.contains("exchangeCodeForSession('code1'))") =>
        {
            let url = auth.sign_in_with_oauth("github").await.unwrap();
            auth.exchange_code_for_session(if call.contains("'c1'") { "c1" } else { "code1" }, url.flow.as_ref())
                .await
                .map(drop)
        }
        "exchangeCodeForSession('code1')" => auth.exchange_code_for_session("code1", None).await.map(drop),
        "get_claims(JWT_EXP)" => auth.get_claims_of(&token(1_000_000_000, "HS256")).await.map(drop),
        "get_claims('not-a-jwt')" => auth.get_claims_of("not-a-jwt").await.map(drop),
        "get_claims()  # no session" | "get_claims()" => auth.get_claims().await.map(drop),
        "getClaims(JWT_HS)" => auth.get_claims_of(&user_jwt()).await.map(drop),
        "getClaims(JWT_ES)" => auth.get_claims_of(ES256).await.map(drop),
        "getClaims(JWT_ES,{jwks:{keys:[jwk]}})" | "get_claims(JWT_ES, R.TOKENS['jwks'])" => {
            auth.get_claims_with(ES256, &keys()).await.map(drop)
        }
        _ => return None,
    })
}
