//! The stages after introspection, from a catalog made by hand: no database is needed to see what a change does to the output.
#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::collections::BTreeMap;

use postgres_types::Type;
use supabase_codegen::config::Config;
use supabase_codegen::sources::catalog::{
    ArgumentMode, ArgumentRow, Catalog, ColumnRow, ForeignKeyRow, FunctionRow, KeyRow, RelationKind, RelationRow,
    SchemaRow, TypeRow,
};
use supabase_codegen::{model, name, render};

const PLANETS: u32 = 90_001;
const MOONS: u32 = 90_002;
const KIND: u32 = 90_003;
const PLANETS_ROW: u32 = 90_004;

fn relation(oid: u32, name: &str, comment: Option<&str>, row_type: u32) -> RelationRow {
    RelationRow {
        oid,
        schema: "public".to_owned(),
        name: name.to_owned(),
        kind: RelationKind::Table,
        comment: comment.map(str::to_owned),
        events: 28,
        own_events: 28,
        row_type,
    }
}

fn column(number: i16, name: &str, ty: u32, sql: &str, not_null: bool) -> ColumnRow {
    ColumnRow {
        number,
        name: name.to_owned(),
        ty,
        sql: sql.to_owned(),
        not_null,
        default: None,
        identity: String::new(),
        generated: String::new(),
        updatable: false,
        dimensions: 0,
        comment: None,
    }
}

fn key(relation: u32, name: &str, columns: &[i16]) -> KeyRow {
    KeyRow {
        relation,
        name: name.to_owned(),
        primary: true,
        constraint: true,
        immediate: true,
        columns: columns.to_vec(),
    }
}

fn catalog() -> Catalog {
    let mut id = column(1, "id", Type::INT8.oid(), "bigint", true);
    id.identity = "a".to_owned();
    let mut kind = column(3, "kind", KIND, "kind", false);
    kind.default = Some("'rocky'::kind".to_owned());
    kind.comment = Some("What it is made of".to_owned());
    let kind_type = TypeRow {
        oid: KIND,
        schema: "public".to_owned(),
        name: "kind".to_owned(),
        kind: 'e',
        element: None,
        base: None,
        base_sql: None,
        not_null: false,
        has_default: false,
        relation: None,
        stand_alone: false,
        subtype: None,
        range: None,
        labels: vec!["rocky".to_owned(), "gas giant".to_owned()],
        checks: Vec::new(),
        attributes: Vec::new(),
        extension: None,
        comment: None,
    };
    Catalog {
        schemas: vec![SchemaRow { name: "public".to_owned(), comment: None }],
        relations: vec![relation(MOONS, "moons", None, 0), relation(PLANETS, "planets", Some("Worlds"), PLANETS_ROW)],
        columns: BTreeMap::from([
            (
                PLANETS,
                vec![
                    id,
                    column(2, "name", Type::TEXT.oid(), "text", true),
                    kind,
                    column(4, "odd name", Type::INT4_ARRAY.oid(), "integer[]", false),
                ],
            ),
            (
                MOONS,
                vec![
                    column(1, "id", Type::INT4.oid(), "integer", true),
                    column(2, "planet_id", Type::INT8.oid(), "bigint", true),
                ],
            ),
        ]),
        keys: vec![key(PLANETS, "planets_pkey", &[1]), key(MOONS, "moons_pkey", &[1])],
        foreign_keys: vec![ForeignKeyRow {
            name_is_guessed: false,
            name: "moons_planet_id_fkey".to_owned(),
            relation: MOONS,
            columns: vec![2],
            target: PLANETS,
            target_columns: vec![1],
            validated: true,
        }],
        types: BTreeMap::from([(KIND, kind_type)]),
        functions: vec![FunctionRow {
            oid: 90_005,
            schema: "public".to_owned(),
            name: "search_planets".to_owned(),
            comment: Some("By a part of the name".to_owned()),
            arguments: [("query", Type::TEXT, "text", false), ("lim", Type::INT4, "integer", true)]
                .map(|(name, ty, sql, has_default)| ArgumentRow {
                    name: name.to_owned(),
                    mode: ArgumentMode::In,
                    ty: ty.oid(),
                    sql: sql.to_owned(),
                    has_default,
                })
                .to_vec(),
            returns: PLANETS_ROW,
            returns_sql: "SETOF planets".to_owned(),
            returns_set: true,
            rows: 1000.0,
            volatility: 's',
        }],
        ..Catalog::default()
    }
}

fn text(config: &Config) -> String {
    let model = model::build(&catalog(), config).unwrap();
    assert!(model.warnings.is_empty(), "{:?}", model.warnings);
    let named = name::name(&model, config);
    let files = render::files(&named);
    files.iter().map(|file| format!("======== {}\n{}", file.path, file.text)).collect()
}

#[test]
fn everything() {
    insta::assert_snapshot!("everything", text(&Config::default()));
}

#[test]
fn without_rows() {
    insta::assert_snapshot!("without_rows", text(&Config { rows: false, ..Config::default() }));
}
