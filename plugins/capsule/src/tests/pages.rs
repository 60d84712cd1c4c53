//! Lists, page by page.

use patchboard_sdk::{Response, testing};
use serde_json::{Value, json};

use super::{PROJECTS, capsule, first, goes_on, ok, play, refused};
use crate::paging::PAGES;

#[test]
fn a_list_goes_from_page_to_page() {
    let kases = json!({"kases": [{"id": 1, "name": "A"}, {"id": 2, "name": "B"}]});
    insta::assert_snapshot!(play(&PROJECTS.list(&[]), &[goes_on(&kases)]));
    insta::assert_snapshot!(play(&PROJECTS.list(&[("limit", "7"), ("next_cursor", "2:100")]), &[goes_on(&kases)]));
    insta::assert_snapshot!(play(&PROJECTS.list(&[("next_cursor", "3:100")]), &[ok(&json!({"kases": []}))]));
}

#[test]
fn a_long_list_pages_to_its_end_without_loss_or_repeat() {
    let pages = testing::walk(|cursor| {
        let request = PROJECTS.list(&[("limit", "70"), ("next_cursor", cursor.unwrap_or_default())]);
        let page = PAGES.asked(&request).unwrap();
        let first = (page.place() - 1) * page.size();
        let kases: Vec<Value> = (first..(first + page.size()).min(2500)).map(|id| json!({"id": id})).collect();
        let body = json!({"kases": kases});
        let response = if first + page.size() < 2500 { goes_on(&body) } else { ok(&body) };
        capsule().answer_to(&request, &[], &response)
    });
    assert_eq!((pages.len(), pages.concat()), (36, (0..2500).map(|id| id.to_string()).collect()));
}

#[test]
fn a_limit_is_at_most_a_page_of_capsules() {
    for (limit, size) in [("1", "1"), ("100", "100"), ("101", "100"), ("99999999999999999999", "100")] {
        assert!(first(&PROJECTS.list(&[("limit", limit)])).contains(&format!("\"perPage\",\n            \"{size}\"")), "{limit}");
    }
    for cursor in ["x", "2", "0:50", "2:0", "2:101", "2:50:1", "-1:50", "2:", ":50"] {
        assert_eq!(refused(&PROJECTS.list(&[("next_cursor", cursor)])), ["?next_cursor"], "{cursor}");
    }
}

#[test]
fn a_link_is_no_next_page_by_its_url() {
    for (link, next) in [
        ("<https://x/kases?page=2>; rel=\"next\"", true),
        ("<https://x/kases?page=1>; rel=\"prev\", <https://x/kases?page=3,4>; rel=next", true),
        ("<https://x/kases?rel=next>; rel=\"prev\"", false),
        ("", false),
    ] {
        let response = Response { headers: vec![("link".to_owned(), link.to_owned())], ..ok(&json!({})) };
        assert_eq!(crate::paging::has_next(&response), next, "{link}");
    }
}
