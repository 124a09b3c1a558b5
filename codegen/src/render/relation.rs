//! `rel`: one module per relationship, which shows the columns of its target, and a constant of the same name.

use super::doc;
use super::place::{Place, STR};
use super::text::{Quoted, Text};
use crate::model::relation::Cardinality;
use crate::name::{NamedRelation, NamedTable};

pub(super) fn module(text: &mut Text, table: &NamedTable, place: Place<'_>) {
    doc::outer(text, format!("Relationships of `{}.{}`.", table.schema, table.name), None);
    text.block("pub mod rel {", "}", |text| {
        for relation in &table.relations {
            self::relation(text, relation, place.inside(2));
        }
    });
}

fn relation(text: &mut Text, relation: &NamedRelation, place: Place<'_>) {
    let library = place.library();
    let (rust, target) = (&relation.name.rust, place.table(&relation.target));
    let cardinality = match relation.cardinality {
        Cardinality::Many => "Many",
        Cardinality::One => "One",
        Cardinality::ZeroOrOne => "ZeroOrOne",
    };
    doc::outer(text, &relation.facts, relation.comment.as_deref());
    text.open(format_args!("pub mod {rust} {{"));
    text.line(format_args!("pub use {target}::*;"));
    text.line("/// The relationship itself.");
    text.line("pub struct Rel;");
    text.open(format_args!("impl {library}::schema::Relation for Rel {{"));
    text.line("type Source = super::super::Table;");
    text.line(format_args!("type Target = {target}::Table;"));
    text.line(format_args!("type Cardinality = {library}::schema::{cardinality};"));
    text.line(format_args!("const NAME: {STR} = {};", Quoted(&relation.name.db)));
    text.line(format_args!("const TARGET: {STR} = {};", Quoted(&relation.wire)));
    if let Some(by_key) = &relation.by_key {
        text.line(format_args!("const BY_KEY: {STR} = {};", Quoted(by_key)));
    }
    text.close("}");
    text.close("}");
    doc::outer(text, &relation.facts, relation.comment.as_deref());
    text.line(format_args!("pub const {rust}: {rust}::Rel = {rust}::Rel;"));
}
