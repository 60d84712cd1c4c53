//! Pages: a number and a size, and a `Link` header that says whether there is a next
//! one (<https://developer.capsulecrm.com/v2/overview/reading-from-the-api>).

use patchboard_sdk::{Error, Exchange, Request, Response};

/// The most that a page can hold.
pub(crate) const MOST: u32 = 100;
const USUAL: u32 = 50;

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    number: u32,
    size: u32,
}

impl Page {
    /// The page that a request asks for. A cursor carries the size that its list was
    /// begun with, since page 2 of another size is another page 2.
    pub(crate) fn of(request: &Request) -> Result<Self, Error> {
        match request.param("next_cursor").filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => Self::read(cursor).ok_or_else(|| Error::field("?next_cursor", "is no cursor of this list")),
            None => Ok(Self { number: 1, size: size(request) }),
        }
    }

    fn read(cursor: &str) -> Option<Self> {
        let (number, size) = cursor.split_once(':')?;
        let page = Self { number: number.parse().ok()?, size: size.parse().ok()? };
        (page.number > 0 && (1..=MOST).contains(&page.size)).then_some(page)
    }

    /// The largest possible page.
    pub(crate) fn large(number: u32) -> Self {
        Self { number, size: MOST }
    }

    pub(crate) fn ask(self, exchange: Exchange) -> Exchange {
        exchange.query("page", self.number.to_string()).query("perPage", self.size.to_string())
    }

    pub(crate) fn next(self, response: &Response) -> Option<String> {
        has_next(response).then(|| self.cursor(self.number.saturating_add(1)))
    }

    pub(crate) fn previous(self) -> Option<String> {
        self.number.checked_sub(1).filter(|number| *number > 0).map(|number| self.cursor(number))
    }

    fn cursor(self, number: u32) -> String {
        format!("{number}:{}", self.size)
    }
}

/// `limit` is a positive whole number; one that is out of bounds is the most.
fn size(request: &Request) -> u32 {
    request.param("limit").map_or(USUAL, |limit| limit.parse().unwrap_or(MOST).clamp(1, MOST))
}

/// Whether `Link: <…>; rel="next"` is there. The URL may hold commas and semicolons.
pub(crate) fn has_next(response: &Response) -> bool {
    let links = response.headers.iter().filter(|(name, _)| name == "link");
    let parameters = links.flat_map(|(_, value)| value.split('<')).filter_map(|link| link.split_once('>')).map(|(_, rest)| rest);
    parameters.flat_map(|rest| rest.split([';', ','])).any(|parameter| matches!(parameter.trim(), "rel=\"next\"" | "rel=next"))
}
