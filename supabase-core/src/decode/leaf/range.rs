//! Ranges and multiranges, which arrive as PostgreSQL's text: `[1,5)`, `(,5]`, `empty`,
//! `["2024-01-01 00:00:00",)`, `{[1,2),[3,4)}`.

use std::borrow::Cow;
use std::ops::Bound;

use crate::decode::{Decode, DecodeError, DecodeText, JsonReader};
use crate::types::{PgMultirange, PgRange};

const RANGE: &str = "a range such as `[1,5)`";
const MULTIRANGE: &str = "a multirange such as `{[1,5),[7,9)}`";

impl<T: DecodeText> Decode for PgRange<T> {
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        read(json, RANGE, |text| {
            let mut rest = text;
            let range = range(&mut rest)?;
            rest.is_empty().then(|| decode_bounds(range))
        })
    }
}

impl<T: DecodeText> Decode for PgMultirange<T> {
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        read(json, MULTIRANGE, |text| {
            let mut rest = text.strip_prefix('{')?;
            let mut ranges = Vec::new();
            while !rest.starts_with('}') {
                if !ranges.is_empty() {
                    rest = rest.strip_prefix(',')?;
                }
                match decode_bounds(range(&mut rest)?) {
                    Ok(range) => ranges.push(range),
                    Err(error) => return Some(Err(error.in_element(ranges.len()))),
                }
            }
            (rest == "}").then_some(Ok(Self(ranges)))
        })
    }
}

/// Reads a string with `parse`: `None` when the text has not the form, `Some(Err(..))` when a bound
/// is no value of its type.
fn read<T>(
    json: &mut JsonReader<'_>,
    expected: &'static str,
    parse: impl FnOnce(&str) -> Option<Result<T, DecodeError>>,
) -> Result<T, DecodeError> {
    let mut ahead = json.fork();
    let parsed = ahead.string().ok().and_then(|text| parse(&text));
    match parsed {
        Some(value) => {
            json.go_to(ahead.place());
            value
        }
        None => Err(json.unexpected(expected)),
    }
}

/// Reads the bounds of a range whose form is right.
fn decode_bounds<T: DecodeText>(range: PgRange<Cow<'_, str>>) -> Result<PgRange<T>, DecodeError> {
    Ok(match range {
        PgRange::Empty => PgRange::Empty,
        PgRange::Span { lower, upper } => PgRange::Span { lower: decode_bound(lower)?, upper: decode_bound(upper)? },
    })
}

fn decode_bound<T: DecodeText>(bound: Bound<Cow<'_, str>>) -> Result<Bound<T>, DecodeError> {
    Ok(match bound {
        Bound::Included(text) => Bound::Included(T::decode_text(&text)?),
        Bound::Excluded(text) => Bound::Excluded(T::decode_text(&text)?),
        Bound::Unbounded => Bound::Unbounded,
    })
}

/// Splits the range that starts the text from it; its bounds are still text.
fn range<'t>(text: &mut &'t str) -> Option<PgRange<Cow<'t, str>>> {
    if let Some(rest) = text.strip_prefix("empty") {
        *text = rest;
        return Some(PgRange::Empty);
    }
    let closed_below = one_of(text, '[', '(')?;
    let lower = bound(text)?;
    *text = text.strip_prefix(',')?;
    let upper = bound(text)?;
    let closed_above = one_of(text, ']', ')')?;
    let bounded = |bound: Option<_>, closed| match bound {
        None => Bound::Unbounded,
        Some(text) if closed => Bound::Included(text),
        Some(text) => Bound::Excluded(text),
    };
    Some(PgRange::Span { lower: bounded(lower, closed_below), upper: bounded(upper, closed_above) })
}

/// Steps over one of two brackets and says whether it was the first.
fn one_of(text: &mut &str, first: char, second: char) -> Option<bool> {
    let is_first = text.starts_with(first);
    *text = text.strip_prefix([first, second])?;
    Some(is_first)
}

/// The text of a bound, its quotes and escapes undone; `Some(None)` where there is no bound.
fn bound<'t>(text: &mut &'t str) -> Option<Option<Cow<'t, str>>> {
    let whole = *text;
    let plain = whole.find([',', ')', ']', '(', '[', '"', '\\'])?;
    if matches!(whole.as_bytes().get(plain), Some(b',' | b')' | b']')) {
        *text = whole.get(plain..)?;
        return Some(whole.get(..plain).filter(|bound| !bound.is_empty()).map(Cow::Borrowed));
    }
    quoted_bound(text).map(|bound| Some(Cow::Owned(bound)))
}

/// Inside quotes everything is meant as it is, but a doubled quote is one, and a backslash makes
/// the character behind it plain.
fn quoted_bound(text: &mut &str) -> Option<String> {
    let mut bound = String::new();
    let mut in_quotes = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => bound.push(characters.next()?.1),
            '"' if in_quotes && characters.next_if(|(_, next)| *next == '"').is_some() => bound.push('"'),
            '"' => in_quotes = !in_quotes,
            ',' | ')' | ']' | '(' | '[' if !in_quotes => {
                *text = text.get(at..)?;
                return Some(bound);
            }
            other => bound.push(other),
        }
    }
    None
}
