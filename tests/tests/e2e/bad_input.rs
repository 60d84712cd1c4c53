//! What a caller can get wrong. Nothing of it reaches a provider, and the next good
//! request is served.

use patchboard_tests::seeds::{ETAG, ETAG_PARAM, PLANNER, POLYTEIA, WORKIVA, WRIKE};
use patchboard_tests::{World, raw};
use serde_json::{Value, json};

/// Asserts that a body is refused as it should be.
async fn refused(world: &World, body: impl Into<Vec<u8>>, status: u16, code: &str) -> Value {
    let problem = world.update(&WRIKE).media("application/json", body).send().await.problem(status, code);
    assert!(world.sandbox.requests().await.is_empty(), "{problem}");
    world.serves(&WRIKE).await;
    problem
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    let world = World::start();
    for body in [
        "not json",
        "{",
        "{\"name\":\"n\"",
        "{'name':'n'}",
        "{\"name\":\"n\"} {}",
        "{\"name\":\"n\",}",
        "\u{feff}{\"name\":\"n\"}",
        "{\"name\":NaN}",
        "\0",
        " ",
    ] {
        let problem = refused(&world, body, 400, "invalid_json").await;
        assert_eq!(problem["phase"], "parse", "{body}");
    }
}

#[tokio::test]
async fn json_that_is_no_object_is_refused() {
    let world = World::start();
    for body in ["[]", "[{\"name\":\"n\"}]", "\"name\"", "1", "true", "null"] {
        let _ = refused(&world, body, 400, "invalid_body").await;
    }
}

#[tokio::test]
async fn a_key_given_twice_is_refused() {
    let world = World::start();
    let duplicates = [
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":"a","name":"a"}"#,
        r#"{"name":"a","\u006eame":"b"}"#,
        r#"{"remote_data":{"x":{"y":1,"y":2}}}"#,
    ];
    for body in duplicates {
        let problem = refused(&world, body, 400, "invalid_json").await;
        assert!(problem["detail"].as_str().unwrap().contains("twice"), "{problem}");
    }
}

#[tokio::test]
async fn invalid_utf8_is_refused() {
    let world = World::start();
    for bytes in [&b"{\"name\":\"\xff\"}"[..], b"\xff\xfe{\x00}\x00", b"{\"name\":\"\xc3\"}", b"{\"name\":\"\xed\xa0\x80\"}"] {
        let _ = refused(&world, bytes, 400, "invalid_json").await;
    }
}

#[tokio::test]
async fn a_lone_surrogate_is_refused() {
    let world = World::start();
    let _ = refused(&world, r#"{"name":"\ud800"}"#, 400, "invalid_json").await;
}

#[tokio::test]
async fn nesting_over_64_levels_is_refused() {
    let world = World::start();
    // The body itself is the first level.
    let nested = |levels: usize| format!("{{\"name\":\"n\",\"deep\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    let fits = world.update(&WRIKE).media("application/json", nested(64)).send().await;
    assert_eq!((fits.ok()["name"].as_str(), fits.warnings().as_deref()), (Some("n"), Some(r#""deep";reason=unknown"#)));
    world.sandbox.forget().await;
    for levels in [65, 10_000, 1_000_000] {
        let _ = refused(&world, nested(levels), 400, "invalid_json").await;
    }
    let objects = format!("{}1{}", "{\"name\":".repeat(10_000), "}".repeat(10_000));
    let _ = refused(&world, objects, 400, "invalid_json").await;
    let native = format!("{{\"remote_data\":{}1{}}}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let _ = refused(&world, native, 400, "invalid_json").await;
}

#[tokio::test]
async fn nesting_at_the_limit_passes_through_every_plugin() {
    let world = World::start();
    let deep = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    let (native, own) = (deep(62), deep(63));
    for body in
        [format!("{{\"name\":\"n\",\"remote_data\":{{\"attributes\":{native}}}}}"), format!("{{\"name\":\"n\",\"custom_fields\":{own}}}")]
    {
        assert_eq!(world.update(&POLYTEIA).media("application/json", body).send().await.ok()["name"], "n");
    }
    world.serves(&POLYTEIA).await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let world = World::start();
    let body = format!("{{\"name\":\"{}\"}}", "x".repeat(20 << 20));
    let problem = refused(&world, body.clone(), 413, "body_too_large").await;
    assert_eq!(problem["phase"], "http");
    let patch = world.update(&WRIKE).media("application/json-patch+json", body.clone()).send().await;
    let _ = patch.problem(413, "body_too_large");
    let account = world.call("POST", "/integrated-account").media("application/json", body).send().await;
    let _ = account.problem(413, "body_too_large");
    // Over the limit of a chunked body, too, whose length is not known before.
    let target = format!("{}?integrated_account_id={}", WRIKE.path(), world.account(&WRIKE));
    let bearer = format!("Bearer {}", world.token);
    let mut bytes = raw::request("PATCH", &target, &[("authorization", &bearer), ("transfer-encoding", "chunked")], b"");
    let chunk = [format!("{:x}\r\n", 1 << 20).into_bytes(), vec![b' '; 1 << 20], b"\r\n".to_vec()].concat();
    bytes.extend(chunk.repeat(12));
    bytes.extend(b"0\r\n\r\n");
    let _ = raw::exchange(world.server.address(), &bytes).problem(413, "body_too_large");
    world.serves(&WRIKE).await;
    assert!(world.server.most_memory() < 500, "{} MB", world.server.most_memory());
}

#[tokio::test]
async fn a_large_body_within_the_limit_is_taken() {
    let world = World::start();
    let name = "x".repeat(2 << 20);
    let report = world.update(&WRIKE).query("dry_run=true").json(&json!({"name": name})).send().await.ok();
    assert_eq!(report["requests"][0]["body"].as_str().unwrap().len(), "title=".len() + name.len());
}

#[tokio::test]
async fn another_media_type_is_415_and_the_accepted_ones_are_said() {
    let world = World::start();
    for media in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "application/vnd.api+json", "json", ""]
    {
        let reply = world.update(&WRIKE).media(media, r#"{"name":"n"}"#).send().await;
        let _ = reply.problem(415, "unsupported_media_type");
        let accepted = "application/json, application/merge-patch+json, application/json-patch+json";
        assert_eq!(reply.header("accept-patch").as_deref(), Some(accepted), "{media}");
        world.serves(&WRIKE).await;
    }
}

#[tokio::test]
async fn an_encoded_body_is_not_taken_for_json() {
    let world = World::start();
    let reply = world.update(&WRIKE).header("content-encoding", "gzip").media("application/json", [0x1f, 0x8b, 8, 0, 0]).send().await;
    assert!(matches!(reply.status, 400 | 415), "{}", reply.text());
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_field_of_the_wrong_type_is_422_and_named() {
    let world = World::start();
    for (seed, body, path) in [
        (WRIKE, json!({"name": 5}), "/name"),
        (WRIKE, json!({"name": ["n"]}), "/name"),
        (WRIKE, json!({"name": {"a": 1}, "description": "d"}), "/name"),
        (WRIKE, json!({"description": true}), "/description"),
        (POLYTEIA, json!({"name": "n", "custom_fields": []}), "/custom_fields"),
        (POLYTEIA, json!({"name": "n", "custom_fields": "x"}), "/custom_fields"),
        (WORKIVA, json!({"name": 1.5}), "/name"),
        (PLANNER, json!({"name": false}), "/name"),
    ] {
        let call = if seed == PLANNER { world.update(&seed).header("if-match", ETAG) } else { world.update(&seed) };
        let problem = call.json(&body).send().await.problem(422, "invalid_field");
        assert_eq!((&problem["errors"][0]["path"], &problem["phase"]), (&json!(path), &json!("check")), "{body}");
        assert!(world.sandbox.requests().await.is_empty(), "{body}");
        world.serves(&seed).await;
    }
}

#[tokio::test]
async fn a_value_that_the_provider_does_not_take_is_422_and_named() {
    let world = World::start();
    for (seed, body) in [
        (WRIKE, json!({"name": ""})),
        (WRIKE, json!({"name": null})),
        (WORKIVA, json!({"name": null})),
        (POLYTEIA, json!({"name": ""})),
        (POLYTEIA, json!({"name": "x".repeat(51)})),
        (POLYTEIA, json!({"name": null})),
    ] {
        let problem = world.update(&seed).json(&body).send().await.problem(422, "invalid_field");
        assert_eq!(problem["errors"][0]["path"], "/name", "{body}");
        assert!(world.sandbox.requests().await.is_empty(), "{body}");
    }
    // Characters are counted, not bytes.
    assert_eq!(world.update(&POLYTEIA).json(&json!({"name": "é".repeat(50)})).send().await.ok()["name"], "é".repeat(50));
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let world = World::start();
    let problem = refused(&world, r#"{"name":5,"description":""}"#, 422, "invalid_field").await;
    let paths: Vec<&Value> = problem["errors"].as_array().unwrap().iter().map(|error| &error["path"]).collect();
    assert_eq!(paths, ["/name", "/description"]);
}

#[tokio::test]
async fn a_value_outside_the_models_enum_or_type_is_422_whether_the_provider_takes_the_field_or_not() {
    let world = World::start();
    for (body, path) in [(json!({"name": "n", "status": "bogus"}), "/status"), (json!({"name": "n", "created_at": 5}), "/created_at")] {
        let problem = refused(&world, body.to_string(), 422, "invalid_field").await;
        assert_eq!(problem["errors"][0]["path"], path);
    }
}

#[tokio::test]
async fn a_field_that_is_not_in_the_model_is_a_warning() {
    let world = World::start();
    let reply = world.update(&WRIKE).json(&json!({"name": "n", "colour": "red", "NAME": "x"})).send().await;
    assert_eq!(reply.ok()["name"], "n");
    assert_eq!(reply.warnings().as_deref(), Some(r#""colour";reason=unknown, "NAME";reason=unknown"#));
    assert_eq!(world.sandbox.request().await["body"], "title=n");
}

#[tokio::test]
async fn planner_without_an_etag_is_428() {
    let world = World::start();
    for query in ["", "etag=", "truto_etag="] {
        let reply = world.update(&PLANNER).query(query).json(&json!({"name": "n"})).send().await;
        let problem = reply.problem(428, "etag_required");
        assert_eq!((&problem["title"], &problem["errors"][0]["path"]), (&json!("Precondition Required"), &json!("?etag")), "{query}");
        assert!(world.sandbox.requests().await.is_empty(), "{query}");
    }
    world.serves(&PLANNER).await;
}

#[tokio::test]
async fn a_stale_etag_is_the_providers_412() {
    let world = World::start();
    world.sandbox.change(&PLANNER, json!({"title": "changed meanwhile"})).await;
    let problem = world.update(&PLANNER).query(ETAG_PARAM).json(&json!({"name": "n"})).send().await.problem(412, "provider_rejected");
    let message = "The If-Match header does not match the current version of the item.";
    assert_eq!((problem["detail"].as_str(), &problem["remote"]["status"]), (Some(message), &json!(412)));
    assert_eq!((problem["remote"]["body"]["error"]["message"].as_str(), problem.get("applied")), (Some(message), None));
    assert_eq!(world.sandbox.object(&PLANNER).await["title"], "changed meanwhile");
    world.serves(&PLANNER).await;
}

#[tokio::test]
async fn an_id_that_the_provider_does_not_have_is_its_404() {
    let world = World::start();
    for (seed, id, code) in [
        (WRIKE, "nothing-here", "/error"),
        (POLYTEIA, "ws_0", "/error/code"),
        (WORKIVA, "AAAA", "/code"),
        (PLANNER, "AAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/error/message"),
    ] {
        let path = format!("/unified/ticketing/workspaces/{id}?integrated_account_id={}", world.account(&seed));
        let call = world.call("PATCH", &path);
        let call = if seed == PLANNER { call.query(ETAG_PARAM) } else { call };
        let problem = call.json(&json!({"name": "n"})).send().await.problem(404, "provider_rejected");
        assert!(problem["remote"]["body"].pointer(code).is_some(), "{problem}");
        world.serves(&seed).await;
    }
}
