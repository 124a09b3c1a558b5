//! Sessions and their tokens: begun, rotated, ended.

use serde_json::{Value, json};

use super::error::Refusal;
use super::request::Ask;
use super::{Answer, no_content, reply};
use crate::keys::now;
use crate::random;

impl Ask<'_> {
    /// A new session for a user who has just proven who they are by `method`.
    pub(super) async fn begin_session(&self, user: &str, method: &str) -> Result<Value, Refusal> {
        let banned = self
            .db
            .query_one("select coalesce(banned_until > now(), false) from users where id::text = $1", &[&user])
            .await?;
        if banned.get::<_, bool>(0) {
            return Err(Refusal::new(403, "user_banned", "User is banned"));
        }
        let session: String = self
            .db
            .query_one("insert into sessions (user_id) values ($1::text::uuid) returning id::text", &[&user])
            .await?
            .get(0);
        self.db
            .execute("update users set last_sign_in_at = now(), updated_at = now() where id::text = $1", &[&user])
            .await?;
        self.add_method(&session, method).await?;
        let token = self.add_refresh_token(&session, user, None).await?;
        self.session_json(user, &session, &token).await
    }

    pub(super) async fn add_method(&self, session: &str, method: &str) -> Result<(), Refusal> {
        self.db
            .execute(
                "insert into mfa_amr_claims (session_id, authentication_method) values ($1::text::uuid, $2) \
                 on conflict (session_id, authentication_method) do update set updated_at = now()",
                &[&session, &method],
            )
            .await?;
        Ok(())
    }

    pub(super) async fn add_refresh_token(
        &self,
        session: &str,
        user: &str,
        parent: Option<&str>,
    ) -> Result<String, Refusal> {
        let token = random::letters(12).map_err(|error| Refusal::unexpected(error.to_string()))?;
        self.db
            .execute(
                "insert into refresh_tokens (token, user_id, session_id, parent) values ($1, $2, $3::text::uuid, $4)",
                &[&token, &user, &session, &parent],
            )
            .await?;
        Ok(token)
    }

    /// The answer that carries a session.
    pub(super) async fn session_json(&self, user: &str, session: &str, refresh_token: &str) -> Result<Value, Refusal> {
        let row = self
            .db
            .query_one(
                "select s.aal, coalesce((select jsonb_agg(jsonb_build_object('method', a.authentication_method, \
                 'timestamp', extract(epoch from a.updated_at)::bigint) order by a.updated_at desc) from mfa_amr_claims a where a.session_id = s.id), '[]') \
                 from sessions s where s.id::text = $1",
                &[&session],
            )
            .await?;
        let (aal, amr): (String, Value) = (row.get(0), row.get(1));
        let user = self.user_json(user).await?;
        let (issued, lifetime) = (now(), self.settings.jwt_exp);
        let claims = json!({
            "iss": format!("{}/auth/v1", self.project.url()), "sub": user["id"], "aud": "authenticated", "exp": issued + lifetime, "iat": issued,
            "email": user["email"], "phone": user["phone"], "app_metadata": user["app_metadata"], "user_metadata": user["user_metadata"],
            "role": user["role"], "aal": aal, "amr": amr, "session_id": session, "is_anonymous": user["is_anonymous"],
        });
        Ok(json!({
            "access_token": self.project.keys().sign(&claims), "token_type": "bearer", "expires_in": lifetime, "expires_at": issued + lifetime,
            "refresh_token": refresh_token, "user": user,
        }))
    }

    /// Rotation: each token is used once. One that was used gives the active one while its child is that, or for the
    /// reuse interval; later it is a theft, and the whole family ends.
    pub(super) async fn refresh(&self) -> Answer {
        let token = self.text("refresh_token");
        if token.len() != 12 || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Refusal::validation("Refresh token is not valid"));
        }
        let found = self
            .db
            .query_opt(
                "select r.session_id::text, r.user_id, r.revoked, extract(epoch from now() - r.updated_at)::float8 from refresh_tokens r where r.token = $1",
                &[&token],
            )
            .await?;
        let Some(found) = found else {
            return Err(Refusal::new(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found"));
        };
        let (session, user): (Option<String>, String) = (found.get(0), found.get(1));
        let Some(session) = session else {
            return Err(Refusal::new(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found"));
        };
        let banned = self
            .db
            .query_opt("select coalesce(banned_until > now(), false) from users where id::text = $1", &[&user])
            .await?;
        if banned.is_some_and(|row| row.get(0)) {
            return Err(Refusal::new(400, "user_banned", "Invalid Refresh Token: User Banned"));
        }
        // Two refreshes of one session come one after the other.
        self.db.query("select from sessions where id::text = $1 for update", &[&session]).await?;
        let state = self.db.query_one("select revoked, extract(epoch from clock_timestamp() - updated_at)::float8 from refresh_tokens where token = $1", &[&token]).await?;
        let (revoked, age): (bool, f64) = (state.get(0), state.get(1));
        let next = if revoked {
            let active = self
                .db
                .query_opt("select token, parent from refresh_tokens where session_id::text = $1 and not revoked order by id desc limit 1", &[&session])
                .await?;
            #[allow(clippy::cast_precision_loss, reason = "an interval of seconds")]
            let young = age <= self.settings.reuse_interval as f64;
            match active {
                Some(active) if young || active.get::<_, Option<String>>(1).as_deref() == Some(token) => {
                    active.get::<_, String>(0)
                }
                _ => {
                    self.db
                        .execute(
                            "update refresh_tokens set revoked = true, updated_at = now() where session_id::text = $1",
                            &[&session],
                        )
                        .await?;
                    return Err(
                        Refusal::new(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used").kept()
                    );
                }
            }
        } else {
            self.db
                .execute(
                    "update refresh_tokens set revoked = true, updated_at = clock_timestamp() where token = $1",
                    &[&token],
                )
                .await?;
            self.db
                .execute(
                    "update sessions set refreshed_at = now(), updated_at = now() where id::text = $1",
                    &[&session],
                )
                .await?;
            self.add_refresh_token(&session, &user, Some(token)).await?
        };
        reply(&self.session_json(&user, &session, &next).await?)
    }

    pub(super) async fn log_out(&self) -> Answer {
        let signed = self.signed().await?;
        let (user, session) = (&signed.user, &signed.session);
        match self.query("scope") {
            "local" => {
                self.db
                    .execute("delete from sessions where id::text = $1 and user_id::text = $2", &[session, user])
                    .await?
            }
            "others" => {
                self.db
                    .execute("delete from sessions where id::text <> $1 and user_id::text = $2", &[session, user])
                    .await?
            }
            "" | "global" => self.db.execute("delete from sessions where user_id::text = $1", &[user]).await?,
            scope => return Err(Refusal::validation(format!("Unsupported logout scope {scope:?}"))),
        };
        no_content()
    }
}
