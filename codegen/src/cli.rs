//! The command line: arguments in, one line of progress and a summary out, all on stderr.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Parser, Subcommand};

use crate::config::Config;
use crate::error::{ConfigError, ConnectError, Error};
use crate::model::Warning;
use crate::{Builder, sources};

/// Typed table modules for supabase-core from a PostgreSQL database.
#[derive(Debug, Parser)]
#[command(name = "codegen", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the modules (this is what happens without a subcommand).
    Generate(Options),
    /// Say what would change, and exit with 1 if anything would.
    Check {
        #[command(flatten)]
        options: Options,
        /// Show the difference of the text as well.
        #[arg(long)]
        diff: bool,
    },
}

#[derive(Debug, Args)]
struct Options {
    /// The database, as postgres://user:password@host:port/database; else from SUPABASE_DB_URL or DATABASE_URL.
    #[arg(long, value_name = "URL")]
    db_url: Option<String>,
    /// A schema; may be repeated, or a list with commas; the first is the main one [default: public].
    #[arg(long, value_name = "NAME")]
    schema: Vec<String>,
    /// The folder to write to, or - for one file on stdout.
    #[arg(long, visible_alias = "output", value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// The configuration [default: supabase-codegen.toml, where it exists].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Also tell what was left out, and why.
    #[arg(long, short)]
    verbose: bool,
}

/// Runs the program: 0 when all went well, 1 when `check` found differences, 2 on any error.
#[must_use]
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

/// One line on stderr; that nobody may be reading it is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn run(cli: Cli) -> Result<ExitCode, Error> {
    let (options, check, diff) = match cli.command {
        None => (cli.options, false, false),
        Some(Command::Generate(options)) => (options, false, false),
        Some(Command::Check { options, diff }) => (options, true, diff),
    };
    let started = Instant::now();
    let config = match &options.config {
        Some(path) => Config::read(path)?,
        None => Config::read_default()?,
    };
    let out = options.out.clone().or_else(|| config.out.clone()).ok_or(ConfigError::NoOut)?;
    let url = db_url(options.db_url.as_deref(), &config)?;
    let builder = Builder::new()
        .config(config)
        .db_url(&url)
        .schemas(options.schema.iter().flat_map(|list| schema_names(list)))
        .out(&out);
    let place = sources::postgres::place(&url).unwrap_or_else(|| "the database".to_owned());
    say(&format!("reading {} from {place} …", builder.selected_schemas().join(", ")));

    if check {
        let differences = builder.check()?;
        for file in &differences.files {
            for fact in &file.facts {
                say(fact);
            }
            if diff || file.facts.is_empty() {
                say(file.diff.trim_end());
            }
        }
        if differences.is_empty() {
            say(&format!("{} is up to date", out.display()));
            return Ok(ExitCode::SUCCESS);
        }
        say(&format!("{} is not what the database is: generate it again", out.display()));
        return Ok(ExitCode::from(1));
    }

    if out == Path::new("-") {
        let (text, report) = builder.render_single()?;
        warn(&report.warnings, options.verbose);
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|source| {
            crate::error::WriteError::Io { action: "write to", path: PathBuf::from("stdout"), source }
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    let report = builder.generate()?;
    warn(&report.warnings, options.verbose);
    let written = report.written;
    say(&format!(
        "{} → {} in {:.1} s ({} written, {} unchanged, {} removed)",
        report.counts,
        out.display(),
        started.elapsed().as_secs_f64(),
        written.written,
        written.unchanged,
        written.removed
    ));
    Ok(ExitCode::SUCCESS)
}

/// `a,b` is two schemas; a name with a comma of its own is written in double quotes, as in SQL.
fn schema_names(list: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut quoted = false;
    let mut letters = list.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                names.iter_mut().last().into_iter().for_each(|name| name.push('"'));
            }
            '"' => quoted = !quoted,
            ',' if !quoted => names.push(String::new()),
            other => names.iter_mut().last().into_iter().for_each(|name| name.push(other)),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn warn(warnings: &[Warning], verbose: bool) {
    for warning in warnings.iter().filter(|warning| warning.important || verbose) {
        say(&format!("{}: {warning}", if warning.important { "warning" } else { "note" }));
    }
    let hidden = warnings.iter().filter(|warning| !warning.important).count();
    if hidden > 0 && !verbose {
        say(&format!(
            "{hidden} {} left out (--verbose tells which and why)",
            if hidden == 1 { "thing was" } else { "things were" }
        ));
    }
}

/// The command line, then the variable that the configuration names, then the usual two.
fn db_url(argument: Option<&str>, config: &Config) -> Result<String, Error> {
    if let Some(url) = argument {
        return Ok(url.to_owned());
    }
    if let Some(name) = &config.db_url_env {
        return std::env::var(name).map_err(|_| ConfigError::NoVariable { name: name.clone() }.into());
    }
    let usual = ["SUPABASE_DB_URL", "DATABASE_URL"];
    usual
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|url| !url.is_empty()))
        .ok_or_else(|| ConnectError::NoUrl.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments() {
        Cli::command().debug_assert();
        let cli = Cli::try_parse_from(["codegen", "--db-url", "x", "--schema", "a,b", "--schema", "c", "--out", "-"])
            .unwrap();
        assert!(cli.command.is_none());
        let names: Vec<String> = cli.options.schema.iter().flat_map(|list| schema_names(list)).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!(schema_names("a,\"b, c\",\"d\"\"e\""), ["a", "b, c", "d\"e"]);
        let cli = Cli::try_parse_from(["codegen", "check", "--output", "src/db", "--diff"]).unwrap();
        assert!(matches!(cli.command, Some(Command::Check { diff: true, .. })));
        let error = Cli::try_parse_from(["codegen", "--db-ur", "x"]).unwrap_err().to_string();
        assert!(error.contains("--db-url"), "{error}");
    }
}
