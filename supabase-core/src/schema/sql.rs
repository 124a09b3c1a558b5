//! One zero-sized marker per SQL type. Operators and values are decided by these alone, so that
//! they cost about forty impls in all and none per column.

use std::marker::PhantomData;

macro_rules! markers {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}
    )+};
}

markers! {
    /// `boolean`
    Bool,
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// `oid`
    Oid,
    /// `real`
    Float4,
    /// `double precision`
    Float8,
    /// `numeric`
    Numeric,
    /// `money`
    Money,
    /// `text`, `varchar`, `char`, `name` and `citext`
    Text,
    /// `uuid`
    Uuid,
    /// `date`
    Date,
    /// `time`
    Time,
    /// `time with time zone`
    Timetz,
    /// `timestamp`
    Timestamp,
    /// `timestamp with time zone`
    Timestamptz,
    /// `interval`
    Interval,
    /// `json`
    Json,
    /// `jsonb`
    Jsonb,
    /// `bytea`
    Bytea,
    /// `inet`
    Inet,
    /// `cidr`
    Cidr,
    /// `macaddr` and `macaddr8`
    Macaddr,
    /// `tsvector`
    Tsvector,
    /// `tsquery`
    Tsquery,
    /// `xml`
    Xml,
    /// `bit` and `bit varying`
    Bit,
    /// `point`, `line`, `lseg`, `box`, `path`, `polygon`, `circle`
    Geometric,
    /// `hstore`
    Hstore,
    /// `ltree`
    Ltree,
    /// `vector`, `halfvec`, `sparsevec` of pgvector
    Vector,
    /// `geometry` and `geography` of PostGIS
    Geo,
    /// Names and numbers of PostgreSQL's own bookkeeping, as text: `regclass` and its like, `pg_lsn`, `xid`, `xid8`,
    /// `cid`, `tid`, `aclitem`
    System,
    /// Types without operators, as text: `jsonpath`, `refcursor`, `pg_snapshot`, `pg_node_tree` and the like
    Opaque,
    /// A type that this version does not know; its values are text.
    Unknown,
}

macro_rules! generic_markers {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name<T>(PhantomData<fn() -> T>, Never);
    )+};
}

/// Keeps the generic markers uninhabited.
#[derive(Debug, Clone, Copy)]
enum Never {}

generic_markers! {
    /// An array of `T`, of any dimension.
    Array,
    /// A range over `T`.
    Range,
    /// A multirange over `T`.
    Multirange,
    /// An enum; `T` is the generated Rust enum.
    Enum,
    /// A composite type; `T` is the generated Rust struct.
    Composite,
}
