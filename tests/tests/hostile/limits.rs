//! Attacks that Rust cannot express, made in a request.

use patchboard_tests::seeds;

use crate::component::of_file;
use crate::scene::{Scene, of};

const ATTACKS: [(&str, &str); 8] = [
    ("grows-memory", "the plugin went over its limits: more than 67108864 bytes of memory"),
    ("grows-memory-without-end", "the plugin ran over its deadline of 80 ms"),
    ("grows-table", "the plugin went over its limits: a table of more than 20000 elements"),
    ("answers-outside-of-memory", "the plugin trapped: pointer out of bounds of memory"),
    ("answers-beyond-memory", "the plugin trapped: string pointer/length out of bounds of memory"),
    ("answers-too-much", "the plugin went over its limits: more than 16777216 bytes of output"),
    ("answers-no-text", "the plugin trapped: invalid utf-8 sequence of 1 bytes from index 0"),
    ("answers-nothing-known", "the plugin trapped: invalid expected discriminant"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_takes_or_answers_beyond_its_bounds_fails_its_own_request() {
    let components: Vec<_> = ATTACKS.iter().map(|(name, _)| (*name, of_file(name))).collect();
    let scene = Scene::set(&components);
    for (name, detail) in ATTACKS {
        scene.refuses(&scene.account(name), "attack", detail).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_survives_a_call_and_floats_are_the_same_everywhere() {
    let scene = Scene::set(&[("counts", of_file("counts")), ("floats", of_file("floats"))]);
    for (name, says) in [("counts", "111"), ("floats", "7ff8000000000000")] {
        let account = scene.account(name);
        for _ in 0..3 {
            let problem = scene.does(&account, "attack").await.problem(422, "change_not_supported");
            assert_eq!(of(&problem), ("change_not_supported", "map", says), "{name}");
        }
    }
    scene.world.serves(&seeds::WRIKE).await;
}
