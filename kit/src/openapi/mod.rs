//! Section 5: every native request of the cases, against the provider's own description
//! of its API (OpenAPI 3.0 or 3.1, as JSON or YAML).

mod body;
mod convert;
mod find;
mod members;
mod parameters;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use jsonschema::Validator;
use patchboard_gateway::Provider;
use patchboard_gateway::contract::{Content, NativeRequest, Pair};
use serde_json::Value;
use thiserror::Error;

use crate::context::{Context, Played};
use crate::declaration::Found;
use crate::native;
use crate::report::{Check, Difference, Section};

use find::Found as Match;

/// A provider's description of its API.
#[derive(Debug)]
pub struct Description {
    name: String,
    document: Value,
    modern: bool,
    /// Validators by schema: building one takes longer than using it.
    validators: RefCell<HashMap<String, Validator>>,
}

/// A description that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DescriptionError {
    /// Neither JSON nor YAML.
    #[error("{0} is neither JSON nor YAML: {1}")]
    Unreadable(String, String),
    /// Not OpenAPI 3.
    #[error("{0} is no OpenAPI 3 document with paths")]
    NotOpenApi(String),
}

impl Description {
    /// Reads a description.
    ///
    /// # Errors
    /// [`DescriptionError`].
    pub fn parse(name: &str, text: &str) -> Result<Self, DescriptionError> {
        let unreadable = |why: String| DescriptionError::Unreadable(name.to_owned(), why);
        let mut document: Value = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|e| unreadable(e.to_string()))?
        } else {
            serde_saphyr::from_str(text).map_err(|e| unreadable(e.to_string()))?
        };
        let version = document.get("openapi").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !version.starts_with("3.") || !document.get("paths").is_some_and(Value::is_object) {
            return Err(DescriptionError::NotOpenApi(name.to_owned()));
        }
        let modern = !version.starts_with("3.0");
        convert::convert(&mut document, modern);
        Ok(Self { name: name.to_owned(), document, modern, validators: RefCell::default() })
    }

    /// What a reference names, or the value itself.
    fn resolve<'d>(&'d self, value: &'d Value) -> &'d Value {
        let mut value = value;
        // A circle of references ends after some turns.
        for _ in 0..32 {
            let target = value.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'));
            match target.and_then(|pointer| self.document.pointer(pointer)) {
                Some(found) => value = found,
                None => break,
            }
        }
        value
    }
}

/// One native request of a case, complete with what the caller gave for the provider.
struct Sent<'p> {
    native: NativeRequest,
    base: String,
    /// Names that the caller gave in `remote_query` and `remote_data`.
    remote: BTreeSet<&'p str>,
}

/// The check against every description.
pub(crate) fn check<P: Provider>(context: &Context<'_, P>, descriptions: &[Description]) -> Vec<Check> {
    if descriptions.is_empty() {
        return vec![Check::skipped(Section::OpenApi, "native requests are as described", "no description given")];
    }
    let mut found = Found::default();
    let mut left_out = Vec::new();
    for played in &context.played {
        if let Some(why) = &played.case.undescribed {
            left_out.push(Check::skipped(Section::OpenApi, played.case.name.clone(), why.clone()));
            continue;
        }
        for (nth, sent) in sent(played).iter().enumerate() {
            found.looked();
            for fault in faults(sent, descriptions) {
                let what = format!("native request {} of the case \"{}\": {fault}", nth + 1, played.case.name);
                let shown = serde_json::to_string_pretty(&native::request(&sent.native)).unwrap_or_default();
                found.add(Difference::new(what, "a request as described", format!("{fault}\n{shown}")));
            }
        }
    }
    let names: Vec<&str> = descriptions.iter().map(|description| description.name.as_str()).collect();
    let mut checks = vec![found.check(Section::OpenApi, &format!("native requests are as {} says", names.join(", ")), "requests")];
    checks.extend(left_out);
    checks
}

fn sent<'p>(played: &'p Played<'_>) -> Vec<Sent<'p>> {
    let mut remote = BTreeSet::new();
    let request = &played.case.request;
    names(request.query.get("remote_query").or(request.query.get("truto_remote_query")), &mut remote);
    names(request.body.as_ref().and_then(|body| body.get(patchboard_gateway::body::REMOTE_DATA)), &mut remote);
    let made = played.ran.sent.iter().zip(&played.ran.exchanges);
    made.map(|(outbound, exchange)| {
        let asked = &exchange.request;
        let query = outbound.url.query_pairs().filter(|(_, value)| !value.starts_with(crate::rig::SECRET));
        let query: Vec<Pair> = query.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let content = match &asked.content {
            Content::Form(_) => Content::Form(serde_urlencoded::from_bytes(&outbound.body).unwrap_or_default()),
            Content::Raw(media, _) => Content::Raw(media.clone(), outbound.body.to_vec()),
            Content::Empty if outbound.body.is_empty() => Content::Empty,
            Content::Json(_) | Content::Empty => Content::Json(serde_json::from_slice(&outbound.body).unwrap_or_default()),
        };
        let base = outbound.url.path().strip_suffix(asked.path.as_str()).unwrap_or_default().to_owned();
        Sent { native: NativeRequest { query, content, ..asked.clone() }, base, remote: remote.clone() }
    })
    .collect()
}

/// Every name of a member, however deep.
fn names<'v>(value: Option<&'v Value>, found: &mut BTreeSet<&'v str>) {
    match value {
        Some(Value::Object(members)) => {
            for (name, inner) in members {
                found.insert(name);
                names(Some(inner), found);
            }
        }
        Some(Value::Array(items)) => items.iter().for_each(|item| names(Some(item), found)),
        _ => {}
    }
}

/// What is wrong with a request: nothing where one description has it as it is, else the
/// faults by the description that comes closest.
fn faults(sent: &Sent<'_>, descriptions: &[Description]) -> Vec<String> {
    let by_description = descriptions.iter().map(|description| match find::find(description, &sent.native, &sent.base) {
        Match::Operation(operation) => (1, operation_faults(description, &operation, sent)),
        Match::OtherMethods(methods) => {
            (2, vec![format!("the path {} has no method {}; it has {}", sent.native.path, sent.native.method, methods.join(", "))])
        }
        Match::Nothing => (3, vec![format!("no path is described that fits {}", sent.native.path)]),
    });
    let closest = by_description.min_by_key(|(rank, faults)| (*rank, faults.len()));
    closest.map(|(_, faults)| faults).unwrap_or_default()
}

fn operation_faults(description: &Description, operation: &find::Operation<'_>, sent: &Sent<'_>) -> Vec<String> {
    let mut faults = parameters::faults(description, operation, sent);
    faults.extend(body::faults(description, operation, sent));
    faults
}
