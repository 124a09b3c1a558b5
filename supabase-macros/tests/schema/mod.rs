//! A schema as the generator writes one, small enough to read: planets circle stars, moons circle
//! planets.

#![allow(non_camel_case_types, non_upper_case_globals, non_snake_case, unused_imports, dead_code, unreachable_pub, clippy::all)]

/// `public.planets`: Worlds that circle a star
pub mod planets {
    /// `public.planets`
    pub struct Table;
    impl ::supabase_core::schema::Table for Table {
        const NAME: &'static ::core::primitive::str = "planets";
        const SCHEMA: &'static ::core::primitive::str = "public";
        const COLUMNS: &'static [::supabase_core::schema::ColumnInfo] = &[
            ::supabase_core::schema::ColumnInfo::new("id", "int8", false),
            ::supabase_core::schema::ColumnInfo::new("name", "text", false),
            ::supabase_core::schema::ColumnInfo::new("radius_km", "float8", false),
            ::supabase_core::schema::ColumnInfo::new("mass", "numeric", true),
            ::supabase_core::schema::ColumnInfo::new("star_id", "int8", true),
            ::supabase_core::schema::ColumnInfo::new("tags", "text[]", false),
            ::supabase_core::schema::ColumnInfo::new("facts", "jsonb", true),
            ::supabase_core::schema::ColumnInfo::new("visible", "tstzrange", true),
            ::supabase_core::schema::ColumnInfo::new("type", "text", true),
            ::supabase_core::schema::ColumnInfo::new("slug", "text", false),
        ];
        const REQUIRED: &'static [&'static ::core::primitive::str] = &["name", "radius_km"];
        const PRIMARY_KEY: &'static [&'static ::core::primitive::str] = &["id"];
    }
    impl ::supabase_core::schema::Insertable for Table {}
    impl ::supabase_core::schema::Updatable for Table {}
    impl ::supabase_core::schema::Deletable for Table {}
    /// `id`
    pub struct id;
    impl ::supabase_core::schema::Column for id {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Int8;
        type Ty = ::core::primitive::i64;
        type Null = ::supabase_core::schema::NotNull;
        type Write = ::supabase_core::schema::Optional;
        const NAME: &'static ::core::primitive::str = "id";
    }
    /// `name`
    pub struct name;
    impl ::supabase_core::schema::Column for name {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Text;
        type Ty = ::std::string::String;
        type Null = ::supabase_core::schema::NotNull;
        type Write = ::supabase_core::schema::Required;
        const NAME: &'static ::core::primitive::str = "name";
    }
    /// `radius_km`
    pub struct radius_km;
    impl ::supabase_core::schema::Column for radius_km {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Float8;
        type Ty = ::core::primitive::f64;
        type Null = ::supabase_core::schema::NotNull;
        type Write = ::supabase_core::schema::Required;
        const NAME: &'static ::core::primitive::str = "radius_km";
    }
    /// `mass`
    pub struct mass;
    impl ::supabase_core::schema::Column for mass {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Numeric;
        type Ty = ::core::option::Option<::supabase_core::types::Decimal>;
        type Null = ::supabase_core::schema::Nullable;
        type Write = ::supabase_core::schema::Optional;
        const NAME: &'static ::core::primitive::str = "mass";
    }
    /// `star_id`
    pub struct star_id;
    impl ::supabase_core::schema::Column for star_id {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Int8;
        type Ty = ::core::option::Option<::core::primitive::i64>;
        type Null = ::supabase_core::schema::Nullable;
        type Write = ::supabase_core::schema::Optional;
        const NAME: &'static ::core::primitive::str = "star_id";
    }
    /// `tags`
    pub struct tags;
    impl ::supabase_core::schema::Column for tags {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Array<::supabase_core::schema::sql::Text>;
        type Ty = ::std::vec::Vec<::std::string::String>;
        type Null = ::supabase_core::schema::NotNull;
        type Write = ::supabase_core::schema::Optional;
        const NAME: &'static ::core::primitive::str = "tags";
    }
    /// `facts`
    pub struct facts;
    impl ::supabase_core::schema::Column for facts {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Jsonb;
        type Ty = ::core::option::Option<::supabase_core::types::JsonValue>;
        type Null = ::supabase_core::schema::Nullable;
        type Write = ::supabase_core::schema::Optional;
        const NAME: &'static ::core::primitive::str = "facts";
    }
    /// `visible`
    pub struct visible;
    impl ::supabase_core::schema::Column for visible {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Range<::supabase_core::schema::sql::Timestamptz>;
        type Ty = ::core::option::Option<::supabase_core::types::PgRange<::supabase_core::types::DateTimeUtc>>;
        type Null = ::supabase_core::schema::Nullable;
        type Write = ::supabase_core::schema::Optional;
        const NAME: &'static ::core::primitive::str = "visible";
    }
    /// `type`
    pub struct r#type;
    impl ::supabase_core::schema::Column for r#type {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Text;
        type Ty = ::core::option::Option<::std::string::String>;
        type Null = ::supabase_core::schema::Nullable;
        type Write = ::supabase_core::schema::Optional;
        const NAME: &'static ::core::primitive::str = "type";
    }
    /// `slug`
    pub struct slug;
    impl ::supabase_core::schema::Column for slug {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Text;
        type Ty = ::std::string::String;
        type Null = ::supabase_core::schema::NotNull;
        type Write = ::supabase_core::schema::ReadOnly;
        const NAME: &'static ::core::primitive::str = "slug";
    }
    /// Relationships of `public.planets`.
    pub mod rel {
        /// to `moons`
        pub mod moons {
            pub use super::super::super::moons::*;
            /// The relationship itself.
            pub struct Rel;
            impl ::supabase_core::schema::Relation for Rel {
                type Source = super::super::Table;
                type Target = super::super::super::moons::Table;
                type Cardinality = ::supabase_core::schema::Many;
                const NAME: &'static ::core::primitive::str = "moons";
                const TARGET: &'static ::core::primitive::str = "moons!moons_planet_id_fkey";
            }
        }
        /// to `moons`
        pub const moons: moons::Rel = moons::Rel;
        /// to `stars`
        pub mod star {
            pub use super::super::super::stars::*;
            /// The relationship itself.
            pub struct Rel;
            impl ::supabase_core::schema::Relation for Rel {
                type Source = super::super::Table;
                type Target = super::super::super::stars::Table;
                type Cardinality = ::supabase_core::schema::ZeroOrOne;
                const NAME: &'static ::core::primitive::str = "star";
                const TARGET: &'static ::core::primitive::str = "stars!planets_star_id_fkey";
            }
        }
        /// to `stars`
        pub const star: star::Rel = star::Rel;
    }
}

/// `public.moons`: Worlds that circle a planet
pub mod moons {
    /// `public.moons`
    pub struct Table;
    impl ::supabase_core::schema::Table for Table {
        const NAME: &'static ::core::primitive::str = "moons";
        const SCHEMA: &'static ::core::primitive::str = "public";
        const COLUMNS: &'static [::supabase_core::schema::ColumnInfo] = &[
            ::supabase_core::schema::ColumnInfo::new("id", "int8", false),
            ::supabase_core::schema::ColumnInfo::new("name", "text", false),
            ::supabase_core::schema::ColumnInfo::new("planet_id", "int8", false),
            ::supabase_core::schema::ColumnInfo::new("radius_km", "float8", true),
        ];
        const REQUIRED: &'static [&'static ::core::primitive::str] = &["name", "planet_id"];
        const PRIMARY_KEY: &'static [&'static ::core::primitive::str] = &["id"];
    }
    impl ::supabase_core::schema::Insertable for Table {}
    impl ::supabase_core::schema::Updatable for Table {}
    impl ::supabase_core::schema::Deletable for Table {}
    /// `id`
    pub struct id;
    impl ::supabase_core::schema::Column for id {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Int8;
        type Ty = ::core::primitive::i64;
        type Null = ::supabase_core::schema::NotNull;
        type Write = ::supabase_core::schema::Optional;
        const NAME: &'static ::core::primitive::str = "id";
    }
    /// `name`
    pub struct name;
    impl ::supabase_core::schema::Column for name {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Text;
        type Ty = ::std::string::String;
        type Null = ::supabase_core::schema::NotNull;
        type Write = ::supabase_core::schema::Required;
        const NAME: &'static ::core::primitive::str = "name";
    }
    /// `planet_id`
    pub struct planet_id;
    impl ::supabase_core::schema::Column for planet_id {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Int8;
        type Ty = ::core::primitive::i64;
        type Null = ::supabase_core::schema::NotNull;
        type Write = ::supabase_core::schema::Required;
        const NAME: &'static ::core::primitive::str = "planet_id";
    }
    /// `radius_km`
    pub struct radius_km;
    impl ::supabase_core::schema::Column for radius_km {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Float8;
        type Ty = ::core::option::Option<::core::primitive::f64>;
        type Null = ::supabase_core::schema::Nullable;
        type Write = ::supabase_core::schema::Optional;
        const NAME: &'static ::core::primitive::str = "radius_km";
    }
    /// Relationships of `public.moons`.
    pub mod rel {
        /// to `planets`
        pub mod planet {
            pub use super::super::super::planets::*;
            /// The relationship itself.
            pub struct Rel;
            impl ::supabase_core::schema::Relation for Rel {
                type Source = super::super::Table;
                type Target = super::super::super::planets::Table;
                type Cardinality = ::supabase_core::schema::One;
                const NAME: &'static ::core::primitive::str = "planet";
                const TARGET: &'static ::core::primitive::str = "planets!moons_planet_id_fkey";
            }
        }
        /// to `planets`
        pub const planet: planet::Rel = planet::Rel;
    }
}

/// `public.stars`: Suns
pub mod stars {
    /// `public.stars`
    pub struct Table;
    impl ::supabase_core::schema::Table for Table {
        const NAME: &'static ::core::primitive::str = "stars";
        const SCHEMA: &'static ::core::primitive::str = "public";
        const COLUMNS: &'static [::supabase_core::schema::ColumnInfo] = &[
            ::supabase_core::schema::ColumnInfo::new("id", "int8", false),
            ::supabase_core::schema::ColumnInfo::new("name", "text", false),
            ::supabase_core::schema::ColumnInfo::new("colour", "text", true),
        ];
        const REQUIRED: &'static [&'static ::core::primitive::str] = &["name"];
        const PRIMARY_KEY: &'static [&'static ::core::primitive::str] = &["id"];
    }
    impl ::supabase_core::schema::Insertable for Table {}
    impl ::supabase_core::schema::Updatable for Table {}
    impl ::supabase_core::schema::Deletable for Table {}
    /// `id`
    pub struct id;
    impl ::supabase_core::schema::Column for id {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Int8;
        type Ty = ::core::primitive::i64;
        type Null = ::supabase_core::schema::NotNull;
        type Write = ::supabase_core::schema::Optional;
        const NAME: &'static ::core::primitive::str = "id";
    }
    /// `name`
    pub struct name;
    impl ::supabase_core::schema::Column for name {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Text;
        type Ty = ::std::string::String;
        type Null = ::supabase_core::schema::NotNull;
        type Write = ::supabase_core::schema::Required;
        const NAME: &'static ::core::primitive::str = "name";
    }
    /// `colour`
    pub struct colour;
    impl ::supabase_core::schema::Column for colour {
        type Table = Table;
        type Sql = ::supabase_core::schema::sql::Text;
        type Ty = ::core::option::Option<::std::string::String>;
        type Null = ::supabase_core::schema::Nullable;
        type Write = ::supabase_core::schema::Optional;
        const NAME: &'static ::core::primitive::str = "colour";
    }
    /// Relationships of `public.stars`.
    pub mod rel {
        /// to `planets`
        pub mod planets {
            pub use super::super::super::planets::*;
            /// The relationship itself.
            pub struct Rel;
            impl ::supabase_core::schema::Relation for Rel {
                type Source = super::super::Table;
                type Target = super::super::super::planets::Table;
                type Cardinality = ::supabase_core::schema::Many;
                const NAME: &'static ::core::primitive::str = "planets";
                const TARGET: &'static ::core::primitive::str = "planets!planets_star_id_fkey";
            }
        }
        /// to `planets`
        pub const planets: planets::Rel = planets::Rel;
    }
}

