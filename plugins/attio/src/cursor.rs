//! Pages: Attio takes a limit and an offset
//! (<https://docs.attio.com/rest-api/guides/pagination>).

use patchboard_sdk::{Error, Request};

/// Attio's default, the only page size its reference names.
const MAX_PAGE: usize = 500;

/// Which records a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

impl Page {
    /// The page that is asked for. The size of the first page is that of all that follow:
    /// a cursor is `offset:size`.
    pub(crate) fn of(request: &Request) -> Result<Self, Error> {
        if let Some(cursor) = request.param("next_cursor").filter(|cursor| !cursor.is_empty()) {
            return Self::parse(cursor).ok_or_else(|| Error::field("?next_cursor", "is no cursor of this list"));
        }
        let limit = request.param("limit").map_or(MAX_PAGE, |limit| limit.parse().unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE));
        Ok(Self { offset: 0, limit })
    }

    fn parse(cursor: &str) -> Option<Self> {
        let (offset, limit) = cursor.split_once(':')?;
        let page = Self { offset: offset.parse().ok()?, limit: limit.parse().ok()? };
        Some(page).filter(|page| (1..=MAX_PAGE).contains(&page.limit))
    }

    /// Attio says neither how many records there are nor whether more follow: the last
    /// page is one that is not full.
    pub(crate) fn next(self, found: usize) -> Option<String> {
        let offset = self.offset.checked_add(self.limit)?;
        (found >= self.limit).then(|| format!("{offset}:{}", self.limit))
    }

    /// The page before.
    pub(crate) fn prev(self) -> Option<String> {
        (self.offset > 0).then(|| format!("{}:{}", self.offset.saturating_sub(self.limit), self.limit))
    }
}
