//! What of a user is to change.

use serde_json::{Map, Value, json};

use super::hidden;

hidden!(UserAttributes);

/// What of the signed-in user is to change; the rest stays.
///
/// ```
/// use supabase_core::auth::UserAttributes;
/// let change = UserAttributes::new().data(serde_json::json!({ "name": "Ada" })).password("a better one");
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct UserAttributes {
    pub(in crate::auth) fields: Map<String, Value>,
    pub(in crate::auth) redirect_to: Option<String>,
}

impl UserAttributes {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// Another address; it waits for its confirmation.
    pub fn email(self, email: impl Into<String>) -> Self {
        self.set("email", email.into())
    }

    /// Another number; it waits for its confirmation.
    pub fn phone(self, phone: impl Into<String>) -> Self {
        self.set("phone", phone.into())
    }

    /// Another password.
    pub fn password(self, password: impl Into<String>) -> Self {
        self.set("password", password.into())
    }

    /// The password until now, where the project asks for it.
    pub fn current_password(self, password: impl Into<String>) -> Self {
        self.set("current_password", password.into())
    }

    /// The code that [`reauthenticate`](crate::auth::Auth::reauthenticate) sent.
    pub fn nonce(self, nonce: impl Into<String>) -> Self {
        self.set("nonce", nonce.into())
    }

    /// Metadata: a JSON object, merged into what there is; a key with `null` is removed.
    pub fn data(self, data: Value) -> Self {
        self.set("data", data)
    }

    /// Where the link that confirms the new address leads in the end.
    pub fn redirect_to(mut self, url: impl Into<String>) -> Self {
        self.redirect_to = Some(url.into());
        self
    }

    pub(in crate::auth) fn changes_email(&self) -> bool {
        self.fields.contains_key("email")
    }

    pub(in crate::auth) fn body(&self) -> Value {
        json!(self.fields)
    }
}
