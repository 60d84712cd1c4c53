//! The link to the next page. Only its cursor is kept: where requests go is the
//! account's to say, not an answer's.

use patchboard_sdk::link::{Plus, parameters, query};

/// The value of `$next` in a link's query; none where it has no such value.
/// Cursors are of base64, which has plus signs and no spaces.
pub(crate) fn cursor(link: &str) -> Option<String> {
    let mut parameters = parameters(query(link)?, Plus::Plus).flatten();
    parameters.find(|(name, _)| name == "$next").map(|(_, cursor)| cursor).filter(|cursor| !cursor.is_empty())
}

#[cfg(test)]
mod tests {
    use super::cursor;

    #[test]
    fn a_link_gives_its_cursor_alone() {
        for (link, expected) in [
            ("https://api.app.wdesk.com/organizations/o/workspaces?$next=JTI0bGltaXQ9MTAw", Some("JTI0bGltaXQ9MTAw")),
            ("https://elsewhere.example/x?%24maxpagesize=10&%24next=a%2Bb%2f%3D%3D#end", Some("a+b/==")),
            ("/organizations/o/workspaces?$next=a+b=c", Some("a+b=c")),
            ("?$next=%C3%A9", Some("é")),
            ("https://api.app.wdesk.com/organizations/o/workspaces", None),
            ("https://api.app.wdesk.com/x?$nextt=a&next=b", None),
            ("?$next=", None),
            ("?$next", None),
            ("?$next=%2", None),
            ("?$next=%zz", None),
            ("?$next=%FF", None),
            ("JTI0bGltaXQ9MTAw", None),
        ] {
            assert_eq!(cursor(link).as_deref(), expected, "{link}");
        }
    }
}
