//! Tables (and views, materialized views, foreign tables), and the rows that belong to them.

use crate::decode::{DecodeError, RowReader};
use crate::query::{ObjectWriter, SelectWriter};

/// A table, view, materialized view or foreign table of the database.
///
/// Generated as a unit struct named `Table` in the table's module; pass it by value:
/// `supabase.from(planets::Table)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a generated table",
    label = "expected a generated table such as `planets::Table`",
    note = "run the generator, or pass the table's name as a string to use the untyped builder"
)]
pub trait Table: 'static {
    /// The name that the server knows, exactly as the database spells it.
    const NAME: &'static str;
    /// The schema that the table lives in; sent as the request's profile.
    const SCHEMA: &'static str;
    /// Every column in table order.
    const COLUMNS: &'static [ColumnInfo];
    /// Names of the columns that an insert has to set.
    const REQUIRED: &'static [&'static str];
    /// Names of the primary key's columns, empty where there is none.
    const PRIMARY_KEY: &'static [&'static str];
    /// The columns of each unique constraint apart from the primary key.
    const UNIQUE: &'static [&'static [&'static str]] = &[];
}

/// What tools may want to know of a column without naming its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnInfo {
    /// The exact name in the database.
    pub name: &'static str,
    /// The SQL type as PostgreSQL prints it (`bigint`, `character varying(5)`).
    pub sql_type: &'static str,
    /// Whether the column may hold NULL.
    pub nullable: bool,
}

impl ColumnInfo {
    /// Describes one column.
    #[must_use]
    pub const fn new(name: &'static str, sql_type: &'static str, nullable: bool) -> Self {
        Self { name, sql_type, nullable }
    }
}

/// A table whose row struct was generated, so that `select(All)` has a type to decode into.
#[diagnostic::on_unimplemented(
    message = "no row struct was generated for `{Self}`, so `All` has nothing to decode into",
    label = "rows are switched off for this table",
    note = "switch `rows` on in supabase-codegen.toml, or name the columns: a tuple, `select!` or `#[derive(Row)]`"
)]
pub trait HasRow: Table {
    /// The generated row of every column.
    type Row: FromRow;
}

/// A relation that accepts inserts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not accept inserts",
    label = "this is a view that the database cannot insert into",
    note = "insert into the table underneath, or give the view an INSTEAD OF INSERT trigger and generate again"
)]
pub trait Insertable: Table {}

/// A relation that accepts updates.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not accept updates",
    label = "this is a view that the database cannot update",
    note = "update the table underneath, or give the view an INSTEAD OF UPDATE trigger and generate again"
)]
pub trait Updatable: Table {}

/// A relation that accepts deletes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not accept deletes",
    label = "this is a view that the database cannot delete from",
    note = "delete from the table underneath, or give the view an INSTEAD OF DELETE trigger and generate again"
)]
pub trait Deletable: Table {}

/// A struct that knows which columns it selects and how to read itself from one JSON object.
///
/// Implemented by generated rows, by `select!` and by `#[derive(Row)]`; seldom by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a row of a table",
    label = "this type does not say which columns it selects",
    note = "derive it: `#[derive(Row)] #[row(planets)]`, or write it with `select!(struct {Self}: planets {{ .. }})`"
)]
pub trait FromRow: Sized + Send + 'static {
    /// The table that the row comes from.
    type Table: Table;
    /// Writes the select list.
    fn select(out: &mut SelectWriter<'_>);
    /// Reads one row.
    ///
    /// # Errors
    /// Fails when a column is missing or holds JSON that its type cannot hold.
    fn decode(reader: &mut RowReader<'_>) -> Result<Self, DecodeError>;
}

/// The passenger of "a row of another table": `R::Table: RowOf<T, R>`.
#[diagnostic::on_unimplemented(message = "`{R}` is a row of `{Self}`, not of `{T}`", label = "not a row of `{T}`")]
pub trait RowOf<T, R> {}
impl<T: Table, R> RowOf<T, R> for T {}

/// A generated `Insert` struct, or what `insert!` makes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inserted",
    label = "expected the table's `Insert` struct or `insert!(table {{ column: value, .. }})`",
    note = "several rows go in by `.insert_many(rows)`; what `update!` makes is not checked for the required columns: write `insert!`",
    note = "a JSON value goes through the untyped builder: `.from(\"table\").insert(..)`"
)]
pub trait InsertRow {
    /// The table that the row goes into.
    type Table: Table;
    /// Writes the columns that are set.
    fn write(&self, out: &mut ObjectWriter<'_>);
}

/// Rows are written at once, so they need not be given away: `.insert_many(&rows)`.
#[diagnostic::do_not_recommend]
impl<R: InsertRow + ?Sized> InsertRow for &R {
    type Table = R::Table;
    fn write(&self, out: &mut ObjectWriter<'_>) {
        (**self).write(out);
    }
}

/// A generated `Update` struct, or what `update!` makes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as an update",
    label = "expected the table's `Update` struct or `update!(table {{ column: value, .. }})`",
    note = "a JSON value goes through the untyped builder: `.from(\"table\").update(..)`"
)]
pub trait UpdateRow: Send + 'static {
    /// The table whose rows change.
    type Table: Table;
    /// Writes the columns that are set.
    fn write(&self, out: &mut ObjectWriter<'_>);
}
