//! Who a request acts for: the token that it carries, and where that token comes from.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use http::HeaderValue;
use tokio::sync::watch;

use crate::auth::SessionOwner;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::BoxFuture;

/// A key or token as the header values that it is sent in, marked sensitive.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) plain: HeaderValue,
    pub(crate) bearer: HeaderValue,
}

impl Token {
    pub(crate) fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            // `Bearer ` with nothing behind it is nobody's token: older servers take it for no token.
            return None;
        }
        let mut plain = HeaderValue::try_from(text).ok()?;
        let mut bearer = HeaderValue::try_from(format!("Bearer {text}")).ok()?;
        plain.set_sensitive(true);
        bearer.set_sensitive(true);
        Some(Self { plain, bearer })
    }

    /// The token of a user. One that is empty or that no header can carry could only be refused; sent as an invalid
    /// one, the server says so in the words it has for that, and nothing falls back to the key.
    #[allow(clippy::expect_used, reason = "`invalid` is a header value")]
    pub(crate) fn of_user(text: &str) -> Self {
        Self::new(text).or_else(|| Self::new("invalid")).expect("`invalid` is a header value")
    }

    #[allow(dead_code, reason = "realtime uses it")]
    pub(crate) fn text(&self) -> &str {
        // Made from text, and `HeaderValue` takes visible ASCII from text only.
        self.plain.to_str().unwrap_or_default()
    }

    /// `sb_publishable_…` and `sb_secret_…` are keys, but no tokens that a function could verify.
    pub(crate) fn is_opaque_key(&self) -> bool {
        self.plain.as_bytes().starts_with(b"sb_")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Token(…)")
    }
}

/// What goes into `Authorization` of one request.
#[derive(Debug, Clone, Default)]
#[allow(dead_code, reason = "each service uses the one that it needs")]
pub(crate) enum Bearer {
    /// The token of the client's user, else the key.
    #[default]
    User,
    /// The same, but nothing in place of an `sb_…` key: for functions, which would take it for a
    /// broken token.
    UserOrJwtKey,
    /// The project's key, whoever is signed in.
    Key,
    /// This token.
    Exactly(Token),
    /// Nothing.
    None,
}

/// Where the token of a client's user comes from.
#[derive(Clone)]
pub(crate) enum TokenSource {
    /// There is no user: the key acts for itself.
    Key,
    /// One token, given once and never replaced.
    Fixed(Token),
    /// The session that `Client::auth` owns, refreshed when it is due.
    Session(Arc<SessionOwner>),
    /// Another provider's tokens, asked for before each request.
    Callback(AccessToken),
}

/// An application's function that gives access tokens of another provider.
#[derive(Clone)]
pub(crate) struct AccessToken(Arc<dyn Fn() -> BoxFuture<'static, Result<Option<String>>> + Send + Sync>);

impl AccessToken {
    pub(crate) fn new<F, Fut, E>(give: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = std::result::Result<Option<String>, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self(Arc::new(move || {
            let asked = give();
            Box::pin(async move {
                asked.await.map_err(|error| {
                    // Its text is the application's own; whether it holds a secret is not ours to know.
                    Error::new(
                        ErrorKind::Unauthenticated,
                        "the client's access token function failed; the request was not sent as somebody else",
                    )
                    .with_boxed_source(error.into())
                })
            })
        }))
    }
}

impl TokenSource {
    /// The user's token now, refreshed if it is due. `None` when there is no user.
    pub(crate) async fn token(&self) -> Result<Option<Token>> {
        match self {
            Self::Key => Ok(None),
            Self::Fixed(token) => Ok(Some(token.clone())),
            Self::Session(owner) => owner.token().await,
            Self::Callback(AccessToken(give)) => Ok(give().await?.map(|token| Token::of_user(&token))),
        }
    }

    /// The token that is never replaced.
    pub(crate) fn fixed(&self) -> Option<&Token> {
        match self {
            Self::Fixed(token) => Some(token),
            Self::Key | Self::Session(_) | Self::Callback(_) => None,
        }
    }

    /// Whether the answer of [`token`](Self::token) is known without asking: [`fixed`](Self::fixed).
    pub(crate) fn is_settled(&self) -> bool {
        match self {
            Self::Key | Self::Fixed(_) => true,
            Self::Session(owner) => owner.is_nobody(),
            Self::Callback(_) => false,
        }
    }

    /// Tells when another token should be used; see [`TokenChanges`].
    pub(crate) fn changes(&self) -> TokenChanges {
        TokenChanges(match self {
            Self::Session(owner) => Some(owner.watch()),
            Self::Key | Self::Fixed(_) | Self::Callback(_) => None,
        })
    }
}

/// Publication of the session's token, for connections that outlive a request (realtime).
#[allow(dead_code, reason = "realtime uses it")]
pub(crate) struct TokenChanges(Option<watch::Receiver<Option<Token>>>);

#[allow(dead_code, reason = "realtime uses it")]
impl TokenChanges {
    /// Waits until the session has another token or none, and gives it. Never ends for a client
    /// whose token cannot change by itself: fixed ones, keys, and callbacks, which are asked instead.
    pub(crate) async fn changed(&mut self) -> Option<Token> {
        if let Some(receiver) = &mut self.0
            && receiver.changed().await.is_ok()
        {
            return receiver.borrow_and_update().clone();
        }
        std::future::pending().await
    }
}
