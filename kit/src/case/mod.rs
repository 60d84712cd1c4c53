//! A case: what an author says the plugin does, exchange by exchange. The format is
//! explained in `docs/plugin-cases.md`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchboard_gateway::contract::Operation;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use thiserror::Error;

/// A file of cases that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaseError {
    /// Not JSON, or not an array of cases.
    #[error("{file}: {why}")]
    Unreadable {
        /// The file.
        file: String,
        /// What is wrong, with its line.
        why: String,
    },
    /// Two cases of one name.
    #[error("{file}: the case {name:?} is there twice")]
    Twice {
        /// The file.
        file: String,
        /// The name.
        name: String,
    },
}

/// One case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// A sentence.
    pub name: String,
    /// The account's settings, defaults left out.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// What a caller asks for.
    pub request: Request,
    /// What goes to the provider and comes back, in order.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    /// What the caller gets.
    pub answer: Answer,
    /// Why the provider's own description of its API does not know these requests.
    #[serde(default)]
    pub undescribed: Option<String>,
    /// The file it stands in.
    #[serde(skip)]
    pub file: String,
}

/// A unified request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// What to do.
    pub operation: Operation,
    /// The unified model.
    pub model: String,
    /// The resource of it.
    pub resource: String,
    /// The object's id, decoded.
    #[serde(default)]
    pub id: Option<String>,
    /// Query parameters besides the account.
    #[serde(default)]
    pub query: Map<String, Value>,
    /// The body, whatever JSON it is.
    #[serde(default)]
    pub body: Option<Value>,
    /// The body's media type.
    #[serde(default)]
    pub content_type: Option<String>,
}

/// One native exchange.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The native request.
    pub expect: Expect,
    /// The provider's answer.
    pub answer: Native,
}

/// A native request, whole.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The declared call.
    pub call: String,
    /// HTTP method.
    pub method: String,
    /// Below the base URL, encoded.
    #[serde(default)]
    pub path: Option<String>,
    /// The whole URL without its query, instead of `path`.
    #[serde(default)]
    pub url: Option<String>,
    /// Query parameters; one that is given twice has an array.
    #[serde(default)]
    pub query: Map<String, Value>,
    /// Headers that the plugin or the provider cares about.
    #[serde(default)]
    pub headers: Map<String, Value>,
    /// A JSON body.
    #[serde(default, deserialize_with = "present")]
    pub json: Option<Value>,
    /// A form body.
    #[serde(default)]
    pub form: Option<Map<String, Value>>,
    /// Any other body that is text.
    #[serde(default)]
    pub text: Option<String>,
    /// Any other body.
    #[serde(default)]
    pub base64: Option<String>,
}

/// A provider's answer, or none.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Native {
    /// Why there is no answer.
    #[serde(default)]
    pub fails: Option<Failure>,
    /// HTTP status.
    #[serde(default = "ok")]
    pub status: u16,
    /// Headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A JSON body.
    #[serde(default, deserialize_with = "present")]
    pub json: Option<Value>,
    /// A body that is text.
    #[serde(default)]
    pub text: Option<String>,
    /// Any other body.
    #[serde(default)]
    pub base64: Option<String>,
}

/// How an exchange fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Failure {
    /// No answer in time.
    Timeout,
    /// No connection.
    Unreachable,
}

/// What the caller gets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Only these are compared; `null` says that there is none.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// What was not done: field and reason.
    #[serde(default)]
    pub warnings: Vec<(String, String)>,
    /// The JSON body, exactly.
    #[serde(default, deserialize_with = "present")]
    pub json: Option<Value>,
    /// The body as text, exactly.
    #[serde(default)]
    pub text: Option<String>,
    /// A problem, of which only the members named are compared.
    #[serde(default)]
    pub problem: Option<Value>,
}

fn ok() -> u16 {
    200
}

/// A member that is `null` is there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Native {
    /// The bytes of the body. Text that is no base64 is taken as it is.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        match self {
            Self { json: Some(json), .. } => json.to_string().into_bytes(),
            Self { text: Some(text), .. } => text.clone().into_bytes(),
            Self { base64: Some(text), .. } => STANDARD.decode(text).unwrap_or_else(|_| text.clone().into_bytes()),
            Self { .. } => Vec::new(),
        }
    }
}

impl Case {
    /// Reads a file: one array of cases.
    ///
    /// # Errors
    /// [`CaseError`], with the line.
    pub fn parse(file: &str, text: &str) -> Result<Vec<Self>, CaseError> {
        let unreadable = |e: serde_json::Error| CaseError::Unreadable { file: file.to_owned(), why: e.to_string() };
        let mut cases: Vec<Self> = serde_json::from_str(text).map_err(unreadable)?;
        for case in &mut cases {
            file.clone_into(&mut case.file);
        }
        Ok(cases)
    }

    /// Whether every name is there once.
    ///
    /// # Errors
    /// [`CaseError::Twice`].
    pub fn unique(cases: &[Self]) -> Result<(), CaseError> {
        let mut names = std::collections::BTreeSet::new();
        match cases.iter().find(|case| !names.insert(case.name.as_str())) {
            Some(case) => Err(CaseError::Twice { file: case.file.clone(), name: case.name.clone() }),
            None => Ok(()),
        }
    }

    /// The unified fields that the request gives; none where its body is no object.
    #[must_use]
    pub fn fields(&self) -> Map<String, Value> {
        let mut fields = self.request.body.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        fields.shift_remove(patchboard_gateway::body::REMOTE_DATA);
        fields
    }

    /// Whether it shows the operation doing what it is for.
    #[must_use]
    pub fn succeeds(&self) -> bool {
        let plain = |name: &str, plain: &str| self.request.query.get(name).and_then(Value::as_str).is_none_or(|value| value == plain);
        self.answer.status < 400 && plain("response_format", "unified") && plain("dry_run", "false") && self.request.content_type.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_does_not_exist_is_refused_with_its_line() {
        let text = r#"[{"name": "x", "request": {"operation": "get", "model": "m", "resource": "r"},
            "exchange": [], "answer": {"status": 200}}]"#;
        let error = Case::parse("get.json", text).unwrap_err().to_string();
        assert!(error.starts_with("get.json: unknown field `exchange`") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn a_body_that_is_null_is_a_body() {
        let text = r#"[{"name": "x", "request": {"operation": "get", "model": "m", "resource": "r"}, "answer": {"status": 200, "json": null},
            "exchanges": [{"expect": {"call": "c", "method": "GET", "path": ""}, "answer": {"status": 200, "json": null}}]}]"#;
        let cases = Case::parse("get.json", text).unwrap();
        assert_eq!(cases[0].answer.json, Some(Value::Null));
        assert_eq!(cases[0].exchanges[0].answer.body(), b"null");
    }

    #[test]
    fn one_name_stands_for_one_case() {
        let text = r#"{"name": "x", "request": {"operation": "get", "model": "m", "resource": "r"}, "answer": {"status": 200}}"#;
        let cases = Case::parse("a.json", &format!("[{text},{text}]")).unwrap();
        assert!(Case::unique(&cases).unwrap_err().to_string().contains("there twice"));
    }
}
