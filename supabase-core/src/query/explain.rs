//! What `.explain()` asks for.

use http::HeaderValue;

/// Options of an execution plan, those of PostgreSQL's `EXPLAIN`. The server has to allow plans
/// (`db-plan-enabled`).
///
/// ```
/// use supabase_core::query::Explain;
/// let explain = Explain::new().analyze().verbose();
/// # let _ = explain;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Explain {
    analyze: bool,
    verbose: bool,
    settings: bool,
    buffers: bool,
    wal: bool,
    json: bool,
}

impl Explain {
    /// The plan as text, without options.
    #[must_use]
    pub const fn new() -> Self {
        Self { analyze: false, verbose: false, settings: false, buffers: false, wal: false, json: false }
    }
    /// Runs the query and shows what it took.
    #[must_use]
    pub const fn analyze(self) -> Self {
        Self { analyze: true, ..self }
    }
    /// Shows the query's identifiers and the output columns of every node.
    #[must_use]
    pub const fn verbose(self) -> Self {
        Self { verbose: true, ..self }
    }
    /// Shows settings that affect the plan.
    #[must_use]
    pub const fn settings(self) -> Self {
        Self { settings: true, ..self }
    }
    /// Shows the use of buffers.
    #[must_use]
    pub const fn buffers(self) -> Self {
        Self { buffers: true, ..self }
    }
    /// Shows what was written ahead.
    #[must_use]
    pub const fn wal(self) -> Self {
        Self { wal: true, ..self }
    }
    /// The plan as a JSON document instead of text.
    #[must_use]
    pub const fn json(self) -> Self {
        Self { json: true, ..self }
    }

    pub(crate) fn media_type(self) -> HeaderValue {
        let mut media = String::from("application/vnd.pgrst.plan");
        media.push_str(if self.json { "+json" } else { "+text" });
        media.push_str("; for=\"application/json\"");
        let mut mark = "; options=";
        for (on, option) in [
            (self.analyze, "analyze"),
            (self.verbose, "verbose"),
            (self.settings, "settings"),
            (self.buffers, "buffers"),
            (self.wal, "wal"),
        ] {
            if on {
                media.push_str(mark);
                media.push_str(option);
                mark = "|";
            }
        }
        // Words of ours alone: always a valid header value.
        HeaderValue::try_from(media).unwrap_or(const { HeaderValue::from_static("application/vnd.pgrst.plan+text") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_listed() {
        assert_eq!(Explain::new().media_type(), "application/vnd.pgrst.plan+text; for=\"application/json\"");
        assert_eq!(
            Explain::new().analyze().buffers().json().media_type(),
            "application/vnd.pgrst.plan+json; for=\"application/json\"; options=analyze|buffers"
        );
    }
}
