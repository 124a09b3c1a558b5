//! What a client is built from.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::auth::{AuthConfig, SessionOwner};
use crate::client::{Client, Shared};
use crate::error::{Error, ErrorKind, Result};
use crate::token::{AccessToken, Token, TokenSource};
use crate::trace::TracePropagation;
use crate::transport::{BaseUrl, Http, RetryPolicy, Transport};

/// Settings of a [`Client`], made by [`Client::builder`].
#[must_use = "a builder does nothing until `.build()`"]
pub struct ClientBuilder {
    url: String,
    key: String,
    schema: String,
    timeout: Option<Duration>,
    retry: RetryPolicy,
    headers: HeaderMap,
    trace: Option<TracePropagation>,
    access_token: Option<AccessToken>,
    auth: AuthConfig,
    allow_dry_run: bool,
    url_limit: usize,
    #[cfg(feature = "realtime")]
    realtime: crate::realtime::RealtimeOptions,
    transport: Option<Arc<dyn Transport>>,
    problem: Option<String>,
}

impl std::fmt::Debug for ClientBuilder {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ClientBuilder")
            .field("schema", &self.schema)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    pub(crate) fn new(url: &str, key: &str) -> Self {
        Self {
            url: url.to_owned(),
            key: key.to_owned(),
            schema: "public".to_owned(),
            // PostgREST itself may retry a query for ever (SQLSTATE 40001), so there has to be an end.
            timeout: Some(Duration::from_secs(60)),
            retry: RetryPolicy::default(),
            headers: HeaderMap::new(),
            trace: None,
            access_token: None,
            auth: AuthConfig::default(),
            allow_dry_run: false,
            url_limit: 8_000,
            #[cfg(feature = "realtime")]
            realtime: crate::realtime::RealtimeOptions::default(),
            transport: None,
            problem: None,
        }
    }

    /// The schema of the untyped builder and of tables named by text, `public` unless set.
    /// Generated tables carry their own.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// How long to wait for the head of an answer and between two parts of its body: 60 seconds
    /// unless set. `None` waits for ever.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// How requests that change nothing are repeated after a failure.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// A header for every request. It wins over the client's own of the same name, but for `Prefer`:
    /// its preferences are added behind those of the query, which the server takes first.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            (Err(_), _) => {
                self.problem.get_or_insert(format!("`{name}` cannot be the name of a header"));
            }
            (_, Err(_)) => {
                self.problem
                    .get_or_insert(format!("the value of header `{name}` holds characters that headers cannot"));
            }
        }
        self
    }

    /// Another provider's access tokens (Auth0, Clerk, Firebase, …): `give` is asked before each
    /// request. `None` means that nobody is signed in; an error fails the request, which is never
    /// sent as somebody else instead. [`Client::auth`] of such a client refuses to sign in.
    ///
    /// For one user's token on a server there is [`Client::as_user`].
    ///
    /// ```
    /// use supabase_core::Client;
    /// let supabase = Client::builder("https://example.supabase.co", "anon key")
    ///     .access_token(|| async { Ok::<_, std::io::Error>(Some(String::from("token of the provider"))) })
    ///     .build()?;
    /// # Ok::<(), supabase_core::Error>(())
    /// ```
    pub fn access_token<F, Fut, E>(mut self, give: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<String>, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.access_token = Some(AccessToken::new(give));
        self
    }

    /// How sessions are kept, refreshed and begun.
    pub fn auth(mut self, auth: AuthConfig) -> Self {
        self.auth = auth;
        self
    }

    /// Allows `.dry_run()`, which needs a server whose `db-tx-end` lets a request roll back. The
    /// client proves that before any write.
    pub fn allow_dry_run(mut self, allow: bool) -> Self {
        self.allow_dry_run = allow;
        self
    }

    /// How many bytes the URL of a request to the database may have: 8,000 unless set, which servers
    /// and proxies on the way are known to take. A long `in_` of a read is spread over several
    /// requests where that means the same, a call of a function with `GET` becomes a `POST`, and any
    /// other longer request is refused before it is sent.
    pub fn url_limit(mut self, bytes: usize) -> Self {
        self.url_limit = bytes;
        self
    }

    /// How the socket of realtime behaves.
    #[cfg(feature = "realtime")]
    pub fn realtime(mut self, options: crate::realtime::RealtimeOptions) -> Self {
        self.realtime = options;
        self
    }

    /// Puts the trace that a request belongs to into its headers, so that spans of the server can be
    /// correlated with the application's. `write` is asked before each attempt and is where
    /// OpenTelemetry's propagator goes; of what it writes `traceparent`, `tracestate` and `baggage`
    /// are sent, to the project's own host only. Whether an unsampled trace is told is for `write` to
    /// say: what it leaves out is not sent.
    ///
    /// ```
    /// use supabase_core::Client;
    /// let supabase = Client::builder("https://example.supabase.co", "anon key")
    ///     .trace_propagation(|headers| {
    ///         // With OpenTelemetry:
    ///         // let context = tracing::Span::current().context();
    ///         // propagator.inject_context(&context, &mut HeaderInjector(headers));
    ///         # use supabase_core::http::HeaderValue;
    ///         headers.insert(
    ///             "traceparent",
    ///             HeaderValue::from_static("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ///         );
    ///     })
    ///     .build()?;
    /// # Ok::<(), supabase_core::Error>(())
    /// ```
    ///
    /// Follows <https://www.w3.org/TR/trace-context/> and supabase-js's `tracePropagation`.
    pub fn trace_propagation(mut self, write: impl Fn(&mut HeaderMap) + Send + Sync + 'static) -> Self {
        self.trace = Some(TracePropagation::new(write));
        self
    }

    /// Another way to send requests: a [`Recording`](crate::transport::Recording) in tests.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// The client. Needs no runtime and does no I/O.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the URL is not an `http` or `https` one or holds a password, or a key
    /// or header holds characters that headers cannot.
    pub fn build(self) -> Result<Client> {
        let config = |why: String| Error::new(ErrorKind::Config, why);
        if let Some(problem) = self.problem {
            return Err(config(problem));
        }
        let parsed = base_url(&self.url).map_err(config)?;
        let url = parsed.as_str().trim_end_matches('/').to_owned();
        if self.key.trim().is_empty() {
            return Err(config(
                "the key is empty: take the anon (publishable) or service (secret) key of the project".into(),
            ));
        }
        let key = Token::new(&self.key).ok_or_else(|| {
            config("the key holds characters that headers cannot: copy it again, without line breaks".into())
        })?;
        #[cfg(feature = "realtime")]
        let options = self.realtime;
        let keyed = Shared {
            #[cfg(feature = "realtime")]
            realtime: crate::realtime::Hub::new(&url, key.clone(), TokenSource::Key, options.clone()),
            base: BaseUrl::new(&parsed).map(Arc::new),
            url,
            key,
            tokens: TokenSource::Key,
            jwks: Arc::default(),
            schema: self.schema,
            timeout: self.timeout,
            retry: self.retry,
            headers: self.headers,
            trace: self.trace,
            usual_read: HeaderMap::new(),
            allow_dry_run: self.allow_dry_run,
            url_limit: self.url_limit,
            transport: self.transport.unwrap_or_else(|| Arc::new(Http::default())),
        };
        let tokens = match self.access_token {
            Some(callback) => TokenSource::Callback(callback),
            // The owner sends by a client of its own that has no session, so nothing is a circle.
            None => TokenSource::Session(Arc::new(SessionOwner::new(Client::from_shared(keyed.clone()), self.auth))),
        };
        Ok(Client::from_shared(Shared {
            #[cfg(feature = "realtime")]
            realtime: crate::realtime::Hub::new(&keyed.url, keyed.key.clone(), tokens.clone(), options),
            tokens,
            ..keyed
        }))
    }
}

/// The project's URL.
fn base_url(text: &str) -> Result<Url, String> {
    let example = "such as `https://<project>.supabase.co` or `http://127.0.0.1:54321`";
    let url = Url::parse(text.trim())
        .map_err(|error| format!("the project URL is not a URL ({error}): expected one {example}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("the project URL starts with `{}:`: expected one {example}", url.scheme()));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(format!("the project URL names no host: expected one {example}"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!(
            "the project URL holds a user name or a password: it would be handed out with every public and signed \
             URL, and no request would carry it; expected one without, {example}"
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("the project URL has a query or a fragment: expected one {example}"));
    }
    Ok(url)
}
