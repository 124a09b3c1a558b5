//! `cargo xtask quickstart`: the project's main job, from migrations to typed rows.

use supabase_local::Stack;

use crate::run::{Outcome, cargo, root, step, succeed};
use crate::{generated, machine};

pub(crate) fn run() -> Outcome {
    machine::prepare()?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| format!("no runtime: {error}"))?;
    let start = async {
        Stack::builder()
            .migrations(root().join("examples/quickstart/migrations"))
            .start()
            .await
            .map_err(|error| error.to_string())
    };
    eprintln!("xtask: starting a stack with examples/quickstart/migrations …");
    let stack = runtime.block_on(start)?;
    eprintln!("xtask: the project is at {}", stack.url());

    let done = step("generating the typed schema: cargo run -p codegen", || {
        succeed(
            "the generator",
            cargo([
                "run",
                "--quiet",
                "--package",
                "codegen",
                "--",
                "--schema",
                "public",
                "--out",
                generated::QUICKSTART,
            ])
            .env("SUPABASE_DB_URL", stack.db_url()),
        )
    })
    .and_then(|()| {
        step("running the example: cargo run -p supabase-examples --bin quickstart", || {
            succeed(
                "the example",
                cargo(["run", "--quiet", "--package", "supabase-examples", "--bin", "quickstart"])
                    .env("SUPABASE_URL", stack.url())
                    .env("SUPABASE_ANON_KEY", stack.anon_key()),
            )
        })
    });
    done.and(runtime.block_on(stack.stop()).map_err(|error| error.to_string()))
}
