//! `cargo run -p codegen`: the generator under a short name. Everything is in `supabase-codegen`.

fn main() -> std::process::ExitCode {
    supabase_codegen::cli::main()
}
