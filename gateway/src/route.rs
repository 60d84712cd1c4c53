//! The path of a unified request.

use http::Method;
use percent_encoding::percent_decode_str;

use crate::contract::Operation;
use crate::limits::MAX_ID;
use crate::problem::{Code, Problem};

/// What a method and a path ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// For example `ticketing`.
    pub model: String,
    /// For example `workspaces`.
    pub resource: String,
    /// The object's id, decoded.
    pub id: Option<String>,
    /// What to do.
    pub operation: Operation,
}

/// Reads `/unified/{model}/{resource}[/{id}]`. The path is as it was sent, still
/// percent-encoded. A doubled leading slash is tolerated, because a base URL given
/// with a trailing slash makes one; so are slashes inside the id.
///
/// # Errors
/// 404 for another path, 405 for a method that the path does not have, 400 for an
/// id that cannot be one.
pub fn parse(method: &Method, path: &str) -> Result<Route, Problem> {
    let unknown =
        || Problem::new(Code::UnknownRoute, format!("no route {path}; unified requests go to /unified/{{model}}/{{resource}}/{{id}}"));
    let rest = path.trim_start_matches('/').strip_prefix("unified/").ok_or_else(unknown)?;
    let mut parts = rest.trim_start_matches('/').splitn(3, '/');
    let model = decode(parts.next().unwrap_or_default()).ok_or_else(unknown)?;
    let resource = decode(parts.next().unwrap_or_default()).ok_or_else(unknown)?;
    if model.is_empty() || resource.is_empty() {
        return Err(unknown());
    }
    let id = parts.next().filter(|id| !id.is_empty()).map(id).transpose()?;
    let operation = operation(method, id.is_some())?;
    Ok(Route { model, resource, id, operation })
}

/// Reads `/unified/{model}/{resource}/meta/{method}`, which describes an operation. Any
/// other name behind `meta/` is an id.
#[must_use]
pub fn meta(method: &Method, path: &str) -> Option<Route> {
    if *method != Method::GET {
        return None;
    }
    let route = parse(method, path).ok().filter(|route| route.operation == Operation::Get)?;
    let name = route.id.as_deref()?.strip_prefix("meta/")?;
    let operation = Operation::ALL.into_iter().find(|operation| operation.as_str() == name)?;
    Some(Route { id: None, operation, ..route })
}

fn operation(method: &Method, has_id: bool) -> Result<Operation, Problem> {
    match (method, has_id) {
        (&Method::GET, true) => Ok(Operation::Get),
        (&Method::PATCH, true) => Ok(Operation::Update),
        (&Method::DELETE, true) => Ok(Operation::Delete),
        (&Method::GET, false) => Ok(Operation::List),
        (&Method::POST, false) => Ok(Operation::Create),
        (&Method::PUT, false) => Ok(Operation::Upsert),
        (_, true) => Err(refused(method, &["GET", "PATCH", "DELETE"])),
        (_, false) => Err(refused(method, &["GET", "POST", "PUT"])),
    }
}

fn refused(method: &Method, allow: &[&str]) -> Problem {
    let hint = if *method == Method::PATCH { "; an update needs an id in the path" } else { "" };
    Problem::new(Code::MethodNotAllowed, format!("{method} is not a method of this path{hint}")).with_allow(allow)
}

fn decode(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn id(encoded: &str) -> Result<String, Problem> {
    let refuse = |why: &str| Problem::new(Code::InvalidId, format!("the id in the path {why}")).with_error("/id", why);
    let id = decode(encoded).ok_or_else(|| refuse("is not valid UTF-8"))?;
    match id.as_str() {
        "." | ".." => Err(refuse("must not be a dot segment")),
        _ if id.len() > MAX_ID => Err(refuse(&format!("is longer than {MAX_ID} bytes"))),
        _ if id.chars().any(char::is_control) => Err(refuse("holds a control character")),
        _ => Ok(id),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn update(path: &str) -> Result<Option<String>, (u16, &'static str)> {
        parse(&Method::PATCH, path).map(|route| route.id).map_err(|p| (p.status.as_u16(), p.code.slug()))
    }

    #[test]
    fn an_update_names_model_resource_and_id() {
        let route = parse(&Method::PATCH, "/unified/ticketing/workspaces/a1").unwrap();
        assert_eq!((route.model.as_str(), route.resource.as_str()), ("ticketing", "workspaces"));
        assert_eq!((route.id.as_deref(), route.operation), (Some("a1"), Operation::Update));
    }

    #[test]
    fn ids_hold_slashes_encoded_or_raw_and_any_script() {
        assert_eq!(update("/unified/t/w/a%2Fb"), Ok(Some("a/b".into())));
        assert_eq!(update("/unified/t/w/a/b"), Ok(Some("a/b".into())));
        assert_eq!(update("/unified/t/w/%F0%9F%9A%80"), Ok(Some("\u{1f680}".into())));
        assert_eq!(update("//unified/t/w/x"), Ok(Some("x".into())));
        assert_eq!(update("/unified/t/w/a/../b"), Ok(Some("a/../b".into())));
    }

    #[test]
    fn an_id_that_cannot_be_one_is_refused() {
        let refused = Err((400, "invalid_id"));
        for id in ["..", ".", "%2E%2E", "%2e", "a%0Ab", "a%00", "%ff", &"x".repeat(MAX_ID + 1)] {
            assert_eq!(update(&format!("/unified/t/w/{id}")), refused, "{id}");
        }
        assert!(update(&format!("/unified/t/w/{}", "x".repeat(MAX_ID))).is_ok());
    }

    #[test]
    fn an_operation_is_described_under_its_name() {
        let meta = |path: &str| meta(&Method::GET, path).map(|route| route.operation);
        assert_eq!(meta("/unified/t/w/meta/update"), Some(Operation::Update));
        assert_eq!(meta("/unified/t/w/meta/other"), None);
        assert_eq!(meta("/unified/t/w/update"), None);
        assert_eq!(super::meta(&Method::PATCH, "/unified/t/w/meta/update"), None);
    }

    #[test]
    fn other_paths_and_methods_are_refused() {
        assert_eq!(update("/"), Err((404, "unknown_route")));
        assert_eq!(update("/unified"), Err((404, "unknown_route")));
        assert_eq!(update("/unified/ticketing"), Err((404, "unknown_route")));
        let problem = parse(&Method::PATCH, "/unified/ticketing/workspaces").unwrap_err();
        assert_eq!((problem.status.as_u16(), &problem.headers["allow"]), (405, &"GET, POST, PUT".parse().unwrap()));
        assert_eq!(parse(&Method::TRACE, "/unified/t/w/1").unwrap_err().headers["allow"], "GET, PATCH, DELETE");
    }

    proptest! {
        #[test]
        fn no_path_makes_it_panic(path in "\\PC{0,60}") {
            let _ = parse(&Method::PATCH, &path);
            let _ = parse(&Method::GET, &format!("/unified/{path}"));
        }
    }
}
