//! Bodies: merge patch, JSON Patch, `remote_data`.

use patchboard_tests::seeds::{CAPSULE, ETAG_PARAM, PLANNER, POLYTEIA, WORKIVA, WRIKE};
use patchboard_tests::{Seed, World};
use serde_json::{Value, json};

/// The native body that a JSON body would become.
async fn native(world: &World, seed: &Seed, body: &Value) -> Value {
    let report = world.update(seed).query("dry_run=true").header("if-match", "W/\"x\"").json(body).send().await.ok();
    report["requests"][0]["body"].clone()
}

/// Asserts a refusal that sends nothing, and that the next request is served.
async fn refused(world: &World, seed: &Seed, body: &Value, status: u16, code: &str) -> Value {
    world.sandbox.forget().await;
    let call = if *seed == PLANNER { world.update(seed).header("if-match", "W/\"x\"") } else { world.update(seed) };
    let problem = call.json(body).send().await.problem(status, code);
    assert!(world.sandbox.requests().await.is_empty(), "{body} reached the provider");
    world.serves(seed).await;
    problem
}

#[tokio::test]
async fn the_two_names_of_a_merge_patch_mean_the_same() {
    let world = World::start();
    for media in
        ["application/json", "application/merge-patch+json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""]
    {
        let reply = world.update(&WRIKE).media(media, r#"{"name":"n"}"#).send().await;
        assert_eq!(reply.ok()["name"], "n", "{media}");
    }
}

#[tokio::test]
async fn a_field_left_out_stays_and_null_clears_or_is_refused() {
    let world = World::start();
    assert_eq!(native(&world, &WRIKE, &json!({"description": "only this"})).await, "description=only+this");
    let problem = refused(&world, &WRIKE, &json!({"name": "n", "description": null}), 422, "invalid_field").await;
    assert_eq!(problem["errors"], json!([{"path": "/description", "message": "cannot be cleared at this provider"}]));
    let problem =
        refused(&world, &POLYTEIA, &json!({"name": "n", "custom_fields": {"key": null, "a": {"b": null}}}), 422, "invalid_field").await;
    let paths: Vec<&Value> = problem["errors"].as_array().unwrap().iter().map(|error| &error["path"]).collect();
    assert_eq!(paths, ["/custom_fields/key", "/custom_fields/a/b"]);
}

#[tokio::test]
async fn a_json_patch_makes_the_same_change_as_a_merge_patch() {
    let world = World::start();
    let patch = json!([
        {"op": "replace", "path": "/name", "value": "first"},
        {"op": "add", "path": "/description", "value": "d"},
        {"op": "replace", "path": "/name", "value": "last"},
        {"op": "add", "path": "/remote_data/accessType", "value": "Private"},
    ]);
    let reply = world.update(&WRIKE).json_patch(&patch).send().await;
    let object = reply.ok();
    assert_eq!(
        (&object["name"], &object["description"], &object["remote_data"]["accessType"]),
        (&json!("last"), &json!("d"), &json!("Private"))
    );
    assert_eq!(world.sandbox.request().await["body"], "title=last&description=d&accessType=Private");
}

#[tokio::test]
async fn a_json_patch_reaches_single_custom_fields() {
    let world = World::start();
    let patch = json!([{"op": "add", "path": "/custom_fields/a~1b", "value": {"c": [1]}}]);
    let object = world.update(&POLYTEIA).json_patch(&patch).send().await.ok();
    assert_eq!(object["custom_fields"], json!({"key": "value", "a/b": {"c": [1]}}));
    let removal = world.update(&POLYTEIA).json_patch(&json!([{"op": "remove", "path": "/custom_fields/key"}])).send().await;
    assert_eq!(removal.problem(422, "invalid_field")["errors"][0]["path"], "/custom_fields/key");
    world.serves(&POLYTEIA).await;
}

#[tokio::test]
async fn operations_that_need_the_current_object_are_refused_with_the_reason() {
    let world = World::start();
    for operation in [
        json!({"op": "test", "path": "/name", "value": "Marketing"}),
        json!({"op": "move", "from": "/description", "path": "/name"}),
        json!({"op": "copy", "from": "/description", "path": "/name"}),
        json!({"op": "replace", "path": "", "value": {"name": "n"}}),
        json!({"op": "replace", "path": "/name/0", "value": "n"}),
    ] {
        let patch = json!([{"op": "replace", "path": "/name", "value": "n"}, operation]);
        let problem = world.update(&WRIKE).json_patch(&patch).send().await.problem(422, "patch_not_expressible");
        assert_eq!(problem["errors"][0]["path"], "/1", "{operation}");
        assert!(!problem["errors"][0]["message"].as_str().unwrap().is_empty(), "{operation}");
        assert!(world.sandbox.requests().await.is_empty(), "{operation}");
        world.serves(&WRIKE).await;
    }
}

#[tokio::test]
async fn a_place_inside_a_field_that_nobody_has_is_a_warning() {
    let world = World::start();
    let patch = json!([{"op": "replace", "path": "/name", "value": "n"}, {"op": "add", "path": "/nope/a", "value": 1}]);
    let reply = world.update(&WRIKE).json_patch(&patch).send().await;
    assert_eq!(reply.warnings().as_deref(), Some("\"nope\";reason=unknown"));
    assert_eq!(reply.ok()["name"], "n");
}

#[tokio::test]
async fn a_member_inside_a_field_that_nobody_has_is_a_warning_and_with_strict_an_error() {
    let world = World::start();
    let change = json!({"name": "n", "account": {"id": "254633974", "zork": 1}});
    let reply = world.update(&CAPSULE).json(&change).send().await;
    assert_eq!((reply.status, reply.warnings().as_deref()), (200, Some("\"account/zork\";reason=unknown")));
    let strict = world.update(&CAPSULE).query("strict=true").json(&change).send().await;
    assert_eq!(strict.problem(422, "field_not_supported")["errors"][0]["path"], "/account/zork");
}

#[tokio::test]
async fn an_operation_on_an_array_that_was_not_read_is_refused_and_nothing_given_is_lost() {
    let world = World::start();
    for patch in [
        json!([{"op": "add", "path": "/custom_fields/tags/-", "value": "b"}]),
        json!([{"op": "replace", "path": "/custom_fields/tags/0", "value": "b"}]),
        json!([{"op": "add", "path": "/custom_fields/tags", "value": ["a"]}, {"op": "add", "path": "/custom_fields/tags/-", "value": "b"}]),
        json!([{"op": "add", "path": "/remote_data/attributes", "value": ["a"]}, {"op": "add", "path": "/remote_data/attributes/-", "value": "b"}]),
        json!([{"op": "add", "path": "/custom_fields/tags", "value": "text"}, {"op": "add", "path": "/custom_fields/tags/inner", "value": "b"}]),
    ] {
        let _ = world.update(&POLYTEIA).json_patch(&patch).send().await.problem(422, "patch_not_expressible");
        assert!(world.sandbox.requests().await.is_empty(), "{patch}");
        world.serves(&POLYTEIA).await;
    }
}

#[tokio::test]
async fn what_is_no_json_patch_is_refused() {
    let world = World::start();
    for (patch, code) in [
        (r#"{"op":"replace","path":"/name","value":"n"}"#, "invalid_body"),
        (r#"[{"op":"put","path":"/name","value":"n"}]"#, "invalid_body"),
        (r#"[{"op":"replace","path":"name","value":"n"}]"#, "invalid_body"),
        (r#"[{"op":"replace","path":"/na~2me","value":"n"}]"#, "invalid_body"),
        (r#"[{"op":"replace","path":"/name"}]"#, "invalid_body"),
        (r#"["replace"]"#, "invalid_body"),
        (r#"[{"op":"replace","path":"/name","value":"n"}"#, "invalid_json"),
        (r#"[{"op":"replace","path":"/name","value":"n","value":"m"}]"#, "invalid_json"),
        ("[]", "nothing_to_change"),
    ] {
        let _ = world.update(&WRIKE).media("application/json-patch+json", patch).send().await.problem(400, code);
        assert!(world.sandbox.requests().await.is_empty(), "{patch}");
    }
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn remote_data_becomes_form_fields_and_the_callers_value_wins() {
    let world = World::start();
    let body = r#"{"name": "unified", "description": "d", "remote_data":
        {"title": "mine", "accessType": "Private", "membersAdd": [ {"id": "K", "isManager": true} ], "flag": false, "n": 1.50, "x": null}}"#;
    let report = world.update(&WRIKE).query("dry_run=true").media("application/json", body).send().await.ok();
    assert_eq!(
        report["requests"][0]["body"],
        "description=d&title=mine&accessType=Private&membersAdd=%5B%7B%22id%22%3A%22K%22%2C%22isManager%22%3Atrue%7D%5D&flag=false&n=1.50&x=null"
    );
    let only = world.update(&WRIKE).json(&json!({"remote_data": {"title": "native only"}})).send().await;
    assert_eq!((only.ok()["name"].as_str(), only.warnings()), (Some("native only"), None));
    assert_eq!(world.sandbox.request().await["body"], "title=native+only");
    let _ = refused(&world, &WRIKE, &json!({"name": "n", "remote_data": [1]}), 422, "invalid_remote_data").await;
}

#[tokio::test]
async fn remote_data_is_merged_into_a_json_body_objects_deep() {
    let world = World::start();
    let body = native(&world, &PLANNER, &json!({"name": "unified", "remote_data": {"title": "mine", "container": {"url": "u"}}})).await;
    assert_eq!(body, json!({"title": "mine", "container": {"url": "u"}}));
    let body = json!({"name": "n", "remote_data": {"attributes": {"a": {"b": [1]}}, "description": "mine"}});
    assert_eq!(
        native(&world, &POLYTEIA, &body).await,
        json!({"command": "update_workspace", "params": {"id": POLYTEIA.id, "name": "n", "attributes": {"a": {"b": [1]}}, "description": "mine"}})
    );
}

#[tokio::test]
async fn remote_data_goes_to_the_write_and_not_to_the_read_before_it() {
    let world = World::start();
    let object = world.update(&POLYTEIA).json(&json!({"remote_data": {"description": "native"}})).send().await.ok();
    assert_eq!((&object["name"], &object["description"]), (&json!("Finance"), &json!("native")));
    let bodies: Vec<Value> =
        world.sandbox.requests().await.iter().map(|r| serde_json::from_str(r["body"].as_str().unwrap()).unwrap()).collect();
    assert_eq!(
        bodies,
        [
            json!({"query": "get_workspace", "params": {"id": POLYTEIA.id}}),
            json!({"command": "update_workspace", "params": {"id": POLYTEIA.id, "name": "Finance", "description": "native"}}),
        ]
    );
}

#[tokio::test]
async fn remote_data_cannot_change_what_the_request_is_aimed_at() {
    let world = World::start();
    let problem = refused(&world, &POLYTEIA, &json!({"name": "n", "remote_data": {"id": "ws_other"}}), 422, "invalid_remote_data").await;
    assert!(problem["detail"].as_str().unwrap().contains("/params/id"), "{problem}");
    assert_eq!((&problem["phase"], &problem["errors"][0]["path"]), (&json!("extend"), &json!("/remote_data/id")));
    // With only native fields the workspace is read first; the write is refused all the same.
    let only = world.update(&POLYTEIA).json(&json!({"remote_data": {"id": "ws_other"}})).send().await;
    let _ = only.problem(422, "invalid_remote_data");
    let writes = world.sandbox.requests().await.into_iter().filter(|r| r["body"].as_str().unwrap().contains("update_workspace"));
    assert_eq!(writes.count(), 0);
}

#[tokio::test]
async fn remote_data_is_appended_to_a_json_patch_and_must_be_an_array() {
    let world = World::start();
    let operations = json!([{"op": "replace", "path": "/name", "value": "second"}]);
    let body = native(&world, &WORKIVA, &json!({"name": "first", "remote_data": operations})).await;
    assert_eq!(body, json!([{"op": "replace", "path": "/name", "value": "first"}, {"op": "replace", "path": "/name", "value": "second"}]));
    let object = world.update(&WORKIVA).json(&json!({"remote_data": operations})).send().await.ok();
    assert_eq!(object["name"], "second");
    world.sandbox.forget().await;
    let problem = refused(&world, &WORKIVA, &json!({"name": "n", "remote_data": {"name": "x"}}), 422, "invalid_remote_data").await;
    assert_eq!(problem["errors"][0]["path"], "/remote_data");
}

#[tokio::test]
async fn remote_data_of_a_wrong_type_is_refused() {
    let world = World::start();
    for wrong in [json!("text"), json!(1), json!(true)] {
        for seed in [WRIKE, PLANNER, POLYTEIA, WORKIVA] {
            let body = json!({"name": "n", "remote_data": wrong});
            let _ = refused(&world, &seed, &body, 422, "invalid_remote_data").await;
        }
    }
}

#[tokio::test]
async fn a_body_without_a_content_type_is_read_as_json() {
    let world = World::start();
    let target = format!("{}?integrated_account_id={}", WRIKE.path(), world.account(&WRIKE));
    let bearer = format!("Bearer {}", world.token);
    let request = patchboard_tests::raw::request("PATCH", &target, &[("authorization", &bearer)], br#"{"name":"plain"}"#);
    assert_eq!(patchboard_tests::raw::exchange(world.server.address(), &request).ok()["name"], "plain");
}

#[tokio::test]
async fn nothing_to_change_is_said_by_the_gateway_alone() {
    let world = World::start();
    for (seed, body) in [
        (WRIKE, json!({})),
        (WRIKE, json!({"remote_data": {}})),
        (WRIKE, json!({"remote_data": null})),
        (WRIKE, json!({"status": "inactive"})),
        (WRIKE, json!({"colour": "red"})),
        (WORKIVA, json!({"description": "d", "remote_data": []})),
        (POLYTEIA, json!({"status": "active", "etag": "x"})),
        (PLANNER, json!({"description": "d"})),
    ] {
        let problem = refused(&world, &seed, &body, 400, "nothing_to_change").await;
        let given = body.as_object().unwrap().keys().filter(|name| *name != "remote_data").count();
        assert_eq!(problem["errors"].as_array().map_or(0, Vec::len), given, "{body}: {problem}");
    }
    for media in ["application/json", "application/merge-patch+json", "application/json-patch+json", "text/plain"] {
        let _ = world.update(&WRIKE).header("content-type", media).send().await.problem(400, "nothing_to_change");
    }
    let _ = world.update(&WRIKE).send().await.problem(400, "nothing_to_change");
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn characters_of_any_script_arrive_whole() {
    let world = World::start();
    let name = "Ünïcödé 🚀 \u{202e}x & = + % \" \\ \u{0}\n\ttab";
    for seed in [WRIKE, POLYTEIA, WORKIVA] {
        assert_eq!(world.update(&seed).json(&json!({"name": name})).send().await.ok()["name"], name, "{}", seed.provider);
    }
    let plan = world.update(&PLANNER).query(ETAG_PARAM).json(&json!({"name": name})).send().await.ok();
    assert_eq!(plan["name"], name);
}
