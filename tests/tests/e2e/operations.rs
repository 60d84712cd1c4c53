//! Every operation of every provider, against a sandbox that keeps what is written.

use patchboard_tests::World;
use patchboard_tests::seeds::{
    ATTIO, CAPSULE, INSIGHTLY, MICROSOFT_365, PIPELINER, PLANHAT_PROJECT, PLANHAT_WORKSPACE, PLANNER, POLYTEIA, Seed, TEAMLEADER, WORKIVA,
    WRIKE,
};
use serde_json::{Value, json};

/// One provider's object from its creation to its end.
struct Life {
    seed: Seed,
    settings: &'static [(&'static str, &'static str)],
    create: Value,
}

impl Life {
    fn new(seed: Seed, create: Value) -> Self {
        Self { seed, settings: &[], create }
    }

    async fn live(self) {
        let world = World::start();
        let account = world.add_account(&self.seed, self.settings, &self.seed.credential());
        let account = format!("integrated_account_id={account}");
        let call = |method: &str, path: &str| world.call(method, path).query(&account);
        let collection = self.seed.collection();

        let there = call("GET", &self.seed.path()).send().await.ok();
        assert_eq!(there["id"], self.seed.id);
        assert!(there["remote_data"].is_object(), "{there}");

        let made = call("POST", &collection).json(&self.create).send().await;
        assert_eq!(made.status, 201, "{}", made.text());
        let made = made.json();
        let id = made["id"].as_str().expect("an id").to_owned();
        assert_eq!(made["name"], self.create["name"], "{made}");
        let path = format!("{collection}/{id}");

        let listed = call("GET", &collection).send().await.ok();
        let ids: Vec<&Value> = listed["result"].as_array().expect("a list").iter().map(|item| &item["id"]).collect();
        assert!(ids.contains(&&json!(self.seed.id)) && ids.contains(&&json!(id)), "{ids:?}");
        assert_eq!(listed["result_count"], ids.len());

        let with_etag = async |method: &str| {
            let read = call("GET", &path).send().await.ok();
            let call = call(method, &path);
            read["etag"].as_str().map_or(call.clone(), |etag| call.header("if-match", etag))
        };
        let changed = with_etag("PATCH").await.json(&json!({"name": "changed"})).send().await.ok();
        assert_eq!((&changed["id"], &changed["name"]), (&json!(id), &json!("changed")));
        assert_eq!(call("GET", &path).send().await.ok()["name"], "changed");

        let deleted = with_etag("DELETE").await.send().await;
        if self.seed == WORKIVA {
            deleted.problem(405, "operation_not_supported");
            assert_eq!(deleted.header("allow").as_deref(), Some("GET, PATCH"));
            return;
        }
        assert_eq!(deleted.ok()["id"], json!(id));
        call("GET", &path).send().await.problem(404, "provider_rejected");
    }
}

#[tokio::test]
async fn a_space_of_wrike() {
    Life::new(WRIKE, json!({"name": "made", "type": "public"})).live().await;
}

#[tokio::test]
async fn a_plan_of_microsoft_planner() {
    let settings = &[("group_id", "ebf3b108-5234-4e22-b93d-656d7dae5874")];
    Life { settings, ..Life::new(PLANNER, json!({"name": "made"})) }.live().await;
}

#[tokio::test]
async fn a_plan_of_microsoft_365() {
    let settings = &[("group_id", "02bd9fd6-8f93-4758-87c3-1fb73740a315")];
    Life { settings, ..Life::new(MICROSOFT_365, json!({"name": "made"})) }.live().await;
}

#[tokio::test]
async fn a_workspace_of_polyteia() {
    let settings = &[("organization_id", "org_cv33u4n0i6q45p93i930")];
    Life { settings, ..Life::new(POLYTEIA, json!({"name": "made"})) }.live().await;
}

#[tokio::test]
async fn a_workspace_of_workiva() {
    Life::new(WORKIVA, json!({"name": "made"})).live().await;
}

#[tokio::test]
async fn a_record_of_attio() {
    Life::new(ATTIO, json!({"name": "made", "custom_fields": {"workspace_id": "456"}})).live().await;
}

#[tokio::test]
async fn a_workspace_of_planhat() {
    Life::new(PLANHAT_WORKSPACE, json!({"name": "made", "account_id": "609975100b73992504810554"})).live().await;
}

#[tokio::test]
async fn a_project_of_planhat() {
    Life::new(PLANHAT_PROJECT, json!({"name": "made", "account": {"id": "609975100b73992504810554"}})).live().await;
}

#[tokio::test]
async fn a_project_of_capsule() {
    Life::new(CAPSULE, json!({"name": "made", "account": {"id": "254633973"}, "owner": {"id": "674197"}})).live().await;
}

#[tokio::test]
async fn a_project_of_insightly() {
    Life::new(INSIGHTLY, json!({"name": "made", "status": "in progress"})).live().await;
}

#[tokio::test]
async fn a_project_of_pipeliner() {
    let goal = json!({"base_value": 1000.5, "currency_id": "0190978c-0000-4000-8000-000000000003", "value_foreign": 1000.5});
    let owner = json!({"id": "00000000-0000-0000-0000-000000008e97"});
    let create = json!({"name": "made", "owner": owner, "close_date": "2026-12-31", "remote_data": {"revenue_goal": goal}});
    Life::new(PIPELINER, create).live().await;
}

#[tokio::test]
async fn a_project_of_teamleader_in_the_new_module() {
    Life::new(TEAMLEADER, json!({"name": "made", "account": {"id": "f29abf48-337d-44b4-aad4-585f5277a456"}})).live().await;
}

#[tokio::test]
async fn an_upsert_makes_a_record_and_then_changes_it() {
    let world = World::start();
    let upsert = async |name: &str| {
        let call = world.call("PUT", &ATTIO.collection()).query(&format!("integrated_account_id={}", world.account(&ATTIO)));
        call.json(&json!({"name": name, "custom_fields": {"workspace_id": "789"}})).send().await.ok()
    };
    let (made, changed) = (upsert("first").await, upsert("second").await);
    assert_eq!(made["id"], changed["id"]);
    assert_eq!((&made["name"], &changed["name"]), (&json!("first"), &json!("second")));
    let requests = world.sandbox.requests().await;
    assert_eq!(requests[0]["query"], "matching_attribute=workspace_id");

    let call = world.call("PUT", &WRIKE.collection()).query(&format!("integrated_account_id={}", world.account(&WRIKE)));
    let refused = call.json(&json!({"name": "x"})).send().await;
    refused.problem(405, "operation_not_supported");
    assert_eq!(refused.header("allow").as_deref(), Some("GET, POST"));
}

#[tokio::test]
async fn the_module_of_teamleader_is_asked_once_and_relations_are_replaced() {
    let world = World::start();
    let update = async |body: Value| world.update(&TEAMLEADER).json(&body).send().await;
    let first = json!({"name": "one", "account": {"id": "9cb3e568-3931-4b8f-8db8-5a002e8cf253"}});
    let object = update(first).await.ok();
    assert_eq!(object["account"], json!({"id": "9cb3e568-3931-4b8f-8db8-5a002e8cf253", "name": "Hooli"}));
    update(json!({"name": "two"})).await.ok();
    let paths: Vec<String> = world.sandbox.requests().await.iter().map(|request| request["path"].as_str().unwrap().to_owned()).collect();
    assert_eq!(paths.iter().filter(|path| path.ends_with("accounts.projects-v2-status")).count(), 1, "{paths:?}");
    assert!(paths.iter().any(|path| path.ends_with("projects.addCustomer")), "{paths:?}");
    assert!(paths.iter().any(|path| path.ends_with("projects.removeCustomer")), "{paths:?}");
}

#[tokio::test]
async fn a_failure_half_way_says_what_was_applied() {
    let world = World::start();
    let body = json!({"name": "one", "account": {"id": "00000000-0000-0000-0000-000000000000"}});
    let problem = world.update(&TEAMLEADER).json(&body).send().await;
    let status = problem.status;
    let problem = problem.problem(status, "provider_rejected");
    let applied: Vec<&str> = problem["applied"].as_array().expect("what was applied").iter().map(|a| a["path"].as_str().unwrap()).collect();
    assert_eq!(applied, ["/projects-v2/projects.update"]);
    assert_eq!(problem["remote"]["provider"], "teamleader");
}
