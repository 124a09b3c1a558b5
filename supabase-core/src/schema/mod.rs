//! The contract that generated code fulfils: what a table, a column, a relationship and a function
//! are to the compiler, which operators a column's type has, and which Rust values may meet it.
//!
//! Nothing here performs I/O or builds text. Every trait whose absence a user can cause carries a
//! sentence about *their* table and column (`#[diagnostic::on_unimplemented]`); the sentences are
//! pinned by the compile-fail cases of the test package.

mod assign;
mod capability;
mod column;
mod function;
mod info;
mod partial;
mod relation;
pub mod returns;
pub mod sql;
mod table;
mod value;

pub use assign::{AssignFor, Field, Omit, OmitFor, Writable};
pub use capability::{Comparable, Contained, IsBool, IsRange, IsSearchable, IsText, Ordered, Overlapping};
pub use column::{Column, ColumnOf, ConditionOn, NotNull, Nullable, Optional, OrderOn, ReadOnly, Required, SameTable};
pub use function::{Argument, ArgumentFor, Function};
#[cfg(feature = "client")]
pub(crate) use info::Fingerprint;
pub use info::{SchemaInfo, TableInfo};
pub use partial::{FromPartial, HasPartial};
pub use relation::{
    Cardinality, EmbedKey, EmbeddedIn, Embeds, Many, One, Relation, RelationOf, ToOne, Unique, UniqueOf, ZeroOrOne,
};
pub use table::{ColumnInfo, Deletable, FromRow, HasRow, InsertRow, Insertable, RowOf, Table, Updatable, UpdateRow};
pub use value::{AcceptsOption, ElementFor, FieldFor, PgComposite, PgEnum, ToValue, ValueFor};
