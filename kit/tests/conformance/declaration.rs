use serde_json::json;

use super::{Fault, cases, caught, manifest, names, report};

const FIELD: &str = "every declared field changes";
const ENUM: &str = "every enum value maps there and back";
const ANSWERS: &str = "answers hold the declared fields";
const READS: &str = "declared reads write nothing";
const HOSTS: &str = "only declared hosts are reached";

#[tokio::test]
async fn a_declared_field_that_is_not_sent_is_named() {
    caught(Fault::FieldNotSent, FIELD, "the field `name` is declared, and changes no native request").await;
    caught(Fault::ValueNotSent, FIELD, "the field `name` is declared, and its value is not sent").await;
    let mut manifest = manifest();
    manifest["resources"][0]["operations"]["create"]["fields"].as_array_mut().unwrap().push(json!({"name": "type"}));
    names(&report(Fault::None, &manifest, &cases()).await, FIELD, "workspaces create: the field `type` is declared, and changes no");
}

#[tokio::test]
async fn a_field_that_no_case_gives_is_named() {
    let mut cases = cases();
    cases[1]["request"]["body"].as_object_mut().unwrap().remove("description");
    let found = report(Fault::None, &manifest(), &cases).await;
    names(&found, "every declared field is given in a case", "update: the field `description` is declared, and no case gives it a value");
}

#[tokio::test]
async fn a_plugin_that_marks_no_exchange_is_named() {
    caught(Fault::MarksNothing, "one exchange is marked", "workspaces create: no exchange is marked as the one that answers").await;
}

#[tokio::test]
async fn remote_data_that_has_no_place_is_named() {
    let mut manifest = manifest();
    manifest["resources"][0]["operations"]["update"]["calls"][1]["remote_data"] = json!("/title");
    let found = report(Fault::None, &manifest, &cases()).await;
    names(&found, "declared remote_data has a place", "the call `update_space` declares remote_data at \"/title\", and none can be given");
}

#[tokio::test]
async fn a_member_of_the_manifest_that_is_spelled_wrong_is_named() {
    let mut manifest = manifest();
    manifest["resources"][0]["operations"]["create"]["fields"][0]["requierd"] = json!(true);
    manifest["resources"][0]["operations"]["update"]["calls"][0]["fixed"]["/whatever"] = json!({"x": 1});
    let found = report(Fault::None, &manifest, &cases()).await;
    names(&found, "the manifest has no unknown members", "/resources/0/operations/create/fields/0/requierd, which nobody reads");
    assert_eq!(super::named(&found).iter().filter(|line| line.contains("nobody reads")).count(), 1);
}

#[tokio::test]
async fn a_field_that_is_sent_and_not_declared_is_named() {
    caught(Fault::TakesUndeclaredField, "no other field", "the field `type` is not declared, and changes a native request").await;
}

#[tokio::test]
async fn a_parameter_without_effect_is_named() {
    caught(Fault::EtagNotSent, "every declared parameter", "the parameter `etag` is declared, and its value has no effect").await;
}

#[tokio::test]
async fn a_wrong_enum_is_named_both_ways() {
    caught(Fault::WrongEnumThere, ENUM, "`status` = `inactive` is sent as \"Of\", which comes back as `nothing`").await;
    caught(Fault::WrongEnumBack, ENUM, "`status` = `inactive` is sent as \"Off\", which comes back as `inactve`").await;
    caught(Fault::WrongEnumBack, ENUM, "`status` = `inactive` is declared for answers, and no answer has it").await;
    caught(Fault::WrongEnumBack, ANSWERS, "answers `status` = `inactve`, which is not declared").await;
    caught(Fault::EnumsSentAlike, ENUM, "`status` = `inactive` and `active` are sent alike").await;
}

#[tokio::test]
async fn what_is_required_must_be_declared() {
    let check = "what is required, and only that";
    caught(Fault::RequiresUndeclaredField, check, "nothing more is required, and a request with no field alone is refused").await;
}

#[tokio::test]
async fn answers_are_declared_and_declared_answers_appear() {
    caught(Fault::AnswersUndeclaredField, ANSWERS, "the answer's field `type` is not declared").await;
    caught(Fault::AnswersNoDescription, ANSWERS, "the answer's field `description` is declared, and no case answers it").await;
}

#[tokio::test]
async fn a_read_that_writes_is_named() {
    caught(Fault::ReadCarriesValue, READS, "the call `get_space` is declared as a read, and carries the new value of `custom_fields`")
        .await;
    let mut by_method = manifest();
    by_method["resources"][0]["operations"]["update"]["calls"][1]["effect"] = json!("read");
    names(&report(Fault::None, &by_method, &cases()).await, READS, "`update_space` is declared as a read, and PATCH writes");
    let mut alike = manifest();
    let calls = &mut alike["resources"][0]["operations"]["update"]["calls"];
    calls[0].as_object_mut().unwrap().remove("fixed");
    calls[1]["method"] = json!("POST");
    names(&report(Fault::None, &alike, &cases()).await, READS, "nothing tells it from the write `update_space`");
}

#[tokio::test]
async fn an_undeclared_host_is_named() {
    let mut narrow = manifest();
    narrow["hosts"] = json!(["api.acme.example"]);
    names(&report(Fault::None, &narrow, &cases()).await, HOSTS, "the host `eu.acme.example` is not declared");
    let mut open = manifest();
    open["settings"][0].as_object_mut().unwrap().remove("pattern");
    names(&report(Fault::None, &open, &cases()).await, HOSTS, "the host `elsewhere.example` is not declared");
    let mut loose = manifest();
    loose["settings"][0]["pattern"] = json!("[a-z0-9./@-]+\\.example(/)?");
    names(&report(Fault::None, &loose, &cases()).await, HOSTS, "the host `elsewhere.example` is not declared");
}
