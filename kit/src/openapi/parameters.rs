//! Parameters of path, query and header against their descriptions.

use std::collections::BTreeMap;

use serde_json::Value;

use super::body::validate;
use super::find::Operation;
use super::{Description, Sent};

/// Headers that a description cannot describe as parameters.
const NOT_PARAMETERS: [&str; 3] = ["accept", "content-type", "authorization"];

pub(super) fn faults(description: &Description, operation: &Operation<'_>, sent: &Sent<'_>) -> Vec<String> {
    let declared = declared(description, operation);
    let mut faults = Vec::new();
    for ((place, name), parameter) in &declared {
        let values = values(operation, sent, place, name);
        let required = parameter.get("required") == Some(&Value::Bool(true));
        let reserved = place == "header" && NOT_PARAMETERS.contains(&name.to_ascii_lowercase().as_str());
        if values.is_empty() && required && !reserved {
            faults.push(format!("the {place} parameter {name} is missing"));
        }
        faults.extend(
            values
                .iter()
                .filter_map(|value| fault(description, parameter, value))
                .map(|why| format!("the {place} parameter {name}: {why}")),
        );
    }
    let known = |name: &str| declared.contains_key(&("query".to_owned(), name.to_owned())) || sent.remote.contains(name);
    let unknown = sent.native.query.iter().filter(|(name, _)| !known(name));
    faults.extend(unknown.map(|(name, _)| format!("the query parameter {name} is not described")));
    faults
}

/// The parameters of the path and of the operation, which go before.
fn declared<'d>(description: &'d Description, operation: &Operation<'d>) -> BTreeMap<(String, String), &'d Value> {
    let all = [operation.item, operation.operation].into_iter().filter_map(|holder| holder.get("parameters").and_then(Value::as_array));
    let mut declared = BTreeMap::new();
    for parameter in all.flatten().map(|parameter| description.resolve(parameter)) {
        let text = |name: &str| parameter.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        declared.insert((text("in"), text("name")), parameter);
    }
    declared
}

fn values(operation: &Operation<'_>, sent: &Sent<'_>, place: &str, name: &str) -> Vec<String> {
    let (pairs, exact) = match place {
        "path" => (&operation.path, true),
        "query" => (&sent.native.query, true),
        "header" => (&sent.native.headers, false),
        _ => return Vec::new(),
    };
    let same = |given: &str| if exact { given == name } else { given.eq_ignore_ascii_case(name) };
    pairs.iter().filter(|(given, _)| same(given)).map(|(_, value)| value.clone()).collect()
}

/// A value fits as a text, or as what the text says.
fn fault(description: &Description, parameter: &Value, value: &str) -> Option<String> {
    let schema = parameter.get("schema")?;
    let as_text = validate(description, schema, &value.into());
    let meant = serde_json::from_str::<Value>(value).unwrap_or_else(|_| value.split(',').map(Value::from).collect());
    if as_text.is_empty() || validate(description, schema, &meant).is_empty() {
        return None;
    }
    as_text.into_iter().next()
}
