use super::{Fault, cases, caught, manifest, named, report};

#[tokio::test]
async fn a_trap_on_a_truncated_answer_is_named() {
    let check = "mutated and truncated answers";
    caught(Fault::TrapsOnTruncated, check, "an answer to the call `update_space` that is cut off after 0 of").await;
    caught(Fault::SaysMistake, check, "cut off after 0 of").await;
    caught(Fault::PointsNowhere, check, "one without \"/title\": the plugin broke its contract").await;
}

#[tokio::test]
async fn a_trap_on_a_generated_request_is_named_with_its_number() {
    caught(Fault::TrapsOnLongNames, "generated requests of seed 1", "the plugin trapped: unreachable (request ").await;
}

#[tokio::test]
async fn the_same_seed_finds_the_same() {
    let first = report(Fault::TrapsOnLongNames, &manifest(), &cases()).await;
    let second = report(Fault::TrapsOnLongNames, &manifest(), &cases()).await;
    assert_eq!(named(&first), named(&second));
}
