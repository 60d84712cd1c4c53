//! Starting, stopping, and being killed.

use std::process::Child;
use std::time::Duration;

use patchboard_tests::seeds::WRIKE;
use patchboard_tests::{DataDir, Server, Setup, World, eventually, eventually_async, patchboard, raw};
use serde_json::{Value, json};

/// Kills a command after a while, unless it has ended by itself.
fn kill_after(mut child: Child, delay: Duration) {
    std::thread::sleep(delay);
    let _ = child.kill();
    let _ = child.wait();
}

#[test]
fn an_account_whose_command_was_killed_is_there_whole_or_not_at_all() {
    let data = DataDir::warm();
    let origin = "http://127.0.0.1:9";
    let add = || {
        let arguments = ["account", "add", "--provider", "wrike", "--setting", "base_url=http://127.0.0.1:9", "--credential-file", "-"];
        patchboard(&arguments).args(["--data-dir", &data.text()]).input(&WRIKE.credential())
    };
    let start = std::time::Instant::now();
    let first = add().succeed().stdout.trim().to_owned();
    let usual = start.elapsed();
    for n in 0..30_u32 {
        // From at once to a little longer than it takes.
        kill_after(add().spawn(), usual * n / 24);
    }
    let listed = patchboard(&["account", "list", "--json", "--data-dir", &data.text()]).succeed().json();
    let accounts = listed.as_array().unwrap();
    assert!(accounts.iter().any(|account| account["id"] == first));
    for account in accounts {
        let expected = json!({
            "id": account["id"], "tenant_id": "default", "provider": "wrike", "status": "active", "settings": {"base_url": origin},
            "created_at": account["created_at"], "updated_at": account["created_at"], "last_error": null, "plugin_version": null,
        });
        assert_eq!(*account, expected);
        let call =
            ["call", "PATCH", "ticketing/workspaces", "S", "--account", account["id"].as_str().unwrap(), "--field", "name=n", "--dry-run"];
        let report = patchboard(&call).args(["--allow-upstream", origin, "--data-dir", &data.text()]).succeed().json();
        assert_eq!(report["requests"][0]["headers"]["authorization"], "[redacted]", "the credential opens");
    }
    let _ = add().succeed();
}

#[test]
fn a_first_start_that_was_killed_leaves_a_folder_that_opens() {
    for n in 0..20_u64 {
        let data = DataDir::cold();
        let create = || patchboard(&["token", "create", "--data-dir", &data.text()]);
        kill_after(create().spawn(), Duration::from_micros(500 * n));
        let token = create().succeed().stdout;
        assert!(token.starts_with("pb_"), "{token}");
        let _ = patchboard(&["token", "list", "--json", "--data-dir", &data.text()]).succeed().json();
    }
}

#[test]
fn commands_that_start_at_once_on_a_new_folder_all_succeed() {
    let data = DataDir::cold();
    let running: Vec<Child> = (0..8).map(|_| patchboard(&["token", "create", "--data-dir", &data.text()]).spawn()).collect();
    for child in running {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let list = patchboard(&["token", "list", "--json", "--data-dir", &data.text()]).succeed().json();
    assert_eq!(list.as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn a_running_request_ends_before_the_server_does() {
    let mut world = World::start();
    world.sandbox.fail(&WRIKE, "hang", json!({"seconds": 1})).await;
    let slow = tokio::spawn(world.update(&WRIKE).json(&json!({"name": "slow"})).send());
    eventually_async("the provider has the request", || async { (!world.sandbox.requests().await.is_empty()).then_some(()) }).await;
    world.server.terminate();
    assert_eq!(slow.await.unwrap().ok()["name"], "slow");
    assert_eq!(world.server.ended().code(), Some(0));
    assert!(std::net::TcpStream::connect(world.server.address()).is_err(), "nobody listens any more");
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_the_server_up() {
    let mut world = World::start();
    let _ = world.update(&WRIKE).json(&json!({"name": "n"})).send().await.ok();
    let _silent = raw::connect(world.server.address());
    world.server.terminate();
    assert_eq!(world.server.ended().code(), Some(0));
}

#[tokio::test]
async fn a_request_that_does_not_end_is_given_up_after_the_grace_time() {
    let mut world = Setup::default().env("PATCHBOARD_SHUTDOWN_SECONDS", "1").start();
    world.sandbox.fail(&WRIKE, "hang", json!({})).await;
    let account = world.account(&WRIKE);
    let target = format!("{}?integrated_account_id={account}", WRIKE.path());
    let bearer = format!("Bearer {}", world.token);
    let mut stream = raw::connect(world.server.address());
    std::io::Write::write_all(&mut stream, &raw::request("PATCH", &target, &[("authorization", &bearer)], br#"{"name":"n"}"#)).unwrap();
    eventually_async("the provider has the request", || async { (!world.sandbox.requests().await.is_empty()).then_some(()) }).await;
    world.server.terminate();
    assert!(world.server.ended().code().is_some());
}

#[tokio::test]
async fn what_was_stored_is_there_after_a_kill_and_a_new_start() {
    let world = World::start();
    let account = world.account(&WRIKE);
    let _ = world.update(&WRIKE).json(&json!({"name": "n"})).send().await.ok();
    let World { server, sandbox, token, data, .. } = world;
    drop(server);
    let again = Server::start(&data, &["--allow-upstream".to_owned(), sandbox.origin()], &[]);
    let url = again.url(&format!("{}?integrated_account_id={account}", WRIKE.path()));
    let call = patchboard_tests::Call::new(&patchboard_tests::client(), "PATCH", &url).token(&token);
    assert_eq!(call.json(&json!({"name": "again"})).send().await.ok()["name"], "again");
}

#[tokio::test]
async fn a_first_start_makes_everything_it_needs() {
    let data = DataDir::cold();
    let server = Server::start(&data, &[], &[]);
    let call = patchboard_tests::Call::new(&patchboard_tests::client(), "GET", &server.url("/readyz"));
    assert_eq!(call.send().await.ok()["plugins_refused"], 0);
    let names: Vec<Value> =
        data.files().iter().filter_map(|(path, _)| path.file_name()).map(|name| json!(name.to_string_lossy())).collect();
    assert!(names.contains(&json!("key")) && names.contains(&json!("patchboard.db")), "{names:?}");
}

#[tokio::test]
async fn compiled_code_that_was_changed_is_not_loaded() {
    let data = DataDir::warm();
    for entry in std::fs::read_dir(data.path().join("cache")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }
    // It is compiled again instead.
    let world = Setup::default().start_in(data);
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn the_log_for_machines_is_one_json_value_a_line() {
    let world = Setup::default().arg("--log-format").arg("json").start();
    let call = world.update(&WRIKE).header("x-request-id", "line-1");
    let _ = call.json(&json!({})).send().await.problem(400, "nothing_to_change");
    let line = eventually("the request is logged", || world.server.log().lines().find(|line| line.contains("line-1")).map(str::to_owned));
    let entry: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&entry["request_id"], &entry["method"], &entry["status"], &entry["code"]),
        (&json!("line-1"), &json!("PATCH"), &json!(400), &json!("nothing_to_change"))
    );
    assert_eq!(entry["path"], WRIKE.path(), "the path is logged, the query is not");
    assert!(world.server.log().lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
}
