//! Named values: the columns of a row, the attributes of a composite.

use super::json::push_json_string;
use super::value::ValueWriter;
use super::{Place, ValueError};
use crate::schema::ToValue;

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
    /// The attributes of a composite, in its own order.
    pub(super) fn record(out: &'a mut ValueWriter<'_>, first: &'a mut bool) -> Self {
        Self { target: ObjectTarget::Record(out, first), columns: None, error: None }
    }

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
            self.note(column);
        }
    }

    fn note(&mut self, name: &'static str) {
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
        self.note(name);
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
