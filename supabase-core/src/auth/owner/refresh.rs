//! One refresh at a time, in a task of its own.
//!
//! Whoever needs a fresh token joins the refresh that is under way or begins one. It runs on the
//! runtime of the caller that began it and goes on when that caller goes away. If its runtime ends,
//! or stands still while a caller on another one waits, that caller takes over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::Method;
use serde_json::json;
use tokio::runtime::{Handle, Id};
use tokio::sync::watch;
use tokio::time::Instant;

use super::{SessionOwner, is_due};
use crate::auth::error::{AuthErrorCode, session_missing};
use crate::auth::event::{AuthEvent, SignOutReason};
use crate::auth::session::Session;
use crate::auth::wire::{self, Call};
use crate::error::{Error, ErrorKind, Result};
use crate::token::Bearer;

/// Attempts are made for so long after the first, as in supabase-js.
const ATTEMPTS_FOR: Duration = Duration::from_secs(30);
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// No refresh lasts longer than this, whatever hangs.
const LIMIT: Duration = Duration::from_secs(120);
/// How long a caller waits for a refresh on another runtime, which may stand still.
const FOREIGN: Duration = Duration::from_secs(5);
/// How often a refresh shows that its runtime is running.
const BEAT: Duration = Duration::from_secs(1);
/// After the first failure nobody tries for a second; it doubles up to this.
const LONGEST_REST: Duration = Duration::from_secs(60);

type Outcome = Option<std::result::Result<(), Arc<Error>>>;

pub(super) struct Flight {
    id: u64,
    runtime: Id,
    /// Grows while the runtime of the refresh is running.
    beats: Arc<AtomicU64>,
    outcome: watch::Receiver<Outcome>,
}

/// A refresh that somebody waits for.
struct Joined {
    id: u64,
    foreign: bool,
    beats: Arc<AtomicU64>,
    outcome: watch::Receiver<Outcome>,
}

/// The last refresh failed, and the session is kept.
pub(super) struct Failure {
    error: Arc<Error>,
    count: u32,
    until: Instant,
}

impl Failure {
    pub(super) fn is_fresh(&self) -> bool {
        Instant::now() < self.until
    }

    pub(super) fn rest(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    pub(super) fn error(&self) -> Error {
        self.error.duplicate()
    }
}

/// Whether the server says for certain that the token is of no use any more.
fn ends_session(error: &Error) -> bool {
    // A text that is no refresh token at all has no code of its own, only these words.
    let malformed = || error.body().is_some_and(|body| body.message == "Refresh token is not valid");
    error.auth().is_some_and(|refusal| {
        refusal.ends_session() || refusal.code() == &AuthErrorCode::ValidationFailed && malformed()
    })
}

/// How a refresh ended, before it is known whether that still matters.
enum End {
    Refreshed(Session),
    /// Another process that shares the store has refreshed already.
    Adopted(Session),
    /// The session is over.
    Over(SignOutReason, Error),
    /// Nobody knows; the session is kept.
    Failed(Error),
}

fn elsewhere(what: &str) -> End {
    let why = format!("another process that shares the session has {what}");
    End::Over(SignOutReason::Elsewhere, Error::new(ErrorKind::Unauthenticated, why))
}

impl SessionOwner {
    /// Refreshes now, or joins the refresh that is under way. Waits at most so long; the refresh
    /// itself goes on.
    pub(in super::super) async fn refresh(self: &Arc<Self>, patience: Option<Duration>) -> Result<()> {
        self.load().await?;
        let joined = async {
            loop {
                let Joined { id, foreign, beats, mut outcome } = self.join_or_begin()?;
                let ended = if foreign {
                    let seen = beats.load(Ordering::Relaxed);
                    match tokio::time::timeout(FOREIGN, outcome.wait_for(Option::is_some)).await {
                        Ok(ended) => ended,
                        // Slow is not stopped: a second refresh of one token would be one too many.
                        Err(_) if beats.load(Ordering::Relaxed) != seen => continue,
                        Err(_) => {
                            self.forget(id);
                            continue;
                        }
                    }
                } else {
                    outcome.wait_for(Option::is_some).await
                };
                // An error here means that the task is gone with its runtime: the next round takes over.
                if let Ok(outcome) = ended {
                    return match outcome.as_ref() {
                        Some(Err(error)) => Err(error.duplicate()),
                        _ => Ok(()),
                    };
                }
            }
        };
        match patience {
            None => joined.await,
            Some(patience) => tokio::time::timeout(patience, joined)
                .await
                .unwrap_or_else(|_| Err(Error::new(ErrorKind::Timeout, "the token is still being refreshed"))),
        }
    }

    fn join_or_begin(self: &Arc<Self>) -> Result<Joined> {
        let runtime = Handle::try_current().map_err(|_| {
            Error::new(
                ErrorKind::Config,
                "there is no tokio runtime here: await the request inside one (`#[tokio::main]`)",
            )
        })?;
        let mut state = self.lock();
        let Some(session) = state.session.clone() else { return Err(session_missing()) };
        // `has_changed` fails when the sender, and with it the task, is gone.
        if let Some(flight) = state.flight.as_ref().filter(|flight| flight.outcome.has_changed().is_ok()) {
            let foreign = flight.runtime != runtime.id();
            return Ok(Joined { id: flight.id, foreign, beats: flight.beats.clone(), outcome: flight.outcome.clone() });
        }
        state.flights += 1;
        let (id, generation) = (state.flights, state.generation);
        let (tell, outcome) = watch::channel(None);
        let beats = Arc::new(AtomicU64::new(0));
        state.flight = Some(Flight { id, runtime: runtime.id(), beats: beats.clone(), outcome: outcome.clone() });
        let (owner, beating) = (self.clone(), beats.clone());
        runtime.spawn(async move {
            let alive = async {
                loop {
                    tokio::time::sleep(BEAT).await;
                    beating.fetch_add(1, Ordering::Relaxed);
                }
            };
            let result = tokio::select! {
                result = owner.fly(generation, session) => result.map_err(Arc::new),
                () = alive => return,
            };
            owner.forget(id);
            // Nobody may be waiting any more.
            let _ = tell.send(Some(result));
        });
        Ok(Joined { id, foreign: false, beats, outcome })
    }

    fn forget(&self, id: u64) {
        let mut state = self.lock();
        if state.flight.as_ref().is_some_and(|flight| flight.id == id) {
            state.flight = None;
        }
    }

    async fn fly(self: &Arc<Self>, generation: u64, session: Arc<Session>) -> Result<()> {
        let store = &*self.config.store;
        // A lock that cannot be had is no reason to lose the session; the server sorts out two
        // refreshes of one token within its reuse interval.
        let guard = store.lock(&self.key).await.unwrap_or_default();
        let end = tokio::time::timeout(LIMIT, self.fetch(session))
            .await
            .unwrap_or_else(|_| End::Failed(Error::new(ErrorKind::Timeout, "the refresh of the token took too long")));
        // What another process stored stays as it is.
        let write = matches!(end, End::Refreshed(_) | End::Over(SignOutReason::Ended, _));
        let result = self.commit(generation, end);
        if write {
            self.persist().await;
        }
        drop(guard);
        result
    }

    /// Takes the end of a refresh, unless somebody signed out or in meanwhile: then that counts.
    fn commit(self: &Arc<Self>, generation: u64, end: End) -> Result<()> {
        let mut state = self.lock();
        if state.generation != generation {
            return if state.session.is_some() {
                Ok(())
            } else {
                Err(Error::new(ErrorKind::Unauthenticated, "the session was ended while its token was being refreshed"))
            };
        }
        match end {
            End::Refreshed(session) => {
                let session = session.received(self.now());
                self.put(&mut state, Some(session));
                state.tell(&AuthEvent::TokenRefreshed);
                Ok(())
            }
            End::Adopted(session) => {
                self.put(&mut state, Some(session));
                state.saved = true;
                state.tell(&AuthEvent::TokenRefreshed);
                Ok(())
            }
            End::Over(reason, error) => {
                self.put(&mut state, None);
                state.tell(&AuthEvent::SignedOut(reason));
                Err(error)
            }
            End::Failed(error) => {
                let count = state.failure.as_ref().map_or(0, |failure| failure.count) + 1;
                let rest = Duration::from_secs(1 << (count - 1).min(6)).min(LONGEST_REST);
                tracing::warn!(target: "supabase", kind = ?error.kind(), "the token could not be refreshed; the session is kept");
                state.failure =
                    Some(Failure { error: Arc::new(error.duplicate()), count, until: Instant::now() + rest });
                state.tell(&AuthEvent::TokenRefreshFailed { error: error.to_string() });
                Err(error)
            }
        }
    }

    async fn fetch(&self, held: Arc<Session>) -> End {
        let mut token = held.refresh_token.clone();
        let saved = self.lock().saved;
        // Only where the store held this session before can another process have put something newer
        // there; after a failed save it is something older.
        if saved {
            match self.stored().await {
                Some(Some(other)) if other.refresh_token != token => {
                    if other.user.id != held.user.id {
                        return elsewhere("signed in as somebody else");
                    }
                    if !is_due(&other, self.now()) {
                        return End::Adopted(other);
                    }
                    token = other.refresh_token;
                }
                Some(None) => return elsewhere("signed out"),
                _ => {}
            }
        }
        let begun = Instant::now();
        let mut wait = FIRST_WAIT;
        loop {
            let error = match self.ask(&token).await {
                Ok(session) => return End::Refreshed(session),
                Err(error) => error,
            };
            if ends_session(&error) {
                // Somebody else may have used the token a moment ago and stored what came of it.
                if let Some(Some(other)) = self.stored().await
                    && other.refresh_token != token
                {
                    if other.user.id != held.user.id {
                        return End::Over(SignOutReason::Elsewhere, error);
                    }
                    if !is_due(&other, self.now()) {
                        return End::Adopted(other);
                    }
                    token = other.refresh_token;
                    continue;
                }
                return End::Over(SignOutReason::Ended, error);
            }
            if !error.is_retryable() || begun.elapsed() + wait > ATTEMPTS_FOR {
                return End::Failed(error);
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
    }

    /// What the store holds: `None` when it cannot be read, `Some(None)` when it holds nothing.
    pub(super) async fn stored(&self) -> Option<Option<Session>> {
        let text = self.config.store.load(&self.key).await.ok()?;
        text.map_or(Some(None), |text| Some(Some(serde_json::from_str(&text).ok()?)))
    }

    async fn ask(&self, refresh_token: &str) -> Result<Session> {
        let call = Call::new(Method::POST, "/token")
            .query("grant_type", "refresh_token")
            .body(json!({ "refresh_token": refresh_token }));
        wire::json(&self.client, call.bearer(Bearer::Key)).await
    }

    /// The session of a refresh token that is not the one held: for `set_session` and for
    /// `refresh_session` with a token.
    pub(in super::super) async fn session_of(&self, refresh_token: &str) -> Result<Session> {
        self.ask(refresh_token).await
    }
}
