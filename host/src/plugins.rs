//! The models and the plugins of a running server. A reload makes a new registry beside the one in use
//! and puts it in its place in one step; a request keeps the plugin that it began with.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};

use crate::models::Shown as ShownModel;
use crate::registry::{LoadError, Loader, Refused, Registry, Shown};

/// The models and plugins in use.
pub struct Plugins {
    loader: Loader,
    current: ArcSwap<Registry>,
    /// One reload after the other.
    turn: Mutex<()>,
}

/// What a reload changed, and what there is now.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Report {
    /// Plugins that were not there before.
    pub added: Vec<Shown>,
    /// Plugins that are not there any more.
    pub removed: Vec<Shown>,
    /// Every plugin.
    pub loaded: Vec<Shown>,
    /// Components that are not loaded.
    pub refused: Vec<Refused>,
    /// Models that were added, changed or removed, in words.
    #[serde(default)]
    pub changed_models: Vec<String>,
    /// Every model.
    #[serde(default)]
    pub models: Vec<ShownModel>,
}

impl Plugins {
    /// Loads the plugins for the first time.
    ///
    /// # Errors
    /// When a folder cannot be read, or a model cannot be used.
    pub fn start(loader: Loader) -> Result<Self, LoadError> {
        let first = loader.load(&[], &Registry::default())?;
        Ok(Self { loader, current: ArcSwap::from_pointee(first), turn: Mutex::new(()) })
    }

    /// The plugins as they are now.
    #[must_use]
    pub fn current(&self) -> Arc<Registry> {
        self.current.load_full()
    }

    /// What there is now.
    #[must_use]
    pub fn report(&self) -> Report {
        let current = self.current();
        Report { loaded: current.shown(), refused: current.refused.clone(), models: current.shown_models(), ..Report::default() }
    }

    /// Reads every folder again, and the files in `with`, which win over all others until
    /// the next reload. It compiles, so it belongs on a thread that may wait.
    ///
    /// # Errors
    /// When a folder cannot be read, or a model cannot be used; everything stays as it was.
    pub fn reload(&self, with: &[PathBuf]) -> Result<Report, LoadError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.current();
        let after = Arc::new(self.loader.load(with, &before)?);
        self.current.store(after.clone());
        let (old, new) = (before.shown(), after.shown());
        let report = Report {
            added: missing(&new, &old),
            removed: missing(&old, &new),
            loaded: new,
            refused: after.refused.clone(),
            changed_models: after.models.changes(&before.models),
            models: after.shown_models(),
        };
        let names = |shown: &[Shown]| shown.iter().map(Shown::to_string).collect::<Vec<_>>().join(", ");
        tracing::info!(
            added = names(&report.added),
            removed = names(&report.removed),
            refused = report.refused.len(),
            models = report.changed_models.join(", "),
            "plugins were reloaded"
        );
        Ok(report)
    }
}

/// The plugins of `these` that are not in `those`.
fn missing(these: &[Shown], those: &[Shown]) -> Vec<Shown> {
    let in_those = |shown: &&Shown| those.iter().any(|other| other.name == shown.name && other.digest == shown.digest);
    these.iter().filter(|shown| !in_those(shown)).cloned().collect()
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}
