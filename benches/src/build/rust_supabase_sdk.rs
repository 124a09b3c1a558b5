//! rust_supabase_sdk 0.4: sends without showing the request, but the two steps that it sends by are
//! public: `build_path` and `build_request`. What it does between them is repeated here.

use reqwest::Method;
use rust_supabase_sdk::SupabaseClient;
use rust_supabase_sdk::postgrest::PostgrestBuilder;
use rust_supabase_sdk::universals::RequestOptions;

use super::{Built, Case, KEY, URL};
use crate::Meter;

pub(super) fn run(case: Case, meter: &mut impl Meter) -> Built {
    let client = SupabaseClient::new(URL, KEY, None);
    let finish = |method: Method, query: PostgrestBuilder, options: &RequestOptions| {
        let url = format!("{URL}{}", query.build_path());
        client.build_request(method, &url, options)
    };
    let read = |query| finish(Method::GET, query, &RequestOptions::postgrest()).build();
    let request = match case {
        Case::Select => meter.measure(
            || (),
            |()| {
                read(
                    client
                        .from("planets")
                        .select("id,name,radius_km,star_id")
                        .gt("id", 2)
                        .ilike("name", "%ea%")
                        .eq("has_rings", false)
                        .order("name", false),
                )
            },
        ),
        Case::In => {
            let names = super::names();
            meter.measure(|| (), |()| read(client.from("planets").select("id").in_("name", &names)))
        }
        Case::Insert => {
            let rows = super::planets();
            // It keeps the body as a `Value`, clones it for the request and writes that. The kept one
            // cannot be reached from outside, so an equal one is written, and the clone is left out.
            let kept = serde_json::to_value(&rows).expect("rows are JSON");
            meter.measure(
                || (),
                |()| {
                    let query = client.from("planets").insert(&rows);
                    let options =
                        RequestOptions { prefer: vec!["return=minimal".to_owned()], ..RequestOptions::postgrest() };
                    finish(Method::POST, query, &options).json(&kept).build()
                },
            )
        }
        Case::Embed => meter.measure(
            || (),
            |()| read(client.from("stars").select("id,name,planets(id,name,moons(id,name,craters(name,depth_m)))")),
        ),
    }
    .expect("the request can be built");
    Built {
        method: request.method().to_string(),
        url: request.url().to_string(),
        body: request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default().to_vec(),
    }
}
