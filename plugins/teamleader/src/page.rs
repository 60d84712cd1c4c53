//! Lists, page by page.

use patchboard_sdk::{Answer, Error, Exchange, Item, Request, Step};
use serde_json::{Map, Value, json};

use crate::module::Module;
use crate::project;

/// Teamleader's own, where nothing is asked for.
const SIZE: u64 = 20;
/// No larger page is asked for: Teamleader documents no maximum.
const MAX_SIZE: u64 = 100;

/// Where a page stands. As a cursor it is `2:100`: the second page of a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Page {
    number: u64,
    size: u64,
}

impl Page {
    /// The page that is asked for. The cursor's size wins: pages of another size would
    /// begin elsewhere.
    fn of(request: &Request) -> Result<Self, Error> {
        if let Some(cursor) = request.param("next_cursor").filter(|cursor| !cursor.is_empty()) {
            return Self::parse(cursor).ok_or_else(|| Error::field("?next_cursor", "is not a cursor of this list"));
        }
        // What has more digits than a number has room for is large.
        let size = request.param("limit").map_or(SIZE, |limit| limit.parse().unwrap_or(MAX_SIZE));
        Ok(Self { number: 1, size: size.clamp(1, MAX_SIZE) })
    }

    fn parse(cursor: &str) -> Option<Self> {
        let (number, size) = cursor.split_once(':')?;
        let page = Self { number: number.parse().ok()?, size: size.parse().ok()? };
        ((1..=u64::from(u32::MAX)).contains(&page.number) && (1..=MAX_SIZE).contains(&page.size)).then_some(page)
    }

    fn cursor(self, number: u64) -> String {
        format!("{number}:{}", self.size)
    }
}

/// The call for a page. Oldest first, so that a project made meanwhile comes at the end
/// and moves none from one page to the next.
pub(crate) fn exchange(module: Module, request: &Request) -> Result<Exchange, Error> {
    let Page { number, size } = Page::of(request)?;
    let (field, includes) = match module {
        Module::V2 => ("project_key", Some("custom_fields,pagination")),
        Module::Legacy => ("created_at", None),
    };
    let mut body = Map::from_iter([
        ("page".to_owned(), json!({"size": size, "number": number})),
        ("sort".to_owned(), json!([{"field": field, "order": "asc"}])),
    ]);
    body.extend(includes.map(|includes| ("includes".to_owned(), includes.into())));
    Ok(module.call("list_projects", "list", body).answers())
}

/// The page in `{"data":[…],"meta":{…}}`, which the `nth` exchange answered.
pub(crate) fn answered(module: Module, request: &Request, nth: u32, body: &Value) -> Result<Step, Error> {
    let page = Page::of(request)?;
    let projects = body.get("data").and_then(Value::as_array).filter(|projects| projects.iter().all(Value::is_object));
    let projects = projects.ok_or_else(|| Error::Unreadable("its `data` holds no list of projects".to_owned()))?;
    let item =
        |(index, native)| Item { body: project::unified(module, native, None), native: Some((nth, format!("/data/{index}"))), etag: None };
    let next_cursor = more(page, projects.len(), body).then(|| page.cursor(page.number + 1));
    let prev_cursor = (page.number > 1).then(|| page.cursor(page.number - 1));
    Ok(Step::Finish(Answer::Page { items: projects.iter().enumerate().map(item).collect(), next_cursor, prev_cursor }, Vec::new()))
}

/// Whether there is another page: by the number of matches where it is told, else
/// because this one is full.
fn more(page: Page, here: usize, body: &Value) -> bool {
    let count = |pointer: &str| {
        let value = body.pointer(pointer)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    let here = u64::try_from(here).unwrap_or(u64::MAX);
    let size = count("/meta/page/size").filter(|size| *size > 0).unwrap_or(page.size);
    match count("/meta/matches") {
        _ if here == 0 => false,
        Some(matches) => page.number.saturating_mul(size) < matches,
        None => here >= size,
    }
}
