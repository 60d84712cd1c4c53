//! The link to the next page. Only its cursor is kept: where requests go is the
//! account's to say, not an answer's.

/// The value of `$next` in a link's query; none where it has no such value.
pub(crate) fn cursor(link: &str) -> Option<String> {
    let link = link.split('#').next()?;
    let (_, query) = link.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| decoded(name).as_deref() == Some("$next"))?;
    decoded(value).filter(|cursor| !cursor.is_empty())
}

/// Without its percent-encoding. A plus sign stays one: cursors are of base64, which has
/// plus signs and no spaces.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' { hex(rest.next()?)? << 4 | hex(rest.next()?)? } else { byte });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
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
