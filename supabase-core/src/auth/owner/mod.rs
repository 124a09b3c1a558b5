//! The one owner of a client's session.
//!
//! Shared state behind a lock that is never held while something is awaited; no task is needed to
//! build or to read it. Whoever changes the session does so here, so events come in the order of the
//! changes and the store always ends up with the last of them.

mod refresh;
mod slots;
mod timer;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::{OnceCell, mpsc, watch};

use super::config::{AuthConfig, AuthFlow};
use super::error::session_missing;
use super::event::{AuthChange, AuthEvent, AuthEvents, SignOutReason};
use super::jwt;
use super::session::Session;
use super::store::StoreError;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::token::Token;

use refresh::{Failure, Flight};
use timer::Timer;

/// A token is refreshed when it lasts no longer than this: as in supabase-js.
const MARGIN: Duration = Duration::from_secs(90);
/// A token that lasts longer than this is still used when a refresh fails: as in supabase-py.
const USABLE: Duration = Duration::from_secs(10);
/// How long a request waits for a refresh while its token can still be used.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a write waits for the one before it.
const TURN: Duration = Duration::from_secs(10);
/// How long the removal of a session waits for another process that shares the store.
const LOCK: Duration = Duration::from_secs(2);

/// Owns the session of a client.
pub(crate) struct SessionOwner {
    /// Sends with the key alone.
    client: Client,
    config: AuthConfig,
    key: String,
    state: Mutex<State>,
    loaded: OnceCell<()>,
    /// One write to the store at a time.
    writing: tokio::sync::Mutex<()>,
    published: watch::Sender<Option<Token>>,
}

#[derive(Default)]
struct State {
    session: Option<Arc<Session>>,
    token: Option<Token>,
    /// Counts every change of the tokens. Whatever was begun under another number is out of date.
    generation: u64,
    loaded: bool,
    /// Whether the store holds the session that is here.
    saved: bool,
    /// The session that ended last, while there is no other.
    ended: Option<Arc<Session>>,
    flight: Option<Flight>,
    flights: u64,
    failure: Option<Failure>,
    listeners: Vec<Listener>,
    timer: Option<Timer>,
    auto_refresh: bool,
}

struct Listener {
    to: mpsc::UnboundedSender<AuthChange>,
    /// Whether it has had its initial session.
    begun: bool,
}

impl State {
    fn tell(&mut self, event: &AuthEvent) {
        if self.listeners.is_empty() {
            return;
        }
        let session = self.session.as_deref().cloned();
        self.listeners.retain(|listener| {
            if !listener.begun {
                return !listener.to.is_closed();
            }
            listener.to.send(AuthChange { event: event.clone(), session: session.clone() }).is_ok()
        });
    }

    /// Gives every listener that waits for it the session that there is.
    fn tell_initial(&mut self) {
        let session = self.session.as_deref().cloned();
        self.listeners.retain_mut(|listener| {
            if listener.begun {
                return true;
            }
            listener.begun = true;
            listener.to.send(AuthChange { event: AuthEvent::InitialSession, session: session.clone() }).is_ok()
        });
    }
}

impl SessionOwner {
    pub(crate) fn new(client: Client, config: AuthConfig) -> Self {
        let key = config.key.clone().unwrap_or_else(|| storage_key(client.url()));
        let state = State { auto_refresh: config.auto_refresh, ..State::default() };
        let published = watch::Sender::new(None);
        Self {
            client,
            config,
            key,
            state: Mutex::new(state),
            loaded: OnceCell::new(),
            writing: tokio::sync::Mutex::new(()),
            published,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic cannot leave the state half changed: nothing in between can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> SystemTime {
        (self.config.clock)()
    }

    pub(super) fn flow(&self) -> AuthFlow {
        self.config.flow
    }

    /// The token whenever it changes.
    pub(crate) fn watch(&self) -> watch::Receiver<Option<Token>> {
        self.published.subscribe()
    }

    /// Reads the store, once.
    pub(super) async fn load(&self) -> Result<()> {
        self.loaded
            .get_or_try_init(|| async {
                let text = self.config.store.load(&self.key).await.map_err(|error| {
                    Error::new(ErrorKind::Config, "the session store cannot be read").with_boxed_source(error)
                })?;
                let (session, unreadable) = match text.as_deref().map(serde_json::from_str::<Session>) {
                    None => (None, false),
                    Some(Ok(session)) => (Some(session), false),
                    Some(Err(_)) => (None, true),
                };
                if unreadable {
                    // What cannot be removed now is overwritten by the next sign-in.
                    let _ = self.config.store.remove(&self.key).await;
                }
                let mut state = self.lock();
                state.loaded = true;
                if let Some(session) = session {
                    self.put(&mut state, Some(session));
                    state.saved = true;
                }
                state.tell_initial();
                if unreadable {
                    state.tell(&AuthEvent::SignedOut(SignOutReason::Unreadable));
                }
                Ok(())
            })
            .await
            .copied()
    }

    /// Replaces the tokens, in memory. Until it is written the store holds something older.
    fn put(&self, state: &mut State, session: Option<Session>) {
        state.generation += 1;
        state.failure = None;
        state.saved = false;
        state.ended = match &session {
            Some(_) => None,
            None => state.session.take(),
        };
        state.token = session.as_ref().map(|session| Token::of_user(&session.access_token));
        state.session = session.map(Arc::new);
        self.published.send_replace(state.token.clone());
    }

    /// Begins a session, whatever was there before.
    pub(super) async fn begin(self: &Arc<Self>, session: Session, event: AuthEvent) -> Result<Session> {
        let session = session.received(self.now());
        {
            let mut state = self.lock();
            self.put(&mut state, Some(session.clone()));
            state.tell(&event);
            self.keep_timer(&mut state);
        }
        self.persist().await;
        Ok(session)
    }

    /// Ends the session that this access token is of. A refresh under way is discarded when it comes
    /// back. A session that was begun meanwhile stays: an answer about the one before says nothing
    /// about it.
    pub(super) async fn end(self: &Arc<Self>, access_token: &str, reason: SignOutReason) {
        {
            let mut state = self.lock();
            if !state.session.as_ref().is_some_and(|held| same_session(&held.access_token, access_token)) {
                return;
            }
            self.put(&mut state, None);
            if let Some(timer) = state.timer.take() {
                timer.stop();
            }
            state.tell(&AuthEvent::SignedOut(reason));
        }
        self.persist().await;
    }

    /// Puts another user into the session if it is still that user's.
    pub(super) async fn update_user(self: &Arc<Self>, user: super::User, tell: bool) {
        {
            let mut state = self.lock();
            let Some(session) = state.session.as_mut().filter(|session| session.user.id == user.id) else { return };
            Arc::make_mut(session).user = user;
            if tell {
                state.tell(&AuthEvent::UserUpdated);
            }
        }
        // Another process that shares the store may have newer tokens there; those stay.
        let held = self.lock().session.as_ref().map(|session| session.refresh_token.clone());
        if matches!(self.stored().await, Some(Some(other)) if Some(&other.refresh_token) != held.as_ref()) {
            return;
        }
        self.persist().await;
    }

    /// Brings the store to the state that is here, in a task of its own where there is a runtime:
    /// a caller that goes away meanwhile does not leave the two apart.
    async fn persist(self: &Arc<Self>) {
        let owner = self.clone();
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                let _ = runtime.spawn(async move { owner.write().await }).await;
            }
            Err(_) => owner.write().await,
        }
    }

    async fn write(&self) {
        let _turn = tokio::time::timeout(TURN, self.writing.lock()).await;
        // Whoever finishes last sees to it that the last state is what the store holds: a write that
        // gave up its turn may have been overtaken by an older one that hung.
        loop {
            let (session, ended, generation) = {
                let state = self.lock();
                (state.session.clone(), state.ended.clone(), state.generation)
            };
            let written = match session.as_deref().map(serde_json::to_string) {
                Some(Ok(text)) => self.config.store.save(&self.key, &text).await,
                Some(Err(error)) => Err(error.into()),
                None => self.remove(ended.as_deref()).await,
            };
            let mut state = self.lock();
            match written {
                Ok(()) if state.generation == generation => {
                    state.saved = session.is_some();
                    return;
                }
                Ok(()) => {}
                Err(error) => {
                    tracing::warn!(target: "supabase", %error, "the session store failed; the session is kept in memory");
                    state.saved = false;
                    state.tell(&AuthEvent::StoreFailed { error: error.to_string() });
                    return;
                }
            }
        }
    }

    /// Removes the session that ended from the store. What another process that shares the store has
    /// begun meanwhile stays.
    async fn remove(&self, ended: Option<&Session>) -> Result<(), StoreError> {
        let store = &*self.config.store;
        // A refresh under way holds the lock already, and a sign-out does not wait for it.
        let refreshing = self.lock().flight.is_some();
        let _guard = match refreshing {
            true => None,
            false => tokio::time::timeout(LOCK, store.lock(&self.key)).await.ok(),
        };
        if let (Some(ended), Some(Some(stored))) = (ended, self.stored().await) {
            let same = stored.refresh_token == ended.refresh_token
                || stored.user.id == ended.user.id && same_session(&stored.access_token, &ended.access_token);
            if !same {
                return Ok(());
            }
        }
        store.remove(&self.key).await
    }

    /// The session now, refreshed if it is due.
    pub(super) async fn session(self: &Arc<Self>) -> Result<Option<Arc<Session>>> {
        Ok(self.current().await?.map(|(session, _)| session))
    }

    /// The session as it is, without asking anybody but the store.
    pub(super) async fn held(&self) -> Result<Option<Arc<Session>>> {
        self.load().await?;
        Ok(self.lock().session.clone())
    }

    /// The access token now, refreshed if it is due.
    pub(crate) async fn token(self: &Arc<Self>) -> Result<Option<Token>> {
        Ok(self.current().await?.map(|(_, token)| token))
    }

    /// Whether the store was read and nobody is signed in.
    pub(crate) fn is_nobody(&self) -> bool {
        let state = self.lock();
        state.loaded && state.session.is_none()
    }

    async fn current(self: &Arc<Self>) -> Result<Option<(Arc<Session>, Token)>> {
        self.load().await?;
        let usable = {
            let mut state = self.lock();
            self.keep_timer(&mut state);
            let (Some(session), Some(token)) = (&state.session, &state.token) else { return Ok(None) };
            let now = self.now();
            if !is_due(session, now) {
                return Ok(Some((session.clone(), token.clone())));
            }
            let usable = is_usable(session, now);
            if let Some(failure) = state.failure.as_ref().filter(|failure| failure.is_fresh()) {
                return if usable { Ok(Some((session.clone(), token.clone()))) } else { Err(failure.error()) };
            }
            usable
        };
        let refreshed = self.refresh(usable.then_some(PATIENCE)).await;
        let state = self.lock();
        match (&state.session, &state.token) {
            (Some(session), Some(token)) if refreshed.is_ok() || is_usable(session, self.now()) => {
                Ok(Some((session.clone(), token.clone())))
            }
            // A session that ended while a request waited for its token fails the request: it is not
            // sent as nobody.
            _ => Err(refreshed.err().unwrap_or_else(session_missing)),
        }
    }

    /// A stream of what happens from now on.
    pub(super) fn events(self: &Arc<Self>) -> AuthEvents {
        let (to, changes) = mpsc::unbounded_channel();
        let mut state = self.lock();
        state.listeners.push(Listener { to, begun: false });
        if state.loaded {
            state.tell_initial();
        }
        drop(state);
        let owner = self.clone();
        // A store that fails is the error of whoever needs the session; for a listener it is no
        // session yet.
        let loading = Box::pin(async move { drop(owner.load().await) });
        AuthEvents { loading: Some(loading), changes }
    }
}

impl Drop for SessionOwner {
    fn drop(&mut self) {
        if let Some(timer) = self.lock().timer.take() {
            timer.stop();
        }
    }
}

/// Tokens that last a short time have a shorter margin, so that they are not refreshed with every
/// request.
fn margin(session: &Session) -> Duration {
    MARGIN.min(Duration::from_secs(u64::try_from(session.expires_in).unwrap_or_default()) / 2)
}

/// Whether two access tokens are of one session: a refreshed token keeps the session's id.
fn same_session(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let id = |token| jwt::claims(token).ok()?.get("session_id")?.as_str().map(str::to_owned);
    id(one).is_some_and(|one| Some(one) == id(other))
}

fn is_due(session: &Session, now: SystemTime) -> bool {
    session.remaining_at(now) <= margin(session)
}

fn is_usable(session: &Session, now: SystemTime) -> bool {
    session.remaining_at(now) > USABLE.min(margin(session) / 4)
}

/// The name under which supabase-js keeps the session of a project.
fn storage_key(url: &str) -> String {
    let host = url.split("://").nth(1).unwrap_or(url);
    let host = host.split(['/', ':']).next().unwrap_or(host);
    let label = if host.parse::<std::net::Ipv4Addr>().is_ok() { host } else { host.split('.').next().unwrap_or(host) };
    format!("sb-{label}-auth-token")
}

#[cfg(test)]
mod tests {
    use super::storage_key;

    #[test]
    fn the_storage_key_is_the_one_of_supabase_js() {
        assert_eq!(storage_key("https://abcdefgh.supabase.co"), "sb-abcdefgh-auth-token");
        assert_eq!(storage_key("http://localhost:54321/x"), "sb-localhost-auth-token");
        assert_eq!(storage_key("http://127.0.0.1:54321"), "sb-127.0.0.1-auth-token");
    }
}
