use std::collections::BTreeMap;

use serde_json::json;

use super::*;

/// A manifest that uses every part of the schema.
pub(crate) fn example() -> Value {
    json!({
        "name": "example", "title": "Example", "version": "0.1.0",
        "settings": [
            {"name": "pod", "help": "the pod", "required": true, "pattern": "[a-z]{2,4}"},
            {"name": "org", "help": "the organisation", "required": true},
            {"name": "version", "help": "which API", "default": "2", "choices": ["1", "2"]}
        ],
        "base_url": "https://{pod}.example.com/api",
        "hosts": ["*.example.com"],
        "authentication": [{"scheme": "bearer", "token": "access_token"}, {"scheme": "basic", "username": "username", "password": "password"}],
        "resources": [{
            "model": "ticketing", "resource": "workspaces",
            "answers": [{"name": "id"}, {"name": "name"}],
            "operations": {"update": {
                "calls": [
                    {"name": "read", "method": "GET", "path": "/orgs/{org}/spaces/{id}", "effect": "read", "content": "empty"},
                    {"name": "write", "method": "PATCH", "path": "/orgs/{org}/spaces/{id}", "effect": "write", "content": "json",
                     "remote_data": "/data", "protected": ["/data/id"], "fixed": {"/kind": "space"}, "remote_query": true, "when": {"version": "2"}},
                    {"name": "write", "method": "PATCH", "path": "/old/{id}", "effect": "write", "content": "form", "remote_data": "",
                     "when": {"version": "1"}, "deprecated": "2026-02-12", "sunset": "2027-01-31"},
                    {"name": "check", "method": "GET", "path": "/orgs/{org}/spaces/{id}", "effect": "read-back"}
                ],
                "fields": [{"name": "name", "min_length": 1, "max_length": 10}, {"name": "description", "nullable": true}, {"name": "status", "enum": ["active"]}],
                "params": [{"name": "etag"}]
            }}
        }]
    })
}

fn settle(given: &[(&str, &str)]) -> Result<Vec<(String, String)>, Vec<String>> {
    let manifest = Manifest::parse(&example().to_string()).unwrap();
    let given: BTreeMap<_, _> = given.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    manifest.settle(&given).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

fn broken(pointer: &str, value: Value) -> String {
    let mut manifest = example();
    *manifest.pointer_mut(pointer).unwrap() = value;
    Manifest::parse(&manifest.to_string()).unwrap_err().to_string()
}

#[test]
fn defaults_are_filled_in_and_the_base_url_stays_with_the_gateway() {
    let settled = settle(&[("pod", "eu"), ("org", "o1"), ("base_url", "http://127.0.0.1:1/x")]).unwrap();
    assert_eq!(settled, [("pod".into(), "eu".into()), ("org".into(), "o1".into()), ("version".into(), "2".into())]);
}

#[test]
fn every_fault_of_the_settings_is_named() {
    assert_eq!(
        settle(&[("pod", "TOO"), ("version", "3"), ("colour", "red")]).unwrap_err(),
        [
            r#"the setting "colour" does not exist for this provider; there is pod, org, version, base_url"#,
            r#"the setting "pod" must match [a-z]{2,4}"#,
            r#"the setting "org" is required: the organisation"#,
            r#"the setting "version" must be one of 1, 2"#,
        ]
    );
    for url in ["ftp://x/", "x", "http://u:p@x/", "https://x/?a=1", "https://x/#a"] {
        assert!(settle(&[("pod", "eu"), ("org", "o"), ("base_url", url)]).is_err(), "{url}");
    }
}

#[test]
fn with_a_base_url_only_what_the_host_needs_may_be_left_out() {
    assert!(settle(&[("org", "o1"), ("base_url", "http://127.0.0.1:1")]).is_ok());
    assert_eq!(
        settle(&[("pod", "eu"), ("base_url", "http://127.0.0.1:1")]).unwrap_err(),
        [r#"the setting "org" is required: the organisation"#]
    );
}

#[test]
fn unknown_members_are_ignored() {
    let mut manifest = example();
    manifest["future"] = json!({"x": 1});
    manifest["resources"][0]["operations"]["update"]["calls"][0]["future"] = json!(true);
    assert!(Manifest::parse(&manifest.to_string()).is_ok());
}

#[test]
fn a_manifest_off_its_schema_is_refused_with_the_place() {
    assert!(Manifest::parse("{").unwrap_err().to_string().starts_with("the manifest is not JSON"));
    assert!(broken("/name", json!("Bad Name")).contains("/name"));
    assert!(broken("/resources/0/operations/update/calls/0/effect", json!("maybe")).contains("/effect"));
    assert!(broken("/base_url", json!("http://plain.example.com")).contains("/base_url"));
    assert!(broken("/authentication/0", json!({"scheme": "magic"})).contains("/authentication/0"));
}

#[test]
fn a_manifest_that_contradicts_itself_is_refused() {
    assert!(broken("/settings/1/name", json!("pod")).contains("declared twice"));
    assert!(broken("/settings/2/default", json!("9")).contains("must be one of"));
    assert!(broken("/base_url", json!("https://{nope}.example.com")).contains("not declared"));
    assert!(broken("/base_url", json!("https://other.example")).contains("not among the declared hosts"));
    assert!(broken("/resources/0/operations/update/calls/1/when", json!({"nope": "1"})).contains("not declared"));
    assert!(broken("/resources/0/operations/update/fields/1/name", json!("name")).contains("declared twice"));
    assert!(broken("/settings/0/pattern", json!("(")).contains("regular expression"));
}

#[test]
fn a_base_url_can_be_chosen_by_a_setting_with_one_for_every_other_value() {
    let mut manifest = example();
    manifest["base_url"] =
        json!({"setting": "pod", "choices": {"none": "https://www.example.com"}, "otherwise": "https://api-{pod}.example.com"});
    let manifest = Manifest::parse(&manifest.to_string()).unwrap();
    let url = |pod: &str| {
        let settings = [("pod".to_owned(), pod.to_owned())];
        manifest.base_url.of(&settings).map(|template| template.fill(&settings).unwrap()).map_err(str::to_owned)
    };
    assert_eq!(url("none").unwrap(), "https://www.example.com");
    assert_eq!(url("eu").unwrap(), "https://api-eu.example.com");
    let mut closed = example();
    closed["base_url"] = json!({"setting": "pod", "choices": {"none": "https://www.example.com"}});
    let closed = Manifest::parse(&closed.to_string()).unwrap();
    assert_eq!(closed.base_url.of(&[("pod".to_owned(), "eu".to_owned())]), Err("pod"));
}

#[test]
fn a_fault_in_one_of_several_forms_says_what_is_wrong_there() {
    let faults = |authentication: Value| {
        let mut manifest = example();
        manifest["authentication"] = json!([authentication]);
        Manifest::parse(&manifest.to_string()).unwrap_err().to_string()
    };
    let unknown = faults(json!({"scheme": "oauth2", "token": "access_token"}));
    assert!(unknown.ends_with(r#"/authentication/0/scheme: "oauth2" is none of "bearer", "basic", "header", "query""#), "{unknown}");
    let wrong = faults(json!({"scheme": "bearer", "token": "accessToken"}));
    assert!(wrong.contains("/authentication/0/token: \"accessToken\" does not match"), "{wrong}");
    let missing = faults(json!({"scheme": "basic", "username": "user"}));
    assert!(missing.ends_with("/authentication/0: \"password\" is a required property"), "{missing}");
}

#[test]
fn members_that_nobody_reads_are_found_at_any_depth() {
    let mut manifest = example();
    assert_eq!(Manifest::unknown_members(&manifest.to_string()).unwrap(), Vec::<String>::new());
    manifest["titel"] = json!("x");
    manifest["resources"][0]["operations"]["update"]["fields"][0]["nulable"] = json!(true);
    let found = Manifest::unknown_members(&manifest.to_string()).unwrap();
    assert_eq!(found, ["/resources/0/operations/update/fields/0/nulable", "/titel"]);
}
