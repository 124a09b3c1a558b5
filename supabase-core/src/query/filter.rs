//! One filter, written either as a parameter (`id=gt.2`) or as a node of a logic tree (`id.gt.2`).

use super::encode::{ValueError, ValueWriter};
use super::pattern::{self, Pattern};
use super::search::TextQuery;
use super::{literal, name, percent, plan};
use crate::schema::{Column, ToValue};

/// Something that names a column for the server.
pub trait ColumnName {
    /// Appends the name, quoted where the grammar asks for it.
    fn push_name(&self, out: &mut String);
    /// Whether the column is called `*`, which no filter can name.
    fn is_star(&self) -> bool {
        false
    }
    /// The name for messages.
    fn describe(&self) -> String {
        let mut name = String::new();
        self.push_name(&mut name);
        name
    }
}

impl<C: Column> ColumnName for C {
    fn push_name(&self, out: &mut String) {
        name::push(out, C::NAME);
    }
    fn is_star(&self) -> bool {
        C::NAME == "*"
    }
}

/// A column named by text, in the untyped builder.
pub(crate) struct Untyped<'n>(pub(crate) &'n str);

impl ColumnName for Untyped<'_> {
    fn push_name(&self, out: &mut String) {
        name::push_untyped(out, self.0);
    }
    fn is_star(&self) -> bool {
        matches!(self.0.trim_matches('"'), "*")
    }
}

/// Where a filter is written to.
enum Sink<'a> {
    /// The query string, under a path of embedded resources (`moons.`), percent-encoded.
    Query { out: &'a mut String, path: &'a str },
    /// A node of a logic tree, as plain text.
    Tree { out: &'a mut String, operator_at: usize },
}

/// Writes one filter. Exactly one of its methods is called.
pub(crate) struct FilterWriter<'a> {
    sink: Sink<'a>,
    negated: bool,
    /// Why the filter cannot be sent.
    pub(crate) refusal: Option<String>,
    /// Whether it is known to match no row.
    pub(crate) never: bool,
}

impl<'a> FilterWriter<'a> {
    pub(crate) fn query(out: &'a mut String, path: &'a str) -> Self {
        Self { sink: Sink::Query { out, path }, negated: false, refusal: None, never: false }
    }

    pub(crate) fn tree(out: &'a mut String) -> Self {
        Self { sink: Sink::Tree { out, operator_at: 0 }, negated: false, refusal: None, never: false }
    }

    /// Where `not.` belongs in a tree.
    pub(crate) fn operator_at(&self) -> usize {
        match self.sink {
            Sink::Tree { operator_at, .. } => operator_at,
            Sink::Query { .. } => 0,
        }
    }

    pub(crate) fn negate(&mut self) -> &mut Self {
        self.negated = true;
        self
    }

    /// The column and the operator.
    fn begin(&mut self, column: &(impl ColumnName + ?Sized), operator: &str) {
        let negated = self.negated;
        match &mut self.sink {
            Sink::Query { out, path } => {
                plan::separator(out);
                percent::encode(out, path);
                let name_at = out.len();
                column.push_name(out);
                if !percent::is_plain(&out[name_at..]) {
                    let name = out.split_off(name_at);
                    percent::encode(out, &name);
                }
                out.push('=');
                if negated {
                    out.push_str("not.");
                }
                out.push_str(operator);
                out.push('.');
            }
            Sink::Tree { out, operator_at } => {
                column.push_name(out);
                out.push('.');
                *operator_at = out.len();
                if negated {
                    out.push_str("not.");
                }
                out.push_str(operator);
                out.push('.');
            }
        }
        if column.is_star() {
            self.refuse(
                column,
                operator,
                "PostgREST cannot filter on a column named `*`; filter in a view that renames it",
            );
        }
    }

    fn refuse(&mut self, column: &(impl ColumnName + ?Sized), operator: &str, why: impl std::fmt::Display) {
        self.refusal.get_or_insert_with(|| format!("filter `{operator}` on `{}`: {why}", column.describe()));
    }

    fn write(&mut self, write: impl FnOnce(&mut ValueWriter<'_>)) -> Result<(), ValueError> {
        let mut writer = match &mut self.sink {
            Sink::Query { out, .. } => ValueWriter::parameter(out),
            Sink::Tree { out, .. } => ValueWriter::condition(out),
        };
        write(&mut writer);
        writer.finish()
    }

    fn raw(&mut self, text: &str) {
        match &mut self.sink {
            Sink::Query { out, .. } | Sink::Tree { out, .. } => out.push_str(text),
        }
    }

    /// `operator.value`
    pub(crate) fn compare<V: ToValue + ?Sized>(
        &mut self,
        column: &(impl ColumnName + ?Sized),
        operator: &str,
        value: &V,
    ) {
        self.begin(column, operator);
        if let Err(error) = self.write(|out| value.write(out)) {
            self.refuse(column, operator, error);
        }
    }

    /// `is.value`
    pub(crate) fn is(&mut self, column: &(impl ColumnName + ?Sized), value: &'static str) {
        self.begin(column, "is");
        self.raw(value);
    }

    /// `in.(…)`. The server reads `in.("")` as the empty list, so one empty text is an `eq`.
    pub(crate) fn in_list<V: ToValue>(
        &mut self,
        column: &(impl ColumnName + ?Sized),
        values: impl IntoIterator<Item = V>,
    ) {
        let mut values = values.into_iter();
        let Some(first) = values.next() else {
            if self.negated {
                self.refuse(
                    column,
                    "not_in",
                    "the list is empty, so every row would match; leave the filter out instead",
                );
            }
            self.never = !self.negated;
            self.begin(column, "in");
            self.raw("()");
            return;
        };
        let second = values.next();
        if second.is_none() {
            let mut text = String::new();
            let mut writer = ValueWriter::bare(&mut text);
            first.write(&mut writer);
            if writer.finish().is_ok() && text.is_empty() {
                return self.compare(column, "eq", "");
            }
        }
        self.begin(column, "in");
        let mut writer = match &mut self.sink {
            Sink::Query { out, .. } => {
                // Room for usual values, with their quotes and commas.
                out.reserve(24 * (values.size_hint().0.min(1 << 12) + 2));
                ValueWriter::item(out)
            }
            Sink::Tree { out, .. } => ValueWriter::condition(out),
        };
        writer.plain("(");
        first.write(&mut writer);
        if let Some(second) = second {
            writer.plain(",");
            second.write(&mut writer);
        }
        values.for_each(|value| {
            writer.plain(",");
            value.write(&mut writer);
        });
        writer.plain(")");
        if let Err(error) = writer.finish() {
            self.refuse(column, "in_", error);
        }
    }

    /// `like.pattern`. No pattern of `like` matches a literal `*`, since the server reads it as `%`;
    /// an anchored regular expression does.
    pub(crate) fn like(
        &mut self,
        column: &(impl ColumnName + ?Sized),
        pattern: &(impl Pattern + ?Sized),
        any_case: bool,
    ) {
        let pattern = pattern.pattern();
        if pattern.contains('*') {
            self.refuse_open_escape(column, if any_case { "ilike" } else { "like" }, pattern);
            self.compare(column, if any_case { "imatch" } else { "match" }, &pattern::to_regex(pattern));
        } else {
            self.compare(column, if any_case { "ilike" } else { "like" }, pattern);
        }
    }

    /// PostgreSQL refuses a pattern that ends inside an escape; its translation would have to choose
    /// what that matches.
    fn refuse_open_escape(&mut self, column: &(impl ColumnName + ?Sized), operator: &str, pattern: &str) {
        let backslashes = pattern.len() - pattern.trim_end_matches('\\').len();
        if backslashes % 2 == 1 {
            self.refuse(
                column,
                operator,
                "the pattern ends in a backslash that escapes nothing; write `\\\\` for a backslash",
            );
        }
    }

    /// `like(all).{…}` and its siblings.
    pub(crate) fn like_many<P: Pattern>(
        &mut self,
        column: &(impl ColumnName + ?Sized),
        patterns: impl IntoIterator<Item = P>,
        any_case: bool,
        all: bool,
    ) {
        let patterns: Vec<P> = patterns.into_iter().collect();
        if patterns.is_empty() {
            let method = match (any_case, all) {
                (false, true) => "like_all_of",
                (false, false) => "like_any_of",
                (true, true) => "ilike_all_of",
                (true, false) => "ilike_any_of",
            };
            self.refuse(column, method, "the list of patterns is empty; leave the filter out instead");
        }
        let regex = patterns.iter().any(|pattern| pattern.pattern().contains('*'));
        let operator = match (regex, any_case, all) {
            (false, false, true) => "like(all)",
            (false, false, false) => "like(any)",
            (false, true, true) => "ilike(all)",
            (false, true, false) => "ilike(any)",
            (true, false, true) => "match(all)",
            (true, false, false) => "match(any)",
            (true, true, true) => "imatch(all)",
            (true, true, false) => "imatch(any)",
        };
        if regex {
            patterns.iter().for_each(|pattern| self.refuse_open_escape(column, operator, pattern.pattern()));
            let patterns: Vec<String> = patterns.iter().map(|pattern| pattern::to_regex(pattern.pattern())).collect();
            self.compare(column, operator, &patterns);
        } else {
            let patterns: Vec<&str> = patterns.iter().map(Pattern::pattern).collect();
            self.compare(column, operator, &patterns);
        }
    }

    /// `fts(config).query` and its siblings.
    pub(crate) fn text_search(&mut self, column: &(impl ColumnName + ?Sized), query: &TextQuery<'_>) {
        match query.operator() {
            Ok(operator) => self.compare(column, &operator, query.text()),
            Err(why) => {
                self.refuse(column, "text_search", why);
                self.compare(column, "fts", query.text());
            }
        }
    }

    /// An operator and value as the user wrote them, in the untyped builder.
    pub(crate) fn literal<V: ToValue>(&mut self, column: &(impl ColumnName + ?Sized), operator: &str, value: V) {
        let mut text = String::new();
        let mut writer = ValueWriter::bare(&mut text);
        value.write(&mut writer);
        if let Err(error) = writer.finish() {
            self.refuse(column, operator, error);
        }
        let value = text.as_str();
        let bare = operator.strip_prefix("not.").unwrap_or(operator);
        if bare.is_empty()
            || !bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'(' | b')' | b'_' | b'-'))
        {
            self.refuse(column, operator, "this is not an operator of PostgREST");
        }
        let negated = self.negated != operator.starts_with("not.");
        if let Some(empty) = EmptyList::of(bare, value) {
            if (empty == EmptyList::Always) != negated {
                self.refuse(
                    column,
                    operator,
                    "the list is empty, so every row would match; leave the filter out instead",
                );
            }
            self.never = (empty == EmptyList::Never) != negated;
        }
        if bare == "in" && literal::dropped_of_list(value).is_some() {
            self.refuse(
                column,
                operator,
                "a parenthesis closes the list before its end, and the server would drop what follows without a word; put \
                 values with a parenthesis or a comma in double quotes",
            );
        }
        self.begin(column, operator);
        match &mut self.sink {
            Sink::Query { out, .. } => percent::encode(out, value),
            Sink::Tree { out, .. } => out.push_str(value),
        }
    }

    /// A condition, as a tree of its own, on the rows of an embedded resource where one is named.
    pub(crate) fn condition_within<T>(&mut self, resource: &str, condition: &super::condition::Condition<T>) {
        if let Some(refusal) = condition.refusal() {
            self.refusal.get_or_insert_with(|| refusal.to_string());
        }
        let (key, value) = condition.parameter();
        self.tree_parameter(&resource_path(resource), key, &value);
    }

    /// A condition, as a tree of its own.
    pub(crate) fn condition<T>(&mut self, condition: &super::condition::Condition<T>) {
        if let Some(refusal) = condition.refusal() {
            self.refusal.get_or_insert_with(|| refusal.to_string());
        }
        let (key, value) = condition.parameter();
        self.tree_parameter("", key, &value);
    }

    /// A tree as the user wrote it, in the untyped builder.
    pub(crate) fn tree_literal(&mut self, resource: &str, operator: &str, filters: &str) {
        let filters = filters.trim();
        if filters.is_empty() || filters == "()" {
            self.refusal.get_or_insert_with(|| {
                format!("`{operator}` was given no filter, so it would filter nothing; leave it out instead")
            });
        }
        if filters.contains('\0') {
            self.refusal.get_or_insert_with(|| format!("`{operator}`: {}", ValueError::Nul));
        }
        if has_empty_list_under_not(operator, filters) {
            self.refusal.get_or_insert_with(|| {
                format!(
                    "`{operator}({filters})`: a list in it is empty and negated, so every row would match; leave that \
                     part out instead"
                )
            });
        }
        let tree = format!("({filters})");
        if literal::dropped_of_tree(&tree).is_some() {
            self.refusal.get_or_insert_with(|| {
                format!(
                    "`{operator}`: a parenthesis closes the filters before their end, and the server would drop what follows \
                     without a word; put values with a parenthesis or a comma in double quotes"
                )
            });
        }
        self.tree_parameter(&resource_path(resource), operator, &tree);
    }

    fn tree_parameter(&mut self, resource: &str, key: &str, value: &str) {
        match &mut self.sink {
            Sink::Query { out, path } => {
                plan::separator(out);
                percent::encode(out, path);
                percent::encode(out, resource);
                percent::encode(out, key);
                out.push('=');
                percent::encode(out, value);
            }
            Sink::Tree { out, .. } => {
                out.push_str(key);
                out.push_str(value);
            }
        }
    }
}

/// The path of an embedded resource before a key: `moons.`. A path in dots is taken as it stands.
fn resource_path(resource: &str) -> String {
    let mut path = String::new();
    if !resource.is_empty() {
        if resource.contains(['.', '"']) {
            path.push_str(resource);
        } else {
            name::push(&mut path, resource);
        }
        path.push('.');
    }
    path
}

/// What an operator makes of an empty list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EmptyList {
    /// No row has it: `in.()`, `eq(any).{}`.
    Never,
    /// Every row has it: `like(all).{}`.
    Always,
}

impl EmptyList {
    /// Whether the value, in the user's own words, is a list without elements as the server reads
    /// it: blanks around the parentheses mean nothing, what follows `)` is dropped in silence, and
    /// one empty text is no element.
    fn of(operator: &str, value: &str) -> Option<Self> {
        if operator == "in" {
            let inside = value.trim_start().strip_prefix('(')?.trim_start();
            let inside = inside.strip_prefix("\"\"").unwrap_or(inside);
            return inside.starts_with(')').then_some(Self::Never);
        }
        let always = operator.ends_with("(all)");
        if !always && !operator.ends_with("(any)") {
            return None;
        }
        let inside = value.trim().strip_prefix('{')?.strip_suffix('}')?;
        inside.trim().is_empty().then_some(if always { Self::Always } else { Self::Never })
    }
}

/// Whether a tree in the user's own words has an empty list where a `not` may reach it. The words
/// are not taken apart further: a list without elements has no business in a literal tree.
fn has_empty_list_under_not(operator: &str, filters: &str) -> bool {
    let mut text = String::with_capacity(filters.len());
    let mut quoted = false;
    let mut letters = filters.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if quoted => drop(letters.next()),
            '"' => {
                quoted = !quoted;
                text.push('"');
            }
            // What is quoted is a value, whatever it says.
            _ if quoted => text.push('_'),
            blank if blank.is_whitespace() => {}
            letter => text.push(letter),
        }
    }
    let negated = operator.starts_with("not.") || text.contains("not.");
    let never = ["in.()", "in.(\"\")", "(any).{}", "(any).\"__\""].iter().any(|list| text.contains(list));
    (negated && never) || ["(all).{}", "(all).\"__\""].iter().any(|list| text.contains(list))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut FilterWriter<'_>)) -> Result<String, String> {
        let mut out = String::new();
        let mut writer = FilterWriter::query(&mut out, "");
        write(&mut writer);
        match writer.refusal.take() {
            Some(refusal) => Err(refusal),
            None => Ok(out),
        }
    }

    #[test]
    fn a_pattern_that_ends_inside_an_escape_is_not_translated() {
        let like = |pattern: &str| written(|filter| filter.like(&Untyped("name"), pattern, false));
        assert_eq!(like(r"a*\\"), Ok(r"name=match.%5Ea%5C*%5C%5C%24".to_owned()));
        assert!(like(r"a*\").is_err_and(|why| why.contains("backslash")));
        assert!(written(|filter| filter.like_many(&Untyped("name"), ["*", r"b\"], true, true)).is_err());
    }

    #[test]
    fn an_empty_list_in_the_users_own_words_is_seen() {
        let literal = |operator: &str, value: &str| written(|filter| filter.literal(&Untyped("id"), operator, value));
        for (operator, value) in [
            ("not.in", "()"),
            ("not.in", " ( )"),
            ("not.in", r#"("")"#),
            ("not.in", r#"( "")tail"#),
            ("like(all)", "{}"),
            ("not.eq(any)", "{ }"),
        ] {
            assert!(literal(operator, value).is_err(), "{operator} {value}");
        }
        for (operator, value) in
            [("in", "()"), ("not.in", "(1)"), ("not.in", r#"("","")"#), ("eq(any)", "{}"), ("not.like(all)", "{}")]
        {
            assert!(literal(operator, value).is_ok(), "{operator} {value}");
        }
        let tree = |operator: &'static str, filters: &str| written(|filter| filter.tree_literal("", operator, filters));
        for (operator, filters) in [
            ("or", ""),
            ("and", " "),
            ("or", "id.not.in.()"),
            ("not.or", r#"id.in.("")"#),
            ("and", "not.and(id.in.( ))"),
            ("or", "id.like(all).{}"),
        ] {
            assert!(tree(operator, filters).is_err(), "{operator} {filters}");
        }
        for (operator, filters) in
            [("or", "id.in.(),id.eq.1"), ("or", r#"id.eq."not.in.()""#), ("not.or", "id.in.(1,2)")]
        {
            assert!(tree(operator, filters).is_ok(), "{operator} {filters}");
        }
    }
}
