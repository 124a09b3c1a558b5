//! One running engine: its process, the end of its log, and its end.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::watch;

use crate::account::Account;
use crate::error::{Error, Result};
use crate::supervisor::Supervisor;

/// How much of a log is kept for errors.
const KEPT_LINES: usize = 40;
/// How long an engine may take to end before it is killed.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether `SUPABASE_LOCAL_LOG=1` asks for the logs of the engines on standard error.
fn log_requested() -> bool {
    std::env::var_os("SUPABASE_LOCAL_LOG").is_some_and(|value| !value.is_empty() && value != "0")
}

/// The signal that asks an engine to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// PostgreSQL: end now, leave recovery to the next start (there is none).
    Quit,
    /// PostgreSQL: end after writing everything out.
    Interrupt,
    /// PostgREST: it has nothing to write.
    Kill,
}

impl Ending {
    fn signal(self) -> Signal {
        match self {
            Self::Quit => Signal::SIGQUIT,
            Self::Interrupt => Signal::SIGINT,
            Self::Kill => Signal::SIGKILL,
        }
    }

    /// The name that `kill -s` knows.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Quit => "QUIT",
            Self::Interrupt => "INT",
            Self::Kill => "KILL",
        }
    }
}

/// How to start an engine.
pub(crate) struct EngineCommand {
    name: String,
    program: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(String, String)>,
    ending: Ending,
}

impl EngineCommand {
    pub(crate) fn new(name: impl Into<String>, program: &Path, ending: Ending) -> Self {
        Self { name: name.into(), program: program.to_path_buf(), arguments: Vec::new(), variables: Vec::new(), ending }
    }

    pub(crate) fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    pub(crate) fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }
}

/// The end of an engine's log, and a count of the lines that contain a certain text.
struct Log {
    lines: Mutex<VecDeque<String>>,
    /// How many lines came so far; whoever waits for a line is woken by it.
    count: watch::Sender<u64>,
}

/// A running engine. Dropping it ends it, without waiting.
pub(crate) struct Engine {
    name: String,
    pid: i32,
    child: Mutex<Option<Child>>,
    log: Arc<Log>,
    ending: Ending,
    supervisor: Arc<Supervisor>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded is valid after every single step, so a panic elsewhere does not spoil it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// Starts an engine so that there is no moment at which this process could die and leave it behind: a shell
    /// waits for a line, the supervisor is told its process id, and only then the line is sent and the shell
    /// becomes the engine.
    pub(crate) fn start(
        supervisor: &Arc<Supervisor>,
        account: &Account,
        folder: &Path,
        engine: EngineCommand,
    ) -> Result<Self> {
        let failed = |source| Error::EngineFailed {
            engine: engine.name.clone(),
            what: format!("could not be started: {source}"),
            log: String::new(),
        };
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "read -r go && exec \"$@\" </dev/null", "engine"])
            .arg(&engine.program)
            .args(&engine.arguments)
            .current_dir(folder)
            // A parent's PG… variables would steer libpq, its locale the messages.
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("HOME", folder)
            .envs(engine.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Ctrl-C in a terminal goes to whole process groups; the engines end when their parent says so.
            .process_group(0);
        account.command(&mut command);
        let mut child = command.spawn().map_err(failed)?;
        let pid = i32::try_from(child.id()).unwrap_or(i32::MAX);
        let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
        let log = Arc::new(Log { lines: Mutex::new(VecDeque::new()), count: watch::Sender::new(0) });
        // From here on dropping this ends the process.
        let running = Self {
            name: engine.name.clone(),
            pid,
            child: Mutex::new(Some(child)),
            log: log.clone(),
            ending: engine.ending,
            supervisor: supervisor.clone(),
        };
        supervisor.engine_started(engine.ending, pid)?;
        if let Some(stderr) = stderr {
            let (name, show) = (engine.name.clone(), log_requested());
            std::thread::Builder::new()
                .name(format!("log of {name}"))
                .spawn(move || {
                    for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                        let line = String::from_utf8_lossy(&line).into_owned();
                        if show {
                            eprintln!("[{name} {pid}] {line}");
                        }
                        let mut lines = locked(&log.lines);
                        if lines.len() == KEPT_LINES {
                            lines.pop_front();
                        }
                        lines.push_back(line);
                        drop(lines);
                        log.count.send_modify(|count| *count += 1);
                    }
                })
                .map_err(failed)?;
        }
        if let Some(mut stdin) = stdin {
            stdin.write_all(b"go\n").map_err(failed)?;
        }
        Ok(running)
    }

    /// Whether it is still running.
    pub(crate) fn is_running(&self) -> bool {
        locked(&self.child).as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// The last lines of its log, each behind two blanks.
    pub(crate) fn log(&self) -> String {
        let lines = locked(&self.log.lines);
        if lines.is_empty() {
            return "  (nothing)".to_owned();
        }
        lines.iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn failed(&self, what: impl Into<String>) -> Error {
        // The last words of a process that has just ended may still be in the pipe.
        std::thread::sleep(Duration::from_millis(50));
        Error::EngineFailed { engine: self.name.clone(), what: what.into(), log: self.log() }
    }

    /// Waits until its log has a line that contains this text.
    pub(crate) async fn logged(&self, text: &str, patience: Duration) -> Result<()> {
        let mut count = self.log.count.subscribe();
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            count.mark_unchanged();
            if locked(&self.log.lines).iter().any(|line| line.contains(text)) {
                return Ok(());
            }
            if !self.is_running() {
                return Err(self.failed("ended while it was starting"));
            }
            if tokio::time::Instant::now() >= deadline {
                return Err(self.failed(format!("was not ready within {} seconds", patience.as_secs())));
            }
            // The end of the process is no line, so look again now and then.
            let _ = tokio::time::timeout(Duration::from_millis(100), count.changed()).await;
        }
    }

    /// Ends it and waits for its end; blocks.
    pub(crate) fn stop(&self, ending: Ending) -> Option<ExitStatus> {
        self.ender().stop(ending)
    }

    /// Takes the process out of this value: whoever has it ends it, on whatever thread.
    pub(crate) fn ender(&self) -> Ender {
        Ender { pid: self.pid, child: locked(&self.child).take(), supervisor: self.supervisor.clone() }
    }
}

/// Ends an engine; see [`Engine::ender`].
pub(crate) struct Ender {
    pid: i32,
    child: Option<Child>,
    supervisor: Arc<Supervisor>,
}

impl Ender {
    /// Ends it and waits for its end; blocks. `None`: it had been ended before.
    pub(crate) fn stop(mut self, ending: Ending) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        let status = match child.try_wait() {
            Ok(Some(status)) => Some(status),
            _ => {
                // It was not waited for yet, so its process id cannot belong to another process.
                let _ = kill(Pid::from_raw(self.pid), ending.signal());
                wait(&mut child)
            }
        };
        self.supervisor.engine_ended(self.pid);
        status
    }
}

fn wait(child: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < deadline => {
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(20));
            }
            _ => {
                let _ = child.kill();
                return child.wait().ok();
            }
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let (ender, ending) = (self.ender(), self.ending);
        if ender.child.is_none() {
            return;
        }
        // Waiting is left to a thread; should the program end before it, the supervisor does the rest.
        let _ = std::thread::Builder::new().name("engine end".to_owned()).spawn(move || ender.stop(ending));
    }
}
