//! Who runs the engines: this user, or an unprivileged account when this is root (PostgreSQL refuses root).

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::{User, geteuid};

use crate::environment::Environment;
use crate::error::{Error, Result};

/// The account that engines run as.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// `None`: the engines run as this process does.
    other: Option<(u32, u32)>,
    uid: u32,
}

impl Account {
    /// This user; as root the account named by `SUPABASE_LOCAL_USER`, else `postgres` or `nobody`.
    pub(crate) fn choose(environment: &Environment) -> Result<Self> {
        let euid = geteuid();
        if !euid.is_root() {
            return Ok(Self { other: None, uid: euid.as_raw() });
        }
        let wanted = environment.get("SUPABASE_LOCAL_USER").map(|name| name.to_string_lossy().into_owned());
        let names: Vec<&str> = match &wanted {
            Some(name) => vec![name],
            None => vec!["postgres", "nobody"],
        };
        for name in &names {
            let found = User::from_name(name).map_err(|errno| Error::Account {
                account: (*name).to_owned(),
                reason: format!("could not be looked up: {errno}"),
            })?;
            match found {
                Some(user) if user.uid.is_root() => {
                    return Err(Error::Account { account: (*name).to_owned(), reason: "is root itself".to_owned() });
                }
                Some(user) => {
                    let (uid, gid) = (user.uid.as_raw(), user.gid.as_raw());
                    return Ok(Self { other: Some((uid, gid)), uid });
                }
                None => {}
            }
        }
        Err(Error::Account { account: names.join("\" or \""), reason: "does not exist".to_owned() })
    }

    pub(crate) fn uid(&self) -> u32 {
        self.uid
    }

    /// Makes a command run as this account.
    pub(crate) fn command<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if let Some((uid, gid)) = self.other {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Gives a file or folder to this account.
    pub(crate) fn own(&self, path: &Path) -> Result<()> {
        match self.other {
            Some((uid, gid)) => std::os::unix::fs::chown(path, Some(uid), Some(gid))
                .map_err(|source| Error::io("give to the account of the engines the path", path, source)),
            None => Ok(()),
        }
    }

    /// Makes a folder that only this account (and root) can enter.
    pub(crate) fn private_folder(&self, path: &Path) -> Result<()> {
        std::fs::create_dir(path).map_err(|source| Error::io("make the folder", path, source))?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
            .map_err(|source| Error::io("set the permissions of", path, source))?;
        self.own(path)
    }

    /// Whether the account can reach a folder: engines are useless where it cannot (`/root` has mode 0700).
    pub(crate) fn can_enter(&self, folder: &Path) -> bool {
        let Some((uid, gid)) = self.other else {
            return true;
        };
        folder.ancestors().filter(|part| !part.as_os_str().is_empty()).all(|part| match std::fs::metadata(part) {
            Ok(meta) => {
                let mode = meta.mode();
                if meta.uid() == uid {
                    mode & 0o100 != 0
                } else if meta.gid() == gid {
                    mode & 0o010 != 0
                } else {
                    mode & 0o001 != 0
                }
            }
            // What does not exist yet is made by us, open to everybody.
            Err(_) => true,
        })
    }
}
