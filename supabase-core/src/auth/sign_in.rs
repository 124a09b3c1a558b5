//! Signing up and in.

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::{AuthErrorCode, AuthRefusal};
use super::event::AuthEvent;
use super::pkce::{FlowId, Slot};
use super::request::{
    Anonymous, Credentials, IdToken, OAuth, Otp, OtpType, PasswordReset, Resend, SignUp, Sso, VerifyOtp, Web3, Who,
    or_empty, security,
};
use super::session::Session;
use super::user::User;
use super::wire::{self, Answer, Call};
use super::{Auth, AuthFlow};
use crate::error::{Error, ErrorKind, Result};
use crate::token::{Bearer, Token};

/// What came of signing up, or of verifying: a session, unless something must be confirmed first.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SignedUp {
    /// The user, where the answer tells.
    pub user: Option<User>,
    /// The session, unless a confirmation is due first.
    pub session: Option<Session>,
}

/// A code or mail was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct OtpSent {
    /// The provider's id of the message, of text messages.
    #[serde(default)]
    pub message_id: Option<String>,
    /// The flow that the link in a mail ends, with PKCE.
    #[serde(skip)]
    pub flow: Option<FlowId>,
}

/// Where to send the user.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OAuthUrl {
    /// The URL to open.
    pub url: String,
    /// The provider.
    pub provider: String,
    /// The flow that it begins, with PKCE: give it to
    /// [`exchange_code_for_session`](Auth::exchange_code_for_session) when several may be under way.
    pub flow: Option<FlowId>,
}

impl std::fmt::Debug for OAuthUrl {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The query may carry what the application put there.
        let (base, _) = self.url.split_once('?').unwrap_or((&self.url, ""));
        out.debug_struct("OAuthUrl")
            .field("url", &base)
            .field("provider", &self.provider)
            .field("flow", &self.flow)
            .finish()
    }
}

impl Answer {
    /// A session, a user, or a message.
    pub(super) fn signed_up(&self) -> Result<SignedUp> {
        let value: Value = self.json()?;
        if value.get("access_token").is_some_and(Value::is_string) {
            let session: Session = self.json()?;
            return Ok(SignedUp { user: Some(session.user.clone()), session: Some(session) });
        }
        let user = value.get("user").filter(|user| user.is_object()).or_else(|| value.get("id").map(|_| &value));
        let user = match user {
            None => None,
            Some(user) => Some(serde_json::from_value(user.clone()).map_err(|_| {
                Error::new(ErrorKind::Decode, "the answer of the auth service holds no user that can be read")
            })?),
        };
        Ok(SignedUp { user, session: None })
    }
}

/// The body of a request as it is put together.
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Fields {
    pub(super) fn new() -> Self {
        Self(Map::new())
    }

    pub(super) fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn set_if(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    pub(super) fn who(mut self, who: &Who) -> Self {
        who.write(&mut self.0);
        self
    }

    pub(super) fn security(self, captcha: Option<&str>) -> Self {
        self.set("gotrue_meta_security", security(captcha))
    }

    /// The challenge of a flow, where there is one.
    pub(super) fn challenge(self, slot: Option<&Slot>) -> Self {
        match slot {
            Some(slot) => self.set("code_challenge", slot.challenge()).set("code_challenge_method", "s256"),
            None => self,
        }
    }

    pub(super) fn done(self) -> Value {
        Value::Object(self.0)
    }
}

impl Auth {
    /// Begins a PKCE flow, if flows are PKCE. The verifier is kept before anything is sent, so a link
    /// that is opened at once finds it.
    pub(super) async fn begin_flow(&self, recovery: bool) -> Result<Option<Slot>> {
        let owner = self.owner()?;
        if owner.flow() != AuthFlow::Pkce {
            return Ok(None);
        }
        let slot = Slot::new(recovery)?;
        owner.keep_slot(slot.clone()).await?;
        Ok(Some(slot))
    }

    /// A flow whose request failed will get no code.
    pub(super) async fn after_flow<T>(&self, slot: Option<&Slot>, result: Result<T>) -> Result<T> {
        if result.is_err()
            && let Some(slot) = slot
        {
            self.owner()?.forget_slot(&slot.flow).await;
        }
        result
    }

    async fn signed_in(&self, call: Call, event: AuthEvent) -> Result<Session> {
        let owner = self.owner()?;
        owner.load().await?;
        let session: Session = wire::json(&self.client, call).await?;
        owner.begin(session, event).await
    }

    /// Signs a new user up. There is no session yet when the project wants the address confirmed.
    ///
    /// For an address that has a user already the server answers like for a new one, so that nobody
    /// learns who has an account; the user then has an empty list of identities.
    ///
    /// ```no_run
    /// # async fn example(supabase: supabase_core::Client) -> supabase_core::Result<()> {
    /// use supabase_core::auth::SignUp;
    /// let new = supabase.auth().sign_up(SignUp::email("ada@example.com", "a good one").data(serde_json::json!({ "name": "Ada" }))).await?;
    /// if new.session.is_none() {
    ///     println!("look into your mail");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `weak_password`, `user_already_exists`, `signup_disabled`, `over_email_send_rate_limit`, …
    pub async fn sign_up(&self, request: SignUp) -> Result<SignedUp> {
        let owner = self.owner()?;
        owner.load().await?;
        let slot = if request.who.is_email() { self.begin_flow(false).await? } else { None };
        let body = Fields::new()
            .who(&request.who)
            .set("password", request.password)
            .set("data", or_empty(request.data))
            .set_if("channel", (!request.who.is_email()).then(|| request.channel.as_str()))
            .security(request.captcha.as_deref())
            .challenge(slot.as_ref());
        let call = Call::new(Method::POST, "/signup")
            .query_if("redirect_to", request.redirect_to.as_deref())
            .body(body.done());
        let result = wire::send(&self.client, call).await.and_then(|answer| answer.signed_up());
        let mut result = self.after_flow(slot.as_ref(), result).await?;
        if let Some(session) = result.session.take() {
            result.session = Some(owner.begin(session, AuthEvent::SignedIn).await?);
            // No mail is on its way.
            if let Some(slot) = slot {
                owner.forget_slot(&slot.flow).await;
            }
        }
        Ok(result)
    }

    /// Signs in as a new guest, who may become a user by [`update_user`](Self::update_user) or
    /// [`link_identity`](Self::link_identity).
    ///
    /// # Errors
    /// `anonymous_provider_disabled` where the project does not allow guests.
    pub async fn sign_in_anonymously(&self, request: Anonymous) -> Result<Session> {
        let body = Fields::new().set("data", or_empty(request.data)).security(request.captcha.as_deref());
        self.signed_in(Call::new(Method::POST, "/signup").body(body.done()), AuthEvent::SignedIn).await
    }

    /// Signs in with a password.
    ///
    /// # Errors
    /// `invalid_credentials`, `email_not_confirmed`, `user_banned`, …
    pub async fn sign_in_with_password(&self, credentials: Credentials) -> Result<Session> {
        let body = Fields::new()
            .who(&credentials.who)
            .set("password", credentials.password)
            .security(credentials.captcha.as_deref());
        let call = Call::new(Method::POST, "/token").query("grant_type", "password").body(body.done());
        self.signed_in(call, AuthEvent::SignedIn).await
    }

    /// Signs in with an OpenID token that a provider issued.
    ///
    /// # Errors
    /// When the provider is not enabled, or the token or its nonce is wrong.
    pub async fn sign_in_with_id_token(&self, token: IdToken) -> Result<Session> {
        self.signed_in(id_token(token, false), AuthEvent::SignedIn).await
    }

    /// Adds the identity of an OpenID token to the signed-in user.
    ///
    /// # Errors
    /// `identity_already_exists`, `manual_linking_disabled`, or nobody is signed in.
    pub async fn link_identity_with_id_token(&self, token: IdToken) -> Result<Session> {
        let bearer = self.user_bearer().await?;
        self.signed_in(id_token(token, true).bearer(bearer), AuthEvent::UserUpdated).await
    }

    /// Signs in with a message that a wallet signed.
    ///
    /// # Errors
    /// `web3_provider_disabled`, or the signature is wrong.
    pub async fn sign_in_with_web3(&self, request: Web3) -> Result<Session> {
        let mut body = Fields::new()
            .set("chain", request.chain)
            .set("message", request.message)
            .set("signature", request.signature);
        if let Some(token) = &request.captcha {
            body = body.security(Some(token));
        }
        let call = Call::new(Method::POST, "/token").query("grant_type", "web3").body(body.done());
        self.signed_in(call, AuthEvent::SignedIn).await
    }

    /// Sends a code or a magic link; [`verify_otp`](Self::verify_otp) takes the code.
    ///
    /// # Errors
    /// `otp_disabled`, `over_email_send_rate_limit`, `over_sms_send_rate_limit`, …
    pub async fn sign_in_with_otp(&self, request: Otp) -> Result<OtpSent> {
        let slot = if request.who.is_email() { self.begin_flow(false).await? } else { None };
        let body = Fields::new()
            .who(&request.who)
            .set("data", or_empty(request.data))
            .set("create_user", request.create_user)
            .set_if("channel", (!request.who.is_email()).then(|| request.channel.as_str()))
            .security(request.captcha.as_deref())
            .challenge(slot.as_ref());
        let call =
            Call::new(Method::POST, "/otp").query_if("redirect_to", request.redirect_to.as_deref()).body(body.done());
        self.sent(call, slot).await
    }

    async fn sent(&self, call: Call, slot: Option<Slot>) -> Result<OtpSent> {
        let result = wire::send(&self.client, call).await;
        let answer = self.after_flow(slot.as_ref(), result).await?;
        // Old servers answer with nothing.
        let mut sent: OtpSent = answer.json().unwrap_or_default();
        sent.flow = slot.map(|slot| slot.flow);
        Ok(sent)
    }

    /// Verifies a code, or the hash of a link, and signs in. There is no session when another
    /// confirmation is due: a change of address may want both of them.
    ///
    /// # Errors
    /// `otp_expired`, also for a wrong code.
    pub async fn verify_otp(&self, request: VerifyOtp) -> Result<SignedUp> {
        let owner = self.owner()?;
        owner.load().await?;
        let mut body = Fields::new()
            .set_if("token", request.token)
            .set_if("token_hash", request.token_hash)
            .set("type", request.kind.as_str())
            .security(request.captcha.as_deref());
        if let Some(who) = &request.who {
            body = body.who(who);
        }
        let call = Call::new(Method::POST, "/verify")
            .query_if("redirect_to", request.redirect_to.as_deref())
            .body(body.done());
        let mut result = wire::send(&self.client, call).await?.signed_up()?;
        if let Some(session) = result.session.take() {
            let event =
                if request.kind == OtpType::Recovery { AuthEvent::PasswordRecovery } else { AuthEvent::SignedIn };
            result.session = Some(owner.begin(session, event).await?);
        }
        Ok(result)
    }

    /// Sends a confirmation again.
    ///
    /// # Errors
    /// `over_email_send_rate_limit`, `over_sms_send_rate_limit`, …
    pub async fn resend(&self, request: Resend) -> Result<OtpSent> {
        let slot = if request.who.is_email() { self.begin_flow(false).await? } else { None };
        let body = Fields::new()
            .who(&request.who)
            .set("type", request.kind.as_str())
            .security(request.captcha.as_deref())
            .challenge(slot.as_ref());
        let call = Call::new(Method::POST, "/resend")
            .query_if("redirect_to", request.redirect_to.as_deref())
            .body(body.done());
        self.sent(call, slot).await
    }

    /// Sends a mail with a link by which a new password can be set. The session that comes of it is
    /// told as [`AuthEvent::PasswordRecovery`].
    ///
    /// # Errors
    /// `over_email_send_rate_limit`; an address without a user is no error.
    pub async fn reset_password_for_email(&self, request: impl Into<PasswordReset>) -> Result<OtpSent> {
        let request = request.into();
        let slot = self.begin_flow(true).await?;
        let body =
            Fields::new().set("email", request.email).security(request.captcha.as_deref()).challenge(slot.as_ref());
        let call = Call::new(Method::POST, "/recover")
            .query_if("redirect_to", request.redirect_to.as_deref())
            .body(body.done());
        self.sent(call, slot).await
    }

    /// The URL at which a provider signs the user in. Nothing is sent.
    ///
    /// ```no_run
    /// # async fn example(supabase: supabase_core::Client) -> supabase_core::Result<()> {
    /// use supabase_core::auth::OAuth;
    /// let begun = supabase.auth().sign_in_with_oauth(OAuth::new("github").redirect_to("http://127.0.0.1:8123/")).await?;
    /// println!("open {}", begun.url);
    /// // The browser comes back with `?code=…`:
    /// supabase.auth().exchange_code_for_session("the code", begun.flow.as_ref()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the store cannot keep the PKCE verifier.
    pub async fn sign_in_with_oauth(&self, request: impl Into<OAuth>) -> Result<OAuthUrl> {
        let request = request.into();
        let slot = self.begin_flow(false).await?;
        let call = oauth("/authorize", &request, slot.as_ref());
        let url = format!("{}{}", self.client.url(), call.target());
        Ok(OAuthUrl { url, provider: request.provider, flow: slot.map(|slot| slot.flow) })
    }

    /// The URL at which an organisation's identity provider signs the user in.
    ///
    /// # Errors
    /// `sso_provider_not_found`, `saml_provider_disabled`.
    pub async fn sign_in_with_sso(&self, request: Sso) -> Result<OAuthUrl> {
        #[derive(Deserialize)]
        struct Found {
            url: String,
        }
        let slot = self.begin_flow(false).await?;
        let (by, value) = request.by;
        let mut body = Fields::new()
            .set(by, value.clone())
            .set_if("redirect_to", request.redirect_to)
            .set("skip_http_redirect", true)
            .challenge(slot.as_ref());
        if let Some(token) = &request.captcha {
            body = body.security(Some(token));
        }
        let found = wire::json(&self.client, Call::new(Method::POST, "/sso").body(body.done())).await;
        let Found { url } = self.after_flow(slot.as_ref(), found).await?;
        Ok(OAuthUrl { url, provider: value, flow: slot.map(|slot| slot.flow) })
    }

    /// The URL at which the signed-in user adds an identity.
    ///
    /// # Errors
    /// `manual_linking_disabled`, or nobody is signed in.
    pub async fn link_identity(&self, request: impl Into<OAuth>) -> Result<OAuthUrl> {
        #[derive(Deserialize)]
        struct Found {
            url: String,
        }
        let request = request.into();
        let bearer = self.user_bearer().await?;
        let slot = self.begin_flow(false).await?;
        let call = oauth("/user/identities/authorize", &request, slot.as_ref())
            .query("skip_http_redirect", "true")
            .bearer(bearer);
        let found = wire::json(&self.client, call).await;
        let Found { url } = self.after_flow(slot.as_ref(), found).await?;
        Ok(OAuthUrl { url, provider: request.provider, flow: slot.map(|slot| slot.flow) })
    }

    /// Exchanges the code that a redirect brought for a session.
    ///
    /// With a flow, only that flow's verifier is used; without one, that of the flow begun last.
    ///
    /// # Errors
    /// `pkce_code_verifier_not_found`, before anything is sent, when the flow was not begun with this
    /// store; `bad_code_verifier`, `flow_state_expired`, `flow_state_not_found`.
    pub async fn exchange_code_for_session(&self, code: &str, flow: Option<&FlowId>) -> Result<Session> {
        let owner = self.owner()?;
        owner.load().await?;
        let slot = owner.slot(flow).await?.ok_or_else(|| {
            Error::new(
                ErrorKind::Unauthenticated,
                "no PKCE verifier is stored for this code: exchange it where the flow was begun, with the same store",
            )
            .with_source(AuthRefusal::of(AuthErrorCode::PkceCodeVerifierNotFound))
        })?;
        let call = Call::new(Method::POST, "/token")
            .query("grant_type", "pkce")
            .body(json!({ "auth_code": code, "code_verifier": slot.verifier }));
        let exchanged: Result<Session> = wire::json(&self.client, call).await;
        let session = match exchanged {
            Ok(session) => session,
            Err(error) => {
                // What a network error left open can be tried again; an answer is final. A verifier
                // that was only guessed at, and is another flow's, stays for that flow.
                let guessed = flow.is_none()
                    && error.auth().is_some_and(|refusal| *refusal.code() == AuthErrorCode::BadCodeVerifier);
                if error.status().is_some() && !error.is_retryable() && !guessed {
                    owner.forget_slot(&slot.flow).await;
                }
                return Err(error);
            }
        };
        let event = if slot.recovery { AuthEvent::PasswordRecovery } else { AuthEvent::SignedIn };
        // The code is used up: nothing that a store does may cost the session now.
        let session = owner.begin(session, event).await;
        owner.forget_slot(&slot.flow).await;
        session
    }
}

impl Auth {
    /// The session that a redirect brought in its URL: a code (PKCE) or the tokens themselves
    /// (implicit). `None` when the URL has nothing of the kind, so any URL may be asked.
    ///
    /// Codes of other providers' libraries look alike: ask only for URLs of one's own redirect path.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] for tokens while the client's flow is [`AuthFlow::Pkce`]: a link that
    /// somebody else made must not sign this user in as them. The redirect's own error (`error_code`,
    /// such as `otp_expired`), and those of
    /// [`exchange_code_for_session`](Self::exchange_code_for_session) and
    /// [`set_session`](Self::set_session).
    pub async fn session_from_url(&self, url: &str) -> Result<Option<Session>> {
        let owner = self.owner()?;
        owner.load().await?;
        let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        let value = |name: &str| {
            let mut pairs =
                url::form_urlencoded::parse(fragment.as_bytes()).chain(url::form_urlencoded::parse(query.as_bytes()));
            pairs
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.into_owned())
                .filter(|value| !value.is_empty())
        };
        if let Some(error) = value("error_code").or_else(|| value("error")) {
            let why = value("error_description").unwrap_or_else(|| "the redirect brought an error".to_owned());
            return Err(
                Error::new(ErrorKind::Unauthenticated, why).with_source(AuthRefusal::of(AuthErrorCode::from(&*error)))
            );
        }
        if let Some(code) = value("code") {
            let flow = value("sb_flow_id").map(FlowId::from);
            return self.exchange_code_for_session(&code, flow.as_ref()).await.map(Some);
        }
        let (Some(access_token), Some(refresh_token)) = (value("access_token"), value("refresh_token")) else {
            return Ok(None);
        };
        if owner.flow() == AuthFlow::Pkce {
            return Err(Error::new(
                ErrorKind::Refused,
                "the URL brings tokens, which anybody can have written, and this client's flows bring codes (PKCE): \
                 build the client with `AuthFlow::Implicit` if its redirects are implicit",
            ));
        }
        let user = self.user_of(Bearer::Exactly(Token::of_user(&access_token))).await?;
        let session = Session {
            access_token,
            refresh_token,
            expires_in: value("expires_in").and_then(|seconds| seconds.parse().ok()).unwrap_or_default(),
            expires_at: value("expires_at").and_then(|seconds| seconds.parse().ok()).unwrap_or_default(),
            token_type: "bearer".to_owned(),
            user,
            provider_token: value("provider_token"),
            provider_refresh_token: value("provider_refresh_token"),
            weak_password: None,
        };
        let event = if value("type").as_deref() == Some("recovery") {
            AuthEvent::PasswordRecovery
        } else {
            AuthEvent::SignedIn
        };
        owner.begin(session, event).await.map(Some)
    }
}

fn id_token(token: IdToken, link: bool) -> Call {
    let body = Fields::new()
        .set("provider", token.provider)
        .set("id_token", token.token)
        .set_if("access_token", token.access_token)
        .set_if("nonce", token.nonce)
        .set_if("link_identity", link.then_some(true))
        .security(token.captcha.as_deref());
    Call::new(Method::POST, "/token").query("grant_type", "id_token").body(body.done())
}

fn oauth(path: &str, request: &OAuth, slot: Option<&Slot>) -> Call {
    let mut call = Call::new(Method::GET, path)
        .query("provider", &request.provider)
        .query_if("redirect_to", request.redirect_to.as_deref())
        .query_if("scopes", request.scopes.as_deref());
    if let Some(slot) = slot {
        call = call.query("code_challenge", &slot.challenge()).query("code_challenge_method", "s256");
    }
    for (name, value) in &request.query {
        call = call.query(name, value);
    }
    call
}
