//! File names: unique even where the file system ignores case, in ASCII, and none that some system keeps for itself.

use std::collections::BTreeSet;

use super::ident::Ident;

/// Device names of Windows, which are no file names with any extension.
const DEVICES: &[&str] = &[
    "con", "prn", "aux", "nul", "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt0",
    "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The files of one folder.
#[derive(Debug, Clone)]
pub struct Files {
    taken: BTreeSet<String>,
}

impl Files {
    /// A folder where some names are kept.
    #[must_use]
    pub fn reserving(stems: &[&str]) -> Self {
        Self { taken: stems.iter().chain(DEVICES).map(|stem| (*stem).to_owned()).collect() }
    }

    /// The stem of a module's file. Letters outside ASCII are spelled as their code points, since rustc finds the
    /// file of such a module only by `#[path]`.
    pub fn take(&mut self, module: &Ident) -> String {
        let mut stem: String = module
            .plain()
            .chars()
            .map(|letter| if letter.is_ascii() { letter.to_string() } else { format!("u{:x}", u32::from(letter)) })
            .collect();
        while self.taken.contains(&stem.to_ascii_lowercase()) {
            stem.push('_');
        }
        self.taken.insert(stem.to_ascii_lowercase());
        stem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files() {
        let mut files = Files::reserving(&["mod", "enums"]);
        for (module, stem) in [
            ("planets", "planets"),
            ("Planets", "Planets_"),
            ("type", "type"),
            ("mod", "mod_"),
            ("Enums", "Enums_"),
            ("con", "con_"),
            ("日本", "u65e5u672c"),
            ("Odd__Table__v1_0_", "Odd__Table__v1_0_"),
        ] {
            assert_eq!(files.take(&Ident::new(module)), stem);
        }
    }
}
