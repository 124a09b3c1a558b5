//! What a database function gives back.

use std::marker::PhantomData;

/// Nothing: the function returns `void`.
#[derive(Debug, Clone, Copy)]
pub enum Void {}

/// One value of the Rust type `V`.
#[derive(Debug, Clone, Copy)]
pub struct Scalar<V>(PhantomData<fn() -> V>);

/// A set of values: `Vec<V>`.
#[derive(Debug, Clone, Copy)]
pub struct SetOf<V>(PhantomData<fn() -> V>);

/// A set of rows of `T`; filters, orders and selections of `T` apply.
#[derive(Debug, Clone, Copy)]
pub struct Rows<T>(PhantomData<fn() -> T>);

/// One row of `T`.
#[derive(Debug, Clone, Copy)]
pub struct OneRow<T>(PhantomData<fn() -> T>);
