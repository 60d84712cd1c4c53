//! Lists of many projects, and cursors.

use patchboard_sdk::testing::{self, Listed};
use patchboard_sdk::{Error, Step};
use serde_json::{Value, json};

use super::{PROJECTS, json_answer, shown, teamleader};

/// One page of `all` projects, as Teamleader answers it.
fn answer(module: &str, all: u64, params: &[(&str, &str)]) -> Result<Step, Error> {
    let request = PROJECTS.list(params);
    let exchange = teamleader(module).map(&request).unwrap();
    let text = shown(&exchange);
    let number = |name: &str| -> u64 {
        let (_, rest) = text.split_once(&format!("\"{name}\": Number(")).unwrap();
        rest.split(')').next().unwrap().parse().unwrap()
    };
    let (size, page) = (number("size"), number("number"));
    let first = (page - 1) * size + 1;
    let data: Vec<Value> = (first..first + size).filter(|id| *id <= all).map(|id| json!({"id": id})).collect();
    let mut body = json!({"data": data});
    if module == "projects-v2" {
        body["meta"] = json!({"page": {"size": size, "number": page}, "matches": all});
    }
    teamleader(module).answer_to(&request, testing::state(&exchange), &json_answer(200, &body))
}

#[test]
fn a_list_of_2500_goes_to_its_end_and_back_without_loss_or_repeat() {
    for module in ["projects-v2", "legacy"] {
        for limit in ["100", "20", "7", "1000000"] {
            let pages = testing::walk(|cursor| answer(module, 2500, &[("limit", limit), ("next_cursor", cursor.unwrap_or_default())]));
            assert_eq!(pages.concat(), (1..=2500).map(|id| id.to_string()).collect::<Vec<_>>(), "{module} {limit}");
        }
    }
}

#[test]
fn an_empty_cursor_is_none_and_a_broken_one_is_refused() {
    assert_eq!(testing::page(answer("projects-v2", 3, &[("next_cursor", "")])).ids(), ["1", "2", "3"]);
    let huge = format!("{}:20", u64::MAX);
    for cursor in ["1", ":", "0:1", "1:0", "1:101", "-1:2", "1:2:3", " 1:2", "1.0:2", huge.as_str()] {
        let refused = teamleader("legacy").map(&PROJECTS.list(&[("next_cursor", cursor)]));
        assert_eq!(refused, Err(Error::field("?next_cursor", "is not a cursor of this list")), "{cursor}");
    }
}

#[test]
fn a_page_size_that_teamleader_made_smaller_counts() {
    let request = PROJECTS.list(&[("limit", "100")]);
    let data: Vec<Value> = (0..50).map(|id| json!({"id": id})).collect();
    for (meta, more) in [
        (json!({"page": {"size": 50, "number": 1}, "matches": 60}), true),
        (json!({"page": {"size": "50"}, "matches": "60"}), true),
        (json!({"page": {"size": 50, "number": 1}, "matches": 50}), false),
        (json!({"page": {"size": 0}, "matches": 60}), false),
        (json!("none"), false),
    ] {
        let body = json!({"data": data, "meta": meta});
        let Listed { next_cursor, .. } = testing::page(teamleader("projects-v2").play(&request, [json_answer(200, &body)]).end);
        assert_eq!(next_cursor.is_some(), more, "{meta}");
    }
}
