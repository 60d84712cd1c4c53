//! The query of a request, and the query for records, which is a POST.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::attribute::{Attribute, Kind};
use super::refusal::Refusal;
use super::{body, record, seeds, value};
use crate::exchange::NativeRequest;
use crate::objects::{Object, Objects, compare};

/// Records on a page when `limit` does not say. No maximum is documented; more than this is refused.
const PAGE: usize = 500;

/// The attribute that says which record an assertion is about. It must be unique.
pub(super) fn matching_attribute(request: &NativeRequest) -> Result<&'static Attribute, Refusal> {
    let named = request.query_pairs().into_iter().find(|(name, _)| name == "matching_attribute");
    let (_, name) = named.ok_or_else(|| Refusal::bad("The query parameter matching_attribute is required."))?;
    match Attribute::named(&name) {
        Some(attribute) if attribute.unique => Ok(attribute),
        Some(_) => Err(Refusal::bad(format!("The matching_attribute \"{name}\" must be unique."))),
        None => Err(Refusal::NoMatchingAttribute(name)),
    }
}

/// `limit` records from `offset` on, of those that the filter takes.
pub(super) fn page(records: &Objects, request: &NativeRequest) -> Result<Value, Refusal> {
    let body = body::object(request)?;
    let limit = number(&body, "limit", 1, PAGE)?.unwrap_or(PAGE);
    let offset = number(&body, "offset", 0, usize::MAX)?.unwrap_or(0);
    let filter = filter(body.get("filter"))?;
    let sorts = sorts(body.get("sorts"))?;
    let takes = |record: &&Object| filter.iter().all(|(attribute, wanted)| has(record, attribute, wanted));
    let mut all: Vec<&Object> = records.iter().filter(takes).collect();
    all.sort_by(|one, other| {
        let orders = sorts.iter().map(|(attribute, descending)| {
            let order = compare(first(one, attribute), first(other, attribute));
            if *descending { order.reverse() } else { order }
        });
        orders.fold(Ordering::Equal, Ordering::then)
    });
    let page: Vec<&Object> = all.into_iter().skip(offset).take(limit).collect();
    Ok(json!({ "data": page }))
}

fn number(body: &Object, name: &str, least: usize, most: usize) -> Result<Option<usize>, Refusal> {
    let Some(value) = body.get(name) else {
        return Ok(None);
    };
    let number = value.as_u64().and_then(|number| usize::try_from(number).ok()).filter(|number| (least..=most).contains(number));
    number.map(Some).ok_or_else(|| Refusal::bad(format!("{name} must be a whole number from {least} to {most}.")))
}

/// Attributes with the value that each must have: `{"name":"x"}`, or written out `{"name":{"$eq":"x"}}`
/// (<https://docs.attio.com/rest-api/how-to/filtering-and-sorting>). Other operators are not modelled.
fn filter(filter: Option<&Value>) -> Result<Vec<(&'static Attribute, Value)>, Refusal> {
    let members = match filter {
        None => return Ok(Vec::new()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(Refusal::filter("filter must be an object.")),
    };
    members.iter().map(|(name, condition)| condition_of(name, condition)).collect()
}

fn condition_of(name: &str, condition: &Value) -> Result<(&'static Attribute, Value), Refusal> {
    let attribute = Attribute::named(name).ok_or_else(|| Refusal::filter(format!("There is no attribute \"{name}\" to filter by.")))?;
    let wanted = match condition {
        Value::Object(members) if members.len() == 1 => members.get("$eq"),
        other => Some(other),
    };
    let fits = |wanted: &&Value| match attribute.kind {
        Kind::Number => wanted.is_number(),
        Kind::Reference(_) => false,
        _ => wanted.is_string(),
    };
    match wanted.filter(fits) {
        Some(wanted) => Ok((attribute, wanted.clone())),
        None => Err(Refusal::filter(format!("The condition of \"{name}\" is not one that can be filtered by."))),
    }
}

fn has(record: &Object, attribute: &Attribute, wanted: &Value) -> bool {
    record::values(record, attribute).filter_map(value::key).any(|held| held == wanted)
}

/// Attributes to sort by, each with whether downwards.
fn sorts(sorts: Option<&Value>) -> Result<Vec<(&'static Attribute, bool)>, Refusal> {
    match sorts {
        None => Ok(Vec::new()),
        Some(Value::Array(sorts)) => sorts.iter().map(sort).collect(),
        Some(_) => Err(Refusal::bad("sorts must be an array.")),
    }
}

/// `{"direction":"asc","attribute":"name"}`, or with the path `[["workspaces","name"]]` for the same. Longer paths lead
/// to objects that the sandbox does not keep.
fn sort(sort: &Value) -> Result<(&'static Attribute, bool), Refusal> {
    let descending = match sort.get("direction").and_then(Value::as_str) {
        Some("asc") => false,
        Some("desc") => true,
        _ => return Err(Refusal::bad("The direction of a sort must be asc or desc.")),
    };
    let by_path = || match sort.get("path")?.as_array()?.as_slice() {
        [step] if [seeds::OBJECT, seeds::OBJECT_ID].contains(&step.get(0)?.as_str()?) => step.get(1)?.as_str(),
        _ => None,
    };
    let name = sort.get("attribute").and_then(Value::as_str).or_else(by_path);
    let name = name.ok_or_else(|| Refusal::bad("A sort must name an attribute of the object."))?;
    let attribute = Attribute::named(name).ok_or_else(|| Refusal::NoSuchAttribute(name.to_owned()))?;
    Ok((attribute, descending))
}

fn first<'a>(record: &'a Object, attribute: &Attribute) -> Option<&'a Value> {
    record::values(record, attribute).next().and_then(value::key)
}
