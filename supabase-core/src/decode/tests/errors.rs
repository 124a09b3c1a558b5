//! What an error says.

use crate::decode::{Decode, DecodeError, decode_row, decode_rows, decode_value};
use crate::types::{Bytea, DateTimeUtc, Decimal, Json, NaiveDate, NaiveDateTime, NaiveTime, PgRange, PgVector, Uuid};

fn message<T: Decode>(body: &str) -> String {
    match decode_value::<T>(body.as_bytes()) {
        Ok(_) => panic!("{body} was read"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_error_is_one_word() {
    assert_eq!(size_of::<DecodeError>(), size_of::<usize>());
    assert_eq!(size_of::<Result<(), DecodeError>>(), size_of::<usize>());
}

#[test]
fn it_names_row_and_column_and_shows_what_was_found() {
    let error = decode_rows(br#"[{"mass":1},{"mass":"abc"}]"#, |row| row.column::<f64>("mass")).unwrap_err();
    assert_eq!(error.to_string(), r#"row 1, column `mass`: expected a number, found `"abc"`"#);
    assert_eq!((error.row(), error.column(), error.found()), (Some(1), Some("mass"), Some("\"abc\"")));

    let moons = |row: &mut crate::decode::RowReader<'_>| row.column::<Moons>("moons").map(|_| ());
    struct Moons;
    impl Decode for Moons {
        fn decode(json: &mut crate::decode::JsonReader<'_>) -> Result<Self, DecodeError> {
            json.array(|json| json.object(|moon| moon.column::<Vec<bool>>("seen").map(|_| ()))).map(|()| Self)
        }
    }
    let error = decode_rows(br#"[{"moons":[{"seen":[]},{"seen":[true,7]}]}]"#, moons).unwrap_err();
    assert_eq!(error.to_string(), "row 0, column `moons[1].seen[1]`: expected true or false, found `7`");
}

#[test]
fn null_without_room_says_what_to_do() {
    let error = decode_rows(br#"[{"mass":null}]"#, |row| row.column::<f64>("mass")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 0, column `mass` is NULL, but its type has no room for it: \
         generate again, or mark it nullable in supabase-codegen.toml"
    );
    assert!(error.is_null());
    assert_eq!(error.found(), Some("null"));
    let scalar = message::<i64>("null");
    assert!(scalar.starts_with("the value is NULL, but its type has no room for it"), "{scalar}");
    // Every leaf, whatever it starts with.
    for null in [
        message::<bool>("null"),
        message::<i16>("null"),
        message::<u32>("null"),
        message::<u64>("null"),
        message::<f32>("null"),
        message::<String>("null"),
        message::<Decimal>("null"),
        message::<Uuid>("null"),
        message::<NaiveDate>("null"),
        message::<NaiveTime>("null"),
        message::<NaiveDateTime>("null"),
        message::<DateTimeUtc>("null"),
        message::<Bytea>("null"),
        message::<PgRange<i32>>("null"),
        message::<PgVector>("null"),
        message::<Vec<i32>>("null"),
        message::<Json<Vec<i32>>>("null"),
    ] {
        assert!(null.starts_with("the value is NULL"), "{null}");
    }
}

#[test]
fn a_missing_column_is_named() {
    let error = decode_rows(br#"[{"mass":1}]"#, |row| row.column::<f64>("weight")).unwrap_err();
    assert_eq!(error.to_string(), "row 0: column `weight` is missing from the answer");
    assert!(error.is_missing());
    let error = decode_row(b"{}", |row| row.column::<Option<f64>>("weight")).unwrap_err();
    assert_eq!(error.to_string(), "column `weight` is missing from the answer");
}

#[test]
fn an_excerpt_has_eighty_characters_at_most() {
    let long = format!("[\"{}\"]", "ü".repeat(200));
    let error = decode_value::<Vec<i64>>(long.as_bytes()).unwrap_err();
    let found = error.found().unwrap();
    assert_eq!(found.chars().count(), 80);
    assert_eq!(found, format!("\"{}…", "ü".repeat(78)));
    // Eighty fit, and only the value itself is shown.
    let fits = format!("[\"{}\",1]", "ü".repeat(78));
    assert_eq!(decode_value::<Vec<i64>>(fits.as_bytes()).unwrap_err().found(), Some(&fits[1..fits.len() - 3]));
}

#[test]
fn integers_that_do_not_fit_name_the_limits() {
    assert_eq!(message::<i16>("40000"), "expected an integer from -32768 to 32767, found `40000`");
    assert_eq!(message::<u8>("-1"), "expected an integer from 0 to 255, found `-1`");
    assert_eq!(message::<i64>("1.5"), "expected an integer, found `1.5`");
    assert_eq!(message::<i64>("\"7\""), "expected an integer, found `\"7\"`");
    assert_eq!(message::<i64>("true"), "expected an integer, found `true`");
    assert_eq!(
        message::<i64>("9223372036854775808"),
        "expected an integer from -9223372036854775808 to 9223372036854775807, found `9223372036854775808`"
    );
    assert_eq!(message::<u32>("\"-1\""), "expected an integer from 0 to 4294967295, found `\"-1\"`");
}

#[test]
fn values_that_a_type_lacks_come_with_a_remedy() {
    const AS_TEXT: &str = "select the column as text (`column as text` in `select!`) to read such a value";
    assert_eq!(
        message::<NaiveDate>("\"infinity\""),
        format!(
            "expected a date such as `2024-03-03`, found `\"infinity\"`: `infinity` has no place in a calendar; {AS_TEXT}"
        )
    );
    assert!(message::<NaiveDateTime>("\"-infinity\"").ends_with(AS_TEXT));
    assert!(message::<DateTimeUtc>("\"infinity\"").ends_with(AS_TEXT));
    assert!(message::<NaiveDate>("\"5874897-12-31\"").contains("is past the years that chrono knows"));
    assert_eq!(
        message::<NaiveTime>("\"24:00:00\""),
        format!(
            "expected a time such as `06:00:00`, found `\"24:00:00\"`: \
             `24:00:00` is the end of the day, which `NaiveTime` does not know; {AS_TEXT}"
        )
    );
    assert_eq!(
        message::<Decimal>("123456789012345678901234567890.123456789"),
        format!(
            "expected a number within the 96 bits and 28 decimal places of `Decimal`, \
             found `123456789012345678901234567890.123456789`: {AS_TEXT}"
        )
    );
    assert!(message::<Decimal>("\"NaN\"").ends_with(AS_TEXT));
    assert_eq!(message::<Decimal>("\"abc\""), "expected a number, found `\"abc\"`");
    assert_eq!(
        message::<PgRange<NaiveDate>>("\"[2024-01-01,infinity)\""),
        format!(
            "expected a date such as `2024-03-03`, found `infinity`: `infinity` has no place in a calendar; {AS_TEXT}"
        )
    );
    assert_eq!(
        message::<Bytea>(r#""\\000abc""#),
        r#"expected bytes such as `\xdeadbeef`, found `"\\000abc"`: the database needs `bytea_output` = `hex`"#
    );
    assert!(message::<PgVector>("\"{1:1.5,3:2}/5\"").contains("it is a `sparsevec`"));
    // A timestamp of the other kind is neither cut nor shifted.
    assert!(
        message::<NaiveDateTime>("\"2024-03-03T06:00:00+00:00\"").starts_with("expected a timestamp without time zone")
    );
    assert!(message::<DateTimeUtc>("\"2024-03-03T06:00:00\"").starts_with("expected a timestamp with time zone"));
}

#[test]
fn documents_say_what_serde_says() {
    #[derive(Debug, serde::Deserialize)]
    struct Facts {
        #[allow(dead_code, reason = "read by serde only")]
        day_h: f64,
    }
    let error = message::<Json<Facts>>(r#"{"day": 24}"#);
    assert!(error.contains("Facts`, found `{\"day\": 24}`: missing field `day_h`"), "{error}");
}

#[test]
fn broken_answers_say_where() {
    assert_eq!(message::<Vec<i64>>("[1,2"), "expected `,` or `]`, found the end of the answer");
    assert_eq!(message::<i64>(""), "expected an integer, found the end of the answer");
    assert_eq!(message::<i64>("1 2"), "expected nothing more, found `2`");
    assert_eq!(message::<i64>("<html>"), "expected an integer, found `<html>`");
    assert_eq!(
        message::<String>("\"abc"),
        "expected a string with a closing quote, escapes that JSON has and no bare control characters, found `\"abc`"
    );
    let error = decode_rows(br#"{"message":"no"}"#, |_| Ok(())).unwrap_err();
    assert_eq!(error.to_string(), "expected an array, found `{\"message\":\"no\"}`");
    let error = decode_row(b"[]", |_| Ok(())).unwrap_err();
    assert_eq!(error.to_string(), "expected an object, found `[]`");
    let error = decode_rows(b"[{\"a\":\"\xff\"}]", |_| Ok(())).unwrap_err();
    assert!(error.to_string().starts_with("the answer is not UTF-8 from byte 7 on"), "{error}");
}
