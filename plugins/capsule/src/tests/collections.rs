//! Tags and custom fields.

use serde_json::json;

use super::{goes_on, kase, ok, play, played, update};

#[test]
fn tags_replace_those_that_are_attached() {
    let fields = json!({"tags": [{"name": "priority"}, {"name": "VIP"}, {"id": "9", "name": "x"}, {"name": "vip"}]});
    insta::assert_snapshot!(play(&update(&fields), &[ok(&kase()), ok(&kase())]));
    for none in [json!({"tags": []}), json!({"tags": null})] {
        insta::allow_duplicates! {
            insta::assert_snapshot!("no_tags", played(&update(&none), &[ok(&kase()), ok(&kase())]).0);
        }
    }
}

#[test]
fn custom_fields_are_found_by_their_names() {
    let fields = json!({"custom_fields": {"Interests": "Golf", "51": 3}});
    let one = json!({"definitions": [{"id": 45, "name": "Other", "type": "text"}]});
    let two = json!({"definitions": [{"id": 926_886, "name": "Interests", "type": "list"}]});
    insta::assert_snapshot!(played(&update(&fields), &[goes_on(&one), ok(&two), ok(&kase())]).0);
    let (_, unknown) = played(&update(&json!({"custom_fields": {"a/b": 1}})), &[ok(&one)]);
    let (_, twice) = played(&update(&json!({"custom_fields": {"Other": 1}})), &[goes_on(&one), ok(&one)]);
    insta::assert_debug_snapshot!((unknown, twice));
}
