//! The mistakes of one macro call. They are collected, so that the user sees all of them at once,
//! each under its own word, and the expansion still yields something usable behind them.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Token;
use syn::parse::ParseStream;

/// Every mistake found so far.
#[derive(Default)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// Notes one mistake at a word.
    pub(crate) fn push(&mut self, at: Span, message: impl std::fmt::Display) {
        self.0.push(syn::Error::new(at, message));
    }

    /// Notes what a parser returned.
    pub(crate) fn add(&mut self, error: syn::Error) {
        self.0.extend(error);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().map(syn::Error::to_compile_error));
    }
}

/// Reads `item, item, …` to the end; a broken item is noted and skipped up to the next comma.
pub(crate) fn comma_separated<T>(
    input: ParseStream<'_>,
    errors: &mut Errors,
    mut item: impl FnMut(ParseStream<'_>, &mut Errors) -> syn::Result<T>,
) -> Vec<T> {
    let mut items = Vec::new();
    while !input.is_empty() {
        match item(input, errors) {
            Ok(item) => {
                items.push(item);
                if !input.is_empty() && !input.peek(Token![,]) {
                    let word = quote_next(input);
                    errors.add(mistake(input, format!("expected `,` before {word}")));
                    // What follows may well be the next item: go on from here.
                    if input.peek(syn::Ident) || input.peek(Token![..]) || input.peek(Token![#]) {
                        continue;
                    }
                }
            }
            Err(error) => errors.add(error),
        }
        skip_to_comma(input);
        let _ = input.parse::<Token![,]>();
    }
    items
}

/// A mistake at the next token, or behind the last one.
pub(crate) fn mistake(input: ParseStream<'_>, message: impl std::fmt::Display) -> syn::Error {
    syn::Error::new(input.span(), message)
}

/// The next token, as a message quotes it.
pub(crate) fn quote_next(input: ParseStream<'_>) -> String {
    match input.fork().parse::<TokenTree>() {
        Ok(TokenTree::Group(group)) => match group.delimiter() {
            proc_macro2::Delimiter::Parenthesis => "`(`".into(),
            proc_macro2::Delimiter::Brace => "`{`".into(),
            proc_macro2::Delimiter::Bracket => "`[`".into(),
            proc_macro2::Delimiter::None => "this".into(),
        },
        Ok(token) => format!("`{token}`"),
        Err(_) => "the end".into(),
    }
}

/// Leaves out everything before the next comma.
fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        let _ = input.parse::<TokenTree>();
    }
}

/// Leaves out everything that is left, so that syn does not complain about it a second time.
pub(crate) fn skip_rest(input: ParseStream<'_>) {
    let _ = input.parse::<TokenStream>();
}
