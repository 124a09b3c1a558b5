//! Built-in types by their names: the short one of `pg_type` (`int4`, `_text`) and the long one of `format_type`
//! (`integer`, `text[]`), for sources that know types by name only.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use postgres_types::Type;

use crate::model::ty::without_modifier;
use crate::sources::catalog::Oid;

/// The OIDs of types that PostgreSQL gives out itself end here.
const LAST: Oid = 16_384;

static BY_NAME: LazyLock<BTreeMap<String, Oid>> =
    LazyLock::new(|| (1..LAST).filter_map(|oid| Type::from_oid(oid).map(|ty| (ty.name().to_owned(), oid))).collect());

/// SQL's own names of types that `pg_type` has under another one.
const LONG_NAMES: [(&str, &str); 13] = [
    ("bigint", "int8"),
    ("bit varying", "varbit"),
    ("boolean", "bool"),
    ("character", "bpchar"),
    ("character varying", "varchar"),
    ("double precision", "float8"),
    ("integer", "int4"),
    ("real", "float4"),
    ("smallint", "int2"),
    ("time with time zone", "timetz"),
    ("time without time zone", "time"),
    ("timestamp with time zone", "timestamptz"),
    ("timestamp without time zone", "timestamp"),
];

/// The name in `pg_type`.
pub(super) fn built_in_name(oid: Oid) -> Option<String> {
    Type::from_oid(oid).map(|ty| ty.name().to_owned())
}

/// The type of that name in `pg_type`.
pub(super) fn built_in_by_name(name: &str) -> Option<Oid> {
    BY_NAME.get(name).copied()
}

/// The type that `format_type` prints so.
pub(super) fn built_in_by_sql(sql: &str) -> Option<Oid> {
    if let Some(element) = sql.strip_suffix("[]") {
        let name = built_in_name(built_in_by_sql(element)?)?;
        return built_in_by_name(&format!("_{name}"));
    }
    // A quoted name is never that of a built-in type, but for `"char"`.
    if sql == "\"char\"" {
        return built_in_by_name("char");
    }
    let bare = without_modifier(sql);
    let short = LONG_NAMES.iter().find(|(long, _)| *long == bare).map_or(bare.as_str(), |(_, short)| short);
    built_in_by_name(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let oid = |ty: Type| Some(ty.oid());
        assert_eq!(built_in_by_name("_int4"), oid(Type::INT4_ARRAY));
        assert_eq!(built_in_by_sql("timestamp with time zone[]"), oid(Type::TIMESTAMPTZ_ARRAY));
        assert_eq!(built_in_by_sql("numeric(10,2)"), oid(Type::NUMERIC));
        assert_eq!(built_in_by_sql("\"char\""), oid(Type::CHAR));
        assert_eq!(built_in_by_sql("timestamp(3) with time zone"), oid(Type::TIMESTAMPTZ));
        assert_eq!(built_in_by_sql("character(2)"), oid(Type::BPCHAR));
        assert_eq!(built_in_by_sql("int4multirange"), oid(Type::INT4MULTI_RANGE));
        assert_eq!(built_in_by_sql("public.mood"), None);
    }
}
