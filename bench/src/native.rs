//! The mapping in native Rust: the plugin's crate in a program of its own. What the
//! sandbox costs is what is missing here. The seconds to measure are its only argument;
//! the answer is one JSON object on standard output.
#![allow(clippy::print_stdout, reason = "this is a command")]

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail, ensure};
use patchboard_bench::paper::{CHANGE, NATIVE, SPACE, native_headers};
use patchboard_bench::timing::{BATCH, Count, WARM_UP};
use patchboard_plugin_wrike::Wrike;
use patchboard_sdk::{Account, Answer, Exchange, Operation, Plugin as _, Request, Response, Step};
use serde_json::{Map, Value};

fn main() -> anyhow::Result<()> {
    let seconds = std::env::args().nth(1).and_then(|text| text.parse().ok()).context("the seconds to measure are missing")?;
    let (exchange, unified) = once()?;
    let fields: Map<String, Value> = serde_json::from_value(serde_json::json!({
        "title": serde_json::from_str::<Value>(CHANGE)?.get("name"),
        "description": serde_json::from_str::<Value>(CHANGE)?.get("description"),
    }))?;
    let form = fields.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
    let expected = Exchange::put("update_space", format!("/spaces/{SPACE}")).form(form.collect()).answers();
    ensure!(exchange == expected, "the exchange is {exchange:?}");
    run(WARM_UP)?;
    let answer = run(Duration::from_secs(seconds))?.end(fields, serde_json::from_str(&unified)?)?;
    println!("{}", serde_json::to_string(&answer)?);
    Ok(())
}

fn run(length: Duration) -> anyhow::Result<Count> {
    let mut count = Count::begin(length)?;
    loop {
        for _ in 0..BATCH {
            black_box(once()?);
        }
        if !count.again() {
            return Ok(count);
        }
    }
}

fn once() -> anyhow::Result<(Exchange, String)> {
    let account = Account { settings: vec![("host".to_owned(), "www.wrike.com".to_owned())] };
    let request = Request {
        model: "ticketing".to_owned(),
        resource: "workspaces".to_owned(),
        operation: Operation::Update,
        id: Some(SPACE.to_owned()),
        params: Vec::new(),
        fields: serde_json::from_str(black_box(CHANGE))?,
    };
    let exchange = Wrike::map_request(&account, &request).map_err(|e| anyhow!("{e:?}"))?;
    let response = Response { status: 200, headers: native_headers(), body: black_box(NATIVE).as_bytes().to_vec() };
    match Wrike::map_response(&account, &request, &[], &response) {
        Ok(Step::Finish(Answer::Item(item), _)) => Ok((exchange, Value::Object(item.body).to_string())),
        other => bail!("{other:?}"),
    }
}
