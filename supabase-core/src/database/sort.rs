//! Orders of the untyped builder.

use crate::query::{ColumnName, Order, Untyped as Name};

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
    /// Smallest first. `star(name)` is the column of an embedded to-one resource.
    #[must_use]
    pub fn asc(column: &str) -> Self {
        Self::new(column, ".asc")
    }

    /// Largest first. `star(name)` is the column of an embedded to-one resource.
    #[must_use]
    pub fn desc(column: &str) -> Self {
        Self::new(column, ".desc")
    }

    fn new(column: &str, direction: &str) -> Self {
        match column.strip_suffix(')').and_then(|column| column.split_once('(')) {
            Some((resource, column)) if !resource.is_empty() => Self(Order::new(&Related(resource, column), direction)),
            _ => Self(Order::new(&Name(column), direction)),
        }
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

/// A column of an embedded resource.
struct Related<'n>(&'n str, &'n str);

impl ColumnName for Related<'_> {
    fn push_name(&self, out: &mut String) {
        Name(self.0).push_name(out);
        out.push('(');
        Name(self.1).push_name(out);
        out.push(')');
    }
}

impl From<&str> for Sort {
    fn from(column: &str) -> Self {
        Self::asc(column)
    }
}
