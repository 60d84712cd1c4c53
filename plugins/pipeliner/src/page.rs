//! The pages of a list: Pipeliner has cursors of its own
//! (<https://developers.pipelinersales.com/api-docs/core-api-concepts/pagination>).

use patchboard_sdk::{Error, Exchange, Request};
use serde_json::Value;

/// How many projects a page has where the caller does not say; Pipeliner's own default.
const DEFAULT_SIZE: u64 = 30;
/// How many it may have.
const LARGEST_SIZE: u64 = 100;

/// A page. Its cursor holds the size too, so that every page of a list has the same:
/// `after:30:WyIw…`, where what Pipeliner answered stands last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    size: u64,
    start: Start,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Start {
    Beginning,
    After(String),
    Before(String),
}

impl Page {
    /// The page that a request asks for. The size in a cursor wins over a limit.
    pub(crate) fn of(request: &Request) -> Result<Self, Error> {
        match request.cursor() {
            Some(cursor) => {
                Self::read(cursor).ok_or_else(|| Error::field("?next_cursor", "is not one that a list of Pipeliner's has answered"))
            }
            None => Ok(Self { size: request.limit(LARGEST_SIZE).unwrap_or(DEFAULT_SIZE), start: Start::Beginning }),
        }
    }

    fn read(cursor: &str) -> Option<Self> {
        let (direction, rest) = cursor.split_once(':')?;
        let (size, native) = rest.split_once(':')?;
        let size = size.parse().ok().filter(|size| (1..=LARGEST_SIZE).contains(size))?;
        let native = Some(native.to_owned()).filter(|native| !native.is_empty())?;
        let start = match direction {
            "after" => Start::After(native),
            "before" => Start::Before(native),
            _ => return None,
        };
        Some(Self { size, start })
    }

    /// The query of the page. Backwards, `last` counts: with `first` it would be the
    /// beginning of the list.
    pub(crate) fn ask(&self, exchange: Exchange) -> Exchange {
        let size = self.size.to_string();
        match &self.start {
            Start::Beginning => exchange.query("first", size),
            Start::After(cursor) => exchange.query("first", size).query("after", cursor),
            Start::Before(cursor) => exchange.query("last", size).query("before", cursor),
        }
    }

    /// The cursors of the pages after and before this one, out of Pipeliner's
    /// `page_info`. It is missing where `remote_query` has asked for another paging.
    pub(crate) fn neighbours(&self, body: &Value) -> Result<(Option<String>, Option<String>), Error> {
        let next = neighbour(body, "has_next_page", "end_cursor")?;
        let previous = neighbour(body, "has_previous_page", "start_cursor")?;
        let size = self.size;
        Ok((next.map(|cursor| format!("after:{size}:{cursor}")), previous.map(|cursor| format!("before:{size}:{cursor}"))))
    }
}

/// A page that is there and cannot be asked for must not look like the end of the list.
fn neighbour<'a>(body: &'a Value, flag: &str, cursor: &str) -> Result<Option<&'a str>, Error> {
    let info = |name: &str| body.get("page_info").and_then(|info| info.get(name));
    if info(flag).and_then(Value::as_bool) != Some(true) {
        return Ok(None);
    }
    let cursor = info(cursor).and_then(Value::as_str).filter(|cursor| !cursor.is_empty());
    cursor.map(Some).ok_or_else(|| Error::Unreadable(format!("its `page_info` has {flag} and no cursor")))
}
