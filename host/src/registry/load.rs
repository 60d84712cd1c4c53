//! Making a registry out of the places where plugins are.
//!
//! The places are ranked: files named by hand, the operator's folders, what was installed
//! from registries, the plugins inside the program. Of the same name and version, the higher rank wins; inside one rank, other
//! bytes under the same name and version are refused. `docs/decisions/plugin-folders.md`
//! says why.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use patchboard_gateway::contract::Provider as _;
use patchboard_gateway::model::Models;
use thiserror::Error;

use super::trial::try_out;
use super::{Loaded, Refused, Registry};
use crate::digest::Digest;
use crate::installed::{self, Component, Policy, Ready};
use crate::models::{Known, ModelsError, served};
use crate::runtime::{CompiledCache, Machine, Plugin, admit};

/// The component files inside the program, by file name.
static BUNDLED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// The bundled plugin of a name.
#[must_use]
pub fn bundled(name: &str) -> Option<&'static [u8]> {
    let file = format!("{name}.wasm");
    BUNDLED.iter().find(|(bundled, _)| *bundled == file).map(|(_, bytes)| *bytes)
}

/// The providers whose plugins are inside the program.
pub fn bundled_names() -> impl Iterator<Item = &'static str> {
    BUNDLED.iter().map(|(file, _)| file.trim_end_matches(".wasm"))
}

/// Why nothing is loaded: what is in use stays.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A folder of plugins.
    #[error("{0}")]
    Folder(#[from] io::Error),
    /// A model of the operator's.
    #[error(transparent)]
    Models(#[from] ModelsError),
}

/// Loads models and plugins, once and again.
pub struct Loader {
    /// What runs them.
    pub machine: Arc<Machine>,
    /// Compiled code, kept between starts.
    pub cache: Option<CompiledCache>,
    /// The operator's folders of models.
    pub models: Vec<PathBuf>,
    /// The operator's folders, which are one rank.
    pub folders: Vec<PathBuf>,
    /// What was installed from registries.
    pub installed: Installed,
}

/// The plugins that were installed from registries, and which of them are taken.
pub struct Installed {
    /// The data folder that they are in.
    pub data_dir: PathBuf,
    /// Which are taken.
    pub policy: Policy,
}

/// A component as it was found.
struct Found {
    source: String,
    bytes: Result<Cow<'static, [u8]>, String>,
    /// It came with the program, so it has been tried before.
    bundled: bool,
    /// What the lock file says of it, for one from a registry.
    ready: Option<Ready>,
}

impl Loader {
    /// Loads everything. What `before` has loaded from the same bytes is taken over; what
    /// it has loaded from a file that is refused now stays. A file that is no plugin is
    /// refused alone.
    ///
    /// # Errors
    /// When one of the operator's folders cannot be read, or a model in them cannot be used.
    pub fn load(&self, with: &[PathBuf], before: &Registry) -> Result<Registry, LoadError> {
        let models = Arc::new(Known::read(&self.models)?);
        let mut all = Registry { models: models.clone(), ..Registry::default() };
        for rank in self.ranks(with)? {
            let mut here = Rank { before, models: models.all(), loaded: Vec::new(), refused: Vec::new() };
            for found in rank {
                here.add(self, found);
            }
            all.put_below(here.loaded);
            all.refused.extend(here.refused);
        }
        Ok(all)
    }

    /// The highest rank first.
    fn ranks(&self, with: &[PathBuf]) -> io::Result<Vec<Vec<Found>>> {
        let mut own = Vec::new();
        for folder in &self.folders {
            own.extend(components(folder).map_err(|e| io::Error::new(e.kind(), format!("the plugin folder {}: {e}", folder.display())))?);
        }
        let files = |files: &[PathBuf]| files.iter().map(|file| Found::file(file)).collect();
        let installed = installed::load(&self.installed.data_dir, &self.installed.policy).into_iter().map(Found::installed).collect();
        Ok(vec![files(with), files(&own), installed, BUNDLED.iter().map(Found::bundled).collect()])
    }

    /// A plugin that can be used: the very one of before, or a new one that was tried.
    fn admit(&self, found: &Found, before: &Registry, models: &Models) -> Result<Arc<Plugin>, String> {
        let bytes = found.bytes.as_ref().map_err(Clone::clone)?;
        let taken = |plugin: &Plugin| {
            served(plugin.manifest(), models)?;
            found.ready.as_ref().map_or(Ok(()), |ready| ready.admits(plugin.manifest(), &self.installed.policy))
        };
        if let Some(same) = before.by_digest(Digest::of(bytes).as_str()) {
            return taken(&same.plugin).map(|()| same.plugin.clone());
        }
        let plugin = Plugin::admit_to_serve(&self.machine, bytes, self.cache.as_ref()).map_err(|e| e.to_string())?;
        taken(&plugin)?;
        if !found.bundled {
            let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|e| e.to_string())?;
            runtime.block_on(try_out(&plugin)).map_err(|e| e.to_string())?;
        }
        Ok(Arc::new(plugin))
    }
}

impl Found {
    fn file(file: &Path) -> Self {
        let bytes = admit::read(file).map(Cow::Owned).map_err(|e| e.to_string());
        Self { source: file.display().to_string(), bytes, bundled: false, ready: None }
    }

    fn installed(component: Component) -> Self {
        match component.content {
            Err(why) => Self { source: component.file, bytes: Err(why), bundled: false, ready: None },
            Ok(mut ready) => {
                let bytes = Ok(Cow::Owned(std::mem::take(&mut ready.bytes)));
                Self { source: ready.locked.source.to_string(), bytes, bundled: false, ready: Some(ready) }
            }
        }
    }

    fn bundled(&(name, bytes): &(&str, &'static [u8])) -> Self {
        Self { source: format!("bundled {name}"), bytes: Ok(Cow::Borrowed(bytes)), bundled: true, ready: None }
    }
}

/// What one rank gives.
struct Rank<'b> {
    before: &'b Registry,
    models: &'b Models,
    loaded: Vec<Loaded>,
    refused: Vec<Refused>,
}

impl Rank<'_> {
    fn add(&mut self, loader: &Loader, found: Found) {
        let signer = found.ready.as_ref().and_then(|ready| ready.signer.clone());
        let placed = loader.admit(&found, self.before, self.models).and_then(|plugin| self.place(&found.source, signer, plugin));
        if let Err(why) = placed {
            self.refuse(found.source, why);
        }
    }

    fn place(&mut self, source: &str, signer: Option<String>, plugin: Arc<Plugin>) -> Result<(), String> {
        let (name, digest) = (&plugin.identity().name, &plugin.identity().digest);
        let same = self.loaded.iter().find(|other| is_same(other, &plugin));
        match same {
            // A copy of the same file does no harm.
            Some(other) if other.plugin.identity().digest == *digest => Ok(()),
            Some(other) => Err(format!(
                "the provider {name} is loaded in version {} from {} already, with other bytes; give one of the two another version",
                plugin.version(),
                other.source
            )),
            None => {
                self.loaded.push(Loaded { source: source.to_owned(), signer, plugin });
                Ok(())
            }
        }
    }

    fn refuse(&mut self, source: String, why: String) {
        let old = self.before.all().find(|loaded| loaded.source == source).cloned();
        let stays = old.filter(|old| self.place(&source, old.signer.clone(), old.plugin.clone()).is_ok());
        let stays = stays.map(|old| old.plugin.version().to_string());
        match &stays {
            Some(version) => tracing::error!(plugin = source, why, stays = version, "a plugin is not loaded; the one before stays"),
            None => tracing::error!(plugin = source, why, "a plugin is not loaded"),
        }
        self.refused.push(Refused { source, why, stays });
    }
}

fn is_same(loaded: &Loaded, plugin: &Plugin) -> bool {
    loaded.plugin.identity().name == plugin.identity().name && loaded.plugin.version() == plugin.version()
}

impl Registry {
    /// Adds plugins of a lower rank: those whose name and version are there already are
    /// left out.
    fn put_below(&mut self, loaded: Vec<Loaded>) {
        for new in loaded {
            let versions = self.providers.entry(new.plugin.identity().name.clone()).or_default();
            match versions.iter().find(|above| is_same(above, &new.plugin)) {
                Some(above) => tracing::debug!(plugin = new.source, by = above.source, "a plugin is replaced by one of a higher rank"),
                None => versions.push(new),
            }
            versions.sort_by(|a, b| b.plugin.version().cmp(a.plugin.version()));
        }
    }
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
