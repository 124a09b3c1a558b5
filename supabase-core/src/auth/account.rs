//! The session and its user.

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::event::{AuthEvent, SignOutReason};
use super::jwt;
use super::request::UserAttributes;
use super::session::{Session, seconds};
use super::sign_in::Fields;
use super::user::User;
use super::wire::{self, Call};
use super::{Auth, TokenSource};
use crate::error::{Error, ErrorKind, Result};
use crate::token::{Bearer, Token};

/// Which sessions of the user end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignOutScope {
    /// All of them, everywhere.
    #[default]
    Global,
    /// This one.
    Local,
    /// All but this one.
    Others,
}

impl SignOutScope {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Local => "local",
            Self::Others => "others",
        }
    }
}

/// A server may wrap the user.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum UserAnswer {
    Wrapped { user: Box<User> },
    Plain(Box<User>),
}

impl UserAnswer {
    pub(super) fn user(self) -> User {
        match self {
            Self::Wrapped { user } | Self::Plain(user) => *user,
        }
    }
}

impl Auth {
    /// The session, refreshed if it is due; `None` when nobody is signed in.
    ///
    /// Its user is what the server said last and its token is not verified: to decide about access
    /// take [`get_user`](Self::get_user) or [`get_claims`](Self::get_claims).
    ///
    /// # Errors
    /// When the token has ended and the refresh fails; the session is kept if that was the network.
    pub async fn session(&self) -> Result<Option<Session>> {
        Ok(self.owner()?.session().await?.map(|session| (*session).clone()))
    }

    /// Refreshes the token now.
    ///
    /// # Errors
    /// When nobody is signed in, the server is out of reach (the session is kept) or says that the
    /// session is over (then it is ended).
    pub async fn refresh_session(&self) -> Result<Session> {
        let owner = self.owner()?;
        owner.refresh(None).await?;
        owner.held().await?.map(|session| (*session).clone()).ok_or_else(super::error::session_missing)
    }

    /// Signs in with a refresh token that was kept elsewhere.
    ///
    /// # Errors
    /// `refresh_token_not_found`, `refresh_token_already_used`; the session that there was stays.
    pub async fn refresh_session_with(&self, refresh_token: &str) -> Result<Session> {
        let owner = self.owner()?;
        owner.load().await?;
        let session = owner.session_of(refresh_token).await?;
        owner.begin(session, AuthEvent::SignedIn).await
    }

    /// Takes over a session that was begun elsewhere. A token that has ended is refreshed; of one
    /// that has not, the server is asked whose it is.
    ///
    /// # Errors
    /// When the tokens are no tokens, or the server refuses them; the session that there was stays.
    pub async fn set_session(&self, access_token: &str, refresh_token: &str) -> Result<Session> {
        let owner = self.owner()?;
        owner.load().await?;
        let claims = jwt::claims(access_token)?;
        let now = seconds(owner.now());
        let end = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
        if end <= now {
            return self.refresh_session_with(refresh_token).await;
        }
        let user = self.user_of(Bearer::Exactly(Token::of_user(access_token))).await?;
        let session = Session {
            access_token: access_token.to_owned(),
            refresh_token: refresh_token.to_owned(),
            expires_in: end - now,
            expires_at: end,
            token_type: "bearer".to_owned(),
            user,
            provider_token: None,
            provider_refresh_token: None,
            weak_password: None,
        };
        owner.begin(session, AuthEvent::SignedIn).await
    }

    pub(super) async fn user_of(&self, bearer: Bearer) -> Result<User> {
        let answer: UserAnswer = wire::json(&self.client, Call::new(Method::GET, "/user").bearer(bearer)).await?;
        Ok(answer.user())
    }

    /// The user, as the server knows it now: this verifies the token.
    ///
    /// # Errors
    /// When nobody is signed in or the server refuses the token. `session_not_found`, which means that
    /// the session was ended elsewhere, ends it here too.
    pub async fn get_user(&self) -> Result<User> {
        let token = self.user_token().await?;
        let result = self.user_of(Bearer::Exactly(token.clone())).await;
        if let TokenSource::Session(owner) = self.client.tokens() {
            match &result {
                Ok(user) => owner.update_user(user.clone(), false).await,
                Err(error) if error.auth().is_some_and(super::AuthRefusal::ends_session) => {
                    owner.end(token.text(), SignOutReason::Ended).await
                }
                Err(_) => {}
            }
        }
        result
    }

    /// The user of this token, as the server knows it now.
    ///
    /// # Errors
    /// When the server refuses the token.
    pub async fn get_user_of(&self, access_token: &str) -> Result<User> {
        self.user_of(Bearer::Exactly(Token::of_user(access_token))).await
    }

    /// Changes the signed-in user.
    ///
    /// # Errors
    /// `weak_password`, `same_password`, `reauthentication_needed`, `email_exists`, …
    pub async fn update_user(&self, attributes: UserAttributes) -> Result<User> {
        let bearer = self.user_bearer().await?;
        let owner = match self.client.tokens() {
            TokenSource::Session(owner) => Some(owner),
            _ => None,
        };
        let slot = if attributes.changes_email() && owner.is_some() { self.begin_flow(false).await? } else { None };
        let mut fields = Fields::new();
        if let Value::Object(body) = attributes.body() {
            fields.0 = body;
        }
        let call = Call::new(Method::PUT, "/user")
            .query_if("redirect_to", attributes.redirect_to.as_deref())
            .body(fields.challenge(slot.as_ref()).done())
            .bearer(bearer);
        let changed = wire::json::<UserAnswer>(&self.client, call).await;
        let user = match owner {
            Some(owner) => {
                let user = self.after_flow(slot.as_ref(), changed).await?.user();
                owner.update_user(user.clone(), true).await;
                user
            }
            None => changed?.user(),
        };
        Ok(user)
    }

    /// Sends a code that [`UserAttributes::nonce`] takes, for projects that want a password change
    /// confirmed.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn reauthenticate(&self) -> Result<()> {
        let bearer = self.user_bearer().await?;
        wire::send(&self.client, Call::new(Method::GET, "/reauthenticate").bearer(bearer)).await.map(drop)
    }

    /// Signs out: all sessions of the user, here and elsewhere. Nobody being signed in is no error.
    ///
    /// ```no_run
    /// # async fn example(supabase: supabase_core::Client) -> supabase_core::Result<()> {
    /// supabase.auth().sign_out().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the server cannot be told. The session is then kept, so that it can be tried again;
    /// [`sign_out_with`](Self::sign_out_with) and [`SignOutScope::Local`] forget it in any case.
    pub async fn sign_out(&self) -> Result<()> {
        self.sign_out_with(SignOutScope::Global).await
    }

    /// Signs out. A refresh that is under way is discarded.
    ///
    /// # Errors
    /// When the server cannot be told. After [`SignOutScope::Local`] the session is forgotten here
    /// even then; otherwise it is kept.
    pub async fn sign_out_with(&self, scope: SignOutScope) -> Result<()> {
        let owner = self.owner()?;
        let Some(held) = owner.held().await? else { return Ok(()) };
        if scope == SignOutScope::Local {
            // Forgotten before the server is told: that may take its time, or not work at all.
            owner.end(&held.access_token, SignOutReason::Asked).await;
            return log_out(&self.client, &held.access_token, scope).await;
        }
        // A token that has ended cannot tell whose sessions are to end.
        let session = match owner.session().await {
            Ok(session) => session.unwrap_or(held),
            // The session is over already, and with it what was asked for.
            Err(error) if owner.held().await?.is_none() && error.kind() == ErrorKind::Unauthenticated => return Ok(()),
            Err(error) => return Err(error),
        };
        let told = log_out(&self.client, &session.access_token, scope).await;
        if scope == SignOutScope::Global && told.is_ok() {
            owner.end(&session.access_token, SignOutReason::Asked).await;
        }
        told
    }
}

/// Ends sessions of the token's user.
pub(super) async fn log_out(client: &crate::Client, access_token: &str, scope: SignOutScope) -> Result<()> {
    let call = Call::new(Method::POST, "/logout")
        .query("scope", scope.as_str())
        .bearer(Bearer::Exactly(Token::of_user(access_token)));
    match wire::send(client, call).await {
        Ok(_) => Ok(()),
        // The session or its user is gone already.
        Err(error) if gone(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

fn gone(error: &Error) -> bool {
    let status = error.status().map_or(0, |status| status.as_u16());
    // A gateway's refusal has no code: that one says nothing about the session.
    matches!(status, 401 | 403 | 404) && error.code().is_some()
}
