//! `types`: one struct per composite type of the database.

use proc_macro2::TokenStream;
use quote::quote;

use super::doc;
use super::place::{Place, ident, text_type};
use crate::name::NamedComposite;

pub(super) fn item(composite: &NamedComposite, place: Place<'_>) -> TokenStream {
    let library = place.library();
    let documentation = doc::outer(
        &format!("The composite type `{}.{}`.", composite.schema, composite.name.db),
        composite.comment.as_deref(),
    );
    let text = text_type();
    let (rust, name) = (ident(&composite.name.rust), &composite.name.db);
    let fields = composite.fields.iter().map(|field| {
        let documentation = doc::outer(&field.facts, field.comment.as_deref());
        let (name, ty) = (ident(&field.name.rust), place.ty(&field.ty));
        quote!(#documentation pub #name: #ty)
    });
    let reads = composite.fields.iter().map(|field| {
        let (rust, name) = (ident(&field.name.rust), &field.name.db);
        quote!(#rust: reader.column(#name)?)
    });
    let writes = composite.fields.iter().map(|field| {
        let (rust, name) = (ident(&field.name.rust), &field.name.db);
        quote!(out.set(#name, &self.#rust);)
    });
    let (reader, out) =
        if composite.fields.is_empty() { (quote!(_reader), quote!(_out)) } else { (quote!(reader), quote!(out)) };
    quote! {
        #documentation
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
        pub struct #rust { #(#fields),* }
        impl #library::schema::PgComposite for #rust {
            const NAME: #text = #name;
            fn decode(
                #reader: &mut #library::__private::RowReader<'_>,
            ) -> ::core::result::Result<Self, #library::__private::DecodeError> {
                ::core::result::Result::Ok(Self { #(#reads),* })
            }
            fn write(&self, #out: &mut #library::__private::ObjectWriter<'_>) {
                #(#writes)*
            }
        }
        #library::impl_composite!(#rust);
    }
}
