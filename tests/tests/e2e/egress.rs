//! Where requests may go. Nothing here leaves the loopback address.

use patchboard_tests::seeds::WRIKE;
use patchboard_tests::{Setup, Stub, World, answer};
use serde_json::json;

fn space() -> Stub {
    Stub::always(answer(200, &[("content-type", "application/json")], br#"{"kind":"spaces","data":[{"id":"S","title":"t"}]}"#))
}

#[tokio::test]
async fn a_base_url_that_the_operator_has_not_consented_to_is_refused() {
    let stub = space();
    let world = World::start();
    let port = stub.address().port();
    for base in [stub.origin(), format!("http://localhost:{port}"), format!("https://127.0.0.1:{port}"), format!("http://127.1:{port}/api")]
    {
        let account = world.add_account(&WRIKE, &[("base_url", &base)], &WRIKE.credential());
        for query in ["", "dry_run=true"] {
            let problem = world
                .update_with(&WRIKE, &account)
                .query(query)
                .json(&json!({"name": "n"}))
                .send()
                .await
                .problem(422, "upstream_not_allowed");
            assert_eq!((&problem["phase"], problem.get("remote")), (&json!("authorise"), None), "{base}");
        }
        assert_eq!(world.show_account(&account)["status"], "active");
    }
    assert!(stub.seen().is_empty());
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn consent_is_to_one_origin_and_not_to_its_neighbours() {
    let (allowed, other) = (space(), space());
    let world = Setup::default().allow(&allowed.origin()).start();
    let to = |stub: &Stub| world.add_account(&WRIKE, &[("base_url", &stub.origin())], &WRIKE.credential());
    assert_eq!(world.update_with(&WRIKE, &to(&allowed)).json(&json!({"name": "t"})).send().await.ok()["id"], "S");
    let refused = world.update_with(&WRIKE, &to(&other)).json(&json!({"name": "t"})).send().await;
    let _ = refused.problem(422, "upstream_not_allowed");
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn consent_comes_from_the_environment_too() {
    let (one, two) = (space(), space());
    let both = format!("{},{}", one.origin(), two.origin());
    let world = Setup::default().env("PATCHBOARD_EGRESS__ALLOW_UPSTREAMS", &both).start();
    for stub in [&one, &two] {
        let account = world.add_account(&WRIKE, &[("base_url", &stub.origin())], &WRIKE.credential());
        assert_eq!(world.update_with(&WRIKE, &account).json(&json!({"name": "t"})).send().await.ok()["id"], "S");
    }
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_name_that_was_consented_to_may_resolve_to_this_machine() {
    let stub = space();
    let origin = format!("http://localhost:{}", stub.address().port());
    let world = Setup::default().allow(&origin).start();
    let account = world.add_account(&WRIKE, &[("base_url", &origin)], &WRIKE.credential());
    assert_eq!(world.update_with(&WRIKE, &account).json(&json!({"name": "t"})).send().await.ok()["id"], "S");
}

#[tokio::test]
async fn metadata_addresses_are_not_reached_whatever_the_operator_says() {
    let origins = [
        "http://169.254.169.254",
        "http://[fe80::1]",
        "http://[::ffff:169.254.169.254]",
        "http://0.0.0.0:9",
        "http://[fd00:ec2::254]",
        "http://2852039166",
    ];
    let world = origins.iter().fold(Setup::default(), |setup, origin| setup.allow(origin)).start();
    for origin in origins {
        let account = world.add_account(&WRIKE, &[("base_url", origin)], &WRIKE.credential());
        let problem = world.update_with(&WRIKE, &account).json(&json!({"name": "n"})).send().await.problem(422, "upstream_not_allowed");
        assert_eq!((problem.get("remote"), problem.get("applied")), (None, None), "{origin}");
    }
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_host_that_the_operator_took_away_is_refused_before_anything_is_sent() {
    let world = Setup::default().env("PATCHBOARD_EGRESS__ALLOW_HOSTS", "graph.microsoft.com").start();
    let account = world.add_account(&WRIKE, &[("base_url", "")], &WRIKE.credential());
    let reply = world.update_with(&WRIKE, &account).query("dry_run=true").json(&json!({"name": "n"})).send().await;
    assert!(reply.problem(422, "upstream_not_allowed")["detail"].as_str().unwrap().contains("www.wrike.com"));
}

#[tokio::test]
async fn an_id_cannot_lead_out_of_the_base_url() {
    let stub = space();
    let world = Setup::default().allow(&stub.origin()).start();
    let account = world.add_account(&WRIKE, &[("base_url", &stub.origin())], &WRIKE.credential());
    for (id, sent) in [
        ("..%2F..%2Fadmin", "/api/v4/spaces/..%2F..%2Fadmin"),
        ("x%3Fadmin=1", "/api/v4/spaces/x%3Fadmin%3D1"),
        ("x%23y", "/api/v4/spaces/x%23y"),
        ("%5C..%5Cadmin", "/api/v4/spaces/%5C..%5Cadmin"),
        ("%252e%252e", "/api/v4/spaces/%252e%252e"),
        ("http:%2F%2Fevil.example%2F", "/api/v4/spaces/http%3A%2F%2Fevil.example%2F"),
        ("%40evil.example", "/api/v4/spaces/%40evil.example"),
    ] {
        let path = format!("/unified/ticketing/workspaces/{id}?integrated_account_id={account}");
        let _ = world.call("PATCH", &path).json(&json!({"name": "t"})).send().await.ok();
        assert_eq!(stub.seen().last().unwrap().target, sent, "{id}");
    }
}
