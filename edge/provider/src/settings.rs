//! The variables of the component, read into what they mean.

use std::time::Duration;

use patchboard_gateway::egress::{EgressPolicy, Origin};
use patchboard_gateway::limits::Limits;
use patchboard_gateway::seal::Sealer;

/// The default of `extra_upstream`, because Spin refuses an empty one: nobody's origin.
pub const NOBODY: &str = "https://none.invalid";

/// The key that credentials and cursors are sealed with.
///
/// # Errors
/// What is wrong with the variable.
pub fn sealer(encryption_key: Option<&str>) -> Result<Sealer, String> {
    let key = encryption_key.ok_or("the variable encryption_key is not set; it is the host's key, 32 bytes in base64")?;
    Sealer::decode(key).map_err(|e| format!("the variable encryption_key: {e}"))
}

/// What the account's own `base_url` may point to.
///
/// # Errors
/// What is wrong with the variable.
pub fn policy(extra_upstream: Option<&str>) -> Result<EgressPolicy, String> {
    let extra = extra_upstream.filter(|origin| *origin != NOBODY).map(str::parse::<Origin>).transpose();
    let extra = extra.map_err(|e| format!("the variable extra_upstream: {e}"))?;
    Ok(EgressPolicy { allow_hosts: None, allow_upstreams: extra.into_iter().collect() })
}

/// The engine's limits.
///
/// # Errors
/// What is wrong with the variable.
pub fn limits(total_seconds: Option<&str>) -> Result<Limits, String> {
    let mut limits = Limits::default();
    if let Some(seconds) = total_seconds {
        let seconds = seconds.parse().ok().filter(|seconds| *seconds > 0);
        limits.overall = Duration::from_secs(seconds.ok_or("the variable total_seconds is no number of seconds")?);
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_missing_or_wrong_is_said_by_name() {
        for key in [None, Some(""), Some("short")] {
            assert!(sealer(key).unwrap_err().contains("encryption_key"));
        }
    }

    #[test]
    fn only_an_origin_that_was_set_is_consented_to() {
        let consented = |value: Option<&str>| policy(value).unwrap().allow_upstreams.len();
        assert_eq!((consented(None), consented(Some(NOBODY)), consented(Some("http://127.0.0.1:9100"))), (0, 0, 1));
        assert!(policy(Some("*")).unwrap_err().contains("extra_upstream"));
    }

    #[test]
    fn the_time_of_a_request_is_a_number_of_seconds() {
        assert_eq!(limits(None).unwrap(), Limits::default());
        assert_eq!(limits(Some("25")).unwrap().overall.as_secs(), 25);
        for bad in ["0", "x", "-1"] {
            assert!(limits(Some(bad)).unwrap_err().contains("total_seconds"));
        }
    }
}
