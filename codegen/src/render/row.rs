//! `Row`, `Insert` and `Update` of a table, and how they are read and written.
//!
//! The impls are in a private module beside the structs, since a column that is called `reader` would make
//! `fn decode(reader: …)` a pattern that refers to the column's unit struct.

use proc_macro2::TokenStream;
use quote::quote;

use super::doc;
use super::place::{Place, ident, parsed};
use crate::model::column::Write;
use crate::name::ty::RustType;
use crate::name::{NamedColumn, NamedTable};

pub(super) fn items(table: &NamedTable, place: Place<'_>) -> TokenStream {
    let codec = ident(&table.codec);
    let inside = place.inside(1);
    let row = row(table, place);
    let row_impls = row_impls(table, inside);
    let (insert, insert_impls) =
        if table.insertable { (insert(table, place), self::insert_impls(table, inside)) } else { Default::default() };
    let (update, update_impls) =
        if table.updatable { (update(table, place), self::update_impls(table, inside)) } else { Default::default() };
    quote! {
        #row
        #insert
        #update
        mod #codec {
            #row_impls
            #insert_impls
            #update_impls
        }
    }
}

fn row(table: &NamedTable, place: Place<'_>) -> TokenStream {
    let documentation = doc::outer(&format!("A row of `{}.{}`.", table.schema, table.name), None);
    let derives = table.derives.iter().map(|derive| parsed(derive));
    let fields = table.columns.iter().map(|column| {
        let documentation = field_doc(column);
        let (name, ty) = (ident(&column.name.rust), place.ty(&column.ty));
        quote!(#documentation pub #name: #ty)
    });
    quote! {
        #documentation
        #[derive(::core::fmt::Debug, ::core::clone::Clone, #(#derives),*)]
        pub struct Row { #(#fields),* }
    }
}

fn field_doc(column: &NamedColumn) -> TokenStream {
    doc::outer(&column.facts, None)
}

fn row_impls(table: &NamedTable, place: Place<'_>) -> TokenStream {
    let library = place.library();
    let fields = table.columns.iter().map(|column| {
        let (rust, name) = (ident(&column.name.rust), &column.name.db);
        quote!(#rust: reader.column(#name)?)
    });
    // Without columns the reader is not used.
    let reader = if table.columns.is_empty() { quote!(_reader) } else { quote!(reader) };
    quote! {
        impl #library::schema::HasRow for super::Table {
            type Row = super::Row;
        }
        impl #library::schema::FromRow for super::Row {
            type Table = super::Table;
            fn select(out: &mut #library::__private::SelectWriter<'_>) {
                out.all();
            }
            fn decode(
                #reader: &mut #library::__private::RowReader<'_>,
            ) -> ::core::result::Result<Self, #library::__private::DecodeError> {
                ::core::result::Result::Ok(Self { #(#fields),* })
            }
        }
    }
}

/// Columns that a write may set.
fn writable(table: &NamedTable) -> impl Iterator<Item = &NamedColumn> {
    table.columns.iter().filter(|column| column.write != Write::ReadOnly)
}

fn required(table: &NamedTable) -> impl Iterator<Item = &NamedColumn> {
    table.columns.iter().filter(|column| column.write == Write::Required)
}

fn insert(table: &NamedTable, place: Place<'_>) -> TokenStream {
    let library = place.library();
    let documentation = doc::outer(&format!("What an insert into `{}.{}` may set.", table.schema, table.name), None);
    let fields = writable(table).map(|column| {
        let documentation = field_doc(column);
        let (name, ty) = (ident(&column.name.rust), place.ty(&column.ty));
        if column.write == Write::Required {
            quote!(#documentation pub #name: #ty)
        } else {
            quote!(#documentation pub #name: #library::schema::Field<#ty>)
        }
    });
    let default = if required(table).next().is_none() { quote!(::core::default::Default) } else { TokenStream::new() };
    quote! {
        #documentation
        #[derive(::core::fmt::Debug, ::core::clone::Clone, #default)]
        pub struct Insert { #(#fields),* }
    }
}

fn insert_impls(table: &NamedTable, place: Place<'_>) -> TokenStream {
    let library = place.library();
    let writes = writable(table).map(|column| {
        let (rust, name) = (ident(&column.name.rust), &column.name.db);
        if column.write == Write::Required {
            quote!(out.set(#name, &self.#rust);)
        } else {
            quote!(out.field(#name, &self.#rust);)
        }
    });
    let out = if writable(table).next().is_none() { quote!(_out) } else { quote!(out) };
    let new = new(table, place);
    quote! {
        impl super::Insert {
            #new
        }
        impl #library::schema::InsertRow for super::Insert {
            type Table = super::Table;
            fn write(&self, #out: &mut #library::__private::ObjectWriter<'_>) {
                #(#writes)*
            }
        }
    }
}

fn new(table: &NamedTable, place: Place<'_>) -> TokenStream {
    if required(table).next().is_none() {
        return quote! {
            /// Sets nothing yet: no column is required.
            #[must_use]
            pub fn new() -> Self {
                ::core::default::Default::default()
            }
        };
    }
    let library = place.library();
    let parameters = required(table).map(|column| {
        let (name, ty) = (parameter(column), place.ty(&column.ty));
        if column.ty == RustType::String { quote!(#name: impl ::core::convert::Into<#ty>) } else { quote!(#name: #ty) }
    });
    let fields = writable(table).map(|column| {
        let name = ident(&column.name.rust);
        match (column.write, &column.ty) {
            (Write::Required, RustType::String) => {
                let parameter = parameter(column);
                quote!(#name: ::core::convert::Into::into(#parameter))
            }
            (Write::Required, _) => {
                let parameter = parameter(column);
                if parameter == name { quote!(#name) } else { quote!(#name: #parameter) }
            }
            _ => quote!(#name: #library::schema::Field::Omit),
        }
    });
    quote! {
        /// Sets the columns that are NOT NULL and have no default.
        #[must_use]
        pub fn new(#(#parameters),*) -> Self {
            Self { #(#fields),* }
        }
    }
}

/// A parameter is a pattern, and these names are patterns already.
fn parameter(column: &NamedColumn) -> proc_macro2::Ident {
    let name = ident(&column.name.rust);
    if name == "None" || name == "Some" || name == "Ok" || name == "Err" {
        return quote::format_ident!("{name}_");
    }
    name
}

fn update(table: &NamedTable, place: Place<'_>) -> TokenStream {
    let library = place.library();
    let documentation = doc::outer(&format!("What an update of `{}.{}` may set.", table.schema, table.name), None);
    let fields = writable(table).map(|column| {
        let documentation = field_doc(column);
        let (name, ty) = (ident(&column.name.rust), place.ty(&column.ty));
        quote!(#documentation pub #name: #library::schema::Field<#ty>)
    });
    quote! {
        #documentation
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::default::Default)]
        pub struct Update { #(#fields),* }
    }
}

fn update_impls(table: &NamedTable, place: Place<'_>) -> TokenStream {
    let library = place.library();
    let writes = writable(table).map(|column| {
        let (rust, name) = (ident(&column.name.rust), &column.name.db);
        quote!(out.field(#name, &self.#rust);)
    });
    let out = if writable(table).next().is_none() { quote!(_out) } else { quote!(out) };
    quote! {
        impl #library::schema::UpdateRow for super::Update {
            type Table = super::Table;
            fn write(&self, #out: &mut #library::__private::ObjectWriter<'_>) {
                #(#writes)*
            }
        }
    }
}
