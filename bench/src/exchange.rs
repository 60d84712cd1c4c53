//! The exchange over HTTP: what each server is sent, and what it has to answer.

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
pub use patchboard_bench::paper::CHANGE;
use patchboard_bench::paper::{FORM, NATIVE, SPACE, UNIFIED};
use serde_json::Value;

use crate::load;
use crate::message::request;

/// Wrike's base path on the sandbox.
pub const UPSTREAM_PATH: &str = "/wrike/api/v4";
/// What the sandbox takes as Wrike's token.
pub const UPSTREAM_TOKEN: &str = "sandbox-wrike";

/// What a server is asked for, and so what it has to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `PATCH /unified/…`
    Unified,
    /// `PUT /wrike/…`
    Native,
}

impl Kind {
    fn expected(self) -> &'static str {
        match self {
            Self::Unified => UNIFIED,
            Self::Native => NATIVE,
        }
    }

    /// Whether a server answers right.
    pub async fn check(self, address: SocketAddr, request: &[u8]) -> anyhow::Result<()> {
        let (status, body) = load::once(address, request).await?;
        let text = String::from_utf8_lossy(&body);
        ensure!(status == 200, "it answers with status {status}: {text}");
        let answered: Value = serde_json::from_slice(&body).with_context(|| format!("it answers no JSON: {text}"))?;
        let expected: Value = serde_json::from_str(self.expected())?;
        ensure!(answered == expected, "it answers\n  {text}\nwhere this is right:\n  {}", self.expected());
        Ok(())
    }
}

/// A unified request.
pub fn unified(token: &str, account: &str, change: &str) -> Vec<u8> {
    let target = format!("/unified/ticketing/workspaces/{SPACE}?integrated_account_id={account}");
    let authorization = format!("Bearer {token}");
    request("PATCH", &target, &[("authorization", &authorization), ("content-type", "application/json")], change.trim_end())
}

/// The native request.
pub fn native() -> Vec<u8> {
    let authorization = format!("Bearer {UPSTREAM_TOKEN}");
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    request("PUT", &format!("{UPSTREAM_PATH}/spaces/{SPACE}"), &headers, FORM.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_carries_the_change() {
        let change: Value = serde_json::from_str(CHANGE).unwrap();
        let form: Vec<(String, String)> = serde_urlencoded::from_str(FORM.trim_end()).unwrap();
        assert_eq!(
            (&form[0].1, &form[1].1),
            (&change["name"].as_str().unwrap().to_owned(), &change["description"].as_str().unwrap().to_owned())
        );
    }
}
