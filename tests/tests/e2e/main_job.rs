//! One update at each provider: what the caller gets, and what the provider was sent.

use patchboard_tests::seeds::{ETAG, ETAG_PARAM, ORGANIZATION, PLANNER, POLYTEIA, WORKIVA, WRIKE};
use patchboard_tests::{Setup, Stub, World, answer};
use serde_json::{Value, json};

fn reference() -> Value {
    json!({"name": "your_name", "description": "your_description", "remote_data": {}})
}

/// A time of the provider's without the zeros at the end of its fraction, which say nothing.
fn shortest(time: &Value) -> String {
    let digits = time.as_str().unwrap().trim_end_matches('Z').trim_end_matches('0');
    format!("{}Z", digits.trim_end_matches('.'))
}

/// The headers that mean something to the provider, without those of the connection.
fn headers(request: &Value) -> Value {
    let mut headers = request["headers"].as_object().unwrap().clone();
    assert!(headers["traceparent"].as_str().is_some_and(|parent| parent.len() == 55), "{headers:?}");
    for name in ["traceparent", "host", "content-length"] {
        headers.remove(name);
    }
    Value::Object(headers)
}

#[tokio::test]
async fn wrike_updates_a_space_with_a_form() {
    let world = World::start();
    let reply = world.update(&WRIKE).json(&reference()).send().await;
    let native = world.sandbox.object(&WRIKE).await;
    let object = reply.ok();
    assert_eq!(object["remote_data"]["title"], "your_name");
    assert_eq!(
        object,
        json!({
            "id": WRIKE.id,
            "name": "your_name",
            "description": "your_description",
            "status": "active",
            "type": "public",
            "remote_data": {
                "id": WRIKE.id,
                "title": "your_name",
                "avatarUrl": native["avatarUrl"],
                "accessType": "Public",
                "archived": false,
                "description": "your_description",
                "guestRoleId": native["guestRoleId"],
                "defaultProjectWorkflowId": native["defaultProjectWorkflowId"],
                "defaultTaskWorkflowId": native["defaultTaskWorkflowId"],
            },
        })
    );
    assert_eq!((reply.warnings(), reply.header("etag"), reply.header("deprecation")), (None, None, None));
    let request = world.sandbox.request().await;
    assert_eq!(
        (&request["method"], &request["path"], &request["query"]),
        (&json!("PUT"), &json!("/api/v4/spaces/MQAAAAEQ_HoD"), &json!(""))
    );
    assert_eq!(request["body"], "title=your_name&description=your_description");
    assert_eq!(
        headers(&request),
        json!({
            "accept": "application/json",
            "accept-encoding": "gzip",
            "authorization": "Bearer sandbox-wrike",
            "content-type": "application/x-www-form-urlencoded",
            "user-agent": "patchboard/0.1.0",
        })
    );
}

#[tokio::test]
async fn planner_updates_a_plan_under_its_etag() {
    let world = World::start();
    let reply = world.update(&PLANNER).query(ETAG_PARAM).json(&reference()).send().await;
    let native = world.sandbox.object(&PLANNER).await;
    let etag = native["@odata.etag"].as_str().unwrap();
    assert_ne!(etag, ETAG, "a write moves the etag");
    let mut remote_data = native.clone();
    remote_data["@odata.context"] = json!("https://graph.microsoft.com/v1.0/$metadata#planner/plans/$entity");
    assert_eq!(
        reply.ok(),
        json!({
            "id": PLANNER.id,
            "name": "your_name",
            "status": "active",
            "created_at": "2015-03-30T18:36:49.2407981Z",
            "etag": etag,
            "remote_data": remote_data,
        })
    );
    assert_eq!(reply.header("etag").as_deref(), Some(etag));
    assert_eq!(reply.warnings().as_deref(), Some(r#""description";reason=unsupported"#));
    let request = world.sandbox.request().await;
    assert_eq!((&request["method"], &request["path"]), (&json!("PATCH"), &json!(format!("/v1.0/planner/plans/{}", PLANNER.id))));
    assert_eq!(request["body"], r#"{"title":"your_name"}"#);
    assert_eq!(
        headers(&request),
        json!({
            "accept": "application/json",
            "accept-encoding": "gzip",
            "authorization": "Bearer sandbox-microsoft-planner",
            "content-type": "application/json",
            "if-match": ETAG,
            "prefer": "return=representation",
            "user-agent": "patchboard/0.1.0",
        })
    );
}

#[tokio::test]
async fn polyteia_updates_a_workspace_with_one_command() {
    let world = World::start();
    let reply = world.update(&POLYTEIA).json(&reference()).send().await;
    let native = world.sandbox.object(&POLYTEIA).await;
    let object = reply.ok();
    assert_eq!(
        object,
        json!({
            "id": POLYTEIA.id,
            "name": "your_name",
            "description": "your_description",
            "custom_fields": {"key": "value"},
            "created_at": "2025-03-24T15:12:49.186202Z",
            "updated_at": shortest(&native["updated_at"]),
            "remote_data": native,
        })
    );
    assert_eq!(reply.warnings(), None);
    let request = world.sandbox.request().await;
    assert_eq!((&request["method"], &request["path"]), (&json!("POST"), &json!("/api")));
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    let params = json!({"id": POLYTEIA.id, "name": "your_name", "description": "your_description"});
    assert_eq!(body, json!({"command": "update_workspace", "params": params}));
}

#[tokio::test]
async fn workiva_updates_a_workspace_with_a_json_patch() {
    let world = World::start();
    let reply = world.update(&WORKIVA).json(&reference()).send().await;
    let native = world.sandbox.object(&WORKIVA).await;
    assert_eq!(
        reply.ok(),
        json!({
            "id": WORKIVA.id,
            "name": "your_name",
            "created_at": "2014-12-01T15:03:27Z",
            "updated_at": native["modified"]["dateTime"],
            "remote_data": native,
        })
    );
    assert_eq!(reply.warnings().as_deref(), Some(r#""description";reason=unsupported"#));
    assert_eq!((reply.header("deprecation"), reply.header("sunset")), (None, None));
    let request = world.sandbox.request().await;
    assert_eq!(request["path"], format!("/organizations/{ORGANIZATION}/workspaces/{}", WORKIVA.id));
    assert_eq!(request["body"], r#"[{"op":"replace","path":"/name","value":"your_name"}]"#);
    assert_eq!(
        headers(&request),
        json!({
            "accept": "application/json",
            "accept-encoding": "gzip",
            "authorization": "Bearer sandbox-workiva",
            "content-type": "application/json",
            "user-agent": "patchboard/0.1.0",
            "x-version": "2026-01-01",
        })
    );
}

#[tokio::test]
async fn workivas_old_version_goes_to_the_old_path_and_says_when_it_ends() {
    let world = World::start();
    let account = world.add_account(&WORKIVA, &[("api_version", "2022-01-01")], &WORKIVA.credential());
    let update = || world.update_with(&WORKIVA, &account).json(&json!({"name": "old"}));
    let (shown, reply) = (update().query("dry_run=true").send().await, update().send().await);
    assert_eq!(reply.ok()["name"], "old");
    for reply in [shown, reply] {
        // 2026-02-12 and 2027-01-31 at midnight UTC, as RFC 9745 and RFC 8594 write them.
        assert_eq!(reply.header("deprecation").as_deref(), Some("@1770854400"));
        assert_eq!(reply.header("sunset").as_deref(), Some("Sun, 31 Jan 2027 00:00:00 GMT"));
    }
    let request = world.sandbox.request().await;
    assert_eq!(request["path"], format!("/prototype/admin/organizations/{ORGANIZATION}/workspaces/{}", WORKIVA.id));
    assert_eq!(request["headers"]["x-version"], "2022-01-01");
}

#[tokio::test]
async fn polyteia_without_a_name_reads_first_and_sends_the_whole() {
    let world = World::start();
    let body = json!({"description": "new", "custom_fields": {"more": 1}});
    let reply = world.update(&POLYTEIA).json(&body).send().await;
    let native = world.sandbox.object(&POLYTEIA).await;
    let object = reply.ok();
    assert_eq!((&object["name"], &object["description"]), (&json!("Finance"), &json!("new")));
    assert_eq!(object["custom_fields"], json!({"key": "value", "more": 1}));
    assert_eq!(object["remote_data"], native);
    let sent: Vec<Value> =
        world.sandbox.requests().await.iter().map(|request| serde_json::from_str(request["body"].as_str().unwrap()).unwrap()).collect();
    let params = json!({"id": POLYTEIA.id, "name": "Finance", "description": "new", "attributes": {"key": "value", "more": 1}});
    assert_eq!(
        sent,
        [json!({"query": "get_workspace", "params": {"id": POLYTEIA.id}}), json!({"command": "update_workspace", "params": params})]
    );
}

#[tokio::test]
async fn polyteias_change_can_stand_under_query() {
    let world = World::start();
    world.sandbox.switch(json!({"provider": "polyteia", "envelope": "query"})).await;
    let account = world.add_account(&POLYTEIA, &[("envelope_key", "query")], &POLYTEIA.credential());
    assert_eq!(world.update_with(&POLYTEIA, &account).json(&json!({"name": "q"})).send().await.ok()["name"], "q");
    assert!(world.sandbox.request().await["body"].as_str().unwrap().starts_with(r#"{"query":"update_workspace""#));
}

#[tokio::test]
async fn planners_answer_without_a_body_is_read_back() {
    let world = World::start();
    world.sandbox.fail(&PLANNER, "ignore_prefer", json!({})).await;
    let reply = world.update(&PLANNER).query(ETAG_PARAM).json(&json!({"name": "read back"})).send().await;
    let native = world.sandbox.object(&PLANNER).await;
    let object = reply.ok();
    assert_eq!((&object["name"], &object["etag"]), (&json!("read back"), &native["@odata.etag"]));
    assert_eq!(object["remote_data"]["title"], "read back");
    assert_eq!(reply.header("etag").as_deref(), native["@odata.etag"].as_str());
    assert_eq!(reply.warnings(), None);
    let methods: Vec<Value> = world.sandbox.requests().await.iter().map(|r| json!([r["method"], r["status"]])).collect();
    assert_eq!(methods, [json!(["PATCH", 204]), json!(["GET", 200])]);
}

#[tokio::test]
async fn a_failed_read_back_is_a_warning_because_the_write_stands() {
    let world = World::start();
    for (kind, more) in [
        ("status", json!({"status": 500})),
        ("reset", json!({})),
        ("html", json!({"status": 200})),
        ("empty", json!({})),
        ("truncate", json!({})),
    ] {
        let etag = world.sandbox.object(&PLANNER).await["@odata.etag"].as_str().unwrap().to_owned();
        world.sandbox.fail(&PLANNER, "ignore_prefer", json!({"method": "PATCH"})).await;
        let mut more = more;
        more["method"] = json!("GET");
        more["times"] = json!(2);
        world.sandbox.fail(&PLANNER, kind, more).await;
        let name = format!("written before {kind}");
        let reply = world.update(&PLANNER).header("if-match", &etag).json(&json!({"name": name})).send().await;
        assert_eq!(reply.ok(), json!({"id": PLANNER.id, "name": name, "status": "active"}), "{kind}");
        assert!(reply.warnings().is_some_and(|warnings| warnings.contains("reason=read_back_failed")), "{kind}: {:?}", reply.warnings());
        assert_eq!(reply.header("etag"), None);
        assert_eq!(world.sandbox.object(&PLANNER).await["title"], name);
        // A failure that was not used up is used up by reads.
        while world.sandbox.requests().await.iter().filter(|r| r["method"] == "GET").count() < 2 {
            let url = world.sandbox.url(&format!("{}/planner/plans/{}", PLANNER.base, PLANNER.id));
            let _ = patchboard_tests::client().get(url).header("authorization", "Bearer sandbox-microsoft-planner").send().await;
        }
        world.serves(&PLANNER).await;
    }
}

#[tokio::test]
async fn a_base_url_without_a_path_keeps_the_providers_path() {
    let body = br#"{"kind":"spaces","data":[{"id":"S1","title":"t","archived":true}]}"#;
    let stub = Stub::always(answer(200, &[("content-type", "application/json")], body));
    let world = Setup::default().allow(&stub.origin()).start();
    for (base, path) in [("", "/api/v4/spaces/S1"), ("/", "/api/v4/spaces/S1"), ("/own", "/own/spaces/S1"), ("/own/", "/own/spaces/S1")] {
        let account = world.add_account(&WRIKE, &[("base_url", &format!("{}{base}", stub.origin()))], &WRIKE.credential());
        let path_of = format!("/unified/ticketing/workspaces/S1?integrated_account_id={account}");
        let object = world.call("PATCH", &path_of).json(&json!({"name": "t"})).send().await.ok();
        assert_eq!(
            object,
            json!({"id": "S1", "name": "t", "status": "inactive", "remote_data": {"id": "S1", "title": "t", "archived": true}})
        );
        let seen = stub.seen();
        let last = seen.last().unwrap();
        assert_eq!((last.method.as_str(), last.target.as_str()), ("PUT", path));
        assert_eq!(last.header("host"), Some(stub.address().to_string().as_str()));
    }
}

#[tokio::test]
async fn many_updates_at_once_are_all_served() {
    let world = World::start();
    let calls: Vec<_> = (0..40)
        .map(|n| {
            let seed = [WRIKE, POLYTEIA, WORKIVA][n % 3];
            tokio::spawn(world.update(&seed).json(&json!({"name": format!("n{n}")})).send())
        })
        .collect();
    for (n, call) in calls.into_iter().enumerate() {
        assert_eq!(call.await.unwrap().ok()["name"], format!("n{n}"));
    }
    assert_eq!(world.sandbox.requests().await.len(), 40);
}
