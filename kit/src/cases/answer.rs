//! What the caller gets, against what a case expects.

use patchboard_gateway::contract::Answer as Finished;
use patchboard_gateway::{Problem, warning};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use sfv::{BareItem, List, ListEntry, Parser};

use super::sent::places;
use crate::case::Answer;
use crate::context::Played;
use crate::native::bytes;
use crate::report::Difference;
use crate::rig::Replied;

/// The difference, if there is one.
pub(super) fn compare(played: &Played<'_>) -> Option<Difference> {
    let answer = &played.case.answer;
    let found = match &played.ran.reply {
        Ok(replied) => replied_as(replied, answer, played.ran.finished()),
        Err(problem) => problem_as(problem, answer),
    };
    let expected = expected(answer);
    let what = match &played.ran.reply {
        Err(problem) if answer.problem.is_none() => {
            format!("the answer: status {}, not {}: {}: {}", problem.status.as_u16(), answer.status, problem.code.slug(), problem.detail)
        }
        _ => format!("the answer: {}", places(&expected, &found)),
    };
    (expected != found).then(|| Difference::json(what, &expected, &found))
}

fn expected(answer: &Answer) -> Value {
    let headers: Map<String, Value> =
        answer.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone().map_or(Value::Null, Value::from))).collect();
    let mut shown = json!({"status": answer.status, "headers": headers, "warnings": sorted(answer.warnings.clone())});
    if let Some(members) = shown.as_object_mut() {
        members.extend(answer.json.clone().map(|json| ("json".to_owned(), json)));
        members.extend(answer.text.clone().map(|text| ("text".to_owned(), text.into())));
        members.extend(answer.problem.clone().map(|problem| ("problem".to_owned(), problem)));
    }
    shown
}

fn sorted(mut warnings: Vec<(String, String)>) -> Vec<(String, String)> {
    warnings.sort();
    warnings
}

fn named(headers: &http::HeaderMap, answer: &Answer) -> Map<String, Value> {
    let found = |name: &str| headers.get(name).map_or(Value::Null, |v| String::from_utf8_lossy(v.as_bytes()).into_owned().into());
    answer.headers.keys().map(|name| name.to_ascii_lowercase()).map(|name| (name.clone(), found(&name))).collect()
}

fn replied_as(replied: &Replied, answer: &Answer, finished: Option<&Finished>) -> Value {
    let mut shown = json!({
        "status": replied.status,
        "headers": named(&replied.headers, answer),
        "warnings": sorted(warnings(&replied.headers)),
    });
    let json = serde_json::from_slice::<Value>(&replied.body).ok().filter(|_| answer.text.is_none());
    let body = match json {
        Some(json) => Some(("json", opened(json, finished))),
        None if replied.body.is_empty() && answer.text.is_none() => None,
        None => Some(bytes(&replied.body)),
    };
    if let Some(members) = shown.as_object_mut() {
        members.extend(body.map(|(kind, body)| (kind.to_owned(), body)));
    }
    shown
}

fn problem_as(problem: &Problem, answer: &Answer) -> Value {
    let (status, headers, body) = problem.clone().into_http("kit");
    let whole: Value = serde_json::from_slice(&body).unwrap_or_default();
    let shown = answer.problem.as_ref().map_or_else(|| whole.clone(), |wanted| pruned(&whole, wanted));
    json!({"status": status.as_u16(), "headers": named(&headers, answer), "warnings": sorted(answer.warnings.clone()), "problem": shown})
}

/// Only the members that are named on the other side.
fn pruned(value: &Value, wanted: &Value) -> Value {
    match (value, wanted) {
        (Value::Object(members), Value::Object(wanted)) => {
            let named = wanted.iter().filter_map(|(name, wanted)| Some((name.clone(), pruned(members.get(name)?, wanted))));
            named.collect()
        }
        (Value::Array(items), Value::Array(wanted)) if items.len() == wanted.len() => {
            items.iter().zip(wanted).map(|(item, wanted)| pruned(item, wanted)).collect()
        }
        (value, _) => value.clone(),
    }
}

/// A page with the plugin's own cursors instead of the sealed ones.
fn opened(mut json: Value, finished: Option<&Finished>) -> Value {
    let Some(Finished::Page(page)) = finished else { return json };
    for (name, own) in [("next_cursor", &page.next_cursor), ("prev_cursor", &page.prev_cursor)] {
        if let (Some(sealed @ Value::String(_)), Some(own)) = (json.get_mut(name), own) {
            *sealed = own.clone().into();
        }
    }
    json
}

/// Field and reason of every warning.
fn warnings(headers: &http::HeaderMap) -> Vec<(String, String)> {
    let text = headers.get(warning::HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let list: List = Parser::new(text).parse().unwrap_or_default();
    list.iter().filter_map(warning).collect()
}

fn warning(entry: &ListEntry) -> Option<(String, String)> {
    let ListEntry::Item(item) = entry else { return None };
    let name = percent_decode_str(item.bare_item.as_string()?.as_str()).decode_utf8_lossy().into_owned();
    let path = if name.starts_with('?') || name == "*" { name } else { format!("/{name}") };
    let reason = item.params.iter().find(|(key, _)| key.as_str() == "reason").map(|(_, value)| value);
    let reason = match reason? {
        BareItem::Token(token) => token.as_str().to_owned(),
        other => other.as_string()?.as_str().to_owned(),
    };
    Some((path, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_read_from_their_header() {
        let all = [warning::Warning::new("/description", "unsupported"), warning::Warning::new("?foo", "unknown")];
        let headers = [(warning::HEADER, warning::header(&all).unwrap())].into_iter().collect();
        let read = warnings(&headers);
        assert_eq!(read, [("/description".into(), "unsupported".into()), ("?foo".into(), "unknown".into())]);
    }

    #[test]
    fn only_the_members_named_are_compared() {
        let whole = json!({"code": "x", "detail": "y", "errors": [{"path": "/name", "message": "z"}]});
        assert_eq!(pruned(&whole, &json!({"errors": [{"path": ""}]})), json!({"errors": [{"path": "/name"}]}));
        assert_eq!(pruned(&whole, &json!({"remote": {}})), json!({}));
    }
}
