//! Pages of a list. Polyteia wants `page` and `size` with every one.

use patchboard_sdk::{Error, Request};

/// The most workspaces on one page. Polyteia has no default, so it is ours as well.
const MOST: u64 = 100;

/// A page of the list, as Polyteia counts them: from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// Which page.
    pub(crate) number: u64,
    /// How many workspaces each page has.
    pub(crate) size: u64,
}

impl Page {
    /// The page that is asked for. A cursor is `page:size`; its size wins over a limit
    /// given again, because pages of different sizes begin at different places.
    pub(crate) fn asked(request: &Request) -> Result<Self, Error> {
        match request.param("next_cursor") {
            Some(cursor) => Self::at(cursor).ok_or_else(|| Error::field("?next_cursor", "is no cursor of this list")),
            // Digits alone reach here: what does not fit is more than the most.
            None => Ok(Self { number: 1, size: request.param("limit").map_or(MOST, |limit| limit.parse().unwrap_or(MOST).clamp(1, MOST)) }),
        }
    }

    fn at(cursor: &str) -> Option<Self> {
        let (number, size) = cursor.split_once(':')?;
        let page = Self { number: number.parse().ok()?, size: size.parse().ok()? };
        (page.number > 0 && (1..=MOST).contains(&page.size)).then_some(page)
    }

    /// The cursor of the page after this one. Without a total, a full page may have one.
    pub(crate) fn next(self, total: Option<u64>, items: usize) -> Option<String> {
        let more = match total {
            Some(total) => self.number.saturating_mul(self.size) < total,
            None => u64::try_from(items).is_ok_and(|items| items >= self.size),
        };
        more.then(|| format!("{}:{}", self.number.saturating_add(1), self.size))
    }

    /// The cursor of the page before this one.
    pub(crate) fn prev(self) -> Option<String> {
        (self.number > 1).then(|| format!("{}:{}", self.number.saturating_sub(1), self.size))
    }
}
