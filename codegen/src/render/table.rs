//! The module of one table: `Table`, its columns, its rows, its relationships, its unique constraints.

use proc_macro2::TokenStream;
use quote::quote;

use super::place::{Place, ident, text_type, texts_type};
use super::{doc, relation, row};
use crate::model::column::Write;
use crate::name::{NamedColumn, NamedTable, NamedUnique};

/// Documentation of the module.
pub(super) fn summary(table: &NamedTable) -> String {
    format!("The {} `{}.{}`.", table.noun, table.schema, table.name)
}

/// Everything in the module of a table.
pub(super) fn items(table: &NamedTable, place: Place<'_>) -> TokenStream {
    let core = core(table, place);
    let relations = relation::module(table, place);
    let uniques = uniques(table, place);
    quote!(#core #relations #uniques)
}

/// What the rows of a function have in common with those of a table.
pub(super) fn core(table: &NamedTable, place: Place<'_>) -> TokenStream {
    let marker = marker(table, place);
    let columns = table.columns.iter().map(|column| self::column(column, place, ""));
    let computed = table.computed.iter().map(|column| self::column(column, place, "Computed by a function: "));
    let rows = if table.rows { row::items(table, place) } else { TokenStream::new() };
    quote!(#marker #(#columns)* #(#computed)* #rows)
}

fn marker(table: &NamedTable, place: Place<'_>) -> TokenStream {
    let library = place.library();
    let documentation = doc::outer(&summary(table), table.comment.as_deref());
    let (text, texts) = (text_type(), texts_type());
    let (name, schema) = (&table.name, &table.schema);
    let infos = table.columns.iter().map(|column| {
        let (name, sql, nullable) = (&column.name.db, &column.sql, column.nullable);
        quote!(#library::schema::ColumnInfo::new(#name, #sql, #nullable))
    });
    let required = table.columns.iter().filter(|column| column.write == Write::Required).map(|column| &column.name.db);
    let key = &table.primary_key;
    let others: Vec<_> = table.uniques.iter().filter(|unique| !unique.primary).map(|unique| &unique.columns).collect();
    // None is what the contract takes for granted.
    let unique = (!others.is_empty()).then(|| quote!(const UNIQUE: &'static [#texts] = &[#(&[#(#others),*]),*];));
    let may = [
        (table.insertable, quote!(Insertable)),
        (table.updatable, quote!(Updatable)),
        (table.deletable, quote!(Deletable)),
    ];
    let may = may.iter().filter(|(may, _)| *may).map(|(_, name)| quote!(impl #library::schema::#name for Table {}));
    quote! {
        #documentation
        pub struct Table;
        impl #library::schema::Table for Table {
            const NAME: #text = #name;
            const SCHEMA: #text = #schema;
            const COLUMNS: &'static [#library::schema::ColumnInfo] = &[#(#infos),*];
            const REQUIRED: #texts = &[#(#required),*];
            const PRIMARY_KEY: #texts = &[#(#key),*];
            #unique
        }
        #(#may)*
    }
}

fn column(column: &NamedColumn, place: Place<'_>, prefix: &str) -> TokenStream {
    let library = place.library();
    let documentation = doc::outer(&format!("{prefix}{}", column.facts), column.comment.as_deref());
    let text = text_type();
    let (rust, name) = (ident(&column.name.rust), &column.name.db);
    let sql = place.marker(&column.marker);
    let ty = place.ty(&column.ty);
    let null = if column.nullable { quote!(Nullable) } else { quote!(NotNull) };
    let write = match column.write {
        Write::Required => quote!(Required),
        Write::Optional => quote!(Optional),
        Write::ReadOnly => quote!(ReadOnly),
    };
    quote! {
        #documentation
        pub struct #rust;
        impl #library::schema::Column for #rust {
            type Table = Table;
            type Sql = #sql;
            type Ty = #ty;
            type Null = #library::schema::#null;
            type Write = #library::schema::#write;
            const NAME: #text = #name;
        }
    }
}

fn uniques(table: &NamedTable, place: Place<'_>) -> TokenStream {
    let documentation =
        doc::outer(&format!("Unique constraints of `{}.{}`, for `on_conflict`.", table.schema, table.name), None);
    let constraints = table.uniques.iter().map(|unique| self::unique(unique, place));
    quote! {
        #documentation
        pub mod unique {
            #(#constraints)*
        }
    }
}

fn unique(unique: &NamedUnique, place: Place<'_>) -> TokenStream {
    let library = place.library();
    let kind = if unique.primary { "Primary key" } else { "Unique" };
    let documentation = doc::outer(&format!("{kind} `{}` ({}).", unique.constraint, unique.columns.join(", ")), None);
    let texts = texts_type();
    let (rust, columns) = (ident(&unique.ident), &unique.columns);
    quote! {
        #documentation
        pub struct #rust;
        impl #library::schema::Unique for #rust {
            type Table = super::Table;
            const COLUMNS: #texts = &[#(#columns),*];
        }
    }
}
