//! What every builder holds: the client, the plan, and what this request does differently.

use std::collections::VecDeque;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};

use super::answer::{Answer, Response};
use super::respond;
use super::split::{self, Joined, Post};
use crate::client::{Client, RequestOptions, ServiceRequest};
use crate::error::{Error, Result};
use crate::query::{FilterWriter, Plan, Request};
use crate::transport::{Body, HttpResponse, RetryPolicy};

/// Where PostgREST is below the project's URL.
pub(crate) const ROOT: &str = "/rest/v1";

#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) client: Client,
    pub(crate) plan: Plan,
    /// Boxed, since few requests have any, and builders are moved with every call.
    pub(crate) options: Option<Box<RequestOptions>>,
    pub(crate) dry_run: bool,
    /// What a call by `GET` is when its URL is too long.
    pub(crate) post: Option<Box<Post>>,
}

/// The request that an error is about.
#[derive(Debug)]
pub(crate) struct Named(Method, String);

impl Named {
    pub(crate) fn of(request: &Request) -> Self {
        let path = request.target.split('?').next().unwrap_or_default();
        Self(request.method.clone(), format!("{ROOT}{path}"))
    }

    pub(crate) fn put_on(&self, error: Error) -> Error {
        error.with_request(&self.0, &self.1)
    }
}

impl Pending {
    pub(crate) fn new(client: Client, plan: Plan) -> Self {
        Self { client, plan, options: None, dry_run: false, post: None }
    }

    /// Adds a filter on the table itself.
    pub(crate) fn narrow(&mut self, write: impl FnOnce(&mut FilterWriter<'_>)) {
        self.narrow_at("", write);
    }

    /// Adds a filter under a path of embedded resources.
    pub(crate) fn narrow_at(&mut self, path: &str, write: impl FnOnce(&mut FilterWriter<'_>)) {
        let start = self.plan.query.len();
        let mut writer = FilterWriter::query(&mut self.plan.query, path);
        write(&mut writer);
        if let Some(refusal) = writer.refusal.take() {
            self.plan.refuse(refusal);
        }
        self.plan.note_filter(start);
    }

    fn options(&mut self) -> &mut RequestOptions {
        self.options.get_or_insert_default()
    }

    fn sent_options(&self) -> RequestOptions {
        self.options.as_deref().cloned().unwrap_or_default()
    }

    pub(crate) fn timeout(&mut self, timeout: Option<Duration>) {
        self.options().timeout = Some(timeout);
    }

    pub(crate) fn retry(&mut self, retry: RetryPolicy) {
        self.options().retry = Some(retry);
    }

    pub(crate) fn header(&mut self, name: &str, value: &str) {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => {
                self.options().headers.get_or_insert_default().insert(name, value);
            }
            _ => self.plan.refuse(format!("`{name}` with this value cannot be a header")),
        }
    }

    pub(crate) fn request(&self) -> Result<Request> {
        Ok(self.plan.finish()?)
    }

    pub(crate) async fn execute<A: Answer>(self) -> Result<Response<A::Data>> {
        let (request, rest) = split::requests(&self)?;
        let method = request.method.clone();
        if self.dry_run {
            respond::prove_rollback(&self.client, &self.plan, self.sent_options()).await?;
        }
        let counted = self.plan.prefer.count.is_some();
        let response = self.send(request).await?;
        let read = if rest.is_empty() {
            respond::read::<A>(response, counted).await
        } else {
            Box::pin(self.join::<A>(response, rest)).await
        };
        read.map_err(|error| {
            let mut path = ROOT.to_owned();
            self.plan.push_path(&mut path);
            error.with_request(&method, &path)
        })
    }

    /// Sends the one request with this body. Unless a time limit was set for it there is none: the answer comes
    /// behind the last part of the body.
    pub(crate) async fn execute_with<A: Answer>(mut self, body: Body) -> Result<Response<A::Data>> {
        // For the header; the body itself stays apart, since it cannot be sent again.
        self.plan.body = Some(bytes::Bytes::new());
        self.options().timeout.get_or_insert(None);
        let request = self.plan.finish()?;
        let named = Named::of(&request);
        if self.dry_run {
            respond::prove_rollback(&self.client, &self.plan, self.sent_options()).await?;
        }
        let counted = self.plan.prefer.count.is_some();
        let request = self.service_request(request, body);
        let response = self.client.send(request).await?;
        respond::read::<A>(response, counted).await.map_err(|error| named.put_on(error))
    }

    fn service_request(&self, request: Request, body: Body) -> ServiceRequest {
        let mut target = request.target;
        target.insert_str(0, ROOT);
        ServiceRequest {
            method: request.method,
            target,
            headers: request.headers,
            body,
            idempotent: request.idempotent,
            options: self.sent_options(),
        }
    }

    /// Sends one request, and gives the answer whatever its status.
    pub(crate) async fn send(&self, mut request: Request) -> Result<HttpResponse> {
        let usual_read = request.usual_read;
        let body = request.body.take().map_or(Body::Empty, Body::Bytes);
        self.client.send_as(self.service_request(request, body), usual_read).await
    }

    /// Asks for the rest, and reads all answers as one; status and headers are those of the first.
    async fn join<A: Answer>(&self, first: HttpResponse, rest: VecDeque<Request>) -> Result<Response<A::Data>> {
        let (status, headers, body) = respond::accepted(first).await?;
        let mut joined = Joined::default();
        joined.add(&body)?;
        for request in rest {
            let (_, _, body) = respond::accepted(self.send(request).await?).await?;
            joined.add(&body)?;
        }
        let data = A::read(status, &joined.finish())?;
        Ok(Response { data, count: None, range: None, status, headers })
    }
}

/// Options that every builder has.
macro_rules! request_options {
    ($([$($param:tt)*] $ty:ty;)+) => {$(
        impl<$($param)*> $ty {
            /// How long to wait for the head of the answer and between two parts of its body;
            /// `None` waits for ever.
            pub fn timeout(mut self, timeout: impl Into<Option<std::time::Duration>>) -> Self {
                self.pending.timeout(timeout.into());
                self
            }

            /// How this request is repeated after a failure, if it changes nothing; others never are.
            pub fn retry(mut self, retry: crate::transport::RetryPolicy) -> Self {
                self.pending.retry(retry);
                self
            }

            /// A header for this request. It wins over the client's of the same name, but for
            /// `Prefer`: its preferences are added between those of the query and the client's, and
            /// of two of one name the server takes the first.
            pub fn header(mut self, name: &str, value: &str) -> Self {
                self.pending.header(name, value);
                self
            }

            /// The finished request, without sending it and without keys: for tests and for other
            /// ways of sending.
            ///
            /// # Errors
            /// [`ErrorKind::Refused`](crate::ErrorKind::Refused) when the query cannot be sent.
            pub fn to_request(&self) -> crate::Result<crate::query::Request> {
                self.pending.request()
            }
        }
    )+};
}
pub(crate) use request_options;
