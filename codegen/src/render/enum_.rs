//! `enums`: one enum per enum of the database.

use proc_macro2::TokenStream;
use quote::quote;

use super::doc;
use super::place::{Place, ident, text_type, texts_type};
use crate::name::NamedEnum;

pub(super) fn item(enum_: &NamedEnum, place: Place<'_>) -> TokenStream {
    let library = place.library();
    let documentation =
        doc::outer(&format!("The enum `{}.{}`.", enum_.schema, enum_.name.db), enum_.comment.as_deref());
    let (text, texts) = (text_type(), texts_type());
    let (rust, name) = (ident(&enum_.name.rust), &enum_.name.db);
    let labels: Vec<&String> = enum_.variants.iter().map(|variant| &variant.db).collect();
    let variants: Vec<_> = enum_.variants.iter().map(|variant| ident(&variant.rust)).collect();
    let documented = labels.iter().zip(&variants).map(|(label, variant)| {
        let documentation = doc::outer(&format!("`{label}`"), None);
        quote!(#documentation #variant)
    });
    quote! {
        #documentation
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq, ::core::cmp::Eq, ::core::hash::Hash)]
        #[non_exhaustive]
        pub enum #rust {
            #(#documented,)*
            /// A label that the database has gained since this code was generated.
            Other(::std::string::String),
        }
        impl #library::schema::PgEnum for #rust {
            const NAME: #text = #name;
            const LABELS: #texts = &[#(#labels),*];
            fn label(&self) -> &::core::primitive::str {
                match self {
                    #(Self::#variants => #labels,)*
                    Self::Other(label) => label,
                }
            }
            fn from_label(label: &::core::primitive::str) -> Self {
                match label {
                    #(#labels => Self::#variants,)*
                    other => Self::Other(::std::string::String::from(other)),
                }
            }
        }
        #library::impl_enum!(#rust);
    }
}
