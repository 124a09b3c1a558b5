//! The only place that quotes, escapes and joins values.
//!
//! A value meets up to four grammars, one inside the other: a percent-encoded query string, the
//! lists and logic trees of PostgREST, the literals of PostgreSQL (arrays, ranges, composites), and
//! JSON. All of the quoting ones use `"…"` with `\` before a quote or a backslash, so one count of
//! open quotes says how often each is escaped.

use std::fmt::{self, Write as _};
use std::ops::Bound;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use serde::Serialize;

use super::percent;
use crate::schema::ToValue;
use crate::types::{Bounds, Hstore, PgDate, PgTimestamp, hex};

/// Why a value cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueError {
    /// PostgreSQL text cannot hold NUL, and servers cut at it.
    Nul,
    /// The JSON encoder refused the document.
    Json(String),
    /// NULL where the grammar has no way to say it.
    Null,
}

impl fmt::Display for ValueError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nul => out.write_str("the value holds a NUL character, which PostgreSQL text cannot"),
            Self::Json(why) => write!(out, "the value cannot be written as JSON: {why}"),
            Self::Null => out.write_str("the value is NULL, which this place cannot say; use `is_null`"),
        }
    }
}

/// Where the next value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The rest of a parameter: nothing ends it, nothing is quoted.
    Bare,
    /// An item of `in.(…)` or a value in a logic tree: ends at `,` or `)`.
    Item,
    /// An element of an array literal.
    Element,
    /// A bound of a range or an attribute of a composite.
    Part,
    /// JSON.
    Json,
}

/// Tells the encoder what a value is. [`ToValue`] implementations call exactly one method.
pub struct ValueWriter<'a> {
    out: &'a mut String,
    place: Place,
    percent: bool,
    quotes: u8,
    error: Option<ValueError>,
    omitted: bool,
}

impl<'a> ValueWriter<'a> {
    fn new(out: &'a mut String, place: Place, percent: bool) -> Self {
        Self { out, place, percent, quotes: 0, error: None, omitted: false }
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
    fn raw(&mut self, text: &str) {
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

    fn inside(&mut self, place: Place, inner: impl FnOnce(&mut ValueWriter<'_>)) {
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
            Ok(document) if self.place == Place::Json => self.out.push_str(&document),
            Ok(document) => self.text(&document),
            Err(error) => self.fail(ValueError::Json(error.to_string())),
        }
    }

    /// An array; its elements may be arrays again.
    pub fn array<V: ToValue>(&mut self, elements: impl Iterator<Item = V>) {
        match self.place {
            Place::Json => {
                let mut mark = '[';
                elements.for_each(|element| {
                    self.out.push(std::mem::replace(&mut mark, ','));
                    element.write(self);
                });
                self.out.push_str(if mark == '[' { "[]" } else { "]" });
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
                let mut row =
                    ObjectWriter { target: ObjectTarget::Record(out, &mut first), columns: None, error: None };
                attributes(&mut row);
                let error = row.error.take();
                if let Some(error) = error {
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

/// A number's last two digits.
#[inline]
fn pair(number: u32) -> &'static str {
    const PAIRS: &str = "\
        00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748\
        495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
    let at = 2 * (number % 100) as usize;
    &PAIRS[at..at + 2]
}

/// Appends a date of a year with at most four digits.
fn push_date(out: &mut String, date: NaiveDate) {
    let year = date.year().unsigned_abs();
    out.push_str(pair(year / 100));
    out.push_str(pair(year));
    out.push('-');
    out.push_str(pair(date.month()));
    out.push('-');
    out.push_str(pair(date.day()));
}

/// Writes a JSON object, or the attributes of a composite, one named value at a time.
pub struct ObjectWriter<'a> {
    target: ObjectTarget<'a>,
    columns: Option<Recorder<'a>>,
    error: Option<ValueError>,
}

/// The columns that the rows of one body set, in the order in which they were first met.
pub(crate) struct Columns {
    pub(crate) names: Vec<&'static str>,
    /// Each with what stands before its value: `"id":`, `,"name":`.
    keys: Vec<(&'static str, String)>,
}

impl Columns {
    pub(crate) fn with_capacity(columns: usize) -> Self {
        Self { names: Vec::with_capacity(columns), keys: Vec::with_capacity(columns) }
    }

    pub(crate) fn add(&mut self, name: &'static str) {
        let mut key = String::with_capacity(name.len() + 4);
        if !self.names.is_empty() {
            key.push(',');
        }
        push_key(&mut key, name);
        self.keys.push((name, key));
        self.names.push(name);
    }
}

/// Appends a name as the key of a JSON object.
fn push_key(out: &mut String, name: &str) {
    // PostgreSQL has no name with a NUL in it.
    let _whole = push_json_string(out, name);
    out.push(':');
}

/// Remembers which columns a row sets. Rows nearly always set what the rows before them did, in the
/// same order, and then nothing is written down.
struct Recorder<'a> {
    /// What earlier rows set, from the column on that is to come next; `None` for a row that has left
    /// their order, or that has none before it.
    ahead: Option<&'a [(&'static str, String)]>,
    known: &'a [&'static str],
    row: &'a mut Vec<&'static str>,
}

impl Recorder<'_> {
    #[cold]
    fn write_down(&mut self, name: &'static str) {
        if let Some(ahead) = self.ahead.take() {
            self.row.extend(self.known.iter().take(self.known.len() - ahead.len()));
        }
        if !self.row.contains(&name) {
            self.row.push(name);
        }
    }
}

enum ObjectTarget<'a> {
    Json(&'a mut String, bool),
    Record(&'a mut dyn RecordSink, &'a mut bool),
}

/// A composite's text, whatever the lifetime of the writer under it.
trait RecordSink {
    fn attribute(&mut self, first: bool, value: &dyn DynValue);
}

impl RecordSink for ValueWriter<'_> {
    fn attribute(&mut self, first: bool, value: &dyn DynValue) {
        if !first {
            self.raw(",");
        }
        self.inside(Place::Part, |out| value.write_to(out));
    }
}

trait DynValue {
    fn write_to(&self, out: &mut ValueWriter<'_>);
}

impl<V: ToValue + ?Sized> DynValue for &V {
    fn write_to(&self, out: &mut ValueWriter<'_>) {
        (**self).write(out);
    }
}

impl<'a> ObjectWriter<'a> {
    /// Starts a JSON object.
    pub(crate) fn new(out: &'a mut String) -> Self {
        out.push('{');
        Self { target: ObjectTarget::Json(out, true), columns: None, error: None }
    }

    /// Starts a JSON object and remembers the names it is given: in `row`, unless they are those that
    /// are known, in their order. [`finish_row`](Self::finish_row) says how many of those are left.
    #[inline]
    pub(crate) fn recording(out: &'a mut String, columns: Option<&'a Columns>, row: &'a mut Vec<&'static str>) -> Self {
        let (known, ahead) = match columns {
            Some(Columns { names, keys }) if !names.is_empty() => (&names[..], Some(&keys[..])),
            _ => (&[][..], None),
        };
        Self { columns: Some(Recorder { ahead, known, row }), ..Self::new(out) }
    }

    /// Members of an object whose braces somebody else writes.
    pub(crate) fn members(out: &'a mut String, first: bool, columns: &'a mut Vec<&'static str>) -> Self {
        let recorder = Recorder { ahead: None, known: &[], row: columns };
        Self { target: ObjectTarget::Json(out, first), columns: Some(recorder), error: None }
    }

    pub(crate) fn fail(&mut self, error: ValueError) {
        self.error.get_or_insert(error);
    }

    pub(crate) fn take_error(&mut self) -> Option<ValueError> {
        self.error.take()
    }

    /// Members that were written before. A composite has none of these.
    pub(crate) fn raw_members(&mut self, members: &str, columns: &[&'static str]) {
        if let ObjectTarget::Json(out, first) = &mut self.target
            && !members.is_empty()
        {
            if !std::mem::take(first) {
                out.push(',');
            }
            out.push_str(members);
        }
        for column in columns {
            self.record(column);
        }
    }

    fn record(&mut self, name: &'static str) {
        if let Some(recorder) = &mut self.columns {
            recorder.write_down(name);
        }
    }

    /// Sets one column; a value that says `Omit` leaves no trace.
    pub fn set<V: ToValue + ?Sized>(&mut self, name: &'static str, value: &V) {
        if let ObjectTarget::Json(out, first) = &mut self.target
            && let Some(Recorder { ahead: Some(ahead), .. }) = &mut self.columns
            // The same code writes every row, so the same name is the same place in memory.
            && let [(next, key), behind @ ..] = *ahead
            && std::ptr::eq(*next, name)
        {
            let start = out.len();
            out.push_str(key);
            let mut writer = ValueWriter::json_value(out);
            value.write(&mut writer);
            if writer.omitted {
                out.truncate(start);
                return;
            }
            if writer.error.is_some() {
                self.error = self.error.take().or(writer.error.take());
            }
            *first = false;
            *ahead = behind;
            return;
        }
        self.set_first(name, value);
    }

    /// The same where no row before has set the columns in this order.
    #[inline(never)]
    fn set_first<V: ToValue + ?Sized>(&mut self, name: &'static str, value: &V) {
        match &mut self.target {
            ObjectTarget::Json(out, first) => {
                let start = out.len();
                if !*first {
                    out.push(',');
                }
                push_key(out, name);
                let mut writer = ValueWriter::json_value(out);
                value.write(&mut writer);
                let omitted = writer.omitted;
                if let Some(error) = writer.error.take() {
                    self.error.get_or_insert(error);
                }
                if omitted {
                    out.truncate(start);
                    return;
                }
                *first = false;
            }
            ObjectTarget::Record(sink, first) => {
                sink.attribute(**first, &value);
                **first = false;
            }
        }
        self.record(name);
    }

    /// Sets one column of a generated `Insert` or `Update` struct.
    pub fn field<V: ToValue>(&mut self, name: &'static str, value: &crate::schema::Field<V>) {
        if let crate::schema::Field::Value(value) = value {
            self.set(name, value);
        }
    }

    /// Ends the object. When it set known columns alone, in their order, this says how many of them
    /// it left out at the end.
    #[inline]
    pub(crate) fn finish_row(self) -> Result<Option<usize>, ValueError> {
        let left = self.columns.as_ref().and_then(|recorder| recorder.ahead).map(<[_]>::len);
        self.finish()?;
        Ok(left)
    }

    /// Ends the object.
    pub(crate) fn finish(self) -> Result<(), ValueError> {
        if let ObjectTarget::Json(out, _) = self.target {
            out.push('}');
        }
        self.error.map_or(Ok(()), Err)
    }
}

/// Writes the arguments of a function call: a JSON object for POST, parameters for GET.
pub struct ArgumentWriter<'a> {
    target: ArgumentTarget<'a>,
}

/// The argument that is the whole body of a call.
pub(crate) struct SingleBody {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

enum ArgumentTarget<'a> {
    Body { object: ObjectWriter<'a>, single: &'a mut Option<SingleBody> },
    Query { out: &'a mut String, fits: &'a mut bool },
}

impl<'a> ArgumentWriter<'a> {
    pub(crate) fn for_body(out: &'a mut String, single: &'a mut Option<SingleBody>) -> Self {
        Self { target: ArgumentTarget::Body { object: ObjectWriter::new(out), single } }
    }

    /// `fits` turns false when an argument cannot be said in a query string.
    pub(crate) fn for_query(out: &'a mut String, fits: &'a mut bool) -> Self {
        Self { target: ArgumentTarget::Query { out, fits } }
    }

    /// One named argument.
    pub fn argument<V: ToValue + ?Sized>(&mut self, name: &'static str, value: &V) {
        match &mut self.target {
            ArgumentTarget::Body { object, .. } => object.set(name, value),
            ArgumentTarget::Query { out, fits } => {
                let start = out.len();
                super::plan::separator(out);
                percent::encode(out, name);
                out.push('=');
                let text = out.len();
                let mut writer = ValueWriter::parameter(out);
                value.write(&mut writer);
                let (failed, omitted) = (writer.error.is_some(), writer.omitted);
                if omitted {
                    out.truncate(start);
                } else if failed || super::name::looks_like_a_filter(&out[text..]) || super::name::is_reserved(name) {
                    **fits = false;
                }
            }
        }
    }

    /// A variadic argument. A query string cannot carry one faithfully (`{a,b}` would be one
    /// element), so such a call is always a POST.
    pub fn variadic<V: ToValue + ?Sized>(&mut self, name: &'static str, value: &V) {
        match &mut self.target {
            ArgumentTarget::Body { object, .. } => object.set(name, value),
            ArgumentTarget::Query { fits, .. } => **fits = false,
        }
    }

    /// The single unnamed argument of a function, which is the whole body: json.
    pub fn body<V: ToValue + ?Sized>(&mut self, value: &V) {
        self.single("application/json", Place::Json, String::into_bytes, value);
    }

    /// The same where the argument is text.
    pub fn text_body<V: ToValue + ?Sized>(&mut self, value: &V) {
        self.single("text/plain", Place::Bare, String::into_bytes, value);
    }

    /// The same where the argument is bytes.
    pub fn bytes_body<V: ToValue + ?Sized>(&mut self, value: &V) {
        let bytes = |text: String| {
            // Bytes are written as PostgreSQL reads them; a literal of another form is taken as it is.
            let bytes = text.strip_prefix("\\x").and_then(|digits| hex(digits.as_bytes()));
            bytes.unwrap_or_else(|| text.into_bytes())
        };
        self.single("application/octet-stream", Place::Bare, bytes, value);
    }

    fn single<V: ToValue + ?Sized>(
        &mut self,
        content_type: &'static str,
        place: Place,
        bytes: fn(String) -> Vec<u8>,
        value: &V,
    ) {
        match &mut self.target {
            ArgumentTarget::Body { object, single } => {
                let mut text = String::new();
                let mut writer = ValueWriter::new(&mut text, place, false);
                value.write(&mut writer);
                if let Some(error) = writer.error.take() {
                    object.error.get_or_insert(error);
                }
                **single = Some(SingleBody { content_type, bytes: bytes(text) });
            }
            ArgumentTarget::Query { fits, .. } => **fits = false,
        }
    }

    pub(crate) fn finish(self) -> Result<(), ValueError> {
        match self.target {
            ArgumentTarget::Body { object, .. } => object.finish(),
            ArgumentTarget::Query { .. } => Ok(()),
        }
    }
}

/// Whether a JSON string holds the text as it is: no quote, no backslash, no control character.
///
/// Eight bytes at a time, since names and most values are short.
#[inline]
fn is_plain_json(text: &str) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // The high bit of a byte is set where the byte is strange. A borrow may set further ones, above one
    // that is right.
    let strange = |bytes: &[u8; 8]| {
        let word = u64::from_le_bytes(*bytes);
        let (quote, backslash) = (word ^ (ONES * b'"' as u64), word ^ (ONES * b'\\' as u64));
        (word.wrapping_sub(ONES * 0x20) & !word)
            | (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash)
    };
    let bytes = text.as_bytes();
    let Some(last) = bytes.last_chunk::<8>() else {
        return bytes.iter().all(|&byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    };
    let mut found = strange(last);
    for chunk in bytes.as_chunks::<8>().0 {
        found |= strange(chunk);
    }
    found & (ONES << 7) == 0
}

/// Appends a JSON string. False when the text holds a NUL, which JSON can say and PostgreSQL cannot.
#[inline]
pub(crate) fn push_json_string(out: &mut String, text: &str) -> bool {
    out.push('"');
    let whole = if is_plain_json(text) {
        out.push_str(text);
        true
    } else {
        push_escaped_json(out, text)
    };
    out.push('"');
    whole
}

#[inline(never)]
fn push_escaped_json(out: &mut String, text: &str) -> bool {
    let (mut rest, mut whole) = (0, true);
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => {
                whole &= byte != 0;
                out.push_str(&text[rest..at]);
                let written = write!(out, "\\u{byte:04x}");
                debug_assert!(written.is_ok(), "writing to a String does not fail");
                rest = at + 1;
                continue;
            }
            _ => continue,
        };
        out.push_str(&text[rest..at]);
        out.push_str(escape);
        rest = at + 1;
    }
    out.push_str(&text[rest..]);
    whole
}

/// A short text on the stack.
struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    const fn new() -> Self {
        Self { bytes: [0; N], len: 0 }
    }

    fn as_str(&self) -> &str {
        // Whole `&str`s are copied in, so this is never anything but UTF-8.
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Write for Text<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::types::{Literal, PgRange};

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
}
