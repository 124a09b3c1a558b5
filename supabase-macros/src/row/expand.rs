//! The impls of a derived row, and the checks of its fields.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::parse::{Field, Kind, Row, inside};
use crate::anchor;
use crate::errors::Errors;
use crate::words::{plain, upper_camel};

/// Writes the impls, as far as the struct could be understood.
pub(crate) fn expand(row: Option<&Row<'_>>, errors: &Errors) -> TokenStream {
    let Some(row) = row else { return quote!(#errors) };
    let anchors = anchors(row);
    let (name, visibility, table) = (row.name, row.visibility, row.table.marker());
    let fields: Vec<FieldCode> = row.fields.iter().map(|field| code(row, field)).collect();
    let imports = fields.iter().map(|field| &field.import);
    let checks = fields.iter().map(|field| &field.check);
    let select = fields.iter().map(|field| &field.select);
    let decode = fields.iter().map(|field| &field.decode);
    let embeds = fields.iter().map(|field| &field.embeds);
    // A struct with mistakes may lack fields here; it still is a row to all other code.
    let result =
        if errors.is_empty() { quote!(::core::result::Result::Ok(Self { #(#decode)* })) } else { quote!(loop {}) };
    quote! {
        #anchors
        #errors
        #[allow(non_camel_case_types, non_snake_case, non_upper_case_globals, dead_code)]
        const _: () = {
            #(#imports)*
            #(#checks)*
            #[automatically_derived]
            impl ::supabase_core::schema::FromRow for #name {
                type Table = #table;
                fn select(out: &mut ::supabase_core::__private::SelectWriter<'_>) {
                    #(#select)*
                }
                fn decode(
                    reader: &mut ::supabase_core::__private::RowReader<'_>,
                ) -> ::core::result::Result<Self, ::supabase_core::__private::DecodeError> {
                    #result
                }
            }
            #[automatically_derived]
            impl #name {
                /// What `.select(..)` takes to read rows of this type.
                #[must_use]
                #visibility const fn columns() -> ::supabase_core::query::Columns<Self> {
                    ::supabase_core::query::Columns::<Self>::new()
                }
            }
            #(#embeds)*
        };
    }
}

fn anchors(row: &Row<'_>) -> TokenStream {
    let table = &row.table;
    let mut out = quote!(use #table::{self as _};);
    for field in &row.fields {
        out.extend(match &field.kind {
            Kind::Column(column) => quote!(use #table::#column as _;),
            Kind::Count(relation) | Kind::Relation { relation, .. } => quote!(use #table::rel::#relation as _;),
        });
    }
    anchor::wrap(&out)
}

/// What one field adds.
#[derive(Default)]
struct FieldCode {
    import: TokenStream,
    check: TokenStream,
    select: TokenStream,
    decode: TokenStream,
    embeds: TokenStream,
}

fn code(row: &Row<'_>, field: &Field<'_>) -> FieldCode {
    match &field.kind {
        Kind::Column(column) => column_code(row, field, column),
        Kind::Count(relation) => relation_code(row, field, relation, None),
        Kind::Relation { relation, inner } => relation_code(row, field, relation, Some(*inner)),
    }
}

fn column_code(row: &Row<'_>, field: &Field<'_>, column: &Ident) -> FieldCode {
    let table = &row.table;
    let path = quote!(#table::#column);
    let (name, ty) = (field.name, field.ty);
    FieldCode {
        check: column_check(&path, ty),
        select: quote!(out.column(<#path as ::supabase_core::schema::Column>::NAME);),
        decode: quote!(#name: reader.column(<#path as ::supabase_core::schema::Column>::NAME)?,),
        ..FieldCode::default()
    }
}

/// Checks in a sentence about the column that the field can hold it. An `Option` is checked by
/// what is inside, so that a type of the user's own may be there too.
fn column_check(path: &TokenStream, ty: &Type) -> TokenStream {
    let at = ty.span();
    let Some(inner) = inside(ty, &["Option"]) else {
        return quote_spanned! {at=>
            const _: fn() = || {
                fn field<C: ::supabase_core::schema::Column, F: ::supabase_core::schema::FieldFor<C::Ty, C>>() {}
                field::<#path, #ty>()
            };
        };
    };
    let at = inner.span();
    quote_spanned! {at=>
        const _: fn() = || {
            #[diagnostic::on_unimplemented(
                message = "column `{C}` is never NULL, so its field needs no `Option`",
                label = "write this type without `Option`"
            )]
            trait MayBeNull<C> {
                type Value;
            }
            impl<V, C> MayBeNull<C> for ::core::option::Option<V> {
                type Value = V;
            }
            fn field<C: ::supabase_core::schema::Column, F>()
            where
                C::Ty: MayBeNull<C>,
                F: ::supabase_core::schema::FieldFor<<C::Ty as MayBeNull<C>>::Value, C>,
            {
            }
            field::<#path, #inner>()
        };
    }
}

fn relation_code(row: &Row<'_>, field: &Field<'_>, relation: &Ident, embed: Option<bool>) -> FieldCode {
    let (name, ty) = (field.name, field.ty);
    let module = format_ident!("{}_{}", plain(row.name), plain(name), span = relation.span());
    let at = relation.span();
    let table = row.table.located_at(at);
    let import = quote_spanned!(at=> #[allow(unused_imports)] use #table::rel::#relation as #module;);
    let facts = quote!(<#module::Rel as ::supabase_core::schema::Relation>);
    let alias = (name != relation).then(|| plain(name));
    let key = match &alias {
        Some(alias) => alias.to_token_stream(),
        None => quote!(#facts::NAME),
    };
    let written_alias = match &alias {
        Some(alias) => quote!(::core::option::Option::Some(#alias)),
        None => quote!(::core::option::Option::None),
    };
    let Some(inner) = embed else {
        let count = quote!(::supabase_core::__private::EmbeddedCount);
        let at = ty.span();
        return FieldCode {
            import,
            check: TokenStream::new(),
            select: quote!(out.embed_count(#written_alias, #facts::NAME, #facts::TARGET, #facts::BY_KEY);),
            decode: quote_spanned! {at=>
                #name: {
                    #[diagnostic::on_unimplemented(
                        message = "field type `{Self}` cannot hold the number of related rows",
                        label = "write `i64`"
                    )]
                    trait HoldsCount {
                        fn of(count: ::core::primitive::i64) -> Self;
                    }
                    impl HoldsCount for ::core::primitive::i64 {
                        fn of(count: ::core::primitive::i64) -> Self {
                            count
                        }
                    }
                    <#ty as HoldsCount>::of(reader.column::<#count>(#key)?.0)
                },
            },
            embeds: embeds(row, field, &module, &count, alias.as_deref()),
        };
    };
    let nested = inside(ty, &["Vec", "Option"]).unwrap_or(ty);
    let shape = if inner { quote!(InnerShape) } else { quote!(Shape) };
    let shape = quote!(<#facts::Cardinality as ::supabase_core::schema::Cardinality>::#shape<#nested>);
    let nested = nested.to_token_stream();
    FieldCode {
        import,
        check: relation_check(&module, ty, &nested, &shape),
        select: quote! {
            out.embed(
                ::supabase_core::__private::Embed {
                    alias: #written_alias,
                    name: #facts::NAME,
                    target: #facts::TARGET,
                    by_key: #facts::BY_KEY,
                    inner: #inner,
                    spread: false,
                },
                <#nested as ::supabase_core::schema::FromRow>::select,
            );
        },
        decode: quote!(#name: reader.column(#key)?,),
        embeds: embeds(row, field, &module, &nested, alias.as_deref()),
    }
}

/// Checks that the field has the relationship's shape, and that what is in it is a row of the
/// relationship's target.
fn relation_check(module: &Ident, ty: &Type, nested: &TokenStream, shape: &TokenStream) -> TokenStream {
    let at = ty.span();
    quote_spanned! {at=>
        const _: fn() = || {
            #[diagnostic::on_unimplemented(
                message = "field type `{Self}` does not match the relationship `{E}`, which gives `{Expected}`",
                label = "`{E}` gives `{Expected}`",
                note = "a relationship to many rows is a `Vec`, one that may lead nowhere is an `Option`, any other is the row itself"
            )]
            trait HasShape<Expected, E> {}
            impl<T, E> HasShape<T, E> for T {}
            fn field<F: HasShape<Expected, E>, Expected, E>() {}
            fn row_of<R: ::supabase_core::schema::FromRow, E: ::supabase_core::schema::Relation>()
            where
                R::Table: ::supabase_core::schema::RowOf<E::Target, R>,
            {
            }
            row_of::<#nested, #module::Rel>();
            field::<#ty, #shape, #module::Rel>();
        };
    }
}

/// What lets `.within(..)` find the relationship.
fn embeds(row: &Row<'_>, field: &Field<'_>, module: &Ident, nested: &TokenStream, alias: Option<&str>) -> TokenStream {
    let name = row.name;
    let Some(alias) = alias else {
        return quote! {
            #[automatically_derived]
            impl ::supabase_core::schema::Embeds<#module::Rel> for #name {
                type Row = #nested;
                const KEY: &'static ::core::primitive::str = <#module::Rel as ::supabase_core::schema::Relation>::NAME;
            }
        };
    };
    let marker = format_ident!("{}{}Embed", plain(name), upper_camel(field.name));
    let (constant, visibility) = (field.name, row.visibility);
    let doc = format!("The relationship that `{}` embeds as `{alias}`, for `.within(..)`.", plain(name));
    quote! {
        pub struct #marker;
        #[automatically_derived]
        impl ::supabase_core::schema::EmbedKey for #marker { type Relation = #module::Rel; }
        #[automatically_derived]
        impl ::supabase_core::schema::Embeds<#marker> for #name {
            type Row = #nested;
            const KEY: &'static ::core::primitive::str = #alias;
        }
        impl #name {
            #[doc = #doc]
            #visibility const #constant: #marker = #marker;
        }
    }
}
