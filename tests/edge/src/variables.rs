//! Variables: what the operator gives the app, and `{{ }}` templates over it.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::bindings::variables::{Error, Host};
use crate::instance::State;
use crate::manifest::Variable;

/// Why a variable has no value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VariableError {
    /// Neither given nor with a default.
    #[error("no provider resolved required variable(s): {}", .0.join(", "))]
    Missing(Vec<String>),
    /// Given, and not in the manifest.
    #[error("the app has no variable {0:?}")]
    Unknown(String),
    /// A template names a variable that the app does not have.
    #[error("the template {template:?} names the unknown variable {name:?}")]
    UnknownInTemplate {
        /// The template.
        template: String,
        /// What it names.
        name: String,
    },
    /// `{{` without `}}`.
    #[error("the template {0:?} has {{{{ without }}}}")]
    Unmatched(String),
}

/// Every variable of the app with its value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Variables(BTreeMap<String, String>);

impl Variables {
    /// What was given, over the defaults.
    pub(crate) fn resolve(declared: &BTreeMap<String, Variable>, given: &BTreeMap<String, String>) -> Result<Self, VariableError> {
        if let Some(unknown) = given.keys().find(|name| !declared.contains_key(*name)) {
            return Err(VariableError::Unknown(unknown.clone()));
        }
        let value = |name: &String, variable: &Variable| given.get(name).or(variable.default.as_ref()).cloned();
        let missing: Vec<String> =
            declared.iter().filter(|(name, variable)| value(name, variable).is_none()).map(|(name, _)| name.clone()).collect();
        if !missing.is_empty() {
            return Err(VariableError::Missing(missing));
        }
        Ok(Self(declared.iter().filter_map(|(name, variable)| Some((name.clone(), value(name, variable)?))).collect()))
    }

    /// A template with its values.
    pub(crate) fn fill(&self, template: &str) -> Result<String, VariableError> {
        let (mut filled, mut rest) = (String::new(), template);
        while let Some((literal, behind)) = rest.split_once("{{") {
            let (name, behind) = behind.split_once("}}").ok_or_else(|| VariableError::Unmatched(template.to_owned()))?;
            let unknown = || VariableError::UnknownInTemplate { template: template.to_owned(), name: name.trim().to_owned() };
            filled.push_str(literal);
            filled.push_str(self.0.get(name.trim()).ok_or_else(unknown)?);
            rest = behind;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

impl Host for State {
    fn get(&mut self, name: String) -> wasmtime::Result<Result<String, Error>> {
        if !is_name(&name) {
            return Ok(Err(Error::InvalidName(name)));
        }
        let value = self.component.variables.get(&name).cloned();
        Ok(value.ok_or_else(|| Error::Undefined(format!("no variable for {:?}.{name:?}", self.component.id))))
    }
}

/// A letter, then letters, digits and single underscores, all lower case.
pub(crate) fn is_name(name: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase()) && name.split('_').all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Variables {
        Variables(BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b_c".to_owned(), "2".to_owned())]))
    }

    #[test]
    fn a_template_is_filled() {
        for (template, filled) in [("", ""), ("x", "x"), ("{{ a }}", "1"), ("x{{a}}y{{ b_c }}{z}", "x1y2{z}")] {
            assert_eq!(some().fill(template).unwrap(), filled, "{template}");
        }
    }

    #[test]
    fn a_template_that_cannot_be_filled_says_why() {
        assert_eq!(some().fill("{{ a").unwrap_err(), VariableError::Unmatched("{{ a".to_owned()));
        let unknown = VariableError::UnknownInTemplate { template: "{{ z }}".to_owned(), name: "z".to_owned() };
        assert_eq!(some().fill("{{ z }}").unwrap_err(), unknown);
    }

    #[test]
    fn a_required_variable_must_be_given_and_a_given_one_must_exist() {
        let declared: BTreeMap<String, Variable> = toml::from_str("key = { required = true }\nhost = { default = \"h\" }").unwrap();
        let given = |name: &str| BTreeMap::from([(name.to_owned(), "v".to_owned())]);
        assert_eq!(Variables::resolve(&declared, &BTreeMap::new()).unwrap_err(), VariableError::Missing(vec!["key".to_owned()]));
        assert_eq!(Variables::resolve(&declared, &given("other")).unwrap_err(), VariableError::Unknown("other".to_owned()));
        assert_eq!(Variables::resolve(&declared, &given("key")).unwrap().fill("{{ key }} {{ host }}").unwrap(), "v h");
    }

    #[test]
    fn names_are_lower_snake_case() {
        for (name, good) in
            [("a", true), ("a1_b2", true), ("", false), ("_a", false), ("a_", false), ("a__b", false), ("A", false), ("1a", false)]
        {
            assert_eq!(is_name(name), good, "{name}");
        }
    }
}
