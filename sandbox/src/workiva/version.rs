//! `X-Version`. A request without it is routed to 2022-01-01, where the paths of 2026-01-01 do not exist:
//! <https://support.workiva.com/hc/en-us/articles/44377701623572-API-Versioning-Best-Practices>.

use super::refusal::Refusal;
use crate::exchange::NativeRequest;

const HEADER: &str = "x-version";

/// A version of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V2022,
    V2026,
}

/// The version that a request is routed to.
pub(super) fn of(request: &NativeRequest) -> Result<Version, Refusal> {
    if !request.headers.contains_key(HEADER) {
        return Ok(Version::V2022);
    }
    match request.header(HEADER) {
        Some("2022-01-01") => Ok(Version::V2022),
        Some("2026-01-01") => Ok(Version::V2026),
        _ => Err(Refusal::bad("X-Version", "There is no such API version.")),
    }
}

/// The version that an error reports to have been in use.
pub(super) fn name(request: &NativeRequest) -> &'static str {
    match of(request) {
        Ok(Version::V2026) => "2026-01-01",
        _ => "2022-01-01",
    }
}
