//! The generated modules of the recorded schema, live: every type, odd names, two schemas.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use supabase_core::prelude::*;
use supabase_core::types::{DateTimeUtc, Decimal};
use supabase_core::{Client, ErrorKind};
use supabase_tests::recorded::{Odd__Table__v1_0_ as odd, enums, inventory, odd_children, planets, specimens};
use supabase_tests::stack::{RECORDED, service};

async fn supabase() -> Client {
    service(RECORDED.get().await.unwrap()).unwrap()
}

/// Reads one column of the row of values.
macro_rules! column {
    ($supabase:ident, $column:ident) => {
        $supabase
            .from(specimens::Table)
            .select(specimens::$column)
            .eq(specimens::id, 1)
            .single()
            .await
            .unwrap()
            .unwrap()
    };
}

#[tokio::test]
async fn every_type_is_read() {
    let supabase = supabase().await;
    assert_eq!(column!(supabase, c_int2), i16::MIN);
    assert_eq!(column!(supabase, c_int8), i64::MAX);
    assert_eq!(column!(supabase, c_numeric_scaled).to_string(), "1.50");
    assert_eq!(column!(supabase, c_float4), 1.5);
    assert_eq!(column!(supabase, c_float8), 0.1);
    assert!(column!(supabase, c_bool));
    assert_eq!(column!(supabase, c_bpchar), "ab   ");
    assert_eq!(column!(supabase, c_citext), "MiXed");
    assert_eq!(column!(supabase, c_uuid).to_string(), "00000000-0000-4000-8000-00000000000a");
    assert_eq!(column!(supabase, c_date).to_string(), "2024-02-29");
    assert_eq!(column!(supabase, c_time).to_string(), "03:04:05.678");
    assert_eq!(column!(supabase, c_timestamp).to_string(), "2024-02-29 23:59:59.999999");
    let moment: DateTimeUtc = column!(supabase, c_timestamptz);
    assert_eq!(moment.to_rfc3339(), "2024-02-29T23:59:59.500+00:00");
    assert_eq!(column!(supabase, c_bytea), Bytea::from([0xde, 0xad, 0xbe, 0xef]));
    assert_eq!(column!(supabase, c_jsonb)["a"][1].to_string(), "2.5");
    assert_eq!(column!(supabase, c_hstore)["b"], None);
    assert_eq!(column!(supabase, c_oid), 42);
    assert_eq!(column!(supabase, c_enum), enums::PlanetKind::GasGiant);
    assert_eq!(column!(supabase, c_positive), 7);
    let place = column!(supabase, c_composite);
    assert_eq!((place.lat, place.label.as_deref()), (Some(Decimal::new(4885, 2)), Some("Paris, \"city\"")));
    assert_eq!(column!(supabase, c_int4range), PgRange::half_open(1, 10));
    assert_eq!(column!(supabase, c_numrange), PgRange::closed(Decimal::new(15, 1), Decimal::new(25, 1)));

    // A number of more digits than fit, and an infinity, say what to do.
    for error in [
        supabase
            .from(specimens::Table)
            .select(specimens::c_numeric)
            .eq(specimens::id, 1)
            .await
            .map(|_| ())
            .unwrap_err(),
        supabase.from(specimens::Table).select(specimens::c_date).eq(specimens::id, 2).await.map(|_| ()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("as text"), "{error}");
    }
    let exact = supabase
        .from(specimens::Table)
        .select(select!(specimens { c_numeric as text, c_date as text }))
        .eq(specimens::id, 1)
        .single()
        .await
        .unwrap();
    assert_eq!(exact.c_numeric.as_deref(), Some("123456789012345678901234567890.123456789"));

    // NULL in every column.
    let empty: specimens::Row =
        supabase.from(specimens::Table).select(All).eq(specimens::id, 3).single().await.unwrap();
    assert!(empty.c_text.is_none() && empty.c_tsrange.is_none());
}

#[tokio::test]
async fn every_type_is_filtered() {
    let supabase = supabase().await;
    let one = |query: supabase_core::database::Select<specimens::Table, specimens::id>| async move {
        assert_eq!(query.await.unwrap(), [1]);
    };
    let from = || supabase.from(specimens::Table).select(specimens::id);
    one(from().eq(specimens::c_int8, i64::MAX)).await;
    one(from().eq(specimens::c_numeric_scaled, Decimal::new(150, 2))).await;
    one(from().eq(specimens::c_citext, "mixed")).await;
    one(from().eq(specimens::c_timestamp, column!(supabase, c_timestamp))).await;
    one(from().eq(specimens::c_timestamptz, column!(supabase, c_timestamptz))).await;
    one(from().eq(specimens::c_bytea, Bytea::from([0xde, 0xad, 0xbe, 0xef]))).await;
    one(from().eq(specimens::c_uuid, column!(supabase, c_uuid))).await;
    one(from().eq(specimens::c_enum, enums::PlanetKind::GasGiant)).await;
    one(from().eq(specimens::c_int4range, 1..10)).await;
    one(from().contains(
        specimens::c_hstore,
        [("c d".to_owned(), Some("e,f".to_owned()))].into_iter().collect::<supabase_core::types::Hstore>(),
    ))
    .await;
    one(from().contains(specimens::c_tsrange, column!(supabase, c_tsrange)).eq(specimens::id, 1)).await;
}

#[tokio::test]
async fn odd_names_are_reached() {
    let supabase = supabase().await;
    let row = supabase
        .from(odd::Table)
        .select((
            odd::odd_id,
            odd::Upper,
            odd::say__hi_,
            odd::with_comma,
            odd::dot_ted,
            odd::back_slash,
            odd::日本,
            odd::order,
            odd::_1st,
        ))
        .eq(odd::odd_id, 2)
        .single()
        .await
        .unwrap();
    assert_eq!(
        (row.0, row.1.as_deref(), row.2.as_deref(), row.3.as_deref()),
        (2, Some("u,2"), Some("say \"x\""), Some("a,b"))
    );
    let all: odd::Row = supabase.from(odd::Table).select(All).eq(odd::odd_id, 2).single().await.unwrap();
    assert_eq!(
        (all.limit, all.dot_ted.as_deref()),
        (supabase.from(odd::Table).select(odd::limit).eq(odd::odd_id, 2).single().await.unwrap(), Some("x.y"))
    );

    // A filter on each of them finds the row by its own value, alone and in a tree.
    macro_rules! by_value {
        ($($column:ident)*) => {$( 'value: {
            let Some(value) = all.$column.clone() else {
                let ids = supabase.from(odd::Table).select(odd::odd_id).eq(odd::odd_id, 2).is_null(odd::$column).await.unwrap();
                assert_eq!(ids, [2], stringify!($column));
                break 'value;
            };
            let ids = supabase.from(odd::Table).select(odd::odd_id).eq(odd::odd_id, 2).eq(odd::$column, &value).await.unwrap();
            assert_eq!(ids, [2], stringify!($column));
            let tree = all_of_two(odd::odd_id.eq(2), odd::$column.eq(&value));
            assert_eq!(supabase.from(odd::Table).select(odd::odd_id).filter(tree).await.unwrap(), [2], stringify!($column));
            let other = supabase.from(odd::Table).select(odd::odd_id).eq(odd::odd_id, 2).neq(odd::$column, &value).await.unwrap();
            assert!(other.is_empty(), stringify!($column));
        } )*};
    }
    use supabase_core::query::{Condition, all as all_conditions};
    fn all_of_two(a: Condition<odd::Table>, b: Condition<odd::Table>) -> Condition<odd::Table> {
        all_conditions([a, b])
    }
    by_value!(Upper two_words say__hi_ with_comma dot_ted par_en_ col_on back_slash ünï 日本 r#type r#match self_ select order and on_conflict not _1st dash_ed arrow__x percent_ am_p_ plus_);
    // A column called `*` can be read, and no filter can name it.
    let refused = supabase.from(odd::Table).select(odd::odd_id).eq(odd::__, "x").await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused);

    let children = supabase
        .from(odd_children::Table)
        .select(select!(odd_children { label, parent { two_words } }))
        .having(odd_children::rel::parent, |parent| parent.eq(odd::with_comma, "a,b"))
        .await
        .unwrap();
    assert!(children.iter().all(|child| child.parent.is_some()));
}

#[tokio::test]
async fn two_schemas_side_by_side() {
    let supabase = supabase().await;
    let real = supabase.from(planets::Table).select(planets::name).eq(planets::id, 1).single().await.unwrap();
    let toy = supabase
        .from(inventory::planets::Table)
        .select(inventory::planets::label)
        .eq(inventory::planets::id, 1)
        .single()
        .await
        .unwrap();
    assert_eq!((real.as_str(), toy.as_deref()), ("Mercury", Some("toy Mercury")));
}

#[test]
fn an_upsert_without_a_key_is_refused() {
    use supabase_tests::recorded::loose;
    let supabase = Client::new("https://example.supabase.co", "key").unwrap();
    let row = || loose::Insert { label: Some("one".to_owned()).into(), ..loose::Insert::default() };
    let refused = supabase.from(loose::Table).upsert(row()).to_request().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused);
    assert!(refused.to_string().contains("`loose`"), "{refused}");
    assert!(supabase.from("loose").upsert(&serde_json::json!({"label": "one"})).on_conflict("").to_request().is_err());
}
