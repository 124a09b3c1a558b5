//! `supabase-codegen`: the generator as a program. Everything is in the library.

fn main() -> std::process::ExitCode {
    supabase_codegen::cli::main()
}
