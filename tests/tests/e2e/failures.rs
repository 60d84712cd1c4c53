//! Providers that fail in every way: what the caller gets, and that the next request is
//! served.

use std::net::TcpListener;

use patchboard_tests::seeds::{ETAG_PARAM, PLANNER, POLYTEIA, WORKIVA, WRIKE};
use patchboard_tests::{Seed, Setup, Stub, World, answer};
use serde_json::{Value, json};

/// The problem that one failing exchange with Wrike makes.
async fn failed(world: &World, kind: &str, more: Value, status: u16, code: &str) -> Value {
    world.sandbox.fail(&WRIKE, kind, more).await;
    let problem = world.update(&WRIKE).json(&json!({"name": kind})).send().await.problem(status, code);
    assert_eq!(problem["phase"], "send");
    assert_eq!(world.sandbox.requests().await.len(), 1, "a write is sent once");
    world.serves(&WRIKE).await;
    problem
}

/// The problem that a stub's answer makes.
async fn answered(bytes: Vec<u8>) -> (patchboard_tests::Reply, Stub) {
    let stub = Stub::always(bytes);
    let world = Setup::default().allow(&stub.origin()).start();
    let account = world.add_account(&WRIKE, &[("base_url", &stub.origin())], &WRIKE.credential());
    let reply = world.update_with(&WRIKE, &account).json(&json!({"name": "n"})).send().await;
    world.serves(&WRIKE).await;
    (reply, stub)
}

#[tokio::test]
async fn an_error_reaches_the_caller_whole() {
    let world = World::start();
    let headers = json!({"set-cookie": "session=1", "X-Trace": "t-1", "retry-after": "3"});
    world.sandbox.fail(&WRIKE, "status", json!({"status": 422, "body": {"errorDescription": "Title is odd", "error": "invalid_parameter", "more": [1, {"a": null}]}, "headers": headers})).await;
    let reply = world.update(&WRIKE).json(&json!({"name": "n"})).send().await;
    let problem = reply.stable_problem(422, "provider_rejected");
    assert_eq!(
        problem,
        json!({
            "type": "https://patchboard.dev/problems/provider-rejected",
            "title": "Unprocessable Entity",
            "status": 422,
            "detail": "Title is odd",
            "code": "provider_rejected",
            "phase": "send",
            "request_id": "[request id]",
            "remote": {
                "provider": "wrike",
                "status": 422,
                "headers": problem["remote"]["headers"],
                "body": {"errorDescription": "Title is odd", "error": "invalid_parameter", "more": [1, {"a": null}]},
            },
        })
    );
    let headers = &problem["remote"]["headers"];
    assert_eq!(
        (&headers["x-trace"], &headers["content-type"], headers.get("set-cookie")),
        (&json!("t-1"), &json!("application/json"), None)
    );
    assert_eq!((reply.header("retry-after").as_deref(), reply.header("set-cookie"), reply.header("x-trace")), (Some("3"), None, None));
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn every_error_status_of_the_provider_is_the_callers() {
    let world = World::start();
    for status in [400, 402, 404, 405, 409, 410, 412, 418, 423, 425, 428, 451, 500, 501, 502, 503, 504, 507] {
        world.sandbox.fail(&WRIKE, "status", json!({"status": status})).await;
        let problem = world.update(&WRIKE).json(&json!({"name": "n"})).send().await.problem(status, "provider_rejected");
        assert_eq!((problem["remote"]["status"].as_u64(), problem.get("applied")), (Some(u64::from(status)), None));
    }
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn every_providers_own_words_are_the_detail() {
    let world = World::start();
    for (seed, body, detail) in [
        (WRIKE, json!({"errorDescription": "Access denied", "error": "not_allowed"}), "Access denied"),
        (PLANNER, json!({"error": {"code": "MaximumPlannerPlans", "message": "Too many plans"}}), "Too many plans"),
        (PLANNER, json!({"error": {"code": "MaximumPlannerPlans", "message": ""}}), "MaximumPlannerPlans"),
        (POLYTEIA, json!({"error": "Forbidden"}), "Forbidden"),
        (WORKIVA, json!({"code": "403Forbidden", "message": "No permission"}), "No permission"),
    ] {
        world.sandbox.fail(&seed, "status", json!({"status": 403, "body": body})).await;
        let call = world.update(&seed);
        let call = if seed == PLANNER { call.header("if-match", "W/\"x\"") } else { call };
        let problem = call.json(&json!({"name": "n"})).send().await.problem(403, "provider_rejected");
        assert_eq!((problem["detail"].as_str(), &problem["remote"]["body"]), (Some(detail), &body));
        world.serves(&seed).await;
    }
}

#[tokio::test]
async fn an_error_inside_a_success_gets_the_status_that_it_names() {
    let world = World::start();
    for (error, status) in [
        (json!({"code": 500, "message": "internal error", "details": []}), 500),
        (json!({"code": 400, "message": "name is taken"}), 400),
        (json!({"code": 409, "message": "conflict"}), 409),
        (json!({"code": 429, "message": "slow down"}), 429),
        // What names no status of an error is no better known than «other».
        (json!({"code": 42, "message": "odd"}), 502),
        (json!({"code": 200, "message": "odd"}), 502),
        (json!({"code": 600, "message": "odd"}), 502),
        (json!({"code": "E1", "message": "odd"}), 502),
        (json!("odd"), 502),
    ] {
        world.sandbox.fail(&POLYTEIA, "status", json!({"status": 200, "body": {"error": error}})).await;
        let problem = world.update(&POLYTEIA).json(&json!({"name": "n"})).send().await.problem(status, "provider_rejected");
        assert_eq!((&problem["remote"]["status"], &problem["remote"]["body"]), (&json!(200), &json!({"error": error})));
        assert_eq!(problem.get("applied"), None, "{error}: nothing was written");
        world.serves(&POLYTEIA).await;
    }
}

#[tokio::test]
async fn an_error_of_401_inside_a_success_marks_the_account() {
    let world = World::start();
    let account = world.add_account(&POLYTEIA, &[], &POLYTEIA.credential());
    world.sandbox.fail(&POLYTEIA, "status", json!({"status": 200, "body": {"error": {"code": 401, "message": "token expired"}}})).await;
    let reply = world.update_with(&POLYTEIA, &account).json(&json!({"name": "n"})).send().await;
    let _ = reply.problem(401, "provider_rejected");
    assert_eq!(world.show_account(&account)["status"], "needs_reauth");
}

#[tokio::test]
async fn a_failed_read_before_a_write_is_an_error_and_nothing_is_written() {
    let world = World::start();
    world.sandbox.fail(&POLYTEIA, "status", json!({"status": 503})).await;
    let problem = world.update(&POLYTEIA).json(&json!({"description": "d"})).send().await.problem(503, "provider_rejected");
    assert_eq!(problem.get("applied"), None);
    assert_eq!(world.sandbox.requests().await.len(), 1);
    world.serves(&POLYTEIA).await;
}

#[tokio::test]
async fn a_rate_limit_is_429_with_retry_after_as_it_came() {
    let world = World::start();
    for (seed, retry_after) in [(WRIKE, "7"), (WRIKE, "Fri, 31 Dec 2027 23:59:59 GMT"), (PLANNER, "10"), (POLYTEIA, "1"), (WORKIVA, "2")] {
        world.sandbox.fail(&seed, "rate_limit", json!({"retry_after": retry_after})).await;
        let reply = world.update(&seed).header("if-match", "W/\"x\"").json(&json!({"name": "n"})).send().await;
        let _ = reply.problem(429, "provider_rejected");
        assert_eq!(reply.header("retry-after").as_deref(), Some(retry_after), "{}", seed.provider);
    }
    world.sandbox.fail(&WRIKE, "rate_limit", json!({"retry_after": null})).await;
    let reply = world.update(&WRIKE).json(&json!({"name": "n"})).send().await;
    let _ = reply.problem(429, "provider_rejected");
    assert_eq!(reply.header("retry-after"), None);
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn the_quota_has_the_same_names_whatever_the_provider_calls_it() {
    let world = World::start();
    let space = json!({"kind": "spaces", "data": [{"id": "S", "title": "t"}]});
    for (status, body) in [(200, space), (429, json!({"error": "too_many_requests"}))] {
        let headers = json!({"X-RateLimit-Limit": "400", "X-RateLimit-Remaining": "12", "X-RateLimit-Reset": "30"});
        world.sandbox.fail(&WRIKE, "status", json!({"status": status, "body": body, "headers": headers})).await;
        let reply = world.update(&WRIKE).json(&json!({"name": "n"})).send().await;
        let quota = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map(|name| reply.header(name).unwrap());
        assert_eq!((reply.status, quota), (status, ["400", "12", "30"].map(str::to_owned)));
    }
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_provider_that_refuses_connections_is_502() {
    // A port that nobody listens on any more.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let world = Setup::default().allow(&format!("http://{gone}")).start();
    let account = world.add_account(&WRIKE, &[("base_url", &format!("http://{gone}"))], &WRIKE.credential());
    let problem = world.update_with(&WRIKE, &account).json(&json!({"name": "n"})).send().await.problem(502, "provider_unreachable");
    assert_eq!((problem.get("remote"), problem.get("applied")), (None, None));
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_provider_that_does_not_answer_in_time_is_504() {
    let world = Setup::default().env("PATCHBOARD_EGRESS__TOTAL_SECONDS", "1").start();
    let problem = failed(&world, "hang", json!({}), 504, "provider_timeout").await;
    assert_eq!((problem.get("remote"), &problem["title"]), (None, &json!("Gateway Timeout")));
    assert!(problem["detail"].as_str().unwrap().contains("not known"), "a write may have been applied: {problem}");
    let _ = failed(&world, "slow_body", json!({"interval_ms": 300}), 504, "provider_timeout").await;
}

#[tokio::test]
async fn a_pause_between_two_pieces_of_an_answer_is_limited() {
    // Without the limit the whole answer would come within the time for all exchanges.
    let setup = Setup::default().env("PATCHBOARD_EGRESS__READ_SECONDS", "1").env("PATCHBOARD_EGRESS__TOTAL_SECONDS", "3600");
    let world = setup.start();
    let _ = failed(&world, "slow_body", json!({"chunk": 10, "interval_ms": 60_000}), 504, "provider_timeout").await;
}

#[tokio::test]
async fn a_connection_that_is_reset_is_502_and_the_write_is_not_repeated() {
    let world = World::start();
    let problem = failed(&world, "reset", json!({}), 502, "provider_unreachable").await;
    assert!(problem["detail"].as_str().unwrap().contains("not known"), "{problem}");
}

#[tokio::test]
async fn a_read_that_is_reset_is_made_once_more() {
    let world = World::start();
    world.sandbox.fail(&POLYTEIA, "reset", json!({})).await;
    assert_eq!(world.update(&POLYTEIA).json(&json!({"description": "d"})).send().await.ok()["description"], "d");
    assert_eq!(world.sandbox.requests().await.len(), 3);
}

#[tokio::test]
async fn an_empty_answer_is_unreadable_or_the_providers_error() {
    let world = World::start();
    let problem = failed(&world, "empty", json!({}), 502, "provider_unreadable").await;
    assert_eq!((&problem["remote"]["status"], &problem["remote"]["body"]), (&json!(200), &json!("")));
    let problem = failed(&world, "empty", json!({"status": 503}), 503, "provider_rejected").await;
    assert_eq!((&problem["remote"]["status"], &problem["remote"]["body"]), (&json!(503), &json!("")));
    let _ = failed(&world, "empty", json!({"status": 204}), 502, "provider_unreadable").await;
}

#[tokio::test]
async fn html_instead_of_json_is_unreadable_or_the_providers_error_as_text() {
    let world = World::start();
    for (status, code, seen) in [(200, "provider_unreadable", 502), (500, "provider_rejected", 500), (404, "provider_rejected", 404)] {
        let problem = failed(&world, "html", json!({"status": status}), seen, code).await;
        assert_eq!(
            (&problem["remote"]["status"], &problem["remote"]["headers"]["content-type"]),
            (&json!(status), &json!("text/html; charset=utf-8"))
        );
        assert!(problem["remote"]["body"].as_str().unwrap().starts_with("<!DOCTYPE html>"), "{problem}");
    }
}

#[tokio::test]
async fn a_success_that_cannot_be_read_is_502_and_says_that_the_write_stands() {
    let world = World::start();
    for kind in ["truncated_json", "truncate", "invalid_utf8"] {
        let problem = failed(&world, kind, json!({}), 502, "provider_unreadable").await;
        assert_eq!(problem["remote"]["status"], 200, "{kind}");
        let applied = json!([{"method": "PUT", "path": format!("/spaces/{}", WRIKE.id), "status": 200}]);
        assert_eq!(problem["applied"], applied, "{kind}");
    }
}

#[tokio::test]
async fn an_error_whose_body_breaks_off_keeps_its_status() {
    let bytes = b"HTTP/1.1 503 Busy\r\nretry-after: 9\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"error\":".to_vec();
    let (reply, stub) = answered(bytes).await;
    let problem = reply.problem(503, "provider_rejected");
    assert_eq!((&problem["remote"]["status"], reply.header("retry-after").as_deref()), (&json!(503), Some("9")));
    let _ = stub.one();
}

#[tokio::test]
async fn an_answer_that_inflates_or_grows_over_the_limit_is_502() {
    let world = World::start();
    for (kind, more) in [("gzip_bomb", json!({"megabytes": 1024})), ("large", json!({"megabytes": 64}))] {
        let problem = failed(&world, kind, more, 502, "provider_unreadable").await;
        assert!(problem["detail"].as_str().unwrap().contains("larger than 8388608 bytes"), "{problem}");
    }
    assert!(world.server.most_memory() < 400, "{} MB", world.server.most_memory());
}

#[tokio::test]
async fn an_error_that_grows_over_the_limit_keeps_its_status() {
    let mut body = b"{\"error\":\"x\",\"padding\":\"".to_vec();
    body.resize(9 << 20, b'x');
    body.extend(b"\"}");
    let (reply, _) = answered(answer(500, &[("content-type", "application/json")], &body)).await;
    let _ = reply.problem(500, "provider_rejected");
}

#[tokio::test]
async fn a_redirect_is_502_and_nothing_is_sent_there() {
    let elsewhere =
        Stub::always(answer(200, &[("content-type", "application/json")], br#"{"kind":"spaces","data":[{"id":"S","title":"t"}]}"#));
    let world = Setup::default().allow(&elsewhere.origin()).start();
    let location = format!("{}/taken", elsewhere.origin());
    for status in [300, 301, 302, 303, 304, 307, 308] {
        let problem = failed(&world, "redirect", json!({"location": location, "status": status}), 502, "provider_redirected").await;
        assert_eq!((&problem["remote"]["status"], &problem["remote"]["headers"]["location"]), (&json!(status), &json!(location)));
    }
    let own = world.sandbox.url("/wrike/api/v4/spaces/other");
    let _ = failed(&world, "redirect", json!({"location": own}), 502, "provider_redirected").await;
    for format in ["raw", "stream"] {
        world.sandbox.fail(&WRIKE, "redirect", json!({"location": location})).await;
        let reply = world.update(&WRIKE).query(&format!("response_format={format}")).json(&json!({"name": "n"})).send().await;
        let _ = reply.problem(502, "provider_redirected");
        assert_eq!(reply.header("location"), None);
    }
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn what_is_no_http_answer_is_502() {
    for bytes in [&b"SSH-2.0-OpenSSH_9.6\r\n"[..], b"", b"HTTP/1.1 999999 x\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"] {
        let (reply, _) = answered(bytes.to_vec()).await;
        assert_eq!(reply.status, 502, "{:?}: {}", String::from_utf8_lossy(bytes), reply.text());
        let code = reply.json()["code"].as_str().unwrap().to_owned();
        let _ = reply.problem(502, &code);
    }
}

#[tokio::test]
async fn an_answer_of_too_deep_json_or_of_another_shape_is_502() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [deep.as_str(), "[]", "{}", "null", "1", r#"{"kind":"spaces","data":[]}"#, r#"{"kind":"spaces","data":{}}"#] {
        let (reply, _) = answered(answer(200, &[("content-type", "application/json")], body.as_bytes())).await;
        let _ = reply.problem(502, "provider_unreadable");
    }
}

#[tokio::test]
async fn odd_headers_of_the_provider_do_no_harm() {
    let headers = [("x-odd", "caf\u{e9}"), ("x-two", "a"), ("x-two", "b"), ("set-cookie", "s=1"), ("Set-Cookie", "t=2"), ("x-empty", "")];
    let (reply, _) = answered(answer(400, &headers, b"plain words")).await;
    let remote = reply.problem(400, "provider_rejected")["remote"].clone();
    assert_eq!(
        (&remote["body"], &remote["headers"]["x-two"], &remote["headers"]["x-empty"]),
        (&json!("plain words"), &json!("a, b"), &json!(""))
    );
    assert_eq!(remote["headers"].get("set-cookie"), None);
}

#[tokio::test]
async fn a_body_of_the_provider_that_is_not_utf8_is_shown_as_text() {
    let (reply, _) = answered(answer(500, &[("content-type", "text/plain")], b"caf\xe9 \xff")).await;
    assert_eq!(reply.problem(500, "provider_rejected")["remote"]["body"], "caf\u{fffd} \u{fffd}");
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_said_to_be_in_doubt() {
    let world = World::start();
    world.sandbox.fail(&WRIKE, "reset", json!({"apply": true})).await;
    let problem = world.update(&WRIKE).json(&json!({"name": "was written"})).send().await.problem(502, "provider_unreachable");
    assert!(problem["detail"].as_str().unwrap().contains("whether the write was applied is not known"), "{problem}");
    assert_eq!(world.sandbox.object(&WRIKE).await["title"], "was written");
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn one_hanging_provider_does_not_hold_up_the_others() {
    let world = Setup::default().env("PATCHBOARD_EGRESS__TOTAL_SECONDS", "3600").env("PATCHBOARD_EGRESS__READ_SECONDS", "3600").start();
    let seeds: [Seed; 3] = [POLYTEIA, WORKIVA, WRIKE];
    world.sandbox.fail(&WRIKE, "hang", json!({"times": 20})).await;
    let hanging: Vec<_> = (0..20).map(|_| tokio::spawn(world.update(&WRIKE).json(&json!({"name": "n"})).send())).collect();
    for n in 0..20 {
        let _ = world.update(&seeds[n % 2]).json(&json!({"name": "n"})).send().await.ok();
    }
    for call in hanging {
        assert!(!call.is_finished(), "it hangs still");
        call.abort();
    }
    world.serves(&PLANNER).await;
    let _ = world.update(&PLANNER).query(ETAG_PARAM).query("dry_run=true").json(&json!({"name": "n"})).send().await.ok();
}
