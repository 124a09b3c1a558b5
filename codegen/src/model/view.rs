//! What columns of views inherit from the columns that they show.

use std::collections::BTreeMap;

use crate::model::ty::Types;
use crate::sources::catalog::{Catalog, ColumnRow, Nullness, Oid, RelationKind, RelationRow};

/// Views stand on views; nobody stacks more than this.
const DEEPEST: u8 = 32;

/// Follows columns of views to columns of tables.
#[derive(Debug)]
pub(super) struct Origins<'c> {
    catalog: &'c Catalog,
    types: Types<'c>,
    relations: BTreeMap<Oid, &'c RelationRow>,
}

impl<'c> Origins<'c> {
    pub(super) fn new(catalog: &'c Catalog) -> Self {
        Self {
            catalog,
            types: Types::new(&catalog.types),
            relations: catalog.relations.iter().map(|row| (row.oid, row)).collect(),
        }
    }

    pub(super) fn column(&self, relation: Oid, number: i16) -> Option<&'c ColumnRow> {
        self.catalog.columns.get(&relation)?.iter().find(|column| column.number == number)
    }

    fn is_view(&self, oid: Oid) -> bool {
        self.relations
            .get(&oid)
            .is_some_and(|row| matches!(row.kind, RelationKind::View | RelationKind::MaterializedView))
    }

    /// The column of a table that a column shows, through any number of views.
    pub(super) fn table_column(&self, relation: Oid, number: i16) -> Option<(Oid, i16)> {
        let mut place = (relation, number);
        for _ in 0..DEEPEST {
            if !self.is_view(place.0) {
                return self.relations.contains_key(&place.0).then_some(place);
            }
            place = self.catalog.views.get(&place.0)?.columns.get(&place.1)?.origin?;
        }
        None
    }

    /// Whether a column holds no NULL: said by a table, or by everything that a view has put in between.
    pub(super) fn never_null(&self, relation: Oid, number: i16) -> bool {
        let mut place = (relation, number);
        for _ in 0..DEEPEST {
            if !self.is_view(place.0) {
                return self
                    .column(place.0, place.1)
                    .is_some_and(|column| column.not_null || self.types.domain_not_null(column.ty));
            }
            match self
                .catalog
                .views
                .get(&place.0)
                .and_then(|view| view.columns.get(&place.1))
                .map(|column| column.nullness)
            {
                Some(Nullness::Never) => return true,
                Some(Nullness::AsOrigin(relation, number)) => place = (relation, number),
                Some(Nullness::Unknown) | None => return false,
            }
        }
        false
    }

    /// The table whose rows a view shows one by one, through any number of views.
    pub(super) fn single_table(&self, relation: Oid) -> Option<Oid> {
        let mut oid = relation;
        for _ in 0..DEEPEST {
            if !self.is_view(oid) {
                return self.relations.contains_key(&oid).then_some(oid);
            }
            oid = self.catalog.views.get(&oid)?.single_source?;
        }
        None
    }

    /// Number of the view's first column that shows a column of a table.
    pub(super) fn shown_as(&self, view: Oid, table: Oid, number: i16) -> Option<i16> {
        let columns = self.catalog.columns.get(&view)?;
        columns
            .iter()
            .map(|column| column.number)
            .find(|&shown| self.table_column(view, shown) == Some((table, number)))
    }
}
