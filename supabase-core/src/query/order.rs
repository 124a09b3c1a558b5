//! Orders: which column, which way, and where NULLs go.

use std::marker::PhantomData;

use super::filter::ColumnName;
use super::part::{SortedBy, SortedOn};
use super::{name, percent};
use crate::schema::{Column, Table};

/// One term of an order over `T`: made by `planets::name.asc()` and `.desc()`.
#[must_use = "an order does nothing until it is given to `.order(..)`"]
pub struct Order<T> {
    /// Encoded for the query string.
    text: String,
    /// Where the column ends and the direction begins.
    name_end: usize,
    table: PhantomData<fn() -> T>,
}

impl<T> Clone for Order<T> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), name_end: self.name_end, table: PhantomData }
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
        let name_end = text.len();
        text.push_str(direction);
        Self { text, name_end, table: PhantomData }
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

/// The terms of an order while they are collected.
#[derive(Debug, Default)]
pub struct OrderTerms<'r> {
    text: String,
    /// The embedded resource whose columns they are, encoded.
    resource: Option<&'r str>,
    /// The columns of it that they name, encoded.
    columns: Vec<String>,
}

impl<'r> OrderTerms<'r> {
    /// Terms over columns of an embedded resource.
    pub(crate) fn of_resource(resource: &'r str) -> Self {
        Self { resource: Some(resource), ..Self::default() }
    }

    /// The terms joined, and the columns of the resource that they name.
    pub(crate) fn finish(self) -> (String, Vec<String>) {
        (self.text, self.columns)
    }

    fn term<T>(&mut self, order: &Order<T>) {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        let Some(resource) = self.resource else { return self.text.push_str(&order.text) };
        let (name, rest) = order.text.split_at(order.name_end);
        for part in [resource, "(", name, ")", rest] {
            self.text.push_str(part);
        }
        let decoded = percent::decode(name);
        let mut column = String::new();
        percent::encode(&mut column, name::without_path(&decoded));
        if !self.columns.contains(&column) {
            self.columns.push(column);
        }
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
    /// Adds the terms.
    fn write(self, out: &mut OrderTerms<'_>);
    /// The terms, encoded and joined.
    fn terms(self) -> String
    where
        Self: Sized,
    {
        let mut out = OrderTerms::default();
        self.write(&mut out);
        out.text
    }
}

impl<T, O: Table> IntoOrder<T> for Order<O> {
    type Parts = SortedOn<O>;
    fn write(self, out: &mut OrderTerms<'_>) {
        out.term(&self);
    }
    fn terms(self) -> String {
        self.text
    }
}

impl<T, C: Column> IntoOrder<T> for C {
    type Parts = SortedBy<C>;
    fn write(self, out: &mut OrderTerms<'_>) {
        out.term(&Order::<T>::new(&self, ""));
    }
    fn terms(self) -> String {
        Order::<T>::new(&self, "").into_text()
    }
}

impl<T, O: IntoOrder<T>, const LENGTH: usize> IntoOrder<T> for [O; LENGTH] {
    type Parts = O::Parts;
    fn write(self, out: &mut OrderTerms<'_>) {
        self.into_iter().for_each(|term| term.write(out));
    }
}

impl<T, O: IntoOrder<T>> IntoOrder<T> for Vec<O> {
    type Parts = O::Parts;
    fn write(self, out: &mut OrderTerms<'_>) {
        self.into_iter().for_each(|term| term.write(out));
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T, $($name: IntoOrder<T>),+> IntoOrder<T> for ($($name,)+) {
            type Parts = ($($name::Parts,)+);
            #[allow(non_snake_case, reason = "type parameters name the fields")]
            fn write(self, out: &mut OrderTerms<'_>) {
                let ($($name,)+) = self;
                $($name.write(out);)+
            }
        }
    )+};
}
tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }
