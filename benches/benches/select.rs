//! How long the simple select takes, from the first call to the finished `reqwest::Request`.

use divan::Bencher;
use supabase_benches::Meter;
use supabase_benches::build::{self, Case, Who};

/// Has the measured part alone timed.
struct Timed<'a, 'b>(Option<Bencher<'a, 'b>>);

impl Meter for Timed<'_, '_> {
    fn measure<I, R>(&mut self, prepare: impl Fn() -> I, work: impl Fn(I) -> R) -> R {
        if let Some(bencher) = self.0.take() {
            bencher.with_inputs(&prepare).bench_local_values(&work);
        }
        work(prepare())
    }
}

fn main() {
    divan::main();
}

fn time(bencher: Bencher<'_, '_>, who: Who) {
    build::run(Case::Select, who, &mut Timed(Some(bencher)));
}

#[divan::bench]
fn a_ours(bencher: Bencher<'_, '_>) {
    time(bencher, Who::Ours);
}

#[divan::bench]
fn b_postgrest(bencher: Bencher<'_, '_>) {
    time(bencher, Who::Postgrest);
}

#[divan::bench]
fn c_rust_supabase_sdk(bencher: Bencher<'_, '_>) {
    time(bencher, Who::RustSupabaseSdk);
}

#[divan::bench]
fn d_rp_postgrest(bencher: Bencher<'_, '_>) {
    time(bencher, Who::RpPostgrest);
}
