//! Segments of a path, and of a JSON pointer.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as one segment of a path, whatever characters it holds.
#[must_use]
pub fn segment(text: &str) -> impl Display + '_ {
    utf8_percent_encode(text, SEGMENT)
}

/// The JSON pointer to a member of what stands at `parent`, whatever characters its name
/// holds (RFC 6901): for the path of an error in a field that the caller has named.
#[must_use]
pub fn pointer(parent: &str, name: &str) -> String {
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_one_segment() {
        assert_eq!(segment("MQAAAAEQ_HoD-1.~").to_string(), "MQAAAAEQ_HoD-1.~");
        assert_eq!(segment("a/b?c#d%e é").to_string(), "a%2Fb%3Fc%23d%25e%20%C3%A9");
    }
    #[test]
    fn a_name_stays_one_member() {
        assert_eq!(pointer("/custom_fields", "Tier"), "/custom_fields/Tier");
        assert_eq!(pointer("/custom_fields", "a/b~c"), "/custom_fields/a~1b~0c");
        assert_eq!(pointer("", "~1"), "/~01");
    }
}
