//! The raw rows of PostgreSQL's catalogs: what a source hands to [`crate::model`], undecided.
//!
//! Everything is kept by OID, as in the catalogs, and the lists are in a fixed order (schema, name, number),
//! so that equal databases give equal catalogs.

use std::collections::BTreeMap;

/// An object identifier of PostgreSQL.
pub type Oid = u32;

/// Everything that was read from one database in one transaction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalog {
    /// The schemas asked for, in the order in which they were asked for; the first is the main one.
    pub schemas: Vec<SchemaRow>,
    /// Relations of the whole database (views may stand on tables of other schemas), partitions left out.
    pub relations: Vec<RelationRow>,
    /// Columns of these relations, by relation and number.
    pub columns: BTreeMap<Oid, Vec<ColumnRow>>,
    /// Primary keys, unique constraints and unique indexes.
    pub keys: Vec<KeyRow>,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKeyRow>,
    /// What the columns of views are made of, by view.
    pub views: BTreeMap<Oid, ViewRow>,
    /// Types that the selected relations and functions lead to.
    pub types: BTreeMap<Oid, TypeRow>,
    /// Functions of the selected schemas.
    pub functions: Vec<FunctionRow>,
}

/// A selected schema.
#[derive(Debug, Clone, PartialEq)]
pub struct SchemaRow {
    /// Its name.
    pub name: String,
    /// `COMMENT ON SCHEMA`.
    pub comment: Option<String>,
}

/// `pg_class.relkind`, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// `r`
    Table,
    /// `p`
    Partitioned,
    /// `f`
    Foreign,
    /// `v`
    View,
    /// `m`
    MaterializedView,
}

/// A row of `pg_class`.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationRow {
    /// `pg_class.oid`
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: RelationKind,
    /// `COMMENT ON TABLE` and the like.
    pub comment: Option<String>,
    /// `pg_relation_is_updatable(oid, true)`: 4 update, 8 insert, 16 delete; triggers count.
    pub events: i32,
    /// The same without triggers.
    pub own_events: i32,
    /// The type of its rows.
    pub row_type: Oid,
}

/// A row of `pg_attribute`.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnRow {
    /// `attnum`
    pub number: i16,
    /// `attname`
    pub name: String,
    /// `atttypid`
    pub ty: Oid,
    /// The type as `format_type` prints it with `pg_catalog` alone on the search path.
    pub sql: String,
    /// `attndims`: with how many dimensions an array was declared, which PostgreSQL keeps no one to.
    pub dimensions: i16,
    /// `attnotnull`
    pub not_null: bool,
    /// The default's expression, or that of a generated column.
    pub default: Option<String>,
    /// `attidentity`: `a` always, `d` by default, empty for none.
    pub identity: String,
    /// `attgenerated`: `s` stored, `v` virtual, empty for none.
    pub generated: String,
    /// `pg_column_is_updatable` of a view's column, triggers included; false for anything but a view.
    pub updatable: bool,
    /// `COMMENT ON COLUMN`
    pub comment: Option<String>,
}

/// A primary key, a unique constraint or a unique index, without expressions and conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyRow {
    /// The relation it is on.
    pub relation: Oid,
    /// Name of the constraint, or of the index where there is no constraint.
    pub name: String,
    /// `indisprimary`
    pub primary: bool,
    /// Whether `pg_constraint` knows it (PostgREST derives one-to-one from constraints only).
    pub constraint: bool,
    /// `indimmediate`: a deferrable constraint cannot be the target of `ON CONFLICT`.
    pub immediate: bool,
    /// Numbers of its columns in the key's order.
    pub columns: Vec<i16>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKeyRow {
    /// Its name.
    pub name: String,
    /// The source does not know the name; this one is PostgreSQL's usual choice, and no request may rest on it.
    pub name_is_guessed: bool,
    /// The referencing relation.
    pub relation: Oid,
    /// The referencing columns.
    pub columns: Vec<i16>,
    /// The referenced relation.
    pub target: Oid,
    /// The referenced columns.
    pub target_columns: Vec<i16>,
    /// `convalidated`: old rows are known to obey it.
    pub validated: bool,
}

/// What a view's query tells of its columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ViewRow {
    /// By column number.
    pub columns: BTreeMap<i16, ViewColumnRow>,
    /// The one relation that the rows stand for, when the query neither joins, groups, unites nor multiplies rows.
    pub single_source: Option<Oid>,
}

/// One column of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewColumnRow {
    /// Relation and number of the plain column that it shows.
    pub origin: Option<(Oid, i16)>,
    /// What the expression says about NULL.
    pub nullness: Nullness,
}

/// What an expression of a view says about NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nullness {
    /// Nothing, so NULL has to be expected.
    Unknown,
    /// It is never NULL (`count(*)`, a literal, `coalesce(x, 0)`).
    Never,
    /// As the column that it shows: no outer join, grouping set or union stands between them.
    AsOrigin(Oid, i16),
}

/// A row of `pg_type` with what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeRow {
    /// `pg_type.oid`
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// `typtype`: `b` base, `c` composite, `d` domain, `e` enum, `p` pseudo, `r` range, `m` multirange.
    pub kind: char,
    /// The element of a true array.
    pub element: Option<Oid>,
    /// The type below a domain.
    pub base: Option<Oid>,
    /// The type below a domain as `format_type` prints it.
    pub base_sql: Option<String>,
    /// `typnotnull` of a domain.
    pub not_null: bool,
    /// A domain with a default.
    pub has_default: bool,
    /// The relation of a composite type.
    pub relation: Option<Oid>,
    /// Whether that relation is a stand-alone type (`CREATE TYPE … AS (…)`).
    pub stand_alone: bool,
    /// The subtype of a range.
    pub subtype: Option<Oid>,
    /// The range of a multirange.
    pub range: Option<Oid>,
    /// The labels of an enum in their order.
    pub labels: Vec<String>,
    /// The check constraints of a domain.
    pub checks: Vec<String>,
    /// The attributes of a composite.
    pub attributes: Vec<AttributeRow>,
    /// The extension that it belongs to.
    pub extension: Option<String>,
    /// `COMMENT ON TYPE`
    pub comment: Option<String>,
}

/// An attribute of a composite type.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeRow {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Oid,
    /// Its type as `format_type` prints it.
    pub sql: String,
    /// Its comment.
    pub comment: Option<String>,
}

/// A row of `pg_proc`.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionRow {
    /// `pg_proc.oid`
    pub oid: Oid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// `COMMENT ON FUNCTION`
    pub comment: Option<String>,
    /// All arguments, inputs and outputs, in order.
    pub arguments: Vec<ArgumentRow>,
    /// `prorettype`
    pub returns: Oid,
    /// The result as `pg_get_function_result` prints it.
    pub returns_sql: String,
    /// `proretset`
    pub returns_set: bool,
    /// `prorows`
    pub rows: f32,
    /// `provolatile`: `i`, `s` or `v`.
    pub volatility: char,
}

/// How an argument is passed (`proargmodes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentMode {
    /// `i`
    In,
    /// `o`
    Out,
    /// `b`
    InOut,
    /// `v`
    Variadic,
    /// `t`: a column of `RETURNS TABLE`
    Table,
}

impl ArgumentMode {
    /// Whether the caller passes it.
    #[must_use]
    pub fn is_input(self) -> bool {
        matches!(self, Self::In | Self::InOut | Self::Variadic)
    }

    /// Whether it is part of the result.
    #[must_use]
    pub fn is_output(self) -> bool {
        matches!(self, Self::Out | Self::InOut | Self::Table)
    }
}

/// One argument of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct ArgumentRow {
    /// Its name; empty when it has none.
    pub name: String,
    /// How it is passed.
    pub mode: ArgumentMode,
    /// Its type.
    pub ty: Oid,
    /// Its type as `format_type` prints it.
    pub sql: String,
    /// Whether it may be left out.
    pub has_default: bool,
}
