//! The edge app when something is wrong with its store, its variables, its manifest, a
//! plugin or a provider: what the caller gets, and that the next request is served.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use patchboard_tests::{Reply, Setup, Stub, World, answer, raw};
use patchboard_tests_edge::{App, Fault, KeyValue, Options};
use serde_json::{Value, json};

use crate::world::{ADMIN_TOKEN, block_on, carry, export, import, only, root, variables};

const OTHER_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const TOKEN: &str = "the-token-of-the-account";

/// A server with one account at Wrike, an edge app that knows it, and their provider.
struct Scene {
    world: World,
    stub: Stub,
    app: App,
    account: String,
}

impl Scene {
    fn set() -> Self {
        Self::of(|options| options)
    }

    /// With the app started in another way.
    fn of(change: impl FnOnce(Options) -> Options) -> Self {
        Self::with(wrike(), Stub::start(|_| space()), change)
    }

    fn with(options: Options, stub: Stub, change: impl FnOnce(Options) -> Options) -> Self {
        let world = Setup::default().allow(&stub.origin()).start();
        let account = block_on(async {
            let body = json!({"provider": "wrike", "settings": {"base_url": stub.origin()}, "credentials": {"access_token": TOKEN}});
            world.call("POST", "/integrated-account").json(&body).send().await.json()["id"].as_str().unwrap().to_owned()
        });
        let key = fs::read_to_string(world.data.path().join("key")).unwrap();
        let app = change(variables(options, key.trim(), &stub.origin())).start().unwrap_or_else(|error| panic!("{error}"));
        carry(&world, app.address());
        Self { world, stub, app, account }
    }

    fn call(&self, method: &str, target: &str, body: &str) -> Reply {
        call(self.app.address(), &self.world.token, method, target, body)
    }

    fn update(&self) -> Reply {
        self.update_of(&self.account, "n")
    }

    fn update_of(&self, account: &str, name: &str) -> Reply {
        let target = format!("/unified/ticketing/workspaces/S1?integrated_account_id={account}");
        self.call("PATCH", &target, &json!({"name": name}).to_string())
    }

    fn serves(&self) {
        assert_eq!(self.update().ok()["name"], "n", "{:?}", self.app.faults());
    }

    fn key(&self) -> String {
        format!("account:{}", self.account)
    }

    /// Changes the account's record in the store.
    fn meddle(&self, change: impl FnOnce(&mut Value)) {
        let mut record: Value = serde_json::from_slice(&self.app.store().get(&self.key()).unwrap()).unwrap();
        change(&mut record);
        self.app.store().put(&self.key(), Some(record.to_string().into_bytes()));
    }
}

fn space() -> Vec<u8> {
    answer(200, &[("content-type", "application/json")], br#"{"kind":"spaces","data":[{"id":"S1","title":"n"}]}"#)
}

fn call(address: SocketAddr, token: &str, method: &str, target: &str, body: &str) -> Reply {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let headers = if body.is_empty() { &headers[..1] } else { &headers[..] };
    raw::exchange(address, &raw::request(method, target, headers, body.as_bytes()))
}

fn keeps_the_secret(reply: &Reply) {
    let whole = format!("{:?} {}", reply.headers, reply.text());
    assert!(!whole.contains(TOKEN) && !whole.contains(ADMIN_TOKEN), "{whole}");
}

#[test]
fn an_account_of_a_provider_that_the_app_does_not_have_is_told_so() {
    let scene = Scene::set();
    let good = scene.app.store().get(&scene.key()).unwrap();
    for provider in [
        "nope",
        "router",
        "self",
        "p-wrike",
        "",
        "..",
        "wrike.spin.internal",
        "wrike/../../x",
        "127.0.0.1:1",
        "wrike@evil.example",
        "Wrike",
        "é",
    ] {
        scene.meddle(|record| record["provider"] = json!(provider));
        let reply = scene.update();
        assert!(matches!(reply.status, 422 | 500), "{provider}: {}", reply.text());
        let code = reply.json()["code"].as_str().unwrap().to_owned();
        let _ = reply.problem(reply.status, &code);
        keeps_the_secret(&reply);
    }
    assert!(scene.stub.seen().is_empty());
    scene.app.store().put(&scene.key(), Some(good));
    scene.serves();
}

#[test]
fn a_provider_that_the_manifest_lacks_is_told_so() {
    let text = only("wrike");
    // Whether the list of providers still names it or not.
    for text in [without(&text, "p-wrike"), without(&text, "p-wrike").replace(", wrike\"", "\"")] {
        let scene = Scene::with(Options::text(&text, &root()), Stub::always(space()), |options| options);
        let problem = scene.update().problem(422, "provider_not_loaded");
        assert!(problem["detail"].as_str().unwrap().contains("wrike"), "{problem}");
        assert!(scene.stub.seen().is_empty());
    }
}

/// The app with one of its providers.
fn wrike() -> Options {
    Options::text(&only("wrike"), &root())
}

/// A manifest without a component and its trigger.
fn without(text: &str, id: &str) -> String {
    let mut kept = String::new();
    for table in text.split_inclusive("\n\n") {
        let its = table.contains(&format!("[component.{id}")) || table.contains(&format!("component = \"{id}\""));
        kept.push_str(if its { "" } else { table });
    }
    assert_ne!(kept, text);
    kept
}

#[test]
fn with_another_key_no_credential_opens_and_none_is_told() {
    let scene = Scene::of(|options| options.variable("encryption_key", OTHER_KEY));
    for query in ["", "&dry_run=true"] {
        let target = format!("/unified/ticketing/workspaces/S1?integrated_account_id={}{query}", scene.account);
        let reply = scene.call("PATCH", &target, r#"{"name":"n"}"#);
        let _ = reply.problem(500, "internal");
        keeps_the_secret(&reply);
    }
    assert!(scene.stub.seen().is_empty());
    let _ = scene.call("GET", "/ping", "").ok();
}

#[test]
fn a_key_that_is_none_is_an_error_of_ours_and_not_shown() {
    for key in ["short", "not base64 at all, but long enough to be a key", ""] {
        let scene = Scene::of(|options| options.variable("encryption_key", key));
        let reply = scene.update();
        let _ = reply.problem(500, "internal");
        assert!(key.is_empty() || !reply.text().contains(key));
    }
}

#[test]
fn a_store_out_of_reach_is_an_error_of_ours_until_it_is_back() {
    let scene = Scene::set();
    scene.app.store().set_fault(Fault::Unreachable);
    let reply = scene.update();
    let _ = reply.problem(500, "internal");
    keeps_the_secret(&reply);
    assert_eq!(scene.call("GET", "/readyz", "").status, 503, "an app without its store is not ready");
    assert!(scene.call("GET", "/healthz", "").status < 500, "an app without its store still lives");
    assert!(import(scene.app.address(), ADMIN_TOKEN, export(&scene.world)).status >= 500);
    scene.app.store().set_fault(Fault::None);
    scene.serves();
    assert_eq!(scene.call("GET", "/readyz", "").status, 200);
}

#[test]
fn a_full_store_refuses_an_import_and_serves_what_it_has() {
    let scene = Scene::set();
    let more = block_on(async {
        let body = json!({"provider": "wrike", "settings": {"base_url": scene.stub.origin()}, "credentials": {"access_token": "x"}});
        scene.world.call("POST", "/integrated-account").json(&body).send().await.json()["id"].as_str().unwrap().to_owned()
    });
    scene.app.store().set_fault(Fault::Full);
    let reply = import(scene.app.address(), ADMIN_TOKEN, export(&scene.world));
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert!(reply.text().contains("full"), "the operator is told why: {}", reply.text());
    scene.serves();
    scene.app.store().set_fault(Fault::None);
    let _ = scene.update_of(&more, "n").problem(404, "unknown_account");
    carry(&scene.world, scene.app.address());
    let _ = scene.update_of(&more, "n").ok();
}

#[test]
fn a_credential_that_is_refused_while_the_store_is_full_is_still_told() {
    let unauthorized = || answer(401, &[("content-type", "application/json")], br#"{"error":"not_authorized","errorDescription":"no"}"#);
    let scene = Scene::with(wrike(), Stub::always(unauthorized()), |options| options);
    scene.app.store().set_fault(Fault::Full);
    let _ = scene.update().problem(401, "provider_rejected");
    scene.app.store().set_fault(Fault::None);
    let _ = scene.update().problem(401, "provider_rejected");
    let _ = scene.update().problem(422, "account_needs_reauth");
}

#[test]
fn a_damaged_account_costs_its_own_requests_only() {
    let scene = Scene::set();
    let good = scene.app.store().get(&scene.key()).unwrap();
    let other = "account:00000000-0000-0000-0000-000000000001";
    scene.app.store().put(other, Some(good.clone()));
    let damages: [(&str, Vec<u8>); 6] = [
        ("empty", Vec::new()),
        ("no JSON", b"{\"tenant_id\":".to_vec()),
        ("no UTF-8", b"\xff\xfe".to_vec()),
        ("another shape", b"[1,2]".to_vec()),
        ("a member missing", b"{\"tenant_id\":\"default\"}".to_vec()),
        ("cut off", good[..good.len() / 2].to_vec()),
    ];
    for (name, damaged) in damages {
        scene.app.store().put(&scene.key(), Some(damaged));
        let reply = scene.update();
        let _ = reply.problem(500, "internal");
        assert!(!reply.text().contains("tenant_id"), "{name}");
    }
    for (member, value) in [("credential", json!("AAAA")), ("credential", json!("no base64!")), ("status", json!("odd"))] {
        scene.app.store().put(&scene.key(), Some(good.clone()));
        scene.meddle(|record| record[member] = value.clone());
        let _ = scene.update().problem(500, "internal");
    }
    // A record that was copied to another account does not open there.
    let _ = scene.update_of("00000000-0000-0000-0000-000000000001", "n").problem(500, "internal");
    assert!(scene.stub.seen().is_empty());
    scene.app.store().put(&scene.key(), Some(good));
    scene.serves();
}

#[test]
fn a_plugin_that_breaks_down_costs_its_own_request_one_error() {
    let stub = Stub::start(|_| answer(200, &[("content-type", "application/json")], br#"{"id":"S1","name":"x"}"#));
    let text = only("wrike");
    let options = Options::text(&with_hostile(&text), &root()).deadline(Duration::from_secs(2));
    let scene = Scene::with(options, stub, |options| options);
    let hostile = hostile_account(&scene);
    for (name, written) in
        [("trap", 0), ("loop", 0), ("recurse", 0), ("allocate", 0), ("trap after the write", 1), ("loop after the write", 1)]
    {
        let before = scene.stub.seen().len();
        let reply = scene.update_of(&hostile, name);
        let problem = reply.problem(502, "plugin_failed");
        assert_eq!((scene.stub.seen().len() - before, problem.get("applied")), (written, None), "{name}: {problem}");
        let faults = scene.app.faults();
        assert!(faults.iter().any(|fault| fault.starts_with("p-hostile: ")), "{name}: {faults:?}");
        assert_eq!(scene.call("GET", "/ping", "").status, 200, "{name}");
    }
    for (name, says) in
        [("absolute", "not relative"), ("authorization", "authorization"), ("undeclared call", "not declared"), ("huge state", "state")]
    {
        let problem = scene.update_of(&hostile, name).problem(502, "plugin_failed");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{name}: {problem}");
    }
    assert_eq!(scene.update_of(&hostile, "good").ok()["name"], "good");
}

/// Two tables more: what an operator writes for a plugin that is not ours.
fn with_hostile(text: &str) -> String {
    let plugin = patchboard_tests::program().parent().unwrap().join("../test-plugins/hostile.wasm");
    let wrike = text.split("\n\n").find(|table| table.starts_with("[component.p-wrike]")).expect("a provider");
    let own = wrike.replace("p-wrike", "p-hostile").replace("target/plugins/wrike.wasm", &plugin.display().to_string());
    let own = own.replace("\"https://*.wrike.com\"", "\"https://hostile.example\"");
    let listed = text.replace(", wrike\"", ", wrike, hostile\"");
    format!("{listed}\n[[trigger.http]]\nroute = {{ private = true }}\ncomponent = \"p-hostile\"\n\n{own}")
}

/// An account at the hostile provider, which the server itself does not take.
fn hostile_account(scene: &Scene) -> String {
    let folder = tempfile::tempdir().unwrap();
    let plugin = patchboard_tests::program().parent().unwrap().join("../test-plugins/hostile.wasm");
    fs::copy(&plugin, folder.path().join("hostile.wasm")).unwrap_or_else(|error| panic!("{}: {error}", plugin.display()));
    let plugins = folder.path().display().to_string();
    let base = format!("base_url={}", scene.stub.origin());
    let add = ["account", "add", "--provider", "hostile", "--plugins", &plugins, "--setting", &base, "--credential-file", "-"];
    let account = scene.world.command(&add).input(&json!({"access_token": TOKEN}).to_string()).succeed().stdout.trim().to_owned();
    carry(&scene.world, scene.app.address());
    account
}

#[test]
fn a_provider_that_hangs_is_504_and_the_others_are_served() {
    let stub = Stub::start(|seen| {
        if seen.text().contains("hang") {
            std::thread::sleep(Duration::from_secs(8));
        }
        space()
    });
    let scene = Scene::with(wrike(), stub, |options| options.variable("total_seconds", "2"));
    std::thread::scope(|scope| {
        let hanging: Vec<_> = (0..8).map(|_| scope.spawn(|| scene.update_of(&scene.account, "hang"))).collect();
        for _ in 0..8 {
            scene.serves();
        }
        for thread in hanging {
            let problem = thread.join().unwrap().problem(504, "provider_timeout");
            assert!(problem["detail"].as_str().unwrap().contains("not known"), "{problem}");
        }
    });
    scene.serves();
}

#[test]
fn a_provider_that_refuses_connections_is_502() {
    let scene = Scene::set();
    let Scene { world, stub, app, account } = scene;
    stub.close();
    let target = format!("/unified/ticketing/workspaces/S1?integrated_account_id={account}");
    let problem = call(app.address(), &world.token, "PATCH", &target, r#"{"name":"n"}"#).problem(502, "provider_unreachable");
    assert_eq!((problem.get("remote"), problem.get("applied")), (None, None));
}

#[test]
fn a_component_is_not_reached_from_outside_by_the_host_that_a_request_names() {
    let scene = Scene::set();
    let target = format!("/unified/ticketing/workspaces/S1?integrated_account_id={}", scene.account);
    for host in ["p-wrike.spin.internal", "p-wrike.spin.internal:80", "router.spin.internal"] {
        for uri in [target.clone(), format!("http://{host}{target}")] {
            let body = r#"{"name":"n"}"#;
            let request =
                format!("PATCH {uri} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let mut stream = raw::connect(scene.app.address());
            std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
            let mut answered = Vec::new();
            let _ = std::io::Read::read_to_end(&mut stream, &mut answered);
            let answered = String::from_utf8_lossy(&answered).into_owned();
            // Spin closes the connection, or the router asks for a token.
            assert!(answered.is_empty() || answered.starts_with("HTTP/1.1 401"), "{host} {uri}: {answered}");
        }
    }
    assert!(scene.stub.seen().is_empty());
    scene.serves();
}

#[test]
fn headers_that_name_a_component_change_nothing() {
    let scene = Scene::set();
    let bearer = format!("Bearer {}", scene.world.token);
    let target = format!("/unified/ticketing/workspaces/S1?integrated_account_id={}", scene.account);
    for (name, value) in [
        ("x-forwarded-host", "p-planhat.spin.internal"),
        ("forwarded", "host=p-planhat.spin.internal"),
        ("spin-full-url", "http://p-planhat.spin.internal/"),
        ("spin-component-route", "/p-planhat"),
        ("x-patchboard-provider", "planhat"),
    ] {
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), (name, value)];
        let bytes = raw::request("PATCH", &target, &headers, br#"{"name":"n"}"#);
        assert_eq!(raw::exchange(scene.app.address(), &bytes).ok()["id"], "S1", "{name}");
        assert!(scene.stub.seen().last().unwrap().headers.iter().all(|(sent, _)| sent != name), "{name} left the app");
    }
}

#[test]
fn only_the_operator_imports() {
    let scene = Scene::set();
    let file = export(&scene.world);
    for token in ["", "wrong", scene.world.token.as_str(), &format!("{ADMIN_TOKEN}x")] {
        let reply = import(scene.app.address(), token, file.clone());
        assert!(matches!(reply.status, 401 | 403), "{token}: {}", reply.text());
    }
    let keys = scene.app.store().keys();
    for bad in [&b""[..], b"{}", b"not JSON", &file[..file.len() / 2], b"{\"patchboard_edge_export\":99,\"complete\":true,\"records\":0}\n"]
    {
        let reply = import(scene.app.address(), ADMIN_TOKEN, bad.to_vec());
        assert!((400..500).contains(&reply.status), "{}", reply.text());
    }
    assert_eq!(scene.app.store().keys(), keys, "nothing of a file with a fault in it is taken");
    scene.serves();
}

#[test]
fn no_secret_stands_in_the_store_or_the_export() {
    let scene = Scene::set();
    let store: Vec<u8> = scene.app.store().keys().iter().flat_map(|key| scene.app.store().get(key).unwrap()).collect();
    for (what, bytes) in [("the store", store), ("the export", export(&scene.world))] {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(TOKEN) && !text.contains(&scene.world.token), "{what}");
        let secret = scene.world.token.rsplit('_').next().unwrap();
        assert!(!text.contains(secret), "{what}");
    }
}

#[test]
fn stores_are_shared_by_apps_of_one_key() {
    let scene = Scene::set();
    let key = fs::read_to_string(scene.world.data.path().join("key")).unwrap();
    let store: &KeyValue = scene.app.store();
    let options = variables(wrike().store(store), key.trim(), &scene.stub.origin());
    let second = options.start().unwrap();
    let target = format!("/unified/ticketing/workspaces/S1?integrated_account_id={}", scene.account);
    assert_eq!(call(second.address(), &scene.world.token, "PATCH", &target, r#"{"name":"n"}"#).ok()["name"], "n");
}
