//! Factors and passkeys of any user.

use http::Method;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::AdminAuth;
use crate::auth::passkey::Passkey;
use crate::auth::user::Factor;
use crate::auth::wire::segment;
use crate::error::Result;

/// Factors of users, from [`AdminAuth::mfa`].
#[derive(Debug, Clone)]
#[must_use]
pub struct AdminFactors {
    admin: AdminAuth,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FactorList {
    Wrapped { factors: Vec<Factor> },
    Plain(Vec<Factor>),
}

impl AdminFactors {
    pub(super) fn new(admin: AdminAuth) -> Self {
        Self { admin }
    }

    /// The user's factors.
    ///
    /// # Errors
    /// `user_not_found`.
    pub async fn list_factors(&self, user: Uuid) -> Result<Vec<Factor>> {
        let call = self.admin.call(Method::GET, format!("/admin/users/{user}/factors"))?;
        Ok(match self.admin.json(call).await? {
            FactorList::Wrapped { factors } | FactorList::Plain(factors) => factors,
        })
    }

    /// Renames a factor.
    ///
    /// # Errors
    /// `mfa_factor_not_found`.
    pub async fn rename_factor(&self, user: Uuid, factor_id: &str, friendly_name: &str) -> Result<Factor> {
        let path = format!("/admin/users/{user}/factors/{}", segment(factor_id)?);
        self.admin.json(self.admin.call(Method::PUT, path)?.body(json!({ "friendly_name": friendly_name }))).await
    }

    /// Deletes a factor, for a user who lost it. The user's sessions end.
    ///
    /// # Errors
    /// `mfa_factor_not_found`.
    pub async fn delete_factor(&self, user: Uuid, factor_id: &str) -> Result<()> {
        let path = format!("/admin/users/{user}/factors/{}", segment(factor_id)?);
        self.admin.send(self.admin.call(Method::DELETE, path)?).await.map(drop)
    }
}

/// Passkeys of users, from [`AdminAuth::passkeys`].
#[derive(Debug, Clone)]
#[must_use]
pub struct AdminPasskeys {
    admin: AdminAuth,
}

impl AdminPasskeys {
    pub(super) fn new(admin: AdminAuth) -> Self {
        Self { admin }
    }

    /// The user's passkeys.
    ///
    /// # Errors
    /// `user_not_found`.
    pub async fn list(&self, user: Uuid) -> Result<Vec<Passkey>> {
        self.admin.json(self.admin.call(Method::GET, format!("/admin/users/{user}/passkeys"))?).await
    }

    /// Deletes a passkey.
    ///
    /// # Errors
    /// When the user has no such passkey.
    pub async fn delete(&self, user: Uuid, passkey_id: &str) -> Result<()> {
        let path = format!("/admin/users/{user}/passkeys/{}", segment(passkey_id)?);
        self.admin.send(self.admin.call(Method::DELETE, path)?).await.map(drop)
    }
}
