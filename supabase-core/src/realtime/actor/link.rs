//! The socket: how it is opened, read and written, and what its end means.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::Actor;
use super::channel::State;
use super::timer::Timer;
use crate::error::{Error, ErrorKind, Result};
use crate::query::percent;
use crate::realtime::connector::{BoxSocket, ConnectRequest, Message};
use crate::realtime::protocol;
use crate::realtime::status::{ChannelStatus, ConnectionState, DisconnectReason, RealtimeEvent};
use crate::transport::BoxFuture;

pub(super) enum Link {
    Down,
    Connecting(BoxFuture<'static, Result<BoxSocket>>),
    Up(BoxSocket),
}

pub(super) enum LinkEvent {
    Opened(Result<BoxSocket>),
    Received(Message),
    Lost(DisconnectReason),
}

impl Actor {
    pub(super) fn connect_now(&mut self) {
        if !matches!(self.link, Link::Down) || self.stopped {
            return;
        }
        self.generation += 1;
        let options = &self.shared.options;
        let mut url = format!("{}?apikey=", self.shared.url);
        percent::encode(&mut url, self.shared.key.text());
        url.push_str("&vsn=");
        url.push_str(options.version.name());
        for (name, value) in &options.parameters {
            url.push('&');
            percent::encode(&mut url, name);
            url.push('=');
            percent::encode(&mut url, value);
        }
        let request = ConnectRequest { url, headers: http::HeaderMap::new() };
        let connecting = options.connector.connect(request);
        let deadline = options.connect_deadline;
        self.link = Link::Connecting(Box::pin(async move {
            tokio::time::timeout(deadline, connecting).await.unwrap_or_else(|_| {
                Err(Error::new(
                    ErrorKind::Timeout,
                    format!("the socket was not open after {} s", deadline.as_secs_f32()),
                ))
            })
        }));
        self.shared.state.send_replace(ConnectionState::Connecting);
    }

    pub(super) fn link_event(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Opened(Ok(socket)) => self.opened(socket),
            LinkEvent::Opened(Err(error)) => self.not_opened(&error),
            LinkEvent::Received(Message::Close(said)) => self.lost(DisconnectReason::ServerClosed(said)),
            LinkEvent::Received(message) => {
                self.last_heard = (self.shared.options.clock)();
                self.last_received = Some(Instant::now());
                if let Some(incoming) = protocol::decode(&message) {
                    self.received(incoming);
                }
            }
            LinkEvent::Lost(reason) => self.lost(reason),
        }
    }

    pub(super) fn opened(&mut self, socket: BoxSocket) {
        self.link = Link::Up(socket);
        self.last_heard = (self.shared.options.clock)();
        self.shared.state.send_replace(ConnectionState::Connected);
        self.event(RealtimeEvent::Connected);
        for waiter in self.connect_waiters.drain(..) {
            let _ = waiter.send(Ok(()));
        }
        self.at(self.shared.options.heartbeat, Timer::Heartbeat(self.generation));
        self.consider_idle();
        self.fetch_token();
    }

    pub(super) fn not_opened(&mut self, error: &Error) {
        // Trying again cannot help who is told that the key or the project is wrong.
        if matches!(
            error.kind(),
            ErrorKind::Unauthenticated | ErrorKind::PermissionDenied | ErrorKind::NotFound | ErrorKind::Config
        ) {
            let say = || Error::new(error.kind(), error.to_string());
            for waiter in self.connect_waiters.drain(..) {
                let _ = waiter.send(Err(say()));
            }
            let refused: Vec<u64> =
                self.channels.iter().filter(|(_, channel)| !channel.waiters.is_empty()).map(|(id, _)| *id).collect();
            for id in refused {
                self.turn_down(id, say());
            }
        }
        self.lost(DisconnectReason::ConnectFailed(error.to_string()));
    }

    /// The socket is gone, or never was.
    pub(super) fn lost(&mut self, reason: DisconnectReason) {
        self.link = Link::Down;
        self.generation += 1;
        self.outbox.clear();
        self.flush = false;
        self.heartbeat = None;
        for (_, pending) in self.pending.drain() {
            let why = "the socket was lost before the server answered: it is not known whether it was done";
            let _ =
                pending.done.send(if pending.channel == 0 { Ok(()) } else { Err(Error::new(ErrorKind::Offline, why)) });
        }
        let heard = self.last_heard;
        for channel in self.channels.values_mut() {
            if channel.confirmed {
                channel.gap_since.get_or_insert(heard);
            }
            channel.confirmed = false;
            if channel.state != State::Refused {
                channel.state = State::Wanted;
                channel.set_status(ChannelStatus::Joining);
            }
        }
        self.event(RealtimeEvent::Disconnected(reason.clone()));
        if !self.stopped && (self.wanted || !self.channels.is_empty()) {
            self.attempt = self.attempt.saturating_add(1);
            let wait = (self.shared.options.backoff)(self.attempt);
            self.at(wait, Timer::Connect(self.generation));
            self.shared.state.send_replace(ConnectionState::Waiting { reason, wait });
        } else {
            self.attempt = 0;
            self.shared.state.send_replace(ConnectionState::Disconnected);
        }
    }

    /// Says goodbye, within a second, and ends the socket.
    pub(super) async fn close(&mut self, reason: DisconnectReason) {
        if matches!(self.link, Link::Down) {
            self.generation += 1;
            self.shared.state.send_replace(ConnectionState::Disconnected);
            return;
        }
        if self.is_up() {
            self.outbox.push_back((Message::Close(String::new()), None));
            let said =
                poll_fn(|context| match poll_link(&mut self.link, &mut self.outbox, &mut self.flush, true, context) {
                    Poll::Ready(_) => Poll::Ready(()),
                    Poll::Pending if self.outbox.is_empty() && !self.flush => Poll::Ready(()),
                    Poll::Pending => Poll::Pending,
                });
            let _ = tokio::time::timeout(Duration::from_secs(1), said).await;
        }
        self.lost(reason);
    }

    pub(super) async fn finish(mut self, reason: DisconnectReason) {
        self.stopped = true;
        self.close(reason).await;
    }
}

/// Writes what can be written, and reads one message unless reading is paused.
pub(super) fn poll_link(
    link: &mut Link,
    outbox: &mut VecDeque<(Message, Option<OwnedSemaphorePermit>)>,
    flush: &mut bool,
    paused: bool,
    context: &mut Context<'_>,
) -> Poll<LinkEvent> {
    let broken = |error: &Error| Poll::Ready(LinkEvent::Lost(DisconnectReason::Broken(error.to_string())));
    let socket = match link {
        Link::Down => return Poll::Pending,
        Link::Connecting(connecting) => return connecting.as_mut().poll(context).map(LinkEvent::Opened),
        Link::Up(socket) => socket,
    };
    while !outbox.is_empty() {
        match socket.as_mut().poll_ready(context) {
            Poll::Ready(Ok(())) => {
                let Some((message, permit)) = outbox.pop_front() else { break };
                if let Err(error) = socket.as_mut().start_send(message) {
                    return broken(&error);
                }
                drop(permit);
                *flush = true;
            }
            Poll::Ready(Err(error)) => return broken(&error),
            Poll::Pending => break,
        }
    }
    if *flush {
        match socket.as_mut().poll_flush(context) {
            Poll::Ready(Ok(())) => *flush = false,
            Poll::Ready(Err(error)) => return broken(&error),
            Poll::Pending => {}
        }
    }
    if paused {
        return Poll::Pending;
    }
    match socket.as_mut().poll_next(context) {
        Poll::Ready(Some(Ok(message))) => Poll::Ready(LinkEvent::Received(message)),
        Poll::Ready(Some(Err(error))) => broken(&error),
        Poll::Ready(None) => Poll::Ready(LinkEvent::Lost(DisconnectReason::ServerClosed(String::new()))),
        Poll::Pending => Poll::Pending,
    }
}
