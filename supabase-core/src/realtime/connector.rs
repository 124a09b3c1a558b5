//! How a socket is opened. Replaceable: tests run the actor over memory, and a program may bring its
//! own transport.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use http::{HeaderMap, StatusCode};
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::error::{Error, ErrorBody, ErrorKind, Result, Service};
use crate::transport::BoxFuture;

/// A frame of a WebSocket. Pings and pongs are the connector's own business.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Bytes),
    /// The end, with the reason that was given.
    Close(String),
}

/// Where to connect to.
#[derive(Clone)]
#[non_exhaustive]
pub struct ConnectRequest {
    /// The URL, `ws://` or `wss://`, with the project's key in its query.
    pub url: String,
    /// Headers of the handshake.
    pub headers: HeaderMap,
}

impl fmt::Debug for ConnectRequest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The query has the key.
        out.debug_struct("ConnectRequest").field("url", &self.url.split('?').next()).finish_non_exhaustive()
    }
}

/// A connected socket: a stream and a sink of [`Message`]s.
pub trait Socket: Stream<Item = Result<Message>> + Sink<Message, Error = Error> + Send {}
impl<S: Stream<Item = Result<Message>> + Sink<Message, Error = Error> + Send> Socket for S {}

/// A socket of any kind.
pub type BoxSocket = Pin<Box<dyn Socket>>;

/// Opens sockets.
pub trait Connector: Send + Sync + 'static {
    /// Opens one. Its future may be dropped at any moment.
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'static, Result<BoxSocket>>;
}

/// WebSockets over TCP and TLS (rustls with the system's root certificates).
#[derive(Debug, Clone, Copy, Default)]
pub struct WebSocket;

impl Connector for WebSocket {
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'static, Result<BoxSocket>> {
        Box::pin(async move {
            let mut handshake = request.url.as_str().into_client_request().map_err(broken)?;
            for (name, value) in &request.headers {
                handshake.headers_mut().insert(name, value.clone());
            }
            // A row of a change may be large; the official server takes and sends frames of 5 MB.
            let config = tungstenite::protocol::WebSocketConfig::default()
                .max_message_size(Some(64 << 20))
                .max_frame_size(Some(64 << 20));
            let (socket, _) =
                tokio_tungstenite::connect_async_with_config(handshake, Some(config), true).await.map_err(broken)?;
            Ok(Box::pin(Adapted(socket)) as BoxSocket)
        })
    }
}

/// What went wrong, without the URL, which has the key.
fn broken(error: tungstenite::Error) -> Error {
    match error {
        tungstenite::Error::Http(response) => refused(*response),
        tungstenite::Error::Io(error) => {
            Error::new(ErrorKind::Offline, format!("the socket failed: {error}")).with_source(error)
        }
        tungstenite::Error::Url(error) => Error::new(ErrorKind::Config, format!("the URL of the socket: {error}")),
        other => Error::new(ErrorKind::Offline, format!("the socket failed: {other}")),
    }
}

/// The server answered the handshake with plain HTTP: `{"error": "…"}`.
fn refused(response: http::Response<Option<Vec<u8>>>) -> Error {
    let (head, body) = response.into_parts();
    let text = String::from_utf8_lossy(&body.unwrap_or_default()).into_owned();
    let said: Option<serde_json::Value> = serde_json::from_str(&text).ok();
    let message = said
        .as_ref()
        .and_then(|said| said.get("error").or_else(|| said.get("message")))
        .and_then(serde_json::Value::as_str)
        .map_or_else(|| text.chars().take(200).collect(), str::to_owned);
    let kind = match head.status {
        StatusCode::UNAUTHORIZED => ErrorKind::Unauthenticated,
        StatusCode::FORBIDDEN => ErrorKind::PermissionDenied,
        StatusCode::NOT_FOUND => ErrorKind::NotFound,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimited,
        status if status.is_server_error() => ErrorKind::Unavailable,
        _ => ErrorKind::Api,
    };
    Error::new(kind, "the realtime service refused the socket")
        .with_body(ErrorBody {
            status: head.status,
            headers: head.headers,
            code: None,
            message,
            details: None,
            hint: None,
            text,
        })
        .from_service(Service::Realtime)
}

/// A WebSocket of tungstenite that speaks [`Message`].
struct Adapted<S>(S);

impl<S> Stream for Adapted<S>
where
    S: Stream<Item = Result<tungstenite::Message, tungstenite::Error>> + Unpin,
{
    type Item = Result<Message>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let message = match std::task::ready!(Pin::new(&mut self.0).poll_next(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(broken(error)))),
                Some(Ok(message)) => message,
            };
            return Poll::Ready(Some(Ok(match message {
                tungstenite::Message::Text(text) => Message::Text(text.as_str().to_owned()),
                tungstenite::Message::Binary(bytes) => Message::Binary(bytes),
                tungstenite::Message::Close(frame) => Message::Close(
                    frame.map_or_else(String::new, |frame| format!("{} {}", u16::from(frame.code), frame.reason)),
                ),
                _ => continue,
            })));
        }
    }
}

impl<S: Sink<tungstenite::Message, Error = tungstenite::Error> + Unpin> Sink<Message> for Adapted<S> {
    type Error = Error;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_ready(context).map_err(broken)
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<()> {
        let message = match message {
            Message::Text(text) => tungstenite::Message::Text(text.into()),
            Message::Binary(bytes) => tungstenite::Message::Binary(bytes),
            Message::Close(_) => tungstenite::Message::Close(None),
        };
        Pin::new(&mut self.0).start_send(message).map_err(broken)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_flush(context).map_err(broken)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_close(context).map_err(broken)
    }
}
