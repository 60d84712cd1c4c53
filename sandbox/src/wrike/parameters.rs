use serde_json::Value;

use super::refusal::Refusal;
use crate::exchange::{NativeRequest, form_pairs};

const FORM: &str = "application/x-www-form-urlencoded";

/// The parameters of a request, from the query and a form in the body alike: the reference lists them as query
/// parameters (<https://developers.wrike.com/reference/putspacessingle>), clients in use send a form.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn read(request: &NativeRequest) -> Self {
        let mut pairs = request.query_pairs();
        if request.media_type().as_deref() == Some(FORM) {
            pairs.extend(form_pairs(&request.body));
        }
        Self(pairs)
    }

    /// Refuses a body that is no form, and a parameter that came twice: which one counts is documented nowhere.
    pub(super) fn check(&self, request: &NativeRequest) -> Result<(), Refusal> {
        if !request.body.is_empty() && request.media_type().as_deref() != Some(FORM) {
            return Err(Refusal::request(format!("The body must be {FORM}")));
        }
        for (place, (name, _)) in self.0.iter().enumerate() {
            if self.0.iter().take(place).any(|(earlier, _)| earlier == name) {
                return Err(Refusal::request(format!("Parameter '{name}' came twice")));
            }
        }
        Ok(())
    }

    /// Takes a parameter out, so that it is not unknown later.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(place).1)
    }

    /// Refuses every parameter that is not in the list.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(Refusal::request(format!("Unknown parameter '{name}'"))),
            None => Ok(()),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A text that counts: Wrike ignores an empty one and leaves the old value.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|text| !text.is_empty())
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.text(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Refusal::parameter(name)),
        }
    }

    /// One of a few words.
    pub(super) fn choice(&self, name: &str, words: &[&str]) -> Result<Option<&str>, Refusal> {
        match self.text(name) {
            None => Ok(None),
            Some(word) if words.contains(&word) => Ok(Some(word)),
            Some(_) => Err(Refusal::parameter(name)),
        }
    }

    /// An array written as JSON.
    pub(super) fn array(&self, name: &str, most: usize) -> Result<Option<Vec<Value>>, Refusal> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match serde_json::from_str(text) {
            Ok(Value::Array(items)) if items.len() <= most => Ok(Some(items)),
            _ => Err(Refusal::parameter(name)),
        }
    }

    /// An array of strings written as JSON, each at most once.
    pub(super) fn strings(&self, name: &str, most: usize) -> Result<Option<Vec<String>>, Refusal> {
        let Some(items) = self.array(name, most)? else {
            return Ok(None);
        };
        let mut strings: Vec<String> = Vec::new();
        for item in items {
            match item {
                Value::String(text) if !strings.contains(&text) => strings.push(text),
                _ => return Err(Refusal::parameter(name)),
            }
        }
        Ok(Some(strings))
    }
}
