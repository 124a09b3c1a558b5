//! Generated code that is checked in: written again, or compared. (The generator's own tests keep theirs.)

use supabase_codegen::Builder;
use supabase_local::Stack;

use crate::machine;
use crate::run::{Outcome, root};

/// Where the quickstart's schema goes, below the root.
pub(crate) const QUICKSTART: &str = "examples/quickstart/db";

/// What is generated, and the folder of SQL files that it is generated from.
const GENERATED: [(&str, &str); 2] =
    [(QUICKSTART, "examples/quickstart/migrations"), ("tests/src/fuzz/db", "tests/vectors/fuzz")];

pub(crate) fn run(check: bool) -> Outcome {
    machine::prepare()?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("no runtime: {error}"))?;
    let mut differing = Vec::new();
    for (out, migrations) in GENERATED {
        let stack = Stack::builder().migrations(root().join(migrations));
        let stack = runtime.block_on(stack.start()).map_err(|error| error.to_string())?;
        let builder = Builder::new().db_url(stack.db_url()).schema("public").out(root().join(out));
        let done = if check { compare(&builder, out, &mut differing) } else { write(&builder, out) };
        done.and(runtime.block_on(stack.stop()).map_err(|error| error.to_string()))?;
    }
    if differing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the checked-in generated code differs ({}): run `cargo xtask generated` and commit what it writes",
        differing.join(", ")
    ))
}

fn write(builder: &Builder, out: &str) -> Outcome {
    let report = builder.generate().map_err(|error| error.to_string())?;
    eprintln!("xtask: {out}: {}", report.counts);
    Ok(())
}

fn compare(builder: &Builder, out: &'static str, differing: &mut Vec<&'static str>) -> Outcome {
    let differences = builder.check().map_err(|error| error.to_string())?;
    if differences.is_empty() {
        eprintln!("xtask: {out} is current");
        return Ok(());
    }
    for file in &differences.files {
        eprintln!("xtask: {out}/{}: {}", file.path, file.facts.join("; "));
    }
    differing.push(out);
    Ok(())
}
