//! `cargo xtask bench codegen`: our generator beside others, on one database.
//!
//! Beside ours are Supabase's own `@supabase/postgrest-typegen` (npm, TypeScript) and `rp-supabase-codegen`
//! (crates.io, Rust), of fixed versions; they are installed below `target/` and nothing of them is kept elsewhere.
//! Each is timed as a whole process, from its start to the finished file; the two Rust outputs are then checked by
//! the compiler. Seconds depend on the machine and on what else it does; CPU-seconds less so.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use supabase_local::Cluster;

use crate::cost::{Figure, figure_of};
use crate::run::{Outcome, cargo, root, succeed};

#[derive(clap::Args, Clone)]
pub(crate) struct Options {
    /// How many tables, of twenty columns each
    #[arg(long, default_value_t = 1000)]
    tables: usize,
    /// How often each generator runs, and each output is checked; the median counts
    #[arg(long, default_value_t = 3)]
    runs: usize,
}

const TYPEGEN: &str = "@supabase/postgrest-typegen@0.2.5";
const TYPEGEN_DRIVER: &str = "pg@8.23.1";
const RP: &str = "=0.15.1";

/// Introspects and writes TypeScript, as `supabase gen types` does with this package.
const TYPEGEN_PROGRAM: &str = r#"import { writeFileSync } from "node:fs";
import pg from "pg";
import { introspect } from "@supabase/postgrest-typegen/introspection";
import { generateTypescript, sortGeneratorMetadata } from "@supabase/postgrest-typegen/generation";
const pool = new pg.Pool({ connectionString: process.argv[2] });
const metadata = sortGeneratorMetadata(await introspect(pool, { includedSchemas: ["public"] }));
writeFileSync(process.argv[3], await generateTypescript(metadata, { postgrestVersion: "12" }));
await pool.end();
"#;

const RP_PROGRAM: &str = r#"fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (url, out) = (arguments.next().ok_or("no url")?, arguments.next().ok_or("no file")?);
    rp_supabase_codegen::Generator::new().schemas(["public"]).from_database(&url)?.write_to(out)?;
    Ok(())
}
"#;

pub(crate) fn run(options: &Options) -> Outcome {
    crate::machine::prepare()?;
    let folder = root().join("target/bench-codegen");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let ours = ours()?;
    let typegen = typegen(&folder.join("typegen"))?;
    let rp = rp(&folder)?;

    eprintln!("xtask: creating {} tables of 20 columns …", options.tables);
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("no runtime: {error}"))?;
    let cluster = runtime.block_on(Cluster::start()).map_err(|error| error.to_string())?;
    let database = runtime.block_on(cluster.create_database("bench")).map_err(|error| error.to_string())?;
    // In parts: one statement would hold a lock on every table.
    for part in schema(options.tables) {
        runtime.block_on(database.apply_sql(&part)).map_err(|error| error.to_string())?;
    }
    let url = database.url();

    println!("{} tables × 20 columns, median of {} runs", options.tables, options.runs);
    println!("{:<34} {:>9} {:>12} {:>9} {:>9} {:>9}", "generator", "seconds", "CPU-seconds", "peak MB", "lines", "MB");
    let (out, single) = (folder.join("ours"), folder.join("rp.rs"));
    let types = folder.join("types.ts");
    let row = |name: &str, figure: Timed, (lines, bytes): (usize, u64)| {
        #[allow(clippy::cast_precision_loss, reason = "megabytes of text")]
        let megabytes = bytes as f64 / 1e6;
        println!(
            "{name:<34} {:>9.2} {:>12.2} {:>9.0} {lines:>9} {megabytes:>9.1}",
            figure.seconds, figure.cost.cpu, figure.cost.megabytes
        );
    };
    let figure = timed(options.runs, &folder, || {
        // Every run writes every file.
        drop(fs::remove_dir_all(&out));
        let mut command = Command::new(&ours);
        command.args(["--db-url", &url, "--schema", "public", "--out"]).arg(&out);
        command
    })?;
    row("ours (release)", figure, size(&out)?);
    let figure = timed(options.runs, &folder, || {
        let mut command = Command::new("node");
        command.arg(&typegen).arg(&url).arg(&types);
        command
    })?;
    row(TYPEGEN, figure, size(&types)?);
    let figure = timed(options.runs, &folder, || {
        let mut command = Command::new(&rp);
        command.arg(format!("{url}?sslmode=disable")).arg(&single);
        command
    })?;
    row(&format!("rp-supabase-codegen {RP} (release)"), figure, size(&single)?);

    println!("\n{:<34} {:>12} {:>9}", "cargo check of the output", "CPU-seconds", "peak MB");
    for (name, source) in [("ours", &out), ("rp", &single)] {
        let figure = check(&folder.join("check"), name, source, options.runs)?;
        println!("{name:<34} {:>12.2} {:>9.0}", figure.cpu, figure.megabytes);
    }
    drop(database);
    drop(cluster);
    Ok(())
}

/// Twenty columns of usual types and a key to the table before, a hundred tables at a time.
fn schema(tables: usize) -> Vec<String> {
    let kinds = [
        "text not null",
        "integer",
        "numeric",
        "timestamptz not null",
        "jsonb",
        "boolean",
        "uuid not null",
        "text[]",
        "double precision",
        "date",
    ];
    let mut parts = Vec::new();
    for first in (0..tables).step_by(100) {
        let mut sql = String::new();
        for table in first..(first + 100).min(tables) {
            let key = if table == 0 { String::new() } else { format!(" references t{} (id)", table - 1) };
            let columns: Vec<String> =
                (0..18).map(|column| format!("c{column} {}", kinds[column % kinds.len()])).collect();
            let written = writeln!(
                sql,
                "create table t{table} (id bigint generated by default as identity primary key, parent_id bigint{key}, {});",
                columns.join(", ")
            );
            debug_assert!(written.is_ok(), "writing to a String does not fail");
        }
        parts.push(sql);
    }
    parts
}

fn ours() -> Outcome<PathBuf> {
    eprintln!("xtask: building our generator, release mode …");
    succeed("the build of codegen", &mut cargo(["build", "--quiet", "--release", "--package", "codegen"]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir));
    Ok(target.join("release/codegen"))
}

/// Installs the npm package, once.
fn typegen(folder: &Path) -> Outcome<PathBuf> {
    write(&folder.join("package.json"), "{\"private\": true, \"type\": \"module\"}\n")?;
    let program = folder.join("typescript.mjs");
    write(&program, TYPEGEN_PROGRAM)?;
    if !folder.join("node_modules/@supabase/postgrest-typegen").exists() {
        eprintln!("xtask: installing {TYPEGEN} and {TYPEGEN_DRIVER} …");
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-save", "--no-audit", "--no-fund", TYPEGEN, TYPEGEN_DRIVER]);
        succeed("npm install", npm.current_dir(folder))?;
    }
    Ok(program)
}

/// Builds a program of a few lines around the crate.
fn rp(folder: &Path) -> Outcome<PathBuf> {
    eprintln!("xtask: building rp-supabase-codegen {RP}, release mode …");
    let crate_folder = folder.join("rp");
    let manifest = format!(
        "[package]\nname = \"rp-program\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         rp-supabase-codegen = {{ version = \"{RP}\", features = [\"database\"] }}\n\n[workspace]\n"
    );
    write(&crate_folder.join("Cargo.toml"), &manifest)?;
    write(&crate_folder.join("src/main.rs"), RP_PROGRAM)?;
    let mut build = cargo(["build", "--quiet", "--release"]);
    succeed("the build", build.current_dir(&crate_folder).env("CARGO_TARGET_DIR", folder.join("target")))?;
    Ok(folder.join("target/release/rp-program"))
}

/// What a generator took.
#[derive(Clone, Copy)]
struct Timed {
    seconds: f64,
    cost: Figure,
}

fn timed(runs: usize, folder: &Path, mut command: impl FnMut() -> Command) -> Outcome<Timed> {
    let mut figures = Vec::new();
    for _ in 0..runs.max(1) {
        let mut command = command();
        command.stdout(Stdio::null());
        let started = Instant::now();
        let cost = figure_of(&command, &folder.join("figure"))?;
        figures.push(Timed { seconds: started.elapsed().as_secs_f64(), cost });
    }
    figures.sort_by(|left, right| left.seconds.total_cmp(&right.seconds));
    figures.get(figures.len() / 2).copied().ok_or_else(|| "nothing was measured".to_owned())
}

/// Lines and bytes of a file, or of the files of a folder.
fn size(path: &Path) -> Outcome<(usize, u64)> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let files: Vec<PathBuf> = if path.is_dir() {
        let entries = fs::read_dir(path).map_err(failed)?;
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(failed)?
    } else {
        vec![path.to_owned()]
    };
    let mut sum = (0, 0);
    for file in files {
        let text = fs::read(&file).map_err(failed)?;
        sum.0 += text.iter().filter(|byte| **byte == b'\n').count();
        sum.1 += text.len() as u64;
    }
    Ok(sum)
}

/// A crate that has the output in it and nothing else, checked with everything else checked before.
fn check(folder: &Path, name: &str, source: &Path, runs: usize) -> Outcome<Figure> {
    let crate_folder = folder.join(name);
    let core = root().join("supabase-core");
    let dependencies = match name {
        "ours" => format!("supabase-core = {{ path = {core:?}, default-features = false }}\n"),
        _ => format!(
            "rp-supabase-client = {{ version = \"{RP}\", default-features = false }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n\
             serde_json = \"1\"\nuuid = {{ version = \"1\", features = [\"serde\"] }}\nchrono = {{ version = \"0.4\", features = [\"serde\"] }}\n"
        ),
    };
    let manifest = format!(
        "[package]\nname = \"checked-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n\
         [profile.dev]\nincremental = false\n\n[workspace]\n"
    );
    write(&crate_folder.join("Cargo.toml"), &manifest)?;
    let library = crate_folder.join("src/lib.rs");
    let command = || {
        let mut command = cargo(["check", "--quiet"]);
        command.current_dir(&crate_folder).env("CARGO_TARGET_DIR", folder.join("target"));
        command.env("RUSTFLAGS", "--cap-lints=allow");
        command
    };
    eprintln!("xtask: checking what the output of {name} depends on …");
    write(&library, "")?;
    succeed("the dependencies", &mut command())?;
    let mut figures = Vec::new();
    for run in 0..runs.max(1) {
        let text = match name {
            "ours" => format!("#[path = {:?}]\npub mod db; // {run}\n", source.join("mod.rs")),
            _ => format!("pub mod db {{ include!({source:?}); }} // {run}\n"),
        };
        write(&library, &text)?;
        figures.push(figure_of(&command(), &folder.join("figure"))?);
    }
    figures.sort_by(|left, right| left.cpu.total_cmp(&right.cpu));
    figures.get(figures.len() / 2).copied().ok_or_else(|| "nothing was measured".to_owned())
}

fn write(path: &Path, text: &str) -> Outcome {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}
