//! Users, sessions and tokens: [`Client::auth`] is where it starts.
//!
//! ```no_run
//! # async fn example() -> supabase_core::Result<()> {
//! use supabase_core::Client;
//! use supabase_core::auth::Credentials;
//!
//! let supabase = Client::new("https://example.supabase.co", "anon key")?;
//! supabase.auth().sign_in_with_password(Credentials::email("ada@example.com", "secret")).await?;
//! // From here on every request acts for Ada; the token is refreshed when it is due.
//! # Ok(())
//! # }
//! ```
//!
//! One client has one session, which all its clones share. Of any number of requests that find the
//! token due, one refreshes it and the others wait. A network that fails keeps the session; only the
//! server's word that it is over ends it. A server that acts for many users takes
//! [`Client::as_user`] instead, which owns no session at all.
//!
//! Sources of the behaviour: the official clients and the documentation at
//! <https://supabase.com/docs/reference/javascript/auth-api>.

mod account;
mod admin;
mod claims;
mod config;
mod error;
mod event;
mod identity;
mod jwt;
mod mfa;
mod oauth_server;
mod owner;
mod passkey;
mod pkce;
mod request;
mod session;
mod sign_in;
mod store;
mod user;
mod wire;

pub use account::SignOutScope;
pub use admin::{
    AdminAuth, AdminClients, AdminFactors, AdminPasskeys, AdminProviders, AdminSso, AdminUser, CustomProvider,
    GeneratedLink, LinkRequest, OAuthClient, OAuthClientSettings, SsoProvider, UserPage,
};
pub use claims::{Jwks, VerifiedClaims};
pub use config::{AuthConfig, AuthFlow};
pub use error::{AuthErrorCode, AuthRefusal, WeakPasswordReason};
pub use event::{AuthChange, AuthEvent, AuthEvents, SignOutReason};
pub use jwt::Claims;
pub use mfa::{
    AssuranceLevel, AssuranceLevels, AuthenticationMethod, Challenge, Enroll, Enrolled, Factors, Mfa, RecoveryCodes,
    Totp, WebAuthnOrigin,
};
pub use oauth_server::{AuthorizationDetails, OAuthServer};
pub use passkey::{Passkey, PasskeyChallenge, Passkeys};
pub use pkce::FlowId;
pub use request::{
    Anonymous, Channel, Credentials, EthereumMessage, IdToken, OAuth, Otp, OtpType, PasswordReset, Resend, SignUp,
    SolanaMessage, Sso, UserAttributes, VerifyOtp, Web3,
};
pub use session::Session;
pub use sign_in::{OAuthUrl, OtpSent, SignedUp};
pub use store::{FileStore, MemoryStore, SessionStore, StoreError, StoreGuard, check_session_store};
pub use user::{Factor, Identity, User};

pub(crate) use claims::KeyCache;
pub(crate) use owner::SessionOwner;

use std::sync::Arc;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::token::{Bearer, Token, TokenSource};

/// The auth service, for the user of a client. Cheap to clone.
#[derive(Debug, Clone)]
#[must_use]
pub struct Auth {
    client: Client,
}

impl Client {
    /// Signing in and out, and the session.
    pub fn auth(&self) -> Auth {
        Auth { client: self.clone() }
    }
}

impl Auth {
    /// The owner of the session, which a client for a fixed token or another provider has not.
    fn owner(&self) -> Result<&Arc<SessionOwner>> {
        let why = match self.client.tokens() {
            TokenSource::Session(owner) => return Ok(owner),
            TokenSource::Fixed(_) => {
                "this client acts for one fixed token (`as_user`) and has no session: use the client that it was made from"
            }
            TokenSource::Callback(_) => {
                "this client's tokens come from another provider (`access_token`), which signs in and out by itself"
            }
            TokenSource::Key => "this client has no session",
        };
        Err(Error::new(ErrorKind::Refused, why))
    }

    /// The user's token, as a bearer for one request.
    async fn user_bearer(&self) -> Result<Bearer> {
        self.user_token().await.map(Bearer::Exactly)
    }

    async fn user_token(&self) -> Result<Token> {
        self.client.tokens().token().await?.ok_or_else(error::session_missing)
    }

    /// Further methods for servers, which need the project's service (secret) key.
    pub fn admin(&self) -> AdminAuth {
        AdminAuth::new(self.client.clone())
    }

    /// Second factors.
    pub fn mfa(&self) -> Mfa {
        Mfa::new(self.clone())
    }

    /// Passkeys.
    pub fn passkeys(&self) -> Passkeys {
        Passkeys::new(self.clone())
    }

    /// What the user allowed applications that sign in by this project.
    pub fn oauth(&self) -> OAuthServer {
        OAuthServer::new(self.clone())
    }

    /// What happens to the session, from now on, beginning with the session that there is.
    ///
    /// ```no_run
    /// # async fn example(supabase: supabase_core::Client) {
    /// use futures_util::StreamExt;
    /// let mut events = supabase.auth().events();
    /// while let Some(change) = events.next().await {
    ///     println!("{:?}", change.event);
    /// }
    /// # }
    /// ```
    ///
    /// A client without a session of its own ([`Client::as_user`], another provider's tokens) gives a
    /// stream that ends at once.
    pub fn events(&self) -> AuthEvents {
        match self.owner() {
            Ok(owner) => owner.events(),
            Err(_) => AuthEvents { loading: None, changes: tokio::sync::mpsc::unbounded_channel().1 },
        }
    }

    /// Refreshes the token in the background from now on, on the runtime of the caller.
    pub fn start_auto_refresh(&self) {
        if let Ok(owner) = self.owner() {
            owner.auto_refresh(true);
        }
    }

    /// No longer refreshes the token in the background. A request still refreshes one that is due.
    pub fn stop_auto_refresh(&self) {
        if let Ok(owner) = self.owner() {
            owner.auto_refresh(false);
        }
    }
}
