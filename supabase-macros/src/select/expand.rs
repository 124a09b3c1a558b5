//! The code of a selection.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, Path, Visibility};

use super::cast::Cast;
use super::model::{Base, Field, FieldKind, Import, Model, Nested, Part, Row, last_key};
use super::parse::{Column, Function};
use crate::errors::Errors;
use crate::table::relocate;
use crate::words::plain;

/// Writes the items of a named row, or the block of an unnamed one.
pub(crate) fn expand(model: &Model<'_>, anchors: &TokenStream, errors: &Errors) -> TokenStream {
    let inherited = Visibility::Inherited;
    let attributes = model.head.map_or(&[][..], |head| &head.attributes);
    let mut code = Code {
        items: model.imports.iter().map(import).collect(),
        visibility: model.head.map_or(&inherited, |head| &head.visibility),
        derives: shared_attributes(attributes),
        named: model.head.is_some(),
        spread: model.spread.as_ref(),
    };
    if let Some(spread) = code.spread {
        let visibility = code.visibility;
        code.items.extend(spread_trait(spread, visibility));
    }
    let doc = doc_of(attributes, &format!("A row of `{}`, made by `select!`.", model.table.text()));
    code.row(&model.root, &model.table.marker(), &doc);
    let items = &code.items;
    let conditions = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let conditions = quote!(#(#conditions)*);
    let code = quote! {
        #anchors
        #errors
        #(#conditions #items)*
    };
    if model.head.is_some() {
        return code;
    }
    let row = &model.root.name;
    model.table.scope(&quote! {
        #code
        ::supabase_core::query::Columns::<#row>::new()
    })
}

/// The attributes that nested rows share: all but the documentation. Without any `derive`, rows
/// are `Debug` and `Clone`.
fn shared_attributes(attributes: &[Attribute]) -> TokenStream {
    let shared =
        attributes.iter().filter(|attribute| !attribute.path().is_ident("doc") && !attribute.path().is_ident("cfg"));
    let derived = attributes.iter().any(|attribute| attribute.path().is_ident("derive"));
    let default = (!derived).then(|| quote!(#[derive(::core::fmt::Debug, ::core::clone::Clone)]));
    quote!(#default #(#shared)*)
}

/// The documentation that was written, or one of ours.
fn doc_of(attributes: &[Attribute], default: &str) -> TokenStream {
    let mut docs = attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).peekable();
    if docs.peek().is_some() { quote!(#(#docs)*) } else { quote!(#[doc = #default]) }
}

/// Every token is at the relationship's word: otherwise an unknown one underlines the whole call.
fn import(import: &Import<'_>) -> TokenStream {
    let Import { base, relation, module } = import;
    let at = relation.span();
    let base = base.located_at(at);
    quote_spanned!(at=> #[allow(unused_imports, non_snake_case)] use #base::rel::#relation as #module;)
}

impl Base<'_> {
    fn located_at(&self, at: Span) -> TokenStream {
        match self {
            Self::Table(table) => table.located_at(at),
            Self::Relation(module) => relocate(module.to_token_stream(), at),
        }
    }

    /// The column's type. Under a table the path keeps its own places, so that an unknown table is
    /// one mistake at the table and not one per column.
    fn column(&self, column: &Ident) -> TokenStream {
        match self {
            Self::Table(table) => quote!(#table::#column),
            Self::Relation(module) => {
                let module = relocate(module.to_token_stream(), column.span());
                quote_spanned!(column.span()=> #module::#column)
            }
        }
    }
}

struct Code<'m> {
    items: Vec<TokenStream>,
    visibility: &'m Visibility,
    /// The attributes of every struct.
    derives: TokenStream,
    /// Whether the user can name the rows.
    named: bool,
    /// The trait that says what a spread does to a type.
    spread: Option<&'m Ident>,
}

/// The lines of one row.
#[derive(Default)]
struct Lines {
    fields: Vec<TokenStream>,
    decode: Vec<TokenStream>,
    embeds: Vec<TokenStream>,
}

impl Code<'_> {
    fn row(&mut self, row: &Row<'_>, table: &TokenStream, doc: &TokenStream) {
        let mut lines = Lines::default();
        let select = self.parts(&row.name, &row.parts, &[], &mut lines);
        let Lines { fields, decode, embeds } = lines;
        let (name, visibility, derives) = (&row.name, self.visibility, &self.derives);
        // A selection with mistakes may have no field left; its arguments are then unused.
        self.items.push(quote! {
            #doc
            #derives
            #[allow(dead_code)]
            #visibility struct #name { #(#fields)* }
        });
        self.items.push(quote! {
            #[automatically_derived]
            impl ::supabase_core::schema::FromRow for #name {
                type Table = #table;
                fn select(out: &mut ::supabase_core::__private::SelectWriter<'_>) {
                    #(#select)*
                }
                fn decode(
                    reader: &mut ::supabase_core::__private::RowReader<'_>,
                ) -> ::core::result::Result<Self, ::supabase_core::__private::DecodeError> {
                    ::core::result::Result::Ok(Self { #(#decode)* })
                }
            }
        });
        self.items.push(quote! {
            #[automatically_derived]
            #[allow(dead_code)]
            impl #name {
                /// What `.select(..)` takes to read rows of this type.
                #[must_use]
                #visibility const fn columns() -> ::supabase_core::query::Columns<Self> {
                    ::supabase_core::query::Columns::<Self>::new()
                }
            }
        });
        self.items.extend(embeds);
    }

    /// Returns the lines of the select list; everything else goes to `lines`.
    fn parts(&mut self, row: &Ident, parts: &[Part<'_>], spreads: &[Ident], lines: &mut Lines) -> Vec<TokenStream> {
        parts
            .iter()
            .map(|part| match part {
                Part::Field(field) => self.field(row, field, spreads, lines),
                Part::Spread { module, inner, parts } => {
                    let spreads: Vec<Ident> = spreads.iter().chain([module]).cloned().collect();
                    let inside = self.parts(row, parts, &spreads, lines);
                    embed(None, module, *inner, true, &quote!(|out| { #(#inside)* }))
                }
            })
            .collect()
    }

    fn field(&mut self, row: &Ident, field: &Field<'_>, spreads: &[Ident], lines: &mut Lines) -> TokenStream {
        let name = &field.name;
        let alias = field.alias.map(plain);
        let mut key = alias.as_ref().map(ToTokens::to_token_stream);
        let mut read = None;
        let (ty, select) = match &field.kind {
            FieldKind::Column(column) => {
                let path = field.base.column(&column.name);
                self.items.push(checks(column, &path));
                key = key.or_else(|| column_key(column)).or_else(|| Some(name_of(&path)));
                (self.column_type(column, &path, spreads), column_item(column, &path, alias.as_deref()))
            }
            FieldKind::Count => {
                key = key.or_else(|| Some(quote!("count")));
                let alias = optional(alias.as_deref());
                (quote!(::core::primitive::i64), quote!(out.count(#alias);))
            }
            FieldKind::RelationCount { module, marker } => {
                let relation = relation(module);
                let count = quote!(::supabase_core::__private::EmbeddedCount);
                self.embeds(row, module, &count, alias.as_deref().zip(field.alias).zip(marker.as_ref()), lines);
                let read_key = key.clone().unwrap_or_else(|| quote!(#relation::NAME));
                read = Some(quote!(reader.column::<#count>(#read_key)?.0));
                let alias = optional(alias.as_deref());
                let select = quote! {
                    out.embed_count(#alias, #relation::NAME, #relation::TARGET, #relation::BY_KEY);
                };
                (quote!(::core::primitive::i64), select)
            }
            FieldKind::Embed { module, inner, row: nested, marker } => {
                let relation = relation(module);
                let nested = self.nested(nested, module);
                self.embeds(row, module, &nested, alias.as_deref().zip(field.alias).zip(marker.as_ref()), lines);
                key = key.or_else(|| Some(quote!(#relation::NAME)));
                let shape = if *inner { quote!(InnerShape) } else { quote!(Shape) };
                let ty = quote! {
                    <#relation::Cardinality as ::supabase_core::schema::Cardinality>::#shape<#nested>
                };
                let inside = quote!(<#nested as ::supabase_core::schema::FromRow>::select);
                (ty, embed(alias.as_deref(), module, *inner, false, &inside))
            }
        };
        let attributes = field.attributes.iter().filter(|attribute| !attribute.path().is_ident("doc"));
        let doc = doc_of(field.attributes, &describe(field));
        let visibility = self.visibility;
        lines.fields.push(quote!(#doc #(#attributes)* #visibility #name: #ty,));
        let read = read.unwrap_or_else(|| quote!(reader.column(#key)?));
        lines.decode.push(quote!(#name: #read,));
        select
    }

    /// The type of a column's field inside `spreads`.
    fn column_type(&self, column: &Column, path: &TokenStream, spreads: &[Ident]) -> TokenStream {
        let as_column = quote!(<#path as ::supabase_core::schema::Column>);
        let option = |ty: &TokenStream| quote!(::core::option::Option<#ty>);
        let nullable = quote!(::supabase_core::schema::Nullable);
        let not_null = quote!(::supabase_core::schema::NotNull);
        let (ty, null) = if let Some(aggregate) = &column.aggregate {
            match (&aggregate.cast, aggregate.function) {
                (None, Function::Count) => (quote!(::core::primitive::i64), not_null),
                (Some(cast), Function::Count) => (cast.ty.clone(), not_null),
                (Some(cast), _) => (option(&cast.ty), nullable),
                (None, function) => (aggregate_type(column, function, &as_column, path), nullable),
            }
        } else if let Some(cast) = &column.cast {
            let ty = &cast.ty;
            if column.path.is_empty() {
                let ty = quote!(<#as_column::Null as ::supabase_core::__private::Nullability>::Apply<#ty>);
                (ty, quote!(#as_column::Null))
            } else {
                (option(ty), nullable)
            }
        } else {
            match column.path.last() {
                Some(step) if step.text => (option(&quote!(::std::string::String)), nullable),
                Some(_) => (option(&quote!(::supabase_core::types::JsonValue)), nullable),
                None => (quote!(#as_column::Ty), quote!(#as_column::Null)),
            }
        };
        // From the inside out, each spread decides whether the value may be missing.
        let Some(spread) = self.spread else { return ty };
        let (ty, _) = spreads.iter().rev().fold((ty, null), |(ty, null), module| {
            let relation = relation(module);
            let spread = quote!(<#relation::Cardinality as #spread<#null>>);
            (quote!(#spread::Field<#ty>), quote!(#spread::Null))
        });
        ty
    }

    /// The type of the nested rows; a struct of their own is written first.
    fn nested(&mut self, nested: &Nested<'_>, module: &Ident) -> TokenStream {
        let relation = relation(module);
        match nested {
            Nested::Own(row) => {
                let doc = format!("The `{}` of one row.", plain(module).split_once('_').map_or("", |(_, name)| name));
                self.row(row, &quote!(#relation::Target), &quote!(#[doc = #doc]));
                row.name.to_token_stream()
            }
            Nested::Other(path) => {
                self.items.push(same_table(path, &relation));
                path.to_token_stream()
            }
        }
    }

    /// What lets `.within(..)` find the relationship.
    fn embeds(
        &self,
        row: &Ident,
        module: &Ident,
        nested: &TokenStream,
        aliased: Option<((&str, &Ident), &Ident)>,
        lines: &mut Lines,
    ) {
        let relation = relation(module);
        let Some(((key, alias), marker)) = aliased else {
            lines.embeds.push(quote! {
                #[automatically_derived]
                impl ::supabase_core::schema::Embeds<#module::Rel> for #row {
                    type Row = #nested;
                    const KEY: &'static ::core::primitive::str = #relation::NAME;
                }
            });
            return;
        };
        let visibility = self.visibility;
        let doc = format!("The relationship that `{row}` embeds as `{key}`, for `.within(..)`.");
        lines.embeds.push(quote! {
            #[doc = #doc]
            #[allow(dead_code)]
            #visibility struct #marker;
        });
        lines.embeds.push(quote! {
            #[automatically_derived]
            impl ::supabase_core::schema::EmbedKey for #marker { type Relation = #module::Rel; }
        });
        lines.embeds.push(quote! {
            #[automatically_derived]
            impl ::supabase_core::schema::Embeds<#marker> for #row {
                type Row = #nested;
                const KEY: &'static ::core::primitive::str = #key;
            }
        });
        if self.named {
            lines.embeds.push(quote! {
                #[allow(dead_code, non_upper_case_globals)]
                impl #row {
                    #[doc = #doc]
                    #visibility const #alias: #marker = #marker;
                }
            });
        }
    }
}

/// `<Card_moons::Rel as Relation>`, to be followed by `::` and a name.
fn relation(module: &Ident) -> TokenStream {
    quote!(<#module::Rel as ::supabase_core::schema::Relation>)
}

/// Refuses a row of another table under a relationship.
fn same_table(row: &Path, relation: &TokenStream) -> TokenStream {
    let at = row.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    quote_spanned! {at=>
        const _: fn() = || {
            fn row_of<R: ::supabase_core::schema::FromRow, T>()
            where
                R::Table: ::supabase_core::schema::RowOf<T, R>,
            {
            }
            row_of::<#row, #relation::Target>()
        };
    }
}

/// One embedded relationship in the select list.
fn embed(alias: Option<&str>, module: &Ident, inner: bool, spread: bool, inside: &TokenStream) -> TokenStream {
    let relation = relation(module);
    let alias = optional(alias);
    quote! {
        out.embed(
            ::supabase_core::__private::Embed {
                alias: #alias,
                name: #relation::NAME,
                target: #relation::TARGET,
                by_key: #relation::BY_KEY,
                inner: #inner,
                spread: #spread,
            },
            #inside,
        );
    }
}

fn optional(text: Option<impl ToTokens>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}

fn name_of(column: &TokenStream) -> TokenStream {
    quote!(<#column as ::supabase_core::schema::Column>::NAME)
}

/// The key that a column without alias has in the answer; `None` when it is the column's own name.
fn column_key(column: &Column) -> Option<TokenStream> {
    match &column.aggregate {
        Some(aggregate) => Some(plain(&aggregate.word).to_token_stream()),
        None => last_key(column).map(ToTokens::to_token_stream),
    }
}

fn column_item(column: &Column, path: &TokenStream, alias: Option<&str>) -> TokenStream {
    let name = name_of(path);
    if column.path.is_empty() && column.cast.is_none() && column.aggregate.is_none() {
        return match alias {
            Some(alias) => quote!(out.column_as(#alias, #name);),
            None => quote!(out.column(#name);),
        };
    }
    let sql = |cast: Option<&Cast>| optional(cast.map(|cast| cast.sql));
    let steps = column.path.iter().map(crate::json_path::Step::to_select);
    let (alias, cast) = (optional(alias), sql(column.cast.as_ref()));
    let aggregate = optional(column.aggregate.as_ref().map(|aggregate| plain(&aggregate.word)));
    let aggregate_cast = sql(column.aggregate.as_ref().and_then(|aggregate| aggregate.cast.as_ref()));
    quote! {
        out.item(::supabase_core::__private::SelectItem {
            alias: #alias,
            column: #name,
            json: &[#(#steps),*],
            cast: #cast,
            aggregate: #aggregate,
            aggregate_cast: #aggregate_cast,
        });
    }
}

/// What the cardinality of a spread relationship makes of a column's type: nothing when there is
/// always a row, an `Option` (but never two) when there may be none, a list when there are many.
fn spread_trait(name: &Ident, visibility: &Visibility) -> [TokenStream; 6] {
    let schema = quote!(::supabase_core::schema);
    let option = quote!(::core::option::Option<T>);
    [
        quote! {
            #[doc(hidden)]
            #visibility trait #name<N> {
                type Field<T>;
                type Null;
            }
        },
        quote!(impl #name<#schema::NotNull> for #schema::One { type Field<T> = T; type Null = #schema::NotNull; }),
        quote!(impl #name<#schema::Nullable> for #schema::One { type Field<T> = T; type Null = #schema::Nullable; }),
        quote!(impl #name<#schema::NotNull> for #schema::ZeroOrOne { type Field<T> = #option; type Null = #schema::Nullable; }),
        quote!(impl #name<#schema::Nullable> for #schema::ZeroOrOne { type Field<T> = T; type Null = #schema::Nullable; }),
        quote!(impl<N> #name<N> for #schema::Many { type Field<T> = ::std::vec::Vec<T>; type Null = #schema::NotNull; }),
    ]
}

/// Where messages about the aggregate point.
fn aggregate_span(column: &Column) -> Span {
    column.aggregate.as_ref().map_or_else(|| column.name.span(), |aggregate| aggregate.word.span())
}

/// The SQL type that an aggregate is over, with every token at the aggregate's word.
fn aggregated(column: &Column, path: &TokenStream) -> TokenStream {
    let at = aggregate_span(column);
    match (&column.cast, column.path.last()) {
        (Some(cast), _) => {
            let marker = cast.marker.clone().into_iter().map(|mut token| {
                token.set_span(at);
                token
            });
            marker.collect()
        }
        (None, Some(step)) if step.text => quote_spanned!(at=> ::supabase_core::schema::sql::Text),
        (None, Some(_)) => quote_spanned!(at=> ::supabase_core::schema::sql::Jsonb),
        (None, None) => {
            let path = relocate(path.clone(), at);
            quote_spanned!(at=> <#path as ::supabase_core::schema::Column>::Sql)
        }
    }
}

/// Refuses a json path into a column that is not json, and an aggregate that its type does not have.
fn checks(column: &Column, path: &TokenStream) -> TokenStream {
    let json = (!column.path.is_empty()).then(|| {
        let at = column.name.span();
        let path = relocate(path.clone(), at);
        quote_spanned! {at=>
            const _: fn() = || {
                fn json_path<C: ::supabase_core::schema::Column>()
                where
                    C::Sql: ::supabase_core::query::HasMembers<C>,
                {
                }
                json_path::<#path>()
            };
        }
    });
    let aggregate = column.aggregate.as_ref().and_then(|aggregate| {
        let at = aggregate_span(column);
        let capability = match aggregate.function {
            Function::Avg | Function::Sum => quote_spanned!(at=> ::supabase_core::query::Aggregate),
            Function::Min | Function::Max => quote_spanned!(at=> ::supabase_core::schema::Ordered),
            Function::Count => return None,
        };
        let (sql, path) = (aggregated(column, path), relocate(path.clone(), at));
        Some(quote_spanned! {at=>
            const _: fn() = || {
                fn aggregate<Sql: #capability<C>, C>() {}
                aggregate::<#sql, #path>()
            };
        })
    });
    quote!(#json #aggregate)
}

fn aggregate_type(column: &Column, function: Function, as_column: &TokenStream, path: &TokenStream) -> TokenStream {
    let text = column.path.last().is_some_and(|step| step.text);
    let sql = aggregated(column, path);
    let at = aggregate_span(column);
    match function {
        Function::Avg => quote_spanned!(at=> <#sql as ::supabase_core::query::Aggregated>::Avg),
        Function::Sum => quote_spanned!(at=> <#sql as ::supabase_core::query::Aggregated>::Sum),
        _ => {
            let ty = match &column.cast {
                Some(cast) => cast.ty.clone(),
                None if text => quote!(::std::string::String),
                None => return quote!(<#as_column::Ty as ::supabase_core::__private::AsOption>::Option),
            };
            quote!(::core::option::Option<#ty>)
        }
    }
}

/// The documentation of a field that has none.
fn describe(field: &Field<'_>) -> String {
    match &field.kind {
        FieldKind::Column(column) => match &column.aggregate {
            Some(aggregate) => format!("`{}` of `{}`.", plain(&aggregate.word), plain(&column.name)),
            None => format!("`{}`.", plain(&column.name)),
        },
        FieldKind::Count => "How many rows there are.".to_owned(),
        FieldKind::RelationCount { .. } => "How many related rows there are.".to_owned(),
        FieldKind::Embed { .. } => format!("The `{}` of the row.", plain(&field.name)),
    }
}
