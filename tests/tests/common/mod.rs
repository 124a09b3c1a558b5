//! What the realtime tests share: a stack, a table, and a proxy that breaks things.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)] // helpers; each file uses some

mod proxy;

use std::time::Duration;

use supabase_local::{SharedStack, Stack};

#[allow(unused_imports)] // not every file breaks things
pub use proxy::Proxy;

pub static STACK: SharedStack = SharedStack::new(|| Stack::builder().sql(SCHEMA));

pub const SCHEMA: &str =
    "create table planets (id bigint primary key, name text not null, radius float8, map bytea, tags text[]);
         create table notes (id bigint primary key, owner uuid not null, body text, secret text);
         alter table notes enable row level security;
         create policy own on notes using (owner = auth.uid());
         revoke select on notes from authenticated;
         grant select (id, owner, body) on notes to authenticated;
         create table hidden (id bigint primary key);
         alter publication supabase_realtime add table planets, notes;
         create policy staff on realtime.messages for select to authenticated using (realtime.topic() = 'staff');";

/// The future's result, in twenty seconds at most.
pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("it took longer than 20 seconds")
}

/// As the generator writes a table.
#[allow(non_camel_case_types)]
pub mod planets {
    use supabase_core::__private::{DecodeError, RowReader, SelectWriter};
    use supabase_core::schema::{self, ColumnInfo};
    use supabase_core::types::Bytea;

    pub struct Table;
    impl schema::Table for Table {
        const NAME: &'static str = "planets";
        const SCHEMA: &'static str = "public";
        const COLUMNS: &'static [ColumnInfo] = &[
            ColumnInfo::new("id", "bigint", false),
            ColumnInfo::new("name", "text", false),
            ColumnInfo::new("radius", "double precision", true),
            ColumnInfo::new("map", "bytea", true),
            ColumnInfo::new("tags", "text[]", true),
        ];
        const REQUIRED: &'static [&'static str] = &["id", "name"];
        const PRIMARY_KEY: &'static [&'static str] = &["id"];
    }

    macro_rules! columns {
        ($($name:ident $sql:ty, $ty:ty, $null:ident, $write:ident;)+) => {$(
            pub struct $name;
            impl schema::Column for $name {
                type Table = Table;
                type Sql = $sql;
                type Ty = $ty;
                type Null = schema::$null;
                type Write = schema::$write;
                const NAME: &'static str = stringify!($name);
            }
        )+};
    }
    columns! {
        id schema::sql::Int8, i64, NotNull, Required;
        name schema::sql::Text, String, NotNull, Required;
        radius schema::sql::Float8, Option<f64>, Nullable, Optional;
        map schema::sql::Bytea, Option<Bytea>, Nullable, Optional;
        tags schema::sql::Array<schema::sql::Text>, Option<Vec<String>>, Nullable, Optional;
    }

    #[derive(Debug, Clone, PartialEq)]
    pub struct Row {
        pub id: i64,
        pub name: String,
        pub radius: Option<f64>,
        pub map: Option<Bytea>,
        pub tags: Option<Vec<String>>,
    }
    impl schema::FromRow for Row {
        type Table = Table;
        fn select(out: &mut SelectWriter<'_>) {
            out.all();
        }
        fn decode(reader: &mut RowReader<'_>) -> Result<Self, DecodeError> {
            Ok(Self {
                id: reader.column("id")?,
                name: reader.column("name")?,
                radius: reader.column("radius")?,
                map: reader.column("map")?,
                tags: reader.column("tags")?,
            })
        }
    }
    impl schema::HasRow for Table {
        type Row = Row;
    }
}
