//! The module of one table: `Table`, its columns, its rows, its relationships, its unique constraints.

use super::place::{Place, STR};
use super::text::{Quoted, Text, quoted};
use super::{doc, relation, row};
use crate::model::column::Write;
use crate::name::{NamedColumn, NamedTable, NamedUnique};

/// Documentation of the module.
pub(super) fn summary(table: &NamedTable) -> String {
    format!("The {} `{}.{}`.", table.noun, table.schema, table.name)
}

/// Everything in the module of a table.
pub(super) fn items(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    core(text, table, place);
    relation::module(text, table, place);
    uniques(text, table, place);
}

/// What the rows of a function have in common with those of a table.
pub(super) fn core(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    marker(text, table, place);
    for column in &table.columns {
        self::column(text, column, place, "");
    }
    for column in &table.computed {
        self::column(text, column, place, "Computed by a function: ");
    }
    if table.rows {
        row::items(text, table, place);
    }
}

fn marker(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    let library = place.library();
    doc::outer(text, summary(table), table.comment.as_deref());
    text.line("pub struct Table;");
    text.open(format_args!("impl {library}::schema::Table for Table {{"));
    text.line(format_args!("const NAME: {STR} = {};", Quoted(&table.name)));
    text.line(format_args!("const SCHEMA: {STR} = {};", Quoted(&table.schema)));
    text.block(format_args!("const COLUMNS: &'static [{library}::schema::ColumnInfo] = &["), "];", |text| {
        for column in &table.columns {
            let facts =
                [Quoted(&column.name.db).to_string(), Quoted(&column.sql).to_string(), column.nullable.to_string()];
            text.list(format_args!("{library}::schema::ColumnInfo::new("), &facts, "),");
        }
    });
    let required = table.columns.iter().filter(|column| column.write == Write::Required);
    let required: Vec<&String> = required.map(|column| &column.name.db).collect();
    text.list(format_args!("const REQUIRED: &'static [{STR}] = &["), &quoted(&required), "];");
    text.list(format_args!("const PRIMARY_KEY: &'static [{STR}] = &["), &quoted(&table.primary_key), "];");
    let others: Vec<String> = table
        .uniques
        .iter()
        .filter(|unique| !unique.primary)
        .map(|unique| format!("&[{}]", quoted(&unique.columns).join(", ")))
        .collect();
    // None is what the contract takes for granted.
    if !others.is_empty() {
        text.list(format_args!("const UNIQUE: &'static [&'static [{STR}]] = &["), &others, "];");
    }
    text.close("}");
    for (may, name) in
        [(table.insertable, "Insertable"), (table.updatable, "Updatable"), (table.deletable, "Deletable")]
    {
        if may {
            text.line(format_args!("impl {library}::schema::{name} for Table {{}}"));
        }
    }
}

fn column(text: &mut Text, column: &NamedColumn, place: Place<'_>, prefix: &str) {
    let library = place.library();
    let rust = &column.name.rust;
    let null = if column.nullable { "Nullable" } else { "NotNull" };
    let write = match column.write {
        Write::Required => "Required",
        Write::Optional => "Optional",
        Write::ReadOnly => "ReadOnly",
    };
    doc::outer(text, format!("{prefix}{}", column.facts), column.comment.as_deref());
    text.line(format_args!("pub struct {rust};"));
    text.open(format_args!("impl {library}::schema::Column for {rust} {{"));
    text.line("type Table = Table;");
    text.typed("type Sql = ", &place.marker(&column.marker), ";");
    text.typed("type Ty = ", &place.ty(&column.ty), ";");
    text.line(format_args!("type Null = {library}::schema::{null};"));
    text.line(format_args!("type Write = {library}::schema::{write};"));
    text.line(format_args!("const NAME: {STR} = {};", Quoted(&column.name.db)));
    text.close("}");
}

fn uniques(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    doc::outer(text, format!("Unique constraints of `{}.{}`, for `on_conflict`.", table.schema, table.name), None);
    text.block("pub mod unique {", "}", |text| {
        for unique in &table.uniques {
            self::unique(text, unique, place);
        }
    });
}

fn unique(text: &mut Text, unique: &NamedUnique, place: Place<'_>) {
    let (library, rust) = (place.library(), &unique.ident);
    let kind = if unique.primary { "Primary key" } else { "Unique" };
    doc::outer(text, format!("{kind} `{}` ({}).", unique.constraint, unique.columns.join(", ")), None);
    text.line(format_args!("pub struct {rust};"));
    text.open(format_args!("impl {library}::schema::Unique for {rust} {{"));
    text.line("type Table = super::Table;");
    text.list(format_args!("const COLUMNS: &'static [{STR}] = &["), &quoted(&unique.columns), "];");
    text.close("}");
}
