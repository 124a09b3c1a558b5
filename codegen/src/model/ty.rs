//! SQL types as a tree that knows nothing of Rust. Built-in types and the kinds of the others are
//! [`postgres_types::Type`]; the few extension types that everybody uses are known by name.

use std::collections::{BTreeMap, BTreeSet};

use postgres_types::{Field, Kind, Type};

use crate::sources::catalog::{Oid, TypeRow};

/// A type of a column, an argument or a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqlType {
    /// A type without parts.
    Scalar(Scalar),
    /// `element[]`, of any number of dimensions.
    Array(Box<SqlType>),
    /// A range over the subtype.
    Range(Box<SqlType>),
    /// A multirange over the subtype of its range.
    Multirange(Box<SqlType>),
    /// An enum, by OID.
    Enum(Oid),
    /// A composite, by OID.
    Composite(Oid),
    /// A domain that is wanted as a type of its own, by OID, over its base.
    Domain(Oid, Box<SqlType>),
}

/// A type without parts, as far as they differ for a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are PostgreSQL's own")]
pub enum Scalar {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Numeric,
    Money,
    /// `text`, `varchar`, `bpchar`, `"char"`, `name`, `citext`.
    Text,
    Uuid,
    Date,
    Time,
    Timetz,
    Timestamp,
    Timestamptz,
    Interval,
    Json,
    Jsonb,
    Bytea,
    Inet,
    Cidr,
    /// `macaddr`, `macaddr8`.
    Macaddr,
    Tsvector,
    Tsquery,
    Xml,
    /// `bit`, `varbit`.
    Bit,
    /// `point`, `line`, `lseg`, `box`, `path`, `polygon`, `circle`.
    Geometric,
    Hstore,
    Ltree,
    /// `vector`, `halfvec`, `sparsevec` of pgvector.
    Vector,
    /// `geometry`, `geography` of PostGIS.
    Geo,
    /// What PostgreSQL keeps its books with, as text: `regclass` and its like, `pg_lsn`, `xid`, `tid`, `aclitem`.
    System,
    /// Types without operators, as text: `jsonpath`, `refcursor`, `pg_snapshot`, `pg_node_tree`.
    Opaque,
    /// Anything else: read and written as text.
    Unknown,
}

/// Resolves OIDs to types.
#[derive(Debug)]
pub struct Types<'c> {
    rows: &'c BTreeMap<Oid, TypeRow>,
    /// Domains that are wanted as types of their own.
    newtypes: BTreeSet<Oid>,
}

/// Composites cannot contain themselves; the limit is for catalogs that are broken.
const DEEPEST: u8 = 32;

impl<'c> Types<'c> {
    /// Over the types of one catalog.
    #[must_use]
    pub fn new(rows: &'c BTreeMap<Oid, TypeRow>) -> Self {
        Self { rows, newtypes: BTreeSet::new() }
    }

    /// With domains that are wanted as types of their own.
    #[must_use]
    pub fn with_newtypes(self, newtypes: BTreeSet<Oid>) -> Self {
        Self { newtypes, ..self }
    }

    /// Whether a domain is wanted as a type of its own.
    #[must_use]
    pub fn is_newtype(&self, oid: Oid) -> bool {
        self.newtypes.contains(&oid)
    }

    /// The row of a type that is not built in.
    #[must_use]
    pub fn row(&self, oid: Oid) -> Option<&'c TypeRow> {
        self.rows.get(&oid)
    }

    /// The type in the vocabulary of PostgreSQL.
    #[must_use]
    pub fn postgres(&self, oid: Oid) -> Type {
        self.build(oid, 0)
    }

    fn build(&self, oid: Oid, depth: u8) -> Type {
        if let Some(built_in) = Type::from_oid(oid) {
            return built_in;
        }
        let Some(row) = self.rows.get(&oid).filter(|_| depth < DEEPEST) else {
            return Type::new("unknown".to_owned(), oid, Kind::Simple, String::new());
        };
        let inner = |oid: Option<Oid>| self.build(oid.unwrap_or(0), depth + 1);
        let kind = match row.kind {
            'e' => Kind::Enum(row.labels.clone()),
            'd' => Kind::Domain(inner(row.base)),
            'c' => Kind::Composite(
                row.attributes
                    .iter()
                    .map(|field| Field::new(field.name.clone(), self.build(field.ty, depth + 1)))
                    .collect(),
            ),
            'r' => Kind::Range(inner(row.subtype)),
            'm' => Kind::Multirange(inner(
                row.range.and_then(|range| self.rows.get(&range)).and_then(|range| range.subtype),
            )),
            'p' => Kind::Pseudo,
            _ if row.element.is_some() => Kind::Array(inner(row.element)),
            _ => Kind::Simple,
        };
        Type::new(row.name.clone(), oid, kind, row.schema.clone())
    }

    /// The type as the generator sees it, domains followed to their base unless they are wanted as types.
    #[must_use]
    pub fn resolve(&self, oid: Oid) -> SqlType {
        self.sql_type(&self.postgres(oid))
    }

    fn sql_type(&self, ty: &Type) -> SqlType {
        let inner = |inner: &Type| Box::new(self.sql_type(inner));
        match ty.kind() {
            Kind::Array(element) => SqlType::Array(inner(element)),
            Kind::Range(subtype) => SqlType::Range(inner(subtype)),
            // The built-in multiranges are kept over their range or over its subtype.
            Kind::Multirange(below) => match below.kind() {
                Kind::Range(subtype) => SqlType::Multirange(inner(subtype)),
                _ => SqlType::Multirange(inner(below)),
            },
            Kind::Domain(base) if self.newtypes.contains(&ty.oid()) => SqlType::Domain(ty.oid(), inner(base)),
            Kind::Domain(base) => self.sql_type(base),
            Kind::Enum(_) => SqlType::Enum(ty.oid()),
            Kind::Composite(_) => SqlType::Composite(ty.oid()),
            _ => SqlType::Scalar(Scalar::of(ty)),
        }
    }

    /// The type as REST spells it: `character varying` of a domain over `varchar(5)`.
    #[must_use]
    pub fn told(&self, oid: Oid, sql: &str) -> String {
        let base = self.domains(oid).last().and_then(|row| row.base_sql.clone());
        without_modifier(&base.unwrap_or_else(|| sql.to_owned()))
    }

    /// The type below all domains.
    #[must_use]
    pub fn below_domains(&self, oid: Oid) -> Oid {
        let mut oid = oid;
        for _ in 0..DEEPEST {
            match self.rows.get(&oid).filter(|row| row.kind == 'd').and_then(|row| row.base) {
                Some(base) => oid = base,
                None => break,
            }
        }
        oid
    }

    /// Whether a domain on the way to the base refuses NULL.
    #[must_use]
    pub fn domain_not_null(&self, oid: Oid) -> bool {
        self.domains(oid).any(|row| row.not_null)
    }

    /// Whether a domain on the way to the base has a default.
    #[must_use]
    pub fn domain_default(&self, oid: Oid) -> bool {
        self.domains(oid).any(|row| row.has_default)
    }

    fn domains(&self, oid: Oid) -> impl Iterator<Item = &'c TypeRow> {
        let domain = |oid: Oid| self.rows.get(&oid).filter(|row| row.kind == 'd');
        std::iter::successors(domain(oid), move |row| row.base.and_then(domain)).take(usize::from(DEEPEST))
    }
}

/// `numeric` of `numeric(10,2)`, `time with time zone` of `time(3) with time zone`.
#[must_use]
pub fn without_modifier(sql: &str) -> String {
    // In quotes a parenthesis may be part of the name.
    match (sql.split_once('('), sql.rsplit_once(')')) {
        (Some((before, _)), Some((_, after))) if !sql.contains('"') => format!("{}{after}", before.trim_end()),
        _ => sql.to_owned(),
    }
}

impl SqlType {
    /// The first part that is not known, for a warning.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Scalar(scalar) => *scalar == Scalar::Unknown,
            Self::Array(inner) | Self::Range(inner) | Self::Multirange(inner) | Self::Domain(_, inner) => {
                inner.is_unknown()
            }
            Self::Enum(_) | Self::Composite(_) => false,
        }
    }

    /// Whether it is `json` or `jsonb`.
    #[must_use]
    pub fn is_json(&self) -> bool {
        matches!(self.below(), Self::Scalar(Scalar::Json | Scalar::Jsonb))
    }

    /// The type below domains.
    #[must_use]
    pub fn below(&self) -> &Self {
        match self {
            Self::Domain(_, base) => base.below(),
            other => other,
        }
    }

    /// The enums, composites and domains in it.
    pub fn named(&self, found: &mut impl FnMut(&SqlType)) {
        match self {
            Self::Scalar(_) => {}
            Self::Array(inner) | Self::Range(inner) | Self::Multirange(inner) => inner.named(found),
            Self::Enum(_) | Self::Composite(_) => found(self),
            Self::Domain(_, inner) => {
                found(self);
                inner.named(found);
            }
        }
    }
}

impl Scalar {
    fn of(ty: &Type) -> Self {
        match *ty {
            Type::BOOL => Self::Bool,
            Type::INT2 => Self::Int2,
            Type::INT4 => Self::Int4,
            Type::INT8 => Self::Int8,
            Type::OID => Self::Oid,
            Type::FLOAT4 => Self::Float4,
            Type::FLOAT8 => Self::Float8,
            Type::NUMERIC => Self::Numeric,
            Type::MONEY => Self::Money,
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::CHAR | Type::NAME => Self::Text,
            Type::UUID => Self::Uuid,
            Type::DATE => Self::Date,
            Type::TIME => Self::Time,
            Type::TIMETZ => Self::Timetz,
            Type::TIMESTAMP => Self::Timestamp,
            Type::TIMESTAMPTZ => Self::Timestamptz,
            Type::INTERVAL => Self::Interval,
            Type::JSON => Self::Json,
            Type::JSONB => Self::Jsonb,
            Type::BYTEA => Self::Bytea,
            Type::INET => Self::Inet,
            Type::CIDR => Self::Cidr,
            Type::MACADDR | Type::MACADDR8 => Self::Macaddr,
            Type::TS_VECTOR => Self::Tsvector,
            Type::TSQUERY => Self::Tsquery,
            Type::XML => Self::Xml,
            Type::BIT | Type::VARBIT => Self::Bit,
            Type::POINT | Type::LINE | Type::LSEG | Type::BOX | Type::PATH | Type::POLYGON | Type::CIRCLE => {
                Self::Geometric
            }
            Type::REGCLASS
            | Type::REGCOLLATION
            | Type::REGCONFIG
            | Type::REGDICTIONARY
            | Type::REGNAMESPACE
            | Type::REGOPER
            | Type::REGOPERATOR
            | Type::REGPROC
            | Type::REGPROCEDURE
            | Type::REGROLE
            | Type::REGTYPE
            | Type::PG_LSN
            | Type::XID
            | Type::XID8
            | Type::CID
            | Type::TID
            | Type::ACLITEM => Self::System,
            Type::JSONPATH
            | Type::REFCURSOR
            | Type::TXID_SNAPSHOT
            | Type::PG_SNAPSHOT
            | Type::PG_NODE_TREE
            | Type::PG_NDISTINCT
            | Type::PG_DEPENDENCIES
            | Type::PG_MCV_LIST
            | Type::PG_BRIN_BLOOM_SUMMARY
            | Type::PG_BRIN_MINMAX_MULTI_SUMMARY
            | Type::GTS_VECTOR => Self::Opaque,
            _ if Type::from_oid(ty.oid()).is_some() => Self::Unknown,
            // Types of extensions have no fixed OID and live in any schema.
            _ => match ty.name() {
                "citext" => Self::Text,
                "hstore" => Self::Hstore,
                "ltree" => Self::Ltree,
                "vector" | "halfvec" | "sparsevec" => Self::Vector,
                "geometry" | "geography" => Self::Geo,
                _ => Self::Unknown,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(oid: Oid, name: &str, kind: char) -> TypeRow {
        TypeRow {
            oid,
            schema: "public".to_owned(),
            name: name.to_owned(),
            kind,
            element: None,
            base: None,
            base_sql: None,
            not_null: false,
            has_default: false,
            relation: None,
            stand_alone: true,
            subtype: None,
            range: None,
            labels: Vec::new(),
            checks: Vec::new(),
            attributes: Vec::new(),
            extension: None,
            comment: None,
        }
    }

    #[test]
    fn kinds() {
        let mut rows = BTreeMap::new();
        rows.insert(90_001, TypeRow { labels: vec!["a".to_owned()], ..row(90_001, "mood", 'e') });
        rows.insert(90_002, TypeRow { element: Some(90_001), ..row(90_002, "_mood", 'b') });
        rows.insert(90_003, TypeRow { base: Some(90_002), not_null: true, ..row(90_003, "moods", 'd') });
        rows.insert(90_004, TypeRow { subtype: Some(701), ..row(90_004, "floats", 'r') });
        rows.insert(90_005, TypeRow { range: Some(90_004), ..row(90_005, "multifloats", 'm') });
        rows.insert(90_006, row(90_006, "hstore", 'b'));
        rows.insert(90_007, row(90_007, "lquery", 'b'));
        rows.insert(90_008, TypeRow { base: Some(90_003), ..row(90_008, "more_moods", 'd') });
        let types = Types::new(&rows);
        let moods = SqlType::Array(Box::new(SqlType::Enum(90_001)));
        assert_eq!(types.resolve(90_002), moods);
        assert_eq!(types.resolve(90_008), moods, "domains are followed");
        assert!(types.domain_not_null(90_008), "the inner domain refuses NULL");
        assert_eq!(types.below_domains(90_008), 90_002);
        let float = SqlType::Scalar(Scalar::Float8);
        assert_eq!(types.resolve(90_004), SqlType::Range(Box::new(float.clone())));
        assert_eq!(types.resolve(90_005), SqlType::Multirange(Box::new(float)));
        assert_eq!(types.resolve(90_006), SqlType::Scalar(Scalar::Hstore));
        assert!(types.resolve(90_007).is_unknown());
        assert!(types.resolve(4_000_000).is_unknown(), "a type that was not read");
    }

    #[test]
    fn built_ins() {
        let rows = BTreeMap::new();
        let types = Types::new(&rows);
        let of = |ty: &Type| types.resolve(ty.oid());
        let scalar = |scalar| SqlType::Scalar(scalar);
        assert_eq!(of(&Type::INT4_ARRAY), SqlType::Array(Box::new(scalar(Scalar::Int4))));
        assert_eq!(of(&Type::TSTZ_RANGE), SqlType::Range(Box::new(scalar(Scalar::Timestamptz))));
        assert_eq!(of(&Type::INT4MULTI_RANGE), SqlType::Multirange(Box::new(scalar(Scalar::Int4))));
        assert_eq!(of(&Type::REGCLASS), scalar(Scalar::System));
        assert_eq!(of(&Type::CHAR), scalar(Scalar::Text));
        assert_eq!(of(&Type::JSONB), scalar(Scalar::Jsonb));
    }
}
