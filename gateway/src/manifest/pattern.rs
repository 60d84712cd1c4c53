//! The patterns of a manifest: hosts, paths of native calls, values of settings.

use percent_encoding::percent_decode_str;
use regex_lite::Regex;
use serde::Deserialize;

use crate::contract::Pair;

/// A host name, or `*.name` for every name below it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct HostPattern(String);

impl From<String> for HostPattern {
    fn from(text: String) -> Self {
        Self(text.to_ascii_lowercase())
    }
}

impl HostPattern {
    /// Whether a host name, in lower case, fits.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        match self.0.strip_prefix('*') {
            Some(suffix) => host.strip_suffix(suffix).is_some_and(|label| !label.is_empty()),
            None => self.0 == host,
        }
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the whole value of a setting must match.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct SettingPattern {
    written: String,
    regex: Regex,
}

impl TryFrom<String> for SettingPattern {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let regex = Regex::new(&format!("^(?:{written})$")).map_err(|e| format!("the regular expression {written:?}: {e}"))?;
        Ok(Self { written, regex })
    }
}

impl SettingPattern {
    /// Whether a value fits.
    #[must_use]
    pub fn matches(&self, value: &str) -> bool {
        self.regex.is_match(value)
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }
}

/// The path of a native call: `/spaces/{id}`. A `{name}` stands for one segment; where
/// a setting has that name, for exactly its value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct PathPattern {
    written: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Text(String),
    Named(String),
}

impl From<String> for PathPattern {
    fn from(written: String) -> Self {
        let segment = |text: &str| match text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
            Some(name) => Segment::Named(name.to_owned()),
            None => Segment::Text(text.to_owned()),
        };
        let segments = written.split('/').map(segment).collect();
        Self { written, segments }
    }
}

impl PathPattern {
    /// Whether an encoded path fits.
    #[must_use]
    pub fn matches(&self, path: &str, settings: &[Pair]) -> bool {
        let mut given = path.split('/');
        let fits = self.segments.iter().all(|wanted| given.next().is_some_and(|segment| wanted.matches(segment, settings)));
        fits && given.next().is_none()
    }

    /// The names in braces.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Named(name) => Some(name.as_str()),
            Segment::Text(_) => None,
        })
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }
}

impl Segment {
    fn matches(&self, given: &str, settings: &[Pair]) -> bool {
        match self {
            Self::Text(text) => text == given,
            Self::Named(name) => {
                let decoded = percent_decode_str(given).decode_utf8();
                match settings.iter().find(|(n, _)| n == name) {
                    Some((_, value)) => decoded.is_ok_and(|decoded| decoded == value.as_str()),
                    None => !given.is_empty(),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_names_below() {
        let pattern = HostPattern::from("*.wrike.com".to_owned());
        for (host, fits) in [
            ("www.wrike.com", true),
            ("a.b.wrike.com", true),
            ("wrike.com", false),
            (".wrike.com", false),
            ("evilwrike.com", false),
            ("www.wrike.com.evil", false),
        ] {
            assert_eq!(pattern.matches(host), fits, "{host}");
        }
        assert!(HostPattern::from("a.example".to_owned()).matches("a.example"));
        assert!(!HostPattern::from("a.example".to_owned()).matches("b.a.example"));
    }

    #[test]
    fn a_name_in_a_path_stands_for_one_segment_and_a_settings_name_for_its_value() {
        let pattern = PathPattern::from("/organizations/{org}/workspaces/{id}".to_owned());
        let settings = [("org".to_owned(), "o 1".to_owned())];
        for (path, fits) in [
            ("/organizations/o%201/workspaces/x", true),
            ("/organizations/o%201/workspaces/a%2Fb", true),
            ("/organizations/o2/workspaces/x", false),
            ("/organizations/o%201/workspaces/", false),
            ("/organizations/o%201/workspaces/x/y", false),
            ("/organizations/o%201/workspaces", false),
        ] {
            assert_eq!(pattern.matches(path, &settings), fits, "{path}");
        }
        assert!(PathPattern::from(String::new()).matches("", &[]));
    }

    #[test]
    fn a_setting_must_match_as_a_whole() {
        let pattern = SettingPattern::try_from("a|b".to_owned()).unwrap();
        assert!(pattern.matches("a") && pattern.matches("b"));
        assert!(!pattern.matches("ab") && !pattern.matches("a\n"));
    }
}
