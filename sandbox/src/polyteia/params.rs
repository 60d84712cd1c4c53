use serde_json::Value;

use super::refusal::Refusal;
use crate::objects::Object;

/// Limits of the page's create_workspace, in Unicode characters; taken to hold for updates too.
/// <https://docs.polyteia.com/api-docs/en/workspace>
const LONGEST_NAME: usize = 50;
const LONGEST_DESCRIPTION: usize = 255;

/// The parameters of a call that were not taken yet.
#[derive(Debug)]
pub(super) struct Params(Object);

impl Params {
    pub(super) fn new(params: Object) -> Self {
        Self(params)
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name)
    }

    /// Refuses a parameter that the operation does not have.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        match self.0.keys().next() {
            Some(name) => Err(Refusal::bad(format!("unknown parameter {name}"))),
            None => Ok(()),
        }
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::bad(format!("{name} must be a string"))),
        }
    }

    pub(super) fn required_text(&mut self, name: &str) -> Result<String, Refusal> {
        match self.text(name)? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(Refusal::bad(format!("{name} is required"))),
        }
    }

    pub(super) fn required_number(&mut self, name: &str, least: u64, most: usize) -> Result<usize, Refusal> {
        self.take(name)
            .and_then(|value| value.as_u64())
            .filter(|number| *number >= least)
            .and_then(|number| usize::try_from(number).ok())
            .filter(|number| *number <= most)
            .ok_or_else(|| Refusal::bad(format!("{name} is required and must be within its limits")))
    }

    pub(super) fn name(&mut self) -> Result<String, Refusal> {
        let name = self.required_text("name")?;
        if name.chars().count() > LONGEST_NAME {
            return Err(Refusal::bad("name must have 1 to 50 characters"));
        }
        Ok(name)
    }

    pub(super) fn description(&mut self) -> Result<Option<String>, Refusal> {
        let description = self.text("description")?;
        let length = description.as_deref().map_or(0, |text| text.chars().count());
        if length > LONGEST_DESCRIPTION {
            return Err(Refusal::bad("description must have at most 255 characters"));
        }
        Ok(description)
    }

    pub(super) fn attributes(&mut self) -> Result<Option<Object>, Refusal> {
        match self.take("attributes") {
            None => Ok(None),
            Some(Value::Object(attributes)) => Ok(Some(attributes)),
            Some(_) => Err(Refusal::bad("attributes must be an object")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::objects::object;

    #[test]
    fn lengths_are_counted_in_characters() {
        for (length, passes) in [(0, false), (1, true), (50, true), (51, false)] {
            let mut params = Params::new(object(json!({ "name": "é".repeat(length) })));
            assert_eq!(params.name().is_ok(), passes, "{length}");
        }
        for (length, passes) in [(0, true), (255, true), (256, false)] {
            let mut params = Params::new(object(json!({ "description": "漢".repeat(length) })));
            assert_eq!(params.description().is_ok(), passes, "{length}");
        }
    }

    #[test]
    fn a_number_must_be_whole_and_within_its_limits() {
        for (value, passes) in
            [(json!(1), true), (json!(100), true), (json!(0), false), (json!(101), false), (json!(1.5), false), (json!("1"), false)]
        {
            let mut params = Params::new(object(json!({ "size": value })));
            assert_eq!(params.required_number("size", 1, 100).is_ok(), passes, "{value}");
        }
    }
}
