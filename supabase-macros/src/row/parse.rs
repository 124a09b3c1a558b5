//! Reads the struct and its `#[row(..)]` attributes.
//!
//! ```text
//! on the struct   #[row(planets)]
//! on a field      #[row(column = name)]  #[row(relation = moons)]  #[row(relation = moons, inner)]  #[row(count = moons)]
//! ```

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, GenericArgument, PathArguments, Token, Type, Visibility};

use crate::errors::{Errors, mistake, quote_next};
use crate::table::TablePath;
use crate::words::{name, nearest, plain};

pub(crate) struct Row<'i> {
    pub(crate) name: &'i Ident,
    pub(crate) visibility: &'i Visibility,
    pub(crate) table: TablePath,
    pub(crate) fields: Vec<Field<'i>>,
}

pub(crate) struct Field<'i> {
    pub(crate) name: &'i Ident,
    pub(crate) ty: &'i Type,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    Column(Ident),
    Count(Ident),
    Relation { relation: Ident, inner: bool },
}

/// Reads the struct; `None` when it cannot be a row at all.
pub(crate) fn row<'i>(input: &'i DeriveInput, errors: &mut Errors) -> Option<Row<'i>> {
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => &fields.named,
            Fields::Unnamed(_) | Fields::Unit => {
                errors.push(input.ident.span(), "a row needs named fields, one for each column");
                return None;
            }
        },
        Data::Enum(_) | Data::Union(_) => {
            errors.push(input.ident.span(), "only a struct can be a row: its fields are the columns");
            return None;
        }
    };
    if !input.generics.params.is_empty() {
        errors
            .push(input.generics.span(), "a row cannot be generic: its fields are checked against the table's columns");
        return None;
    }
    let table = table(input, errors)?;
    let mut row = Row { name: &input.ident, visibility: &input.vis, table, fields: Vec::new() };
    for field in fields {
        let Some(ident) = &field.ident else { continue };
        let kind = kind(ident, &field.attrs, errors);
        if let Kind::Column(column) = &kind
            && let Some(earlier) =
                row.fields.iter().find(|earlier| matches!(&earlier.kind, Kind::Column(other) if other == column))
        {
            errors.push(
                column.span(),
                format!("column `{}` is already read by the field `{}`", plain(column), plain(earlier.name)),
            );
            continue;
        }
        row.fields.push(Field { name: ident, ty: &field.ty, kind });
    }
    Some(row)
}

fn table(input: &DeriveInput, errors: &mut Errors) -> Option<TablePath> {
    let mut found = None;
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("row")) {
        let parsed = attribute.parse_args_with(|content: ParseStream<'_>| {
            let table = TablePath::parse(content, errors)?;
            match content.is_empty() {
                true => Ok(table),
                false => Err(mistake(content, format!("expected the table alone: `#[row({})]`", table.text()))),
            }
        });
        match parsed {
            Ok(_) if found.is_some() => {
                errors.push(attribute.span(), "a row belongs to one table; remove one of the two")
            }
            Ok(table) => found = Some(table),
            Err(error) => {
                errors.add(error);
                return None;
            }
        }
    }
    if found.is_none() {
        errors.push(
            input.ident.span(),
            format!("say which table `{}` is a row of: `#[row(planets)]`", plain(&input.ident)),
        );
    }
    found
}

fn kind(field: &Ident, attributes: &[Attribute], errors: &mut Errors) -> Kind {
    let mut kind = None;
    let mut inner = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("row")) {
        let parsed = attribute.parse_args_with(|content: ParseStream<'_>| {
            while !content.is_empty() {
                let word = name(content, "`column`, `relation` or `count`")?;
                let text = plain(&word);
                match text.as_str() {
                    "column" | "relation" | "count" => {
                        if !content.peek(Token![=]) {
                            return Err(syn::Error::new(word.span(), format!("write `{text} = name`")));
                        }
                        content.parse::<Token![=]>()?;
                        let target = name(content, "a name of the table, without quotes")?;
                        if kind.is_some() {
                            return Err(syn::Error::new(
                                word.span(),
                                "a field is one column, one relation or one count",
                            ));
                        }
                        kind = Some(match text.as_str() {
                            "column" => Kind::Column(target),
                            "count" => Kind::Count(target),
                            _ => Kind::Relation { relation: target, inner: false },
                        });
                    }
                    "inner" => inner = Some(word),
                    other => {
                        let remedy = match nearest(other, &["column", "relation", "count", "inner"]) {
                            Some(known) => format!("did you mean `{known}`?"),
                            None => "there are `column = ..`, `relation = ..`, `inner` and `count = ..`".to_owned(),
                        };
                        return Err(syn::Error::new(word.span(), format!("unknown attribute `{other}`: {remedy}")));
                    }
                }
                if !content.is_empty() {
                    if !content.peek(Token![,]) {
                        return Err(mistake(content, format!("expected `,`, found {}", quote_next(content))));
                    }
                    content.parse::<Token![,]>()?;
                }
            }
            Ok(())
        });
        if let Err(error) = parsed {
            errors.add(error);
        }
    }
    let mut kind = kind.unwrap_or_else(|| Kind::Column(field.clone()));
    if let Some(word) = inner {
        match &mut kind {
            Kind::Relation { inner, .. } => *inner = true,
            _ => errors.push(word.span(), "only a relation can be inner: `#[row(relation = moons, inner)]`"),
        }
    }
    kind
}

/// `X` of `Wrapper<X>`, where the type is written so.
pub(crate) fn inside<'t>(ty: &'t Type, wrappers: &[&str]) -> Option<&'t Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if !wrappers.iter().any(|wrapper| last.ident == wrapper) {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(ty) if arguments.args.len() == 1 => Some(ty),
        _ => None,
    }
}
