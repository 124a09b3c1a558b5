//! The transport of the client: reqwest with rustls.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;

use super::{Body, BoxFuture, HttpRequest, HttpResponse, ResponseBody, Transport};
use crate::error::{Error, ErrorKind};

/// HTTP by way of reqwest. Connections are made by the runtime that sends, so one value serves
/// several runtimes in turn.
#[derive(Clone, Default)]
pub struct Http {
    configure: Option<Arc<Configure>>,
    /// One connection pool per runtime: a pooled connection dies with the runtime that drives it.
    pools: Arc<std::sync::Mutex<Vec<(tokio::runtime::Id, reqwest::Client)>>>,
}

type Configure = dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync;

impl std::fmt::Debug for Http {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Http").field("configured", &self.configure.is_some()).finish_non_exhaustive()
    }
}

impl Http {
    /// With the client's own settings: ten seconds to connect, no redirects, the system's proxies.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With further settings of reqwest: a proxy, certificates of one's own, a DNS resolver. `configure`
    /// gets the client's own settings to build on, once for each runtime that sends.
    ///
    /// ```
    /// use supabase_core::Client;
    /// use supabase_core::transport::{Http, reqwest};
    /// let http = Http::with(|builder| builder.no_proxy().user_agent("planet-tracker/1.0"));
    /// let supabase = Client::builder("https://example.supabase.co", "anon key").transport(http).build()?;
    /// # Ok::<(), supabase_core::Error>(())
    /// ```
    #[must_use]
    pub fn with(configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static) -> Self {
        Self { configure: Some(Arc::new(configure)), pools: Arc::default() }
    }

    fn pool(&self) -> Result<reqwest::Client, Error> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| {
            Error::new(
                ErrorKind::Config,
                "there is no tokio runtime here: await the request inside one (`#[tokio::main]`)",
            )
        })?;
        let id = runtime.id();
        let mut pools = self.pools.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, pool)) = pools.iter().find(|(known, _)| *known == id) {
            return Ok(pool.clone());
        }
        let ours = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            // A connection that a load balancer has dropped is noticed before a request is lost on it.
            .pool_idle_timeout(Duration::from_secs(55))
            .tcp_keepalive(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none());
        let pool = match &self.configure {
            Some(configure) => configure(ours),
            None => ours,
        }
        .build()
        .map_err(|error| Error::new(ErrorKind::Config, "the HTTP client cannot be built").with_source(error))?;
        // Few runtimes live at once; ones that ended are crowded out.
        if pools.len() >= 8 {
            pools.remove(0);
        }
        pools.push((id, pool.clone()));
        Ok(pool)
    }
}

impl Transport for Http {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Error>> {
        let pool = self.pool();
        Box::pin(async move {
            let pool = pool?;
            let timeout = request.timeout;
            let sent = within(timeout, pool.execute(request.try_into()?)).await?.map_err(broken)?;
            let (status, headers) = (sent.status(), sent.headers().clone());
            let parts = sent.bytes_stream();
            let body = futures_util::stream::unfold(Some(Box::pin(parts)), move |parts| async move {
                let mut parts = parts?;
                match within(timeout, parts.next()).await {
                    Ok(None) => None,
                    Ok(Some(Ok(part))) => Some((Ok(part), Some(parts))),
                    Ok(Some(Err(error))) => Some((Err(broken(error)), None)),
                    Err(late) => Some((Err(late), None)),
                }
            });
            Ok(HttpResponse::new(status, headers, ResponseBody::from_stream(body)))
        })
    }
}

/// The request as reqwest has it: what [`Http`] sends, for transports that send by reqwest
/// themselves. The time limit is theirs to keep.
impl TryFrom<HttpRequest> for reqwest::Request {
    type Error = Error;

    fn try_from(request: HttpRequest) -> Result<Self, Error> {
        let HttpRequest { method, url, headers, body, base, .. } = request;
        let joined = match base {
            Some(base) => base.join(url),
            None => Err(url),
        };
        let url = match joined {
            Ok(url) => url,
            Err(text) => parse(&text)?,
        };
        let mut request = Self::new(method, url);
        *request.headers_mut() = headers;
        *request.body_mut() = match body {
            Body::Empty => None,
            Body::Bytes(bytes) => Some(bytes.into()),
            Body::Stream { stream, length } => {
                if let Some(length) = length {
                    request.headers_mut().insert(http::header::CONTENT_LENGTH, length.into());
                }
                Some(reqwest::Body::wrap_stream(stream))
            }
        };
        Ok(request)
    }
}

fn parse(text: &str) -> Result<url::Url, Error> {
    let mut url = url::Url::parse(text)
        .map_err(|error| Error::new(ErrorKind::Config, "the URL of the request cannot be used").with_source(error))?;
    if !url.username().is_empty() || url.password().is_some() {
        // The key or token is the one credential; a user in the URL would be sent on as it is.
        let removed = url.set_username("").and_then(|()| url.set_password(None));
        debug_assert!(removed.is_ok(), "http URLs have a host, and with it a place for a user");
    }
    Ok(url)
}

async fn within<F: Future>(timeout: Option<Duration>, future: F) -> Result<F::Output, Error> {
    match timeout {
        None => Ok(future.await),
        Some(limit) => tokio::time::timeout(limit, future)
            .await
            .map_err(|_| Error::new(ErrorKind::Timeout, format!("nothing came for {} s", limit.as_secs_f32()))),
    }
}

/// A connection that failed. The URL is left out: it may carry values and tokens.
fn broken(error: reqwest::Error) -> Error {
    let error = error.without_url();
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else if error.is_builder() {
        ErrorKind::Config
    } else {
        ErrorKind::Offline
    };
    let mut why = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !why.contains(&text) {
            why.push_str(": ");
            why.push_str(&text);
        }
        source = cause.source();
    }
    Error::new(kind, why).with_source(error)
}
