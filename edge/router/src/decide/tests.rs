use std::cell::RefCell;
use std::collections::BTreeMap;

use http::HeaderName;
use http::header::AUTHORIZATION;
use patchboard_edge::records::token_key;
use patchboard_edge::{StoreError, TokenRecord};

use super::*;

struct Memory(RefCell<BTreeMap<String, Vec<u8>>>);

impl KeyValue for Memory {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match key {
            "account:broken" => Err(StoreError::Unavailable("gone".to_owned())),
            _ => Ok(self.0.borrow().get(key).cloned()),
        }
    }

    fn set(&self, _: &str, _: &[u8]) -> Result<(), StoreError> {
        Err(StoreError::Unavailable("read only".to_owned()))
    }

    fn delete(&self, _: &str) -> Result<(), StoreError> {
        Err(StoreError::Unavailable("read only".to_owned()))
    }

    fn keys(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.0.borrow().keys().cloned().collect())
    }
}

fn account(provider: &str, tenant: &str) -> Vec<u8> {
    let record = AccountRecord {
        tenant_id: tenant.to_owned(),
        provider: provider.to_owned(),
        status: "active".to_owned(),
        settings: BTreeMap::new(),
        credential: String::new(),
        updated_at: String::new(),
        last_error: None,
    };
    serde_json::to_vec(&record).unwrap()
}

fn router() -> Router<Memory> {
    let token =
        |tenant: Option<&str>| serde_json::to_vec(&TokenRecord { id: "i".to_owned(), tenant_id: tenant.map(str::to_owned) }).unwrap();
    let values = BTreeMap::from([
        (token_key("all"), token(None)),
        (token_key("t2"), token(Some("t2"))),
        ("account:a".to_owned(), account("wrike", "t1")),
        ("account:m".to_owned(), account("microsoft-365", "t1")),
        ("account:router".to_owned(), account("router", "t1")),
        ("account:self".to_owned(), account("self", "t1")),
        ("account:host".to_owned(), account("x.spin.internal", "t1")),
        ("account:damaged".to_owned(), b"{".to_vec()),
    ]);
    Router {
        records: Records(Memory(RefCell::new(values))),
        models: Models::built_in().unwrap(),
        providers: "microsoft-365, wrike".to_owned(),
        admin_token: Some("admin".to_owned()),
    }
}

fn head(method: Method, path: &str, token: &str, more: &[(&str, &str)]) -> Head {
    let bearer = format!("Bearer {token}");
    let all = [("authorization", bearer.as_str())].into_iter().chain(more.iter().copied());
    let headers = all.map(|(n, v)| (HeaderName::from_bytes(n.as_bytes()).unwrap(), v.parse().unwrap())).collect();
    Head::new(method, path, headers)
}

fn decide(head: &Head) -> Result<Verdict, Refused> {
    router().decide(head, &Trace::of(&head.headers))
}

/// The status of an answer, the code of a refusal, the host that a request goes to.
fn outcome(method: Method, path: &str, token: &str) -> String {
    match decide(&head(method, path, token, &[])) {
        Ok(Verdict::Answer(answer)) => answer.status.as_u16().to_string(),
        Ok(Verdict::Refuse(problem)) => format!("after the body: {}", problem.code.slug()),
        Ok(Verdict::Forward(forward)) => forward.authority,
        Ok(Verdict::Import { prune }) => format!("import, prune {prune}"),
        Err(Refused::Problem(problem)) => problem.code.slug().to_owned(),
        Err(Refused::Store(error)) => error.to_string(),
    }
}

#[test]
fn a_request_goes_to_the_component_of_its_accounts_provider() {
    for (method, path, expected) in [
        (Method::PATCH, "/unified/ticketing/workspaces/1?integrated_account_id=a", "p-wrike.spin.internal"),
        (Method::GET, "//unified/ticketing/workspaces?integrated_account_id=m", "p-microsoft-n365.spin.internal"),
        (Method::GET, "/unified/ticketing/workspaces/meta/update?integrated_account_id=a", "p-wrike.spin.internal"),
        (Method::GET, "/proxy/spaces?integrated_account_id=a", "p-wrike.spin.internal"),
    ] {
        assert_eq!(outcome(method, path, "pb_i_all"), expected, "{path}");
    }
}

#[test]
fn no_account_leads_to_another_kind_of_component() {
    for (account, expected) in
        [("router", "p-router.spin.internal"), ("self", "p-self.spin.internal"), ("host", "after the body: provider_not_loaded")]
    {
        let path = format!("/unified/ticketing/workspaces/1?integrated_account_id={account}");
        assert_eq!(outcome(Method::PATCH, &path, "pb_i_all"), expected);
    }
}

#[test]
fn what_a_body_could_not_change_is_told_at_once() {
    for (method, path, token, expected) in [
        (Method::GET, "/", "pb_i_all", "unknown_route"),
        (Method::GET, "/nothing", "wrong", "unknown_route"),
        (Method::PATCH, "/unified/ticketing/workspaces/1", "wrong", "unauthorized"),
        (Method::GET, "/proxy/x?integrated_account_id=a", "pb_i_wrong", "unauthorized"),
        (Method::GET, "/proxy/x", "pb_i_all", "invalid_parameter"),
        (Method::GET, "/proxy/x?integrated_account_id=none", "pb_i_all", "unknown_account"),
        (Method::GET, "/proxy/x?integrated_account_id=a", "pb_i_t2", "forbidden"),
        (Method::GET, "/unified/ticketing/workspaces/meta/get?integrated_account_id=none", "pb_i_all", "unknown_account"),
        (Method::POST, "/ping", "", "method_not_allowed"),
        (Method::GET, "/integrated-account", "pb_i_all", "not_implemented"),
    ] {
        assert_eq!(outcome(method, path, token), expected, "{path}");
    }
}

#[test]
fn what_a_bad_body_comes_before_waits_for_it() {
    for (method, path, expected) in [
        (Method::PUT, "/unified/ticketing/workspaces/1?integrated_account_id=a", "method_not_allowed"),
        (Method::PATCH, "/unified/none/workspaces/1?integrated_account_id=a", "unknown_model"),
        (Method::PATCH, "/unified/ticketing/workspaces/1", "invalid_parameter"),
        (Method::PATCH, "/unified/ticketing/workspaces/1?integrated_account_id=none", "unknown_account"),
        (Method::PATCH, "/unified/ticketing/workspaces/1?integrated_account_id=../a", "unknown_account"),
    ] {
        assert_eq!(outcome(method, path, "pb_i_all"), format!("after the body: {expected}"), "{path}");
    }
    assert_eq!(outcome(Method::PATCH, "/unified/ticketing/workspaces/1?integrated_account_id=a", "pb_i_t2"), "after the body: forbidden");
}

#[test]
fn a_store_that_fails_is_not_the_callers_fault() {
    let told = outcome(Method::GET, "/unified/ticketing/workspaces?integrated_account_id=broken", "pb_i_all");
    assert_eq!(told, "the key-value store: gone");
    let told = outcome(Method::GET, "/unified/ticketing/workspaces?integrated_account_id=damaged", "pb_i_all");
    assert!(told.contains("account:damaged"), "{told}");
}

#[test]
fn health_needs_no_token() {
    for path in ["/ping", "/healthz", "/readyz", "//ping"] {
        assert_eq!(outcome(Method::GET, path, ""), "200", "{path}");
    }
    let Ok(Verdict::Answer(ready)) = decide(&head(Method::GET, "/readyz", "", &[])) else { panic!("an answer") };
    assert_eq!(ready.body, br#"{"status":"ready","providers":2,"plugins":2,"plugins_refused":0}"#);
}

#[test]
fn the_component_gets_neither_the_token_nor_what_pretends_to_be_spins() {
    let given = [
        ("host", "p-attio.spin.internal"),
        ("spin-path-info", "/x"),
        ("spin-full-url", "http://p-attio.spin.internal/"),
        ("connection", "x-hop"),
        ("x-hop", "1"),
        ("forwarded", "host=p-attio.spin.internal"),
        ("x-forwarded-host", "p-attio.spin.internal"),
        ("if-match", "\"1\""),
        ("x-request-id", "r-1"),
    ];
    let verdict = decide(&head(Method::GET, "/proxy/x?integrated_account_id=a", "pb_i_all", &given));
    let Ok(Verdict::Forward(forward)) = verdict else { panic!("a forward") };
    let mut names: Vec<&str> = forward.headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["if-match", "x-request-id"]);
    assert!(forward.headers.get(AUTHORIZATION).is_none());
}

#[test]
fn a_provider_that_the_manifest_does_not_name_is_still_tried() {
    let known = |id: &str| match decide(&head(Method::GET, &format!("/proxy/x?integrated_account_id={id}"), "pb_i_all", &[])) {
        Ok(Verdict::Forward(forward)) => forward.known,
        other => panic!("{other:?}"),
    };
    assert!(known("a") && !known("router"));
    assert_eq!(router().not_loaded("x").detail, "no plugin for the provider \"x\" is loaded; there is microsoft-365, wrike");
}

#[test]
fn the_import_route_is_for_the_operator_alone() {
    for (method, path, token, expected) in [
        (Method::PUT, "/edge/import", "admin", "import, prune false"),
        (Method::PUT, "/edge/import?prune=true", "admin", "import, prune true"),
        (Method::PUT, "/edge/import?prune=maybe", "admin", "invalid_parameter"),
        (Method::PUT, "/edge/import?purge=true", "admin", "invalid_parameter"),
        (Method::PUT, "/edge/import", "pb_i_all", "unauthorized"),
        (Method::PUT, "/edge/import", "", "unauthorized"),
        (Method::POST, "/edge/import", "admin", "method_not_allowed"),
    ] {
        assert_eq!(outcome(method, path, token), expected, "{path}");
    }
    let closed = Router { admin_token: None, ..router() };
    let head = head(Method::PUT, "/edge/import", "", &[]);
    let Err(Refused::Problem(problem)) = closed.decide(&head, &Trace::of(&head.headers)) else { panic!("a refusal") };
    assert_eq!(problem.status, 403);
}
