//! Admitting a plugin: everything about it that takes time or can go wrong is done
//! before the first request needs it.

use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use patchboard_gateway::contract::PluginIdentity;
use patchboard_gateway::manifest::ManifestError;
use patchboard_gateway::{Manifest, PluginFailure};
use patchboard_pack::{Contract, Needs, PackError};
use semver::Version;
use thiserror::Error;
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use super::call::{Place, State};
use super::contract::Prepared;
use super::grant::{Grant, Measured, Size};
use super::machine::Pool;
use super::{CompiledCache, Machine, MachineError};
use crate::digest::Digest;

/// Bytes of a component file: the largest toolchain we know of makes 18 MB.
pub const MAX_FILE: usize = 32 << 20;

/// Reads a component file. One that is too large is not read, and neither is what is no
/// file: a device or a pipe may have no end.
///
/// # Errors
/// When it cannot be read, or is refused.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = fs::metadata(path)?;
    if !file.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let length = usize::try_from(file.len()).unwrap_or(usize::MAX);
    if length > MAX_FILE {
        return Err(io::Error::other(AdmitError::TooLarge(length).to_string()));
    }
    fs::read(path)
}

/// A plugin that can be called.
pub struct Plugin {
    pub(super) pool: Arc<Pool>,
    pub(super) prepared: Prepared,
    pub(super) grant: Grant,
    pub(super) place: Place,
    needs: Needs,
    measured: Measured,
    pub(super) manifest: Manifest,
    described: String,
    pub(super) identity: PluginIdentity,
    version: Version,
    size: usize,
    debug: bool,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// Why a component is not admitted.
#[derive(Debug, Error)]
pub enum AdmitError {
    /// Not a plugin from outside.
    #[error(transparent)]
    Outside(#[from] PackError),
    /// Larger than [`MAX_FILE`].
    #[error("it has {0} bytes; at most {MAX_FILE} are taken")]
    TooLarge(usize),
    /// More than the operator's bounds hold.
    #[error("{0}")]
    TooDemanding(String),
    /// No engine for it.
    #[error(transparent)]
    Machine(#[from] MachineError),
    /// wasmtime does not take it.
    #[error("it cannot be compiled: {0:#}")]
    Compile(wasmtime::Error),
    /// Its types are not those of the contract.
    #[error("it does not fit the contract: {0:#}")]
    Contract(wasmtime::Error),
    /// It did not say what it is.
    #[error("it cannot be described: {0}")]
    Describe(#[from] PluginFailure),
    /// It says something else each time.
    #[error("its manifest changes between calls")]
    Unsteady,
    /// What it says about itself cannot be used.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Its version has no place among others.
    #[error("its version {0:?} is no semantic version: {1}")]
    Version(String, semver::Error),
    /// Made for its author.
    #[error("it is a debug build, which tells mistakes in its code to callers; build it without --debug")]
    Debug,
}

impl Plugin {
    /// Reads, compiles and describes a component.
    ///
    /// # Errors
    /// [`AdmitError`], in words that an operator can act on.
    pub fn admit(machine: &Arc<Machine>, bytes: &[u8], cache: Option<&CompiledCache>) -> Result<Self, AdmitError> {
        if bytes.len() > MAX_FILE {
            return Err(AdmitError::TooLarge(bytes.len()));
        }
        let outside = patchboard_pack::read(bytes)?;
        let contract = outside.contract(machine.bounds.drafts)?;
        let needs = patchboard_pack::needs(bytes)?;
        let size = Size::of(&needs, &machine.bounds).map_err(AdmitError::TooDemanding)?;
        let pool = machine.pool(size)?;
        let digest = Digest::of(bytes).to_string();
        let component = compile(&pool.engine, bytes, &digest, cache)?;
        let linked = Linker::<State>::new(&pool.engine).instantiate_pre(&component).map_err(AdmitError::Contract)?;
        let prepared = Prepared::new(contract, linked).map_err(AdmitError::Contract)?;
        let most = Grant::most(size, &machine.bounds);
        // The first instance pays for what all share, and is asked twice: a home at the edge
        // may ask one more than once. The second is measured.
        let (described, later) = super::call::describe_twice(&pool, &prepared, &most)?.map_err(AdmitError::Contract)?;
        let (again, measured) = super::call::describe(&pool, &prepared, &most)?;
        if described != later || described != again {
            return Err(AdmitError::Unsteady);
        }
        let manifest = Manifest::parse(&described)?;
        let version = Version::parse(&manifest.version).map_err(|e| AdmitError::Version(manifest.version.clone(), e))?;
        let identity = PluginIdentity { name: manifest.name.clone(), version: manifest.version.clone(), digest };
        let grant = Grant::of(size, &measured, &machine.bounds);
        let place = Place::new(&pool);
        let (size, debug) = (bytes.len(), outside.debug);
        Ok(Self { pool, prepared, grant, place, needs, measured, manifest, described, identity, version, size, debug })
    }

    /// Admits a component that others than its author will call.
    ///
    /// # Errors
    /// Those of [`Plugin::admit`], and [`AdmitError::Debug`].
    pub fn admit_to_serve(machine: &Arc<Machine>, bytes: &[u8], cache: Option<&CompiledCache>) -> Result<Self, AdmitError> {
        let plugin = Self::admit(machine, bytes, cache)?;
        if plugin.debug { Err(AdmitError::Debug) } else { Ok(plugin) }
    }

    /// What it may use in one call.
    #[must_use]
    pub fn grant(&self) -> &Grant {
        &self.grant
    }

    /// What one instance of it takes, by its file.
    #[must_use]
    pub fn needs(&self) -> &Needs {
        &self.needs
    }

    /// What it was seen to take when it was described.
    #[must_use]
    pub fn measured(&self) -> &Measured {
        &self.measured
    }

    /// The version of the contract that it is called by.
    #[must_use]
    pub fn contract(&self) -> Contract {
        self.prepared.contract()
    }

    /// The plugin's version.
    #[must_use]
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Bytes of the component.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether it tells mistakes in its code to callers.
    #[must_use]
    pub fn is_debug(&self) -> bool {
        self.debug
    }

    /// The manifest as the plugin wrote it.
    #[must_use]
    pub fn described(&self) -> &str {
        &self.described
    }
}

fn compile(engine: &Engine, bytes: &[u8], digest: &str, cache: Option<&CompiledCache>) -> Result<Component, AdmitError> {
    if let Some(component) = cache.and_then(|cache| cache.load(engine, digest)) {
        return Ok(component);
    }
    if cache.is_some() {
        tracing::info!(digest, bytes = bytes.len(), "a plugin is compiled; the next start takes it from the cache");
    }
    let component = Component::from_binary(engine, bytes).map_err(AdmitError::Compile)?;
    if let Some(cache) = cache {
        cache.keep(engine, digest, &component);
    }
    Ok(component)
}

#[cfg(test)]
mod tests {
    use patchboard_pack::Drafts;

    use super::*;
    use crate::runtime::Bounds;

    fn admit(text: &str) -> String {
        refused(&wat::parse_str(text).unwrap())
    }

    fn refused(bytes: &[u8]) -> String {
        let machine = Arc::new(Machine::new(Bounds::default()).unwrap());
        Plugin::admit(&machine, bytes, None).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_plugin_is_refused_with_what_it_is() {
        assert_eq!(refused(b"MZ"), "it is not a WebAssembly file");
        assert!(admit("(module)").starts_with("it is a core module"));
        assert!(admit("(component)").ends_with("it exports nothing"));
        let import = r#"(component (import "wasi:io/poll@0.2.0" (instance)))"#;
        assert_eq!(admit(import), "it imports wasi:io/poll@0.2.0; a plugin must not import anything");
    }

    #[test]
    fn a_component_with_the_right_name_and_other_types_does_not_fit() {
        let empty = r#"(component (instance $i) (export "patchboard:provider/mapper@0.1.0" (instance $i)))"#;
        assert!(admit(empty).starts_with("it does not fit the contract"));
    }

    #[test]
    fn a_draft_of_the_contract_is_taken_where_the_operator_says_so() {
        let draft = r#"(component (instance $i) (export "patchboard:provider/mapper@0.2.0" (instance $i)))"#;
        assert!(admit(draft).starts_with("it is built for the contract 0.2.0, a draft"));
        let machine = Arc::new(Machine::new(Bounds { drafts: Drafts::Taken, ..Bounds::default() }).unwrap());
        let taken = Plugin::admit(&machine, &wat::parse_str(draft).unwrap(), None).unwrap_err().to_string();
        assert!(taken.starts_with("it does not fit the contract") && taken.contains("@0.2.0"), "{taken}");
    }

    /// A component of the right name with so many core instances.
    fn of_instances(count: usize) -> Vec<u8> {
        let instances = "(core instance (instantiate $m))".repeat(count);
        let text =
            format!(r#"(component (core module $m) {instances} (instance $i) (export "patchboard:provider/mapper@0.1.0" (instance $i)))"#);
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn what_needs_more_than_the_operator_allows_is_refused_before_it_is_compiled() {
        assert_eq!(refused(&of_instances(65)), "it needs 65 core instances; at most 64 are allowed (sandbox.large.core_instances)");
        // What fits comes as far as its types, whichever pool is for it.
        for fits in [4, 5, 64] {
            assert!(refused(&of_instances(fits)).starts_with("it does not fit the contract"), "{fits}");
        }
    }

    #[test]
    fn an_operator_can_refuse_every_large_plugin() {
        let mut bounds = Bounds::default();
        bounds.large.core_instances = 0;
        let machine = Arc::new(Machine::new(bounds).unwrap());
        let error = |count| Plugin::admit(&machine, &of_instances(count), None).unwrap_err().to_string();
        assert!(error(5).contains("at most 0 are allowed"));
        assert!(error(4).starts_with("it does not fit the contract"));
    }

    #[test]
    fn a_file_beyond_the_limit_is_not_even_read() {
        assert!(refused(&vec![0; MAX_FILE + 1]).contains("at most"));
    }
}
