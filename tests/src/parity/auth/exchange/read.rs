//! The recorded answers, given to our client: what it reads, and what its errors say.

use std::collections::BTreeMap;
use std::path::Path;

use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use supabase_core::auth::{
    AdminUser, Anonymous, AuthConfig, Credentials, CustomProvider, Enroll, IdToken, LinkRequest, MemoryStore, OAuth,
    OAuthClient, OAuthClientSettings, Otp, OtpType, PasswordReset, Resend, SessionStore, SignOutScope, SignUp,
    SignedUp, Sso, UserAttributes, VerifyOtp, Web3,
};
use supabase_core::transport::{Recording, Reply, RetryPolicy};
use supabase_core::types::Uuid;
use supabase_core::{Client, Result};

use super::super::token::user_jwt;
use super::super::{KEY, URL};
use super::{Line, Request, recorded};
use crate::parity::Tally;

const ID: &str = "11111111-1111-4111-8111-111111111111";

/// Lines that no call of ours makes, by the start of their id.
const NOT_CALLED: &[(&str, &str)] = &[
    ("odds/", "about the service itself"),
    ("oauth-clients/13", "where an application of another sends its users"),
    ("oauth-clients/19", "where an application of another sends its users"),
    ("one-time-email/28", "where a mail's link leads"),
    ("providers/7", "where a browser is sent"),
    ("providers/8", "where a browser is sent"),
    ("providers/9", "where a browser is sent"),
    ("providers/10", "where a browser is sent"),
    ("user-changes/33", "a browser's way"),
];

/// Puts texts of the right kind in place of names.
fn sample(value: &Value) -> Value {
    match value {
        Value::String(text) if text == "<epoch>" => json!(4_102_444_800_i64),
        Value::String(text) => {
            let kind = text.trim_start_matches('<').split([':', '>']).next().unwrap_or_default();
            let whole = text.starts_with('<') && text.ends_with('>');
            match kind {
                "time" if whole => json!("2024-01-01T00:00:00Z"),
                "jwt" if whole => json!(user_jwt()),
                "uuid" if whole => json!(ID),
                _ => value.clone(),
            }
        }
        Value::Array(items) => items.iter().map(sample).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), sample(value))).collect(),
        other => other.clone(),
    }
}

/// Whether everything that was read is what was said; what nobody has a field for is not looked at.
fn holds(read: &Value, said: &Value) -> bool {
    match (read, said) {
        (Value::Object(read), Value::Object(said)) => read.iter().all(|(name, value)| {
            // When a session ends is told by our own clock, which may differ from the server's.
            if name == "expires_at" {
                return true;
            }
            // What the server leaves out is empty with us, and an empty text is none.
            let nothing = value.as_object().is_some_and(serde_json::Map::is_empty) || value == "" || *value == false;
            said.get(name).map_or(nothing || value.is_null(), |said| holds(value, said))
        }),
        (Value::Array(read), Value::Array(said)) => {
            read.len() == said.len() && read.iter().zip(said).all(|(read, said)| holds(read, said))
        }
        (Value::String(read), Value::String(said)) => {
            let time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
            read == said || time(read).is_some_and(|read| Some(read) == time(said))
        }
        (read, said) => read == said,
    }
}

/// What a call gave, as a value to compare where there is one.
type Read = Result<Option<Value>>;

fn value(read: Result<impl Serialize>) -> Read {
    read.map(|read| serde_json::to_value(read).ok())
}

fn nothing<T>(read: Result<T>) -> Read {
    read.map(|_| None)
}

fn signed_up(read: Result<SignedUp>) -> Read {
    read.map(|read| match (read.session, read.user) {
        (Some(session), _) => serde_json::to_value(session).ok(),
        (None, Some(user)) => serde_json::to_value(user).ok(),
        (None, None) => None,
    })
}

fn oauth_client(read: Result<OAuthClient>) -> Read {
    value(read.map(|read| json!({ "client_id": read.client_id, "client_name": read.client_name })))
}

fn provider(read: Result<CustomProvider>) -> Read {
    value(read.map(|read| json!({ "identifier": read.identifier, "name": read.other.get("name") })))
}

/// A client with a session, which is asked nothing for before the call.
async fn signed_in(recording: &Recording) -> Client {
    let store = MemoryStore::new();
    let session = json!({
        "access_token": user_jwt(), "refresh_token": "r", "expires_in": 3600, "expires_at": 4_102_444_800_i64,
        "token_type": "bearer", "user": { "id": ID },
    });
    store.save("session", &session.to_string()).await.expect("a store in memory");
    Client::builder(URL, KEY)
        .retry(RetryPolicy::none())
        .transport(recording.clone())
        .auth(AuthConfig::new().auto_refresh(false).store(store).storage_key("session"))
        .build()
        .expect("a URL and a key")
}

/// The call whose answer this is; `None` when we have none.
#[allow(clippy::too_many_lines, reason = "one arm for each route")]
async fn call(request: &Request, client: &Client) -> Option<Read> {
    let (auth, admin) = (client.auth(), client.auth().admin());
    let (mfa, oauth, passkeys) = (auth.mfa(), auth.oauth(), auth.passkeys());
    let has = |name: &str| request.body.as_ref().is_some_and(|body| body.get(name).is_some());
    let grant = request.query.get("grant_type").map(String::as_str).unwrap_or_default();
    let path: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
    let user: Uuid = ID.parse().expect("an id that is written here");
    Some(match (request.method.as_str(), path.as_slice()) {
        ("POST", ["signup"]) if has("email") || request.raw.is_some() => {
            signed_up(auth.sign_up(SignUp::email("e", "p")).await)
        }
        ("POST", ["signup"]) if has("phone") => signed_up(auth.sign_up(SignUp::phone("1", "p")).await),
        ("POST", ["signup"]) => value(auth.sign_in_anonymously(Anonymous::new()).await),
        ("POST", ["token"]) if grant == "refresh_token" => value(auth.refresh_session_with("r").await),
        ("POST", ["token"]) if grant == "pkce" => match auth.sign_in_with_oauth("github").await {
            Ok(begun) => value(auth.exchange_code_for_session("code", begun.flow.as_ref()).await),
            Err(error) => Err(error),
        },
        ("POST", ["token"]) if grant == "id_token" => {
            value(auth.sign_in_with_id_token(IdToken::new("google", "t")).await)
        }
        ("POST", ["token"]) if grant == "web3" => value(auth.sign_in_with_web3(Web3::ethereum("m", b"s")).await),
        ("POST", ["token"]) => value(auth.sign_in_with_password(Credentials::email("e", "p")).await),
        ("POST", ["otp" | "magiclink"]) => nothing(auth.sign_in_with_otp(Otp::email("e")).await),
        ("POST", ["recover"]) => nothing(auth.reset_password_for_email(PasswordReset::new("e")).await),
        ("POST", ["resend"]) => nothing(auth.resend(Resend::signup("e")).await),
        ("POST", ["verify"]) => signed_up(auth.verify_otp(VerifyOtp::email("e", "t", OtpType::Email)).await),
        ("GET", ["user"]) => value(auth.get_user_of("t").await),
        ("PUT", ["user"]) => value(auth.update_user(UserAttributes::new().password("p")).await),
        ("GET", ["reauthenticate"]) => nothing(auth.reauthenticate().await),
        ("POST", ["logout"]) => nothing(admin.sign_out("t", SignOutScope::Global).await),
        ("GET", ["user", "identities", "authorize"]) => nothing(auth.link_identity(OAuth::new("gitlab")).await),
        ("DELETE", ["user", "identities", _]) => {
            let identity = serde_json::from_value(json!({ "identity_id": ID })).expect("an identity");
            nothing(auth.unlink_identity(&identity).await)
        }
        ("POST", ["factors"]) => value(mfa.enroll(Enroll::totp()).await.map(|enrolled| enrolled.id)),
        ("GET", ["factors", "recovery-codes"]) => nothing(mfa.recovery_codes().await),
        ("POST", ["factors", _, "challenge"]) => nothing(mfa.challenge(ID).await),
        ("POST", ["factors", _, "verify"]) => value(mfa.verify(ID, ID, "123456").await),
        ("DELETE", ["factors", _]) => nothing(mfa.unenroll(ID).await),
        ("POST", ["sso"]) => nothing(auth.sign_in_with_sso(Sso::domain("d")).await),
        ("GET", ["passkeys"]) => nothing(passkeys.list().await),
        ("POST", ["passkeys", "registration", "options"]) => nothing(passkeys.start_registration().await),
        ("POST", ["passkeys", "registration", "verify"]) => nothing(passkeys.finish_registration("c", json!({})).await),
        ("POST", ["passkeys", "authentication", "options"]) => nothing(passkeys.start_authentication(None).await),
        ("POST", ["passkeys", "authentication", "verify"]) => {
            value(passkeys.finish_authentication("c", json!({})).await)
        }
        ("PATCH", ["passkeys", _]) => nothing(passkeys.rename(ID, "n").await),
        ("DELETE", ["passkeys", _]) => nothing(passkeys.delete(ID).await),
        ("GET", ["user", "oauth", "grants"]) => value(oauth.grants().await),
        ("DELETE", ["user", "oauth", "grants"]) => nothing(oauth.revoke_grant("c").await),
        ("GET", ["oauth", "authorizations", _]) => nothing(oauth.authorization("a").await),
        ("POST", ["oauth", "authorizations", _, "consent"]) => nothing(oauth.approve("a").await),
        ("POST", ["invite"]) => value(admin.invite_user_by_email("e", None, None).await),
        ("POST", ["admin", "generate_link"]) => {
            value(admin.generate_link(LinkRequest::recovery("e")).await.map(|link| link.user))
        }
        ("GET", ["admin", "users"]) => {
            value(admin.list_users(None, None).await.map(|page| json!({ "users": page.users })))
        }
        ("POST", ["admin", "users"]) => value(admin.create_user(AdminUser::new().email("e")).await),
        ("GET", ["admin", "users", _]) => value(admin.get_user_by_id(user).await),
        ("PUT", ["admin", "users", _]) => value(admin.update_user_by_id(user, AdminUser::new()).await),
        ("DELETE", ["admin", "users", _]) => nothing(admin.delete_user(user).await),
        ("GET", ["admin", "users", _, "factors"]) => value(admin.mfa().list_factors(user).await),
        ("DELETE", ["admin", "users", _, "factors", _]) => nothing(admin.mfa().delete_factor(user, ID).await),
        ("GET", ["admin", "users", _, "passkeys"]) => nothing(admin.passkeys().list(user).await),
        ("GET", ["admin", "sso", "providers"]) => nothing(admin.sso_providers().list().await),
        ("GET", ["admin", "oauth", "clients"]) => nothing(admin.oauth_clients().list(None, None).await),
        ("POST", ["admin", "oauth", "clients"]) => {
            oauth_client(admin.oauth_clients().create(OAuthClientSettings::new()).await)
        }
        ("GET", ["admin", "oauth", "clients", _]) => oauth_client(admin.oauth_clients().get(ID).await),
        ("PUT", ["admin", "oauth", "clients", _]) => {
            oauth_client(admin.oauth_clients().update(ID, OAuthClientSettings::new()).await)
        }
        ("DELETE", ["admin", "oauth", "clients", _]) => nothing(admin.oauth_clients().delete(ID).await),
        ("POST", ["admin", "oauth", "clients", _, "regenerate_secret"]) => {
            oauth_client(admin.oauth_clients().regenerate_secret(ID).await)
        }
        ("GET", ["admin", "custom-providers"]) => nothing(admin.providers().list(None).await),
        ("POST", ["admin", "custom-providers"]) => provider(admin.providers().create(json!({})).await),
        ("GET", ["admin", "custom-providers", id]) => provider(admin.providers().get(id).await),
        ("PUT", ["admin", "custom-providers", id]) => provider(admin.providers().update(id, json!({})).await),
        ("DELETE", ["admin", "custom-providers", id]) => nothing(admin.providers().delete(id).await),
        _ => return None,
    })
}

/// How what we read differs from what was said; an empty text when nothing of ours asks for it.
async fn compare(line: &Line, request: &Request) -> Option<String> {
    let said = sample(&line.answer);
    let text = match &said {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        said => said.to_string(),
    };
    let status = StatusCode::from_u16(line.status).expect("a recorded status");
    let mut reply = Reply::empty(status).body(text);
    for (name, value) in &line.headers {
        reply = reply.header(name, value);
    }
    let client = signed_in(&Recording::new([reply])).await;
    let Some(read) = call(request, &client).await else { return Some("nothing asks for it".to_owned()) };
    // Whoever is signed out already is signed out, as with the official clients.
    let over = request.path == "/logout" && matches!(line.status, 401 | 403 | 404);
    match read {
        Ok(_) if over => None,
        Ok(_) if line.status >= 400 => Some("theirs is a refusal, ours is not".to_owned()),
        Ok(None) => None,
        Ok(Some(Value::String(id))) => (said["id"] != id).then(|| format!("read {id} of {said}")),
        Ok(Some(read)) => (!holds(&read, &said)).then(|| format!("read {read} of {said}")),
        Err(error) if line.status < 400 => Some(format!("ours fails: {error}")),
        Err(error) => {
            let Some(refusal) = error.auth() else { return Some(format!("no refusal of the service: {error}")) };
            let code = [&said["code"], &said["error_code"]].into_iter().find_map(Value::as_str);
            let message = ["message", "msg", "error_description"].into_iter().find_map(|name| said[name].as_str());
            let told = error.body().map(|body| body.message.clone());
            let alike = error.status() == Some(status)
                && code.is_none_or(|code| refusal.code().as_str() == code)
                && message.is_none_or(|message| told.as_deref() == Some(message));
            (!alike).then(|| format!("{error} {:?} {told:?} of {said}", refusal.code()))
        }
    }
}

/// Gives every recorded answer to the call that asks for it.
pub async fn run(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    let mut left: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in recorded(folder) {
        let Some(request) = &line.request else { continue };
        if let Some((_, why)) = NOT_CALLED.iter().find(|(start, _)| line.id.starts_with(start)) {
            left.entry(why).or_default().push(line.id.clone());
            continue;
        }
        tally.all += 1;
        match compare(&line, request).await {
            None => tally.good += 1,
            Some(difference) => tally.failures.push(format!("{}: {difference}", line.id)),
        }
    }
    let count: usize = left.values().map(Vec::len).sum();
    tally
        .notes
        .extend(left.iter().map(|(why, ids)| format!("not asked for, {why} ({}): {}", ids.len(), ids.join(", "))));
    tally.summary = format!("auth answers: {} of {} ({count} that no call asks for)", tally.good, tally.all);
    tally
}
