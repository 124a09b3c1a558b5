//! Starts a stack, prints its URL and keys, and ends it on Ctrl-C.

use std::io::Write;
use std::path::PathBuf;

use clap::Parser;
use supabase_local::Stack;

/// A Supabase stack on this machine: PostgreSQL, PostgREST and a gateway, all of it gone after Ctrl-C.
#[derive(Parser)]
#[command(name = "supabase-local")]
struct Arguments {
    /// A folder of *.sql files, applied in the order of their names (seed.sql last).
    #[arg(long, value_name = "FOLDER")]
    migrations: Vec<PathBuf>,
    /// A file of SQL, applied after the migrations.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// The port of the gateway; any free one by default.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The schemas that the REST service exposes, separated by commas.
    #[arg(long, value_delimiter = ',', default_value = "public")]
    schemas: Vec<String>,
    /// Allow aggregates and EXPLAIN, and return any number of rows.
    #[arg(long)]
    unlimited: bool,
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> supabase_local::Result<()> {
    let mut builder = Stack::builder().port(arguments.port).schemas(arguments.schemas);
    for folder in arguments.migrations {
        builder = builder.migrations(folder);
    }
    if let Some(file) = arguments.seed {
        builder = builder.seed(file);
    }
    if arguments.unlimited {
        builder = builder.aggregates(true).plan(true).max_rows(None);
    }
    let stack = builder.start().await?;
    // One piece, in the form of an `.env` file; whoever reads only its beginning does not end the stack.
    let described = [
        ("URL", stack.url()),
        ("ANON_KEY", stack.anon_key()),
        ("SERVICE_ROLE_KEY", stack.service_key()),
        ("PUBLISHABLE_KEY", stack.publishable_key()),
        ("SECRET_KEY", stack.secret_key()),
        ("JWT_SECRET", stack.jwt_secret()),
        ("DB_URL", &stack.db_url()),
    ]
    .map(|(name, value)| format!("SUPABASE_{name}={value}\n"))
    .concat();
    let mut output = std::io::stdout();
    let _ = output.write_all(described.as_bytes()).and_then(|()| output.flush());
    eprintln!("supabase-local: running; Ctrl-C ends it");
    let _ = tokio::signal::ctrl_c().await;
    stack.stop().await
}
