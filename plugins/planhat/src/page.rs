//! The pages of a list: Planhat counts them by `limit` and `offset`
//! (<https://www.planhat.com/developers/api/project>).

use patchboard_sdk::{Error, Request};

use crate::collection::Collection;

/// How many objects a page has where the caller does not say; Planhat's own default.
const DEFAULT_SIZE: u64 = 100;

/// A page: the objects from an offset on. Its cursor holds the size too, so that every
/// page of a list has the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) offset: u64,
    pub(crate) size: u64,
}

impl Page {
    /// The page that a request asks for. The size in a cursor wins over a limit.
    pub(crate) fn of(collection: Collection, request: &Request) -> Result<Self, Error> {
        let largest = collection.largest_page();
        match request.param("next_cursor").filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => {
                let page = Self::read(cursor).filter(|page| (1..=largest).contains(&page.size));
                page.ok_or_else(|| Error::field("?next_cursor", "is not one that a list of Planhat's has answered"))
            }
            None => {
                // A number too long to be read is larger than any page.
                let size = request.param("limit").map_or(DEFAULT_SIZE, |limit| limit.parse().unwrap_or(largest));
                Ok(Self { offset: 0, size: size.clamp(1, largest) })
            }
        }
    }

    fn read(cursor: &str) -> Option<Self> {
        let (offset, size) = cursor.split_once(':')?;
        Some(Self { offset: offset.parse().ok()?, size: size.parse().ok()? })
    }

    /// The cursor of the page after this one, which had so many objects. A page that is
    /// not full is the last.
    pub(crate) fn next(self, objects: usize) -> Option<String> {
        let objects = u64::try_from(objects).unwrap_or(u64::MAX);
        (objects >= self.size).then(|| Self { offset: self.offset.saturating_add(objects), ..self }.cursor())
    }

    /// The cursor of the page before this one.
    pub(crate) fn previous(self) -> Option<String> {
        (self.offset > 0).then(|| Self { offset: self.offset.saturating_sub(self.size), ..self }.cursor())
    }

    fn cursor(self) -> String {
        format!("{}:{}", self.offset, self.size)
    }
}
