//! A plugin that breaks every rule, one at a time: the unified `name` says which.
#![allow(clippy::panic, reason = "breaking down is what it is for")]

use patchboard_sdk::{Account, Error, Exchange, Plugin, Rejection, Request, Response, Step, Unified, Warning, segment};
use serde_json::json;

/// The plugin.
#[derive(Debug)]
pub struct Hostile;

const MEBIBYTE: usize = 1 << 20;

impl Plugin for Hostile {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(_account: &Account, request: &Request) -> Result<Exchange, Error> {
        let path = format!("/things/{}", segment(request.id()));
        let good = Exchange::patch("update", path.clone()).json(json!({"name": request.text("name")})).answers();
        Ok(match request.text("name").unwrap_or_default() {
            "trap" => panic!("a plugin that panics"),
            "loop" => forever(),
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
            "undeclared call" => Exchange::patch("nowhere", path),
            "undeclared method" => Exchange::delete("update", path),
            "undeclared path" => Exchange::patch("update", "/others/1"),
            "bad media" => good.raw("text/plain\r\nx: y", vec![b'x']),
            "spoke too soon" => return Err(Rejection::of_status(400).into()),
            "endless" => Exchange::get("read", path),
            "many warnings" => (0..10_000).fold(good, |exchange, nth| exchange.warning(warning(nth))),
            _ => good,
        })
    }

    fn map_response(_account: &Account, request: &Request, _state: &[u8], response: &Response) -> Result<Step, Error> {
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
            "fishing" => Err(Error::Unreadable(String::from_utf8_lossy(&response.body).into_owned())),
            _ => Ok(Unified::of(&native).take("id", "/id").take("name", "/name").item("").into()),
        }
    }
}

patchboard_sdk::export!(Hostile);

fn warning(nth: u32) -> Warning {
    Warning { path: format!("/field-{nth}"), reason: "un supported\r\n".to_owned(), message: None }
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
