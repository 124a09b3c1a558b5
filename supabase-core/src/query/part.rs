//! What selections and orders are made of, as far as the table of each part goes.
//!
//! A tuple of columns is a selection whichever tables they are of; that they are of the queried one
//! is a bound of its own. Were it a condition of the implementation for tuples, the compiler would
//! only say that the tuple is no selection, since it also weighs the implementation for columns;
//! the parts have one implementation each, so that it says which column is of which table.

use std::marker::PhantomData;

use super::{IntoOrder, Selection};
use crate::schema::{Column, FromRow, OrderOn, Ordered, RowOf, SameTable, Table};

/// Parts that are all of the table `T`.
#[diagnostic::on_unimplemented(
    message = "not all of this is of `{T}`",
    label = "expected columns, rows and orders of `{T}`"
)]
pub trait PartsOf<T> {}

/// A column that is selected.
#[derive(Debug)]
pub struct Selected<C>(PhantomData<fn() -> C>);

/// A row struct whose columns are selected.
#[derive(Debug)]
pub struct Shaped<R>(PhantomData<fn() -> R>);

/// A column that rows are sorted by.
#[derive(Debug)]
pub struct SortedBy<C>(PhantomData<fn() -> C>);

/// A term of an order over the table `O`.
#[derive(Debug)]
pub struct SortedOn<O>(PhantomData<fn() -> O>);

impl<T, C: Column> PartsOf<T> for Selected<C> where C::Table: SameTable<T, C> {}

impl<T, R: FromRow> PartsOf<T> for Shaped<R> where R::Table: RowOf<T, R> {}

impl<T, C: Column> PartsOf<T> for SortedBy<C>
where
    C::Table: SameTable<T, C>,
    C::Sql: Ordered<C>,
{
}

impl<T, O: Table> PartsOf<T> for SortedOn<O> where O: OrderOn<T> {}

impl<T> PartsOf<T> for () {}

/// A selection whose every part is of the table `T`: what `.select(..)` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a selection of `{T}`",
    label = "expected columns of `{T}`",
    note = "select `All` (unless rows are switched off for the table), a tuple such as `(planets::id, planets::name)`, `Card::columns()`, or `select!(planets {{ id, moons {{ name }} }})`",
    note = "a select list in a string belongs to the untyped builder: `.from(\"planets\").select(\"id, name\")`"
)]
pub trait SelectionOf<T>: Selection<T> {}
impl<T, S: Selection<T>> SelectionOf<T> for S where S::Parts: PartsOf<T> {}

/// An order whose every part is of the table `T`: what `.order(..)` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an order over `{T}`",
    label = "expected a column of `{T}`, or `column.desc()`",
    note = "write `planets::name.desc().nulls_first()`, a list of such terms, or `order!(planets: name desc, id)`"
)]
pub trait OrderOf<T>: IntoOrder<T> {}
impl<T, O: IntoOrder<T>> OrderOf<T> for O where O::Parts: PartsOf<T> {}

macro_rules! tuples {
    ($(($($name:ident)+))+) => {$(
        impl<T, $($name: PartsOf<T>),+> PartsOf<T> for ($($name,)+) {}
    )+};
}
tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
    (A B C D E F G H I) (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
}
