//! Rows of which not every column is known.

use super::Table;
use crate::decode::{DecodeError, RowReader};

/// A table whose `Partial` struct was generated (`partial = true` in `supabase-codegen.toml`).
#[diagnostic::on_unimplemented(
    message = "no `Partial` struct was generated for `{Self}`",
    label = "partial rows are switched off for this table",
    note = "switch `partial` on in supabase-codegen.toml and generate again, or read single columns by `.get(column)`"
)]
pub trait HasPartial: Table {
    /// The generated struct, with a [`Cell`](crate::types::Cell) for each column.
    type Partial: FromPartial<Table = Self>;
}

/// A struct that reads itself from an object in which columns may be missing: the old row of a change has the key's
/// columns only, unless the table has `REPLICA IDENTITY FULL`. Generated as `planets::Partial`.
pub trait FromPartial: Sized + Send + 'static {
    /// The table that the row comes from.
    type Table: Table;
    /// Reads what was sent.
    ///
    /// # Errors
    /// Fails when a column holds JSON that its type cannot hold.
    fn decode(reader: &mut RowReader<'_>) -> Result<Self, DecodeError>;
}
