//! Section 1: every case, played through the engine, against what its author wrote.

mod answer;
pub(crate) mod sent;

use patchboard_gateway::{Problem, Provider};
use serde_json::{Value, json};

use crate::context::{Context, Played};
use crate::report::{Check, Difference, Section};

/// One check for each case.
pub(crate) fn check<P: Provider>(context: &Context<'_, P>) -> Vec<Check> {
    if context.played.is_empty() {
        let none = Difference::new("there is no case: what the plugin does cannot be confirmed", "cases/*.json", "");
        return vec![Check::of(Section::Cases, "there are cases", "", vec![none])];
    }
    context.played.iter().map(case).collect()
}

fn case(played: &Played<'_>) -> Check {
    let exchanges = match played.case.exchanges.len() {
        1 => "1 exchange".to_owned(),
        many => format!("{many} exchanges"),
    };
    let mut differences = sent(played);
    differences.extend(answer::compare(played));
    Check::of(Section::Cases, played.case.name.clone(), exchanges, differences)
}

/// The native requests, in order.
fn sent(played: &Played<'_>) -> Vec<Difference> {
    let expected: Vec<Value> = played.case.exchanges.iter().map(|exchange| sent::expected(&exchange.expect)).collect();
    let by_url = |nth: usize| played.case.exchanges.get(nth).is_some_and(|exchange| exchange.expect.url.is_some());
    let made = played.ran.sent.iter().zip(&played.ran.exchanges).enumerate();
    let found: Vec<Value> = made.map(|(nth, (outbound, exchange))| sent::found(outbound, exchange, by_url(nth))).collect();
    let pairs = (0..expected.len().max(found.len())).map(|nth| (nth, expected.get(nth), found.get(nth)));
    let why = played.ran.reply.as_ref().err();
    pairs.filter(|(_, expected, found)| expected != found).map(|(nth, expected, found)| difference(nth, expected, found, why)).collect()
}

fn difference(nth: usize, expected: Option<&Value>, found: Option<&Value>, why: Option<&Problem>) -> Difference {
    let which = format!("native request {}", nth + 1);
    let call = |value: &Value| value.get("call").and_then(Value::as_str).unwrap_or_default().to_owned();
    let instead = why.map(|problem| json!({"code": problem.code.slug(), "detail": problem.detail})).unwrap_or_default();
    let none = Value::Null;
    let what = match (expected, found) {
        (Some(expected), Some(found)) => format!("{which} ({}): {}", call(found), sent::places(expected, found)),
        (Some(expected), None) => {
            let why = why.map(|problem| format!(": {}", problem.detail)).unwrap_or_default();
            format!("{which} ({}) is not made{why}", call(expected))
        }
        (_, found) => format!("{which} ({}) is made and not expected", found.map(call).unwrap_or_default()),
    };
    Difference::json(what, expected.unwrap_or(&none), found.unwrap_or(&instead))
}
