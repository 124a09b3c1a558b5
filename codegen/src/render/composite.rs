//! `types`: one struct per composite type of the database.

use super::doc;
use super::place::{Place, STR};
use super::text::{Quoted, Text};
use crate::name::NamedComposite;

pub(super) fn item(text: &mut Text, composite: &NamedComposite, place: Place<'_>) {
    let library = place.library();
    let rust = &composite.name.rust;
    let summary = format!("The composite type `{}.{}`.", composite.schema, composite.name.db);
    doc::outer(text, summary, composite.comment.as_deref());
    text.line("#[derive(Debug, Clone, PartialEq)]");
    text.block(format_args!("pub struct {rust} {{"), "}", |text| {
        for field in &composite.fields {
            doc::outer(text, &field.facts, field.comment.as_deref());
            text.typed(format_args!("pub {}: ", field.name.rust), &place.ty(&field.ty), ",");
        }
    });
    let empty = composite.fields.is_empty();
    let (reader, out) = if empty { ("_reader", "_out") } else { ("reader", "out") };
    text.open(format_args!("impl {library}::schema::PgComposite for {rust} {{"));
    text.line(format_args!("const NAME: {STR} = {};", Quoted(&composite.name.db)));
    text.open("fn decode(");
    text.line(format_args!("{reader}: &mut {library}::__private::RowReader<'_>,"));
    text.close(format_args!(") -> ::core::result::Result<Self, {library}::__private::DecodeError> {{"));
    text.deeper();
    text.block("::core::result::Result::Ok(Self {", "})", |text| {
        for field in &composite.fields {
            text.line(format_args!("{}: reader.column({})?,", field.name.rust, Quoted(&field.name.db)));
        }
    });
    text.close("}");
    text.block(format_args!("fn write(&self, {out}: &mut {library}::__private::ObjectWriter<'_>) {{"), "}", |text| {
        for field in &composite.fields {
            text.line(format_args!("out.set({}, &self.{});", Quoted(&field.name.db), field.name.rust));
        }
    });
    text.close("}");
    text.line(format_args!("{library}::impl_composite!({rust});"));
}
