//! What application code wants in scope: `use supabase_core::prelude::*;`.
//!
//! The list is short and has no `Error`, `Result` or `Row` type, so that it goes with other
//! preludes. `proptest::prelude::*` exports an `any` as well: import `supabase_core::any` by name
//! beside it.

#[cfg(feature = "client")]
pub use crate::Client;
pub use crate::query::{All, Count, Explain, JsonOperand, Operand, TextQuery, all, any, not};
pub use crate::schema::{Field, Omit};
pub use crate::types::{Bytea, Json, Literal, PgMultirange, PgRange};
#[cfg(feature = "macros")]
pub use supabase_macros::{Row, Value, call, filter, insert, order, select, update};
