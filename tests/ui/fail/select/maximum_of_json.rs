//! `json` has no order, so no largest value.

use supabase_core::prelude::*;

#[path = "../../schema/archive.rs"]
mod archive;

select!(struct Card: archive { id.max(), largest: document.max() });

fn main() {}
