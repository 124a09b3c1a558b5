//! A table has a `Partial` struct where the generator was told to write one.

use db::planets;
use supabase_core::schema::HasPartial;

/// The columns that a deleted row still tells.
fn columns_of_deletes<T: HasPartial>() {}

fn main() {
    columns_of_deletes::<planets::Table>();
}
