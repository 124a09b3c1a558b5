//! One value, told by its kind and written as the place asks for.

use std::fmt::{self, Write as _};
use std::ops::Bound;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use serde::Serialize;

use super::date::{pair, push_date};
use super::json::push_json_string;
use super::object::ObjectWriter;
use super::short::Text;
use super::{Place, ValueError};
use crate::query::percent;
use crate::schema::ToValue;
use crate::types::{Bounds, Hstore, PgDate, PgTimestamp};

/// Tells the encoder what a value is. [`ToValue`] implementations call exactly one method.
pub struct ValueWriter<'a> {
    out: &'a mut String,
    place: Place,
    percent: bool,
    /// How many quotes are open: each escapes what is escaped inside it once more.
    quotes: u8,
    pub(super) error: Option<ValueError>,
    /// Whether the value is left out.
    pub(super) omitted: bool,
    /// How many arrays of a JSON body are open.
    arrays: u8,
    /// Whether a document in them would be read as something else: one that is a list as a further dimension, one
    /// that is null as NULL.
    mistaken: bool,
    /// Whether a JSON document was written where there is no JSON around it.
    pub(super) document: bool,
}

impl<'a> ValueWriter<'a> {
    #[inline]
    pub(super) fn new(out: &'a mut String, place: Place, percent: bool) -> Self {
        Self {
            out,
            place,
            percent,
            quotes: 0,
            error: None,
            omitted: false,
            arrays: 0,
            mistaken: false,
            document: false,
        }
    }

    /// The value of a parameter, percent-encoded.
    pub(crate) fn parameter(out: &'a mut String) -> Self {
        Self::new(out, Place::Bare, true)
    }

    /// An item of a list in a parameter, percent-encoded.
    pub(crate) fn item(out: &'a mut String) -> Self {
        Self::new(out, Place::Item, true)
    }

    /// A value in a logic tree, which is percent-encoded as a whole later.
    pub(crate) fn condition(out: &'a mut String) -> Self {
        Self::new(out, Place::Item, false)
    }

    /// A value as text of its own.
    pub(crate) fn bare(out: &'a mut String) -> Self {
        Self::new(out, Place::Bare, false)
    }

    /// A JSON value.
    pub(crate) fn json_value(out: &'a mut String) -> Self {
        Self::new(out, Place::Json, false)
    }

    /// What went wrong, if anything did.
    pub(crate) fn finish(self) -> Result<(), ValueError> {
        self.error.map_or(Ok(()), Err)
    }

    fn fail(&mut self, error: ValueError) {
        self.error.get_or_insert(error);
    }

    // ---- escaping --------------------------------------------------------------------------

    /// A mark of the list around the values, which stands for itself in a URL.
    #[inline]
    pub(crate) fn plain(&mut self, mark: &str) {
        self.out.push_str(mark);
    }

    /// Text that means nothing to any grammar, but may need percent-encoding.
    #[inline]
    pub(super) fn raw(&mut self, text: &str) {
        if self.percent {
            percent::encode(self.out, text);
        } else {
            self.out.push_str(text);
        }
    }

    /// One character of meaning to the innermost grammar, escaped for those around it.
    #[inline]
    fn escaped(&mut self, mark: u8) {
        if self.quotes > 0 {
            let escape = if self.percent { "%5C" } else { "\\" };
            for _ in 0..(1_u16 << self.quotes.min(8)) - 1 {
                self.out.push_str(escape);
            }
        }
        self.out.push_str(match (self.percent, mark) {
            (true, b'"') => "%22",
            (true, _) => "%5C",
            (false, b'"') => "\"",
            (false, _) => "\\",
        });
    }

    fn open_quote(&mut self) {
        self.escaped(b'"');
        self.quotes += 1;
    }

    fn close_quote(&mut self) {
        self.quotes -= 1;
        self.escaped(b'"');
    }

    /// Text of the value, inside the quotes that are open.
    fn put(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let (mut rest, mut at) = (0, 0);
        loop {
            // What stands for itself in a URL means nothing to the other grammars.
            while at < bytes.len() && percent::PLAIN[usize::from(bytes[at])] {
                at += 1;
            }
            let Some(&byte) = bytes.get(at) else { break };
            let quoted = self.quotes > 0 && matches!(byte, b'"' | b'\\');
            if byte == 0 {
                self.fail(ValueError::Nul);
                return;
            }
            if quoted || self.percent {
                // What is between is plain; between two bytes of one character there is nothing.
                if rest < at {
                    self.out.push_str(&text[rest..at]);
                }
                if quoted {
                    self.escaped(byte);
                } else {
                    self.out.push_str(percent::code(byte));
                }
                rest = at + 1;
            }
            at += 1;
        }
        if rest < bytes.len() {
            self.out.push_str(&text[rest..]);
        }
    }

    /// Quotes around what `inner` writes, wherever the place would otherwise end the value.
    fn delimited(&mut self, inner: impl FnOnce(&mut ValueWriter<'_>)) {
        match self.place {
            Place::Bare => inner(self),
            Place::Item | Place::Element | Place::Part => {
                self.open_quote();
                inner(self);
                self.close_quote();
            }
            Place::Json => {
                // A PostgreSQL literal inside a JSON string: written apart, then escaped as one.
                let mut literal = String::new();
                let mut writer = ValueWriter::new(&mut literal, Place::Bare, false);
                inner(&mut writer);
                if let Some(error) = writer.error.take() {
                    self.fail(error);
                }
                let _nul_is_refused_already = push_json_string(self.out, &literal);
            }
        }
    }

    /// The same around text that no grammar escapes.
    fn delimited_plain(&mut self, inner: impl FnOnce(&mut String)) {
        match self.place {
            Place::Bare => inner(self.out),
            Place::Item | Place::Element | Place::Part => {
                self.open_quote();
                inner(self.out);
                self.close_quote();
            }
            Place::Json => {
                self.out.push('"');
                inner(self.out);
                self.out.push('"');
            }
        }
    }

    #[inline]
    pub(super) fn inside(&mut self, place: Place, inner: impl FnOnce(&mut ValueWriter<'_>)) {
        let outer = std::mem::replace(&mut self.place, place);
        inner(self);
        self.place = outer;
    }

    // ---- the kinds of values ---------------------------------------------------------------

    /// SQL NULL.
    pub fn null(&mut self) {
        match self.place {
            Place::Element => self.raw("NULL"),
            Place::Part => {}
            Place::Json => self.out.push_str("null"),
            Place::Bare | Place::Item => self.fail(ValueError::Null),
        }
    }

    /// Nothing: the column or argument is left out.
    pub(crate) fn omit(&mut self) {
        self.omitted = true;
        if self.place != Place::Json {
            self.fail(ValueError::Null);
        }
    }

    /// A truth value.
    pub fn bool(&mut self, value: bool) {
        self.raw(if value { "true" } else { "false" });
    }

    /// A whole number.
    pub fn integer(&mut self, value: i128) {
        // Most are small; i128 costs several times what i64 does.
        match i64::try_from(value) {
            Ok(small) => self.out.push_str(itoa::Buffer::new().format(small)),
            Err(_) => self.out.push_str(itoa::Buffer::new().format(value)),
        }
    }

    /// A number whose text is its exact value: digits, sign, point, exponent.
    pub fn number(&mut self, value: &impl fmt::Display) {
        let written = write!(self.out, "{value}");
        debug_assert!(written.is_ok(), "writing to a String does not fail");
    }

    /// A double.
    pub fn float(&mut self, value: f64) {
        // Where no exponent is needed, the digits are found faster than `fmt` does.
        if value == 0.0 || (1e-4..1e16).contains(&value.abs()) {
            let mut buffer = zmij::Buffer::new();
            let text = buffer.format_finite(value);
            self.out.push_str(text.strip_suffix(".0").unwrap_or(text));
            return;
        }
        self.floating(value.is_finite(), value.is_nan(), value > 0.0, &value);
    }

    /// A single-precision number, in the fewest digits that name it.
    pub fn float32(&mut self, value: f32) {
        self.floating(value.is_finite(), value.is_nan(), value > 0.0, &value);
    }

    fn floating(&mut self, finite: bool, nan: bool, positive: bool, value: &impl fmt::Debug) {
        if finite {
            // `Debug` uses an exponent for very large and very small numbers, `Display` never does.
            let mut text = Text::<40>::new();
            let written = write!(text, "{value:?}");
            debug_assert!(written.is_ok(), "the longest double has 24 characters");
            let text = text.as_str();
            self.raw(text.strip_suffix(".0").unwrap_or(text));
        } else {
            self.text(if nan {
                "NaN"
            } else if positive {
                "Infinity"
            } else {
                "-Infinity"
            });
        }
    }

    /// Text, of any content.
    #[inline]
    pub fn text(&mut self, value: &str) {
        let whole = match self.place {
            Place::Json => push_json_string(self.out, value),
            Place::Item if self.percent && self.quotes == 0 => percent::encode_quoted(self.out, value),
            _ => return self.nested_text(value),
        };
        if !whole {
            self.fail(ValueError::Nul);
        }
    }

    fn nested_text(&mut self, value: &str) {
        if self.place == Place::Bare {
            self.put(value);
        } else {
            self.open_quote();
            self.put(value);
            self.close_quote();
        }
    }

    /// A date.
    pub(crate) fn date(&mut self, date: NaiveDate) {
        match u32::try_from(date.year()) {
            Ok(1..=9999) => self.delimited_plain(|out| push_date(out, date)),
            _ => self.display(&PgDate(date)),
        }
    }

    /// A timestamp with its zone's offset, if it has one.
    pub(crate) fn timestamp(&mut self, moment: NaiveDateTime, zone: &'static str) {
        let (date, time) = (moment.date(), moment.time());
        // The rare ones (before the common era, far ahead, leap seconds) go the general way.
        if !matches!(u32::try_from(date.year()), Ok(1..=9999)) || time.nanosecond() >= 1_000_000_000 {
            return self.display(&PgTimestamp(moment, zone));
        }
        let zone = if self.percent && zone == "+00:00" { "%2B00:00" } else { zone };
        self.delimited_plain(|out| {
            push_date(out, date);
            for (mark, number) in [('T', time.hour()), (':', time.minute()), (':', time.second())] {
                out.push(mark);
                out.push_str(pair(number));
            }
            let nanos = time.nanosecond();
            if nanos != 0 {
                out.push('.');
                let micros = nanos / 1_000;
                for number in [micros / 10_000, micros / 100, micros] {
                    out.push_str(pair(number));
                }
                let rest = nanos % 1_000;
                if rest != 0 {
                    out.push(char::from(b'0' + (rest / 100) as u8));
                    out.push_str(pair(rest));
                }
            }
            out.push_str(zone);
        });
    }

    /// Text by way of `Display`, of any content.
    pub fn display(&mut self, value: &impl fmt::Display) {
        let mut short = Text::<64>::new();
        if write!(short, "{value}").is_ok() {
            self.text(short.as_str());
        } else {
            self.text(&value.to_string());
        }
    }

    /// A JSON document.
    pub fn json(&mut self, value: &(impl Serialize + ?Sized)) {
        match serde_json::to_string(value) {
            Ok(document) if self.place == Place::Json => {
                self.mistaken |= self.arrays > 0 && (document.starts_with('[') || document == "null");
                self.out.push_str(&document);
            }
            Ok(document) => {
                self.document = true;
                self.text(&document);
            }
            Err(error) => self.fail(ValueError::Json(error.to_string())),
        }
    }

    /// An array; its elements may be arrays again.
    pub fn array<V: ToValue>(&mut self, elements: impl Iterator<Item = V> + Clone) {
        match self.place {
            Place::Json => {
                let start = self.out.len();
                let mut mark = '[';
                self.arrays += 1;
                elements.clone().for_each(|element| {
                    self.out.push(std::mem::replace(&mut mark, ','));
                    element.write(self);
                });
                self.arrays -= 1;
                self.out.push_str(if mark == '[' { "[]" } else { "]" });
                if self.arrays == 0 && std::mem::take(&mut self.mistaken) {
                    // A text is read by PostgreSQL's own rules for arrays, which know one from the other.
                    self.out.truncate(start);
                    self.delimited(|out| out.sequence("{", "}", Place::Element, elements));
                }
            }
            // A further dimension.
            Place::Element => self.sequence("{", "}", Place::Element, elements),
            _ => self.delimited(|out| out.sequence("{", "}", Place::Element, elements)),
        }
    }

    fn sequence<V: ToValue>(&mut self, open: &str, close: &str, place: Place, elements: impl Iterator<Item = V>) {
        self.raw(open);
        self.inside(place, |out| {
            for (at, element) in elements.enumerate() {
                if at > 0 {
                    out.raw(",");
                }
                element.write(out);
            }
        });
        self.raw(close);
    }

    /// A range; `None` is the empty range.
    pub fn range<T: ToValue>(&mut self, bounds: Bounds<'_, T>) {
        self.delimited(|out| out.range_text(bounds));
    }

    /// A multirange.
    pub fn multirange<'t, T: ToValue + 't>(&mut self, ranges: impl Iterator<Item = Bounds<'t, T>>) {
        self.delimited(|out| {
            out.raw("{");
            for (at, bounds) in ranges.enumerate() {
                if at > 0 {
                    out.raw(",");
                }
                out.range_text(bounds);
            }
            out.raw("}");
        });
    }

    fn range_text<T: ToValue>(&mut self, bounds: Bounds<'_, T>) {
        let Some((lower, upper)) = bounds else {
            self.raw("empty");
            return;
        };
        self.raw(if matches!(lower, Bound::Included(_)) { "[" } else { "(" });
        self.bound(lower);
        self.raw(",");
        self.bound(upper);
        self.raw(if matches!(upper, Bound::Included(_)) { "]" } else { ")" });
    }

    fn bound<T: ToValue>(&mut self, bound: Bound<&T>) {
        if let Bound::Included(value) | Bound::Excluded(value) = bound {
            self.inside(Place::Part, |out| value.write(out));
        }
    }

    /// A value of a composite type: an object in JSON, `(a,"b",)` elsewhere.
    pub fn composite(&mut self, attributes: impl FnOnce(&mut ObjectWriter<'_>)) {
        if self.place == Place::Json {
            let mut object = ObjectWriter::new(self.out);
            attributes(&mut object);
            if let Err(error) = object.finish() {
                self.fail(error);
            }
        } else {
            self.delimited(|out| {
                out.raw("(");
                let mut first = true;
                let mut row = ObjectWriter::record(out, &mut first);
                attributes(&mut row);
                if let Some(error) = row.take_error() {
                    out.fail(error);
                }
                out.raw(")");
            });
        }
    }

    /// An hstore: an object in JSON would be refused by the server, so it is text in both.
    pub fn hstore(&mut self, pairs: &Hstore) {
        self.delimited(|out| {
            for (at, (key, value)) in pairs.iter().enumerate() {
                if at > 0 {
                    out.raw(",");
                }
                out.inside(Place::Part, |out| out.text(key));
                out.raw("=>");
                match value {
                    Some(value) => out.inside(Place::Part, |out| out.text(value)),
                    None => out.raw("NULL"),
                }
            }
        });
    }

    /// A vector of pgvector.
    pub(crate) fn vector(&mut self, numbers: &[f32]) {
        self.delimited(|out| {
            out.raw("[");
            for (at, number) in numbers.iter().enumerate() {
                if at > 0 {
                    out.raw(",");
                }
                out.float32(*number);
            }
            out.raw("]");
        });
    }
}
