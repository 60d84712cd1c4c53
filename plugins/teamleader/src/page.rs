//! Lists, page by page.

use patchboard_sdk::page::{By, Page, Paging};
use patchboard_sdk::value::number;
use patchboard_sdk::{Answer, Error, Exchange, Item, Request, Step};
use serde_json::{Map, Value, json};

use crate::module::Module;
use crate::project;

/// Twenty is Teamleader's own, where nothing is asked for. It documents no maximum.
const PAGES: Paging = Paging { by: By::Number, usual: 20, most: 100 };

fn asked(request: &Request) -> Result<Page, Error> {
    PAGES.asked(request).map_err(|_| Error::field("?next_cursor", "is not a cursor of this list"))
}

/// The call for a page. Oldest first, so that a project made meanwhile comes at the end
/// and moves none from one page to the next.
pub(crate) fn exchange(module: Module, request: &Request) -> Result<Exchange, Error> {
    let page = asked(request)?;
    let (field, includes) = match module {
        Module::V2 => ("project_key", Some("custom_fields,pagination")),
        Module::Legacy => ("created_at", None),
    };
    let mut body = Map::from_iter([
        ("page".to_owned(), json!({"size": page.size(), "number": page.place()})),
        ("sort".to_owned(), json!([{"field": field, "order": "asc"}])),
    ]);
    body.extend(includes.map(|includes| ("includes".to_owned(), includes.into())));
    Ok(module.call("list_projects", "list", body).answers())
}

/// The page in `{"data":[…],"meta":{…}}`, which the `nth` exchange answered.
pub(crate) fn answered(module: Module, request: &Request, nth: u32, body: &Value) -> Result<Step, Error> {
    let page = asked(request)?;
    let projects = body.get("data").and_then(Value::as_array).filter(|projects| projects.iter().all(Value::is_object));
    let projects = projects.ok_or_else(|| Error::Unreadable("its `data` holds no list of projects".to_owned()))?;
    let item =
        |(index, native)| Item { body: project::unified(module, native, None), native: Some((nth, format!("/data/{index}"))), etag: None };
    let next_cursor = more(page, projects.len(), body).then(|| page.next());
    Ok(Answer::Page { items: projects.iter().enumerate().map(item).collect(), next_cursor, prev_cursor: page.previous() }.into())
}

/// Whether there is another page: by the number of matches where it is told, else
/// because this one is full.
fn more(page: Page, here: usize, body: &Value) -> bool {
    let count = |pointer: &str| body.pointer(pointer).and_then(number)?.as_u64();
    let here = u64::try_from(here).unwrap_or(u64::MAX);
    let size = count("/meta/page/size").filter(|size| *size > 0).unwrap_or(page.size());
    match count("/meta/matches") {
        _ if here == 0 => false,
        Some(matches) => page.place().saturating_mul(size) < matches,
        None => here >= size,
    }
}
