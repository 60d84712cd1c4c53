//! Paths.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as one segment of a path, whatever characters it holds.
#[must_use]
pub fn segment(text: &str) -> impl Display + '_ {
    utf8_percent_encode(text, SEGMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_one_segment() {
        assert_eq!(segment("MQAAAAEQ_HoD-1.~").to_string(), "MQAAAAEQ_HoD-1.~");
        assert_eq!(segment("a/b?c#d%e é").to_string(), "a%2Fb%3Fc%23d%25e%20%C3%A9");
    }
}
