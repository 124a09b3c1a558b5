//! The command line: arguments in, one line of progress and a summary out, all on stderr.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Parser, Subcommand};

use crate::Builder;
use crate::config::Config;
use crate::error::{ConfigError, ConnectError, Error, SourceError};
use crate::model::Warning;
use crate::sources::{Source, migrations, snapshot};
use crate::tame;

/// `EX_DATAERR`: by the contract of Supabase's generators, a version of the metadata that is not known.
const UNKNOWN_METADATA: u8 = 65;

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
    /// Draw the schema as a Mermaid entity relationship diagram.
    Diagram(Options),
    /// Write the schema to a file from which the modules can be generated without a database.
    Snapshot(Options),
}

#[derive(Debug, Args)]
struct Options {
    /// The database, as postgres://user:password@host:port/database; else from SUPABASE_DB_URL or DATABASE_URL.
    #[arg(long, value_name = "URL", group = "source")]
    db_url: Option<String>,
    /// Certificates (PEM) that the database's has to lead to; means sslmode=verify-full.
    #[arg(long, value_name = "FILE")]
    root_cert: Option<PathBuf>,
    /// A project's REST interface instead, as https://….supabase.co; tells less than the database does.
    #[arg(long, value_name = "URL", group = "source")]
    project_url: Option<String>,
    /// The project's secret key; else from SUPABASE_SECRET_KEY or SUPABASE_SERVICE_ROLE_KEY.
    #[arg(long, value_name = "KEY", requires = "project_url")]
    key: Option<String>,
    /// A GeneratorMetadata document of Supabase's tools instead, or - for stdin.
    #[arg(long, value_name = "FILE", group = "source")]
    metadata: Option<PathBuf>,
    /// A folder of migrations instead, applied to a throw-away PostgreSQL of this machine.
    #[arg(long, value_name = "FOLDER", group = "source")]
    migrations: Option<PathBuf>,
    /// A snapshot instead, written by `codegen snapshot`.
    #[arg(long, value_name = "FILE", group = "source")]
    snapshot: Option<PathBuf>,
    /// A schema; may be repeated, or a list with commas; the first is the main one [default: those of the source, else public].
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

/// Runs the program: 0 when all went well, 1 when `check` found differences, 65 for metadata of a version that is not
/// known, 2 on any other error.
#[must_use]
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            say(&format!("error: {error}"));
            match error {
                Error::Source(SourceError::MetadataVersion { .. }) => ExitCode::from(UNKNOWN_METADATA),
                _ => ExitCode::from(2),
            }
        }
    }
}

/// One line on stderr, or several of a difference; that nobody may be reading it is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", tame::lines(text));
}

fn run(cli: Cli) -> Result<ExitCode, Error> {
    // What is written: modules, or one of these.
    let mut other: Option<One> = None;
    let (options, check, diff) = match cli.command {
        None => (cli.options, false, false),
        Some(Command::Generate(options)) => (options, false, false),
        Some(Command::Check { options, diff }) => (options, true, diff),
        Some(Command::Snapshot(options)) => {
            other = Some(One::Snapshot);
            (options, false, false)
        }
        Some(Command::Diagram(options)) => {
            other = Some(One::Diagram);
            (options, false, false)
        }
    };
    let started = Instant::now();
    let config = match &options.config {
        Some(path) => Config::read(path)?,
        None => Config::read_default()?,
    };
    let out = match &options.out {
        Some(out) => out.clone(),
        None if other == Some(One::Snapshot) => PathBuf::from(snapshot::DEFAULT_FILE),
        None if other == Some(One::Diagram) => PathBuf::from("-"),
        None => config.out.clone().ok_or(ConfigError::NoOut)?,
    };
    let (source, why) = source(&options, &config, &|name| std::env::var(name).ok().filter(|text| !text.is_empty()))?;
    let mut builder = Builder::new()
        .config(config)
        .source(source.clone())
        .schemas(options.schema.iter().flat_map(|list| schema_names(list)))
        .out(&out);
    if let Some(file) = &options.root_cert {
        builder = builder.root_cert(file);
    }
    let schemas = match (builder.chosen_schemas(), &source) {
        (Some(names), _) => names.join(", "),
        (None, Source::Database { .. } | Source::Project { .. }) => "public".to_owned(),
        (None, _) => "the schemas".to_owned(),
    };
    say(&format!("reading {schemas} from {source}{why} …"));

    if let Some(one) = other {
        return write_one(one, &builder, &out, options.verbose);
    }
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
        say(&format!("{} is not what {source} says: generate it again", out.display()));
        return Ok(ExitCode::from(1));
    }

    if out == Path::new("-") {
        let (text, report) = builder.render_single()?;
        warn(&report.warnings, options.verbose);
        print(&text)?;
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

/// What is one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum One {
    Snapshot,
    Diagram,
}

fn write_one(one: One, builder: &Builder, out: &Path, verbose: bool) -> Result<ExitCode, Error> {
    if out == Path::new("-") {
        let (text, warnings) = match one {
            One::Snapshot => builder.snapshot_text()?,
            One::Diagram => builder.diagram()?,
        };
        warn(&warnings, verbose);
        print(&text)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (changed, warnings) = match one {
        One::Snapshot => builder.write_snapshot(out)?,
        One::Diagram => builder.write_diagram(out)?,
    };
    warn(&warnings, verbose);
    say(&format!("{} {}", out.display(), if changed { "written" } else { "is up to date" }));
    Ok(ExitCode::SUCCESS)
}

fn print(text: &str) -> Result<(), Error> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|source| {
        crate::error::WriteError::Io { action: "write to", path: PathBuf::from("stdout"), source }.into()
    })
}

/// What the command line names; else what the configuration names; else a database that the environment names; else
/// `supabase/migrations`, a snapshot, or a project that the environment names. With a word on why, unless it was asked for.
fn source(
    options: &Options,
    config: &Config,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(Source, String), Error> {
    let asked = |source: Source| Ok((source, String::new()));
    let key = || {
        let usual = ["SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY"];
        options.key.clone().or_else(|| usual.iter().find_map(|name| variable(name)))
    };
    let database = |url: String| Source::Database { url, root_cert: None };
    if let Some(url) = &options.db_url {
        return asked(database(url.clone()));
    }
    if let Some(url) = &options.project_url {
        let key = key().ok_or(SourceError::NoKey)?;
        return asked(Source::Project { url: url.clone(), key });
    }
    if let Some(file) = &options.metadata {
        return asked(Source::Metadata(file.clone()));
    }
    if let Some(folder) = &options.migrations {
        return asked(Source::Migrations(folder.clone()));
    }
    if let Some(file) = &options.snapshot {
        return asked(Source::Snapshot(file.clone()));
    }
    if let Some(name) = &config.db_url_env {
        let url = variable(name).ok_or_else(|| ConfigError::NoVariable { name: name.clone() })?;
        return Ok((database(url), format!(" ({name})")));
    }
    if let Some(folder) = &config.migrations {
        return Ok((Source::Migrations(folder.clone()), " (of the configuration)".to_owned()));
    }
    if let Some(file) = &config.snapshot {
        return Ok((Source::Snapshot(file.clone()), " (of the configuration)".to_owned()));
    }
    for name in ["SUPABASE_DB_URL", "DATABASE_URL"] {
        if let Some(url) = variable(name) {
            return Ok((database(url), format!(" ({name})")));
        }
    }
    if let Some(folder) = migrations::find().filter(|_| cfg!(feature = "migrations")) {
        return Ok((Source::Migrations(folder), " (found; no database was named)".to_owned()));
    }
    if Path::new(snapshot::DEFAULT_FILE).exists() {
        return Ok((Source::Snapshot(snapshot::DEFAULT_FILE.into()), " (found; no database was named)".to_owned()));
    }
    if let (Some(url), Some(key)) = (variable("SUPABASE_URL"), key()) {
        return Ok((Source::Project { url, key }, " (SUPABASE_URL; no database was named)".to_owned()));
    }
    Err(ConnectError::NoUrl.into())
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
        let two = Cli::try_parse_from(["codegen", "--db-url", "x", "--snapshot", "y"]).unwrap_err().to_string();
        assert!(two.contains("cannot be used with"), "{two}");
        let error = Cli::try_parse_from(["codegen", "--db-ur", "x"]).unwrap_err().to_string();
        assert!(error.contains("--db-url"), "{error}");
    }

    #[test]
    fn the_source_that_is_chosen() {
        let chosen = |arguments: &[&str], variables: &[(&str, &str)], config: Config| {
            let cli = Cli::try_parse_from(std::iter::once("codegen").chain(arguments.iter().copied())).unwrap();
            let variable =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            source(&cli.options, &config, &variable).map(|(source, why)| format!("{source}{why}"))
        };
        let none = Config::default;
        let database = ("SUPABASE_DB_URL", "postgres://u:hunter2@h/d");
        assert_eq!(chosen(&["--snapshot", "s.json"], &[database], none()).unwrap(), "the snapshot s.json");
        assert_eq!(chosen(&["--metadata", "-"], &[], none()).unwrap(), "the metadata on the standard input");
        assert_eq!(chosen(&[], &[database], none()).unwrap(), "h:5432/d (SUPABASE_DB_URL)");
        let config = Config { migrations: Some("m".into()), ..none() };
        assert_eq!(chosen(&[], &[database], config).unwrap(), "the migrations in m (of the configuration)");
        let error = chosen(&["--project-url", "https://x.supabase.co"], &[], none()).unwrap_err().to_string();
        assert!(error.contains("--key"), "{error}");
        let keys = [("SUPABASE_SECRET_KEY", "sb_secret_x")];
        assert_eq!(
            chosen(&["--project-url", "https://x.supabase.co"], &keys, none()).unwrap(),
            "the project https://x.supabase.co"
        );
    }
}
