//! The exchange loop of an update.

use http::HeaderMap;
use patchboard_gateway::contract::{Content, Exchange, MappingError, PluginFailure, RejectionClass, Step, Warning};
use patchboard_gateway::upstream::UpstreamError;
use patchboard_gateway::{Limits, ReplyBody};
use serde_json::json;

use crate::script::*;

#[tokio::test]
async fn the_credential_is_added_after_the_mapping_and_remote_data_before_it_leaves() {
    let body = json!({"name": "n", "remote_data": {"title": "mine", "x": 1}});
    let ran = run("", &body, Ok(Ok(exchange("write", true))), vec![finish(0)], vec![ok(r#"{"native":true}"#)]).await;
    let sent = &ran.sent[0];
    assert_eq!((sent.method.as_str(), sent.url.as_str()), ("PATCH", "https://api.fake.example/v1/things/a%2Fb"));
    assert_eq!(
        (&sent.headers["authorization"], &sent.body[..]),
        (&format!("Bearer {SECRET}").parse().unwrap(), &br#"{"title":"mine","x":1}"#[..])
    );
    assert!(sent.headers["authorization"].is_sensitive() && !sent.repeatable);
    assert_eq!(ran.json(), json!({"id": "a/b", "name": "n", "remote_data": {"native": true}}));
}

#[tokio::test]
async fn a_dry_run_sends_nothing_and_says_whether_it_shows_every_write() {
    let ran = run("dry_run=true", &json!({"name": "n", "status": "active"}), Ok(Ok(exchange("read", false))), vec![], vec![]).await;
    assert!(ran.sent.is_empty());
    let report = ran.json();
    assert_eq!((&report["complete"], &report["requests"][0]["sent"]), (&json!(false), &json!(false)));
    assert_eq!(report["requests"][0]["headers"]["authorization"], "[redacted]");
    assert_eq!(report["warnings"], json!([{"path": "/status", "reason": "unsupported"}]));
    assert_eq!(report["plugin"], json!({"name": "fake", "version": "1.0.0", "digest": "sha256:0"}));
    let ran = run("dry_run=true", &json!({"name": "n"}), Ok(Ok(exchange("write", true))), vec![], vec![]).await;
    assert_eq!(ran.json()["complete"], true);
}

#[tokio::test]
async fn a_reading_dry_run_sends_reads_and_stops_at_the_write() {
    let steps = vec![then(exchange("write", true))];
    let ran = run("dry_run=read", &json!({"name": "n"}), Ok(Ok(exchange("read", false))), steps, vec![ok("{}")]).await;
    assert_eq!(ran.sent.len(), 1);
    let sent: Vec<bool> = ran.json()["requests"].as_array().unwrap().iter().map(|r| r["sent"].as_bool().unwrap()).collect();
    assert_eq!((sent, ran.json()["complete"].as_bool()), (vec![true, false], Some(true)));
}

#[tokio::test]
async fn a_failure_after_a_write_says_which_writes_stand() {
    let steps = vec![then(exchange("read", false)), rejected(RejectionClass::Invalid, None)];
    let answers = vec![ok("{}"), Ok((422, HeaderMap::new(), r#"{"why":"x"}"#))];
    let ran = run("", &json!({"name": "n"}), Ok(Ok(exchange("write", false))), steps, answers).await;
    let problem = ran.problem();
    assert_eq!(
        (problem["status"].clone(), problem["code"].clone(), problem["phase"].clone()),
        (json!(422), json!("provider_rejected"), json!("send"))
    );
    assert_eq!(problem["applied"], json!([{"method": "PATCH", "path": "/things/a%2Fb", "status": 200}]));
    assert_eq!(problem["remote"], json!({"provider": "fake", "status": 422, "headers": {}, "body": {"why": "x"}}));
}

#[tokio::test]
async fn a_write_whose_answer_the_plugin_cannot_take_is_applied_all_the_same() {
    for step in [Err(PluginFailure::Trapped("x".to_owned())), Ok(Err(MappingError::Unreadable("html".to_owned())))] {
        let ran = run("", &json!({"name": "n"}), Ok(Ok(exchange("write", true))), vec![step], vec![ok("<html>")]).await;
        assert_eq!((ran.problem()["status"].clone(), ran.problem()["applied"][0]["method"].clone()), (json!(502), json!("PATCH")));
    }
}

#[tokio::test]
async fn an_error_inside_a_success_gets_its_own_status_and_applies_nothing() {
    for (class, status, expected) in [
        (RejectionClass::Other, Some(500), 500),
        (RejectionClass::Other, Some(200), 502),
        (RejectionClass::NotFound, None, 404),
        (RejectionClass::Stale, None, 412),
        (RejectionClass::Unauthorized, None, 401),
    ] {
        let ran = run("", &json!({"name": "n"}), Ok(Ok(exchange("write", true))), vec![rejected(class, status)], vec![ok("{}")]).await;
        assert_eq!((ran.problem()["status"].clone(), ran.problem().get("applied").cloned()), (json!(expected), None));
        assert_eq!(ran.refused_credential.is_some(), expected == 401);
    }
}

#[tokio::test]
async fn a_read_back_that_fails_leaves_what_is_known_and_a_warning() {
    let mut back = exchange("back", false);
    let failures: [Answered; 3] = [Err(UpstreamError::Timeout), Ok((500, HeaderMap::new(), "{}")), Ok((302, HeaderMap::new(), ""))];
    for (known, failure) in [None, Some(json!({"id": "new", "status": "active"}))].into_iter().zip(failures) {
        back.known = known.clone().map(|known| known.as_object().unwrap().clone());
        let steps = vec![then(back.clone()), rejected(RejectionClass::Other, None)];
        let ran = run("", &json!({"name": "n"}), Ok(Ok(exchange("write", true))), steps, vec![ok(""), failure]).await;
        assert_eq!(ran.json(), known.unwrap_or_else(|| json!({"id": "a/b", "name": "n"})));
        let warnings = ran.reply.unwrap().headers["patchboard-warnings"].to_str().unwrap().to_owned();
        assert!(warnings.starts_with(r#""*";reason=read_back_failed"#), "{warnings}");
    }
}

#[tokio::test]
async fn raw_hands_over_the_exchange_that_answers_and_stream_does_not_hold_it() {
    let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, "text/x".parse().unwrap())]);
    let answers = || vec![ok("{}"), Ok((201, headers.clone(), "the bytes"))];
    let steps = || vec![then(exchange("write", true))];
    let ran = run("response_format=raw", &json!({"name": "n"}), Ok(Ok(exchange("read", false))), steps(), answers()).await;
    let reply = ran.reply.unwrap();
    assert!(matches!(&reply.body, ReplyBody::Bytes(bytes) if &bytes[..] == b"the bytes"));
    assert_eq!((reply.status.as_u16(), &reply.headers["content-type"]), (201, &"text/x".parse().unwrap()));
    let ran = run("response_format=stream", &json!({"name": "n"}), Ok(Ok(exchange("read", false))), steps(), answers()).await;
    assert!(matches!(ran.reply.unwrap().body, ReplyBody::Stream("the bytes", _)));
    let ran = run(
        "response_format=stream",
        &json!({"name": "n"}),
        Ok(Ok(exchange("write", true))),
        vec![rejected(RejectionClass::Other, None)],
        vec![Ok((500, headers, "{}"))],
    )
    .await;
    assert_eq!(ran.problem()["status"], 500);
}

#[tokio::test]
async fn nothing_but_a_read_back_follows_the_exchange_that_answers() {
    for call in ["write", "read"] {
        let ran = run("", &json!({"name": "n"}), Ok(Ok(exchange("write", true))), vec![then(exchange(call, false))], vec![ok("{}")]).await;
        let problem = ran.problem();
        assert_eq!(
            (problem["code"].clone(), problem["applied"][0]["status"].clone(), ran.sent.len()),
            (json!("plugin_failed"), json!(200), 1)
        );
    }
}

fn losing(call: &str, reason: &str) -> Exchange {
    Exchange { warnings: vec![Warning::new("/contact/1", reason)], ..exchange(call, call == "write") }
}

#[tokio::test]
async fn strict_refuses_what_the_plugin_leaves_out_before_it_is_written() {
    let body = json!({"name": "n"});
    let ran = run("strict=true", &body, Ok(Ok(losing("write", "unsupported"))), vec![], vec![]).await;
    let problem = ran.problem();
    assert_eq!((&problem["code"], &problem["phase"]), (&json!("field_not_supported"), &json!("map")));
    assert_eq!((&problem["errors"][0]["path"], ran.sent.len()), (&json!("/contact/1"), 0));

    let steps = vec![then(losing("write", "unknown"))];
    let ran = run("strict=true", &body, Ok(Ok(exchange("read", false))), steps, vec![ok("{}")]).await;
    assert_eq!((ran.problem()["code"].clone(), ran.sent.len()), (json!("field_not_supported"), 1));

    let Ok(Ok(Step::Finish(answer, _))) = finish(0) else { panic!("it finishes") };
    let nothing_left = vec![Ok(Ok(Step::Finish(answer, vec![Warning::new("/name", "unsupported")])))];
    let ran = run("strict=true", &body, Ok(Ok(exchange("read", false))), nothing_left, vec![ok("{}")]).await;
    assert_eq!(ran.problem()["code"], "field_not_supported");

    for (query, warning) in [("", "unsupported"), ("strict=true", "not_sent")] {
        let ran = run(query, &body, Ok(Ok(losing("write", warning))), vec![finish(0)], vec![ok("{}")]).await;
        assert_eq!((ran.reply.unwrap().status.as_u16(), ran.sent.len()), (200, 1), "{query}");
    }
}

#[tokio::test]
async fn a_body_that_grows_over_the_limit_is_the_callers_and_one_that_comes_of_nothing_the_plugins() {
    let large = |bytes: usize| {
        let mut large = exchange("write", true);
        large.request.content = Content::Raw("text/plain".to_owned(), vec![b'x'; bytes]);
        large
    };
    let body = json!({"name": "n".repeat(40)});
    let limits = || Limits { request_body: 100, ..Limits::default() };
    let ran = run_with(limits(), "", &body, Ok(Ok(large(101))), vec![], vec![]).await;
    assert_eq!((ran.problem()["code"].clone(), ran.problem()["status"].clone()), (json!("body_too_large"), json!(413)));
    let ran = run_with(limits(), "", &body, Ok(Ok(large(1000))), vec![], vec![]).await;
    assert_eq!((ran.problem()["code"].clone(), ran.sent.len()), (json!("plugin_failed"), 0));
}

#[tokio::test]
async fn an_empty_object_changes_nothing() {
    let ran = run("", &json!({"custom_fields": {}}), Ok(Ok(exchange("write", true))), vec![], vec![]).await;
    assert_eq!((ran.problem()["code"].clone(), ran.sent.len()), (json!("nothing_to_change"), 0));
}

#[tokio::test]
async fn a_plugin_gets_so_many_exchanges_and_no_more() {
    let limits = Limits { exchanges: 3, ..Limits::default() };
    let steps = (0..3).map(|_| then(exchange("read", false))).collect();
    let ran = run_with(limits, "", &json!({"name": "n"}), Ok(Ok(exchange("read", false))), steps, vec![ok("{}"), ok("{}"), ok("{}")]).await;
    assert_eq!((ran.sent.len(), ran.problem()["detail"].clone()), (3, json!("the plugin went over its limits: more than 3 exchanges")));
}

#[tokio::test]
async fn no_one_sees_the_credential_that_a_provider_echoes() {
    let echo = HeaderMap::from_iter([
        ("x-echo".parse::<http::HeaderName>().unwrap(), format!("Bearer {SECRET}").parse().unwrap()),
        (http::header::SET_COOKIE, "a=b".parse().unwrap()),
    ]);
    let ran = run(
        "",
        &json!({"name": "n"}),
        Ok(Ok(exchange("write", true))),
        vec![rejected(RejectionClass::Unauthorized, None)],
        vec![Ok((401, echo, r#"{"got":"s3cret-token","b64":"czNjcmV0LXRva2Vu"}"#))],
    )
    .await;
    assert_eq!(ran.seen[0].headers, [("x-echo".to_owned(), "Bearer [redacted]".to_owned())]);
    let remote = &ran.problem()["remote"];
    assert_eq!(remote["body"], json!({"got": "[redacted]", "b64": "[redacted]"}));
    assert_eq!(remote["headers"], json!({"x-echo": "Bearer [redacted]"}));
    assert!(ran.refused_credential.is_some());
}

#[tokio::test]
async fn what_the_wire_does_wrong_is_told_apart() {
    for (error, status, code) in [
        (UpstreamError::Timeout, 504, "provider_timeout"),
        (UpstreamError::Unreachable("refused".to_owned()), 502, "provider_unreachable"),
        (UpstreamError::NotAllowed("private".to_owned()), 422, "upstream_not_allowed"),
        (UpstreamError::Unreadable("broke off".to_owned()), 502, "provider_unreadable"),
    ] {
        let ran = run("", &json!({"name": "n"}), Ok(Ok(exchange("write", true))), vec![], vec![Err(error)]).await;
        assert_eq!((ran.problem()["status"].clone(), ran.problem()["code"].clone()), (json!(status), json!(code)));
    }
    let limits = Limits { response_body: 4, ..Limits::default() };
    let ran = run_with(limits, "", &json!({"name": "n"}), Ok(Ok(exchange("write", true))), vec![], vec![ok("longer")]).await;
    assert_eq!((ran.problem()["code"].clone(), ran.problem()["applied"][0]["status"].clone()), (json!("provider_unreadable"), json!(200)));
}

#[tokio::test]
async fn a_redirect_is_an_error_and_is_not_followed() {
    let headers = HeaderMap::from_iter([(http::header::LOCATION, "https://evil.example/".parse().unwrap())]);
    let ran = run("", &json!({"name": "n"}), Ok(Ok(exchange("write", true))), vec![], vec![Ok((307, headers, ""))]).await;
    assert_eq!(
        (ran.problem()["status"].clone(), ran.problem()["code"].clone(), ran.sent.len()),
        (json!(502), json!("provider_redirected"), 1)
    );
}
