//! postgrest 1.6: `.build()` gives a `reqwest::RequestBuilder`. Bodies are text of the caller's.

use super::{Built, Case, KEY, URL};
use crate::Meter;

pub(super) fn run(case: Case, meter: &mut impl Meter) -> Built {
    let client = postgrest::Postgrest::new(format!("{URL}/rest/v1"))
        .insert_header("apikey", KEY)
        .insert_header("Authorization", format!("Bearer {KEY}"));
    let request = match case {
        Case::Select => meter.measure(
            || (),
            |()| {
                client
                    .from("planets")
                    .select("id,name,radius_km,star_id")
                    .gt("id", 2.to_string())
                    .ilike("name", "%ea%")
                    .eq("has_rings", "false")
                    .order("name.desc")
                    .build()
                    .build()
            },
        ),
        Case::In => {
            let names = super::names();
            meter.measure(|| (), |()| client.from("planets").select("id").in_("name", &names).build().build())
        }
        Case::Insert => {
            let rows = super::planets();
            meter.measure(
                || (),
                |()| {
                    let body = serde_json::to_string(&rows).expect("rows are JSON");
                    client.from("planets").insert(body).build().build()
                },
            )
        }
        Case::Embed => meter.measure(
            || (),
            |()| {
                client
                    .from("stars")
                    .select("id,name,planets(id,name,moons(id,name,craters(name,depth_m)))")
                    .build()
                    .build()
            },
        ),
    }
    .expect("the request can be built");
    Built {
        method: request.method().to_string(),
        url: request.url().to_string(),
        body: request.body().and_then(|body| body.as_bytes()).unwrap_or_default().to_vec(),
    }
}
