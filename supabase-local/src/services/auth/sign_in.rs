//! Signing up and in.

use serde_json::{Value, json};

use super::error::Refusal;
use super::request::Ask;
use super::{Answer, reply};

impl Ask<'_> {
    pub(super) fn settings_json(&self) -> Answer {
        let settings = &self.settings;
        reply(&json!({
            "external": { "anonymous_users": settings.anonymous_users, "email": true, "phone": true, "github": true, "google": true },
            "disable_signup": !settings.signup_enabled, "mailer_autoconfirm": settings.mailer_autoconfirm,
            "phone_autoconfirm": settings.sms_autoconfirm, "sms_provider": "captured", "saml_enabled": false,
        }))
    }

    fn allows_sign_up(&self) -> Result<(), Refusal> {
        if self.settings.signup_enabled {
            Ok(())
        } else {
            Err(Refusal::new(422, "signup_disabled", "Signups not allowed for this instance"))
        }
    }

    pub(super) fn check_password(&self, password: &str) -> Result<(), Refusal> {
        let least = self.settings.password_min_length;
        if password.len() > 72 {
            return Err(Refusal::validation("Password cannot be longer than 72 characters"));
        }
        if password.chars().count() >= least {
            return Ok(());
        }
        let message = format!("Password should be at least {least} characters.");
        Err(Refusal::new(422, "weak_password", message).with("weak_password", json!({ "reasons": ["length"] })))
    }

    /// A row of `auth.users`, with the identity that it begins with. Who signs up has what they say of themselves in
    /// both, beside what is known of the identity; who is made by somebody else has it in the user's metadata alone.
    pub(super) async fn insert_user(
        &self,
        signs_up: bool,
        id: Option<&str>,
        email: &str,
        phone: &str,
        password: Option<&str>,
        data: &Value,
    ) -> Result<String, Refusal> {
        let provider = if !email.is_empty() { "email" } else { "phone" };
        let anonymous = email.is_empty() && phone.is_empty();
        let app = if anonymous { json!({}) } else { json!({ "provider": provider, "providers": [provider] }) };
        let id = match id {
            Some(id) => id.to_owned(),
            None => self.db.query_one("select gen_random_uuid()::text", &[]).await?.get(0),
        };
        let mut identity = if signs_up { data.clone() } else { json!({}) };
        identity["sub"] = json!(id);
        identity["email_verified"] = json!(false);
        identity["phone_verified"] = json!(false);
        if !email.is_empty() {
            identity["email"] = json!(email);
        } else if !signs_up {
            identity["phone"] = json!(phone);
        }
        let metadata = if signs_up && !anonymous { &identity } else { data };
        let row = self
            .db
            .query_one(
                "insert into users (instance_id, id, aud, role, email, phone, encrypted_password, raw_app_meta_data, raw_user_meta_data, created_at, updated_at, is_anonymous) \
                 values ('00000000-0000-0000-0000-000000000000', $1::text::uuid, 'authenticated', 'authenticated', nullif($2, ''), nullif($3, ''), \
                 case when $4::text is null then '' else extensions.crypt($4, extensions.gen_salt('bf', 4)) end, $5, $6, now(), now(), $7) returning id::text",
                &[&id, &email, &phone, &password, &app, metadata, &anonymous],
            )
            .await?;
        let user: String = row.get(0);
        if !anonymous {
            self.add_identity(&user, provider, &user, &identity).await?;
        }
        Ok(user)
    }

    pub(super) async fn user_by(&self, email: &str, phone: &str) -> Result<Option<String>, Refusal> {
        let row = self
            .db
            .query_opt(
                "select id::text from users where deleted_at is null and ((email = $1 and $1 <> '' and not is_sso_user) or (phone = $2 and $2 <> ''))",
                &[&email, &phone],
            )
            .await?;
        Ok(row.map(|row| row.get(0)))
    }

    pub(super) async fn sign_up(&self) -> Answer {
        self.allows_sign_up()?;
        self.check_flow()?;
        let (email, phone, data) = (self.checked_email()?, self.checked_phone()?, self.object("data"));
        if email.is_empty() && phone.is_empty() {
            if !self.settings.anonymous_users {
                return Err(Refusal::new(422, "anonymous_provider_disabled", "Anonymous sign-ins are disabled"));
            }
            let user = self.insert_user(true, None, "", "", None, &data).await?;
            return reply(&self.begin_session(&user, "anonymous").await?);
        }
        let password = self.text("password");
        if password.is_empty() {
            return Err(Refusal::validation("Signup requires a valid password"));
        }
        self.check_password(password)?;
        let confirmed_at_once =
            if email.is_empty() { self.settings.sms_autoconfirm } else { self.settings.mailer_autoconfirm };
        let user = match self.user_by(&email, &phone).await? {
            None => self.insert_user(true, None, &email, &phone, Some(password), &data).await?,
            Some(user) => {
                let confirmed: bool = self
                    .db
                    .query_one("select confirmed_at is not null from users where id::text = $1", &[&user])
                    .await?
                    .get(0);
                if confirmed && confirmed_at_once {
                    return Err(Refusal::new(422, "user_already_exists", "User already registered"));
                }
                if confirmed {
                    // Nobody learns who has an account: the answer looks like that for a new user.
                    let mut fake = self.user_json(&user).await?;
                    fake["id"] =
                        json!(self.db.query_one("select gen_random_uuid()::text", &[]).await?.get::<_, String>(0));
                    for name in
                        ["email_confirmed_at", "phone_confirmed_at", "confirmed_at", "last_sign_in_at", "factors"]
                    {
                        fake.as_object_mut().map(|fake| fake.remove(name));
                    }
                    for name in ["recovery_sent_at", "email_change_sent_at", "phone_change_sent_at", "invited_at"] {
                        fake.as_object_mut().map(|fake| fake.remove(name));
                    }
                    fake["confirmation_sent_at"] = fake["created_at"].clone();
                    fake["role"] = json!("");
                    fake["identities"] = json!([]);
                    fake["user_metadata"] = data;
                    return reply(&fake);
                }
                // Whoever signed up first keeps password and data; the code is sent again.
                user
            }
        };
        if confirmed_at_once {
            if email.is_empty() {
                self.confirm_phone(&user).await?
            } else {
                self.confirm_email(&user).await?;
                self.confirm_identity(&user).await?;
            }
            return reply(&self.begin_session(&user, "password").await?);
        }
        self.db.execute("update users set confirmation_sent_at = now() where id::text = $1", &[&user]).await?;
        if email.is_empty() {
            self.text_message(&user, "confirmation_token", &phone, "sms").await?;
        } else {
            self.mail(&user, "confirmation_token", &email, "signup").await?;
        }
        reply(&self.user_json(&user).await?)
    }

    pub(super) async fn password(&self) -> Answer {
        let invalid = || Refusal::new(400, "invalid_credentials", "Invalid login credentials");
        let (email, phone) = (self.email(), self.phone());
        if email.is_empty() && phone.is_empty() {
            return Err(Refusal::validation("missing email or phone"));
        }
        if !email.is_empty() && !phone.is_empty() {
            return Err(Refusal::validation("Only an email address or phone number should be provided on login."));
        }
        let user = self.user_by(&email, &phone).await?.ok_or_else(invalid)?;
        let row = self
            .db
            .query_one(
                "select coalesce(encrypted_password, '') <> '' and extensions.crypt($2, encrypted_password) = encrypted_password, \
                 email_confirmed_at is not null, phone_confirmed_at is not null, coalesce(banned_until > now(), false) from users where id::text = $1",
                &[&user, &self.text("password")],
            )
            .await?;
        if !row.get::<_, bool>(0) {
            return Err(invalid());
        }
        if row.get(3) {
            return Err(Refusal::new(400, "user_banned", "User is banned"));
        }
        if !email.is_empty() && !row.get::<_, bool>(1) {
            return Err(Refusal::new(400, "email_not_confirmed", "Email not confirmed"));
        }
        if email.is_empty() && !row.get::<_, bool>(2) {
            return Err(Refusal::new(400, "phone_not_confirmed", "Phone not confirmed"));
        }
        let mut session = self.begin_session(&user, "password").await?;
        session["weak_password"] = Value::Null;
        reply(&session)
    }

    pub(super) async fn otp(&self) -> Answer {
        self.check_flow()?;
        if !self.email().is_empty() && !self.phone().is_empty() {
            return Err(Refusal::validation("Only an email address or phone number should be provided"));
        }
        let (email, phone) = (self.checked_email()?, self.checked_phone()?);
        if email.is_empty() && phone.is_empty() {
            return Err(Refusal::validation("One of email or phone must be set"));
        }
        let create = self.body.get("create_user").and_then(Value::as_bool).unwrap_or(true);
        let known = self.user_by(&email, &phone).await?;
        let new = match &known {
            Some(user) => !email.is_empty() && !self.is_confirmed(user).await?,
            None => true,
        };
        let user = match known {
            Some(user) => user,
            None if !create => return Err(Refusal::new(422, "otp_disabled", "Signups not allowed for otp")),
            None => {
                self.allows_sign_up()?;
                self.insert_user(true, None, &email, &phone, None, &self.object("data")).await?
            }
        };
        if new || email.is_empty() {
            self.db.execute("update users set confirmation_sent_at = now() where id::text = $1", &[&user]).await?;
        }
        if email.is_empty() {
            self.text_message(&user, "confirmation_token", &phone, "sms").await?;
            return reply(&json!({ "message_id": "captured" }));
        }
        if new {
            self.mail(&user, "confirmation_token", &email, "signup").await?;
        } else {
            self.db.execute("update users set recovery_sent_at = now() where id::text = $1", &[&user]).await?;
            self.mail(&user, "recovery_token", &email, "magiclink").await?;
        }
        reply(&json!({}))
    }

    async fn is_confirmed(&self, user: &str) -> Result<bool, Refusal> {
        let row =
            self.db.query_one("select email_confirmed_at is not null from users where id::text = $1", &[&user]).await?;
        Ok(row.get(0))
    }

    pub(super) async fn recover(&self) -> Answer {
        self.check_flow()?;
        let email = self.checked_email()?;
        if email.is_empty() {
            return Err(Refusal::validation("Password recovery requires an email"));
        }
        // Nobody learns who has an account.
        if let Some(user) = self.user_by(&email, "").await? {
            self.db.execute("update users set recovery_sent_at = now() where id::text = $1", &[&user]).await?;
            self.mail(&user, "recovery_token", &email, "recovery").await?;
        }
        reply(&json!({}))
    }

    pub(super) async fn resend(&self) -> Answer {
        self.check_flow()?;
        let (email, phone, kind) = (self.checked_email()?, self.checked_phone()?, self.text("type"));
        match (kind, email.is_empty(), phone.is_empty()) {
            ("signup", false, _) => {
                if let Some(user) = self.user_by(&email, "").await?
                    && !self.is_confirmed(&user).await?
                {
                    self.mail(&user, "confirmation_token", &email, "signup").await?;
                }
            }
            ("sms", _, false) => {
                if let Some(user) = self.user_by("", &phone).await? {
                    self.text_message(&user, "confirmation_token", &phone, "sms").await?;
                }
                return reply(&json!({ "message_id": "captured" }));
            }
            ("email_change", false, _) => {
                if let Some(row) = self
                    .db
                    .query_opt(
                        "select id::text, coalesce(email, ''), email_change from users where email = $1 and email_change <> ''",
                        &[&email],
                    )
                    .await?
                {
                    let (user, old, new): (String, String, String) = (row.get(0), row.get(1), row.get(2));
                    self.mail_change(&user, &old, &new).await?;
                }
            }
            ("phone_change", _, false) => {
                if let Some(row) =
                    self.db.query_opt("select id::text from users where phone_change = $1", &[&phone]).await?
                {
                    self.text_message(&row.get::<_, String>(0), "phone_change_token", &phone, "phone_change").await?;
                }
                return reply(&json!({ "message_id": "captured" }));
            }
            ("signup" | "email_change", true, _) => {
                return Err(Refusal::validation("Type provided requires an email address"));
            }
            ("sms" | "phone_change", _, true) => {
                return Err(Refusal::validation("Type provided requires a phone number"));
            }
            _ => {
                return Err(Refusal::validation("Missing one of these types: signup, email_change, sms, phone_change"));
            }
        }
        reply(&json!({}))
    }

    /// `grant_type=id_token`: tokens that are signed with the project's own secret play the provider's.
    pub(super) async fn id_token(&self) -> Answer {
        let claims =
            self.project.keys().claims(self.text("id_token")).ok_or_else(|| Refusal::validation("Bad ID token"))?;
        let provider = self.text("provider");
        let link = self.body.get("link_identity").and_then(Value::as_bool).unwrap_or(false);
        let target = if link { Some(self.signed().await?.user) } else { None };
        let user = self.user_of_provider(provider, &claims, target.as_deref()).await?;
        reply(&self.begin_session(&user, "oauth").await?)
    }
}
