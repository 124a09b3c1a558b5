//! OAuth providers, played: a page that asks nothing and says who signs in.
//!
//! `login_hint` among the query parameters of the authorize URL names the address; without one it is
//! `user@<provider>.example`. `error` among them plays a refusal.

use serde_json::{Value, json};

use super::error::Refusal;
use super::one_time::{fragment, mark};
use super::request::{Ask, encoded, form};
use super::{Answer, redirect, reply};

/// The providers that the service knows; here all of them are enabled.
const PROVIDERS: [&str; 23] = [
    "apple",
    "azure",
    "bitbucket",
    "discord",
    "facebook",
    "figma",
    "fly",
    "github",
    "gitlab",
    "google",
    "kakao",
    "keycloak",
    "linkedin",
    "linkedin_oidc",
    "notion",
    "slack",
    "slack_oidc",
    "snapchat",
    "spotify",
    "twitch",
    "twitter",
    "workos",
    "zoom",
];

impl Ask<'_> {
    /// `GET /authorize`, and the same for adding an identity to a user.
    pub(super) async fn authorize(&self, link_to: Option<&str>) -> Answer {
        let provider = self.query("provider");
        if !PROVIDERS.contains(&provider) && !provider.starts_with("custom:") {
            return Err(Refusal::validation(format!("Unsupported provider: Provider {provider} could not be found")));
        }
        self.check_challenge(self.query("code_challenge"), self.query("code_challenge_method"))?;
        let challenge = Some(self.query("code_challenge")).filter(|challenge| !challenge.is_empty());
        let row = self
            .db
            .query_one(
                "insert into flow_state (code_challenge, code_challenge_method, provider_type, authentication_method, referrer, linking_target_id) \
                 values ($1, lower($2), $3, 'oauth', $4, $5::text::uuid) returning id::text",
                &[&challenge, &self.query("code_challenge_method"), &provider, &self.redirect_to(), &link_to],
            )
            .await?;
        let state: String = row.get(0);
        let hint = match self.query("login_hint") {
            "" => format!("user@{provider}.example"),
            hint => hint.to_owned(),
        };
        let url = format!(
            "{}/auth/v1/provider?state={state}&login_hint={}&error={}",
            self.project.url(),
            encoded(&hint),
            encoded(self.query("error"))
        );
        if self.query("skip_http_redirect") == "true" { reply(&json!({ "url": url })) } else { redirect(&url) }
    }

    pub(super) async fn link_identity(&self) -> Answer {
        if !self.settings.manual_linking {
            return Err(Refusal::new(404, "manual_linking_disabled", "Manual linking is disabled"));
        }
        let signed = self.signed().await?;
        self.authorize(Some(&signed.user)).await
    }

    /// The provider's page: it sends back at once.
    pub(super) fn provider_page(&self) -> Answer {
        let back = format!("{}/auth/v1/callback?state={}", self.project.url(), encoded(self.query("state")));
        match self.query("error") {
            "" => redirect(&format!("{back}&code={}", encoded(self.query("login_hint")))),
            error => redirect(&format!("{back}&error={}", encoded(error))),
        }
    }

    pub(super) async fn callback(&self) -> Answer {
        let state = self.query("state");
        let found = self
            .db
            .query_opt(
                "select provider_type, code_challenge is not null, referrer, linking_target_id::text from flow_state where id::text = $1 and auth_code is null",
                &[&state],
            )
            .await?;
        let Some(found) = found else {
            let why = "OAuth state parameter is invalid";
            let text =
                form(&[("error", "invalid_request"), ("error_code", "bad_oauth_state"), ("error_description", why)]);
            return redirect(&format!("{}{}{text}", self.settings.site_url, mark(&self.settings.site_url)));
        };
        let (provider, pkce, to, target): (String, bool, String, Option<String>) =
            (found.get(0), found.get(1), found.get(2), found.get(3));
        let mark = mark(&to);
        if !self.query("error").is_empty() {
            let (error, why) = (("error", self.query("error")), ("error_description", self.query("error_description")));
            return redirect(&format!("{to}{mark}{}#{}&sb=", form(&[error, why]), form(&[error])));
        }
        let email = self.query("code").to_lowercase();
        let (subject, name) = (format!("{provider}-{email}"), email.split('@').next().unwrap_or_default());
        let mut claims = json!({
            "sub": subject, "provider_id": subject, "iss": format!("{}/auth/v1/provider", self.project.url()),
            "email": email, "email_verified": true, "phone_verified": false, "name": name, "full_name": name,
        });
        if provider == "github" {
            claims["user_name"] = json!(name);
            claims["preferred_username"] = json!(name);
        }
        let user = match self.user_of_provider(&provider, &claims, target.as_deref()).await {
            Ok(user) => user,
            Err(refusal) => {
                let text = form(&[
                    ("error", "server_error"),
                    ("error_code", refusal.code),
                    ("error_description", &refusal.message),
                ]);
                return redirect(&format!("{to}{mark}{text}#{text}&sb="));
            }
        };
        if pkce {
            self.db
                .execute("update flow_state set user_id = $2::text::uuid where id::text = $1", &[&state, &user])
                .await?;
            let code = self.issue_code(&user).await?;
            return redirect(&format!("{to}{mark}code={code}"));
        }
        self.db.execute("delete from flow_state where id::text = $1", &[&state]).await?;
        let session = self.begin_session(&user, "oauth").await?;
        let token = format!("{provider}-access-token");
        redirect(&format!("{to}#{}", fragment(&session, &[("provider_token", &token)])))
    }

    /// The user whom a provider tells of: one who has the identity, else one with that confirmed address, else a new one.
    pub(super) async fn user_of_provider(
        &self,
        provider: &str,
        claims: &Value,
        target: Option<&str>,
    ) -> Result<String, Refusal> {
        let (subject, email) =
            (claims["sub"].as_str().unwrap_or_default(), claims["email"].as_str().unwrap_or_default().to_lowercase());
        if subject.is_empty() {
            return Err(Refusal::validation("Bad ID token"));
        }
        let known = self
            .db
            .query_opt(
                "select user_id::text from identities where provider = $1 and provider_id = $2",
                &[&provider, &subject],
            )
            .await?;
        let known: Option<String> = known.map(|row| row.get(0));
        let user = match (known, target) {
            (Some(_), Some(_)) => {
                return Err(Refusal::new(422, "identity_already_exists", "Identity is already linked"));
            }
            (Some(user), None) => {
                self.merge(&user, "raw_user_meta_data", claims).await?;
                return Ok(user);
            }
            (None, Some(target)) => target.to_owned(),
            (None, None) => match self.user_by(&email, "").await? {
                Some(user) => user,
                None => {
                    let row = self
                        .db
                        .query_one(
                            "insert into users (instance_id, id, aud, role, email, encrypted_password, raw_app_meta_data, raw_user_meta_data, created_at, updated_at, email_confirmed_at) \
                             values ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated', nullif($1, ''), '', $2, $3, now(), now(), now()) returning id::text",
                            &[&email, &json!({ "provider": provider, "providers": [provider] }), claims],
                        )
                        .await?;
                    row.get(0)
                }
            },
        };
        self.add_identity(&user, provider, subject, claims).await?;
        if target.is_none() {
            self.merge(&user, "raw_user_meta_data", claims).await?;
        }
        self.db
            .execute(
                "update users set is_anonymous = false, email = coalesce(email, nullif($2, '')), email_confirmed_at = coalesce(email_confirmed_at, now()), updated_at = now() where id::text = $1",
                &[&user, &email],
            )
            .await?;
        Ok(user)
    }
}
