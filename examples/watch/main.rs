//! A live table: the largest planets, told again whenever one of them changes.
//!
//! Needs the quickstart's schema with `alter publication supabase_realtime add table planets`. Run it, and change
//! rows from anywhere: `SUPABASE_URL=… SUPABASE_ANON_KEY=… cargo run -p supabase-examples --bin watch`.

#[rustfmt::skip]
#[path = "../quickstart/db/mod.rs"]
mod db;

use db::planets;
use supabase_core::prelude::*;
use supabase_core::realtime::WatchCause;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("SUPABASE_URL").map_err(|_| "set SUPABASE_URL")?;
    let key = std::env::var("SUPABASE_ANON_KEY").map_err(|_| "set SUPABASE_ANON_KEY")?;
    let supabase = Client::new(&url, &key)?;

    let mut largest =
        supabase.from(planets::Table).select(All).order(planets::radius_km.desc().nulls_last()).limit(10).watch();
    while let Some(event) = largest.next().await {
        // An error of one read is told, and the next change tries again.
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                eprintln!("{error}");
                continue;
            }
        };
        // Clears the terminal, so that the table stays in its place.
        print!("\x1b[2J\x1b[H");
        println!("{:>6}  {:<20} {:>10}", "id", "planet", "radius/km");
        for planet in &event.rows {
            println!("{:>6}  {:<20} {:>10.0}", planet.id, planet.name, planet.radius_km);
        }
        match event.cause {
            WatchCause::First => println!("\nnow; waiting for changes"),
            WatchCause::Gap(gap) => println!("\nread again: nothing was heard since {:?}", gap.since),
            _ => println!("\nchanged"),
        }
    }
    Ok(())
}
