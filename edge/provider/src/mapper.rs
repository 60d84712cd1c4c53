//! The plugged-in plugin as the engine's [`Provider`]. A plugin that traps takes this
//! component with it, and the router says so.

use patchboard_gateway::Manifest;
use patchboard_gateway::contract::{Called, Exchange, NativeResponse, Pair, PluginIdentity, Provider, Step, UnifiedRequest};
use patchboard_gateway::manifest::ManifestError;

use crate::{bindings, convert, shared};

/// The plugin.
pub(crate) struct Mapper {
    manifest: Manifest,
    identity: PluginIdentity,
}

impl Mapper {
    /// Asks the plugin what it declares. `digest` is that of its file.
    ///
    /// # Errors
    /// For a plugin that was not admitted.
    pub(crate) fn open(digest: String) -> Result<Self, ManifestError> {
        let manifest = Manifest::admitted(&bindings::describe())?;
        let identity = PluginIdentity { name: manifest.name.clone(), version: manifest.version.clone(), digest };
        Ok(Self { manifest, identity })
    }
}

impl Provider for Mapper {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn identity(&self) -> &PluginIdentity {
        &self.identity
    }

    async fn map_request(&self, settings: &[Pair], request: &UnifiedRequest) -> Called<Exchange> {
        let mapped = bindings::map_request(&shared::account(settings), &convert::request(request));
        mapped.map_or_else(|error| Ok(Err(shared::mapping_error(error))), |exchange| shared::exchange(exchange).map(Ok))
    }

    async fn map_response(&self, settings: &[Pair], request: &UnifiedRequest, state: Vec<u8>, response: &NativeResponse) -> Called<Step> {
        let (account, request, response) = (shared::account(settings), convert::request(request), shared::response(response));
        let mapped = bindings::map_response(&account, &request, &state, &response);
        mapped.map_or_else(|error| Ok(Err(shared::mapping_error(error))), |step| shared::step(step).map(Ok))
    }
}
