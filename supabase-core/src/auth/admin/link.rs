//! Links for mails that the application sends itself.

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::AdminAuth;
use crate::auth::request::hidden;
use crate::auth::sign_in::Fields;
use crate::auth::user::User;
use crate::error::Result;

hidden!(LinkRequest, GeneratedLink);

/// A link to make.
#[derive(Clone)]
#[must_use]
pub struct LinkRequest {
    kind: &'static str,
    email: String,
    password: Option<String>,
    new_email: Option<String>,
    data: Option<Value>,
    redirect_to: Option<String>,
}

impl LinkRequest {
    fn new(kind: &'static str, email: impl Into<String>) -> Self {
        Self { kind, email: email.into(), password: None, new_email: None, data: None, redirect_to: None }
    }

    /// Confirms a new user, who is made if there is none.
    pub fn signup(email: impl Into<String>, password: impl Into<String>) -> Self {
        Self { password: Some(password.into()), ..Self::new("signup", email) }
    }

    /// Invites somebody.
    pub fn invite(email: impl Into<String>) -> Self {
        Self::new("invite", email)
    }

    /// Signs in.
    pub fn magiclink(email: impl Into<String>) -> Self {
        Self::new("magiclink", email)
    }

    /// Sets a new password.
    pub fn recovery(email: impl Into<String>) -> Self {
        Self::new("recovery", email)
    }

    /// Confirms a change of address, for the address until now.
    pub fn email_change_current(email: impl Into<String>, new_email: impl Into<String>) -> Self {
        Self { new_email: Some(new_email.into()), ..Self::new("email_change_current", email) }
    }

    /// Confirms a change of address, for the new one.
    pub fn email_change_new(email: impl Into<String>, new_email: impl Into<String>) -> Self {
        Self { new_email: Some(new_email.into()), ..Self::new("email_change_new", email) }
    }

    /// The metadata of a new user: a JSON object.
    pub fn data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// Where the link leads in the end.
    pub fn redirect_to(mut self, url: impl Into<String>) -> Self {
        self.redirect_to = Some(url.into());
        self
    }
}

/// A link that was made. Whoever has it is the user, so `Debug` shows nothing of it.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct GeneratedLink {
    /// The link.
    pub action_link: String,
    /// The code, for those who type.
    pub email_otp: String,
    /// The hash for [`VerifyOtp::token_hash`](crate::auth::VerifyOtp::token_hash).
    pub hashed_token: String,
    /// Where the link leads in the end.
    #[serde(default)]
    pub redirect_to: String,
    /// What it is for.
    #[serde(default)]
    pub verification_type: String,
    /// Whose it is.
    #[serde(flatten)]
    pub user: User,
}

impl AdminAuth {
    /// Makes a link without sending a mail.
    ///
    /// # Errors
    /// `user_not_found`, `email_exists`.
    pub async fn generate_link(&self, request: LinkRequest) -> Result<GeneratedLink> {
        let body = Fields::new()
            .set("type", request.kind)
            .set("email", request.email)
            .set_if("password", request.password)
            .set_if("new_email", request.new_email)
            .set_if("data", request.data);
        let call =
            self.call(Method::POST, "/admin/generate_link")?.query_if("redirect_to", request.redirect_to.as_deref());
        self.json(call.body(body.done())).await
    }
}
