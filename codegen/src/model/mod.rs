//! The facts, decided: types, nullability, cardinality, writability, what can be called and what cannot.
//! Nothing here knows of Rust, apart from the wishes of the configuration that are carried along.

pub mod column;
pub mod composite;
pub mod domain;
pub mod enum_;
pub mod function;
mod overrides;
pub mod relation;
pub mod table;
pub mod ty;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::error::ConfigError;
use crate::sources::catalog::{Catalog, ColumnRow, FunctionRow, Oid, RelationRow};
use crate::tame;
use column::{Column, DELETE, Filled, INSERT, UPDATE, Write};
use composite::Composite;
use domain::Domain;
use enum_::Enum;
use function::{Function, Returns};
use overrides::Overrides;
use relation::Computed;
use table::{Table, Unique};
use ty::{Scalar, SqlType, Types};
use view::Origins;

/// Everything that will be generated.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    /// The selected schemas; the first is the main one.
    pub schemas: Vec<Schema>,
    /// What the user should know.
    pub warnings: Vec<Warning>,
}

/// One selected schema. Types of other schemas that it uses are kept in the main one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schema {
    /// Its name.
    pub name: String,
    /// Its comment.
    pub comment: Option<String>,
    /// Tables, views and the like.
    pub tables: Vec<Table>,
    /// Functions that can be called.
    pub functions: Vec<Function>,
    /// Enums.
    pub enums: Vec<Enum>,
    /// Composite types.
    pub composites: Vec<Composite>,
    /// Domains.
    pub domains: Vec<Domain>,
}

/// Something that the user should know; generation goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Whether it is worth a line without `--verbose`.
    pub important: bool,
    /// What it is about: `public.planets.mass`.
    pub place: String,
    /// What about it.
    pub text: String,
}

impl Warning {
    fn important(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self { important: true, place: place.into(), text: text.into() }
    }

    fn note(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self { important: false, place: place.into(), text: text.into() }
    }
}

/// One line, whatever the names in it are.
impl std::fmt::Display for Warning {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", tame::line(&self.place), tame::line(&self.text))
    }
}

/// Decides everything about a catalog.
///
/// # Errors
/// When the configuration speaks of a table, column, relationship or function that does not exist, or wants what cannot be.
pub fn build(catalog: &Catalog, config: &Config) -> Result<Model, ConfigError> {
    Builder::new(catalog, config).build()
}

struct Builder<'c> {
    catalog: &'c Catalog,
    overrides: Overrides<'c>,
    types: Types<'c>,
    origins: Origins<'c>,
    /// Selected relations.
    selected: BTreeMap<Oid, &'c RelationRow>,
    /// Selected relations by row type.
    row_types: BTreeMap<Oid, &'c RelationRow>,
    warnings: Vec<Warning>,
}

impl<'c> Builder<'c> {
    fn new(catalog: &'c Catalog, config: &'c Config) -> Self {
        let main = catalog.schemas.first().map_or("", |schema| schema.name.as_str());
        let overrides = Overrides::new(config, main);
        let names: BTreeSet<&str> = catalog.schemas.iter().map(|schema| schema.name.as_str()).collect();
        let selected: BTreeMap<Oid, &RelationRow> = catalog
            .relations
            .iter()
            .filter(|row| names.contains(row.schema.as_str()) && !overrides.table(row).is_some_and(|table| table.skip))
            .map(|row| (row.oid, row))
            .collect();
        let row_types = selected.values().map(|row| (row.row_type, *row)).collect();
        Self {
            catalog,
            types: Types::new(&catalog.types).with_newtypes(overrides.newtypes(catalog)),
            overrides,
            origins: Origins::new(catalog),
            selected,
            row_types,
            warnings: Vec::new(),
        }
    }

    fn build(mut self) -> Result<Model, ConfigError> {
        self.overrides.check(self.catalog)?;
        let mut tables: BTreeMap<Oid, Table> = BTreeMap::new();
        for row in self.selected.values().copied().collect::<Vec<_>>() {
            tables.insert(row.oid, self.table(row)?);
        }
        let primary_keys = tables
            .values()
            .filter(|table| !table.is_view())
            .map(|table| (table.oid, table.primary_key.clone()))
            .collect::<BTreeMap<_, _>>();
        let computed = self.computed(&mut tables);
        let relations = relation::relations(
            self.catalog,
            &self.origins,
            &self.selected,
            &primary_keys,
            &computed,
            &mut self.warnings,
        );
        for (oid, relations) in relations {
            if let Some(table) = tables.get_mut(&oid) {
                table.relations = self.overrides.relations(table, relations)?;
            }
        }
        let functions = self.functions();
        let mut schemas: Vec<Schema> = self
            .catalog
            .schemas
            .iter()
            // What every database says about `public` tells nothing.
            .map(|row| Schema {
                name: row.name.clone(),
                comment: row.comment.clone().filter(|comment| comment != "standard public schema"),
                ..Schema::default()
            })
            .collect();
        // In the catalog's order: by name.
        for row in &self.catalog.relations {
            if let (Some(table), Some(schema)) =
                (tables.remove(&row.oid), schemas.iter_mut().find(|schema| schema.name == row.schema))
            {
                schema.tables.push(table);
            }
        }
        for function in functions {
            if let Some(schema) = schemas.iter_mut().find(|schema| schema.name == function.schema) {
                schema.functions.push(function);
            }
        }
        self.named_types(&mut schemas);
        Ok(Model { schemas, warnings: self.warnings })
    }

    fn table(&mut self, row: &RelationRow) -> Result<Table, ConfigError> {
        let wishes = self.overrides.table(row);
        let mut columns = Vec::new();
        for column in self.catalog.columns.get(&row.oid).into_iter().flatten() {
            if wishes.and_then(|table| table.columns.get(&column.name)).is_some_and(|column| column.skip) {
                continue;
            }
            columns.push(self.column(row, column)?);
        }
        let primary_key = self.primary_key(row.oid);
        let insertable = row.events & INSERT != 0;
        Ok(Table {
            oid: row.oid,
            schema: row.schema.clone(),
            name: row.name.clone(),
            kind: row.kind,
            comment: row.comment.clone(),
            uniques: if insertable { self.uniques(row.oid) } else { Vec::new() },
            columns,
            primary_key,
            relations: Vec::new(),
            computed: Vec::new(),
            insertable,
            updatable: row.events & UPDATE != 0,
            deletable: row.events & DELETE != 0,
            rows: self.overrides.rows(row),
            partial: self.overrides.partial(row),
            derives: self.overrides.derives(row),
            rename: wishes.and_then(|table| table.rename.clone()),
        })
    }

    fn column(&mut self, relation: &RelationRow, row: &ColumnRow) -> Result<Column, ConfigError> {
        let filled = Filled::of(row);
        let nullable = !self.origins.never_null(relation.oid, row.number);
        let ty = self.types.resolve(row.ty);
        if ty.is_unknown() {
            self.warnings.push(Warning::important(
                format!("{}.{}.{}", relation.schema, relation.name, row.name),
                format!("type {} is not known: read and written as text", row.sql),
            ));
        }
        let mut column = Column {
            name: row.name.clone(),
            write: column::write(relation, row, &filled, nullable, self.types.domain_default(row.ty)),
            ty,
            sql: row.sql.clone(),
            domain_of: self.domain_of(row.ty),
            told: self.types.told(row.ty, &row.sql),
            told_not_null: !nullable,
            nullable,
            dimensions: self.dimensions(relation.oid, row.number),
            nullable_elements: false,
            filled,
            comment: row.comment.clone(),
            rust_type: None,
            json: false,
            rename: None,
        };
        self.overrides.column(relation, &mut column)?;
        Ok(column)
    }

    /// As the column of the table was declared, through any number of views. At most six are possible.
    fn dimensions(&self, relation: Oid, number: i16) -> u8 {
        let place = self.origins.table_column(relation, number).unwrap_or((relation, number));
        let declared = self.origins.column(place.0, place.1).map_or(1, |column| column.dimensions);
        u8::try_from(declared.clamp(1, 6)).unwrap_or(1)
    }

    fn domain_of(&self, oid: Oid) -> Option<String> {
        self.types.row(oid).filter(|row| row.kind == 'd').and_then(|row| row.base_sql.clone())
    }

    /// The key of the table whose rows the relation shows one by one, where all its columns are shown.
    fn primary_key(&self, relation: Oid) -> Vec<String> {
        let Some(table) = self.origins.single_table(relation) else {
            return Vec::new();
        };
        let key = self.catalog.keys.iter().find(|key| key.primary && key.relation == table);
        key.and_then(|key| self.shown(relation, table, &key.columns)).unwrap_or_default()
    }

    fn uniques(&self, relation: Oid) -> Vec<Unique> {
        let Some(table) = self.origins.single_table(relation) else {
            return Vec::new();
        };
        let mut uniques: Vec<Unique> = Vec::new();
        for key in self.catalog.keys.iter().filter(|key| key.relation == table && key.immediate) {
            let Some(columns) = self.shown(relation, table, &key.columns) else {
                continue;
            };
            if !uniques.iter().any(|unique| unique.columns == columns) {
                uniques.push(Unique { name: key.name.clone(), primary: key.primary, columns });
            }
        }
        uniques
    }

    fn shown(&self, relation: Oid, table: Oid, numbers: &[i16]) -> Option<Vec<String>> {
        numbers
            .iter()
            .map(|&number| {
                let shown =
                    if relation == table { Some(number) } else { self.origins.shown_as(relation, table, number) };
                shown.and_then(|number| self.origins.column(relation, number)).map(|column| column.name.clone())
            })
            .collect()
    }

    /// The relation that a function of one argument computes something for: in the function's own schema,
    /// since PostgREST finds it by the schema of the request.
    fn computes_for(&self, row: &FunctionRow) -> Option<&'c RelationRow> {
        let mut inputs = row.arguments.iter().filter(|argument| argument.mode.is_input());
        match (inputs.next(), inputs.next()) {
            (Some(argument), None) => {
                self.row_types.get(&argument.ty).copied().filter(|relation| relation.schema == row.schema)
            }
            _ => None,
        }
    }

    /// Adds computed columns to their tables, and gives the computed relationships.
    fn computed(&mut self, tables: &mut BTreeMap<Oid, Table>) -> Vec<Computed<'c>> {
        let mut found = Vec::new();
        for row in &self.catalog.functions {
            let Some(relation) = self.computes_for(row) else {
                continue;
            };
            if self.overrides.function(row).is_some_and(|function| function.skip) {
                continue;
            }
            let returned = self.row_types.get(&row.returns).copied();
            if let Some(target) = returned {
                if target.schema == relation.schema {
                    found.push(Computed {
                        origin: relation.oid,
                        target: target.oid,
                        name: &row.name,
                        comment: row.comment.as_deref(),
                        single: !row.returns_set || (row.rows - 1.0).abs() < f32::EPSILON,
                    });
                }
                continue;
            }
            let has_outputs = row.arguments.iter().any(|argument| argument.mode.is_output());
            if row.returns_set || has_outputs || function::is_pseudo(&self.types, row.returns) {
                continue;
            }
            let Some(table) = tables.get_mut(&relation.oid) else {
                continue;
            };
            // A real column of that name wins in SQL as well.
            if table.columns.iter().all(|column| column.name != row.name) {
                let column = self.result_column(row.name.clone(), row.returns, &row.returns_sql, row.comment.clone());
                table.computed.push(column);
            }
        }
        found
    }

    fn functions(&mut self) -> Vec<Function> {
        let mut functions: Vec<Function> = Vec::new();
        for row in &self.catalog.functions {
            let wishes = self.overrides.function(row);
            if wishes.is_some_and(|function| function.skip) {
                continue;
            }
            let place = format!("{}.{}", row.schema, row.name);
            let computes = self.computes_for(row).is_some();
            let (arguments, body) = match function::arguments(row, &self.types) {
                Ok(arguments) => arguments,
                Err(refusal) => {
                    if !computes {
                        self.warnings.push(Warning::note(place, format!("the function {refusal}: left out")));
                    }
                    continue;
                }
            };
            let nullable = wishes.is_some_and(|function| function.nullable);
            match self.returns(row, nullable) {
                Ok(returns) => functions.push(Function {
                    schema: row.schema.clone(),
                    name: row.name.clone(),
                    comment: row.comment.clone(),
                    arguments,
                    body,
                    returns,
                    returns_sql: row.returns_sql.clone(),
                    read_only: row.volatility != 'v',
                    rename: wishes.and_then(|function| function.rename.clone()),
                }),
                Err(refusal) => self.warnings.push(Warning::note(place, format!("the function {refusal}: left out"))),
            }
        }
        self.without_twins(functions)
    }

    /// PostgREST tells overloads apart by the names of their arguments; where these are equal it refuses the call.
    fn without_twins(&mut self, functions: Vec<Function>) -> Vec<Function> {
        let key = |function: &Function| {
            let names: BTreeSet<String> = function.arguments.iter().map(|argument| argument.name.clone()).collect();
            let body = function
                .body
                .then(|| function.arguments.iter().map(|argument| argument.sql.clone()).collect::<Vec<_>>());
            (function.schema.clone(), function.name.clone(), names, body)
        };
        let mut seen: BTreeMap<_, usize> = BTreeMap::new();
        for function in &functions {
            *seen.entry(key(function)).or_default() += 1;
        }
        let mut kept = Vec::new();
        for function in functions {
            if seen.get(&key(&function)) == Some(&1) {
                kept.push(function);
                continue;
            }
            let types: Vec<&str> = function.arguments.iter().map(|argument| argument.sql.as_str()).collect();
            self.warnings.push(Warning::important(
                format!("{}.{}({})", function.schema, function.name, types.join(", ")),
                "another overload has arguments of the same names, so PostgREST cannot tell them apart: left out",
            ));
        }
        kept
    }

    fn returns(&self, row: &FunctionRow, nullable: bool) -> Result<Returns, function::Refusal> {
        let set = row.returns_set;
        let outputs = function::output_names(row);
        if !outputs.is_empty() {
            if let Some((pseudo, _)) =
                outputs.iter().find(|(argument, _)| function::is_pseudo(&self.types, argument.ty))
            {
                return Err(function::Refusal::Polymorphic(pseudo.sql.clone()));
            }
            let columns = outputs
                .into_iter()
                .map(|(argument, name)| self.result_column(name, argument.ty, &argument.sql, None))
                .collect();
            return Ok(Returns::Columns { columns, set });
        }
        let returned = self.types.below_domains(row.returns);
        if let Some(relation) = self.row_types.get(&returned) {
            // Rows of another schema's table cannot embed what belongs to it there, so they get columns of their own.
            if relation.schema == row.schema {
                return Ok(Returns::Table { oid: relation.oid, set });
            }
        }
        let ty = match self.types.postgres(returned) {
            postgres_types::Type::VOID => return Ok(Returns::Void),
            postgres_types::Type::RECORD => SqlType::Scalar(Scalar::Jsonb),
            _ if function::is_pseudo(&self.types, returned) => {
                return Err(function::Refusal::Polymorphic(row.returns_sql.clone()));
            }
            _ => self.types.resolve(returned),
        };
        if let (SqlType::Composite(oid), Some(composite)) = (&ty, self.types.row(returned)) {
            debug_assert_eq!(*oid, composite.oid);
            let columns = composite
                .attributes
                .iter()
                .map(|attribute| {
                    self.result_column(attribute.name.clone(), attribute.ty, &attribute.sql, attribute.comment.clone())
                })
                .collect();
            return Ok(Returns::Columns { columns, set });
        }
        Ok(if set { Returns::SetOf { ty, nullable } } else { Returns::Scalar { ty, nullable } })
    }

    /// A column of a result or an attribute: read-only, and NULL unless somebody says otherwise.
    fn result_column(&self, name: String, oid: Oid, sql: &str, comment: Option<String>) -> Column {
        Column {
            name,
            ty: self.types.resolve(oid),
            sql: sql.to_owned(),
            domain_of: self.domain_of(oid),
            told: self.types.told(oid, sql),
            told_not_null: false,
            nullable: true,
            dimensions: 1,
            nullable_elements: false,
            write: Write::ReadOnly,
            filled: Filled::No,
            comment,
            rust_type: None,
            json: false,
            rename: None,
        }
    }

    /// Enums, composites and domains: all of the selected schemas, and those of others that something uses.
    fn named_types(&self, schemas: &mut [Schema]) {
        let mut used: BTreeSet<Oid> = BTreeSet::new();
        let mut queue: Vec<Oid> = Vec::new();
        {
            let mut note = |ty: &SqlType| {
                if let SqlType::Enum(oid) | SqlType::Composite(oid) | SqlType::Domain(oid, _) = ty
                    && used.insert(*oid)
                {
                    queue.push(*oid);
                }
            };
            for schema in schemas.iter() {
                for table in &schema.tables {
                    for column in table.columns.iter().chain(&table.computed) {
                        column.ty.named(&mut note);
                    }
                }
                for function in &schema.functions {
                    for argument in &function.arguments {
                        argument.ty.named(&mut note);
                    }
                    match &function.returns {
                        Returns::Scalar { ty, .. } | Returns::SetOf { ty, .. } => ty.named(&mut note),
                        Returns::Columns { columns, .. } => {
                            columns.iter().for_each(|column| column.ty.named(&mut note))
                        }
                        Returns::Void | Returns::Table { .. } => {}
                    }
                }
            }
            for row in self.catalog.types.values() {
                let chosen = schemas.iter().any(|schema| schema.name == row.schema) && row.extension.is_none();
                if chosen && self.types.is_newtype(row.oid) {
                    self.types.resolve(row.oid).named(&mut note);
                }
                if chosen && row.kind == 'e' {
                    note(&SqlType::Enum(row.oid));
                } else if chosen && row.kind == 'c' && row.stand_alone {
                    note(&SqlType::Composite(row.oid));
                }
            }
        }
        // Attributes lead to further types.
        while let Some(oid) = queue.pop() {
            for attribute in self.types.row(oid).into_iter().flat_map(|row| &row.attributes) {
                self.types.resolve(attribute.ty).named(&mut |ty| {
                    if let SqlType::Enum(oid) | SqlType::Composite(oid) | SqlType::Domain(oid, _) = ty
                        && used.insert(*oid)
                    {
                        queue.push(*oid);
                    }
                });
            }
        }
        let mut rows: Vec<_> = self.catalog.types.values().collect();
        rows.sort_by(|left, right| (&left.schema, &left.name).cmp(&(&right.schema, &right.name)));
        for row in rows {
            let own = schemas.iter().position(|schema| schema.name == row.schema);
            let is_domain = row.kind == 'd' && own.is_some();
            if !is_domain && !used.contains(&row.oid) {
                continue;
            }
            let Some(home) = schemas.get_mut(own.unwrap_or(0)) else {
                continue;
            };
            match row.kind {
                'e' => home.enums.push(Enum {
                    oid: row.oid,
                    schema: row.schema.clone(),
                    name: row.name.clone(),
                    labels: row.labels.clone(),
                    comment: row.comment.clone(),
                }),
                'c' => home.composites.push(Composite {
                    oid: row.oid,
                    schema: row.schema.clone(),
                    name: row.name.clone(),
                    attributes: row
                        .attributes
                        .iter()
                        .map(|attribute| {
                            self.result_column(
                                attribute.name.clone(),
                                attribute.ty,
                                &attribute.sql,
                                attribute.comment.clone(),
                            )
                        })
                        .collect(),
                    comment: row.comment.clone(),
                }),
                'd' => {
                    let wishes = self.overrides.domain(row);
                    home.domains.push(Domain {
                        oid: row.oid,
                        schema: row.schema.clone(),
                        name: row.name.clone(),
                        base: row.base_sql.clone().unwrap_or_default(),
                        base_type: self.types.resolve(row.base.unwrap_or_default()),
                        not_null: row.not_null,
                        checks: row.checks.clone(),
                        comment: row.comment.clone(),
                        newtype: self.types.is_newtype(row.oid),
                        derives: wishes.map(|wish| wish.derives.clone()).unwrap_or_default(),
                        rename: wishes.and_then(|wish| wish.rename.clone()),
                    });
                }
                _ => {}
            }
        }
    }
}
