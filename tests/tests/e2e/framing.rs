//! Paths, methods and headers that every request has.

use patchboard_tests::seeds::{ETAG_PARAM, PLANNER, WORKIVA, WRIKE};
use patchboard_tests::{Reply, Setup, World, eventually, raw};
use serde_json::{Value, json};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

/// An update by hand, so that nothing mends the path.
fn by_hand(world: &World, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let bearer = format!("Bearer {}", world.token);
    let all: Vec<(&str, &str)> = [("authorization", bearer.as_str())].iter().chain(headers).copied().collect();
    raw::exchange(world.server.address(), &raw::request(method, target, &all, body))
}

fn rename(world: &World, path: &str) -> Reply {
    let target = format!("{path}?integrated_account_id={}&dry_run=true", world.account(&WRIKE));
    by_hand(world, "PATCH", &target, &[("content-type", "application/json")], br#"{"name":"n"}"#)
}

#[tokio::test]
async fn warnings_name_every_field_that_was_not_taken() {
    let world = World::start();
    let body = json!({"name": "n", "description": "d", "colour": 1, "a\"b\u{e9}": 2, "custom_fields": {"x": 1}});
    let reply = world.update(&PLANNER).query(ETAG_PARAM).query("unheard_of=1").json(&body).send().await;
    assert_eq!(reply.ok()["name"], "n");
    assert_eq!(
        reply.warnings().as_deref(),
        Some(concat!(
            r#""description";reason=unsupported, "colour";reason=unknown, "a\"b%C3%A9";reason=unknown, "#,
            r#""custom_fields";reason=unsupported, "?unheard_of";reason=unknown"#
        ))
    );
}

#[tokio::test]
async fn a_flood_of_unknown_fields_still_gets_an_answer() {
    let world = World::start();
    let mut body: Value = (0..5_000).map(|n| (format!("field_{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into();
    body["name"] = json!("n");
    let reply = world.update(&WRIKE).json(&body).send().await;
    assert_eq!(reply.ok()["name"], "n");
    let warnings = reply.warnings().unwrap();
    assert!(warnings.starts_with(r#""field_0";reason=unknown, "#) && warnings.len() < 4_000, "{}", warnings.len());
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_request_id_is_taken_over_or_made() {
    let world = World::start();
    let given = world.update(&WRIKE).header("x-request-id", "abc-1").json(&json!({"name": "n"})).send().await;
    assert_eq!(given.header("x-request-id").as_deref(), Some("abc-1"));
    let refused = world.update(&WRIKE).header("x-request-id", "abc-2").json(&json!({})).send().await;
    assert_eq!(refused.problem(400, "nothing_to_change")["request_id"], "abc-2");
    let (first, second) = (world.call("GET", "/ping").send().await, world.call("GET", "/ping").send().await);
    let ids = [first.header("x-request-id").unwrap(), second.header("x-request-id").unwrap()];
    assert!(ids[0] != ids[1] && ids[0].len() == 36, "{ids:?}");
    for unusable in ["two words", "", "x".repeat(500).as_str()] {
        let made = world.call("GET", "/ping").header("x-request-id", unusable).send().await.header("x-request-id").unwrap();
        assert!(made != unusable && made.len() == 36, "{made}");
    }
}

#[tokio::test]
async fn a_request_id_stands_in_the_log() {
    let world = World::start();
    let _ = world.update(&WRIKE).header("x-request-id", "find-me-1").json(&json!({"name": "n"})).send().await.ok();
    eventually("the log has the request", || world.server.log().contains("find-me-1").then_some(()));
}

#[tokio::test]
async fn a_trace_goes_on_to_the_provider_with_a_span_of_its_own() {
    let world = World::start();
    let call = world.update(&WRIKE).header("traceparent", &format!("00-{TRACE}-{SPAN}-01")).header("tracestate", "vendor=1");
    let _ = call.json(&json!({"name": "n"})).send().await.ok();
    let headers = world.sandbox.request().await["headers"].clone();
    let parent = headers["traceparent"].as_str().unwrap();
    let parts: Vec<&str> = parent.split('-').collect();
    assert_eq!((parts[0], parts[1], parts[3], parts.len()), ("00", TRACE, "01", 4), "{parent}");
    assert!(parts[2] != SPAN && parts[2].len() == 16 && parts[2] != "0000000000000000", "{parent}");
    assert_eq!(headers["tracestate"], "vendor=1");
}

#[tokio::test]
async fn what_is_no_trace_begins_a_new_one() {
    let world = World::start();
    for bad in
        ["", "junk", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]
    {
        world.sandbox.forget().await;
        let _ = world.update(&WRIKE).header("traceparent", bad).json(&json!({"name": "n"})).send().await.ok();
        let parent = world.sandbox.request().await["headers"]["traceparent"].as_str().unwrap().to_owned();
        assert!(parent.len() == 55 && !parent.contains(TRACE) && !parent.contains("00000000000000000000000000000000"), "{bad}: {parent}");
    }
}

#[tokio::test]
async fn the_callers_own_headers_do_not_reach_the_provider() {
    let world = World::start();
    let call = world
        .update(&WRIKE)
        .header("cookie", "a=b")
        .header("x-custom", "1")
        .header("x-forwarded-for", "10.0.0.1")
        .header("accept", "text/html");
    let _ = call.json(&json!({"name": "n"})).send().await.ok();
    let headers = world.sandbox.request().await["headers"].clone();
    assert_eq!(headers["authorization"], "Bearer sandbox-wrike");
    for name in ["cookie", "x-custom", "x-forwarded-for", "x-request-id"] {
        assert_eq!(headers.get(name), None, "{name}");
    }
    assert_eq!(headers["accept"], "application/json");
}

#[tokio::test]
async fn an_idempotency_key_is_refused_and_never_ignored() {
    let world = World::start();
    let reply = world.update(&WRIKE).header("idempotency-key", "k1").json(&json!({"name": "n"})).send().await;
    let _ = reply.problem(501, "not_implemented");
    assert!(world.sandbox.requests().await.is_empty());
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn an_idempotency_key_is_refused_on_account_writes_too() {
    let world = World::start();
    let body = json!({"provider": "wrike", "credentials": {"access_token": "t-1234"}});
    let reply = world.call("POST", "/integrated-account").header("idempotency-key", "k1").json(&body).send().await;
    let _ = reply.problem(501, "not_implemented");
}

#[tokio::test]
async fn a_doubled_leading_slash_is_tolerated() {
    let world = World::start();
    let report = rename(&world, &format!("/{}", WRIKE.path())).ok();
    assert_eq!(report["requests"][0]["url"], world.sandbox.url("/wrike/api/v4/spaces/MQAAAAEQ_HoD"));
}

#[tokio::test]
async fn an_id_may_hold_slashes_and_any_script() {
    let world = World::start();
    let native = |id: &str| world.sandbox.url(&format!("/wrike/api/v4/spaces/{id}"));
    for (id, sent) in [
        ("a%2Fb", "a%2Fb"),
        ("a%2fb", "a%2Fb"),
        ("a/b", "a%2Fb"),
        ("a/b/c", "a%2Fb%2Fc"),
        ("%F0%9F%9A%80", "%F0%9F%9A%80"),
        ("a%20b", "a%20b"),
        ("a%3Fb%23c", "a%3Fb%23c"),
        ("a%25b", "a%25b"),
        ("a%2F..%2F..%2Fb", "a%2F..%2F..%2Fb"),
        ("a+b", "a%2Bb"),
        ("...", "..."),
    ] {
        let report = rename(&world, &format!("/unified/ticketing/workspaces/{id}")).ok();
        assert_eq!(report["requests"][0]["url"], native(sent), "{id}");
    }
    let whole = "x".repeat(1024);
    assert_eq!(rename(&world, &format!("/unified/ticketing/workspaces/{whole}")).ok()["requests"][0]["url"], native(&whole));
    let reply = world.call("PATCH", &format!("/unified/ticketing/workspaces/%F0%9F%9A%80?integrated_account_id={}", world.account(&WRIKE)));
    let problem = reply.json(&json!({"name": "n"})).send().await.problem(404, "provider_rejected");
    assert_eq!(problem["remote"]["body"]["error"], "resource_not_found");
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn an_id_that_cannot_be_one_is_refused() {
    let world = World::start();
    let (kilobytes, one_more) = ("x".repeat(10_000), "x".repeat(1025));
    let scripts = "%F0%9F%9A%80".repeat(257);
    for id in ["..", ".", "%2E%2E", "%2e", "a%0Ab", "a%0D%0Ax:y", "%00", "a%7F", "%ff", "%C2%85", &kilobytes, &one_more, &scripts] {
        let problem = rename(&world, &format!("/unified/ticketing/workspaces/{id}")).problem(400, "invalid_id");
        assert_eq!(problem["errors"][0]["path"], "/id", "{id}");
    }
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn unknown_paths_models_and_resources_are_404() {
    let world = World::start();
    let query = format!("?integrated_account_id={}", world.account(&WRIKE));
    for (path, code) in [
        ("/", "unknown_route"),
        ("/unified", "unknown_route"),
        ("/unified/", "unknown_route"),
        ("/unified/ticketing", "unknown_route"),
        ("/Unified/ticketing/workspaces/x", "unknown_route"),
        ("/v1/unified/ticketing/workspaces/x", "unknown_route"),
        ("/unified/nope/workspaces/x", "unknown_model"),
        ("/unified/ticketing/nope/x", "unknown_resource"),
        ("/unified/%F0%9F%9A%80/workspaces/x", "unknown_model"),
    ] {
        let reply = world.call("PATCH", &format!("{path}{query}")).json(&json!({"name": "n"})).send().await;
        let _ = reply.problem(404, code);
    }
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn what_is_not_built_yet_is_404() {
    let world = World::start();
    for path in ["/metrics", "/openapi.json", "/docs"] {
        let _ = world.call("GET", path).send().await.problem(404, "unknown_route");
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_405_with_allow() {
    let world = World::start();
    let query = format!("?integrated_account_id={}", world.account(&WRIKE));
    for (method, path, allow) in [
        ("PATCH", "/unified/ticketing/workspaces", "GET, POST, PUT"),
        ("PATCH", "/unified/ticketing/workspaces/", "GET, POST, PUT"),
        ("POST", WRIKE.path().as_str(), "GET, PATCH, DELETE"),
        ("OPTIONS", WRIKE.path().as_str(), "GET, PATCH, DELETE"),
        ("PURGE", WRIKE.path().as_str(), "GET, PATCH, DELETE"),
        ("DELETE", "/ping", "GET"),
        ("PUT", "/integrated-account", "GET, POST"),
        ("PUT", "/integrated-account/x", "GET, PATCH, DELETE"),
    ] {
        let reply = world.call(method, &format!("{path}{query}")).json(&json!({"name": "n"})).send().await;
        let _ = reply.problem(405, "method_not_allowed");
        assert_eq!(reply.header("allow").as_deref(), Some(allow), "{method} {path}");
    }
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn an_operation_that_the_provider_lacks_is_405_with_allow() {
    let world = World::start();
    let query = format!("?integrated_account_id={}", world.account(&WORKIVA));
    let one = world.call("DELETE", &format!("{}{query}", WORKIVA.path())).header("content-type", "application/json").send().await;
    assert_eq!(one.problem(405, "operation_not_supported")["phase"], "check");
    assert_eq!(one.header("allow").as_deref(), Some("GET, PATCH"));
    let many = world.call("PUT", &format!("/unified/ticketing/workspaces{query}")).json(&json!({"name": "n"})).send().await;
    let _ = many.problem(405, "operation_not_supported");
    assert_eq!(many.header("allow").as_deref(), Some("GET, POST"));
    let other = world.call("GET", &format!("/unified/crm/projects{query}")).send().await;
    let _ = other.problem(405, "operation_not_supported");
    assert_eq!(other.header("allow").as_deref(), Some(""), "an Allow header without a method says that there is none");
    assert!(world.sandbox.requests().await.is_empty());
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn health_needs_no_token() {
    let world = World::start();
    for path in ["/ping", "/healthz", "/readyz"] {
        let _ = world.call("GET", path).no_token().send().await.ok();
    }
    let ready = world.call("GET", "/readyz").no_token().send().await.ok();
    assert!(ready["providers"].as_u64().is_some_and(|providers| providers >= 4) && ready["plugins_refused"] == 0, "{ready}");
}

#[tokio::test]
async fn a_body_that_breaks_off_costs_only_its_own_request() {
    let world = World::start();
    let target = format!("{}?integrated_account_id={}", WRIKE.path(), world.account(&WRIKE));
    let head = |more: &str| {
        format!(
            "PATCH {target} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n{more}\r\n",
            world.token
        )
    };
    for bytes in [
        format!("{}{{\"na", head("content-length: 100\r\n")),
        format!("{}5\r\n{{\"nam\r\n", head("transfer-encoding: chunked\r\n")),
        format!("{}zz\r\n", head("transfer-encoding: chunked\r\n")),
        "PATCH /unif".to_owned(),
        head(""),
        "\r\n\r\n\u{0}\u{1}\u{2}".to_owned(),
    ] {
        let mut stream = raw::connect(world.server.address());
        std::io::Write::write_all(&mut stream, bytes.as_bytes()).unwrap();
        drop(stream);
        world.serves(&WRIKE).await;
    }
    assert!(world.sandbox.requests().await.is_empty());
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let world = Setup::default().env("PATCHBOARD_LIMITS__BODY_SECONDS", "1").start();
    let target = format!("{}?integrated_account_id={}", WRIKE.path(), world.account(&WRIKE));
    let bearer = format!("Bearer {}", world.token);
    let mut bytes = raw::request("PATCH", &target, &[("authorization", &bearer), ("content-length", "100")], b"");
    bytes.extend(b"{\"name\":");
    let reply = raw::exchange(world.server.address(), &bytes);
    assert_eq!(reply.problem(408, "request_timeout")["phase"], "http");
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_chunked_body_is_read_like_any_other() {
    let world = World::start();
    let target = format!("{}?integrated_account_id={}", WRIKE.path(), world.account(&WRIKE));
    let bearer = format!("Bearer {}", world.token);
    let mut bytes = raw::request("PATCH", &target, &[("authorization", &bearer), ("transfer-encoding", "chunked")], b"");
    bytes.extend(b"6\r\n{\"name\r\n8\r\n\":\"ch\"}\n\r\n0\r\n\r\n");
    assert_eq!(raw::exchange(world.server.address(), &bytes).ok()["name"], "ch");
}

#[tokio::test]
async fn what_is_no_http_is_answered_and_forgotten() {
    let world = World::start();
    for bytes in [&b"GARBAGE\r\n\r\n"[..], b"GET / HTTP/9.9\r\n\r\n", b"PATCH /x HTTP/1.1\r\nbad header\r\n\r\n"] {
        assert!((400..600).contains(&raw::exchange(world.server.address(), bytes).status));
        world.serves(&WRIKE).await;
    }
}
