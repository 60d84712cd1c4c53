#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use serde_json::{Value, json};

use crate::harness::{Harness, Reply};

const SPACE: &str = "/wrike/api/v4/spaces/MQAAAAEQ_HoD";
const SPACES: &str = "/wrike/api/v4/spaces";
const TOKEN: (&str, &str) = ("authorization", "Bearer sandbox-wrike");
const READONLY: (&str, &str) = ("authorization", "Bearer sandbox-wrike-readonly");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn put(harness: &Harness, form: &str) -> Reply {
    harness.send("PUT", SPACE, &[TOKEN, FORM], form.to_owned()).await
}

async fn get(harness: &Harness, path: &str) -> Reply {
    harness.send("GET", path, &[TOKEN], "").await
}

#[track_caller]
fn assert_error(reply: &Reply, status: u16, code: &str) {
    assert_eq!(reply.status, status, "{}", reply.text());
    let body = reply.json();
    assert_eq!(body["error"], code, "{body}");
    assert!(body["errorDescription"].is_string());
    assert!(reply.header("wrike-response-id").is_some());
}

#[tokio::test]
async fn an_update_by_form_is_answered_and_read_back() {
    let harness = Harness::start().await;
    let reply = put(&harness, "title=Campaigns+%26+more&description=Caf%C3%A9").await;
    assert_eq!(reply.status, 200);
    let expected = json!({
        "kind": "spaces",
        "data": [{
            "id": "MQAAAAEQ_HoD",
            "title": "Campaigns & more",
            "avatarUrl": "https://www.wrike.com/static/spaceicons2/v3/6/6-planet.png",
            "accessType": "Public",
            "archived": false,
            "description": "Café",
            "guestRoleId": "IEAG5DAKND777777",
            "defaultProjectWorkflowId": "IEAG5DAKK77ZC47W",
            "defaultTaskWorkflowId": "IEAG5DAKK4HVMQV4",
        }],
    });
    assert_eq!(reply.json(), expected);
    assert_eq!(get(&harness, SPACE).await.json(), expected);
}

#[tokio::test]
async fn an_update_by_query_parameters_works_as_well() {
    let harness = Harness::start().await;
    let path = format!("{SPACE}?title=From%20the%20query");
    let reply = harness.send("PUT", &path, &[TOKEN], "").await;
    assert_eq!(reply.json()["data"][0]["title"], "From the query");
}

#[tokio::test]
async fn an_empty_title_or_description_leaves_the_old_value() {
    let harness = Harness::start().await;
    let reply = put(&harness, "title=&description=").await;
    assert_eq!(reply.json()["data"][0]["title"], "Marketing");
    assert_eq!(reply.json()["data"][0]["description"], "Campaign space");
}

#[tokio::test]
async fn requests_that_wrike_refuses_get_its_code() {
    let harness = Harness::start().await;
    let long: Vec<String> = (0..1001).map(|number| format!("U{number}")).collect();
    let long = format!("membersRemove={}", json!(long));
    for (form, code) in [
        ("archived=true", "invalid_request"),
        ("name=x", "invalid_request"),
        ("title=a&title=b", "invalid_request"),
        ("method=DELETE", "invalid_request"),
        ("accessType=Locked", "invalid_parameter"),
        ("membersAdd=x", "invalid_parameter"),
        ("membersAdd=[{\"id\":\"A\"},{\"id\":\"A\"}]", "invalid_parameter"),
        ("membersAdd=[{\"role\":\"A\"}]", "invalid_parameter"),
        ("membersUpdate=[{\"id\":\"nobody\"}]", "invalid_parameter"),
        (&long, "invalid_parameter"),
        ("withInvitations=yes", "invalid_parameter"),
        ("accessType=Private&guestRoleId=X", "invalid_parameter"),
        ("fields=[\"everything\"]", "invalid_parameter"),
        ("title=new&accessType=Nobody", "invalid_parameter"),
    ] {
        assert_error(&put(&harness, form).await, 400, code);
    }
    let title = &get(&harness, SPACE).await.json()["data"][0]["title"];
    assert_eq!(title, "Marketing", "a refused update wrote something");
}

#[tokio::test]
async fn a_json_body_is_refused() {
    let harness = Harness::start().await;
    let json = ("content-type", "application/json");
    let reply = harness.send("PUT", SPACE, &[TOKEN, json], r#"{"title":"x"}"#).await;
    assert_error(&reply, 400, "invalid_request");
    let reply = harness.send("PUT", SPACE, &[TOKEN], "title=x").await;
    assert_error(&reply, 400, "invalid_request");
}

#[tokio::test]
async fn tokens_paths_and_methods_are_checked() {
    let harness = Harness::start().await;
    for headers in [&[][..], &[("authorization", "Bearer sandbox-workiva")], &[("authorization", "Basic sandbox-wrike")]] {
        let reply = harness.send("GET", SPACE, headers, "").await;
        assert_error(&reply, 401, "not_authorized");
    }
    let reply = harness.send("PUT", SPACE, &[READONLY, FORM], "title=x").await;
    assert_error(&reply, 403, "access_forbidden");
    assert_eq!(harness.send("GET", SPACE, &[READONLY], "").await.status, 200);
    assert_error(&get(&harness, "/wrike/api/v3/spaces").await, 404, "method_not_found");
    assert_error(&get(&harness, "/wrike").await, 404, "method_not_found");
    let path = "/wrike/api/v4/spaces/MQAAAAEQ_Xxx";
    assert_error(&get(&harness, path).await, 404, "resource_not_found");
    let reply = harness.send("PUT", path, &[TOKEN, FORM], "title=x").await;
    assert_error(&reply, 404, "resource_not_found");
    let reply = harness.send("PATCH", SPACE, &[TOKEN, FORM], "title=x").await;
    assert_error(&reply, 400, "invalid_request");
}

#[tokio::test]
async fn the_token_and_the_method_may_be_parameters_of_a_get() {
    let harness = Harness::start().await;
    let path = format!("{SPACE}?access_token=sandbox-wrike&method=PUT&title=By%20GET");
    let reply = harness.send("GET", &path, &[], "").await;
    assert_eq!(reply.json()["data"][0]["title"], "By GET");
}

#[tokio::test]
async fn a_space_is_created_listed_and_deleted() {
    let harness = Harness::start().await;
    let reply = harness.send("POST", SPACES, &[TOKEN, FORM], "title=New").await;
    assert_error(&reply, 400, "parameter_required");
    let reply = harness.send("POST", SPACES, &[TOKEN, FORM], "accessType=Public").await;
    assert_error(&reply, 400, "parameter_required");
    let reply = harness.send("POST", SPACES, &[TOKEN, FORM], "title=New&accessType=Locked").await;
    assert_eq!(reply.status, 200);
    let created = reply.json()["data"][0].clone();
    assert!(created.get("description").is_none());
    let path = format!("{SPACES}/{}", created["id"].as_str().unwrap());
    assert_eq!(get(&harness, &path).await.json()["data"][0], created);
    let reply = harness.send("DELETE", &path, &[TOKEN], "").await;
    assert_eq!((reply.status, &reply.json()["data"][0]), (200, &created));
    assert_error(&get(&harness, &path).await, 404, "resource_not_found");
}

fn titles(reply: &Reply) -> Vec<Value> {
    let body = reply.json();
    let spaces = body["data"].as_array().unwrap();
    spaces.iter().map(|space| space["title"].clone()).collect()
}

#[tokio::test]
async fn the_list_omits_archived_spaces_and_filters() {
    let harness = Harness::start().await;
    for (query, expected) in [
        ("", vec!["Marketing"]),
        ("?withArchived=true", vec!["Marketing", "Events of last year"]),
        ("?withArchived=true&title=EVENT", vec!["Events of last year"]),
        ("?withArchived=true&userIsMember=true", vec!["Marketing"]),
        ("?withArchived=true&accessTypes=%5B%22Private%22%5D", vec!["Events of last year"]),
    ] {
        let reply = get(&harness, &format!("{SPACES}{query}")).await;
        assert_eq!(titles(&reply), expected, "{query}");
    }
    for (query, code) in
        [("?pageSize=1", "invalid_request"), ("?title=%20", "invalid_parameter"), ("?accessTypes=Private", "invalid_parameter")]
    {
        let reply = get(&harness, &format!("{SPACES}{query}")).await;
        assert_error(&reply, 400, code);
    }
}

#[tokio::test]
async fn members_change_and_show_only_on_request() {
    let harness = Harness::start().await;
    let form = "membersAdd=[{\"id\":\"KUB\",\"isManager\":false}]&membersRemove=[\"KUAAAAEP\"]\
                &suggestedTaskWorkflowsAdd=[\"W2\"]&fields=[\"members\",\"suggestedTaskWorkflows\"]";
    let space = put(&harness, form).await.json()["data"][0].clone();
    assert_eq!(space["members"], json!([{ "id": "KUB", "isManager": false }]));
    assert_eq!(space["suggestedTaskWorkflowIds"], json!(["IEAG5DAKK4HVMQV4", "W2"]));
    assert!(get(&harness, SPACE).await.json()["data"][0].get("members").is_none());
}
