//! A project's own description of its REST interface: the OpenAPI document that PostgREST serves at its root.
//!
//! It is the door for those who have a project's URL and secret key, but no database password. It says much less
//! than the catalogs do; what follows from that is told in one warning ([`LIMITS`]).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::error::SourceError;
use crate::sources::Reading;
use crate::sources::catalog::{
    ArgumentMode, ArgumentRow, Catalog, ColumnRow, ForeignKeyRow, FunctionRow, KeyRow, Oid, RelationKind, RelationRow,
    SchemaRow, TypeRow,
};
use crate::sources::sql_type::built_in_by_sql;

/// What a model from this source lacks.
pub const LIMITS: &str = "the OpenAPI document of a project does not say what functions give back (all give JSON) and \
    which overloads they have, which relations are views, which columns are generated (all can be written), the order of columns, unique \
    constraints, foreign keys of several columns, one-to-one, defaults of numbers and times (a primary key of whole \
    numbers counts as filled by the server), domains, composite types and enums in arrays (text), dimensions of arrays (one); --db-url, \
    --migrations and --snapshot do";

/// OIDs that stand for what has none here.
const FIRST: Oid = 2_000_000;

/// Reads the documents of one or more schemas, each with its schema's name; the first is the main one.
///
/// # Errors
/// When one is no OpenAPI document of PostgREST.
pub fn read(documents: &[(String, Value)], place: &str) -> Result<Reading, SourceError> {
    let mut builder = Builder { catalog: Catalog::default(), next: FIRST, types: BTreeMap::new() };
    for (schema, document) in documents {
        builder.schema(schema, document, place)?;
    }
    let mut reading = Reading::new(builder.catalog);
    reading.limited(place, LIMITS);
    Ok(reading)
}

struct Builder {
    catalog: Catalog,
    next: Oid,
    /// User-defined types by what `format_type` prints.
    types: BTreeMap<String, Oid>,
}

impl Builder {
    fn number(&mut self) -> Oid {
        self.next += 1;
        self.next
    }

    fn schema(&mut self, schema: &str, document: &Value, place: &str) -> Result<(), SourceError> {
        let wrong = |reason: &str| SourceError::Document { what: place.to_owned(), reason: reason.to_owned() };
        let definitions = document.get("definitions").and_then(Value::as_object);
        let paths = document.get("paths").and_then(Value::as_object);
        let (Some(definitions), Some(paths)) = (definitions, paths) else {
            return Err(wrong("it is no OpenAPI document of PostgREST: it has no `definitions` and `paths`"));
        };
        let text = |key: &str| document.pointer(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        // The title is the schema's comment, or a sentence of PostgREST's own.
        let comment = text("/info/title").filter(|title| *title != "PostgREST API").map(|title| {
            match text("/info/description") {
                Some(rest) if !rest.starts_with("This is a dynamic API") => format!("{title}\n{rest}"),
                _ => title.to_owned(),
            }
        });
        self.catalog.schemas.push(SchemaRow { name: schema.to_owned(), comment });
        // Enums first: arrays of them name them only.
        for definition in definitions.values() {
            for property in properties(definition).values() {
                self.enum_of(schema, property);
            }
        }
        let mut oids: BTreeMap<&str, Oid> = BTreeMap::new();
        for (name, definition) in definitions {
            let oid = self.relation(schema, name, definition, paths.get(&format!("/{name}")));
            oids.insert(name, oid);
        }
        for (name, definition) in definitions {
            self.foreign_keys(oids.get(name.as_str()).copied().unwrap_or(0), definition, &oids);
        }
        for (path, methods) in paths {
            if let Some(name) = path.strip_prefix("/rpc/") {
                self.function(schema, name, methods);
            }
        }
        Ok(())
    }

    fn relation(&mut self, schema: &str, name: &str, definition: &Value, path: Option<&Value>) -> Oid {
        let oid = self.number();
        let row_type = self.number();
        let can =
            |method: &str, event: i32| if path.is_some_and(|path| path.get(method).is_some()) { event } else { 0 };
        let events = can("patch", 4) | can("post", 8) | can("delete", 16);
        self.catalog.relations.push(RelationRow {
            oid,
            schema: schema.to_owned(),
            name: name.to_owned(),
            kind: RelationKind::Table,
            comment: definition.get("description").and_then(Value::as_str).map(str::to_owned),
            events,
            own_events: events,
            row_type,
        });
        let required: Vec<&str> = definition
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut key: Vec<i16> = Vec::new();
        let mut columns = Vec::new();
        for (number, (name, property)) in (1..).zip(properties(definition)) {
            let note = property.get("description").and_then(Value::as_str).unwrap_or_default();
            let sql = sql_of(property);
            if note.contains("<pk/>") {
                key.push(number);
            }
            let default = property.get("default").map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            columns.push(ColumnRow {
                number,
                name: name.clone(),
                ty: self.ty(property, &sql),
                sql,
                not_null: required.contains(&name.as_str()),
                default,
                identity: String::new(),
                generated: String::new(),
                dimensions: 0,
                updatable: false,
                comment: comment_of(note),
            });
        }
        // A key of one whole number is nearly always filled by a sequence, whose default is not told.
        if let [only] = key.as_slice()
            && let Some(column) = columns.iter_mut().find(|column| column.number == *only)
            && matches!(column.sql.as_str(), "integer" | "bigint" | "smallint")
            && column.default.is_none()
            && properties(definition).get(&column.name).is_some_and(|property| foreign_key(property).is_none())
        {
            column.identity = "d".to_owned();
        }
        // Of a view every column may be NULL here, and a key with NULL in it is none that a table has.
        let is_key = !key.is_empty()
            && columns.iter().filter(|column| key.contains(&column.number)).all(|column| column.not_null);
        if is_key {
            self.catalog.keys.push(KeyRow {
                relation: oid,
                name: "primary key".to_owned(),
                primary: true,
                constraint: true,
                immediate: true,
                columns: key,
            });
        }
        self.catalog.columns.insert(oid, columns);
        oid
    }

    fn foreign_keys(&mut self, relation: Oid, definition: &Value, oids: &BTreeMap<&str, Oid>) {
        for (number, (name, property)) in (1..).zip(properties(definition)) {
            let Some((table, column)) = foreign_key(property) else {
                continue;
            };
            let target = oids.get(table.as_str()).copied();
            let place = target
                .and_then(|target| self.catalog.columns.get(&target))
                .and_then(|columns| columns.iter().find(|row| row.name == column))
                .map(|row| row.number);
            if let (Some(target), Some(place)) = (target, place) {
                // The constraint's name is not told; the server takes the column's as well.
                let table = self.catalog.relations.iter().find(|row| row.oid == relation).map(|row| row.name.as_str());
                let guess = format!("{}_{name}_fkey", table.unwrap_or_default());
                self.catalog.foreign_keys.push(ForeignKeyRow {
                    name: guess,
                    name_is_guessed: true,
                    relation,
                    columns: vec![number],
                    target,
                    target_columns: vec![place],
                    validated: true,
                });
            }
        }
    }

    fn function(&mut self, schema: &str, name: &str, methods: &Value) {
        let parameters = methods.pointer("/post/parameters").and_then(Value::as_array);
        let body = parameters
            .into_iter()
            .flatten()
            .find(|parameter| parameter.get("in").and_then(Value::as_str) == Some("body"))
            .and_then(|parameter| parameter.get("schema"));
        let empty = Value::Null;
        let body = body.unwrap_or(&empty);
        let required: Vec<&str> =
            body.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let mut arguments = Vec::new();
        for (name, property) in properties(body) {
            let sql = sql_of(property);
            arguments.push(ArgumentRow {
                name: name.clone(),
                mode: ArgumentMode::In,
                ty: self.ty(property, &sql),
                sql,
                has_default: !required.contains(&name.as_str()),
            });
        }
        let oid = self.number();
        let read_only = methods.get("get").is_some();
        let summary = ["/post/summary", "/post/description"]
            .iter()
            .filter_map(|key| methods.pointer(key).and_then(Value::as_str))
            .collect::<Vec<_>>()
            .join("\n");
        self.catalog.functions.push(FunctionRow {
            oid,
            schema: schema.to_owned(),
            name: name.to_owned(),
            comment: Some(summary).filter(|text| !text.is_empty()),
            arguments,
            returns: postgres_types::Type::JSON.oid(),
            returns_sql: "json".to_owned(),
            returns_set: false,
            rows: 0.0,
            volatility: if read_only { 's' } else { 'v' },
        });
    }

    fn enum_of(&mut self, schema: &str, property: &Value) {
        let format = sql_of(property);
        let Some(labels) = property.get("enum").and_then(Value::as_array) else {
            return;
        };
        if self.types.contains_key(&format) || built_in_by_sql(&format).is_some() {
            return;
        }
        let oid = self.number();
        let labels = labels.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        self.insert(oid, &format, schema, TypeRow { kind: 'e', labels, ..blank(oid) });
    }

    /// Built-in types by name, enums by their labels, and of extensions' types the name, by which the model knows them.
    fn ty(&mut self, property: &Value, sql: &str) -> Oid {
        if let Some(oid) = built_in_by_sql(sql) {
            return oid;
        }
        if let Some(&oid) = self.types.get(sql) {
            return oid;
        }
        let oid = self.number();
        let element = sql.strip_suffix("[]").map(|element| self.ty(&Value::Null, element));
        let _ = property;
        self.insert(oid, sql, "public", TypeRow { element, ..blank(oid) });
        oid
    }

    fn insert(&mut self, oid: Oid, format: &str, schema: &str, row: TypeRow) {
        let (home, name) = split(format.trim_end_matches("[]"));
        let name = if format.ends_with("[]") { format!("_{name}") } else { name };
        self.types.insert(format.to_owned(), oid);
        self.catalog.types.insert(oid, TypeRow { schema: home.unwrap_or_else(|| schema.to_owned()), name, ..row });
    }
}

fn blank(oid: Oid) -> TypeRow {
    TypeRow {
        oid,
        schema: String::new(),
        name: String::new(),
        kind: 'b',
        element: None,
        base: None,
        base_sql: None,
        not_null: false,
        has_default: false,
        relation: None,
        stand_alone: false,
        subtype: None,
        range: None,
        labels: Vec::new(),
        checks: Vec::new(),
        attributes: Vec::new(),
        extension: None,
        comment: None,
    }
}

/// Schema and name of `extensions.citext`, of which either may be in quotes.
fn split(format: &str) -> (Option<String>, String) {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut letters = format.chars().peekable();
    while let Some(letter) = letters.next() {
        let Some(part) = parts.last_mut() else {
            break;
        };
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                part.push('"');
            }
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(String::new()),
            other => part.push(other),
        }
    }
    match parts.as_slice() {
        [schema, name] => (Some(schema.clone()), name.clone()),
        _ => (None, parts.join(".")),
    }
}

fn properties(definition: &Value) -> &Map<String, Value> {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    definition.get("properties").and_then(Value::as_object).unwrap_or(&NONE)
}

/// The type as `format_type` prints it; newer servers have OpenAPI's own words for whole numbers.
fn sql_of(property: &Value) -> String {
    let format = property.get("format").and_then(Value::as_str).unwrap_or("text");
    match format {
        "int32" => "integer".to_owned(),
        "int64" => "bigint".to_owned(),
        other => other.to_owned(),
    }
}

/// What the note says after the words of the comment: `<fk table='planets' column='id'/>`.
fn foreign_key(property: &Value) -> Option<(String, String)> {
    let note = property.get("description").and_then(Value::as_str)?;
    let (_, rest) = note.rsplit_once("<fk table='")?;
    let (table, rest) = rest.split_once("' column='")?;
    let (column, _) = rest.split_once("'/>")?;
    Some((table.to_owned(), column.to_owned()))
}

/// The comment without the note about keys.
fn comment_of(note: &str) -> Option<String> {
    let comment = if note.starts_with("Note:\n") { "" } else { note.split("\n\nNote:\n").next().unwrap_or_default() };
    Some(comment.to_owned()).filter(|comment| !comment.is_empty())
}
