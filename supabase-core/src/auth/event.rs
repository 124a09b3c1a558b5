//! What happens to a session, as a stream.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::sync::mpsc::UnboundedReceiver;

use super::session::Session;
use crate::transport::BoxFuture;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthEvent {
    /// The first item of every stream: the session that there is, or none.
    InitialSession,
    /// Somebody signed in.
    SignedIn,
    /// The session ended.
    SignedOut(SignOutReason),
    /// There is another access token.
    TokenRefreshed,
    /// A refresh failed for a reason that says nothing about the session, which is kept; the next
    /// refresh may succeed.
    TokenRefreshFailed {
        /// The error in words, without secrets.
        error: String,
    },
    /// The user was changed.
    UserUpdated,
    /// Somebody signed in by a recovery link: ask for a new password.
    PasswordRecovery,
    /// A second factor was verified; the session has the level that comes with it.
    MfaChallengeVerified,
    /// The store failed; the session is kept in memory.
    StoreFailed {
        /// The store's error in words.
        error: String,
    },
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignOutReason {
    /// [`sign_out`](super::Auth::sign_out) was called.
    Asked,
    /// The server says that the session or its user is gone: expired, revoked, banned, deleted.
    Ended,
    /// Another process that shares the store signed out.
    Elsewhere,
    /// What the store held is no session.
    Unreadable,
}

/// An event, and the session after it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AuthChange {
    /// What happened.
    pub event: AuthEvent,
    /// The session after that.
    pub session: Option<Session>,
}

/// The changes of a client's session, made by [`Auth::events`](super::Auth::events).
///
/// Begins with [`AuthEvent::InitialSession`]; nothing is skipped, however slow the reader. Ends when
/// the last handle on the client is dropped: the stream itself keeps no session alive.
#[must_use = "a stream does nothing unless it is polled"]
pub struct AuthEvents {
    pub(super) loading: Option<BoxFuture<'static, ()>>,
    pub(super) changes: UnboundedReceiver<AuthChange>,
}

impl std::fmt::Debug for AuthEvents {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("AuthEvents")
    }
}

impl Stream for AuthEvents {
    type Item = AuthChange;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<AuthChange>> {
        if let Some(loading) = &mut self.loading
            && loading.as_mut().poll(context).is_ready()
        {
            self.loading = None;
        }
        self.changes.poll_recv(context)
    }
}
