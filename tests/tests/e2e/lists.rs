//! Long lists, paged to their end: nothing is lost and nothing comes twice, whatever the
//! provider pages by, while objects are added at the list's end.

use std::collections::BTreeSet;

use patchboard_tests::World;
use patchboard_tests::seeds::{
    ATTIO, CAPSULE, INSIGHTLY, MICROSOFT_365, PIPELINER, PLANHAT_PROJECT, PLANHAT_WORKSPACE, PLANNER, POLYTEIA, Seed, TEAMLEADER, WORKIVA,
    WRIKE,
};
use serde_json::{Value, json};

/// Objects beside the seeds.
const MANY: usize = 2_500;
/// Objects that are added while the list is read.
const MEANWHILE: usize = 40;

/// The ids of a page, and the cursor of the next.
async fn page(world: &World, seed: &Seed, limit: usize, cursor: Option<&str>) -> (Vec<String>, Option<String>) {
    let mut call = world.call("GET", &seed.collection()).query(&format!("integrated_account_id={}&limit={limit}", world.account(seed)));
    if let Some(cursor) = cursor {
        call = call.query(&format!("next_cursor={cursor}"));
    }
    let page = call.query("ignore_remote_data=true").send().await.ok();
    let items = page["result"].as_array().expect("a list");
    assert!(items.len() <= limit, "{} objects on a page of {limit}", items.len());
    let ids = items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect();
    (ids, page["next_cursor"].as_str().map(str::to_owned))
}

async fn read_to_the_end(seed: Seed, limit: usize) {
    let world = World::start();
    world.sandbox.add_many(&seed, MANY).await;
    let (first, mut cursor) = page(&world, &seed, limit, None).await;
    world.sandbox.add_many(&seed, MEANWHILE).await;
    let mut seen: Vec<String> = first;
    while let Some(next) = cursor {
        let (ids, after) = page(&world, &seed, limit, Some(&next)).await;
        assert!(seen.len() < MANY * 2, "the list does not end");
        seen.extend(ids);
        cursor = after;
    }
    let each: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(each.len(), seen.len(), "an object came twice");
    assert!(each.contains(&seed.id.to_owned()));
    // Those that were there at the start are there; a list may have those that were added.
    assert!((MANY + 1..=MANY + 10 + MEANWHILE).contains(&seen.len()), "{} objects", seen.len());
    let after: BTreeSet<String> = world.sandbox.ids(&seed).await.into_iter().collect();
    assert!(each.iter().all(|id| after.contains(*id)), "an object that is not there");
}

#[tokio::test]
async fn spaces_of_wrike() {
    read_to_the_end(WRIKE, 700).await;
}

#[tokio::test]
async fn plans_of_microsoft_planner() {
    read_to_the_end(PLANNER, 100).await;
}

#[tokio::test]
async fn plans_of_microsoft_365() {
    read_to_the_end(MICROSOFT_365, 100).await;
}

#[tokio::test]
async fn workspaces_of_polyteia() {
    read_to_the_end(POLYTEIA, 100).await;
}

#[tokio::test]
async fn workspaces_of_workiva() {
    read_to_the_end(WORKIVA, 300).await;
}

#[tokio::test]
async fn records_of_attio() {
    read_to_the_end(ATTIO, 500).await;
}

#[tokio::test]
async fn workspaces_of_planhat() {
    read_to_the_end(PLANHAT_WORKSPACE, 400).await;
}

#[tokio::test]
async fn projects_of_planhat() {
    read_to_the_end(PLANHAT_PROJECT, 900).await;
}

#[tokio::test]
async fn projects_of_capsule() {
    read_to_the_end(CAPSULE, 100).await;
}

#[tokio::test]
async fn projects_of_insightly() {
    read_to_the_end(INSIGHTLY, 500).await;
}

#[tokio::test]
async fn projects_of_pipeliner() {
    read_to_the_end(PIPELINER, 100).await;
}

#[tokio::test]
async fn projects_of_teamleader() {
    read_to_the_end(TEAMLEADER, 100).await;
}

#[tokio::test]
async fn a_cursor_belongs_to_its_list_and_must_not_be_changed() {
    let world = World::start();
    world.sandbox.add_many(&WRIKE, 5).await;
    let (_, cursor) = page(&world, &WRIKE, 2, None).await;
    let cursor = cursor.expect("a second page");
    let ask = async |account: &str, cursor: &str| {
        let call = world.call("GET", &WRIKE.collection()).query(&format!("integrated_account_id={account}"));
        call.query(&format!("next_cursor={cursor}")).send().await
    };
    let account = world.account(&WRIKE);
    assert_eq!(ask(&account, &cursor).await.ok()["result"].as_array().map(Vec::len), Some(2));
    // An empty one is none.
    assert_eq!(ask(&account, "").await.ok()["next_cursor"], Value::Null);
    let changed = format!("{}x", cursor);
    let other = world.add_account(&WRIKE, &[], &WRIKE.credential());
    for (account, cursor) in [(&account, changed.as_str()), (&other, cursor.as_str()), (&account, "0:2"), (&account, "%00")] {
        let problem = ask(account, cursor).await.problem(400, "invalid_parameter");
        assert_eq!(problem["errors"][0]["path"], "?next_cursor");
    }
}

#[tokio::test]
async fn a_page_leads_back_to_the_one_before() {
    let world = World::start();
    world.sandbox.add_many(&WRIKE, 5).await;
    let query = format!("integrated_account_id={}&limit=2", world.account(&WRIKE));
    let first = world.call("GET", &WRIKE.collection()).query(&query).send().await.ok();
    assert_eq!(first["prev_cursor"], Value::Null);
    let ask = async |cursor: &Value| {
        let cursor = format!("next_cursor={}", cursor.as_str().expect("a cursor"));
        world.call("GET", &WRIKE.collection()).query(&query).query(&cursor).send().await.ok()
    };
    let second = ask(&first["next_cursor"]).await;
    assert_ne!(second["result"], first["result"]);
    assert_eq!(ask(&second["prev_cursor"]).await["result"], first["result"]);
}

#[tokio::test]
async fn a_list_is_unified_raw_or_normalized() {
    let world = World::start();
    let ask = async |query: &str| {
        let account = format!("integrated_account_id={}", world.account(&WRIKE));
        world.call("GET", &WRIKE.collection()).query(&account).query(query).send().await
    };
    assert_eq!(ask("").await.ok()["result"][0]["remote_data"]["id"], WRIKE.id);
    let normalized = ask("response_format=normalized").await.ok();
    assert_eq!(normalized["result"][0]["custom_fields"], Value::Null);
    assert_eq!(normalized["result"][0].get("remote_data"), None);
    let raw = ask("response_format=raw").await;
    assert_eq!((raw.status, &raw.json()["kind"]), (200, &json!("spaces")));
    assert_eq!(ask("exclude_fields=remote_data,status").await.ok()["result"][0].get("status"), None);
}
