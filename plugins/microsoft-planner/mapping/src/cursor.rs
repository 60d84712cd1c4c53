//! Pages. A cursor is the query of Graph's link to the next page; the link's host and
//! path are not followed, so a cursor leads nowhere else than the first page did.
//!
//! <https://learn.microsoft.com/en-us/graph/paging>

use patchboard_sdk::Error;
use patchboard_sdk::link::{self, Plus};

/// More parameters than any link of Graph's has.
const MAX_PARAMETERS: usize = 64;

/// The cursor in an `@odata.nextLink`.
pub(crate) fn of_link(link: &str) -> Result<String, Error> {
    let query = link::query(link).filter(|query| parameters(query).is_some());
    query.map(str::to_owned).ok_or_else(|| Error::Unreadable("its `@odata.nextLink` leads to no page".to_owned()))
}

/// The query parameters that a cursor holds, decoded; none where it is no cursor.
pub(crate) fn parameters(cursor: &str) -> Option<Vec<(String, String)>> {
    let parameters: Option<Vec<_>> = link::parameters(cursor, Plus::Space).collect();
    parameters.filter(|parameters| (1..=MAX_PARAMETERS).contains(&parameters.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_its_query_and_nothing_else() {
        for (link, cursor) in [
            ("https://graph.microsoft.com/v1.0/me/planner/plans?$skiptoken=X%27445%2B%3D%27", "$skiptoken=X%27445%2B%3D%27"),
            ("https://evil.example/x?%24top=5&%24skiptoken=a?b#c", "%24top=5&%24skiptoken=a?b"),
            ("?$skip=20", "$skip=20"),
        ] {
            assert_eq!(of_link(link), Ok(cursor.to_owned()), "{link}");
        }
        for link in
            ["", "https://graph.microsoft.com/v1.0/me/planner/plans", "https://graph.microsoft.com/?", "/a?=1", "/a?b=%", "/a?b=%ff"]
        {
            assert!(matches!(of_link(link), Err(Error::Unreadable(_))), "{link}");
        }
    }

    #[test]
    fn a_cursor_is_decoded_once() {
        let pairs = |cursor: &str| parameters(cursor).unwrap();
        assert_eq!(pairs("%24skiptoken=X%2527%2B%3d==&&$top=5&flag").len(), 3);
        assert_eq!(pairs("%24skiptoken=X%2527%2B%3d==")[0], ("$skiptoken".to_owned(), "X%27+===".to_owned()));
        assert_eq!(pairs("a=b+c%20d%C3%A9")[0].1, "b c dé");
        assert_eq!(parameters(&vec!["a=b"; 65].join("&")), None);
    }
}
