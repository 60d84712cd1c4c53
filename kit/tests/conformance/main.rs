//! The kit against a plugin that is right, and against the same one with one fault at a
//! time: each must be named.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod acme;
mod cases;
mod declaration;
mod laws;
mod report;
mod robustness;

use acme::{Acme, CASES, Fault, MANIFEST};
use patchboard_gateway::model::Models;
use patchboard_kit::{Case, Description, Options, Report, Subject};
use serde_json::Value;

fn manifest() -> Value {
    serde_json::from_str(MANIFEST).unwrap()
}

fn cases() -> Value {
    serde_json::from_str(CASES).unwrap()
}

/// The report of the plugin with these things changed.
async fn report(fault: Fault, manifest: &Value, cases: &Value) -> Report {
    let cases = Case::parse("cases.json", &cases.to_string()).unwrap();
    let described = Description::parse("acme.yaml", include_str!("acme.yaml")).unwrap();
    let subject = Subject {
        provider: &Acme::new(fault, manifest),
        models: &Models::built_in().unwrap(),
        described: &manifest.to_string(),
        imports: &[],
        cases: &cases,
        descriptions: &[described],
        options: Options { requests: 200, seed: 1 },
    };
    patchboard_kit::test(&subject).await
}

/// Every difference as `check: what`.
fn named(report: &Report) -> Vec<String> {
    report.differences().map(|(check, difference)| format!("{}: {}", check.name, difference.what)).collect()
}

/// That a check names something in a difference.
fn names(report: &Report, check: &str, what: &str) {
    let found = named(report);
    assert!(!report.ok);
    assert!(found.iter().any(|line| line.starts_with(check) && line.contains(what)), "{check}: {what} is not among\n{}", found.join("\n"));
}

/// That the plugin with a fault is caught by a check, in these words.
async fn caught(fault: Fault, check: &str, what: &str) {
    names(&report(fault, &manifest(), &cases()).await, check, what);
}

#[tokio::test]
async fn a_plugin_that_is_right_has_no_difference() {
    let report = report(Fault::None, &manifest(), &cases()).await;
    assert_eq!(named(&report), Vec::<String>::new());
    assert!(report.ok && report.table().ends_with("checks, no difference\n"));
}
