//! The recorded calls that sign in or up.

use serde_json::json;
use supabase_core::Result;
use supabase_core::auth::{Anonymous, Auth, Channel, Credentials, IdToken, Otp, SignUp, Sso};

/// Makes the call; `None` when there is no arm for it.
#[allow(clippy::too_many_lines, reason = "one arm for each recorded call")]
pub(super) async fn run(call: &str, auth: &Auth) -> Option<Result<()>> {
    let e = "email@example.com";
    let welcome = "https://example.com/welcome";
    Some(match call {
        "sign_up({'email': 'email@example.com', 'password': 'password'})"
        | "signUp({email:'email@example.com',password:'password'})" => {
            auth.sign_up(SignUp::email(e, "password")).await.map(drop)
        }
        "sign_up({'phone': '123456789', 'password': 'password', 'options': {'channel': 'whatsapp'}})" => {
            auth.sign_up(SignUp::phone("123456789", "password").channel(Channel::Whatsapp)).await.map(drop)
        }
        "sign_up({'email': 'email@example.com', 'password': 'password', 'options': {'data': {'first_name': 'John', 'age': 27}}})" => {
            auth.sign_up(SignUp::email(e, "password").data(json!({ "first_name": "John", "age": 27 }))).await.map(drop)
        }
        "sign_up({'email': 'hello1@example.com', 'password': 'password', 'options': {'email_redirect_to': 'https://example.com/welcome?a=b&c=d'}})" => {
            auth.sign_up(
                SignUp::email("hello1@example.com", "password").redirect_to("https://example.com/welcome?a=b&c=d"),
            )
            .await
            .map(drop)
        }
        "sign_up({'email': 'e', 'password': 'p', 'options': {'captcha_token': 'cap'}})" => {
            auth.sign_up(SignUp::email("e", "p").captcha("cap")).await.map(drop)
        }
        "signUp({email:'e',password:'p',options:{data:{a:1},emailRedirectTo:'https://r/?a=b',captchaToken:'c'}})" => {
            auth.sign_up(SignUp::email("e", "p").data(json!({ "a": 1 })).redirect_to("https://r/?a=b").captcha("c"))
                .await
                .map(drop)
        }
        "signUp({email:'e',password:'p',options:{emailRedirectTo:'https://r/'}})" => {
            auth.sign_up(SignUp::email("e", "p").redirect_to("https://r/")).await.map(drop)
        }
        "sign_in_anonymously({'options': {'captcha_token': ''}})" => {
            auth.sign_in_anonymously(Anonymous::new().captcha("")).await.map(drop)
        }
        "sign_in_anonymously({'options': {'data': {}}})" => {
            auth.sign_in_anonymously(Anonymous::new().data(json!({}))).await.map(drop)
        }
        "sign_in_anonymously({'options': {'data': {'a': 1}, 'captcha_token': 'c'}})"
        | "signInAnonymously({options:{data:{a:1},captchaToken:'c'}})" => {
            auth.sign_in_anonymously(Anonymous::new().data(json!({ "a": 1 })).captcha("c")).await.map(drop)
        }
        call if call.starts_with("signInAnonymously()") => auth.sign_in_anonymously(Anonymous::new()).await.map(drop),
        "sign_in_with_password({'email': 'email@example.com', 'password': 'example-password'})" => {
            auth.sign_in_with_password(Credentials::email(e, "example-password")).await.map(drop)
        }
        "sign_in_with_password({'phone': '+13334445555', 'password': 'some-password'})" => {
            auth.sign_in_with_password(Credentials::phone("+13334445555", "some-password")).await.map(drop)
        }
        "signInWithPassword({email:'e',password:'p'})" => {
            auth.sign_in_with_password(Credentials::email("e", "p")).await.map(drop)
        }
        "signInWithPassword({phone:'+1',password:'p',options:{captchaToken:'c'}})" => {
            auth.sign_in_with_password(Credentials::phone("+1", "p").captcha("c")).await.map(drop)
        }
        "sign_in_with_id_token({'provider': 'google', 'token': 'your-id-token'})" => {
            auth.sign_in_with_id_token(IdToken::new("google", "your-id-token")).await.map(drop)
        }
        "sign_in_with_otp({'email': 'email@example.com', 'options': {'email_redirect_to': 'https://example.com/welcome'}})" => {
            auth.sign_in_with_otp(Otp::email(e).redirect_to(welcome)).await.map(drop)
        }
        "sign_in_with_otp({'email': 'email@example.com'})" => auth.sign_in_with_otp(Otp::email(e)).await.map(drop),
        "sign_in_with_otp({'phone': '+13334445555'})" => {
            auth.sign_in_with_otp(Otp::phone("+13334445555")).await.map(drop)
        }
        "sign_in_with_otp({'phone': '+13334445555', 'options': {'channel': 'whatsapp'}})" => {
            auth.sign_in_with_otp(Otp::phone("+13334445555").channel(Channel::Whatsapp)).await.map(drop)
        }
        "sign_in_with_otp({'email': 'e', 'options': {'should_create_user': False, 'data': {'a': 1}, 'captcha_token': 'c'}})" => {
            auth.sign_in_with_otp(Otp::email("e").create_user(false).data(json!({ "a": 1 })).captcha("c"))
                .await
                .map(drop)
        }
        "signInWithOtp({phone:'+1',options:{channel:'whatsapp'}})" => {
            auth.sign_in_with_otp(Otp::phone("+1").channel(Channel::Whatsapp)).await.map(drop)
        }
        "sign_in_with_sso({'domain': 'company.com'})" | "signInWithSSO({domain:'company.com'})" => {
            auth.sign_in_with_sso(Sso::domain("company.com")).await.map(drop)
        }
        "sign_in_with_sso({'provider_id': '21648a9d-8d5a-4555-a9d1-d6375dc14e92'})" => {
            auth.sign_in_with_sso(Sso::provider_id("21648a9d-8d5a-4555-a9d1-d6375dc14e92")).await.map(drop)
        }
        "signInWithSSO({providerId:'21648a9d-8d5a-4555-a9d1-d6375dc14e92',options:{redirectTo:'https://r',captchaToken:'c'}})" => {
            auth.sign_in_with_sso(
                Sso::provider_id("21648a9d-8d5a-4555-a9d1-d6375dc14e92").redirect_to("https://r").captcha("c"),
            )
            .await
            .map(drop)
        }
        _ => return None,
    })
}
