#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the verdict")]

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use patchboard_sandbox::Provider;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Harness, Reply};

const SPACE: &str = "/wrike/api/v4/spaces/MQAAAAEQ_HoD";
const WRIKE: (&str, &str) = ("authorization", "Bearer sandbox-wrike");

async fn fail_wrike(harness: &Harness, kind: &str, more: Value) {
    let mut body = json!({ "provider": "wrike", "kind": kind });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    harness.fail(body).await;
}

async fn get(harness: &Harness) -> Reply {
    harness.send("GET", SPACE, &[WRIKE], "").await
}

/// Sends a request by hand, and reads until the connection ends.
async fn raw(harness: &Harness) -> (Vec<u8>, std::io::Result<usize>) {
    let mut stream = TcpStream::connect(harness.address()).await.unwrap();
    let request = format!("GET {SPACE} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sandbox-wrike\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let outcome = stream.read_to_end(&mut answer).await;
    (answer, outcome)
}

#[tokio::test]
async fn rate_limit_answers_429_in_each_providers_shape() {
    let harness = Harness::start().await;
    for (provider, token, pointer, value, usual) in [
        ("wrike", "sandbox-wrike", "/error", json!("too_many_requests"), None),
        ("workiva", "sandbox-workiva", "/code", json!("429TooManyRequests"), None),
        ("microsoft-planner", "sandbox-microsoft-planner", "/error/code", json!("UnknownError"), Some("10")),
        ("microsoft-365", "sandbox-microsoft-365", "/error/code", json!("UnknownError"), Some("10")),
        ("polyteia", "sandbox-polyteia", "/error/code", json!(429), None),
    ] {
        harness.fail(json!({ "provider": provider, "kind": "rate_limit" })).await;
        harness.fail(json!({ "provider": provider, "kind": "rate_limit", "retry_after": "Fri, 31 Dec 2027 23:59:59 GMT" })).await;
        harness.fail(json!({ "provider": provider, "kind": "rate_limit", "retry_after": 7 })).await;
        harness.fail(json!({ "provider": provider, "kind": "rate_limit", "retry_after": null })).await;
        let bearer = format!("Bearer {token}");
        for expected in [usual, Some("Fri, 31 Dec 2027 23:59:59 GMT"), Some("7"), None] {
            let path = format!("/{provider}/x");
            let reply = harness.send("GET", &path, &[("authorization", &bearer)], "").await;
            assert_eq!(reply.status, 429);
            assert_eq!(reply.json().pointer(pointer), Some(&value));
            assert_eq!(reply.header("retry-after"), expected);
        }
    }
}

#[tokio::test]
async fn failures_count_wait_and_look_at_the_method() {
    let harness = Harness::start().await;
    fail_wrike(&harness, "empty", json!({ "status": 503, "times": 2, "after": 1, "method": "get" })).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let put = harness.send("PUT", SPACE, &[WRIKE], "").await;
        assert_eq!(put.status, 200);
        statuses.push(get(&harness).await.status);
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
}

#[tokio::test]
async fn status_answers_what_was_asked_for() {
    let harness = Harness::start().await;
    let more = json!({
        "status": 502,
        "body": "<oops/>",
        "content_type": "text/xml",
        "headers": { "X-Upstream": "a", "ratelimit-policy": "10;w=1" },
    });
    fail_wrike(&harness, "status", more).await;
    let reply = get(&harness).await;
    assert_eq!((reply.status, reply.text()), (502, "<oops/>".to_owned()));
    assert_eq!(reply.header("content-type"), Some("text/xml"));
    assert_eq!(reply.header("x-upstream"), Some("a"));
    fail_wrike(&harness, "status", json!({ "status": 200, "body": { "kind": "spaces", "data": [] } })).await;
    assert_eq!(get(&harness).await.json(), json!({ "kind": "spaces", "data": [] }));
    fail_wrike(&harness, "status", json!({ "status": 500 })).await;
    assert_eq!(get(&harness).await.json()["error"], "server_error");
}

#[tokio::test]
async fn html_empty_and_redirect_answer_what_their_names_say() {
    let harness = Harness::start().await;
    fail_wrike(&harness, "html", json!({})).await;
    let reply = get(&harness).await;
    assert_eq!(reply.status, 500);
    assert!(reply.header("content-type").unwrap().starts_with("text/html"));
    assert!(reply.text().contains("</html>"));
    fail_wrike(&harness, "html", json!({ "status": 200 })).await;
    assert_eq!(get(&harness).await.status, 200);
    fail_wrike(&harness, "empty", json!({})).await;
    let reply = get(&harness).await;
    assert_eq!((reply.status, reply.body.len()), (200, 0));
    fail_wrike(&harness, "redirect", json!({ "location": "http://169.254.169.254/" })).await;
    let reply = get(&harness).await;
    assert_eq!((reply.status, reply.header("location")), (302, Some("http://169.254.169.254/")));
    fail_wrike(&harness, "redirect", json!({ "location": "/x", "status": 308 })).await;
    assert_eq!(get(&harness).await.status, 308);
}

#[tokio::test]
async fn truncate_sends_half_of_what_it_promises() {
    let harness = Harness::start().await;
    fail_wrike(&harness, "truncate", json!({})).await;
    let (answer, _) = raw(&harness).await;
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("the headers arrived");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert_eq!(length.parse::<usize>().unwrap() / 2, body.len());
    assert!(body.starts_with("{\"kind\":\"spaces\""));
    fail_wrike(&harness, "truncate", json!({})).await;
    assert!(harness.try_send("GET", SPACE, &[WRIKE], "").await.is_err());
}

#[tokio::test]
async fn truncated_json_is_a_complete_response() {
    let harness = Harness::start().await;
    fail_wrike(&harness, "truncated_json", json!({})).await;
    let reply = get(&harness).await;
    assert_eq!(reply.status, 200);
    assert!(serde_json::from_slice::<Value>(&reply.body).is_err());
    assert!(reply.text().starts_with("{\"kind\""));
}

#[tokio::test]
async fn reset_closes_the_connection_without_an_answer() {
    let harness = Harness::start().await;
    fail_wrike(&harness, "reset", json!({})).await;
    let (answer, outcome) = raw(&harness).await;
    assert!(answer.is_empty());
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let log = harness.requests().await;
    assert_eq!(log[0]["status"], Value::Null);
}

#[tokio::test]
async fn a_request_may_take_effect_although_its_answer_is_lost() {
    let harness = Harness::start().await;
    for (apply, expected) in [(false, "Marketing"), (true, "Written")] {
        fail_wrike(&harness, "reset", json!({ "apply": apply, "method": "PUT" })).await;
        let path = format!("{SPACE}?title=Written");
        assert!(harness.try_send("PUT", &path, &[WRIKE], "").await.is_err());
        assert_eq!(get(&harness).await.json()["data"][0]["title"], expected);
    }
}

#[tokio::test]
async fn hang_never_answers_and_ends_with_the_sandbox() {
    let harness = Harness::start().await;
    fail_wrike(&harness, "hang", json!({})).await;
    let mut stream = TcpStream::connect(harness.address()).await.unwrap();
    let request = format!("GET {SPACE} HTTP/1.1\r\nhost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    while harness.requests().await.is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(harness.requests().await[0]["status"], Value::Null);
    harness.sandbox.stop().await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
}

#[tokio::test]
async fn hang_with_seconds_pauses_and_then_answers() {
    let harness = Harness::start().await;
    fail_wrike(&harness, "hang", json!({ "seconds": 1 })).await;
    let start = Instant::now();
    assert_eq!(get(&harness).await.json()["data"][0]["title"], "Marketing");
    assert!(start.elapsed() >= Duration::from_secs(1));
    assert_eq!(harness.requests().await[0]["status"], 200);
}

#[tokio::test]
async fn gzip_bomb_inflates_to_what_was_asked_for() {
    let harness = Harness::start().await;
    for (more, megabytes) in [(json!({ "megabytes": 3 }), 3), (json!({}), 1024)] {
        fail_wrike(&harness, "gzip_bomb", more).await;
        let plain = reqwest::Client::builder().no_proxy().no_gzip().build().unwrap();
        let response = plain.get(harness.sandbox.url(SPACE)).send().await.unwrap();
        assert_eq!(response.headers()["content-encoding"], "gzip");
        let body = response.bytes().await.unwrap();
        assert!(body.len() < megabytes * 1200 + 100, "{} bytes", body.len());
        if megabytes == 3 {
            let mut inflated = Vec::new();
            GzDecoder::new(&body[..]).read_to_end(&mut inflated).unwrap();
            assert_eq!(inflated.len(), 3 * 1024 * 1024);
        }
    }
}

#[tokio::test]
async fn slow_body_arrives_whole_in_drips() {
    let harness = Harness::start().await;
    fail_wrike(&harness, "slow_body", json!({ "chunk": 100, "interval_ms": 20 })).await;
    let start = Instant::now();
    let reply = get(&harness).await;
    let drips = u32::try_from(reply.body.len().div_ceil(100)).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(20) * drips);
    assert_eq!(reply.json()["data"][0]["title"], "Marketing");
}

#[tokio::test]
async fn ignore_prefer_answers_204_and_waits_for_a_request_that_prefers() {
    let harness = Harness::start().await;
    harness.fail(json!({ "provider": "microsoft-planner", "kind": "ignore_prefer" })).await;
    let path = "/microsoft-planner/v1.0/planner/plans/xqQg5FS2LkCp935s-FIFm2QAFkHM";
    let token = ("authorization", "Bearer sandbox-microsoft-planner");
    let plan = harness.send("GET", path, &[token], "").await.json();
    let headers = [
        token,
        ("content-type", "application/json"),
        ("if-match", plan["@odata.etag"].as_str().unwrap()),
        ("prefer", "return=representation"),
    ];
    let reply = harness.send("PATCH", path, &headers, r#"{"title":"N"}"#).await;
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    assert_eq!(harness.requests().await[1]["headers"]["prefer"], "return=representation");
}

#[tokio::test]
async fn echo_authorization_repeats_the_credential_in_every_form() {
    let harness = Harness::start().await;
    for provider in ["wrike", "workiva", "microsoft-planner", "polyteia", "capsule"] {
        harness.fail(json!({ "provider": provider, "kind": "echo_authorization", "status": 403 })).await;
        let path = format!("/{provider}/x");
        let reply = harness.send("PUT", &path, &[("authorization", "Bearer secret-token")], "").await;
        assert_eq!(reply.status, 403);
        assert!(reply.text().contains("Bearer secret-token"));
        assert!(reply.text().contains("c2VjcmV0LXRva2Vu"));
        assert_eq!(reply.header("x-echo-authorization"), Some("Bearer secret-token"));
        assert_eq!(reply.header("x-echo-token-base64"), Some("c2VjcmV0LXRva2Vu"));
    }
    harness.fail(json!({ "provider": "insightly", "kind": "echo_authorization" })).await;
    let reply = harness.send("PUT", "/insightly/x", &[("authorization", "Basic c2VjcmV0OmtleQ==")], "").await;
    assert!(reply.text().contains("Basic c2VjcmV0OmtleQ==") && reply.text().contains("secret:key"), "{}", reply.text());
    assert_eq!(reply.header("x-echo-token-base64"), Some("c2VjcmV0OmtleQ=="));
}

#[tokio::test]
async fn a_list_that_is_a_bare_array_is_spoiled_as_json_too() {
    let harness = Harness::start().await;
    let key = ("authorization", "Basic c2FuZGJveC1pbnNpZ2h0bHk6");
    for (path, count) in [("/insightly/v3.1/Projects", 3), ("/insightly/v3.1/Projects?skip=9", 1)] {
        harness.fail(json!({ "provider": "insightly", "kind": "large", "megabytes": 1 })).await;
        let reply = harness.send("GET", path, &[key], "").await;
        assert_eq!(reply.json().as_array().unwrap().len(), count, "{path}");
        assert!(reply.body.len() > 1024 * 1024);
        harness.fail(json!({ "provider": "insightly", "kind": "invalid_utf8" })).await;
        let reply = harness.send("GET", path, &[key], "").await;
        assert!(std::str::from_utf8(&reply.body).is_err());
        let lossy: Value = serde_json::from_str(&reply.text()).unwrap();
        assert_eq!(lossy.as_array().unwrap().len(), count, "{path}");
    }
}

#[tokio::test]
async fn every_provider_fails_as_it_is_told() {
    let harness = Harness::start().await;
    for provider in Provider::ALL {
        let bearer = format!("Bearer sandbox-{provider}");
        for (kind, more, status) in [
            ("rate_limit", json!({}), 429),
            ("status", json!({ "status": 503 }), 503),
            ("html", json!({}), 500),
            ("empty", json!({ "status": 204 }), 204),
            ("redirect", json!({ "location": "https://example.com/" }), 302),
            ("echo_authorization", json!({ "status": 403 }), 403),
        ] {
            let mut body = json!({ "provider": provider.name(), "kind": kind });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            harness.fail(body).await;
            let reply = harness.send("GET", &format!("/{provider}/x"), &[("authorization", &bearer)], "").await;
            assert_eq!(reply.status, status, "{provider}: {kind}");
            assert_eq!(reply.text().contains(&bearer), kind == "echo_authorization", "{provider}: {kind}");
        }
        let entries = harness.control("GET", &format!("/requests?provider={provider}"), &Value::Null).await;
        assert_eq!(entries["requests"].as_array().unwrap().len(), 6, "{provider}");
    }
}

#[tokio::test]
async fn invalid_utf8_looks_like_the_real_answer() {
    let harness = Harness::start().await;
    fail_wrike(&harness, "invalid_utf8", json!({})).await;
    let reply = get(&harness).await;
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert!(std::str::from_utf8(&reply.body).is_err());
    let lossy: Value = serde_json::from_str(&reply.text()).unwrap();
    assert_eq!(lossy["data"][0]["title"], "Marketing");
}

#[tokio::test]
async fn large_is_valid_json_of_that_size() {
    let harness = Harness::start().await;
    fail_wrike(&harness, "large", json!({ "megabytes": 3 })).await;
    let reply = get(&harness).await;
    assert!(reply.body.len() > 3 * 1024 * 1024);
    let body = reply.json();
    assert_eq!(body["padding"].as_str().unwrap().len(), 3 * 1024 * 1024);
    assert_eq!(body["data"][0]["title"], "Marketing");
}

#[tokio::test]
async fn an_answer_without_a_body_can_be_spoiled_too() {
    let harness = Harness::start().await;
    let path = "/microsoft-planner/v1.0/planner/plans/xqQg5FS2LkCp935s-FIFm2QAFkHM";
    let token = ("authorization", "Bearer sandbox-microsoft-planner");
    let json = ("content-type", "application/json");
    for kind in ["truncated_json", "invalid_utf8", "slow_body"] {
        let plan = harness.send("GET", path, &[token], "").await.json();
        harness.fail(json!({ "provider": "microsoft-planner", "kind": kind })).await;
        let etag = ("if-match", plan["@odata.etag"].as_str().unwrap());
        let reply = harness.send("PATCH", path, &[token, json, etag], r#"{"title":"N"}"#).await;
        let expected = if kind == "slow_body" { 204 } else { 200 };
        assert_eq!(reply.status, expected, "{kind}");
    }
}
