//! Server-Sent Events, read as the HTML standard says ("Interpreting an event stream").

use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::Stream;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result};
use crate::transport::ResponseBody;

/// An event of more bytes than this ends the stream with an error: memory has an end.
const LONGEST_EVENT: usize = 16 * 1024 * 1024;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerSentEvent {
    /// Its type, `message` unless the server named one.
    pub event: String,
    /// Its data; several `data:` lines are joined by line breaks.
    pub data: String,
    /// The last id that the server gave, with this event or before.
    pub id: Option<String>,
    /// How long the server wants a client to wait before it connects again, where it said so.
    pub retry: Option<Duration>,
}

impl ServerSentEvent {
    /// The data as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when they are not JSON, or not that type's.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.data).map_err(|error| {
            Error::new(ErrorKind::Decode, format!("the data of the event `{}` are not this JSON: {error}", self.event))
                .with_source(error)
        })
    }
}

#[derive(Debug, Default)]
struct Parser {
    started: bool,
    /// The bytes of the line that has not ended yet.
    line: Vec<u8>,
    /// The last byte was a CR: a LF that follows belongs to it.
    after_cr: bool,
    event: String,
    data: String,
    has_data: bool,
    id: Option<String>,
    retry: Option<Duration>,
    ready: VecDeque<ServerSentEvent>,
}

impl Parser {
    fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        for &byte in bytes {
            match byte {
                b'\n' if self.after_cr => self.after_cr = false,
                b'\n' | b'\r' => {
                    self.after_cr = byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    self.end_line(&line);
                    self.line = line;
                    self.line.clear();
                }
                _ => {
                    self.after_cr = false;
                    self.line.push(byte);
                    if self.line.len() + self.data.len() > LONGEST_EVENT {
                        return Err(Error::new(ErrorKind::Decode, "an event of the stream is longer than 16 MiB"));
                    }
                }
            }
        }
        Ok(())
    }

    fn end_line(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let mut text = &*text;
        if !std::mem::replace(&mut self.started, true) {
            text = text.strip_prefix('\u{feff}').unwrap_or(text);
        }
        if text.is_empty() {
            return self.dispatch();
        }
        let (field, value) = text.split_once(':').unwrap_or((text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = value.parse().ok().map(Duration::from_millis);
            }
            // A comment (its field is empty), or a field that the standard says to ignore.
            _ => {}
        }
    }

    fn dispatch(&mut self) {
        let event = std::mem::take(&mut self.event);
        let data = std::mem::take(&mut self.data);
        if std::mem::take(&mut self.has_data) {
            let event = if event.is_empty() { "message".to_owned() } else { event };
            self.ready.push_back(ServerSentEvent { event, data, id: self.id.clone(), retry: self.retry });
        }
    }
}

/// A stream of [`ServerSentEvent`]s. It ends when the function ends its answer; an event without the
/// empty line that ends it is incomplete and left out, as the standard says.
#[derive(Debug)]
pub struct Events {
    body: Option<ResponseBody>,
    parser: Parser,
}

impl Events {
    pub(super) fn new(body: ResponseBody) -> Self {
        Self { body: Some(body), parser: Parser::default() }
    }
}

impl Stream for Events {
    type Item = Result<ServerSentEvent>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(event) = self.parser.ready.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            let Some(body) = &mut self.body else { return Poll::Ready(None) };
            let fed = match ready!(Pin::new(body).poll_next(context)) {
                Some(part) => part.and_then(|part| self.parser.feed(&part)),
                None => {
                    self.body = None;
                    Ok(())
                }
            };
            if let Err(error) = fed {
                self.body = None;
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

/// A stream of the data of [`Events`], read as JSON. Data that are not `T` are an error, and the
/// stream goes on.
pub struct TypedEvents<T> {
    events: Events,
    data: PhantomData<fn() -> T>,
}

impl<T> TypedEvents<T> {
    pub(super) fn new(events: Events) -> Self {
        Self { events, data: PhantomData }
    }
}

impl<T> fmt::Debug for TypedEvents<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TypedEvents")
    }
}

impl<T: DeserializeOwned> Stream for TypedEvents<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.events).poll_next(context).map(|event| event.map(|event| event?.json()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may fail by panicking

    use super::*;

    const TEXT: &str = "\u{feff}: hello\r\nevent: add\rdata: a\ndata:b\r\nid: 7\n\ndata\n\nretry: 10\nevent: nothing\n\ndata: {\"ü\":1}\n\ndata: cut";

    fn parse(chunk: usize) -> Vec<ServerSentEvent> {
        let mut parser = Parser::default();
        for part in TEXT.as_bytes().chunks(chunk) {
            parser.feed(part).unwrap();
        }
        parser.ready.into()
    }

    #[test]
    fn events_are_the_same_however_the_bytes_are_cut() {
        let whole = parse(TEXT.len());
        assert_eq!(whole.len(), 3);
        assert_eq!((&*whole[0].event, &*whole[0].data, whole[0].id.as_deref()), ("add", "a\nb", Some("7")));
        assert_eq!((&*whole[1].event, &*whole[1].data, whole[1].id.as_deref()), ("message", "", Some("7")));
        assert_eq!((&*whole[2].event, whole[2].retry), ("message", Some(Duration::from_millis(10))));
        for chunk in 1..TEXT.len() {
            assert_eq!(parse(chunk), whole, "in parts of {chunk} bytes");
        }
    }

    #[tokio::test]
    async fn a_broken_stream_gives_what_came_and_then_the_error() {
        let parts =
            [Ok(bytes::Bytes::from_static(b"data: 1\n\ndata: x\n\n")), Err(Error::new(ErrorKind::Offline, "cut"))];
        let body = ResponseBody::from_stream(futures_util::stream::iter(parts));
        let mut numbers = TypedEvents::<u8>::new(Events::new(body));
        assert_eq!(numbers.next().await.unwrap().unwrap(), 1);
        assert_eq!(numbers.next().await.unwrap().unwrap_err().kind(), ErrorKind::Decode);
        assert_eq!(numbers.next().await.unwrap().unwrap_err().kind(), ErrorKind::Offline);
        assert!(numbers.next().await.is_none());
    }
}
