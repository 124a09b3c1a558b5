//! `enums`: one enum per enum of the database.

use super::doc;
use super::place::{Place, STR};
use super::text::{Quoted, Text, quoted};
use crate::name::NamedEnum;

pub(super) fn item(text: &mut Text, enum_: &NamedEnum, place: Place<'_>) {
    let library = place.library();
    let rust = &enum_.name.rust;
    doc::outer(text, format!("The enum `{}.{}`.", enum_.schema, enum_.name.db), enum_.comment.as_deref());
    text.line("#[derive(Debug, Clone, PartialEq, Eq, Hash)]");
    text.line("#[non_exhaustive]");
    text.open(format_args!("pub enum {rust} {{"));
    for variant in &enum_.variants {
        doc::outer(text, format!("`{}`", variant.db), None);
        text.line(format_args!("{},", variant.rust));
    }
    text.line("/// A label that the database has gained since this code was generated.");
    text.line("Other(::std::string::String),");
    text.close("}");
    text.open(format_args!("impl {library}::schema::PgEnum for {rust} {{"));
    text.line(format_args!("const NAME: {STR} = {};", Quoted(&enum_.name.db)));
    let labels: Vec<&String> = enum_.variants.iter().map(|variant| &variant.db).collect();
    text.list(format_args!("const LABELS: &'static [{STR}] = &["), &quoted(&labels), "];");
    text.open("fn label(&self) -> &::core::primitive::str {");
    text.open("match self {");
    for variant in &enum_.variants {
        text.line(format_args!("Self::{} => {},", variant.rust, Quoted(&variant.db)));
    }
    text.line("Self::Other(label) => label,");
    text.close("}");
    text.close("}");
    text.open("fn from_label(label: &::core::primitive::str) -> Self {");
    text.open("match label {");
    for variant in &enum_.variants {
        text.line(format_args!("{} => Self::{},", Quoted(&variant.db), variant.rust));
    }
    text.line("other => Self::Other(::std::string::String::from(other)),");
    text.close("}");
    text.close("}");
    text.close("}");
    text.line(format_args!("{library}::impl_enum!({rust});"));
}
