use super::{Fault, cases, manifest, report};

#[tokio::test]
async fn a_table_lists_every_difference_and_shows_the_first() {
    let table = report(Fault::WrongFieldName, &manifest(), &cases()).await.table();
    assert!(table.starts_with("acme 1.0.0\n\nSECTION "), "{table}");
    assert!(table.contains("\ncases        an update is a patch ") && table.contains("1 DIFFERENCE (1 exchange)"), "{table}");
    assert!(table.contains("The first difference, in cases: an update is a patch\n"), "{table}");
    assert!(table.contains("--- expected\n+++ found\n"), "{table}");
}

#[tokio::test]
async fn a_report_is_json_and_junit_too() {
    let report = report(Fault::WrongFieldName, &manifest(), &cases()).await;
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!((&json["plugin"], &json["ok"], &json["checks"][0]["verdict"]), (&"acme".into(), &false.into(), &"failed".into()));
    let junit = report.junit().unwrap();
    assert!(junit.contains(r#"<testsuite name="acme.cases" tests="5""#), "{junit}");
    assert!(junit.contains(r#"<testcase name="an update is a patch" classname="acme.cases">"#) && junit.contains("/json/titel"), "{junit}");
}
