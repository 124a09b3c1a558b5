//! Every type as PostgREST 14.17 over PostgreSQL sent it (12.0.2 and 16.2 send the same); the JSON
//! is the recorded text.

use std::ops::Bound;

use chrono::{TimeZone, Utc};

use crate::decode::{Decode, decode_row, decode_rows, decode_value};
use crate::types::{
    Bytea, DateTimeUtc, Decimal, Hstore, Json, JsonValue, NaiveDate, NaiveDateTime, NaiveTime, PgMultirange, PgRange,
    PgVector, Uuid,
};

#[track_caller]
fn read<T: Decode>(json: &str) -> T {
    decode_value(json.as_bytes()).unwrap()
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn utc(year: i32, month: u32, day: u32, hour: u32) -> DateTimeUtc {
    Utc.with_ymd_and_hms(year, month, day, hour, 0, 0).unwrap()
}

#[test]
fn numbers() {
    assert_eq!(read::<i16>("-32768"), i16::MIN);
    assert_eq!(read::<i32>("2147483647"), i32::MAX);
    assert_eq!(read::<i64>("9223372036854775807"), i64::MAX);
    assert_eq!(read::<i64>("-9223372036854775808"), i64::MIN);
    assert_eq!(read::<i64>("9007199254740993"), 9_007_199_254_740_993);
    assert_eq!(read::<u64>("18446744073709551615"), u64::MAX);
    assert_eq!(read::<u32>("\"42\""), 42, "oid");
    assert_eq!(read::<u32>("\"0\""), 0, "oid");
    assert_eq!(read::<u32>("7"), 7);
    assert_eq!(read::<f32>("1.5"), 1.5);
    assert_eq!(read::<f64>("0.1"), 0.1);
    assert_eq!(read::<f64>("1000"), 1000.0);
    assert_eq!(read::<f64>("1e-300"), 1e-300);
    assert_eq!(read::<f64>("1.7976931348623157e+308"), f64::MAX);
    assert!(read::<f32>("\"NaN\"").is_nan());
    assert_eq!(read::<f64>("\"Infinity\""), f64::INFINITY);
    assert_eq!(read::<f64>("\"-Infinity\""), f64::NEG_INFINITY);
    assert!(read::<f64>("-0.0").is_sign_negative());
}

#[test]
fn numeric_keeps_every_digit() {
    for text in ["1.50", "0.00", "-0.00000001", "3.14159265358979323846", "2", "79228162514264337593543950335", "0.1"] {
        assert_eq!(read::<Decimal>(text).to_string(), text);
        assert_eq!(read::<Decimal>(&format!("\"{text}\"")).to_string(), text, "cast to text");
    }
    // What is longer is still there as text.
    let long = "123456789012345678901234567890.123456789";
    assert_eq!(read::<String>(long), long);
    assert_eq!(read::<String>("10000000000000000000000000000000000000000").len(), 41);
    assert_eq!(read::<String>("\"NaN\""), "NaN");
}

#[test]
fn text_and_what_is_kept_as_text() {
    assert_eq!(read::<String>(r#""line one\nline two\t\"quoted\" \\ 🚀""#), "line one\nline two\t\"quoted\" \\ 🚀");
    assert_eq!(read::<String>(r#""ü \"x\" \\ \n 🚀""#), "ü \"x\" \\ \n 🚀");
    for text in [
        "",
        "plain text",
        "ab   ",
        "<&>",
        "MiXed",
        "1 year 2 mons 3 days 04:05:06.7",
        "-1 days +02:03:00",
        "100:00:00",
        "10.0.0.1/24",
        "2001:db8::/32",
        "08:00:2b:01:02:03",
        "1010",
        "$1,234.50",
        "-$0.01",
        "'one' & !'two'",
        "Top.Science.Astronomy",
        "(1.5,-2)",
        "24:00:00+00",
        "03:04:05+02",
    ] {
        assert_eq!(read::<String>(&format!("\"{text}\"")), text);
    }
    assert_eq!(read::<String>(r#""{\"a\":1}""#), "{\"a\":1}");
    assert!(read::<bool>("true") && !read::<bool>("false"));
}

#[test]
fn uuids_and_bytes() {
    assert_eq!(
        read::<Uuid>("\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"").to_string(),
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    );
    assert_eq!(read::<Uuid>("\"00000000-0000-0000-0000-000000000000\""), Uuid::nil());
    assert_eq!(read::<Bytea>(r#""\\xdeadbeef""#).0, [0xde, 0xad, 0xbe, 0xef]);
    assert_eq!(read::<Bytea>(r#""\u005cxDEad""#).0, [0xde, 0xad]);
    assert!(read::<Bytea>(r#""\\x""#).0.is_empty());
    assert_eq!(read::<Vec<Bytea>>(r#"["\\x00","\\xff"]"#), [Bytea(vec![0]), Bytea(vec![255])]);
    for odd in [r#""\\xabc""#, r#""\\xzz""#, r#""xdead""#, r#""\\xde"#] {
        decode_value::<Bytea>(odd.as_bytes()).expect_err(odd);
    }
}

#[test]
fn dates_and_times() {
    assert_eq!(read::<NaiveDate>("\"2024-02-29\""), date(2024, 2, 29));
    assert_eq!(read::<NaiveDate>("\"0043-01-01\""), date(43, 1, 1));
    assert_eq!(read::<NaiveDate>("\"4713-01-01 BC\""), date(-4712, 1, 1));
    assert_eq!(read::<NaiveDate>("\"0001-12-31 BC\""), date(0, 12, 31));
    assert_eq!(read::<NaiveDate>("\"12345-06-07\""), date(12345, 6, 7));
    assert_eq!(read::<NaiveTime>("\"03:04:05.678\""), NaiveTime::from_hms_milli_opt(3, 4, 5, 678).unwrap());
    assert_eq!(read::<NaiveTime>("\"00:00:00\""), NaiveTime::MIN);
    assert_eq!(read::<NaiveTime>("\"23:59:59\""), NaiveTime::from_hms_opt(23, 59, 59).unwrap());
    let timestamp = |text: &str| read::<NaiveDateTime>(&format!("\"{text}\""));
    assert_eq!(
        timestamp("2024-02-29T23:59:59.999999"),
        date(2024, 2, 29).and_hms_micro_opt(23, 59, 59, 999_999).unwrap()
    );
    assert_eq!(timestamp("9999-12-31T23:59:59"), date(9999, 12, 31).and_hms_opt(23, 59, 59).unwrap());
    assert_eq!(timestamp("2024-07-01T12:00:00.1"), date(2024, 7, 1).and_hms_milli_opt(12, 0, 0, 100).unwrap());
    assert_eq!(timestamp("0044-03-15T12:00:00 BC"), date(-43, 3, 15).and_hms_opt(12, 0, 0).unwrap());
    assert_eq!(timestamp("12345-06-07 08:09:10"), date(12345, 6, 7).and_hms_opt(8, 9, 10).unwrap());
    let moment = |text: &str| read::<DateTimeUtc>(&format!("\"{text}\""));
    assert_eq!(moment("2024-07-01T19:00:00+00:00"), utc(2024, 7, 1, 19));
    assert_eq!(
        moment("2024-02-29T23:59:59.5+00:00"),
        date(2024, 2, 29).and_hms_milli_opt(23, 59, 59, 500).unwrap().and_utc()
    );
    assert_eq!(moment("2024-03-03T06:00:00.123456+00:00").timestamp_subsec_nanos(), 123_456_000);
    assert_eq!(moment("0001-01-01T00:00:00+00:00"), utc(1, 1, 1, 0));
    assert_eq!(moment("0044-03-15T00:00:00+00:00 BC"), utc(-43, 3, 15, 0));
    for same in [
        "2024-07-01T19:00:00Z",
        "2024-07-01 19:00:00+00",
        "2024-07-01T21:00:00+02",
        "2024-07-01T12:00:00-07:00",
        "2024-07-02T00:30:00+05:30",
        "2024-07-01T19:18:15+00:18:15",
        "2024-07-01T19:00:00+00:00:00",
    ] {
        assert_eq!(moment(same), utc(2024, 7, 1, 19), "{same}");
    }
    // The first moment of a year that an offset moves into the year before.
    assert_eq!(moment("2024-01-01T00:00:00+01"), utc(2023, 12, 31, 23));
    // Escapes that a proxy may have put in mean the same.
    assert_eq!(read::<NaiveTime>(r#""03\u003a04:05""#), NaiveTime::from_hms_opt(3, 4, 5).unwrap());
}

#[test]
fn what_is_no_date_is_refused() {
    for text in [
        "",
        "2024-02-30",
        "2023-02-29",
        "2024-13-01",
        "2024-00-01",
        "2024-1-01",
        "24-01-01",
        "2024/01/01",
        "2024-01-01T",
        "2024-01-01 ",
        " 2024-01-01",
        "2024-01-01 AD",
        "-2024-01-01",
        "+2024-01-01",
        "０２４４-01-01",
        "99999999-01-01",
    ] {
        decode_value::<NaiveDate>(format!("\"{text}\"").as_bytes()).expect_err(text);
    }
    for text in
        ["24:00:00", "23:60:00", "23:59:60", "1:00:00", "01:00", "01:00:00.", "01:00:00.1234567890", "01:00:00+00"]
    {
        decode_value::<NaiveTime>(format!("\"{text}\"").as_bytes()).expect_err(text);
    }
    for text in [
        "2024-01-01T00:00:00+",
        "2024-01-01T00:00:00+0",
        "2024-01-01T00:00:00+00:60",
        "2024-01-01T00:00:00+99",
        "2024-01-01T00:00:00+00:00:00:00",
        "2024-01-01X00:00:00Z",
        "2024-01-01T00:00:00ZZ",
        "2024-01-01T24:00:00Z",
    ] {
        decode_value::<DateTimeUtc>(format!("\"{text}\"").as_bytes()).expect_err(text);
    }
}

#[test]
fn documents() {
    assert_eq!(read::<JsonValue>(r#"{"b": 1,  "a": [1, 2.50], "b": 2}"#), serde_json::json!({"a": [1, 2.5], "b": 2}));
    assert_eq!(read::<JsonValue>("null"), JsonValue::Null);
    assert_eq!(read::<Option<JsonValue>>("null"), None);
    assert_eq!(
        read::<Vec<Option<JsonValue>>>(r#"[{"x": 1},[1, 2],"s",null]"#),
        [Some(serde_json::json!({"x": 1})), Some(serde_json::json!([1, 2])), Some("s".into()), None]
    );
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Facts {
        b: i32,
        a: Vec<f64>,
    }
    assert_eq!(read::<Json<Facts>>(r#"{"a": [1, 2.50], "b": 2}"#).0, Facts { b: 2, a: vec![1.0, 2.5] });
}

#[test]
fn hstores_and_vectors() {
    let store = read::<Hstore>(r#"{"a": "1", "b": null, "c d": "e,f"}"#);
    let expected = [("a", Some("1")), ("b", None), ("c d", Some("e,f"))];
    assert_eq!(store, expected.map(|(key, value)| (key.to_owned(), value.map(str::to_owned))).into());
    assert_eq!(read::<Hstore>("{}"), Hstore::new());
    assert_eq!(read::<PgVector>("\"[1,2.5,-3e-05]\"").0, [1.0, 2.5, -3e-5]);
    assert_eq!(read::<PgVector>("[1,2]").0, [1.0, 2.0]);
}

#[test]
fn ranges() {
    assert_eq!(read::<PgRange<i32>>("\"[1,10)\""), PgRange::half_open(1, 10));
    assert_eq!(read::<PgRange<i64>>("\"[2,11)\""), PgRange::half_open(2, 11));
    assert_eq!(read::<PgRange<i64>>("\"(,)\""), PgRange::from(..));
    assert_eq!(read::<PgRange<i64>>("\"(,3)\""), PgRange::from(..3));
    assert_eq!(read::<PgRange<i32>>("\"empty\""), PgRange::Empty);
    assert_eq!(read::<PgRange<i32>>("\"[-5,-1]\""), PgRange::closed(-5, -1));
    assert_eq!(read::<PgRange<Decimal>>("\"[1.5,2.5]\""), PgRange::closed(Decimal::new(15, 1), Decimal::new(25, 1)));
    assert_eq!(read::<PgRange<Decimal>>("\"(,5]\""), PgRange::from(..=Decimal::new(5, 0)));
    assert_eq!(
        read::<PgRange<f64>>("\"(0.5,Infinity]\"").as_bounds(),
        Some((Bound::Excluded(&0.5), Bound::Included(&f64::INFINITY)))
    );
    let midnight = |year, month, day| date(year, month, day).and_hms_opt(0, 0, 0).unwrap();
    assert_eq!(
        read::<PgRange<NaiveDateTime>>(r#""[\"2024-01-01 00:00:00\",\"2024-02-01 12:30:00\")""#),
        PgRange::half_open(midnight(2024, 1, 1), date(2024, 2, 1).and_hms_opt(12, 30, 0).unwrap())
    );
    assert_eq!(read::<PgRange<DateTimeUtc>>(r#""[\"2024-01-01 00:00:00+00\",)""#), PgRange::from(utc(2024, 1, 1, 0)..));
    assert_eq!(
        read::<PgRange<NaiveDate>>("\"[2024-01-01,2024-02-01)\""),
        PgRange::half_open(date(2024, 1, 1), date(2024, 2, 1))
    );
    assert_eq!(
        read::<PgRange<NaiveDate>>(r#""[\"0044-03-15 BC\",2024-02-01)""#),
        PgRange::half_open(date(-43, 3, 15), date(2024, 2, 1))
    );
    assert_eq!(read::<Vec<PgRange<i32>>>(r#"["[1,2)","empty"]"#), [PgRange::half_open(1, 2), PgRange::Empty]);
    let text = |json: &str| read::<PgRange<String>>(json);
    assert_eq!(text(r#""[\"a,b\",\"c\"\"d\\\\e)\"]""#), PgRange::closed("a,b".into(), "c\"d\\e)".into()));
    assert_eq!(text(r#""[\"\",b)""#), PgRange::half_open(String::new(), "b".into()), "empty text is a bound");
    assert_eq!(text(r#""(,b)""#), PgRange::Span { lower: Bound::Unbounded, upper: Bound::Excluded("b".into()) });
    for text in
        ["", "[", "[1", "[1,", "[1,2", "1,2", "[1,2)x", "[1;2)", "empty ", "[1,2,3)", "{[1,2)}", "[a,2)", "[[1,2)"]
    {
        decode_value::<PgRange<i32>>(format!("\"{text}\"").as_bytes()).expect_err(text);
    }
}

#[test]
fn multiranges() {
    let two = PgMultirange(vec![PgRange::half_open(1, 3), PgRange::half_open(5, 8)]);
    assert_eq!(read::<PgMultirange<i32>>("\"{[1,3),[5,8)}\""), two);
    assert_eq!(read::<PgMultirange<i32>>("\"{}\""), PgMultirange(Vec::new()));
    assert_eq!(
        read::<PgMultirange<DateTimeUtc>>(r#""{[\"2024-01-01 00:00:00+00\",\"2024-01-02 00:00:00+00\")}""#),
        PgMultirange(vec![PgRange::half_open(utc(2024, 1, 1, 0), utc(2024, 1, 2, 0))])
    );
    assert_eq!(read::<PgMultirange<NaiveDate>>("\"{[2024-01-01,2024-02-01),[2024-03-01,2024-04-01)}\"").0.len(), 2);
    for text in ["", "{", "{[1,2)", "{[1,2)[3,4)}", "{,}", "{[1,2),}", "{[1,2)}x", "[1,2)"] {
        decode_value::<PgMultirange<i32>>(format!("\"{text}\"").as_bytes()).expect_err(text);
    }
    let error = decode_value::<PgMultirange<i32>>(b"\"{[1,3),[5,x)}\"").unwrap_err();
    assert_eq!(error.to_string(), "column `[1]`: expected an integer, found `x`");
}

#[test]
fn arrays() {
    assert_eq!(read::<Vec<Option<i32>>>("[1,2,null,-4]"), [Some(1), Some(2), None, Some(-4)]);
    assert_eq!(read::<Vec<i64>>("[9007199254740993]"), [9_007_199_254_740_993]);
    assert_eq!(
        read::<Vec<Option<Decimal>>>("[1.10,null]")
            .iter()
            .map(|value| value.map(|value| value.to_string()))
            .collect::<Vec<_>>(),
        [Some("1.10".to_owned()), None]
    );
    let floats = read::<Vec<f64>>(r#"[0.1,"NaN","Infinity"]"#);
    assert!(floats[0] == 0.1 && floats[1].is_nan() && floats[2] == f64::INFINITY);
    assert_eq!(
        read::<Vec<Option<String>>>(
            r#"["plain","with,comma","with \"quote\"","","null",null,"{brace}","back\\slash"]"#
        ),
        [
            Some("plain"),
            Some("with,comma"),
            Some("with \"quote\""),
            Some(""),
            Some("null"),
            None,
            Some("{brace}"),
            Some("back\\slash")
        ]
        .map(|text| text.map(str::to_owned))
    );
    assert_eq!(read::<Vec<Vec<i32>>>("[[1,2],[3,4]]"), [[1, 2], [3, 4]]);
    assert_eq!(read::<Vec<Vec<Option<String>>>>(r#"[["a","b,c"],[null,""]]"#)[1], [None, Some(String::new())]);
    assert_eq!(read::<Vec<DateTimeUtc>>(r#"["2024-01-01T00:00:00+00:00"]"#), [utc(2024, 1, 1, 0)]);
    assert!(read::<Vec<Uuid>>("[ ]").is_empty());
    let error = decode_value::<Vec<NaiveDate>>(br#"["2024-01-01","infinity"]"#).unwrap_err();
    assert_eq!(error.column(), Some("[1]"));
}

#[test]
fn composites() {
    let place = |row: &mut crate::decode::RowReader<'_>| {
        Ok((
            row.column::<Option<f64>>("lat")?,
            row.column::<Option<f64>>("lon")?,
            row.column::<Option<String>>("label")?,
        ))
    };
    let paris = decode_row(br#"{"lat":48.85,"lon":2.35,"label":"Paris, \"city\""}"#, place).unwrap();
    assert_eq!(paris, (Some(48.85), Some(2.35), Some("Paris, \"city\"".to_owned())));
    assert_eq!(decode_row(br#"{"lat":null,"lon":null,"label":null}"#, place).unwrap(), (None, None, None));
}

#[test]
fn rows_of_an_insert_come_with_line_feeds_between_them() {
    let body = "[{\"id\":102,\"c_jsonb\":\"text\",\"c_json\":1.50}, \n {\"id\":103,\"c_jsonb\":null,\"c_json\":null}, \n {\"id\":104,\"c_jsonb\":[],\"c_json\":false}]";
    let rows = decode_rows(body.as_bytes(), |row| {
        Ok((
            row.column::<i64>("id")?,
            row.column::<Option<JsonValue>>("c_jsonb")?,
            row.column::<Option<JsonValue>>("c_json")?,
        ))
    });
    assert_eq!(
        rows.unwrap(),
        [
            (102, Some("text".into()), Some(1.5.into())),
            (103, None, None),
            (104, Some(serde_json::json!([])), Some(false.into())),
        ]
    );
}

#[test]
fn nothing_is_read_from_nothing() {
    read::<()>("");
    read::<()>("null");
    read::<()>("\"\"");
    assert!(decode_value::<()>(b"nul").is_err());
    assert!(read::<Vec<DateTimeUtc>>("[]").is_empty());
}
