//! The methods of a column: conditions for logic trees, orders, json paths.

use super::condition::Condition;
use super::filter::ColumnName;
use super::order::Order;
use super::pattern::Pattern;
use super::search::AsTextQuery;
use crate::schema::{
    Column, Comparable, Contained, IsBool, IsRange, IsSearchable, IsText, Ordered, Overlapping, Table, ValueFor,
};

/// What stands on the left of an operator: a generated column, or a path into its json.
///
/// Every method makes a [`Condition`] for `.filter(..)`, [`any`](super::any), [`all`](super::all)
/// and [`not`](super::not); the builders have methods of the same names that add the filter at once.
///
/// ```ignore
/// planets::id.eq(2)
/// planets::facts.json_text("colour").ilike("%red%")
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column",
    label = "expected a generated column such as `planets::name`",
    note = "names in strings belong to the untyped builder: `.from(\"planets\")`"
)]
pub trait Operand: ColumnName + Sized {
    /// The table of the column.
    type Table: Table;
    /// The SQL type that operators are decided by.
    type Sql;

    /// `=`
    fn eq<V: ValueFor<Self::Sql, Self>>(self, value: V) -> Condition<Self::Table>
    where
        Self::Sql: Comparable<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "eq", &value))
    }

    /// `<>`
    fn neq<V: ValueFor<Self::Sql, Self>>(self, value: V) -> Condition<Self::Table>
    where
        Self::Sql: Comparable<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "neq", &value))
    }

    /// `IS DISTINCT FROM`: unlike [`neq`](Self::neq) true for NULL.
    fn is_distinct<V: ValueFor<Self::Sql, Self>>(self, value: V) -> Condition<Self::Table>
    where
        Self::Sql: Comparable<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "isdistinct", &value))
    }

    /// `>`
    fn gt<V: ValueFor<Self::Sql, Self>>(self, value: V) -> Condition<Self::Table>
    where
        Self::Sql: Ordered<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "gt", &value))
    }

    /// `>=`
    fn gte<V: ValueFor<Self::Sql, Self>>(self, value: V) -> Condition<Self::Table>
    where
        Self::Sql: Ordered<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "gte", &value))
    }

    /// `<`
    fn lt<V: ValueFor<Self::Sql, Self>>(self, value: V) -> Condition<Self::Table>
    where
        Self::Sql: Ordered<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "lt", &value))
    }

    /// `<=`
    fn lte<V: ValueFor<Self::Sql, Self>>(self, value: V) -> Condition<Self::Table>
    where
        Self::Sql: Ordered<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "lte", &value))
    }

    /// `IN`: equal to one of the values. Matches nothing when there are none.
    fn in_<I>(self, values: I) -> Condition<Self::Table>
    where
        Self::Sql: Comparable<Self>,
        I: IntoIterator,
        I::Item: ValueFor<Self::Sql, Self>,
    {
        Condition::leaf(|filter| filter.in_list(&self, values))
    }

    /// `NOT IN`: equal to none of the values. Refused before sending when there are none, since
    /// every row would match.
    fn not_in<I>(self, values: I) -> Condition<Self::Table>
    where
        Self::Sql: Comparable<Self>,
        I: IntoIterator,
        I::Item: ValueFor<Self::Sql, Self>,
    {
        Condition::leaf(|filter| filter.negate().in_list(&self, values))
    }

    /// `IS NULL`
    fn is_null(self) -> Condition<Self::Table> {
        Condition::leaf(|filter| filter.is(&self, "null"))
    }

    /// `IS NOT NULL`
    fn is_not_null(self) -> Condition<Self::Table> {
        Condition::leaf(|filter| filter.negate().is(&self, "null"))
    }

    /// `IS TRUE`
    fn is_true(self) -> Condition<Self::Table>
    where
        Self::Sql: IsBool<Self>,
    {
        Condition::leaf(|filter| filter.is(&self, "true"))
    }

    /// `IS FALSE`
    fn is_false(self) -> Condition<Self::Table>
    where
        Self::Sql: IsBool<Self>,
    {
        Condition::leaf(|filter| filter.is(&self, "false"))
    }

    /// `IS UNKNOWN`: neither true nor false.
    fn is_unknown(self) -> Condition<Self::Table>
    where
        Self::Sql: IsBool<Self>,
    {
        Condition::leaf(|filter| filter.is(&self, "unknown"))
    }

    /// `LIKE`: `%` stands for any text, `_` for any character, `\` takes the next one as it is.
    fn like<P: Pattern>(self, pattern: P) -> Condition<Self::Table>
    where
        Self::Sql: IsText<Self>,
    {
        Condition::leaf(|filter| filter.like(&self, &pattern, false))
    }

    /// `ILIKE`: as [`like`](Self::like), upper and lower case alike.
    fn ilike<P: Pattern>(self, pattern: P) -> Condition<Self::Table>
    where
        Self::Sql: IsText<Self>,
    {
        Condition::leaf(|filter| filter.like(&self, &pattern, true))
    }

    /// `LIKE ALL`: matches every pattern.
    fn like_all_of<I>(self, patterns: I) -> Condition<Self::Table>
    where
        Self::Sql: IsText<Self>,
        I: IntoIterator,
        I::Item: Pattern,
    {
        Condition::leaf(|filter| filter.like_many(&self, patterns, false, true))
    }

    /// `LIKE ANY`: matches at least one pattern.
    fn like_any_of<I>(self, patterns: I) -> Condition<Self::Table>
    where
        Self::Sql: IsText<Self>,
        I: IntoIterator,
        I::Item: Pattern,
    {
        Condition::leaf(|filter| filter.like_many(&self, patterns, false, false))
    }

    /// `ILIKE ALL`: matches every pattern, upper and lower case alike.
    fn ilike_all_of<I>(self, patterns: I) -> Condition<Self::Table>
    where
        Self::Sql: IsText<Self>,
        I: IntoIterator,
        I::Item: Pattern,
    {
        Condition::leaf(|filter| filter.like_many(&self, patterns, true, true))
    }

    /// `ILIKE ANY`: matches at least one pattern, upper and lower case alike.
    fn ilike_any_of<I>(self, patterns: I) -> Condition<Self::Table>
    where
        Self::Sql: IsText<Self>,
        I: IntoIterator,
        I::Item: Pattern,
    {
        Condition::leaf(|filter| filter.like_many(&self, patterns, true, false))
    }

    /// `~`: matches the POSIX regular expression.
    fn match_regex<P: Pattern>(self, pattern: P) -> Condition<Self::Table>
    where
        Self::Sql: IsText<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "match", pattern.pattern()))
    }

    /// `~*`: matches the POSIX regular expression, upper and lower case alike.
    fn imatch_regex<P: Pattern>(self, pattern: P) -> Condition<Self::Table>
    where
        Self::Sql: IsText<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "imatch", pattern.pattern()))
    }

    /// `@>`: has every element of the array, every point of the range, every key and value of the
    /// json.
    fn contains<V: ValueFor<Self::Sql, Self>>(self, value: V) -> Condition<Self::Table>
    where
        Self::Sql: Contained<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "cs", &value))
    }

    /// `<@`: everything that it has is in the value.
    fn contained_by<V: ValueFor<Self::Sql, Self>>(self, value: V) -> Condition<Self::Table>
    where
        Self::Sql: Contained<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "cd", &value))
    }

    /// `&&`: has an element or point in common with the value.
    fn overlaps<V: ValueFor<Self::Sql, Self>>(self, value: V) -> Condition<Self::Table>
    where
        Self::Sql: Overlapping<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "ov", &value))
    }

    /// `>>`: every point is behind the range.
    fn range_gt<V: ValueFor<Self::Sql, Self>>(self, range: V) -> Condition<Self::Table>
    where
        Self::Sql: IsRange<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "sr", &range))
    }

    /// `&>`: no point is before the range.
    fn range_gte<V: ValueFor<Self::Sql, Self>>(self, range: V) -> Condition<Self::Table>
    where
        Self::Sql: IsRange<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "nxl", &range))
    }

    /// `<<`: every point is before the range.
    fn range_lt<V: ValueFor<Self::Sql, Self>>(self, range: V) -> Condition<Self::Table>
    where
        Self::Sql: IsRange<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "sl", &range))
    }

    /// `&<`: no point is behind the range.
    fn range_lte<V: ValueFor<Self::Sql, Self>>(self, range: V) -> Condition<Self::Table>
    where
        Self::Sql: IsRange<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "nxr", &range))
    }

    /// `-|-`: ends where the range starts, or starts where it ends.
    fn range_adjacent<V: ValueFor<Self::Sql, Self>>(self, range: V) -> Condition<Self::Table>
    where
        Self::Sql: IsRange<Self>,
    {
        Condition::leaf(|filter| filter.compare(&self, "adj", &range))
    }

    /// `@@`: full text search. Text is read as `to_tsquery` reads it; other readings and a
    /// configuration are chosen by [`TextQuery`](super::TextQuery).
    fn text_search<Q: AsTextQuery>(self, query: Q) -> Condition<Self::Table>
    where
        Self::Sql: IsSearchable<Self>,
    {
        Condition::leaf(|filter| filter.text_search(&self, &query.as_text_query()))
    }

    /// Smallest first.
    fn asc(self) -> Order<Self::Table>
    where
        Self::Sql: Ordered<Self>,
    {
        Order::new(&self, ".asc")
    }

    /// Largest first.
    fn desc(self) -> Order<Self::Table>
    where
        Self::Sql: Ordered<Self>,
    {
        Order::new(&self, ".desc")
    }
}

impl<C: Column> Operand for C {
    type Table = C::Table;
    type Sql = C::Sql;
}
