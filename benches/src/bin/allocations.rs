//! How often each case allocates: a line for each, `CASE CLIENT COUNT`.

use supabase_benches::Meter;
use supabase_benches::build::{self, Case, Who};

#[derive(Default)]
struct Allocations(u64);

impl Meter for Allocations {
    fn measure<I, R>(&mut self, prepare: impl Fn() -> I, work: impl Fn(I) -> R) -> R {
        drop(work(prepare()));
        let input = prepare();
        let mut made = None;
        self.0 = allocation_counter::measure(|| made = Some(work(input))).count_total;
        made.expect("the work was done")
    }
}

fn main() {
    let mut allocations = Allocations::default();
    build::query_value(&mut allocations);
    println!("query-value ours {}", allocations.0);
    for case in Case::ALL {
        for who in Who::ALL {
            build::run(case, who, &mut allocations);
            println!("{} {} {}", case.name(), who.name(), allocations.0);
        }
    }
}
