//! Names of relationships: the key under which the embedded rows stand in the answer, and the module in Rust.
//!
//! | relationship | name |
//! |---|---|
//! | to one | the key's column without `_id`: `star`, `sender`, `manager` |
//! | to one, the column does not end so, or there are several | the target's name if one key leads there (a table's own name means the rows below), else the constraint's name |
//! | to many (and the far side of one-to-one) | the target's name: `moons` |
//! | to many, several keys lead here from that target | `messages_by_sender`; with several columns `observations_by_` and the constraint's name |
//! | many to many | the target's name: `teams` |
//! | many to many, several junctions lead there | `teams_through_members` |
//! | to a view that shows the target of a key, whichever way | the view's name: `ringed_planets`; several keys: `ringed_planets_by_star` |
//! | function | its name |
//!
//! Where a name is taken, the longer form is used: by a column of the table (an object has each key once), or by
//! a relationship that comes earlier in this order: function, to one, to many, many to many, and those to
//! tables all before those to views. So neither a new junction nor a new view renames what a foreign key between tables is called, a second key
//! between two tables never renames the way to one, and renames the way back only between these two.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::relation::{Path, Relation};
use crate::model::table::Table;

/// The wire names of the relationships, in their order.
pub(crate) fn wire_names(table: &Table, relations: &[Relation]) -> Vec<String> {
    let mut taken: BTreeSet<String> =
        table.columns.iter().chain(&table.computed).map(|column| column.name.clone()).collect();
    let mut order: Vec<usize> = (0..relations.len()).collect();
    order.sort_by_key(|&index| relations.get(index).map(order_of));
    let mut names: BTreeMap<usize, String> = BTreeMap::new();
    // What the user has asked for is given first.
    for (index, relation) in relations.iter().enumerate() {
        if let Some(rename) = &relation.rename {
            taken.insert(rename.clone());
            names.insert(index, rename.clone());
        }
    }
    for index in order {
        let Some(relation) = relations.get(index).filter(|relation| relation.rename.is_none()) else {
            continue;
        };
        let wishes = wishes(table, relation, relations);
        let name = wishes.iter().find(|name| !taken.contains(*name)).cloned().unwrap_or_else(|| {
            let mut name = wishes.last().cloned().unwrap_or_default();
            while taken.contains(&name) {
                name.push('_');
            }
            name
        });
        taken.insert(name.clone());
        names.insert(index, name);
    }
    names.into_values().collect()
}

/// Functions have one name only, so they choose first; a view never takes a name from a table.
fn order_of(relation: &Relation) -> (bool, u8) {
    let rank = rank(&relation.path);
    (relation.target_is_view && rank > 0, rank)
}

fn rank(path: &Path) -> u8 {
    match path {
        Path::Function { .. } => 0,
        Path::ToOne { .. } => 1,
        Path::Back { .. } => 2,
        Path::Through { .. } => 3,
    }
}

/// Names in the order of preference.
fn wishes(table: &Table, relation: &Relation, all: &[Relation]) -> Vec<String> {
    let target = &relation.target_name;
    let alone =
        all.iter().filter(|other| rank(&other.path) == rank(&relation.path) && other.target_name == *target).count()
            == 1;
    let mut wishes = Vec::new();
    match &relation.path {
        Path::Function { name, .. } => wishes.push(name.clone()),
        Path::ToOne { constraint, columns } if relation.target_is_view => {
            if alone && relation.target != table.oid {
                wishes.push(target.clone());
            }
            if let [(column, _)] = columns.as_slice() {
                wishes.push(format!("{target}_by_{}", without_id(column).unwrap_or_else(|| column.clone())));
            }
            wishes.push(format!("{target}_by_{constraint}"));
        }
        Path::ToOne { constraint, columns } => {
            if let [(column, _)] = columns.as_slice() {
                wishes.extend(without_id(column));
            }
            // The server gives the rows below for a table's own name.
            if alone && relation.target != table.oid {
                wishes.push(target.clone());
            }
            wishes.push(constraint.clone());
        }
        Path::Back { constraint, columns } => {
            if alone {
                wishes.push(target.clone());
            }
            if let [(_, column)] = columns.as_slice() {
                wishes.push(format!("{target}_by_{}", without_id(column).unwrap_or_else(|| column.clone())));
            }
            wishes.push(format!("{target}_by_{constraint}"));
        }
        Path::Through { junction, there, .. } => {
            if alone {
                wishes.push(target.clone());
            }
            wishes.push(format!("{target}_through_{junction}"));
            wishes.push(format!("{target}_through_{junction}_{there}"));
        }
    }
    wishes
}

/// `sender` from `sender_id` or `senderId`; nothing where that leaves nothing or the column itself.
fn without_id(column: &str) -> Option<String> {
    let short =
        column.strip_suffix("_id").or_else(|| column.strip_suffix("_ID")).or_else(|| column.strip_suffix("Id"))?;
    (!short.is_empty()).then(|| short.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::column::{Column, Filled, Write};
    use crate::model::relation::Cardinality;
    use crate::model::ty::{Scalar, SqlType};
    use crate::sources::catalog::RelationKind;

    fn table(columns: &[&str]) -> Table {
        Table {
            oid: 1,
            schema: "public".to_owned(),
            name: "here".to_owned(),
            kind: RelationKind::Table,
            comment: None,
            columns: columns
                .iter()
                .map(|name| Column {
                    name: (*name).to_owned(),
                    ty: SqlType::Scalar(Scalar::Int4),
                    told: String::new(),
                    told_not_null: false,
                    dimensions: 1,
                    sql: "integer".to_owned(),
                    domain_of: None,
                    nullable: true,
                    nullable_elements: false,
                    write: Write::Optional,
                    filled: Filled::No,
                    comment: None,
                    rust_type: None,
                    json: false,
                    rename: None,
                })
                .collect(),
            primary_key: Vec::new(),
            uniques: Vec::new(),
            relations: Vec::new(),
            computed: Vec::new(),
            insertable: true,
            updatable: true,
            deletable: true,
            rows: true,
            partial: false,
            derives: Vec::new(),
            rename: None,
        }
    }

    fn relation(target: &str, path: Path) -> Relation {
        Relation {
            target: 2,
            target_name: target.to_owned(),
            target_is_view: false,
            cardinality: Cardinality::Many,
            path,
            wire: String::new(),
            by_key: None,
            rename: None,
        }
    }

    fn to_one(target: &str, column: &str) -> Relation {
        relation(
            target,
            Path::ToOne {
                constraint: format!("here_{column}_fkey"),
                columns: vec![(column.to_owned(), "id".to_owned())],
            },
        )
    }

    fn back(target: &str, column: &str) -> Relation {
        relation(
            target,
            Path::Back {
                constraint: format!("{target}_{column}_fkey"),
                columns: vec![("id".to_owned(), column.to_owned())],
            },
        )
    }

    fn through(target: &str, junction: &str) -> Relation {
        relation(
            target,
            Path::Through {
                junction: junction.to_owned(),
                here: format!("{junction}_here_fkey"),
                there: format!("{junction}_there_fkey"),
            },
        )
    }

    #[test]
    fn the_target_names_it() {
        let relations = [to_one("stars", "star_id"), back("moons", "planet_id"), through("teams", "members")];
        assert_eq!(wire_names(&table(&["id", "star_id"]), &relations), ["star", "moons", "teams"]);
    }

    #[test]
    fn several_keys_to_one_target() {
        let relations = [to_one("users", "sender_id"), to_one("users", "receiver_id")];
        assert_eq!(wire_names(&table(&["sender_id", "receiver_id"]), &relations), ["sender", "receiver"]);
        let composite = relation(
            "users",
            Path::ToOne {
                constraint: "here_owner_fkey".to_owned(),
                columns: vec![("a".to_owned(), "a".to_owned()), ("b".to_owned(), "b".to_owned())],
            },
        );
        assert_eq!(wire_names(&table(&[]), &[to_one("users", "sender_id"), composite]), ["sender", "here_owner_fkey"]);
    }

    #[test]
    fn several_keys_from_one_table() {
        let relations = [back("messages", "receiver_id"), back("messages", "sender_id")];
        assert_eq!(wire_names(&table(&["id"]), &relations), ["messages_by_receiver", "messages_by_sender"]);
    }

    #[test]
    fn a_self_reference() {
        let mut parent = relation(
            "here",
            Path::ToOne { constraint: "k".to_owned(), columns: vec![("manager_id".to_owned(), "id".to_owned())] },
        );
        let mut children = relation(
            "here",
            Path::Back { constraint: "k".to_owned(), columns: vec![("id".to_owned(), "manager_id".to_owned())] },
        );
        (parent.target, children.target) = (1, 1);
        assert_eq!(wire_names(&table(&["id", "manager_id"]), &[parent, children]), ["manager", "here"]);
    }

    #[test]
    fn a_column_keeps_its_name() {
        let relations = [to_one("star", "star_id")];
        assert_eq!(wire_names(&table(&["star", "star_id"]), &relations), ["here_star_id_fkey"]);
        let relations = [to_one("stars", "star_id")];
        assert_eq!(wire_names(&table(&["star", "star_id"]), &relations), ["stars"]);
        let mut of_view = to_one("big_stars", "star_id");
        of_view.target_is_view = true;
        assert_eq!(
            wire_names(&table(&["star_id"]), &[of_view.clone(), to_one("stars", "star_id")]),
            ["big_stars", "star"]
        );
        let mut twice = of_view.clone();
        twice.path = Path::ToOne { constraint: "k".to_owned(), columns: vec![("twin_id".to_owned(), "id".to_owned())] };
        assert_eq!(wire_names(&table(&[]), &[of_view, twice]), ["big_stars_by_star", "big_stars_by_twin"]);
        assert_eq!(wire_names(&table(&["moons"]), &[back("moons", "planet_id")]), ["moons_by_planet"]);
    }

    #[test]
    fn foreign_keys_before_junctions() {
        let relations = [back("teams", "leader_id"), through("teams", "members")];
        assert_eq!(wire_names(&table(&["id"]), &relations), ["teams", "teams_through_members"]);
        let relations = [through("teams", "members"), through("teams", "fans")];
        assert_eq!(wire_names(&table(&["id"]), &relations), ["teams_through_members", "teams_through_fans"]);
    }

    #[test]
    fn the_configuration_wins() {
        let mut renamed = back("moons", "planet_id");
        renamed.rename = Some("stars".to_owned());
        assert_eq!(wire_names(&table(&["star_id"]), &[to_one("stars", "star_id"), renamed]), ["star", "stars"]);
    }
}
