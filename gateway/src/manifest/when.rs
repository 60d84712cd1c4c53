//! A condition over an account's settings.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::contract::Pair;

/// Holds where each named setting has one of the values given for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct When(BTreeMap<String, OneOrMany>);

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn holds(&self, value: &str) -> bool {
        match self {
            Self::One(one) => one == value,
            Self::Many(many) => many.iter().any(|one| one == value),
        }
    }
}

impl When {
    /// Whether it holds for these settings.
    #[must_use]
    pub fn holds(&self, settings: &[Pair]) -> bool {
        let value = |name: &str| settings.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        self.0.iter().all(|(name, wanted)| value(name).is_some_and(|value| wanted.holds(value)))
    }

    /// The settings it asks about.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_must_have_one_of_its_values() {
        let when: When = serde_json::from_str(r#"{"a": "1", "b": ["2", "3"]}"#).unwrap();
        let settings = |a: &str, b: &str| vec![("a".to_owned(), a.to_owned()), ("b".to_owned(), b.to_owned())];
        assert!(when.holds(&settings("1", "3")));
        assert!(!when.holds(&settings("1", "4")));
        assert!(!when.holds(&[]));
        assert!(When::default().holds(&[]));
    }
}
