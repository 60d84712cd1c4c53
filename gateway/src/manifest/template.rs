//! A URL with settings in it: `https://{host}/api/v4`.

use serde::Deserialize;
use thiserror::Error;

use crate::contract::Pair;

/// A text with `{setting}` in it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Setting(String),
}

/// Why a template cannot be read or filled in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// A brace without its partner.
    #[error("the braces of {0:?} do not match")]
    Braces(String),
    /// The account does not say it.
    #[error("the setting {0:?} is missing")]
    Missing(String),
}

impl TryFrom<String> for Template {
    type Error = TemplateError;

    fn try_from(text: String) -> Result<Self, TemplateError> {
        let broken = || TemplateError::Braces(text.clone());
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').ok_or_else(broken)?;
            if name.is_empty() || name.contains('{') || before.contains('}') {
                return Err(broken());
            }
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Setting(name.to_owned()));
            rest = behind;
        }
        if rest.contains('}') {
            return Err(broken());
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self { parts })
    }
}

impl Template {
    /// The text with the settings' values in it.
    ///
    /// # Errors
    /// [`TemplateError::Missing`] for a setting without a value.
    pub fn fill(&self, settings: &[Pair]) -> Result<String, TemplateError> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(fixed) => text.push_str(fixed),
                Part::Setting(name) => {
                    let value = settings.iter().find(|(n, _)| n == name).map(|(_, v)| v);
                    text.push_str(value.ok_or_else(|| TemplateError::Missing(name.clone()))?);
                }
            }
        }
        Ok(text)
    }

    /// The settings in it.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Setting(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// What stands behind the host: `/api/v4`, with its braces.
    #[must_use]
    pub fn path(&self) -> String {
        let text: String = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Text(fixed) => fixed.clone(),
                Part::Setting(name) => format!("{{{name}}}"),
            })
            .collect();
        let behind_scheme = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
        behind_scheme.find('/').and_then(|at| behind_scheme.get(at..)).unwrap_or_default().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Result<Template, TemplateError> {
        text.to_owned().try_into()
    }

    #[test]
    fn settings_are_filled_in() {
        let url = template("https://{host}/api/{v}").unwrap();
        let settings = [("host".to_owned(), "h.example".to_owned()), ("v".to_owned(), "4".to_owned())];
        assert_eq!(url.fill(&settings).unwrap(), "https://h.example/api/4");
        assert_eq!(url.fill(&settings[..1]), Err(TemplateError::Missing("v".into())));
        assert_eq!(url.settings().collect::<Vec<_>>(), ["host", "v"]);
        assert_eq!(url.path(), "/api/{v}");
        assert_eq!(template("https://a.example").unwrap().path(), "");
    }

    #[test]
    fn braces_must_match() {
        for text in ["{", "}", "{a", "a}", "{}", "{a{b}}", "{a}}"] {
            assert!(template(text).is_err(), "{text}");
        }
    }
}
