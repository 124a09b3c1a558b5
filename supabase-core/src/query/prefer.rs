//! The `Prefer` header: one slot per preference, so that setting one never loses another.

use std::fmt::{self, Write as _};

/// How the server counts the rows that match, apart from those it returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Count {
    /// Counts every matching row.
    Exact,
    /// Takes PostgreSQL's statistics: fast, and as wrong as they are.
    Planned,
    /// Exact for small results, planned for large ones.
    Estimated,
}

impl Count {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Planned => "planned",
            Self::Estimated => "estimated",
        }
    }
}

/// What an upsert does about rows that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Resolution {
    Merge,
    Ignore,
}

/// The preferences of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Prefer {
    pub(crate) representation: Option<bool>,
    pub(crate) count: Option<Count>,
    pub(crate) resolution: Option<Resolution>,
    pub(crate) missing_default: bool,
    pub(crate) max_affected: Option<u64>,
    pub(crate) rollback: bool,
}

impl Prefer {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Prefer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        let mut item = |out: &mut fmt::Formatter<'_>, name: &str, value: &dyn fmt::Display| {
            if !std::mem::take(&mut first) {
                out.write_char(',')?;
            }
            write!(out, "{name}={value}")
        };
        if let Some(representation) = self.representation {
            item(out, "return", if representation { &"representation" } else { &"minimal" })?;
        }
        if let Some(count) = self.count {
            item(out, "count", &count.as_str())?;
        }
        if let Some(resolution) = self.resolution {
            let resolution = match resolution {
                Resolution::Merge => "merge-duplicates",
                Resolution::Ignore => "ignore-duplicates",
            };
            item(out, "resolution", &resolution)?;
        }
        if self.missing_default {
            item(out, "missing", &"default")?;
        }
        if self.max_affected.is_some() || self.rollback {
            // Without it the server ignores what it does not know, and here that would be a write.
            item(out, "handling", &"strict")?;
        }
        if let Some(most) = self.max_affected {
            item(out, "max-affected", &most)?;
        }
        if self.rollback {
            item(out, "tx", &"rollback")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_do_not_overwrite_each_other() {
        let prefer = Prefer {
            representation: Some(true),
            count: Some(Count::Exact),
            resolution: Some(Resolution::Merge),
            missing_default: true,
            ..Prefer::default()
        };
        assert_eq!(prefer.to_string(), "return=representation,count=exact,resolution=merge-duplicates,missing=default");
        assert!(Prefer::default().is_empty());
    }
}
