//! The schema as a file of the project's own: versioned, reviewable in a diff, and enough to generate from without a
//! database. It speaks of relations, columns and types by name, so that the same schema always gives the same text.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::SourceError;
use crate::sources::canonical;
use crate::sources::catalog::{
    ArgumentMode, ArgumentRow, AttributeRow, Catalog, ColumnRow, ForeignKeyRow, FunctionRow, KeyRow, Nullness, Oid,
    RelationKind, RelationRow, SchemaRow, TypeRow, ViewColumnRow, ViewRow,
};
use crate::sources::sql_type::{built_in_by_name, built_in_name};

/// The version that is written; another one is refused.
pub const VERSION: u32 = 1;
/// The file that is read and written when none is named.
pub const DEFAULT_FILE: &str = "supabase-schema.json";
/// How wide a line may become before what stands on it gets lines of its own.
const WIDTH: usize = 118;

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    version: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    schemas: Vec<Schema>,
    #[serde(default)]
    relations: Vec<Relation>,
    #[serde(default)]
    types: Vec<NamedType>,
    #[serde(default)]
    functions: Vec<Function>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Schema {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Relation {
    schema: String,
    name: String,
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    /// What `pg_relation_is_updatable` says: 4 update, 8 insert, 16 delete; with and without triggers.
    #[serde(default, skip_serializing_if = "is_default")]
    writes: i32,
    #[serde(default, skip_serializing_if = "is_default")]
    writes_without_triggers: i32,
    columns: Vec<Column>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<Key>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    foreign_keys: Vec<ForeignKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    view: Option<View>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Table,
    Partitioned,
    Foreign,
    View,
    MaterializedView,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    name: String,
    /// Where columns were dropped, numbers have gaps; views speak of columns by number.
    number: i16,
    #[serde(rename = "type")]
    ty: String,
    sql: String,
    /// Of arrays of more than one.
    #[serde(default, skip_serializing_if = "is_default")]
    dimensions: i16,
    #[serde(default, skip_serializing_if = "is_default")]
    not_null: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    identity: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    generated: String,
    #[serde(default, skip_serializing_if = "is_default")]
    updatable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    name: String,
    #[serde(default, skip_serializing_if = "is_default")]
    primary: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    constraint: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    deferrable: bool,
    columns: Vec<i16>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ForeignKey {
    name: String,
    #[serde(default, skip_serializing_if = "is_default")]
    name_is_guessed: bool,
    columns: Vec<i16>,
    target: String,
    target_columns: Vec<i16>,
    #[serde(default, skip_serializing_if = "is_default")]
    not_validated: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct View {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    single_source: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    columns: Vec<ViewColumn>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ViewColumn {
    number: i16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shows: Option<(String, i16)>,
    #[serde(default, skip_serializing_if = "is_default")]
    never_null: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    null_as: Option<(String, i16)>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedType {
    schema: String,
    name: String,
    /// `pg_type.typtype`.
    kind: char,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    element: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base_sql: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    not_null: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    has_default: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    relation: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    stand_alone: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subtype: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    labels: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    checks: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<Attribute>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    extension: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attribute {
    name: String,
    #[serde(rename = "type")]
    ty: String,
    sql: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Function {
    schema: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    arguments: Vec<Argument>,
    returns: String,
    returns_sql: String,
    #[serde(default, skip_serializing_if = "is_default")]
    returns_set: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    rows: f32,
    /// `pg_proc.provolatile`.
    volatility: char,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Argument {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "is_default")]
    mode: Mode,
    #[serde(rename = "type")]
    ty: String,
    sql: String,
    #[serde(default, skip_serializing_if = "is_default")]
    has_default: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Mode {
    #[default]
    In,
    Out,
    InOut,
    Variadic,
    Table,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A name that stands for one object only, whatever letters its parts have.
fn full(schema: &str, name: &str) -> String {
    let part = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
    };
    format!("{}.{}", part(schema), part(name))
}

/// The catalog as the text of a snapshot.
///
/// # Errors
/// Never for a catalog of [`crate::sources::read`].
pub fn write(catalog: &Catalog) -> Result<String, SourceError> {
    let catalog = canonical::canonical(catalog.clone());
    let document = document(&catalog);
    let value = serde_json::to_value(&document)
        .map_err(|error| SourceError::Document { what: "the snapshot".to_owned(), reason: error.to_string() })?;
    let mut text = String::new();
    print(&value, 0, &mut text);
    text.push('\n');
    Ok(text)
}

/// Indented by two spaces; what fits on a line stays on it, so that a diff shows whole columns.
fn print(value: &serde_json::Value, depth: usize, text: &mut String) {
    use serde_json::Value;
    let short = value.to_string();
    let holds_objects = match value {
        Value::Array(items) => items.iter().any(Value::is_object),
        Value::Object(fields) => fields
            .values()
            .any(|field| field.as_array().is_some_and(|items| !items.is_empty()) && field.to_string().contains('{')),
        _ => false,
    };
    if (short.len() + depth * 2 <= WIDTH && !holds_objects) || !(value.is_array() || value.is_object()) {
        text.push_str(&short);
        return;
    }
    let indent = |text: &mut String, depth: usize| {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", depth));
    };
    match value {
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                indent(text, depth + 1);
                print(item, depth + 1, text);
            }
            indent(text, depth);
            text.push(']');
        }
        Value::Object(fields) => {
            text.push('{');
            for (index, (name, field)) in fields.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                indent(text, depth + 1);
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push_str(": ");
                print(field, depth + 1, text);
            }
            indent(text, depth);
            text.push('}');
        }
        _ => {}
    }
}

fn document(catalog: &Catalog) -> Document {
    let relations: BTreeMap<Oid, String> =
        catalog.relations.iter().map(|row| (row.oid, full(&row.schema, &row.name))).collect();
    let mut types: BTreeMap<Oid, String> =
        catalog.types.values().map(|row| (row.oid, full(&row.schema, &row.name))).collect();
    types.extend(catalog.relations.iter().map(|row| (row.row_type, full(&row.schema, &row.name))));
    let relation = |oid: Oid| relations.get(&oid).cloned().unwrap_or_default();
    let ty = |oid: Oid| types.get(&oid).cloned().or_else(|| built_in_name(oid)).unwrap_or_default();
    Document {
        version: VERSION,
        schemas: catalog
            .schemas
            .iter()
            .map(|row| Schema { name: row.name.clone(), comment: row.comment.clone() })
            .collect(),
        relations: catalog
            .relations
            .iter()
            .map(|row| Relation {
                schema: row.schema.clone(),
                name: row.name.clone(),
                kind: match row.kind {
                    RelationKind::Table => Kind::Table,
                    RelationKind::Partitioned => Kind::Partitioned,
                    RelationKind::Foreign => Kind::Foreign,
                    RelationKind::View => Kind::View,
                    RelationKind::MaterializedView => Kind::MaterializedView,
                },
                comment: row.comment.clone(),
                writes: row.events,
                writes_without_triggers: row.own_events,
                columns: catalog
                    .columns
                    .get(&row.oid)
                    .into_iter()
                    .flatten()
                    .map(|column| write_column(column, &ty))
                    .collect(),
                keys: catalog
                    .keys
                    .iter()
                    .filter(|key| key.relation == row.oid)
                    .map(|key| Key {
                        name: key.name.clone(),
                        primary: key.primary,
                        constraint: key.constraint,
                        deferrable: !key.immediate,
                        columns: key.columns.clone(),
                    })
                    .collect(),
                foreign_keys: catalog
                    .foreign_keys
                    .iter()
                    .filter(|key| key.relation == row.oid)
                    .map(|key| ForeignKey {
                        name: key.name.clone(),
                        name_is_guessed: key.name_is_guessed,
                        columns: key.columns.clone(),
                        target: relation(key.target),
                        target_columns: key.target_columns.clone(),
                        not_validated: !key.validated,
                    })
                    .collect(),
                view: catalog.views.get(&row.oid).map(|view| View {
                    single_source: view.single_source.map(relation),
                    columns: view
                        .columns
                        .iter()
                        .map(|(&number, column)| ViewColumn {
                            number,
                            shows: column.origin.map(|(oid, number)| (relation(oid), number)),
                            never_null: column.nullness == Nullness::Never,
                            null_as: match column.nullness {
                                Nullness::AsOrigin(oid, number) => Some((relation(oid), number)),
                                _ => None,
                            },
                        })
                        .collect(),
                }),
            })
            .collect(),
        types: catalog
            .types
            .values()
            .map(|row| NamedType {
                schema: row.schema.clone(),
                name: row.name.clone(),
                kind: row.kind,
                element: row.element.map(ty),
                base: row.base.map(ty),
                base_sql: row.base_sql.clone(),
                not_null: row.not_null,
                has_default: row.has_default,
                relation: row.relation.map(relation),
                stand_alone: row.stand_alone,
                subtype: row.subtype.map(ty),
                range: row.range.map(ty),
                labels: row.labels.clone(),
                checks: row.checks.clone(),
                attributes: row
                    .attributes
                    .iter()
                    .map(|attribute| Attribute {
                        name: attribute.name.clone(),
                        ty: ty(attribute.ty),
                        sql: attribute.sql.clone(),
                        comment: attribute.comment.clone(),
                    })
                    .collect(),
                extension: row.extension.clone(),
                comment: row.comment.clone(),
            })
            .collect(),
        functions: catalog
            .functions
            .iter()
            .map(|row| Function {
                schema: row.schema.clone(),
                name: row.name.clone(),
                comment: row.comment.clone(),
                arguments: row
                    .arguments
                    .iter()
                    .map(|argument| Argument {
                        name: argument.name.clone(),
                        mode: match argument.mode {
                            ArgumentMode::In => Mode::In,
                            ArgumentMode::Out => Mode::Out,
                            ArgumentMode::InOut => Mode::InOut,
                            ArgumentMode::Variadic => Mode::Variadic,
                            ArgumentMode::Table => Mode::Table,
                        },
                        ty: ty(argument.ty),
                        sql: argument.sql.clone(),
                        has_default: argument.has_default,
                    })
                    .collect(),
                returns: ty(row.returns),
                returns_sql: row.returns_sql.clone(),
                returns_set: row.returns_set,
                rows: row.rows,
                volatility: row.volatility,
            })
            .collect(),
    }
}

fn write_column(column: &ColumnRow, ty: &impl Fn(Oid) -> String) -> Column {
    Column {
        name: column.name.clone(),
        number: column.number,
        ty: ty(column.ty),
        sql: column.sql.clone(),
        not_null: column.not_null,
        default: column.default.clone(),
        identity: column.identity.clone(),
        generated: column.generated.clone(),
        updatable: column.updatable,
        dimensions: column.dimensions,
        comment: column.comment.clone(),
    }
}

/// Reads a snapshot.
///
/// # Errors
/// When the file cannot be read, is no snapshot, or one of another version.
pub fn read(path: &Path) -> Result<Catalog, SourceError> {
    let text = std::fs::read_to_string(path).map_err(|source| SourceError::Read {
        what: "the snapshot",
        path: path.to_owned(),
        source,
    })?;
    parse(&text, &path.display().to_string())
}

/// Reads the text of a snapshot; `name` is for messages.
///
/// # Errors
/// When it is no snapshot, or one of another version.
pub fn parse(text: &str, name: &str) -> Result<Catalog, SourceError> {
    let wrong = |error: serde_json::Error| SourceError::Document { what: name.to_owned(), reason: error.to_string() };
    let header: Header = serde_json::from_str(text).map_err(wrong)?;
    if header.version != VERSION {
        return Err(SourceError::SnapshotVersion { name: name.to_owned(), found: header.version, known: VERSION });
    }
    let document: Document = serde_json::from_str(text).map_err(wrong)?;
    Reader::new(&document, name).catalog(&document)
}

/// Finds what names stand for.
struct Reader<'d> {
    file: &'d str,
    relations: BTreeMap<String, Oid>,
    types: BTreeMap<String, Oid>,
}

impl<'d> Reader<'d> {
    fn new(document: &Document, file: &'d str) -> Self {
        let relations = (1..).zip(&document.relations).map(|(oid, row)| (full(&row.schema, &row.name), oid)).collect();
        let names = document
            .types
            .iter()
            .map(|row| full(&row.schema, &row.name))
            .chain(document.relations.iter().map(|row| full(&row.schema, &row.name)));
        let mut types: BTreeMap<String, Oid> = BTreeMap::new();
        for name in names {
            let next = canonical::FIRST_TYPE + Oid::try_from(types.len()).unwrap_or(0);
            types.entry(name).or_insert(next);
        }
        Self { file, relations, types }
    }

    fn unknown(&self, what: &str, name: &str) -> SourceError {
        SourceError::Document {
            what: self.file.to_owned(),
            reason: format!("it speaks of the {what} `{name}`, which is not in it"),
        }
    }

    fn relation(&self, name: &str) -> Result<Oid, SourceError> {
        self.relations.get(name).copied().ok_or_else(|| self.unknown("relation", name))
    }

    /// No name is a type that nothing is known of.
    fn ty(&self, name: &str) -> Result<Oid, SourceError> {
        if name.is_empty() {
            return Ok(0);
        }
        let own = self.types.get(name).copied();
        own.or_else(|| built_in_by_name(name)).ok_or_else(|| self.unknown("type", name))
    }

    fn types(&self, name: Option<&String>) -> Result<Option<Oid>, SourceError> {
        name.map(|name| self.ty(name)).transpose()
    }

    fn place(&self, place: Option<&(String, i16)>) -> Result<Option<(Oid, i16)>, SourceError> {
        place.map(|(name, number)| Ok((self.relation(name)?, *number))).transpose()
    }

    fn catalog(&self, document: &Document) -> Result<Catalog, SourceError> {
        let mut catalog = Catalog {
            schemas: document
                .schemas
                .iter()
                .map(|row| SchemaRow { name: row.name.clone(), comment: row.comment.clone() })
                .collect(),
            ..Catalog::default()
        };
        for row in &document.relations {
            self.add_relation(row, &mut catalog)?;
        }
        for row in &document.types {
            let ty = self.named_type(row)?;
            catalog.types.insert(ty.oid, ty);
        }
        for (oid, row) in (1..).zip(&document.functions) {
            catalog.functions.push(self.function(row, oid)?);
        }
        Ok(canonical::canonical(catalog))
    }

    fn add_relation(&self, row: &Relation, catalog: &mut Catalog) -> Result<(), SourceError> {
        let name = full(&row.schema, &row.name);
        let oid = self.relation(&name)?;
        catalog.relations.push(RelationRow {
            oid,
            schema: row.schema.clone(),
            name: row.name.clone(),
            kind: match row.kind {
                Kind::Table => RelationKind::Table,
                Kind::Partitioned => RelationKind::Partitioned,
                Kind::Foreign => RelationKind::Foreign,
                Kind::View => RelationKind::View,
                Kind::MaterializedView => RelationKind::MaterializedView,
            },
            comment: row.comment.clone(),
            events: row.writes,
            own_events: row.writes_without_triggers,
            row_type: self.ty(&name)?,
        });
        let mut columns = Vec::new();
        for column in &row.columns {
            columns.push(ColumnRow {
                number: column.number,
                name: column.name.clone(),
                ty: self.ty(&column.ty)?,
                sql: column.sql.clone(),
                not_null: column.not_null,
                default: column.default.clone(),
                identity: column.identity.clone(),
                generated: column.generated.clone(),
                updatable: column.updatable,
                dimensions: column.dimensions,
                comment: column.comment.clone(),
            });
        }
        if !columns.is_empty() {
            catalog.columns.insert(oid, columns);
        }
        catalog.keys.extend(row.keys.iter().map(|key| KeyRow {
            relation: oid,
            name: key.name.clone(),
            primary: key.primary,
            constraint: key.constraint,
            immediate: !key.deferrable,
            columns: key.columns.clone(),
        }));
        for key in &row.foreign_keys {
            catalog.foreign_keys.push(ForeignKeyRow {
                name: key.name.clone(),
                name_is_guessed: key.name_is_guessed,
                relation: oid,
                columns: key.columns.clone(),
                target: self.relation(&key.target)?,
                target_columns: key.target_columns.clone(),
                validated: !key.not_validated,
            });
        }
        if let Some(view) = &row.view {
            let mut known = ViewRow {
                single_source: view.single_source.as_ref().map(|name| self.relation(name)).transpose()?,
                ..ViewRow::default()
            };
            for column in &view.columns {
                let nullness = match self.place(column.null_as.as_ref())? {
                    Some((oid, number)) => Nullness::AsOrigin(oid, number),
                    None if column.never_null => Nullness::Never,
                    None => Nullness::Unknown,
                };
                let origin = self.place(column.shows.as_ref())?;
                known.columns.insert(column.number, ViewColumnRow { origin, nullness });
            }
            catalog.views.insert(oid, known);
        }
        Ok(())
    }

    fn named_type(&self, row: &NamedType) -> Result<TypeRow, SourceError> {
        let mut attributes = Vec::new();
        for attribute in &row.attributes {
            attributes.push(AttributeRow {
                name: attribute.name.clone(),
                ty: self.ty(&attribute.ty)?,
                sql: attribute.sql.clone(),
                comment: attribute.comment.clone(),
            });
        }
        Ok(TypeRow {
            oid: self.ty(&full(&row.schema, &row.name))?,
            schema: row.schema.clone(),
            name: row.name.clone(),
            kind: row.kind,
            element: self.types(row.element.as_ref())?,
            base: self.types(row.base.as_ref())?,
            base_sql: row.base_sql.clone(),
            not_null: row.not_null,
            has_default: row.has_default,
            relation: row.relation.as_ref().map(|name| self.relation(name)).transpose()?,
            stand_alone: row.stand_alone,
            subtype: self.types(row.subtype.as_ref())?,
            range: self.types(row.range.as_ref())?,
            labels: row.labels.clone(),
            checks: row.checks.clone(),
            attributes,
            extension: row.extension.clone(),
            comment: row.comment.clone(),
        })
    }

    fn function(&self, row: &Function, oid: Oid) -> Result<FunctionRow, SourceError> {
        let mut arguments = Vec::new();
        for argument in &row.arguments {
            arguments.push(ArgumentRow {
                name: argument.name.clone(),
                mode: match argument.mode {
                    Mode::In => ArgumentMode::In,
                    Mode::Out => ArgumentMode::Out,
                    Mode::InOut => ArgumentMode::InOut,
                    Mode::Variadic => ArgumentMode::Variadic,
                    Mode::Table => ArgumentMode::Table,
                },
                ty: self.ty(&argument.ty)?,
                sql: argument.sql.clone(),
                has_default: argument.has_default,
            });
        }
        Ok(FunctionRow {
            oid,
            schema: row.schema.clone(),
            name: row.name.clone(),
            comment: row.comment.clone(),
            arguments,
            returns: self.ty(&row.returns)?,
            returns_sql: row.returns_sql.clone(),
            returns_set: row.returns_set,
            rows: row.rows,
            volatility: row.volatility,
        })
    }
}
