//! Where a piece of code stands, and how other pieces are reached from there. Every path is absolute or begins
//! with `super` or `self`, since a column or table may be called anything.

use crate::name::Named;
use crate::name::ident::Ident;
use crate::name::ty::{Marker, RustType, TypeHome};

/// `&'static str`
pub(super) const STR: &str = "&'static ::core::primitive::str";

/// A module of the generated code.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'n> {
    named: &'n Named,
    schema: usize,
    /// Modules between here and the schema's module.
    depth: usize,
}

impl<'n> Place<'n> {
    /// A module directly in a schema.
    pub(super) fn new(named: &'n Named, schema: usize) -> Self {
        Self { named, schema, depth: 1 }
    }

    /// A module inside this one.
    pub(super) fn inside(self, levels: usize) -> Self {
        Self { depth: self.depth + levels, ..self }
    }

    /// The library.
    pub(super) fn library(self) -> &'n str {
        &self.named.crate_path
    }

    fn up(self, more: usize) -> String {
        "super::".repeat(self.depth + more)
    }

    /// A table's module.
    pub(super) fn table(self, module: &Ident) -> String {
        format!("{}{module}", self.up(0))
    }

    fn home(self, home: &TypeHome) -> String {
        let (module, name) = (home.module, &home.ident);
        if home.schema == self.schema {
            return format!("{}{module}::{name}", self.up(0));
        }
        match self.named.schemas.get(home.schema) {
            Some(schema) => format!("{}{}::{module}::{name}", self.up(1), schema.module.name.rust),
            None => format!("{}{module}::{name}", self.up(1)),
        }
    }

    /// A marker.
    pub(super) fn marker(self, marker: &Marker) -> String {
        let library = self.library();
        match marker {
            Marker::Leaf(name) => format!("{library}::schema::sql::{name}"),
            Marker::Of(name, inner) => format!("{library}::schema::sql::{name}<{}>", self.marker(inner)),
            Marker::Named(name, home) => format!("{library}::schema::sql::{name}<{}>", self.home(home)),
        }
    }

    /// A type.
    pub(super) fn ty(self, ty: &RustType) -> String {
        let library = self.library();
        match ty {
            RustType::Primitive(name) => format!("::core::primitive::{name}"),
            RustType::String => "::std::string::String".to_owned(),
            RustType::Library(name) => format!("{library}::types::{name}"),
            RustType::LibraryOf(name, inner) => format!("{library}::types::{name}<{}>", self.ty(inner)),
            RustType::Vec(inner) => format!("::std::vec::Vec<{}>", self.ty(inner)),
            RustType::Option(inner) => format!("::core::option::Option<{}>", self.ty(inner)),
            RustType::Named(home) => self.home(home),
            RustType::User(text) => text.clone(),
        }
    }
}
