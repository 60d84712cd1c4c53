//! Reads the members of a control body one by one, and tells the sender exactly what is wrong with them.

use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};

use crate::provider::Provider;

/// Why a control request was refused. The text is for the person who wrote it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ControlError {
    pub(crate) status: StatusCode,
    message: String,
}

impl ControlError {
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: message.into() }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, message: message.into() }
    }
}

type Outcome<T> = Result<T, ControlError>;

/// The members of a control body that were not taken yet.
#[derive(Debug)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn parse(body: &[u8]) -> Outcome<Self> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(ControlError::bad("the body must be a JSON object")),
            Err(error) => Err(ControlError::bad(format!("the body is not JSON: {error}"))),
        }
    }

    /// Ends the reading: a member that nobody took is a mistake of the sender.
    pub(crate) fn finish(self) -> Outcome<()> {
        match self.0.keys().next() {
            Some(name) => Err(ControlError::bad(format!("'{name}' is not known here"))),
            None => Ok(()),
        }
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name)
    }

    pub(crate) fn text(&mut self, name: &str) -> Outcome<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ControlError::bad(format!("'{name}' must be text"))),
        }
    }

    pub(crate) fn required_text(&mut self, name: &str) -> Outcome<String> {
        self.text(name)?.ok_or_else(|| ControlError::bad(format!("'{name}' is required")))
    }

    pub(crate) fn flag(&mut self, name: &str) -> Outcome<Option<bool>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(ControlError::bad(format!("'{name}' must be true or false"))),
        }
    }

    pub(crate) fn object(&mut self, name: &str) -> Outcome<Option<Map<String, Value>>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(members)),
            Some(_) => Err(ControlError::bad(format!("'{name}' must be an object"))),
        }
    }

    pub(crate) fn texts(&mut self, name: &str) -> Outcome<Vec<String>> {
        let problem = || ControlError::bad(format!("'{name}' must be an array of texts"));
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items.into_iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(problem)).collect(),
            Some(_) => Err(problem()),
        }
    }

    /// A whole number within limits.
    pub(crate) fn number(&mut self, name: &str, least: u64, most: u64) -> Outcome<Option<u64>> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        match value.as_u64() {
            Some(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(ControlError::bad(format!("'{name}' must be a whole number from {least} to {most}"))),
        }
    }

    /// A final HTTP status.
    pub(crate) fn status(&mut self, default: StatusCode) -> Outcome<StatusCode> {
        let Some(number) = self.number("status", 200, 599)? else {
            return Ok(default);
        };
        u16::try_from(number)
            .ok()
            .and_then(|number| StatusCode::from_u16(number).ok())
            .ok_or_else(|| ControlError::bad("'status' is not an HTTP status"))
    }

    pub(crate) fn provider(&mut self) -> Outcome<Provider> {
        let name = self.required_text("provider")?;
        provider(&name)
    }
}

/// The provider of that name, or an error that lists the names.
pub(crate) fn provider(name: &str) -> Outcome<Provider> {
    Provider::from_name(name).ok_or_else(|| {
        let names = Provider::ALL.map(Provider::name).join(", ");
        ControlError::bad(format!("there is no provider '{name}'; there are: {names}"))
    })
}

/// A header value, for the member that it was given as.
pub(crate) fn header_value(member: &str, text: &str) -> Outcome<HeaderValue> {
    HeaderValue::from_str(text).map_err(|_| ControlError::bad(format!("'{member}' cannot be the value of a header")))
}

/// A header name.
pub(crate) fn header_name(text: &str) -> Outcome<HeaderName> {
    HeaderName::from_bytes(text.as_bytes()).map_err(|_| ControlError::bad(format!("'{text}' cannot be the name of a header")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_member_is_named_in_the_error() {
        let fields = |text: &str| Fields::parse(text.as_bytes());
        assert!(fields("\u{0}").is_err());
        assert!(fields("[]").unwrap_err().to_string().contains("JSON object"));
        let mut read = fields(r#"{"times":1.5,"provider":"hubspot","more":1}"#).unwrap();
        let error = read.number("times", 1, 9).unwrap_err().to_string();
        assert_eq!(error, "'times' must be a whole number from 1 to 9");
        assert!(read.provider().unwrap_err().to_string().contains("wrike"));
        assert!(read.finish().unwrap_err().to_string().contains("'more'"));
    }
}
