//! The one exchange that everything is measured with, on paper: a Wrike space gets a name
//! and a description.

/// The space of the sandbox.
pub const SPACE: &str = "MQAAAAEQ_HoD";
/// The unified change.
pub const CHANGE: &str = include_str!("../exchange/change.json");
/// The same as Wrike's form.
pub const FORM: &str = include_str!("../exchange/change.form");
/// What Wrike answers.
pub const NATIVE: &str = include_str!("../exchange/native.json");
/// The unified object.
pub const UNIFIED: &str = include_str!("../exchange/unified.json");

/// The headers of Wrike's answer, as the sandbox writes them.
pub const NATIVE_HEADERS: [(&str, &str); 4] = [
    ("content-type", "application/json"),
    ("wrike-response-id", "55a56f8c-db66-4d37-bfe2-73a7c15ad767"),
    ("content-length", "401"),
    ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
];

/// [`NATIVE_HEADERS`], as a mapping gets them.
#[must_use]
pub fn native_headers() -> Vec<(String, String)> {
    NATIVE_HEADERS.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_files_tell_of_one_exchange() {
        let [change, native, unified] = [CHANGE, NATIVE, UNIFIED].map(|text| serde_json::from_str::<Value>(text).unwrap());
        assert_eq!((&unified["name"], &unified["description"]), (&change["name"], &change["description"]));
        assert_eq!(unified["remote_data"], native["data"][0]);
        assert_eq!(NATIVE_HEADERS[2].1, NATIVE.trim_end().len().to_string());
    }
}
