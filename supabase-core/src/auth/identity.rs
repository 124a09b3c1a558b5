//! The identities of the signed-in user.

use http::Method;

use super::Auth;
use super::user::Identity;
use super::wire::{self, Call, segment};
use crate::error::Result;

impl Auth {
    /// The ways by which the user signs in, as the server knows them now.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn identities(&self) -> Result<Vec<Identity>> {
        Ok(self.get_user().await?.identities.unwrap_or_default())
    }

    /// Removes an identity; the last one stays.
    ///
    /// # Errors
    /// `single_identity_not_deletable`, `identity_not_found`, `manual_linking_disabled`.
    pub async fn unlink_identity(&self, identity: &Identity) -> Result<()> {
        let bearer = self.user_bearer().await?;
        let path = format!("/user/identities/{}", segment(&identity.identity_id)?);
        wire::send(&self.client, Call::new(Method::DELETE, path).bearer(bearer)).await.map(drop)
    }
}
