//! The project's own commands. `cargo xtask --help` lists them.

mod bench;
mod cost;
mod generated;
mod generators;
mod machine;
mod quickstart;
mod run;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Starts a stack, generates the typed schema, and runs the example program against both
    Quickstart,
    /// Passes every test: unit, documentation, compile-fail, golden, live; installs what is missing
    Test {
        /// Leaves out the compile-time budget, which takes minutes
        #[arg(long)]
        quick: bool,
    },
    /// Writes the checked-in generated code again, or with --check says what differs
    Generated {
        /// Changes nothing; exits 1 when the checked-in code is not what the generator writes
        #[arg(long)]
        check: bool,
    },
    /// Measures what generated code costs the compiler, and holds it against the budget
    Cost(cost::Options),
    /// Replays the recorded requests of the official clients, and real servers' answers, through ours
    Parity {
        /// The folder with the recorded requests
        #[arg(long)]
        vectors: Option<std::path::PathBuf>,
    },
    /// Measures requests and answers beside other clients, and holds the figures against the bars
    Bench {
        #[command(subcommand)]
        what: bench::What,
    },
    /// Runs a command and prints what it took; used by `cost`
    #[command(hide = true)]
    Measure {
        /// Where the figures are written
        #[arg(long)]
        to: std::path::PathBuf,
        /// The command
        #[arg(trailing_var_arg = true, required = true)]
        command: Vec<String>,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Quickstart => quickstart::run(),
        Command::Test { quick } => test::run(quick),
        Command::Generated { check } => generated::run(check),
        Command::Cost(options) => cost::run(&options),
        Command::Parity { vectors } => {
            let mut command = run::cargo(["run", "--quiet", "--package", "supabase-tests", "--bin", "parity", "--"]);
            if let Some(vectors) = vectors {
                command.arg("--vectors").arg(vectors);
            }
            run::succeed("the parity run", &mut command)
        }
        Command::Bench { what } => bench::run(&what),
        Command::Measure { to, command } => cost::measure(&to, &command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
