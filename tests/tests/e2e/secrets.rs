//! No secret comes out: not in answers, not in the log, not in the files, not from a
//! command.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use patchboard_tests::seeds::{PLANNER, POLYTEIA, WORKIVA, WRIKE, credential};
use patchboard_tests::{Reply, Setup, Stub, World, answer};
use serde_json::{Value, json};

/// A credential with all characters that encodings write differently.
const TOKEN: &str = "tok/en+with=odd~chars.0123456789";

/// Every spelling in which the token could get out.
fn spellings() -> Vec<String> {
    vec![
        TOKEN.to_owned(),
        STANDARD.encode(TOKEN),
        STANDARD.encode(TOKEN).trim_end_matches('=').to_owned(),
        TOKEN.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D"),
        TOKEN.replace('/', "\\/"),
    ]
}

fn holds_no_secret(what: &str, text: &str) {
    for spelling in spellings() {
        assert!(!text.contains(&spelling), "{what} holds {spelling}: {text}");
    }
}

/// Headers and body of an answer in one text.
fn whole(reply: &Reply) -> String {
    let headers: String =
        reply.headers.iter().map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()))).collect();
    format!("{headers}\n{}", reply.text())
}

#[tokio::test]
async fn a_provider_that_echoes_the_credential_is_redacted_everywhere() {
    let world = World::start();
    for seed in [WRIKE, PLANNER, POLYTEIA, WORKIVA] {
        let token = seed.token();
        let base64 = STANDARD.encode(&token);
        for format in ["unified", "normalized", "raw", "stream"] {
            world.sandbox.fail(&seed, "echo_authorization", json!({})).await;
            let call = world.update(&seed).header("if-match", "W/\"x\"").query(&format!("response_format={format}"));
            let reply = call.json(&json!({"name": "n"})).send().await;
            let problem = reply.problem(400, "provider_rejected");
            let text = whole(&reply);
            assert!(!text.contains(&token) && !text.contains(base64.trim_end_matches('=')), "{format}: {text}");
            let headers = &problem["remote"]["headers"];
            assert_eq!(headers["x-echo-authorization"], "Bearer [redacted]", "{format}");
            assert!(headers["x-echo-token-base64"].as_str().unwrap().contains("[redacted]"), "{format}: {headers}");
            assert!(problem["detail"].as_str().unwrap().contains("Bearer [redacted]"), "{format}: {problem}");
            assert!(problem["remote"]["body"].to_string().contains("[redacted]"), "{format}: {problem}");
        }
        world.serves(&seed).await;
    }
}

/// A provider that answers 200 with the credential in the object, in every spelling.
fn echoing() -> Stub {
    Stub::start(|seen| {
        let token = seen.header("authorization").unwrap().trim_start_matches("Bearer ").to_owned();
        let fields = json!([token, STANDARD.encode(&token), STANDARD.encode(format!("user:{token}"))]);
        let body = json!({"kind": "spaces", "data": [{"id": "S", "title": token, "description": "d", "echo": fields}]}).to_string();
        answer(200, &[("content-type", "application/json"), ("x-echo", &token)], body.as_bytes())
    })
}

#[tokio::test]
async fn an_echo_inside_a_success_is_redacted_too() {
    let stub = echoing();
    let world = Setup::default().allow(&stub.origin()).start();
    let account = world.add_account(&WRIKE, &[("base_url", &stub.origin())], &credential(TOKEN));
    for format in ["unified", "normalized", "raw"] {
        let reply =
            world.update_with(&WRIKE, &account).query(&format!("response_format={format}")).json(&json!({"name": "n"})).send().await;
        assert_eq!(reply.status, 200);
        holds_no_secret(format, &whole(&reply));
        assert!(reply.text().contains("[redacted]"), "{format}: {}", reply.text());
        assert!(reply.json().is_object(), "redaction leaves JSON as JSON");
    }
    assert_eq!(stub.seen()[0].header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
}

#[tokio::test]
async fn an_echo_inside_a_streamed_success_is_redacted_too() {
    let stub = echoing();
    let world = Setup::default().allow(&stub.origin()).start();
    let account = world.add_account(&WRIKE, &[("base_url", &stub.origin())], &credential(TOKEN));
    let reply = world.update_with(&WRIKE, &account).query("response_format=stream").json(&json!({"name": "n"})).send().await;
    assert_eq!(reply.status, 200);
    holds_no_secret("the stream", &whole(&reply));
}

#[tokio::test]
async fn an_echo_in_the_location_of_a_redirect_is_redacted() {
    let stub = Stub::start(|seen| {
        let token = seen.header("authorization").unwrap().trim_start_matches("Bearer ").to_owned();
        answer(302, &[("location", &format!("https://login.example/?token={token}"))], token.as_bytes())
    });
    let world = Setup::default().allow(&stub.origin()).start();
    let account = world.add_account(&WRIKE, &[("base_url", &stub.origin())], &credential(TOKEN));
    let reply = world.update_with(&WRIKE, &account).json(&json!({"name": "n"})).send().await;
    let _ = reply.problem(502, "provider_redirected");
    holds_no_secret("the problem", &whole(&reply));
}

#[tokio::test]
async fn no_secret_stands_in_the_log_the_files_or_what_commands_print() {
    let stub = Stub::start(|seen| {
        let token = seen.header("authorization").unwrap().trim_start_matches("Bearer ").to_owned();
        answer(
            401,
            &[("content-type", "application/json"), ("x-echo", &token)],
            json!({"errorDescription": token, "error": token}).to_string().as_bytes(),
        )
    });
    let world = Setup::default().env("PATCHBOARD_LOG__FILTER", "trace").allow(&stub.origin()).start();
    let account = world.add_account(&WRIKE, &[("base_url", &stub.origin())], &credential(TOKEN));
    let _ = world.update(&WRIKE).json(&json!({"name": "n"})).send().await.ok();
    let refused = world.update_with(&WRIKE, &account).json(&json!({"name": "n"})).send().await;
    holds_no_secret("the problem", &whole(&refused));
    assert_eq!(world.show_account(&account)["status"], "needs_reauth");
    let body = json!({"provider": "wrike", "credentials": {"access_token": format!("{TOKEN}2")}});
    let created = world.call("POST", "/integrated-account").json(&body).send().await;
    assert_eq!(created.status, 201);
    let path = format!("/integrated-account/{}", created.json()["id"].as_str().unwrap());
    let patched = world.call("PATCH", &path).json(&json!({"credentials": {"access_token": format!("{TOKEN}3")}})).send().await;
    for reply in [&created, &patched, &world.call("GET", &path).send().await, &world.call("GET", "/integrated-account").send().await] {
        holds_no_secret("an account over HTTP", &whole(reply));
    }
    let mut printed = String::new();
    for command in [
        &["account", "show", account.as_str()][..],
        &["account", "list"],
        &["account", "list", "--json"],
        &["config", "show"],
        &["config", "show", "--json"],
        &["token", "list", "--json"],
        &["token", "list"],
        &[
            "call",
            "PATCH",
            "ticketing/workspaces",
            "S",
            "--account",
            account.as_str(),
            "--field",
            "name=n",
            "--allow-upstream",
            stub.origin().as_str(),
        ],
    ] {
        let run = world.command(command).run();
        printed.push_str(&run.stdout);
        printed.push_str(&run.stderr);
    }
    let api_token = world.token.rsplit('_').next().unwrap();
    let key = std::fs::read_to_string(world.data.path().join("key")).unwrap();
    let log = world.server.log();
    assert!(log.contains("needs_reauth") || log.contains("refused"), "the log is on: {log}");
    for (what, text) in [("the log", log.as_str()), ("the commands", printed.as_str())] {
        holds_no_secret(what, text);
        for secret in [api_token, key.trim(), WRIKE.token().as_str()] {
            assert!(!text.contains(secret), "{what} holds {secret}");
        }
    }
    for (path, bytes) in world.data.files() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        holds_no_secret(&path.display().to_string(), &text);
        assert!(!text.contains(api_token) && !text.contains(&WRIKE.token()), "{}", path.display());
    }
}

#[tokio::test]
async fn a_panic_or_a_bad_credential_never_prints_the_credential() {
    let world = World::start();
    for body in [
        json!({"provider": "wrike", "credentials": {"access_token": [TOKEN]}}),
        json!({"provider": "wrike", "credentials": {"access_token": format!("{TOKEN}\n")}}),
        json!({"provider": "wrike", "credentials": TOKEN}),
        json!({"provider": "wrike", "credentials": {"password": TOKEN}}),
        json!({"provider": "wrike", "settings": {"base_url": 1}, "credentials": {"access_token": TOKEN}}),
        json!({"provider": "wrike", "credential": {"access_token": TOKEN}}),
    ] {
        let reply = world.call("POST", "/integrated-account").json(&body).send().await;
        let _ = reply.problem(422, "invalid_field");
        holds_no_secret("the problem", &whole(&reply));
    }
    let broken = format!("{{\"provider\":\"wrike\",\"credentials\":{{\"access_token\":\"{TOKEN}\"");
    let reply = world.call("POST", "/integrated-account").media("application/json", broken).send().await;
    let _ = reply.problem(400, "invalid_json");
    holds_no_secret("the problem", &whole(&reply));
    for input in [
        format!("{{\"access_token\":[\"{TOKEN}\"]}}"),
        format!("\"{TOKEN}\""),
        TOKEN.to_owned(),
        format!("{{\"access_token\":\"{TOKEN}\\n\"}}"),
        format!("{{\"x\":\"{TOKEN}\"}}"),
    ] {
        let run = world.command(&["account", "add", "--provider", "wrike", "--credential-file", "-"]).input(&input).run();
        run.is_misuse("");
        holds_no_secret("the command", &run.stderr);
    }
    holds_no_secret("the log", &world.server.log());
    assert_eq!(world.command(&["account", "list", "--json"]).succeed().json(), json!([]));
}

#[tokio::test]
async fn the_key_and_the_data_folder_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let data = patchboard_tests::DataDir::cold();
    let _ = patchboard_tests::patchboard(&["token", "create", "--data-dir", &data.text()]).succeed();
    let mode = |path: std::path::PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o077;
    assert_eq!((mode(data.path()), mode(data.path().join("key"))), (0, 0));
}

#[tokio::test]
async fn a_dry_run_shows_no_credential() {
    let world = World::start();
    let account = world.add_account(&POLYTEIA, &[], &credential(TOKEN));
    let reply = world.update_with(&POLYTEIA, &account).query("dry_run=true").json(&json!({"name": "n"})).send().await;
    let report: Value = reply.ok();
    assert_eq!(report["requests"][0]["headers"]["authorization"], "[redacted]");
    holds_no_secret("the report", &whole(&reply));
}
