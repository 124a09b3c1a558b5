//! Wishes in the comments of the database: `COMMENT ON COLUMN planets.facts IS 'What is known. @supabase {"json":
//! "crate::Facts"}'` says the same as `[tables.planets.columns.facts] json = "crate::Facts"` in the configuration.
//!
//! The object has the options of a table, a column or a function ([`crate::config`]), whichever the comment is on; the
//! configuration wins where both say something. It ends the comment, and is not part of the documentation.

use serde::de::DeserializeOwned;

use crate::config::{ColumnConfig, Config, FunctionConfig, TableConfig};
use crate::error::ConfigError;
use crate::sources::catalog::Catalog;

/// What begins a wish.
const MARK: &str = "@supabase {";

/// Takes the wishes out of the comments and adds them to those of the configuration.
///
/// # Errors
/// When a wish is no JSON object, or has an option that does not exist.
pub fn collect(catalog: &mut Catalog, config: &Config) -> Result<Config, ConfigError> {
    let mut config = config.clone();
    let main = catalog.schemas.first().map(|schema| schema.name.clone()).unwrap_or_default();
    let selected: Vec<String> = catalog.schemas.iter().map(|schema| schema.name.clone()).collect();
    let key = |keys: Vec<&String>, schema: &str, name: &str| {
        let full = format!("{schema}.{name}");
        let is_main = schema == main;
        keys.into_iter().find(|key| **key == full || (is_main && *key == name)).cloned().unwrap_or(full)
    };
    for row in catalog.relations.iter_mut().filter(|row| selected.contains(&row.schema)) {
        let place = format!("{}.{}", row.schema, row.name);
        let wish: Option<TableConfig> = take(&mut row.comment, &place)?;
        let mut columns = Vec::new();
        for column in catalog.columns.get_mut(&row.oid).into_iter().flatten() {
            let wish: Option<ColumnConfig> = take(&mut column.comment, &format!("{place}.{}", column.name))?;
            columns.extend(wish.map(|wish| (column.name.clone(), wish)));
        }
        if wish.is_none() && columns.is_empty() {
            continue;
        }
        let table = config.tables.entry(key(config.tables.keys().collect(), &row.schema, &row.name)).or_default();
        if let Some(wish) = wish {
            table.skip |= wish.skip;
            table.rename = table.rename.take().or(wish.rename);
            table.rows = table.rows.or(wish.rows);
            table.partial = table.partial.or(wish.partial);
            table.derives.extend(wish.derives);
            for (name, relation) in wish.relations {
                table.relations.entry(name).or_insert(relation);
            }
            columns.extend(wish.columns);
        }
        for (name, wish) in columns {
            let column = table.columns.entry(name).or_default();
            // One of `type` and `json` is enough; what the configuration says of either is meant for both.
            if column.ty.is_none() && column.json.is_none() {
                (column.ty, column.json) = (wish.ty, wish.json);
            }
            column.skip |= wish.skip;
            column.rename = column.rename.take().or(wish.rename);
            column.nullable = column.nullable.or(wish.nullable);
            column.elements = column.elements.or(wish.elements);
            column.dimensions = column.dimensions.or(wish.dimensions);
        }
    }
    for row in &mut catalog.functions {
        let wish: Option<FunctionConfig> = take(&mut row.comment, &format!("{}.{}", row.schema, row.name))?;
        if let Some(wish) = wish {
            let key = key(config.functions.keys().collect(), &row.schema, &row.name);
            let function = config.functions.entry(key).or_default();
            function.skip |= wish.skip;
            function.nullable |= wish.nullable;
            function.rename = function.rename.take().or(wish.rename);
        }
    }
    config.check()?;
    Ok(config)
}

/// The wish of one comment, which is shortened by it.
fn take<T: DeserializeOwned>(comment: &mut Option<String>, place: &str) -> Result<Option<T>, ConfigError> {
    let Some(text) = comment.as_deref() else {
        return Ok(None);
    };
    let Some(start) = text.rfind(MARK) else {
        return Ok(None);
    };
    let (before, wish) = text.split_at(start);
    let wish = wish.trim_start_matches("@supabase ").trim();
    let parsed = serde_json::from_str(wish).map_err(|error| ConfigError::Comment {
        place: place.to_owned(),
        wish: wish.to_owned(),
        reason: error.to_string(),
    })?;
    *comment = Some(before.trim_end().to_owned()).filter(|text| !text.is_empty());
    Ok(Some(parsed))
}
