//! A unified request against the model and the provider's manifest: what cannot be
//! taken is reported, what is wrong is refused, and only the rest goes on.

use serde_json::{Map, Value};

use crate::contract::{FieldError, Operation, Pair, Target, UnifiedRequest, Warning};
use crate::engine::Parsed;
use crate::json::token;
use crate::manifest::{Field, Manifest, OperationSpec};
use crate::model::Model;
use crate::params::UNIFIED;
use crate::problem::{Code, Phase, Problem};
use crate::route::Route;

/// The provider has no such field or parameter.
pub(crate) const UNSUPPORTED: &str = "unsupported";
/// Nobody has.
pub(crate) const UNKNOWN: &str = "unknown";

/// A request that may be mapped.
pub struct Checked<'m> {
    /// What the plugin gets.
    pub request: UnifiedRequest,
    /// What the operation declares.
    pub spec: &'m OperationSpec,
    /// What was asked for and will not be done.
    pub warnings: Vec<Warning>,
}

/// Checks a request; its fields are taken out of it.
///
/// # Errors
/// 405 for an operation the provider lacks, 422 for fields, 428 for a missing etag, 400
/// for a change of nothing.
pub fn check<'m>(parsed: &mut Parsed, manifest: &'m Manifest, settings: &[Pair]) -> Result<Checked<'m>, Problem> {
    let spec = operation(&parsed.route, manifest, settings)?;
    let mut given = std::mem::take(&mut parsed.change.fields);
    let unnamed = parsed.model.take_unnamed(&mut given);
    let mut errors = parsed.model.check(&given);
    let (mut fields, mut warnings) = split(given, &parsed.model, spec, settings);
    warnings.extend(inside(&unnamed, &fields));
    warnings.extend(params_not_taken(parsed, spec, settings));
    if parsed.params.strict && !warnings.is_empty() {
        return Err(strict(&warnings));
    }
    let told = |error: &FieldError| errors.iter().any(|other| other.path == error.path);
    let wrong: Vec<FieldError> = wrong(&fields, spec, settings).into_iter().filter(|error| !told(error)).collect();
    errors.extend(wrong);
    if !errors.is_empty() {
        return Err(invalid(errors));
    }
    let changes = matches!(parsed.route.operation, Operation::Update | Operation::Upsert);
    if changes {
        // No member of it is given, so none changes.
        fields.retain(|_, value| value.as_object().is_none_or(|members| !members.is_empty()));
    }
    if changes && fields.is_empty() && parsed.change.remote_data.is_none() {
        return Err(nothing(&warnings));
    }
    takes_remote(parsed, spec, settings)?;
    let params = params(parsed, spec, settings)?;
    let takes_body = parsed.route.operation.takes_body();
    let target = Target {
        model: parsed.route.model.clone(),
        resource: parsed.route.resource.clone(),
        operation: parsed.route.operation,
        id: parsed.route.id.clone(),
    };
    Ok(Checked { request: UnifiedRequest { target, params, body: takes_body.then_some(fields) }, spec, warnings })
}

/// What the provider declares for an operation.
pub(crate) fn operation<'m>(route: &Route, manifest: &'m Manifest, settings: &[Pair]) -> Result<&'m OperationSpec, Problem> {
    let resource = manifest.resource(&route.model, &route.resource);
    let declared = resource.into_iter().flat_map(|resource| &resource.operations);
    let possible = declared.filter(|(_, spec)| spec.calls.iter().any(|call| call.when.holds(settings)));
    if let Some((_, spec)) = possible.clone().find(|(operation, _)| **operation == route.operation) {
        return Ok(spec);
    }
    let allow: Vec<&str> =
        possible.filter(|(operation, _)| takes_id(**operation) == takes_id(route.operation)).map(|(o, _)| o.method()).collect();
    let what = format!("{} has no operation {} of {}/{}", manifest.title, route.operation, route.model, route.resource);
    Err(Problem::new(Code::OperationNotSupported, what).with_allow(&allow))
}

fn takes_id(operation: Operation) -> bool {
    matches!(operation, Operation::Get | Operation::Update | Operation::Delete)
}

fn field<'m>(spec: &'m OperationSpec, name: &str, settings: &[Pair]) -> Option<&'m Field> {
    spec.fields.iter().find(|field| field.name == name && field.when.holds(settings))
}

/// The fields that the provider takes, and warnings for the others.
fn split(mut given: Map<String, Value>, model: &Model, spec: &OperationSpec, settings: &[Pair]) -> (Map<String, Value>, Vec<Warning>) {
    let mut warnings = Vec::new();
    given.retain(|name, _| {
        let takes = field(spec, name, settings).is_some();
        if !takes {
            warnings.push(Warning::new(pointer(name), if model.has(name) { UNSUPPORTED } else { UNKNOWN }));
        }
        takes
    });
    (given, warnings)
}

/// Places inside of fields that are told; whoever has more has made one mistake many times.
const MAX_INSIDE: usize = 100;

/// Warnings for what was inside of the fields that the provider takes.
fn inside(unnamed: &[String], fields: &Map<String, Value>) -> Vec<Warning> {
    if unnamed.is_empty() {
        return Vec::new();
    }
    let taken: Vec<String> = fields.keys().map(|name| format!("{}/", pointer(name))).collect();
    let of_taken = |place: &&String| taken.iter().any(|field| place.starts_with(field));
    unnamed.iter().filter(of_taken).take(MAX_INSIDE).map(|place| Warning::new(place, UNKNOWN)).collect()
}

fn pointer(name: &str) -> String {
    format!("/{}", token(name))
}

fn params_not_taken(parsed: &Parsed, spec: &OperationSpec, settings: &[Pair]) -> Vec<Warning> {
    let takes = |name: &str| spec.params.iter().any(|param| param.name == name && param.when.holds(settings));
    let others = parsed.params.others.iter().map(|(name, _)| name).filter(|name| !takes(name));
    let unknown = others.chain(&parsed.params.unknown).map(|name| {
        let reason = if UNIFIED.contains(&name.as_str()) { UNSUPPORTED } else { UNKNOWN };
        Warning::new(format!("?{name}"), reason)
    });
    let etag = parsed.params.etag.iter().filter(|_| !takes("etag")).map(|_| Warning::new("?etag", UNSUPPORTED));
    unknown.chain(etag).collect()
}

/// The refusal of what would be left out.
pub(crate) fn strict(warnings: &[Warning]) -> Problem {
    let errors = warnings.iter().map(|w| FieldError { path: w.path.clone(), message: w.reason.clone() }).collect();
    let names: Vec<&str> = warnings.iter().take(10).map(Warning::name).collect();
    Problem::new(Code::FieldNotSupported, format!("strict: the provider does not take {}", names.join(", "))).with_errors(errors)
}

/// Every value that the manifest does not accept.
fn wrong(fields: &Map<String, Value>, spec: &OperationSpec, settings: &[Pair]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (name, value) in fields {
        let refusal = field(spec, name, settings).and_then(|field| refusal(field, value));
        errors.extend(refusal.map(|message| FieldError { path: pointer(name), message }));
    }
    let given = |field: &&Field| !fields.contains_key(&field.name);
    let missing = spec.fields.iter().filter(|field| field.required && field.when.holds(settings)).filter(given);
    errors.extend(missing.map(|field| FieldError { path: pointer(&field.name), message: "is required by the provider".to_owned() }));
    errors
}

fn refusal(field: &Field, value: &Value) -> Option<String> {
    if value.is_null() {
        return (!field.nullable).then(|| "cannot be cleared at this provider".to_owned());
    }
    let text = value.as_str()?;
    let length = text.chars().count();
    match field {
        Field { values: Some(values), .. } if !values.iter().any(|v| v == text) => Some(format!("must be one of {}", values.join(", "))),
        Field { min_length: Some(min), .. } if length < *min && *min == 1 => Some("must not be empty at this provider".to_owned()),
        Field { min_length: Some(min), .. } if length < *min => Some(format!("must have at least {min} characters at this provider")),
        Field { max_length: Some(max), .. } if length > *max => Some(format!("must have at most {max} characters at this provider")),
        _ => None,
    }
}

fn invalid(errors: Vec<FieldError>) -> Problem {
    let all: Vec<String> = errors.iter().take(10).map(|e| format!("{} {}", e.path, e.message)).collect();
    Problem::new(Code::InvalidField, all.join("; ")).with_errors(errors)
}

fn nothing(warnings: &[Warning]) -> Problem {
    let errors = warnings.iter().map(|w| FieldError { path: w.path.clone(), message: w.reason.clone() }).collect();
    let detail = if warnings.is_empty() {
        "the body changes nothing"
    } else {
        "nothing is left to change: the provider takes none of the fields given"
    };
    Problem::new(Code::NothingToChange, detail).with_errors(errors)
}

/// Whether some call of the operation takes what is meant for the provider.
fn takes_remote(parsed: &Parsed, spec: &OperationSpec, settings: &[Pair]) -> Result<(), Problem> {
    let mut calls = spec.calls.iter().filter(|call| call.when.holds(settings));
    if parsed.change.remote_data.is_some() && !calls.clone().any(|call| call.remote_data.is_some()) {
        return Err(Problem::new(Code::InvalidRemoteData, "the provider takes no remote_data for this operation")
            .with_error("/remote_data", "not taken"));
    }
    if !parsed.params.remote_query.is_empty() && !calls.any(|call| call.remote_query) {
        return Err(Problem::new(Code::InvalidRemoteData, "the provider takes no remote_query for this operation")
            .with_error("?remote_query", "not taken"));
    }
    Ok(())
}

/// The declared parameters that were given.
fn params(parsed: &Parsed, spec: &OperationSpec, settings: &[Pair]) -> Result<Vec<Pair>, Problem> {
    let mut params = Vec::new();
    for param in spec.params.iter().filter(|param| param.when.holds(settings)) {
        let value = match param.name.as_str() {
            "etag" => parsed.params.etag.clone(),
            name => parsed.params.others.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone()),
        };
        if param.name == "limit" {
            value.as_deref().map_or(Ok(()), limit)?;
        }
        match value {
            Some(value) => params.push((param.name.clone(), value)),
            None if param.required => return Err(missing(&param.name)),
            None => {}
        }
    }
    Ok(params)
}

const LIMIT: &str = "must be a whole number from 1 to 4294967295";

fn limit(value: &str) -> Result<(), Problem> {
    match value.parse::<u32>() {
        Ok(1..) if !value.starts_with('+') => Ok(()),
        _ => Err(Problem::new(Code::InvalidParameter, format!("limit {LIMIT}")).at(Phase::Parse).with_error("?limit", LIMIT)),
    }
}

fn missing(param: &str) -> Problem {
    let problem = if param == "etag" {
        Problem::new(
            Code::EtagRequired,
            "the provider needs the version that is changed: give the etag of the last read as ?etag=… or If-Match",
        )
    } else {
        Problem::new(Code::InvalidField, format!("the provider requires the parameter {param}"))
    };
    problem.with_error(format!("?{param}"), "is required by the provider")
}
