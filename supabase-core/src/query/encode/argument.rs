//! The arguments of a call.

use super::object::ObjectWriter;
use super::value::ValueWriter;
use super::{Place, ValueError};
use crate::query::{name, percent, plan};
use crate::schema::ToValue;
use crate::types::hex;

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
    Query { out: &'a mut String, fits: &'a mut bool, documents: &'a mut bool },
}

impl<'a> ArgumentWriter<'a> {
    pub(crate) fn for_body(out: &'a mut String, single: &'a mut Option<SingleBody>) -> Self {
        Self { target: ArgumentTarget::Body { object: ObjectWriter::new(out), single } }
    }

    /// `fits` turns false when an argument cannot be said in a query string, and `documents` true when one
    /// is said as a document of json, which PostgREST before 14 takes for a string that spells it.
    pub(crate) fn for_query(out: &'a mut String, fits: &'a mut bool, documents: &'a mut bool) -> Self {
        Self { target: ArgumentTarget::Query { out, fits, documents } }
    }

    /// One named argument.
    pub fn argument<V: ToValue + ?Sized>(&mut self, name: &'static str, value: &V) {
        match &mut self.target {
            ArgumentTarget::Body { object, .. } => object.set(name, value),
            ArgumentTarget::Query { out, fits, documents } => {
                let start = out.len();
                plan::separator(out);
                percent::encode(out, name);
                out.push('=');
                let text = out.len();
                let mut writer = ValueWriter::parameter(out);
                value.write(&mut writer);
                let (failed, omitted) = (writer.error.is_some(), writer.omitted);
                **documents |= writer.document;
                if omitted {
                    out.truncate(start);
                } else if failed || name::looks_like_a_filter(&out[text..]) || name::is_reserved(name) {
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
                    object.fail(error);
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
