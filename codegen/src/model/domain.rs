//! Domains: a column of one has the type of its base, unless the configuration wants a type of its own; what the domain
//! adds is told in the documentation.

use crate::model::ty::SqlType;
use crate::sources::catalog::Oid;

/// `CREATE DOMAIN`
#[derive(Debug, Clone, PartialEq)]
pub struct Domain {
    /// Its OID.
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its base as `format_type` prints it.
    pub base: String,
    /// Its base.
    pub base_type: SqlType,
    /// Whether it refuses NULL.
    pub not_null: bool,
    /// Its check constraints.
    pub checks: Vec<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// Whether it becomes a type of its own.
    pub newtype: bool,
    /// What that derives besides `Debug`, `Clone` and `PartialEq`.
    pub derives: Vec<String>,
    /// The Rust name that the configuration wants.
    pub rename: Option<String>,
}
