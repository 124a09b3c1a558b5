//! What would change: first in words about tables, columns and functions, and as a diff of the text where
//! there are no such words.

use std::collections::BTreeMap;
use std::path::Path;

use quote::ToTokens;
use syn::{Expr, ImplItem, Item, Lit};

use crate::error::WriteError;
use crate::render::File;
use crate::write;

/// How the folder differs from what would be generated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// By file.
    pub files: Vec<Difference>,
}

/// How one file differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The file, below the folder.
    pub path: String,
    /// What has changed, in words.
    pub facts: Vec<String>,
    /// What has changed in the text.
    pub diff: String,
}

/// Compares the files with the folder.
///
/// # Errors
/// When the folder cannot be read, or a file in it was not written by the generator.
pub fn check(out: &Path, files: &[File]) -> Result<Differences, WriteError> {
    let plan = write::plan(out, files)?;
    let mut differences = Differences::default();
    for (file, present) in &plan.write {
        differences.files.push(match present {
            Some(present) => Difference {
                path: file.path.clone(),
                facts: compare(&file.path, present, &file.text),
                diff: diff(&file.path, present, &file.text),
            },
            None => Difference {
                path: file.path.clone(),
                facts: vec![format!("{} is missing", file.path)],
                diff: String::new(),
            },
        });
    }
    for stale in &plan.stale {
        let path = stale.strip_prefix(out).unwrap_or(stale).display().to_string();
        differences.files.push(Difference {
            facts: vec![format!("{path} stands for nothing any more")],
            diff: String::new(),
            path,
        });
    }
    differences.files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(differences)
}

impl Differences {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

fn diff(path: &str, old: &str, new: &str) -> String {
    similar::TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(2)
        .header(&format!("{path} (present)"), &format!("{path} (generated)"))
        .to_string()
}

/// The differences in words.
fn compare(path: &str, old: &str, new: &str) -> Vec<String> {
    let (Some(old), Some(new)) = (facts(old), facts(new)) else {
        return Vec::new();
    };
    let module = path.trim_end_matches(".rs").replace('/', "::");
    let mut lines = Vec::new();
    for (key, before) in &old {
        match new.get(key) {
            None => lines.push(format!("{module}: {key} is gone ({before})")),
            Some(after) if after != before => lines.push(format!("{module}: {key} {before} → {after}")),
            Some(_) => {}
        }
    }
    for (key, after) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
        lines.push(format!("{module}: {key} is new ({after})"));
    }
    lines
}

/// What a generated file says about the database, read from its impls.
fn facts(text: &str) -> Option<BTreeMap<String, String>> {
    let file = syn::parse_file(text).ok()?;
    let mut found = BTreeMap::new();
    collect(&file.items, "", &mut found);
    Some(found)
}

fn collect(items: &[Item], inside: &str, found: &mut BTreeMap<String, String>) {
    for item in items {
        match item {
            Item::Mod(module) => {
                // `rel::moons` shows nothing of its own but `Rel`; results of functions have tables of their own.
                let inside = if inside == "results" {
                    format!("result of `{}`: ", module.ident)
                } else {
                    module.ident.to_string()
                };
                let items = module.content.as_ref().map_or(&[][..], |(_, items)| items);
                collect(items, &inside, found);
            }
            // What a composite's attributes and a domain are is told by their documentation.
            Item::Struct(structure) => {
                let first = first_line(&structure.attrs);
                if let Some((name, base)) = first.strip_prefix("The domain ").and_then(|text| text.split_once(": ")) {
                    found.insert(format!("domain {name}"), base.to_owned());
                }
                if let Some(name) = first.strip_prefix("The composite type ") {
                    let name = name.trim_end_matches('.');
                    for field in &structure.fields {
                        let facts = first_line(&field.attrs);
                        if let Some((attribute, ty)) = facts.strip_prefix('`').and_then(|text| text.split_once("` ")) {
                            found.insert(format!("composite type {name}: attribute `{attribute}`"), ty.to_owned());
                        }
                    }
                }
            }
            Item::Const(constant) if constant.ident == "SCHEMA" => {
                if let Expr::Struct(info) = &*constant.expr
                    && let Some(fingerprint) = info.fields.first().and_then(|field| string(&field.expr))
                {
                    found.insert("the fingerprint".to_owned(), fingerprint);
                }
            }
            Item::Impl(block) => {
                let Some(name) = block
                    .trait_
                    .as_ref()
                    .and_then(|(path, _)| path.segments.last())
                    .map(|segment| segment.ident.to_string())
                else {
                    continue;
                };
                let prefix = if inside.starts_with("result of") { inside } else { "" };
                facts_of(&name, block, prefix, found);
            }
            _ => {}
        }
    }
}

fn facts_of(name: &str, block: &syn::ItemImpl, prefix: &str, found: &mut BTreeMap<String, String>) {
    let constant = |wanted: &str| {
        block.items.iter().find_map(|item| match item {
            ImplItem::Const(constant) if constant.ident == wanted => Some(&constant.expr),
            _ => None,
        })
    };
    let text = |wanted: &str| constant(wanted).and_then(string).unwrap_or_default();
    let associated = |wanted: &str| {
        block.items.iter().find_map(|item| match item {
            ImplItem::Type(ty) if ty.ident == wanted => Some(short(&ty.ty)),
            _ => None,
        })
    };
    match name {
        "Table" => {
            for info in constant("COLUMNS").map(elements).unwrap_or_default() {
                if let Expr::Call(call) = info {
                    let arguments: Vec<&Expr> = call.args.iter().collect();
                    if let [name, sql, nullable] = arguments.as_slice() {
                        let not_null = if nullable.to_token_stream().to_string() == "false" { " not null" } else { "" };
                        let (name, sql) = (string(name).unwrap_or_default(), string(sql).unwrap_or_default());
                        found.insert(format!("{prefix}column `{name}`"), format!("{sql}{not_null}"));
                    }
                }
            }
            for (key, what) in [("PRIMARY_KEY", "primary key"), ("REQUIRED", "columns that an insert must set")] {
                found.insert(format!("{prefix}{what}"), list(constant(key)));
            }
        }
        "Insertable" | "Updatable" | "Deletable" => {
            found.insert(name.to_lowercase(), "yes".to_owned());
        }
        "Column" => {
            let ty = associated("Ty").unwrap_or_default();
            found.insert(format!("{prefix}Rust type of `{}`", text("NAME")), ty);
        }
        "Relation" => {
            let cardinality = associated("Cardinality").unwrap_or_default();
            found.insert(format!("relationship `{}`", text("NAME")), format!("{} {}", text("TARGET"), cardinality));
        }
        "Unique" => {
            let columns = list(constant("COLUMNS"));
            found.insert(format!("unique constraint ({columns})"), short(&block.self_ty));
        }
        "PgEnum" => {
            found.insert(format!("enum `{}`", text("NAME")), list(constant("LABELS")));
        }
        "Function" => {
            let bounds = block.generics.where_clause.as_ref().map(short).unwrap_or_default();
            let returns = associated("Returns").unwrap_or_default();
            found.insert(
                format!("function `{}`", short(&block.self_ty)),
                format!("{returns} {bounds}").trim().to_owned(),
            );
        }
        _ => {}
    }
}

/// The first line of the documentation.
fn first_line(attributes: &[syn::Attribute]) -> String {
    let mut lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => string(&pair.value),
        _ => None,
    });
    lines.next().map(|line| line.trim().to_owned()).unwrap_or_default()
}

/// Tokens without the paths that are the same everywhere.
fn short(tokens: &impl ToTokens) -> String {
    let text: String = tokens.to_token_stream().to_string().chars().filter(|letter| !letter.is_whitespace()).collect();
    [
        "::supabase_core::schema::sql::",
        "::supabase_core::schema::returns::",
        "::supabase_core::schema::",
        "::supabase_core::types::",
        "::core::primitive::",
        "::core::option::",
        "::std::string::",
        "::std::vec::",
        "self::",
    ]
    .iter()
    .fold(text, |text, path| text.replace(path, ""))
}

fn string(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

fn elements(expression: &Expr) -> Vec<&Expr> {
    match expression {
        Expr::Reference(reference) => elements(&reference.expr),
        Expr::Array(array) => array.elems.iter().collect(),
        _ => Vec::new(),
    }
}

fn list(expression: Option<&Expr>) -> String {
    let names: Vec<String> = expression.map(elements).unwrap_or_default().into_iter().filter_map(string).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &str, ty: &str) -> String {
        format!(
            "pub struct Table; impl ::supabase_core::schema::Table for Table {{ const COLUMNS: &'static [::supabase_core::schema::ColumnInfo] = &[{columns}]; }}
             impl ::supabase_core::schema::Column for mass {{ type Ty = {ty}; const NAME: &'static str = \"mass\"; }}"
        )
    }

    #[test]
    fn in_words() {
        let id = "::supabase_core::schema::ColumnInfo::new(\"id\", \"integer\", false)";
        let mass = |sql: &str| format!("::supabase_core::schema::ColumnInfo::new(\"mass\", \"{sql}\", true)");
        let old =
            table(&format!("{id}, {}", mass("numeric")), "::core::option::Option<::supabase_core::types::Decimal>");
        let new = table(&mass("double precision"), "::core::option::Option<::core::primitive::f64>");
        assert_eq!(
            compare("planets.rs", &old, &new),
            [
                "planets: Rust type of `mass` Option<Decimal> → Option<f64>",
                "planets: column `id` is gone (integer not null)",
                "planets: column `mass` numeric → double precision",
            ]
        );
        assert_eq!(compare("planets.rs", &new, &new), [""; 0]);
        assert_eq!(compare("planets.rs", "no rust", &new), [""; 0], "then the diff has to do");
    }
}
