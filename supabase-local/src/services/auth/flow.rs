//! PKCE flows: the challenge that a flow was begun with, and the code that ends it.

use super::error::Refusal;
use super::one_time::verifies;
use super::request::Ask;
use super::{Answer, reply};
use crate::random;

impl Ask<'_> {
    pub(super) async fn keep_challenge(&self, user: &str, method: &str) -> Result<(), Refusal> {
        let method = if method == "signup" { "email/signup" } else { method };
        self.db
            .execute(
                "insert into flow_state (user_id, code_challenge, code_challenge_method, provider_type, authentication_method) \
                 values ($1::text::uuid, $2, lower($3), 'email', $4)",
                &[&user, &self.text("code_challenge"), &self.text("code_challenge_method"), &method],
            )
            .await?;
        Ok(())
    }

    /// The code of the flow that this user began last.
    pub(super) async fn issue_code(&self, user: &str) -> Result<String, Refusal> {
        let code = random::letters(24).map_err(|error| Refusal::unexpected(error.to_string()))?;
        let issued = self
            .db
            .execute(
                "update flow_state set auth_code = $2, auth_code_issued_at = now(), updated_at = now() where id = \
                 (select id from flow_state where user_id::text = $1 and auth_code is null order by created_at desc limit 1)",
                &[&user, &code],
            )
            .await?;
        if issued == 0 {
            return Err(Refusal::new(404, "flow_state_not_found", "Flow state not found"));
        }
        Ok(code)
    }

    /// `grant_type=pkce`
    pub(super) async fn exchange(&self) -> Answer {
        let (code, verifier) = (self.text("auth_code"), self.text("code_verifier"));
        if code.is_empty() || verifier.is_empty() {
            return Err(Refusal::validation("invalid request: both auth code and code verifier should be non-empty"));
        }
        let found = self
            .db
            .query_opt(
                "select user_id::text, code_challenge, code_challenge_method, provider_type, auth_code_issued_at < now() - interval '5 minutes', authentication_method \
                 from flow_state where auth_code = $1 for update",
                &[&code],
            )
            .await?
            .ok_or_else(|| Refusal::new(404, "flow_state_not_found", "invalid flow state, no valid flow state found"))?;
        let (user, challenge, method, provider, late): (String, String, String, String, bool) =
            (found.get(0), found.get(1), found.get(2), found.get(3), found.get(4));
        let how: String = found.get(5);
        if late {
            return Err(Refusal::new(403, "flow_state_expired", "invalid flow state, flow state has expired"));
        }
        if !verifies(&challenge, &method, verifier) {
            return Err(Refusal::new(
                400,
                "bad_code_verifier",
                "code challenge does not match previously saved code verifier",
            ));
        }
        self.db.execute("delete from flow_state where auth_code = $1", &[&code]).await?;
        let mut session = self.begin_session(&user, &how).await?;
        if provider != "email" {
            session["provider_token"] = format!("{provider}-access-token").into();
        }
        reply(&session)
    }
}
