//! Columns named by text, as operands of conditions.

use super::untyped::Untyped;
use crate::query::{AsTextQuery, Condition, Pattern, Untyped as Name};
use crate::schema::ToValue;

/// A column of the untyped builder, to make conditions of: every value is quoted and escaped, which
/// `.or("..")` leaves to the caller.
///
/// ```
/// use supabase_core::database::column;
/// use supabase_core::{any, not};
///
/// let condition = any([column("name").eq("a,b (c)"), not(column("id").in_([1, 2]))]);
/// assert_eq!(condition.to_string(), r#"or(name.eq."a,b (c)",id.not.in.(1,2))"#);
/// ```
///
/// The name may be a path into json (`data->>key`), as in the other methods of the untyped builder.
#[must_use]
pub const fn column(name: &str) -> NamedColumn<'_> {
    NamedColumn { name }
}

/// A column named by text; see [`column()`].
#[derive(Debug, Clone, Copy)]
pub struct NamedColumn<'n> {
    name: &'n str,
}

macro_rules! compare {
    ($($(#[$doc:meta])* $name:ident $operator:literal;)+) => {$(
        $(#[$doc])*
        pub fn $name<V: ToValue>(self, value: V) -> Condition<Untyped> {
            Condition::leaf(|filter| filter.compare(&Name(self.name), $operator, &value))
        }
    )+};
}

macro_rules! is {
    ($($(#[$doc:meta])* $name:ident $word:literal;)+) => {$(
        $(#[$doc])*
        pub fn $name(self) -> Condition<Untyped> {
            Condition::leaf(|filter| filter.is(&Name(self.name), $word))
        }
    )+};
}

macro_rules! like_many {
    ($($(#[$doc:meta])* $name:ident $any_case:literal $all:literal;)+) => {$(
        $(#[$doc])*
        pub fn $name<P: Pattern>(self, patterns: impl IntoIterator<Item = P>) -> Condition<Untyped> {
            Condition::leaf(|filter| filter.like_many(&Name(self.name), patterns, $any_case, $all))
        }
    )+};
}

impl NamedColumn<'_> {
    compare! {
        /// `=`
        eq "eq";
        /// `<>`
        neq "neq";
        /// `IS DISTINCT FROM`: unlike [`neq`](Self::neq) true for NULL.
        is_distinct "isdistinct";
        /// `>`
        gt "gt";
        /// `>=`
        gte "gte";
        /// `<`
        lt "lt";
        /// `<=`
        lte "lte";
        /// `@>`: has every element, point, key and value of the given one.
        contains "cs";
        /// `<@`: everything that it has is in the given one.
        contained_by "cd";
        /// `&&`: has an element or point in common.
        overlaps "ov";
        /// `>>`: every point is behind the range.
        range_gt "sr";
        /// `&>`: no point is before the range.
        range_gte "nxl";
        /// `<<`: every point is before the range.
        range_lt "sl";
        /// `&<`: no point is behind the range.
        range_lte "nxr";
        /// `-|-`: ends where the range starts, or starts where it ends.
        range_adjacent "adj";
    }

    is! {
        /// `IS NULL`
        is_null "null";
        /// `IS TRUE`
        is_true "true";
        /// `IS FALSE`
        is_false "false";
        /// `IS UNKNOWN`: neither true nor false.
        is_unknown "unknown";
    }

    /// `IS NOT NULL`
    pub fn is_not_null(self) -> Condition<Untyped> {
        Condition::leaf(|filter| filter.negate().is(&Name(self.name), "null"))
    }

    /// `IN`: equal to one of the values. Matches nothing when there are none.
    pub fn in_<V: ToValue>(self, values: impl IntoIterator<Item = V>) -> Condition<Untyped> {
        Condition::leaf(|filter| filter.in_list(&Name(self.name), values))
    }

    /// `NOT IN`: equal to none of the values. Refused before sending when there are none.
    pub fn not_in<V: ToValue>(self, values: impl IntoIterator<Item = V>) -> Condition<Untyped> {
        Condition::leaf(|filter| filter.negate().in_list(&Name(self.name), values))
    }

    /// `LIKE`: `%` stands for any text, `_` for any character, `*` for itself.
    pub fn like(self, pattern: impl Pattern) -> Condition<Untyped> {
        Condition::leaf(|filter| filter.like(&Name(self.name), &pattern, false))
    }

    /// `ILIKE`: as [`like`](Self::like), upper and lower case alike.
    pub fn ilike(self, pattern: impl Pattern) -> Condition<Untyped> {
        Condition::leaf(|filter| filter.like(&Name(self.name), &pattern, true))
    }

    like_many! {
        /// `LIKE ALL`: matches every pattern.
        like_all_of false true;
        /// `LIKE ANY`: matches at least one pattern.
        like_any_of false false;
        /// `ILIKE ALL`: matches every pattern, upper and lower case alike.
        ilike_all_of true true;
        /// `ILIKE ANY`: matches at least one pattern, upper and lower case alike.
        ilike_any_of true false;
    }

    /// `~`: matches the POSIX regular expression.
    pub fn match_regex(self, pattern: impl Pattern) -> Condition<Untyped> {
        Condition::leaf(|filter| filter.compare(&Name(self.name), "match", pattern.pattern()))
    }

    /// `~*`: matches the POSIX regular expression, upper and lower case alike.
    pub fn imatch_regex(self, pattern: impl Pattern) -> Condition<Untyped> {
        Condition::leaf(|filter| filter.compare(&Name(self.name), "imatch", pattern.pattern()))
    }

    /// `@@`: full text search.
    pub fn text_search(self, query: impl AsTextQuery) -> Condition<Untyped> {
        Condition::leaf(|filter| filter.text_search(&Name(self.name), &query.as_text_query()))
    }
}
