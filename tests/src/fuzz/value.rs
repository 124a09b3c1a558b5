//! Values of every kind of column: how they are made, how our encoder is told, and, apart from it, how
//! SQL says them.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use std::ops::Bound;
use supabase_core::query::ValueWriter;
use supabase_core::schema::ToValue;
use supabase_core::types::{Bytea, Decimal, Hstore, PgMultirange, PgRange, Uuid};

use super::db::enums::Mood;
use super::db::types::Place;
use super::random::Random;

/// The kinds of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "named after the SQL types")]
pub enum Kind {
    Text,
    Varchar,
    Citext,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    Bool,
    Uuid,
    Date,
    Time,
    Timestamp,
    Timestamptz,
    Bytea,
    Mood,
    Jsonb,
    Texts,
    Ints,
    Moods,
    Moments,
    Int4range,
    Numrange,
    Daterange,
    Tsrange,
    Tstzrange,
    Int4multirange,
    Bpchar,
    Name,
    Word,
    Positive,
    Oid,
    Timetz,
    Interval,
    Span,
    Money,
    Inet,
    Cidr,
    Macaddr,
    Macaddr8,
    Bit,
    Varbit,
    Tsvector,
    Tsquery,
    Ltree,
    Xml,
    Json,
    Point,
    Hstore,
    Place,
    Bools,
    Longs,
    Doubles,
    Numerics,
    Uuids,
    Dates,
    Blobs,
    Documents,
    Spans,
    Places,
    Int8range,
    Int8multirange,
    Nummultirange,
    Datemultirange,
    Tsmultirange,
    Tstzmultirange,
}

impl Kind {
    /// The type as SQL names it.
    #[must_use]
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Varchar => "varchar",
            Self::Citext => "citext",
            Self::Int2 => "int2",
            Self::Int4 => "int4",
            Self::Int8 => "int8",
            Self::Float4 => "float4",
            Self::Float8 => "float8",
            Self::Numeric => "numeric",
            Self::Bool => "bool",
            Self::Uuid => "uuid",
            Self::Date => "date",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::Timestamptz => "timestamptz",
            Self::Bytea => "bytea",
            Self::Mood => "mood",
            Self::Jsonb => "jsonb",
            Self::Texts => "text[]",
            Self::Ints => "int4[]",
            Self::Moods => "mood[]",
            Self::Moments => "timestamptz[]",
            Self::Int4range => "int4range",
            Self::Numrange => "numrange",
            Self::Daterange => "daterange",
            Self::Tsrange => "tsrange",
            Self::Tstzrange => "tstzrange",
            Self::Int4multirange => "int4multirange",
            Self::Bpchar => "bpchar",
            Self::Name => "name",
            Self::Word => "text",
            Self::Positive => "int4",
            Self::Oid => "oid",
            Self::Timetz => "timetz",
            Self::Interval => "interval",
            Self::Span => "interval",
            Self::Money => "money",
            Self::Inet => "inet",
            Self::Cidr => "cidr",
            Self::Macaddr => "macaddr",
            Self::Macaddr8 => "macaddr8",
            Self::Bit => "bit(4)",
            Self::Varbit => "varbit",
            Self::Tsvector => "tsvector",
            Self::Tsquery => "tsquery",
            Self::Ltree => "ltree",
            Self::Xml => "xml",
            Self::Json => "json",
            Self::Point => "point",
            Self::Hstore => "hstore",
            Self::Place => "place",
            Self::Bools => "bool[]",
            Self::Longs => "int8[]",
            Self::Doubles => "float8[]",
            Self::Numerics => "numeric[]",
            Self::Uuids => "uuid[]",
            Self::Dates => "date[]",
            Self::Blobs => "bytea[]",
            Self::Documents => "jsonb[]",
            Self::Spans => "int4range[]",
            Self::Places => "place[]",
            Self::Int8range => "int8range",
            Self::Int8multirange => "int8multirange",
            Self::Nummultirange => "nummultirange",
            Self::Datemultirange => "datemultirange",
            Self::Tsmultirange => "tsmultirange",
            Self::Tstzmultirange => "tstzmultirange",
        }
    }

    /// What the elements of an array, or the bounds of a range, are.
    #[must_use]
    pub const fn inner(self) -> Option<Self> {
        Some(match self {
            Self::Texts => Self::Text,
            Self::Ints => Self::Int4,
            Self::Moods => Self::Mood,
            Self::Moments | Self::Tstzrange => Self::Timestamptz,
            Self::Int4range => Self::Int4,
            Self::Numrange => Self::Numeric,
            Self::Daterange => Self::Date,
            Self::Tsrange => Self::Timestamp,
            Self::Int4multirange => Self::Int4range,
            Self::Bools => Self::Bool,
            Self::Longs | Self::Int8range => Self::Int8,
            Self::Doubles => Self::Float8,
            Self::Numerics => Self::Numeric,
            Self::Uuids => Self::Uuid,
            Self::Dates => Self::Date,
            Self::Blobs => Self::Bytea,
            Self::Documents => Self::Jsonb,
            Self::Spans => Self::Int4range,
            Self::Places => Self::Place,
            Self::Int8multirange => Self::Int8range,
            Self::Nummultirange => Self::Numrange,
            Self::Datemultirange => Self::Daterange,
            Self::Tsmultirange => Self::Tsrange,
            Self::Tstzmultirange => Self::Tstzrange,
            _ => return None,
        })
    }

    /// Whether it is text.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Varchar | Self::Citext | Self::Bpchar | Self::Name | Self::Word)
    }

    /// Whether it is an array.
    #[must_use]
    pub const fn is_array(self) -> bool {
        matches!(
            self,
            Self::Texts
                | Self::Ints
                | Self::Moods
                | Self::Moments
                | Self::Bools
                | Self::Longs
                | Self::Doubles
                | Self::Numerics
                | Self::Uuids
                | Self::Dates
                | Self::Blobs
                | Self::Documents
                | Self::Spans
                | Self::Places
        )
    }

    /// Whether it is a range.
    #[must_use]
    pub const fn is_range(self) -> bool {
        matches!(
            self,
            Self::Int4range
                | Self::Numrange
                | Self::Daterange
                | Self::Tsrange
                | Self::Tstzrange
                | Self::Int8range
                | Self::Int4multirange
                | Self::Int8multirange
                | Self::Nummultirange
                | Self::Datemultirange
                | Self::Tsmultirange
                | Self::Tstzmultirange
        )
    }

    /// Whether PostgreSQL, and PostgREST's grammar, can compare two of it.
    #[must_use]
    pub const fn has_equality(self) -> bool {
        !matches!(self, Self::Xml | Self::Json | Self::Point | Self::Place)
    }

    /// Whether one of two can be the less.
    #[must_use]
    pub const fn has_order(self) -> bool {
        self.has_equality() && !matches!(self, Self::Hstore)
    }

    /// Whether it contains and is contained, and is neither an array nor a range.
    #[must_use]
    pub const fn contains(self) -> bool {
        matches!(self, Self::Jsonb | Self::Hstore | Self::Ltree | Self::Tsquery)
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "named after what they hold")]
pub enum Value {
    Text(String),
    Int(i64),
    Float4(f32),
    Float8(f64),
    Numeric(Decimal),
    Bool(bool),
    Uuid(Uuid),
    Date(NaiveDate),
    Time(NaiveTime),
    Timestamp(NaiveDateTime),
    Timestamptz(DateTime<Utc>),
    Bytea(Bytea),
    Mood(Mood),
    Jsonb(serde_json::Value),
    Duration(TimeDelta),
    Hstore(Hstore),
    Place(Place),
    Array(Vec<Option<Value>>),
    Range(PgRange<Box<Value>>),
    Multirange(Vec<PgRange<Box<Value>>>),
}

impl ToValue for Value {
    fn write(&self, out: &mut ValueWriter<'_>) {
        match self {
            Self::Text(value) => value.write(out),
            Self::Int(value) => value.write(out),
            Self::Float4(value) => value.write(out),
            Self::Float8(value) => value.write(out),
            Self::Numeric(value) => value.write(out),
            Self::Bool(value) => value.write(out),
            Self::Uuid(value) => value.write(out),
            Self::Date(value) => value.write(out),
            Self::Time(value) => value.write(out),
            Self::Timestamp(value) => value.write(out),
            Self::Timestamptz(value) => value.write(out),
            Self::Bytea(value) => value.write(out),
            Self::Mood(value) => value.write(out),
            Self::Jsonb(value) => value.write(out),
            Self::Duration(value) => value.write(out),
            Self::Hstore(value) => value.write(out),
            Self::Place(value) => value.write(out),
            Self::Array(values) => values.write(out),
            Self::Range(range) => range.write(out),
            Self::Multirange(ranges) => PgMultirange(ranges.clone()).write(out),
        }
    }
}

/// Pieces that mean something to one of the grammars that a value passes, and what texts are made of.
const PIECES: [&str; 86] = [
    "",
    " ",
    "  ",
    "a",
    "b",
    "Earth",
    "mars",
    "MARS",
    ",",
    ";",
    ":",
    "::",
    "::text",
    ".",
    "..",
    "...",
    "\"",
    "\"\"",
    "'",
    "''",
    "\\",
    "\\\\",
    "\\\"",
    "(",
    ")",
    "()",
    "(a)",
    "{",
    "}",
    "{}",
    "{a,b}",
    "[",
    "]",
    "[1,2)",
    "(,)",
    "<",
    ">",
    "->",
    "->>",
    "-",
    "--",
    "_",
    "__",
    "%",
    "%%",
    "%20",
    "%2C",
    "%00",
    "*",
    "**",
    "a*b",
    "?",
    "!",
    "#",
    "&",
    "&&",
    "=",
    "a=b&c=d",
    "+",
    "1+1",
    "/",
    "//",
    "|",
    "~",
    "^",
    "$",
    "$1",
    "@",
    "`",
    "null",
    "NULL",
    "true",
    "not.eq.x",
    "eq.1",
    "in.(1)",
    "and(a.eq.1)",
    "\n",
    "\r\n",
    "\t",
    "ü",
    "ß",
    "日本語",
    "🚀",
    "👩‍🚀",
    "e\u{301}",
    "\u{a0}",
];

/// Characters that editors do not show.
const INVISIBLE: [&str; 8] =
    ["\u{1}", "\u{7f}", "\u{85}", "\u{200b}", "\u{202e}", "\u{feff}", "\u{2028}", "\u{10ffff}"];

/// A text.
pub fn text(random: &mut Random) -> String {
    match random.below(24) {
        0 => return String::new(),
        1 => return random.pick(&INVISIBLE).repeat(random.below(3) + 1),
        2 => return random.pick(&PIECES).repeat(random.below(200) + 1),
        3 => {
            // Any characters at all, but the one that PostgreSQL does not have.
            return (0..random.below(6))
                .filter_map(|_| char::from_u32(random.below(0x11_0000) as u32))
                .filter(|letter| *letter != '\0')
                .collect();
        }
        4 => return (0..random.below(8)).map(|_| char::from(b' ' + random.below(95) as u8)).collect(),
        _ => {}
    }
    (0..random.below(4) + 1).map(|_| *random.pick(&PIECES)).collect()
}

fn date(random: &mut Random) -> NaiveDate {
    const DATES: [(i32, u32, u32); 8] = [
        (1970, 1, 1),
        (2000, 2, 29),
        (1, 1, 1),
        (0, 12, 31),
        (-43, 3, 15),
        (-4711, 1, 1),
        (9999, 12, 31),
        (10_000, 1, 1),
    ];
    let (year, month, day) = *random.pick(&DATES);
    let date = NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    date + TimeDelta::days(random.below(40) as i64)
}

fn time(random: &mut Random) -> NaiveTime {
    let micros = *random.pick(&[0, 1, 10, 500_000, 999_999, 123_456, 120_000]);
    NaiveTime::from_hms_micro_opt(
        random.below(24) as u32,
        random.below(60) as u32,
        *random.pick(&[0, 1, 30, 59]),
        micros,
    )
    .unwrap_or_default()
}

/// A document.
pub fn document(random: &mut Random, depth: usize) -> serde_json::Value {
    use serde_json::Value as Json;
    match random.below(if depth == 0 { 6 } else { 8 }) {
        0 => Json::Null,
        1 => Json::Bool(random.once_in(2)),
        2 => Json::from(random.below(2000) as i64 - 1000),
        3 => Json::from((random.below(20_000) as f64 - 10_000.0) / 64.0),
        4 | 5 => Json::from(text(random)),
        6 => Json::Array((0..random.below(4)).map(|_| document(random, depth - 1)).collect()),
        _ => Json::Object((0..random.below(4)).map(|_| (key(random), document(random, depth - 1))).collect()),
    }
}

/// A key of a document.
pub fn key(random: &mut Random) -> String {
    const KEYS: [&str; 16] = [
        "k",
        "a.b",
        "x.limit",
        "x.order",
        "limit",
        "a,b",
        "a b",
        "say \"hi\"",
        "back\\slash",
        "0",
        "-1",
        "->",
        "(x)",
        "ü",
        "a:b",
        "*",
    ];
    (*random.pick(&KEYS)).to_owned()
}

/// A value of a kind.
pub fn value(kind: Kind, random: &mut Random) -> Value {
    match kind {
        Kind::Text | Kind::Varchar | Kind::Citext => Value::Text(text(random)),
        Kind::Int2 => Value::Int(*random.pick(&[0, 1, -1, 7, 100, i64::from(i16::MAX), i64::from(i16::MIN)])),
        Kind::Int4 => Value::Int(*random.pick(&[0, 1, -1, 7, 100, 99_999, i64::from(i32::MAX), i64::from(i32::MIN)])),
        Kind::Int8 => Value::Int(*random.pick(&[0, 1, -1, 7, 100, 9_007_199_254_740_993, i64::MAX, i64::MIN])),
        Kind::Float4 => Value::Float4(*random.pick(&[
            0.0,
            -0.0,
            1.5,
            -2.25,
            0.1,
            1e-30,
            3.4e38,
            f32::MIN_POSITIVE,
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            16_777_216.0,
        ])),
        Kind::Float8 => Value::Float8(*random.pick(&[
            0.0,
            -0.0,
            1.5,
            -2.25,
            0.1,
            1e-300,
            1.797e308,
            5e-324,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            9_007_199_254_740_993.0,
            1e15,
            1e16,
            123_456_789.125,
        ])),
        Kind::Numeric => Value::Numeric(
            random
                .pick(&[
                    "0",
                    "0.00",
                    "-0.1",
                    "1.10",
                    "1.1",
                    "79228162514264337593543950335",
                    "0.0000000000000000000000000001",
                    "-5",
                    "100",
                ])
                .parse()
                .unwrap_or_default(),
        ),
        Kind::Bool => Value::Bool(random.once_in(2)),
        Kind::Uuid => Value::Uuid(Uuid::from_u128(match random.below(3) {
            0 => 0,
            1 => u128::MAX,
            _ => u128::from(random.below(5) as u64) << 64 | 0xABCD,
        })),
        Kind::Date => Value::Date(date(random)),
        Kind::Time => Value::Time(time(random)),
        Kind::Timestamp => Value::Timestamp(date(random).and_time(time(random))),
        Kind::Timestamptz => Value::Timestamptz(date(random).and_time(time(random)).and_utc()),
        Kind::Bytea => Value::Bytea(Bytea((0..random.below(5)).map(|_| random.below(256) as u8).collect())),
        Kind::Mood => Value::Mood(mood(random)),
        Kind::Jsonb => Value::Jsonb(document(random, 3)),
        _ if kind.is_array() => {
            let inner = kind.inner().unwrap_or(Kind::Text);
            Value::Array(
                (0..random.below(4))
                    .map(|_| if random.once_in(8) { None } else { Some(value(inner, random)) })
                    .collect(),
            )
        }
        Kind::Int4range | Kind::Numrange | Kind::Daterange | Kind::Tsrange | Kind::Tstzrange | Kind::Int8range => {
            Value::Range(range(kind, random))
        }
        Kind::Bpchar => Value::Text(text(random).chars().take(6).collect()),
        Kind::Name => {
            let mut name = String::new();
            for letter in text(random).chars() {
                if name.len() + letter.len_utf8() < 60 {
                    name.push(letter);
                }
            }
            Value::Text(name)
        }
        Kind::Word => Value::Text(text(random)),
        Kind::Positive => Value::Int(*random.pick(&[0, 1, 7, 100, 99_999, i64::from(i32::MAX)])),
        Kind::Oid => Value::Int(*random.pick(&[0, 1, 16_384, i64::from(i32::MAX) + 1, i64::from(u32::MAX)])),
        Kind::Interval => Value::Duration(*random.pick(&[
            TimeDelta::zero(),
            TimeDelta::microseconds(1),
            TimeDelta::microseconds(-1),
            TimeDelta::milliseconds(1500),
            TimeDelta::milliseconds(-90_500),
            TimeDelta::hours(36),
            TimeDelta::days(-400),
            TimeDelta::days(36_525),
        ])),
        Kind::Json => loop {
            // NULL and a document that is null are not told apart by a body.
            match document(random, 3) {
                serde_json::Value::Null => {}
                document => break Value::Jsonb(document),
            }
        },
        Kind::Hstore => Value::Hstore(
            (0..random.below(3)).map(|_| (key(random), (!random.once_in(4)).then(|| text(random)))).collect(),
        ),
        Kind::Place => Value::Place(Place {
            lat: (!random.once_in(4)).then(|| Decimal::new(random.below(2000) as i64 - 1000, 2)),
            label: (!random.once_in(4)).then(|| text(random)),
            seen: (!random.once_in(4)).then(|| date(random).and_time(time(random)).and_utc()),
        }),
        _ if kind.is_range() => {
            let inner = kind.inner().unwrap_or(Kind::Int4range);
            Value::Multirange((0..random.below(3)).map(|_| range(inner, random)).collect())
        }
        _ => Value::Text((*random.pick(spellings(kind))).to_owned()),
    }
}

/// What values of types without a Rust type are called, in PostgreSQL's own form and in others that it reads.
fn spellings(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Timetz => &["00:00:00+00", "23:59:59.999999-08", "12:34:56+05:30", "24:00:00+00", "03:04:05.678Z"],
        Kind::Span => &[
            "0",
            "1 day",
            "-1 mon +2 days",
            "01:02:03.000004",
            "-00:00:01",
            "P1Y2M3DT4H5M6.5S",
            "1 year 2 mons -3 days",
            "@ 3 hours ago",
        ],
        Kind::Money => &["$0.00", "$1,234.56", "-$0.01", "12.3", "$92,233,720,368,547,758.07"],
        Kind::Inet => &["127.0.0.1", "10.0.0.0/8", "192.168.1.5/24", "::1", "2001:db8::/32", "fe80::1/64", "0.0.0.0/0"],
        Kind::Cidr => &["10.0.0.0/8", "192.168.1.0/24", "192.168.1.128/25", "::/0", "2001:db8::/32", "127.0.0.1/32"],
        Kind::Macaddr => &["08:00:2b:01:02:03", "08002b-010203", "ff:ff:ff:ff:ff:ff", "0800.2b01.0203"],
        Kind::Macaddr8 => &["08:00:2b:ff:fe:01:02:03", "08-00-2b-01-02-03-04-05", "0000000000000000"],
        Kind::Bit => &["0000", "1010", "1111", "0001"],
        Kind::Varbit => &["", "0", "1", "10101", "1111111111111111111"],
        Kind::Tsvector => &["", "'a' 'b'", "'a':1A 'b':2", "'it''s':3 'x,y':4", "'(x)' '\"q\"' 'b\\\\c'", "earth mars"],
        Kind::Tsquery => &["'a' & 'b'", "'a' | !'b'", "'it''s'", "'a' <-> 'b'", "'x,y' & ('a' | '(')", "earth:*"],
        Kind::Ltree => &["", "Top", "Top.Science", "Top.Science.Astronomy", "a_b.C1", "1.2.3"],
        Kind::Xml => &["<a/>", "<a b=\"c, (d)\">e &amp; f</a>", "text, no element", "<größe>ü</größe>"],
        Kind::Point => &["(0,0)", "(1.5,-2)", "(1e+300,-0)"],
        _ => &[""],
    }
}

fn mood(random: &mut Random) -> Mood {
    match random.below(9) {
        0 => Mood::Happy,
        1 => Mood::SadVery,
        2 => Mood::SayHi,
        3 => Mood::BackSlash,
        4 => Mood::Null,
        5 => Mood::X,
        6 => Mood::Y,
        7 => Mood::Größe,
        _ => Mood::U20,
    }
}

fn range(kind: Kind, random: &mut Random) -> PgRange<Box<Value>> {
    if random.once_in(10) {
        return PgRange::Empty;
    }
    let inner = kind.inner().unwrap_or(Kind::Int4);
    let bound = |random: &mut Random| match inner {
        // The greatest integer has no successor, which an inclusive bound would need.
        Kind::Int4 | Kind::Int8 => Value::Int(random.below(40) as i64 - 20),
        other => value(other, random),
    };
    let (mut lower, mut upper) = (bound(random), bound(random));
    if is_behind(&lower, &upper) {
        std::mem::swap(&mut lower, &mut upper);
    }
    let side = |value: Value, random: &mut Random| match random.below(5) {
        0 => Bound::Unbounded,
        1 | 2 => Bound::Included(Box::new(value)),
        _ => Bound::Excluded(Box::new(value)),
    };
    PgRange::Span { lower: side(lower, random), upper: side(upper, random) }
}

/// Whether a bound stands behind another of its kind.
fn is_behind(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => left > right,
        (Value::Numeric(left), Value::Numeric(right)) => left > right,
        (Value::Date(left), Value::Date(right)) => left > right,
        (Value::Timestamp(left), Value::Timestamp(right)) => left > right,
        (Value::Timestamptz(left), Value::Timestamptz(right)) => left > right,
        _ => false,
    }
}

// ---- how SQL says them ---------------------------------------------------------------------------

/// The text of an SQL expression and the parameters in it, all of them texts.
#[derive(Debug, Default, Clone)]
pub struct Sql {
    /// The expression.
    pub text: String,
    /// Its parameters.
    pub parameters: Vec<String>,
}

impl Sql {
    /// Appends SQL.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a parameter with a cast.
    pub fn bind(&mut self, value: impl Into<String>, cast: &str) -> &mut Self {
        self.parameters.push(value.into());
        let number = self.parameters.len();
        self.push(&format!("${number}::text"));
        if cast != "text" {
            self.push("::").push(cast);
        }
        self
    }

    /// Appends a value.
    pub fn value(&mut self, kind: Kind, value: &Value) -> &mut Self {
        match value {
            Value::Text(text) => self.bind(text.as_str(), kind.sql()),
            Value::Int(number) => self.bind(number.to_string(), kind.sql()),
            Value::Float4(number) => self.bind(format!("{number:e}").replace("inf", "Infinity"), kind.sql()),
            Value::Float8(number) => self.bind(format!("{number:e}").replace("inf", "Infinity"), kind.sql()),
            Value::Numeric(number) => self.bind(number.to_string(), kind.sql()),
            Value::Bool(truth) => self.push(if *truth { "true" } else { "false" }),
            Value::Uuid(uuid) => self.bind(uuid.simple().to_string(), "uuid"),
            Value::Date(date) => self.date(*date),
            Value::Time(time) => self.time(*time),
            Value::Timestamp(moment) => {
                self.push("(");
                self.date(moment.date());
                self.push(" + ");
                self.time(moment.time());
                self.push(")")
            }
            Value::Timestamptz(moment) => {
                self.push("((");
                self.date(moment.date_naive());
                self.push(" + ");
                self.time(moment.time());
                self.push(") at time zone 'UTC')")
            }
            Value::Bytea(Bytea(bytes)) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                self.push("decode(").bind(digits, "text").push(", 'hex')")
            }
            Value::Mood(mood) => self.bind(mood.to_string(), "mood"),
            Value::Jsonb(document) => self.bind(document.to_string(), kind.sql()),
            Value::Duration(time) => {
                let micros = time.num_microseconds().unwrap_or_default();
                self.push("(").bind(micros.to_string(), "int8").push(" * interval '1 microsecond')")
            }
            Value::Hstore(pairs) => {
                self.push("hstore(array[");
                for (at, key) in pairs.keys().enumerate() {
                    self.push(if at > 0 { ", " } else { "" }).bind(key.as_str(), "text");
                }
                self.push("]::text[], array[");
                for (at, value) in pairs.values().enumerate() {
                    self.push(if at > 0 { ", " } else { "" });
                    match value {
                        Some(value) => self.bind(value.as_str(), "text"),
                        None => self.push("null"),
                    };
                }
                self.push("]::text[])")
            }
            Value::Place(Place { lat, label, seen }) => {
                self.push("row(");
                match lat {
                    Some(lat) => self.value(Kind::Numeric, &Value::Numeric(*lat)),
                    None => self.push("null"),
                };
                self.push(", ");
                match label {
                    Some(label) => self.bind(label.as_str(), "text"),
                    None => self.push("null"),
                };
                self.push(", ");
                match seen {
                    Some(seen) => self.value(Kind::Timestamptz, &Value::Timestamptz(*seen)),
                    None => self.push("null"),
                };
                self.push(")::place")
            }
            Value::Array(elements) => {
                let inner = kind.inner().unwrap_or(Kind::Text);
                self.push("array[");
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        self.push(", ");
                    }
                    match element {
                        Some(element) => self.value(inner, element),
                        None => self.push("null"),
                    };
                }
                self.push("]::").push(kind.sql())
            }
            Value::Range(range) => self.range(kind, range),
            Value::Multirange(ranges) => {
                self.push(kind.sql()).push("(");
                for (at, range) in ranges.iter().enumerate() {
                    if at > 0 {
                        self.push(", ");
                    }
                    self.range(kind.inner().unwrap_or(Kind::Int4range), range);
                }
                self.push(")")
            }
        }
    }

    fn range(&mut self, kind: Kind, range: &PgRange<Box<Value>>) -> &mut Self {
        let inner = kind.inner().unwrap_or(Kind::Int4);
        let PgRange::Span { lower, upper } = range else {
            return self.push("'empty'::").push(kind.sql());
        };
        self.push(kind.sql()).push("(");
        for bound in [lower, upper] {
            match bound {
                Bound::Unbounded => self.push("null"),
                Bound::Included(value) | Bound::Excluded(value) => self.value(inner, value),
            };
            self.push(", ");
        }
        let open = if matches!(lower, Bound::Included(_)) { "[" } else { "(" };
        let close = if matches!(upper, Bound::Included(_)) { "]" } else { ")" };
        self.push(&format!("'{open}{close}')"))
    }

    fn date(&mut self, date: NaiveDate) -> &mut Self {
        // The year before 1 is 1 BC to both, and 0 to one of them.
        let year = if date.year() > 0 { date.year() } else { date.year() - 1 };
        self.push("make_date(").bind(year.to_string(), "int4");
        self.push(", ").bind(date.month().to_string(), "int4");
        self.push(", ").bind(date.day().to_string(), "int4").push(")")
    }

    fn time(&mut self, time: NaiveTime) -> &mut Self {
        let micros = i64::from(time.num_seconds_from_midnight()) * 1_000_000 + i64::from(time.nanosecond() / 1_000);
        self.push("(time '00:00' + ").bind(micros.to_string(), "int8").push(" * interval '1 microsecond')")
    }
}
