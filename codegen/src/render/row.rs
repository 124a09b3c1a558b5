//! `Row`, `Insert`, `Update` and `Partial` of a table, and how they are read and written.
//!
//! The impls are in a private module beside the structs, since a column that is called `reader` would make
//! `fn decode(reader: …)` a pattern that refers to the column's unit struct.

use super::doc;
use super::place::Place;
use super::text::{Quoted, Text};
use crate::model::column::Write;
use crate::name::ty::RustType;
use crate::name::{NamedColumn, NamedTable};

const OK: &str = "::core::result::Result::Ok";

pub(super) fn items(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    row(text, table, place);
    if table.insertable {
        insert(text, table, place);
    }
    if table.updatable {
        update(text, table, place);
    }
    if table.partial {
        partial(text, table, place);
    }
    let inside = place.inside(1);
    text.open(format_args!("mod {} {{", table.codec));
    row_impls(text, table, inside);
    if table.insertable {
        insert_impls(text, table, inside);
    }
    if table.updatable {
        update_impls(text, table, inside);
    }
    if table.partial {
        partial_impls(text, table, inside);
    }
    text.close("}");
}

fn derives(text: &mut Text, first: &str, more: &[String]) {
    let mut all = vec![first.to_owned()];
    all.extend(more.iter().cloned());
    text.list("#[derive(", &all, ")]");
}

fn row(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    doc::outer(text, format!("A row of `{}.{}`.", table.schema, table.name), None);
    derives(text, "Debug, Clone", &table.derives);
    text.block("pub struct Row {", "}", |text| {
        for column in &table.columns {
            doc::outer(text, &column.facts, None);
            text.typed(format_args!("pub {}: ", column.name.rust), &place.ty(&column.ty), ",");
        }
    });
}

fn row_impls(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    let library = place.library();
    text.open(format_args!("impl {library}::schema::HasRow for super::Table {{"));
    text.line("type Row = super::Row;");
    text.close("}");
    text.open(format_args!("impl {library}::schema::FromRow for super::Row {{"));
    text.line("type Table = super::Table;");
    text.open(format_args!("fn select(out: &mut {library}::__private::SelectWriter<'_>) {{"));
    text.line("out.all();");
    text.close("}");
    decode(text, table, library, "column");
    text.close("}");
}

/// The function that reads every column.
fn decode(text: &mut Text, table: &NamedTable, library: &str, method: &str) {
    // Without columns the reader is not used.
    let reader = if table.columns.is_empty() { "_reader" } else { "reader" };
    text.open("fn decode(");
    text.line(format_args!("{reader}: &mut {library}::__private::RowReader<'_>,"));
    text.close(format_args!(") -> ::core::result::Result<Self, {library}::__private::DecodeError> {{"));
    text.deeper();
    text.block(format_args!("{OK}(Self {{"), "})", |text| {
        for column in &table.columns {
            text.line(format_args!("{}: reader.{method}({})?,", column.name.rust, Quoted(&column.name.db)));
        }
    });
    text.close("}");
}

/// Columns that a write may set.
fn writable(table: &NamedTable) -> impl Iterator<Item = &NamedColumn> {
    table.columns.iter().filter(|column| column.write != Write::ReadOnly)
}

fn required(table: &NamedTable) -> impl Iterator<Item = &NamedColumn> {
    table.columns.iter().filter(|column| column.write == Write::Required)
}

fn insert(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    let library = place.library();
    doc::outer(text, format!("What an insert into `{}.{}` may set.", table.schema, table.name), None);
    let default = if required(table).next().is_none() { ", Default" } else { "" };
    text.line(format_args!("#[derive(Debug, Clone{default})]"));
    text.block("pub struct Insert {", "}", |text| {
        for column in writable(table) {
            let ty = place.ty(&column.ty);
            let ty = if column.write == Write::Required { ty } else { format!("{library}::schema::Field<{ty}>") };
            doc::outer(text, &column.facts, None);
            text.typed(format_args!("pub {}: ", column.name.rust), &ty, ",");
        }
    });
}

fn insert_impls(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    let library = place.library();
    text.open("impl super::Insert {");
    new(text, table, place);
    text.close("}");
    text.open(format_args!("impl {library}::schema::InsertRow for super::Insert {{"));
    text.line("type Table = super::Table;");
    write(text, table, library, |column| if column.write == Write::Required { "set" } else { "field" });
    text.close("}");
}

/// The function that writes every column that a write may set.
fn write(text: &mut Text, table: &NamedTable, library: &str, method: impl Fn(&NamedColumn) -> &'static str) {
    let out = if writable(table).next().is_none() { "_out" } else { "out" };
    text.block(format_args!("fn write(&self, {out}: &mut {library}::__private::ObjectWriter<'_>) {{"), "}", |text| {
        for column in writable(table) {
            text.line(format_args!("out.{}({}, &self.{});", method(column), Quoted(&column.name.db), column.name.rust));
        }
    });
}

fn new(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    if required(table).next().is_none() {
        text.line("/// Sets nothing yet: no column is required.");
        text.line("#[must_use]");
        text.open("pub fn new() -> Self {");
        text.line("::core::default::Default::default()");
        text.close("}");
        return;
    }
    let library = place.library();
    let parameters: Vec<String> = required(table)
        .map(|column| {
            let (name, ty) = (parameter(column), place.ty(&column.ty));
            if column.ty == RustType::String {
                format!("{name}: impl ::core::convert::Into<{ty}>")
            } else {
                format!("{name}: {ty}")
            }
        })
        .collect();
    text.line("/// Sets the columns that are NOT NULL and have no default.");
    text.line("#[must_use]");
    text.list("pub fn new(", &parameters, ") -> Self {");
    text.deeper();
    text.open("Self {");
    for column in writable(table) {
        let rust = &column.name.rust;
        match column.write {
            Write::Required if column.ty == RustType::String => {
                text.line(format_args!("{rust}: ::core::convert::Into::into({}),", parameter(column)));
            }
            Write::Required if parameter(column) == rust.to_string() => text.line(format_args!("{rust},")),
            Write::Required => text.line(format_args!("{rust}: {},", parameter(column))),
            _ => text.line(format_args!("{rust}: {library}::schema::Field::Omit,")),
        }
    }
    text.close("}");
    text.close("}");
}

/// A parameter is a pattern, and these names are patterns already.
fn parameter(column: &NamedColumn) -> String {
    let name = &column.name.rust;
    match name.plain() {
        "None" | "Some" | "Ok" | "Err" => format!("{name}_"),
        _ => name.to_string(),
    }
}

fn update(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    let library = place.library();
    doc::outer(text, format!("What an update of `{}.{}` may set.", table.schema, table.name), None);
    text.line("#[derive(Debug, Clone, Default)]");
    text.block("pub struct Update {", "}", |text| {
        for column in writable(table) {
            let ty = format!("{library}::schema::Field<{}>", place.ty(&column.ty));
            doc::outer(text, &column.facts, None);
            text.typed(format_args!("pub {}: ", column.name.rust), &ty, ",");
        }
    });
}

fn update_impls(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    let library = place.library();
    text.open(format_args!("impl {library}::schema::UpdateRow for super::Update {{"));
    text.line("type Table = super::Table;");
    write(text, table, library, |_| "field");
    text.close("}");
}

fn partial(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    let library = place.library();
    let summary = format!("What is known of a row of `{}.{}`: not every column is sent.", table.schema, table.name);
    doc::outer(text, summary, None);
    derives(text, "Debug, Clone, Default", &[]);
    text.block("pub struct Partial {", "}", |text| {
        for column in &table.columns {
            // NULL is one of the three that a cell can be.
            let value = match &column.ty {
                RustType::Option(inner) => place.ty(inner),
                ty => place.ty(ty),
            };
            doc::outer(text, &column.facts, None);
            text.typed(format_args!("pub {}: ", column.name.rust), &format!("{library}::types::Cell<{value}>"), ",");
        }
    });
}

fn partial_impls(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    let library = place.library();
    text.open(format_args!("impl {library}::schema::HasPartial for super::Table {{"));
    text.line("type Partial = super::Partial;");
    text.close("}");
    text.open(format_args!("impl {library}::schema::FromPartial for super::Partial {{"));
    text.line("type Table = super::Table;");
    decode(text, table, library, "cell");
    text.close("}");
}
