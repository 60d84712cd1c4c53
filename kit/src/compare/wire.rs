//! What a request leads to: the native requests that leave, and the answer.

use std::cell::RefCell;

use http::HeaderMap;
use patchboard_gateway::Provider;
use patchboard_gateway::contract::Exchange;
use patchboard_gateway::model::Models;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::difference;
use crate::Case;
use crate::cases::sent::{found, places};
use crate::native::{by_name, bytes};
use crate::report::Difference;
use crate::rig::{Answers, Ask, Given, Ran, Rig};

/// What can be seen of a request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wire {
    /// The native requests, in order; each names its `call`.
    pub requests: Vec<Value>,
    /// The answer.
    pub answer: Value,
}

/// Plays cases and shows what each leads to, under its name.
pub async fn wires<P: Provider>(provider: &P, models: &Models, cases: &[Case]) -> Vec<(String, Wire)> {
    let rig = Rig::new(provider, models);
    let mut wires = Vec::new();
    for case in cases {
        let ran = rig.run(&Ask::of(case), &ByCall::of(case)).await;
        wires.push((case.name.clone(), Wire::of(&ran)));
    }
    wires
}

/// What differs between the one and the other.
#[must_use]
pub fn between(old: &Wire, new: &Wire) -> Vec<Difference> {
    let count = old.requests.len().max(new.requests.len());
    let pairs = (0..count).map(|nth| (nth, old.requests.get(nth), new.requests.get(nth)));
    let mut differences: Vec<Difference> =
        pairs.filter(|(_, old, new)| old != new).map(|(nth, old, new)| of_request(nth, old, new)).collect();
    let (old, new) = (comparable(&old.answer), comparable(&new.answer));
    if old != new {
        differences.push(difference(format!("the answer: {}", places(&old, &new)), &old, &new));
    }
    differences
}

fn of_request(nth: usize, old: Option<&Value>, new: Option<&Value>) -> Difference {
    let which = format!("native request {}", nth + 1);
    let call = |value: &Value| value.get("call").and_then(Value::as_str).unwrap_or_default().to_owned();
    match (old, new) {
        (Some(old), Some(new)) => difference(format!("{which} ({}): {}", call(new), places(old, new)), old, new),
        (Some(old), None) => difference(format!("{which} ({}) is not made any more", call(old)), old, &Value::Null),
        (_, new) => {
            let new = new.unwrap_or(&Value::Null);
            difference(format!("{which} ({}) is made in addition", call(new)), &Value::Null, new)
        }
    }
}

/// A dry run names the plugin, which is another in any case.
fn comparable(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if answer.pointer("/json/dry_run") == Some(&Value::Bool(true))
        && let Some(members) = answer.get_mut("json").and_then(Value::as_object_mut)
    {
        members.shift_remove("plugin");
    }
    answer
}

impl Wire {
    fn of(ran: &Ran) -> Self {
        let made = ran.sent.iter().zip(&ran.exchanges);
        let requests = made.map(|(outbound, exchange)| found(outbound, exchange, true)).collect();
        let answer = match &ran.reply {
            Ok(replied) => shown(replied.status, &replied.headers, &replied.body),
            Err(problem) => {
                let (status, headers, body) = problem.clone().into_http("kit");
                shown(status.as_u16(), &headers, &body)
            }
        };
        Self { requests, answer }
    }
}

fn shown(status: u16, headers: &HeaderMap, body: &[u8]) -> Value {
    let headers: Vec<(&str, String)> =
        headers.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect();
    let headers = by_name(headers.iter().map(|(name, value)| (*name, value.as_str())));
    let mut shown = Map::from_iter([("status".to_owned(), json!(status)), ("headers".to_owned(), headers.into())]);
    let body = match serde_json::from_slice::<Value>(body) {
        Ok(json) => Some(("json", json)),
        Err(_) if body.is_empty() => None,
        Err(_) => Some(bytes(body)),
    };
    shown.extend(body.map(|(kind, body)| (kind.to_owned(), body)));
    Value::Object(shown)
}

/// The answers of a case: to each call the next that the case has for it. A call that the
/// case does not know gets the next that nobody has asked for.
struct ByCall {
    answers: RefCell<Vec<Option<(String, Given)>>>,
}

impl ByCall {
    fn of(case: &Case) -> Self {
        let answers = case.exchanges.iter().map(|exchange| Some((exchange.expect.call.clone(), Given::from(&exchange.answer))));
        Self { answers: RefCell::new(answers.collect()) }
    }
}

impl Answers for ByCall {
    fn answer(&self, _nth: usize, exchange: &Exchange) -> Option<Given> {
        let mut answers = self.answers.borrow_mut();
        let same = answers.iter().position(|answer| answer.as_ref().is_some_and(|(call, _)| *call == exchange.call));
        let nth = same.or_else(|| answers.iter().position(Option::is_some))?;
        answers.get_mut(nth)?.take().map(|(_, given)| given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(requests: Value, answer: Value) -> Wire {
        Wire { requests: requests.as_array().unwrap().clone(), answer }
    }

    #[test]
    fn what_is_sent_otherwise_more_or_no_more_is_named_with_its_call() {
        let answer = json!({"status": 200});
        let old = wire(json!([{"call": "update", "form": {"title": "x"}}, {"call": "read"}]), answer.clone());
        let new = wire(json!([{"call": "update", "form": {"titel": "x"}}]), answer);
        let what = |old: &Wire, new: &Wire| between(old, new).into_iter().map(|difference| difference.what).collect::<Vec<_>>();
        assert_eq!(
            what(&old, &new),
            [
                "native request 1 (update): /form/titel is not expected, /form/title is missing",
                "native request 2 (read) is not made any more"
            ]
        );
        assert_eq!(what(&new, &old)[1], "native request 2 (read) is made in addition");
        assert_eq!(what(&old, &old), Vec::<String>::new());
    }

    #[test]
    fn the_plugin_that_a_dry_run_names_is_no_difference() {
        let dry = |version: &str, sent: bool| {
            wire(json!([]), json!({"status": 200, "json": {"dry_run": true, "sent": sent, "plugin": {"version": version}}}))
        };
        assert_eq!(between(&dry("1", true), &dry("2", true)), []);
        assert_eq!(between(&dry("1", true), &dry("1", false)).len(), 1);
    }
}
