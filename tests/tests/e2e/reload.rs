//! Reading the plugins again while requests are served.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use patchboard_tests::plugin_files::{PluginFolder, built, replaced, version};
use patchboard_tests::seeds::WRIKE;
use patchboard_tests::{Setup, World, eventually, eventually_async, patchboard};
use serde_json::{Value, json};

fn world(folder: &PluginFolder) -> World {
    Setup::default().arg("--plugins").arg(&folder.text()).start()
}

/// The version that a request would be mapped by now.
async fn used(world: &World) -> Value {
    let reply = world.update(&WRIKE).query("dry_run=true").json(&json!({"name": "n"})).send().await;
    reply.ok()["plugin"]["version"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_lost_while_versions_come_and_go() {
    let wrike = built("wrike");
    let (second, third) = (version(&wrike, "0.2.0"), version(&wrike, "0.3.0"));
    let folder = PluginFolder::empty();
    let world = Arc::new(world(&folder));
    let account = world.account(&WRIKE);
    let done = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..4)
        .map(|nth| {
            let (world, account, done) = (world.clone(), account.clone(), done.clone());
            tokio::spawn(async move {
                let (mut served, mut wrong) = (0_usize, Vec::new());
                while !done.load(Ordering::Relaxed) {
                    let name = format!("{nth}-{served}");
                    let reply = world.update_with(&WRIKE, &account).json(&json!({"name": name})).send().await;
                    if reply.status != 200 || reply.json()["name"] != name {
                        wrong.push(format!("{} {}", reply.status, reply.text()));
                    }
                    served += 1;
                }
                (served, wrong)
            })
        })
        .collect();
    // There and back, twice: the second time the compiled code is at hand.
    for _ in 0..2 {
        for (component, expected) in [(Some(&second), "0.2.0"), (Some(&third), "0.3.0"), (Some(&second), "0.2.0"), (None, "0.1.0")] {
            match component {
                Some(component) => folder.put("wrike.wasm", component),
                None => folder.remove("wrike.wasm"),
            }
            let asked = world.clone();
            let report = tokio::task::spawn_blocking(move || asked.command(&["plugin", "reload", "--json"]).succeed().json());
            assert_eq!(report.await.unwrap()["refused"], json!([]));
            assert_eq!(used(&world).await, expected);
        }
    }
    done.store(true, Ordering::Relaxed);
    for task in load {
        let (served, wrong) = task.await.unwrap();
        assert_eq!(wrong, Vec::<String>::new());
        assert!(served > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_request_keeps_the_plugin_that_it_began_with() {
    let wrike = built("wrike");
    let folder = PluginFolder::with("wrike.wasm", &version(&wrike, "0.2.0"));
    let recorded = PluginFolder::empty();
    let world = Setup::default().arg("--plugins").arg(&folder.text()).arg("--record").arg(&recorded.text()).start();
    world.sandbox.fail(&WRIKE, "hang", json!({"seconds": 2})).await;
    let slow = tokio::spawn(world.update(&WRIKE).json(&json!({"name": "slow"})).send());
    eventually_async("the provider has the request", || async { (!world.sandbox.requests().await.is_empty()).then_some(()) }).await;
    folder.put("wrike.wasm", &version(&wrike, "0.3.0"));
    let _ = world.command(&["plugin", "reload"]).succeed();
    assert_eq!(used(&world).await, "0.3.0");
    assert_eq!(slow.await.unwrap().ok()["name"], "slow");
    let versions = || -> Vec<String> {
        let files = std::fs::read_dir(recorded.path()).unwrap().map(|entry| entry.unwrap().path());
        let recordings = files.filter(|file| file.extension().is_some_and(|extension| extension == "json"));
        let read = |file| serde_json::from_slice::<Value>(&std::fs::read(file).unwrap()).unwrap();
        let mut versions: Vec<String> = recordings.map(|file| read(file)["plugin"]["version"].as_str().unwrap().to_owned()).collect();
        versions.sort();
        versions
    };
    eventually("both requests are recorded", || (versions() == ["0.2.0", "0.3.0"]).then_some(()));
}

#[tokio::test]
async fn a_version_that_is_refused_leaves_the_one_before_in_use() {
    let wrike = built("wrike");
    let folder = PluginFolder::with("wrike.wasm", &version(&wrike, "0.2.0"));
    let world = world(&folder);
    let mut cut_off = version(&wrike, "0.3.0");
    cut_off.truncate(cut_off.len() / 2);
    for (bad, says) in [
        (&b"no component"[..], "not a WebAssembly file"),
        (&cut_off, ""),
        (&replaced(&version(&wrike, "0.3.0"), "\"hosts\"", "\"hasts\""), "schema"),
        (&replaced(&wrike, "\"version\": \"0.1.0\"", "\"version\": \"01.10\""), ""),
    ] {
        folder.put("wrike.wasm", bad);
        let run = world.command(&["plugin", "reload", "--json"]).run();
        let refused = run.json()["refused"].clone();
        assert_eq!((run.code, &refused[0]["stays"]), (Some(1), &json!("0.2.0")), "{refused}");
        let why = refused[0]["why"].as_str().unwrap().to_owned();
        assert!(why.contains(says), "{why}");
        assert_eq!(used(&world).await, "0.2.0");
        world.serves(&WRIKE).await;
        let ready = world.call("GET", "/readyz").no_token().send().await.ok();
        assert_eq!(ready["plugins_refused"], 1);
        eventually("the reason is logged", || world.server.log().contains(why.get(..12).unwrap()).then_some(()));
        let listed = world.command(&["plugin", "list", "--running"]).run();
        assert_eq!(listed.code, Some(1));
        assert!(listed.stderr.contains("stays") && listed.stderr.contains(why.get(..12).unwrap()), "{listed:?}");
        let from_disk = world.command(&["plugin", "list", "--plugins", &folder.text(), "--json"]).run().json();
        assert_eq!(from_disk["refused"][0].get("stays"), None, "a new start would have nothing to keep");
    }
    folder.put("wrike.wasm", &version(&wrike, "0.3.0"));
    let run = world.command(&["plugin", "reload"]).succeed();
    assert!(run.stdout.contains("added wrike 0.3.0") && run.stdout.contains("removed wrike 0.2.0"), "{}", run.stdout);
    assert_eq!(used(&world).await, "0.3.0");
}

#[tokio::test]
async fn a_signal_reloads_too() {
    let folder = PluginFolder::empty();
    let world = world(&folder);
    assert_eq!(used(&world).await, "0.1.0");
    folder.put("wrike.wasm", &version(&built("wrike"), "0.2.0"));
    world.server.hang_up();
    eventually_async("the new version is used", || async { (used(&world).await == "0.2.0").then_some(()) }).await;
    world.serves(&WRIKE).await;
}

#[tokio::test]
async fn a_file_named_by_hand_is_used_until_the_next_reload() {
    let wrike = built("wrike");
    let folder = PluginFolder::with("wrike.wasm", &version(&wrike, "0.2.0"));
    let other = PluginFolder::with("try.wasm", &replaced(&version(&wrike, "0.2.0"), "/spaces", "/spacez"));
    let world = world(&folder);
    let file = other.file("try.wasm").display().to_string();
    let sent = async || {
        let reply = world.update(&WRIKE).query("dry_run=true").json(&json!({"name": "n"})).send().await;
        reply.ok()["requests"][0]["url"].as_str().unwrap().contains("/spacez/")
    };
    let _ = world.command(&["plugin", "reload", "--with", &file]).succeed();
    assert!(sent().await, "it wins over a file of the same version");
    let _ = world.command(&["plugin", "reload"]).succeed();
    assert!(!sent().await);
    world.command(&["plugin", "reload", "--with", "/nonexistent.wasm"]).run().is_misuse("nonexistent");
}

#[tokio::test]
async fn a_folder_that_cannot_be_read_leaves_everything_as_it_was() {
    let folder = PluginFolder::with("wrike.wasm", &version(&built("wrike"), "0.2.0"));
    let world = world(&folder);
    assert_eq!(used(&world).await, "0.2.0");
    folder.remove("wrike.wasm");
    std::fs::remove_dir(folder.path()).unwrap();
    let run = world.command(&["plugin", "reload"]).run();
    assert!(run.code == Some(1) && run.stderr.contains(&folder.text()), "{run:?}");
    assert_eq!(used(&world).await, "0.2.0");
    eventually("it is logged", || world.server.log().contains("could not be reloaded").then_some(()));
}

#[test]
fn without_a_server_there_is_nothing_to_reload() {
    let data = patchboard_tests::DataDir::cold();
    for command in [["plugin", "reload"].as_slice(), &["plugin", "list", "--running"]] {
        patchboard(command).args(["--data-dir", &data.text()]).run().is_misuse("no server is running");
    }
    // A server that was killed leaves its socket behind; the next one takes it over.
    let world = World::start();
    let World { server, data, .. } = world;
    drop(server);
    patchboard(&["plugin", "reload"]).args(["--data-dir", &data.text()]).run().is_misuse("no server is running");
    let _server = patchboard_tests::Server::start(&data, &[], &[]);
    let _ = patchboard(&["plugin", "reload"]).args(["--data-dir", &data.text()]).succeed();
}

#[cfg(unix)]
#[test]
fn nobody_else_may_command_a_server() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::start();
    let mode = std::fs::metadata(world.data.path().join("control.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
