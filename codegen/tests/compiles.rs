//! The checked-in output is Rust that `supabase-core` understands, whatever names a database has.
#![deny(missing_docs)]
#![allow(uncommon_codepoints, mixed_script_confusables, reason = "that is what the names are like")]

#[rustfmt::skip]
#[path = "generated/odd/mod.rs"]
pub mod odd;
#[rustfmt::skip]
#[path = "generated/planets/mod.rs"]
pub mod planets;

use supabase_core::schema::sql::{Array, Composite, Enum, Int4, Multirange, Text};
use supabase_core::schema::{
    Column, ColumnInfo, FromRow, Function, Many, NotNull, Nullable, One, ReadOnly, Relation, Required, Table, Unique,
    ZeroOrOne, returns,
};

/// The type of a column, as the compiler sees it.
fn column<C, Sql, Ty, Null, Write>() -> &'static str
where
    C: Column<Sql = Sql, Ty = Ty, Null = Null, Write = Write>,
{
    C::NAME
}

/// A relationship, as the compiler sees it.
fn relation<R, Source, Target, Cardinality>() -> (&'static str, &'static str)
where
    Source: Table,
    Target: Table,
    R: Relation<Source = Source, Target = Target, Cardinality = Cardinality>,
    Cardinality: supabase_core::schema::Cardinality,
{
    (R::NAME, R::TARGET)
}

fn returns<F: Function<Returns = R>, R>(_: &F) -> (&'static str, bool) {
    (F::NAME, F::READ_ONLY)
}

#[test]
fn columns() {
    use planets::{enums, planets as p, specimens as s, texts, types};
    assert_eq!(column::<p::id, Int4, i32, NotNull, Required>(), "id");
    assert_eq!(
        column::<p::kind, Enum<enums::PlanetKind>, Option<enums::PlanetKind>, Nullable, supabase_core::schema::Optional>(
        ),
        "kind"
    );
    assert_eq!(column::<p::tags, Array<Text>, Vec<String>, NotNull, supabase_core::schema::Optional>(), "tags");
    assert_eq!(column::<texts::fts, supabase_core::schema::sql::Tsvector, Option<String>, Nullable, ReadOnly>(), "fts");
    type Points = Option<Vec<types::Coordinates>>;
    assert_eq!(
        column::<s::a_composite, Array<Composite<types::Coordinates>>, Points, Nullable, supabase_core::schema::Optional>(
        ),
        "a_composite"
    );
    type Many = Option<supabase_core::types::PgMultirange<i32>>;
    assert_eq!(
        column::<s::c_int4multirange, Multirange<Int4>, Many, Nullable, supabase_core::schema::Optional>(),
        "c_int4multirange"
    );
    // A domain is its base.
    assert_eq!(column::<s::c_positive, Int4, Option<i32>, Nullable, supabase_core::schema::Optional>(), "c_positive");
    // A computed column can be named, and is in neither the row nor the list of columns.
    assert_eq!(column::<p::display_name, Text, Option<String>, Nullable, ReadOnly>(), "display_name");
    assert!(p::Table::COLUMNS.iter().all(|info| info.name != "display_name"));
    assert_eq!(p::Table::COLUMNS[0], ColumnInfo::new("id", "integer", false));
    assert_eq!(p::Table::REQUIRED, ["id", "name"]);
    assert_eq!(planets::visits::Table::REQUIRED, ["place"], "identity always is not required");
    assert_eq!(planets::members::Table::PRIMARY_KEY, ["user_id", "team_id"]);
    assert_eq!(planets::inventory::parts::Table::SCHEMA, "inventory");
}

#[test]
fn odd_names_keep_their_spelling() {
    use planets::Odd__Table__v1_0_ as o;
    assert_eq!(o::Table::NAME, "Odd, Table (v1.0)");
    let names: Vec<&str> = o::Table::COLUMNS.iter().map(|info| info.name).collect();
    assert_eq!(
        names,
        [
            "odd id",
            "Upper",
            "two words",
            "say \"hi\"",
            "with,comma",
            "dot.ted",
            "par(en)",
            "col:on",
            "back\\slash",
            "ünï",
            "日本",
            "type",
            "match",
            "self",
            "select",
            "order",
            "limit",
            "and",
            "on_conflict",
            "not",
            "1st",
            "dash-ed",
            "arrow->x",
            "percent%",
            "am&p=",
            "plus+",
            "count",
            "*"
        ]
    );
    assert_eq!(
        [o::r#type::NAME, o::self_::NAME, o::_1st::NAME, o::__::NAME, o::日本::NAME],
        ["type", "self", "1st", "*", "日本"]
    );
    assert_eq!(odd::shadows::Table_::NAME, "Table");
    assert_eq!(odd::shadows::reader::NAME, "reader");
    assert_eq!(odd::two_words::two_words__::NAME, "two words");
    assert_eq!(
        [odd::enums_::Table::NAME, odd::types__::Table::NAME, odd::types_::Table::NAME],
        ["enums", "types", "types_"]
    );
    assert_eq!([odd::users::Table::NAME, odd::Users::Table::NAME, odd::r#mod::Table::NAME], ["users", "Users", "mod"]);
    assert_eq!(odd::Second__schema::notes::Table::SCHEMA, "Second, schema");
}

#[test]
fn relationships() {
    use planets::{employees, messages, moons, planets as p, profiles, stars, teams, users};
    assert_eq!(relation::<p::rel::moons::Rel, p::Table, moons::Table, Many>(), ("moons", "moons!moons_planet_id_fkey"));
    assert_eq!(
        relation::<p::rel::star::Rel, p::Table, stars::Table, ZeroOrOne>(),
        ("star", "stars!planets_star_id_fkey")
    );
    assert_eq!(
        relation::<moons::rel::planet::Rel, moons::Table, p::Table, One>(),
        ("planet", "planets!moons_planet_id_fkey")
    );
    assert_eq!(
        relation::<messages::rel::sender::Rel, messages::Table, users::Table, One>(),
        ("sender", "users!messages_sender_fkey")
    );
    assert_eq!(
        relation::<messages::rel::receiver::Rel, messages::Table, users::Table, ZeroOrOne>(),
        ("receiver", "users!messages_receiver_fkey")
    );
    assert_eq!(
        relation::<users::rel::messages_by_sender::Rel, users::Table, messages::Table, Many>(),
        ("messages_by_sender", "messages!messages_sender_fkey")
    );
    assert_eq!(
        relation::<users::rel::profiles::Rel, users::Table, profiles::Table, ZeroOrOne>(),
        ("profiles", "profiles!profiles_user_id_fkey")
    );
    assert_eq!(relation::<users::rel::teams::Rel, users::Table, teams::Table, Many>(), ("teams", "teams!members"));
    assert_eq!(
        relation::<employees::rel::manager::Rel, employees::Table, employees::Table, ZeroOrOne>(),
        ("manager", "manager_id")
    );
    assert_eq!(
        relation::<employees::rel::employees::Rel, employees::Table, employees::Table, Many>(),
        ("employees", "employees!manager_id")
    );
    assert_eq!(
        relation::<p::rel::largest_moon::Rel, p::Table, moons::Table, ZeroOrOne>(),
        ("largest_moon", "largest_moon")
    );
    // Nested paths resolve by themselves, and the constant beside the module is the marker.
    let _: moons::rel::planet::Rel = p::rel::moons::rel::planet;
    assert_eq!(p::rel::moons::rel::planet::rel::star::name::NAME, "name");
}

#[test]
fn functions() {
    use planets::functions as f;
    assert_eq!(returns::<_, returns::Scalar<String>>(&f::hello_world {}), ("hello_world", true));
    assert_eq!(returns::<_, returns::Rows<planets::planets::Table>>(&f::list_planets {}), ("list_planets", true));
    assert_eq!(
        returns::<_, returns::OneRow<planets::planets::Table>>(&f::planet_by_name { wanted: "Mars" }).0,
        "planet_by_name"
    );
    assert_eq!(returns::<_, returns::Void>(&f::touch_counter { wanted: "x" }), ("touch_counter", false));
    assert_eq!(returns::<_, returns::SetOf<i32>>(&f::three_numbers {}).0, "three_numbers");
    let found = f::find_planets { fragment: "ea", at_most: supabase_core::schema::Omit };
    assert_eq!(returns::<_, returns::Rows<f::results::find_planets::Table>>(&found).0, "find_planets");
    assert_eq!(f::results::find_planets::Table::COLUMNS.len(), 2);
    // Overloads: the shorter one keeps the name.
    assert_eq!(returns::<_, returns::Scalar<String>>(&f::area { side: 3 }).0, "area");
    assert_eq!(returns::<_, returns::Scalar<String>>(&f::area_with_width_height { width: 3, height: 4 }).0, "area");
    assert_eq!(returns::<_, returns::Scalar<String>>(&f::Odd_Function { first_arg: "a", select: 1 }).0, "Odd Function");
    assert_eq!(
        returns::<_, returns::Scalar<i32>>(&odd::functions::args_ { args: 1, results: supabase_core::schema::Omit }).0,
        "args"
    );
}

#[test]
fn rows() {
    fn is_row<R: FromRow>() {}
    is_row::<planets::planets::Row>();
    is_row::<planets::planet_overview::Row>();
    is_row::<odd::shadows::Row>();
    is_row::<odd::functions::results::results_::Row>();
    let insert = planets::planets::Insert::new(9, "Pluto");
    assert_eq!(insert.mass, supabase_core::schema::Field::Omit);
    let _ = planets::loose::Insert::default();
    let _ = odd::empty::Insert::new();
    let columns = <planets::members::unique::user_id_team_id as Unique>::COLUMNS;
    assert_eq!(columns, ["user_id", "team_id"]);
}

#[test]
fn enums() {
    use supabase_core::schema::PgEnum;
    for label in odd::enums::Mood::LABELS {
        assert_eq!(odd::enums::Mood::from_label(label).label(), *label);
    }
    assert_eq!(odd::enums::Mood::from_label("Other"), odd::enums::Mood::Other_);
    assert_eq!(odd::enums::Mood::from_label("new"), odd::enums::Mood::Other("new".to_owned()));
    assert_eq!(planets::enums::PlanetKind::from_label("gas giant"), planets::enums::PlanetKind::GasGiant);
}
