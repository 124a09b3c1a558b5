//! The same catalog for the same schema, whichever source it is from: what nothing leads to is left out, and OIDs,
//! which differ from database to database, are numbered anew in the order of names.

use std::collections::{BTreeMap, BTreeSet};

use postgres_types::Type;

use crate::sources::catalog::{Catalog, Nullness, Oid, RelationRow, TypeRow, ViewColumnRow};

/// Where the numbers of types begin: above everything that PostgreSQL has built in.
pub(super) const FIRST_TYPE: Oid = 1_000_000;

/// Prunes and renumbers.
pub(super) fn canonical(mut catalog: Catalog) -> Catalog {
    prune(&mut catalog);
    catalog.relations.sort_by(|left, right| (&left.schema, &left.name).cmp(&(&right.schema, &right.name)));
    let relations: BTreeMap<Oid, Oid> = (1..).zip(&catalog.relations).map(|(number, row)| (row.oid, number)).collect();
    let types = type_numbers(&catalog);
    let relation = |oid: Oid| relations.get(&oid).copied().unwrap_or(0);
    let ty = |oid: Oid| types.get(&oid).copied().unwrap_or_else(|| if is_built_in(oid) { oid } else { 0 });
    let place = |(oid, number): (Oid, i16)| relations.get(&oid).map(|&oid| (oid, number));

    for row in &mut catalog.relations {
        row.oid = relation(row.oid);
        row.row_type = ty(row.row_type);
    }
    catalog.columns = catalog
        .columns
        .into_iter()
        .map(|(oid, mut columns)| {
            for column in &mut columns {
                column.ty = ty(column.ty);
                // One is what every array has.
                column.dimensions = if column.dimensions > 1 { column.dimensions } else { 0 };
            }
            (relation(oid), columns)
        })
        .collect();
    for key in &mut catalog.keys {
        key.relation = relation(key.relation);
    }
    catalog.keys.sort_by(|left, right| {
        (left.relation, !left.primary, &left.name).cmp(&(right.relation, !right.primary, &right.name))
    });
    for key in &mut catalog.foreign_keys {
        key.relation = relation(key.relation);
        key.target = relation(key.target);
    }
    catalog.foreign_keys.sort_by(|left, right| {
        (left.relation, &left.name, left.target).cmp(&(right.relation, &right.name, right.target))
    });
    catalog.views = catalog
        .views
        .into_iter()
        .map(|(oid, mut view)| {
            view.single_source = view.single_source.and_then(|source| relations.get(&source).copied());
            for column in view.columns.values_mut() {
                column.origin = column.origin.and_then(place);
                if let Nullness::AsOrigin(oid, number) = column.nullness {
                    column.nullness =
                        place((oid, number)).map_or(Nullness::Unknown, |(oid, number)| Nullness::AsOrigin(oid, number));
                }
            }
            // What says nothing need not be said.
            view.columns.retain(|_, column| *column != ViewColumnRow { origin: None, nullness: Nullness::Unknown });
            (relation(oid), view)
        })
        .collect();
    catalog.types = catalog
        .types
        .into_values()
        .map(|mut row| {
            row.oid = ty(row.oid);
            row.element = row.element.map(ty);
            row.base = row.base.map(ty);
            row.subtype = row.subtype.map(ty);
            row.range = row.range.map(ty);
            // Of a stand-alone composite the relation is nothing but its attributes.
            row.relation = row.relation.and_then(|oid| relations.get(&oid).copied());
            for attribute in &mut row.attributes {
                attribute.ty = ty(attribute.ty);
            }
            (row.oid, row)
        })
        .collect();
    for (number, function) in (1..).zip(&mut catalog.functions) {
        function.oid = number;
        function.returns = ty(function.returns);
        for argument in &mut function.arguments {
            argument.ty = ty(argument.ty);
        }
    }
    catalog
}

/// Types whose OID is the same in every PostgreSQL.
pub(super) fn is_built_in(oid: Oid) -> bool {
    Type::from_oid(oid).is_some()
}

/// Numbers in the order of names; types of rows are among them, also where no column is of that type.
fn type_numbers(catalog: &Catalog) -> BTreeMap<Oid, Oid> {
    let mut names: BTreeSet<(&str, &str, Oid)> =
        catalog.types.values().map(|row| (row.schema.as_str(), row.name.as_str(), row.oid)).collect();
    names.extend(catalog.relations.iter().map(|row| (row.schema.as_str(), row.name.as_str(), row.row_type)));
    let own = names.into_iter().filter(|&(_, _, oid)| oid != 0 && !is_built_in(oid));
    (FIRST_TYPE..).zip(own).map(|(number, (_, _, oid))| (oid, number)).collect()
}

/// Keeps the selected relations and what their views stand on, and the types that these and the functions lead to.
fn prune(catalog: &mut Catalog) {
    let schemas: BTreeSet<String> = catalog.schemas.iter().map(|schema| schema.name.clone()).collect();
    let is_selected = |row: &RelationRow| schemas.contains(&row.schema);
    let mut kept: BTreeSet<Oid> = catalog.relations.iter().filter(|row| is_selected(row)).map(|row| row.oid).collect();
    let selected = kept.clone();
    let mut queue: Vec<Oid> = kept.iter().copied().collect();
    while let Some(oid) = queue.pop() {
        let Some(view) = catalog.views.get(&oid) else {
            continue;
        };
        let mut reached: Vec<Oid> = view.single_source.into_iter().collect();
        for column in view.columns.values() {
            reached.extend(column.origin.map(|(oid, _)| oid));
            if let Nullness::AsOrigin(oid, _) = column.nullness {
                reached.push(oid);
            }
        }
        queue.extend(reached.into_iter().filter(|&oid| kept.insert(oid)));
    }
    catalog.relations.retain(|row| kept.contains(&row.oid));
    // A source may know of relations that it has not read.
    kept = catalog.relations.iter().map(|row| row.oid).collect();
    catalog.columns.retain(|oid, _| kept.contains(oid));
    catalog.keys.retain(|key| kept.contains(&key.relation));
    catalog.foreign_keys.retain(|key| kept.contains(&key.relation) && kept.contains(&key.target));
    catalog.views.retain(|oid, _| kept.contains(oid));

    let mut queue: Vec<Oid> = Vec::new();
    for (relation, columns) in &catalog.columns {
        if selected.contains(relation) {
            queue.extend(columns.iter().map(|column| column.ty));
        }
    }
    for function in &catalog.functions {
        queue.push(function.returns);
        queue.extend(function.arguments.iter().map(|argument| argument.ty));
    }
    let stands_for_itself = |row: &TypeRow| matches!(row.kind, 'e' | 'd') || (row.kind == 'c' && row.stand_alone);
    queue.extend(
        catalog.types.values().filter(|row| schemas.contains(&row.schema) && stands_for_itself(row)).map(|row| row.oid),
    );
    let mut reached: BTreeSet<Oid> = BTreeSet::new();
    while let Some(oid) = queue.pop() {
        if let Some(row) = catalog.types.get(&oid)
            && reached.insert(oid)
        {
            queue.extend([row.element, row.base, row.subtype, row.range].into_iter().flatten());
            queue.extend(row.attributes.iter().map(|attribute| attribute.ty));
        }
    }
    catalog.types.retain(|oid, _| reached.contains(oid) && !is_built_in(*oid));
}
