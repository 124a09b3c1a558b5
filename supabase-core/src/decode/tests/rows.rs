//! Columns in, and out of, the order in which they were sent.

use proptest::prelude::*;

use crate::decode::{Decode, DecodeError, JsonReader, RowReader, decode_row, decode_rows, decode_value};
use crate::schema::{FromRow, Table};

type Planet = (i64, String, Option<f64>);

fn planet(row: &mut RowReader<'_>) -> Result<Planet, DecodeError> {
    Ok((row.column("id")?, row.column("name")?, row.column("mass")?))
}

fn earth() -> Planet {
    (3, "Earth".into(), Some(5.97))
}

#[test]
fn columns_are_found_in_any_order() {
    for body in [
        r#"{"id":3,"name":"Earth","mass":5.97}"#,
        r#"{"mass":5.97,"name":"Earth","id":3}"#,
        r#"{"name":"Earth","mass":5.97,"id":3}"#,
        " { \"id\" : 3 ,\n\t\"name\" : \"Earth\" , \"mass\" : 5.97 } \r\n",
    ] {
        assert_eq!(decode_row(body.as_bytes(), planet).unwrap(), earth(), "{body}");
    }
}

#[test]
fn unknown_columns_are_ignored_wherever_they_stand() {
    for body in [
        r#"{"new":{"id":9,"deep":[{"name":"x"}]},"id":3,"name":"Earth","mass":5.97}"#,
        r#"{"id":3,"new":"}","name":"Earth","mass":5.97}"#,
        r#"{"id":3,"name":"Earth","mass":5.97,"new":null,"newer":"\"\\\ud83d"}"#,
    ] {
        assert_eq!(decode_row(body.as_bytes(), planet).unwrap(), earth(), "{body}");
    }
}

#[test]
fn what_is_ignored_has_to_be_json_all_the_same() {
    for body in [
        r#"{"id":3,"name":"Earth","mass":5.97,"new":nul}"#,
        r#"{"id":3,"new":01,"name":"Earth","mass":5.97}"#,
        r#"{"id":3,"name":"Earth","mass":5.97,}"#,
        r#"{"id":3,"name":"Earth","mass":5.97 "new":1}"#,
        r#"{"id":3,"name":"Earth","mass":5.97,"new" 1}"#,
        r#"{"id":3,"name":"Earth","mass":5.97]"#,
        r#"{"id":3,"name":"Earth","mass":5.97}"id":4}"#,
        r#"{"id":3,"name":"Earth","mass":5.97}{}"#,
    ] {
        decode_row(body.as_bytes(), planet).expect_err(body);
    }
}

#[test]
fn of_columns_with_one_key_the_first_that_was_not_taken_is_taken() {
    let twice =
        |row: &mut RowReader<'_>| Ok((row.column::<i64>("b")?, row.column::<i64>("a")?, row.column::<i64>("a")?));
    assert_eq!(decode_row(br#"{"a":1,"a":2,"b":3}"#, twice).unwrap(), (3, 1, 2));
    assert_eq!(decode_row(br#"{"a":1,"b":3,"a":2}"#, twice).unwrap(), (3, 1, 2));
    assert_eq!(decode_row(br#"{"b":3,"a":1,"a":2}"#, twice).unwrap(), (3, 1, 2));
    assert_eq!(decode_row(br#"{"b":3,"a":1,"x":0,"a":2}"#, twice).unwrap(), (3, 1, 2));
}

#[test]
fn a_key_is_compared_by_its_characters_not_by_its_spelling() {
    let row = |row: &mut RowReader<'_>| row.column::<i64>("na\"me");
    assert_eq!(decode_row(br#"{"na\"me":1}"#, row).unwrap(), 1);
    assert_eq!(decode_row(br#"{"n\u0061\u0022me":1}"#, row).unwrap(), 1);
    // The bytes of this object start like the key `a":1,"b`, which it does not have.
    let look_alike = decode_row(br#"{"a":1,"b":2}"#, |row| row.column::<i64>("a\":1,\"b"));
    assert!(look_alike.unwrap_err().is_missing());
    // `\n` in JSON is a line feed and not the two characters.
    let look_alike = decode_row(br#"{"a\n":1}"#, |row| row.column::<i64>(r"a\n"));
    assert!(look_alike.unwrap_err().is_missing());
    assert_eq!(decode_row(br#"{"a\n":1}"#, |row| row.column::<i64>("a\n")).unwrap(), 1);
    assert_eq!(
        decode_row("{\"größe\":1,\"\":2}".as_bytes(), |row| Ok((
            row.column::<i64>("größe")?,
            row.column::<i64>("")?
        )))
        .unwrap(),
        (1, 2)
    );
}

#[test]
fn keys_values_and_raw_columns_can_be_walked() {
    let body = br#"{"a":1,"b":{"x": [1, 2]},"c":null,"d":"four"}"#;
    let keys = decode_row(body, |row| {
        assert_eq!(row.raw("b"), Some(r#"{"x": [1, 2]}"#));
        assert_eq!(row.raw("b"), None, "taken");
        assert_eq!(row.raw("nowhere"), None);
        assert_eq!(row.column_if_sent::<Option<i64>>("c")?, Some(None), "NULL is not absence");
        assert_eq!(row.column_if_sent::<Option<i64>>("c")?, None);
        let mut keys = Vec::new();
        while let Some(key) = row.next_key()? {
            assert_eq!(row.next_key()?, Some(key.clone()), "the key is only looked at");
            let raw = row.raw(&key).unwrap().to_owned();
            keys.push((key.into_owned(), raw));
        }
        Ok(keys)
    });
    assert_eq!(keys.unwrap(), [("a".to_owned(), "1".to_owned()), ("d".to_owned(), "\"four\"".to_owned())]);

    let all = decode_row(br#"{"a":1,"b":2}"#, |row| {
        let mut all = Vec::new();
        while let Some((key, value)) = row.next_column::<i64>()? {
            all.push((key.into_owned(), value));
        }
        Ok(all)
    });
    assert_eq!(all.unwrap(), [("a".to_owned(), 1), ("b".to_owned(), 2)]);
}

#[test]
fn malformed_json_before_a_raw_column_fails_the_row() {
    let error = decode_row(br#"{"a":01,"b":2}"#, |row| Ok(row.raw("b").map(str::to_owned)));
    assert!(error.is_err(), "{error:?}");
}

#[test]
fn rows_are_told_apart_by_any_white_space() {
    let body = b"[{\"id\":1,\"name\":\"Mercury\",\"mass\":null}, \n {\"id\":3,\"name\":\"Earth\",\"mass\":5.97}]";
    assert_eq!(decode_rows(body, planet).unwrap(), [(1, "Mercury".into(), None), earth()]);
    assert_eq!(decode_rows(b" [ ] ", planet).unwrap(), []);
}

#[test]
fn rows_nest() {
    #[derive(Debug, PartialEq)]
    struct Moon {
        name: String,
    }
    enum Moons {}
    impl Table for Moons {
        const NAME: &'static str = "moons";
        const SCHEMA: &'static str = "public";
        const COLUMNS: &'static [crate::schema::ColumnInfo] = &[];
        const REQUIRED: &'static [&'static str] = &[];
        const PRIMARY_KEY: &'static [&'static str] = &[];
    }
    impl FromRow for Moon {
        type Table = Moons;
        fn select(_: &mut crate::query::SelectWriter<'_>) {}
        fn decode(row: &mut RowReader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { name: row.column("name")? })
        }
    }
    let planet =
        |row: &mut RowReader<'_>| Ok((row.column::<Vec<Moon>>("moons")?, row.column::<Option<Moon>>("largest")?));
    let (moons, largest) =
        decode_row(br#"{"moons":[{"name":"Phobos"},{"name":"Deimos"}],"largest":null}"#, planet).unwrap();
    assert_eq!((moons.len(), largest), (2, None));
    let error = decode_row(br#"{"moons":[{"name":"Phobos"},{"nam":1}],"largest":null}"#, planet).unwrap_err();
    assert_eq!(error.to_string(), "column `moons[1].name` is missing from the answer");
}

#[test]
fn the_count_of_an_embedded_relation_is_read_from_every_shape() {
    use crate::decode::EmbeddedCount;
    let count = |body: &str| decode_value::<EmbeddedCount>(body.as_bytes()).map(|count| count.0);
    assert_eq!(count(r#"[{"count": 2}]"#).unwrap(), 2);
    assert_eq!(count("[]").unwrap(), 0);
    assert_eq!(count(r#"{"count": 1}"#).unwrap(), 1);
    assert_eq!(count("null").unwrap(), 0);
    assert!(count("3").is_err());
}

#[test]
fn a_type_that_leaves_something_behind_is_found_out() {
    #[derive(Debug)]
    struct Lazy;
    impl Decode for Lazy {
        fn decode(_: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
            Ok(Self)
        }
    }
    decode_row(br#"{"a":1}"#, |row| row.column::<Lazy>("a")).unwrap_err();
    decode_row(br#"{"b":2,"a":1}"#, |row| {
        row.column::<i64>("a")?;
        row.column::<Lazy>("b")
    })
    .unwrap_err();
    decode_value::<Vec<Lazy>>(b"[1]").unwrap_err();
}

#[test]
fn nesting_ends_in_an_error_and_not_in_the_stack() {
    /// A list of lists without end.
    struct Tree;
    impl Decode for Tree {
        fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
            json.array(|json| Self::decode(json).map(|_| ())).map(|()| Self)
        }
    }
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(decode_value::<Tree>(nested(128).as_bytes()).is_ok());
    for depth in [129, 1_000_000] {
        let error = decode_value::<Tree>(nested(depth).as_bytes()).map(|_| ()).unwrap_err();
        assert!(error.to_string().ends_with("objects and arrays are nested more than 128 deep"), "{error}");
        assert!(JsonReader::new(&nested(depth)).raw_value().is_err());
        assert!(decode_value::<crate::types::JsonValue>(nested(depth).as_bytes()).is_err());
    }
    assert!(JsonReader::new(&nested(128)).raw_value().is_ok());
    let objects = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    assert!(JsonReader::new(&objects).raw_value().is_err());
    // Depth is given back on the way out: many neighbours are no nesting.
    let wide = format!("[{}[]]", "[[]],".repeat(500));
    assert!(decode_value::<Tree>(wide.as_bytes()).is_ok());
    let rows = format!("[{}{{\"a\":[]}}]", "{\"a\":[[]]},".repeat(500));
    assert_eq!(decode_rows(rows.as_bytes(), |row| row.column::<Tree>("a").map(|_| ())).unwrap().len(), 501);
}

/// Keys that are hard to tell apart in JSON's spelling.
const KEYS: [&str; 6] = ["a", "ab", "a\"", "a\\n", "a\n", ""];

proptest! {
    #[test]
    fn columns_taken_in_any_order_are_those_of_the_object(
        sent in prop::collection::vec((prop::sample::select(&KEYS[..]), any::<i64>()), 0..8),
        asked in prop::collection::vec(prop::sample::select(&KEYS[..]), 0..8),
    ) {
        let columns: Vec<String> =
            sent.iter().map(|(key, value)| format!("{}:{value}", serde_json::to_string(key).unwrap())).collect();
        let body = format!("{{{}}}", columns.join(","));
        let mut left = sent;
        let expected: Vec<Option<i64>> = asked
            .iter()
            .map(|key| left.iter().position(|(sent, _)| sent == key).map(|index| left.remove(index).1))
            .collect();
        let mut json = JsonReader::new(&body);
        let (found, rest) = json.object(|row| {
            let found: Result<Vec<_>, _> = asked.iter().map(|key| row.column_if_sent::<i64>(key)).collect();
            let mut rest = Vec::new();
            while let Some((key, value)) = row.next_column::<i64>()? {
                rest.push((key.into_owned(), value));
            }
            Ok((found?, rest))
        }).unwrap();
        json.end().unwrap();
        prop_assert_eq!(found, expected);
        let left: Vec<(String, i64)> = left.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        prop_assert_eq!(rest, left);
    }
}
