//! Composite types, and row types of tables that are used as values.

use crate::model::column::Column;
use crate::sources::catalog::Oid;

/// `CREATE TYPE … AS (…)`, or the row type of a relation.
#[derive(Debug, Clone, PartialEq)]
pub struct Composite {
    /// Its OID.
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its attributes. Each may be NULL: PostgreSQL has no constraints inside a composite value.
    pub attributes: Vec<Column>,
    /// Its comment.
    pub comment: Option<String>,
}
