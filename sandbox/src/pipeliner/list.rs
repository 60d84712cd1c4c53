use http::StatusCode;
use serde_json::{Value, json};

use super::entities::{Entities, Kind, is_deleted};
use super::filter::Filter;
use super::order::{Cursor, Order};
use super::refusal::Refusal;
use super::view::View;
use crate::exchange::{Answer, NativeRequest};
use crate::objects::Object;

/// Entities on a page, where neither `first` nor `last` is given, and at most.
const PAGE: usize = 30;
const MOST: usize = 100;

/// Which part of a list is asked for:
/// <https://developers.pipelinersales.com/api-docs/core-api-concepts/pagination>.
#[derive(Debug, Default)]
struct Part {
    first: Option<usize>,
    last: Option<usize>,
    after: Option<Cursor>,
    before: Option<Cursor>,
}

/// A part of the entities of a kind.
pub(super) fn answer(entities: &Entities, kind: Kind, request: &NativeRequest) -> Result<Answer, Refusal> {
    let view = View::read(request, kind)?;
    // Every kind has a seed, and a deleted entity stays: its members are the fields.
    let is_field = |name: &str| entities.all(kind).next().is_some_and(|object| object.contains_key(name));
    let filter = Filter::read(request, is_field)?;
    let query = request.query_pairs();
    let asked = |name: &str| query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let order = asked("order-by").map_or(Ok(Order::default()), |text| Order::parse(text, is_field))?;
    let deleted = match asked("include-deleted") {
        None | Some("false" | "0") => false,
        Some("true" | "1") => true,
        Some(_) => return Err(Refusal::parameter("Invalid value of include-deleted.")),
    };
    let part = Part {
        first: asked("first").map(|text| number("first", text)).transpose()?,
        last: asked("last").map(|text| number("last", text)).transpose()?,
        after: asked("after").map(|text| order.parse_cursor(text)).transpose()?,
        before: asked("before").map(|text| order.parse_cursor(text)).transpose()?,
    };
    let mut all: Vec<&Object> = entities.all(kind).filter(|object| (deleted || !is_deleted(object)) && filter.takes(object)).collect();
    all.sort_by(|one, other| order.compare(one, other));
    let (start, end) = part.range(&all, &order);
    let page: Vec<&Object> = all.iter().skip(start).take(end.saturating_sub(start)).copied().collect();
    let cursor = |at: Option<&&Object>| at.map_or(Value::Null, |object| order.cursor(object).into());
    let data: Vec<Value> = page.iter().map(|object| view.show(entities, kind, object)).collect();
    let body = json!({
        "success": true,
        "total": all.len(),
        "page_info": {
            "start_cursor": cursor(page.first()),
            "end_cursor": cursor(page.last()),
            "has_previous_page": start > 0,
            "has_next_page": end < all.len(),
        },
        "data": data,
    });
    Ok(Answer::json(StatusCode::OK, &body))
}

impl Part {
    /// From where to where: what is between the cursors, of that the first ones, of those the last ones.
    fn range(&self, all: &[&Object], order: &Order) -> (usize, usize) {
        let after = |cursor: &Cursor| all.partition_point(|object| order.compare_to(object, cursor).is_le());
        let before = |cursor: &Cursor| all.partition_point(|object| order.compare_to(object, cursor).is_lt());
        let mut start = self.after.as_ref().map_or(0, after);
        let mut end = self.before.as_ref().map_or(all.len(), before).max(start);
        let first = self.first.or_else(|| self.last.is_none().then_some(PAGE));
        if let Some(first) = first {
            end = end.min(start.saturating_add(first));
        }
        if let Some(last) = self.last {
            start = start.max(end.saturating_sub(last));
        }
        (start, end)
    }
}

fn number(name: &str, text: &str) -> Result<usize, Refusal> {
    match text.parse() {
        Ok(number) if (1..=MOST).contains(&number) => Ok(number),
        _ => Err(Refusal::parameter(format!("'{name}' must be from 1 to {MOST}."))),
    }
}
