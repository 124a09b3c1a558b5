//! Shaping embedded relations, and conditions on related rows.

use std::fmt::Write as _;
use std::marker::PhantomData;

use super::filters::{optional_filters, typed_filters};
use super::selected::has_namesake;
use crate::query::plan::is_bound;
use crate::query::{FilterWriter, OrderOf, Plan, name};
use crate::schema::{EmbeddedIn, Relation, RelationOf, Table};

/// A relation that the selection embeds, inside `.within(relation, |embedded| ..)`. Its filters,
/// order and limit act on the embedded rows alone.
#[must_use = "return it from the closure of `.within(..)`"]
pub struct Within<T, R> {
    plan: Plan,
    /// `moons.craters.`
    path: String,
    order: String,
    limit: Option<u64>,
    offset: Option<u64>,
    types: PhantomData<fn() -> (T, R)>,
}

impl<T, R> std::fmt::Debug for Within<T, R> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Within").field(&self.path).finish()
    }
}

impl<T, R> Within<T, R> {
    pub(crate) fn shape(mut plan: Plan, path: &str, key: &str, shape: impl FnOnce(Self) -> Self) -> Plan {
        if has_namesake(&plan, path, key) {
            plan.refuse(format!(
                "`within`: another relation of this selection leads to the table `{key}` too, and servers before PostgREST 16 \
                 cannot tell which of the two is shaped; select it under an alias (`mine: {key} {{ .. }}` in `select!`) and \
                 shape that"
            ));
        }
        let mut inside = path.to_owned();
        name::push(&mut inside, key);
        inside.push('.');
        shape(Self { plan, path: inside, order: String::new(), limit: None, offset: None, types: PhantomData }).end()
    }

    fn end(mut self) -> Plan {
        if !self.order.is_empty() {
            self.plan.extend_parameter(&format!("{}order", self.path), &self.order);
        }
        let limit = self.limit.filter(|rows| is_bound(*rows));
        for (key, rows) in [("limit", limit), ("offset", self.offset)] {
            if let Some(rows) = rows {
                self.plan.set_parameter(&format!("{}{key}", self.path), &rows.to_string());
            }
        }
        self.plan
    }

    fn narrow(mut self, write: impl FnOnce(&mut FilterWriter<'_>)) -> Self {
        narrow(&mut self.plan, &self.path, write);
        self
    }

    /// At most so many embedded rows, for each row around them.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Leaves out the first embedded rows.
    pub fn offset(mut self, rows: u64) -> Self {
        self.offset = Some(rows);
        self
    }

    /// The embedded rows from position `first` to `last`, both included and counted from 0.
    pub fn range(mut self, first: u64, last: u64) -> Self {
        if last < first {
            self.plan.refuse(format!("`range({first}, {last})` ends before it starts"));
        }
        self.offset = Some(first);
        self.limit = Some(last.saturating_sub(first).saturating_add(1));
        self
    }
}

fn narrow(plan: &mut Plan, path: &str, write: impl FnOnce(&mut FilterWriter<'_>)) {
    let mut writer = FilterWriter::query(&mut plan.query, path);
    write(&mut writer);
    if let Some(refusal) = writer.refusal.take() {
        plan.refuse(refusal);
    }
}

impl<T: Table, R> Within<T, R> {
    /// Sorts the embedded rows.
    pub fn order<O: OrderOf<T>>(mut self, order: O) -> Self {
        let terms = order.terms();
        if !self.order.is_empty() && !terms.is_empty() {
            self.order.push(',');
        }
        self.order.push_str(&terms);
        self
    }

    /// Shapes a relation inside this one.
    pub fn within<E, O, Q>(mut self, relation: E, shape: impl FnOnce(Within<O, Q>) -> Within<O, Q>) -> Self
    where
        E: EmbeddedIn<R, Target = O, Row = Q>,
    {
        let _ = relation;
        self.plan = Within::shape(self.plan, &self.path, <E as EmbeddedIn<R>>::KEY, shape);
        self
    }
}

/// A related row, inside `.having(relation, |related| ..)`. Its filters decide which rows are kept.
#[must_use = "return it from the closure of `.having(..)`"]
pub struct Having<T> {
    plan: Plan,
    path: String,
    table: PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for Having<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Having").field(&self.path).finish()
    }
}

impl<T> Having<T> {
    pub(crate) fn keep<E: Relation<Target = T>>(mut plan: Plan, filters: impl FnOnce(Self) -> Self) -> Plan {
        let mut path = plan.embed_for_condition(E::TARGET, E::BY_KEY, true);
        path.push('.');
        filters(Self { plan, path, table: PhantomData }).plan
    }

    fn narrow(mut self, write: impl FnOnce(&mut FilterWriter<'_>)) -> Self {
        narrow(&mut self.plan, &self.path, write);
        self
    }
}

impl<T: Table> Having<T> {
    /// Of the related rows, those that have a related row in turn.
    pub fn having<E: Relation>(self, relation: E, filters: impl FnOnce(Having<E::Target>) -> Having<E::Target>) -> Self
    where
        E::Source: RelationOf<T, E>,
    {
        let _ = relation;
        let Self { mut plan, path, table } = self;
        let inside = plan.embed_inside(&path, E::BY_KEY);
        plan = filters(Having { plan, path: inside, table: PhantomData }).plan;
        Self { plan, path, table }
    }
}

typed_filters! {
    [T: Table, R] Within<T, R> => Self, T;
    [T: Table] Having<T> => Self, T;
}
optional_filters! {
    [T: Table, R] Within<T, R>, T;
    [T: Table] Having<T>, T;
}

impl Plan {
    /// Adds an inner embed inside one that was added for a condition; gives the path of its filters.
    fn embed_inside(&mut self, path: &str, target: &str) -> String {
        self.embeds += 1;
        let mut embed = String::new();
        let written = write!(embed, "having_{}:", self.embeds);
        debug_assert!(written.is_ok(), "writing to a String does not fail");
        let alias = embed.trim_end_matches(':').to_owned();
        crate::query::percent_encode(&mut embed, target);
        embed.push_str("!inner()");
        // The parent is `having_N:target!inner(…)`; its list may hold an earlier child already.
        let parent = path.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
        let list = &self.query[..self.select_end];
        let opened = list
            .find(&format!("{parent}:"))
            .and_then(|at| list[at..].find("!inner(").map(|open| at + open + "!inner(".len()));
        match opened {
            Some(at) => {
                if !self.query[at..].starts_with(')') {
                    embed.push(',');
                }
                self.query.insert_str(at, &embed);
                self.select_end += embed.len();
            }
            None => self.refuse("`having` inside `having` lost its place in the select list; please report this"),
        }
        let mut inside = path.to_owned();
        inside.push_str(&alias);
        inside.push('.');
        inside
    }
}
