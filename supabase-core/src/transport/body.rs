//! Bodies of requests and answers.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

use crate::error::Error;

type BytesStream = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;

/// The body of a request.
#[derive(Default)]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// All of it, so that it can be sent again.
    Bytes(Bytes),
    /// Part by part, once.
    Stream {
        /// The parts.
        stream: Pin<Box<dyn Stream<Item = Result<Bytes, std::io::Error>> + Send + Sync>>,
        /// How many bytes there are in all, if that is known.
        length: Option<u64>,
    },
}

impl fmt::Debug for Body {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => out.write_str("Empty"),
            Self::Bytes(bytes) => write!(out, "Bytes({} bytes)", bytes.len()),
            Self::Stream { length, .. } => write!(out, "Stream({length:?} bytes)"),
        }
    }
}

impl Body {
    /// The same body again, unless it is a stream.
    #[must_use]
    pub fn again(&self) -> Option<Self> {
        match self {
            Self::Empty => Some(Self::Empty),
            Self::Bytes(bytes) => Some(Self::Bytes(bytes.clone())),
            Self::Stream { .. } => None,
        }
    }
}

/// The body of an answer, as it arrives.
pub struct ResponseBody(BytesStream);

impl fmt::Debug for ResponseBody {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ResponseBody")
    }
}

impl ResponseBody {
    /// A body of parts.
    pub fn from_stream(stream: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> Self {
        Self(Box::pin(stream))
    }

    /// A body that is there already.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::from_stream(futures_util::stream::iter((!bytes.is_empty()).then_some(Ok(bytes))))
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// Fails when the connection breaks or the next part does not come in time.
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let Some(first) = self.0.next().await.transpose()? else { return Ok(Bytes::new()) };
        let Some(second) = self.0.next().await.transpose()? else { return Ok(first) };
        let mut all = BytesMut::with_capacity((first.len() + second.len()) * 2);
        all.extend_from_slice(&first);
        all.extend_from_slice(&second);
        while let Some(part) = self.0.next().await.transpose()? {
            all.extend_from_slice(&part);
        }
        Ok(all.freeze())
    }
}

impl Stream for ResponseBody {
    type Item = Result<Bytes, Error>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}
