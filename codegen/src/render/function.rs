//! `functions`: one struct per function, with its arguments as fields; `functions::args` has a marker per
//! argument for the compiler's messages, `functions::results` the rows that are no table's.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::place::{Place, ident, text_type};
use super::{doc, table};
use crate::name::ty::Marker;
use crate::name::{NamedFunction, NamedReturns};

/// Everything in the module.
pub(super) fn items(functions: &[NamedFunction], place: Place<'_>) -> TokenStream {
    let structs = functions.iter().map(|function| item(function, place));
    let arguments = functions
        .iter()
        .filter(|function| !function.arguments.is_empty())
        .map(|function| argument_markers(function, place));
    let results = functions.iter().map(|function| match &function.returns {
        NamedReturns::Columns { table, .. } => {
            let documentation =
                doc::outer(&format!("Rows that `{}.{}` returns.", function.schema, function.name.db), None);
            let name = ident(&function.name.rust);
            let items = table::core(table, place.inside(2));
            quote!(#documentation pub mod #name { #items })
        }
        _ => TokenStream::new(),
    });
    quote! {
        #(#structs)*
        /// Markers of arguments, which name them in messages of the compiler.
        pub mod args { #(#arguments)* }
        /// Rows of functions that return no table's rows.
        pub mod results { #(#results)* }
    }
}

fn item(function: &NamedFunction, place: Place<'_>) -> TokenStream {
    let library = place.library();
    let documentation = doc::outer(&format!("{}.", function.signature), function.comment.as_deref());
    let text = text_type();
    let (rust, name, schema, read_only) =
        (ident(&function.name.rust), &function.name.db, &function.schema, function.read_only);
    let parameters: Vec<_> = function.arguments.iter().map(|argument| ident(&argument.name.rust)).collect();
    let generics = if parameters.is_empty() { TokenStream::new() } else { quote!(<#(#parameters),*>) };
    let fields = function.arguments.iter().zip(&parameters).map(|(argument, parameter)| {
        let documentation = doc::outer(&format!("{}.", argument.facts), None);
        quote!(#documentation pub #parameter: #parameter)
    });
    let bounds = function.arguments.iter().zip(&parameters).map(|(argument, parameter)| {
        let sql = place.marker(&argument.marker);
        let write = if argument.has_default { quote!(Optional) } else { quote!(Required) };
        quote!(#parameter: #library::schema::ArgumentFor<#sql, #library::schema::#write, self::args::#rust::#parameter>)
    });
    let writes = function.arguments.iter().zip(&parameters).map(|(argument, parameter)| {
        let name = &argument.name.db;
        if function.body {
            let body = match &argument.marker {
                Marker::Leaf("Text") => quote!(text_body),
                Marker::Leaf("Bytea") => quote!(bytes_body),
                _ => quote!(body),
            };
            quote!(out.#body(&self.#parameter);)
        } else if argument.variadic {
            quote!(out.variadic(#name, &self.#parameter);)
        } else {
            quote!(out.argument(#name, &self.#parameter);)
        }
    });
    let out = if parameters.is_empty() { quote!(_out) } else { quote!(out) };
    let returns = returns(function, place);
    let bounds = if parameters.is_empty() { TokenStream::new() } else { quote!(where #(#bounds,)*) };
    let named = named_arguments(&rust, &parameters, place);
    quote! {
        #documentation
        pub struct #rust #generics { #(#fields),* }
        #named
        // `self::`, since an argument may be called like a function.
        impl #generics #library::schema::Function for self::#rust #generics #bounds {
            type Returns = #returns;
            const NAME: #text = #name;
            const SCHEMA: #text = #schema;
            const READ_ONLY: ::core::primitive::bool = #read_only;
            fn write(&self, #out: &mut #library::__private::ArgumentWriter<'_>) {
                #(#writes)*
            }
        }
    }
}

/// What `call!` uses: a call without arguments, and one method per argument that sets it, so that arguments with
/// defaults may be left out and ones that are added later break nothing.
fn named_arguments(rust: &Ident, parameters: &[Ident], place: Place<'_>) -> TokenStream {
    let library = place.library();
    let generics = if parameters.is_empty() { TokenStream::new() } else { quote!(<#(#parameters),*>) };
    let omitted = parameters.iter().map(|_| quote!(#library::schema::Omit));
    let omitted_type = if parameters.is_empty() { TokenStream::new() } else { quote!(<#(#omitted),*>) };
    let setters = parameters.iter().enumerate().map(|(index, parameter)| {
        let types = parameters
            .iter()
            .enumerate()
            .map(|(other, name)| if other == index { quote!(__Value) } else { quote!(#name) });
        let fields = parameters
            .iter()
            .enumerate()
            .map(|(other, name)| if other == index { quote!(#name: value) } else { quote!(#name: self.#name) });
        quote! {
            #[doc(hidden)]
            pub fn #parameter<__Value>(self, value: __Value) -> self::#rust<#(#types),*> {
                self::#rust { #(#fields),* }
            }
        }
    });
    let setters = if parameters.is_empty() {
        TokenStream::new()
    } else {
        quote!(impl #generics self::#rust #generics { #(#setters)* })
    };
    quote! {
        impl self::#rust #omitted_type {
            #[doc(hidden)]
            pub const fn __omitted() -> Self {
                Self { #(#parameters: #library::schema::Omit),* }
            }
        }
        #setters
    }
}

fn returns(function: &NamedFunction, place: Place<'_>) -> TokenStream {
    let library = place.library();
    let rows = |set: bool| if set { quote!(Rows) } else { quote!(OneRow) };
    match &function.returns {
        NamedReturns::Void => quote!(#library::schema::returns::Void),
        NamedReturns::Scalar(ty) => {
            let ty = place.ty(ty);
            quote!(#library::schema::returns::Scalar<#ty>)
        }
        NamedReturns::SetOf(ty) => {
            let ty = place.ty(ty);
            quote!(#library::schema::returns::SetOf<#ty>)
        }
        NamedReturns::Table { module, set } => {
            let (rows, table) = (rows(*set), place.table(module));
            quote!(#library::schema::returns::#rows<#table::Table>)
        }
        NamedReturns::Columns { set, .. } => {
            let (rows, name) = (rows(*set), ident(&function.name.rust));
            quote!(#library::schema::returns::#rows<self::results::#name::Table>)
        }
    }
}

fn argument_markers(function: &NamedFunction, place: Place<'_>) -> TokenStream {
    let library = place.library();
    let documentation = doc::outer(&format!("Arguments of `{}.{}`.", function.schema, function.name.db), None);
    let text = text_type();
    let (module, function_name) = (ident(&function.name.rust), &function.name.db);
    let markers = function.arguments.iter().map(|argument| {
        let documentation = doc::outer(&format!("{}.", argument.facts), None);
        let (rust, name) = (ident(&argument.name.rust), &argument.name.db);
        quote! {
            #documentation
            pub struct #rust;
            impl #library::schema::Argument for #rust {
                const NAME: #text = #name;
                const FUNCTION: #text = #function_name;
            }
        }
    });
    quote!(#documentation pub mod #module { #(#markers)* })
}
