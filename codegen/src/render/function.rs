//! `functions`: one struct per function, with its arguments as fields; `functions::args` has a marker per
//! argument for the compiler's messages, `functions::results` the rows that are no table's.

use super::place::{Place, STR};
use super::text::{Quoted, Text};
use super::{doc, table};
use crate::name::ty::Marker;
use crate::name::{NamedFunction, NamedReturns};

/// Everything in the module.
pub(super) fn items(text: &mut Text, functions: &[NamedFunction], place: Place<'_>) {
    for function in functions {
        item(text, function, place);
    }
    text.line("/// Markers of arguments, which name them in messages of the compiler.");
    text.block("pub mod args {", "}", |text| {
        for function in functions.iter().filter(|function| !function.arguments.is_empty()) {
            argument_markers(text, function, place);
        }
    });
    text.line("/// Rows of functions that return no table's rows.");
    text.block("pub mod results {", "}", |text| {
        for function in functions {
            if let NamedReturns::Columns { table, .. } = &function.returns {
                let summary = format!("Rows that `{}.{}` returns.", function.schema, function.name.db);
                doc::outer(text, summary, None);
                text.open(format_args!("pub mod {} {{", function.name.rust));
                table::core(text, table, place.inside(2));
                text.close("}");
            }
        }
    });
}

/// `<a, b>`, or nothing.
fn generics(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("<{}>", names.join(", ")) }
}

fn item(text: &mut Text, function: &NamedFunction, place: Place<'_>) {
    let library = place.library();
    let rust = &function.name.rust;
    let parameters: Vec<String> = function.arguments.iter().map(|argument| argument.name.rust.to_string()).collect();
    let generics = generics(&parameters);
    doc::outer(text, format!("{}.", function.signature), function.comment.as_deref());
    text.block(format_args!("pub struct {rust}{generics} {{"), "}", |text| {
        for (argument, parameter) in function.arguments.iter().zip(&parameters) {
            doc::outer(text, format!("{}.", argument.facts), None);
            text.line(format_args!("pub {parameter}: {parameter},"));
        }
    });
    named_arguments(text, function, &parameters, place);
    // `self::`, since an argument may be called like a function.
    let head = format!("impl{generics} {library}::schema::Function for self::{rust}{generics}");
    if parameters.is_empty() {
        text.open(format_args!("{head} {{"));
    } else {
        text.line(head);
        text.open("where");
        for (argument, parameter) in function.arguments.iter().zip(&parameters) {
            let write = if argument.has_default { "Optional" } else { "Required" };
            let bound = [
                place.marker(&argument.marker),
                format!("{library}::schema::{write}"),
                format!("self::args::{rust}::{parameter}"),
            ];
            text.list(format_args!("{parameter}: {library}::schema::ArgumentFor<"), &bound, ">,");
        }
        text.close("{");
        text.deeper();
    }
    text.typed("type Returns = ", &returns(function, place), ";");
    text.line(format_args!("const NAME: {STR} = {};", Quoted(&function.name.db)));
    text.line(format_args!("const SCHEMA: {STR} = {};", Quoted(&function.schema)));
    text.line(format_args!("const READ_ONLY: ::core::primitive::bool = {};", function.read_only));
    let out = if parameters.is_empty() { "_out" } else { "out" };
    text.block(format_args!("fn write(&self, {out}: &mut {library}::__private::ArgumentWriter<'_>) {{"), "}", |text| {
        for (argument, parameter) in function.arguments.iter().zip(&parameters) {
            let name = Quoted(&argument.name.db);
            if function.body {
                let body = match &argument.marker {
                    Marker::Leaf("Text") => "text_body",
                    Marker::Leaf("Bytea") => "bytes_body",
                    _ => "body",
                };
                text.line(format_args!("out.{body}(&self.{parameter});"));
            } else if argument.variadic {
                text.line(format_args!("out.variadic({name}, &self.{parameter});"));
            } else {
                text.line(format_args!("out.argument({name}, &self.{parameter});"));
            }
        }
    });
    text.close("}");
}

/// What `call!` uses: a call without arguments, and one method per argument that sets it, so that arguments with
/// defaults may be left out and ones that are added later break nothing.
fn named_arguments(text: &mut Text, function: &NamedFunction, parameters: &[String], place: Place<'_>) {
    let rust = &function.name.rust;
    let omit = format!("{}::schema::Omit", place.library());
    let omitted = generics(&vec![omit.clone(); parameters.len()]);
    text.open(format_args!("impl self::{rust}{omitted} {{"));
    text.line("#[doc(hidden)]");
    text.open("pub const fn __omitted() -> Self {");
    text.block("Self {", "}", |text| {
        for parameter in parameters {
            text.line(format_args!("{parameter}: {omit},"));
        }
    });
    text.close("}");
    text.close("}");
    if parameters.is_empty() {
        return;
    }
    let all = generics(parameters);
    text.open(format_args!("impl{all} self::{rust}{all} {{"));
    for (index, parameter) in parameters.iter().enumerate() {
        let mut types = parameters.to_vec();
        if let Some(ty) = types.get_mut(index) {
            "__Value".clone_into(ty);
        }
        let types = generics(&types);
        text.line("#[doc(hidden)]");
        text.open(format_args!("pub fn {parameter}<__Value>(self, value: __Value) -> self::{rust}{types} {{"));
        text.open(format_args!("self::{rust} {{"));
        for (other, name) in parameters.iter().enumerate() {
            if other == index {
                text.line(format_args!("{name}: value,"));
            } else {
                text.line(format_args!("{name}: self.{name},"));
            }
        }
        text.close("}");
        text.close("}");
    }
    text.close("}");
}

fn returns(function: &NamedFunction, place: Place<'_>) -> String {
    let library = place.library();
    let rows = |set: bool| if set { "Rows" } else { "OneRow" };
    match &function.returns {
        NamedReturns::Void => format!("{library}::schema::returns::Void"),
        NamedReturns::Scalar(ty) => format!("{library}::schema::returns::Scalar<{}>", place.ty(ty)),
        NamedReturns::SetOf(ty) => format!("{library}::schema::returns::SetOf<{}>", place.ty(ty)),
        NamedReturns::Table { module, set } => {
            format!("{library}::schema::returns::{}<{}::Table>", rows(*set), place.table(module))
        }
        NamedReturns::Columns { set, .. } => {
            let name = &function.name.rust;
            format!("{library}::schema::returns::{}<self::results::{name}::Table>", rows(*set))
        }
    }
}

fn argument_markers(text: &mut Text, function: &NamedFunction, place: Place<'_>) {
    let library = place.library();
    doc::outer(text, format!("Arguments of `{}.{}`.", function.schema, function.name.db), None);
    text.open(format_args!("pub mod {} {{", function.name.rust));
    for argument in &function.arguments {
        let rust = &argument.name.rust;
        doc::outer(text, format!("{}.", argument.facts), None);
        text.line(format_args!("pub struct {rust};"));
        text.open(format_args!("impl {library}::schema::Argument for {rust} {{"));
        text.line(format_args!("const NAME: {STR} = {};", Quoted(&argument.name.db)));
        text.line(format_args!("const FUNCTION: {STR} = {};", Quoted(&function.name.db)));
        text.close("}");
    }
    text.close("}");
}
