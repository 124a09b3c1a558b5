//! Contents on disk: one file for each version of an object, so that keys never become paths.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::OnceLock;

use md5::{Digest, Md5};

use super::refusal::{Answer, Refusal};
use crate::random;

pub(crate) struct Files {
    parent: PathBuf,
    folder: OnceLock<PathBuf>,
}

impl Files {
    pub(super) fn new(parent: PathBuf) -> Self {
        Self { parent, folder: OnceLock::new() }
    }

    /// The folder; the first use makes it.
    fn folder(&self) -> Answer<&PathBuf> {
        if let Some(folder) = self.folder.get() {
            return Ok(folder);
        }
        let name = random::letters(12).map_err(|_| Refusal::internal())?;
        let folder = self.parent.join(format!("storage-{name}"));
        std::fs::create_dir_all(&folder)?;
        // Another request may have been faster; its folder is as good.
        let _ = self.folder.set(folder.clone());
        let chosen = self.folder.get().ok_or_else(Refusal::internal)?;
        if *chosen != folder {
            let _ = std::fs::remove_dir(&folder);
        }
        Ok(chosen)
    }

    pub(super) fn path(&self, name: &str) -> Answer<PathBuf> {
        Ok(self.folder()?.join(name))
    }

    pub(super) fn create(&self, name: &str) -> Answer<File> {
        Ok(File::create(self.path(name)?)?)
    }

    pub(super) fn remove(&self, name: &str) {
        if !name.is_empty()
            && let Ok(path) = self.path(name)
        {
            // It may be gone already.
            let _ = std::fs::remove_file(path);
        }
    }

    pub(super) fn copy(&self, from: &str, to: &str) -> Answer<()> {
        std::fs::copy(self.path(from)?, self.path(to)?)?;
        Ok(())
    }

    /// Writes a file so that it is there whole or not at all.
    pub(super) fn keep(&self, name: &str, content: &[u8]) -> Answer<()> {
        let path = self.path(name)?;
        let new = path.with_extension("new");
        std::fs::write(&new, content)?;
        Ok(std::fs::rename(&new, &path)?)
    }

    /// The content of a small file, if there is one.
    pub(super) fn kept(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.path(name).ok()?).ok()
    }

    /// How long a file is, if there is one.
    pub(super) fn length(&self, name: &str) -> Option<u64> {
        Some(std::fs::metadata(self.path(name).ok()?).ok()?.len())
    }

    /// Cuts what a broken request left beyond this length, and appends.
    pub(super) fn append(&self, name: &str, at: u64) -> Answer<File> {
        let mut file = File::options().write(true).create(true).truncate(false).open(self.path(name)?)?;
        file.set_len(at)?;
        file.seek(SeekFrom::Start(at))?;
        Ok(file)
    }

    pub(super) fn open_at(&self, name: &str, at: u64) -> Answer<File> {
        let mut file = File::open(self.path(name)?)?;
        file.seek(SeekFrom::Start(at))?;
        Ok(file)
    }

    /// The quoted MD5 of a file.
    pub(super) fn etag(&self, name: &str) -> Answer<String> {
        let mut file = File::open(self.path(name)?)?;
        let mut hash = Md5::new();
        let mut part = vec![0; 256 * 1024];
        loop {
            let read = file.read(&mut part)?;
            if read == 0 {
                break;
            }
            hash.update(&part[..read]);
        }
        Ok(quoted(hash))
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.get() {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

fn quoted(hash: Md5) -> String {
    hash.finalize().iter().fold(String::from("\""), |text, byte| text + &format!("{byte:02x}")) + "\""
}

/// A file that is being received; without [`keep`](Self::keep) it is removed.
pub(super) struct Receiving<'a> {
    files: &'a Files,
    name: String,
    file: File,
    hash: Md5,
    pub(super) size: u64,
    kept: bool,
}

impl<'a> Receiving<'a> {
    pub(super) fn new(files: &'a Files, name: &str) -> Answer<Self> {
        Ok(Self { files, name: name.to_owned(), file: files.create(name)?, hash: Md5::new(), size: 0, kept: false })
    }

    pub(super) fn write(&mut self, part: &[u8]) -> Answer<()> {
        self.file.write_all(part)?;
        self.hash.update(part);
        self.size += part.len() as u64;
        Ok(())
    }

    pub(super) fn etag(&self) -> String {
        quoted(self.hash.clone())
    }

    pub(super) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Receiving<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.files.remove(&self.name);
        }
    }
}
