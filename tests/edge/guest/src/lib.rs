//! A component that does what its path says, and answers in text what came of it.
#![cfg(target_arch = "wasm32")]
#![allow(unsafe_code, reason = "the macro of spin-sdk exports functions of C")]
#![allow(clippy::panic, reason = "breaking down is one of the things it is for")]

use std::fmt::Write as _;

use futures_util::SinkExt as _;
use spin_sdk::http::{Fields, IncomingRequest, IncomingResponse, OutgoingResponse, Request, ResponseOutparam};
use spin_sdk::key_value::Store;
use spin_sdk::{http_component, variables};

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    let target = request.path_with_query().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let text = match path.rsplit('/').next().unwrap_or_default() {
        "echo" => echo(&request),
        "body" => request.into_body().await.map_or_else(|error| format!("{error:?}"), |body| body.len().to_string()),
        "send" => send(query).await,
        "variable" => format!("{:?}", variables::get(query)),
        "store" => store(query).unwrap_or_else(|error| format!("{error:?}")),
        "environment" => std::env::var(query).unwrap_or_else(|_| "none".to_owned()),
        "trap" => panic!("a component that panics"),
        "loop" => forever(),
        "silent" => return,
        "late" => return late(out).await,
        other => format!("there is no {other}"),
    };
    answer(out, text.into_bytes()).await;
}

async fn answer(out: ResponseOutparam, body: Vec<u8>) {
    let response = OutgoingResponse::new(Fields::new());
    let _ = out.set_with_body(response, body).await;
}

/// Begins an answer and breaks down.
async fn late(out: ResponseOutparam) {
    let response = OutgoingResponse::new(Fields::new());
    let mut body = response.take_body();
    out.set(response);
    let _ = body.send(b"the first piece".to_vec()).await;
    panic!("a component that panics late");
}

fn echo(request: &IncomingRequest) -> String {
    let mut text = format!("{:?} {:?} {:?}\n", request.method(), request.authority(), request.path_with_query());
    for (name, value) in request.headers().entries() {
        let _ = writeln!(text, "{name}: {}", String::from_utf8_lossy(&value));
    }
    text
}

async fn send(url: &str) -> String {
    match spin_sdk::http::send::<_, IncomingResponse>(Request::get(url)).await {
        Ok(response) => {
            let status = response.status();
            let body =
                response.into_body().await.map_or_else(|error| format!("{error:?}"), |body| String::from_utf8_lossy(&body).into_owned());
            format!("{status} {body}")
        }
        Err(error) => format!("{error:?}"),
    }
}

/// `label/key` gets, `label/key/value` sets, `label/-key` deletes, `label` lists.
fn store(query: &str) -> Result<String, spin_sdk::key_value::Error> {
    let parts: Vec<&str> = query.split('/').collect();
    let store = Store::open(parts.first().unwrap_or(&""))?;
    match parts.get(1..).unwrap_or_default() {
        [key, value] => store.set(key, value.as_bytes()).map(|()| "set".to_owned()),
        [key] => match key.strip_prefix('-') {
            Some(key) => store.delete(key).map(|()| "deleted".to_owned()),
            None => Ok(format!("{} {:?}", store.exists(key)?, store.get(key)?.map(|value| String::from_utf8_lossy(&value).into_owned()))),
        },
        _ => Ok(store.get_keys()?.join(" ")),
    }
}

fn forever<T>() -> T {
    loop {
        std::hint::spin_loop();
    }
}
