//! Everything that gets a name in Rust, with the names decided. Wire names travel along unchanged.
//!
//! The places where names can meet, each with its own rule in [`collision`]: the modules of a schema, the items
//! of a table module, the relationships of a table, its unique constraints, enums, their variants, composites and
//! their fields, functions and their arguments, and files.

pub mod collision;
pub mod file;
pub mod ident;
mod keyword;
pub mod relation;
pub mod ty;

use std::collections::BTreeMap;

use crate::config::Config;
use crate::model::column::{Column, Filled, Write};
use crate::model::composite::Composite;
use crate::model::domain::Domain;
use crate::model::enum_::Enum;
use crate::model::function::{Argument, Function, Returns};
use crate::model::relation::{Cardinality, Path};
use crate::model::table::Table;
use crate::model::{Model, Warning};
use crate::sources::catalog::Oid;
use collision::{Scope, Wish};
use file::Files;
use ident::{Ident, Name, upper_camel};
use ty::{Homes, Marker, RustType, TypeHome};

/// Items of ours in a table module, and in one of its relationships, which shows the columns of its target.
const TABLE_WORDS: &[&str] = &["Table", "Row", "Insert", "Update", "Partial", "rel", "unique", "Rel"];
/// Modules of ours beside the tables.
const SCHEMA_WORDS: &[&str] = &["functions", "enums", "types"];
/// Modules of ours beside the functions.
const FUNCTION_WORDS: &[&str] = &["args", "results"];
/// Beside the setters of a function's arguments: what makes the empty call, and their own type parameter.
const ARGUMENT_WORDS: &[&str] = &["__omitted", "__Value"];

/// Everything that will be rendered.
#[derive(Debug, Clone)]
pub struct Named {
    /// Where the generated code finds `supabase-core`.
    pub crate_path: String,
    /// The schemas; the first is the main one.
    pub schemas: Vec<NamedSchema>,
}

impl Named {
    /// What the compiler says about letters that are rare or look like others: these lints can be switched off for a
    /// whole crate only, so the generated files cannot do it.
    #[must_use]
    pub fn lints(&self) -> Option<Warning> {
        let tables = self.schemas.iter().flat_map(|schema| &schema.tables);
        let odd = tables.flat_map(|table| {
            let columns = table.columns.iter().chain(&table.computed).map(|column| &column.name);
            std::iter::once(&table.module.name).chain(columns).find(|name| is_suspect(name.rust.plain()))
        });
        let first = odd.into_iter().next()?;
        Some(Warning {
            important: true,
            place: format!("the name `{}`", first.db),
            text: "the compiler warns of letters such as these, and only the root of a crate can allow them: \
                   #![allow(uncommon_codepoints, confusable_idents, mixed_script_confusables)]"
                .to_owned(),
        })
    }

    /// Whether each schema is a folder of its own.
    #[must_use]
    pub fn has_folders(&self) -> bool {
        self.schemas.len() > 1
    }
}

/// Whether the compiler may warn of the letters: `uncommon_codepoints` or `mixed_script_confusables`.
fn is_suspect(name: &str) -> bool {
    use unicode_security::GeneralSecurityProfile as _;
    use unicode_security::mixed_script::{AugmentedScriptSet, is_potential_mixed_script_confusable_char};
    let latin = AugmentedScriptSet::for_char('a');
    name.chars().filter(|letter| !letter.is_ascii()).any(|letter| {
        let alike = is_potential_mixed_script_confusable_char(letter) && AugmentedScriptSet::for_char(letter) != latin;
        alike || !letter.identifier_allowed()
    })
}

/// A module and the file that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Its name.
    pub name: Name,
    /// The stem of its file or folder.
    pub file: String,
}

/// One schema.
#[derive(Debug, Clone)]
pub struct NamedSchema {
    /// Its module, used when there are several.
    pub module: Module,
    /// Its comment.
    pub comment: Option<String>,
    /// Its tables and views.
    pub tables: Vec<NamedTable>,
    /// Its enums.
    pub enums: Vec<NamedEnum>,
    /// Its composites.
    pub composites: Vec<NamedComposite>,
    /// Its domains that are types of their own.
    pub domains: Vec<NamedDomain>,
    /// Its functions.
    pub functions: Vec<NamedFunction>,
}

/// A table or view.
#[derive(Debug, Clone)]
pub struct NamedTable {
    /// Its module and file.
    pub module: Module,
    /// The private module of its impls, where no column can shadow a variable.
    pub codec: Ident,
    /// What it is, for the documentation.
    pub noun: &'static str,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its comment.
    pub comment: Option<String>,
    /// Its columns.
    pub columns: Vec<NamedColumn>,
    /// Its computed columns.
    pub computed: Vec<NamedColumn>,
    /// Wire names of the primary key's columns.
    pub primary_key: Vec<String>,
    /// Its unique constraints.
    pub uniques: Vec<NamedUnique>,
    /// Its relationships.
    pub relations: Vec<NamedRelation>,
    /// It takes inserts.
    pub insertable: bool,
    /// It takes updates.
    pub updatable: bool,
    /// It takes deletes.
    pub deletable: bool,
    /// Row structs are generated.
    pub rows: bool,
    /// A struct of a row of which columns may be missing is generated.
    pub partial: bool,
    /// What they derive besides `Debug` and `Clone`.
    pub derives: Vec<String>,
    /// Whether REST says which columns refuse NULL: of tables, and not of views.
    pub nullness_is_told: bool,
}

/// A column, an attribute or a column of a result.
#[derive(Debug, Clone)]
pub struct NamedColumn {
    /// Its name.
    pub name: Name,
    /// Its SQL type as text.
    pub sql: String,
    /// Its marker.
    pub marker: Marker,
    /// The type of its value, `Option` where it may be NULL.
    pub ty: RustType,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Its type as REST spells it.
    pub told: String,
    /// Whether REST says that it refuses NULL.
    pub told_not_null: bool,
    /// What a write may do.
    pub write: Write,
    /// The facts, in one line of documentation.
    pub facts: String,
    /// Its comment.
    pub comment: Option<String>,
}

/// A unique constraint.
#[derive(Debug, Clone)]
pub struct NamedUnique {
    /// Its name in Rust.
    pub ident: Ident,
    /// Name of the constraint.
    pub constraint: String,
    /// Whether it is the primary key.
    pub primary: bool,
    /// Wire names of its columns.
    pub columns: Vec<String>,
}

/// A relationship.
#[derive(Debug, Clone)]
pub struct NamedRelation {
    /// The key in the answer, and the module.
    pub name: Name,
    /// The module of its target, a sibling of the table's own.
    pub target: Ident,
    /// How many rows.
    pub cardinality: Cardinality,
    /// The target on the wire.
    pub wire: String,
    /// The target on the wire without its table's name, where the server allows it.
    pub by_key: Option<String>,
    /// What it comes from, in one line of documentation.
    pub facts: String,
    /// Its comment.
    pub comment: Option<String>,
}

/// An enum.
#[derive(Debug, Clone)]
pub struct NamedEnum {
    /// Its name.
    pub name: Name,
    /// Its schema.
    pub schema: String,
    /// Its comment.
    pub comment: Option<String>,
    /// Its labels.
    pub variants: Vec<Name>,
}

/// A composite.
#[derive(Debug, Clone)]
pub struct NamedComposite {
    /// Its name.
    pub name: Name,
    /// Its schema.
    pub schema: String,
    /// Its comment.
    pub comment: Option<String>,
    /// Its attributes.
    pub fields: Vec<NamedColumn>,
}

/// A domain that is a type of its own.
#[derive(Debug, Clone)]
pub struct NamedDomain {
    /// Its name.
    pub name: Name,
    /// What it holds.
    pub inner: RustType,
    /// What it is, in one line of documentation.
    pub facts: String,
    /// Its comment.
    pub comment: Option<String>,
    /// What it derives besides `Debug`, `Clone` and `PartialEq`.
    pub derives: Vec<String>,
}

/// A function.
#[derive(Debug, Clone)]
pub struct NamedFunction {
    /// Its name.
    pub name: Name,
    /// Its schema.
    pub schema: String,
    /// Its comment.
    pub comment: Option<String>,
    /// How SQL declares it, in one line of documentation.
    pub signature: String,
    /// Its arguments.
    pub arguments: Vec<NamedArgument>,
    /// Whether the only argument is the body.
    pub body: bool,
    /// What it gives.
    pub returns: NamedReturns,
    /// Stable or immutable.
    pub read_only: bool,
}

/// An argument.
#[derive(Debug, Clone)]
pub struct NamedArgument {
    /// Its name.
    pub name: Name,
    /// Its marker.
    pub marker: Marker,
    /// It may be left out.
    pub has_default: bool,
    /// The marker is that of the list.
    pub variadic: bool,
    /// One line of documentation.
    pub facts: String,
}

/// What a function gives.
#[derive(Debug, Clone)]
pub enum NamedReturns {
    /// Nothing.
    Void,
    /// One value.
    Scalar(RustType),
    /// A list of values.
    SetOf(RustType),
    /// Rows of a table of the same schema.
    Table {
        /// Its module.
        module: Ident,
        /// A list.
        set: bool,
    },
    /// Rows of its own: a module in `results` under the function's name.
    Columns {
        /// That module's table, without a module of its own.
        table: Box<NamedTable>,
        /// A list.
        set: bool,
    },
}

/// Gives every name.
#[must_use]
pub fn name(model: &Model, config: &Config) -> Named {
    let homes = homes(model, config);
    let schema_names: Vec<Wish<'_>> = model.schemas.iter().map(|schema| Wish::new(&schema.name, None)).collect();
    // The main schema's modules are shown at the root, beside the schemas.
    let modules = Scope::reserving(SCHEMA_WORDS).take_all(&schema_names);
    let mut folders = Files::reserving(&["mod"]);
    let schemas = model
        .schemas
        .iter()
        .zip(modules)
        .map(|(schema, name)| {
            let tables = table_modules(&schema.tables);
            let targets: BTreeMap<Oid, Ident> = schema
                .tables
                .iter()
                .zip(&tables)
                .map(|(table, module)| (table.oid, module.name.rust.clone()))
                .collect();
            NamedSchema {
                module: Module { file: folders.take(&name.rust), name },
                comment: schema.comment.clone(),
                tables: schema
                    .tables
                    .iter()
                    .zip(&tables)
                    .map(|(table, module)| named_table(table, module, &targets, &homes))
                    .collect(),
                enums: schema.enums.iter().filter_map(|enum_| named_enum(enum_, &homes)).collect(),
                composites: schema
                    .composites
                    .iter()
                    .filter_map(|composite| named_composite(composite, &homes))
                    .collect(),
                domains: schema.domains.iter().filter_map(|domain| named_domain(domain, &homes)).collect(),
                functions: functions(&schema.functions, &targets, &homes),
            }
        })
        .collect();
    Named { crate_path: config.crate_path.clone(), schemas }
}

/// Names of enums and composites. A type that another schema owns is found in the main schema's modules.
fn homes(model: &Model, config: &Config) -> Homes {
    let mut homes = Homes { dates: config.dates, ..Homes::default() };
    for (schema, facts) in model.schemas.iter().enumerate() {
        let enums: Vec<(Oid, &str, Ident)> =
            facts.enums.iter().map(|enum_| (enum_.oid, enum_.name.as_str(), upper_camel(&enum_.name))).collect();
        let composites = facts
            .composites
            .iter()
            .map(|composite| (composite.oid, composite.name.as_str(), upper_camel(&composite.name)));
        let domains = facts.domains.iter().filter(|domain| domain.newtype).map(|domain| {
            let ident = domain.rename.as_deref().map_or_else(|| upper_camel(&domain.name), Ident::new);
            (domain.oid, domain.name.as_str(), ident)
        });
        for (module, types) in [("enums", enums), ("types", composites.chain(domains).collect())] {
            let wishes: Vec<Wish<'_>> =
                types.iter().map(|(_, name, ident)| Wish::shaped(name, ident.clone())).collect();
            for ((oid, ..), name) in types.iter().zip(Scope::default().take_all(&wishes)) {
                homes.types.insert(*oid, TypeHome { schema, module, ident: name.rust });
            }
        }
    }
    homes
}

fn table_modules(tables: &[Table]) -> Vec<Module> {
    let wishes: Vec<Wish<'_>> = tables.iter().map(|table| Wish::new(&table.name, table.rename.as_deref())).collect();
    let names = Scope::reserving(SCHEMA_WORDS).take_all(&wishes);
    let mut files = Files::reserving(&[SCHEMA_WORDS, &["mod"]].concat());
    // In the order of wire names, so that which of two gets the plain file does not depend on renames.
    names.into_iter().map(|name| Module { file: files.take(&name.rust), name }).collect()
}

fn named_table(table: &Table, module: &Module, targets: &BTreeMap<Oid, Ident>, homes: &Homes) -> NamedTable {
    let all: Vec<&Column> = table.columns.iter().chain(&table.computed).collect();
    let (columns, codec) = columns(&all, homes);
    let (columns, computed) = split(columns, table.columns.len());
    NamedTable {
        module: module.clone(),
        codec,
        noun: table.noun(),
        schema: table.schema.clone(),
        name: table.name.clone(),
        comment: table.comment.clone(),
        uniques: uniques(table, &columns),
        columns,
        computed,
        primary_key: table.primary_key.clone(),
        relations: relations(table, targets),
        insertable: table.insertable,
        updatable: table.updatable,
        deletable: table.deletable,
        rows: table.rows,
        partial: table.partial,
        derives: table.derives.clone(),
        nullness_is_told: !table.is_view(),
    }
}

fn split(mut columns: Vec<NamedColumn>, at: usize) -> (Vec<NamedColumn>, Vec<NamedColumn>) {
    let rest = columns.split_off(at.min(columns.len()));
    (columns, rest)
}

/// The columns of one module, and a name for its private module.
fn columns(columns: &[&Column], homes: &Homes) -> (Vec<NamedColumn>, Ident) {
    let mut scope = Scope::reserving(TABLE_WORDS);
    let wishes: Vec<Wish<'_>> =
        columns.iter().map(|column| Wish::new(&column.name, column.rename.as_deref())).collect();
    let names = scope.take_all(&wishes);
    let named = columns.iter().zip(names).map(|(column, name)| named_column(column, name, homes)).collect();
    (named, scope.take(Ident::new("codec")))
}

fn named_column(column: &Column, name: Name, homes: &Homes) -> NamedColumn {
    NamedColumn {
        name,
        sql: column.sql.clone(),
        marker: ty::marker(&column.ty, homes),
        ty: ty::column(column, homes),
        nullable: column.nullable,
        told: column.told.clone(),
        told_not_null: column.told_not_null,
        write: column.write,
        facts: column_facts(column),
        comment: column.comment.clone(),
    }
}

fn column_facts(column: &Column) -> String {
    let mut facts = format!("`{}` {}", column.name, column.sql);
    if let Some(base) = &column.domain_of {
        facts.push_str(&format!(" ({base})"));
    }
    if !column.nullable {
        facts.push_str(" not null");
    }
    match &column.filled {
        Filled::No => {}
        Filled::Default(expression) => facts.push_str(&format!(", default `{expression}`")),
        Filled::IdentityByDefault => facts.push_str(", generated by default as identity"),
        Filled::IdentityAlways => facts.push_str(", generated always as identity"),
        Filled::Stored(expression) => facts.push_str(&format!(", generated as `{expression}` stored")),
        Filled::Virtual(expression) => facts.push_str(&format!(", generated as `{expression}`")),
    }
    facts
}

/// Named by their columns, in Rust's spelling, joined with `_`.
fn uniques(table: &Table, columns: &[NamedColumn]) -> Vec<NamedUnique> {
    let rust = |db: &String| {
        columns
            .iter()
            .find(|column| column.name.db == *db)
            .map_or_else(|| db.clone(), |column| column.name.rust.plain().to_owned())
    };
    let joined: Vec<String> =
        table.uniques.iter().map(|unique| unique.columns.iter().map(rust).collect::<Vec<_>>().join("_")).collect();
    let wishes: Vec<Wish<'_>> = table
        .uniques
        .iter()
        .zip(&joined)
        .map(|(unique, joined)| Wish::shaped(&unique.name, Ident::new(joined)))
        .collect();
    let names = Scope::default().take_all(&wishes);
    table
        .uniques
        .iter()
        .zip(names)
        .map(|(unique, name)| NamedUnique {
            ident: name.rust,
            constraint: unique.name.clone(),
            primary: unique.primary,
            columns: unique.columns.clone(),
        })
        .collect()
}

fn relations(table: &Table, targets: &BTreeMap<Oid, Ident>) -> Vec<NamedRelation> {
    let wire_names = relation::wire_names(table, &table.relations);
    let wishes: Vec<Wish<'_>> = wire_names
        .iter()
        .zip(&table.relations)
        .map(|(name, relation)| Wish::new(name, relation.rename.as_deref()))
        .collect();
    let names = Scope::default().take_all(&wishes);
    let mut named: Vec<NamedRelation> = table
        .relations
        .iter()
        .zip(names)
        .filter_map(|(relation, name)| {
            let (facts, comment) = relation_facts(&table.name, &relation.target_name, &relation.path);
            Some(NamedRelation {
                name,
                target: targets.get(&relation.target)?.clone(),
                cardinality: relation.cardinality,
                wire: relation.wire.clone(),
                by_key: relation.by_key.clone(),
                facts,
                comment,
            })
        })
        .collect();
    named.sort_by(|left, right| left.name.cmp(&right.name));
    named
}

fn relation_facts(table: &str, target: &str, path: &Path) -> (String, Option<String>) {
    let side = |name: &str, columns: Vec<&String>| match columns.as_slice() {
        [column] => format!("`{name}.{column}`"),
        columns => {
            format!("`{name} ({})`", columns.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(", "))
        }
    };
    match path {
        Path::ToOne { constraint, columns } => {
            let here = side(table, columns.iter().map(|(here, _)| here).collect());
            let there = side(target, columns.iter().map(|(_, there)| there).collect());
            (format!("To one: {here} → {there} (`{constraint}`)."), None)
        }
        Path::Back { constraint, columns } => {
            let here = side(table, columns.iter().map(|(here, _)| here).collect());
            let there = side(target, columns.iter().map(|(_, there)| there).collect());
            (format!("Back: {there} → {here} (`{constraint}`)."), None)
        }
        Path::Through { junction, here, there } => {
            (format!("Many to many: `{target}` through `{junction}` (`{here}`, `{there}`)."), None)
        }
        Path::Function { name, comment } => {
            (format!("Computed: `{target}` by the function `{name}`."), comment.clone())
        }
    }
}

fn named_enum(enum_: &Enum, homes: &Homes) -> Option<NamedEnum> {
    let wishes: Vec<Wish<'_>> = enum_.labels.iter().map(|label| Wish::shaped(label, upper_camel(label))).collect();
    Some(NamedEnum {
        name: Name { db: enum_.name.clone(), rust: homes.get(&enum_.oid)?.ident.clone() },
        schema: enum_.schema.clone(),
        comment: enum_.comment.clone(),
        variants: Scope::reserving(&["Other"]).take_all(&wishes),
    })
}

fn named_composite(composite: &Composite, homes: &Homes) -> Option<NamedComposite> {
    let wishes: Vec<Wish<'_>> = composite.attributes.iter().map(|field| Wish::new(&field.name, None)).collect();
    let names = Scope::default().take_all(&wishes);
    Some(NamedComposite {
        name: Name { db: composite.name.clone(), rust: homes.get(&composite.oid)?.ident.clone() },
        schema: composite.schema.clone(),
        comment: composite.comment.clone(),
        fields: composite.attributes.iter().zip(names).map(|(field, name)| named_column(field, name, homes)).collect(),
    })
}

fn named_domain(domain: &Domain, homes: &Homes) -> Option<NamedDomain> {
    let mut facts = format!("The domain `{}.{}`: {}", domain.schema, domain.name, domain.base);
    if domain.not_null {
        facts.push_str(" not null");
    }
    for check in &domain.checks {
        facts.push_str(&format!(", `{check}`"));
    }
    Some(NamedDomain {
        // Those that stay their base have no home.
        name: Name { db: domain.name.clone(), rust: homes.get(&domain.oid)?.ident.clone() },
        inner: ty::value(&domain.base_type, homes, false),
        facts,
        comment: domain.comment.clone(),
        derives: domain.derives.clone(),
    })
}

/// Overloads: the one with the fewest arguments keeps the name (by their names where that is equal), the others
/// are told apart by `_with_` and the names of their arguments.
fn functions(functions: &[Function], targets: &BTreeMap<Oid, Ident>, homes: &Homes) -> Vec<NamedFunction> {
    let mut order: Vec<&Function> = functions.iter().collect();
    let arguments =
        |function: &Function| function.arguments.iter().map(|argument| argument.name.clone()).collect::<Vec<_>>();
    order.sort_by_key(|function| (function.name.clone(), function.arguments.len(), function.body, arguments(function)));
    let mut idents: Vec<Ident> = Vec::new();
    let mut before: Option<&str> = None;
    for function in &order {
        let wish = function.rename.as_deref().unwrap_or(&function.name);
        idents.push(if before == Some(function.name.as_str()) {
            Ident::new(&format!("{wish}_with_{}", arguments(function).join("_")))
        } else {
            Ident::new(wish)
        });
        before = Some(&function.name);
    }
    let wishes: Vec<Wish<'_>> =
        order.iter().zip(idents).map(|(function, ident)| Wish::shaped(&function.name, ident)).collect();
    let names = Scope::reserving(FUNCTION_WORDS).take_all(&wishes);
    order.into_iter().zip(names).filter_map(|(function, name)| named_function(function, name, targets, homes)).collect()
}

fn named_function(
    function: &Function,
    name: Name,
    targets: &BTreeMap<Oid, Ident>,
    homes: &Homes,
) -> Option<NamedFunction> {
    let wishes: Vec<Wish<'_>> = function.arguments.iter().map(|argument| Wish::new(&argument.name, None)).collect();
    let names = Scope::reserving(ARGUMENT_WORDS).take_all(&wishes);
    let scalar = |ty, nullable| {
        let plain = ty::value(ty, homes, false);
        if nullable { RustType::Option(Box::new(plain)) } else { plain }
    };
    let returns = match &function.returns {
        Returns::Void => NamedReturns::Void,
        Returns::Scalar { ty, nullable } => NamedReturns::Scalar(scalar(ty, *nullable)),
        Returns::SetOf { ty, nullable } => NamedReturns::SetOf(scalar(ty, *nullable)),
        Returns::Table { oid, set } => NamedReturns::Table { module: targets.get(oid)?.clone(), set: *set },
        Returns::Columns { columns, set } => {
            NamedReturns::Columns { table: Box::new(result_table(function, &name, columns, homes)), set: *set }
        }
    };
    Some(NamedFunction {
        schema: function.schema.clone(),
        comment: function.comment.clone(),
        signature: signature(function),
        arguments: function
            .arguments
            .iter()
            .zip(names)
            .map(|(argument, name)| named_argument(argument, name, homes))
            .collect(),
        body: function.body,
        returns,
        read_only: function.read_only,
        name,
    })
}

fn result_table(function: &Function, name: &Name, result: &[Column], homes: &Homes) -> NamedTable {
    let all: Vec<&Column> = result.iter().collect();
    let (columns, codec) = columns(&all, homes);
    NamedTable {
        module: Module { name: name.clone(), file: String::new() },
        codec,
        noun: "function",
        schema: function.schema.clone(),
        name: function.name.clone(),
        comment: None,
        columns,
        computed: Vec::new(),
        primary_key: Vec::new(),
        uniques: Vec::new(),
        relations: Vec::new(),
        insertable: false,
        updatable: false,
        deletable: false,
        rows: true,
        partial: false,
        derives: Vec::new(),
        nullness_is_told: false,
    }
}

fn named_argument(argument: &Argument, name: Name, homes: &Homes) -> NamedArgument {
    let mut facts = format!("`{}`", argument.sql);
    if argument.variadic {
        facts.insert_str(0, "Variadic ");
    }
    if argument.has_default {
        facts.push_str(", has a default: may be `Omit`");
    }
    NamedArgument {
        name,
        marker: ty::marker(&argument.ty, homes),
        has_default: argument.has_default,
        variadic: argument.variadic,
        facts,
    }
}

fn signature(function: &Function) -> String {
    let arguments: Vec<String> = function
        .arguments
        .iter()
        .map(|argument| {
            let variadic = if argument.variadic { "variadic " } else { "" };
            let default = if argument.has_default { " default …" } else { "" };
            let name = if function.body { String::new() } else { format!("{} ", argument.name) };
            format!("{variadic}{name}{}{default}", argument.sql)
        })
        .collect();
    format!("`{}.{}({})` returns `{}`", function.schema, function.name, arguments.join(", "), function.returns_sql)
}
