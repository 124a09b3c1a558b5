//! Puts the files in their folder: all of them or none.
//!
//! New text is written into a temporary folder first, on the same file system, and then moved in file by file, each
//! in one step; a failure on the way moves everything back. Files that are already equal are not touched, so that
//! nothing is compiled again without need. Files that were not written by the generator are neither replaced nor
//! removed, and neither are those of another run in a folder below.

mod undo;

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::error::WriteError;
use crate::render::{File, HEADER_START};
use undo::Undo;

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that are new or have changed.
    pub written: usize,
    /// Files that were equal already.
    pub unchanged: usize,
    /// Files of an earlier run that nothing stands for any more.
    pub removed: usize,
}

/// What is to be done.
#[derive(Debug, Default)]
pub(crate) struct Plan<'f> {
    /// New or changed files, with the present text of changed ones.
    pub(crate) write: Vec<(&'f File, Option<String>)>,
    /// Files that are equal.
    pub(crate) unchanged: usize,
    /// Generated files that are no longer wanted, below the folder.
    pub(crate) stale: Vec<PathBuf>,
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError::Io { action, path, source }
}

/// Compares the files with what is in the folder.
pub(crate) fn plan<'f>(out: &Path, files: &'f [File]) -> Result<Plan<'f>, WriteError> {
    let mut plan = Plan::default();
    for file in files {
        let path = out.join(&file.path);
        match fs::read(&path) {
            Ok(present) if present == file.text.as_bytes() => plan.unchanged += 1,
            Ok(present) if present.starts_with(HEADER_START.as_bytes()) => {
                let present = String::from_utf8_lossy(&present).into_owned();
                if says_the_same(&present, &file.text) {
                    plan.unchanged += 1;
                } else {
                    plan.write.push((file, Some(present)));
                }
            }
            Ok(_) => return Err(WriteError::NotOurs { path }),
            Err(error) if error.kind() == ErrorKind::NotFound => plan.write.push((file, None)),
            Err(error) => return Err(io("read", &path)(error)),
        }
    }
    let wanted: BTreeSet<PathBuf> = files.iter().map(|file| out.join(&file.path)).collect();
    plan.stale = generated(out)?.into_iter().filter(|present| !wanted.contains(present)).collect();
    Ok(plan)
}

/// Whether two files differ in nothing but what `cargo fmt` changes: layout, and the order of module declarations.
fn says_the_same(left: &str, right: &str) -> bool {
    let items = |text: &str| {
        let file = syn::parse_file(text).ok()?;
        let print = |items| {
            let mut text = prettyplease::unparse(&syn::File { items, ..file.clone() });
            text.retain(|letter| !letter.is_whitespace());
            text.replace(",)", ")")
        };
        let mut items: Vec<String> = file.items.iter().map(|item| print(vec![item.clone()])).collect();
        items.sort();
        items.push(print(Vec::new()));
        Some(items)
    };
    items(left).is_some_and(|left| Some(left) == items(right))
}

/// Generated files in the folder, and in the subfolders that its own root declares: the schemas of an earlier run.
/// Another subfolder may be the output of another run, and a link leads to somewhere else.
fn generated(out: &Path) -> Result<Vec<PathBuf>, WriteError> {
    let declared = declared_folders(out)?;
    let mut found = Vec::new();
    for path in entries(out)? {
        if fs::symlink_metadata(&path).map_err(io("read", &path))?.is_dir() {
            if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| declared.contains(name)) {
                for inner in entries(&path)? {
                    if is_generated(&inner)? {
                        found.push(inner);
                    }
                }
            }
        } else if is_generated(&path)? {
            found.push(path);
        }
    }
    Ok(found)
}

/// The subfolders that the present root says to be its modules.
fn declared_folders(out: &Path) -> Result<BTreeSet<String>, WriteError> {
    let root = out.join("mod.rs");
    if !is_generated(&root)? {
        return Ok(BTreeSet::new());
    }
    let text = fs::read_to_string(&root).map_err(io("read", &root))?;
    let items = syn::parse_file(&text).map(|file| file.items).unwrap_or_default();
    let modules = items.into_iter().filter_map(|item| match item {
        syn::Item::Mod(module) if module.content.is_none() => Some(module),
        _ => None,
    });
    Ok(modules.filter_map(|module| folder_of(&module, out)).collect())
}

/// The folder that a module without a body is in, unless it is a file.
fn folder_of(module: &syn::ItemMod, out: &Path) -> Option<String> {
    let path = module.attrs.iter().find_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    });
    if let Some(path) = path {
        return path.strip_suffix("/mod.rs").map(str::to_owned);
    }
    let name = module.ident.to_string().trim_start_matches("r#").to_owned();
    (!out.join(format!("{name}.rs")).exists()).then_some(name)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, WriteError> {
    let mut found = Vec::new();
    match fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries {
                found.push(entry.map_err(io("list", folder))?.path());
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(io("list", folder)(error)),
    }
    found.sort();
    Ok(found)
}

fn is_generated(path: &Path) -> Result<bool, WriteError> {
    if path.extension().is_none_or(|extension| extension != "rs") || !path.is_file() {
        return Ok(false);
    }
    let mut start = Vec::new();
    let limit = u64::try_from(HEADER_START.len()).unwrap_or(u64::MAX);
    fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut start)).map_err(io("read", path))?;
    Ok(start == HEADER_START.as_bytes())
}

/// Writes the files.
///
/// # Errors
/// When something of the user's is in the way, or the file system refuses. Everything is then as it was before, unless
/// the error is [`WriteError::NotUndone`], which says what is not.
pub fn write(out: &Path, files: &[File]) -> Result<Written, WriteError> {
    let plan = plan(out, files)?;
    let done = Written { written: plan.write.len(), unchanged: plan.unchanged, removed: plan.stale.len() };
    if plan.write.is_empty() && plan.stale.is_empty() {
        return Ok(done);
    }
    let mut undo = Undo::begin(out)?;
    match apply(out, &plan, &mut undo) {
        // The folder with the old text goes with its handle.
        Ok(()) => Ok(done),
        Err(error) => Err(undo.roll_back(error)),
    }
}

fn apply(out: &Path, plan: &Plan<'_>, undo: &mut Undo) -> Result<(), WriteError> {
    let (new, old) = (undo.staging().join("new"), undo.staging().join("old"));
    for folder in [&new, &old] {
        fs::create_dir(folder).map_err(io("create the folder", folder))?;
    }
    for (index, (file, _)) in plan.write.iter().enumerate() {
        let path = new.join(index.to_string());
        fs::write(&path, &file.text).map_err(io("write", &path))?;
    }
    for (index, path) in plan.stale.iter().enumerate() {
        undo.remove(path, &old.join(format!("stale-{index}")))?;
    }
    // The root comes last: until then it is the one that tells a next run what belongs to this folder.
    let (root, others): (Vec<_>, Vec<_>) =
        plan.write.iter().enumerate().partition(|(_, (file, _))| file.path == "mod.rs");
    for (index, (file, present)) in others.into_iter().chain(root) {
        let path = out.join(&file.path);
        undo.folder(path.parent().unwrap_or(out))?;
        let new = new.join(index.to_string());
        match present {
            Some(_) => undo.replace(&new, &path, &old.join(index.to_string()))?,
            None => undo.make(&new, &path)?,
        }
    }
    for folder in plan.stale.iter().filter_map(|path| path.parent()).filter(|folder| *folder != out) {
        // A schema's folder that is empty now; others stay.
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use crate::render::HEADER;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: format!("{HEADER}{text}\n") }
    }

    fn tree(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for path in entries(folder).unwrap() {
            if path.is_dir() {
                found.extend(
                    tree(&path).into_iter().map(|inner| format!("{}/{inner}", path.file_name().unwrap().display())),
                );
            } else {
                found.push(path.file_name().unwrap().display().to_string());
            }
        }
        found
    }

    #[test]
    fn writes_replaces_and_removes() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("src/db");
        let first = [file("mod.rs", "pub mod inventory;"), file("planets.rs", "1"), file("inventory/parts.rs", "1")];
        assert_eq!(write(&out, &first).unwrap(), Written { written: 3, unchanged: 0, removed: 0 });
        fs::write(out.join("mine.rs"), "// mine").unwrap();
        let second = [file("mod.rs", "pub mod moons;"), file("moons.rs", "1")];
        assert_eq!(write(&out, &second).unwrap(), Written { written: 2, unchanged: 0, removed: 2 });
        assert_eq!(tree(&out), ["mine.rs", "mod.rs", "moons.rs"]);
        let before = fs::metadata(out.join("mod.rs")).unwrap().modified().unwrap();
        assert_eq!(write(&out, &second).unwrap(), Written { written: 0, unchanged: 2, removed: 0 });
        assert_eq!(fs::metadata(out.join("mod.rs")).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn layout_is_no_difference() {
        assert!(says_the_same(
            "//! x\npub mod b;\npub mod a;\npub struct S { a: u8, }",
            "//! x\npub mod a;\npub mod b;\npub struct S {\n    a: u8\n}\n"
        ));
        assert!(!says_the_same("//! x\npub mod a;", "//! y\npub mod a;"));
        assert!(!says_the_same("/// x\npub struct S;", "/// y\npub struct S;"));
        assert!(!says_the_same("pub mod a;", "pub mod a; pub mod a;"));
        assert!(!says_the_same("no rust", "no rust"));
    }

    #[test]
    fn files_of_others_are_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mod.rs"), "// mine").unwrap();
        let error = write(folder.path(), &[file("a.rs", "1"), file("mod.rs", "1")]).unwrap_err();
        assert!(matches!(error, WriteError::NotOurs { .. }), "{error}");
        assert_eq!(tree(folder.path()), ["mod.rs"], "nothing was written");
    }

    #[test]
    fn a_failure_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("db");
        write(&out, &[file("a.rs", "old"), file("b.rs", "old")]).unwrap();
        // `z` is a file, so that the folder of the last one cannot be made.
        fs::write(out.join("z"), "mine").unwrap();
        let error = write(&out, &[file("a.rs", "new"), file("c.rs", "new"), file("z/d.rs", "new")]).unwrap_err();
        assert!(matches!(error, WriteError::Io { .. }), "{error}");
        assert_eq!(tree(&out), ["a.rs", "b.rs", "z"]);
        assert!(fs::read_to_string(out.join("a.rs")).unwrap().ends_with("old\n"));
    }

    #[test]
    fn a_folder_that_cannot_be_made() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("src"), "a file").unwrap();
        let error = write(&folder.path().join("src/db"), &[file("mod.rs", "1")]).unwrap_err();
        assert!(error.to_string().contains("src"), "{error}");
        assert_eq!(tree(folder.path()), ["src"]);
    }
}
