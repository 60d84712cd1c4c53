//! What was asked for and not done, as the header `Patchboard-Warnings`: a
//! structured-field list (RFC 9651), one item per field.

use http::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sfv::{BareItem, Item, Key, List, ListEntry};

/// The header's name.
pub const HEADER: HeaderName = HeaderName::from_static("patchboard-warnings");

/// How many items the header lists; the rest is counted. Servers and clients
/// refuse headers of more than some kilobytes.
const MAX_ITEMS: usize = 50;
/// How many characters of a name are shown.
const MAX_NAME: usize = 100;

/// A structured-field string holds printable ASCII only.
const NOT_PRINTABLE: &AsciiSet = &CONTROLS.add(b'%');

/// One thing not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The field as a JSON pointer (`/description`), or a parameter (`?limit`).
    pub path: String,
    /// A token: `unsupported`, `unknown`, `read_back_failed`.
    pub reason: String,
    /// For a person.
    pub message: Option<String>,
}

impl Warning {
    /// A warning without a message.
    #[must_use]
    pub fn new(path: impl Into<String>, reason: &str) -> Self {
        Self { path: path.into(), reason: reason.to_owned(), message: None }
    }

    /// The name that the header shows: `description`, `custom_fields/a`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.strip_prefix('/').unwrap_or(&self.path)
    }
}

/// The header's value; none where there is nothing to say.
#[must_use]
pub fn header(warnings: &[Warning]) -> Option<HeaderValue> {
    let mut list: List = Vec::new();
    for warning in warnings.iter().take(MAX_ITEMS) {
        let mut params = vec![("reason", warning.reason.clone())];
        params.extend(warning.message.clone().map(|message| ("message", message)));
        list.extend(item(warning.name(), &params));
    }
    if let Some(more) = warnings.len().checked_sub(MAX_ITEMS).filter(|more| *more > 0) {
        list.extend(item("*", &[("reason", "more".to_owned()), ("count", more.to_string())]));
    }
    use sfv::FieldType as _;
    HeaderValue::from_str(&list.serialize()?).ok()
}

fn item(name: &str, params: &[(&str, String)]) -> Option<ListEntry> {
    let mut item = Item::new(string(name)?);
    for (key, value) in params {
        let key = Key::from_string((*key).to_owned()).ok()?;
        item.params.insert(key, token_or_string(value)?);
    }
    Some(ListEntry::Item(item))
}

fn token_or_string(value: &str) -> Option<BareItem> {
    match sfv::Token::from_string(value.to_owned()) {
        Ok(token) => Some(BareItem::Token(token)),
        Err(_) => string(value),
    }
}

fn string(text: &str) -> Option<BareItem> {
    let short: String = text.chars().take(MAX_NAME).collect();
    let printable = utf8_percent_encode(&short, NOT_PRINTABLE).to_string();
    sfv::String::from_string(printable).ok().map(BareItem::String)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_item_stands_for_each_field() {
        let warnings = [Warning::new("/description", "unsupported"), Warning::new("?foo", "unknown")];
        assert_eq!(header(&warnings).unwrap(), r#""description";reason=unsupported, "?foo";reason=unknown"#);
        assert_eq!(header(&[]), None);
    }

    #[test]
    fn a_name_of_any_characters_fits_into_a_header() {
        let value = header(&[Warning::new("/na\"me\r\n\u{e9}", "unknown")]).unwrap();
        assert_eq!(value, r#""na\"me%0D%0A%C3%A9";reason=unknown"#);
    }

    #[test]
    fn a_flood_is_counted_instead_of_listed() {
        let warnings: Vec<_> = (0..10_000).map(|n| Warning::new(format!("/f{n}"), "unknown")).collect();
        let value = header(&warnings).unwrap();
        assert!(
            value.to_str().unwrap().ends_with(r#", "*";reason=more;count=9950"#)
                || value.to_str().unwrap().ends_with(r#", "*";reason=more;count="9950""#)
        );
        assert!(value.len() < 2_000);
    }
}
