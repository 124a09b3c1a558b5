//! The checked-in output of the generator: written again, or compared.

use supabase_codegen::Builder;
use supabase_local::Stack;

use crate::machine;
use crate::run::{Outcome, root};

/// Where the quickstart's schema goes, below the root.
pub(crate) const QUICKSTART: &str = "examples/quickstart/db";
/// Where the schema of the recorded exchanges goes.
const RECORDED: &str = "tests/generated/recorded";

pub(crate) fn run(check: bool) -> Outcome {
    machine::prepare()?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("no runtime: {error}"))?;
    let recorded = std::fs::read_to_string(root().join("tests/vectors/postgrest/schema.sql"))
        .map_err(|error| format!("tests/vectors/postgrest/schema.sql: {error}"))?;
    let stacks: [(&str, supabase_local::StackBuilder, &[&str]); 2] = [
        (QUICKSTART, Stack::builder().migrations(root().join("examples/quickstart/migrations")), &["public"]),
        (RECORDED, Stack::builder().bare().sql(recorded), &["public", "inventory"]),
    ];
    let mut differs = false;
    for (out, stack, schemas) in stacks {
        let stack = runtime.block_on(stack.start()).map_err(|error| error.to_string())?;
        let builder = Builder::new().db_url(stack.db_url()).schemas(schemas).out(root().join(out));
        if check {
            let differences = builder.check().map_err(|error| error.to_string())?;
            if differences.files.is_empty() {
                eprintln!("xtask: {out} is current");
            } else {
                eprintln!("xtask: {out} differs from what the generator writes:");
                for file in &differences.files {
                    eprintln!("  {}: {}", file.path, file.facts.join("; "));
                }
                differs = true;
            }
        } else {
            let report = builder.generate().map_err(|error| error.to_string())?;
            eprintln!("xtask: {out}: {}", report.counts);
        }
        runtime.block_on(stack.stop()).map_err(|error| error.to_string())?;
    }
    if differs { Err("run `cargo xtask generated` and commit what it writes".to_owned()) } else { Ok(()) }
}
