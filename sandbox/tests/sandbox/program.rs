//! The program itself.
#![allow(clippy::unwrap_used, reason = "a panic is the verdict")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::harness::client;

const PROGRAM: &str = env!("CARGO_BIN_EXE_patchboard-sandbox");

/// Ends with the test, whatever the verdict.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn it_says_where_it_listens_and_stops_at_sigterm() {
    let program = Command::new(PROGRAM).args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn();
    let mut program = Running(program.unwrap());
    let mut output = BufReader::new(program.0.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("patchboard-sandbox listening on ");
    let index = format!("{}/_control", address.unwrap());
    assert_eq!(client().get(index).send().await.unwrap().status(), 200);
    let id = program.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(program.0.wait().unwrap().success());
    line.clear();
    assert_eq!(output.read_line(&mut line).unwrap(), 0);
}

#[test]
fn it_refuses_an_address_that_others_can_reach() {
    let output = Command::new(PROGRAM).args(["--listen", "0.0.0.0:0"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--allow-remote"));
}

#[test]
fn its_help_teaches_prefixes_tokens_and_control_routes() {
    let output = Command::new(PROGRAM).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for word in ["/wrike/api/v4", "/teamleader/projects-v2", "sandbox-polyteia", "sandbox-insightly", "/_control/fail", "curl"] {
        assert!(help.contains(word), "{word} is missing");
    }
}
