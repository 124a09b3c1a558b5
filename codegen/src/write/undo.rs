//! What has been done to the folder, and the way back.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::io;
use crate::error::{NotUndone, WriteError};

/// One thing that was done to a file.
#[derive(Debug)]
enum Step {
    /// There was none before; `aside` is where it came from.
    Made { file: PathBuf, aside: PathBuf },
    /// It was another one, or is gone; `old` has the text of before.
    Had { file: PathBuf, old: PathBuf },
}

/// What has been done so far, newest last.
#[derive(Debug)]
pub(super) struct Undo {
    folders: Vec<PathBuf>,
    steps: Vec<Step>,
    staging: tempfile::TempDir,
}

impl Undo {
    /// Makes the folder, and in it the temporary one: it is the same file system then, where moving is atomic.
    pub(super) fn begin(out: &Path) -> Result<Self, WriteError> {
        let mut folders = Vec::new();
        let staging = make(out, &mut folders).and_then(|()| {
            tempfile::Builder::new().prefix(".supabase-codegen-").tempdir_in(out).map_err(io("write into", out))
        });
        match staging {
            Ok(staging) => Ok(Self { folders, steps: Vec::new(), staging }),
            Err(error) => {
                remove(folders);
                Err(error)
            }
        }
    }

    /// Where new text is written first, and old text is kept until all is done.
    pub(super) fn staging(&self) -> &Path {
        self.staging.path()
    }

    /// Makes a folder and those above it.
    pub(super) fn folder(&mut self, path: &Path) -> Result<(), WriteError> {
        make(path, &mut self.folders)
    }

    /// Puts a file where there is none.
    pub(super) fn make(&mut self, new: &Path, file: &Path) -> Result<(), WriteError> {
        fs::rename(new, file).map_err(io("write", file))?;
        self.steps.push(Step::Made { file: file.to_owned(), aside: new.to_owned() });
        Ok(())
    }

    /// Puts a file in the place of another one, in one step: whoever is stopped in the middle has either.
    pub(super) fn replace(&mut self, new: &Path, file: &Path, old: &Path) -> Result<(), WriteError> {
        fs::copy(file, old).map_err(io("copy", file))?;
        fs::rename(new, file).map_err(io("write", file))?;
        self.steps.push(Step::Had { file: file.to_owned(), old: old.to_owned() });
        Ok(())
    }

    /// Takes a file away.
    pub(super) fn remove(&mut self, file: &Path, old: &Path) -> Result<(), WriteError> {
        fs::rename(file, old).map_err(io("remove", file))?;
        self.steps.push(Step::Had { file: file.to_owned(), old: old.to_owned() });
        Ok(())
    }

    /// Goes all the way back, and gives the error that there is then: the one that it began with, or, where the way
    /// is blocked, one that names the files. Old text that could not be put back is kept.
    pub(super) fn roll_back(self, cause: WriteError) -> WriteError {
        let mut left = Vec::new();
        for step in self.steps.into_iter().rev() {
            let (from, to) = match &step {
                Step::Made { file, aside } => (file, aside),
                Step::Had { file, old } => (old, file),
            };
            if fs::rename(from, to).is_err() {
                left.push(match step {
                    Step::Made { file, .. } => NotUndone { file, old: None },
                    Step::Had { file, old } => NotUndone { file, old: Some(old) },
                });
            }
        }
        if left.iter().any(|file| file.old.is_some()) {
            let _ = self.staging.keep();
        } else {
            drop(self.staging);
        }
        remove(self.folders);
        if left.is_empty() { cause } else { WriteError::NotUndone { cause: Box::new(cause), left } }
    }
}

fn make(path: &Path, made: &mut Vec<PathBuf>) -> Result<(), WriteError> {
    let missing: Vec<&Path> =
        path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    for folder in missing.into_iter().rev() {
        fs::create_dir(folder).map_err(io("create the folder", folder))?;
        made.push(folder.to_owned());
    }
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    Err(io("create the folder", path)(std::io::Error::new(ErrorKind::NotADirectory, "a file is in the way")))
}

/// Removes what is empty; what somebody has put something into stays.
fn remove(folders: Vec<PathBuf>) {
    for folder in folders.into_iter().rev() {
        let _ = fs::remove_dir(folder);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn cause() -> WriteError {
        WriteError::NotOurs { path: PathBuf::from("mine.rs") }
    }

    /// New text, written to where it waits.
    fn new(undo: &Undo, name: &str) -> PathBuf {
        let path = undo.staging().join(name);
        fs::write(&path, "new").unwrap();
        path
    }

    #[test]
    fn a_file_is_there_at_every_moment() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.rs");
        fs::write(&file, "old").unwrap();
        let mut undo = Undo::begin(folder.path()).unwrap();
        let old = undo.staging().join("old");
        // Where the new text is missing, the second half of the step fails: as if it had been stopped there.
        undo.replace(&undo.staging().join("none"), &file, &old).unwrap_err();
        assert_eq!(fs::read_to_string(&file).unwrap(), "old");
        let text = new(&undo, "new");
        undo.replace(&text, &file, &old).unwrap();
        assert_eq!(
            (fs::read_to_string(&file).unwrap(), fs::read_to_string(&old).unwrap()),
            ("new".into(), "old".into())
        );
        assert!(matches!(undo.roll_back(cause()), WriteError::NotOurs { .. }));
        assert_eq!(fs::read_to_string(&file).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing temporary stays");
    }

    #[test]
    fn old_text_that_cannot_be_put_back_is_kept_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let (blocked, free, gone) =
            (folder.path().join("a.rs"), folder.path().join("b.rs"), folder.path().join("c.rs"));
        for file in [&blocked, &free, &gone] {
            fs::write(file, "old").unwrap();
        }
        let mut undo = Undo::begin(folder.path()).unwrap();
        for (name, file) in [("a", &blocked), ("b", &free)] {
            let text = new(&undo, name);
            undo.replace(&text, file, &undo.staging().join(format!("old-{name}"))).unwrap();
        }
        undo.remove(&gone, &undo.staging().join("old-c")).unwrap();
        // Somebody puts a folder there meanwhile, which no file can replace.
        fs::remove_file(&blocked).unwrap();
        fs::create_dir_all(blocked.join("inside")).unwrap();
        let error = undo.roll_back(cause());
        let WriteError::NotUndone { left, .. } = &error else { panic!("{error}") };
        assert!(matches!(&left[..], [only] if only.file == blocked), "{left:?}");
        let old = left[0].old.clone().unwrap();
        assert_eq!(fs::read_to_string(&old).unwrap(), "old", "the only copy of the text");
        let told = error.to_string();
        for part in ["mine.rs", &blocked.display().to_string(), &old.display().to_string()] {
            assert!(told.contains(part), "{told}");
        }
        // The others are as they were.
        assert_eq!(fs::read_to_string(&free).unwrap(), "old");
        assert_eq!(fs::read_to_string(&gone).unwrap(), "old");
    }
}
