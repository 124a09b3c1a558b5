//! Listing: by folder (with paging by number), and by prefix (with a cursor).

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::database::{OBJECT, Transaction};
use super::refusal::{Answer, Refusal, json_response};
use super::schema::Fields;
use super::token::Caller;
use crate::project::Project;

const FIELDS: [&str; 6] = ["name", "id", "updated_at", "created_at", "last_accessed_at", "metadata"];

/// What the caller may see of a bucket below a prefix, in the order of the keys' bytes.
async fn visible(project: &Project, caller: &Caller, bucket: &str, prefix: &str, any_case: bool) -> Answer<Vec<Value>> {
    let transaction = Transaction::of(project, caller).await?;
    let condition = if any_case { "starts_with(lower(name), lower($2))" } else { "starts_with(name, $2)" };
    let sql = format!("select {OBJECT} from storage.objects where bucket_id = $1 and {condition} order by name");
    let found = transaction.json(&sql, &[&bucket, &prefix]).await?;
    transaction.commit().await?;
    Ok(found)
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn folder_row(name: &str) -> Value {
    let mut row = json!({ "name": name });
    for field in &FIELDS[1..] {
        row[field] = Value::Null;
    }
    row
}

fn file_row(object: &Value, name: &str) -> Value {
    let mut row = json!({});
    for field in FIELDS {
        row[field] = object[field].clone();
    }
    row["name"] = json!(name);
    row
}

/// Column and direction of `sortBy`.
fn sort(fields: &Fields, columns: &[&'static str]) -> Answer<(&'static str, bool)> {
    let Some(sort) = fields.get("sortBy").filter(|sort| !sort.is_null()) else { return Ok((columns[0], false)) };
    if sort["column"].is_null() {
        return Err(Refusal::schema("body/sortBy must have required property 'column'"));
    }
    let pick =
        |name: &str, allowed: &[&'static str]| match sort[name].as_str() {
            None => Ok(allowed[0]),
            Some(asked) => allowed.iter().find(|known| **known == asked).copied().ok_or_else(|| {
                Refusal::schema(format!("body/sortBy/{name} must be equal to one of the allowed values"))
            }),
        };
    Ok((pick("column", columns)?, pick("order", &["asc", "desc"])? == "desc"))
}

pub(super) async fn folder(project: &Project, caller: &Caller, bucket: &str, fields: &Fields) -> Answer<Response> {
    let mut prefix = fields.required_text("prefix")?;
    let limit = usize::try_from(fields.integer("limit", 1)?.unwrap_or(100)).unwrap_or(0).min(1500);
    let offset = usize::try_from(fields.integer("offset", 0)?.unwrap_or(0)).unwrap_or(0);
    let search = fields.text("search")?.unwrap_or_default();
    let (column, descending) = sort(fields, &["name", "created_at", "updated_at", "last_accessed_at"])?;
    if !prefix.is_empty() && !prefix.ends_with('/') {
        prefix.push('/');
    }
    let wanted = format!("{prefix}{search}");
    let base = wanted.rfind('/').map_or(0, |at| at + 1);
    // Sorting key, name, and the object unless it is a folder.
    let mut entries: Vec<(String, String, Option<Value>)> = Vec::new();
    for object in visible(project, caller, bucket, &wanted, true).await? {
        let key = text(&object, "name").to_owned();
        let (Some(below), Some(shown)) = (key.get(base..), key.get(prefix.len()..)) else { continue };
        match below.find('/') {
            Some(at) => {
                let name = shown[..base - prefix.len() + at].to_owned();
                if !entries.iter().any(|(_, known, object)| object.is_none() && *known == name) {
                    entries.push((format!("{}/", key[..base + at].to_lowercase()), name, None));
                }
            }
            None => {
                let sorting = if column == "name" { key.to_lowercase() } else { text(&object, column).to_owned() };
                entries.push((sorting, shown.to_owned(), Some(object)));
            }
        }
    }
    if column == "name" {
        entries.sort_by(|one, other| one.0.cmp(&other.0));
        if descending {
            entries.reverse();
        }
    } else {
        let (mut folders, mut files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.2.is_none());
        folders.sort_by(|one, other| one.1.cmp(&other.1));
        files.sort_by(|one, other| one.0.cmp(&other.0));
        if descending {
            folders.reverse();
            files.reverse();
        }
        entries = folders.into_iter().chain(files).collect();
    }
    let rows = entries.iter().skip(offset).take(limit).map(|(_, name, object)| match object {
        Some(object) => file_row(object, name),
        None => folder_row(name),
    });
    Ok(json_response(200, &rows.collect()))
}

/// Where a list by prefix goes on.
struct Cursor {
    last: String,
    is_folder: bool,
    /// Those that were said; a cursor repeats no defaults.
    column: Option<&'static str>,
    order: Option<&'static str>,
    after: Option<String>,
}

impl Cursor {
    fn parse(text: &str) -> Answer<Self> {
        let wrong =
            || Refusal::new(400, "InvalidParameter", "InvalidParameter", "Invalid Parameter continuation token");
        let plain = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(wrong)?;
        let mut cursor = Self { last: String::new(), is_folder: false, column: None, order: None, after: None };
        for line in plain.lines() {
            match line.split_once(':').ok_or_else(wrong)? {
                ("l", last) => cursor.last = last.to_owned(),
                ("o", order) => cursor.order = Some(if order == "desc" { "desc" } else { "asc" }),
                ("c", "created_at") => cursor.column = Some("created_at"),
                ("c", "updated_at") => cursor.column = Some("updated_at"),
                ("c", _) => cursor.column = Some("name"),
                ("a", after) => cursor.after = Some(after.to_owned()),
                ("f", _) => cursor.is_folder = true,
                _ => return Err(wrong()),
            }
        }
        Ok(cursor)
    }

    fn write(&self) -> String {
        let mut lines = vec![format!("l:{}", self.last)];
        if let Some(order) = self.order {
            lines.push(format!("o:{order}"));
        }
        if let Some(column) = self.column {
            lines.push(format!("c:{column}"));
        }
        if let Some(after) = &self.after {
            lines.push(format!("a:{after}"));
        }
        if self.is_folder {
            lines.push("f:1".to_owned());
        }
        STANDARD.encode(lines.join("\n"))
    }
}

/// One row of a list by prefix, before it is written.
struct Listed {
    /// A folder's has a slash at its end.
    name: String,
    time: String,
    object: Option<Value>,
    created: String,
    updated: String,
}

pub(super) async fn prefix(project: &Project, caller: &Caller, bucket: &str, fields: &Fields) -> Answer<Response> {
    let prefix = fields.text("prefix")?.unwrap_or_default();
    let limit = usize::try_from(fields.integer("limit", 1)?.unwrap_or(1000)).unwrap_or(0).min(1000);
    let delimiter = fields.boolean("with_delimiter")?.unwrap_or(false);
    let (mut column, mut descending) = sort(fields, &["name", "created_at", "updated_at"])?;
    let cursor = fields.text("cursor")?.filter(|text| !text.is_empty()).map(|text| Cursor::parse(&text)).transpose()?;
    if let Some(cursor) = &cursor {
        (column, descending) = (cursor.column.unwrap_or("name"), cursor.order == Some("desc"));
    }
    let mut listed: Vec<Listed> = Vec::new();
    for object in visible(project, caller, bucket, &prefix, false).await? {
        let name = text(&object, "name").to_owned();
        let (created, updated) = (text(&object, "created_at").to_owned(), text(&object, "updated_at").to_owned());
        let time = if column == "name" { String::new() } else { text(&object, column).to_owned() };
        match name[prefix.len()..].find('/').filter(|_| delimiter) {
            Some(at) => {
                let folder = name[..=prefix.len() + at].to_owned();
                match listed.iter_mut().find(|known| known.object.is_none() && known.name == folder) {
                    Some(known) => {
                        known.time = known.time.clone().min(time);
                        known.created = known.created.clone().min(created);
                        known.updated = known.updated.clone().max(updated);
                    }
                    None => listed.push(Listed { name: folder, time, object: None, created, updated }),
                }
            }
            None => listed.push(Listed { name, time, object: Some(object), created, updated }),
        }
    }
    listed.sort_by(|one, other| (&one.time, &one.name).cmp(&(&other.time, &other.name)));
    if descending {
        listed.reverse();
    }
    let mut rest = listed.as_slice();
    if let Some(cursor) = &cursor {
        let name = if cursor.is_folder { format!("{}/", cursor.last) } else { cursor.last.clone() };
        let mark = (cursor.after.clone().unwrap_or_default(), name);
        let passed = |entry: &Listed| {
            let this = (entry.time.clone(), entry.name.clone());
            if descending { this >= mark } else { this <= mark }
        };
        rest = &rest[rest.iter().take_while(|entry| passed(entry)).count()..];
    }
    let page = &rest[..limit.min(rest.len())];
    let has_next = rest.len() > page.len();
    let (mut folders, mut objects) = (Vec::new(), Vec::new());
    for entry in page {
        let key = entry.name.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        match &entry.object {
            Some(object) => {
                let mut row = file_row(object, &entry.name);
                if delimiter {
                    row["key"] = json!(entry.name.rsplit('/').next().unwrap_or_default());
                }
                objects.push(row);
            }
            None => {
                let mut row = folder_row(&entry.name);
                row["key"] = json!(key);
                if column != "name" {
                    row["created_at"] = json!(entry.created);
                    row["updated_at"] = json!(entry.updated);
                }
                folders.push(row);
            }
        }
    }
    let mut answer = json!({ "hasNext": has_next, "folders": folders, "objects": objects });
    if let Some(last) = page.last().filter(|_| has_next) {
        let plain = if last.object.is_none() { last.name.trim_end_matches('/') } else { &last.name };
        let said = cursor.is_some() || fields.get("sortBy").is_some_and(|sort| !sort.is_null());
        let next = Cursor {
            last: plain.to_owned(),
            is_folder: last.object.is_none(),
            column: match &cursor {
                Some(cursor) => cursor.column,
                None => said.then_some(column),
            },
            order: said.then_some(if descending { "desc" } else { "asc" }),
            after: (column != "name").then(|| last.time.clone()),
        };
        answer["nextCursor"] = json!(next.write());
        answer["nextCursorKey"] = json!(plain);
    }
    Ok(json_response(200, &answer))
}
