//! What is this version's own between the generated types and the engine's.

use patchboard_gateway::contract::UnifiedRequest;

use super::bindings as wit;
use super::shared::{body, pair, target};

const ETAG: &str = "etag";

/// The etag has a field of its own, and is no parameter.
pub(super) fn request(request: &UnifiedRequest) -> wit::UnifiedRequest {
    wit::UnifiedRequest {
        target: target(&request.target),
        params: request.params.iter().filter(|(name, _)| name != ETAG).map(pair).collect(),
        etag: request.params.iter().find(|(name, _)| name == ETAG).map(|(_, value)| value.clone()),
        body: body(request.body.as_ref()),
    }
}

#[cfg(test)]
mod tests {
    use patchboard_gateway::contract::{Operation, Target};

    use super::*;

    #[test]
    fn the_etag_is_a_field_and_no_parameter() {
        let of = |params: &[(&str, &str)]| {
            let target = Target { model: "m".to_owned(), resource: "r".to_owned(), operation: Operation::List, id: None };
            let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let mapped = super::request(&UnifiedRequest { target, params, body: None });
            (mapped.etag, mapped.params.into_iter().map(|param| (param.name, param.value)).collect::<Vec<_>>())
        };
        let limit = vec![("limit".to_owned(), "2".to_owned())];
        assert_eq!(of(&[("etag", "W/\"1\""), ("limit", "2")]), (Some("W/\"1\"".to_owned()), limit.clone()));
        assert_eq!(of(&[("limit", "2")]), (None, limit));
    }
}
