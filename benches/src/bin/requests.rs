//! Shows what each client builds, for reading them side by side.

use supabase_benches::Unmeasured;
use supabase_benches::build::{self, Case, Who};

fn main() {
    for case in Case::ALL {
        for who in Who::ALL {
            let built = build::run(case, who, &mut Unmeasured);
            println!("{} {}: {} {}", case.name(), who.name(), built.method, built.url);
            println!("    {}", String::from_utf8_lossy(&built.body));
        }
    }
}
