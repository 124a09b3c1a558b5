//! rp-postgrest 3.3: `.build()` gives a `reqwest::RequestBuilder`.

use super::{Built, Case, KEY, URL};
use crate::Meter;

pub(super) fn run(case: Case, meter: &mut impl Meter) -> Built {
    let client = rp_postgrest::Postgrest::new(format!("{URL}/rest/v1"))
        .and_then(|client| client.insert_header("apikey", KEY))
        .and_then(|client| client.auth(KEY))
        .expect("URL and key are good");
    let finish = |query: rp_postgrest::Builder| query.build().expect("the query can be built").build();
    let request = match case {
        Case::Select => meter.measure(
            || (),
            |()| {
                finish(
                    client
                        .from("planets")
                        .select("id,name,radius_km,star_id")
                        .gt("id", 2.to_string())
                        .ilike("name", "%ea%")
                        .eq("has_rings", "false")
                        .order("name.desc"),
                )
            },
        ),
        Case::In => {
            let names = super::names();
            // Its `in_` takes grammar; this is the method for values.
            meter.measure(|| (), |()| finish(client.from("planets").select("id").in_values("name", &names)))
        }
        Case::Insert => {
            let rows = super::planets();
            meter.measure(|| (), |()| finish(client.from("planets").insert_json(&rows)))
        }
        Case::Embed => meter.measure(
            || (),
            |()| finish(client.from("stars").select("id,name,planets(id,name,moons(id,name,craters(name,depth_m)))")),
        ),
    }
    .expect("the request can be built");
    Built {
        method: request.method().to_string(),
        url: request.url().to_string(),
        body: request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default().to_vec(),
    }
}
