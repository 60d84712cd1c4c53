//! Lists of many projects, and cursors.

use patchboard_sdk::{Answer, Error, Operation, Plugin, Request, Step};
use serde_json::{Value, json};

use super::{account, json_answer, request, shown};
use crate::Teamleader;

fn list(params: &[(&str, &str)]) -> Request {
    let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request { params, ..request(Operation::List, &json!({})) }
}

struct Got {
    ids: Vec<u64>,
    next: Option<String>,
    prev: Option<String>,
}

/// One page of `all` projects, as Teamleader answers it.
fn page(module: &str, all: u64, params: &[(&str, &str)]) -> Got {
    let request = list(params);
    let exchange = Teamleader::map_request(&account(module), &request).unwrap();
    let (text, state) = shown(&exchange);
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
    match Teamleader::map_response(&account(module), &request, &state, &json_answer(200, &body)).unwrap() {
        Step::Finish(Answer::Page { items, next_cursor, prev_cursor }, warnings) => {
            assert!(warnings.is_empty());
            let ids = items.iter().map(|item| item.body["id"].as_str().unwrap().parse().unwrap()).collect();
            Got { ids, next: next_cursor, prev: prev_cursor }
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_list_of_2500_goes_to_its_end_and_back_without_loss_or_repeat() {
    for module in ["projects-v2", "legacy"] {
        for limit in ["100", "20", "7", "1000000"] {
            let mut got = page(module, 2500, &[("limit", limit)]);
            let mut ids = got.ids.clone();
            let mut pages = vec![got.ids.clone()];
            while let Some(cursor) = got.next.clone() {
                got = page(module, 2500, &[("limit", "3"), ("next_cursor", &cursor)]);
                ids.extend(&got.ids);
                pages.push(got.ids.clone());
            }
            assert_eq!(ids, (1..=2500).collect::<Vec<_>>(), "{module} {limit}");
            while let Some(cursor) = got.prev.clone() {
                pages.pop();
                got = page(module, 2500, &[("next_cursor", &cursor)]);
                assert_eq!(Some(&got.ids), pages.last());
            }
            assert_eq!(pages.len(), 1);
        }
    }
}

#[test]
fn an_empty_cursor_is_none_and_a_broken_one_is_refused() {
    assert_eq!(page("projects-v2", 3, &[("next_cursor", "")]).ids, [1, 2, 3]);
    let huge = format!("{}:20", u64::MAX);
    for cursor in ["1", ":", "0:1", "1:0", "1:101", "-1:2", "1:2:3", " 1:2", "1.0:2", huge.as_str()] {
        let refused = Teamleader::map_request(&account("legacy"), &list(&[("next_cursor", cursor)]));
        let Err(Error::Invalid(errors)) = refused else { panic!("{cursor}") };
        assert_eq!(errors[0].path, "?next_cursor");
    }
}

#[test]
fn a_page_size_that_teamleader_made_smaller_counts() {
    let request = list(&[("limit", "100")]);
    let (_, state) = shown(&Teamleader::map_request(&account("projects-v2"), &request).unwrap());
    let data: Vec<Value> = (0..50).map(|id| json!({"id": id})).collect();
    for (meta, more) in [
        (json!({"page": {"size": 50, "number": 1}, "matches": 60}), true),
        (json!({"page": {"size": "50"}, "matches": "60"}), true),
        (json!({"page": {"size": 50, "number": 1}, "matches": 50}), false),
        (json!({"page": {"size": 0}, "matches": 60}), false),
        (json!("none"), false),
    ] {
        let body = json!({"data": data, "meta": meta});
        let step = Teamleader::map_response(&account("projects-v2"), &request, &state, &json_answer(200, &body)).unwrap();
        let Step::Finish(Answer::Page { next_cursor, .. }, _) = step else { panic!("{meta}") };
        assert_eq!(next_cursor.is_some(), more, "{meta}");
    }
}
