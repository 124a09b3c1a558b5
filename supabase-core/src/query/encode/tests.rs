#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use chrono::NaiveDate;

use super::*;
use crate::schema::ToValue;
use crate::types::{Literal, PgDate, PgRange, PgTimestamp};

fn condition(value: impl ToValue) -> String {
    let mut out = String::new();
    value.write(&mut ValueWriter::condition(&mut out));
    out
}

fn bare(value: impl ToValue) -> String {
    let mut out = String::new();
    value.write(&mut ValueWriter::bare(&mut out));
    out
}

fn json(value: impl ToValue) -> String {
    let mut out = String::new();
    value.write(&mut ValueWriter::json_value(&mut out));
    out
}

#[test]
fn text_is_quoted_only_where_something_could_end_it() {
    assert_eq!(bare("a,b\"c"), "a,b\"c");
    assert_eq!(condition("a,b"), "\"a,b\"");
    assert_eq!(condition(r#"a"b\c"#), r#""a\"b\\c""#);
    assert_eq!(json("a\"b\n\u{1}"), r#""a\"b\n\u0001""#);
}

#[test]
fn array_elements_are_quoted_inside_quotes() {
    assert_eq!(bare(["a", "b\"c", "", "NULL"]), r#"{"a","b\"c","","NULL"}"#);
    assert_eq!(condition([r"a\"]), r#""{\"a\\\\\"}""#);
    assert_eq!(bare(vec![vec![1, 2], vec![3, 4]]), "{{1,2},{3,4}}");
    assert_eq!(bare([Some(1), None]), "{1,NULL}");
    assert_eq!(json([Some("a"), None]), r#"["a",null]"#);
}

#[test]
fn documents_in_an_array_stay_documents() {
    use serde_json::{Value as Document, json as document};
    assert_eq!(json([document!({"a": [1]}), document!("x")]), r#"[{"a":[1]},"x"]"#);
    // As JSON the first would be two dimensions, the second NULL.
    assert_eq!(json([document!([1, "x"]), document!(2)]), r#""{\"[1,\\\"x\\\"]\",\"2\"}""#);
    assert_eq!(json(vec![vec![Some(Document::Null), None]]), r#""{{\"null\",NULL}}""#);
    assert_eq!(json([[1, 2], [3, 4]]), "[[1,2],[3,4]]");
}

#[test]
fn ranges_quote_their_bounds() {
    assert_eq!(bare(1..5), "[1,5)");
    assert_eq!(bare(PgRange::<i32>::Empty), "empty");
    assert_eq!(bare(PgRange::open("a,b", "c")), r#"("a,b","c")"#);
    assert_eq!(condition(PgRange::closed("x", "y")), r#""[\"x\",\"y\"]""#);
    assert_eq!(json(PgRange::closed("x", "y")), r#""[\"x\",\"y\"]""#);
    assert_eq!(condition(vec![PgRange::closed(1, 2)]), r#""{\"[1,2]\"}""#);
    assert_eq!(bare(..5), "(,5)");
}

#[test]
fn numbers_keep_their_value() {
    assert_eq!(bare(1.5), "1.5");
    assert_eq!(bare(1e300), "1e300");
    assert_eq!(bare(2.0), "2");
    assert_eq!(bare(f64::NAN), "NaN");
    assert_eq!(json(f64::INFINITY), "\"Infinity\"");
    assert_eq!(bare(u64::MAX), "18446744073709551615");
    assert_eq!(condition(Literal("[1,2)")), "\"[1,2)\"");
}

#[test]
fn durations_have_their_sign_at_the_number() {
    use chrono::TimeDelta;
    assert_eq!(bare(TimeDelta::zero()), "PT0S");
    assert_eq!(bare(TimeDelta::milliseconds(1500)), "PT1.500000000S");
    assert_eq!(bare(TimeDelta::milliseconds(-90_500)), "PT-90.500000000S");
    assert_eq!(bare(TimeDelta::microseconds(-1)), "PT-0.000001000S");
    assert_eq!(json(TimeDelta::days(-400)), "\"PT-34560000S\"");
}

#[test]
fn dates_are_written_as_the_general_way_writes_them() {
    let dates = [
        (1, 1, 1),
        (999, 12, 31),
        (1900, 2, 3),
        (2024, 2, 29),
        (9999, 12, 31),
        (10_000, 1, 1),
        (0, 1, 1),
        (-43, 3, 15),
    ];
    let times = [
        (0, 0, 0, 0),
        (23, 59, 59, 1_000_000_001),
        (6, 7, 8, 9_000),
        (12, 34, 56, 123_456_000),
        (1, 2, 3, 123_456_789),
        (1, 2, 3, 7),
    ];
    for (year, month, day) in dates {
        let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        assert_eq!(bare(date), PgDate(date).to_string());
        assert_eq!(json(date), format!("\"{}\"", PgDate(date)));
        for (hour, minute, second, nanos) in times {
            let moment = date.and_hms_nano_opt(hour, minute, second, nanos).unwrap();
            assert_eq!(bare(moment), PgTimestamp(moment, "").to_string());
            let utc = moment.and_utc();
            assert_eq!(condition(utc), format!("\"{}\"", PgTimestamp(moment, "+00:00")));
            let mut out = String::new();
            utc.write(&mut ValueWriter::item(&mut out));
            assert_eq!(crate::query::percent_decode(&out), condition(utc));
            assert!(!out.contains('+'), "{out}");
        }
    }
}

#[test]
fn rows_that_set_the_same_columns_are_written_alike() {
    let rows = [["a", "b"], ["c", "d"]];
    let mut columns = Columns::with_capacity(2);
    let mut out = String::new();
    for row in rows {
        let mut set = Vec::new();
        let mut object = ObjectWriter::recording(&mut out, Some(&columns), &mut set);
        for (name, value) in ["x", "y\"z"].into_iter().zip(row) {
            object.set(name, value);
        }
        assert_eq!(object.finish_row(), Ok((!columns.names.is_empty()).then_some(0)));
        set.into_iter().for_each(|name| columns.add(name));
    }
    assert_eq!(out, r#"{"x":"a","y\"z":"b"}{"x":"c","y\"z":"d"}"#);
    // Another order, and one left out.
    let mut set = Vec::new();
    let mut object = ObjectWriter::recording(&mut out, Some(&columns), &mut set);
    object.set("y\"z", "e");
    assert_eq!(object.finish_row(), Ok(None));
    assert_eq!(set, ["y\"z"]);
    let mut set = Vec::new();
    let mut object = ObjectWriter::recording(&mut out, Some(&columns), &mut set);
    object.set(columns.names[0], "f");
    assert_eq!(object.finish_row(), Ok(Some(1)));
    assert!(out.ends_with(r#"{"y\"z":"e"}{"x":"f"}"#), "{out}");
}

#[test]
fn nul_is_refused() {
    let mut out = String::new();
    let mut writer = ValueWriter::parameter(&mut out);
    "a\0b".write(&mut writer);
    assert_eq!(writer.finish(), Err(ValueError::Nul));
}
