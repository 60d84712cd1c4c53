//! An answer of the server.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// A header's value; repeated ones are joined as HTTP allows.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The warnings, as the header says them.
    #[must_use]
    pub fn warnings(&self) -> Option<String> {
        self.header("patchboard-warnings")
    }

    /// The object of an answer that must be a success.
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        assert_eq!(self.header("content-type").as_deref(), Some("application/json"));
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()), "every answer has an id");
        self.json()
    }

    /// The problem of an answer that must be one, with all that every problem has.
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{code}: {}", self.text());
        assert_eq!(self.header("content-type").as_deref(), Some("application/problem+json"), "{}", self.text());
        let problem = self.json();
        let text = |name: &str| problem[name].as_str().unwrap_or_default();
        assert_eq!((text("code"), problem["status"].as_u64()), (code, Some(u64::from(status))), "{problem}");
        let slug = code.replace('_', "-");
        assert!(text("type").starts_with("https://") && text("type").ends_with(&format!("/problems/{slug}")), "{problem}");
        let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        assert!(reason.is_none_or(|reason| text("title") == reason), "{problem}");
        assert!(!text("detail").is_empty() && !text("phase").is_empty(), "{problem}");
        assert_eq!(self.header("x-request-id").as_deref(), Some(text("request_id")), "{problem}");
        problem
    }

    /// The problem without what differs from run to run.
    pub fn stable_problem(&self, status: u16, code: &str) -> Value {
        let mut problem = self.problem(status, code);
        problem["request_id"] = "[request id]".into();
        if let Some(headers) = problem.pointer_mut("/remote/headers").and_then(Value::as_object_mut) {
            for name in ["date", "wrike-response-id", "request-id"] {
                if let Some(value) = headers.get_mut(name) {
                    *value = format!("[{name}]").into();
                }
            }
        }
        problem
    }
}
