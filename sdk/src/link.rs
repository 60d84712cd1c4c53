//! Links to the next page. A plugin makes its cursor of what stands in a link's query:
//! where requests go is the account's to say, not an answer's.

use percent_encoding::percent_decode_str;

/// What a plus sign means in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plus {
    /// Itself, as in a query by RFC 3986, where tokens of base64 hold it.
    Plus,
    /// A space, as in an HTML form.
    Space,
}

/// The query of a link as it is written: what stands after the `?`, without the fragment.
#[must_use]
pub fn query(link: &str) -> Option<&str> {
    let (link, _) = link.split_once('#').unwrap_or((link, ""));
    link.split_once('?').map(|(_, query)| query)
}

/// The names and values of a query, decoded and in order. A parameter without `=` has an
/// empty value; one that cannot be decoded, or has no name, is `None`.
pub fn parameters(query: &str, plus: Plus) -> impl Iterator<Item = Option<(String, String)>> {
    let written = query.split('&').filter(|parameter| !parameter.is_empty());
    written.map(move |parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name = decoded(name, plus).filter(|name| !name.is_empty())?;
        Some((name, decoded(value, plus)?))
    })
}

/// Without its percent-encoding, which must be whole and of UTF-8.
fn decoded(text: &str, plus: Plus) -> Option<String> {
    let whole = |rest: &str| rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    if !text.split('%').skip(1).all(whole) {
        return None;
    }
    let text = if plus == Plus::Space { text.replace('+', " ") } else { text.to_owned() };
    percent_decode_str(&text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_ends_where_the_fragment_begins() {
        for (link, expected) in [
            ("https://api.example/v1/plans?$skiptoken=X%27445", Some("$skiptoken=X%27445")),
            ("https://api.example/x?a=b?c#d?e", Some("a=b?c")),
            ("?$skip=20", Some("$skip=20")),
            ("https://api.example/?", Some("")),
            ("https://api.example/x#a?b", None),
            ("https://api.example/x", None),
            ("", None),
        ] {
            assert_eq!(query(link), expected, "{link}");
        }
    }

    #[test]
    fn parameters_are_decoded_once_and_in_order() {
        let read = |query| parameters(query, Plus::Plus).collect::<Option<Vec<_>>>().unwrap();
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Vec<_>>();
        assert_eq!(read("%24skiptoken=X%2527%2B%3d=="), pairs(&[("$skiptoken", "X%27+===")]));
        assert_eq!(read("&b=%C3%A9&&a=1&flag&b=2"), pairs(&[("b", "é"), ("a", "1"), ("flag", ""), ("b", "2")]));
        assert_eq!(read(""), pairs(&[]));
    }

    #[test]
    fn a_plus_is_what_the_provider_means_by_it() {
        for (plus, value) in [(Plus::Plus, "a+b+c d"), (Plus::Space, "a b+c d")] {
            let read: Vec<_> = parameters("x=a+b%2Bc%20d", plus).flatten().collect();
            assert_eq!(read, [("x".to_owned(), value.to_owned())]);
        }
    }

    #[test]
    fn what_cannot_be_decoded_costs_its_own_parameter_alone() {
        for broken in ["a=%", "a=%2", "a=%zz", "a=%2é", "a=%ff", "%zz=1", "=x", "a=%+1"] {
            for plus in [Plus::Plus, Plus::Space] {
                let read: Vec<_> = parameters(&format!("{broken}&b=1"), plus).collect();
                assert_eq!(read, [None, Some(("b".to_owned(), "1".to_owned()))], "{broken}");
            }
        }
    }
}
