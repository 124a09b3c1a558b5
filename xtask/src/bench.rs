//! `cargo xtask bench database`: what requests and answers cost, side by side with other clients.
//!
//! The cases are in `benches/`, a package of its own. Its programs measure one thing each; here they
//! are run, under callgrind where instructions are counted, and the figures are held against the bars.
//! Instructions and allocations hardly depend on the machine; the times that are printed do, and are
//! held against nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use crate::run::{Outcome, cargo, root, succeed};

/// What can be measured.
#[derive(clap::Subcommand)]
pub(crate) enum What {
    /// Building requests and reading rows
    Database,
    /// Generating a schema of a thousand tables, and checking what comes out
    Codegen(crate::generators::Options),
}

const CLIENTS: [&str; 4] = ["ours", "postgrest", "rust_supabase_sdk", "rp-postgrest"];
const REQUESTS: [(&str, &str); 5] = [
    ("select", "select of 4 columns, 3 filters, order"),
    ("in", "in_ of 200 strings"),
    ("in-words", "in_ of 200 words (no bar)"),
    ("insert", "insert of 100 rows × 7 columns"),
    ("embed", "embeds, three deep"),
];
const ANSWERS: [(&str, &str); 4] = [
    ("planets", "a generated table's columns"),
    ("mixed", "a column of nearly every kind"),
    ("plain", "numbers and texts alone"),
    ("reversed", "the same, read in reverse"),
];

pub(crate) fn run(what: &What) -> Outcome {
    match what {
        What::Database => database(),
        What::Codegen(options) => crate::generators::run(options),
    }
}

fn database() -> Outcome {
    get_valgrind()?;
    eprintln!("xtask: building the benchmarks, release mode, into {} …", target().display());
    succeed("the build of the benchmarks", bench_cargo("build").args(["--release", "--bins"]))?;
    let mut bars = Bars::default();
    requests(&mut bars)?;
    answers(&mut bars)?;
    stream(&mut bars)?;
    times()?;
    bars.print()
}

/// The bars, each with what was measured.
#[derive(Default)]
struct Bars(Vec<(String, String, bool)>);

impl Bars {
    fn at_most(&mut self, what: String, is: f64, most: f64) {
        self.0.push((what, format!("{is:.3}, at most {most}"), is <= most));
    }

    fn print(self) -> Outcome {
        println!("\nbars");
        for (what, figures, held) in &self.0 {
            println!("  {}  {what}: {figures}", if *held { "PASS" } else { "FAIL" });
        }
        match self.0.iter().filter(|(_, _, held)| !held).count() {
            0 => Ok(()),
            missed => Err(format!("{missed} of {} bars are missed", self.0.len())),
        }
    }
}

fn requests(bars: &mut Bars) -> Outcome {
    let mut instructions = BTreeMap::new();
    for (case, _) in REQUESTS {
        for client in CLIENTS {
            instructions.insert((case, client), count("build", case, client)?);
        }
    }
    println!("instructions of a request, from the first call to the finished reqwest::Request");
    table(&instructions, "instructions", |what, ratio| bars.at_most(what, ratio, 0.5))?;
    println!(
        "  The strings have commas, so every client sends quotes; around `postgrest`'s the caller puts them. The words"
    );
    println!("  need none: two of the clients leave them away, and send another text than ours.");
    println!("  Ours is sent to a transport that makes the request as the real one does, and counted up to there.");
    println!(
        "  rust_supabase_sdk hides its request; the two public steps that it sends by are counted, and of its insert"
    );
    println!("  everything but a clone of the body. `postgrest` builds on reqwest 0.11, the others on 0.13.");

    let mut allocations = BTreeMap::new();
    let mut query_value = None;
    for line in lines("allocations", &[])? {
        let (case, client, figure) = three(&line)?;
        match REQUESTS.iter().find(|(known, _)| *known == case) {
            Some((case, _)) => {
                let client = CLIENTS.into_iter().find(|known| *known == client);
                allocations.insert((*case, client.ok_or_else(|| format!("an unknown client in `{line}`"))?), figure);
            }
            None => query_value = Some(figure),
        }
    }
    println!("\nallocations of the same");
    table(&allocations, "allocations", |_, _| ())?;
    let query_value = query_value.ok_or("the allocations of the query value were not measured")?;
    println!("  {:<40} {query_value:>12}", "our value of the select, before it is sent");
    bars.at_most("allocations of our value of the select".to_owned(), query_value, 4.0);
    Ok(())
}

fn answers(bars: &mut Bars) -> Outcome {
    println!("\ninstructions of 10,000 rows × 12 columns, from bytes to rows");
    println!("  {:<40} {:>16} {:>16} {:>8}", "", "ours", "serde_json", "ratio");
    for (case, title) in ANSWERS {
        let (ours, serde) = (count("decode", case, "ours")?, count("decode", case, "serde_json")?);
        println!("  {title:<40} {:>16} {:>16} {:>8.2}", grouped(ours), grouped(serde), ours / serde);
        if case != "reversed" {
            bars.at_most(format!("instructions of reading {title}, to serde_json's"), ours / serde, 1.0);
        }
    }
    println!("  Columns come in the order in which they are selected, and are read in it; the last line shows what");
    println!("  the worst other order would cost, and has no bar.");
    Ok(())
}

fn stream(bars: &mut Bars) -> Outcome {
    println!("\nmemory of a streamed answer");
    let lines = lines("stream", &[])?;
    let words: Vec<&str> = lines.first().map(|line| line.split_whitespace().collect()).unwrap_or_default();
    let [rows, bytes, growth] = words[..] else { return Err("the streamed read said nothing".to_owned()) };
    let megabytes = |bytes: &str| bytes.parse::<f64>().map(|bytes| bytes / f64::from(1 << 20)).ok();
    let size = megabytes(bytes).ok_or_else(|| format!("`{bytes}` is not a size"))?;
    match megabytes(growth) {
        Some(growth) => {
            println!("  {rows} rows, {size:.1} MiB: the process's peak rose by {growth:.2} MiB");
            bars.at_most("MiB that a million streamed rows take".to_owned(), growth, 16.0);
        }
        None => println!("  {rows} rows, {size:.1} MiB: this system does not say what memory they took; no bar"),
    }
    Ok(())
}

fn times() -> Outcome {
    println!("\ntime of the select (for this machine and hour; no bar)");
    succeed("the timing", bench_cargo("bench").args(["--quiet", "--bench", "select"]))
}

/// A row for each case, the best of the others, and ours in relation to it.
fn table(figures: &BTreeMap<(&str, &str), f64>, of: &str, mut hold: impl FnMut(String, f64)) -> Outcome {
    print!("  {:<40}", "");
    for client in CLIENTS {
        print!(" {client:>17}");
    }
    println!(" {:>18}", "ours to the best");
    for (case, title) in REQUESTS {
        print!("  {title:<40}");
        let mut row = Vec::new();
        for client in CLIENTS {
            let figure = *figures.get(&(case, client)).ok_or_else(|| format!("no {of} of {case} by {client}"))?;
            print!(" {:>17}", grouped(figure));
            row.push(figure);
        }
        let [ours, others @ ..] = row.as_slice() else { return Err("no client was measured".to_owned()) };
        let best = others.iter().copied().fold(f64::INFINITY, f64::min);
        println!(" {:>18.3}", ours / best);
        if case != "in-words" {
            hold(format!("{of} of {title}, to the best peer's"), ours / best);
        }
    }
    Ok(())
}

/// The instructions of one case.
fn count(group: &str, case: &str, client: &str) -> Outcome<f64> {
    eprintln!("xtask: counting instructions: {group} {case} {client} …");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*supabase_benches::collected*"])
        .arg(format!("--callgrind-out-file={}", target().join(format!("callgrind.{group}.{case}.{client}")).display()))
        .arg(program("instructions"))
        .args([group, case, client])
        .output()
        .map_err(|error| format!("valgrind cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let figure = said
        .lines()
        .find_map(|line| line.split_once("Collected :"))
        .and_then(|(_, figure)| figure.trim().parse::<f64>().ok());
    match figure {
        Some(figure) if output.status.success() && figure > 0.0 => Ok(figure),
        _ => Err(format!("callgrind counted nothing for {group} {case} {client}:\n{said}")),
    }
}

fn lines(name: &str, arguments: &[&str]) -> Outcome<Vec<String>> {
    let output = Command::new(program(name))
        .args(arguments)
        .output()
        .map_err(|error| format!("{name} cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

fn three(line: &str) -> Outcome<(&str, &str, f64)> {
    let mut words = line.split_whitespace();
    let (Some(case), Some(client), Some(Ok(figure))) = (words.next(), words.next(), words.next().map(str::parse))
    else {
        return Err(format!("`{line}` is not a case, a client and a figure"));
    };
    Ok((case, client, figure))
}

/// A whole number with its thousands apart.
fn grouped(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Where the benchmarks are built.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("benches/target"), |given| root().join(given))
}

fn program(name: &str) -> PathBuf {
    target().join("release").join(name)
}

/// Cargo in the benchmarks' own workspace, with the versions of its own lock file.
fn bench_cargo(verb: &str) -> Command {
    let mut command = cargo([verb, "--locked"]);
    command.current_dir(root().join("benches")).env("CARGO_TARGET_DIR", target());
    command
}

/// Counting instructions needs valgrind.
fn get_valgrind() -> Outcome {
    let there =
        |program: &str| Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    if there("valgrind") {
        return Ok(());
    }
    let command = "apt-get install --yes --no-install-recommends valgrind";
    if !(there("apt-get") && nix::unistd::Uid::effective().is_root()) {
        return Err(format!("valgrind is missing; it counts instructions. On Debian: `sudo {command}`"));
    }
    eprintln!("xtask: valgrind is missing; it counts instructions. Installing it: {command}");
    succeed("apt-get update", Command::new("apt-get").args(["update", "--quiet"]))?;
    succeed(
        "apt-get install valgrind",
        Command::new("apt-get")
            .args(["install", "--yes", "--quiet", "--no-install-recommends", "valgrind"])
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}
