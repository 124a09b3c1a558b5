//! supabase-core: the query is sent, and the transport that it reaches makes the `reqwest::Request`
//! by the conversion that the real one uses. So the whole way through the client is measured, up to
//! there; what happens when the answer is there, and at the end, is not.

use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Waker};

use supabase_core::prelude::*;
use supabase_core::schema::Field;
use supabase_core::transport::{BoxFuture, HttpRequest, HttpResponse, Transport};

use super::{Built, Case, KEY, URL};
use crate::Meter;
use crate::db::{planets, stars};

select!(struct Sky: stars { id, name, planets { id, name, moons { id, name, craters { name, depth_m } } } });

/// Keeps the finished request and never answers.
#[derive(Clone, Default)]
struct Capture(Arc<Mutex<Option<reqwest::Request>>>);

impl Capture {
    fn take(&self) -> Option<reqwest::Request> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Transport for Capture {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, supabase_core::Error>> {
        let finished = reqwest::Request::try_from(request).ok();
        crate::finished();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = finished;
        Box::pin(pending())
    }
}

/// Sends until the transport is waited for.
fn finish(capture: &Capture, sending: Pin<&mut impl Future>) -> reqwest::Request {
    let answered = sending.poll(&mut Context::from_waker(Waker::noop()));
    assert!(answered.is_pending(), "the transport never answers");
    capture.take().expect("the request reached the transport")
}

fn client(capture: &Capture) -> Client {
    Client::builder(URL, KEY).transport(capture.clone()).build().expect("URL and key are good")
}

/// The value of the simple select, not yet sent: what the bar on allocations is about.
pub fn query_value(meter: &mut impl Meter) {
    let supabase = client(&Capture::default());
    drop(meter.measure(|| (), |()| simple(&supabase)));
}

fn simple(
    supabase: &Client,
) -> supabase_core::database::Select<planets::Table, (planets::id, planets::name, planets::radius_km, planets::star_id)>
{
    supabase
        .from(planets::Table)
        .select((planets::id, planets::name, planets::radius_km, planets::star_id))
        .gt(planets::id, 2)
        .ilike(planets::name, "%ea%")
        .eq(planets::has_rings, false)
        .order(planets::name.desc())
}

pub(super) fn run(case: Case, meter: &mut impl Meter) -> Built {
    let capture = Capture::default();
    let supabase = client(&capture);
    let request = match case {
        Case::Select => meter.measure(|| (), |()| finish(&capture, pin!(simple(&supabase).send()))),
        Case::In | Case::InWords => {
            let names = super::names(case);
            meter.measure(
                || (),
                |()| {
                    let query = supabase.from(planets::Table).select(planets::id).in_(planets::name, &names);
                    finish(&capture, pin!(query.send()))
                },
            )
        }
        Case::Insert => {
            let rows: Vec<planets::Insert> = super::planets()
                .into_iter()
                .map(|row| planets::Insert {
                    star_id: Field::Value(row.star_id),
                    tags: Field::Value(row.tags),
                    has_rings: Field::Value(row.has_rings),
                    discovered_on: Field::Value(Some(row.discovered_on)),
                    surveyed_at: Field::Value(row.surveyed_at),
                    ..planets::Insert::new(row.name, row.radius_km)
                })
                .collect();
            meter.measure(|| (), |()| finish(&capture, pin!(supabase.from(planets::Table).insert_many(&rows).send())))
        }
        Case::Embed => {
            meter.measure(|| (), |()| finish(&capture, pin!(supabase.from(stars::Table).select(Sky::columns()).send())))
        }
    };
    Built {
        method: request.method().to_string(),
        url: request.url().to_string(),
        body: request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default().to_vec(),
    }
}
