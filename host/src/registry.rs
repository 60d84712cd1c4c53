//! The plugins that are loaded: those inside the program, those that were installed from a
//! registry, which win over a bundled one of the same name, and those in the operator's
//! folders, which win over both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use patchboard_gateway::contract::Provider as _;
use patchboard_gateway::{Code, Problem};

use crate::installed::{Component, Policy, Ready};
use crate::runtime::{CompiledCache, Machine, Plugin};

/// The component files inside the program, by file name.
static BUNDLED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// A component that is not loaded.
#[derive(Debug)]
pub struct Refused {
    /// Where it came from.
    pub source: String,
    /// Why, for the operator.
    pub why: String,
}

/// A plugin with where it came from.
#[derive(Debug)]
pub struct Loaded {
    /// `bundled`, its place in a registry, or its file.
    pub source: String,
    /// Who has signed it, for one from a registry.
    pub signer: Option<String>,
    /// The plugin.
    pub plugin: Arc<Plugin>,
}

/// Every plugin, by the provider's name.
#[derive(Debug, Default)]
pub struct Registry {
    /// Those that can be used.
    pub loaded: BTreeMap<String, Loaded>,
    /// Those that cannot.
    pub refused: Vec<Refused>,
}

impl Registry {
    /// Loads the bundled plugins, the installed ones and every `*.wasm` file of the
    /// folders. A file that is no plugin is refused alone; the others are served.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn load(
        machine: &Arc<Machine>,
        folders: &[PathBuf],
        installed: Vec<Component>,
        policy: &Policy,
        cache: Option<&CompiledCache>,
    ) -> io::Result<Self> {
        let mut from_registries = Self::default();
        for Component { file, content } in installed {
            match content {
                Ok(ready) => from_registries.admit_installed(machine, file, &ready, policy, cache),
                Err(why) => from_registries.refuse(file, why),
            }
        }
        let mut own = Self::default();
        for folder in folders {
            for file in components(folder).map_err(|e| io::Error::new(e.kind(), format!("the plugin folder {}: {e}", folder.display())))? {
                let source = file.display().to_string();
                match fs::read(&file) {
                    Ok(bytes) => own.admit(machine, source, &bytes, cache),
                    Err(error) => own.refuse(source, error.to_string()),
                }
            }
        }
        let mut all = Self::default();
        for (name, bytes) in BUNDLED {
            all.admit(machine, format!("bundled {name}"), bytes, cache);
        }
        for winning in [from_registries, own] {
            all.loaded.extend(winning.loaded);
            all.refused.extend(winning.refused);
        }
        Ok(all)
    }

    fn admit(&mut self, machine: &Arc<Machine>, source: String, bytes: &[u8], cache: Option<&CompiledCache>) {
        match Plugin::admit(machine, bytes, cache) {
            Err(error) => self.refuse(source, error.to_string()),
            Ok(plugin) => {
                let name = plugin.identity().name.clone();
                match self.loaded.get(&name) {
                    Some(first) => {
                        let why = format!("the provider {name} is loaded from {} already", first.source);
                        self.refuse(source, why);
                    }
                    None => {
                        self.loaded.insert(name, Loaded { source, signer: None, plugin: Arc::new(plugin) });
                    }
                }
            }
        }
    }

    /// The newest version comes first, and is the one that is loaded.
    fn admit_installed(&mut self, machine: &Arc<Machine>, file: String, ready: &Ready, policy: &Policy, cache: Option<&CompiledCache>) {
        if self.loaded.contains_key(&ready.locked.name) {
            return;
        }
        let admitted = Plugin::admit(machine, &ready.bytes, cache).map_err(|error| error.to_string());
        match admitted.and_then(|plugin| ready.admits(plugin.manifest(), policy).map(|()| plugin)) {
            Err(why) => self.refuse(file, why),
            Ok(plugin) => {
                let loaded = Loaded { source: ready.locked.source.to_string(), signer: ready.signer.clone(), plugin: Arc::new(plugin) };
                self.loaded.insert(ready.locked.name.clone(), loaded);
            }
        }
    }

    fn refuse(&mut self, source: String, why: String) {
        tracing::error!(plugin = source, why, "a plugin is not loaded");
        self.refused.push(Refused { source, why });
    }

    /// The plugin of a provider.
    ///
    /// # Errors
    /// 422 that names the providers there are.
    pub fn find(&self, provider: &str) -> Result<&Arc<Plugin>, Problem> {
        self.loaded.get(provider).map(|loaded| &loaded.plugin).ok_or_else(|| {
            Problem::new(Code::ProviderNotLoaded, format!("no plugin for the provider {provider:?} is loaded; there is {}", self.names()))
        })
    }

    /// The names of the providers, for messages.
    #[must_use]
    pub fn names(&self) -> String {
        self.loaded.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// The bundled plugin of a name.
#[must_use]
pub fn bundled(name: &str) -> Option<&'static [u8]> {
    let file = format!("{name}.wasm");
    BUNDLED.iter().find(|(bundled, _)| *bundled == file).map(|(_, bytes)| *bytes)
}

fn components(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
