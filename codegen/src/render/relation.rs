//! `rel`: one module per relationship, which shows the columns of its target, and a constant of the same name.

use proc_macro2::TokenStream;
use quote::quote;

use super::doc;
use super::place::{Place, ident, text_type};
use crate::model::relation::Cardinality;
use crate::name::{NamedRelation, NamedTable};

pub(super) fn module(table: &NamedTable, place: Place<'_>) -> TokenStream {
    let documentation = doc::outer(&format!("Relationships of `{}.{}`.", table.schema, table.name), None);
    let relations = table.relations.iter().map(|relation| self::relation(relation, place.inside(2)));
    quote! {
        #documentation
        pub mod rel {
            #(#relations)*
        }
    }
}

fn relation(relation: &NamedRelation, place: Place<'_>) -> TokenStream {
    let library = place.library();
    let documentation = doc::outer(&relation.facts, relation.comment.as_deref());
    let text = text_type();
    let (rust, name, wire) = (ident(&relation.name.rust), &relation.name.db, &relation.wire);
    let target = place.table(&relation.target);
    let cardinality = match relation.cardinality {
        Cardinality::Many => quote!(Many),
        Cardinality::One => quote!(One),
        Cardinality::ZeroOrOne => quote!(ZeroOrOne),
    };
    let by_key = relation.by_key.as_ref().map(|by_key| quote!(const BY_KEY: #text = #by_key;));
    quote! {
        #documentation
        pub mod #rust {
            pub use #target::*;
            /// The relationship itself.
            pub struct Rel;
            impl #library::schema::Relation for Rel {
                type Source = super::super::Table;
                type Target = #target::Table;
                type Cardinality = #library::schema::#cardinality;
                const NAME: #text = #name;
                const TARGET: #text = #wire;
                #by_key
            }
        }
        #documentation
        pub const #rust: #rust::Rel = #rust::Rel;
    }
}
