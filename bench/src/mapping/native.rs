//! The plugin as a library of this program: what the sandbox costs is what is missing here.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{anyhow, bail, ensure};
use patchboard_plugin_wrike::Wrike;
use patchboard_sdk::{Account, Answer, Exchange, Operation, Plugin as _, Request, Response, Step};
use serde_json::Value;

use super::{BATCH, Count, Time, WARM_UP, check};
use crate::exchange::{CHANGE, NATIVE, SPACE};

/// Times the two calls.
pub(super) fn time(length: Duration) -> anyhow::Result<Time> {
    let (exchange, unified) = once()?;
    let form = form()?;
    check(&form, &unified)?;
    ensure!(exchange == Exchange::put("update_space", format!("/spaces/{SPACE}")).form(form).answers(), "the exchange is {exchange:?}");
    run(WARM_UP)?;
    run(length)
}

fn run(length: Duration) -> anyhow::Result<Time> {
    let mut count = Count::begin(length)?;
    loop {
        for _ in 0..BATCH {
            black_box(once()?);
        }
        if !count.again() {
            return count.end();
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
    let headers = super::sandboxed::answer_headers();
    let response = Response { status: 200, headers, body: black_box(NATIVE).as_bytes().to_vec() };
    match Wrike::map_response(&account, &request, &[], &response) {
        Ok(Step::Finish(Answer::Item(item), _)) => Ok((exchange, Value::Object(item.body).to_string())),
        other => bail!("{other:?}"),
    }
}

/// The form that the exchange has to carry.
fn form() -> anyhow::Result<Vec<(String, String)>> {
    Ok(serde_urlencoded::from_str(crate::exchange::FORM.trim_end())?)
}
