//! `order!`.

use supabase_core::prelude::*;

use crate::schema::{self as db, planets};
use crate::{client, parameters};

#[test]
fn terms_say_direction_and_nulls() {
    let request = client()
        .from(planets::Table)
        .select(All2::columns())
        .order(order!(planets: name desc nulls first, mass nulls last, id, facts ->> "colour" asc))
        .to_request()
        .unwrap();
    assert_eq!(parameters(&request)[1], "order=name.desc.nullsfirst,mass.asc.nullslast,id.asc,facts->>colour.asc");
    let [_one]: [supabase_core::query::Order<planets::Table>; 1] = order!(db::planets: id);
}
select!(struct All2: planets { id });
