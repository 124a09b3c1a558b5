//! Refreshing in the background, for as long as there is a handle on the client.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::{Handle, Id};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{SessionOwner, State, margin};
use crate::token::Token;

/// The clock is looked at this often: a machine that slept has timers that know nothing of it.
const TICK: Duration = Duration::from_secs(30);

/// The pause after a refresh.
const LEAST: Duration = Duration::from_secs(1);

pub(super) struct Timer {
    runtime: Id,
    task: JoinHandle<()>,
}

impl Timer {
    pub(super) fn stop(self) {
        self.task.abort();
    }
}

impl SessionOwner {
    /// Makes sure that a timer runs, on the runtime that the caller is on: one whose runtime ended
    /// or stands still is replaced.
    pub(super) fn keep_timer(self: &Arc<Self>, state: &mut State) {
        if !state.auto_refresh || state.session.is_none() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        if state.timer.as_ref().is_some_and(|timer| timer.runtime == runtime.id() && !timer.task.is_finished()) {
            return;
        }
        if let Some(old) = state.timer.take() {
            old.stop();
        }
        let task = runtime.spawn(run(Arc::downgrade(self), self.watch()));
        state.timer = Some(Timer { runtime: runtime.id(), task });
    }

    pub(in super::super) fn auto_refresh(self: &Arc<Self>, on: bool) {
        let mut state = self.lock();
        state.auto_refresh = on;
        if on {
            self.keep_timer(&mut state);
        } else if let Some(timer) = state.timer.take() {
            timer.stop();
        }
    }

    /// How long until there is something to do; `None` while there is no session.
    fn pause(&self) -> Option<Duration> {
        let state = self.lock();
        let session = state.session.as_ref()?;
        let due = session.remaining_at(self.now()).saturating_sub(margin(session));
        Some(state.failure.as_ref().map_or(due, |failure| due.max(failure.rest())))
    }
}

async fn run(owner: Weak<SessionOwner>, mut changes: watch::Receiver<Option<Token>>) {
    loop {
        let Some(pause) = owner.upgrade().map(|owner| owner.pause()) else { return };
        if pause == Some(Duration::ZERO) {
            let Some(owner) = owner.upgrade() else { return };
            // Its failure is told to the listeners; the pause after it is counted there as well.
            let _ = owner.refresh(None).await;
            drop(owner);
            // Whatever the server says about lifetimes, this is no loop without a pause.
            tokio::time::sleep(LEAST).await;
            continue;
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(pause.unwrap_or(TICK).min(TICK)) => {}
        }
    }
}
