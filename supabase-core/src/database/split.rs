//! Requests whose URL would be too long: said in several, said as a `POST`, or refused.

use std::collections::{HashMap, VecDeque};

use bytes::{Bytes, BytesMut};
use http::Method;

use super::pending::Pending;
use super::selected::Selected;
use crate::decode::DecodeError;
use crate::error::Result;
use crate::query::{Accept, Plan, Refusal, Request, Resource, name, percent_decode};

/// What a call by `GET` is as a `POST`.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    /// The parameters that are the arguments, as they stand in the query string.
    pub(crate) arguments: String,
    pub(crate) body: Bytes,
}

/// The requests that say what is pending, in URLs that servers take: one, nearly always.
pub(crate) fn requests(pending: &Pending) -> Result<(Request, VecDeque<Request>)> {
    let request = pending.plan.finish_to_send()?;
    let most = pending.client.url_limit();
    let length = url_length(pending, &request);
    if length <= most {
        return Ok((request, VecDeque::new()));
    }
    if let Some(plan) = posted(pending) {
        let request = plan.finish_to_send()?;
        if url_length(pending, &request) <= most {
            return Ok((request, VecDeque::new()));
        }
    }
    if !is_splittable(&pending.plan) {
        return Err(too_long(length, most).into());
    }
    let mut requests = VecDeque::new();
    for plan in parts(&pending.plan, length, most)? {
        requests.push_back(plan.finish_to_send()?);
    }
    let first = requests.pop_front().ok_or_else(|| too_long(length, most))?;
    Ok((first, requests))
}

pub(crate) fn url_length(pending: &Pending, request: &Request) -> usize {
    pending.client.url().len() + super::pending::ROOT.len() + request.target.len()
}

pub(crate) fn too_long(length: usize, most: usize) -> Refusal {
    Refusal::new(format!(
        "its URL has {length} bytes, and more than {most} are not known to arrive (`ClientBuilder::url_limit`). A read is \
         spread over several requests where one `in_` makes it long and it has no order, limit, range, count, aggregate or \
         single; otherwise hand the values to a function of the database, called with POST: `.rpc(..)`"
    ))
}

/// Whether several requests for parts of a list say the same as one for all of it.
pub(crate) fn is_splittable(plan: &Plan) -> bool {
    plan.method == Method::GET
        && plan.resource == Resource::Table
        && matches!(plan.accept, Accept::Json | Accept::JsonNullsStripped)
        && plan.order.is_empty()
        && plan.limit.is_none()
        && plan.offset.is_none()
        && plan.prefer.count.is_none()
        && !Selected::of(plan).may_aggregate()
}

/// The plan with parts of its longest list, so that every URL is short enough. `length` is the
/// length of the whole one.
pub(crate) fn parts(plan: &Plan, length: usize, most: usize) -> Result<Vec<Plan>, Refusal> {
    let refused = || too_long(length, most);
    let list = longest_list(&plan.query).ok_or_else(refused)?;
    let items = plan.query.get(list.items.clone()).unwrap_or_default();
    // What a part of the list may have: what the rest of the URL leaves.
    let room = most.checked_sub(length - items.len()).ok_or_else(refused)?;
    let mut plans = Vec::new();
    for part in portions(groups(&split_items(items).ok_or_else(refused)?), room).ok_or_else(refused)? {
        let mut plan = plan.clone();
        if part == "%22%22" {
            // The server reads `in.("")` as the empty list.
            plan.query.replace_range(list.value..list.items.end + 1, "eq.");
        } else {
            plan.query.replace_range(list.items.clone(), &part);
        }
        plans.push(plan);
    }
    Ok(plans)
}

/// Where a list stands in a query string.
struct List {
    /// The start of the parameter's value.
    value: usize,
    /// What is between the parentheses.
    items: std::ops::Range<usize>,
}

/// The longest `column=in.(…)` that is about the table's own rows.
fn longest_list(query: &str) -> Option<List> {
    let mut longest: Option<List> = None;
    let mut start = 0;
    for parameter in query.split('&') {
        if let Some((key, value)) = parameter.split_once('=')
            && let Some(items) = value.strip_prefix("in.(").and_then(|items| items.strip_suffix(')'))
            && name::is_about_own_rows(&percent_decode(key))
        {
            let value = start + key.len() + 1;
            let from = value + "in.(".len();
            let items = from..from + items.len();
            if longest.as_ref().is_none_or(|list| list.items.len() < items.len()) {
                longest = Some(List { value, items });
            }
        }
        start += parameter.len() + 1;
    }
    longest
}

/// The items of a list, encoded as they stand. `None` where the server may see other items than
/// these: lists in the user's own words.
fn split_items(text: &str) -> Option<Vec<&str>> {
    let bytes = text.as_bytes();
    let mut items = Vec::new();
    let (mut start, mut at, mut quoted, mut closed) = (0, 0, false, false);
    while let Some(&byte) = bytes.get(at) {
        let code = bytes.get(at..at + 3);
        match byte {
            _ if quoted && code == Some(b"%5C") => {
                at += if bytes.get(at + 3) == Some(&b'%') { 6 } else { 4 };
                continue;
            }
            _ if quoted && code == Some(b"%22") => {
                (quoted, closed) = (false, true);
                at += 3;
                continue;
            }
            _ if quoted => {}
            b',' => {
                items.push(text.get(start..at)?);
                start = at + 1;
                closed = false;
            }
            _ if closed => return None,
            _ if code == Some(b"%22") => {
                if at != start {
                    return None;
                }
                quoted = true;
                at += 3;
                continue;
            }
            _ if code == Some(b"%20") && at == start => return None,
            b'(' | b')' => return None,
            _ => {}
        }
        at += 1;
    }
    if quoted {
        return None;
    }
    items.push(text.get(start..)?);
    Some(items)
}

/// The items, each once, and those side by side that the database might take for equal: the same
/// number written with other digits, the same text in upper or lower case or with blanks at its
/// end. A row that equals both comes once, since both are in one request.
fn groups<'i>(items: &[&'i str]) -> Vec<Vec<&'i str>> {
    let mut groups: Vec<Vec<&str>> = Vec::with_capacity(items.len());
    let mut places: HashMap<String, usize> = HashMap::with_capacity(items.len());
    for item in items {
        let place = *places.entry(likeness(item)).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(group) = groups.get_mut(place)
            && !group.contains(item)
        {
            group.push(item);
        }
    }
    groups
}

fn likeness(item: &str) -> String {
    let text = percent_decode(item);
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(&text);
    match text.trim().parse::<f64>() {
        // Zero has two signs. What rounds to one number lands in one group, which does no harm.
        Ok(number) => format!("{:x}", (number + 0.0).to_bits()),
        Err(_) => text.trim_end().to_lowercase(),
    }
}

/// The groups, joined into lists of at most `room` bytes; `None` where one alone has more.
fn portions(groups: Vec<Vec<&str>>, room: usize) -> Option<Vec<String>> {
    let mut portions: Vec<String> = Vec::new();
    for group in groups {
        let group = group.join(",");
        match portions.last_mut() {
            Some(last) if last.len() + 1 + group.len() <= room => {
                last.push(',');
                last.push_str(&group);
            }
            _ if group.len() <= room => portions.push(group),
            _ => return None,
        }
    }
    Some(portions)
}

/// A call by `GET` as the same call by `POST`.
fn posted(pending: &Pending) -> Option<Plan> {
    let Post { arguments, body } = pending.post.as_deref()?;
    if pending.plan.method != Method::GET {
        return None;
    }
    let mut plan = pending.plan.clone();
    let query = &plan.query;
    // Between the marks of parameters only: no filter looks like arguments, but its end may.
    let (start, _) = query.match_indices(arguments.as_str()).find(|(start, found)| {
        let end = start + found.len();
        (*start == 0 || query[..*start].ends_with('&')) && (end == query.len() || query[end..].starts_with('&'))
    })?;
    let end = start + arguments.len();
    let rest = query[end..].trim_start_matches('&');
    let before = query[..start].trim_end_matches('&');
    plan.query = [before, rest].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("&");
    plan.select_end = 0;
    plan.method = Method::POST;
    plan.body = Some(body.clone());
    Some(plan)
}

/// Several answers as one: the array of all their rows.
#[derive(Debug, Default)]
pub(crate) struct Joined(BytesMut);

impl Joined {
    pub(crate) fn add(&mut self, body: &[u8]) -> Result<(), DecodeError> {
        let rows = body.trim_ascii().strip_prefix(b"[").and_then(|rows| rows.strip_suffix(b"]")).ok_or_else(|| {
            DecodeError::expected("an array", &String::from_utf8_lossy(body.get(..512).unwrap_or(body)))
        })?;
        if !rows.trim_ascii().is_empty() {
            self.0.extend_from_slice(if self.0.is_empty() { b"[" } else { b"," });
            self.0.extend_from_slice(rows);
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Bytes {
        self.0.extend_from_slice(if self.0.is_empty() { b"[]" } else { b"]" });
        self.0.freeze()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn items_are_found_between_quotes_and_escapes() {
        assert_eq!(split_items("1,2,30"), Some(vec!["1", "2", "30"]));
        assert_eq!(split_items("%22a,b%22,c,%22%5C%22,%5C%5C%22"), Some(vec!["%22a,b%22", "c", "%22%5C%22,%5C%5C%22"]));
        assert_eq!(split_items("%22%22,%C3%BC"), Some(vec!["%22%22", "%C3%BC"]));
        for doubtful in ["1,%202", "1),2", "a%22b%22", "%22a%22b,c", "%22a", "(1"] {
            assert_eq!(split_items(doubtful), None, "{doubtful}");
        }
    }

    #[test]
    fn what_may_be_equal_stays_together() {
        let together = |items: &[&str]| groups(items).len();
        assert_eq!(groups(&["1", "2", "1"]), [vec!["1"], vec!["2"]]);
        assert_eq!(together(&["1.0", "1.00", "1", "%221e0%22", "-0", "0"]), 2);
        assert_eq!(together(&["Ada", "ada", "%22ADA%20%22", "Adam"]), 2);
        assert_eq!(together(&["%22%22", "a"]), 2);
    }

    #[test]
    fn portions_are_as_large_as_the_room() {
        let items = || groups(&["10", "20", "30", "40"]);
        assert_eq!(portions(items(), 5).unwrap(), ["10,20", "30,40"]);
        assert_eq!(portions(items(), 7).unwrap(), ["10,20", "30,40"]);
        assert_eq!(portions(items(), 8).unwrap(), ["10,20,30", "40"]);
        assert_eq!(portions(items(), 2).unwrap().len(), 4);
        assert_eq!(portions(items(), 1), None);
    }

    #[test]
    fn the_list_is_about_the_own_rows_and_not_negated() {
        let found = |query: &str| longest_list(query).map(|list| query[list.items].to_owned());
        assert_eq!(found("select=id&id=in.(1,2)&name=in.(a,b,c)").as_deref(), Some("a,b,c"));
        assert_eq!(found("id=not.in.(1,2)"), None);
        assert_eq!(found("moons.id=in.(1,2)"), None);
        assert_eq!(found("or=(id.in.(1,2))"), None);
        assert_eq!(found("id=eq.1&%22a.b%22=in.(1)").as_deref(), Some("1"));
    }

    #[test]
    fn answers_are_joined() {
        let mut joined = Joined::default();
        for body in ["[]", " [{\"a\":1}] ", "[ ]", "[{\"a\":2},\n {\"a\":3}]"] {
            joined.add(body.as_bytes()).unwrap();
        }
        assert_eq!(joined.finish(), "[{\"a\":1},{\"a\":2},\n {\"a\":3}]");
        assert_eq!(Joined::default().finish(), "[]");
        assert!(Joined::default().add(b"{}").is_err());
    }
}
