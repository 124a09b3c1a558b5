//! Tables, views and everything else that has rows under a name.

use crate::model::column::{Column, Write};
use crate::model::relation::Relation;
use crate::sources::catalog::{Oid, RelationKind};

/// Something that rows are read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its OID; relations and functions speak of it by this.
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name in the database.
    pub name: String,
    /// What it is.
    pub kind: RelationKind,
    /// `COMMENT ON TABLE`
    pub comment: Option<String>,
    /// Its columns in their order.
    pub columns: Vec<Column>,
    /// Names of the primary key's columns, empty when there is none.
    pub primary_key: Vec<String>,
    /// Primary key and unique constraints that `ON CONFLICT` accepts.
    pub uniques: Vec<Unique>,
    /// Relationships in both directions.
    pub relations: Vec<Relation>,
    /// Computed columns: functions of a row.
    pub computed: Vec<Column>,
    /// Rows can be inserted.
    pub insertable: bool,
    /// Rows can be updated.
    pub updatable: bool,
    /// Rows can be deleted.
    pub deletable: bool,
    /// Rust structs for rows and writes are wanted.
    pub rows: bool,
    /// A struct of a row of which columns may be missing is wanted.
    pub partial: bool,
    /// What the row structs derive besides `Debug` and `Clone`.
    pub derives: Vec<String>,
    /// The Rust name that the configuration wants.
    pub rename: Option<String>,
}

/// A key that `ON CONFLICT` accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unique {
    /// Name of the constraint or index.
    pub name: String,
    /// Whether it is the primary key.
    pub primary: bool,
    /// Names of its columns.
    pub columns: Vec<String>,
}

impl Table {
    /// How the documentation calls it.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self.kind {
            RelationKind::Table => "table",
            RelationKind::Partitioned => "partitioned table",
            RelationKind::Foreign => "foreign table",
            RelationKind::View => "view",
            RelationKind::MaterializedView => "materialized view",
        }
    }

    /// Whether it is a view of one or the other kind.
    #[must_use]
    pub fn is_view(&self) -> bool {
        matches!(self.kind, RelationKind::View | RelationKind::MaterializedView)
    }

    /// The columns that an insert has to set.
    pub fn required(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.write == Write::Required)
    }
}
