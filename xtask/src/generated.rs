//! The quickstart's generated schema: written again, or compared. (The generator's own tests keep theirs.)

use supabase_codegen::Builder;
use supabase_local::Stack;

use crate::machine;
use crate::run::{Outcome, root};

/// Where the quickstart's schema goes, below the root.
pub(crate) const QUICKSTART: &str = "examples/quickstart/db";

pub(crate) fn run(check: bool) -> Outcome {
    machine::prepare()?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("no runtime: {error}"))?;
    let stack = Stack::builder().migrations(root().join("examples/quickstart/migrations"));
    let stack = runtime.block_on(stack.start()).map_err(|error| error.to_string())?;
    let builder = Builder::new().db_url(stack.db_url()).schema("public").out(root().join(QUICKSTART));
    let done = if check { compare(&builder) } else { write(&builder) };
    done.and(runtime.block_on(stack.stop()).map_err(|error| error.to_string()))
}

fn write(builder: &Builder) -> Outcome {
    let report = builder.generate().map_err(|error| error.to_string())?;
    eprintln!("xtask: {QUICKSTART}: {}", report.counts);
    Ok(())
}

fn compare(builder: &Builder) -> Outcome {
    let differences = builder.check().map_err(|error| error.to_string())?;
    if differences.is_empty() {
        eprintln!("xtask: {QUICKSTART} is current");
        return Ok(());
    }
    for file in &differences.files {
        eprintln!("xtask: {QUICKSTART}/{}: {}", file.path, file.facts.join("; "));
    }
    Err("the checked-in generated code differs: run `cargo xtask generated` and commit what it writes".to_owned())
}
