//! Streams a million rows, or as many as it is told: a line `ROWS BYTES GROWTH`, all in numbers.

use std::process::ExitCode;

fn main() -> ExitCode {
    let rows = std::env::args().nth(1).map_or(Ok(1_000_000), |rows| rows.parse());
    let Ok(rows) = rows else {
        eprintln!("stream [ROWS]");
        return ExitCode::FAILURE;
    };
    let figures = supabase_benches::stream::run(rows);
    match figures.growth {
        Some(growth) => println!("{} {} {growth}", figures.rows, figures.bytes),
        None => println!("{} {} unknown", figures.rows, figures.bytes),
    }
    ExitCode::SUCCESS
}
