//! The cases of `ui/fail`, and what is compared of them.

pub(crate) mod project;
pub(crate) mod sentence;

use std::path::{Path, PathBuf};
use std::process::Command;

use project::Answer;
use sentence::{Sentences, plain};

/// How the cases are compared.
pub(crate) enum Comparison {
    /// Everything that the compiler prints.
    EveryWord,
    /// Our own sentences.
    Sentences,
}

impl Comparison {
    /// By the compiler, unless the environment says `UI_COMPARE=sentences`.
    pub(crate) fn chosen(compiler: &str) -> Self {
        let wanted = std::env::var("UI_COMPARE").ok();
        match wanted.as_deref() {
            Some("sentences") => Self::Sentences,
            Some(other) => panic!("`UI_COMPARE={other}`: there is `sentences` alone"),
            None if is_blessed(compiler) => Self::EveryWord,
            None => Self::Sentences,
        }
    }
}

/// The compiler as it introduces itself: `rustc 1.95.0 (59807616e 2026-04-14)`.
pub(crate) fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("rustc runs, since it compiled this test");
    String::from_utf8(output.stdout).expect("rustc says its version in UTF-8").trim().to_owned()
}

fn is_blessed(compiler: &str) -> bool {
    let blessed = std::fs::read_to_string(folder().join("BLESSED")).expect("`ui/BLESSED` names a compiler");
    compiler.split_whitespace().take(2).eq(blessed.split_whitespace())
}

/// The folder `ui`.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")
}

/// A program that must not compile.
pub(crate) struct Case {
    /// `columns/misspelt`
    pub(crate) name: String,
    /// The program.
    pub(crate) path: PathBuf,
    /// What the blessed compiler says about it.
    pub(crate) expected: String,
}

impl Case {
    /// Every case, by name.
    pub(crate) fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for group in entries(&folder().join("fail")) {
            for path in entries(&group).into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "rs")) {
                let name = format!("{}/{}", stem(&group), stem(&path));
                let expected = path.with_extension("stderr");
                let expected = std::fs::read_to_string(&expected)
                    .unwrap_or_else(|error| panic!("{name} has no expectation, see ui/README.md: {error}"));
                cases.push(Self { name, path, expected });
            }
        }
        assert!(!cases.is_empty(), "there are no cases in `ui/fail`");
        cases
    }

    /// The lines of the program that the blessed compiler points at.
    fn lines(&self) -> Vec<u64> {
        let file = format!("ui/fail/{}.rs:", self.name);
        let places =
            self.expected.lines().filter_map(|line| line.trim_start().strip_prefix("--> ")?.strip_prefix(&*file));
        places.filter_map(|place| place.split(':').next()?.parse().ok()).collect()
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    entries.sort();
    entries
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// What is wrong with the compiler's answer: nothing, if it fails to compile and says every sentence
/// of ours that the blessed compiler says. A case that is all in the compiler's own words has to
/// fail at the same line.
pub(crate) fn compare(case: &Case, answer: &Answer, sentences: &Sentences) -> Vec<String> {
    if answer.compiled {
        return vec![format!("{}: it compiles", case.name)];
    }
    if answer.errors.is_empty() {
        return vec![format!("{}: the compiler failed without saying why", case.name)];
    }
    let expected = sentences.found_in(&case.expected);
    if expected.is_empty() {
        let lines = case.lines();
        if answer.errors.iter().any(|line| lines.contains(line)) {
            return Vec::new();
        }
        return vec![format!(
            "{}: expected an error at one of the lines {lines:?}, found {:?}",
            case.name, answer.errors
        )];
    }
    let said: Vec<String> = answer.said.iter().map(|text| plain(text)).collect();
    let missing = expected.iter().filter(|sentence| !said.iter().any(|text| text.contains(&sentence.text)));
    missing.map(|sentence| format!("{}: nothing says “{}”", case.name, sentence.text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(expected: &str) -> Case {
        Case { name: "columns/x".into(), path: PathBuf::new(), expected: expected.into() }
    }

    fn answer(said: &[&str], line: u64) -> Answer {
        Answer { compiled: false, errors: vec![line], said: said.iter().map(ToString::to_string).collect() }
    }

    const OPTION: &str = "error[E0277]: an `Option` cannot be compared with column `db::planets::id`: `None` would be NULL, and nothing equals NULL
 --> ui/fail/columns/x.rs:7:63
  |
7 |     supabase.from(planets::Table).select(All).eq(planets::id, chosen).await?;
  |                                               --              ^^^^^^ this may be `None`
  |                                               |
  |                                               required by a bound introduced by this call
  |
  = note: for rows without a value use `.is_null(column)`; to filter only when there is a value use `.eq_if_some(column, option)`
";
    const SAID: [&str; 3] = [
        "an `Option` cannot be compared with column `planets::id`: `None` would be NULL, and nothing equals NULL",
        "this may be `None`",
        "for rows without a value use `.is_null(column)`; to filter only when there is a value use `.eq_if_some(column, option)`",
    ];

    #[test]
    fn the_same_sentences_pass_however_paths_are_printed() {
        assert_eq!(compare(&case(OPTION), &answer(&SAID, 7), &Sentences::of_the_sources()), [""; 0]);
    }

    #[test]
    fn a_missing_sentence_is_a_problem() {
        let sentences = Sentences::of_the_sources();
        for left_out in 0..SAID.len() {
            let mut said = SAID.to_vec();
            let sentence = said.remove(left_out);
            let problems = compare(&case(OPTION), &answer(&said, 7), &sentences);
            assert_eq!(problems.len(), 1, "without “{sentence}”: {problems:?}");
            assert!(problems[0].contains(&plain(sentence)), "{problems:?}");
        }
    }

    #[test]
    fn another_column_is_a_problem() {
        let mut said = SAID;
        said[0] =
            "an `Option` cannot be compared with column `planets::name`: `None` would be NULL, and nothing equals NULL";
        assert_eq!(compare(&case(OPTION), &answer(&said, 7), &Sentences::of_the_sources()).len(), 1);
    }

    #[test]
    fn a_program_that_compiles_is_a_problem() {
        let answer = Answer { compiled: true, errors: Vec::new(), said: Vec::new() };
        assert_eq!(compare(&case(OPTION), &answer, &Sentences::of_the_sources()), ["columns/x: it compiles"]);
    }

    #[test]
    fn without_a_sentence_of_ours_the_line_counts() {
        let theirs =
            case("error[E0425]: cannot find value `nmae` in module `planets`\n --> ui/fail/columns/x.rs:7:59\n");
        let sentences = Sentences::of_the_sources();
        assert_eq!(compare(&theirs, &answer(&["cannot find value `nmae`"], 7), &sentences), [""; 0]);
        assert_eq!(compare(&theirs, &answer(&["cannot find value `nmae`"], 8), &sentences).len(), 1);
    }
}
