use std::cmp::Ordering;

use serde_json::{Value, json};

use super::body::Body;
use super::refusal::Refusal;
use crate::objects::Object;

/// The size of a page where `page.size` is not given, and at most. The second number is published nowhere.
const PAGE: u64 = 20;
const MOST: u64 = 100;

/// `page`: which part of a list.
#[derive(Debug)]
pub(super) struct Paging {
    size: u64,
    number: u64,
}

impl Paging {
    pub(super) fn read(body: &mut Body) -> Result<Self, Refusal> {
        let mut paging = Self { size: PAGE, number: 1 };
        if let Some(page) = body.take("page") {
            let mut page = body.within("page", page)?;
            paging.size = page.number("size", 1, MOST)?.unwrap_or(PAGE);
            paging.number = page.number("number", 1, u64::MAX)?.unwrap_or(1);
            page.finish()?;
        }
        Ok(paging)
    }

    pub(super) fn page<'a, 'b>(&self, all: &'b [&'a Object]) -> impl Iterator<Item = &'b &'a Object> {
        let skip = self.number.saturating_sub(1).saturating_mul(self.size);
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        all.iter().skip(count(skip)).take(count(self.size))
    }

    /// The `meta` of a list.
    pub(super) fn meta(&self, matches: usize) -> Value {
        json!({ "page": { "size": self.size, "number": self.number }, "matches": matches })
    }
}

/// `sort`: fields, each up or down.
#[derive(Debug)]
pub(super) struct Sort(Vec<(String, bool)>);

impl Sort {
    /// Reads the sort, where `usual` is the field and whether it goes down.
    pub(super) fn read(body: &mut Body, fields: &[&str], usual: (&str, bool)) -> Result<Self, Refusal> {
        let Some(items) = body.list("sort")? else {
            return Ok(Self(vec![(usual.0.to_owned(), usual.1)]));
        };
        let mut sort = Vec::new();
        for item in items {
            let mut item = body.within("sort", item)?;
            let field = item.choice("field", fields)?.ok_or_else(|| item.refuse("field", "must not be empty"))?;
            let down = item.choice("order", &["asc", "desc"])?.map_or(usual.1, |order| order == "desc");
            item.finish()?;
            sort.push((field, down));
        }
        Ok(Self(sort))
    }

    /// Sorts by what `value` says of a field; what is the same stays in the order of creation.
    pub(super) fn apply(&self, objects: &mut [&Object], value: impl Fn(&Object, &str) -> Value) {
        for (field, down) in self.0.iter().rev() {
            objects.sort_by(|one, other| {
                let ordering = compare(&value(one, field), &value(other, field));
                if *down { ordering.reverse() } else { ordering }
            });
        }
    }
}

/// Nothing first, then by number or by text.
fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().zip(other.as_f64()).and_then(|(one, other)| one.partial_cmp(&other)).unwrap_or(Ordering::Equal)
        }
        (Value::String(one), Value::String(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
        (one, other) => other.is_null().cmp(&one.is_null()),
    }
}
