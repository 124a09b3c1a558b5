//! Values of both languages, as a caller of our builder has them.

use serde_json::value::RawValue;
use supabase_core::Client;

use super::super::call::{Arguments, Expression};
use super::super::prepared::Any;
use super::super::value::Value;
use super::make::text;

/// A value of a comparison: a list or a dictionary is a document there.
pub(super) fn plain_value(expression: &Expression) -> Result<Value, String> {
    match expression {
        Expression::List(_) | Expression::Dict(_) => Ok(Value::Json(json(expression)?)),
        other => value(other),
    }
}

pub(super) fn range(expression: &Expression) -> Result<Value, String> {
    match expression {
        Expression::List(bounds) => match &bounds[..] {
            [lower, upper] => Ok(Value::Open(Box::new(value(lower)?), Box::new(value(upper)?))),
            _ => Err("a range has two bounds".to_owned()),
        },
        other => value(other),
    }
}

pub(super) fn value(expression: &Expression) -> Result<Value, String> {
    Ok(match expression {
        Expression::Null => Value::Null,
        Expression::Undefined => return Err("`undefined` is no value".to_owned()),
        Expression::Bool(truth) => Value::Bool(*truth),
        Expression::Number(number) => match number.parse() {
            Ok(integer) if !number.starts_with("-0") => Value::Integer(integer),
            _ => Value::Float(number.parse().map_err(|_| format!("`{number}`"))?),
        },
        Expression::Text(text) => Value::Text(text.clone()),
        Expression::List(items) => Value::List(
            items
                .iter()
                .map(|item| match item {
                    Expression::Dict(_) => Ok(Value::Json(json(item)?)),
                    other => value(other),
                })
                .collect::<Result<_, _>>()?,
        ),
        Expression::Dict(_) => Value::Json(json(expression)?),
        Expression::Name(_) | Expression::Bytes(_) => return Err(format!("{expression:?} is no value of a filter")),
        Expression::Call(name, arguments) => Value::Text(called(name, arguments)?),
    })
}

/// Dates, times, identifiers and numbers, as our types write them.
fn called(name: &str, arguments: &Arguments) -> Result<String, String> {
    use supabase_core::types::{NaiveDate, NaiveTime};
    let number = |index: usize| -> u32 {
        match arguments.at(index) {
            Some(Expression::Number(number)) => number.parse().unwrap_or_default(),
            _ => 0,
        }
    };
    /// The text that the encoder makes of a value.
    fn written(value: &impl supabase_core::schema::ToValue) -> String {
        let probe = Client::new("http://probe.invalid", "key").expect("a URL and a key");
        let request = probe.from("probe").select::<Any>("*").eq("probe", value).to_request().expect("a value");
        let (_, written) = request.target.rsplit_once("=eq.").expect("one filter");
        super::super::normal::percent_decoded(written)
    }
    let date = || NaiveDate::from_ymd_opt(number(0) as i32, number(1), number(2)).ok_or("no date");
    Ok(match name {
        "datetime.date" => written(&date()?),
        "datetime.datetime" => {
            let moment = date()?.and_hms_opt(number(3), number(4), number(5)).ok_or("no time")?;
            if arguments.option("tzinfo").is_some() { written(&moment.and_utc()) } else { written(&moment) }
        }
        "datetime.time" => written(&NaiveTime::from_hms_opt(number(0), number(1), number(2)).ok_or("no time")?),
        "uuid.UUID" => {
            let Some(Expression::Number(number)) = arguments.option("int") else { return Err("a UUID".to_owned()) };
            written(&supabase_core::types::Uuid::from_u128(number.parse().map_err(|_| "a UUID")?))
        }
        "Decimal" => {
            written(&text(arguments, 0)?.parse::<supabase_core::types::Decimal>().map_err(|error| error.to_string())?)
        }
        "Date" => written(&chrono::DateTime::from_timestamp(number(0).into(), 0).ok_or("no moment")?),
        other => return Err(format!("`{other}` has no counterpart")),
    })
}

/// A document.
fn json(expression: &Expression) -> Result<serde_json::Value, String> {
    use serde_json::Value as Json;
    Ok(match expression {
        Expression::Null => Json::Null,
        Expression::Undefined => return Err("`undefined` is no value".to_owned()),
        Expression::Bool(truth) => Json::Bool(*truth),
        Expression::Number(number) => serde_json::from_str(number).map_err(|error| error.to_string())?,
        Expression::Text(text) => Json::String(text.clone()),
        Expression::Bytes(bytes) => Json::String(supabase_core::types::Bytea::from(bytes).to_string()),
        Expression::List(items) => Json::Array(items.iter().map(json).collect::<Result<_, _>>()?),
        Expression::Dict(members) => Json::Object(
            members.iter().map(|(key, value)| Ok((key.clone(), json(value)?))).collect::<Result<_, String>>()?,
        ),
        Expression::Call(name, arguments) => Json::String(called(name, arguments)?),
        Expression::Name(name) => return Err(format!("`{name}` is no value")),
    })
}

/// A document with its keys in the order in which they were written.
pub(super) fn raw(expression: &Expression) -> Result<Any, String> {
    fn write(expression: &Expression, out: &mut String) -> Result<(), String> {
        match expression {
            Expression::Dict(members) => {
                out.push('{');
                for (at, (key, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    out.push_str(&serde_json::to_string(key).map_err(|error| error.to_string())?);
                    out.push(':');
                    write(value, out)?;
                }
                out.push('}');
            }
            Expression::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write(item, out)?;
                }
                out.push(']');
            }
            other => out.push_str(&json(other)?.to_string()),
        }
        Ok(())
    }
    let mut out = String::new();
    write(expression, &mut out)?;
    RawValue::from_string(out).map_err(|error| error.to_string())
}
