//! What the grammar means: which structs there are, what their fields are called, and which
//! relationship is reached under which name.

use std::collections::HashSet;

use proc_macro2::{Ident, Span};
use syn::{Attribute, Path};

use super::parse::{Body, Column, Function, Head, Item, Kind, Select};
use crate::errors::Errors;
use crate::json_path::Place;
use crate::table::TablePath;
use crate::words::{plain, upper_camel};

/// One selection.
pub(crate) struct Model<'p> {
    pub(crate) head: Option<&'p Head>,
    pub(crate) table: &'p TablePath,
    pub(crate) root: Row<'p>,
    pub(crate) imports: Vec<Import<'p>>,
    /// The name of the trait that says what a spread does to a type, where there is a spread.
    pub(crate) spread: Option<Ident>,
}

/// `use planets::rel::moons as Card_moons;`
pub(crate) struct Import<'p> {
    pub(crate) base: Base<'p>,
    pub(crate) relation: &'p Ident,
    pub(crate) module: Ident,
}

/// Where columns and relationships are found.
#[derive(Clone)]
pub(crate) enum Base<'p> {
    Table(&'p TablePath),
    /// A relationship, under the name that it is imported by.
    Relation(Ident),
}

/// One row struct.
pub(crate) struct Row<'p> {
    pub(crate) name: Ident,
    pub(crate) parts: Vec<Part<'p>>,
}

/// A part of the select list, in the order that was written.
pub(crate) enum Part<'p> {
    Field(Field<'p>),
    /// Its fields are fields of the row around it.
    Spread {
        module: Ident,
        inner: bool,
        parts: Vec<Part<'p>>,
    },
}

pub(crate) struct Field<'p> {
    pub(crate) attributes: &'p [Attribute],
    pub(crate) name: Ident,
    pub(crate) alias: Option<&'p Ident>,
    pub(crate) base: Base<'p>,
    pub(crate) kind: FieldKind<'p>,
}

pub(crate) enum FieldKind<'p> {
    Column(&'p Column),
    Count,
    RelationCount { module: Ident, marker: Option<Ident> },
    Embed { module: Ident, inner: bool, row: Nested<'p>, marker: Option<Ident> },
}

/// The rows of an embedded relationship.
pub(crate) enum Nested<'p> {
    Own(Row<'p>),
    Other(&'p Path),
}

impl<'p> Model<'p> {
    /// Understands a parsed selection. Whatever cannot be part of it is noted and left out.
    pub(crate) fn new(select: &'p Select, errors: &mut Errors) -> Self {
        let name = match &select.head {
            Some(head) => head.name.clone(),
            None => free_name(&select.items),
        };
        let mut builder =
            Builder { taken: HashSet::from([name.to_string()]), imports: Vec::new(), spreads: false, errors };
        let base = Base::Table(&select.table);
        let parts = builder.parts(&name, &base, &select.items, &mut Vec::new(), false);
        let spread = builder.spreads.then(|| builder.item_name(format!("{}Spread", plain(&name)), Span::call_site()));
        let imports = builder.imports;
        let root = Row { name, parts };
        Self { head: select.head.as_ref(), table: &select.table, root, imports, spread }
    }
}

/// The name of an unnamed row: `Row`, unless the selection itself speaks of another `Row`.
fn free_name(items: &[Item]) -> Ident {
    fn names<'i>(items: &'i [Item], out: &mut Vec<&'i Path>) {
        for item in items {
            match &item.kind {
                Kind::Relation { body: Body::Row(path), .. } => out.push(path),
                Kind::Relation { body: Body::Items(items), .. } | Kind::Spread { items, .. } => names(items, out),
                _ => {}
            }
        }
    }
    let mut paths = Vec::new();
    names(items, &mut paths);
    let mut name = "Row".to_owned();
    while paths.iter().any(|path| path.is_ident(&name)) {
        name.push('_');
    }
    Ident::new(&name, Span::call_site())
}

struct Builder<'p, 'e> {
    /// Names of items that are spoken for.
    taken: HashSet<String>,
    imports: Vec<Import<'p>>,
    spreads: bool,
    errors: &'e mut Errors,
}

impl<'p> Builder<'p, '_> {
    fn item_name(&mut self, wanted: String, at: Span) -> Ident {
        let mut name = wanted;
        while !self.taken.insert(name.clone()) {
            name.push('_');
        }
        Ident::new(&name, at)
    }

    fn import(&mut self, row: &Ident, field: &Ident, base: &Base<'p>, relation: &'p Ident) -> Ident {
        let module = self.item_name(format!("{}_{}", plain(row), plain(field)), relation.span());
        self.imports.push(Import { base: base.clone(), relation, module: module.clone() });
        module
    }

    /// `fields` are the names that the row has so far.
    fn parts(
        &mut self,
        row: &Ident,
        base: &Base<'p>,
        items: &'p [Item],
        fields: &mut Vec<String>,
        in_spread: bool,
    ) -> Vec<Part<'p>> {
        items.iter().filter_map(|item| self.part(row, base, item, fields, in_spread)).collect()
    }

    fn part(
        &mut self,
        row: &Ident,
        base: &Base<'p>,
        item: &'p Item,
        fields: &mut Vec<String>,
        in_spread: bool,
    ) -> Option<Part<'p>> {
        if let Kind::Spread { relation, inner, items } = &item.kind {
            self.spreads = true;
            let module = self.import(row, relation, base, relation);
            let parts = self.parts(row, &Base::Relation(module.clone()), items, fields, true);
            return Some(Part::Spread { module, inner: *inner, parts });
        }
        let name = self.field_name(item)?;
        let key = plain(&name);
        if fields.contains(&key) {
            self.errors.push(
                name.span(),
                format!("`{key}` is selected twice; give this one a name of its own: `other_name: {}`", written(item)),
            );
            return None;
        }
        fields.push(key);
        let kind = self.field(row, base, item, &name, in_spread)?;
        Some(Part::Field(Field {
            attributes: &item.attributes,
            name,
            alias: item.alias.as_ref(),
            base: base.clone(),
            kind,
        }))
    }

    fn field(
        &mut self,
        row: &Ident,
        base: &Base<'p>,
        item: &'p Item,
        name: &Ident,
        in_spread: bool,
    ) -> Option<FieldKind<'p>> {
        let relation = match &item.kind {
            Kind::Column(column) => {
                self.check_aggregate(column);
                return Some(FieldKind::Column(column));
            }
            Kind::Count { .. } => return Some(FieldKind::Count),
            Kind::RelationCount { relation } | Kind::Relation { relation, .. } | Kind::Spread { relation, .. } => {
                relation
            }
        };
        if in_spread {
            self.errors.push(
                relation.span(),
                format!(
                    "a spread takes columns only: embed `{0}` in a relation of its own, `relation {{ {0} {{ .. }} }}`",
                    plain(relation)
                ),
            );
            return None;
        }
        let marker = item.alias.as_ref().and_then(|alias| self.marker(row, alias));
        let module = self.import(row, name, base, relation);
        Some(match &item.kind {
            Kind::Relation { inner, body: Body::Items(items), .. } => {
                let nested = self.item_name(format!("{}{}", plain(row), upper_camel(name)), name.span());
                let base = Base::Relation(module.clone());
                let parts = self.parts(&nested, &base, items, &mut Vec::new(), false);
                FieldKind::Embed { module, inner: *inner, row: Nested::Own(Row { name: nested, parts }), marker }
            }
            Kind::Relation { inner, body: Body::Row(path), .. } => {
                FieldKind::Embed { module, inner: *inner, row: Nested::Other(path), marker }
            }
            _ => FieldKind::RelationCount { module, marker },
        })
    }

    /// The type by which `.within(Card::big, ..)` finds an aliased relationship.
    fn marker(&mut self, row: &Ident, alias: &Ident) -> Option<Ident> {
        if alias == "columns" {
            self.errors.push(
                alias.span(),
                "a relationship cannot be called `columns`: the row has a function of that name; choose another alias",
            );
            return None;
        }
        Some(self.item_name(format!("{}{}Embed", plain(row), upper_camel(alias)), alias.span()))
    }

    fn field_name(&mut self, item: &Item) -> Option<Ident> {
        if let Some(alias) = &item.alias {
            return Some(alias.clone());
        }
        let column = match &item.kind {
            Kind::Count { word, .. } => return Some(word.clone()),
            Kind::RelationCount { relation } | Kind::Relation { relation, .. } | Kind::Spread { relation, .. } => {
                return Some(relation.clone());
            }
            Kind::Column(column) => column,
        };
        if let Some(aggregate) = &column.aggregate {
            return Some(aggregate.word.clone());
        }
        let Some(key) = last_key(column) else { return Some(column.name.clone()) };
        let text = key.value();
        if let Ok(mut ident) = syn::parse_str::<Ident>(&text) {
            ident.set_span(key.span());
            return Some(ident);
        }
        self.errors.push(
            key.span(),
            format!("`{text}` cannot name a field of the row; give one: `name: {} ..`", plain(&column.name)),
        );
        None
    }

    /// Refuses aggregates that PostgreSQL has no function for.
    fn check_aggregate(&mut self, column: &Column) {
        let Some(aggregate) = &column.aggregate else { return };
        let Some(step) = column.path.last() else { return };
        let numbers = matches!(aggregate.function, Function::Avg | Function::Sum);
        if column.cast.is_none() && aggregate.function != Function::Count && (numbers || !step.text) {
            self.errors.push(
                aggregate.word.span(),
                format!(
                    "`{}` needs to know the type of the json value: cast it first, `{} ->> \"key\" as numeric`",
                    plain(&aggregate.word),
                    plain(&column.name)
                ),
            );
        }
    }
}

/// The key that the server gives a json path without alias: the last one named in it.
pub(crate) fn last_key(column: &Column) -> Option<&syn::LitStr> {
    column.path.iter().rev().find_map(|step| match &step.place {
        Place::Key(key) => Some(key),
        Place::Index(..) => None,
    })
}

/// How an item begins, for messages.
fn written(item: &Item) -> String {
    match &item.kind {
        Kind::Column(column) => match &column.aggregate {
            Some(aggregate) => format!("{}.{}()", plain(&column.name), plain(&aggregate.word)),
            None => plain(&column.name),
        },
        Kind::Count { .. } => "count()".to_owned(),
        Kind::RelationCount { relation } => format!("{}(count)", plain(relation)),
        Kind::Relation { relation, .. } | Kind::Spread { relation, .. } => format!("{} {{ .. }}", plain(relation)),
    }
}
