//! Functions of the database.

use super::ToValue;
use crate::query::ArgumentWriter;

/// A call of a database function, ready with its arguments.
///
/// Generated as a struct under the function's name with one field per argument:
/// `supabase.rpc(functions::search_planets { query: "ea" })`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a call of a database function",
    label = "expected a generated function such as `functions::hello_world {{}}`",
    note = "the untyped form is `supabase.rpc((\"name\", arguments))`"
)]
pub trait Function {
    /// What comes back, one of [`returns`](super::returns).
    type Returns;
    /// The name that the server knows.
    const NAME: &'static str;
    /// The schema that the function lives in.
    const SCHEMA: &'static str;
    /// Whether the function is declared `STABLE` or `IMMUTABLE`, so that it may be called with GET.
    const READ_ONLY: bool;
    /// Writes the arguments that are set.
    fn write(&self, out: &mut ArgumentWriter<'_>);
}

/// The name of an argument; it exists for the messages of the compiler.
pub trait Argument: 'static {
    /// The argument's exact name.
    const NAME: &'static str;
    /// The function's exact name.
    const FUNCTION: &'static str;
}

/// A Rust value that may be passed as the argument `A`, whose type is `Sql`.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be passed as the argument `{A}`, which is `{Sql}`",
    label = "the argument is `{Sql}`",
    note = "`Omit` leaves out an argument that has a default; `None` passes NULL"
)]
pub trait ArgumentFor<Sql, Write, A>: ToValue {}
