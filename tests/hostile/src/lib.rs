//! A plugin that breaks every rule, one at a time: the unified `name` says which.
#![allow(clippy::panic, reason = "breaking down is what it is for")]

use patchboard_sdk::{
    Account, Answer, Error, Exchange, FieldError, Operation, Plugin, Rejection, Request, Response, Step, Unified, Warning, segment,
};
use serde_json::json;

/// The plugin.
#[derive(Debug)]
pub struct Hostile;

const MEBIBYTE: usize = 1 << 20;

impl Plugin for Hostile {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(_account: &Account, request: &Request) -> Result<Exchange, Error> {
        if request.operation == Operation::List {
            return Ok(Exchange::get("list", "/things").answers());
        }
        let path = format!("/things/{}", segment(request.id()));
        let good = Exchange::patch("update", path.clone()).json(json!({"name": request.text("name")})).answers();
        Ok(match request.text("name").unwrap_or_default() {
            "trap" => panic!("a plugin that panics"),
            "loop" => forever(),
            "slow" => good.state(count(SLOW).to_le_bytes()),
            "allocate" => allocate(good),
            "recurse" => good.state(recurse(1).to_le_bytes()),
            "absolute" => Exchange::get("anywhere", "https://evil.example/x"),
            "other host" => Exchange::get("anywhere", "//evil.example/x"),
            "user info" => Exchange::get("anywhere", "/@evil.example"),
            "dots" => Exchange::get("anywhere", "/.."),
            "encoded dots" => Exchange::get("anywhere", "/%2e%2E"),
            "backslash" => Exchange::get("anywhere", "/\\evil.example"),
            "query in path" => Exchange::get("anywhere", "/a?b=c"),
            "authorization" => good.header("Authorization", "Bearer stolen"),
            "cookie" => good.header("cookie", "a=b"),
            "host" => good.header("host", "evil.example"),
            "length" => good.header("content-length", "3"),
            "line break" => good.header("x-a", "a\r\nx-b: c"),
            "huge" => good.raw("text/plain", vec![b'x'; 40 * MEBIBYTE]),
            "huge state" => good.state(vec![0; 4 * MEBIBYTE]),
            "huge path" => Exchange::get("anywhere", format!("/{}", "x".repeat(MEBIBYTE))),
            "huge header" => good.header("x-a", "x".repeat(MEBIBYTE)),
            "many headers" => (0..300).fold(good, |exchange, nth| exchange.header(&format!("x-{nth}"), "x")),
            "huge refusal" => return Err(Error::Unsupported("é".repeat(MEBIBYTE))),
            "many fields at fault" => return Err(Error::Invalid(vec![fault("x"); 10_000])),
            "line break in a name" => good.header("x-a\r\nx-b", "c"),
            "undeclared call" => Exchange::patch("nowhere", path),
            "undeclared method" => Exchange::delete("update", path),
            "undeclared path" => Exchange::patch("update", "/others/1"),
            "bad media" => good.raw("text/plain\r\nx: y", vec![b'x']),
            "spoke too soon" => return Err(Rejection::of_status(400).into()),
            "endless" | "fish in state" | "fish in what is known" => Exchange::get("read", path),
            "many warnings" => (0..10_000).fold(good, |exchange, nth| exchange.warning(warning(nth))),
            _ => good,
        })
    }

    fn map_response(_account: &Account, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
        if request.operation == Operation::List {
            return Ok(page(request, response));
        }
        let path = format!("/things/{}", segment(request.id()));
        let native = json!({"id": request.id(), "name": request.text("name")});
        match request.text("name").unwrap_or_default() {
            "endless" => Ok(Exchange::get("read", path).into()),
            "trap after the write" => panic!("a plugin that panics late"),
            "loop after the write" => forever(),
            "write after the answer" => Ok(Exchange::patch("update", path).json(json!({})).into()),
            "foreign fields" => Ok(Unified::of(&native).take("id", "/id").set("colour", Some("red".into())).item("").into()),
            "reference to nowhere" => Ok(Unified::of(&native).take("id", "/id").item("/no/where").into()),
            "reference to the future" => Ok(Unified::of(&native).take("id", "/id").item("").from_exchange(7).into()),
            "etag with a line break" => Ok(Unified::of(&native).take("id", "/id").item("").etag(Some("a\r\nb")).into()),
            "huge rejection" => Err(Rejection::of_status(400).message("é".repeat(MEBIBYTE)).into()),
            fishing if fishing.starts_with("fish") => fish(fishing, request, state, response),
            _ => Ok(Unified::of(&native).take("id", "/id").take("name", "/name").item("").into()),
        }
    }
}

patchboard_sdk::export!(Hostile);

/// All that the provider has said.
fn catch(response: &Response) -> String {
    format!("{} {}", response.header("x-echo").unwrap_or_default(), String::from_utf8_lossy(&response.body))
}

/// Puts what the provider said where somebody may see it.
fn fish(place: &str, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error> {
    let caught = catch(response);
    let path = format!("/things/{}", segment(request.id()));
    let native = json!({"id": request.id(), "name": caught});
    let object = Unified::of(&native).take("id", "/id").take("name", "/name");
    match place {
        "fish in what is unreadable" => Err(Error::Unreadable(caught)),
        "fish in a refusal" => Err(Error::Unsupported(caught)),
        "fish in fields at fault" => Err(Error::Invalid(vec![fault(&caught)])),
        "fish in a rejection" => Err(Rejection::of_status(400).message(caught.clone()).code(Some(&caught)).into()),
        "fish in an etag" => Ok(object.item("").etag(response.header("x-echo")).into()),
        "fish in a native object" => Ok(object.item("").from_exchange(0).into()),
        "fish in a warning" => {
            let warning = Warning { path: "/name".to_owned(), reason: caught.clone(), message: Some(caught) };
            Ok(Step::Finish(Answer::Item(object.item("")), vec![warning]))
        }
        "fish in state" if state.is_empty() => Ok(Exchange::patch("update", path).json(json!({})).state(caught).answers().into()),
        "fish in state" => {
            let kept = json!({"id": "7", "name": String::from_utf8_lossy(state)});
            Ok(Unified::of(&kept).take("id", "/id").take("name", "/name").item("").into())
        }
        "fish in what is known" if state.is_empty() => {
            Ok(Exchange::patch("update", path).json(json!({})).state("written").answers().into())
        }
        "fish in what is known" if state == b"written" => Ok(Exchange::get("read_back", path).state("read").known(object.fields()).into()),
        "fish in what is known" => Err(Error::Unreadable(caught)),
        _ => Ok(object.item("").into()),
    }
}

/// A page of one object that shows the cursor, and a next one that begins where no list does.
fn page(request: &Request, response: &Response) -> Step {
    let native = json!({"id": "7", "name": request.cursor()});
    let items = vec![Unified::of(&native).take("id", "/id").take("name", "/name").item("")];
    let next_cursor = Some(format!("../../?a=b\r\n{}", catch(response)));
    Answer::Page { items, next_cursor, prev_cursor: None }.into()
}

fn fault(text: &str) -> FieldError {
    FieldError { path: format!("/{text}"), message: text.to_owned() }
}

fn warning(nth: u32) -> Warning {
    Warning { path: format!("/field-{nth}"), reason: "un supported\r\n".to_owned(), message: None }
}

/// Steps that take some tens of milliseconds.
const SLOW: u64 = 40_000_000;

fn count(steps: u64) -> u64 {
    (0..steps).fold(1, |sum, step| std::hint::black_box(sum ^ step))
}

fn forever<T>() -> T {
    loop {
        std::hint::spin_loop();
    }
}

fn allocate(exchange: Exchange) -> Exchange {
    let mut hoard = Vec::new();
    for _ in 0..4096 {
        hoard.push(vec![1_u8; MEBIBYTE]);
    }
    exchange.state(vec![u8::from(hoard.len() > 1)])
}

#[allow(unconditional_recursion, reason = "that is the attack")]
fn recurse(depth: u64) -> u64 {
    std::hint::black_box(recurse(std::hint::black_box(depth + 1)) + 1)
}
