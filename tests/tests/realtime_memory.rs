//! What subscribers that do not read, and a socket that takes nothing, cost in memory. A program of its own: the peak
//! of a process is that of everything in it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::{Sink, Stream};
use serde_json::{Value, json};
use supabase_core::realtime::{BoxSocket, Broadcast, ConnectRequest, Connector, Message, Overflow, RealtimeOptions};
use supabase_core::transport::BoxFuture;
use supabase_core::{Client, Error, Result};

const MESSAGES: usize = 20_000;
const SIZE: usize = 1024;
const MOST: usize = 12 << 20;

/// The largest resident set of this process so far, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

#[derive(Default)]
struct State {
    /// Replies that wait to be read.
    replies: Vec<String>,
    joined: bool,
    waker: Option<Waker>,
}

/// A server that broadcasts as fast as it is read, and may take nothing once a channel is joined.
#[derive(Clone)]
struct Flood {
    state: Arc<Mutex<State>>,
    sent: Arc<AtomicUsize>,
    takes: bool,
}

/// With the frame that it sends.
struct Socket(Flood, String);

impl Stream for Socket {
    type Item = Result<Message>;
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.0.state.lock().unwrap();
        if let Some(reply) = state.replies.pop() {
            return Poll::Ready(Some(Ok(Message::Text(reply))));
        }
        let number = self.0.sent.load(Ordering::SeqCst);
        if self.0.takes && state.joined && number < MESSAGES {
            self.0.sent.store(number + 1, Ordering::SeqCst);
            return Poll::Ready(Some(Ok(Message::Text(self.1.clone()))));
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Sink<Message> for Socket {
    type Error = Error;
    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        if self.0.takes || !self.0.state.lock().unwrap().joined { Poll::Ready(Ok(())) } else { Poll::Pending }
    }
    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<()> {
        let Message::Text(text) = message else { return Ok(()) };
        let frame: Value = serde_json::from_str(&text).unwrap();
        let response = if frame[3] == "phx_join" { json!({ "postgres_changes": [] }) } else { json!({}) };
        let payload = json!({ "status": "ok", "response": response });
        let mut state = self.0.state.lock().unwrap();
        state.joined |= frame[3] == "phx_join";
        state.replies.push(json!([frame[0], frame[1], frame[2], "phx_reply", payload]).to_string());
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
        Ok(())
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Connector for Flood {
    fn connect(&self, _: ConnectRequest) -> BoxFuture<'static, Result<BoxSocket>> {
        let payload = json!({ "type": "broadcast", "event": "n", "payload": "x".repeat(SIZE) });
        let frame = json!([null, null, "realtime:flood", "broadcast", payload]);
        let socket = Socket(self.clone(), frame.to_string());
        Box::pin(async move { Ok(Box::pin(socket) as BoxSocket) })
    }
}

fn flood(takes: bool) -> (Flood, Client) {
    let flood = Flood { state: Arc::default(), sent: Arc::default(), takes };
    let options = RealtimeOptions::new().connector(flood.clone());
    let client = Client::builder("http://flood.invalid", "key").realtime(options).build().unwrap();
    (flood, client)
}

/// Subscribes, lets everything come, and gives what the streams then have: messages, and those that were dropped.
async fn unread(buffer: usize) -> (usize, u64) {
    let (flood, client) = flood(true);
    let room = client.channel("flood").buffer(buffer, Overflow::DropOldest);
    let mut streams: Vec<_> = (0..4).map(|_| room.on_broadcasts()).collect();
    room.subscribe().await.unwrap();
    while flood.sent.load(Ordering::SeqCst) < MESSAGES {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // The last one is on its way.
    room.track(&json!({})).await.unwrap();
    let (mut messages, mut dropped) = (0, 0);
    for stream in &mut streams {
        while let Ok(Some(item)) = tokio::time::timeout(Duration::from_millis(20), stream.next()).await {
            match item.unwrap() {
                Broadcast::Message(_) => messages += 1,
                Broadcast::Lagged(count) => dropped += count,
                other => panic!("{other:?}"),
            }
        }
    }
    (messages, dropped)
}

#[tokio::test]
async fn what_nobody_reads_or_takes_is_bounded() {
    // A socket that takes nothing: 256 messages wait for it, and their senders go on; every other sender waits.
    let (_stuck, client) = flood(false);
    let room = client.channel("flood");
    room.subscribe().await.unwrap();
    let done = Arc::new(AtomicUsize::new(0));
    let senders: Vec<_> = (0..2_000)
        .map(|_| {
            let (room, done) = (room.clone(), done.clone());
            tokio::spawn(async move {
                if room.broadcast("n", &"x".repeat(SIZE)).await.is_ok() {
                    done.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    let all = async {
        while done.load(Ordering::SeqCst) < 256 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(done.load(Ordering::SeqCst), 256);
    for sender in senders {
        sender.abort();
    }
    drop((room, client));

    // Subscribers that do not read.
    let before = peak();
    assert_eq!(unread(1_000).await, (4 * 1_000, 4 * (MESSAGES as u64 - 1_000)));
    let grown = peak() - before;
    println!("{MESSAGES} messages of {SIZE} bytes to 4 streams that keep 1,000 each: {} KiB more", grown / 1024);
    assert!(grown < MOST, "{grown} bytes more");
    // The measure measures: kept all, they are far above it.
    assert_eq!(unread(MESSAGES).await, (4 * MESSAGES, 0));
    assert!(peak() - before > MOST);
}
