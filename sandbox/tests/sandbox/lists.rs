//! Long lists, page by page, of the providers whose lists lead on by a link, and of those with pages of another kind.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::harness::Harness;

async fn seed(harness: &Harness, provider: &str, count: usize) {
    harness.control("POST", "/seed", &json!({ "provider": provider, "count": count })).await;
}

/// Follows the links of a list while an object is added after each page.
async fn follow_while_adding(provider: &str, list: &str, headers: &[(&str, &str)], items: &str, link: &str) {
    let harness = Harness::start().await;
    seed(&harness, provider, 2_500).await;
    let (mut ids, mut pages, mut items_seen) = (HashSet::new(), 0, 0);
    let mut path = Some(list.to_owned());
    while let Some(next) = path {
        let reply = harness.send("GET", &next, headers, "").await;
        assert_eq!(reply.status, 200, "{next}: {}", reply.text());
        let page = reply.json();
        let objects = page[items].as_array().unwrap();
        items_seen += objects.len();
        ids.extend(objects.iter().map(|object| object["id"].as_str().unwrap().to_owned()));
        let link = page.get(link).and_then(Value::as_str);
        path = link.map(|link| link.strip_prefix(&harness.sandbox.url("")).unwrap().to_owned());
        if path.is_some() {
            pages += 1;
            seed(&harness, provider, 1).await;
        }
    }
    assert!(pages >= 2, "{pages}");
    assert_eq!((items_seen, ids.len()), (2_501 + pages, 2_501 + pages), "{provider}: {list}");
}

#[tokio::test]
async fn no_plan_is_twice_or_missing_in_a_list_that_grows_meanwhile() {
    for (provider, group) in
        [("microsoft-planner", "ebf3b108-5234-4e22-b93d-656d7dae5874"), ("microsoft-365", "02bd9fd6-8f93-4758-87c3-1fb73740a315")]
    {
        let bearer = format!("Bearer sandbox-{provider}");
        let headers = [("authorization", bearer.as_str())];
        for list in [format!("groups/{group}/planner/plans?$top=700"), "me/planner/plans".to_owned()] {
            let list = format!("/{provider}/v1.0/{list}");
            follow_while_adding(provider, &list, &headers, "value", "@odata.nextLink").await;
        }
    }
}

#[tokio::test]
async fn no_workspace_of_workiva_is_twice_or_missing_in_a_list_that_grows_meanwhile() {
    let headers = [("authorization", "Bearer sandbox-workiva"), ("x-version", "2026-01-01")];
    for query in ["", "?$maxpagesize=100"] {
        let list = format!("/workiva/organizations/d6e178fd-4dd5-47e5-9457-68dd64b03655/workspaces{query}");
        follow_while_adding("workiva", &list, &headers, "data", "@nextLink").await;
    }
}

#[tokio::test]
async fn polyteia_numbers_the_pages_of_2_501_workspaces() {
    let harness = Harness::start().await;
    seed(&harness, "polyteia", 2_500).await;
    let headers = [("authorization", "Bearer sandbox-polyteia"), ("content-type", "application/json")];
    let mut ids = HashSet::new();
    for page in 1.. {
        let body = json!({ "query": "list_workspaces", "params": { "page": page, "size": 100 } }).to_string();
        let data = harness.send("POST", "/polyteia/api", &headers, body).await.json()["data"].clone();
        assert_eq!(data["total"], 2_501);
        ids.extend(data["items"].as_array().unwrap().iter().map(|workspace| workspace["id"].as_str().unwrap().to_owned()));
        if page * 100 >= 2_501 {
            break;
        }
    }
    assert_eq!(ids.len(), 2_501);
}

#[tokio::test]
async fn wrike_has_no_pages_and_lists_2_501_spaces_at_once() {
    let harness = Harness::start().await;
    seed(&harness, "wrike", 2_500).await;
    let reply = harness.send("GET", "/wrike/api/v4/spaces", &[("authorization", "Bearer sandbox-wrike")], "").await.json();
    let spaces = reply["data"].as_array().unwrap();
    let ids: HashSet<&str> = spaces.iter().map(|space| space["id"].as_str().unwrap()).collect();
    assert_eq!((spaces.len(), ids.len()), (2_501, 2_501));
}
