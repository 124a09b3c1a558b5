//! One filter of a recorded call, on whatever builder.

use supabase_core::database::column;
use supabase_core::query::{TextQuery, not};

use super::super::call::{Arguments, Expression, Link};
use super::super::filters::Filters;
use super::super::value::Value;
use super::make::{resource, text, whole};
use super::value::{plain_value, range, value};

/// One filter.
pub(super) fn filter<B: Filters>(builder: B, link: &Link, negated: bool) -> Result<B, String> {
    let none = Arguments::default();
    let arguments = link.arguments.as_ref().unwrap_or(&none);
    let name = link.name.as_str();
    match name {
        "or_" | "or" => {
            let filters = text(arguments, 0)?;
            return Ok(match (resource(arguments), negated) {
                (None, false) => builder.or(filters),
                (None, true) => builder.not_or(filters),
                (Some(resource), false) => builder.or_within(resource, filters),
                (Some(resource), true) => builder.not_or_within(resource, filters),
            });
        }
        "match" => {
            let Some(Expression::Dict(members)) = arguments.at(0) else {
                return Err("`match` without columns".to_owned());
            };
            let columns =
                members.iter().map(|(name, item)| Ok((name.clone(), value(item)?))).collect::<Result<_, String>>()?;
            return Ok(builder.match_(columns));
        }
        _ => {}
    }
    let column_name = text(arguments, 0)?;
    let second = arguments.at(1).ok_or_else(|| format!("`{name}` without a value"))?;
    let items = || match second {
        Expression::List(items) => items.iter().map(plain_value).collect(),
        Expression::Dict(members) => Ok(members.iter().map(|(name, _)| Value::Text(name.clone())).collect()),
        // A text is a list of its letters to Python.
        Expression::Text(text) => Ok(text.chars().map(|letter| Value::Text(letter.to_string())).collect()),
        Expression::Call(name, arguments) if name == "range" => {
            Ok((0..whole(arguments, 0)?).map(|number| Value::Integer(number.into())).collect())
        }
        other => Err(format!("{other:?} is no list")),
    };
    let patterns = || -> Result<Vec<String>, String> {
        match second {
            Expression::Text(text) => Ok(text.split(',').map(str::to_owned).collect()),
            Expression::List(items) => items
                .iter()
                .map(|item| item.text().map(str::to_owned).ok_or_else(|| "a pattern is text".to_owned()))
                .collect(),
            other => Err(format!("{other:?} is no list of patterns")),
        }
    };
    let pattern = || second.text().ok_or_else(|| "a pattern is text".to_owned());
    let search = |kind: &str| -> Result<TextQuery<'_>, String> {
        let text = second.text().ok_or("a query is text")?;
        let query = match kind {
            "plain" => TextQuery::plain(text),
            "phrase" => TextQuery::phrase(text),
            "web_search" | "websearch" => TextQuery::websearch(text),
            _ => TextQuery::raw(text),
        };
        Ok(query)
    };
    if negated {
        let operator = match name {
            "is_" => {
                return Ok(match second {
                    Expression::Null => builder.is_not_null(column_name),
                    Expression::Text(word) if word == "null" => builder.is_not_null(column_name),
                    _ => return Err("the opposite of `is`".to_owned()),
                });
            }
            "in_" => {
                if let Expression::Text(list) = second {
                    return Ok(builder.not(column_name, "in", Value::Text(list.clone())));
                }
                return Ok(builder.not_in(column_name, items()?));
            }
            "contains" => "cs",
            "like" => "like",
            "gt" => "gt",
            "text_search" => {
                let config = arguments.option("options").and_then(|options| match options {
                    Expression::Dict(members) => members.iter().find(|(name, _)| name == "config")?.1.text(),
                    _ => None,
                });
                let operator = config.map_or_else(|| "fts".to_owned(), |config| format!("fts({config})"));
                return Ok(builder.not(column_name, &operator, value(second)?));
            }
            other => return Err(format!("the opposite of `{other}`")),
        };
        return Ok(builder.not(column_name, operator, value(second)?));
    }
    Ok(match name {
        "eq" => builder.eq(column_name, plain_value(second)?),
        "neq" => builder.neq(column_name, plain_value(second)?),
        "gt" => builder.gt(column_name, plain_value(second)?),
        "gte" => builder.gte(column_name, plain_value(second)?),
        "lt" => builder.lt(column_name, plain_value(second)?),
        "lte" => builder.lte(column_name, plain_value(second)?),
        "isDistinct" => builder.is_distinct(column_name, plain_value(second)?),
        "like" => builder.like(column_name, pattern()?),
        "ilike" => builder.ilike(column_name, pattern()?),
        "like_all_of" | "likeAllOf" => builder.like_all_of(column_name, patterns()?),
        "like_any_of" | "likeAnyOf" => builder.like_any_of(column_name, patterns()?),
        "ilike_all_of" | "ilikeAllOf" => builder.ilike_all_of(column_name, patterns()?),
        "ilike_any_of" | "ilikeAnyOf" => builder.ilike_any_of(column_name, patterns()?),
        "regexMatch" => builder.match_regex(column_name, pattern()?),
        "regexIMatch" => builder.imatch_regex(column_name, pattern()?),
        "is_" | "is" => match second {
            Expression::Null => builder.is_null(column_name),
            Expression::Bool(true) => builder.is_true(column_name),
            Expression::Bool(false) => builder.is_false(column_name),
            Expression::Text(word) if word == "null" => builder.is_null(column_name),
            Expression::Text(word) if word == "unknown" => builder.is_unknown(column_name),
            Expression::Text(word) if word == "not_null" => builder.is_not_null(column_name),
            other => return Err(format!("`is` of {other:?}")),
        },
        "in_" | "in" => builder.in_(column_name, items()?),
        "notIn" => builder.not_in(column_name, items()?),
        "contains" | "cs" => builder.contains(column_name, value(second)?),
        "contained_by" | "containedBy" | "cd" => builder.contained_by(column_name, value(second)?),
        "overlaps" | "ov" => builder.overlaps(column_name, value(second)?),
        "range_gt" | "rangeGt" => builder.range_gt(column_name, range(second)?),
        "range_gte" | "rangeGte" => builder.range_gte(column_name, range(second)?),
        "range_lt" | "rangeLt" => builder.range_lt(column_name, range(second)?),
        "range_lte" | "rangeLte" => builder.range_lte(column_name, range(second)?),
        "range_adjacent" | "rangeAdjacent" => builder.range_adjacent(column_name, range(second)?),
        "text_search" | "textSearch" => {
            let option = |name: &str| {
                arguments.option(name).and_then(Expression::text).or_else(|| match arguments.option("options")? {
                    Expression::Dict(members) => members.iter().find(|(key, _)| key == name)?.1.text(),
                    _ => None,
                })
            };
            let query = search(option("type").unwrap_or_default())?;
            builder.text_search(
                column_name,
                match option("config") {
                    Some(config) => query.config(config),
                    None => query,
                },
            )
        }
        "phfts" => builder.text_search(column_name, search("phrase")?),
        "filter" => {
            let operator = second.text().ok_or("an operator is text")?;
            builder.filter(column_name, operator, value(arguments.at(2).ok_or("a filter without a value")?)?)
        }
        "not" => {
            let operator = second.text().ok_or("an operator is text")?;
            let operand = arguments.at(2).ok_or("a filter without a value")?;
            match (operator, operand) {
                ("is", Expression::Null) => builder.is_not_null(column_name),
                _ => builder.filter_or_condition(column_name, operator, value(operand)?),
            }
        }
        other => return Err(format!("`{other}` is not understood")),
    })
}

/// `.not(column, operator, value)`, by the one method or the other: both have to say the same.
trait NotWays: Filters {
    fn filter_or_condition(self, column_name: &str, operator: &str, value: Value) -> Self {
        match operator {
            "is_" => self.filter_by(not(column(column_name).is_null())),
            _ => self.not(column_name, operator, value),
        }
    }
}
impl<B: Filters> NotWays for B {}
