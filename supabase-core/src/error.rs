//! One error for everything that can go wrong, sorted by meaning.

use std::fmt;

use http::{HeaderMap, StatusCode};

use crate::auth::AuthRefusal;
use crate::decode::DecodeError;
use crate::query::Refusal;

/// The result of talking to Supabase.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong. Match on this; the text of an error is for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The URL, a key or another setting of the client cannot be used.
    Config,
    /// The request was refused before it was sent: its effect could not be what it says.
    Refused,
    /// No table, row, function, bucket, object or user of that name.
    NotFound,
    /// `single()` found no row or several.
    NotOneRow,
    /// A unique, foreign key or exclusion constraint stands in the way, or the row changed meanwhile.
    Conflict,
    /// The values are not what the database accepts: a check, a NOT NULL, a type, a length.
    InvalidInput,
    /// The role may not do this.
    PermissionDenied,
    /// No key or token, or one that is wrong or expired.
    Unauthenticated,
    /// Too many requests.
    RateLimited,
    /// No answer in time.
    Timeout,
    /// The host could not be reached, or the connection broke.
    Offline,
    /// The server is there and cannot answer now.
    Unavailable,
    /// The answer is not what its type says.
    Decode,
    /// A local file or stream could not be read or written.
    Io,
    /// Any other answer that says no.
    Api,
}

impl ErrorKind {
    const fn sentence(self) -> &'static str {
        match self {
            Self::Config => "the client is not configured right",
            Self::Refused => "refused before sending",
            Self::NotFound => "not found",
            Self::NotOneRow => "not exactly one row",
            Self::Conflict => "conflict with what is stored",
            Self::InvalidInput => "invalid input",
            Self::PermissionDenied => "permission denied",
            Self::Unauthenticated => "not authenticated",
            Self::RateLimited => "too many requests",
            Self::Timeout => "no answer in time",
            Self::Offline => "the server cannot be reached",
            Self::Unavailable => "the server is unavailable",
            Self::Decode => "the answer cannot be read",
            Self::Io => "a local file or stream failed",
            Self::Api => "the server refused",
        }
    }
}

/// An error of the client. One word wide.
///
/// URLs appear without query, keys and tokens not at all, in `Display` and in `Debug`.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    service: Service,
    context: String,
    method_and_path: Option<String>,
    body: Option<ErrorBody>,
    attempts: u32,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Which service answered: each has an accessor of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Rest,
    #[cfg(feature = "storage")]
    Storage,
    #[cfg(feature = "functions")]
    Functions,
    #[cfg(feature = "realtime")]
    Realtime,
}

/// What the server said, whichever service it was.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorBody {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers of the answer.
    pub headers: HeaderMap,
    /// The service's own code: a `PGRST…` code or an SQLSTATE from the database.
    pub code: Option<String>,
    /// The service's message.
    pub message: String,
    /// More about it.
    pub details: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// The body as it came.
    pub text: String,
}

impl fmt::Debug for ErrorBody {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ErrorBody")
            .field("status", &self.status)
            .field("code", &self.code)
            .field("message", &self.message)
            .field("details", &self.details)
            .field("hint", &self.hint)
            .finish_non_exhaustive()
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, context: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            service: Service::Rest,
            context: context.into(),
            method_and_path: None,
            body: None,
            attempts: 1,
            source: None,
        }))
    }

    pub(crate) fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Box::new(source));
        self
    }

    pub(crate) fn with_boxed_source(mut self, source: Box<dyn std::error::Error + Send + Sync>) -> Self {
        self.0.source = Some(source);
        self
    }

    pub(crate) fn with_body(mut self, body: ErrorBody) -> Self {
        self.0.body = Some(body);
        self
    }

    #[cfg(any(feature = "storage", feature = "functions", feature = "realtime"))]
    pub(crate) fn from_service(mut self, service: Service) -> Self {
        self.0.service = service;
        self
    }

    /// Says more about what came to nothing.
    #[cfg(feature = "storage")]
    pub(crate) fn with_context(mut self, context: impl Into<String>) -> Self {
        self.0.context = context.into();
        self
    }

    /// Names the request: method and path, never the query, whose values may be secrets.
    pub(crate) fn with_request(mut self, method: &http::Method, target: &str) -> Self {
        let path = target.split('?').next().unwrap_or_default();
        self.0.method_and_path.get_or_insert_with(|| format!("{method} {path}"));
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// The same error for another one who waited for the same thing. A source stays behind unless
    /// it is the auth service's refusal, since others cannot be copied.
    pub(crate) fn duplicate(&self) -> Self {
        let Inner { kind, context, method_and_path, body, attempts, source: _, service } = &*self.0;
        Self(Box::new(Inner {
            service: *service,
            kind: *kind,
            context: context.clone(),
            method_and_path: method_and_path.clone(),
            body: body.clone(),
            attempts: *attempts,
            source: self.auth().map(|refusal| Box::new(refusal.clone()) as _),
        }))
    }

    /// The error of a transport of an application's own, or of a connector of realtime: what could not be done, and
    /// why. [`ErrorKind::Offline`] and [`ErrorKind::Timeout`] are what such a thing reports; a request that may be
    /// sent twice is sent again after them.
    ///
    /// ```
    /// use supabase_core::{Error, ErrorKind};
    /// let error = Error::of_transport(ErrorKind::Offline, std::io::Error::other("the cable is unplugged"));
    /// assert_eq!(error.kind(), ErrorKind::Offline);
    /// ```
    #[must_use]
    pub fn of_transport(kind: ErrorKind, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::new(kind, source.to_string()).with_source(source)
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.body.as_ref().map(|body| body.status)
    }

    /// The service's own code: `PGRST116`, `23505`, …
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.body.as_ref()?.code.as_deref()
    }

    /// What the server said, if it was asked.
    #[must_use]
    pub fn body(&self) -> Option<&ErrorBody> {
        self.0.body.as_ref()
    }

    /// What PostgREST or the database said: code, message, details and hint.
    #[must_use]
    pub fn postgrest(&self) -> Option<&ErrorBody> {
        self.0.body.as_ref().filter(|_| self.0.service == Service::Rest)
    }

    /// What the storage service said. Its `status` is the one of HTTP, which is 400 for nearly every
    /// error; [`kind`](Self::kind) goes by what the service means, and the code is its own
    /// (`NoSuchKey`, `AccessDenied`, …).
    #[cfg(feature = "storage")]
    #[must_use]
    pub fn storage(&self) -> Option<&ErrorBody> {
        self.0.body.as_ref().filter(|_| self.0.service == Service::Storage)
    }

    /// What an Edge Function, or the relay in front of it, said: status, headers and body as they
    /// came. [`code`](Self::code) is `relay` when the relay could not run the function.
    #[cfg(feature = "functions")]
    #[must_use]
    pub fn functions(&self) -> Option<&ErrorBody> {
        self.0.body.as_ref().filter(|_| self.0.service == Service::Functions)
    }

    /// What the realtime service said over HTTP, or in refusing the socket or a channel.
    #[cfg(feature = "realtime")]
    #[must_use]
    pub fn realtime(&self) -> Option<&ErrorBody> {
        self.0.body.as_ref().filter(|_| self.0.service == Service::Realtime)
    }

    /// How the answer differs from its type, for errors of kind [`Decode`](ErrorKind::Decode).
    #[must_use]
    pub fn decode(&self) -> Option<&DecodeError> {
        self.0.source.as_ref()?.downcast_ref()
    }

    /// What the auth service said, if it was asked: its code as an enum, and why a password is weak.
    #[must_use]
    pub fn auth(&self) -> Option<&AuthRefusal> {
        self.0.source.as_ref()?.downcast_ref()
    }

    /// How often the request was sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.0.kind, ErrorKind::RateLimited | ErrorKind::Timeout | ErrorKind::Offline | ErrorKind::Unavailable)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        out.write_str(inner.kind.sentence())?;
        if let Some(request) = &inner.method_and_path {
            write!(out, " ({request})")?;
        }
        if !inner.context.is_empty() {
            write!(out, ": {}", inner.context)?;
        }
        if let Some(body) = &inner.body {
            write!(out, ": {}", body.message)?;
            if let Some(code) = &body.code {
                write!(out, " [{code}]")?;
            }
            write!(out, " (HTTP {})", body.status.as_u16())?;
            for (label, text) in [("details", &body.details), ("hint", &body.hint)] {
                if let Some(text) = text {
                    write!(out, "; {label}: {text}")?;
                }
            }
        }
        if inner.attempts > 1 {
            write!(out, " (after {} attempts)", inner.attempts)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("request", &self.0.method_and_path)
            .field("context", &self.0.context)
            .field("body", &self.0.body)
            .field("attempts", &self.0.attempts)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(ErrorKind::Refused, refusal.to_string())
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::new(ErrorKind::Decode, error.to_string()).with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_word_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }

    #[test]
    fn the_query_of_a_request_never_shows() {
        let error = Error::new(ErrorKind::Offline, "connection refused")
            .with_request(&http::Method::GET, "/planets?token=eq.secret");
        assert_eq!(error.to_string(), "the server cannot be reached (GET /planets): connection refused");
        assert!(!format!("{error:?}").contains("secret"));
    }
}
