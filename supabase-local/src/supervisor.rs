//! Cleans up after this process, however it ends.
//!
//! A shell waits on a pipe whose writing end only this process holds; the system closes it when the process ends,
//! also by SIGKILL. The shell then ends the engines and removes the folders. There is one for the whole process.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::Ending;
use crate::error::{Error, Result};
use crate::random;

const SCRIPT: &str = include_str!("supervisor.sh");

pub(crate) struct Supervisor {
    /// Everything of this process that is to be removed lies in here.
    folder: PathBuf,
    pipe: Mutex<ChildStdin>,
    shell: Mutex<Child>,
}

impl Supervisor {
    /// The supervisor of this process; the first call starts it.
    pub(crate) fn of_process() -> Result<Arc<Self>> {
        static CURRENT: Mutex<Option<Arc<Supervisor>>> = Mutex::new(None);
        let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(supervisor) = current.as_ref()
            && supervisor.is_running()
        {
            return Ok(supervisor.clone());
        }
        let supervisor = Arc::new(Self::start()?);
        *current = Some(supervisor.clone());
        Ok(supervisor)
    }

    fn start() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("supabase-local-{}", random::letters(8)?));
        fs::create_dir(&folder).map_err(|source| Error::Io {
            action: "make the folder",
            path: folder.clone(),
            source,
            remedy: "\n  remedy: set TMPDIR to a folder that can be written".to_owned(),
        })?;
        // The engines' account passes through to its own folder; nobody else sees what is in here.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o711))
            .map_err(|source| Error::io("set the permissions of", &folder, source))?;
        let failed = |source| Error::System { action: "start the shell that cleans up after this process", source };
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "supabase-local-supervisor"])
            .arg(&folder)
            .current_dir("/")
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let pipe = shell.stdin.take().ok_or_else(|| failed(std::io::Error::other("it has no standard input")))?;
        Ok(Self { folder, pipe: Mutex::new(pipe), shell: Mutex::new(shell) })
    }

    fn is_running(&self) -> bool {
        let mut shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(shell.try_wait(), Ok(None))
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Tells that an engine was started. An error means that nobody would clean up, so the engine must not go on.
    pub(crate) fn engine_started(&self, ending: Ending, pid: i32) -> Result<()> {
        self.tell(&format!("engine {} {pid}\n", ending.name()))
            .map_err(|source| Error::System { action: "reach the shell that cleans up after this process", source })
    }

    pub(crate) fn engine_ended(&self, pid: i32) {
        // When the shell is gone there is nobody to tell.
        let _ = self.tell(&format!("ended {pid}\n"));
    }

    fn tell(&self, line: &str) -> std::io::Result<()> {
        self.pipe.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes())
    }
}
