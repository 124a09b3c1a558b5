//! A view as the generator writes one that the database can only read, with a column of the type
//! `json`, which has neither `=` nor `<`. The quickstart has no such table.
#![allow(non_camel_case_types, dead_code)]

pub struct Table;
impl ::supabase_core::schema::Table for Table {
    const NAME: &'static ::core::primitive::str = "archive";
    const SCHEMA: &'static ::core::primitive::str = "public";
    const COLUMNS: &'static [::supabase_core::schema::ColumnInfo] = &[
        ::supabase_core::schema::ColumnInfo::new("id", "bigint", true),
        ::supabase_core::schema::ColumnInfo::new("document", "json", true),
    ];
    const REQUIRED: &'static [&'static ::core::primitive::str] = &[];
    const PRIMARY_KEY: &'static [&'static ::core::primitive::str] = &[];
}

pub struct id;
impl ::supabase_core::schema::Column for id {
    type Table = Table;
    type Sql = ::supabase_core::schema::sql::Int8;
    type Ty = ::core::option::Option<::core::primitive::i64>;
    type Null = ::supabase_core::schema::Nullable;
    type Write = ::supabase_core::schema::Optional;
    const NAME: &'static ::core::primitive::str = "id";
}

pub struct document;
impl ::supabase_core::schema::Column for document {
    type Table = Table;
    type Sql = ::supabase_core::schema::sql::Json;
    type Ty = ::core::option::Option<::supabase_core::types::JsonValue>;
    type Null = ::supabase_core::schema::Nullable;
    type Write = ::supabase_core::schema::Optional;
    const NAME: &'static ::core::primitive::str = "document";
}

pub struct Row {
    pub id: ::core::option::Option<::core::primitive::i64>,
    pub document: ::core::option::Option<::supabase_core::types::JsonValue>,
}
impl ::supabase_core::schema::HasRow for Table {
    type Row = Row;
}
impl ::supabase_core::schema::FromRow for Row {
    type Table = Table;
    fn select(out: &mut ::supabase_core::__private::SelectWriter<'_>) {
        out.all();
    }
    fn decode(
        reader: &mut ::supabase_core::__private::RowReader<'_>,
    ) -> ::core::result::Result<Self, ::supabase_core::__private::DecodeError> {
        ::core::result::Result::Ok(Self { id: reader.column("id")?, document: reader.column("document")? })
    }
}
