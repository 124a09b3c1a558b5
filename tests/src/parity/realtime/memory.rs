//! A socket in memory, whose other end is the recording.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures_util::{Sink, SinkExt, Stream, sink};
use supabase_core::realtime::{BoxSocket, ConnectRequest, Connector, Message};
use supabase_core::transport::BoxFuture;
use supabase_core::{Error, Result};
use tokio::sync::mpsc;

/// The server's end of one socket.
pub(super) struct Server {
    /// The URL that was connected to.
    pub(super) url: String,
    to: mpsc::UnboundedSender<Message>,
    from: mpsc::UnboundedReceiver<Message>,
}

impl Server {
    pub(super) fn say(&self, message: Message) {
        // When the client is gone the next frame that is waited for tells.
        let _ = self.to.send(message);
    }

    /// The next frame of the client; nothing when it is gone.
    pub(super) async fn hear(&mut self) -> Option<Message> {
        self.from.recv().await
    }
}

/// Opens sockets whose server ends are handed out.
#[derive(Clone)]
pub(super) struct Memory(Arc<Mutex<mpsc::UnboundedSender<Server>>>);

impl Memory {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Server>) {
        let (sender, servers) = mpsc::unbounded_channel();
        (Self(Arc::new(Mutex::new(sender))), servers)
    }
}

/// Both directions as one.
struct Both<O> {
    incoming: mpsc::UnboundedReceiver<Message>,
    outgoing: O,
}

impl<O: Unpin> Stream for Both<O> {
    type Item = Result<Message>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming.poll_recv(context).map(|message| message.map(Ok))
    }
}

impl<O: Sink<Message, Error = Error> + Unpin> Sink<Message> for Both<O> {
    type Error = Error;
    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.outgoing.poll_ready_unpin(context)
    }
    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<()> {
        self.outgoing.start_send_unpin(message)
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.outgoing.poll_flush_unpin(context)
    }
    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.outgoing.poll_close_unpin(context)
    }
}

impl Connector for Memory {
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'static, Result<BoxSocket>> {
        let servers = self.0.clone();
        Box::pin(async move {
            let (to, incoming) = mpsc::unbounded_channel();
            let (outgoing, from) = mpsc::unbounded_channel();
            let outgoing = sink::unfold(outgoing, |outgoing: mpsc::UnboundedSender<Message>, message| async move {
                // The run has let go of the server's end.
                let _ = outgoing.send(message);
                Ok::<_, Error>(outgoing)
            });
            let server = Server { url: request.url, to, from };
            let _ = servers.lock().expect("nothing panics while it is held").send(server);
            Ok(Box::pin(Both { incoming, outgoing: Box::pin(outgoing) }) as BoxSocket)
        })
    }
}
