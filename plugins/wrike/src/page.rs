//! Pages over a list that Wrike answers whole: `GET /spaces` has no parameters for
//! pages, so every page asks for all of it and answers a part.

use patchboard_sdk::{Error, Request};

/// A part of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// How many spaces stand before it.
    pub(crate) offset: usize,
    /// How many it has at most; all, where no limit was given.
    size: Option<usize>,
}

impl Page {
    /// The part that is asked for. A cursor is `offset:size`; its size wins over a limit
    /// given again, so that all pages of a list have the same one.
    pub(crate) fn asked(request: &Request) -> Result<Self, Error> {
        match request.param("next_cursor") {
            Some(cursor) => Self::at(cursor).ok_or_else(|| Error::field("?next_cursor", "is no cursor of this list")),
            // Digits alone reach here: what does not fit is more than any list has.
            None => Ok(Self { offset: 0, size: request.param("limit").map(|limit| limit.parse().unwrap_or(usize::MAX).max(1)) }),
        }
    }

    fn at(cursor: &str) -> Option<Self> {
        let (offset, size) = cursor.split_once(':')?;
        let size = size.parse().ok().filter(|size| *size > 0)?;
        Some(Self { offset: offset.parse().ok()?, size: Some(size) })
    }

    /// How many spaces it has at most.
    pub(crate) fn size(self) -> usize {
        self.size.unwrap_or(usize::MAX)
    }

    /// The cursor of the page after this one, in a list of `total` spaces.
    pub(crate) fn next(self, total: usize) -> Option<String> {
        let size = self.size?;
        let next = self.offset.saturating_add(size);
        (next < total).then(|| format!("{next}:{size}"))
    }

    /// The cursor of the page before this one.
    pub(crate) fn prev(self) -> Option<String> {
        let size = self.size.filter(|_| self.offset > 0)?;
        Some(format!("{}:{size}", self.offset.saturating_sub(size)))
    }
}
