//! Generic code of one’s own asks for a table by the same trait.

use db::planets;

use supabase_core::schema::{HasRow, Table};

#[path = "../../schema/without_row.rs"]
mod without_row;

fn name_of<T: Table>(_: T) -> &'static str {
    T::NAME
}

fn print_all<T: HasRow<Row: std::fmt::Debug>>(rows: Vec<T::Row>) {
    println!("{rows:?}");
}

fn print(rows: Vec<planets::Row>) {
    println!("{}", name_of(planets::id));
    print_all::<without_row::Table>(Vec::new());
    print_all::<planets::Table>(rows);
}

fn main() {}
