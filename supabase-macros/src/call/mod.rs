//! `call!`: a call of a database function that names the arguments it passes and no other.
//!
//! ```text
//! call = function ["{" [argument [":" value] ("," argument [":" value])*] "}"]
//! ```
//!
//! A struct literal would have to name every field. The generated struct therefore has a hidden
//! start with every argument left out, and a method per argument that sets it; an argument without
//! default that is still missing is refused by the same trait as everywhere else.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::token::Brace;
use syn::{Expr, Path, Token, braced};

use crate::anchor;
use crate::errors::{Errors, comma_separated, mistake, quote_next, skip_rest};
use crate::words::{name, plain};

struct Call {
    function: Path,
    arguments: Vec<Argument>,
}

struct Argument {
    name: Ident,
    /// The variable of that name where it is missing.
    value: Option<Expr>,
}

/// The expansion of `call!`.
pub(crate) fn call(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let parsed = (|input: ParseStream<'_>| parse(input, &mut errors)).parse2(input);
    match parsed {
        Ok(call) => expand(&call, &errors),
        Err(error) => {
            errors.add(error);
            quote!({ #errors })
        }
    }
}

fn parse(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Call> {
    if Path::parse_mod_style(&input.fork()).is_err() {
        return Err(mistake(
            input,
            format!("expected a function such as `functions::hello_world`, found {}", quote_next(input)),
        ));
    }
    let function = Path::parse_mod_style(input)?;
    let mut arguments: Vec<Argument> = Vec::new();
    if input.peek(Brace) {
        let content;
        braced!(content in input);
        for argument in comma_separated(&content, errors, |input, _| argument(input)) {
            if arguments.iter().any(|earlier| plain(&earlier.name) == plain(&argument.name)) {
                errors.push(
                    argument.name.span(),
                    format!("`{}` is passed twice; remove one of the two", plain(&argument.name)),
                );
            } else {
                arguments.push(argument);
            }
        }
    }
    if !input.is_empty() {
        let found = quote_next(input);
        errors.push(
            input.span(),
            format!("expected the arguments in braces, found {found}: `call!(functions::name {{ argument: value }})`"),
        );
        skip_rest(input);
    }
    Ok(Call { function, arguments })
}

fn argument(input: ParseStream<'_>) -> syn::Result<Argument> {
    if input.peek(Token![..]) {
        return Err(mistake(input, "`..` is not needed: arguments that are not named keep their defaults"));
    }
    let name = name(input, "an argument")?;
    let value = if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
        Some(input.parse()?)
    } else {
        None
    };
    Ok(Argument { name, value })
}

fn expand(call: &Call, errors: &Errors) -> TokenStream {
    let Call { function, arguments } = call;
    let at = function.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    let anchors = anchors(function, arguments);
    let sets = arguments.iter().map(|Argument { name, value }| {
        let value = value.as_ref().map_or_else(|| name.to_token_stream(), ToTokens::to_token_stream);
        quote_spanned!(name.span()=> .#name(#value))
    });
    // A variable of its own, so that a missing argument underlines the function's name alone.
    let call = Ident::new("call", at);
    // Behind a mistake, arguments may be missing that were meant: one sentence is enough.
    let complete = errors.is_empty().then(|| {
        quote_spanned! {at=>
            const fn complete<F: ::supabase_core::schema::Function>(_: &F) {}
            complete(&#call);
        }
    });
    quote! {{
        #anchors
        #errors
        let #call = #function::__omitted() #(#sets)*;
        #complete
        #call
    }}
}

/// The arguments live in `functions::args::name`.
fn anchors(function: &Path, arguments: &[Argument]) -> TokenStream {
    let mut module = function.clone();
    let Some(last) = module.segments.pop() else {
        return TokenStream::new();
    };
    let names = arguments.iter().map(|argument| &argument.name);
    anchor::wrap(&quote! { use #function as _; #(use #module args::#last::#names as _;)* })
}

#[cfg(test)]
mod tests;
