//! Which of the three kinds of value a type is.

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, LitStr, Member, Path, Type};

use crate::errors::Errors;
use crate::words::plain;

pub(crate) enum Shape<'i> {
    /// `struct PlanetId(i64);`
    Newtype { member: Member, inner: &'i Type },
    /// `#[value(json)]`
    Json,
    /// `enum Kind { Rocky, Gas }`
    Labels {
        labels: Vec<(&'i Ident, String)>,
        /// `#[value(of = enums::PlanetKind)]`
        of: Option<Path>,
    },
}

/// What `#[value(..)]` says.
#[derive(Default)]
struct Attributes {
    json: bool,
    rename: Option<LitStr>,
    of: Option<Path>,
}

/// Reads the type; `None` when it cannot be a value.
pub(crate) fn shape<'i>(input: &'i DeriveInput, errors: &mut Errors) -> Option<Shape<'i>> {
    let attributes = attributes(&input.attrs, errors);
    if let Some(rename) = &attributes.rename {
        errors.push(rename.span(), "`rename` belongs to a variant: the type itself has no name in a request");
    }
    if attributes.json {
        return Some(Shape::Json);
    }
    let at = input.ident.span();
    let name = plain(&input.ident);
    if let (Some(of), false) = (&attributes.of, matches!(input.data, Data::Enum(_))) {
        errors.push(of.span(), "`of` belongs to an enum: it names the generated enum that has the same labels");
    }
    match &input.data {
        Data::Struct(data) => {
            let mut fields = data.fields.iter();
            match (fields.next(), fields.next()) {
                (Some(field), None) => {
                    let member = field.ident.clone().map_or_else(|| Member::from(0), Member::Named);
                    Some(Shape::Newtype { member, inner: &field.ty })
                }
                _ => {
                    errors.push(at, format!("`{name}` is not one value: give it exactly one field, or store it as json with `#[value(json)]`"));
                    None
                }
            }
        }
        Data::Enum(data) => {
            let mut labels: Vec<(&Ident, String)> = Vec::new();
            for variant in &data.variants {
                if !matches!(variant.fields, Fields::Unit) {
                    errors.push(
                        variant.fields.span(),
                        "a variant with fields has no label: store the type as json with `#[value(json)]`",
                    );
                    return None;
                }
                let label = self::attributes(&variant.attrs, errors)
                    .rename
                    .map_or_else(|| snake_case(&plain(&variant.ident)), |rename| rename.value());
                if labels.iter().any(|(_, other)| *other == label) {
                    errors.push(
                        variant.ident.span(),
                        format!(
                            "the label `{label}` belongs to another variant; rename one: `#[value(rename = \"..\")]`"
                        ),
                    );
                }
                labels.push((&variant.ident, label));
            }
            if labels.is_empty() {
                errors.push(at, format!("`{name}` has no variant, so no value"));
                return None;
            }
            Some(Shape::Labels { labels, of: attributes.of })
        }
        Data::Union(_) => {
            errors.push(at, "a union cannot be a value");
            None
        }
    }
}

fn attributes(list: &[Attribute], errors: &mut Errors) -> Attributes {
    let mut found = Attributes::default();
    for attribute in list.iter().filter(|attribute| attribute.path().is_ident("value")) {
        let parsed = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("json") {
                found.json = true;
                Ok(())
            } else if meta.path.is_ident("rename") {
                found.rename = Some(meta.value()?.parse()?);
                Ok(())
            } else if meta.path.is_ident("of") {
                found.of = Some(meta.value()?.call(Path::parse_mod_style)?);
                Ok(())
            } else {
                Err(meta.error("unknown attribute: there are `json` and `of = enums::Kind` on a type, and `rename = \"..\"` on a variant"))
            }
        });
        if let Err(error) = parsed {
            errors.add(error);
        }
    }
    found
}

/// `GasGiant` as `gas_giant`.
fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for (at, letter) in name.char_indices() {
        if letter.is_uppercase() {
            if at > 0 && !out.ends_with('_') {
                out.push('_');
            }
            out.extend(letter.to_lowercase());
        } else {
            out.push(letter);
        }
    }
    out
}
