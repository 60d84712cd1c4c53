use patchboard_kit::{Report, Section};

use super::{Fault, caught, names};

#[tokio::test]
async fn a_plugin_that_is_not_the_same_twice_is_named() {
    caught(Fault::Changes, "the same input gives the same bytes", "the first native request is another one the next time").await;
}

#[tokio::test]
async fn what_is_left_out_and_sent_is_named() {
    let law = "a field left out is not sent";
    caught(Fault::SendsDefault, law, "the field `description` is left out, and /json/description = \"none\" is sent").await;
    caught(Fault::SendsNull, law, "nothing is cleared, and /json/description = null is sent in the call `update_space`").await;
}

#[tokio::test]
async fn a_null_that_is_dropped_is_named() {
    let law = "null clears, or is refused";
    caught(Fault::DropsNull, law, "null for the field `description` is dropped").await;
    caught(Fault::DropsMembersNull, law, "null for a member of `custom_fields` is dropped").await;
}

#[tokio::test]
async fn an_own_error_that_is_not_taken_is_named() {
    let law = "the provider's own errors are taken";
    caught(Fault::OwnErrorUnreadable, law, "to the call `get_space` is called unreadable: what is this?").await;
    caught(Fault::OwnErrorIsSuccess, law, "to the call `get_space` is answered as a success").await;
}

#[tokio::test]
async fn an_id_that_leaves_its_segment_is_named() {
    let law = "an id of any characters stays one segment";
    caught(Fault::IdInSegments, law, "the id \"a/b\" breaks the native request").await;
    caught(Fault::IdCut, law, "the id \"a/b\" is not whole in any native request").await;
}

#[test]
fn an_import_is_named_and_any_other_refusal_is_told() {
    let imports = ["wasi:cli/environment@0.2.0".to_owned()];
    let report = Report::refused("acme", &imports, "it imports something");
    names(&report, "it imports nothing", "it imports wasi:cli/environment@0.2.0");
    let why = "the manifest contradicts itself: the base URL's host a.example is not among the declared hosts";
    let report = Report::refused("acme", &[], why);
    names(&report, "a server admits the component", "the base URL's host a.example");
    assert_eq!(report.checks[0].section, Section::Declaration);
}
