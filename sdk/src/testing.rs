//! For a plugin's own tests: its two functions are tried natively, without a gateway.
//! Behind the feature `testing`, which belongs into `[dev-dependencies]`.
//!
//! ```
//! use patchboard_sdk::testing::{self, Resource, Tester};
//! # use patchboard_sdk::*;
//! use serde_json::json;
//! # struct Example;
//! # impl Plugin for Example {
//! #     const MANIFEST: &'static str = "{}";
//! #     fn map_request(_: &Account, request: &Request) -> Result<Exchange, Error> {
//! #         Ok(Exchange::get("get_space", format!("/spaces/{}", segment(request.id()))).answers())
//! #     }
//! #     fn map_response(_: &Account, _: &Request, _: &[u8], response: &Response) -> Result<Step, Error> {
//! #         if response.is_success() {
//! #             Ok(Unified::of(&response.json()?).text("id", "/id").item("").into())
//! #         } else {
//! #             Err(Rejection::of_status(response.status).into())
//! #         }
//! #     }
//! # }
//!
//! const SPACES: Resource = Resource::new("ticketing", "workspaces");
//! let example = Tester::<Example>::new(&[("region", "eu")]);
//!
//! assert_eq!(example.map(&SPACES.get("7")), Ok(Exchange::get("get_space", "/spaces/7").answers()));
//!
//! let item = testing::item(example.answer(&SPACES.get("7"), 200, r#"{"id":7}"#));
//! assert_eq!(item.body["id"], json!("7"));
//!
//! for (status, class) in testing::ERRORS {
//!     let rejection = testing::rejection(example.answer(&SPACES.get("7"), status, "{}"));
//!     assert_eq!(rejection.class, class, "{status}");
//! }
//! ```
//!
//! What has not come out as a test expects is a panic that shows it.
#![allow(clippy::panic, reason = "a test's verdict")]

use std::fmt::Debug;
use std::marker::PhantomData;
use std::path::Path;

use serde_json::Value;

pub use crate::resource::Resource;
use crate::resource::pairs;
use crate::{Account, Answer, Class, Error, Exchange, Item, Plugin, Rejection, Request, Response, Step, value};

/// Statuses of errors with what each of them means.
pub const ERRORS: [(u16, Class); 17] = [
    (400, Class::Invalid),
    (401, Class::Unauthorized),
    (402, Class::Other),
    (403, Class::Forbidden),
    (404, Class::NotFound),
    (409, Class::Conflict),
    (410, Class::NotFound),
    (412, Class::Stale),
    (417, Class::Other),
    (422, Class::Invalid),
    (423, Class::Other),
    (429, Class::RateLimited),
    (500, Class::Other),
    (502, Class::Unavailable),
    (503, Class::Unavailable),
    (504, Class::Unavailable),
    (509, Class::Other),
];

/// The most pages that [`walk`] follows.
const MOST_PAGES: usize = 10_000;

/// An account with settings.
#[must_use]
pub fn account(settings: &[(&str, &str)]) -> Account {
    Account { settings: pairs(settings) }
}

/// A native answer without headers.
#[must_use]
pub fn response(status: u16, body: impl Into<Vec<u8>>) -> Response {
    Response { status, headers: Vec::new(), body: body.into() }
}

/// A native answer of JSON; `null` is an answer without a body.
#[must_use]
pub fn json(status: u16, body: &Value) -> Response {
    response(status, if body.is_null() { String::new() } else { body.to_string() })
}

/// A plugin and the account that it is tried with.
#[derive(Debug)]
pub struct Tester<P> {
    account: Account,
    plugin: PhantomData<P>,
}

/// What came of a request.
#[derive(Debug)]
pub struct Played {
    /// Every native exchange, in order.
    pub exchanges: Vec<Exchange>,
    /// The answer or the refusal.
    pub end: Result<Step, Error>,
}

impl<P: Plugin> Tester<P> {
    /// The plugin with an account of these settings.
    #[must_use]
    pub fn new(settings: &[(&str, &str)]) -> Self {
        Self { account: account(settings), plugin: PhantomData }
    }

    /// The first exchange of a request.
    ///
    /// # Errors
    /// As [`Plugin::map_request`].
    pub fn map(&self, request: &Request) -> Result<Exchange, Error> {
        P::map_request(&self.account, request)
    }

    /// What follows from the answer to an exchange without a state.
    ///
    /// # Errors
    /// As [`Plugin::map_response`].
    pub fn answer(&self, request: &Request, status: u16, body: impl Into<Vec<u8>>) -> Result<Step, Error> {
        self.answer_to(request, &[], &response(status, body))
    }

    /// What follows from an answer to an exchange that had this state.
    ///
    /// # Errors
    /// As [`Plugin::map_response`].
    pub fn answer_to(&self, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
        P::map_response(&self.account, request, state, response)
    }

    /// A whole request: one native answer for each exchange, neither more nor fewer.
    #[track_caller]
    pub fn play(&self, request: &Request, answers: impl IntoIterator<Item = Response>) -> Played {
        let mut next = self.map(request).unwrap_or_else(|error| panic!("it is refused: {error:?}"));
        let (mut exchanges, mut answers) = (Vec::new(), answers.into_iter());
        loop {
            let Some(answer) = answers.next() else { panic!("it goes on with {next:?}") };
            let step = self.answer_to(request, state(&next), &answer);
            exchanges.push(next);
            match step {
                Ok(Step::Send(exchange)) => next = *exchange,
                end => {
                    assert_eq!(answers.count(), 0, "answers are left when it ends with {end:?}");
                    return Played { exchanges, end };
                }
            }
        }
    }
}

/// What an exchange tells the next.
#[must_use]
pub fn state(exchange: &Exchange) -> &[u8] {
    &exchange.state
}

/// The one object of an answer.
#[must_use]
#[track_caller]
pub fn item(step: Result<Step, Error>) -> Item {
    match step {
        Ok(Step::Finish(Answer::Item(item), _)) => item,
        other => panic!("it is no object: {other:?}"),
    }
}

/// Part of a list.
#[derive(Debug)]
#[allow(missing_docs, reason = "as in Answer::Page")]
pub struct Listed {
    pub items: Vec<Item>,
    pub next_cursor: Option<String>,
    pub prev_cursor: Option<String>,
}

impl Listed {
    /// The ids of the objects.
    #[must_use]
    #[track_caller]
    pub fn ids(&self) -> Vec<String> {
        let id = |item: &Item| item.body.get("id").and_then(value::text);
        self.items.iter().map(|item| id(item).unwrap_or_else(|| panic!("it has no id: {item:?}"))).collect()
    }
}

/// The part of a list that an answer is.
#[must_use]
#[track_caller]
pub fn page(step: Result<Step, Error>) -> Listed {
    match step {
        Ok(Step::Finish(Answer::Page { items, next_cursor, prev_cursor }, _)) => Listed { items, next_cursor, prev_cursor },
        other => panic!("it is no part of a list: {other:?}"),
    }
}

/// The provider's error.
#[must_use]
#[track_caller]
pub fn rejection(step: Result<Step, Error>) -> Rejection {
    match step {
        Err(Error::Rejected(rejection)) => rejection,
        other => panic!("it is not rejected: {other:?}"),
    }
}

/// The paths of the fields for which a request is refused.
#[must_use]
#[track_caller]
pub fn at_fault<T: Debug>(result: Result<T, Error>) -> Vec<String> {
    match result {
        Err(Error::Invalid(fields)) => fields.into_iter().map(|field| field.path).collect(),
        other => panic!("it is not refused for its fields: {other:?}"),
    }
}

/// Follows a list to its end and gives the ids of every page. `answer` is the answer to a
/// request with this cursor; the first has none. Where a page has a cursor of the page
/// before it, that one is asked for too, and must be the page that was there.
#[must_use]
#[track_caller]
pub fn walk(mut answer: impl FnMut(Option<&str>) -> Result<Step, Error>) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (Vec::new(), None::<String>);
    while pages.len() < MOST_PAGES {
        let listed = page(answer(cursor.as_deref()));
        if let Some(previous) = &listed.prev_cursor {
            assert_eq!(Some(&page(answer(Some(previous))).ids()), pages.last(), "the page before {cursor:?}");
        }
        pages.push(listed.ids());
        cursor = listed.next_cursor;
        if cursor.is_none() {
            return pages;
        }
    }
    panic!("the list has no end");
}

/// Checks that a manifest has the plugin's name and version: those of its package, for
/// example. A folder (`env!("CARGO_MANIFEST_DIR")`) stands for its name.
#[track_caller]
pub fn check_manifest<P: Plugin>(name: &str, version: &str) {
    let manifest: Value = serde_json::from_str(P::MANIFEST).unwrap_or_else(|error| panic!("the manifest is not JSON: {error}"));
    let member = |member: &str| manifest.get(member).and_then(Value::as_str);
    let name = Path::new(name).file_name().and_then(|name| name.to_str());
    assert_eq!((member("name"), member("version")), (name, Some(version)));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Operation, Unified, state};

    const THINGS: Resource = Resource::new("m", "r");

    /// Changes a thing and reads it back; lists 25 things.
    struct Example;

    impl Plugin for Example {
        const MANIFEST: &'static str = r#"{"name":"example","version":"1.2.3"}"#;

        fn map_request(account: &Account, request: &Request) -> Result<Exchange, Error> {
            match request.operation {
                Operation::Delete => Err(Error::field("/id", "stays")),
                _ => Ok(Exchange::patch("update", account.setting("path")).state(state::write(&1)?)),
            }
        }

        fn map_response(_account: &Account, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
            if !response.is_success() {
                return Err(Rejection::of_status(response.status).into());
            }
            match (request.operation, state) {
                (Operation::List, _) => Ok(list(request)),
                (_, b"1") => Ok(Exchange::get("read_back", "/things").state(state::write(&2)?).into()),
                _ => Ok(Unified::of(&response.json()?).take("id", "/id").item("").into()),
            }
        }
    }

    fn list(request: &Request) -> Step {
        let from: u32 = request.cursor().map_or(0, |cursor| cursor.parse().unwrap());
        let items = (from..25).take(10).map(|id| Unified::of(&json!({"id": id})).take("id", "/id").item("")).collect();
        let next_cursor = (from + 10 < 25).then(|| (from + 10).to_string());
        Answer::Page { items, next_cursor, prev_cursor: from.checked_sub(10).map(|from| from.to_string()) }.into()
    }

    fn example() -> Tester<Example> {
        Tester::new(&[("path", "/a")])
    }

    #[test]
    fn a_request_is_played_to_its_end() {
        let played = example().play(&THINGS.update("7", &json!({"name": "x"})), [json(204, &Value::Null), json(200, &json!({"id": 7}))]);
        assert_eq!(played.exchanges, [Exchange::patch("update", "/a").state(*b"1"), Exchange::get("read_back", "/things").state(*b"2")]);
        assert_eq!(item(played.end).body["id"], json!(7));
    }

    #[test]
    #[should_panic(expected = "it goes on with")]
    fn a_request_that_has_no_answer_left_is_a_failure() {
        example().play(&THINGS.get("7"), [response(204, "")]);
    }

    #[test]
    #[should_panic(expected = "answers are left")]
    fn an_answer_that_is_left_is_a_failure() {
        example().play(&THINGS.get("7"), [404, 200].map(|status| response(status, "{}")));
    }

    #[test]
    fn refusals_and_rejections_are_told_apart() {
        assert_eq!(at_fault(example().map(&THINGS.delete("7"))), ["/id"]);
        for (status, class) in ERRORS {
            assert_eq!(rejection(example().answer(&THINGS.get("7"), status, "")).class, class, "{status}");
        }
    }

    #[test]
    fn a_list_is_walked_to_its_end_and_back() {
        let pages = walk(|cursor| example().answer(&THINGS.list(&[("next_cursor", cursor.unwrap_or_default())]), 200, ""));
        assert_eq!(pages.concat(), (0..25).map(|id| id.to_string()).collect::<Vec<_>>());
        assert_eq!(pages.len(), 3);
    }

    #[test]
    #[should_panic(expected = "the page before")]
    fn a_cursor_that_leads_back_to_another_page_is_a_failure() {
        let _ = walk(|cursor| match list(&THINGS.list(&[("next_cursor", cursor.unwrap_or_default())])) {
            Step::Finish(Answer::Page { items, next_cursor, .. }, _) => {
                Ok(Answer::Page { items, next_cursor, prev_cursor: cursor.map(str::to_owned) }.into())
            }
            other => Ok(other),
        });
    }

    #[test]
    #[should_panic(expected = "the list has no end")]
    fn a_list_that_goes_in_circles_is_a_failure() {
        let _ = walk(|_| Ok(Answer::Page { items: vec![], next_cursor: Some("again".to_owned()), prev_cursor: None }.into()));
    }

    #[test]
    fn a_manifest_has_the_name_and_the_version_of_its_package() {
        check_manifest::<Example>("/plugins/example", "1.2.3");
        check_manifest::<Example>("example", "1.2.3");
    }
}
