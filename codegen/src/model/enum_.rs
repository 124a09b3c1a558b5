//! Enums.

use crate::sources::catalog::Oid;

/// `CREATE TYPE … AS ENUM`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    /// Its OID.
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its labels in their order.
    pub labels: Vec<String>,
    /// `COMMENT ON TYPE`
    pub comment: Option<String>,
}
