//! Where a piece of code stands, and how other pieces are reached from there. Every path is absolute or begins
//! with `super` or `self`, since a column or table may be called anything.

use proc_macro2::{Ident as Token, Span, TokenStream};
use quote::quote;

use crate::name::Named;
use crate::name::ident::Ident;
use crate::name::ty::{Marker, RustType, TypeHome};

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
    pub(super) fn library(self) -> TokenStream {
        library(&self.named.crate_path)
    }

    fn up(self, more: usize) -> TokenStream {
        let supers = (0..self.depth + more).map(|_| quote!(super::));
        quote!(#(#supers)*)
    }

    /// A table's module.
    pub(super) fn table(self, module: &Ident) -> TokenStream {
        let up = self.up(0);
        let module = ident(module);
        quote!(#up #module)
    }

    fn home(self, home: &TypeHome) -> TokenStream {
        let module = Token::new(home.module, Span::call_site());
        let name = ident(&home.ident);
        if home.schema == self.schema {
            let up = self.up(0);
            return quote!(#up #module::#name);
        }
        let up = self.up(1);
        let schema = self.named.schemas.get(home.schema).map(|schema| ident(&schema.module.name.rust));
        quote!(#up #schema::#module::#name)
    }

    /// A marker.
    pub(super) fn marker(self, marker: &Marker) -> TokenStream {
        let library = self.library();
        match marker {
            Marker::Leaf(name) => {
                let name = Token::new(name, Span::call_site());
                quote!(#library::schema::sql::#name)
            }
            Marker::Of(name, inner) => {
                let name = Token::new(name, Span::call_site());
                let inner = self.marker(inner);
                quote!(#library::schema::sql::#name<#inner>)
            }
            Marker::Named(name, home) => {
                let name = Token::new(name, Span::call_site());
                let home = self.home(home);
                quote!(#library::schema::sql::#name<#home>)
            }
        }
    }

    /// A type.
    pub(super) fn ty(self, ty: &RustType) -> TokenStream {
        let library = self.library();
        match ty {
            RustType::Primitive(name) => {
                let name = Token::new(name, Span::call_site());
                quote!(::core::primitive::#name)
            }
            RustType::String => quote!(::std::string::String),
            RustType::Library(name) => {
                let name = Token::new(name, Span::call_site());
                quote!(#library::types::#name)
            }
            RustType::LibraryOf(name, inner) => {
                let name = Token::new(name, Span::call_site());
                let inner = self.ty(inner);
                quote!(#library::types::#name<#inner>)
            }
            RustType::Vec(inner) => {
                let inner = self.ty(inner);
                quote!(::std::vec::Vec<#inner>)
            }
            RustType::Option(inner) => {
                let inner = self.ty(inner);
                quote!(::core::option::Option<#inner>)
            }
            RustType::Named(home) => self.home(home),
            RustType::User(text) => parsed(text),
        }
    }
}

/// The library's path.
pub(super) fn library(path: &str) -> TokenStream {
    parsed(path)
}

/// Text of the configuration, which has checked it; nonsense would show as an error of the whole file.
pub(super) fn parsed(text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|_| quote!(#text))
}

/// An identifier.
pub(super) fn ident(ident: &Ident) -> Token {
    if ident.is_raw() {
        Token::new_raw(ident.plain(), Span::call_site())
    } else {
        Token::new(ident.plain(), Span::call_site())
    }
}

/// `&'static str`
pub(super) fn text_type() -> TokenStream {
    quote!(&'static ::core::primitive::str)
}

/// `&'static [&'static str]`
pub(super) fn texts_type() -> TokenStream {
    quote!(&'static [&'static ::core::primitive::str])
}
