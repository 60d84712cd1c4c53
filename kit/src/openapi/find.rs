//! The operation of a description that a native request is.

use patchboard_gateway::contract::NativeRequest;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::Description;

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "options", "head"];

/// An operation with the values of the path's parameters.
pub(super) struct Operation<'d> {
    pub(super) item: &'d Map<String, Value>,
    pub(super) operation: &'d Map<String, Value>,
    pub(super) path: Vec<(String, String)>,
}

pub(super) enum Found<'d> {
    Operation(Operation<'d>),
    /// The path is there, the method is not.
    OtherMethods(Vec<&'static str>),
    Nothing,
}

/// Finds by the path below the base URL, then by the whole path without that of a server.
pub(super) fn find<'d>(description: &'d Description, native: &NativeRequest, base: &str) -> Found<'d> {
    let whole = format!("{base}{}", native.path);
    let mut paths = vec![native.path.clone(), whole.clone()];
    paths.extend(servers(description).iter().filter_map(|server| whole.strip_prefix(server.as_str())).map(str::to_owned));
    let mut other = Found::Nothing;
    for path in paths {
        match by_path(description, &path, &native.method) {
            found @ Found::Operation(_) => return found,
            found @ Found::OtherMethods(_) => other = found,
            Found::Nothing => {}
        }
    }
    other
}

/// The paths of the servers' URLs.
fn servers(description: &Description) -> Vec<String> {
    let servers = description.document.get("servers").and_then(Value::as_array).into_iter().flatten();
    let urls = servers.filter_map(|server| server.get("url").and_then(Value::as_str));
    let path = |url: &str| {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        rest.find('/').and_then(|at| rest.get(at..)).map(|path| path.trim_end_matches('/').to_owned())
    };
    urls.filter_map(path).filter(|path| !path.is_empty()).collect()
}

fn by_path<'d>(description: &'d Description, path: &str, method: &str) -> Found<'d> {
    let paths = description.document.get("paths").and_then(Value::as_object).into_iter().flatten();
    let mut fitting: Vec<_> =
        paths.filter_map(|(template, item)| Some((fits(template, path)?, description.resolve(item).as_object()?))).collect();
    // A path without parameters goes before one with them.
    fitting.sort_by_key(|(parameters, _)| parameters.len());
    let mut methods = Vec::new();
    for (parameters, item) in fitting {
        match item.get(&method.to_ascii_lowercase()).and_then(Value::as_object) {
            Some(operation) => return Found::Operation(Operation { item, operation, path: parameters }),
            None => methods.extend(METHODS.into_iter().filter(|method| item.contains_key(*method))),
        }
    }
    if methods.is_empty() { Found::Nothing } else { Found::OtherMethods(methods) }
}

/// The values of a template's parameters, where a path fits it.
fn fits(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (wanted, given): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    if wanted.len() != given.len() {
        return None;
    }
    let segments = wanted.iter().zip(given).map(|(wanted, given)| segment(wanted, given));
    Some(segments.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
}

/// One segment: a text, or one parameter with a text before and behind it.
fn segment(wanted: &str, given: &str) -> Option<Option<(String, String)>> {
    let Some((before, rest)) = wanted.split_once('{') else { return (wanted == given).then_some(None) };
    let (name, behind) = rest.split_once('}')?;
    let value = given.strip_prefix(before)?.strip_suffix(behind)?;
    let value = percent_decode_str(value).decode_utf8().ok()?.into_owned();
    (!value.is_empty()).then(|| Some((name.to_owned(), value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_fits_a_template_segment_by_segment() {
        let id = |value: &str| Some(vec![("id".to_owned(), value.to_owned())]);
        assert_eq!(fits("/spaces/{id}", "/spaces/a%2Fb"), id("a/b"));
        assert_eq!(fits("/spaces('{id}')", "/spaces('x')"), id("x"));
        assert_eq!(fits("/spaces/{id}", "/spaces/a/b"), None);
        assert_eq!(fits("/spaces/{id}", "/spaces/"), None);
        assert_eq!(fits("/spaces", "/spaces"), Some(vec![]));
    }
}
