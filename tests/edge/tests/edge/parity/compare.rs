//! Two answers to one request, held against each other.

use std::collections::BTreeMap;

use patchboard_tests::{Reply, Seen};
use serde_json::Value;

use super::list::Request;

/// Headers of the connection, and the clock.
const NOT_COMPARED: [&str; 4] = ["connection", "date", "keep-alive", "transfer-encoding"];
/// What a native request has of its connection.
const NOT_COMPARED_OF_NATIVE: [&str; 2] = ["host", "connection"];

/// What a home did with a request.
#[derive(Debug)]
pub struct Done {
    /// What the caller got.
    pub reply: Reply,
    /// What the provider was asked.
    pub asked: Vec<Seen>,
    /// Answers that it was not asked for.
    pub left: usize,
}

/// A place in which two homes differ: `status`, `header:<name>`, `body`, `asked`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The place.
    pub part: String,
    /// What the server has there.
    pub server: String,
    /// What the edge has there.
    pub edge: String,
}

/// Every difference.
pub fn differences(request: &Request, server: &Done, edge: &Done) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut differ = |part: &str, server: String, edge: String| {
        if server != edge {
            found.push(Difference { part: part.to_owned(), server, edge });
        }
    };
    differ("status", server.reply.status.to_string(), edge.reply.status.to_string());
    let (ours, theirs) = (headers(request, &server.reply), headers(request, &edge.reply));
    let mut names: Vec<&String> = ours.keys().chain(theirs.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let value = |headers: &BTreeMap<String, String>| headers.get(name).cloned().unwrap_or_else(|| "(none)".to_owned());
        // A streamed answer has no length; an edge that knows it may say it.
        if name != "content-length" || (ours.contains_key(name) && theirs.contains_key(name)) {
            differ(&format!("header:{name}"), value(&ours), value(&theirs));
        }
    }
    differ("body", body(request, &server.reply), body(request, &edge.reply));
    differ("asked", asked(&server.asked), asked(&edge.asked));
    differ("left", server.left.to_string(), edge.left.to_string());
    found
}

fn headers(request: &Request, reply: &Reply) -> BTreeMap<String, String> {
    let names = reply.headers.keys().map(|name| name.as_str().to_owned());
    let compared = names.filter(|name| !NOT_COMPARED.contains(&name.as_str()));
    let made = |name: &str| request.made.iter().any(|made| name == format!("x-{}", made.replace('_', "-")));
    let shape = |name: &String| match reply.header(name).unwrap_or_default() {
        value if made(name) => format!("[{} characters]", value.len()),
        value => value,
    };
    compared.map(|name| (name.clone(), shape(&name))).collect()
}

/// The body; what the home makes up only by its length.
fn body(request: &Request, reply: &Reply) -> String {
    let text = String::from_utf8(reply.body.clone()).unwrap_or_else(|_| format!("{:02x?}", reply.body));
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(&text) else { return text };
    let made = request.made.iter().filter_map(|name| members.get(name).and_then(Value::as_str));
    made.fold(text, |text, made| text.replace(made, &format!("[{} characters]", made.len())))
}

fn asked(seen: &[Seen]) -> String {
    let one = |seen: &Seen| {
        let compared = seen.headers.iter().filter(|(name, _)| !NOT_COMPARED_OF_NATIVE.contains(&name.as_str()));
        let mut headers: Vec<String> = compared.map(|(name, value)| format!("{name}: {}", stable(name, value))).collect();
        headers.sort();
        format!("{} {}\n{}\n\n{}", seen.method, seen.target, headers.join("\n"), seen.text())
    };
    seen.iter().map(one).collect::<Vec<_>>().join("\n----\n")
}

/// A trace's span is made up, and so is a trace that nobody gave.
fn stable(name: &str, value: &str) -> String {
    let parts: Vec<&str> = value.split('-').collect();
    match parts[..] {
        [version, trace, _, flags] if name == "traceparent" => {
            let trace = if trace == GIVEN_TRACE { trace } else { "[trace]" };
            format!("{version}-{trace}-[span]-{flags}")
        }
        _ => value.to_owned(),
    }
}

/// The trace that the list gives.
const GIVEN_TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
