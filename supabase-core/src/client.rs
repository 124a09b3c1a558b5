//! The client: a cheap handle on everything that requests share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::auth::KeyCache;
use crate::config::ClientBuilder;
use crate::error::{Error, ErrorKind, Result};
use crate::query::Plan;
use crate::token::{Bearer, Token, TokenChanges, TokenSource};
use crate::trace::TracePropagation;
use crate::transport::{Attempt, BaseUrl, Body, HttpRequest, HttpResponse, RetryPolicy, Transport};

/// A Supabase project, seen with one key and perhaps for one user.
///
/// Cloning is cheap and shares everything. Building one needs no runtime; awaiting a request needs
/// tokio, and one client serves several runtimes in turn.
///
/// ```
/// use supabase_core::Client;
/// let supabase = Client::new("https://example.supabase.co", "anon key")?;
/// # Ok::<(), supabase_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) url: String,
    /// The same, parsed.
    pub(crate) base: Option<Arc<BaseUrl>>,
    pub(crate) key: Token,
    pub(crate) tokens: TokenSource,
    /// The project's public keys, shared by every client of the project.
    pub(crate) jwks: Arc<KeyCache>,
    pub(crate) schema: String,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: RetryPolicy,
    pub(crate) headers: HeaderMap,
    pub(crate) trace: Option<TracePropagation>,
    /// Every header of a usual read of the database, ready to be sent while the tokens are settled.
    /// [`Client::from_shared`] makes it.
    pub(crate) usual_read: HeaderMap,
    pub(crate) allow_dry_run: bool,
    pub(crate) url_limit: usize,
    pub(crate) transport: Arc<dyn Transport>,
    #[cfg(feature = "realtime")]
    pub(crate) realtime: Arc<crate::realtime::Hub>,
}

impl Shared {
    /// Adds the client's headers, which win over those that are there.
    fn put_headers(&self, headers: &mut HeaderMap, bearer: Option<HeaderValue>) {
        headers.reserve(4 + self.headers.len());
        headers.insert(APIKEY, self.key.plain.clone());
        if let Some(bearer) = bearer {
            headers.insert(AUTHORIZATION, bearer);
        }
        headers.insert(
            CLIENT_INFO,
            const { HeaderValue::from_static(concat!("supabase-rs/", env!("CARGO_PKG_VERSION"), "; runtime=rust")) },
        );
        for (name, value) in &self.headers {
            if *name == PREFER {
                let preferences = preferences([headers.get(PREFER), Some(value)]);
                headers.insert(PREFER, preferences);
            } else {
                headers.insert(name, value.clone());
            }
        }
    }
}

/// Preferences are one list however many say some: a query whose own were replaced would do something
/// else (an upsert would insert, a delete have no bound). Of two of one name the server takes the first.
fn preferences<const N: usize>(lists: [Option<&HeaderValue>; N]) -> HeaderValue {
    let mut lists: Vec<&[u8]> = lists.into_iter().flatten().map(HeaderValue::as_bytes).collect();
    // What a write that reads nothing back says is no more than the server's own habit, so that
    // `return=headers-only` may be said.
    let is_said = |list: &&[u8]| list.windows(7).any(|word| word == b"return=");
    if let [ours, others @ ..] = &mut lists[..]
        && let Some(rest) = ours.strip_prefix(b"return=minimal")
        && others.iter().any(is_said)
    {
        *ours = rest.strip_prefix(b",").unwrap_or(rest);
    }
    lists.retain(|list| !list.is_empty());
    // Made of header values, so it is one.
    HeaderValue::from_bytes(&lists.join(&b","[..])).unwrap_or(const { HeaderValue::from_static("") })
}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Client")
            .field("url", &self.shared.url)
            .field("schema", &self.shared.schema)
            .field("as_user", &matches!(self.shared.tokens, TokenSource::Fixed(_)))
            .finish_non_exhaustive()
    }
}

/// A request to one of the project's services, without the keys.
pub(crate) struct ServiceRequest {
    pub(crate) method: Method,
    /// Path and query below the project URL, percent-encoded.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// Whether sending it twice does what sending it once does.
    pub(crate) idempotent: bool,
    pub(crate) options: RequestOptions,
}

/// What a single request does differently from the client.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestOptions {
    pub(crate) timeout: Option<Option<Duration>>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) headers: Option<Box<HeaderMap>>,
    pub(crate) bearer: Bearer,
}

const APIKEY: HeaderName = HeaderName::from_static("apikey");
const CLIENT_INFO: HeaderName = HeaderName::from_static("x-client-info");
const PREFER: HeaderName = HeaderName::from_static("prefer");
const RETRY_COUNT: HeaderName = HeaderName::from_static("x-retry-count");

impl Client {
    /// A client for the project at `url` with its anon (publishable) or service (secret) key.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) when the URL or the key cannot be used.
    pub fn new(url: &str, key: &str) -> Result<Self> {
        Self::builder(url, key).build()
    }

    /// A client with settings of one's own.
    pub fn builder(url: &str, key: &str) -> ClientBuilder {
        ClientBuilder::new(url, key)
    }

    /// A client of the project that the environment names: `SUPABASE_URL`, and the key in
    /// `SUPABASE_PUBLISHABLE_KEY`, `SUPABASE_ANON_KEY` or `SUPABASE_KEY`, the first that is set. A secret
    /// key is never taken by itself: give it to [`Client::new`].
    ///
    /// ```no_run
    /// let supabase = supabase_core::Client::from_env()?;
    /// # Ok::<(), supabase_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) that names the variable which is missing, and
    /// those of [`ClientBuilder::build`].
    pub fn from_env() -> Result<Self> {
        let read = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let missing = |what: &str| Error::new(ErrorKind::Config, format!("{what} is not set in the environment"));
        let url = read("SUPABASE_URL").ok_or_else(|| missing("SUPABASE_URL"))?;
        let keys = ["SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY", "SUPABASE_KEY"];
        let key = keys.into_iter().find_map(read);
        let key = key.ok_or_else(|| missing("SUPABASE_PUBLISHABLE_KEY (or SUPABASE_ANON_KEY, or SUPABASE_KEY)"))?;
        Self::new(url.trim(), key.trim())
    }

    pub(crate) fn from_shared(mut shared: Shared) -> Self {
        let mut usual_read = Plan::usual_read();
        shared.put_headers(&mut usual_read, Some(shared.tokens.fixed().unwrap_or(&shared.key).bearer.clone()));
        shared.usual_read = usual_read;
        Self { shared: Arc::new(shared) }
    }

    /// The same project, acting for the user of this access token: for servers, where each request
    /// has its own user. The token is fixed; nothing refreshes or replaces it.
    #[must_use]
    pub fn as_user(&self, access_token: &str) -> Self {
        let tokens = TokenSource::Fixed(Token::of_user(access_token));
        // Another user has a socket of its own.
        #[cfg(feature = "realtime")]
        let realtime = {
            let options = self.shared.realtime.shared.options.clone();
            crate::realtime::Hub::new(&self.shared.url, self.shared.key.clone(), tokens.clone(), options)
        };
        Self::from_shared(Shared {
            tokens,
            #[cfg(feature = "realtime")]
            realtime,
            ..(*self.shared).clone()
        })
    }

    pub(crate) fn with_schema(&self, schema: &str) -> Self {
        Self::from_shared(Shared { schema: schema.to_owned(), ..(*self.shared).clone() })
    }

    /// Where the token of this client's user comes from.
    #[allow(dead_code, reason = "auth uses it")]
    pub(crate) fn tokens(&self) -> &TokenSource {
        &self.shared.tokens
    }

    pub(crate) fn jwks(&self) -> &KeyCache {
        &self.shared.jwks
    }

    pub(crate) fn key(&self) -> &Token {
        &self.shared.key
    }

    /// The access token that a connection should be opened with: the user's, refreshed if it is due,
    /// else the key.
    #[allow(dead_code, reason = "realtime uses it")]
    pub(crate) async fn access_token(&self) -> Result<Token> {
        Ok(self.shared.tokens.token().await?.unwrap_or_else(|| self.shared.key.clone()))
    }

    /// Tells a connection when to take another token.
    #[allow(dead_code, reason = "realtime uses it")]
    pub(crate) fn token_changes(&self) -> TokenChanges {
        self.shared.tokens.changes()
    }

    #[cfg(feature = "realtime")]
    pub(crate) fn hub(&self) -> &Arc<crate::realtime::Hub> {
        &self.shared.realtime
    }

    pub(crate) fn allows_dry_run(&self) -> bool {
        self.shared.allow_dry_run
    }

    /// How long the URL of a request to the database may be.
    pub(crate) fn url_limit(&self) -> usize {
        self.shared.url_limit
    }

    /// The project's URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    pub(crate) fn schema_name(&self) -> &str {
        &self.shared.schema
    }

    /// The same client for another address of the project.
    #[cfg(feature = "storage")]
    pub(crate) fn with_url(&self, url: String) -> Self {
        let base = url::Url::parse(&url).ok().and_then(|url| BaseUrl::new(&url)).map(Arc::new);
        Self::from_shared(Shared { url, base, ..(*self.shared).clone() })
    }

    #[cfg(feature = "storage")]
    pub(crate) fn retry_policy(&self) -> &RetryPolicy {
        &self.shared.retry
    }

    #[cfg(feature = "storage")]
    pub(crate) fn default_timeout(&self) -> Option<Duration> {
        self.shared.timeout
    }

    /// Every header of a request: the service's, the client's, the request's own, in that order of
    /// increasing weight.
    async fn headers(&self, request: &ServiceRequest, usual_read: bool) -> Result<HeaderMap> {
        let mut headers = if usual_read { Plan::usual_read() } else { request.headers.clone() };
        self.shared.put_headers(&mut headers, self.bearer(&request.options.bearer).await?);
        Ok(headers)
    }

    async fn bearer(&self, wanted: &Bearer) -> Result<Option<HeaderValue>> {
        let Shared { key, tokens, .. } = &*self.shared;
        Ok(match wanted {
            Bearer::User => Some(tokens.token().await?.unwrap_or_else(|| key.clone()).bearer),
            Bearer::UserOrJwtKey => match tokens.token().await? {
                Some(token) => Some(token.bearer),
                None => (!key.is_opaque_key()).then(|| key.bearer.clone()),
            },
            Bearer::Key => Some(key.bearer.clone()),
            Bearer::Exactly(token) => Some(token.bearer.clone()),
            Bearer::None => None,
        })
    }

    /// Sends a request, again if the rules allow it, and gives the answer whatever its status.
    pub(crate) fn send(&self, request: ServiceRequest) -> impl Future<Output = Result<HttpResponse>> + Send + '_ {
        self.send_as(request, false)
    }

    /// The same; `usual_read` says that the service's headers are `Plan::usual_read`'s, whatever the
    /// request has.
    pub(crate) async fn send_as(&self, request: ServiceRequest, usual_read: bool) -> Result<HttpResponse> {
        let shared = &self.shared;
        let policy = request.options.retry.as_ref().unwrap_or(&shared.retry);
        let timeout = request.options.timeout.unwrap_or(shared.timeout);
        let named = |error: Error| error.with_request(&request.method, &request.target);
        let ready = usual_read && matches!(request.options.bearer, Bearer::User) && shared.tokens.is_settled();
        let merged = if ready { None } else { Some(self.headers(&request, usual_read).await.map_err(named)?) };
        let mut body = Some(request.body);
        let mut attempt = 1;
        loop {
            // A body that is a stream can be sent once; then there is no further attempt.
            let again = if request.idempotent { body.as_ref().and_then(Body::again) } else { None };
            let repeatable = again.is_some();
            let mut headers = merged.as_ref().unwrap_or(&shared.usual_read).clone();
            for (name, value) in request.options.headers.iter().flat_map(|own| own.iter()) {
                if *name == PREFER {
                    let lists = [request.headers.get(PREFER), Some(value), shared.headers.get(PREFER)];
                    headers.insert(PREFER, preferences(lists));
                } else {
                    headers.insert(name, value.clone());
                }
            }
            if let Some(trace) = &shared.trace {
                trace.add_to(&mut headers);
            }
            if attempt > 1 {
                headers.insert(RETRY_COUNT, HeaderValue::from(attempt - 1));
            }
            let mut url = String::with_capacity(shared.url.len() + request.target.len());
            url.push_str(&shared.url);
            url.push_str(&request.target);
            let sent = HttpRequest {
                method: request.method.clone(),
                url,
                base: shared.base.clone(),
                headers,
                body: body.take().unwrap_or_default(),
                timeout,
            };
            body = again;
            tracing::debug!(target: "supabase", method = %request.method, path = path_of(&request.target), attempt, "request");
            let next = match shared.transport.send(sent).await {
                Ok(response) => {
                    let next = if repeatable {
                        policy.after_status(attempt, response.status, &response.headers)
                    } else {
                        Attempt::Final
                    };
                    tracing::debug!(target: "supabase", status = response.status.as_u16(), "answer");
                    if next == Attempt::Final {
                        return Ok(response);
                    }
                    next
                }
                Err(error) => {
                    let next = if repeatable { policy.after_error(attempt, &error) } else { Attempt::Final };
                    tracing::debug!(target: "supabase", kind = ?error.kind(), "no answer");
                    if next == Attempt::Final {
                        return Err(named(error).with_attempts(attempt));
                    }
                    next
                }
            };
            if let Attempt::Again(wait) = next {
                policy.wait(wait).await;
            }
            attempt += 1;
        }
    }
}

fn path_of(target: &str) -> &str {
    target.split('?').next().unwrap_or_default()
}
