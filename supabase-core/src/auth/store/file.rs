//! A store in a folder: one file per name, for this user's eyes only.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fs4::fs_std::FileExt as _;

use super::{SessionStore, StoreError, StoreGuard};
use crate::transport::BoxFuture;

/// How long another process may refresh before this one no longer waits for it.
const LOCK_LIMIT: Duration = Duration::from_secs(10);

/// Keeps each text in a file of a folder.
///
/// A save is atomic: the text goes to a new file that then takes the old one's place, so a process
/// that is killed meanwhile leaves the old text. On Unix files have the mode 0600 and a folder that
/// this makes 0700. Several processes may share a folder: only one of them refreshes at a time, and
/// the others take what it got.
///
/// ```no_run
/// use supabase_core::Client;
/// use supabase_core::auth::{AuthConfig, FileStore};
///
/// let supabase = Client::builder("https://example.supabase.co", "anon key")
///     .auth(AuthConfig::new().store(FileStore::new("/home/me/.config/my-app/session")?))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug, Clone)]
pub struct FileStore {
    folder: PathBuf,
}

impl FileStore {
    /// A store in this folder, which is made if it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made; the error names it.
    pub fn new(folder: impl Into<PathBuf>) -> std::io::Result<Self> {
        let folder = folder.into();
        make_folder(&folder).map_err(|error| about(&error, "the folder for sessions cannot be made", &folder))?;
        remove_leftovers(&folder);
        Ok(Self { folder })
    }

    /// Names become files: whatever is no small letter (some file systems take `A` for `a`), digit, `-` or `_` is written as `%` and its code.
    fn path(&self, key: &str, ending: &str) -> PathBuf {
        let mut name = String::with_capacity(key.len() + ending.len());
        for byte in key.bytes() {
            if matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_') {
                name.push(char::from(byte));
            } else {
                name.push_str(&format!("%{byte:02X}"));
            }
        }
        self.folder.join(name + ending)
    }

    fn load_now(&self, key: &str) -> std::io::Result<Option<String>> {
        let path = self.path(key, ".json");
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(about(&error, "the session file cannot be read", &path)),
        }
    }

    fn save_now(&self, key: &str, text: &str) -> std::io::Result<()> {
        let path = self.path(key, ".json");
        let save = || {
            // Made with the mode 0600 on Unix, in the same folder so that the rename is atomic.
            let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&self.folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        save().map_err(|error: std::io::Error| about(&error, "the session file cannot be written", &path))
    }

    fn remove_now(&self, key: &str) -> std::io::Result<()> {
        let path = self.path(key, ".json");
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(about(&error, "the session file cannot be removed", &path))
            }
            _ => Ok(()),
        }
    }

    async fn lock_now(&self, key: &str) -> std::io::Result<Option<StoreGuard>> {
        let path = self.path(key, ".lock");
        let failed = |error: std::io::Error| about(&error, "the lock of the session file cannot be had", &path);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file: File = options.open(&path).map_err(failed)?;
        let begun = Instant::now();
        // The system releases the lock with the process, so a killed one holds nobody up; one that
        // hangs does so only for as long as the limit.
        while !file.try_lock_exclusive().map_err(failed)? {
            if begun.elapsed() > LOCK_LIMIT {
                return Ok(None);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Some(Box::new(file)))
    }
}

const TEMPORARY: &str = ".session-";

/// A process that was killed while it saved leaves its new file behind, with tokens in it.
fn remove_leftovers(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(TEMPORARY)) {
        let age = entry.metadata().and_then(|about| about.modified()).ok().and_then(|time| time.elapsed().ok());
        // A younger one may be another process's, which is about to move it.
        if age.is_some_and(|age| age > LOCK_LIMIT) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn about(error: &std::io::Error, what: &str, path: &Path) -> std::io::Error {
    std::io::Error::new(error.kind(), format!("{what}: {}: {error}", path.display()))
}

impl SessionStore for FileStore {
    fn load<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        Box::pin(async move { Ok(self.load_now(key)?) })
    }

    fn save<'a>(&'a self, key: &'a str, text: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { Ok(self.save_now(key, text)?) })
    }

    fn remove<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { Ok(self.remove_now(key)?) })
    }

    fn lock<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<StoreGuard>, StoreError>> {
        Box::pin(async move { Ok(self.lock_now(key).await?) })
    }
}
