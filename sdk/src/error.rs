//! Why there is no answer.

/// A plugin's refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The change cannot be made at this provider.
    Unsupported(String),
    /// Fields of the request are wrong.
    Invalid(Vec<FieldError>),
    /// The provider answered with an error.
    Rejected(Rejection),
    /// The provider's answer cannot be read.
    Unreadable(String),
}

impl Error {
    /// One field of the request is wrong.
    #[must_use]
    pub fn field(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { path: path.into(), message: message.into() }])
    }
}

/// An error in one field; `path` is a JSON pointer into the unified object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the type says it")]
pub struct FieldError {
    pub path: String,
    pub message: String,
}

/// What a provider's error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the contract")]
pub enum Class {
    Invalid,
    Unauthorized,
    Forbidden,
    NotFound,
    Conflict,
    Stale,
    RateLimited,
    Unavailable,
    Other,
}

/// The provider said no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// What it means.
    pub class: Class,
    /// An HTTP status that the body names.
    pub status: Option<u16>,
    /// The provider's error code.
    pub code: Option<String>,
    /// The provider's words.
    pub message: String,
    /// The fields at fault.
    pub fields: Vec<FieldError>,
}

impl Rejection {
    /// A rejection that means what an HTTP status means.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        let class = match status {
            400 | 422 => Class::Invalid,
            401 => Class::Unauthorized,
            403 => Class::Forbidden,
            404 | 410 => Class::NotFound,
            409 => Class::Conflict,
            412 => Class::Stale,
            429 => Class::RateLimited,
            502..=504 => Class::Unavailable,
            _ => Class::Other,
        };
        Self { class, status: None, code: None, message: String::new(), fields: Vec::new() }
    }

    /// With the provider's words.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// With the provider's error code, where it has one.
    #[must_use]
    pub fn code(mut self, code: Option<&str>) -> Self {
        self.code = code.filter(|code| !code.is_empty()).map(str::to_owned);
        self
    }

    /// With an HTTP status that the body names.
    #[must_use]
    pub fn status(mut self, status: Option<u16>) -> Self {
        self.status = status;
        self
    }
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}
