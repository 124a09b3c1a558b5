//! The doorway for the output of macros and of the generator. Not part of the public interface: it
//! changes without notice, together with [`contract!`](crate::contract).

pub use crate::decode::{Decode, DecodeError, EmbeddedCount, JsonReader, RowReader};
pub use crate::query::{
    Aggregate, ArgumentWriter, AsOption, Embed, JsonStep, Nullability, ObjectWriter, SelectItem, SelectWriter,
    ValueWriter,
};
pub use serde;

/// Reads a generated enum by serde, without a copy of its label.
///
/// # Errors
/// When there is no text.
pub fn deserialize_label<'de, E: crate::schema::PgEnum, D: serde::Deserializer<'de>>(from: D) -> Result<E, D::Error> {
    struct Label<E>(std::marker::PhantomData<E>);
    impl<E: crate::schema::PgEnum> serde::de::Visitor<'_> for Label<E> {
        type Value = E;
        fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            out.write_str("the label of an enum")
        }
        fn visit_str<F>(self, label: &str) -> Result<E, F> {
            Ok(E::from_label(label))
        }
    }
    from.deserialize_str(Label(std::marker::PhantomData))
}

/// The message of a const assertion, put together at compile time.
struct Message {
    bytes: [u8; 512],
    len: usize,
}

impl Message {
    const fn new() -> Self {
        Self { bytes: [0; 512], len: 0 }
    }

    const fn push(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() && self.len < self.bytes.len() {
            self.bytes[self.len] = text[at];
            self.len += 1;
            at += 1;
        }
        self
    }

    const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            // A message of more than 512 bytes may have been cut inside a character.
            Err(_) => "an insert leaves out a required column",
        }
    }
}

const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

const fn contains(list: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < list.len() {
        if same(list[at], name) {
            return true;
        }
        at += 1;
    }
    false
}

/// Fails to compile when an insert leaves out a column that it has to set.
#[allow(clippy::panic, reason = "evaluated at compile time: the panic is the compiler's message")]
#[track_caller]
pub const fn assert_insertable<T: crate::schema::Table>(set: &[&str]) {
    let mut missing = 0;
    let mut message = Message::new().push("insert into `").push(T::NAME).push("` must set ");
    let mut at = 0;
    while at < T::REQUIRED.len() {
        if !contains(set, T::REQUIRED[at]) {
            message = message.push(if missing > 0 { ", `" } else { "`" }).push(T::REQUIRED[at]).push("`");
            missing += 1;
        }
        at += 1;
    }
    if missing > 0 {
        message = message.push(if missing > 1 {
            ": they are NOT NULL and have no default"
        } else {
            ": it is NOT NULL and has no default"
        });
        panic!("{}", message.as_str());
    }
}
