//! What the stand-in does for a component, tried with one that does what its path says.

use std::path::PathBuf;
use std::time::Duration;

use patchboard_tests::{Reply, Stub, answer, raw};
use patchboard_tests_edge::{App, Fault, Options};

/// Two components out of one file: a public one, and a private one that it may call.
const MANIFEST: &str = r#"
spin_manifest_version = 2

[application]
name = "guests"

[variables]
greeting = { required = true }
whom = { default = "world" }

[[trigger.http]]
route = "/open/..."
component = "open"

[[trigger.http]]
route = { private = true }
component = "closed"

[component.open]
source = "guest.wasm"
key_value_stores = ["default"]
allowed_outbound_hosts = ["http://*.spin.internal", "http://127.0.0.1:{{ whom }}"]
environment = { MOOD = "good" }

[component.open.variables]
greeting = "{{ greeting }}, {{whom}}!"

[component.closed]
source = "guest.wasm"
"#;

fn folder() -> PathBuf {
    patchboard_tests::program().parent().unwrap().join("../test-plugins")
}

/// The app, with a port that it may send to.
fn app(port: &str) -> App {
    let options = Options::text(MANIFEST, &folder()).variable("greeting", "hello").variable("whom", port);
    options.deadline(Duration::from_secs(1)).start().unwrap()
}

fn get(app: &App, target: &str) -> Reply {
    raw::exchange(app.address(), &raw::request("GET", target, &[], b""))
}

fn text(app: &App, target: &str) -> String {
    let reply = get(app, target);
    assert_eq!(reply.status, 200, "{target}: {:?}", app.faults());
    reply.text()
}

#[test]
fn a_component_is_told_its_request_and_its_route() {
    let app = app("1");
    let bytes = raw::request("PATCH", "/open/echo?a=%20b", &[("x-own", "1"), ("te", "trailers")], b"");
    let told = raw::exchange(app.address(), &bytes).text();
    assert!(told.starts_with("Method::Patch Some(\"localhost\") Some(\"/open/echo?a=%20b\")\n"), "{told}");
    for line in ["x-own: 1", "spin-path-info: /echo", "spin-matched-route: /open/...", "spin-component-route: /open", "spin-base-path: /"] {
        assert!(told.lines().any(|told| told == line), "{line}: {told}");
    }
    assert!(told.contains("spin-full-url: http://localhost/open/echo?a=%20b") && told.contains("spin-client-addr: 127.0.0.1:"), "{told}");
}

#[test]
fn a_path_without_a_route_is_an_empty_404_and_spins_own_paths_are_its_own() {
    let app = app("1");
    for target in ["/", "/other", "/closed", "/.well-known/spin/nothing"] {
        assert_eq!((get(&app, target).status, get(&app, target).text().as_str()), (404, ""), "{target}");
    }
    assert_eq!(get(&app, "/.well-known/spin/health").text(), "OK");
}

#[test]
fn variables_and_environment_are_the_manifests() {
    let app = app("7");
    assert_eq!(text(&app, "/open/variable?greeting"), "Ok(\"hello, 7!\")");
    assert!(text(&app, "/open/variable?whom").contains("Undefined"));
    assert!(text(&app, "/open/variable?No-Name").contains("InvalidName"));
    assert_eq!([text(&app, "/open/environment?MOOD"), text(&app, "/open/environment?HOME")], ["good", "none"]);
}

#[test]
fn the_store_keeps_values_for_those_who_may_open_it() {
    let app = app("1");
    assert_eq!(text(&app, "/open/store?default/a/1"), "set");
    assert_eq!(text(&app, "/open/store?default/b/2"), "set");
    assert_eq!(text(&app, "/open/store?default/a"), "true Some(\"1\")");
    assert_eq!(text(&app, "/open/store?default/-a"), "deleted");
    assert_eq!(text(&app, "/open/store?default/a"), "false None");
    assert_eq!((text(&app, "/open/store?default"), app.store().get("b")), ("b".to_owned(), Some(b"2".to_vec())));
    assert!(text(&app, "/open/store?other/a").contains("AccessDenied"));
    let closed = text(&app, "/open/send?http://closed.spin.internal/store?default/b");
    assert!(closed.starts_with("200 ") && closed.contains("AccessDenied"), "{closed}");
}

#[test]
fn a_store_can_be_out_of_reach_or_full() {
    let app = app("1");
    app.store().put("a", Some(b"1".to_vec()));
    app.store().set_fault(Fault::Full);
    assert!(text(&app, "/open/store?default/b/2").contains("full"));
    assert_eq!(text(&app, "/open/store?default/a"), "true Some(\"1\")");
    app.store().set_fault(Fault::Unreachable);
    assert!(text(&app, "/open/store?default/a").contains("refused"));
    app.store().set_fault(Fault::None);
    assert_eq!(text(&app, "/open/store?default/b/2"), "set");
    let long = "x".repeat(300);
    assert!(text(&app, &format!("/open/store?default/{long}/1")).contains("at most"));
}

#[test]
fn a_component_reaches_the_others_of_its_app_and_what_it_may_and_nothing_else() {
    let stub = Stub::always(answer(201, &[], b"from the stub"));
    let port = stub.address().port();
    let app = app(&port.to_string());
    assert_eq!(text(&app, &format!("/open/send?http://127.0.0.1:{port}/x")), "201 from the stub");
    let seen = stub.one();
    assert_eq!((seen.target.as_str(), seen.header("host")), ("/x", Some(stub.address().to_string().as_str())));
    let inside = text(&app, "/open/send?http://closed.spin.internal/echo");
    assert!(inside.starts_with("200 Method::Get Some(\"closed.spin.internal\") Some(\"/echo\")"), "{inside}");
    assert!(inside.contains("spin-path-info: /echo") && inside.contains("spin-client-addr: 0.0.0.0:0"), "{inside}");
    for url in [
        format!("http://localhost:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        "http://127.0.0.1:2/".to_owned(),
        "http://nobody.spin.internal/".to_owned(),
        "http://closed.spin.internal.evil.example/".to_owned(),
        "http://169.254.169.254/".to_owned(),
    ] {
        assert!(text(&app, &format!("/open/send?{url}")).contains("HttpRequestDenied"), "{url}");
    }
    let denied = text(&app, &format!("/open/send?http://closed.spin.internal/send?http://127.0.0.1:{port}/x"));
    assert!(denied.contains("HttpRequestDenied"), "what one component may do, another may not: {denied}");
    assert_eq!(stub.seen().len(), 1);
}

#[test]
fn a_provider_that_is_not_there_is_told_from_one_that_speaks_no_http() {
    let stub = Stub::always(b"SSH-2.0\r\n".to_vec());
    let app = app(&stub.address().port().to_string());
    assert!(text(&app, &format!("/open/send?{}/x", stub.origin())).contains("HttpProtocolError"));
    let origin = stub.origin();
    stub.close();
    assert!(text(&app, &format!("/open/send?{origin}/x")).contains("ConnectionRefused"));
}

#[test]
fn a_private_component_is_not_reached_from_outside_whatever_the_request_says() {
    let app = app("1");
    let send = |bytes: &[u8]| raw::exchange(app.address(), bytes);
    let host = b"GET /echo HTTP/1.1\r\nhost: closed.spin.internal\r\nconnection: close\r\n\r\n";
    assert_eq!(send(host).status, 404);
    let absolute = b"GET http://closed.spin.internal/echo HTTP/1.1\r\nhost: closed.spin.internal\r\nconnection: close\r\n\r\n";
    assert_eq!(send(absolute).status, 404);
    // On a public path the host is taken away, and what is left of the request is served.
    let public = b"GET http://closed.spin.internal/open/echo HTTP/1.1\r\nhost: closed.spin.internal\r\nconnection: close\r\n\r\n";
    let told = send(public).text();
    assert!(told.contains("spin-component-route: /open"), "{told}");
}

#[test]
fn a_component_that_breaks_down_costs_its_own_request_an_empty_500() {
    let app = app("1");
    for (target, why) in [("/open/trap", "unreachable"), ("/open/loop", "deadline"), ("/open/silent", "prior to returning")] {
        let reply = get(&app, target);
        assert_eq!((reply.status, reply.text().as_str()), (500, ""), "{target}");
        let faults = app.faults();
        assert!(faults.last().unwrap().starts_with("open: ") && faults.last().unwrap().contains(why), "{target}: {faults:?}");
        assert_eq!(text(&app, "/open/environment?MOOD"), "good");
    }
    // Inside the app the caller gets the 500 and may make something of it.
    assert_eq!(text(&app, "/open/send?http://closed.spin.internal/trap"), "500 ");
}

#[test]
fn a_component_that_breaks_down_late_cuts_its_answer_short() {
    let app = app("1");
    // As in Spin: without a length in its head, nobody can tell such an answer from a whole one.
    let reply = get(&app, "/open/late");
    assert_eq!((reply.status, reply.text().as_str()), (200, "the first piece"));
    let fault = patchboard_tests::eventually("the fault is kept", || app.faults().pop());
    assert!(fault.contains("after the response started"), "{fault}");
}

#[test]
fn a_body_of_any_length_reaches_the_component_whole() {
    let app = app("1");
    for length in [0, 1, 70_000, 12 << 20] {
        let body = vec![b'x'; length];
        assert_eq!(raw::exchange(app.address(), &raw::request("POST", "/open/body", &[], &body)).text(), length.to_string());
        assert_eq!(raw::exchange(app.address(), &raw::chunked("POST", "/open/body", &[], &body)).text(), length.to_string());
    }
}

#[test]
fn a_header_that_is_not_utf8_is_an_empty_500_as_in_spin() {
    let app = app("1");
    let reply = raw::exchange(app.address(), b"GET /open/echo HTTP/1.1\r\nhost: x\r\nx-a: \xff\r\nconnection: close\r\n\r\n");
    assert_eq!((reply.status, reply.text().as_str()), (500, ""));
}

#[test]
fn many_requests_at_once_each_have_an_instance() {
    let app = app("1");
    std::thread::scope(|scope| {
        for n in 0..32 {
            let app = &app;
            scope.spawn(move || assert_eq!(text(app, &format!("/open/store?default/{n}/{n}")), "set"));
        }
    });
    assert_eq!(app.store().keys().len(), 32);
}
