//! The table that a macro is about: a path to its generated module.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;
use syn::parse::ParseStream;

use crate::errors::{Errors, mistake, quote_next};
use crate::words::plain;

/// `planets`, `db::planets`, `crate::db::planets`.
#[derive(Clone)]
pub(crate) struct TablePath(Path);

impl TablePath {
    /// Reads the path. `planets::Table` is noted as a mistake and understood as `planets`.
    pub(crate) fn parse(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Self> {
        let Ok(mut path) = Path::parse_mod_style(&input.fork()) else {
            return Err(mistake(input, format!("expected a table such as `planets`, found {}", quote_next(input))));
        };
        // The fork proved that this succeeds.
        Path::parse_mod_style(input)?;
        if path.segments.len() > 1
            && let Some(last) = path.segments.last()
            && last.ident == "Table"
        {
            let at = last.ident.span();
            path.segments.pop();
            path.segments.pop_punct();
            let table = Self(path);
            errors.push(at, format!("name the table's module alone: `{}`", table.text()));
            return Ok(table);
        }
        Ok(Self(path))
    }

    /// A block around code that names columns, so that an unknown table is one mistake at the table
    /// instead of one at every column. The outer import fails; what is found through a failed import
    /// is silent. The inner one gives the module its own name again, for messages about columns.
    ///
    /// `{self as ..}` imports the module alone: a variable may well be called like its table, and a
    /// plain import of one name refuses to stand in its scope.
    ///
    /// A longer path is left alone: its last name may mean something else to the values inside.
    pub(crate) fn scope(&self, code: &TokenStream) -> TokenStream {
        let Some(table) = self.0.get_ident() else { return quote!({ #code }) };
        let at = table.span();
        let alias = Ident::new(&format!("{}_table", plain(table)), at);
        let outer = quote_spanned!(at=> #[allow(unused_imports)] use #table::{self as #alias};);
        let inner = quote_spanned!(at=> #[allow(unused_imports)] use #alias::{self as #table};);
        quote!({ #outer { #inner #code } })
    }

    /// Where messages about the table point.
    pub(crate) fn span(&self) -> Span {
        self.0.segments.last().map_or_else(Span::call_site, |last| last.ident.span())
    }

    /// The path as the user wrote it, without spaces.
    pub(crate) fn text(&self) -> String {
        self.0.to_token_stream().to_string().replace(' ', "")
    }

    /// The path with every token at `at`: a compiler message about the whole expression then
    /// underlines that word alone.
    pub(crate) fn located_at(&self, at: Span) -> TokenStream {
        relocate(self.0.to_token_stream(), at)
    }

    /// `planets::name` underlined at `name` alone.
    pub(crate) fn column_at(&self, column: &Ident) -> TokenStream {
        let table = self.located_at(column.span());
        quote_spanned!(column.span()=> #table::#column)
    }

    /// `planets::Table`, underlined at the table.
    pub(crate) fn marker(&self) -> TokenStream {
        let at = self.span();
        let table = self.located_at(at);
        quote_spanned!(at=> #table::Table)
    }
}

impl ToTokens for TablePath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// The same tokens, resolved as before but located at `at`.
pub(crate) fn relocate(tokens: TokenStream, at: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            token.set_span(token.span().located_at(at));
            token
        })
        .collect()
}
