//! Pages: a number and a size, and a `Link` header that says whether there is a next
//! one (<https://developer.capsulecrm.com/v2/overview/reading-from-the-api>).

use patchboard_sdk::page::{By, Page, Paging};
use patchboard_sdk::{Exchange, Response};

pub(crate) const PAGES: Paging = Paging { by: By::Number, usual: 50, most: 100 };

pub(crate) fn ask(page: Page, exchange: Exchange) -> Exchange {
    exchange.query("page", page.place().to_string()).query("perPage", page.size().to_string())
}

/// Whether `Link: <…>; rel="next"` is there. The URL may hold commas and semicolons.
pub(crate) fn has_next(response: &Response) -> bool {
    let links = response.headers.iter().filter(|(name, _)| name == "link");
    let parameters = links.flat_map(|(_, value)| value.split('<')).filter_map(|link| link.split_once('>')).map(|(_, rest)| rest);
    parameters.flat_map(|rest| rest.split([';', ','])).any(|parameter| matches!(parameter.trim(), "rel=\"next\"" | "rel=next"))
}
