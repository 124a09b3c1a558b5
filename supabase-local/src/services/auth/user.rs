//! The user: as JSON, changed, with identities.

use serde_json::{Value, json};

use super::error::Refusal;
use super::one_time::hash;
use super::request::{Ask, is_uuid};
use super::{Answer, reply};

/// A user as the service describes one.
pub(super) const USER: &str = "select jsonb_build_object('id', u.id, 'aud', u.aud, 'role', u.role, 'email', coalesce(u.email, ''), 'phone', coalesce(u.phone, ''), \
    'email_confirmed_at', u.email_confirmed_at, 'phone_confirmed_at', u.phone_confirmed_at, 'confirmed_at', u.confirmed_at, 'invited_at', u.invited_at, \
    'confirmation_sent_at', u.confirmation_sent_at, 'recovery_sent_at', u.recovery_sent_at, 'email_change_sent_at', u.email_change_sent_at, \
    'phone_change_sent_at', u.phone_change_sent_at, 'reauthentication_sent_at', u.reauthentication_sent_at, \
    'new_email', nullif(u.email_change, ''), 'new_phone', nullif(u.phone_change, ''), 'last_sign_in_at', u.last_sign_in_at, \
    'app_metadata', coalesce(u.raw_app_meta_data, '{}'), 'user_metadata', coalesce(u.raw_user_meta_data, '{}'), \
    'created_at', u.created_at, 'updated_at', u.updated_at, 'banned_until', u.banned_until, 'deleted_at', u.deleted_at, 'is_anonymous', u.is_anonymous, \
    'factors', (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', f.id, 'friendly_name', nullif(f.friendly_name, ''), 'factor_type', f.factor_type, 'status', f.status, \
        'phone', coalesce(f.phone, ''), 'created_at', f.created_at, 'updated_at', f.updated_at, 'last_challenged_at', f.last_challenged_at)) order by f.created_at) from mfa_factors f where f.user_id = u.id), \
    'identities', coalesce((select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('identity_id', i.id, 'id', i.provider_id, 'user_id', i.user_id, 'identity_data', nullif(i.identity_data, '{}'), \
        'provider', i.provider, 'last_sign_in_at', i.last_sign_in_at, 'created_at', i.created_at, 'updated_at', i.updated_at, 'email', i.email)) \
        order by i.created_at) from identities i where i.user_id = u.id), '[]')) from users u";

/// Leaves out what is not there, as the service does.
pub(super) fn tidy(mut user: Value) -> Value {
    if let Some(fields) = user.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    user
}

impl Ask<'_> {
    pub(super) async fn user_json(&self, user: &str) -> Result<Value, Refusal> {
        let row = self.db.query_opt(&format!("{USER} where u.id::text = $1"), &[&user]).await?;
        row.map(|row| tidy(row.get(0))).ok_or_else(|| Refusal::new(404, "user_not_found", "User not found"))
    }

    pub(super) async fn get_user(&self) -> Answer {
        let signed = self.signed().await?;
        reply(&self.user_json(&signed.user).await?)
    }

    /// Adds an identity, or brings the one that there is up to date, and tells the user's metadata of it.
    pub(super) async fn add_identity(
        &self,
        user: &str,
        provider: &str,
        subject: &str,
        data: &Value,
    ) -> Result<(), Refusal> {
        self.put_identity(user, provider, subject, data).await?;
        self.name_providers(user).await
    }

    /// The same, without telling the user's metadata.
    pub(super) async fn put_identity(
        &self,
        user: &str,
        provider: &str,
        subject: &str,
        data: &Value,
    ) -> Result<(), Refusal> {
        self.db
            .execute(
                "insert into identities (provider_id, user_id, identity_data, provider, last_sign_in_at) values ($3, $1::text::uuid, $4, $2, now()) \
                 on conflict (provider_id, provider) do update set identity_data = identities.identity_data || $4, updated_at = now()",
                &[&user, &provider, &subject, data],
            )
            .await?;
        Ok(())
    }

    async fn name_providers(&self, user: &str) -> Result<(), Refusal> {
        self.db
            .execute(
                "update users set raw_app_meta_data = coalesce(raw_app_meta_data, '{}') || (select jsonb_build_object('provider', \
                 case when raw_app_meta_data ->> 'provider' = any(array_agg(provider)) then raw_app_meta_data ->> 'provider' else min(provider) end, 'providers', coalesce(jsonb_agg(distinct provider), '[]')) \
                 from identities where user_id::text = $1) where id::text = $1",
                &[&user],
            )
            .await?;
        Ok(())
    }

    pub(super) async fn unlink_identity(&self, id: &str) -> Answer {
        if !self.settings.manual_linking {
            return Err(Refusal::new(404, "manual_linking_disabled", "Manual linking is disabled"));
        }
        let signed = self.signed().await?;
        if !is_uuid(id) {
            return Err(Refusal::new(404, "validation_failed", "identity_id must be an UUID"));
        }
        let row = self
            .db
            .query_one(
                "select count(*), count(*) filter (where id::text = $2) from identities where user_id::text = $1",
                &[&signed.user, &id],
            )
            .await?;
        let (all, these): (i64, i64) = (row.get(0), row.get(1));
        if these == 0 {
            return Err(Refusal::new(422, "identity_not_found", "Identity doesn't exist"));
        }
        if all <= 1 {
            return Err(Refusal::new(
                422,
                "single_identity_not_deletable",
                "User must have at least 1 identity after unlinking",
            ));
        }
        self.db.execute("delete from identities where id::text = $1", &[&id]).await?;
        self.name_providers(&signed.user).await?;
        reply(&json!({}))
    }

    async fn same_password(&self, user: &str, password: &str) -> Result<bool, Refusal> {
        let row = self
            .db
            .query_one(
                "select coalesce(encrypted_password, '') <> '' and extensions.crypt($2, encrypted_password) = encrypted_password from users where id::text = $1",
                &[&user, &password],
            )
            .await?;
        Ok(row.get(0))
    }

    pub(super) async fn set_password(&self, user: &str, password: &str) -> Result<(), Refusal> {
        self.check_password(password)?;
        self.db
            .execute("update users set encrypted_password = extensions.crypt($2, extensions.gen_salt('bf', 4)), updated_at = now() where id::text = $1", &[&user, &password])
            .await?;
        Ok(())
    }

    /// Merges metadata: a key with `null` goes.
    pub(super) async fn merge(&self, user: &str, column: &str, data: &Value) -> Result<(), Refusal> {
        let sql = format!(
            "update users set {column} = jsonb_strip_nulls(coalesce({column}, '{{}}') || $2), updated_at = now() where id::text = $1"
        );
        self.db.execute(&sql, &[&user, data]).await?;
        Ok(())
    }

    pub(super) async fn put_user(&self) -> Answer {
        let signed = self.signed().await?;
        let user = &signed.user;
        let before = self.user_json(user).await?;
        let has_factor = before["factors"]
            .as_array()
            .is_some_and(|factors| factors.iter().any(|factor| factor["status"] == "verified"));
        let password = self.text("password");
        let (email, phone) = (self.checked_email()?, self.checked_phone()?);
        if before["is_anonymous"] == true && !password.is_empty() && email.is_empty() && phone.is_empty() {
            let message = "Updating password of an anonymous user without an email or phone is not allowed";
            return Err(Refusal::new(422, "validation_failed", message));
        }
        if has_factor
            && signed.aal != "aal2"
            && (!password.is_empty() || !self.email().is_empty() || !self.phone().is_empty())
        {
            return Err(Refusal::new(
                401,
                "insufficient_aal",
                "AAL2 session is required to update email or password when MFA is enabled.",
            ));
        }
        if !password.is_empty() {
            if self.settings.secure_password_change {
                self.check_nonce(user, &before).await?;
            }
            if self.same_password(user, password).await? {
                return Err(Refusal::new(
                    422,
                    "same_password",
                    "New password should be different from the old password.",
                ));
            }
            self.set_password(user, password).await?;
            // Codes that are under way are void, and no longer told of.
            self.db.execute("delete from one_time_tokens where user_id::text = $1", &[user]).await?;
            self.db
                .execute(
                    "update users set confirmation_sent_at = null, recovery_sent_at = null, email_change_sent_at = null, \
                     phone_change_sent_at = null, reauthentication_sent_at = null where id::text = $1",
                    &[user],
                )
                .await?;
            self.db
                .execute("delete from sessions where user_id::text = $1 and id::text <> $2", &[user, &signed.session])
                .await?;
        }
        if let Some(data) = self.body.get("data").filter(|data| data.is_object()) {
            self.merge(user, "raw_user_meta_data", data).await?;
        }
        if !email.is_empty() && before["email"] != email.as_str() {
            if self.user_by(&email, "").await?.is_some() {
                return Err(Refusal::new(
                    422,
                    "email_exists",
                    "A user with this email address has already been registered",
                ));
            }
            self.db.execute("update users set email_change = $2, email_change_sent_at = now(), updated_at = now() where id::text = $1", &[user, &email]).await?;
            if self.settings.mailer_autoconfirm {
                self.change_email(user).await?;
            } else {
                self.mail_change(user, before["email"].as_str().unwrap_or_default(), &email).await?;
            }
        }
        if !phone.is_empty() && before["phone"] != phone.as_str() {
            if self.user_by("", &phone).await?.is_some() {
                return Err(Refusal::new(
                    422,
                    "phone_exists",
                    "A user with this phone number has already been registered",
                ));
            }
            self.db.execute("update users set phone_change = $2, phone_change_sent_at = now(), updated_at = now() where id::text = $1", &[user, &phone]).await?;
            self.text_message(user, "phone_change_token", &phone, "phone_change").await?;
        }
        reply(&self.user_json(user).await?)
    }

    /// The code that reauthentication sent, for projects that want it.
    async fn check_nonce(&self, user: &str, before: &Value) -> Result<(), Refusal> {
        let nonce = self.text("nonce");
        if nonce.is_empty() {
            return Err(Refusal::new(400, "reauthentication_needed", "Password update requires reauthentication"));
        }
        let to =
            before["email"].as_str().filter(|email| !email.is_empty()).or(before["phone"].as_str()).unwrap_or_default();
        let used = self
            .db
            .execute(
                "delete from one_time_tokens where user_id::text = $1 and token_type = 'reauthentication_token' and token_hash = $2",
                &[&user, &hash(to, nonce)],
            )
            .await?;
        if used == 0 {
            return Err(Refusal::new(422, "reauthentication_not_valid", "Nonce has expired or is invalid"));
        }
        Ok(())
    }
}
