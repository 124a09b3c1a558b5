//! Queries as pure values: conditions, orders, select lists, rows to write, and the finished
//! [`Request`]. Nothing here performs I/O or needs a runtime.
//!
//! `encode` alone quotes and escapes; `name` alone decides how names are spelled; `plan` alone puts
//! a request together.

// Without the client there is nobody to build requests: only the vocabulary is left, which generated
// code and its tools need.
#![cfg_attr(not(feature = "client"), allow(dead_code, unused_imports, reason = "used by the client's builders"))]

mod aggregate;
pub(crate) mod condition;
mod encode;
mod explain;
pub(crate) mod filter;
mod json_path;
mod literal;
pub(crate) mod name;
mod operand;
mod order;
mod part;
mod pattern;
pub(crate) mod percent;
pub(crate) mod plan;
mod prefer;
mod search;
mod select;
pub(crate) mod values;

pub use aggregate::{Aggregate, Aggregated, AsOption, Nullability};
pub use condition::{Condition, Conditions, all, any, not};
pub use encode::{ArgumentWriter, ObjectWriter, ValueWriter};
pub use explain::Explain;
pub use filter::ColumnName;
pub use json_path::{HasMembers, JsonKey, JsonOperand, JsonPath, JsonStep};
pub use operand::Operand;
pub use order::{IntoOrder, Order, OrderTerms};
pub use part::{OrderOf, PartsOf, Selected, SelectionOf, Shaped, SortedBy, SortedOn};
pub use pattern::Pattern;
pub use plan::{Refusal, Request};
pub use prefer::Count;
pub use search::{AsTextQuery, TextQuery};
pub use select::{All, Columns, Embed, SelectItem, SelectWriter, Selection};
pub use values::{Changes, NewRow, Values};

pub(crate) use encode::ValueError;
pub(crate) use filter::{FilterWriter, Untyped};
pub(crate) use percent::{decode as percent_decode, encode as percent_encode};
pub(crate) use plan::{Accept, Plan, Resource};
pub(crate) use prefer::Resolution;
