//! Where we differ from the official clients on purpose: `divergences.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

/// One reason, and the calls that it is about.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Divergence {
    /// Why.
    pub reason: String,
    /// Which client: `py`, `js`, or both when it is left out.
    pub client: Option<String>,
    /// The calls.
    pub calls: Vec<String>,
    /// The parts of the request or answer that it explains, so that a reason covers nothing else.
    pub about: Vec<String>,
}

/// The reasons of a file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Divergences {
    /// Requests.
    #[serde(default)]
    pub wire: Vec<Divergence>,
    /// Answers and errors.
    #[serde(default)]
    pub errors: Vec<Divergence>,
    /// Requests to the storage service.
    #[serde(default)]
    pub storage: Vec<Divergence>,
}

impl Divergences {
    /// Reads the checked-in file.
    ///
    /// # Panics
    /// Panics when the file is not what it should be.
    #[must_use]
    pub fn read() -> Self {
        let file = super::vectors().join("divergences.toml");
        read(&file)
    }
}

fn read(file: &Path) -> Divergences {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The reasons for a difference, which together have to explain every part of it; the ones that are
/// used are taken out of `unused`.
#[must_use]
pub fn reasons<'d>(
    all: &'d [Divergence],
    unused: &mut BTreeSet<usize>,
    client: &str,
    call: &str,
    difference: &str,
) -> Option<Vec<&'d str>> {
    let mut open: BTreeMap<&str, bool> =
        difference.split("; ").filter(|part| !part.trim().is_empty()).map(|part| (part, false)).collect();
    let mut found = Vec::new();
    for (at, divergence) in all.iter().enumerate() {
        let named = divergence.calls.iter().any(|named| named == call);
        if !named || divergence.client.as_deref().is_some_and(|named| named != client) {
            continue;
        }
        let mut used = false;
        for (part, explained) in &mut open {
            if divergence.about.iter().any(|about| part.starts_with(about)) {
                *explained = true;
                used = true;
            }
        }
        if used {
            unused.remove(&at);
            found.push(divergence.reason.as_str());
        }
    }
    (open.values().all(|explained| *explained) && !found.is_empty()).then_some(found)
}
