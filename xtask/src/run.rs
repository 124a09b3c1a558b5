//! Running other programs.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

/// What went wrong, in a line.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The root of the project.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}

/// The cargo that runs us, in the project's root.
pub(crate) fn cargo<I>(arguments: I) -> Command
where
    I: IntoIterator,
    I::Item: AsRef<OsStr>,
{
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Runs it, and fails when it does.
pub(crate) fn succeed(what: &str, command: &mut Command) -> Outcome {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{what} failed ({status}); its output is above")),
        Err(error) => Err(format!("{what} cannot be started: {error} ({})", command.get_program().to_string_lossy())),
    }
}

/// Says what is going on, and how long it took.
pub(crate) fn step(what: &str, work: impl FnOnce() -> Outcome) -> Outcome {
    eprintln!("xtask: {what} …");
    let start = Instant::now();
    work()?;
    eprintln!("xtask: {what}: done in {:.1} s", start.elapsed().as_secs_f32());
    Ok(())
}
