//! Reads the query of a view (`pg_rewrite.ev_action`): which plain column each of its columns shows, and what
//! its expression says about NULL.
//!
//! The text is PostgreSQL's own node notation: `{NODE :field value …}`, lists in parentheses, `<>` for nothing,
//! a backslash before special characters. Only fields that have kept their names and meaning from PostgreSQL 12
//! to 18 are read. What is not understood means "may be NULL, shows no plain column", never an error.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::sources::catalog::{Nullness, Oid, ViewColumnRow, ViewRow};

/// Range table kinds (`RTEKind`).
const RELATION: &str = "0";
const SUBQUERY: &str = "1";
/// `count(any)` and `count(*)`: fixed OIDs of PostgreSQL.
const COUNTS: [&str; 2] = ["2147", "2803"];

/// Reads one view.
pub(super) fn read(definition: &str) -> ViewRow {
    let Some(tree) = parse(definition) else {
        return ViewRow::default();
    };
    let Some(query) = tree.items().first().and_then(Tree::node) else {
        return ViewRow::default();
    };
    let plain = !multiplies(&tree);
    let mut view = ViewRow { single_source: single_source(query), ..ViewRow::default() };
    for entry in targets(query) {
        let Some(number) = entry.number("resno").and_then(|number| i16::try_from(number).ok()) else {
            continue;
        };
        view.columns
            .insert(number, ViewColumnRow { origin: origin(entry), nullness: target_nullness(entry, query, plain) });
    }
    view
}

/// The entries of the target list that are columns of the result.
fn targets<'t>(query: &'t Node<'t>) -> impl Iterator<Item = &'t Node<'t>> {
    query.list("targetList").iter().filter_map(Tree::node).filter(|entry| entry.text("resjunk") != Some("true"))
}

/// The plain column behind a target, as the parser of PostgreSQL has followed it through subqueries and joins.
fn origin(entry: &Node<'_>) -> Option<(Oid, i16)> {
    let relation = entry.number("resorigtbl").and_then(|oid| Oid::try_from(oid).ok()).filter(|&oid| oid != 0)?;
    let column =
        entry.number("resorigcol").and_then(|number| i16::try_from(number).ok()).filter(|&number| number > 0)?;
    Some((relation, column))
}

/// Whether anything in the query can put a NULL where the column shown has none: an outer join, grouping sets,
/// a union.
fn multiplies(tree: &Tree<'_>) -> bool {
    match tree {
        Tree::Token(_) => false,
        Tree::List(items) => items.iter().any(multiplies),
        Tree::Node(node) => {
            let outer = node.name == "JOINEXPR" && node.text("jointype") != Some("0");
            outer || is_set_or_grouping(node) || node.fields.iter().any(|(_, values)| values.iter().any(multiplies))
        }
    }
}

fn is_set_or_grouping(query: &Node<'_>) -> bool {
    query.is_set("groupingSets") || query.is_set("setOperations")
}

fn single_source(query: &Node<'_>) -> Option<Oid> {
    let changes_rows = is_set_or_grouping(query)
        || query.is_set("groupClause")
        || query.text("hasAggs") == Some("true")
        || query.text("hasTargetSRFs") == Some("true");
    if changes_rows {
        return None;
    }
    let [Tree::Node(only)] = query.node("jointree")?.list("fromlist") else {
        return None;
    };
    let entry = range_table_entry(query, only.number("rtindex")?)?;
    if entry.text("rtekind") != Some(RELATION) {
        return None;
    }
    entry.number("relid").and_then(|oid| Oid::try_from(oid).ok())
}

fn range_table_entry<'t>(query: &'t Node<'t>, index: i64) -> Option<&'t Node<'t>> {
    let place = usize::try_from(index).ok()?.checked_sub(1)?;
    query.list("rtable").get(place)?.node()
}

fn target_nullness(entry: &Node<'_>, query: &Node<'_>, plain: bool) -> Nullness {
    if is_set_or_grouping(query) {
        return Nullness::Unknown;
    }
    let Some(expression) = entry.node("expr") else {
        return Nullness::Unknown;
    };
    if plain
        && expression.name == "VAR"
        && let Some((relation, column)) = origin(entry)
    {
        return Nullness::AsOrigin(relation, column);
    }
    nullness(expression, query)
}

fn nullness(expression: &Node<'_>, query: &Node<'_>) -> Nullness {
    match expression.name {
        "VAR" => variable(expression, query),
        "CONST" if expression.text("constisnull") == Some("false") => Nullness::Never,
        "AGGREF" if expression.text("aggfnoid").is_some_and(|oid| COUNTS.contains(&oid)) => Nullness::Never,
        "NULLTEST" | "BOOLEANTEST" | "DISTINCTEXPR" => Nullness::Never,
        "SUBLINK" if expression.text("subLinkType") == Some("0") => Nullness::Never,
        "RELABELTYPE" => expression.node("arg").map_or(Nullness::Unknown, |inner| nullness(inner, query)),
        // `coalesce` is NULL only when every argument is.
        "COALESCEEXPR" | "COALESCE" => {
            let mut best = Nullness::Unknown;
            for argument in expression.list("args").iter().filter_map(Tree::node) {
                match nullness(argument, query) {
                    Nullness::Never => return Nullness::Never,
                    Nullness::Unknown => {}
                    known => best = known,
                }
            }
            best
        }
        _ => Nullness::Unknown,
    }
}

fn variable(variable: &Node<'_>, query: &Node<'_>) -> Nullness {
    let (Some(place), Some(column)) = (variable.number("varno"), variable.number("varattno")) else {
        return Nullness::Unknown;
    };
    if variable.number("varlevelsup") != Some(0) || may_be_missing(query).contains(&place) {
        return Nullness::Unknown;
    }
    let Some(entry) = range_table_entry(query, place) else {
        return Nullness::Unknown;
    };
    match entry.text("rtekind") {
        Some(RELATION) => {
            match (entry.number("relid").and_then(|oid| Oid::try_from(oid).ok()), i16::try_from(column)) {
                (Some(relation), Ok(column)) if column > 0 => Nullness::AsOrigin(relation, column),
                _ => Nullness::Unknown,
            }
        }
        Some(SUBQUERY) => {
            let Some(inner) = entry.node("subquery") else {
                return Nullness::Unknown;
            };
            targets(inner)
                .find(|target| target.number("resno") == Some(column))
                .map_or(Nullness::Unknown, |target| target_nullness(target, inner, false))
        }
        // PostgreSQL 18 puts the grouping expressions into a range table entry of their own.
        _ => usize::try_from(column)
            .ok()
            .and_then(|column| column.checked_sub(1))
            .and_then(|column| entry.list("groupexprs").get(column))
            .and_then(Tree::node)
            .map_or(Nullness::Unknown, |inner| nullness(inner, query)),
    }
}

/// Indexes of the range table entries on the optional side of an outer join.
fn may_be_missing(query: &Node<'_>) -> BTreeSet<i64> {
    fn walk(item: &Node<'_>, optional: bool, found: &mut BTreeSet<i64>) {
        match item.name {
            "RANGETBLREF" => {
                if optional {
                    found.extend(item.number("rtindex"));
                }
            }
            "JOINEXPR" => {
                let (left, right) = match item.text("jointype") {
                    Some("0") => (false, false),
                    Some("1") => (false, true),
                    Some("3") => (true, false),
                    _ => (true, true),
                };
                for (side, missing) in [("larg", left), ("rarg", right)] {
                    if let Some(inner) = item.node(side) {
                        walk(inner, optional || missing, found);
                    }
                }
            }
            _ => {
                for inner in item.list("fromlist").iter().filter_map(Tree::node) {
                    walk(inner, optional, found);
                }
            }
        }
    }
    let mut found = BTreeSet::new();
    if let Some(tree) = query.node("jointree") {
        walk(tree, false, &mut found);
    }
    found
}

/// The notation, parsed.
#[derive(Debug)]
enum Tree<'t> {
    Node(Node<'t>),
    List(Vec<Tree<'t>>),
    Token(Cow<'t, str>),
}

#[derive(Debug)]
struct Node<'t> {
    name: &'t str,
    fields: Vec<(&'t str, Vec<Tree<'t>>)>,
}

impl<'t> Tree<'t> {
    fn node(&self) -> Option<&Node<'t>> {
        match self {
            Self::Node(node) => Some(node),
            _ => None,
        }
    }

    fn items(&self) -> &[Tree<'t>] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }
}

impl<'t> Node<'t> {
    fn value(&self, field: &str) -> Option<&Tree<'t>> {
        self.fields.iter().find(|(name, _)| *name == field)?.1.first()
    }

    fn node(&self, field: &str) -> Option<&Node<'t>> {
        self.value(field)?.node()
    }

    fn list(&self, field: &str) -> &[Tree<'t>] {
        self.value(field).map_or(&[], Tree::items)
    }

    fn text(&self, field: &str) -> Option<&str> {
        match self.value(field)? {
            Tree::Token(token) => Some(token),
            _ => None,
        }
    }

    fn number(&self, field: &str) -> Option<i64> {
        self.text(field)?.parse().ok()
    }

    /// Whether the field holds something: not `<>`, not an empty list.
    fn is_set(&self, field: &str) -> bool {
        match self.value(field) {
            None => false,
            Some(Tree::Token(token)) => token != "<>",
            Some(Tree::List(items)) => !items.is_empty(),
            Some(Tree::Node(_)) => true,
        }
    }
}

fn parse(text: &str) -> Option<Tree<'_>> {
    Reader { rest: text }.tree()
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn tree(&mut self) -> Option<Tree<'t>> {
        self.skip_blanks();
        match self.rest.bytes().next()? {
            b'{' => {
                self.rest = &self.rest[1..];
                self.node_body().map(Tree::Node)
            }
            b'(' => {
                self.rest = &self.rest[1..];
                let mut items = Vec::new();
                loop {
                    self.skip_blanks();
                    if let Some(rest) = self.rest.strip_prefix(')') {
                        self.rest = rest;
                        return Some(Tree::List(items));
                    }
                    items.push(self.tree()?);
                }
            }
            b'}' | b')' => None,
            _ => Some(Tree::Token(unescape(self.token()))),
        }
    }

    fn node_body(&mut self) -> Option<Node<'t>> {
        self.skip_blanks();
        let mut node = Node { name: self.token(), fields: Vec::new() };
        loop {
            self.skip_blanks();
            if let Some(rest) = self.rest.strip_prefix('}') {
                self.rest = rest;
                return Some(node);
            }
            // A field has at least one value, so a colon right after a field's name begins a value, not a field.
            let begins_field =
                self.rest.starts_with(':') && node.fields.last().is_none_or(|(_, values)| !values.is_empty());
            if begins_field {
                node.fields.push((self.token().trim_start_matches(':'), Vec::new()));
            } else {
                let value = self.tree()?;
                node.fields.last_mut()?.1.push(value);
            }
        }
    }

    /// Up to a blank, parenthesis or brace that no backslash protects.
    fn token(&mut self) -> &'t str {
        let mut escaped = false;
        let end = self
            .rest
            .char_indices()
            .find(|&(_, letter)| {
                if escaped {
                    escaped = false;
                    return false;
                }
                if letter == '\\' {
                    escaped = true;
                    return false;
                }
                letter.is_ascii_whitespace() || matches!(letter, '(' | ')' | '{' | '}')
            })
            .map_or(self.rest.len(), |(at, _)| at);
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        token
    }
}

fn unescape(token: &str) -> Cow<'_, str> {
    if !token.contains('\\') {
        return Cow::Borrowed(token);
    }
    let mut plain = String::with_capacity(token.len());
    let mut letters = token.chars();
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    Cow::Owned(plain)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]
mod tests {
    use super::*;

    #[test]
    fn notation() {
        let tree =
            parse(r#"({A :x <> :name :odd :list (i 1 2) :text "two\ words\)" :datum 4 [ 1 0 ] :inner {B :y true}})"#)
                .unwrap();
        let node = tree.items()[0].node().unwrap();
        assert_eq!(node.name, "A");
        assert!(!node.is_set("x"));
        assert_eq!(node.text("name"), Some(":odd"), "a name that begins with a colon is a value");
        assert_eq!(node.list("list").len(), 3);
        assert_eq!(node.text("text"), Some("\"two words)\""));
        assert_eq!(node.node("inner").unwrap().text("y"), Some("true"));
    }

    #[test]
    fn nonsense_is_no_error() {
        for text in ["", "(", "{", "({QUERY", "({QUERY :targetList ({TARGETENTRY :resno x})})", "}"] {
            let view = read(text);
            assert!(view.columns.is_empty());
            assert_eq!(view.single_source, None);
        }
    }
}
