//! Updates and deletes: no sequence of calls sends one whose filter is not there.
//!
//! Each request that is not refused is read again by a reader of this file's own, which knows what the
//! server makes of parameters; and, against a real server, filters that match nothing delete nothing,
//! whatever their columns are called.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use proptest::prelude::*;
use supabase_core::database::{Delete, Filtered, Minimal, Untyped, column};
use supabase_core::query::{Condition, Count, Request};
use supabase_core::{Client, ErrorKind};
use supabase_local::Stack;
use supabase_tests::fuzz::operation::Tree;
use supabase_tests::fuzz::random::Random;
use supabase_tests::fuzz::{COLUMNS, db, operation};
use supabase_tests::parity::normal::percent_decoded;

// ---- what the server makes of a request ------------------------------------------------------------

/// What is known of a condition before any row is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    True,
    False,
    Open,
}

impl Known {
    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Open => Self::Open,
        }
    }
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, other) | (other, Self::True) => other,
            _ => Self::Open,
        }
    }
    fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

/// Whether any filter of the request can leave out a row of the table.
fn filters_something(request: &Request) -> bool {
    let (_, query) = request.target.split_once('?').unwrap_or(("", ""));
    let mut known = Known::True;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (percent_decoded(key), percent_decoded(value));
        // The server splits names at dots before it looks at quotes, and takes the last word.
        let word = key.rsplit('.').next().unwrap_or(&key);
        if matches!(key.as_str(), "select" | "columns" | "on_conflict" | "apikey")
            || matches!(word, "order" | "limit" | "offset")
        {
            continue;
        }
        if matches!(word, "and" | "or") {
            let own = match key.strip_suffix(word).unwrap_or_default() {
                "" => tree(word, &value),
                "not." => tree(word, &value).not(),
                _ => continue,
            };
            known = known.and(own);
            continue;
        }
        if names(&key) > 1 {
            continue;
        }
        known = known.and(operation_of(&value));
    }
    known != Known::True
}

/// How many names a key has: those before the last are embedded resources.
fn names(key: &str) -> usize {
    let (mut quoted, mut escaped, mut count) = (false, false, 1);
    for (at, letter) in key.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '.' if !quoted => count += 1,
            '-' if !quoted && key[at..].starts_with("->") => break,
            _ => {}
        }
    }
    count
}

fn operation_of(value: &str) -> Known {
    match value.strip_prefix("not.") {
        Some(rest) => positive(rest).not(),
        None => positive(value),
    }
}

fn positive(value: &str) -> Known {
    let Some((operator, operand)) = value.split_once('.') else { return Known::Open };
    let mut quoted = false;
    let bare: String = operand
        .chars()
        .filter(|letter| {
            quoted ^= *letter == '"';
            quoted || !letter.is_whitespace()
        })
        .collect();
    match operator {
        "in" if bare.starts_with("()") || bare.starts_with("(\"\")") => Known::False,
        _ if operator.ends_with("(any)") && bare == "{}" => Known::False,
        _ if operator.ends_with("(all)") && bare == "{}" => Known::True,
        _ => Known::Open,
    }
}

fn tree(word: &str, text: &str) -> Known {
    let mut rest = text;
    nodes(word, &mut rest).unwrap_or(Known::Open)
}

fn nodes(word: &str, rest: &mut &str) -> Option<Known> {
    *rest = rest.trim_start().strip_prefix('(')?;
    let mut known: Option<Known> = None;
    loop {
        let node = node(rest)?;
        known = Some(match (known, word) {
            (None, _) => node,
            (Some(known), "and") => known.and(node),
            (Some(known), _) => known.or(node),
        });
        *rest = rest.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => *rest = after,
            None => {
                *rest = rest.strip_prefix(')')?;
                return known;
            }
        }
    }
}

fn node(rest: &mut &str) -> Option<Known> {
    *rest = rest.trim_start();
    let negated = rest.strip_prefix("not.").filter(|after| after.starts_with("and(") || after.starts_with("or("));
    if let Some(after) = negated {
        *rest = after;
    }
    for word in ["and", "or"] {
        if let Some(after) = rest.strip_prefix(word).filter(|after| after.starts_with('(')) {
            *rest = after;
            let inside = nodes(word, rest)?;
            return Some(if negated.is_some() { inside.not() } else { inside });
        }
    }
    // A leaf ends at a comma or parenthesis outside quotes, lists and braces.
    let (mut quoted, mut escaped, mut depth) = (false, false, 0);
    let end = rest.char_indices().find(|(_, letter)| {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '{' => depth += 1,
            ')' | '}' if depth > 0 => depth -= 1,
            ',' | ')' if depth == 0 => return true,
            _ => {}
        }
        false
    });
    let end = end?.0;
    let leaf = &rest[..end];
    *rest = &rest[end..];
    let (mut quoted, mut escaped) = (false, false);
    let dot = leaf.char_indices().find(|(_, letter)| {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '.' => return !quoted,
            _ => {}
        }
        false
    })?;
    Some(operation_of(&leaf[dot.0 + 1..]))
}

#[test]
fn the_reader_of_requests_knows_empty_filters() {
    let request = |target: &str| {
        let client = Client::new("http://reader.invalid", "key").unwrap();
        let mut request = client.from("t").delete().eq("id", 1).to_request().unwrap();
        request.target = target.to_owned();
        request
    };
    for empty in [
        "/t",
        "/t?select=id",
        "/t?id=not.in.()",
        "/t?id=not.in.(%22%22)",
        "/t?moons.id=eq.1",
        "/t?limit=eq.1",
        "/t?%22a%22.order=eq.1",
        "/t?data->>x.limit=eq.1",
        "/t?or=(id.not.in.(),id.eq.1)",
        "/t?not.and=(id.in.(),id.eq.1)",
        "/t?and=(not.or(id.in.()))",
        "/t?name=like(all).{}",
    ] {
        assert!(!filters_something(&request(empty)), "{empty}");
    }
    for filter in [
        "/t?id=eq.1",
        "/t?%22limit%22=eq.1",
        "/t?or=(id.not.in.(),id.eq.1)&b=eq.1",
        "/t?and=(id.not.in.(),id.eq.1)",
        "/t?id=in.()",
    ] {
        assert!(filters_something(&request(filter)), "{filter}");
    }
}

// ---- random sequences ------------------------------------------------------------------------------

const NAMES: [&str; 40] = [
    "id",
    "name",
    "order",
    "limit",
    "offset",
    "select",
    "columns",
    "on_conflict",
    "and",
    "or",
    "not",
    "apikey",
    "not.and",
    "not.or",
    "a.b",
    "moons.name",
    "moons.limit",
    "moons.order",
    "moons.and",
    "\"a\".b",
    "\"a\".limit",
    "\"a.b\"",
    "\"limit\"",
    "say \"hi\"",
    "\"",
    "",
    " ",
    " id",
    "id ",
    "a,b",
    "a(b)",
    "a:b",
    "*",
    "data->>key",
    "data->>x.limit",
    "data->x.order->>y",
    "limit->>x",
    "größe",
    "a=b&c",
    "id\\",
];

/// One call of a filter method.
#[derive(Debug, Clone)]
enum Call {
    Eq(String, String),
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    IsNotNull(String),
    Like(String, Vec<String>),
    Match(Vec<(String, String)>),
    Filter(String, String, String),
    Not(String, String, String),
    Literal(u8, String),
    Within(u8, String, String),
    By(Node),
    ByWithin(String, Node),
}

#[derive(Debug, Clone)]
enum Node {
    Eq(String, String),
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
}

impl Node {
    fn condition(&self) -> Condition<Untyped> {
        match self {
            Self::Eq(name, value) => column(name).eq(value),
            Self::In(name, values) => column(name).in_(values),
            Self::NotIn(name, values) => column(name).not_in(values),
            Self::All(parts) => supabase_core::all(parts.iter().map(Self::condition).collect::<Vec<_>>()),
            Self::Any(parts) => supabase_core::any(parts.iter().map(Self::condition).collect::<Vec<_>>()),
            Self::Not(part) => supabase_core::not(part.condition()),
        }
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![3 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => "[a-z\".,()>\\-]{0,8}"]
}

fn values() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![2 => Just(Vec::new()), 1 => Just(vec![String::new()]), 2 => prop::collection::vec("[a-c,()\"]{0,3}", 1..3)]
}

fn any_node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        (name(), "[a-z]{0,2}").prop_map(|(name, value)| Node::Eq(name, value)),
        (name(), values()).prop_map(|(name, values)| Node::In(name, values)),
        (name(), values()).prop_map(|(name, values)| Node::NotIn(name, values)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Node::All),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Node::Any),
            inner.prop_map(|node| Node::Not(Box::new(node))),
        ]
    })
}

const LITERALS: [&str; 16] = [
    "",
    " ",
    "()",
    "id.eq.1",
    "id.not.in.()",
    "id.in.()",
    "id.in.( )",
    "id.in.(\"\")",
    "not.and(id.in.())",
    "and()",
    "id.like(all).{}",
    "id.eq.1,id.not.in.()",
    "moons.id.eq.1",
    ")",
    "id.eq.\"a",
    "not.or(id.in.(\"\"),a.in.())",
];

fn call() -> impl Strategy<Value = Call> {
    let operator = prop::sample::select(vec![
        "eq",
        "in",
        "not.in",
        "not.not.in",
        "like(all)",
        "eq(any)",
        "",
        "not.",
        "order",
        "in.()",
    ]);
    let operand = prop::sample::select(vec!["", "()", "(1)", " ( )", "(\"\")", "()x", "{}", "{ }", "{a}", "1"]);
    let owned = |text: &str| text.to_owned();
    prop_oneof![
        (name(), "[a-z]{0,2}").prop_map(|(name, value)| Call::Eq(name, value)),
        (name(), values()).prop_map(|(name, values)| Call::In(name, values)),
        (name(), values()).prop_map(|(name, values)| Call::NotIn(name, values)),
        name().prop_map(Call::IsNotNull),
        (name(), values()).prop_map(|(name, values)| Call::Like(name, values)),
        prop::collection::vec((name(), "[a-z]{0,2}"), 0..2).prop_map(Call::Match),
        (name(), operator.clone(), operand.clone()).prop_map(move |(name, operator, operand)| Call::Filter(
            name,
            owned(operator),
            owned(operand)
        )),
        (name(), operator, operand).prop_map(move |(name, operator, operand)| Call::Not(
            name,
            owned(operator),
            owned(operand)
        )),
        (0_u8..4, prop::sample::select(&LITERALS[..])).prop_map(move |(which, text)| Call::Literal(which, owned(text))),
        (0_u8..4, name(), prop::sample::select(&LITERALS[..])).prop_map(move |(which, name, text)| Call::Within(
            which,
            name,
            owned(text)
        )),
        any_node().prop_map(Call::By),
        (name(), any_node()).prop_map(|(name, node)| Call::ByWithin(name, node)),
    ]
}

/// Makes the calls on a write, from the first of which on it counts as filtered.
macro_rules! make {
    ($write:expr, $call:expr) => {
        match $call {
            Call::Eq(name, value) => $write.eq(name, value),
            Call::In(name, values) => $write.in_(name, values),
            Call::NotIn(name, values) => $write.not_in(name, values),
            Call::IsNotNull(name) => $write.is_not_null(name),
            Call::Like(name, patterns) => $write.like_all_of(name, patterns),
            Call::Match(columns) => $write.match_(columns.iter().map(|(name, value)| (name, value))),
            Call::Filter(name, operator, value) => $write.filter(name, operator, value),
            Call::Not(name, operator, value) => $write.not(name, operator, value),
            Call::Literal(0, text) => $write.or(text),
            Call::Literal(1, text) => $write.and(text),
            Call::Literal(2, text) => $write.not_or(text),
            Call::Literal(_, text) => $write.not_and(text),
            Call::Within(0, name, text) => $write.or_within(name, text),
            Call::Within(1, name, text) => $write.and_within(name, text),
            Call::Within(2, name, text) => $write.not_or_within(name, text),
            Call::Within(_, name, text) => $write.not_and_within(name, text),
            Call::By(node) => $write.filter_by(node.condition()),
            Call::ByWithin(name, node) => $write.filter_within(name, node.condition()),
        }
    };
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_untyped_sequence_sends_a_write_without_a_filter(calls in prop::collection::vec(call(), 1..4), selected in any::<bool>()) {
        let client = Client::new("http://writes.invalid", "key").unwrap();
        let (first, rest) = calls.split_first().unwrap();
        let mut delete = make!(client.from("t").delete(), first);
        let mut update = make!(client.from("t").update(&serde_json::json!({"a": 1})), first);
        for call in rest {
            delete = make!(delete, call);
            update = make!(update, call);
        }
        let sent = if selected {
            [delete.select::<serde_json::Value>("id").to_request(), update.select::<serde_json::Value>("id").to_request()]
        } else {
            [delete.max_affected(3).to_request(), update.count(Count::Exact).to_request()]
        };
        for request in sent {
            match request {
                Ok(request) => prop_assert!(filters_something(&request), "{} {}", request.method, request.target),
                Err(error) => prop_assert_eq!(error.kind(), ErrorKind::Refused),
            }
        }
    }
}

#[test]
fn no_typed_condition_sends_a_write_without_a_filter() {
    fn node(random: &mut Random, depth: usize) -> Tree {
        match random.below(if depth == 0 { 1 } else { 4 }) {
            0 => {
                let column = COLUMNS[random.below(19)];
                // Empty lists are what this is about.
                let operation = if random.once_in(2) {
                    operation::Operation::In(random.once_in(2), Vec::new())
                } else {
                    operation::operation(column, None, random)
                };
                Tree::Leaf(column, operation)
            }
            1 => Tree::All((0..random.below(3)).map(|_| node(random, depth - 1)).collect()),
            2 => Tree::Any((0..random.below(3)).map(|_| node(random, depth - 1)).collect()),
            _ => Tree::Not(Box::new(node(random, depth - 1))),
        }
    }
    let client = Client::new("http://writes.invalid", "key").unwrap();
    let (mut sent, mut refused) = (0, 0);
    for case in 0..20_000 {
        let tree = node(&mut Random::of(20, case), 3);
        let table = || client.from(db::specimens::Table);
        let update = supabase_core::query::Values::<db::specimens::Table>::new().set(db::specimens::c_int4, 1);
        for request in [
            table().delete().filter(tree.typed()).to_request(),
            table().update(update).filter(tree.typed()).to_request(),
        ] {
            match request {
                Ok(request) => {
                    sent += 1;
                    assert!(filters_something(&request), "case {case}: {} of {tree:?}", request.target);
                }
                Err(error) => {
                    refused += 1;
                    assert_eq!(error.kind(), ErrorKind::Refused, "case {case}: {error}");
                }
            }
        }
    }
    println!("{sent} sent, {refused} refused");
    assert!(sent > 5_000 && refused > 5_000, "{sent} sent, {refused} refused");
}

#[test]
fn a_typed_raw_filter_that_is_empty_is_refused() {
    let client = Client::new("http://writes.invalid", "key").unwrap();
    let delete = || client.from(db::specimens::Table).delete();
    for (operator, text) in [("not.in", "()"), ("not.in", "( )"), ("not.like(any)", "{}"), ("like(all)", "{}")] {
        let error = delete().raw(db::specimens::c_text, operator, text).to_request().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{operator}.{text}");
    }
    let request = delete().raw(db::specimens::order, "in", "(a,\"b,c\")").to_request().unwrap();
    assert!(filters_something(&request));
    assert_eq!(request.target, "/specimens?%22order%22=in.(a,%22b,c%22)");
    assert!(delete().raw(db::specimens::c_text, "eq.x&or", "y").to_request().is_err(), "no operator");
}

#[test]
fn a_refusal_is_a_sentence_that_names_the_remedy() {
    let client = Client::new("http://writes.invalid", "key").unwrap();
    let delete = || client.from("planets").delete();
    let none: [i32; 0] = [];
    let refused = |delete: Delete<Untyped, Filtered, Minimal>| delete.to_request().unwrap_err().to_string();
    for (why, said) in [
        (
            refused(delete().not_in("id", none)),
            "the list is empty, so every row would match; leave the filter out instead",
        ),
        (refused(delete().filter_by(supabase_core::all(Vec::new()))), "`all` was given no condition"),
        (refused(delete().filter_by(supabase_core::any(Vec::new()))), "`any` was given no condition"),
        (refused(delete().match_(Vec::<(&str, &str)>::new())), "`match_` was given no column"),
        (refused(delete().or("")), "`or` was given no filter"),
        (refused(delete().eq("moons.name", "Luna")), "filters of embedded resources do not narrow it"),
        (refused(delete().eq("*", 1)), "PostgREST cannot filter on a column named `*`"),
        (refused(delete().eq("name", "a\0b")), "NUL"),
        (refused(delete().eq("id", None::<i32>)), "`is_null`"),
        (refused(delete().filter("id", "eq.1&or", 1)), "not an operator"),
        (refused(delete().like("name", r"a*\")), "ends in a backslash"),
    ] {
        assert!(why.contains(said), "{why}");
    }
    assert!(delete().every_row().to_request().is_ok());
    assert!(delete().every_row().eq("moons.name", "Luna").to_request().is_ok());
    assert!(delete().eq("limit", 1).to_request().unwrap().target.contains("%22limit%22=eq.1"));
}

// ---- a real server -----------------------------------------------------------------------------------

/// A text that no row has.
const NOWHERE: &str = "no row has this: 0d9f";

#[tokio::test]
async fn filters_that_match_nothing_delete_nothing_whatever_the_column_is_called() {
    let schema = supabase_tests::parity::vectors().join("fuzz/schema.sql");
    let stack = Stack::builder().seed(schema).allow_rollback(true).start().await.unwrap();
    stack
        .sql("insert into specimens (id, c_jsonb) select n, '{\"key\": 1}' from generate_series(1, 30) n")
        .await
        .unwrap();
    let client = Client::builder(stack.url(), stack.service_key()).build().unwrap();
    let odd: Vec<&str> = COLUMNS.iter().take(19).map(|column| column.name).chain(NAMES).collect();
    let (mut nothing, mut refused, mut errors) = (0, 0, 0);
    for case in 0..600 {
        let mut random = Random::of(77, case);
        let mut filtered: Option<Delete<Untyped, Filtered, Minimal>> = None;
        for _ in 0..=random.below(2) {
            let name = if random.once_in(5) {
                format!("c_jsonb->>{}", random.pick(&odd))
            } else {
                (*random.pick(&odd)).to_owned()
            };
            let name = name.as_str();
            let none: [&str; 0] = [];
            macro_rules! narrow {
                ($delete:expr) => {
                    match random.below(9) {
                        0 => $delete.eq(name, NOWHERE),
                        1 => $delete.in_(name, [NOWHERE, ""]),
                        2 => $delete.in_(name, none),
                        3 => $delete.not_in(name, none),
                        4 => $delete.like(name, NOWHERE),
                        5 => $delete.filter(name, "not.in", "( )"),
                        6 => $delete.filter_by(column(name).eq(NOWHERE)),
                        7 => $delete.filter_by(supabase_core::not(column(name).in_(none))),
                        _ => $delete.filter(name, "eq", NOWHERE),
                    }
                };
            }
            filtered = Some(match filtered.take() {
                None => narrow!(
                    client.from("specimens").delete().header("prefer", "tx=rollback,count=exact,return=minimal")
                ),
                Some(write) => narrow!(write),
            });
        }
        let write = filtered.unwrap().count(Count::Exact);
        let target = write.to_request().map(|request| request.target);
        match write.execute().await {
            Ok(answer) => {
                assert_eq!(answer.count, Some(0), "case {case}: {target:?}");
                nothing += 1;
            }
            Err(error) if error.kind() == ErrorKind::Refused => refused += 1,
            // A name that the table does not have, or that the server cannot read: nothing is deleted.
            Err(error) => {
                assert!(error.status().is_some_and(|status| status.is_client_error()), "case {case}: {error}");
                errors += 1;
            }
        }
    }
    println!("{nothing} deleted nothing, {refused} refused, {errors} answered with an error");
    assert!(nothing > 100 && refused > 100, "{nothing} deleted nothing, {refused} refused");
    let left = stack.sql("select count(*) from specimens").await.unwrap();
    assert_eq!(left[0].get(0), Some("30"));
    stack.stop().await.unwrap();
}
