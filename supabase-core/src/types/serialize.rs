//! Values of rows as JSON, for applications that pass rows on. Each is written as PostgREST writes it.

use std::fmt::Write as _;
use std::ops::Bound;

use serde::ser::{Error as _, Serializer};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Bytea, Json, PgMultirange, PgRange, PgVector, hex};

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

/// As `\x68656c6c6f`.
impl Serialize for Bytea {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bytea {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let digits = text.strip_prefix("\\x").and_then(|digits| hex(digits.as_bytes()));
        digits.map(Self).ok_or_else(|| serde::de::Error::custom("expected bytes as `\\x` and hexadecimal digits"))
    }
}

/// As `[1,2,3]`, the text of pgvector.
impl Serialize for PgVector {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::from("[");
        for (at, number) in self.0.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            write!(text, "{comma}{number}").map_err(S::Error::custom)?;
        }
        text.push(']');
        serializer.serialize_str(&text)
    }
}

/// A bound's value as it stands in the text of a range.
fn bound<T: Serialize, E: serde::ser::Error>(value: &T, out: &mut String) -> Result<(), E> {
    let text = match serde_json::to_value(value).map_err(E::custom)? {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-+.:".contains(&byte));
    if plain {
        out.push_str(&text);
        return Ok(());
    }
    out.push('"');
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            out.push(letter);
        }
        out.push(letter);
    }
    out.push('"');
    Ok(())
}

fn range<T: Serialize, E: serde::ser::Error>(range: &PgRange<T>, out: &mut String) -> Result<(), E> {
    let PgRange::Span { lower, upper } = range else {
        out.push_str("empty");
        return Ok(());
    };
    out.push(if matches!(lower, Bound::Included(_)) { '[' } else { '(' });
    if let Bound::Included(value) | Bound::Excluded(value) = lower {
        bound(value, out)?;
    }
    out.push(',');
    if let Bound::Included(value) | Bound::Excluded(value) = upper {
        bound(value, out)?;
    }
    out.push(if matches!(upper, Bound::Included(_)) { ']' } else { ')' });
    Ok(())
}

/// As `[1,5)`.
impl<T: Serialize> Serialize for PgRange<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::new();
        range(self, &mut text)?;
        serializer.serialize_str(&text)
    }
}

/// As `{[1,5),[7,9)}`.
impl<T: Serialize> Serialize for PgMultirange<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::from("{");
        for (at, part) in self.0.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            range(part, &mut text)?;
        }
        text.push('}');
        serializer.serialize_str(&text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn values_are_written_as_the_server_writes_them() {
        let text = |value: &dyn erased::Json| value.json();
        assert_eq!(text(&PgRange::from(1..5)), r#""[1,5)""#);
        assert_eq!(text(&PgRange::<i32>::Empty), r#""empty""#);
        assert_eq!(text(&PgRange::half_open("a b\"", "")), r#""[\"a b\"\"\",\"\")""#);
        assert_eq!(text(&PgRange::<i64>::Span { lower: Bound::Unbounded, upper: Bound::Included(7) }), r#""(,7]""#);
        assert_eq!(text(&PgMultirange(vec![PgRange::from(1..5), PgRange::from(7..9)])), r#""{[1,5),[7,9)}""#);
        assert_eq!(text(&PgVector(vec![1.0, 2.5])), r#""[1,2.5]""#);
        assert_eq!(text(&Json(vec![1, 2])), "[1,2]");
        assert_eq!(text(&Bytea(vec![0, 255])), r#""\\x00ff""#);
        assert_eq!(serde_json::from_str::<Bytea>(r#""\\x00ff""#).unwrap(), Bytea(vec![0, 255]));
        assert!(serde_json::from_str::<Bytea>(r#""\\x0""#).is_err());
        let time = chrono::DateTime::from_timestamp(0, 0).unwrap();
        assert_eq!(text(&PgRange::half_open(time, time)), r#""[1970-01-01T00:00:00Z,1970-01-01T00:00:00Z)""#);
    }

    /// Values of several types in one list of expectations.
    mod erased {
        pub(super) trait Json {
            fn json(&self) -> String;
        }
        impl<T: serde::Serialize> Json for T {
            fn json(&self) -> String {
                serde_json::to_string(self).unwrap()
            }
        }
    }
}
