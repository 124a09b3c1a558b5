//! The wishes of the configuration, found for the objects that they are about. A wish for something that does
//! not exist is an error with the names that are alike.

use std::collections::BTreeSet;

use crate::config::{ColumnConfig, Config, DomainConfig, FunctionConfig, TableConfig};
use crate::error::ConfigError;
use crate::model::column::{Column, Write};
use crate::model::relation::Relation;
use crate::model::table::Table;
use crate::model::ty::SqlType;
use crate::sources::catalog::{Catalog, FunctionRow, Oid, RelationRow, TypeRow};

#[derive(Debug)]
pub(super) struct Overrides<'c> {
    config: &'c Config,
    main: &'c str,
}

impl<'c> Overrides<'c> {
    pub(super) fn new(config: &'c Config, main: &'c str) -> Self {
        Self { config, main }
    }

    /// `planets` means the main schema, `inventory.parts` another one.
    fn is(&self, key: &str, schema: &str, name: &str) -> bool {
        (schema == self.main && key == name)
            || key.strip_prefix(schema).and_then(|rest| rest.strip_prefix('.')).is_some_and(|rest| rest == name)
    }

    pub(super) fn table(&self, row: &RelationRow) -> Option<&'c TableConfig> {
        self.config.tables.iter().find(|(key, _)| self.is(key, &row.schema, &row.name)).map(|(_, table)| table)
    }

    pub(super) fn function(&self, row: &FunctionRow) -> Option<&'c FunctionConfig> {
        self.config.functions.iter().find(|(key, _)| self.is(key, &row.schema, &row.name)).map(|(_, function)| function)
    }

    pub(super) fn rows(&self, row: &RelationRow) -> bool {
        self.table(row).and_then(|table| table.rows).unwrap_or(self.config.rows)
    }

    pub(super) fn partial(&self, row: &RelationRow) -> bool {
        self.rows(row) && self.table(row).and_then(|table| table.partial).unwrap_or(self.config.partial)
    }

    pub(super) fn domain(&self, row: &TypeRow) -> Option<&'c DomainConfig> {
        self.config.domains.iter().find(|(key, _)| self.is(key, &row.schema, &row.name)).map(|(_, domain)| domain)
    }

    /// The domains that are wanted as types of their own; those of extensions are not.
    pub(super) fn newtypes(&self, catalog: &Catalog) -> BTreeSet<Oid> {
        let domains = catalog.types.values().filter(|row| row.kind == 'd');
        let wanted = |row: &TypeRow| match self.domain(row).and_then(|domain| domain.newtype) {
            Some(wanted) => wanted,
            None => self.config.newtypes && row.extension.is_none() && row.schema != "information_schema",
        };
        domains.filter(|row| wanted(row)).map(|row| row.oid).collect()
    }

    pub(super) fn derives(&self, row: &RelationRow) -> Vec<String> {
        let mut derives = self.config.derives.clone();
        for wish in self.table(row).into_iter().flat_map(|table| &table.derives) {
            if !derives.contains(wish) {
                derives.push(wish.clone());
            }
        }
        derives
    }

    pub(super) fn column(&self, row: &RelationRow, column: &mut Column) -> Result<(), ConfigError> {
        let Some(wish) = self.table(row).and_then(|table| table.columns.get(&column.name)) else {
            return Ok(());
        };
        let key = |option: &str| format!("tables.{}.columns.{}.{option}", row.name, column.name);
        if let Some(json) = &wish.json
            && !column.ty.is_json()
        {
            let reason = format!("the column is {}, not json or jsonb; use `type` instead", column.sql);
            return Err(ConfigError::Invalid { key: key("json"), value: json.clone(), reason });
        }
        if wish.nullable_elements() {
            if !matches!(column.ty.below(), SqlType::Array(_)) {
                let reason = format!("the column is {}, not an array", column.sql);
                return Err(ConfigError::Invalid { key: key("elements"), value: "nullable".to_owned(), reason });
            }
            column.nullable_elements = true;
        }
        if let (Some(ty), Some(_)) = (&wish.ty, &wish.json) {
            return Err(ConfigError::Invalid {
                key: key("type"),
                value: ty.clone(),
                reason: "`json` is set as well; one of them is enough".to_owned(),
            });
        }
        if let Some(dimensions) = wish.dimensions {
            if !matches!(column.ty.below(), SqlType::Array(_)) || !(1..=6).contains(&dimensions) {
                let reason = format!("the column is {}; an array has one to six", column.sql);
                return Err(ConfigError::Invalid { key: key("dimensions"), value: dimensions.to_string(), reason });
            }
            column.dimensions = dimensions;
        }
        column.json = wish.json.is_some();
        column.rust_type = wish.ty.clone().or_else(|| wish.json.clone());
        if let Some(ty) = &column.rust_type
            && let Err(error) = syn::parse_str::<syn::Type>(ty)
        {
            return Err(ConfigError::Invalid {
                key: key("type"),
                value: ty.clone(),
                reason: format!("it is no Rust type: {error}"),
            });
        }
        column.rename.clone_from(&wish.rename);
        if let Some(nullable) = wish.nullable {
            column.nullable = nullable;
            if nullable && column.write == Write::Required {
                column.write = Write::Optional;
            }
        }
        Ok(())
    }

    /// Renames and leaves out relationships, by the names that they have without overrides.
    pub(super) fn relations(&self, table: &Table, relations: Vec<Relation>) -> Result<Vec<Relation>, ConfigError> {
        let wishes = self.config.tables.iter().find(|(key, _)| self.is(key, &table.schema, &table.name));
        let Some((key, wishes)) = wishes.filter(|(_, wishes)| !wishes.relations.is_empty()) else {
            return Ok(relations);
        };
        let names = crate::name::relation::wire_names(table, &relations);
        for wish in wishes.relations.keys() {
            if !names.contains(wish) {
                return Err(unknown(
                    format!("tables.{key}.relations.{wish}"),
                    "the table has no such relationship",
                    wish,
                    names.iter(),
                ));
            }
        }
        let pairs = relations.into_iter().zip(names);
        Ok(pairs
            .filter_map(|(mut relation, name)| {
                let wish = wishes.relations.get(&name);
                relation.rename = wish.and_then(|wish| wish.rename.clone());
                (!wish.is_some_and(|wish| wish.skip)).then_some(relation)
            })
            .collect())
    }

    /// Every key of the configuration has to be about something.
    pub(super) fn check(&self, catalog: &Catalog) -> Result<(), ConfigError> {
        let selected = |schema: &str| catalog.schemas.iter().any(|row| row.name == schema);
        let relations: Vec<&RelationRow> = catalog.relations.iter().filter(|row| selected(&row.schema)).collect();
        for (key, table) in &self.config.tables {
            let Some(row) = relations.iter().find(|row| self.is(key, &row.schema, &row.name)) else {
                let names: Vec<String> = relations.iter().map(|row| self.key(&row.schema, &row.name)).collect();
                return Err(unknown(
                    format!("tables.{key}"),
                    "no selected schema has such a table or view",
                    key,
                    names.iter(),
                ));
            };
            let columns: Vec<&String> =
                catalog.columns.get(&row.oid).into_iter().flatten().map(|column| &column.name).collect();
            for (column, wish) in &table.columns {
                if !columns.contains(&column) {
                    let key = format!("tables.{key}.columns.{column}");
                    return Err(unknown(key, "the table has no such column", column, columns.iter().copied()));
                }
                let is_generic = wish.skip && *wish != ColumnConfig { skip: true, ..ColumnConfig::default() };
                if is_generic {
                    let reason = "the column is left out, so its other options mean nothing".to_owned();
                    return Err(ConfigError::Invalid {
                        key: format!("tables.{key}.columns.{column}.skip"),
                        value: "true".to_owned(),
                        reason,
                    });
                }
            }
        }
        for key in self.config.domains.keys() {
            let domains = || catalog.types.values().filter(|row| row.kind == 'd');
            if !domains().any(|row| self.is(key, &row.schema, &row.name)) {
                let names: Vec<String> = domains().map(|row| self.key(&row.schema, &row.name)).collect();
                let reason = "nothing that was selected leads to such a domain";
                return Err(unknown(format!("domains.{key}"), reason, key, names.iter()));
            }
        }
        for key in self.config.functions.keys() {
            if !catalog.functions.iter().any(|row| self.is(key, &row.schema, &row.name)) {
                let names: Vec<String> = catalog.functions.iter().map(|row| self.key(&row.schema, &row.name)).collect();
                return Err(unknown(
                    format!("functions.{key}"),
                    "no selected schema has such a function",
                    key,
                    names.iter(),
                ));
            }
        }
        Ok(())
    }

    fn key(&self, schema: &str, name: &str) -> String {
        if schema == self.main { name.to_owned() } else { format!("{schema}.{name}") }
    }
}

fn unknown<'n>(key: String, reason: &str, wanted: &str, names: impl Iterator<Item = &'n String>) -> ConfigError {
    ConfigError::Unknown { key, reason: reason.to_owned(), near: near(wanted, names) }
}

/// Up to three names that are at most a third of their letters away.
fn near<'n>(wanted: &str, names: impl Iterator<Item = &'n String>) -> Vec<String> {
    let mut found: Vec<(usize, &String)> = names
        .map(|name| (distance(&wanted.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= name.chars().count().max(3) / 3)
        .collect();
    found.sort();
    found.dedup();
    found.into_iter().take(3).map(|(_, name)| name.clone()).collect()
}

/// Letters to insert, remove or replace.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.chars().enumerate() {
        let mut diagonal = row.first().copied().unwrap_or(0);
        if let Some(first) = row.first_mut() {
            *first = above + 1;
        }
        for (column, other) in right.iter().enumerate() {
            let up = row.get(column + 1).copied().unwrap_or(0);
            let beside = row.get(column).copied().unwrap_or(0);
            let cost = (up + 1).min(beside + 1).min(diagonal + usize::from(letter != *other));
            diagonal = up;
            if let Some(cell) = row.get_mut(column + 1) {
                *cell = cost;
            }
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names() {
        let names = ["planets", "moons", "plants", "stars"].map(str::to_owned);
        assert_eq!(near("planet", names.iter()), ["planets", "plants"]);
        assert_eq!(near("zzz", names.iter()), [""; 0]);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
