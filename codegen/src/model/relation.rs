//! Relationships as PostgREST sees them: foreign keys in both directions, also between views that show their
//! columns, many-to-many through a junction, and functions that lead from a row to other rows.
//!
//! PostgREST never embeds across schemas (`PGRST200`), so a foreign key into another schema is no relationship
//! here. Which `target!hint` is unambiguous is found by doing what the server does (`find`); a relationship that the
//! server cannot be asked for is left out with a note.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Warning;
use crate::model::view::Origins;
use crate::sources::catalog::{Catalog, ForeignKeyRow, Oid, RelationKind, RelationRow};

/// How many rows of the target belong to one row of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cardinality {
    /// Any number.
    Many,
    /// Exactly one.
    One,
    /// None or one.
    ZeroOrOne,
}

/// A relationship of a table or view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// The related table or view.
    pub target: Oid,
    /// Its name in the database.
    pub target_name: String,
    /// Whether it is a view.
    pub target_is_view: bool,
    /// How many rows.
    pub cardinality: Cardinality,
    /// What it comes from.
    pub path: Path,
    /// The target as a request names it, quoted where needed: `moons!moons_planet_id_fkey`.
    pub wire: String,
    /// The same without the target's name, where the server allows it, so that the target may be embedded twice and
    /// each of the two be addressed: `moons_planet_id_fkey`.
    pub by_key: Option<String>,
    /// The Rust name that the configuration wants.
    pub rename: Option<String>,
}

/// What a relationship comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Path {
    /// The source's foreign key.
    ToOne {
        /// Its name.
        constraint: String,
        /// Columns of the source, and those of the target that they point at.
        columns: Vec<(String, String)>,
    },
    /// The target's foreign key.
    Back {
        /// Its name.
        constraint: String,
        /// Columns of the source, and those of the target that point at them.
        columns: Vec<(String, String)>,
    },
    /// Two foreign keys of a table whose primary key holds the columns of both.
    Through {
        /// That table's name.
        junction: String,
        /// Its foreign key to the source.
        here: String,
        /// Its foreign key to the target.
        there: String,
    },
    /// A function of a row.
    Function {
        /// Its name.
        name: String,
        /// Its comment.
        comment: Option<String>,
    },
}

/// What the server knows about one relationship.
#[derive(Debug, Clone)]
struct Edge {
    origin: Oid,
    target: Oid,
    target_name: String,
    target_is_view: bool,
    kind: EdgeKind,
    constraint: String,
    /// The server may know the constraint by another name.
    guessed: bool,
    columns: Vec<(String, String)>,
    junction: Option<(String, String)>,
    cardinality: Cardinality,
    comment: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum EdgeKind {
    Function,
    ManyToOne,
    OneToOne,
    OneToOneBack,
    OneToMany,
    ManyToMany,
}

/// A function of one argument that leads from a row to other rows.
pub(super) struct Computed<'c> {
    pub(super) origin: Oid,
    pub(super) target: Oid,
    pub(super) name: &'c str,
    pub(super) comment: Option<&'c str>,
    pub(super) single: bool,
}

/// All relationships of the selected relations, by relation, in a fixed order.
pub(super) fn relations(
    catalog: &Catalog,
    origins: &Origins<'_>,
    selected: &BTreeMap<Oid, &RelationRow>,
    primary_keys: &BTreeMap<Oid, Vec<String>>,
    computed: &[Computed<'_>],
    warnings: &mut Vec<Warning>,
) -> BTreeMap<Oid, Vec<Relation>> {
    let mut edges = foreign_key_edges(catalog, origins, selected);
    let back: Vec<Edge> = edges.iter().filter_map(|edge| Some(reverse(edge, selected.get(&edge.origin)?))).collect();
    let through = many_to_many(&edges, primary_keys, selected);
    edges.extend(back);
    edges.extend(through);
    edges.extend(computed.iter().filter_map(|function| {
        Some(Edge {
            origin: function.origin,
            target: function.target,
            target_name: selected.get(&function.target)?.name.clone(),
            target_is_view: is_view(selected.get(&function.target)?),
            kind: EdgeKind::Function,
            constraint: function.name.to_owned(),
            guessed: false,
            columns: Vec::new(),
            junction: None,
            cardinality: if function.single { Cardinality::ZeroOrOne } else { Cardinality::Many },
            comment: function.comment.map(str::to_owned),
        })
    }));

    let mut by_origin: BTreeMap<Oid, Vec<Edge>> = BTreeMap::new();
    for edge in edges {
        by_origin.entry(edge.origin).or_default().push(edge);
    }
    let mut found = BTreeMap::new();
    for (origin, mut edges) in by_origin {
        // A function takes the place of every relationship to the table of its name.
        let functions: BTreeSet<String> =
            edges.iter().filter(|edge| edge.kind == EdgeKind::Function).map(|edge| edge.constraint.clone()).collect();
        edges.retain(|edge| edge.kind == EdgeKind::Function || !functions.contains(&edge.target_name));
        edges.sort_by(|left, right| {
            let key =
                |edge: &Edge| (edge.kind, edge.target_name.clone(), edge.constraint.clone(), edge.junction.clone());
            key(left).cmp(&key(right))
        });
        let mut relations = Vec::new();
        for (index, edge) in edges.iter().enumerate() {
            match wire(&edges, index) {
                Some(wire) => relations.push(relation(edge, wire, by_key(&edges, index))),
                None => {
                    let note = unreachable(selected, edge);
                    // Both directions of a junction say the same.
                    if !warnings.contains(&note) {
                        warnings.push(note);
                    }
                }
            }
        }
        found.insert(origin, relations);
    }
    found
}

fn unreachable(selected: &BTreeMap<Oid, &RelationRow>, edge: &Edge) -> Warning {
    let origin = selected.get(&edge.origin).map_or_else(String::new, |row| format!("{}.{}", row.schema, row.name));
    let by = edge.junction.as_ref().map_or(&edge.constraint, |(junction, _)| junction);
    Warning::note(
        origin,
        format!("PostgREST has no unambiguous name for the relationship to `{}` by `{by}`: left out", edge.target_name),
    )
}

fn foreign_key_edges(catalog: &Catalog, origins: &Origins<'_>, selected: &BTreeMap<Oid, &RelationRow>) -> Vec<Edge> {
    let views = views_of_tables(catalog, origins, selected);
    let unique_sets: BTreeMap<Oid, BTreeSet<BTreeSet<i16>>> =
        catalog.keys.iter().filter(|key| key.constraint).fold(BTreeMap::new(), |mut sets, key| {
            sets.entry(key.relation).or_default().insert(key.columns.iter().copied().collect());
            sets
        });
    let mut edges = Vec::new();
    for key in &catalog.foreign_keys {
        let set: BTreeSet<i16> = key.columns.iter().copied().collect();
        let one_to_one = unique_sets.get(&key.relation).is_some_and(|sets| sets.contains(&set));
        let kind = if one_to_one { EdgeKind::OneToOne } else { EdgeKind::ManyToOne };
        let sources = shown(origins, selected, &views, key.relation, &key.columns);
        let targets = shown(origins, selected, &views, key.target, &key.target_columns);
        for (source, source_columns) in &sources {
            for (target, target_columns) in &targets {
                if source.schema != target.schema {
                    continue;
                }
                edges.push(Edge {
                    origin: source.oid,
                    target: target.oid,
                    target_name: target.name.clone(),
                    target_is_view: is_view(target),
                    kind,
                    constraint: key.name.clone(),
                    guessed: key.name_is_guessed,
                    columns: names(origins, source.oid, source_columns)
                        .into_iter()
                        .zip(names(origins, target.oid, target_columns))
                        .collect(),
                    junction: None,
                    cardinality: to_one(origins, key, source.oid, source_columns, target),
                    comment: None,
                });
            }
        }
    }
    edges
}

/// A view may hide the target's row; so may rows that are older than a key that was never validated.
fn to_one(
    origins: &Origins<'_>,
    key: &ForeignKeyRow,
    source: Oid,
    columns: &[i16],
    target: &RelationRow,
) -> Cardinality {
    let never_null = columns.iter().all(|&number| origins.never_null(source, number));
    if never_null && key.validated && !is_view(target) { Cardinality::One } else { Cardinality::ZeroOrOne }
}

fn is_view(row: &RelationRow) -> bool {
    matches!(row.kind, RelationKind::View | RelationKind::MaterializedView)
}

fn names(origins: &Origins<'_>, relation: Oid, numbers: &[i16]) -> Vec<String> {
    numbers.iter().filter_map(|&number| origins.column(relation, number)).map(|column| column.name.clone()).collect()
}

/// Selected views by the tables whose columns they show.
fn views_of_tables(
    catalog: &Catalog,
    origins: &Origins<'_>,
    selected: &BTreeMap<Oid, &RelationRow>,
) -> BTreeMap<Oid, BTreeSet<Oid>> {
    let mut views: BTreeMap<Oid, BTreeSet<Oid>> = BTreeMap::new();
    for (&view, row) in &catalog.views {
        if !selected.contains_key(&view) {
            continue;
        }
        for &number in row.columns.keys() {
            if let Some((table, _)) = origins.table_column(view, number) {
                views.entry(table).or_default().insert(view);
            }
        }
    }
    views
}

/// The selected relations that show all the given columns of a table: itself and views, with the columns' numbers there.
fn shown<'c>(
    origins: &Origins<'c>,
    selected: &BTreeMap<Oid, &'c RelationRow>,
    views: &BTreeMap<Oid, BTreeSet<Oid>>,
    table: Oid,
    columns: &[i16],
) -> Vec<(&'c RelationRow, Vec<i16>)> {
    let mut found = Vec::new();
    if let Some(row) = selected.get(&table) {
        found.push((*row, columns.to_vec()));
    }
    for view in views.get(&table).into_iter().flatten() {
        let numbers: Option<Vec<i16>> = columns.iter().map(|&number| origins.shown_as(*view, table, number)).collect();
        if let (Some(row), Some(numbers)) = (selected.get(view), numbers) {
            found.push((*row, numbers));
        }
    }
    found
}

/// The same key seen from its target; `row` is the referencing relation.
fn reverse(edge: &Edge, row: &RelationRow) -> Edge {
    let (kind, cardinality) = match edge.kind {
        EdgeKind::OneToOne => (EdgeKind::OneToOneBack, Cardinality::ZeroOrOne),
        _ => (EdgeKind::OneToMany, Cardinality::Many),
    };
    Edge {
        origin: edge.target,
        target: edge.origin,
        target_name: row.name.clone(),
        target_is_view: is_view(row),
        kind,
        constraint: edge.constraint.clone(),
        guessed: edge.guessed,
        columns: edge.columns.iter().map(|(here, there)| (there.clone(), here.clone())).collect(),
        junction: None,
        cardinality,
        comment: None,
    }
}

/// Pairs of many-to-one keys of one table whose primary key holds the columns of both.
fn many_to_many(
    edges: &[Edge],
    primary_keys: &BTreeMap<Oid, Vec<String>>,
    selected: &BTreeMap<Oid, &RelationRow>,
) -> Vec<Edge> {
    let mut by_junction: BTreeMap<Oid, Vec<&Edge>> = BTreeMap::new();
    for edge in edges.iter().filter(|edge| edge.kind == EdgeKind::ManyToOne) {
        if let Some(key) = primary_keys.get(&edge.origin)
            && edge.columns.iter().all(|(column, _)| key.contains(column))
        {
            by_junction.entry(edge.origin).or_default().push(edge);
        }
    }
    let mut found = Vec::new();
    for (junction, keys) in by_junction {
        let Some(name) = selected.get(&junction).map(|row| row.name.clone()) else {
            continue;
        };
        for here in &keys {
            for there in &keys {
                if here.constraint == there.constraint {
                    continue;
                }
                found.push(Edge {
                    origin: here.target,
                    target: there.target,
                    target_name: there.target_name.clone(),
                    target_is_view: there.target_is_view,
                    kind: EdgeKind::ManyToMany,
                    constraint: here.constraint.clone(),
                    guessed: here.guessed,
                    columns: Vec::new(),
                    junction: Some((name.clone(), there.constraint.clone())),
                    cardinality: Cardinality::Many,
                    comment: None,
                });
            }
        }
    }
    found
}

fn relation(edge: &Edge, wire: String, by_key: Option<String>) -> Relation {
    let constraint = edge.constraint.clone();
    let columns = edge.columns.clone();
    let path = match (edge.kind, &edge.junction) {
        (EdgeKind::Function, _) => Path::Function { name: constraint, comment: edge.comment.clone() },
        (EdgeKind::ManyToMany, Some((junction, there))) => {
            Path::Through { junction: junction.clone(), here: constraint, there: there.clone() }
        }
        (EdgeKind::ManyToOne | EdgeKind::OneToOne, _) => Path::ToOne { constraint, columns },
        _ => Path::Back { constraint, columns },
    };
    Relation {
        target: edge.target,
        target_name: edge.target_name.clone(),
        target_is_view: edge.target_is_view,
        cardinality: edge.cardinality,
        path,
        wire,
        by_key,
        rename: None,
    }
}

/// The one name that nothing can be embedded by.
const UNSPEAKABLE: &str = "count";

/// The first way to name a relationship that the server resolves to it and nothing else.
fn wire(edges: &[Edge], index: usize) -> Option<String> {
    let edge = edges.get(index)?;
    let target = edge.target_name.as_str();
    let only_pair = match edge.columns.as_slice() {
        [(here, there)] => Some((here.as_str(), there.as_str())),
        _ => None,
    };
    let is_self = edge.origin == edge.target;
    let mut ways: Vec<(&str, Option<&str>)> = Vec::new();
    match edge.kind {
        EdgeKind::Function => ways.push((&edge.constraint, None)),
        EdgeKind::ManyToMany => {
            ways.extend(edge.junction.as_ref().map(|(junction, _)| (target, Some(junction.as_str()))));
            ways.push((target, None));
        }
        EdgeKind::ManyToOne if is_self => ways.extend(only_pair.map(|(here, _)| (here, None))),
        EdgeKind::OneToMany if is_self => {
            ways.extend(only_pair.map(|(_, there)| (target, Some(there))));
            ways.push((target, None));
        }
        _ => {
            if !edge.guessed {
                ways.push((target, Some(&edge.constraint)));
            }
            let column = match edge.kind {
                EdgeKind::ManyToOne | EdgeKind::OneToOne => only_pair.map(|(here, _)| here),
                _ => only_pair.map(|(_, there)| there),
            };
            ways.extend(column.map(|column| (target, Some(column))));
            ways.push((target, None));
        }
    }
    // The server takes this word for the aggregate, in quotes as well; the key leads there all the same.
    if target == UNSPEAKABLE && !matches!(edge.kind, EdgeKind::ManyToMany | EdgeKind::Function) {
        ways.extend(Some((edge.constraint.as_str(), None)).filter(|_| !edge.guessed));
        ways.extend(only_pair.map(|(here, _)| (here, None)));
    }
    let (target, hint) = ways
        .into_iter()
        .filter(|&(target, _)| target != UNSPEAKABLE)
        .find(|&(target, hint)| find(edges, target, hint) == Some(index))?;
    Some(match hint {
        Some(hint) => format!("{}!{}", quote(target), quote(hint)),
        None => quote(target),
    })
}

/// The constraint alone, or the column alone, where the server resolves it to this relationship and nothing else.
fn by_key(edges: &[Edge], index: usize) -> Option<String> {
    let edge = edges.get(index)?;
    if matches!(edge.kind, EdgeKind::ManyToMany | EdgeKind::Function) {
        return None;
    }
    let column = edge.columns.first().filter(|_| edge.columns.len() == 1).map(|(here, _)| here.as_str());
    [Some(edge.constraint.as_str()).filter(|_| !edge.guessed), column]
        .into_iter()
        .flatten()
        .find(|key| *key != UNSPEAKABLE && *key != edge.target_name && find(edges, key, None) == Some(index))
        .map(quote)
}

/// What PostgREST does to find the relationship that `target!hint` means, among those of one origin.
fn find(edges: &[Edge], target: &str, hint: Option<&str>) -> Option<usize> {
    let single = |edge: &Edge| match edge.columns.as_slice() {
        [(here, there)] => Some((here.clone(), there.clone())),
        _ => None,
    };
    let here = |edge: &Edge, name: &str| single(edge).is_some_and(|(here, _)| here == name);
    let there = |edge: &Edge, name: &str| single(edge).is_some_and(|(_, there)| there == name);
    let keyed = |edge: &Edge| !matches!(edge.kind, EdgeKind::ManyToMany | EdgeKind::Function);
    let matches = |edge: &Edge| {
        if edge.kind == EdgeKind::Function {
            return edge.constraint == target;
        }
        let named = edge.target_name == target;
        if edge.origin == edge.target {
            // Of a self reference the table's name means the rows below, the column's name the row above.
            return match hint {
                None => {
                    (named && edge.kind == EdgeKind::OneToMany)
                        || (edge.kind == EdgeKind::ManyToOne && here(edge, target))
                }
                Some(hint) => named && edge.kind == EdgeKind::OneToMany && there(edge, hint),
            };
        }
        match hint {
            None => named || (keyed(edge) && !edge.target_is_view && (edge.constraint == target || here(edge, target))),
            Some(hint) => {
                named
                    && ((keyed(edge) && (edge.constraint == hint || here(edge, hint) || there(edge, hint)))
                        || edge.junction.as_ref().is_some_and(|(junction, _)| junction == hint))
            }
        }
    };
    let mut found = edges.iter().enumerate().filter(|(_, edge)| matches(edge)).map(|(index, _)| index);
    match (found.next(), found.next()) {
        (Some(index), None) => Some(index),
        _ => None,
    }
}

/// A name as PostgREST's `select` reads it.
fn quote(name: &str) -> String {
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    // `!inner…` and `!left…` would be taken for the kind of join.
    if plain && !name.starts_with("inner") && !name.starts_with("left") {
        return name.to_owned();
    }
    let mut quoted = String::with_capacity(name.len() + 2);
    quoted.push('"');
    for letter in name.chars() {
        if matches!(letter, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn edge(origin: Oid, target: (Oid, &str), kind: EdgeKind, constraint: &str, columns: &[(&str, &str)]) -> Edge {
        Edge {
            origin,
            target: target.0,
            target_name: target.1.to_owned(),
            target_is_view: false,
            kind,
            guessed: false,
            constraint: constraint.to_owned(),
            columns: columns.iter().map(|(here, there)| ((*here).to_owned(), (*there).to_owned())).collect(),
            junction: None,
            cardinality: Cardinality::Many,
            comment: None,
        }
    }

    #[test]
    fn self_references_go_by_column() {
        let edges = [
            edge(1, (1, "employees"), EdgeKind::ManyToOne, "employees_manager_id_fkey", &[("manager_id", "id")]),
            edge(1, (1, "employees"), EdgeKind::OneToMany, "employees_manager_id_fkey", &[("id", "manager_id")]),
            edge(1, (1, "employees"), EdgeKind::OneToOne, "employees_buddy_fkey", &[("buddy", "id")]),
        ];
        assert_eq!(wire(&edges, 0).unwrap(), "manager_id");
        assert_eq!(wire(&edges, 1).unwrap(), "employees!manager_id");
        assert_eq!(find(&edges, "employees", Some("employees_manager_id_fkey")), None, "recorded: PGRST200");
        assert_eq!(find(&edges, "employees", None), Some(1), "recorded: the bare name gives the children");
        assert_eq!(wire(&edges, 2), None, "PostgREST has no way to embed a one-to-one self reference");
    }

    #[test]
    fn two_keys_to_one_table_need_a_hint() {
        let edges = [
            edge(1, (2, "messages"), EdgeKind::OneToMany, "messages_receiver_fkey", &[("id", "receiver_id")]),
            edge(1, (2, "messages"), EdgeKind::OneToMany, "messages_sender_fkey", &[("id", "sender_id")]),
        ];
        assert_eq!(find(&edges, "messages", None), None, "recorded: PGRST201");
        assert_eq!(wire(&edges, 0).unwrap(), "messages!messages_receiver_fkey");
        assert_eq!(wire(&edges, 1).unwrap(), "messages!messages_sender_fkey");
    }

    #[test]
    fn one_constraint_name_in_both_directions_goes_by_column() {
        let edges = [
            edge(1, (2, "b"), EdgeKind::ManyToOne, "link", &[("b_id", "id")]),
            edge(1, (2, "b"), EdgeKind::OneToMany, "link", &[("id", "a_id")]),
        ];
        assert_eq!(wire(&edges, 0).unwrap(), "b!b_id");
        assert_eq!(wire(&edges, 1).unwrap(), "b!a_id");
    }

    #[test]
    fn odd_names_are_quoted() {
        assert_eq!(quote("moons"), "moons");
        assert_eq!(quote("Odd, Table (v1.0)"), "\"Odd, Table (v1.0)\"");
        assert_eq!(quote("say \"hi\" \\"), "\"say \\\"hi\\\" \\\\\"");
        assert_eq!(quote("inner"), "\"inner\"");
        assert_eq!(quote(""), "\"\"");
    }
}
