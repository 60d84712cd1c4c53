//! The command: what it prints, where, and how it ends.

use patchboard_tests::seeds::{ORGANIZATION, POLYTEIA, WORKIVA, WRIKE};
use patchboard_tests::{DataDir, World, patchboard};
use serde_json::json;

/// A command on a data folder.
fn on(data: &DataDir, arguments: &[&str]) -> patchboard_tests::Invocation {
    patchboard(arguments).args(["--data-dir", &data.text()])
}

#[test]
fn token_create_prints_the_token_alone() {
    let data = DataDir::cold();
    let run = on(&data, &["token", "create", "--name", "ci"]).succeed();
    let token = run.stdout.strip_suffix('\n').unwrap();
    assert!(token.starts_with("pb_") && !token.contains(char::is_whitespace), "{token}");
    assert!(run.stderr.contains("ci") && !run.stderr.contains(token), "{}", run.stderr);
    let list = on(&data, &["token", "list", "--json"]).succeed().json();
    assert_eq!((&list[0]["name"], &list[0]["tenant_id"], list.as_array().unwrap().len()), (&json!("ci"), &json!(null), 1));
    let table = on(&data, &["token", "list"]).succeed().stdout;
    assert!(table.starts_with("ID ") && table.contains("ci") && !table.contains(token), "{table}");
}

#[cfg(unix)]
#[test]
fn a_command_whose_answer_nobody_reads_ends_in_silence() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let command = std::process::Command::new(patchboard_tests::program())
        .args(["model", "list", "--data-dir", &DataDir::cold().text()])
        .stdout(writer)
        .stderr(std::process::Stdio::piped())
        .output()
        .unwrap();
    assert_eq!((command.status.code(), String::from_utf8_lossy(&command.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn a_token_that_is_not_there_cannot_be_revoked() {
    on(&DataDir::cold(), &["token", "revoke", "nope"]).run().is_misuse("no token has the id \"nope\"");
}

#[test]
fn lists_of_nothing_are_lists() {
    let data = DataDir::cold();
    for command in [["token", "list", "--json"], ["account", "list", "--json"]] {
        assert_eq!(on(&data, &command).succeed().json(), json!([]));
    }
    assert!(on(&data, &["account", "list"]).succeed().stdout.starts_with("ID "));
}

#[tokio::test]
async fn accounts_are_added_shown_updated_and_removed_while_the_server_runs() {
    let world = World::start();
    let id = world.add_account(&WORKIVA, &[], &WORKIVA.credential());
    let shown = world.show_account(&id);
    assert_eq!(shown["settings"], json!({"base_url": world.sandbox.url("/workiva"), "organization_id": ORGANIZATION}));
    assert_eq!(shown["credential"], json!(null));
    assert_eq!(world.update_with(&WORKIVA, &id).json(&json!({"name": "n"})).send().await.ok()["name"], "n");
    let update = world.command(&["account", "update", &id, "--setting", "api_version=2022-01-01"]).succeed();
    assert!(update.stdout.is_empty() && update.stderr.contains(&id), "{update:?}");
    let reply = world.update_with(&WORKIVA, &id).json(&json!({"name": "n"})).send().await;
    assert!(reply.header("sunset").is_some());
    let _ = world.command(&["account", "update", &id, "--setting", "api_version="]).succeed();
    assert_eq!(world.show_account(&id)["settings"].get("api_version"), None, "an empty value takes a setting away");
    let _ = world.command(&["account", "remove", &id]).succeed();
    for command in [&["account", "show", id.as_str()][..], &["account", "update", &id], &["account", "remove", &id]] {
        world.command(command).run().is_misuse("no account has the id");
    }
}

#[test]
fn what_is_wrong_with_an_account_ends_with_2_and_its_name() {
    let data = DataDir::warm();
    let good = WRIKE.credential();
    let organization = format!("organization_id={ORGANIZATION}");
    for (arguments, input, says) in [
        (&["--provider", "nope"][..], good.as_str(), "no plugin for the provider \"nope\""),
        (&["--provider", "workiva"], &good, "\"organization_id\" is required"),
        (&["--provider", "workiva", "--setting", "organization_id=x"], &good, "organization_id"),
        (&["--provider", "workiva", "--setting", &organization, "--setting", "region=mars"], &good, "\"region\""),
        (&["--provider", "wrike", "--setting", "nope=x"], &good, "\"nope\" does not exist"),
        (&["--provider", "wrike", "--setting", "base_url=nowhere"], &good, "\"base_url\" must be a URL"),
        (&["--provider", "wrike", "--setting", "base_url=file:///etc"], &good, "http or https"),
        (&["--provider", "wrike", "--setting", "host=evil.example"], &good, "\"host\""),
        (&["--provider", "wrike", "--setting", "nothing"], &good, "NAME=VALUE"),
        (&["--provider", "wrike", "--tenant", ""], &good, "tenant"),
        (&["--provider", "wrike"], "", "JSON object"),
        (&["--provider", "wrike"], "[]", "JSON object"),
        (&["--provider", "wrike"], "{}", "access_token"),
        (&["--provider", "wrike"], "{\"access_token\":1}", "must be a string"),
        (&["--provider", "wrike"], "{\"access_token\":\"a\\nb\"}", "control character"),
        (&["--provider", "wrike"], "{\"access_token\":\"a\",\"access_token\":\"b\"}", "JSON object"),
    ] {
        on(&data, &["account", "add"]).args(arguments).args(["--credential-file", "-"]).input(input).run().is_misuse(says);
    }
    on(&data, &["account", "add", "--provider", "wrike"]).run().is_misuse("--credential-file");
    on(&data, &["account", "add", "--provider", "wrike", "--credential-file", "/nonexistent"]).run().is_misuse("/nonexistent");
    on(&data, &["account", "add", "--provider", "wrike", "--credential-file", "/dev/zero"]).run().is_misuse("more than 65536 bytes");
    on(&data, &["account", "add"]).run().is_misuse("--provider");
    assert_eq!(on(&data, &["account", "list", "--json"]).succeed().json(), json!([]));
}

#[test]
fn a_credential_comes_from_a_file_too() {
    let data = DataDir::warm();
    let file = tempfile_with(&WRIKE.credential());
    let path = file.path().display().to_string();
    let add = on(&data, &["account", "add", "--provider", "wrike", "--tenant", "acme", "--credential-file", &path]).succeed();
    let shown = on(&data, &["account", "show", add.stdout.trim()]).succeed().json();
    assert_eq!((&shown["tenant_id"], &shown["status"]), (&json!("acme"), &json!("active")));
    let of_tenant = |tenant: &str| on(&data, &["account", "list", "--json", "--tenant", tenant]).succeed().json().as_array().unwrap().len();
    assert_eq!((of_tenant("acme"), of_tenant("other")), (1, 0));
}

fn tempfile_with(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[test]
fn flags_stand_before_or_after_the_command() {
    let data = DataDir::cold();
    let text = data.text();
    for arguments in [
        ["--data-dir", &text, "token", "create", "--name", "a"],
        ["token", "--data-dir", &text, "create", "--name", "b"],
        ["token", "create", "--name", "c", "--data-dir", &text],
    ] {
        let _ = patchboard(&arguments).succeed();
    }
    let _ = patchboard(&["token", "create", "--name", "d"]).env("PATCHBOARD_DATA_DIR", &text).succeed();
    assert_eq!(on(&data, &["token", "list", "--json"]).succeed().json().as_array().unwrap().len(), 4);
}

#[test]
fn a_wrong_command_line_or_configuration_ends_with_2() {
    let data = DataDir::cold();
    for (arguments, says) in [
        (&["nope"][..], "nope"),
        (&["serve", "--nope"], "--nope"),
        (&["serve", "--listen", "nowhere"], "nowhere"),
        (&["serve", "--allow-upstream", "*"], "no origin"),
        (&["serve", "--allow-upstream", "http://x/path"], "no origin"),
        (&["--config", "/nonexistent.toml", "config", "show"], "nonexistent"),
        (&["call", "PATCH"], "RESOURCE"),
        (&["plugin", "inspect", "/nonexistent.wasm"], "nonexistent"),
    ] {
        on(&data, arguments).run().is_misuse(says);
    }
    let bad = on(&data, &["config", "show"]).env("PATCHBOARD_EGRESS__TOTAL_SECONDS", "soon").run();
    bad.is_misuse("total_seconds");
    on(&data, &["config", "show"]).env("PATCHBOARD_NO_SUCH_THING", "1").run().is_misuse("no_such_thing");
    on(&data, &["serve"]).env("PATCHBOARD_LOG__FILTER", "a=b=c").run().is_misuse("log.filter");
    let file = tempfile_with("lisen = '127.0.0.1:1'");
    let path = file.path().display().to_string();
    patchboard(&["--config", &path, "config", "show"]).run().is_misuse("lisen");
    let run = patchboard(&[]).run();
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
}

#[test]
fn help_and_version_are_answers() {
    let help = patchboard(&["--help"]).succeed();
    assert!(help.stdout.contains("patchboard serve") && help.stderr.is_empty());
    assert!(patchboard(&["--version"]).succeed().stdout.starts_with("patchboard 0."));
    for command in ["serve", "token", "account", "plugin", "call", "config"] {
        assert!(patchboard(&[command, "--help"]).succeed().stdout.contains("Usage: patchboard"), "{command}");
    }
}

#[test]
fn config_show_says_everything_but_secrets() {
    let data = DataDir::cold();
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let show = |more: &[&str]| {
        on(&data, &["config", "show"])
            .args(more)
            .env("PATCHBOARD_ENCRYPTION_KEY", key)
            .env("PATCHBOARD_LISTEN", "127.0.0.1:1")
            .succeed()
            .stdout
    };
    let toml = show(&[]);
    assert!(toml.contains("listen = \"127.0.0.1:1\"") && toml.contains("[egress]") && !toml.contains(key), "{toml}");
    let as_json = show(&["--json"]);
    assert!(as_json.contains("\"listen\": \"127.0.0.1:1\"") && !as_json.contains(key), "{as_json}");
    let file = tempfile_with(&toml);
    let again = patchboard(&["--config", &file.path().display().to_string(), "config", "show"]).succeed().stdout;
    assert_eq!(again.lines().find(|line| line.starts_with("listen")), Some("listen = \"127.0.0.1:1\""));
}

#[test]
fn a_key_that_is_none_is_told() {
    let run = on(&DataDir::cold(), &["token", "list"]).env("PATCHBOARD_ENCRYPTION_KEY", "too-short").run();
    assert!(matches!(run.code, Some(1 | 2)) && run.stderr.contains("32 bytes"), "{run:?}");
    assert!(!run.stderr.contains("too-short"), "{}", run.stderr);
}

#[test]
fn another_key_is_told_at_once() {
    let data = DataDir::warm();
    let _ = on(&data, &["token", "create"]).succeed();
    std::fs::remove_file(data.path().join("key")).unwrap();
    let run = on(&data, &["token", "list"]).run();
    assert!(run.code != Some(0) && run.stderr.contains("key"), "{run:?}");
}

#[test]
fn plugins_are_listed_and_inspected() {
    let data = DataDir::warm();
    let list = on(&data, &["plugin", "list", "--json"]).succeed().json();
    let names: Vec<&str> = list["loaded"].as_array().unwrap().iter().map(|plugin| plugin["name"].as_str().unwrap()).collect();
    assert!(["microsoft-planner", "polyteia", "workiva", "wrike"].iter().all(|name| names.contains(name)), "{names:?}");
    assert_eq!(list["refused"], json!([]));
    let wrike = list["loaded"].as_array().unwrap().iter().find(|plugin| plugin["name"] == "wrike").unwrap();
    assert!(wrike["digest"].as_str().unwrap().starts_with("sha256:"));
    let table = on(&data, &["plugin", "list"]).succeed().stdout;
    assert!(table.starts_with("NAME") && table.contains("wrike"), "{table}");
    let file = patchboard_tests::program().ancestors().nth(2).unwrap().join("plugins/wrike.wasm");
    let inspected = on(&data, &["plugin", "inspect", &file.display().to_string()]).succeed().json();
    assert_eq!(
        (&inspected["name"], &inspected["imports"], &inspected["manifest"]["title"]),
        (&json!("wrike"), &json!([]), &json!("Wrike"))
    );
    assert!(inspected["digest"].as_str().unwrap().starts_with("sha256:"));
}

#[test]
fn a_file_that_is_no_plugin_is_refused_alone() {
    let data = DataDir::warm();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("broken.wasm"), b"\0asm nonsense").unwrap();
    std::fs::write(folder.path().join("notes.txt"), b"not looked at").unwrap();
    let path = folder.path().display().to_string();
    let run = on(&data, &["plugin", "list", "--json", "--plugins", &path]).run();
    assert_eq!(run.code, Some(1));
    let list = run.json();
    assert!(list["loaded"].as_array().unwrap().len() >= 4);
    assert_eq!(list["refused"].as_array().unwrap().len(), 1);
    assert!(list["refused"][0]["source"].as_str().unwrap().ends_with("broken.wasm"));
    on(&data, &["plugin", "inspect", &folder.path().join("broken.wasm").display().to_string()]).run().is_misuse("not admitted");
}

#[tokio::test]
async fn call_makes_a_request_without_a_server() {
    let world = World::start();
    let account = world.account(&WRIKE);
    let origin = world.sandbox.origin();
    let call = |more: &[&str]| {
        world.command(&["call", "PATCH", "ticketing/workspaces", WRIKE.id, "--account", &account, "--allow-upstream", &origin]).args(more)
    };
    let dry = call(&["--field", "name=From the shell", "--field", "colour=1", "--dry-run"]).succeed();
    let report = dry.json();
    assert_eq!((&report["dry_run"], &report["requests"][0]["body"]), (&json!(true), &json!("title=From+the+shell")));
    assert_eq!(report["requests"][0]["headers"]["authorization"], "[redacted]");
    assert!(dry.stderr.contains("200 OK") && dry.stderr.contains("\"colour\";reason=unknown"), "{}", dry.stderr);
    assert!(world.sandbox.requests().await.is_empty());
    let sent = call(&["--body", "-", "--param", "response_format=normalized"]).input(r#"{"name":"piped"}"#).succeed().json();
    assert_eq!((&sent["name"], &sent["updated_at"]), (&json!("piped"), &json!(null)));
    let strict = call(&["--field", "colour=1", "--field", "name=n", "--strict"]).run();
    assert_eq!((strict.code, &strict.json()["code"]), (Some(1), &json!("field_not_supported")));
    call(&["--field", "name"]).run().is_misuse("NAME=VALUE");
    let id = world.command(&[
        "call",
        "PATCH",
        "ticketing/workspaces",
        "a/b c",
        "--account",
        &account,
        "--allow-upstream",
        &origin,
        "--field",
        "name=n",
        "--dry-run",
    ]);
    assert!(id.succeed().json()["requests"][0]["url"].as_str().unwrap().ends_with("/spaces/a%2Fb%20c"));
}

#[tokio::test]
async fn call_obeys_the_egress_policy_like_the_server() {
    let world = World::start();
    let account = world.account(&POLYTEIA);
    let run = world.command(&["call", "PATCH", "ticketing/workspaces", POLYTEIA.id, "--account", &account, "--field", "name=n"]).run();
    assert_eq!((run.code, &run.json()["code"]), (Some(1), &json!("upstream_not_allowed")));
    assert!(world.sandbox.requests().await.is_empty());
}

#[test]
fn a_port_that_is_taken_is_said_and_ends_with_1() {
    let data = DataDir::warm();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = on(&data, &["serve", "--listen", &address]).run();
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.is_empty() && run.stderr.contains(&format!("cannot listen on {address}")), "{run:?}");
}
