// A schema as the generator writes one, small enough to read: planets circle stars, moons circle
// planets. It has no inner attributes, so that the examples in the documentation can include it.

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
    /// A row of `public.planets`.
    #[derive(::core::fmt::Debug, ::core::clone::Clone)]
    pub struct Row {
        /// `id`
        pub id: ::core::primitive::i64,
        /// `name`
        pub name: ::std::string::String,
        /// `radius_km`
        pub radius_km: ::core::primitive::f64,
        /// `mass`
        pub mass: ::core::option::Option<::supabase_core::types::Decimal>,
        /// `star_id`
        pub star_id: ::core::option::Option<::core::primitive::i64>,
        /// `tags`
        pub tags: ::std::vec::Vec<::std::string::String>,
        /// `facts`
        pub facts: ::core::option::Option<::supabase_core::types::JsonValue>,
        /// `visible`
        pub visible: ::core::option::Option<::supabase_core::types::PgRange<::supabase_core::types::DateTimeUtc>>,
        /// `type`
        pub r#type: ::core::option::Option<::std::string::String>,
        /// `slug`
        pub slug: ::std::string::String,
    }
    impl ::supabase_core::schema::FromRow for Row {
        type Table = Table;
        fn select(out: &mut ::supabase_core::__private::SelectWriter<'_>) {
            out.all()
        }
        fn decode(
            reader: &mut ::supabase_core::__private::RowReader<'_>,
        ) -> ::core::result::Result<Self, ::supabase_core::__private::DecodeError> {
            ::core::result::Result::Ok(Row {
                id: reader.column("id")?,
                name: reader.column("name")?,
                radius_km: reader.column("radius_km")?,
                mass: reader.column("mass")?,
                star_id: reader.column("star_id")?,
                tags: reader.column("tags")?,
                facts: reader.column("facts")?,
                visible: reader.column("visible")?,
                r#type: reader.column("type")?,
                slug: reader.column("slug")?,
            })
        }
    }
    impl ::supabase_core::schema::HasRow for Table {
        type Row = Row;
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
                const BY_KEY: &'static ::core::primitive::str = "moons_planet_id_fkey";
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
                const BY_KEY: &'static ::core::primitive::str = "planets_star_id_fkey";
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
                const BY_KEY: &'static ::core::primitive::str = "moons_planet_id_fkey";
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
            ::supabase_core::schema::ColumnInfo::new("colour", "colour", true),
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
        type Sql = ::supabase_core::schema::sql::Enum<super::enums::Colour>;
        type Ty = ::core::option::Option<super::enums::Colour>;
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
                const BY_KEY: &'static ::core::primitive::str = "planets_star_id_fkey";
            }
        }
        /// to `planets`
        pub const planets: planets::Rel = planets::Rel;
    }
}

/// Enums of the database.
pub mod enums {
    /// `public.colour`
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Colour {
        /// `red`
        Red,
        /// `pale blue`
        PaleBlue,
        /// A label that the database has gained since this code was generated.
        Other(::std::string::String),
    }
    impl ::supabase_core::schema::PgEnum for Colour {
        const NAME: &'static ::core::primitive::str = "colour";
        const LABELS: &'static [&'static ::core::primitive::str] = &["red", "pale blue"];
        fn label(&self) -> &::core::primitive::str {
            match self {
                Self::Red => "red",
                Self::PaleBlue => "pale blue",
                Self::Other(label) => label,
            }
        }
        fn from_label(label: &::core::primitive::str) -> Self {
            match label {
                "red" => Self::Red,
                "pale blue" => Self::PaleBlue,
                other => Self::Other(::std::string::String::from(other)),
            }
        }
    }
    ::supabase_core::impl_enum!(Colour);
}

/// Functions of the database.
pub mod functions {
    /// `public.hello_world() returns text`
    pub struct hello_world {}
    impl ::supabase_core::schema::Function for self::hello_world {
        type Returns = ::supabase_core::schema::returns::Scalar<::std::string::String>;
        const NAME: &'static ::core::primitive::str = "hello_world";
        const SCHEMA: &'static ::core::primitive::str = "public";
        const READ_ONLY: ::core::primitive::bool = true;
        fn write(&self, _out: &mut ::supabase_core::__private::ArgumentWriter<'_>) {}
    }
    impl self::hello_world {
        #[doc(hidden)]
        pub const fn __omitted() -> Self {
            Self {}
        }
    }

    /// `public.count_moons(planet int8, larger_than float8 default 0) returns int8`
    pub struct count_moons<planet, larger_than> {
        /// `int8`
        pub planet: planet,
        /// `float8`, has a default
        pub larger_than: larger_than,
    }
    impl<planet, larger_than> ::supabase_core::schema::Function for self::count_moons<planet, larger_than>
    where
        planet: ::supabase_core::schema::ArgumentFor<
                ::supabase_core::schema::sql::Int8,
                ::supabase_core::schema::Required,
                self::args::count_moons::planet,
            >,
        larger_than: ::supabase_core::schema::ArgumentFor<
                ::supabase_core::schema::sql::Float8,
                ::supabase_core::schema::Optional,
                self::args::count_moons::larger_than,
            >,
    {
        type Returns = ::supabase_core::schema::returns::Scalar<::core::primitive::i64>;
        const NAME: &'static ::core::primitive::str = "count_moons";
        const SCHEMA: &'static ::core::primitive::str = "public";
        const READ_ONLY: ::core::primitive::bool = true;
        fn write(&self, out: &mut ::supabase_core::__private::ArgumentWriter<'_>) {
            out.argument("planet", &self.planet);
            out.argument("larger_than", &self.larger_than);
        }
    }
    impl self::count_moons<::supabase_core::schema::Omit, ::supabase_core::schema::Omit> {
        #[doc(hidden)]
        pub const fn __omitted() -> Self {
            Self { planet: ::supabase_core::schema::Omit, larger_than: ::supabase_core::schema::Omit }
        }
    }
    impl<planet, larger_than> self::count_moons<planet, larger_than> {
        #[doc(hidden)]
        pub fn planet<__Value>(self, value: __Value) -> self::count_moons<__Value, larger_than> {
            self::count_moons { planet: value, larger_than: self.larger_than }
        }
        #[doc(hidden)]
        pub fn larger_than<__Value>(self, value: __Value) -> self::count_moons<planet, __Value> {
            self::count_moons { planet: self.planet, larger_than: value }
        }
    }

    /// Markers of arguments, which name them in messages of the compiler.
    pub mod args {
        /// Arguments of `public.count_moons`.
        pub mod count_moons {
            /// `int8`
            pub struct planet;
            impl ::supabase_core::schema::Argument for planet {
                const NAME: &'static ::core::primitive::str = "planet";
                const FUNCTION: &'static ::core::primitive::str = "count_moons";
            }
            /// `float8`, has a default
            pub struct larger_than;
            impl ::supabase_core::schema::Argument for larger_than {
                const NAME: &'static ::core::primitive::str = "larger_than";
                const FUNCTION: &'static ::core::primitive::str = "count_moons";
            }
        }
    }
}
