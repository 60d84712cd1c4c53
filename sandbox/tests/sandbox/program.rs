//! The program itself.
#![allow(clippy::unwrap_used, reason = "a panic is the verdict")]

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::harness::client;

const PROGRAM: &str = env!("CARGO_BIN_EXE_patchboard-sandbox");

#[cfg(unix)]
#[tokio::test]
async fn it_says_where_it_listens_and_stops_at_sigterm() {
    let mut program = Command::new(PROGRAM).args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let address = line.strip_prefix("patchboard-sandbox listening on ").unwrap();
    let response = client().get(format!("{address}/_control")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let id = program.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    assert!(program.wait().await.unwrap().success());
    assert_eq!(lines.next_line().await.unwrap(), None);
}

#[tokio::test]
async fn it_refuses_an_address_that_others_can_reach() {
    let output = Command::new(PROGRAM).args(["--listen", "0.0.0.0:0"]).output().await.unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--allow-remote"));
}

#[tokio::test]
async fn its_help_teaches_prefixes_tokens_and_control_routes() {
    let output = Command::new(PROGRAM).arg("--help").output().await.unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for word in ["/wrike/api/v4", "sandbox-polyteia", "/_control/fail", "curl"] {
        assert!(help.contains(word), "{word} is missing");
    }
}
