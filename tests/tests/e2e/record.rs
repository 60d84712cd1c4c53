//! Recording requests, and answering them again.

use std::fs;
use std::path::{Path, PathBuf};

use patchboard_tests::plugin_files::{PluginFolder, built, replaced, version};
use patchboard_tests::seeds::{POLYTEIA, WORKIVA, WRIKE};
use patchboard_tests::{Reply, Run, Seed, Setup, Stub, World, answer, eventually, patchboard};
use serde_json::{Value, json};

/// A server that records.
struct Scene {
    world: World,
    folder: PluginFolder,
}

impl Scene {
    fn set(setup: Setup) -> Self {
        let folder = PluginFolder::empty();
        Self { world: setup.arg("--record").arg(&folder.text()).start(), folder }
    }

    /// The recordings, oldest first, when there are so many.
    fn files(&self, expected: usize) -> Vec<PathBuf> {
        eventually("the requests are recorded", || {
            let mut files: Vec<PathBuf> = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
            files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
            files.sort();
            (files.len() == expected).then_some(files)
        })
    }

    fn replay(&self, file: &Path, more: &[&str]) -> Run {
        self.world.command(&["replay", &file.display().to_string()]).args(more).run()
    }

    /// The recording answers what the caller got.
    fn answers(&self, file: &Path, reply: &Reply) {
        let run = self.replay(file, &[]);
        assert_eq!((run.code, run.stdout), (Some(0), reply.text()), "{}", run.stderr);
        assert!(run.stderr.starts_with(&reply.status.to_string()) && run.stderr.contains("byte for byte"), "{}", run.stderr);
        for name in ["etag", "ratelimit-remaining", "ratelimit-reset", "patchboard-warnings", "content-type"] {
            if let Some(value) = reply.header(name) {
                assert!(run.stderr.contains(&format!("{name}: {value}")), "{name}: {value} is not in {}", run.stderr);
            }
        }
    }
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

#[tokio::test]
async fn every_kind_of_answer_is_given_again_byte_for_byte() {
    let scene = Scene::set(Setup::default());
    let world = &scene.world;
    world.sandbox.fail(&WRIKE, "rate_limit", json!({"after": 1})).await;
    let list = |more: &str| {
        let query = format!("integrated_account_id={}&{more}", world.account(&WRIKE));
        world.call("GET", "/unified/ticketing/workspaces").query(&query)
    };
    let create = format!("integrated_account_id={}", world.account(&WRIKE));
    let mut replies = vec![
        world
            .call("POST", "/unified/ticketing/workspaces")
            .query(&create)
            .json(&json!({"name": "a second one", "type": "public"}))
            .send()
            .await,
        world.update(&WRIKE).json(&json!({"name": "refused by the rate limit"})).send().await,
        world.update(&WRIKE).json(&json!({"name": "n", "nope": 1})).send().await,
        world.update(&WRIKE).query("dry_run=true").json(&json!({"name": "n"})).send().await,
        world.update(&WRIKE).query("response_format=raw").json(&json!({"name": "raw"})).send().await,
        world.update(&WRIKE).query("response_format=normalized&exclude_fields=remote_data").json(&json!({"name": "x"})).send().await,
        world.update(&POLYTEIA).json(&json!({"description": "d"})).send().await,
        world.update(&WORKIVA).media("application/json-patch+json", r#"[{"op":"replace","path":"/name","value":"p"}]"#).send().await,
        world.update(&WRIKE).json(&json!({"description": 7})).send().await,
        list("limit=1").send().await,
    ];
    let cursor = replies.last().unwrap().json()["next_cursor"].as_str().unwrap().to_owned();
    replies.push(list(&format!("limit=1&next_cursor={cursor}")).send().await);
    let files = scene.files(replies.len());
    for (file, reply) in files.iter().zip(&replies) {
        scene.answers(file, reply);
    }
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses, [201, 429, 200, 200, 200, 200, 200, 200, 422, 200, 200]);
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_or_breaks_off_is_recorded_too() {
    let scene = Scene::set(Setup::default().env("PATCHBOARD_EGRESS__TOTAL_SECONDS", "1"));
    let world = &scene.world;
    let mut replies = Vec::new();
    for kind in ["reset", "hang"] {
        world.sandbox.fail(&WRIKE, kind, json!({})).await;
        replies.push(world.update(&WRIKE).json(&json!({"name": "n"})).send().await);
    }
    for (file, reply) in scene.files(2).iter().zip(&replies) {
        assert!(reply.status >= 500, "{}", reply.text());
        scene.answers(file, reply);
    }
}

#[tokio::test]
async fn a_streamed_answer_is_recorded_without_its_body() {
    let scene = Scene::set(Setup::default());
    let reply = scene.world.update(&WRIKE).query("response_format=stream").json(&json!({"name": "streamed"})).send().await;
    assert!(reply.text().contains("streamed"));
    let file = scene.files(1).remove(0);
    assert_eq!((&read(&file)["answer"]["streamed"], read(&file)["answer"].get("body")), (&json!(true), None));
    let run = scene.replay(&file, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""));
    assert!(run.stderr.contains("is not in the recording"), "{}", run.stderr);
}

/// Teamleader is asked once which module an account has. What it says about its quota
/// belongs to the requests that were made.
#[tokio::test]
async fn an_answer_that_was_used_again_is_in_the_recording() {
    let stub = Stub::start(|seen| {
        let module = json!({"data": {"status": "projects-v2"}});
        let project = json!({"data": {"id": "p", "title": "T", "status": "open", "owners": [], "customers": [], "deals": []}});
        let (left, body) = if seen.target.contains("status") { ("9", module) } else { ("8", project) };
        let soon = "2999-01-01T00:00:00Z";
        let headers = [("content-type", "application/json"), ("x-ratelimit-remaining", left), ("x-ratelimit-reset", soon)];
        answer(200, &headers, body.to_string().as_bytes())
    });
    let scene = Scene::set(Setup::default().allow(&stub.origin()));
    let seed = Seed { provider: "teamleader", resource: "crm/projects", base: "", id: "p", settings: &[] };
    let account = scene.world.add_account(&seed, &[("base_url", &stub.origin())], &seed.credential());
    let get = || scene.world.call("GET", "/unified/crm/projects/p").query(&format!("integrated_account_id={account}")).send();
    let replies = [get().await, get().await];
    let calls: Vec<String> = stub.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(calls, ["/accounts.projects-v2-status", "/projects-v2/projects.info", "/projects-v2/projects.info"]);
    let files = scene.files(2);
    for (file, reply) in files.iter().zip(&replies) {
        assert_eq!(reply.ok()["id"], "p");
        scene.answers(file, reply);
    }
    assert_eq!(read(&files[0])["exchanges"][0]["request"]["method"], "POST");
    assert_eq!(read(&files[1])["exchanges"][0].get("request"), None, "it was not asked again");
}

#[tokio::test]
async fn no_credential_is_in_a_recording() {
    let token = "an-access-token-of-this-test";
    let stub = Stub::start(|seen| {
        let echo = seen.header("authorization").unwrap_or_default().to_owned();
        answer(
            200,
            &[("content-type", "application/json"), ("x-echo", &echo), ("set-cookie", "session=of-the-provider")],
            json!({"data": [{"id": "S", "title": echo}]}).to_string().as_bytes(),
        )
    });
    let scene = Scene::set(Setup::default().allow(&stub.origin()));
    let credential = patchboard_tests::seeds::credential(token);
    let account = scene.world.add_account(&WRIKE, &[("base_url", &stub.origin())], &credential);
    let reply = scene.world.update_with(&WRIKE, &account).json(&json!({"name": format!("pasted {token}")})).send().await;
    assert_eq!(reply.ok()["name"], "Bearer [redacted]");
    let file = scene.files(1).remove(0);
    let text = fs::read_to_string(&file).unwrap();
    for secret in [token, &scene.world.token, "of-the-provider"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert_eq!(read(&file)["exchanges"][0]["request"]["body"]["text"], "title=pasted+%5Bredacted%5D");
    let headers = read(&file)["exchanges"][0]["request"]["headers"].clone();
    assert!(headers.as_array().unwrap().contains(&json!(["authorization", "[redacted]"])), "{headers}");
    assert_eq!(scene.replay(&file, &[]).code, Some(0));
    let shown = scene.world.server.log();
    assert!(!shown.contains(token));
}

#[tokio::test]
async fn chosen_fields_are_left_out_everywhere_and_the_recording_still_plays() {
    let space =
        json!({"data": [{"id": "S", "title": "Operation Thunder", "owner": {"email": "who@example.com", "age": 4_815_162_342_u64}}]});
    let stub = Stub::always(answer(200, &[("content-type", "application/json"), ("X-Owner", "quiet-owner")], space.to_string().as_bytes()));
    let chosen = "name,title,x-owner,note,email,age,/description";
    let scene = Scene::set(Setup::default().allow(&stub.origin()).env("PATCHBOARD_RECORD__REDACT", chosen));
    let world = &scene.world;
    let account = world.add_account(&WRIKE, &[("base_url", &stub.origin())], &WRIKE.credential());
    let body = json!({"name": "Operation Thunder", "description": "highly confidential"});
    let reply = world.update_with(&WRIKE, &account).query("remote_query[note]=quiet-words").json(&body).send().await;
    assert_eq!(reply.ok()["name"], "Operation Thunder", "the caller gets what there is");
    let file = scene.files(1).remove(0);
    let text = fs::read_to_string(&file).unwrap();
    for value in ["Operation", "Thunder", "confidential", "quiet-words", "quiet-owner", "who@example.com", "4815162342"] {
        assert!(!text.contains(value), "{value}: {text}");
    }
    let recording = read(&file);
    assert_eq!(recording["redacted"].as_array().unwrap().len(), 7);
    assert_eq!(recording["exchanges"][0]["answer"]["body"]["json"]["data"][0]["owner"], json!({"email": "[redacted]", "age": 0}));
    assert_eq!(recording["answer"]["body"]["json"]["name"], "[redacted]");
    assert_eq!(recording["exchanges"][0]["request"]["method"], "PUT");
    assert_eq!(scene.replay(&file, &[]).code, Some(0));
}

#[tokio::test]
async fn another_plugin_shows_what_it_would_send_otherwise() {
    let scene = Scene::set(Setup::default());
    let _ = scene.world.update(&WRIKE).json(&json!({"name": "n"})).send().await.ok();
    let file = scene.files(1).remove(0);
    let wrike = built("wrike");
    let other = PluginFolder::with("other.wasm", &version(&replaced(&wrike, "/spaces", "/spacez"), "0.2.0"));
    other.put("same.wasm", &version(&wrike, "0.2.0"));
    let run = scene.replay(&file, &["--plugin", &other.file("other.wasm").display().to_string()]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    for line in ["wrike 0.1.0", "wrike 0.2.0", "native request 1 (update_space): /url is \"", "/spacez/"] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
    let same = scene.replay(&file, &["--json", "--plugin", &other.file("same.wasm").display().to_string()]);
    assert_eq!((same.code, &same.json()["same"]), (Some(0), &json!(true)));
    assert_eq!(scene.replay(&file, &["--plugin", "wrike@0.1.0"]).code, Some(0));
    // The plugin that the recording was made with is not there.
    let data = patchboard_tests::DataDir::warm();
    let own = PluginFolder::with("own.wasm", &replaced(&wrike, "/spaces", "/spacez"));
    let alone = patchboard(&["replay", &file.display().to_string(), "--plugins", &own.text(), "--data-dir", &data.text()]).run();
    alone.is_misuse("which is not loaded");
}

#[tokio::test]
async fn the_oldest_recordings_make_room() {
    let scene = Scene::set(Setup::default().env("PATCHBOARD_RECORD__MAX_FILES", "3"));
    for nth in 0..6 {
        let _ = scene.world.update(&WRIKE).header("x-request-id", &format!("r-{nth}")).json(&json!({"name": "n"})).send().await.ok();
        // An old one may make room while it is looked at.
        let written = |file: &PathBuf| fs::read_to_string(file).is_ok_and(|text| text.contains(&format!("\"r-{nth}\"")));
        eventually("it is recorded", || {
            let files = fs::read_dir(scene.folder.path()).unwrap().filter_map(|entry| Some(entry.ok()?.path()));
            files.filter(|file| file.extension().is_some_and(|extension| extension == "json")).any(|file| written(&file)).then_some(())
        });
    }
    let ids: Vec<Value> = scene.files(3).iter().map(|file| read(file)["request_id"].clone()).collect();
    assert_eq!(ids, ["r-3", "r-4", "r-5"]);
}

#[test]
fn what_is_no_recording_ends_with_2() {
    let folder = PluginFolder::with("a.json", b"{}");
    folder.put("b.json", br#"{"form": "patchboard.recording/9"}"#);
    for (file, says) in [("a.json", "is no recording"), ("b.json", "patchboard.recording/9"), ("c.json", "cannot read")] {
        patchboard(&["replay", &folder.file(file).display().to_string()]).run().is_misuse(says);
    }
}

#[tokio::test]
async fn nothing_is_recorded_unless_it_is_asked_for() {
    let world = World::start();
    let _ = world.update(&WRIKE).json(&json!({"name": "unrecorded-name"})).send().await.ok();
    for (file, bytes) in world.data.files() {
        assert!(!bytes.windows(15).any(|window| window == b"unrecorded-name"), "{}", file.display());
    }
}
