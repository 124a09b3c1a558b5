//! The filter methods, written once and given to every builder that has filters.
//!
//! A macro rather than a trait: the methods are found without an import, and their documentation
//! stands on the builder's own page.

/// The typed filters of builders over a generated table `T`. Each type has an inherent
/// `narrow(self, |filter| ..) -> $out`.
macro_rules! typed_filters {
    ($([$($param:tt)*] $ty:ty => $out:ty, $table:ty;)+) => {$(
        impl<$($param)*> $ty {
            typed_filters! { @compare $out, $table;
                /// Keeps rows whose column equals the value.
                eq "eq" Comparable;
                /// Keeps rows whose column differs from the value. NULL differs from nothing; see
                /// `is_distinct`.
                neq "neq" Comparable;
                /// Keeps rows whose column differs from the value, NULL included.
                is_distinct "isdistinct" Comparable;
                /// Keeps rows whose column is greater than the value.
                gt "gt" Ordered;
                /// Keeps rows whose column is the value or greater.
                gte "gte" Ordered;
                /// Keeps rows whose column is less than the value.
                lt "lt" Ordered;
                /// Keeps rows whose column is the value or less.
                lte "lte" Ordered;
                /// Keeps rows whose array, range or json has everything that the value has (`@>`).
                contains "cs" Contained;
                /// Keeps rows whose array, range or json is part of the value (`<@`).
                contained_by "cd" Contained;
                /// Keeps rows whose array or range has an element in common with the value (`&&`).
                overlaps "ov" Overlapping;
                /// Keeps rows whose range is behind the given one (`>>`).
                range_gt "sr" IsRange;
                /// Keeps rows whose range has no point before the given one (`&>`).
                range_gte "nxl" IsRange;
                /// Keeps rows whose range is before the given one (`<<`).
                range_lt "sl" IsRange;
                /// Keeps rows whose range has no point behind the given one (`&<`).
                range_lte "nxr" IsRange;
                /// Keeps rows whose range ends where the given one starts, or the other way round (`-|-`).
                range_adjacent "adj" IsRange;
            }

            typed_filters! { @is $out, $table;
                /// Keeps rows whose column is true.
                is_true "true" IsBool;
                /// Keeps rows whose column is false.
                is_false "false" IsBool;
                /// Keeps rows whose truth is unknown: NULL.
                is_unknown "unknown" IsBool;
            }

            /// Keeps rows whose column is NULL.
            pub fn is_null<C>(self, column: C) -> $out
            where
                C: $crate::query::Operand,
                C::Table: $crate::schema::SameTable<$table, C>,
            {
                self.narrow(|filter| filter.is(&column, "null"))
            }

            /// Keeps rows whose column is not NULL.
            pub fn is_not_null<C>(self, column: C) -> $out
            where
                C: $crate::query::Operand,
                C::Table: $crate::schema::SameTable<$table, C>,
            {
                self.narrow(|filter| filter.negate().is(&column, "null"))
            }

            /// Keeps rows whose column equals one of the values: none, when there are none.
            pub fn in_<C, I>(self, column: C, values: I) -> $out
            where
                C: $crate::query::Operand,
                C::Table: $crate::schema::SameTable<$table, C>,
                C::Sql: $crate::schema::Comparable<C>,
                I: IntoIterator,
                I::Item: $crate::schema::ValueFor<C::Sql, C>,
            {
                self.narrow(|filter| filter.in_list(&column, values))
            }

            /// Keeps rows whose column equals none of the values. Refused before sending when
            /// there are none, since that would be every row.
            pub fn not_in<C, I>(self, column: C, values: I) -> $out
            where
                C: $crate::query::Operand,
                C::Table: $crate::schema::SameTable<$table, C>,
                C::Sql: $crate::schema::Comparable<C>,
                I: IntoIterator,
                I::Item: $crate::schema::ValueFor<C::Sql, C>,
            {
                self.narrow(|filter| filter.negate().in_list(&column, values))
            }

            typed_filters! { @like $out, $table;
                /// Keeps rows whose text matches the pattern: `%` is any text, `_` any character.
                like false;
                /// Keeps rows whose text matches the pattern, upper and lower case alike.
                ilike true;
            }

            typed_filters! { @like_many $out, $table;
                /// Keeps rows whose text matches every pattern.
                like_all_of false true;
                /// Keeps rows whose text matches one of the patterns.
                like_any_of false false;
                /// Keeps rows whose text matches every pattern, upper and lower case alike.
                ilike_all_of true true;
                /// Keeps rows whose text matches one of the patterns, upper and lower case alike.
                ilike_any_of true false;
            }

            /// Keeps rows whose text matches the POSIX regular expression (`~`).
            pub fn match_regex<C, P>(self, column: C, pattern: P) -> $out
            where
                C: $crate::query::Operand,
                C::Table: $crate::schema::SameTable<$table, C>,
                C::Sql: $crate::schema::IsText<C>,
                P: $crate::query::Pattern,
            {
                self.narrow(|filter| filter.compare(&column, "match", pattern.pattern()))
            }

            /// Keeps rows whose text matches the POSIX regular expression, upper and lower case
            /// alike (`~*`).
            pub fn imatch_regex<C, P>(self, column: C, pattern: P) -> $out
            where
                C: $crate::query::Operand,
                C::Table: $crate::schema::SameTable<$table, C>,
                C::Sql: $crate::schema::IsText<C>,
                P: $crate::query::Pattern,
            {
                self.narrow(|filter| filter.compare(&column, "imatch", pattern.pattern()))
            }

            /// Keeps rows that the full text search finds. Text is read as `to_tsquery` reads it;
            /// see [`TextQuery`](crate::query::TextQuery) for other readings and a configuration.
            pub fn text_search<C, Q>(self, column: C, query: Q) -> $out
            where
                C: $crate::query::Operand,
                C::Table: $crate::schema::SameTable<$table, C>,
                C::Sql: $crate::schema::IsSearchable<C>,
                Q: $crate::query::AsTextQuery,
            {
                self.narrow(|filter| filter.text_search(&column, &query.as_text_query()))
            }

            /// A filter with an operator in PostgREST's own word, for one that has no method:
            /// `.raw(planets::tags, "cs", "{hot}")`. Text is sent as it stands, without quotes and escapes
            /// of its own: the list of `in`, a literal of PostgreSQL such as `{a,b}` or `[1,2)`.
            pub fn raw<C, V>(self, column: C, operator: &str, value: V) -> $out
            where
                C: $crate::query::Operand,
                C::Table: $crate::schema::SameTable<$table, C>,
                V: $crate::schema::ToValue,
            {
                self.narrow(|filter| filter.literal(&column, operator, value))
            }

            /// Keeps rows that the condition holds for: `any([..])`, `all([..])`, `not(..)`,
            /// `filter!(..)`, or the method of a column.
            pub fn filter<O>(self, condition: $crate::query::Condition<O>) -> $out
            where
                O: $crate::schema::Table + $crate::schema::ConditionOn<$table>,
            {
                self.narrow(|filter| filter.condition(&condition))
            }
        }
    )+};

    (@compare $out:ty, $table:ty; $($(#[$doc:meta])* $name:ident $operator:literal $capability:ident;)+) => {$(
        $(#[$doc])*
        pub fn $name<C, V>(self, column: C, value: V) -> $out
        where
            C: $crate::query::Operand,
            C::Table: $crate::schema::SameTable<$table, C>,
            C::Sql: $crate::schema::$capability<C>,
            V: $crate::schema::ValueFor<C::Sql, C>,
        {
            self.narrow(|filter| filter.compare(&column, $operator, &value))
        }
    )+};

    (@is $out:ty, $table:ty; $($(#[$doc:meta])* $name:ident $word:literal $capability:ident;)+) => {$(
        $(#[$doc])*
        pub fn $name<C>(self, column: C) -> $out
        where
            C: $crate::query::Operand,
            C::Table: $crate::schema::SameTable<$table, C>,
            C::Sql: $crate::schema::$capability<C>,
        {
            self.narrow(|filter| filter.is(&column, $word))
        }
    )+};

    (@like $out:ty, $table:ty; $($(#[$doc:meta])* $name:ident $any_case:literal;)+) => {$(
        $(#[$doc])*
        ///
        /// A `*` is a literal star here, whatever the server makes of it in a URL.
        pub fn $name<C, P>(self, column: C, pattern: P) -> $out
        where
            C: $crate::query::Operand,
            C::Table: $crate::schema::SameTable<$table, C>,
            C::Sql: $crate::schema::IsText<C>,
            P: $crate::query::Pattern,
        {
            self.narrow(|filter| filter.like(&column, &pattern, $any_case))
        }
    )+};

    (@like_many $out:ty, $table:ty; $($(#[$doc:meta])* $name:ident $any_case:literal $all:literal;)+) => {$(
        $(#[$doc])*
        pub fn $name<C, I>(self, column: C, patterns: I) -> $out
        where
            C: $crate::query::Operand,
            C::Table: $crate::schema::SameTable<$table, C>,
            C::Sql: $crate::schema::IsText<C>,
            I: IntoIterator,
            I::Item: $crate::query::Pattern,
        {
            self.narrow(|filter| filter.like_many(&column, patterns, $any_case, $all))
        }
    )+};
}

/// `eq_if_some` leaves a builder as filtered as it was, so only reads have it.
macro_rules! optional_filters {
    ($([$($param:tt)*] $ty:ty, $table:ty;)+) => {$(
        impl<$($param)*> $ty {
            /// Keeps rows whose column equals the value, if there is a value.
            pub fn eq_if_some<C, V>(self, column: C, value: Option<V>) -> Self
            where
                C: $crate::query::Operand,
                C::Table: $crate::schema::SameTable<$table, C>,
                C::Sql: $crate::schema::Comparable<C>,
                V: $crate::schema::ValueFor<C::Sql, C>,
            {
                match value {
                    Some(value) => self.eq(column, value),
                    None => self,
                }
            }
        }
    )+};
}

pub(crate) use {optional_filters, typed_filters};
