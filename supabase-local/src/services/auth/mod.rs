//! `/auth/v1`: users, sessions and tokens, on the tables `auth.*` of the project's own database.
//!
//! **Not for production.** It answers as the auth service of a hosted project does, so that applications and clients
//! can be tested against it: passwords are hashed, refresh tokens rotate and a reused one is noticed, codes are
//! checked for real. But mails and text messages are captured instead of sent ([`Message`]), OAuth providers are
//! played by a page that asks nothing, nothing is rate limited, and secrets are not guarded.

mod admin;
mod error;
mod factors;
mod flow;
mod message;
mod one_time;
mod provider;
mod request;
mod sessions;
mod settings;
mod sign_in;
mod user;

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{any, get};
use serde_json::{Value, json};

pub use message::Message;
pub use settings::AuthSettings;

use crate::gateway;
use crate::project::Project;
use error::{Refusal, refuse};
use request::Ask;

/// The auth service of one database.
#[derive(Default)]
pub(crate) struct Auth {
    settings: Mutex<AuthSettings>,
    messages: Mutex<Vec<Message>>,
}

impl Auth {
    pub(crate) fn settings(&self) -> AuthSettings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn configure(&self, change: impl FnOnce(&mut AuthSettings)) {
        change(&mut self.settings.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn capture(&self, message: Message) {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }
}

/// The routes. Those that a browser follows need no key.
pub(crate) fn router(project: &Arc<Project>) -> Router {
    let closed = Router::new()
        .route("/auth/v1/{*rest}", any(answer))
        .layer(axum::middleware::from_fn_with_state(project.clone(), gateway::require_key));
    let open = Router::new()
        .route("/auth/v1/verify", get(answer).post(with_key))
        .route("/auth/v1/authorize", get(answer))
        .route("/auth/v1/callback", get(answer))
        .route("/auth/v1/provider", get(answer))
        .route("/auth/v1/.well-known/jwks.json", get(answer))
        .route("/auth/v1/health", get(answer));
    closed.merge(open).with_state(project.clone())
}

/// A route of which one method needs a key and another does not.
async fn with_key(State(project): State<Arc<Project>>, request: Request) -> Response {
    let key = request.headers().get("apikey").and_then(|key| key.to_str().ok());
    if key.is_some_and(|key| project.keys().knows(key)) {
        answer(State(project), request).await
    } else {
        gateway::message(
            StatusCode::UNAUTHORIZED,
            "No API key found in request",
            Some("No `apikey` request header or url param was found."),
        )
    }
}

async fn answer(State(project): State<Arc<Project>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let versioned = parts
        .headers
        .get("x-supabase-api-version")
        .and_then(|version| version.to_str().ok())
        .is_some_and(|version| version >= "2024-01-01");
    let result = async {
        let body = to_bytes(body, 1 << 20)
            .await
            .map_err(|_| Refusal::new(400, "bad_json", "Could not read the request body"))?;
        let connection = project
            .cluster()
            .connect(project.database())
            .await
            .map_err(|error| Refusal::unexpected(error.to_string()))?;
        connection.batch_execute("begin; set local search_path to auth, extensions, public").await?;
        let ask = Ask::new(&project, &connection, &parts, &body)?;
        let result = dispatch(&ask).await;
        // A refusal that has an effect of its own, such as ending a family of tokens, says so.
        let end = if result.as_ref().map_or_else(|refusal| refusal.keep, |_| true) { "commit" } else { "rollback" };
        connection.batch_execute(end).await?;
        result
    }
    .await;
    result.unwrap_or_else(|refusal| refuse(&refusal, versioned))
}

type Answer = Result<Response, Refusal>;

async fn dispatch(ask: &Ask<'_>) -> Answer {
    let (get, post, put, delete) = (Method::GET, Method::POST, Method::PUT, Method::DELETE);
    let (method, path) = (ask.method, ask.path);
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["health"] => reply(
            &json!({ "name": "GoTrue", "description": "supabase-local, for tests", "version": env!("CARGO_PKG_VERSION") }),
        ),
        ["settings"] if method == get => ask.settings_json(),
        [".well-known", "jwks.json"] => reply(&json!({ "keys": [] })),
        ["local", "messages"] if method == get => {
            ask.administers()?;
            reply(&json!(ask.project.auth().messages().iter().map(Message::json).collect::<Vec<_>>()))
        }
        ["signup"] if method == post => ask.sign_up().await,
        ["token"] if method == post => match ask.query("grant_type") {
            "password" => ask.password().await,
            "refresh_token" => ask.refresh().await,
            "pkce" => ask.exchange().await,
            "id_token" => ask.id_token().await,
            "web3" => Err(Refusal::new(422, "web3_provider_disabled", "Web3 provider is disabled")),
            _ => Err(Refusal::new(400, "invalid_credentials", "unsupported_grant_type")),
        },
        ["otp" | "magiclink"] if method == post => ask.otp().await,
        ["recover"] if method == post => ask.recover().await,
        ["resend"] if method == post => ask.resend().await,
        ["verify"] if method == post => ask.verify().await,
        ["verify"] if method == get => ask.verify_link().await,
        ["user"] if method == get => ask.get_user().await,
        ["user"] if method == put => ask.put_user().await,
        ["reauthenticate"] if method == get => ask.reauthenticate().await,
        ["logout"] if method == post => ask.log_out().await,
        ["authorize"] if method == get => ask.authorize(None).await,
        ["user", "identities", "authorize"] if method == get => ask.link_identity().await,
        ["user", "identities", id] if method == delete => ask.unlink_identity(id).await,
        ["provider"] if method == get => ask.provider_page(),
        ["callback"] if method == get => ask.callback().await,
        ["factors"] if method == post => ask.enroll().await,
        ["factors", "recovery-codes"] if method == get => ask.recovery_status().await,
        ["factors", "recovery-codes"] if method == post => ask.recovery_generate(false).await,
        ["factors", "recovery-codes"] if method == delete => ask.recovery_remove().await,
        ["factors", "recovery-codes", "regenerate"] if method == post => ask.recovery_generate(true).await,
        ["factors", "recovery-codes", "verify"] if method == post => ask.recovery_verify().await,
        ["factors", id, "challenge"] if method == post => ask.challenge(id).await,
        ["factors", id, "verify"] if method == post => ask.verify_factor(id).await,
        ["factors", id] if method == delete => ask.unenroll(id).await,
        ["invite"] if method == post => ask.invite().await,
        ["admin", "generate_link"] if method == post => ask.generate_link().await,
        ["admin", "users"] if method == get => ask.list_users().await,
        ["admin", "users"] if method == post => ask.create_user().await,
        ["admin", "users", id] if method == get => ask.admin_user(id).await,
        ["admin", "users", id] if method == put => ask.admin_update(id).await,
        ["admin", "users", id] if method == delete => ask.admin_delete(id).await,
        ["admin", "users", id, "factors"] if method == get => ask.admin_factors(id).await,
        ["admin", "users", id, "factors", factor] if method == delete => ask.admin_delete_factor(id, factor).await,
        ["sso"] => Err(Refusal::new(404, "saml_provider_disabled", "SAML 2.0 is disabled")),
        ["admin", "sso", "providers"] if method == get => {
            ask.administers()?;
            reply(&json!({ "items": [] }))
        }
        ["passkeys", ..] => Err(Refusal::new(422, "passkey_disabled", "Passkeys are disabled")),
        ["oauth", ..] | ["admin", ..] => {
            Err(Refusal::new(404, "feature_disabled", "this service is not part of supabase-local"))
        }
        [
            "signup" | "token" | "otp" | "magiclink" | "recover" | "resend" | "verify" | "user" | "reauthenticate"
            | "logout",
        ]
        | ["authorize" | "callback" | "factors" | "invite" | "settings"] => plain(StatusCode::METHOD_NOT_ALLOWED, None),
        _ => plain(StatusCode::NOT_FOUND, Some("404 page not found\n")),
    }
}

/// What the service's router answers before anything is asked of it.
fn plain(status: StatusCode, text: Option<&'static str>) -> Answer {
    let mut response = Response::new(text.map_or_else(Body::empty, Body::from));
    *response.status_mut() = status;
    if text.is_some() {
        let kind = const { HeaderValue::from_static("text/plain; charset=utf-8") };
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    Ok(response)
}

fn reply(body: &Value) -> Answer {
    let mut response = Response::new(Body::from(body.to_string()));
    response.headers_mut().insert(header::CONTENT_TYPE, const { HeaderValue::from_static("application/json") });
    Ok(response)
}

fn no_content() -> Answer {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

fn redirect(url: &str) -> Answer {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let url = HeaderValue::from_str(url).map_err(|_| Refusal::validation("the redirect URL cannot be a header"))?;
    response.headers_mut().insert(header::LOCATION, url);
    Ok(response)
}
