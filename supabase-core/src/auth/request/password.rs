//! Signing up and in with a password, as a guest, or with another provider's token.

use serde_json::Value;

use super::{Channel, Who, hidden};

hidden!(Credentials, SignUp, Anonymous, IdToken, PasswordReset);

/// Who signs in, and the password.
#[derive(Clone)]
#[must_use]
pub struct Credentials {
    pub(in crate::auth) who: Who,
    pub(in crate::auth) password: String,
    pub(in crate::auth) captcha: Option<String>,
}

impl Credentials {
    /// By e-mail address.
    pub fn email(email: impl Into<String>, password: impl Into<String>) -> Self {
        Self { who: Who::Email(email.into()), password: password.into(), captcha: None }
    }

    /// By phone number.
    pub fn phone(phone: impl Into<String>, password: impl Into<String>) -> Self {
        Self { who: Who::Phone(phone.into()), password: password.into(), captcha: None }
    }

    /// The token of a solved captcha.
    pub fn captcha(mut self, token: impl Into<String>) -> Self {
        self.captcha = Some(token.into());
        self
    }
}

/// A new user.
#[derive(Clone)]
#[must_use]
pub struct SignUp {
    pub(in crate::auth) who: Who,
    pub(in crate::auth) password: String,
    pub(in crate::auth) data: Option<Value>,
    pub(in crate::auth) redirect_to: Option<String>,
    pub(in crate::auth) captcha: Option<String>,
    pub(in crate::auth) channel: Channel,
}

impl SignUp {
    fn new(who: Who, password: String) -> Self {
        Self { who, password, data: None, redirect_to: None, captcha: None, channel: Channel::Sms }
    }

    /// By e-mail address.
    pub fn email(email: impl Into<String>, password: impl Into<String>) -> Self {
        Self::new(Who::Email(email.into()), password.into())
    }

    /// By phone number.
    pub fn phone(phone: impl Into<String>, password: impl Into<String>) -> Self {
        Self::new(Who::Phone(phone.into()), password.into())
    }

    /// The user's metadata: a JSON object.
    pub fn data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// Where the link in the mail leads in the end.
    pub fn redirect_to(mut self, url: impl Into<String>) -> Self {
        self.redirect_to = Some(url.into());
        self
    }

    /// The token of a solved captcha.
    pub fn captcha(mut self, token: impl Into<String>) -> Self {
        self.captcha = Some(token.into());
        self
    }

    /// How the code reaches the phone.
    pub fn channel(mut self, channel: Channel) -> Self {
        self.channel = channel;
        self
    }
}

/// A guest.
#[derive(Clone, Default)]
#[must_use]
pub struct Anonymous {
    pub(in crate::auth) data: Option<Value>,
    pub(in crate::auth) captcha: Option<String>,
}

impl Anonymous {
    /// A guest without metadata.
    pub fn new() -> Self {
        Self::default()
    }

    /// The user's metadata: a JSON object.
    pub fn data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// The token of a solved captcha.
    pub fn captcha(mut self, token: impl Into<String>) -> Self {
        self.captcha = Some(token.into());
        self
    }
}

/// An OpenID token that a provider (`google`, `apple`, `azure`, …) issued.
#[derive(Clone)]
#[must_use]
pub struct IdToken {
    pub(in crate::auth) provider: String,
    pub(in crate::auth) token: String,
    pub(in crate::auth) access_token: Option<String>,
    pub(in crate::auth) nonce: Option<String>,
    pub(in crate::auth) captcha: Option<String>,
}

impl IdToken {
    /// The token of this provider.
    pub fn new(provider: impl Into<String>, token: impl Into<String>) -> Self {
        Self { provider: provider.into(), token: token.into(), access_token: None, nonce: None, captcha: None }
    }

    /// The provider's access token, where the id token has an `at_hash` claim.
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.access_token = Some(token.into());
        self
    }

    /// The nonce that the id token was asked for with.
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// The token of a solved captcha.
    pub fn captcha(mut self, token: impl Into<String>) -> Self {
        self.captcha = Some(token.into());
        self
    }
}

/// A mail with a link by which a new password can be set.
#[derive(Clone)]
#[must_use]
pub struct PasswordReset {
    pub(in crate::auth) email: String,
    pub(in crate::auth) redirect_to: Option<String>,
    pub(in crate::auth) captcha: Option<String>,
}

impl PasswordReset {
    /// For the user of this address.
    pub fn new(email: impl Into<String>) -> Self {
        Self { email: email.into(), redirect_to: None, captcha: None }
    }

    /// Where the link in the mail leads in the end.
    pub fn redirect_to(mut self, url: impl Into<String>) -> Self {
        self.redirect_to = Some(url.into());
        self
    }

    /// The token of a solved captcha.
    pub fn captcha(mut self, token: impl Into<String>) -> Self {
        self.captcha = Some(token.into());
        self
    }
}

impl<T: Into<String>> From<T> for PasswordReset {
    fn from(email: T) -> Self {
        Self::new(email)
    }
}
