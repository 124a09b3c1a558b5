//! When a request is sent again, and how long to wait before.
//!
//! The rules are those of the Supabase SDK specification: four attempts in all, full jitter below
//! an exponential bound, `Retry-After` honoured up to a cap, and only for requests that change
//! nothing when repeated.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};

use super::BoxFuture;
use crate::error::{Error, ErrorKind};

/// Waits; replaceable so that tests need not.
pub type Sleep = Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>;

/// How requests that change nothing are sent again. Others never are.
#[derive(Clone)]
pub struct RetryPolicy {
    attempts: u32,
    base: Duration,
    most: Duration,
    sleep: Option<Sleep>,
    /// Which statuses are worth another attempt; services differ.
    statuses: fn(u16) -> bool,
    /// Whether the user chose attempts or waits; only then do they stand before a service's own.
    #[cfg_attr(not(feature = "storage"), allow(dead_code))]
    chosen: bool,
}

const fn rest_statuses(status: u16) -> bool {
    matches!(status, 503 | 520)
}

impl std::fmt::Debug for RetryPolicy {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RetryPolicy")
            .field("attempts", &self.attempts)
            .field("base", &self.base)
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            base: Duration::from_secs(1),
            most: Duration::from_secs(30),
            sleep: None,
            statuses: rest_statuses,
            chosen: false,
        }
    }
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// This was the last one.
    Final,
    /// Once more, after so long.
    Again(Duration),
}

impl RetryPolicy {
    /// Never sends a request again.
    #[must_use]
    pub fn none() -> Self {
        Self { attempts: 1, chosen: true, ..Self::default() }
    }

    /// How often a request is sent at most, the first time included.
    #[must_use]
    pub fn attempts(self, attempts: u32) -> Self {
        Self { attempts: attempts.max(1), chosen: true, ..self }
    }

    /// The bound of the first wait; it doubles with every attempt, up to `most`.
    #[must_use]
    pub fn waits(self, base: Duration, most: Duration) -> Self {
        Self { base, most, chosen: true, ..self }
    }

    /// Replaces the clock.
    #[must_use]
    pub fn sleep(self, sleep: Sleep) -> Self {
        Self { sleep: Some(sleep), ..self }
    }

    /// The rules of the storage service: more statuses count, and unless the user chose otherwise
    /// there are three attempts with shorter waits.
    #[cfg(feature = "storage")]
    pub(crate) fn for_storage(&self) -> Self {
        let statuses: fn(u16) -> bool = |status| matches!(status, 408 | 429 | 500 | 502..=504 | 520..=524 | 530);
        if self.chosen {
            return Self { statuses, ..self.clone() };
        }
        Self { attempts: 3, base: Duration::from_millis(500), most: Duration::from_secs(20), statuses, ..self.clone() }
    }

    /// The rules of a resumable upload: it can go on after nearly everything, so it is patient.
    #[cfg(feature = "storage")]
    pub(crate) fn for_resumable(&self) -> Self {
        let policy = self.for_storage();
        if policy.chosen { policy } else { Self { attempts: 6, ..policy } }
    }

    /// After attempt number `attempt` (from 1) failed in a way that another one may mend.
    #[cfg(feature = "storage")]
    pub(crate) fn after_trouble(&self, attempt: u32, headers: &HeaderMap) -> Attempt {
        self.next(attempt, retry_after(headers))
    }

    /// After attempt number `attempt` (from 1) was answered with `status`.
    pub(crate) fn after_status(&self, attempt: u32, status: StatusCode, headers: &HeaderMap) -> Attempt {
        if !(self.statuses)(status.as_u16()) {
            return Attempt::Final;
        }
        self.next(attempt, retry_after(headers))
    }

    /// After attempt number `attempt` (from 1) came to nothing. A timeout is final: the caller has
    /// waited long enough.
    pub(crate) fn after_error(&self, attempt: u32, error: &Error) -> Attempt {
        if error.kind() == ErrorKind::Offline { self.next(attempt, None) } else { Attempt::Final }
    }

    fn next(&self, attempt: u32, asked: Option<Duration>) -> Attempt {
        if attempt >= self.attempts {
            return Attempt::Final;
        }
        let bound = self.base.saturating_mul(1 << (attempt - 1).min(16)).min(self.most);
        Attempt::Again(asked.map_or_else(|| bound.mul_f64(jitter()), |asked| asked.min(self.most)))
    }

    pub(crate) async fn wait(&self, time: Duration) {
        match &self.sleep {
            Some(sleep) => sleep(time).await,
            None => tokio::time::sleep(time).await,
        }
    }
}

/// How long the server asks to wait: a number of seconds, or a date. A date is held against the server's own
/// clock where the answer tells it, since ours may go otherwise.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let asked = text(http::header::RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = httpdate::parse_http_date(asked).ok()?;
    let now = text(http::header::DATE).and_then(|date| httpdate::parse_http_date(date).ok());
    Some(then.duration_since(now.unwrap_or_else(SystemTime::now)).unwrap_or_default())
}

/// A number from 0 to 1, different from call to call and from process to process.
pub(crate) fn jitter() -> f64 {
    use std::hash::{BuildHasher, Hasher};
    // The standard library seeds this from the system's randomness and counts up per instance:
    // enough to spread retries, which is all that is asked of it.
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    #[allow(clippy::cast_precision_loss, reason = "53 bits are kept on purpose")]
    let fraction = (random >> 11) as f64 / (1_u64 << 53) as f64;
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_bound_and_end() {
        let policy = RetryPolicy::default();
        let none = HeaderMap::new();
        for (attempt, bound) in [(1, 1), (2, 2), (3, 4)] {
            let Attempt::Again(wait) = policy.after_status(attempt, StatusCode::SERVICE_UNAVAILABLE, &none) else {
                unreachable!("three retries are due")
            };
            assert!(wait <= Duration::from_secs(bound));
        }
        assert_eq!(policy.after_status(4, StatusCode::SERVICE_UNAVAILABLE, &none), Attempt::Final);
        assert_eq!(policy.after_status(1, StatusCode::INTERNAL_SERVER_ERROR, &none), Attempt::Final);
    }

    #[test]
    fn retry_after_is_honoured_and_capped() {
        let policy = RetryPolicy::default();
        let mut headers = HeaderMap::new();
        headers.insert(http::header::RETRY_AFTER, "2".parse().unwrap_or(http::HeaderValue::from_static("0")));
        assert_eq!(
            policy.after_status(1, StatusCode::SERVICE_UNAVAILABLE, &headers),
            Attempt::Again(Duration::from_secs(2))
        );
        headers.insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("3600"));
        assert_eq!(
            policy.after_status(1, StatusCode::SERVICE_UNAVAILABLE, &headers),
            Attempt::Again(Duration::from_secs(30))
        );
    }

    #[test]
    fn retry_after_may_be_a_date() {
        let policy = RetryPolicy::default();
        let wait = |date: Option<&'static str>, after: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(http::header::RETRY_AFTER, http::HeaderValue::from_static(after));
            if let Some(date) = date {
                headers.insert(http::header::DATE, http::HeaderValue::from_static(date));
            }
            policy.after_status(1, StatusCode::SERVICE_UNAVAILABLE, &headers)
        };
        let date = Some("Fri, 02 Jan 2026 10:00:00 GMT");
        assert_eq!(wait(date, "Fri, 02 Jan 2026 10:00:07 GMT"), Attempt::Again(Duration::from_secs(7)));
        assert_eq!(wait(date, "Friday, 02-Jan-26 11:00:00 GMT"), Attempt::Again(Duration::from_secs(30)));
        assert_eq!(wait(date, "Fri, 02 Jan 2026 09:00:00 GMT"), Attempt::Again(Duration::ZERO));
        assert_eq!(wait(None, "Thu, 01 Jan 1970 00:00:00 GMT"), Attempt::Again(Duration::ZERO));
    }

    #[test]
    fn a_timeout_is_final() {
        let late = Error::new(ErrorKind::Timeout, "");
        assert_eq!(RetryPolicy::default().after_error(1, &late), Attempt::Final);
    }
}
