//! `filter!`.

use supabase_core::prelude::*;

use crate::schema::{self as db, planets};

#[test]
fn not_binds_tighter_than_and_and_and_tighter_than_or() {
    let text = |condition: supabase_core::query::Condition<planets::Table>| condition.to_string();
    assert_eq!(text(filter!(planets: eq(id, 2))), "id.eq.2");
    assert_eq!(text(filter!(planets: not eq(id, 2))), "id.not.eq.2");
    assert_eq!(
        text(filter!(planets: eq(id, 1) or eq(id, 2) and not is_null(mass) or not (eq(id, 3) or eq(id, 4)))),
        "or(id.eq.1,and(id.eq.2,mass.not.is.null),not.or(id.eq.3,id.eq.4))"
    );
    assert_eq!(text(filter!(planets: (eq(id, 1)))), "id.eq.1");
    assert_eq!(text(filter!(planets: eq(id, 1) and eq(id, 2) and eq(id, 3))), "and(id.eq.1,id.eq.2,id.eq.3)");
}

#[test]
fn every_operator_is_the_method_of_its_name() {
    let night = Literal("[2000-01-01,2000-01-02)");
    let conditions = [
        (filter!(planets: neq(id, 1)), planets::id.neq(1)),
        (filter!(planets: gt(id, 1)), planets::id.gt(1)),
        (filter!(planets: gte(id, 1)), planets::id.gte(1)),
        (filter!(planets: lt(id, 1)), planets::id.lt(1)),
        (filter!(planets: lte(id, 1)), planets::id.lte(1)),
        (filter!(planets: in(id, [1, 2])), planets::id.in_([1, 2])),
        (filter!(planets: in_(id, [1, 2])), planets::id.in_([1, 2])),
        (filter!(planets: not_in(id, [1, 2])), planets::id.not_in([1, 2])),
        (filter!(planets: is_distinct(id, 1)), planets::id.is_distinct(1)),
        (filter!(planets: is_not_null(mass)), planets::mass.is_not_null()),
        (filter!(planets: like(name, "a%")), planets::name.like("a%")),
        (filter!(planets: ilike(name, "a%")), planets::name.ilike("a%")),
        (filter!(planets: like_all_of(name, ["a%", "%b"])), planets::name.like_all_of(["a%", "%b"])),
        (filter!(planets: like_any_of(name, ["a%"])), planets::name.like_any_of(["a%"])),
        (filter!(planets: ilike_all_of(name, ["a%"])), planets::name.ilike_all_of(["a%"])),
        (filter!(planets: ilike_any_of(name, ["a%"])), planets::name.ilike_any_of(["a%"])),
        (filter!(planets: match_regex(name, "^a")), planets::name.match_regex("^a")),
        (filter!(planets: imatch_regex(name, "^a")), planets::name.imatch_regex("^a")),
        (filter!(planets: contains(tags, ["hot"])), planets::tags.contains(["hot"])),
        (filter!(planets: contained_by(tags, ["hot"])), planets::tags.contained_by(["hot"])),
        (filter!(planets: overlaps(visible, night)), planets::visible.overlaps(night)),
        (filter!(planets: range_gt(visible, night)), planets::visible.range_gt(night)),
        (filter!(planets: range_gte(visible, night)), planets::visible.range_gte(night)),
        (filter!(planets: range_lt(visible, night)), planets::visible.range_lt(night)),
        (filter!(planets: range_lte(visible, night)), planets::visible.range_lte(night)),
        (filter!(planets: range_adjacent(visible, night)), planets::visible.range_adjacent(night)),
        (filter!(planets: text_search(name, "earth")), planets::name.text_search("earth")),
        (filter!(planets: eq(type, "rocky")), planets::r#type.eq("rocky")),
    ];
    for (written, method) in conditions {
        assert_eq!(written.to_string(), method.to_string());
    }
}

#[test]
fn conditions_reach_into_json() {
    let condition = filter!(db::planets: eq(facts -> "rings" -> 0 ->> "name", "A") and is_null(facts ->> -1));
    assert_eq!(condition.to_string(), r#"and(facts->rings->0->>name.eq."A",facts->>-1.is.null)"#);
}

#[test]
fn a_variable_may_be_called_like_its_table() {
    let planets = "Mars";
    assert_eq!(filter!(planets: eq(name, planets)).to_string(), r#"name.eq."Mars""#);
    let _ = (order!(planets: name), select!(planets { name, moons { name } }), update!(planets { name: planets }));
}

#[test]
fn values_are_any_expression_and_see_the_variables_around() {
    let planets = [1_i64, 2];
    let wanted = |id: i64| id + 1;
    let condition =
        filter!(db::planets: in_(id, planets.iter().map(|id| wanted(*id))) or eq(name, format!("{}", planets.len())));
    assert_eq!(condition.to_string(), r#"or(id.in.(2,3),name.eq."2")"#);
}
