//! Where a subscriber's items wait until it reads them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use serde_json::value::RawValue;
use tokio::sync::Notify;

use super::broadcast::BroadcastMessage;
use super::options::Overflow;
use super::presence::PresenceEvent;
use super::status::{CloseReason, Gap, SystemMessage};

/// One item for a subscriber.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Broadcast(Arc<BroadcastMessage>),
    /// The `data` of a change.
    Change(Arc<RawValue>),
    Presence(PresenceEvent),
    System(SystemMessage),
    Gap(Gap),
    /// So many items were dropped before the next one.
    Lagged(u64),
}

#[derive(Debug)]
struct Inner {
    items: VecDeque<Item>,
    lagged: u64,
    closed: Option<CloseReason>,
    overflowed: bool,
    waker: Option<Waker>,
    reader_gone: bool,
}

impl Inner {
    /// Takes out the state of presence that a new one replaces: each is all of it, and the rooms in which many come
    /// and go are the large ones.
    fn forget_older_state(&mut self, new: &Item) {
        let is_state = |item: &Item| matches!(item, Item::Presence(PresenceEvent::Sync(_)));
        if is_state(new)
            && let Some(older) = self.items.iter().rposition(is_state)
        {
            self.items.remove(older);
            self.join_gaps(older);
        }
    }

    /// Makes one of the two gaps before and at a place, where nothing lies between them any more: gaps are never
    /// dropped, and would otherwise pile up however long nobody reads.
    fn join_gaps(&mut self, at: usize) {
        let Some(before) = at.checked_sub(1) else { return };
        if let (Some(Item::Gap(_)), Some(Item::Gap(after))) = (self.items.get(before), self.items.get(at)) {
            let until = after.until;
            if let Some(Item::Gap(gap)) = self.items.get_mut(before) {
                gap.until = until;
            }
            self.items.remove(at);
        }
    }
}

/// A bounded queue from the actor to one stream.
#[derive(Debug)]
pub(crate) struct Mailbox {
    inner: Mutex<Inner>,
    capacity: usize,
    overflow: Overflow,
    room: Arc<Notify>,
}

/// What a stream reads.
#[derive(Debug)]
pub(crate) enum Read {
    Item(Item),
    Overflowed,
    Closed(CloseReason),
}

impl Mailbox {
    pub(crate) fn new(capacity: usize, overflow: Overflow, room: Arc<Notify>) -> Arc<Self> {
        Arc::new(Self {
            inner: Mutex::new(Inner {
                items: VecDeque::new(),
                lagged: 0,
                closed: None,
                overflowed: false,
                waker: None,
                reader_gone: false,
            }),
            capacity,
            overflow,
            room,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers an item that the server sent.
    pub(crate) fn deliver(&self, item: Item) {
        let mut inner = self.lock();
        if inner.reader_gone || inner.overflowed {
            return;
        }
        inner.forget_older_state(&item);
        if inner.items.len() >= self.capacity {
            match self.overflow {
                Overflow::DropOldest => {
                    // A gap is never dropped: it says what else was lost.
                    if let Some(oldest) = inner.items.iter().position(|item| !matches!(item, Item::Gap(_))) {
                        inner.items.remove(oldest);
                        inner.lagged += 1;
                        inner.join_gaps(oldest);
                    }
                }
                // The actor looks for room before it reads; one frame may still bring several items.
                Overflow::Block => {}
                Overflow::Error => inner.overflowed = true,
            }
        }
        if !inner.overflowed {
            inner.items.push_back(item);
        }
        wake(inner);
    }

    /// Delivers what must not be lost.
    pub(crate) fn announce(&self, item: Item) {
        let mut inner = self.lock();
        // Gaps that nobody has read yet become one: memory stays bounded however often a socket dies.
        if let (Item::Gap(new), Some(Item::Gap(old))) = (&item, inner.items.back_mut()) {
            old.until = new.until;
        } else {
            inner.items.push_back(item);
        }
        wake(inner);
    }

    pub(crate) fn close(&self, reason: CloseReason) {
        let mut inner = self.lock();
        inner.closed.get_or_insert(reason);
        wake(inner);
    }

    /// Whether the socket must not be read now.
    pub(crate) fn blocks(&self) -> bool {
        self.overflow == Overflow::Block && {
            let inner = self.lock();
            !inner.reader_gone && inner.items.len() >= self.capacity
        }
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.lock().reader_gone
    }

    /// The stream is gone.
    pub(crate) fn abandon(&self) {
        let mut inner = self.lock();
        inner.reader_gone = true;
        inner.items = VecDeque::new();
        drop(inner);
        self.room.notify_one();
    }

    pub(crate) fn poll(&self, context: &mut Context<'_>) -> Poll<Read> {
        let mut inner = self.lock();
        if inner.lagged > 0 {
            return Poll::Ready(Read::Item(Item::Lagged(std::mem::take(&mut inner.lagged))));
        }
        if let Some(item) = inner.items.pop_front() {
            let has_room = self.overflow == Overflow::Block && inner.items.len() + 1 == self.capacity;
            drop(inner);
            if has_room {
                self.room.notify_one();
            }
            return Poll::Ready(Read::Item(item));
        }
        if inner.overflowed {
            return Poll::Ready(Read::Overflowed);
        }
        if let Some(reason) = inner.closed.clone() {
            return Poll::Ready(Read::Closed(reason));
        }
        if !inner.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            inner.waker = Some(context.waker().clone());
        }
        Poll::Pending
    }
}

fn wake(mut inner: MutexGuard<'_, Inner>) {
    let waker = inner.waker.take();
    drop(inner);
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)] // a test may fail by panicking

    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::realtime::protocol::Body;

    #[test]
    fn gaps_that_nobody_reads_become_one() {
        let mailbox = Mailbox::new(4, Overflow::DropOldest, Arc::default());
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        for second in 0..1000 {
            mailbox.announce(Item::Gap(Gap { since: at(second), until: at(second + 1) }));
            let message = BroadcastMessage::from_parts("e".to_owned(), None, Body::Json("1".to_owned()));
            mailbox.deliver(Item::Broadcast(Arc::new(message)));
            assert!(mailbox.lock().items.len() <= 5, "{} items are kept", mailbox.lock().items.len());
        }
        let mut context = Context::from_waker(Waker::noop());
        let (mut gaps, mut messages, mut lagged) = (Vec::new(), 0, 0);
        while let Poll::Ready(Read::Item(item)) = mailbox.poll(&mut context) {
            match item {
                Item::Gap(gap) => gaps.push(gap),
                Item::Lagged(count) => lagged += count,
                _ => messages += 1,
            }
        }
        assert_eq!(messages + lagged, 1000);
        // Together they tell of the whole time.
        assert_eq!(
            (gaps.first().map(|gap| gap.since), gaps.last().map(|gap| gap.until)),
            (Some(at(0)), Some(at(1000)))
        );
    }
}
