//! The impls of a value: how it is written, read, and where it may stand.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::{DeriveInput, Generics, Ident, Path, Type, WherePredicate, parse_quote, parse_quote_spanned};

use super::parse::Shape;

/// Writes every impl.
pub(crate) fn expand(input: &DeriveInput, shape: &Shape<'_>) -> TokenStream {
    let value = Value { name: &input.ident, generics: &input.generics };
    match shape {
        Shape::Newtype { member, inner } => value.newtype(&quote!(self.#member), &quote!(#member), inner),
        Shape::Json => value.json(),
        Shape::Labels { labels, of } => value.labels(labels, of.as_ref()),
    }
}

struct Value<'i> {
    name: &'i Ident,
    generics: &'i Generics,
}

impl Value<'_> {
    /// One impl, with type parameters and bounds besides those of the type itself.
    fn implement(
        &self,
        params: &[&Ident],
        bounds: Vec<WherePredicate>,
        of: &TokenStream,
        body: &TokenStream,
    ) -> TokenStream {
        let mut generics = self.generics.clone();
        generics.params.extend(params.iter().map(|param| -> syn::GenericParam { parse_quote!(#param) }));
        generics.make_where_clause().predicates.extend(bounds);
        let (introduced, _, conditions) = generics.split_for_impl();
        let (_, own, _) = self.generics.split_for_impl();
        let name = self.name;
        quote! {
            #[automatically_derived]
            impl #introduced #of for #name #own #conditions { #body }
        }
    }

    fn writes(&self, bounds: Vec<WherePredicate>, write: &TokenStream) -> TokenStream {
        self.implement(
            &[],
            bounds,
            &quote!(::supabase_core::schema::ToValue),
            &quote! {
                fn write(&self, out: &mut ::supabase_core::__private::ValueWriter<'_>) { #write }
            },
        )
    }

    fn reads(&self, bounds: Vec<WherePredicate>, read: &TokenStream) -> TokenStream {
        self.implement(
            &[],
            bounds,
            &quote!(::supabase_core::__private::Decode),
            &quote! {
                fn decode(
                    json: &mut ::supabase_core::__private::JsonReader<'_>,
                ) -> ::core::result::Result<Self, ::supabase_core::__private::DecodeError> { #read }
            },
        )
    }

    /// The four places of a value, for one SQL type or for all that an inner value may meet.
    fn places(&self, extra: Option<&Ident>, sql: &TokenStream, inner: Option<&Type>) -> TokenStream {
        let [column, null, write] = ["Column", "Null", "Write"].map(|name| format_ident!("Value{name}"));
        let places: [(TokenStream, Vec<&Ident>); 4] = [
            (quote!(ValueFor<#sql, #column>), vec![&column]),
            (quote!(ElementFor<#sql, #column>), vec![&column]),
            (quote!(AssignFor<#sql, #null, #column>), vec![&null, &column]),
            (quote!(ArgumentFor<#sql, #write, #column>), vec![&write, &column]),
        ];
        let places = places.iter().map(|(place, params)| {
            let params: Vec<&Ident> = extra.into_iter().chain(params.iter().copied()).collect();
            let of = quote!(::supabase_core::schema::#place);
            let bounds = inner.map(|inner| -> WherePredicate { parse_quote!(#inner: #of) });
            let code = self.implement(&params, bounds.into_iter().collect(), &of, &TokenStream::new());
            // Where the field does not fit, the message is to name this type and not the field's.
            quote!(#[diagnostic::do_not_recommend] #code)
        });
        quote!(#(#places)*)
    }

    fn as_option(&self) -> TokenStream {
        self.implement(
            &[],
            Vec::new(),
            &quote!(::supabase_core::__private::AsOption),
            &quote! {
                type Option = ::core::option::Option<Self>;
            },
        )
    }

    /// What a `#[derive(Row)]` field of this type can hold.
    fn field(&self, decoded: &TokenStream, bounds: Vec<WherePredicate>) -> TokenStream {
        let column = format_ident!("ValueColumn");
        let of = quote!(::supabase_core::schema::FieldFor<#decoded, #column>);
        self.implement(&[&column], bounds, &of, &TokenStream::new())
    }

    fn newtype(&self, field: &TokenStream, member: &TokenStream, inner: &Type) -> TokenStream {
        let at = inner.span();
        let written: WherePredicate = parse_quote_spanned!(at=> #inner: ::supabase_core::schema::ToValue);
        let read: WherePredicate = parse_quote_spanned!(at=> #inner: ::supabase_core::__private::Decode);
        let sql = format_ident!("ValueSql");
        let code = [
            self.writes(vec![written], &quote!(::supabase_core::schema::ToValue::write(&#field, out))),
            self.reads(
                vec![read.clone()],
                &quote! {
                    ::core::result::Result::Ok(Self {
                        #member: <#inner as ::supabase_core::__private::Decode>::decode(json)?,
                    })
                },
            ),
            self.places(Some(&sql), &quote!(#sql), Some(inner)),
            self.field(&quote!(#inner), vec![read]),
            self.as_option(),
        ];
        quote!(#(#code)*)
    }

    fn json(&self) -> TokenStream {
        let document = quote!(::supabase_core::types::Json<Self>);
        let code = [
            self.writes(Vec::new(), &quote!(out.json(self))),
            self.reads(
                Vec::new(),
                &quote! {
                    <#document as ::supabase_core::__private::Decode>::decode(json).map(|document| document.0)
                },
            ),
            self.places(None, &quote!(::supabase_core::schema::sql::Json), None),
            self.places(None, &quote!(::supabase_core::schema::sql::Jsonb), None),
            self.field(&quote!(::supabase_core::types::JsonValue), Vec::new()),
            self.as_option(),
        ];
        quote!(#(#code)*)
    }

    fn labels(&self, labels: &[(&Ident, String)], of: Option<&Path>) -> TokenStream {
        let variants: Vec<&Ident> = labels.iter().map(|(variant, _)| *variant).collect();
        let texts: Vec<&String> = labels.iter().map(|(_, label)| label).collect();
        let name = self.name.to_string();
        let kind = format_ident!("ValueEnum");
        // A text column is read without `of`; which generated enum a column has, only the user knows.
        let decoded = of.map_or_else(|| quote!(::std::string::String), ToTokens::to_token_stream);
        let code = [
            self.writes(Vec::new(), &quote!(out.text(match self { #(Self::#variants => #texts,)* }))),
            self.reads(
                Vec::new(),
                &quote! {
                    let label = json.string()?;
                    match &*label {
                        #(#texts => ::core::result::Result::Ok(Self::#variants),)*
                        other => ::core::result::Result::Err(::supabase_core::__private::DecodeError::custom(
                            ::core::format_args!("`{}` is no label of `{}`: give it a variant", other, #name),
                        )),
                    }
                },
            ),
            self.places(None, &quote!(::supabase_core::schema::sql::Text), None),
            self.places(Some(&kind), &quote!(::supabase_core::schema::sql::Enum<#kind>), None),
            self.field(&decoded, Vec::new()),
            self.as_option(),
        ];
        quote!(#(#code)*)
    }
}
