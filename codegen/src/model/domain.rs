//! Domains: a column of one has the type of its base; what the domain adds is told in the documentation.

/// `CREATE DOMAIN`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its base as `format_type` prints it.
    pub base: String,
    /// Whether it refuses NULL.
    pub not_null: bool,
    /// Its check constraints.
    pub checks: Vec<String>,
}
