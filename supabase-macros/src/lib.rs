//! The macros of `supabase-core`. Use them from there: `use supabase_core::prelude::*;`.
//!
//! A macro knows paths and never types: `select!(planets { id })` becomes code that speaks of
//! `planets::id`, and the compiler checks it against the generated module. A wrong name is therefore
//! underlined where it stands, with the nearest right one beside it, and an editor completes inside
//! the macros as it does in any path. Every mistake of one call is reported at once, and what was
//! right still expands.
//!
//! In the examples `planets`, `moons` and `functions` are generated modules.

mod anchor;
mod call;
mod errors;
mod filter;
mod json_path;
mod order;
mod row;
mod select;
mod table;
mod value;
mod values;
mod words;

use proc_macro::TokenStream;
use values::Purpose;

/// Columns and embedded relations as a row struct whose field types come from the schema.
///
/// ```no_run
/// # mod schema { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/macros/schema.rs")); }
/// # use supabase_core::prelude::*;
/// # use schema::{functions, moons, planets};
/// # async fn example(supabase: Client) -> supabase_core::Result<()> {
/// select!(struct Card: planets { id, title: name, moons { name, radius_km }, star { name } });
///
/// let cards: Vec<Card> = supabase.from(planets::Table).select(Card::columns()).await?;
/// let name: &str = &cards[0].moons[0].name;
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
///
/// Without `struct Name:` it is an expression, and the row has no name:
///
/// ```no_run
/// # mod schema { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/macros/schema.rs")); }
/// # use supabase_core::prelude::*;
/// # use schema::{functions, moons, planets};
/// # async fn example(supabase: Client) -> supabase_core::Result<()> {
/// let rows = supabase.from(planets::Table).select(select!(planets { id, moons(count) })).await?;
/// let moons: i64 = rows[0].moons;
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
///
/// # What can be selected
///
/// | written | meaning | type of the field |
/// |---|---|---|
/// | `name` | a column | the column's |
/// | `title: name` | a column under another name | the column's |
/// | `mass as text` | a column, cast by the server | by the SQL type, `Option` if the column is nullable |
/// | `facts -> "day_h"` | a member of a json column, or `-> 0`, an element | `Option<JsonValue>` |
/// | `facts ->> "day_h"` | the same as text; ends the path | `Option<String>` |
/// | `h: facts ->> "day_h" as float8` | the same, cast | `Option<f64>` |
/// | `radius_km.avg()` | an aggregate: `avg`, `sum`, `min`, `max`, `count` | `Option`, by PostgreSQL's rules; `count` is `i64` |
/// | `count()` | the number of rows | `i64` |
/// | `moons(count)` | the number of related rows, allowed by default on hosted projects | `i64` |
/// | `moons { name }` | the related rows | `Vec<_>`, `Option<_>` or the row itself, by the relationship |
/// | `moons! { name }` | the same; rows without a related row are left out | never `Option` |
/// | `big: moons { name }` | a relation under another name; it may then be selected again | as above |
/// | `moons { ..MoonCard }` | the related rows, read into another row struct | `Vec<MoonCard>`, … |
/// | `...star { colour }` | columns of a related row, as fields of this one | `Option` where there may be no row; `Vec` to many (PostgREST 13 and later) |
///
/// A field without alias is called like its column, the last key of its json path, its aggregate,
/// or its relation. Two fields cannot have one name: give one of them an alias. A column that is
/// called like a Rust keyword may be written as it is (`type`); the field is then `r#type`.
///
/// # The structs
///
/// The row `Card` has a struct for each relation with braces, called by the row and the field:
/// `CardMoons`. Fields and nested structs have the visibility of the row. Without a `derive` all of
/// them are `Debug` and `Clone`; attributes on the row (`#[derive(..)]`, `#[serde(..)]`) are put on
/// the nested structs too, attributes on an item go to its field.
///
/// `Card::columns()` is what `.select(..)` takes. An aliased relation has a constant,
/// `Card::big`, for `.within(Card::big, |moons| ..)`; one without alias is found by
/// `planets::rel::moons`.
///
/// # Errors
///
/// Names that the schema does not have, relations of other tables, one name for two fields, and
/// casts and aggregates that PostgreSQL does not have do not compile.
#[proc_macro]
pub fn select(input: TokenStream) -> TokenStream {
    select::select(input.into()).into()
}

/// A logic tree of conditions over one table, checked as the methods of columns are.
///
/// ```no_run
/// # mod schema { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/macros/schema.rs")); }
/// # use supabase_core::prelude::*;
/// # use schema::{functions, moons, planets};
/// # async fn example(supabase: Client) -> supabase_core::Result<()> {
/// # let night = Literal("[2000-01-01,2000-01-02)");
/// supabase.from(planets::Table).select(All)
///     .filter(filter!(planets: range_gt(visible, night) and (contains(tags, ["hot"]) or not eq(id, 2))))
///     .await?;
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
///
/// `not` binds tighter than `and`, and `and` tighter than `or`; parentheses group. An operator is a
/// method of `supabase_core::query::Operand` with the column in front: `eq(id, 2)`,
/// `in_(id, [1, 2])` (or `in(id, ..)`), `is_null(mass)`, `ilike(name, "%ea%")`. A column may be
/// followed by a path into its json: `eq(facts ->> "colour", "red")`. Values are any Rust
/// expressions.
///
/// The value is a `supabase_core::query::Condition<planets::Table>`.
///
/// # Errors
///
/// Does not compile where a column is unknown, its type does not have the operator, or the value
/// cannot be compared with it.
#[proc_macro]
pub fn filter(input: TokenStream) -> TokenStream {
    filter::filter(input.into()).into()
}

/// The terms of an order over one table.
///
/// ```no_run
/// # mod schema { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/macros/schema.rs")); }
/// # use supabase_core::prelude::*;
/// # use schema::{functions, moons, planets};
/// # async fn example(supabase: Client) -> supabase_core::Result<()> {
/// supabase.from(planets::Table).select(All).order(order!(planets: name desc nulls first, id)).await?;
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
///
/// Each term is a column or a path into its json (`facts ->> "colour"`), then `asc` (which need not
/// be written) or `desc`, then `nulls first` or `nulls last`.
///
/// The value is an array of `supabase_core::query::Order<planets::Table>`.
///
/// # Errors
///
/// Does not compile where a column is unknown or its type has no order.
#[proc_macro]
pub fn order(input: TokenStream) -> TokenStream {
    order::order(input.into()).into()
}

/// One row to insert. Columns without a default have to be set.
///
/// ```no_run
/// # mod schema { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/macros/schema.rs")); }
/// # use supabase_core::prelude::*;
/// # use schema::{functions, moons, planets};
/// # async fn example(supabase: Client) -> supabase_core::Result<()> {
/// # let weighed: Option<f64> = None;
/// let tags = ["cold", "far"];
/// supabase.from(planets::Table)
///     .insert(insert!(planets { name: "Pluto", radius_km: 1188.3, star_id: None, mass?: weighed, tags }))
///     .await?;
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
///
/// | written | meaning |
/// |---|---|
/// | `name: value` | the column is set |
/// | `name` | the column is set to the variable of that name |
/// | `name: None` | the column is set to NULL |
/// | `name: Omit` | the column is left to its default |
/// | `name?: option` | the column is set where there is a value, and left to its default otherwise |
///
/// The value is a `supabase_core::query::Values<planets::Table, NewRow>`: an update takes none of it, and
/// an insert nothing else.
///
/// # Errors
///
/// Does not compile where a required column is missing, a column is unknown, set twice or set by the
/// database alone, or a value cannot be stored in its column.
#[proc_macro]
pub fn insert(input: TokenStream) -> TokenStream {
    values::values(input.into(), Purpose::Insert).into()
}

/// The columns that an update sets. Written like [`insert!`], without required columns.
///
/// ```no_run
/// # mod schema { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/macros/schema.rs")); }
/// # use supabase_core::prelude::*;
/// # use schema::{functions, moons, planets};
/// # async fn example(supabase: Client) -> supabase_core::Result<()> {
/// supabase.from(moons::Table).update(update!(moons { name: "Luna" })).eq(moons::id, 1).await?;
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// Does not compile where no column is set, a column is unknown, set twice or set by the database
/// alone, or a value cannot be stored in its column.
#[proc_macro]
pub fn update(input: TokenStream) -> TokenStream {
    values::values(input.into(), Purpose::Update).into()
}

/// A call of a database function that names the arguments it passes. The others keep their
/// defaults, also those that the function gains later.
///
/// ```no_run
/// # mod schema { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/macros/schema.rs")); }
/// # use supabase_core::prelude::*;
/// # use schema::{functions, moons, planets};
/// # async fn example(supabase: Client) -> supabase_core::Result<()> {
/// let n: i64 = supabase.rpc(call!(functions::count_moons { planet: 3 })).await?;
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
///
/// `{ planet }` passes the variable of that name.
///
/// # Errors
///
/// Does not compile where an argument without default is missing, an argument is unknown or passed
/// twice, or a value cannot be passed as its argument.
#[proc_macro]
pub fn call(input: TokenStream) -> TokenStream {
    call::call(input.into()).into()
}

/// Makes a struct of one's own a row of a table, checked field by field.
///
/// ```no_run
/// # mod schema { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/macros/schema.rs")); }
/// # use supabase_core::prelude::*;
/// # use schema::{functions, moons, planets};
/// # use supabase_core::types::Decimal;
/// #[derive(Row)]
/// #[row(planets)]
/// struct Mini {
///     id: i64,
///     #[row(column = name)]
///     title: String,
///     mass: Option<Decimal>,
///     #[row(relation = moons)]
///     moons: Vec<MiniMoon>,
///     #[row(count = moons)]
///     moon_count: i64,
/// }
///
/// #[derive(Row)]
/// #[row(moons)]
/// struct MiniMoon {
///     name: String,
/// }
///
/// # async fn example(supabase: Client) -> supabase_core::Result<()> {
/// let minis: Vec<Mini> = supabase.from(planets::Table).select(Mini::columns()).await?;
/// # Ok(())
/// # }
/// # fn main() {}
/// ```
///
/// A field is the column of its name. `#[row(column = name)]` reads another one,
/// `#[row(relation = moons)]` embeds a relation (`#[row(relation = moons, inner)]` leaves out rows
/// without a related row), `#[row(count = moons)]` counts the related rows. A relation's field is a
/// `Vec`, an `Option` or the row itself, as the relationship is, of a struct that is a row of the
/// other table. Where the field is not called like its relation, `Mini::field` is the name for
/// `.within(Mini::field, ..)`.
///
/// # Errors
///
/// Does not compile where a column or relation is unknown, or a field's type is not what it decodes
/// into; types with `#[derive(Value)]` may stand in for what they hold.
#[proc_macro_derive(Row, attributes(row))]
pub fn row(input: TokenStream) -> TokenStream {
    row::row(input.into()).into()
}

/// Makes a type of one's own a value: in filters, inserts, arguments, and fields of
/// `#[derive(Row)]`.
///
/// A struct of one field stands wherever its field may stand:
///
/// ```
/// # mod schema { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/macros/schema.rs")); }
/// # use supabase_core::prelude::*;
/// # use schema::{functions, moons, planets};
/// #[derive(Value, Debug, Clone, Copy, PartialEq)]
/// struct PlanetId(i64);
///
/// assert_eq!(planets::id.eq(PlanetId(3)).to_string(), "id.eq.3");
/// ```
///
/// `#[value(json)]` stores anything that serde can write and read in a `json` or `jsonb` column:
///
/// ```
/// # mod schema { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/macros/schema.rs")); }
/// # use supabase_core::prelude::*;
/// # use schema::{functions, moons, planets};
/// #[derive(Value, serde::Serialize, serde::Deserialize)]
/// #[value(json)]
/// struct Facts {
///     day_h: f64,
/// }
///
/// update!(planets { facts: Facts { day_h: 24.5 } });
/// ```
///
/// An enum without fields is text, or a value of an enum of the database. A variant's label is its
/// name in snake case, unless it is renamed; `#[value(of = ..)]` names the generated enum, so that
/// the type may be a field where a column of that enum is read:
///
/// ```
/// # mod schema { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/macros/schema.rs")); }
/// # use supabase_core::prelude::*;
/// # use schema::{functions, moons, planets};
/// # use schema::{enums, stars};
/// #[derive(Value)]
/// #[value(of = enums::Colour)]
/// enum Colour {
///     Red,
///     #[value(rename = "pale blue")]
///     PaleBlue,
/// }
///
/// assert_eq!(stars::colour.eq(Colour::PaleBlue).to_string(), r#"colour.eq."pale blue""#);
/// ```
///
/// # Errors
///
/// Does not compile for structs of several fields and enums with fields, unless they are json, and
/// where two variants have one label.
#[proc_macro_derive(Value, attributes(value))]
pub fn value(input: TokenStream) -> TokenStream {
    value::value(input.into()).into()
}
