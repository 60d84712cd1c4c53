//! The body of a unified write: a merge patch or a JSON Patch, read into one change.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use json_patch::{Patch, PatchOperation};
use serde_json::{Map, Value};

use crate::contract::Operation;
use crate::json::{self, JsonError};
use crate::limits::Limits;
use crate::model::Model;
use crate::problem::{Code, Problem};

/// The media types that a write may have, as `Accept-Patch` lists them.
pub const ACCEPTED: &str = "application/json, application/merge-patch+json, application/json-patch+json";

/// The member of a body that is passed to the provider as it is.
pub const REMOTE_DATA: &str = "remote_data";

/// What a write asks for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Change {
    /// The unified fields that were given; `null` clears.
    pub fields: Map<String, Value>,
    /// Native fields; none when nothing is in it.
    pub remote_data: Option<Value>,
}

enum Media {
    MergePatch,
    JsonPatch,
}

/// Reads a body.
///
/// # Errors
/// 413 over the limit, 415 for another media type, 400 for what is not JSON or not of
/// the form its media type asks for, 422 for a JSON Patch that needs to read first.
pub fn parse(operation: Operation, headers: &HeaderMap, body: &[u8], model: &Model, limits: &Limits) -> Result<Change, Problem> {
    if body.len() > limits.request_body {
        return Err(too_large(limits.request_body));
    }
    if body.is_empty() {
        return Ok(Change::default());
    }
    if !operation.takes_body() {
        return none(operation, body);
    }
    not_encoded(headers)?;
    let media = media(headers)?;
    if matches!(media, Media::JsonPatch) && operation != Operation::Update {
        return Err(Problem::new(
            Code::UnsupportedMediaType,
            format!("a JSON Patch changes an object that is there; {operation} takes application/json"),
        ));
    }
    let value = json::parse(body, limits.json_depth)?;
    let members = match (media, value) {
        (Media::MergePatch, Value::Object(members)) => members,
        (Media::MergePatch, other) => return Err(form("a JSON object of unified fields", &other)),
        (Media::JsonPatch, value @ Value::Array(_)) => from_json_patch(value, model, limits.json_depth)?,
        (Media::JsonPatch, other) => return Err(form("a JSON array of patch operations", &other)),
    };
    Ok(Change::of(members))
}

/// The refusal of a body over the limit, for homes that notice it while reading.
#[must_use]
pub fn too_large(limit: usize) -> Problem {
    Problem::new(Code::BodyTooLarge, format!("the body is larger than {limit} bytes"))
}

/// What is still read of a body over its limit, so that the client is listening when the
/// answer comes.
const DRAIN: usize = 64 << 20;

/// A body that comes in pieces, within its limit.
#[derive(Debug)]
pub struct Gather {
    limit: usize,
    total: usize,
    whole: BytesMut,
}

impl Gather {
    /// At most so many bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, total: 0, whole: BytesMut::new() }
    }

    /// Takes a piece; says whether to go on reading.
    #[must_use]
    pub fn push(&mut self, piece: &[u8]) -> bool {
        self.total = self.total.saturating_add(piece.len());
        if self.total <= self.limit {
            self.whole.extend_from_slice(piece);
        }
        self.total <= DRAIN.max(self.limit)
    }

    /// The whole body.
    ///
    /// # Errors
    /// 413 for one over the limit.
    pub fn finish(self) -> Result<Bytes, Problem> {
        if self.total > self.limit { Err(too_large(self.limit)) } else { Ok(self.whole.freeze()) }
    }
}

/// The refusal of a body that does not arrive, for homes that notice it while reading.
#[must_use]
pub fn too_slow(seconds: u64) -> Problem {
    Problem::new(Code::RequestTimeout, format!("the body did not arrive within {seconds} s"))
}

/// Some clients send an empty object with a DELETE; what is in a body is not dropped.
fn none(operation: Operation, body: &[u8]) -> Result<Change, Problem> {
    match body.trim_ascii() {
        b"" | b"{}" | b"null" => Ok(Change::default()),
        _ => Err(Problem::new(Code::InvalidBody, format!("{operation} takes no body"))),
    }
}

impl Change {
    fn of(mut members: Map<String, Value>) -> Self {
        let remote_data = members.shift_remove(REMOTE_DATA).filter(|value| !holds_nothing(value));
        Self { fields: members, remote_data }
    }
}

fn holds_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// A body is read as it comes.
///
/// # Errors
/// 415 for one that is encoded.
pub fn not_encoded(headers: &HeaderMap) -> Result<(), Problem> {
    let codings = headers.get_all(CONTENT_ENCODING).iter().map(|value| value.to_str().unwrap_or("?"));
    match codings.flat_map(|value| value.split(',')).map(str::trim).find(|coding| !coding.eq_ignore_ascii_case("identity")) {
        None => Ok(()),
        Some(coding) => {
            let why = format!("the content encoding {coding:?} is not taken; send the body as it is");
            Err(Problem::new(Code::UnsupportedMediaType, why).with_header(ACCEPT_ENCODING, "identity"))
        }
    }
}

fn media(headers: &HeaderMap) -> Result<Media, Problem> {
    let mut given = headers.get_all(CONTENT_TYPE).iter();
    let Some(value) = given.next() else { return Ok(Media::MergePatch) };
    if given.any(|other| other != value) {
        return Err(Problem::new(Code::UnsupportedMediaType, "Content-Type is given twice, with different values"));
    }
    let text = value.to_str().unwrap_or_default().to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let charset_ok = parts.filter_map(|part| part.strip_prefix("charset=")).all(|charset| charset.trim_matches('"') == "utf-8");
    match essence {
        "application/json" | "application/merge-patch+json" if charset_ok => Ok(Media::MergePatch),
        "application/json-patch+json" if charset_ok => Ok(Media::JsonPatch),
        _ => Err(Problem::new(Code::UnsupportedMediaType, format!("the content type {text:?} is not taken; send one of {ACCEPTED}"))
            .with_header(HeaderName::from_static("accept-patch"), ACCEPTED)),
    }
}

fn form(expected: &str, found: &Value) -> Problem {
    let kind = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    Problem::new(Code::InvalidBody, format!("the body must be {expected}; it is {kind}"))
}

/// The operations that set or clear a field make the same change as a merge patch.
fn from_json_patch(value: Value, model: &Model, max_depth: usize) -> Result<Map<String, Value>, Problem> {
    let patch: Patch = serde_json::from_value(value)
        .map_err(|e| Problem::new(Code::InvalidBody, format!("the body is not a JSON Patch (RFC 6902): {e}")))?;
    let mut members = Map::new();
    for (index, operation) in patch.0.into_iter().enumerate() {
        let (path, value) = match operation {
            PatchOperation::Add(add) => (add.path, add.value),
            PatchOperation::Replace(replace) => (replace.path, replace.value),
            PatchOperation::Remove(remove) => (remove.path, Value::Null),
            PatchOperation::Test(_) => {
                return Err(inexpressible(index, "`test` needs the current object; compare versions with `etag` instead"));
            }
            PatchOperation::Move(_) | PatchOperation::Copy(_) => {
                return Err(inexpressible(index, "`move` and `copy` need the current object; send the value instead"));
            }
        };
        let tokens: Vec<String> = path.tokens().map(|token| token.decoded().into_owned()).collect();
        // A path makes objects, as deep as it is long.
        if tokens.len().saturating_add(json::depth(&value)) > max_depth {
            return Err(JsonError::TooDeep { limit: max_depth }.into());
        }
        if tokens.iter().any(|token| json::is_reserved(token)) {
            return Err(JsonError::Reserved.into());
        }
        set(&mut members, &tokens, value, model).map_err(|why| inexpressible(index, why))?;
    }
    Ok(members)
}

fn set(members: &mut Map<String, Value>, tokens: &[String], value: Value, model: &Model) -> Result<(), &'static str> {
    match tokens {
        [] => Err("the whole object cannot be replaced; name the fields"),
        [field] => {
            members.insert(field.clone(), value);
            Ok(())
        }
        // A field that the model does not have is reported as a whole.
        [field, inner @ ..] if field == REMOTE_DATA || model.is_object(field) || !model.has(field) => {
            set_inside(members.entry(field.clone()).or_insert_with(|| Value::Object(Map::new())), inner, value)
        }
        _ => Err(ELEMENT),
    }
}

const ELEMENT: &str = "an element of an array cannot be changed without reading it; send the whole array";

/// Sets a member of an object. Names that only an array has are refused: whether there
/// is an array cannot be known without reading. The first name may be a number, because
/// providers number their custom fields.
fn set_inside(target: &mut Value, tokens: &[String], value: Value) -> Result<(), &'static str> {
    let Some((first, rest)) = tokens.split_first() else {
        *target = value;
        return Ok(());
    };
    let element = |token: &String| token == "-" || token.bytes().all(|byte| byte.is_ascii_digit());
    if rest.first().is_some_and(element) {
        return Err(ELEMENT);
    }
    if target.is_null() {
        *target = Value::Object(Map::new());
    }
    match target {
        Value::Object(members) => set_inside(members.entry(first.clone()).or_insert(Value::Null), rest, value),
        _ => Err("an earlier operation of the same patch set a value there that is no object"),
    }
}

fn inexpressible(index: usize, why: &str) -> Problem {
    Problem::new(Code::PatchNotExpressible, format!("operation {index} of the JSON Patch cannot be made here: {why}"))
        .with_error(format!("/{index}"), why)
}

impl From<JsonError> for Problem {
    fn from(error: JsonError) -> Self {
        Self::new(Code::InvalidJson, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::model::Models;

    fn read(content_type: &str, body: &[u8]) -> Result<Change, Problem> {
        let models = Models::built_in().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        parse(Operation::Update, &headers, body, models.get("ticketing", "workspaces").unwrap(), &Limits::default())
    }

    fn refusal(content_type: &str, body: &[u8]) -> (u16, &'static str) {
        let problem = read(content_type, body).unwrap_err();
        (problem.status.as_u16(), problem.code.slug())
    }

    #[test]
    fn a_path_is_no_deeper_than_a_body_may_be() {
        for field in ["custom_fields", "remote_data", "nope"] {
            let patch = |depth: usize, value: &str| {
                let path = format!("/{field}{}", "/a".repeat(depth - 1));
                read(PATCH, format!(r#"[{{"op":"add","path":"{path}","value":{value}}}]"#).as_bytes())
            };
            assert!(patch(64, "1").is_ok() && patch(63, "[1]").is_ok(), "{field}");
            for problem in [patch(65, "1"), patch(64, "[1]"), patch(100_000, "1")] {
                assert_eq!(problem.unwrap_err().code, Code::InvalidJson, "{field}");
            }
        }
    }

    #[test]
    fn a_content_type_that_contradicts_itself_and_an_encoding_are_refused() {
        let models = Models::built_in().unwrap();
        let refused = |name: HeaderName, values: [&'static str; 2]| {
            let headers: HeaderMap = values.map(|value| (name.clone(), HeaderValue::from_static(value))).into_iter().collect();
            let model = models.get("ticketing", "workspaces").unwrap();
            parse(Operation::Update, &headers, b"{\"name\":\"n\"}", model, &Limits::default()).err().map(|problem| problem.status.as_u16())
        };
        assert_eq!(refused(CONTENT_TYPE, ["application/json", "application/json-patch+json"]), Some(415));
        assert_eq!(refused(CONTENT_TYPE, ["application/json", "application/json"]), None);
        assert_eq!(refused(CONTENT_ENCODING, ["identity", "gzip"]), Some(415));
        assert_eq!(refused(CONTENT_ENCODING, ["identity", "Identity"]), None);
    }

    const JSON: &str = "application/json; charset=utf-8";
    const PATCH: &str = "application/json-patch+json";

    #[test]
    fn a_merge_patch_keeps_null_and_parts_from_remote_data() {
        let change = read("application/merge-patch+json", br#"{"name":"x","description":null,"remote_data":{"a":1}}"#).unwrap();
        assert_eq!(Value::Object(change.fields), json!({"name": "x", "description": null}));
        assert_eq!(change.remote_data, Some(json!({"a": 1})));
        for empty in ["{}", "[]", "null"] {
            let body = format!(r#"{{"remote_data":{empty}}}"#);
            assert_eq!(read(JSON, body.as_bytes()).unwrap(), Change::default());
        }
        assert_eq!(read(JSON, b"").unwrap(), Change::default());
    }

    #[test]
    fn a_json_patch_makes_the_same_change() {
        let body = br#"[{"op":"replace","path":"/name","value":"x"},{"op":"remove","path":"/description"},
            {"op":"add","path":"/custom_fields/a~1b","value":[1]},{"op":"add","path":"/remote_data/accessType","value":"Public"}]"#;
        let change = read(PATCH, body).unwrap();
        assert_eq!(Value::Object(change.fields), json!({"name": "x", "description": null, "custom_fields": {"a/b": [1]}}));
        assert_eq!(change.remote_data, Some(json!({"accessType": "Public"})));
    }

    #[test]
    fn a_body_comes_only_with_what_takes_one() {
        let models = Models::built_in().unwrap();
        let model = models.get("ticketing", "workspaces").unwrap();
        let parse = |operation, media: &'static str, body: &[u8]| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, http::HeaderValue::from_static(media))]);
            parse(operation, &headers, body, model, &Limits::default()).map_err(|p| p.status.as_u16())
        };
        assert_eq!(parse(Operation::Delete, JSON, b" {} "), Ok(Change::default()));
        assert_eq!(parse(Operation::Get, JSON, br#"{"a":1}"#), Err(400));
        assert_eq!(parse(Operation::Create, PATCH, b"[]"), Err(415));
        assert!(parse(Operation::Create, JSON, br#"{"name":"x"}"#).is_ok());
    }

    #[test]
    fn a_json_patch_that_needs_a_read_is_refused_with_the_reason() {
        for op in [
            r#"{"op":"test","path":"/name","value":1}"#,
            r#"{"op":"move","from":"/a","path":"/name"}"#,
            r#"{"op":"copy","from":"/a","path":"/name"}"#,
            r#"{"op":"add","path":"/name/0","value":1}"#,
            r#"{"op":"replace","path":"","value":{}}"#,
            r#"{"op":"add","path":"/custom_fields/tags/-","value":1}"#,
            r#"{"op":"add","path":"/remote_data/a/0","value":1}"#,
            r#"{"op":"add","path":"/custom_fields/a","value":[1]},{"op":"add","path":"/custom_fields/a/b","value":1}"#,
        ] {
            assert_eq!(refusal(PATCH, format!("[{op}]").as_bytes()), (422, "patch_not_expressible"), "{op}");
        }
    }

    #[test]
    fn other_bodies_are_refused() {
        assert_eq!(refusal(JSON, b"nope"), (400, "invalid_json"));
        assert_eq!(refusal(JSON, b"[]"), (400, "invalid_body"));
        assert_eq!(refusal(JSON, b"\"x\""), (400, "invalid_body"));
        assert_eq!(refusal(PATCH, b"{}"), (400, "invalid_body"));
        assert_eq!(refusal(PATCH, br#"[{"op":"jump","path":"/a"}]"#), (400, "invalid_body"));
        assert_eq!(refusal(JSON, br#"{"a":1,"a":2}"#), (400, "invalid_json"));
        assert_eq!(refusal(JSON, b"{\"a\":\"\xff\"}"), (400, "invalid_json"));
        assert_eq!(refusal("text/plain", b"{}"), (415, "unsupported_media_type"));
        assert_eq!(refusal("application/json; charset=latin1", b"{}"), (415, "unsupported_media_type"));
        assert_eq!(refusal(JSON, &vec![b' '; (10 << 20) + 1]), (413, "body_too_large"));
    }

    #[test]
    fn a_body_over_its_limit_is_read_on_and_refused() {
        let mut body = Gather::new(4);
        assert!(body.push(b"ab") && body.push(b"cd"));
        assert_eq!(&body.finish().unwrap()[..], b"abcd");
        let mut body = Gather::new(4);
        assert!(body.push(b"abcde") && body.push(b"f"));
        assert!(!body.push(&vec![0; DRAIN]));
        assert_eq!(body.finish().unwrap_err().status, 413);
    }

    proptest! {
        #[test]
        fn no_json_patch_makes_it_panic(path in "(/[a-z~0-9]{0,12}){0,4}", op in "add|remove|replace|move|test") {
            let _ = read(PATCH, json!([{"op": op, "path": path, "from": path, "value": 1}]).to_string().as_bytes());
        }
    }
}
