use serde_json::json;

use super::{Fault, cases, caught, manifest, names, report};

#[tokio::test]
async fn a_wrong_field_name_is_named_and_shown() {
    let report = report(Fault::WrongFieldName, &manifest(), &cases()).await;
    names(&report, "an update is a patch", "native request 1 (update_space): /json/titel is not expected, /json/title is missing");
    let (_, first) = report.differences().next().unwrap();
    assert!(first.diff.contains("-    \"title\": \"Marketing\"\n+    \"titel\": \"Marketing\""), "{}", first.diff);
}

#[tokio::test]
async fn a_wrong_enum_value_in_an_answer_is_named() {
    caught(Fault::WrongEnumBack, "custom fields are merged", "the answer: /json/status is \"inactve\", not \"inactive\"").await;
}

#[tokio::test]
async fn a_request_to_another_host_is_named() {
    caught(Fault::OtherHost, "an update is a patch", "native request 1 (update_space) is not made: the plugin broke its contract: call \"update_space\": path \"https://elsewhere.example").await;
    caught(Fault::OtherHost, "only declared hosts are reached", "asks for another place than its base URL").await;
}

#[tokio::test]
async fn an_exchange_too_few_or_too_many_is_a_difference() {
    let mut more = cases();
    let first = more[0]["exchanges"][0].clone();
    more[0]["exchanges"].as_array_mut().unwrap().push(first);
    names(&report(Fault::None, &manifest(), &more).await, "an update is a patch", "native request 2 (update_space) is not made");
    let mut fewer = cases();
    fewer[1]["exchanges"].as_array_mut().unwrap().pop();
    names(&report(Fault::None, &manifest(), &fewer).await, "custom fields", "native request 2 (update_space) is made and not expected");
}

#[tokio::test]
async fn warnings_headers_and_problems_are_compared() {
    for (case, member, value, what) in [
        (0, "warnings", json!([]), "/warnings"),
        (0, "headers", json!({"etag": "x"}), "/headers/etag"),
        (3, "status", json!(400), "/status"),
        (3, "problem", json!({"remote": {"body": {"error": "other"}}}), "/problem/remote/body/error"),
        (4, "json", json!({"id": "s2"}), "/json/name"),
    ] {
        let mut cases = cases();
        cases[case]["answer"][member] = value;
        names(&report(Fault::None, &manifest(), &cases).await, cases[case]["name"].as_str().unwrap(), what);
    }
}

#[tokio::test]
async fn a_request_that_the_provider_does_not_describe_is_named() {
    let check = "native requests are as acme.yaml says";
    let mut cases = cases();
    cases[0]["exchanges"][0]["expect"]["json"] = json!({"titel": "Marketing", "description": null, "state": "On"});
    let report = report(Fault::WrongFieldName, &manifest(), &cases).await;
    names(&report, check, "the body's /titel is not described");
    caught(Fault::WrongEnumThere, check, "native request 1 of the case \"a creation posts a space\": the body/state").await;
    caught(Fault::SendsNull, "a creation posts", "/json/description").await;
}

#[tokio::test]
async fn a_case_can_say_why_the_provider_does_not_describe_it() {
    let mut cases = cases();
    cases[4]["undescribed"] = json!("an older way");
    let report = report(Fault::WrongEnumThere, &manifest(), &cases).await;
    assert!(report.checks.iter().any(|check| check.name == "a creation posts a space" && check.detail == "an older way"));
    assert!(report.differences().all(|(check, _)| !check.name.starts_with("native requests are as")));
}

#[tokio::test]
async fn without_cases_nothing_is_confirmed() {
    let report = report(Fault::None, &manifest(), &json!([])).await;
    names(&report, "there are cases", "there is no case");
    names(&report, "every declared operation succeeds", "ticketing/workspaces update is declared, and no case shows that it succeeds");
    names(&report, "every declared call is made", "`create_space` (POST /spaces)");
}
