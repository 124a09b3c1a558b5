//! The builder without a schema: the same plan, written by text.

use super::answer::Answer;
use super::select::Select;
use super::sort::Sort;
use super::write::{Delete, Filtered, Update};
use crate::query::{AsTextQuery, Pattern, Untyped as Name, name};
use crate::schema::ToValue;

/// Stands for the table of a builder that was given a name instead of a generated table.
#[derive(Debug, Clone, Copy)]
pub enum Untyped {}

macro_rules! untyped_filters {
    ($([$($param:tt)*] $ty:ty => $out:ty;)+) => {$(
        impl<$($param)*> $ty {
            untyped_filters! { @compare $out;
                /// Keeps rows whose column equals the value.
                eq "eq";
                /// Keeps rows whose column differs from the value.
                neq "neq";
                /// Keeps rows whose column differs from the value, NULL included.
                is_distinct "isdistinct";
                /// Keeps rows whose column is greater than the value.
                gt "gt";
                /// Keeps rows whose column is the value or greater.
                gte "gte";
                /// Keeps rows whose column is less than the value.
                lt "lt";
                /// Keeps rows whose column is the value or less.
                lte "lte";
                /// Keeps rows whose array, range or json has everything that the value has: a list,
                /// a range, or text in PostgreSQL's own spelling.
                contains "cs";
                /// Keeps rows whose array, range or json is part of the value.
                contained_by "cd";
                /// Keeps rows whose array or range has an element in common with the value.
                overlaps "ov";
                /// Keeps rows whose range is behind the given one.
                range_gt "sr";
                /// Keeps rows whose range has no point before the given one.
                range_gte "nxl";
                /// Keeps rows whose range is before the given one.
                range_lt "sl";
                /// Keeps rows whose range has no point behind the given one.
                range_lte "nxr";
                /// Keeps rows whose range ends where the given one starts, or the other way round.
                range_adjacent "adj";
            }

            /// Keeps rows whose column is NULL.
            pub fn is_null(self, column: &str) -> $out {
                self.narrow(|filter| filter.is(&Name(column), "null"))
            }

            /// Keeps rows whose column is not NULL.
            pub fn is_not_null(self, column: &str) -> $out {
                self.narrow(|filter| filter.negate().is(&Name(column), "null"))
            }

            /// Keeps rows whose column is true.
            pub fn is_true(self, column: &str) -> $out {
                self.narrow(|filter| filter.is(&Name(column), "true"))
            }

            /// Keeps rows whose column is false.
            pub fn is_false(self, column: &str) -> $out {
                self.narrow(|filter| filter.is(&Name(column), "false"))
            }

            /// Keeps rows whose truth is unknown: NULL.
            pub fn is_unknown(self, column: &str) -> $out {
                self.narrow(|filter| filter.is(&Name(column), "unknown"))
            }

            /// Keeps rows whose column equals one of the values: none, when there are none.
            pub fn in_<V: ToValue>(self, column: &str, values: impl IntoIterator<Item = V>) -> $out {
                self.narrow(|filter| filter.in_list(&Name(column), values))
            }

            /// Keeps rows whose column equals none of the values. Refused before sending when there
            /// are none, since that would be every row.
            pub fn not_in<V: ToValue>(self, column: &str, values: impl IntoIterator<Item = V>) -> $out {
                self.narrow(|filter| filter.negate().in_list(&Name(column), values))
            }

            /// Keeps rows whose text matches the pattern: `%` is any text, `_` any character, `*`
            /// itself.
            pub fn like(self, column: &str, pattern: impl Pattern) -> $out {
                self.narrow(|filter| filter.like(&Name(column), &pattern, false))
            }

            /// Keeps rows whose text matches the pattern, upper and lower case alike.
            pub fn ilike(self, column: &str, pattern: impl Pattern) -> $out {
                self.narrow(|filter| filter.like(&Name(column), &pattern, true))
            }

            /// Keeps rows whose text matches every pattern.
            pub fn like_all_of<P: Pattern>(self, column: &str, patterns: impl IntoIterator<Item = P>) -> $out {
                self.narrow(|filter| filter.like_many(&Name(column), patterns, false, true))
            }

            /// Keeps rows whose text matches one of the patterns.
            pub fn like_any_of<P: Pattern>(self, column: &str, patterns: impl IntoIterator<Item = P>) -> $out {
                self.narrow(|filter| filter.like_many(&Name(column), patterns, false, false))
            }

            /// Keeps rows whose text matches every pattern, upper and lower case alike.
            pub fn ilike_all_of<P: Pattern>(self, column: &str, patterns: impl IntoIterator<Item = P>) -> $out {
                self.narrow(|filter| filter.like_many(&Name(column), patterns, true, true))
            }

            /// Keeps rows whose text matches one of the patterns, upper and lower case alike.
            pub fn ilike_any_of<P: Pattern>(self, column: &str, patterns: impl IntoIterator<Item = P>) -> $out {
                self.narrow(|filter| filter.like_many(&Name(column), patterns, true, false))
            }

            /// Keeps rows whose text matches the POSIX regular expression.
            pub fn match_regex(self, column: &str, pattern: impl Pattern) -> $out {
                self.narrow(|filter| filter.compare(&Name(column), "match", pattern.pattern()))
            }

            /// Keeps rows whose text matches the POSIX regular expression, upper and lower case
            /// alike.
            pub fn imatch_regex(self, column: &str, pattern: impl Pattern) -> $out {
                self.narrow(|filter| filter.compare(&Name(column), "imatch", pattern.pattern()))
            }

            /// Keeps rows that the full text search finds.
            pub fn text_search(self, column: &str, query: impl AsTextQuery) -> $out {
                self.narrow(|filter| filter.text_search(&Name(column), &query.as_text_query()))
            }

            /// Keeps rows where every column equals its value. Refused before sending when there
            /// are none.
            pub fn match_<N: AsRef<str>, V: ToValue>(self, columns: impl IntoIterator<Item = (N, V)>) -> $out {
                let columns: Vec<(N, V)> = columns.into_iter().collect();
                self.narrow_all(columns.len(), |filter, at| {
                    let (column, value) = &columns[at];
                    filter.compare(&Name(column.as_ref()), "eq", value);
                })
            }

            /// A filter with an operator in PostgREST's own word: `.filter("tags", "cs", ["a", "b"])`.
            /// Text is sent as it stands, without quotes and escapes of its own: the list of `in`,
            /// a literal of PostgreSQL such as `{a,b}` or `[1,2)`.
            pub fn filter<V: ToValue>(self, column: &str, operator: &str, value: V) -> $out {
                self.narrow(|filter| filter.literal(&Name(column), operator, value))
            }

            /// The opposite of [`filter`](Self::filter).
            pub fn not<V: ToValue>(self, column: &str, operator: &str, value: V) -> $out {
                let operator = format!("not.{operator}");
                self.narrow(|filter| filter.literal(&Name(column), &operator, value))
            }

            /// Keeps rows that one of the filters holds for, in PostgREST's own words:
            /// `.or("id.eq.2,name.eq.Mars")`. Values with a comma or parenthesis have to be in
            /// double quotes.
            pub fn or(self, filters: &str) -> $out {
                self.narrow(|filter| filter.tree_literal("", "or", filters))
            }

            untyped_filters! { @tree $out;
                /// Keeps rows that every one of the filters holds for, in PostgREST's own words.
                and and_within "and";
                /// Keeps rows that none of the filters holds for, in PostgREST's own words.
                not_or not_or_within "not.or";
                /// Keeps rows that at least one of the filters does not hold for, in PostgREST's own
                /// words.
                not_and not_and_within "not.and";
            }

            /// As [`or`](Self::or), of the rows of an embedded resource.
            pub fn or_within(self, resource: &str, filters: &str) -> $out {
                self.narrow(|filter| filter.tree_literal(resource, "or", filters))
            }

            /// Keeps rows that the condition holds for: `any([..])`, `all([..])`, `not(..)` over
            /// [`column`](super::column)s. Values are quoted and escaped.
            pub fn filter_by(self, condition: crate::query::Condition<Untyped>) -> $out {
                self.narrow(|filter| filter.condition(&condition))
            }

            /// As [`filter_by`](Self::filter_by), of the rows of an embedded resource.
            pub fn filter_within(self, resource: &str, condition: crate::query::Condition<Untyped>) -> $out {
                self.narrow(|filter| filter.condition_within(resource, &condition))
            }
        }
    )+};
    (@tree $out:ty; $($(#[$doc:meta])* $name:ident $within:ident $operator:literal;)+) => {$(
        $(#[$doc])*
        pub fn $name(self, filters: &str) -> $out {
            self.narrow(|filter| filter.tree_literal("", $operator, filters))
        }

        $(#[$doc])*
        ///
        /// Of the rows of an embedded resource.
        pub fn $within(self, resource: &str, filters: &str) -> $out {
            self.narrow(|filter| filter.tree_literal(resource, $operator, filters))
        }
    )+};
    (@compare $out:ty; $($(#[$doc:meta])* $name:ident $operator:literal;)+) => {$(
        $(#[$doc])*
        pub fn $name<V: ToValue>(self, column: &str, value: V) -> $out {
            self.narrow(|filter| filter.compare(&Name(column), $operator, &value))
        }
    )+};
}

untyped_filters! {
    [S] Select<Untyped, S> => Self;
    [F, A: Answer] Update<Untyped, F, A> => Update<Untyped, Filtered, A>;
    [F, A: Answer] Delete<Untyped, F, A> => Delete<Untyped, Filtered, A>;
    [R] super::call::Call<super::call::Untold<R>> => Self;
}

macro_rules! untyped_order {
    ($([$($param:tt)*] $ty:ty;)+) => {$(
        impl<$($param)*> $ty {
            /// Sorts the rows: by a column, or a [`Sort`]. Further calls add terms.
            pub fn order(mut self, order: impl Into<Sort>) -> Self {
                self.pending.plan.order(order.into().into_text());
                self
            }

            /// Sorts the rows of an embedded resource.
            pub fn order_within(mut self, resource: &str, order: impl Into<Sort>) -> Self {
                let key = embedded(resource, "order");
                self.pending.plan.extend_parameter(&key, &order.into().into_text());
                self
            }

            /// Leaves out the first rows of an embedded resource, for each row around them.
            pub fn offset_within(mut self, resource: &str, rows: u64) -> Self {
                self.pending.plan.set_parameter(&embedded(resource, "offset"), &rows.to_string());
                self
            }

            /// At most so many rows of an embedded resource, for each row around them.
            pub fn limit_within(mut self, resource: &str, rows: u64) -> Self {
                self.pending.plan.set_parameter(&embedded(resource, "limit"), &bounded(rows));
                self
            }

            /// The rows of an embedded resource from position `first` to `last`, both included and
            /// counted from 0.
            pub fn range_within(mut self, resource: &str, first: u64, last: u64) -> Self {
                if last < first {
                    self.pending.plan.refuse(format!("`range_within({first}, {last})` ends before it starts"));
                }
                self.pending.plan.set_parameter(&embedded(resource, "offset"), &first.to_string());
                let rows = last.saturating_sub(first).saturating_add(1);
                self.pending.plan.set_parameter(&embedded(resource, "limit"), &bounded(rows));
                self
            }
        }
    )+};
}

untyped_order! {
    [S] Select<Untyped, S>;
    [R] super::call::Call<super::call::Untold<R>>;
}

/// A limit, as far as the server's numbers go.
fn bounded(rows: u64) -> String {
    i64::try_from(rows).unwrap_or(i64::MAX).to_string()
}

/// The key of a modifier of an embedded resource. A path in dots is taken as it stands.
fn embedded(resource: &str, modifier: &str) -> String {
    let mut key = String::new();
    if resource.contains(['.', '"']) {
        key.push_str(resource);
    } else {
        name::push(&mut key, resource);
    }
    key.push('.');
    key.push_str(modifier);
    key
}

/// Several filters at once, where none would be a filter that is not there.
macro_rules! narrow_all {
    ($([$($param:tt)*] $ty:ty => $out:ty;)+) => {$(
        impl<$($param)*> $ty {
            fn narrow_all(mut self, count: usize, write: impl Fn(&mut crate::query::FilterWriter<'_>, usize)) -> $out {
                if count == 0 {
                    self.pending.plan.refuse("`match_` was given no column, so it would filter nothing; leave it out instead");
                }
                for at in 1..count {
                    self.pending.narrow(|filter| write(filter, at));
                }
                self.narrow(|filter| if count > 0 { write(filter, 0) })
            }
        }
    )+};
}
narrow_all! {
    [S] Select<Untyped, S> => Self;
    [F, A: Answer] Update<Untyped, F, A> => Update<Untyped, Filtered, A>;
    [F, A: Answer] Delete<Untyped, F, A> => Delete<Untyped, Filtered, A>;
    [R] super::call::Call<super::call::Untold<R>> => Self;
}
