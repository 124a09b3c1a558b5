//! Reading back what a plan selects and how it sorts: for walking over pages, which needs to know
//! the columns that tell rows apart, and for splitting, which an aggregate forbids.

use crate::query::{Plan, percent_decode};

/// The select list of a plan, as far as its own rows go.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Selected {
    pub(crate) items: Vec<Item>,
    /// Whether there is an aggregate over the table's own rows.
    pub(crate) has_aggregate: bool,
    /// Whether there is a `count` alone: the number of rows, unless a column is called so.
    pub(crate) has_count: bool,
    /// Whether columns of other tables land in the row.
    pub(crate) has_spread: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The key in the answer; `*` for every column.
    pub(crate) key: String,
    /// The column, where it is one as it is: not cast, no path into it, no relation.
    pub(crate) column: Option<String>,
}

impl Selected {
    pub(crate) fn of(plan: &Plan) -> Self {
        let query = &plan.query;
        let start = if query.starts_with("select=") { Some(0) } else { query.find("&select=").map(|at| at + 1) };
        let list = start.map_or("*", |start| {
            let rest = &query[start + "select=".len()..];
            rest.split('&').next().unwrap_or(rest)
        });
        Self::parse(&percent_decode(list))
    }

    fn parse(list: &str) -> Self {
        let mut selected = Self::default();
        for item in top_level(list) {
            selected.add(item);
        }
        selected
    }

    fn add(&mut self, item: &str) {
        if let Some(spread) = item.strip_prefix("...") {
            self.has_spread = true;
            let inside = spread.split_once('(').and_then(|(_, inside)| inside.rsplit_once(')'));
            self.has_aggregate |= inside.is_some_and(|(inside, _)| Self::parse(inside).has_aggregate);
            return;
        }
        let (first, rest) = name(item);
        let (key, column, rest) = match rest.strip_prefix(':') {
            Some(rest) if !rest.starts_with(':') => {
                let (column, rest) = name(rest);
                (first, column, rest)
            }
            _ => (first.clone(), first, rest),
        };
        let function =
            rest.rsplit_once("()").map(|(function, cast)| (function.rsplit('.').next().unwrap_or_default(), cast));
        self.has_aggregate |= function.is_some_and(|(function, cast)| {
            (cast.is_empty() || cast.starts_with("::"))
                && (matches!(function, "sum" | "avg" | "min" | "max" | "count")
                    || (function.is_empty() && column == "count"))
        });
        self.has_count |= rest.is_empty() && column == "count";
        self.items.push(Item { key, column: rest.is_empty().then_some(column) });
    }

    pub(crate) fn may_aggregate(&self) -> bool {
        self.has_aggregate || self.has_count
    }

    /// The key under which rows have the column as it is, if they have it without doubt.
    pub(crate) fn key_of(&self, column: &str) -> Option<String> {
        if self.has_spread {
            return None;
        }
        let as_it_is = |item: &&Item| item.column.as_deref() == Some(column) || item.key == "*";
        let item = self.items.iter().find(as_it_is)?;
        let key = if item.key == "*" { column } else { &item.key };
        let same = self.items.iter().filter(|other| other.key == key || other.key == "*").count();
        (same == 1).then(|| key.to_owned())
    }
}

/// Whether an embed beside the one under `key` is of a table of that name. Servers before PostgREST 16
/// take a filter, an order or a limit under `key` for whichever of the two comes first.
///
/// `path` are the keys of the embeds around them, each with a dot behind it, as filters have them.
pub(crate) fn has_namesake(plan: &Plan, path: &str, key: &str) -> bool {
    let list = &plan.query[..plan.select_end];
    let mut sought = String::new();
    crate::query::name::push(&mut sought, key);
    // Nearly never: its own key is another, or it is a spread.
    let is_hinted = |at: usize| list[..at].ends_with([':', '.']) && list[at + sought.len()..].starts_with(['!', '(']);
    if !sought.starts_with('"') && !list.match_indices(&sought).any(|(at, _)| is_hinted(at)) {
        return false;
    }
    let start = if list.starts_with("select=") { Some(0) } else { list.find("&select=").map(|at| at + 1) };
    let mut level = start.map_or_else(String::new, |start| percent_decode(&list[start + "select=".len()..]));
    let mut rest = path;
    while !rest.is_empty() {
        let (around, behind) = name(rest);
        rest = behind.strip_prefix('.').unwrap_or_default();
        let inside =
            embeds(&level).find(|embed| embed.key.as_deref() == Some(&around)).map(|embed| embed.list.to_owned());
        level = inside.unwrap_or_default();
    }
    // Embeds of the builder's own are looked at when the plan is finished.
    let is_own = |key: &str| key.starts_with("having_");
    embeds(&level).any(|embed| embed.table == key && !embed.key.as_deref().is_some_and(|own| own == key || is_own(own)))
}

/// One relation of a select list.
struct Embed<'l> {
    /// Its key in the answer; a spread has none.
    key: Option<String>,
    table: String,
    list: &'l str,
}

fn embeds(list: &str) -> impl Iterator<Item = Embed<'_>> {
    top_level(list).filter_map(|item| {
        let spread = item.strip_prefix("...");
        let (first, rest) = name(spread.unwrap_or(item));
        let (key, table, rest) = match rest.strip_prefix(':') {
            Some(rest) if !rest.starts_with(':') => {
                let (table, rest) = name(rest);
                (first, table, rest)
            }
            _ => (first.clone(), first, rest),
        };
        // A function or a cast has a dot or a colon before its parenthesis.
        let (hints, list) = rest.strip_suffix(')')?.split_once('(')?;
        (hints.is_empty() || hints.starts_with('!')).then_some(Embed {
            key: spread.is_none().then_some(key),
            table,
            list,
        })
    })
}

/// One term of an order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) column: String,
    /// Whether it is a column of the table, and no path or relation.
    pub(crate) is_own: bool,
    pub(crate) descending: bool,
}

impl Term {
    /// Whether it sorts by this column of the table.
    pub(crate) fn is(&self, column: &str) -> bool {
        self.is_own && self.column == column
    }
}

/// The terms of a plan's order.
pub(crate) fn terms(plan: &Plan) -> Vec<Term> {
    let order = percent_decode(&plan.order);
    top_level(&order)
        .map(|term| {
            let (column, rest) = name(term);
            let is_own = rest.is_empty() || rest.starts_with('.');
            let descending = rest.rsplit(['.', ')']).any(|word| word == "desc");
            Term { column, is_own, descending }
        })
        .collect()
}

/// The parts between commas that are in no quotes and no parentheses.
fn top_level(list: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    list.split(move |letter: char| {
        match letter {
            _ if std::mem::take(&mut escaped) => {}
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' => return depth == 0,
            _ => {}
        }
        false
    })
    .filter(|part| !part.is_empty())
}

/// The name at the start of `text`, without its quotes, and what follows.
fn name(text: &str) -> (String, &str) {
    let Some(inside) = text.strip_prefix('"') else {
        let end = text
            .char_indices()
            .find(|(at, letter)| matches!(letter, ':' | '.' | '(' | '!') || text[*at..].starts_with("->"))
            .map_or(text.len(), |(at, _)| at);
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut name = String::new();
    let mut letters = inside.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (name, &inside[at + 1..]),
            '\\' => name.extend(letters.next().map(|(_, letter)| letter)),
            letter => name.push(letter),
        }
    }
    (name, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(list: &str, column: &str) -> Option<String> {
        Selected::parse(list).key_of(column)
    }

    #[test]
    fn keys_are_found_where_there_is_no_doubt() {
        assert_eq!(key_of("*", "id").as_deref(), Some("id"));
        assert_eq!(key_of("name,id", "id").as_deref(), Some("id"));
        assert_eq!(key_of("title:name,moons!fk(id,name)", "name").as_deref(), Some("title"));
        assert_eq!(key_of("\"a,\\\"b\":id", "id").as_deref(), Some("a,\"b"));
        assert_eq!(key_of("name", "id"), None);
        assert_eq!(key_of("id::text", "id"), None);
        assert_eq!(key_of("id->a", "id"), None);
        assert_eq!(key_of("*,id:name", "id"), None);
        assert_eq!(key_of("id,id:name", "id"), None);
        assert_eq!(key_of("id,...star(name)", "id"), None);
        assert_eq!(key_of("id:moons(name)", "id"), None);
    }

    #[test]
    fn embeds_of_one_name_are_seen() {
        let has_namesake = |list: &str, path: &str, key: &str| {
            let mut plan = Plan::new(http::Method::GET, crate::query::Resource::Table, "t".into(), "".into());
            plan.select(|out| out.literal(list));
            super::has_namesake(&plan, path, key)
        };
        for (list, path, key) in [
            ("author:users!fk(name),users!likes(name)", "", "users"),
            ("users!likes(name),...users!fk(name)", "", "users"),
            ("a:posts!fk(author:users!fk(name),users!likes(name))", "a.", "users"),
            ("n:posts!a(count),posts!b(id)", "", "posts"),
            ("x:\"a b\"!fk(id),\"a b\"!other(id)", "", "a b"),
        ] {
            assert!(has_namesake(list, path, key), "{list} {key}");
        }
        for (list, path, key) in [
            ("author:posts_author_fkey(name),users!likes(name)", "", "users"),
            ("users!likes(name)", "", "users"),
            ("author:users!fk(name),users!likes(name)", "", "author"),
            ("users:people!fk(name)", "", "users"),
            ("author:users!fk(name),posts!fk(users!likes(name))", "posts.", "users"),
            ("having_1:users!likes!inner(),users!likes(name)", "", "users"),
        ] {
            assert!(!has_namesake(list, path, key), "{list} {key}");
        }
    }

    #[test]
    fn aggregates_over_the_own_rows_are_seen() {
        for list in [
            "count()",
            "kind,id.sum()",
            "n:count()::text",
            "a:mass.avg()::int",
            "...star(mass.max())",
            "count",
            "n:count",
        ] {
            assert!(Selected::parse(list).may_aggregate(), "{list}");
        }
        for list in [
            "*",
            "id,moons(count)",
            "moons(count())",
            "moons!inner()",
            "having_1:moons!inner()",
            "total_count",
            "...star(name)",
        ] {
            assert!(!Selected::parse(list).may_aggregate(), "{list}");
        }
    }

    #[test]
    fn terms_of_an_order() {
        let mut plan = Plan::new(http::Method::GET, crate::query::Resource::Table, "t".into(), "".into());
        plan.order = "id.desc,%22a,b%22.asc.nullslast,star(name).desc,facts-%3E%3Ea,name".into();
        let terms = terms(&plan);
        let seen: Vec<_> = terms.iter().map(|term| (term.column.as_str(), term.is_own, term.descending)).collect();
        assert_eq!(
            seen,
            [
                ("id", true, true),
                ("a,b", true, false),
                ("star", false, true),
                ("facts", false, false),
                ("name", true, false)
            ]
        );
    }
}
