//! What generated code was generated from, for tools and for [`Client::verify_schema`](crate::Client::verify_schema).

use super::{ColumnInfo, Table};

/// Every generated table with what it looked like. Generated as `SCHEMA` at the root of the modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaInfo {
    /// Changes with every table, column and type that was generated.
    pub fingerprint: &'static str,
    /// The tables and views.
    pub tables: &'static [TableInfo],
}

/// What tools may want to know of a table without naming its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableInfo {
    /// Its schema.
    pub schema: &'static str,
    /// Its exact name in the database.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [ColumnInfo],
    /// Changes with every column and type.
    pub fingerprint: u64,
    /// Whether the server tells which columns may be NULL: of tables it does, of views not.
    pub tells_null: bool,
    /// Types that the server's description spells otherwise: domains, by name of the column.
    pub spelled: &'static [(&'static str, &'static str)],
}

impl TableInfo {
    /// Describes a generated table.
    #[must_use]
    pub const fn of<T: Table>(
        fingerprint: u64,
        tells_null: bool,
        spelled: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { schema: T::SCHEMA, name: T::NAME, columns: T::COLUMNS, fingerprint, tells_null, spelled }
    }
}

/// FNV-1a with 64 bits, over texts with an end: what the generator computes as well.
#[cfg(feature = "client")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fingerprint(pub(crate) u64);

#[cfg(feature = "client")]
impl Fingerprint {
    pub(crate) const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    pub(crate) fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
