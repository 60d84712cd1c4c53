//! Query parameters in all their spellings, and what each of them does.

use patchboard_tests::seeds::{ETAG, ETAG_PARAM, PLANNER, POLYTEIA, WORKIVA, WRIKE};
use patchboard_tests::{Reply, Setup, Stub, World, answer, raw};
use serde_json::{Value, json};

async fn rename(world: &World, query: &str) -> Reply {
    world.update(&WRIKE).query(query).json(&json!({"name": "n"})).send().await
}

fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn every_parameter_is_accepted_with_and_without_the_prefix() {
    let world = World::start();
    let account = world.account(&WRIKE);
    for prefix in ["", "truto_"] {
        let path = format!("{}?{prefix}integrated_account_id={account}&{prefix}ignore_remote_data=true", WRIKE.path());
        let object = world.call("PATCH", &path).json(&json!({"name": "n"})).send().await.ok();
        assert_eq!(names(&object), ["id", "name", "description", "status", "type"], "{prefix}");
        let object = rename(&world, &format!("{prefix}response_format=normalized&{prefix}exclude_fields[]=id")).await.ok();
        assert_eq!((&object["updated_at"], object.get("id")), (&Value::Null, None), "{prefix}");
        assert_eq!(rename(&world, &format!("{prefix}dry_run=true")).await.ok()["dry_run"], true, "{prefix}");
        let strict = world.update(&WRIKE).query(&format!("{prefix}strict=true")).json(&json!({"name": "n", "colour": 1})).send().await;
        let _ = strict.problem(422, "field_not_supported");
        let remote = rename(&world, &format!("{prefix}dry_run=true&{prefix}remote_query[fields]=x")).await.ok();
        assert!(remote["requests"][0]["url"].as_str().unwrap().ends_with("?fields=x"), "{prefix}: {remote}");
        let etag = ETAG_PARAM.replace("etag=", &format!("{prefix}etag="));
        let plan = world.update(&PLANNER).query(&format!("{etag}&dry_run=true")).json(&json!({"name": "n"})).send().await.ok();
        assert_eq!(plan["requests"][0]["headers"]["if-match"], ETAG, "{prefix}");
    }
}

#[tokio::test]
async fn arrays_are_read_in_every_spelling() {
    let world = World::start();
    for query in [
        "exclude_fields[]=id&exclude_fields[]=remote_data",
        "exclude_fields[0]=id&exclude_fields[1]=remote_data",
        "exclude_fields[1]=remote_data&exclude_fields[0]=id",
        "exclude_fields=id&exclude_fields=remote_data",
        "exclude_fields=id,remote_data",
        "exclude_fields[]=id,remote_data",
        "exclude_fields%5B%5D=id&exclude_fields%5B%5D=remote_data",
        "exclude_fields%5B0%5D=id&exclude_fields%5b1%5d=remote_data",
        "exclude_fields=id%2Cremote_data",
        "truto_exclude_fields%5B%5D=id&truto_exclude_fields[]=remote_data",
    ] {
        assert_eq!(names(&rename(&world, query).await.ok()), ["name", "description", "status", "type"], "{query}");
    }
}

#[tokio::test]
async fn excluded_fields_reach_inside_by_dots() {
    let world = World::start();
    let object = rename(&world, "exclude_fields=remote_data.title,remote_data.archived,nothing,status.x").await.ok();
    let remote = object["remote_data"].as_object().unwrap();
    assert!(!remote.contains_key("title") && !remote.contains_key("archived") && remote.contains_key("id"));
    assert_eq!(object["status"], "active");
    let custom = world.update(&POLYTEIA).query("exclude_fields=custom_fields.key").json(&json!({"name": "n"})).send().await.ok();
    assert_eq!(custom["custom_fields"], json!({}));
}

#[tokio::test]
async fn normalized_has_every_field_of_the_model_and_no_remote_data() {
    let world = World::start();
    let object = rename(&world, "response_format=normalized").await.ok();
    assert_eq!(
        object,
        json!({
            "id": WRIKE.id, "name": "n", "description": "Campaign space", "status": "active", "type": "public", "account_id": null,
            "custom_fields": null, "created_at": null, "updated_at": null, "etag": null,
        })
    );
}

#[tokio::test]
async fn unified_is_the_default_and_can_be_said() {
    let world = World::start();
    let plain = rename(&world, "").await.ok();
    assert_eq!(rename(&world, "response_format=unified").await.ok(), plain);
    assert_eq!(rename(&world, "ignore_remote_data=false&dry_run=false&strict=false").await.ok(), plain);
}

#[tokio::test]
async fn raw_and_stream_are_the_providers_bytes_status_and_content_type() {
    let world = World::start();
    for format in ["raw", "stream"] {
        world.sandbox.forget().await;
        let etag = world.sandbox.object(&PLANNER).await["@odata.etag"].as_str().unwrap().to_owned();
        let call = world.update(&PLANNER).query(&format!("response_format={format}")).header("if-match", &etag);
        let reply = call.json(&json!({"name": format, "description": "d"})).send().await;
        assert_eq!(reply.status, 200);
        let media = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
        assert_eq!(reply.header("content-type").as_deref(), Some(media), "{format}");
        assert_eq!(reply.text(), world.sandbox.request().await["answer"].as_str().unwrap(), "{format}");
        assert_eq!(reply.warnings().as_deref(), Some(r#""description";reason=unsupported"#), "{format}");
        assert!(reply.header("x-request-id").is_some());
    }
}

#[tokio::test]
async fn raw_and_stream_of_an_empty_answer_have_no_json_content_type() {
    let world = World::start();
    for format in ["raw", "stream"] {
        let etag = world.sandbox.object(&PLANNER).await["@odata.etag"].as_str().unwrap().to_owned();
        world.sandbox.fail(&PLANNER, "ignore_prefer", json!({})).await;
        let call = world.update(&PLANNER).query(&format!("response_format={format}")).header("if-match", &etag);
        let reply = call.json(&json!({"name": format})).send().await;
        assert_eq!((reply.status, reply.text().as_str(), reply.header("content-type")), (204, "", None), "{format}");
        world.serves(&PLANNER).await;
    }
}

#[tokio::test]
async fn raw_and_stream_of_an_empty_200_have_no_json_content_type() {
    let stub = Stub::always(answer(200, &[("content-type", "application/json")], b""));
    let world = Setup::default().allow(&stub.origin()).start();
    let account = world.add_account(&WRIKE, &[("base_url", &stub.origin())], &WRIKE.credential());
    for format in ["raw", "stream"] {
        let call = world.update_with(&WRIKE, &account).query(&format!("response_format={format}"));
        let reply = call.json(&json!({"name": "n"})).send().await;
        assert_eq!((reply.status, reply.text().as_str()), (200, ""), "{format}");
        assert_ne!(reply.header("content-type").as_deref(), Some("application/json"), "{format}");
    }
}

#[tokio::test]
async fn an_error_is_a_problem_in_every_format() {
    let world = World::start();
    for format in ["unified", "normalized", "raw", "stream"] {
        world.sandbox.fail(&WRIKE, "status", json!({"status": 409})).await;
        let problem = rename(&world, &format!("response_format={format}")).await.problem(409, "provider_rejected");
        assert_eq!(problem["remote"]["body"]["error"], "invalid_request", "{format}");
        world.serves(&WRIKE).await;
    }
}

#[tokio::test]
async fn earlier_exchanges_are_mapped_as_usual_when_raw_is_asked_for() {
    let world = World::start();
    let reply = world.update(&POLYTEIA).query("response_format=raw").json(&json!({"description": "d"})).send().await;
    let requests = world.sandbox.requests().await;
    assert_eq!(requests.len(), 2);
    assert_eq!((reply.status, reply.text().as_str()), (200, requests[1]["answer"].as_str().unwrap()));
}

#[tokio::test]
async fn a_stream_is_handed_on_as_it_comes() {
    let world = World::start();
    // About eight pieces, and the last comes a second after the first.
    world.sandbox.fail(&WRIKE, "slow_body", json!({"chunk": 64, "interval_ms": 150})).await;
    let mut answer = world.update(&WRIKE).query("response_format=stream").json(&json!({"name": "n"})).open().await;
    let start = std::time::Instant::now();
    let mut whole = answer.chunk().await.unwrap().unwrap().to_vec();
    let first = start.elapsed();
    while let Some(piece) = answer.chunk().await.unwrap() {
        whole.extend(piece);
    }
    let last = start.elapsed();
    assert!(serde_json::from_slice::<Value>(&whole).is_ok());
    assert!(last > first * 3, "first after {first:?}, last after {last:?}");
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_not_taken_for_whole() {
    let world = World::start();
    world.sandbox.fail(&WRIKE, "truncate", json!({})).await;
    let mut answer = world.update(&WRIKE).query("response_format=stream").json(&json!({"name": "n"})).open().await;
    assert_eq!(answer.status(), 200);
    let broken = loop {
        match answer.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken, "the caller must see that the rest is missing");
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_stream_may_be_larger_than_what_is_mapped_and_is_not_kept_in_memory() {
    let world = World::start();
    world.sandbox.fail(&WRIKE, "large", json!({"megabytes": 128})).await;
    let mut answer = world.update(&WRIKE).query("response_format=stream").json(&json!({"name": "n"})).open().await;
    let mut length = 0;
    while let Some(piece) = answer.chunk().await.unwrap() {
        length += piece.len();
    }
    assert!(length > 128 << 20, "{length}");
    assert!(world.server.most_memory() < 128, "{} MB", world.server.most_memory());
}

#[tokio::test]
async fn a_compressed_answer_is_decoded_in_every_format() {
    let stub = Stub::start(|_| {
        use std::io::Write as _;
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(br#"{"kind":"spaces","data":[{"id":"S1","title":"gz"}]}"#).unwrap();
        answer(200, &[("content-type", "application/json"), ("content-encoding", "gzip")], &packed.finish().unwrap())
    });
    let world = Setup::default().allow(&stub.origin()).start();
    let account = world.add_account(&WRIKE, &[("base_url", &stub.origin())], &WRIKE.credential());
    for format in ["raw", "stream"] {
        let call = world.update_with(&WRIKE, &account).query(&format!("response_format={format}"));
        let reply = call.json(&json!({"name": "gz"})).send().await;
        assert_eq!((reply.header("content-encoding"), reply.json()["data"][0]["title"].as_str()), (None, Some("gz")), "{format}");
    }
    let object = world.update_with(&WRIKE, &account).json(&json!({"name": "gz"})).send().await.ok();
    assert_eq!(object, json!({"id": "S1", "name": "gz", "remote_data": {"id": "S1", "title": "gz"}}));
}

#[tokio::test]
async fn remote_query_reaches_the_provider_as_it_was_given() {
    let world = World::start();
    let query = "remote_query[$select]=id,title&remote_query[a][b]=x&remote_query%5Bc%5D%5B%5D=1,2&remote_query[d]=%E2%82%AC%20%2B";
    let reply = world.update(&PLANNER).query(ETAG_PARAM).query(query).json(&json!({"name": "n"})).send().await;
    let object = reply.ok();
    let remote_data = json!({
        "@odata.context": object["remote_data"]["@odata.context"],
        "@odata.etag": object["etag"],
        "id": PLANNER.id,
        "title": "n",
    });
    assert_eq!(object["remote_data"], remote_data);
    let sent = world.sandbox.request().await["query"].as_str().unwrap().to_owned();
    assert_eq!(sent, "$select=id,title&a%5Bb%5D=x&c%5B%5D=1,2&d=%E2%82%AC%20%2B");
}

#[tokio::test]
async fn the_etag_is_taken_from_the_parameter_or_the_header() {
    let world = World::start();
    for call in [
        world.update(&PLANNER).query(ETAG_PARAM),
        world.update(&PLANNER).header("if-match", ETAG),
        world.update(&PLANNER).query(ETAG_PARAM).header("if-match", ETAG),
    ] {
        let report = call.query("dry_run=true").json(&json!({"name": "n"})).send().await.ok();
        assert_eq!(report["requests"][0]["headers"]["if-match"], ETAG);
    }
    // An encoded plus is a plus.
    let plus = world.update(&PLANNER).query("etag=W%2F%22a%2Bb%2Fc%3D%22&dry_run=true").json(&json!({"name": "n"})).send().await.ok();
    assert_eq!(plus["requests"][0]["headers"]["if-match"], "W/\"a+b/c=\"");
}

#[tokio::test]
async fn an_etag_that_a_provider_does_not_take_is_a_warning() {
    let world = World::start();
    let reply = world.update(&WRIKE).query(ETAG_PARAM).json(&json!({"name": "n"})).send().await;
    assert_eq!((reply.ok()["name"].as_str(), reply.warnings().as_deref()), (Some("n"), Some(r#""?etag";reason=unsupported"#)));
}

#[tokio::test]
async fn a_dry_run_sends_nothing_and_shows_what_would_be_sent() {
    let world = World::start();
    let report = world.update(&WRIKE).query("dry_run=true").json(&json!({"name": "a b", "colour": 1})).send().await.ok();
    let digest = report["plugin"]["digest"].as_str().unwrap();
    assert!(digest.starts_with("sha256:") && digest.len() == 71, "{digest}");
    assert_eq!(
        report,
        json!({
            "dry_run": true,
            "complete": true,
            "requests": [{
                "call": "update_space",
                "method": "PUT",
                "url": world.sandbox.url("/wrike/api/v4/spaces/MQAAAAEQ_HoD"),
                "headers": {
                    "content-type": "application/x-www-form-urlencoded",
                    "accept": "application/json",
                    "user-agent": "patchboard/0.1.0",
                    "authorization": "[redacted]",
                },
                "body": "title=a+b",
                "sent": false,
            }],
            "warnings": [{"path": "/colour", "reason": "unknown"}],
            "plugin": {"name": "wrike", "version": "0.1.0", "digest": digest},
        })
    );
    assert_eq!(world.sandbox.requests().await, Vec::<Value>::new());
    assert_eq!(world.sandbox.object(&WRIKE).await["title"], "Marketing");
}

#[tokio::test]
async fn a_dry_run_says_when_later_calls_depend_on_an_answer() {
    let world = World::start();
    let report = world.update(&POLYTEIA).query("dry_run=true").json(&json!({"description": "d"})).send().await.ok();
    assert_eq!((&report["complete"], report["requests"].as_array().unwrap().len()), (&json!(false), 1));
    assert_eq!(report["requests"][0]["body"], json!({"query": "get_workspace", "params": {"id": POLYTEIA.id}}));
    assert_eq!(world.sandbox.requests().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_dry_run_may_send_reads_and_shows_the_first_write() {
    let world = World::start();
    let report = world.update(&POLYTEIA).query("dry_run=read").json(&json!({"description": "d"})).send().await.ok();
    assert_eq!(report["complete"], true);
    let shown: Vec<Value> =
        report["requests"].as_array().unwrap().iter().map(|r| json!([r["call"], r["sent"], r["headers"]["authorization"]])).collect();
    assert_eq!(shown, [json!(["get_workspace", true, "[redacted]"]), json!(["update_workspace", false, "[redacted]"])]);
    let params = json!({"id": POLYTEIA.id, "name": "Finance", "description": "d"});
    assert_eq!(report["requests"][1]["body"], json!({"command": "update_workspace", "params": params}));
    assert!(world.sandbox.request().await["body"].as_str().unwrap().contains("get_workspace"), "only the read was sent");
    let nothing_to_read = world.update(&WRIKE).query("dry_run=read").json(&json!({"name": "n"})).send().await.ok();
    assert_eq!(nothing_to_read["requests"][0]["sent"], false);
    assert_eq!(world.sandbox.requests().await.len(), 1);
}

#[tokio::test]
async fn a_dry_run_shows_every_provider_at_its_own_address() {
    let world = World::start();
    for (seed, url, body) in [
        (WRIKE, format!("https://www.wrike.com/api/v4/spaces/{}", WRIKE.id), json!("title=n")),
        (PLANNER, format!("https://graph.microsoft.com/v1.0/planner/plans/{}", PLANNER.id), json!({"title": "n"})),
        (
            POLYTEIA,
            "https://app.polyteia.com/api".to_owned(),
            json!({"command": "update_workspace", "params": {"id": POLYTEIA.id, "name": "n"}}),
        ),
        (
            WORKIVA,
            format!("https://api.app.wdesk.com/organizations/d6e178fd-4dd5-47e5-9457-68dd64b03655/workspaces/{}", WORKIVA.id),
            json!([{"op": "replace", "path": "/name", "value": "n"}]),
        ),
    ] {
        let account = world.add_account(&seed, &[("base_url", "")], &seed.credential());
        let call = world.update_with(&seed, &account).query("dry_run=true").header("if-match", "W/\"x\"");
        let report = call.json(&json!({"name": "n"})).send().await.ok();
        assert_eq!((&report["requests"][0]["url"], &report["requests"][0]["body"]), (&json!(url), &body), "{}", seed.provider);
    }
}

#[tokio::test]
async fn strict_refuses_what_would_be_a_warning() {
    let world = World::start();
    let call = world.update(&PLANNER).query(ETAG_PARAM).query("strict=true");
    let problem =
        call.json(&json!({"name": "n", "description": "d", "colour": "red"})).send().await.stable_problem(422, "field_not_supported");
    assert_eq!(problem["errors"], json!([{"path": "/description", "message": "unsupported"}, {"path": "/colour", "message": "unknown"}]));
    assert!(world.sandbox.requests().await.is_empty());
    let call = world.update(&PLANNER).query(ETAG_PARAM).query("strict=true");
    assert_eq!(call.json(&json!({"name": "n"})).send().await.ok()["name"], "n");
}

#[tokio::test]
async fn parameters_that_cannot_be_read_or_contradict_each_other_are_refused() {
    let world = World::start();
    let nested = format!("remote_query{}=x", "[a]".repeat(6));
    let many = "exclude_fields[]=id&".repeat(101);
    let list = format!("exclude_fields={}", "id,".repeat(101));
    for query in [
        "response_format=xml",
        "response_format=",
        "response_format=RAW",
        "dry_run=maybe",
        "strict=perhaps",
        "ignore_remote_data=2",
        "response_format=raw&truto_response_format=unified",
        "dry_run=true&truto_dry_run=read",
        "exclude_fields[]=id&truto_exclude_fields[]=name",
        "response_format=raw&response_format=unified",
        "response_format[]=raw",
        "integrated_account_id=other",
        "remote_query=x",
        "exclude_fields[100]=id",
        "exclude_fields[a]=id",
        "exclude_fields[=id",
        "exclude_fields]=id",
        "exclude_fields[]x=id",
        "foo=%FF",
        "%ff=1",
        "etag=a%0Ab",
        nested.as_str(),
        many.as_str(),
        list.as_str(),
    ] {
        let problem = rename(&world, query).await.problem(400, "invalid_parameter");
        assert_eq!(problem["phase"], "parse", "{query}");
        assert!(world.sandbox.requests().await.is_empty(), "{query}");
    }
    let both = world.update(&PLANNER).query(ETAG_PARAM).header("if-match", "W/\"other\"").json(&json!({"name": "n"})).send().await;
    let _ = both.problem(400, "invalid_parameter");
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn depth_five_and_a_hundred_elements_are_still_read() {
    let world = World::start();
    let query = format!("dry_run=true&remote_query[a][b][c][d][e]=x&{}", "exclude_fields[]=id&".repeat(100));
    let url = rename(&world, &query).await.ok()["requests"][0]["url"].as_str().unwrap().to_owned();
    assert!(url.ends_with("?a%5Bb%5D%5Bc%5D%5Bd%5D%5Be%5D=x"), "{url}");
}

#[tokio::test]
async fn a_problem_with_a_parameter_names_it() {
    let world = World::start();
    assert_eq!(
        rename(&world, "response_format=xml").await.stable_problem(400, "invalid_parameter"),
        json!({
            "type": "https://patchboard.dev/problems/invalid-parameter",
            "title": "Bad Request",
            "status": 400,
            "detail": "response_format must be one of unified, raw, normalized, stream",
            "code": "invalid_parameter",
            "phase": "parse",
            "request_id": "[request id]",
            "errors": [{"path": "?response_format", "message": "must be one of unified, raw, normalized, stream"}],
        })
    );
}

#[tokio::test]
async fn the_account_must_be_named_and_exist() {
    let world = World::start();
    for query in ["", "?integrated_account_id=", "?truto_integrated_account_id="] {
        let reply = world.call("PATCH", &format!("{}{query}", WRIKE.path())).json(&json!({"name": "n"})).send().await;
        assert_eq!(reply.problem(400, "invalid_parameter")["errors"][0]["path"], "?integrated_account_id", "{query}");
    }
    for id in ["00000000-0000-0000-0000-000000000000", "x", "%27%20OR%201=1--", "%F0%9F%9A%80"] {
        let _ = world.update_with(&WRIKE, id).json(&json!({"name": "n"})).send().await.problem(404, "unknown_account");
    }
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn the_same_value_given_twice_is_no_contradiction() {
    let world = World::start();
    let account = world.account(&WRIKE);
    let query = format!("truto_integrated_account_id={account}&strict=true&truto_strict=true&dry_run=true&dry_run=true&&");
    assert_eq!(rename(&world, &query).await.ok()["dry_run"], true);
}

#[tokio::test]
async fn the_same_value_in_two_spellings_is_no_contradiction() {
    let world = World::start();
    for query in ["exclude_fields=id&truto_exclude_fields[]=id", "dry_run=true&dry_run=true&truto_dry_run=true"] {
        let _ = rename(&world, query).await.ok();
    }
}

#[tokio::test]
async fn if_match_given_twice_with_different_values_is_a_contradiction() {
    let world = World::start();
    let target = format!("{}?integrated_account_id={}&dry_run=true", PLANNER.path(), world.account(&PLANNER));
    let bearer = format!("Bearer {}", world.token);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("if-match", "\"a\""), ("if-match", "\"b\"")];
    let reply = raw::exchange(world.server.address(), &raw::request("PATCH", &target, &headers, br#"{"name":"n"}"#));
    let _ = reply.problem(400, "invalid_parameter");
}

#[tokio::test]
async fn a_query_with_raw_bytes_beyond_ascii_breaks_nothing() {
    let world = World::start();
    let bearer = format!("Bearer {}", world.token);
    let mut bytes = format!("PATCH {}?integrated_account_id={}&foo=", WRIKE.path(), world.account(&WRIKE)).into_bytes();
    bytes.extend([0xff, 0xfe]);
    bytes.extend(
        format!(" HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: {bearer}\r\ncontent-length: 12\r\n\r\n{{\"name\":\"n\"}}")
            .bytes(),
    );
    assert_eq!(raw::exchange(world.server.address(), &bytes).status, 400);
    assert!(world.sandbox.requests().await.is_empty());
    world.serves(&WRIKE).await;
}
