//! Against `serde_json`: the same value, or an error from both.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use proptest::prelude::*;
use serde_json::value::RawValue;

use crate::decode::{Decode, JsonReader, decode_value};
use crate::types::{
    Bytea, DateTimeUtc, Decimal, Hstore, JsonValue, PgDate, PgMultirange, PgRange, PgTimestamp, PgVector, Uuid,
};

/// Spaces where JSON allows them.
fn space() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "", "", " ", "\n", "\t\r\n  "])
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<u64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_filter("JSON", |number| number.is_finite()).prop_map(|number| format!("{number:?}")),
        any::<f32>().prop_filter("JSON", |number| number.is_finite()).prop_map(|number| format!("{number:e}")),
        // Right and wrong alike: leading zeros, missing digits, signs.
        "-?[0-9]{0,3}(\\.[0-9]{0,3})?([eE][+-]?[0-9]{0,2})?",
        "-?(0|[1-9][0-9]{15,24})(\\.[0-9]{1,12})?",
    ]
}

/// The text of a string, right and wrong: escapes, halves of surrogate pairs, control characters.
fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[ -~]{0,12}".prop_map(|text| text.replace(['"', '\\'], "x")),
        2 => "\\PC{0,6}".prop_map(|text| text.replace(['"', '\\'], "x")),
        2 => prop::sample::select(vec![r#"\""#, r"\\", r"\/", r"\b", r"\f", r"\n", r"\r", r"\t", r"\u00e9", r"\u0000"]).prop_map(str::to_owned),
        2 => any::<char>().prop_map(|character| {
            character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04X}")).collect()
        }),
        1 => prop::sample::select(vec![r"\ud83d", r"\ude00", r"\uD83D\u0041", r"\x", r"\u12", r"\u12g4", "\n", "\u{1}", "\u{7f}", "\"", "\\"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn document() -> impl Strategy<Value = String> {
    let leaf =
        prop_oneof![number(), string(), prop::sample::select(vec!["true", "false", "null"]).prop_map(str::to_owned)];
    let around =
        |inner: BoxedStrategy<String>| (space(), inner, space()).prop_map(|(a, b, c)| format!("{a}{b}{c}")).boxed();
    leaf.prop_recursive(5, 40, 5, move |inner| {
        let element = around(inner.boxed());
        let key = around(string().boxed());
        prop_oneof![
            prop::collection::vec(element.clone(), 0..5).prop_map(|elements| format!("[{}]", elements.join(","))),
            prop::collection::vec((key, element), 0..5).prop_map(|columns| {
                let columns: Vec<String> = columns.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
                format!("{{{}}}", columns.join(","))
            }),
        ]
    })
}

/// Documents, some with one character taken away, put in or replaced.
fn almost_document() -> impl Strategy<Value = String> {
    (
        document(),
        any::<prop::sample::Index>(),
        0..6_u8,
        prop::sample::select(vec!['"', '\\', '{', '}', '[', ']', ',', ':', '0', 'e', '-', ' ', 'n']),
    )
        .prop_map(|(document, index, change, character)| {
            let mut characters: Vec<char> = document.chars().collect();
            if characters.is_empty() {
                return document;
            }
            let at = index.index(characters.len());
            match change {
                0 => drop(characters.remove(at)),
                1 => characters.insert(at, character),
                2 => characters[at] = character,
                _ => return document,
            }
            characters.into_iter().collect()
        })
}

fn same<T>(text: &str) -> Result<(), TestCaseError>
where
    T: Decode + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    match (decode_value::<T>(text.as_bytes()), serde_json::from_str::<T>(text)) {
        (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs, "{}", text),
        (Err(_), Err(_)) => (),
        (ours, theirs) => prop_assert!(false, "{text}: ours {ours:?}, theirs {theirs:?}"),
    }
    Ok(())
}

/// Reads the text as everything: nothing may panic.
fn read_as_everything(text: &str) {
    fn read<T: Decode>(text: &str) {
        let _ = decode_value::<T>(text.as_bytes()).map_err(|error| error.to_string());
    }
    read::<bool>(text);
    read::<i16>(text);
    read::<i64>(text);
    read::<u32>(text);
    read::<u64>(text);
    read::<f32>(text);
    read::<f64>(text);
    read::<String>(text);
    read::<Decimal>(text);
    read::<Uuid>(text);
    read::<NaiveDate>(text);
    read::<NaiveTime>(text);
    read::<NaiveDateTime>(text);
    read::<DateTimeUtc>(text);
    read::<JsonValue>(text);
    read::<Bytea>(text);
    read::<Hstore>(text);
    read::<PgVector>(text);
    read::<PgRange<i32>>(text);
    read::<PgRange<String>>(text);
    read::<PgMultirange<DateTimeUtc>>(text);
    read::<Vec<Option<Vec<i32>>>>(text);
    read::<()>(text);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_value_is_stepped_over_alike(text in almost_document()) {
        let mut json = JsonReader::new(&text);
        let ours = json.raw_value().and_then(|raw| json.end().map(|()| raw));
        match (ours, serde_json::from_str::<&RawValue>(&text)) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs.get()),
            (Err(_), Err(_)) => (),
            (ours, theirs) => prop_assert!(false, "{text}: ours {ours:?}, theirs {theirs:?}"),
        }
    }

    #[test]
    fn documents_are_read_alike(text in almost_document()) {
        same::<JsonValue>(&text)?;
        same::<Vec<JsonValue>>(&text)?;
    }

    #[test]
    fn objects_of_strings_are_read_alike(pairs in prop::collection::vec((string(), prop_oneof![3 => string(), 1 => Just("null".to_owned())]), 0..4)) {
        let pairs: Vec<String> = pairs.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
        same::<Hstore>(&format!("{{{}}}", pairs.join(", ")))?;
    }

    #[test]
    fn strings_are_read_alike(text in string()) {
        same::<String>(&text)?;
        same::<Option<String>>(&text)?;
        let list = format!("[{text}, {text}]");
        same::<Vec<String>>(&list)?;
    }

    #[test]
    fn numbers_are_read_alike(text in number()) {
        // `serde_json` takes the integer -0 for a float.
        if text != "-0" {
            same::<i8>(&text)?;
            same::<i16>(&text)?;
            same::<i32>(&text)?;
            same::<i64>(&text)?;
            same::<u8>(&text)?;
            same::<u16>(&text)?;
            same::<u32>(&text)?;
            same::<u64>(&text)?;
        }
        let theirs = serde_json::from_str::<f64>(&text);
        let ours = decode_value::<f64>(text.as_bytes());
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{}", &text);
        if let Ok(ours) = ours {
            // Without `float_roundtrip`, `serde_json` is off by a bit now and then: the standard library is the judge.
            prop_assert_eq!(ours.to_bits(), text.parse::<f64>().unwrap().to_bits());
            let single = text.parse::<f32>().unwrap();
            match decode_value::<f32>(text.as_bytes()) {
                Ok(ours) => prop_assert_eq!(ours.to_bits(), single.to_bits()),
                Err(_) => prop_assert!(single.is_infinite()),
            }
            let token = JsonReader::new(&text).number().unwrap().to_owned();
            prop_assert_eq!(token, text);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_alike(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
        let body = [b"\"".as_slice(), &bytes, b"\""].concat();
        let (ours, theirs) = (decode_value::<String>(&body), serde_json::from_slice::<String>(&body));
        prop_assert_eq!(ours.ok(), theirs.ok());
    }

    #[test]
    fn anything_is_a_value_or_an_error(text in prop_oneof![almost_document(), "\\PC{0,20}", "\"[-0-9:T+. BC,\\[\\](){}]{0,30}\""]) {
        read_as_everything(&text);
    }

    #[test]
    fn floats_come_back(number in any::<f64>()) {
        let text = if number.is_nan() {
            "\"NaN\"".to_owned()
        } else if number.is_infinite() {
            format!("\"{}Infinity\"", if number < 0.0 { "-" } else { "" })
        } else {
            format!("{number}")
        };
        let read = decode_value::<f64>(text.as_bytes()).unwrap();
        prop_assert!(read == number || read.is_nan() && number.is_nan(), "{text}");
    }

    #[test]
    fn decimals_come_back_with_their_scale(high in any::<u32>(), rest in any::<u64>(), negative in any::<bool>(), scale in 0..29_u32) {
        let number = Decimal::from_parts(rest as u32, (rest >> 32) as u32, high, negative, scale);
        let text = number.to_string();
        let read = decode_value::<Decimal>(text.as_bytes()).unwrap();
        prop_assert_eq!(read.to_string(), text);
        // Short ones take the other way.
        let number = Decimal::from_parts(rest as u32, high & 0xFFFF, 0, negative, scale);
        prop_assert_eq!(decode_value::<Decimal>(number.to_string().as_bytes()).unwrap().to_string(), number.to_string());
    }

    #[test]
    fn moments_come_back(seconds in -8_000_000_000_000_i64..8_000_000_000_000, micros in prop_oneof![Just(0_u32), 0..1_000_000_u32], offset in -57_599..57_600_i32) {
        let moment = DateTime::<Utc>::from_timestamp(seconds, micros * 1_000).unwrap();
        let written = |zone| format!("\"{}\"", PgTimestamp(moment.naive_utc(), zone));
        prop_assert_eq!(decode_value::<NaiveDateTime>(written("").as_bytes()).unwrap(), moment.naive_utc());
        prop_assert_eq!(decode_value::<DateTimeUtc>(written("+00:00").as_bytes()).unwrap(), moment);
        prop_assert_eq!(decode_value::<DateTimeUtc>(written("+00").as_bytes()).unwrap(), moment);
        let date = moment.date_naive();
        prop_assert_eq!(decode_value::<NaiveDate>(format!("\"{}\"", PgDate(date)).as_bytes()).unwrap(), date);
        prop_assert_eq!(decode_value::<NaiveTime>(format!("\"{}\"", moment.time()).as_bytes()).unwrap(), moment.time());
        // In a zone, as PostgreSQL prints its offset: minutes and seconds where it has some.
        let local = moment.naive_utc() + chrono::TimeDelta::seconds(offset.into());
        if local.year() > 0 {
            let (hours, minutes, left) = (offset.abs() / 3600, offset.abs() / 60 % 60, offset.abs() % 60);
            let mut zone = format!("{}{hours:02}", if offset < 0 { '-' } else { '+' });
            if minutes != 0 || left != 0 {
                zone += &format!(":{minutes:02}");
            }
            if left != 0 {
                zone += &format!(":{left:02}");
            }
            let text = format!("\"{}{zone}\"", PgTimestamp(local, ""));
            prop_assert_eq!(decode_value::<DateTimeUtc>(text.as_bytes()).unwrap(), moment, "{}", text);
        }
    }

    #[test]
    fn ranges_of_text_come_back(lower in "[ -~ü]{0,8}", upper in "[a,\"\\\\()\\[\\]]{0,6}", closed in any::<bool>()) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\""));
        let text = format!("[{},{}{}", quoted(&lower), quoted(&upper), if closed { ']' } else { ')' });
        let expected = if closed { PgRange::closed(lower, upper) } else { PgRange::half_open(lower, upper) };
        let body = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(decode_value::<PgRange<String>>(body.as_bytes()).unwrap(), expected.clone());
        let body = serde_json::to_string(&format!("{{{text},{text}}}")).unwrap();
        prop_assert_eq!(decode_value::<PgMultirange<String>>(body.as_bytes()).unwrap().0, [expected.clone(), expected]);
    }

    #[test]
    fn bytes_come_back(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let bytes = Bytea(bytes);
        let body = serde_json::to_string(&bytes.to_string()).unwrap();
        prop_assert_eq!(decode_value::<Bytea>(body.as_bytes()).unwrap(), bytes);
    }
}
