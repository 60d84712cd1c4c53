//! What a dry run answers: the requests that would be sent, without a secret in them.

use http::HeaderMap;
use serde_json::{Map, Value, json};

use crate::access::Access;
use crate::contract::{Content, NativeRequest, PluginIdentity, Warning};
use crate::manifest::Call;
use crate::prepare::shown_url;
use crate::redact::REDACTED;
use crate::upstream::Outbound;

/// One request as it may be shown.
pub(crate) fn request(call: &Call, native: &NativeRequest, outbound: &Outbound, access: &Access, sent: bool) -> Value {
    json!({
        "call": call.name,
        "method": outbound.method.as_str(),
        "url": shown_url(outbound, access, &native.query),
        "headers": headers(&outbound.headers),
        "body": body(native, outbound),
        "sent": sent,
    })
}

fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let shown = |value: &http::HeaderValue| match value.is_sensitive() {
        true => REDACTED.to_owned(),
        false => String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    headers.iter().map(|(name, value)| (name.to_string(), Value::String(shown(value)))).collect()
}

fn body(native: &NativeRequest, outbound: &Outbound) -> Value {
    match &native.content {
        Content::Empty => Value::Null,
        Content::Json(value) => value.clone(),
        Content::Form(_) | Content::Raw(..) => Value::String(String::from_utf8_lossy(&outbound.body).into_owned()),
    }
}

/// The whole report. `complete` is false when later calls depend on an answer.
pub(crate) fn report(requests: Vec<Value>, complete: bool, warnings: &[Warning], plugin: &PluginIdentity) -> Value {
    json!({
        "dry_run": true,
        "complete": complete,
        "requests": requests,
        "warnings": warnings.iter().map(warning).collect::<Vec<_>>(),
        "plugin": {"name": plugin.name, "version": plugin.version, "digest": plugin.digest},
    })
}

fn warning(warning: &Warning) -> Value {
    let mut members = Map::new();
    members.insert("path".to_owned(), json!(warning.path));
    members.insert("reason".to_owned(), json!(warning.reason));
    if let Some(message) = &warning.message {
        members.insert("message".to_owned(), json!(message));
    }
    Value::Object(members)
}
