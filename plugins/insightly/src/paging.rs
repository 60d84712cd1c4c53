//! Pages: `skip` and `top` (<https://api.na1.insightly.com/v3.1/>).

use patchboard_sdk::{Error, Exchange, Request};

/// The most that a page can hold.
const MOST: u64 = 500;
/// What is asked for where nothing is said: Insightly's own number is not documented.
const USUAL: u64 = 100;

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    skip: u64,
    top: u64,
}

impl Page {
    /// The page that a request asks for. A cursor carries the size of its list's pages.
    pub(crate) fn of(request: &Request) -> Result<Self, Error> {
        match request.param("next_cursor").filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => Self::read(cursor).ok_or_else(|| Error::field("?next_cursor", "is no cursor of this list")),
            None => Ok(Self { skip: 0, top: request.param("limit").map_or(USUAL, |limit| limit.parse().unwrap_or(MOST).clamp(1, MOST)) }),
        }
    }

    fn read(cursor: &str) -> Option<Self> {
        let (skip, top) = cursor.split_once(':')?;
        let page = Self { skip: skip.parse().ok()?, top: top.parse().ok()? };
        (1..=MOST).contains(&page.top).then_some(page)
    }

    pub(crate) fn ask(self, exchange: Exchange) -> Exchange {
        exchange.query("skip", self.skip.to_string()).query("top", self.top.to_string())
    }

    /// Insightly does not say whether there is more: a page that is not full is the last.
    pub(crate) fn next(self, count: usize) -> Option<String> {
        let full = u64::try_from(count).is_ok_and(|count| count >= self.top);
        full.then(|| self.cursor(self.skip.saturating_add(self.top)))
    }

    pub(crate) fn previous(self) -> Option<String> {
        (self.skip > 0).then(|| self.cursor(self.skip.saturating_sub(self.top)))
    }

    fn cursor(self, skip: u64) -> String {
        format!("{skip}:{}", self.top)
    }
}
