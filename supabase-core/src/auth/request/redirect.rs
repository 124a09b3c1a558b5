//! Signing in at a provider, and coming back.

use super::hidden;

hidden!(Sso);

/// A provider to sign in with.
#[derive(Debug, Clone)]
#[must_use]
pub struct OAuth {
    pub(in crate::auth) provider: String,
    pub(in crate::auth) redirect_to: Option<String>,
    pub(in crate::auth) scopes: Option<String>,
    pub(in crate::auth) query: Vec<(String, String)>,
}

impl OAuth {
    /// `github`, `google`, `custom:…`, …
    pub fn new(provider: impl Into<String>) -> Self {
        Self { provider: provider.into(), redirect_to: None, scopes: None, query: Vec::new() }
    }

    /// Where to come back to: one of the project's allowed redirect URLs.
    pub fn redirect_to(mut self, url: impl Into<String>) -> Self {
        self.redirect_to = Some(url.into());
        self
    }

    /// What to ask the provider for, separated by spaces.
    pub fn scopes(mut self, scopes: impl Into<String>) -> Self {
        self.scopes = Some(scopes.into());
        self
    }

    /// A further parameter for the provider: `access_type=offline`, `prompt=consent`, …
    pub fn query_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }
}

impl From<&str> for OAuth {
    fn from(provider: &str) -> Self {
        Self::new(provider)
    }
}

/// An identity provider of an organisation (SAML).
#[derive(Clone)]
#[must_use]
pub struct Sso {
    pub(in crate::auth) by: (&'static str, String),
    pub(in crate::auth) redirect_to: Option<String>,
    pub(in crate::auth) captcha: Option<String>,
}

impl Sso {
    /// By the domain of the organisation's addresses.
    pub fn domain(domain: impl Into<String>) -> Self {
        Self { by: ("domain", domain.into()), redirect_to: None, captcha: None }
    }

    /// By the provider's id in the project.
    pub fn provider_id(id: impl Into<String>) -> Self {
        Self { by: ("provider_id", id.into()), redirect_to: None, captcha: None }
    }

    /// Where to come back to.
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
