//! Conditions: nodes of logic trees, over one table each.

use std::fmt;
use std::marker::PhantomData;

use super::filter::FilterWriter;
use super::plan::Refusal;

/// A condition over the columns of `T`, for `.filter(..)`, [`any`], [`all`] and [`not`].
///
/// Made by the methods of a column ([`Operand`](super::Operand)), or by `filter!`.
#[must_use = "a condition does nothing until it is given to `.filter(..)`"]
pub struct Condition<T> {
    text: String,
    /// Where `not.` belongs.
    operator_at: usize,
    negated: bool,
    tree: bool,
    never: bool,
    refusal: Option<Refusal>,
    table: PhantomData<fn() -> T>,
}

impl<T> Clone for Condition<T> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), refusal: self.refusal.clone(), ..*self }
    }
}

impl<T> fmt::Debug for Condition<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Condition({})", self.text)
    }
}

impl<T> fmt::Display for Condition<T> {
    /// The condition as it stands in a logic tree: `id.gt.2`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl<T> Condition<T> {
    pub(crate) fn leaf(write: impl FnOnce(&mut FilterWriter<'_>)) -> Self {
        let mut text = String::with_capacity(48);
        let mut writer = FilterWriter::tree(&mut text);
        write(&mut writer);
        let (operator_at, never) = (writer.operator_at(), writer.never);
        let refusal = writer.refusal.take().map(Refusal::new);
        let negated = text[operator_at..].starts_with("not.");
        Self { text, operator_at, negated, tree: false, never, refusal, table: PhantomData }
    }

    /// The parameter that says the condition: its key (without a path of embeds) and value.
    pub(crate) fn parameter(&self) -> (&str, String) {
        if self.tree {
            let (key, value) = self.text.split_at(self.text.find('(').unwrap_or(self.text.len()));
            (key, value.to_owned())
        } else {
            ("and", format!("({})", self.text))
        }
    }

    /// The text of a single condition, and where its operator begins in it.
    #[cfg(feature = "realtime")]
    pub(crate) fn leaf_text(&self) -> Option<(&str, usize)> {
        (!self.tree).then_some((&self.text, self.operator_at))
    }

    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    fn join<Form>(operator: &'static str, conditions: impl Conditions<T, Form>) -> Self {
        let mut joined = Joined { text: format!("{operator}("), count: 0, never: 0, refusal: None };
        conditions.each(&mut |condition: Condition<T>| joined.add(condition));
        joined.text.push(')');
        if joined.count == 0 {
            let call = if operator == "and" { "all" } else { "any" };
            joined.refusal.get_or_insert(Refusal::new(format!(
                "`{call}` was given no condition, so it would filter nothing; leave it out instead"
            )));
        }
        // `all` matches nothing when one part does, `any` when every part does.
        let never = if operator == "and" { joined.never > 0 } else { joined.never == joined.count };
        Self {
            text: joined.text,
            operator_at: 0,
            negated: false,
            tree: true,
            never,
            refusal: joined.refusal,
            table: PhantomData,
        }
    }
}

impl<T> Condition<T> {
    /// Both conditions; several are [`all`]. Also written `a & b`.
    pub fn and(self, other: Self) -> Self {
        all([self, other])
    }

    /// Either condition; several are [`any`]. Also written `a | b`.
    pub fn or(self, other: Self) -> Self {
        any([self, other])
    }
}

impl<T> std::ops::BitAnd for Condition<T> {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}

impl<T> std::ops::BitOr for Condition<T> {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl<T> std::ops::Not for Condition<T> {
    type Output = Self;
    fn not(self) -> Self {
        not(self)
    }
}

struct Joined {
    text: String,
    count: usize,
    never: usize,
    refusal: Option<Refusal>,
}

impl Joined {
    fn add<T>(&mut self, condition: Condition<T>) {
        if self.count > 0 {
            self.text.push(',');
        }
        self.text.push_str(&condition.text);
        self.count += 1;
        self.never += usize::from(condition.never);
        if self.refusal.is_none() {
            self.refusal = condition.refusal;
        }
    }
}

/// Several conditions over `T`: an array, a vector, any iterator, or a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of conditions over one table",
    label = "expected a list of conditions",
    note = "give an array, a vector, an iterator or a tuple of conditions such as `[planets::id.eq(2), planets::name.eq(\"Mars\")]`",
    note = "all of them have to be about the same table"
)]
pub trait Conditions<T, Form> {
    /// Hands over one condition after the other.
    fn each(self, take: &mut dyn FnMut(Condition<T>));
}

/// The form of arrays, vectors and iterators.
#[derive(Debug, Clone, Copy)]
pub enum Iterated {}
/// The form of tuples. A marker keeps the two apart, since the standard library may one day make
/// tuples iterable.
#[derive(Debug, Clone, Copy)]
pub enum Grouped {}

impl<T, I: IntoIterator<Item = Condition<T>>> Conditions<T, Iterated> for I {
    fn each(self, take: &mut dyn FnMut(Condition<T>)) {
        self.into_iter().for_each(take);
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T> Conditions<T, Grouped> for ($(tuples!(@ $name T),)+) {
            #[allow(non_snake_case, reason = "type parameters name the fields")]
            fn each(self, take: &mut dyn FnMut(Condition<T>)) {
                let ($($name,)+) = self;
                $(take($name);)+
            }
        }
    )+};
    (@ $name:ident $t:ident) => { Condition<$t> };
}
tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }

/// Every one of the conditions. Refused before sending when there are none.
///
/// ```ignore
/// all([planets::name.eq("Mars"), planets::radius_km.gt(3000.0)])
/// ```
pub fn all<T, Form>(conditions: impl Conditions<T, Form>) -> Condition<T> {
    Condition::join("and", conditions)
}

/// At least one of the conditions. Refused before sending when there are none.
pub fn any<T, Form>(conditions: impl Conditions<T, Form>) -> Condition<T> {
    Condition::join("or", conditions)
}

/// The opposite of the condition. Refused before sending where that would be every row.
pub fn not<T>(condition: Condition<T>) -> Condition<T> {
    let mut condition = condition;
    if condition.never && !condition.negated {
        condition.refusal.get_or_insert(Refusal::new(format!(
            "`not({})`: nothing matches the condition, so every row would match its opposite; leave it out instead",
            condition.text
        )));
    }
    if condition.negated {
        condition.text.replace_range(condition.operator_at..condition.operator_at + "not.".len(), "");
    } else {
        condition.text.insert_str(condition.operator_at, "not.");
    }
    condition.negated = !condition.negated;
    condition.never = false;
    condition
}
