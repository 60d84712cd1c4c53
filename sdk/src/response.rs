//! A native answer.

use serde_json::Value;

use crate::Error;

/// As much of a plain text as a message takes; the caller gets the whole body too.
const WORDS: usize = 500;

/// A native answer, whole.
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Response {
    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where it is none.
    pub fn json(&self) -> Result<Value, Error> {
        serde_json::from_slice(&self.body).map_err(|e| Error::Unreadable(format!("its body is not JSON: {e}")))
    }

    /// What an error says that is no JSON, such as one of a proxy before the provider's
    /// API: the beginning of its plain text, or nothing where it is a page of HTML.
    #[must_use]
    pub fn plain_words(&self) -> String {
        let body = String::from_utf8_lossy(&self.body);
        let text = body.trim();
        if text.starts_with('<') { String::new() } else { text.chars().take(WORDS).collect() }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::response;

    #[test]
    fn a_plain_text_is_words_and_a_page_of_html_is_none() {
        for (body, words) in [(" Unauthorized\n", "Unauthorized"), ("", ""), (" \n", ""), ("\n<html>Bad gateway</html>", "")] {
            assert_eq!(response(502, body).plain_words(), words);
        }
        assert_eq!(response(502, "é".repeat(900)).plain_words(), "é".repeat(500));
    }
}
