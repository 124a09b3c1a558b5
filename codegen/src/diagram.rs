//! The schema as a Mermaid entity relationship diagram, which GitHub and many editors draw.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::model::Model;
use crate::model::column::Column;
use crate::model::relation::{Cardinality, Path};
use crate::model::table::Table;
use crate::sources::catalog::Oid;

/// Draws the tables, their columns and the foreign keys between them; of views the columns.
#[must_use]
pub fn mermaid(model: &Model) -> String {
    let tables: Vec<&Table> = model.schemas.iter().flat_map(|schema| &schema.tables).collect();
    let main = model.schemas.first().map_or("", |schema| schema.name.as_str());
    let names: BTreeMap<Oid, String> = tables
        .iter()
        .map(|table| {
            let full =
                if table.schema == main { table.name.clone() } else { format!("{}.{}", table.schema, table.name) };
            (table.oid, full)
        })
        .collect();
    let name = |oid: Oid| quoted(names.get(&oid).map_or("", String::as_str));
    let mut out = String::from("erDiagram\n");
    for table in &tables {
        let keys = foreign_keys(table);
        // Writing to a `String` does not fail.
        let _ = writeln!(out, "    {} {{", name(table.oid));
        for column in &table.columns {
            let _ = writeln!(out, "        {}", attribute(table, column, &keys));
        }
        let _ = writeln!(out, "    }}");
    }
    for table in tables.iter().filter(|table| !table.is_view()) {
        for relation in table.relations.iter().filter(|relation| !relation.target_is_view) {
            let Path::ToOne { constraint, .. } = &relation.path else {
                continue;
            };
            // Whether the other side has at most one is told by the way back.
            let back = tables.iter().find(|other| other.oid == relation.target).and_then(|other| {
                other.relations.iter().find(|back| {
                    back.target == table.oid
                        && matches!(&back.path, Path::Back { constraint: same, .. } if same == constraint)
                })
            });
            let many = if back.is_some_and(|back| back.cardinality != Cardinality::Many) { "o|" } else { "o{" };
            let one = if relation.cardinality == Cardinality::One { "||" } else { "|o" };
            let _ = writeln!(
                out,
                "    {} {one}--{many} {} : {}",
                name(relation.target),
                name(table.oid),
                quoted(constraint)
            );
        }
    }
    out
}

fn foreign_keys(table: &Table) -> Vec<&String> {
    let keys = table.relations.iter().filter_map(|relation| match &relation.path {
        Path::ToOne { columns, .. } => Some(columns.iter().map(|(here, _)| here)),
        _ => None,
    });
    keys.flatten().collect()
}

/// `int8 id PK "not null"`: Mermaid takes letters, digits, hyphens, underscores, brackets and parentheses.
fn attribute(table: &Table, column: &Column, foreign: &[&String]) -> String {
    let mut keys = Vec::new();
    if table.primary_key.contains(&column.name) {
        keys.push("PK");
    }
    if foreign.contains(&&column.name) {
        keys.push("FK");
    }
    if table.uniques.iter().any(|unique| !unique.primary && unique.columns == [column.name.as_str()]) {
        keys.push("UK");
    }
    let mut line = format!("{} {}", word(&column.sql), word(&column.name));
    if !keys.is_empty() {
        line.push_str(&format!(" {}", keys.join(", ")));
    }
    let is_plain = word(&column.name) == column.name;
    let null = if column.nullable { "" } else { "not null" };
    let note = if is_plain { null.to_owned() } else { format!("{} {null}", column.name).trim().to_owned() };
    if !note.is_empty() {
        line.push_str(&format!(" {}", quoted(&note)));
    }
    line
}

/// A type or the name of an attribute.
fn word(text: &str) -> String {
    let mut word: String = text
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "-_[]()".contains(letter) { letter } else { '_' })
        .collect();
    if !word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        word.insert(0, '_');
    }
    word
}

/// A name in double quotes, which cannot hold any.
fn quoted(text: &str) -> String {
    let safe: String = text
        .chars()
        .map(|letter| match letter {
            '"' => '\'',
            '%' | '\\' => '_',
            control if control.is_control() => ' ',
            other => other,
        })
        .collect();
    format!("\"{}\"", if safe.trim().is_empty() { "_" } else { &safe })
}
