//! Codes and links: made, captured instead of sent, and verified.

use base64::Engine as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha224};

use super::error::Refusal;
use super::message::Message;
use super::request::{Ask, encoded, form};
use super::{Answer, redirect, reply};

/// A code that was made.
pub(super) struct Made {
    pub(super) code: String,
    pub(super) hash: String,
    pub(super) link: String,
}

/// The hash that is stored, and that links carry.
pub(super) fn hash(to: &str, code: &str) -> String {
    Sha224::digest(format!("{to}{code}")).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Six digits.
pub(super) fn code() -> Result<String, Refusal> {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).map_err(|error| Refusal::unexpected(error.to_string()))?;
    Ok(format!("{:06}", u64::from_le_bytes(bytes) % 1_000_000))
}

/// The kinds of stored tokens that may answer for a type of verification.
fn tokens_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "signup" | "invite" | "sms" => &["confirmation_token"],
        "magiclink" | "recovery" => &["recovery_token"],
        "email" => &["confirmation_token", "recovery_token"],
        "email_change" => &["email_change_token_current", "email_change_token_new"],
        "phone_change" => &["phone_change_token"],
        _ => &[],
    }
}

impl Ask<'_> {
    /// Makes a code for `to` and keeps its hash. A challenge makes it one of a PKCE flow.
    pub(super) async fn make(
        &self,
        user: &str,
        token: &str,
        to: &str,
        kind: &str,
        redirect_to: &str,
    ) -> Result<Made, Refusal> {
        let code = code()?;
        let pkce = !self.text("code_challenge").is_empty();
        if pkce {
            self.keep_challenge(user, kind).await?;
        }
        let hash = format!("{}{}", if pkce { "pkce_" } else { "" }, hash(to, &code));
        self.db
            .execute(
                "insert into one_time_tokens (user_id, token_type, token_hash, relates_to) values ($1::text::uuid, $2, $3, $4) \
                 on conflict (user_id, token_type) do update set token_hash = $3, relates_to = $4, created_at = now(), updated_at = now()",
                &[&user, &token, &hash, &to],
            )
            .await?;
        let link = format!(
            "{}/auth/v1/verify?token={hash}&type={kind}&redirect_to={}",
            self.project.url(),
            if redirect_to.contains(['&', '=', '#']) { encoded(redirect_to) } else { redirect_to.to_owned() }
        );
        Ok(Made { code, hash, link })
    }

    /// Makes a code and captures the mail that would carry it.
    pub(super) async fn mail(&self, user: &str, token: &str, to: &str, kind: &str) -> Result<(), Refusal> {
        let Made { code, hash, link } = self.make(user, token, to, kind, &self.redirect_to()).await?;
        self.project.auth().capture(Message {
            to: to.to_owned(),
            kind: kind.to_owned(),
            token: code,
            token_hash: hash,
            link,
        });
        Ok(())
    }

    /// The mails of a change of address: to the new one, and where the project wants it to the old one.
    pub(super) async fn mail_change(&self, user: &str, old: &str, new: &str) -> Result<(), Refusal> {
        self.mail(user, "email_change_token_new", new, "email_change").await?;
        if self.settings.secure_email_change && !old.is_empty() {
            self.mail(user, "email_change_token_current", old, "email_change").await?;
        }
        Ok(())
    }

    /// Makes a code and captures the text message that would carry it.
    pub(super) async fn text_message(&self, user: &str, token: &str, to: &str, kind: &str) -> Result<(), Refusal> {
        let Made { code, .. } = self.make(user, token, to, kind, "").await?;
        self.capture_text(to, kind, code);
        Ok(())
    }

    pub(super) fn capture_text(&self, to: &str, kind: &str, code: String) {
        let (token_hash, link) = (String::new(), String::new());
        self.project.auth().capture(Message {
            to: to.to_owned(),
            kind: kind.to_owned(),
            token: code,
            token_hash,
            link,
        });
    }

    /// Finds the token, uses it up, and does what it is for: the user, or `None` when another confirmation is due.
    async fn redeem(&self, kind: &str, hash: &str, to: Option<&str>) -> Result<Option<String>, Refusal> {
        let expired = || {
            let message =
                if to.is_some() { "Token has expired or is invalid" } else { "Email link is invalid or has expired" };
            Refusal::new(403, "otp_expired", message)
        };
        let kinds: Vec<&str> = tokens_of(kind).to_vec();
        if kinds.is_empty() {
            return Err(expired());
        }
        let found = self
            .db
            .query_opt(
                "delete from one_time_tokens where token_type = any($1) and token_hash in ($2, 'pkce_' || $2) \
                 and ($3::text is null or relates_to = $3) returning user_id::text, token_type, relates_to, \
                 extract(epoch from now() - created_at)::float8",
                &[&kinds, &hash, &to],
            )
            .await?
            .ok_or_else(expired)?;
        let (user, token, relates_to, age): (String, String, String, f64) =
            (found.get(0), found.get(1), found.get(2), found.get(3));
        #[allow(clippy::cast_precision_loss, reason = "an age in seconds")]
        if age > self.settings.otp_exp as f64 {
            return Err(expired().kept());
        }
        match kind {
            "sms" => self.confirm_phone(&user).await?,
            "phone_change" => {
                self.db
                    .execute("update users set phone = phone_change, phone_change = '', phone_confirmed_at = now(), updated_at = now(), is_anonymous = false where id::text = $1", &[&user])
                    .await?;
                self.add_identity(
                    &user,
                    "phone",
                    &user,
                    &json!({ "sub": user, "phone": relates_to, "email_verified": false, "phone_verified": true }),
                )
                .await?;
            }
            "email_change" => {
                let other = self
                    .db
                    .query_opt("select from one_time_tokens where user_id::text = $1 and token_type like 'email\\_change\\_token\\_%'", &[&user])
                    .await?;
                if other.is_some() {
                    return Ok(None);
                }
                self.change_email(&user).await?;
            }
            _ => {
                self.confirm_email(&user).await?;
                if token == "confirmation_token" {
                    self.confirm_identity(&user).await?;
                }
                if kind == "invite" {
                    self.db
                        .execute("update users set confirmation_sent_at = null where id::text = $1", &[&user])
                        .await?;
                }
                if token == "confirmation_token" {
                    self.db
                        .execute(
                            "delete from one_time_tokens where user_id::text = $1 and token_type = 'recovery_token'",
                            &[&user],
                        )
                        .await?;
                }
            }
        }
        Ok(Some(user))
    }

    pub(super) async fn confirm_email(&self, user: &str) -> Result<(), Refusal> {
        self.db
            .execute(
                "update users set email_confirmed_at = coalesce(email_confirmed_at, now()), confirmation_token = '', updated_at = now(), is_anonymous = false, \
                 raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || '{\"email_verified\": true}' where id::text = $1",
                &[&user],
            )
            .await?;
        Ok(())
    }

    /// Tells the identity of the address that the address is confirmed.
    pub(super) async fn confirm_identity(&self, user: &str) -> Result<(), Refusal> {
        self.db
            .execute(
                "update identities set identity_data = identity_data || '{\"email_verified\": true}', updated_at = now() \
                 where user_id::text = $1 and provider = 'email'",
                &[&user],
            )
            .await?;
        Ok(())
    }

    pub(super) async fn confirm_phone(&self, user: &str) -> Result<(), Refusal> {
        self.db.execute("update users set phone_confirmed_at = coalesce(phone_confirmed_at, now()), updated_at = now(), is_anonymous = false where id::text = $1", &[&user]).await?;
        Ok(())
    }

    pub(super) async fn change_email(&self, user: &str) -> Result<(), Refusal> {
        let row = self
            .db
            .query_one(
                "update users set email = email_change, email_change = '', email_change_confirm_status = 0, \
                 email_confirmed_at = coalesce(email_confirmed_at, now()), updated_at = now(), is_anonymous = false, \
                 raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || '{\"email_verified\": true}' where id::text = $1 returning email",
                &[&user],
            )
            .await?;
        let email: String = row.get(0);
        self.add_identity(
            user,
            "email",
            user,
            &json!({ "sub": user, "email": email, "email_verified": true, "phone_verified": false }),
        )
        .await
    }

    /// `POST /verify`: a code with its address or number, or the hash of a link.
    pub(super) async fn verify(&self) -> Answer {
        let (kind, token, token_hash) = (self.text("type"), self.text("token"), self.text("token_hash"));
        let (email, phone) = (self.email(), self.phone());
        if kind.is_empty() {
            return Err(Refusal::validation("Verify requires a verification type"));
        }
        if token.is_empty() && token_hash.is_empty() {
            return Err(Refusal::validation("Verify requires either a token or a token hash"));
        }
        let whose = [&*email, &*phone, token];
        if !token_hash.is_empty() && whose.iter().any(|text| !text.is_empty()) {
            return Err(Refusal::validation("Only the token_hash and type should be provided"));
        }
        let redeemed = if token_hash.is_empty() {
            let to = match (email.is_empty(), phone.is_empty()) {
                (false, true) => self.checked_email()?,
                (true, false) => self.checked_phone()?,
                _ => {
                    return Err(Refusal::validation(
                        "Only an email address or phone number should be provided on verify",
                    ));
                }
            };
            self.redeem(kind, &hash(&to, token), Some(&to)).await?
        } else {
            self.redeem(kind, token_hash.trim_start_matches("pkce_"), None).await?
        };
        match redeemed {
            Some(user) => reply(&self.begin_session(&user, "otp").await?),
            None => reply(
                &json!({ "code": "200", "msg": "Confirmation link accepted. Please proceed to confirm link sent to the other email" }),
            ),
        }
    }

    /// `GET /verify`: a link in a mail, followed by a browser.
    pub(super) async fn verify_link(&self) -> Answer {
        let (kind, token) = (self.query("type"), self.query("token"));
        if token.is_empty() {
            return Err(Refusal::validation("Verify requires a token or a token hash"));
        }
        let to = self.redirect_to();
        let pkce = token.starts_with("pkce_");
        let refused = |refusal: &Refusal| {
            let text = form(&[
                ("error", "access_denied"),
                ("error_code", refusal.code),
                ("error_description", &refusal.message),
            ]);
            // A flow that ends in the query is told there as well.
            let query = if pkce { format!("{}{text}", mark(&to)) } else { String::new() };
            format!("{to}{query}#{text}&sb=")
        };
        let redeemed = match self.redeem(kind, token.trim_start_matches("pkce_"), None).await {
            Ok(redeemed) => redeemed,
            Err(refusal) => return redirect(&refused(&refusal)),
        };
        let Some(user) = redeemed else {
            let text = "Confirmation link accepted. Please proceed to confirm link sent to the other email";
            return redirect(&format!("{to}#{}&sb=", form(&[("message", text)])));
        };
        if pkce {
            let code = self.issue_code(&user).await?;
            return redirect(&format!("{to}{}code={code}", mark(&to)));
        }
        let session = self.begin_session(&user, "otp").await?;
        redirect(&format!("{to}#{}", fragment(&session, &[("type", kind)])))
    }

    pub(super) async fn reauthenticate(&self) -> Answer {
        let signed = self.signed().await?;
        let user = self.user_json(&signed.user).await?;
        let to = user["email"].as_str().unwrap_or_default();
        if to.is_empty() {
            let to = user["phone"].as_str().unwrap_or_default();
            self.text_message(&signed.user, "reauthentication_token", to, "reauthentication").await?;
        } else {
            self.mail(&signed.user, "reauthentication_token", to, "reauthentication").await?;
        }
        reply(&json!({}))
    }
}

/// A session as an implicit flow gives it, in the order of the names. The empty `sb` marks the fragment as one of
/// Supabase's.
pub(super) fn fragment(session: &Value, more: &[(&str, &str)]) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let own = ["access_token", "expires_at", "expires_in", "refresh_token", "token_type"];
    let mut pairs: Vec<(&str, String)> = own.map(|name| (name, text(&session[name]))).into();
    pairs.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    pairs.push(("sb", String::new()));
    pairs.sort();
    form(&pairs.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
}

/// What joins a query to a URL that may have one.
pub(super) fn mark(url: &str) -> &'static str {
    if url.contains('?') { "&" } else { "?" }
}

/// A challenge is the hash of its verifier, or the verifier itself.
pub(super) fn verifies(challenge: &str, method: &str, verifier: &str) -> bool {
    match method {
        "s256" => base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(verifier)) == challenge,
        _ => verifier == challenge,
    }
}
