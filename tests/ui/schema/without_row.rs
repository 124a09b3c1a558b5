//! A table as the generator writes one whose row is switched off (`rows = false`).
#![allow(non_camel_case_types, dead_code)]

pub struct Table;
impl ::supabase_core::schema::Table for Table {
    const NAME: &'static ::core::primitive::str = "without_row";
    const SCHEMA: &'static ::core::primitive::str = "public";
    const COLUMNS: &'static [::supabase_core::schema::ColumnInfo] =
        &[::supabase_core::schema::ColumnInfo::new("id", "bigint", false)];
    const REQUIRED: &'static [&'static ::core::primitive::str] = &[];
    const PRIMARY_KEY: &'static [&'static ::core::primitive::str] = &["id"];
}

pub struct id;
impl ::supabase_core::schema::Column for id {
    type Table = Table;
    type Sql = ::supabase_core::schema::sql::Int8;
    type Ty = ::core::primitive::i64;
    type Null = ::supabase_core::schema::NotNull;
    type Write = ::supabase_core::schema::Optional;
    const NAME: &'static ::core::primitive::str = "id";
}
