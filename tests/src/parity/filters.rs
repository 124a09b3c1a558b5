//! The untyped filters of every builder that has them, behind one trait, so that an interpreter is
//! written once.

use supabase_core::database::{Answer, Call, Delete, Filtered, Select, Untold, Untyped, Update};
use supabase_core::query::{Condition, TextQuery};

use super::value::Value;

macro_rules! filters {
    ($(fn $name:ident($($argument:ident: $ty:ty),*);)+ ; $([$($param:tt)*] $builder:ty;)+) => {
        /// Untyped filters.
        #[allow(clippy::wrong_self_convention, reason = "they are the names of the builder's methods")]
        pub(crate) trait Filters: Sized {
            $(
                /// The filter of that name.
                fn $name(self, $($argument: $ty),*) -> Self;
            )+
        }
        filters! { @impls [$(fn $name($($argument: $ty),*);)+] $([$($param)*] $builder;)+ }
    };
    (@impls $methods:tt $([$($param:tt)*] $builder:ty;)+) => {
        $(filters! { @one $methods [$($param)*] $builder })+
    };
    (@one [$(fn $name:ident($($argument:ident: $ty:ty),*);)+] [$($param:tt)*] $builder:ty) => {
        impl<$($param)*> Filters for $builder {
            $(fn $name(self, $($argument: $ty),*) -> Self {
                <$builder>::$name(self, $($argument),*)
            })+
        }
    };
}

filters! {
    fn eq(column: &str, value: Value);
    fn neq(column: &str, value: Value);
    fn is_distinct(column: &str, value: Value);
    fn gt(column: &str, value: Value);
    fn gte(column: &str, value: Value);
    fn lt(column: &str, value: Value);
    fn lte(column: &str, value: Value);
    fn contains(column: &str, value: Value);
    fn contained_by(column: &str, value: Value);
    fn overlaps(column: &str, value: Value);
    fn range_gt(column: &str, value: Value);
    fn range_gte(column: &str, value: Value);
    fn range_lt(column: &str, value: Value);
    fn range_lte(column: &str, value: Value);
    fn range_adjacent(column: &str, value: Value);
    fn is_null(column: &str);
    fn is_not_null(column: &str);
    fn is_true(column: &str);
    fn is_false(column: &str);
    fn is_unknown(column: &str);
    fn in_(column: &str, values: Vec<Value>);
    fn not_in(column: &str, values: Vec<Value>);
    fn like(column: &str, pattern: &str);
    fn ilike(column: &str, pattern: &str);
    fn like_all_of(column: &str, patterns: Vec<String>);
    fn like_any_of(column: &str, patterns: Vec<String>);
    fn ilike_all_of(column: &str, patterns: Vec<String>);
    fn ilike_any_of(column: &str, patterns: Vec<String>);
    fn match_regex(column: &str, pattern: &str);
    fn imatch_regex(column: &str, pattern: &str);
    fn text_search(column: &str, query: TextQuery<'_>);
    fn match_(columns: Vec<(String, Value)>);
    fn filter(column: &str, operator: &str, value: Value);
    fn not(column: &str, operator: &str, value: Value);
    fn or(filters: &str);
    fn and(filters: &str);
    fn not_or(filters: &str);
    fn not_and(filters: &str);
    fn or_within(resource: &str, filters: &str);
    fn and_within(resource: &str, filters: &str);
    fn not_or_within(resource: &str, filters: &str);
    fn not_and_within(resource: &str, filters: &str);
    fn filter_by(condition: Condition<Untyped>);
    fn filter_within(resource: &str, condition: Condition<Untyped>);
    ;
    [S] Select<Untyped, S>;
    [A: Answer] Update<Untyped, Filtered, A>;
    [A: Answer] Delete<Untyped, Filtered, A>;
    [R] Call<Untold<R>>;
}
