//! Answers of 10,000 rows × 12 columns, from bytes to rows: ours, and `serde_json::from_slice` into a
//! derived struct with the same field types.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use supabase_core::Row;
use supabase_core::decode::{DecodeError, RowReader, decode_rows};
use supabase_core::schema::FromRow;
use uuid::Uuid;

use crate::Meter;
use crate::db::enums::PlanetKind;
use crate::db::planets;

/// How many rows an answer has.
pub const ROWS: u64 = 10_000;

/// What the answer is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// Columns of a generated table, read by `#[derive(Row)]`: an enum, numeric, an array, jsonb.
    Planets,
    /// A column of nearly every kind: uuid, numeric, dates, an array.
    Mixed,
    /// Numbers and texts alone, where serde_json is at its best.
    Plain,
    /// The same, asked for in the opposite of the order in which they come.
    Reversed,
}

impl Case {
    /// Every case.
    pub const ALL: [Self; 4] = [Self::Planets, Self::Mixed, Self::Plain, Self::Reversed];

    /// The name in commands and lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planets => "planets",
            Self::Mixed => "mixed",
            Self::Plain => "plain",
            Self::Reversed => "reversed",
        }
    }
}

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// supabase-core.
    Ours,
    /// serde's derive on serde_json's reader.
    Serde,
}

impl Who {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ours, Self::Serde];

    /// The name in commands and lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Serde => "serde_json",
        }
    }
}

#[derive(Debug, PartialEq, Row, Deserialize)]
#[row(planets)]
struct Planet {
    id: i64,
    name: String,
    kind: Option<PlanetKind>,
    radius_km: f64,
    mass: Option<Decimal>,
    star_id: Option<i64>,
    tags: Vec<String>,
    facts: Option<serde_json::Value>,
    has_rings: bool,
    discovered_on: Option<NaiveDate>,
    surveyed_at: DateTime<Utc>,
    diameter_km: f64,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Mixed {
    id: i64,
    name: String,
    note: Option<String>,
    kind: i32,
    alive: bool,
    mass: f64,
    price: Decimal,
    token: Uuid,
    born: NaiveDate,
    created_at: DateTime<Utc>,
    seen_at: Option<NaiveDateTime>,
    tags: Vec<String>,
}

fn mixed(row: &mut RowReader<'_>) -> Result<Mixed, DecodeError> {
    Ok(Mixed {
        id: row.column("id")?,
        name: row.column("name")?,
        note: row.column("note")?,
        kind: row.column("kind")?,
        alive: row.column("alive")?,
        mass: row.column("mass")?,
        price: row.column("price")?,
        token: row.column("token")?,
        born: row.column("born")?,
        created_at: row.column("created_at")?,
        seen_at: row.column("seen_at")?,
        tags: row.column("tags")?,
    })
}

#[derive(Debug, PartialEq, Deserialize)]
struct Plain {
    id: i64,
    planet_id: i64,
    position: i32,
    level: i16,
    alive: bool,
    visible: Option<bool>,
    mass: f64,
    radius_km: f64,
    name: String,
    description: String,
    note: Option<String>,
    discovered_by: Option<String>,
}

fn plain(row: &mut RowReader<'_>) -> Result<Plain, DecodeError> {
    Ok(Plain {
        id: row.column("id")?,
        planet_id: row.column("planet_id")?,
        position: row.column("position")?,
        level: row.column("level")?,
        alive: row.column("alive")?,
        visible: row.column("visible")?,
        mass: row.column("mass")?,
        radius_km: row.column("radius_km")?,
        name: row.column("name")?,
        description: row.column("description")?,
        note: row.column("note")?,
        discovered_by: row.column("discovered_by")?,
    })
}

fn reversed(row: &mut RowReader<'_>) -> Result<Plain, DecodeError> {
    Ok(Plain {
        discovered_by: row.column("discovered_by")?,
        note: row.column("note")?,
        description: row.column("description")?,
        name: row.column("name")?,
        radius_km: row.column("radius_km")?,
        mass: row.column("mass")?,
        visible: row.column("visible")?,
        alive: row.column("alive")?,
        level: row.column("level")?,
        position: row.column("position")?,
        planet_id: row.column("planet_id")?,
        id: row.column("id")?,
    })
}

/// The answer as PostgREST sends it, a row a line.
#[must_use]
pub fn body(case: Case, rows: u64) -> String {
    let mut out = String::from("[");
    for at in 0..rows {
        if at > 0 {
            out.push_str(", \n ");
        }
        // A multiplicative hash spreads the values without a dependency on chance.
        let hash = at.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 8;
        let written = match case {
            Case::Planets => planet(&mut out, at, hash),
            Case::Mixed => mixed_json(&mut out, at, hash),
            Case::Plain | Case::Reversed => plain_json(&mut out, at, hash),
        };
        debug_assert!(written.is_ok(), "writing to a String does not fail");
    }
    out.push(']');
    out
}

/// `null`, or the text in quotes.
fn nullable(null: bool, text: &str) -> String {
    if null { "null".to_owned() } else { format!("\"{text}\"") }
}

fn planet(out: &mut String, at: u64, hash: u64) -> std::fmt::Result {
    let kind = ["rocky", "gas giant", "ice giant", "dwarf"][(hash % 4) as usize];
    write!(
        out,
        r#"{{"id":{at},"name":"Planet number {at}","kind":{},"radius_km":{}.{},"mass":{},"star_id":{},"tags":["hot","ringed {}"],"facts":{{"moons": {}, "day_h": {}.5, "notes": ["far", null]}},"has_rings":{},"discovered_on":{},"surveyed_at":"2024-03-{:02}T06:{:02}:00.{:06}+00:00","diameter_km":{}.{}}}"#,
        nullable(at.is_multiple_of(5), kind),
        hash % 100_000,
        hash % 997 + 1,
        if at.is_multiple_of(3) { "null".to_owned() } else { format!("{}.{:04}", hash % 90_000, hash % 10_000) },
        if at.is_multiple_of(4) { "null".to_owned() } else { (hash % 100_000).to_string() },
        at % 9,
        hash % 80,
        hash % 60,
        at.is_multiple_of(2),
        nullable(at.is_multiple_of(6), &format!("{:04}-{:02}-{:02}", 1700 + hash % 320, hash % 12 + 1, hash % 28 + 1)),
        hash % 28 + 1,
        hash % 60,
        hash % 1_000_000,
        hash % 200_000,
        hash % 991 + 1,
    )
}

fn mixed_json(out: &mut String, at: u64, hash: u64) -> std::fmt::Result {
    write!(
        out,
        r#"{{"id":{at},"name":"Planet number {at}","note":{},"kind":{},"alive":{},"mass":{}.{},"price":{}.{:02},"token":"{}","born":"{:04}-{:02}-{:02}","created_at":"2024-03-{:02}T06:{:02}:00.{:06}+00:00","seen_at":{},"tags":["hot","ringed {}"]}}"#,
        nullable(at.is_multiple_of(3), &format!("a note of some length, {hash}")),
        hash % 100_000,
        at.is_multiple_of(2),
        hash % 10_000,
        hash % 997 + 1,
        hash % 90_000,
        hash % 100,
        Uuid::from_u128(u128::from(hash) << 64 | u128::from(at)),
        1900 + hash % 120,
        hash % 12 + 1,
        hash % 28 + 1,
        hash % 28 + 1,
        hash % 60,
        hash % 1_000_000,
        nullable(at.is_multiple_of(4), &format!("2023-{:02}-11T23:59:{:02}.5", hash % 12 + 1, hash % 60)),
        at % 9,
    )
}

fn plain_json(out: &mut String, at: u64, hash: u64) -> std::fmt::Result {
    write!(
        out,
        r#"{{"id":{at},"planet_id":{},"position":{},"level":{},"alive":{},"visible":{},"mass":{}.{},"radius_km":{}.5,"name":"Moon {at}","description":"An icy body, the fourth largest of its planet, with \"water\" beneath.","note":{},"discovered_by":{}}}"#,
        hash % 1_000_000,
        hash % 1000,
        hash % 90,
        at.is_multiple_of(2),
        if at.is_multiple_of(5) { "null" } else { "true" },
        hash % 10_000,
        hash % 997 + 1,
        hash % 7000,
        nullable(at.is_multiple_of(3), &format!("note {hash}")),
        nullable(at.is_multiple_of(2), "Galileo Galilei"),
    )
}

/// Reads an answer and gives the number of its rows.
///
/// # Panics
/// When the answer cannot be read.
pub fn run(case: Case, who: Who, meter: &mut impl Meter) -> usize {
    let body = body(case, ROWS);
    let body = body.as_bytes();
    let ours = "rows of ours";
    let serde = "rows of serde";
    match (case, who) {
        (Case::Planets, Who::Ours) => meter.measure(|| (), |()| decode_rows(body, Planet::decode)).expect(ours).len(),
        (Case::Planets, Who::Serde) => meter.measure(|| (), |()| from_slice::<Planet>(body)).expect(serde).len(),
        (Case::Mixed, Who::Ours) => meter.measure(|| (), |()| decode_rows(body, mixed)).expect(ours).len(),
        (Case::Mixed, Who::Serde) => meter.measure(|| (), |()| from_slice::<Mixed>(body)).expect(serde).len(),
        (Case::Plain, Who::Ours) => meter.measure(|| (), |()| decode_rows(body, plain)).expect(ours).len(),
        (Case::Reversed, Who::Ours) => meter.measure(|| (), |()| decode_rows(body, reversed)).expect(ours).len(),
        (Case::Plain | Case::Reversed, Who::Serde) => {
            meter.measure(|| (), |()| from_slice::<Plain>(body)).expect(serde).len()
        }
    }
}

fn from_slice<T: for<'de> Deserialize<'de>>(body: &[u8]) -> serde_json::Result<Vec<T>> {
    serde_json::from_slice(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_read_the_same_rows() {
        let body = body(Case::Mixed, 100);
        assert_eq!(decode_rows(body.as_bytes(), mixed).unwrap(), from_slice::<Mixed>(body.as_bytes()).unwrap());
        let body = super::body(Case::Plain, 100);
        let plains = from_slice::<Plain>(body.as_bytes()).unwrap();
        assert_eq!(decode_rows(body.as_bytes(), plain).unwrap(), plains);
        assert_eq!(decode_rows(body.as_bytes(), reversed).unwrap(), plains);

        let body = super::body(Case::Planets, 100);
        assert_eq!(
            decode_rows(body.as_bytes(), Planet::decode).unwrap(),
            from_slice::<Planet>(body.as_bytes()).unwrap()
        );
    }
}
