//! The operations besides the update.

use http::Method;
use patchboard_gateway::contract::{Answer, Called, Content, Item, NativeRef, Page, Step};
use patchboard_gateway::upstream::UpstreamError;
use patchboard_gateway::{Gateway, Limits};
use serde_json::{Value, json};

use crate::script::*;

const LIST: &str = "/unified/ticketing/workspaces";
const ONE: &str = "/unified/ticketing/workspaces/7";

fn asked<'a>(method: Method, path: &'a str, query: &'a str, body: &Value) -> Asked<'a> {
    Asked { method, path, query, body: if body.is_null() { String::new() } else { body.to_string() } }
}

fn item(body: Value, pointer: &str) -> Item {
    Item { body: body.as_object().unwrap().clone(), native: Some(NativeRef { exchange: 0, pointer: pointer.to_owned() }), etag: None }
}

fn page(next: Option<&str>, prev: Option<&str>) -> Called<Step> {
    let items = vec![item(json!({"id": "1"}), "/0"), item(json!({"id": "2"}), "/1")];
    Ok(Ok(Step::Finish(Answer::Page(Page { items, next_cursor: next.map(str::to_owned), prev_cursor: prev.map(str::to_owned) }), vec![])))
}

async fn list(gateway: &Gateway, query: &str, next: Option<&str>, prev: Option<&str>) -> Ran {
    let request = asked(Method::GET, LIST, query, &Value::Null);
    ask(gateway, request, Ok(Ok(plain("list", "GET", "/things"))), vec![page(next, prev)], vec![ok(r#"[{"n":1},{"n":2}]"#)]).await
}

#[tokio::test]
async fn a_list_has_its_objects_each_with_its_native_one_and_sealed_cursors() {
    let gateway = gateway(Limits::default());
    let first = list(&gateway, "limit=2&remote_query[q]=x", Some("page=2"), None).await;
    assert_eq!(first.sent[0].url.query(), Some("q=x"));
    assert_eq!(first.params, [("limit".to_owned(), "2".to_owned())]);
    let body = first.json();
    assert_eq!(body["result"], json!([{"id": "1", "remote_data": {"n": 1}}, {"id": "2", "remote_data": {"n": 2}}]));
    assert_eq!((&body["prev_cursor"], &body["result_count"]), (&Value::Null, &json!(2)));
    let cursor = body["next_cursor"].as_str().unwrap().to_owned();
    assert!(!cursor.contains("page"));
    let second = list(&gateway, &format!("next_cursor={cursor}"), None, Some("page=1")).await;
    assert_eq!(second.params, [("next_cursor".to_owned(), "page=2".to_owned())]);
    assert_eq!((second.json()["next_cursor"].clone(), second.json()["prev_cursor"].is_string()), (Value::Null, true));
}

#[tokio::test]
async fn a_cursor_that_was_changed_and_a_limit_that_is_none_are_refused() {
    let gateway = gateway(Limits::default());
    for query in ["next_cursor=cGFnZT0y", "next_cursor=x", "limit=0", "limit=-1", "limit=many", "limit="] {
        let problem = list(&gateway, query, None, None).await.problem();
        assert_eq!((problem["status"].clone(), problem["code"].clone()), (json!(400), json!("invalid_parameter")), "{query}");
    }
    assert!(list(&gateway, "next_cursor=", None, None).await.params.is_empty(), "an empty cursor is an absent one");
}

#[tokio::test]
async fn a_created_object_is_answered_with_201() {
    let gateway = gateway(Limits::default());
    let mut create = plain("create", "POST", "/things");
    create.request.content = Content::Json(json!({"title": "n"}));
    let body = json!({"name": "n", "remote_data": {"x": 1}});
    let done = Ok(Ok(Step::Finish(Answer::Item(item(json!({"id": "9"}), "")), vec![])));
    let ran = ask(&gateway, asked(Method::POST, LIST, "", &body), Ok(Ok(create.clone())), vec![done], vec![ok("{}")]).await;
    assert_eq!((ran.reply.as_ref().unwrap().status.as_u16(), &ran.sent[0].body[..]), (201, &br#"{"title":"n","x":1}"#[..]));
    let ran = ask(&gateway, asked(Method::POST, LIST, "", &json!({"description": "x"})), Ok(Ok(create)), vec![], vec![]).await;
    assert_eq!((ran.problem()["status"].clone(), ran.problem()["errors"][0]["path"].clone()), (json!(422), json!("/name")));
}

#[tokio::test]
async fn a_created_object_that_cannot_be_read_back_is_answered_with_its_new_id() {
    let gateway = gateway(Limits::default());
    let mut back = plain("back", "GET", "/things/9");
    back.answers = false;
    back.known = json!({"id": "9", "name": "n"}).as_object().cloned();
    let request = asked(Method::POST, LIST, "", &json!({"name": "n"}));
    let answers = vec![ok("{}"), Err(UpstreamError::Timeout)];
    let ran = ask(&gateway, request, Ok(Ok(plain("create", "POST", "/things"))), vec![then(back)], answers).await;
    assert_eq!((ran.reply.as_ref().unwrap().status.as_u16(), ran.json()), (201, json!({"id": "9", "name": "n"})));
}

#[tokio::test]
async fn a_deleted_object_leaves_its_id() {
    let gateway = gateway(Limits::default());
    let done = Ok(Ok(Step::Finish(Answer::Deleted(None), vec![])));
    let request = asked(Method::DELETE, ONE, "", &Value::Null);
    let ran = ask(&gateway, request, Ok(Ok(plain("remove", "DELETE", "/things/7"))), vec![done], vec![ok("")]).await;
    assert_eq!((ran.reply.as_ref().unwrap().status.as_u16(), ran.json()), (200, json!({"id": "7"})));
}

#[tokio::test]
async fn an_answer_of_another_operation_breaks_the_contract() {
    let gateway = gateway(Limits::default());
    let request = asked(Method::GET, ONE, "", &Value::Null);
    let ran = ask(&gateway, request, Ok(Ok(plain("read", "GET", "/things/7"))), vec![page(None, None)], vec![ok("[1,2]")]).await;
    assert_eq!(ran.problem()["code"], "plugin_failed");
}

#[tokio::test]
async fn a_call_that_declares_it_is_asked_once_and_its_answer_used_again() {
    let gateway = gateway(Limits::default());
    let get = || asked(Method::GET, ONE, "", &Value::Null);
    let done = || vec![Ok(Ok(Step::Finish(Answer::Item(item(json!({"id": "7"}), "")), vec![])))];
    let call = || Ok(Ok(plain("read", "GET", "/things/7")));
    let first = ask(&gateway, get(), call(), done(), vec![ok(r#"{"n":1}"#)]).await;
    let again = ask(&gateway, get(), call(), done(), vec![]).await;
    assert_eq!((first.sent.len(), again.sent.len(), first.json() == again.json()), (1, 0, true));
    let failed = ask(
        &gateway,
        asked(Method::GET, "/unified/ticketing/workspaces/8", "", &Value::Null),
        Ok(Ok(plain("read", "GET", "/things/8"))),
        done(),
        vec![Ok((404, http::HeaderMap::new(), "{}"))],
    )
    .await;
    assert_eq!(failed.sent.len(), 1);
}

#[tokio::test]
async fn an_operation_that_the_provider_lacks_names_those_it_has() {
    let gateway = gateway(Limits::default());
    let request = asked(Method::PUT, LIST, "", &json!({"name": "n"}));
    let ran = ask(&gateway, request, Ok(Ok(plain("list", "GET", "/things"))), vec![], vec![]).await;
    let problem = ran.reply.unwrap_err();
    assert_eq!((problem.status.as_u16(), &problem.headers["allow"]), (405, &"GET, POST".parse().unwrap()));
}
