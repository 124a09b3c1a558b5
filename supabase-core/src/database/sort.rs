//! Orders of the untyped builder.

use crate::query::{Order, Untyped as Name};

use super::untyped::Untyped;

/// An order by a column that is named by text.
///
/// ```
/// use supabase_core::database::Sort;
/// let latest_first = Sort::desc("surveyed_at").nulls_last();
/// # let _ = latest_first;
/// ```
#[derive(Debug, Clone)]
pub struct Sort(Order<Untyped>);

impl Sort {
    /// Smallest first.
    #[must_use]
    pub fn asc(column: &str) -> Self {
        Self(Order::new(&Name(column), ".asc"))
    }

    /// Largest first.
    #[must_use]
    pub fn desc(column: &str) -> Self {
        Self(Order::new(&Name(column), ".desc"))
    }

    /// NULLs before every value.
    #[must_use]
    pub fn nulls_first(self) -> Self {
        Self(self.0.nulls_first())
    }

    /// NULLs behind every value.
    #[must_use]
    pub fn nulls_last(self) -> Self {
        Self(self.0.nulls_last())
    }

    pub(crate) fn into_text(self) -> String {
        self.0.into_text()
    }
}

impl From<&str> for Sort {
    fn from(column: &str) -> Self {
        Self::asc(column)
    }
}
