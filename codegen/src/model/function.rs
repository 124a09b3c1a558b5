//! Functions that PostgREST can call.

use crate::model::column::Column;
use crate::model::ty::{Scalar, SqlType, Types};
use crate::sources::catalog::{ArgumentMode, ArgumentRow, FunctionRow, Oid};

/// A function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// `COMMENT ON FUNCTION`
    pub comment: Option<String>,
    /// What the caller passes.
    pub arguments: Vec<Argument>,
    /// Whether the one argument has no name and is the body of the request.
    pub body: bool,
    /// What comes back.
    pub returns: Returns,
    /// The result as SQL says it.
    pub returns_sql: String,
    /// Stable or immutable: may be called with GET.
    pub read_only: bool,
    /// The Rust name that the configuration wants.
    pub rename: Option<String>,
}

/// An argument that the caller passes.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// Its name; `body` when it has none.
    pub name: String,
    /// Its type.
    pub ty: SqlType,
    /// Its type as `format_type` prints it.
    pub sql: String,
    /// It may be left out.
    pub has_default: bool,
    /// `VARIADIC`: the type is the array.
    pub variadic: bool,
}

/// What a function gives back.
#[derive(Debug, Clone, PartialEq)]
pub enum Returns {
    /// Nothing.
    Void,
    /// One value; NULL only where the configuration says so.
    Scalar {
        /// Its type.
        ty: SqlType,
        /// By override.
        nullable: bool,
    },
    /// A list of values.
    SetOf {
        /// The type of each.
        ty: SqlType,
        /// By override.
        nullable: bool,
    },
    /// Rows of a selected table or view.
    Table {
        /// The relation.
        oid: Oid,
        /// A list, not one row.
        set: bool,
    },
    /// Rows with columns of their own (`RETURNS TABLE`, `OUT`, a composite type).
    Columns {
        /// The columns.
        columns: Vec<Column>,
        /// A list, not one row.
        set: bool,
    },
}

/// Why a function cannot be offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    Unnamed,
    Polymorphic(String),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unnamed => formatter.write_str("has arguments without a name, which PostgREST cannot pass"),
            Self::Polymorphic(ty) => write!(formatter, "takes or gives the pseudo-type {ty}"),
        }
    }
}

/// Decides the inputs, by PostgREST's rule: all arguments are named, or the only one is a body.
pub(super) fn arguments(row: &FunctionRow, types: &Types<'_>) -> Result<(Vec<Argument>, bool), Refusal> {
    let inputs: Vec<&ArgumentRow> = row.arguments.iter().filter(|argument| argument.mode.is_input()).collect();
    if let Some(pseudo) = inputs.iter().find(|argument| is_pseudo(types, argument.ty)) {
        return Err(Refusal::Polymorphic(pseudo.sql.clone()));
    }
    let unnamed = inputs.iter().filter(|argument| argument.name.is_empty()).count();
    let is_body = |argument: &ArgumentRow| {
        matches!(types.resolve(argument.ty), SqlType::Scalar(Scalar::Json | Scalar::Jsonb | Scalar::Bytea))
            || types.postgres(argument.ty) == postgres_types::Type::TEXT
    };
    let body = match (unnamed, inputs.as_slice()) {
        (0, _) => false,
        (1, [only]) if is_body(only) && only.mode == ArgumentMode::In => true,
        _ => return Err(Refusal::Unnamed),
    };
    let arguments = inputs
        .into_iter()
        .map(|argument| Argument {
            name: if body { "body".to_owned() } else { argument.name.clone() },
            ty: types.resolve(argument.ty),
            sql: argument.sql.clone(),
            has_default: argument.has_default,
            variadic: argument.mode == ArgumentMode::Variadic,
        })
        .collect();
    Ok((arguments, body))
}

/// A type that stands for many, so that nothing can be said about its values.
pub(super) fn is_pseudo(types: &Types<'_>, oid: Oid) -> bool {
    let ty = types.postgres(oid);
    let pseudo = |ty: &postgres_types::Type| matches!(ty.kind(), postgres_types::Kind::Pseudo);
    match ty.kind() {
        postgres_types::Kind::Array(element) => pseudo(element),
        _ => pseudo(&ty),
    }
}

/// Names of the outputs: PostgreSQL calls an only one without a name after the function, others `column1` and so on.
pub(super) fn output_names(row: &FunctionRow) -> Vec<(&ArgumentRow, String)> {
    let outputs: Vec<&ArgumentRow> = row.arguments.iter().filter(|argument| argument.mode.is_output()).collect();
    let only = outputs.len() == 1;
    outputs
        .into_iter()
        .enumerate()
        .map(|(index, argument)| {
            let name = match argument.name.as_str() {
                "" if only => row.name.clone(),
                "" => format!("column{}", index + 1),
                name => name.to_owned(),
            };
            (argument, name)
        })
        .collect()
}
