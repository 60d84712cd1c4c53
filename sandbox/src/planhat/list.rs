use serde_json::Value;

use super::collection::Collection;
use super::refusal::Refusal;
use crate::exchange::NativeRequest;
use crate::objects::{Object, compare, text};

/// Objects on a page when `limit` does not say.
const PAGE: usize = 100;

/// What a list shows when `select` does not say: the documentation's example has these.
const SHOWN: [&str; 3] = ["_id", "companyId", "name"];

/// What a list is asked for. Parameters that are not known are ignored.
#[derive(Debug)]
struct Query {
    limit: usize,
    offset: usize,
    sort: Option<(String, bool)>,
    select: Option<Vec<String>>,
    companies: Option<Vec<String>>,
}

impl Query {
    fn read(collection: &Collection, request: &NativeRequest) -> Result<Self, Refusal> {
        let mut query = Self { limit: PAGE, offset: 0, sort: None, select: None, companies: None };
        for (name, value) in request.query_pairs() {
            match name.as_str() {
                "limit" => query.limit = number(&name, &value, 1, collection.model.largest_page())?,
                "offset" => query.offset = number(&name, &value, 0, usize::MAX)?,
                "sort" => query.sort = sort(&value),
                "select" => query.select = words(&value),
                "companyId" => query.companies = words(&value),
                _ => {}
            }
        }
        Ok(query)
    }

    fn takes(&self, object: &Object) -> bool {
        let company = text(object, "companyId").unwrap_or_default();
        self.companies.as_ref().is_none_or(|ids| ids.iter().any(|id| id == company))
    }

    fn shows(&self, name: &str) -> bool {
        match &self.select {
            // The id is always shown.
            Some(names) => name == "_id" || names.iter().any(|shown| shown == name),
            None => SHOWN.contains(&name),
        }
    }
}

/// The page that is asked for: a bare array.
pub(super) fn page(collection: &Collection, request: &NativeRequest) -> Result<Value, Refusal> {
    let query = Query::read(collection, request)?;
    let mut all: Vec<&Object> = collection.objects.iter().filter(|object| query.takes(object)).collect();
    if let Some((name, descending)) = &query.sort {
        all.sort_by(|one, other| {
            let order = compare(one.get(name), other.get(name));
            if *descending { order.reverse() } else { order }
        });
    }
    let page = all.into_iter().skip(query.offset).take(query.limit);
    Ok(page.map(|object| shown(object, &query)).collect())
}

fn shown(object: &Object, query: &Query) -> Value {
    let mut shown = object.clone();
    shown.retain(|name, _| query.shows(name));
    Value::Object(shown)
}

fn number(name: &str, text: &str, least: usize, most: usize) -> Result<usize, Refusal> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| Refusal::bad(format!("{name} must be a whole number from {least} to {most}")))
}

/// A member to sort by, and whether downwards.
fn sort(text: &str) -> Option<(String, bool)> {
    let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
    (!name.is_empty()).then(|| (name.to_owned(), descending))
}

fn words(text: &str) -> Option<Vec<String>> {
    (!text.is_empty()).then(|| text.split(',').map(|word| word.trim().to_owned()).collect())
}
