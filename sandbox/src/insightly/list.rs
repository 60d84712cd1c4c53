//! Lists and searches: `skip`, `top`, `brief` and `count_total` of <https://api.na1.insightly.com/v3.1/>.

use http::StatusCode;
use serde_json::Value;

use super::dates;
use super::refusal::Refusal;
use crate::exchange::{Answer, NativeRequest};
use crate::objects::{Object, Objects, text};

/// Records when `top` does not say. No number is published.
const USUAL: usize = 100;
const MOST: usize = 500;

/// Members that a brief answer lacks.
const COLLECTIONS: [&str; 3] = ["CUSTOMFIELDS", "TAGS", "LINKS"];

/// What a list is asked for, besides which records.
#[derive(Debug)]
struct Page {
    brief: bool,
    skip: usize,
    top: usize,
    count: bool,
}

/// All projects.
pub(super) fn all(projects: &Objects, request: &NativeRequest) -> Result<Answer, Refusal> {
    answer(request, projects.iter().collect())
}

/// The projects with a value in a member, or changed after a time.
pub(super) fn search(projects: &Objects, request: &NativeRequest) -> Result<Answer, Refusal> {
    let query = request.query_pairs();
    let asked = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let field = match (asked("field_name"), asked("field_value")) {
        (None, None) => None,
        (Some(name), Some(value)) => Some((name.to_uppercase(), value.to_lowercase())),
        _ => return Err(Refusal::bad("field_name and field_value must both be given")),
    };
    let after = match asked("updated_after_utc") {
        None => None,
        Some(value) => Some(dates::kept(value).ok_or_else(|| Refusal::bad("updated_after_utc is not a date"))?),
    };
    if let Some((name, _)) = &field
        && !projects.iter().any(|project| project.contains_key(name))
    {
        return Err(Refusal::bad(format!("There is no field {name}")));
    }
    let takes = |project: &&Object| {
        field.as_ref().is_none_or(|(name, value)| plain(project.get(name)).to_lowercase() == *value)
            && after.as_deref().is_none_or(|after| text(project, "DATE_UPDATED_UTC").is_some_and(|at| at > after))
    };
    answer(request, projects.iter().filter(takes).collect())
}

/// The projects with a tag.
pub(super) fn search_by_tag(projects: &Objects, request: &NativeRequest) -> Result<Answer, Refusal> {
    let query = request.query_pairs();
    let tag = query.iter().find(|(name, _)| name == "tagName").map(|(_, value)| value.to_lowercase());
    let tag = tag.ok_or_else(|| Refusal::bad("tagName is required"))?;
    let takes = |project: &&Object| {
        let tags = project.get("TAGS").and_then(Value::as_array);
        tags.into_iter().flatten().any(|held| plain(held.get("TAG_NAME")).to_lowercase() == tag)
    };
    answer(request, projects.iter().filter(takes).collect())
}

fn answer(request: &NativeRequest, taken: Vec<&Object>) -> Result<Answer, Refusal> {
    let page = Page::read(request)?;
    let shown: Vec<Value> = taken.iter().skip(page.skip).take(page.top).map(|project| page.view(project)).collect();
    let answer = Answer::json(StatusCode::OK, &Value::Array(shown));
    Ok(if page.count { answer.with_header("x-total-count", &taken.len().to_string()) } else { answer })
}

impl Page {
    fn read(request: &NativeRequest) -> Result<Self, Refusal> {
        let mut page = Self { brief: false, skip: 0, top: USUAL, count: false };
        for (name, value) in request.query_pairs() {
            match name.as_str() {
                "brief" => page.brief = flag(&name, &value)?,
                "count_total" => page.count = flag(&name, &value)?,
                "skip" => page.skip = number(&name, &value, 0, usize::MAX)?,
                "top" => page.top = number(&name, &value, 1, MOST)?,
                _ => {}
            }
        }
        Ok(page)
    }

    fn view(&self, project: &Object) -> Value {
        let mut view = project.clone();
        if self.brief {
            view.retain(|name, _| !COLLECTIONS.contains(&name.as_str()));
        }
        Value::Object(view)
    }
}

fn plain(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn flag(name: &str, text: &str) -> Result<bool, Refusal> {
    text.to_lowercase().parse().map_err(|_| Refusal::bad(format!("{name} must be true or false")))
}

fn number(name: &str, text: &str, least: usize, most: usize) -> Result<usize, Refusal> {
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(Refusal::bad(format!("{name} is not valid"))),
    }
}
