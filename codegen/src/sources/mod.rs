//! Where the facts come from. Every source fills the same [`catalog::Catalog`] and decides nothing.

pub mod catalog;
pub mod postgres;
