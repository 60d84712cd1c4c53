//! Pages of a list whose cursors are `place:size`.
//!
//! The place is what the provider counts pages by. The size stands beside it because a
//! page of another size would begin elsewhere: all pages of a list have the size of the
//! first, and a limit that comes with a cursor says nothing.
//!
//! ```
//! use patchboard_sdk::page::{By, Paging};
//! # use patchboard_sdk::{Error, Exchange, Request};
//!
//! const PAGES: Paging = Paging { by: By::Offset, usual: 50, most: 200 };
//!
//! fn list(request: &Request) -> Result<Exchange, Error> {
//!     let page = PAGES.asked(request)?;
//!     Ok(Exchange::get("list_spaces", "/spaces").query("skip", page.place().to_string()).query("top", page.size().to_string()))
//! }
//! ```
//!
//! When the answer is there, `PAGES.asked(request)?` is the same page again, and
//! [`Page::next_of`], [`Page::next_after`] or [`Page::next`] and [`Page::previous`] are
//! its cursors.

use crate::{Error, Request};

/// How a provider cuts a list into pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// What pages are counted by.
    pub by: By,
    /// How many objects a page has where the caller gives no limit.
    pub usual: u64,
    /// How many objects a page may have; a limit above it means this many.
    pub most: u64,
}

/// What pages are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// How many objects stand before the page: 0, then 50, then 100.
    Offset,
    /// The page's number: 1, then 2, then 3.
    Number,
}

/// A page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    by: By,
    place: u64,
    size: u64,
}

impl Paging {
    /// The page that a request asks for with `next_cursor`, else with `limit`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a cursor that none of these pages has.
    pub fn asked(self, request: &Request) -> Result<Page, Error> {
        match request.cursor() {
            Some(cursor) => self.at(cursor).ok_or_else(|| Error::field("?next_cursor", "is no cursor of this list")),
            None => Ok(Page { by: self.by, place: self.by.first(), size: request.limit(self.most).unwrap_or(self.usual) }),
        }
    }

    /// The page at a place, as large as can be: for a list that a plugin reads whole.
    #[must_use]
    pub fn largest(self, place: u64) -> Page {
        Page { by: self.by, place, size: self.most }
    }

    fn at(self, cursor: &str) -> Option<Page> {
        let (place, size) = cursor.split_once(':')?;
        let page = Page { by: self.by, place: place.parse().ok()?, size: size.parse().ok()? };
        // What follows it must have a place as well.
        let placed = page.place >= self.by.first() && page.place.checked_add(page.size).is_some();
        (placed && (1..=self.most).contains(&page.size)).then_some(page)
    }
}

impl By {
    fn first(self) -> u64 {
        match self {
            Self::Offset => 0,
            Self::Number => 1,
        }
    }
}

impl Page {
    /// Where it is: by [`By::Offset`] how many objects stand before it, by [`By::Number`]
    /// its number.
    #[must_use]
    pub fn place(self) -> u64 {
        self.place
    }

    /// How many objects it has at most.
    #[must_use]
    pub fn size(self) -> u64 {
        self.size
    }

    /// The cursor of the page after it, for a provider that says whether there is one.
    #[must_use]
    pub fn next(self) -> String {
        self.next_from(self.size)
    }

    /// The cursor of the page after it, in a list of `total` objects.
    #[must_use]
    pub fn next_of(self, total: u64) -> Option<String> {
        let end = match self.by {
            By::Offset => self.place.saturating_add(self.size),
            By::Number => self.place.saturating_mul(self.size),
        };
        (end < total).then(|| self.next())
    }

    /// The cursor of the page after it, for a provider that says neither how many objects
    /// there are nor whether more follow: a page that is not full is the last. `count` is
    /// how many objects it has.
    #[must_use]
    pub fn next_after(self, count: usize) -> Option<String> {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        (count >= self.size).then(|| self.next_from(count))
    }

    /// The cursor of the page before it; the first has none.
    #[must_use]
    pub fn previous(self) -> Option<String> {
        let place = match self.by {
            By::Offset => self.place.saturating_sub(self.size),
            By::Number => self.place.saturating_sub(1),
        };
        (self.place > self.by.first()).then(|| self.cursor(place))
    }

    /// The cursor of what follows this many objects.
    fn next_from(self, count: u64) -> String {
        self.cursor(self.place.saturating_add(match self.by {
            By::Offset => count,
            By::Number => 1,
        }))
    }

    fn cursor(self, place: u64) -> String {
        format!("{place}:{}", self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Resource;

    const OFFSETS: Paging = Paging { by: By::Offset, usual: 20, most: 100 };
    const NUMBERS: Paging = Paging { by: By::Number, ..OFFSETS };
    const WHOLE: Paging = Paging { by: By::Offset, usual: u64::MAX, most: u64::MAX };

    fn asked(paging: Paging, params: &[(&str, &str)]) -> Result<(u64, u64), Error> {
        let page = paging.asked(&Resource::new("m", "r").list(params))?;
        Ok((page.place(), page.size()))
    }

    fn at(paging: Paging, cursor: &str) -> Page {
        paging.at(cursor).unwrap()
    }

    fn cursor(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_list_begins_with_its_first_page_of_the_size_that_is_asked_for() {
        for (limit, size) in [("1", 1), ("100", 100), ("101", 100), ("99999999999999999999999", 100), ("0", 1)] {
            assert_eq!(asked(OFFSETS, &[("limit", limit)]), Ok((0, size)), "{limit}");
            assert_eq!(asked(NUMBERS, &[("limit", limit), ("next_cursor", "")]), Ok((1, size)), "{limit}");
        }
        assert_eq!(asked(OFFSETS, &[]), Ok((0, 20)));
        assert_eq!(asked(NUMBERS, &[]), Ok((1, 20)));
        assert_eq!(asked(WHOLE, &[]), Ok((0, u64::MAX)));
    }

    #[test]
    fn the_size_in_a_cursor_wins_over_a_limit() {
        assert_eq!(asked(OFFSETS, &[("limit", "50"), ("next_cursor", "0:7")]), Ok((0, 7)));
        assert_eq!(asked(NUMBERS, &[("limit", "50"), ("next_cursor", "3:100")]), Ok((3, 100)));
    }

    #[test]
    fn a_cursor_that_no_page_has_is_refused() {
        let far = format!("{}:20", u64::MAX);
        for paging in [OFFSETS, NUMBERS] {
            for cursor in ["x", "1", ":", "1:", ":1", "1:0", "1:101", "-1:5", "1:2:3", " 1:2", "1.0:2", "99999999999999999999999:5", &far] {
                let refused = Error::field("?next_cursor", "is no cursor of this list");
                assert_eq!(asked(paging, &[("next_cursor", cursor)]), Err(refused), "{cursor}");
            }
        }
        assert!(asked(NUMBERS, &[("next_cursor", "0:5")]).is_err());
    }

    #[test]
    fn with_a_total_the_last_page_is_the_one_that_reaches_it() {
        assert_eq!(at(OFFSETS, "20:10").next_of(31), cursor("30:10"));
        assert_eq!(at(OFFSETS, "20:10").next_of(30), None);
        assert_eq!(at(OFFSETS, "80:10").next_of(30), None);
        assert_eq!(at(NUMBERS, "2:10").next_of(21), cursor("3:10"));
        assert_eq!(at(NUMBERS, "2:10").next_of(20), None);
        assert_eq!(WHOLE.largest(0).next_of(2500), None);
    }

    #[test]
    fn without_a_total_the_last_page_is_the_one_that_is_not_full() {
        assert_eq!(at(OFFSETS, "20:10").next_after(9), None);
        assert_eq!(at(OFFSETS, "20:10").next_after(10), cursor("30:10"));
        assert_eq!(at(NUMBERS, "2:10").next_after(9), None);
        assert_eq!(at(NUMBERS, "2:10").next_after(10), cursor("3:10"));
    }

    #[test]
    fn what_a_page_has_too_many_does_not_come_again() {
        assert_eq!(at(OFFSETS, "20:10").next_after(12), cursor("32:10"));
        assert_eq!(at(NUMBERS, "2:10").next_after(12), cursor("3:10"));
    }

    #[test]
    fn a_provider_that_says_so_has_a_next_page_whatever_this_one_holds() {
        assert_eq!(at(OFFSETS, "20:10").next(), "30:10");
        assert_eq!(NUMBERS.largest(2).next(), "3:100");
    }

    #[test]
    fn every_page_but_the_first_has_one_before_it() {
        assert_eq!(at(OFFSETS, "0:10").previous(), None);
        assert_eq!(at(OFFSETS, "4:10").previous(), cursor("0:10"));
        assert_eq!(at(OFFSETS, "20:10").previous(), cursor("10:10"));
        assert_eq!(at(NUMBERS, "1:10").previous(), None);
        assert_eq!(at(NUMBERS, "2:10").previous(), cursor("1:10"));
    }
}
