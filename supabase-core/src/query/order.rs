//! Orders: which column, which way, and where NULLs go.

use std::marker::PhantomData;

use super::filter::ColumnName;
use super::part::{SortedBy, SortedOn};
use super::percent;
use crate::schema::{Column, Table};

/// One term of an order over `T`: made by `planets::name.asc()` and `.desc()`.
#[must_use = "an order does nothing until it is given to `.order(..)`"]
pub struct Order<T> {
    /// Encoded for the query string.
    text: String,
    table: PhantomData<fn() -> T>,
}

impl<T> Clone for Order<T> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), table: PhantomData }
    }
}

impl<T> std::fmt::Debug for Order<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Order({})", self.text)
    }
}

impl<T> Order<T> {
    pub(crate) fn new(column: &(impl ColumnName + ?Sized), direction: &str) -> Self {
        let mut text = String::with_capacity(48);
        column.push_name(&mut text);
        if !percent::is_plain(&text) {
            let name = std::mem::take(&mut text);
            percent::encode(&mut text, &name);
        }
        text.push_str(direction);
        Self { text, table: PhantomData }
    }

    /// NULLs before every value.
    pub fn nulls_first(self) -> Self {
        self.nulls(".nullsfirst")
    }

    /// NULLs behind every value.
    pub fn nulls_last(self) -> Self {
        self.nulls(".nullslast")
    }

    fn nulls(mut self, place: &str) -> Self {
        let bare = self.text.trim_end_matches(".nullsfirst").trim_end_matches(".nullslast").len();
        self.text.truncate(bare);
        self.text.push_str(place);
        self
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// What `.order(..)` takes over the table `T`: a column, an [`Order`], several of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an order over `{T}`",
    label = "expected a column of `{T}`, or `column.desc()`",
    note = "write `planets::name.desc().nulls_first()`, a list of such terms, or `order!(planets: name desc, id)`"
)]
pub trait IntoOrder<T> {
    /// What it is made of, for [`PartsOf`](super::PartsOf): whether all of it is of the table that is sorted.
    type Parts;
    /// The terms, encoded and joined.
    fn terms(self) -> String;
}

impl<T, O: Table> IntoOrder<T> for Order<O> {
    type Parts = SortedOn<O>;
    fn terms(self) -> String {
        self.text
    }
}

impl<T, C: Column> IntoOrder<T> for C {
    type Parts = SortedBy<C>;
    fn terms(self) -> String {
        Order::<T>::new(&self, "").into_text()
    }
}

fn push_terms(text: &mut String, terms: &str) {
    if !text.is_empty() && !terms.is_empty() {
        text.push(',');
    }
    text.push_str(terms);
}

impl<T, O: IntoOrder<T>, const LENGTH: usize> IntoOrder<T> for [O; LENGTH] {
    type Parts = O::Parts;
    fn terms(self) -> String {
        let mut text = String::new();
        self.into_iter().for_each(|term| push_terms(&mut text, &term.terms()));
        text
    }
}

impl<T, O: IntoOrder<T>> IntoOrder<T> for Vec<O> {
    type Parts = O::Parts;
    fn terms(self) -> String {
        let mut text = String::new();
        self.into_iter().for_each(|term| push_terms(&mut text, &term.terms()));
        text
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T, $($name: IntoOrder<T>),+> IntoOrder<T> for ($($name,)+) {
            type Parts = ($($name::Parts,)+);
            #[allow(non_snake_case, reason = "type parameters name the fields")]
            fn terms(self) -> String {
                let ($($name,)+) = self;
                let mut text = String::new();
                $(push_terms(&mut text, &$name.terms());)+
                text
            }
        }
    )+};
}
tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }
