//! What is this version's own between the generated types and the engine's.

use patchboard_gateway::contract::UnifiedRequest;

use super::bindings as wit;
use super::shared::{body, pair, target};

pub(super) fn request(request: &UnifiedRequest) -> wit::UnifiedRequest {
    wit::UnifiedRequest {
        target: target(&request.target),
        params: request.params.iter().map(pair).collect(),
        body: body(request.body.as_ref()),
    }
}
