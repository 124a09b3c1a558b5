//! Requests, up to a finished `reqwest::Request` with the key in it.
//!
//! Every client is used as its documentation shows, with the same columns and values. What a case
//! needs beforehand (the client, the list of names, the rows) is made outside the measurement.

mod ours;
mod postgrest;
mod rp_postgrest;
mod rust_supabase_sdk;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Serialize;

use crate::Meter;

pub use ours::query_value;

const URL: &str = "https://example.supabase.co";
const KEY: &str = "a-key-that-is-about-as-long-as-the-publishable-ones";

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Four columns, three filters, an order.
    Select,
    /// A filter with a list of 200 strings, which have to be quoted.
    In,
    /// The same with words that need no quotes, which two of the others leave away then.
    InWords,
    /// An insert of 100 rows of seven columns: texts, numbers, a flag, a list, a date, a timestamp.
    Insert,
    /// Rows with rows in them, three deep.
    Embed,
}

impl Case {
    /// Every case.
    pub const ALL: [Self; 5] = [Self::Select, Self::In, Self::InWords, Self::Insert, Self::Embed];

    /// The name in commands and lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::In => "in",
            Self::InWords => "in-words",
            Self::Insert => "insert",
            Self::Embed => "embed",
        }
    }
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// supabase-core.
    Ours,
    /// postgrest 1.6
    Postgrest,
    /// rust_supabase_sdk 0.4
    RustSupabaseSdk,
    /// rp-postgrest 3.3
    RpPostgrest,
}

impl Who {
    /// Everybody, ours first.
    pub const ALL: [Self; 4] = [Self::Ours, Self::Postgrest, Self::RustSupabaseSdk, Self::RpPostgrest];

    /// The name in commands and lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Postgrest => "postgrest",
            Self::RustSupabaseSdk => "rust_supabase_sdk",
            Self::RpPostgrest => "rp-postgrest",
        }
    }
}

/// A finished request, whatever version of reqwest it is one of.
#[derive(Debug)]
pub struct Built {
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The body, empty where there is none.
    pub body: Vec<u8>,
}

/// A row of the insert, as a user of a client without a schema has it.
#[derive(Debug, Clone, Serialize)]
pub struct Planet {
    name: String,
    radius_km: f64,
    star_id: Option<i64>,
    tags: Vec<String>,
    has_rings: bool,
    discovered_on: NaiveDate,
    surveyed_at: DateTime<Utc>,
}

/// The list of the long filter. With a comma in each, a list without quotes would be another list.
#[must_use]
pub fn names(case: Case) -> Vec<String> {
    (0..200).map(|at| if case == Case::In { format!("Planet {at}, b") } else { format!("Planet {at}") }).collect()
}

/// The rows of the insert.
#[must_use]
pub fn planets() -> Vec<Planet> {
    (0..100_u32)
        .map(|at| Planet {
            name: format!("Planet number {at}"),
            radius_km: f64::from(at) * 37.25 + 1000.125,
            star_id: (!at.is_multiple_of(3)).then_some(i64::from(at) * 7919),
            tags: vec!["hot".to_owned(), format!("survey {at}")],
            has_rings: at.is_multiple_of(2),
            discovered_on: NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default()
                + chrono::Days::new(u64::from(at) * 97),
            surveyed_at: DateTime::UNIX_EPOCH + TimeDelta::microseconds(i64::from(at) * 16_500_000_123_457),
        })
        .collect()
}

/// Puts a case to a client.
pub fn run(case: Case, who: Who, meter: &mut impl Meter) -> Built {
    match who {
        Who::Ours => ours::run(case, meter),
        Who::Postgrest => postgrest::run(case, meter),
        Who::RustSupabaseSdk => rust_supabase_sdk::run(case, meter),
        Who::RpPostgrest => rp_postgrest::run(case, meter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unmeasured;

    /// The decoded parameters that mean rows and columns, with the freedoms that clients take evened
    /// out: `*` for `%`, quotes and hints that need not be there, the columns of an insert.
    fn parameters(case: Case, url: &str) -> (String, Vec<(String, String)>) {
        let url = url::Url::parse(url).unwrap();
        let mut parameters: Vec<_> = url
            .query_pairs()
            .filter(|(key, _)| key != "columns")
            .map(|(key, value)| {
                let mut value = value.replace('*', "%");
                if case == Case::InWords {
                    value = value.replace('"', "");
                }
                for hint in ["!planets_star_id_fkey", "!moons_planet_id_fkey", "!craters_moon_id_fkey"] {
                    value = value.replace(hint, "");
                }
                (key.into_owned(), value)
            })
            .collect();
        parameters.sort();
        (url.path().to_owned(), parameters)
    }

    /// The rows of a body, with the two ways to say UTC evened out.
    fn rows(body: &[u8]) -> Option<serde_json::Value> {
        serde_json::from_str(&std::str::from_utf8(body).unwrap().replace("+00:00\"", "Z\"")).ok()
    }

    #[test]
    fn everybody_builds_the_same_request() {
        for case in Case::ALL {
            let ours = run(case, Who::Ours, &mut Unmeasured);
            let rows = rows(&ours.body);
            assert_eq!(rows.is_some(), case == Case::Insert);
            for who in Who::ALL {
                let theirs = run(case, who, &mut Unmeasured);
                assert_eq!(theirs.method, ours.method, "{case:?} {who:?}");
                assert_eq!(parameters(case, &theirs.url), parameters(case, &ours.url), "{case:?} {who:?}");
                assert!(self::rows(&theirs.body) == rows, "{case:?} {who:?} has other rows");
            }
        }
    }
}
