//! A unified model of the operator's own, with a plugin for it, on the program as it was
//! built: `tests/people`, served against a scripted provider.

use std::fs;
use std::path::{Path, PathBuf};

use patchboard_tests::plugin_files::built_for_tests;
use patchboard_tests::seeds::WRIKE;
use patchboard_tests::world::{Setup, World};
use patchboard_tests::{DataDir, PluginFolder, Reply, Stub, answer, eventually, eventually_async, patchboard};
use serde_json::{Value, json};

/// What the provider answers to everything.
const PERSON: &str =
    r#"{"id":7,"full_name":"Ada Byron","mail":"ada@people.example","badge":"AB1234","grade":4,"left":false,"abilities":["welding"]}"#;

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("people")
}

/// The operator's folder of models.
struct Models(tempfile::TempDir);

impl Models {
    /// With the model of `tests/people`.
    fn of_people() -> Self {
        let own = Self::empty();
        own.put("hr/people.json", &fs::read_to_string(checkout().join("models/hr/people.json")).unwrap());
        own
    }

    fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        let file = self.file(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Changes the model of people.
    fn change(&self, change: impl FnOnce(&mut Value)) {
        let mut document = serde_json::from_slice(&fs::read(self.file("hr/people.json")).unwrap()).unwrap();
        change(&mut document);
        self.put("hr/people.json", &document.to_string());
    }

    fn text(&self) -> String {
        self.0.path().display().to_string()
    }
}

/// A server with the model and the plugin, and an account at the provider.
struct Scene {
    world: World,
    stub: Stub,
    account: String,
    models: Models,
    plugins: PluginFolder,
}

impl Scene {
    fn set() -> Self {
        let (models, plugins) = (Models::of_people(), PluginFolder::with("people.wasm", &built_for_tests("people")));
        let stub = Stub::start(|_| answer(200, &[("content-type", "application/json")], PERSON.as_bytes()));
        let setup = Setup::default().arg("--models").arg(&models.text()).arg("--plugins").arg(&plugins.text());
        let world = setup.allow(&stub.origin()).start();
        let base_url = format!("base_url={}", stub.origin());
        let add = world.command(&["account", "add", "--provider", "people", "--setting", &base_url, "--credential-file", "-"]);
        let add = add.args(["--models", &models.text(), "--plugins", &plugins.text()]).input(r#"{"access_token":"t"}"#);
        let account = add.succeed().stdout.trim().to_owned();
        Self { world, stub, account, models, plugins }
    }

    async fn update(&self, fields: &Value, query: &str) -> Reply {
        let query = format!("integrated_account_id={}{query}", self.account);
        self.world.call("PATCH", "/unified/hr/people/7").query(&query).json(fields).send().await
    }

    async fn meta(&self) -> Value {
        let query = format!("integrated_account_id={}", self.account);
        self.world.call("GET", "/unified/hr/people/meta/update").query(&query).send().await.ok()
    }

    /// The command on the server's data folder, with the server's models and plugins.
    fn command(&self, arguments: &[&str]) -> patchboard_tests::Invocation {
        self.world.command(arguments).args(["--models", &self.models.text(), "--plugins", &self.plugins.text()])
    }
}

#[tokio::test]
async fn a_model_of_ones_own_is_served_like_one_that_is_built_in() {
    let scene = Scene::set();
    let person = scene.update(&json!({"name": "Ada Byron", "level": 4, "badge": "AB1234", "email": null}), "").await.ok();
    assert_eq!(scene.stub.one().target, "/v1/persons/7");
    let sent: Value = serde_json::from_str(&scene.stub.one().text()).unwrap();
    assert_eq!(sent, json!({"full_name": "Ada Byron", "grade": 4, "badge": "AB1234", "mail": null}));
    let native: Value = serde_json::from_str(PERSON).unwrap();
    assert_eq!(
        person,
        json!({"id": "7", "name": "Ada Byron", "email": "ada@people.example", "badge": "AB1234", "level": 4, "status": "active",
            "skills": ["welding"], "remote_data": native})
    );
    let normalized = scene.update(&json!({"level": 4}), "&response_format=normalized").await.ok();
    let fields: Vec<&String> = normalized.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["id", "name", "email", "badge", "level", "status", "skills"]);
    scene.world.serves(&WRIKE).await;
}

#[tokio::test]
async fn what_the_model_does_not_take_is_422_with_its_place_and_nothing_leaves() {
    let scene = Scene::set();
    let given = json!({"badge": "nope", "level": 1.5, "email": "nobody", "skills": ["a", "a"], "status": "on leave", "name": "A"});
    let reply = scene.update(&given, "").await;
    let errors = json!([
        {"path": "/badge", "message": r#""nope" does not match "^[A-Z]{2}[0-9]{4}$""#},
        {"path": "/level", "message": r#"1.5 is not of type "integer""#},
        {"path": "/email", "message": r#""nobody" is not a "email""#},
        {"path": "/skills", "message": r#"["a","a"] has non-unique elements"#},
        {"path": "/status", "message": "must be one of active, left"},
        {"path": "/name", "message": "must have at least 2 characters at this provider"},
    ]);
    assert_eq!(reply.problem(422, "invalid_field")["errors"], errors);

    let mut problem = scene.update(&json!({"badge": "nope"}), "").await.json();
    let members = problem.as_object_mut().unwrap();
    members.remove("request_id");
    let message = r#""nope" does not match "^[A-Z]{2}[0-9]{4}$""#;
    assert_eq!(
        problem,
        json!({"type": problem["type"], "title": "Unprocessable Entity", "status": 422, "detail": format!("/badge {message}"),
            "code": "invalid_field", "phase": "check", "errors": [{"path": "/badge", "message": message}]})
    );
    assert_eq!(scene.stub.seen().len(), 0, "nothing leaves");
}

#[tokio::test]
async fn a_field_that_the_model_does_not_have_is_warned_of_and_null_clears_only_where_the_provider_lets_it() {
    let scene = Scene::set();
    let reply = scene.update(&json!({"level": 4, "nickname": "A"}), "").await;
    assert_eq!(reply.warnings().as_deref(), Some(r#""nickname";reason=unknown"#));
    let problem = scene.update(&json!({"level": 4, "nickname": "A"}), "&strict=true").await.problem(422, "field_not_supported");
    assert_eq!(problem["errors"], json!([{"path": "/nickname", "message": "unknown"}]));
    let problem = scene.update(&json!({"level": null}), "").await.problem(422, "invalid_field");
    assert_eq!(problem["errors"], json!([{"path": "/level", "message": "cannot be cleared at this provider"}]));
    let other = scene.world.call("PATCH", "/unified/hr/robots/7").query(&format!("integrated_account_id={}", scene.account));
    let problem = other.json(&json!({"a": 1})).send().await.problem(404, "unknown_resource");
    assert_eq!(problem["detail"], "the model hr has no resource \"robots\"; it has people");
}

#[tokio::test]
async fn meta_shows_the_fields_with_what_the_file_says_of_them() {
    let scene = Scene::set();
    let properties = scene.meta().await["body_schema"]["properties"].clone();
    assert_eq!((&properties["badge"]["pattern"], &properties["level"]["maximum"]), (&json!("^[A-Z]{2}[0-9]{4}$"), &json!(9)));
    assert_eq!((&properties["name"]["minLength"], &properties["name"]["maxLength"]), (&json!(2), &json!(80)), "the narrower bound");
    assert_eq!(properties["level"]["description"], "The person's pay grade.");
    assert_eq!(properties["status"]["enum"], json!(["active", "left"]));
}

#[tokio::test]
async fn a_reload_takes_a_new_field_and_a_new_model_and_no_broken_file() {
    let scene = Scene::set();
    let nickname = async || scene.update(&json!({"level": 4, "nickname": "A"}), "&dry_run=true").await.warnings();
    assert_eq!(nickname().await.as_deref(), Some(r#""nickname";reason=unknown"#));

    scene.models.change(|model| model["properties"]["nickname"] = json!({"type": "string"}));
    scene.models.put("hr/desks.json", r#"{"type": "object", "properties": {"id": {"type": "string"}}}"#);
    let said = scene.world.command(&["plugin", "reload"]).succeed().stdout;
    assert_eq!(said, "model hr/desks is new\nmodel hr/people is another\n");
    assert_eq!(nickname().await.as_deref(), Some(r#""nickname";reason=unsupported"#));

    scene.models.change(|model| model["properties"]["level"]["minimum"] = json!("1"));
    let run = scene.world.command(&["plugin", "reload"]).run();
    let line = format!("{}: /properties/level/minimum: \"1\" is not of type \"number\"", scene.models.file("hr/people.json").display());
    assert!(run.code == Some(1) && run.stderr.contains(&line) && run.stderr.trim().lines().count() == 1, "{run:?}");
    assert_eq!(nickname().await.as_deref(), Some(r#""nickname";reason=unsupported"#), "everything is as it was");
    scene.update(&json!({"level": 0}), "").await.problem(422, "invalid_field");
    eventually("it is logged", || scene.world.server.log().contains("could not be reloaded").then_some(()));

    scene.models.change(|model| model["properties"]["level"]["minimum"] = json!(0));
    scene.world.server.hang_up();
    let zero = async || scene.update(&json!({"level": 0}), "").await.status;
    eventually_async("a signal reloads models, too", || async { (zero().await == 200).then_some(()) }).await;
}

#[tokio::test]
async fn a_plugin_that_says_more_than_the_model_is_refused_and_the_one_in_use_stays() {
    let scene = Scene::set();
    scene.models.change(|model| {
        model["properties"].as_object_mut().unwrap().shift_remove("badge");
    });
    let run = scene.world.command(&["plugin", "reload", "--json"]).run();
    let refused = run.json()["refused"][0].clone();
    let why = refused["why"].as_str().unwrap();
    assert!(why.contains("hr/people update: the field \"badge\"; there is id, name, email, level, status, skills"), "{why}");
    assert_eq!((run.code, &refused["stays"]), (Some(1), &json!("0.1.0")));
    scene.update(&json!({"level": 4}), "").await.ok();
    let listed = scene.command(&["plugin", "list"]).run();
    assert!(listed.code == Some(1) && listed.stderr.contains("the field \"badge\""), "a new start has nothing to keep: {listed:?}");
}

#[test]
fn a_plugin_for_a_model_that_is_not_there_is_refused_with_how_to_add_it() {
    let plugins = PluginFolder::with("people.wasm", &built_for_tests("people"));
    let data = DataDir::warm();
    let on = |arguments: &[&str]| patchboard(arguments).args(["--data-dir", &data.text()]);
    let says = "it serves hr/people, and there is no such unified model; there is crm/projects, ticketing/workspaces; add it with --models DIR, or models in the configuration, and \
                DIR/hr/people.json";
    let listed = on(&["plugin", "list", "--plugins", &plugins.text()]).run();
    assert!(listed.code == Some(1) && listed.stderr.contains(says), "{listed:?}");
    let inspected = on(&["plugin", "inspect", &plugins.file("people.wasm").display().to_string()]).succeed().json();
    assert_eq!(inspected["not_loaded"], json!(says));
    let tested = on(&["plugin", "test", &plugins.file("people.wasm").display().to_string()]).run();
    assert!(tested.code == Some(1) && tested.stdout.contains(says), "{tested:?}");
}

#[test]
fn the_kit_tests_a_plugin_against_a_model_of_ones_own() {
    let (models, plugins) = (Models::of_people(), PluginFolder::with("people.wasm", &built_for_tests("people")));
    let (file, cases) = (plugins.file("people.wasm").display().to_string(), checkout().join("cases").display().to_string());
    let test = |models: &Models| patchboard(&["plugin", "test", &file, "--cases", &cases, "--models", &models.text()]).run();
    let passed = test(&models);
    assert!(passed.code == Some(0) && passed.stdout.contains("no difference"), "{passed:?}");
    models.change(|model| model["properties"]["level"]["maximum"] = json!(3));
    let failed = test(&models);
    assert!(failed.code == Some(1) && failed.stdout.contains("4 is greater than the maximum of 3"), "{failed:?}");
}

#[test]
fn a_server_does_not_start_with_a_model_that_cannot_be_used() {
    let (data, models) = (DataDir::cold(), Models::of_people());
    let start = |says: &str| {
        let run = patchboard(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &data.text(), "--models", &models.text()]).run();
        assert!(run.code == Some(1) && run.stderr.contains(says), "{says}: {run:?}");
        assert_eq!(run.stderr.lines().filter(|line| line.starts_with("patchboard: ")).count(), 1, "{}", run.stderr);
    };
    models.change(|model| model["properties"]["badge"]["pattern"] = json!("(?=A)B"));
    start(&format!("{}: /properties/badge/pattern: ", models.file("hr/people.json").display()));
    models.put("hr/people.json", "{\"type\": ");
    start("people.json: is not JSON: EOF while parsing a value at line 1 column 9");
    fs::remove_file(models.file("hr/people.json")).unwrap();
    models.put("crm/projects.json", r#"{"type": "object", "properties": {"id": {}}}"#);
    start("crm/projects is the name of a built-in model, which is not replaced; give the file another name");
    fs::remove_file(models.file("crm/projects.json")).unwrap();
    models.put("people.json", "{}");
    start("people.json: stands in no model's folder; move it to ");
    patchboard(&["model", "check", "/nonexistent"]).run().is_misuse("nonexistent");
    let nowhere = patchboard(&["serve", "--data-dir", &data.text(), "--models", "/nonexistent"]).run();
    assert!(nowhere.code == Some(1) && nowhere.stderr.contains("/nonexistent: cannot be read"), "{nowhere:?}");
}

#[tokio::test]
async fn models_are_listed_with_fields_origin_and_plugins() {
    let scene = Scene::set();
    let people = |listed: &Value| listed.as_array().unwrap().iter().find(|shown| shown["model"] == "hr").cloned().unwrap();
    let listed = scene.command(&["model", "list", "--json"]).succeed().json();
    let shown = people(&listed);
    assert_eq!(shown["source"], json!(scene.models.file("hr/people.json").display().to_string()));
    assert_eq!(shown["served_by"], json!(["people 0.1.0"]));
    assert_eq!(
        shown["fields"][2],
        json!({"name": "email", "type": "string or null (email)", "description": "Where the person is written to."})
    );
    let built_in = listed.as_array().unwrap().iter().find(|shown| shown["model"] == "crm").unwrap();
    assert_eq!((&built_in["source"], &built_in["resource"]), (&json!("built in"), &json!("projects")));
    let text = scene.command(&["model", "list", "hr/people"]).succeed().stdout;
    assert!(text.contains("served by people 0.1.0") && text.contains("The person's pay grade.") && !text.contains("crm/"), "{text}");
    let running = scene.world.command(&["model", "list", "--running", "--json"]).succeed().json();
    assert_eq!(people(&running), shown);
    scene.command(&["model", "list", "hr/robots"]).run().is_misuse("there is crm/projects, hr/people, ticketing/workspaces");
}

#[test]
fn check_says_every_fault_with_its_place() {
    let models = Models::of_people();
    let check = |path: &str| patchboard(&["model", "check", path]).run();
    let good = check(&models.text());
    assert_eq!(good.code, Some(0), "{good:?}");
    assert!(
        good.stdout.contains("hr/people: 7 fields (") && good.stdout.contains("note: ") && good.stdout.contains("/required: "),
        "{good:?}"
    );
    let one = check(&models.file("hr/people.json").display().to_string());
    assert!(one.code == Some(0) && one.stdout.contains("hr/people: 7 fields"), "{one:?}");
    models.change(|model| {
        model["properties"]["level"]["minimum"] = json!("1");
        model["properties"]["badge"]["nullable"] = json!(true);
    });
    models.put("hr/desks.json", "[]");
    let bad = check(&models.text());
    assert_eq!((bad.code, bad.stdout.matches("fault: ").count()), (Some(1), 3), "{bad:?}");
    let json = patchboard(&["model", "check", "--json", &models.text()]).run().json();
    let places: Vec<&str> = json["faults"].as_array().unwrap().iter().map(|fault| fault["pointer"].as_str().unwrap()).collect();
    assert_eq!((json["ok"].as_bool(), places), (Some(false), vec!["", "/properties/badge/nullable", "/properties/level/minimum"]));
}

#[test]
fn the_configuration_names_folders_of_models_in_a_file_in_a_variable_and_by_a_flag() {
    let shown = |run: patchboard_tests::Invocation| run.succeed().stdout;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("patchboard.toml");
    fs::write(&file, "models = ['from-file']\n").unwrap();
    let file = file.display().to_string();
    assert!(shown(patchboard(&["config", "show", "--config", &file])).contains("models = [\"from-file\"]"));
    let variable = patchboard(&["config", "show", "--config", &file]).env("PATCHBOARD_MODELS", "a,b");
    assert!(shown(variable).replace([' ', '\n'], "").contains(r#"models=["a","b""#));
    let flag = patchboard(&["config", "show", "--models", "c"]).env("PATCHBOARD_MODELS", "a,b");
    assert!(shown(flag).contains("models = [\"c\"]"));
}

#[tokio::test]
async fn call_and_replay_know_the_models() {
    let scene = Scene::set();
    let origin = scene.stub.origin();
    let call = ["call", "PATCH", "hr/people", "7", "--account", &scene.account, "--field", "level=4", "--allow-upstream", &origin];
    let person = scene.command(&call).succeed().json();
    assert_eq!(person["level"], 4);
    let recorded = PluginFolder::empty();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--allow-upstream", &origin, "--record", &recorded.text()];
    let data = scene.world.data.text();
    let second = patchboard_tests::Server::of(patchboard(&serve).args(["--data-dir", &data]).args([
        "--models",
        &scene.models.text(),
        "--plugins",
        &scene.plugins.text(),
    ]));
    let url = second.url(&format!("/unified/hr/people/7?integrated_account_id={}", scene.account));
    let update = patchboard_tests::Call::new(&patchboard_tests::client(), "PATCH", &url).token(&scene.world.token);
    update.json(&json!({"level": 5})).send().await.ok();
    let file = eventually("the request is recorded", || {
        let mut files = fs::read_dir(recorded.path()).unwrap().map(|entry| entry.unwrap().path());
        files.find(|file| file.extension().is_some_and(|extension| extension == "json"))
    });
    let replayed = scene.command(&["replay", &file.display().to_string()]).succeed();
    assert!(replayed.stderr.contains("the same as recorded, byte for byte"), "{replayed:?}");
}

#[test]
fn the_edge_takes_no_plugin_for_another_model() {
    let (models, plugins) = (Models::of_people(), PluginFolder::with("people.wasm", &built_for_tests("people")));
    let manifest = plugins.file("spin.toml");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../spin.toml"), &manifest).unwrap();
    let before = fs::read(&manifest).unwrap();
    let file = plugins.file("people.wasm").display().to_string();
    let add = ["edge", "add", &file, "--manifest", &manifest.display().to_string(), "--models", &models.text()];
    patchboard(&add).run().is_misuse("it serves hr/people, and there is no such unified model; there is crm/projects, ticketing/workspaces; an edge app has the built-in models alone");
    assert_eq!(fs::read(&manifest).unwrap(), before);
}
