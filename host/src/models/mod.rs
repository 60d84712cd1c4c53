//! The unified models of a configuration: those that are built in, and those of the
//! operator's folders.

mod folder;
mod shown;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use patchboard_gateway::Manifest;
use patchboard_gateway::model::{ModelError, Models};
use patchboard_gateway::serves::{self, NotServed};
use thiserror::Error;

pub use folder::{FileFault, Survey};
pub use shown::{Field, Shown};

/// Models that cannot be used.
#[derive(Debug, Error)]
pub enum ModelsError {
    /// Those that are built in.
    #[error(transparent)]
    BuiltIn(#[from] ModelError),
    /// Those of the operator's folders.
    #[error("the models: {first}{}", others(*.more, &.first.file))]
    Faults {
        /// The first fault.
        first: FileFault,
        /// How many there are beside it.
        more: usize,
    },
}

fn others(more: usize, file: &Path) -> String {
    let folder = if file.is_dir() { file } else { file.parent().and_then(Path::parent).unwrap_or(file) };
    if more == 0 { String::new() } else { format!(" ({more} more: patchboard model check {})", folder.display()) }
}

/// Every model, with where it came from.
#[derive(Debug, Default)]
pub struct Known {
    models: Models,
    /// The files of those that are not built in, by `model/resource`.
    files: BTreeMap<String, PathBuf>,
}

impl Known {
    /// Reads the operator's folders beside what is built in.
    ///
    /// # Errors
    /// [`ModelsError`], the first fault.
    pub fn read(folders: &[PathBuf]) -> Result<Self, ModelsError> {
        let Survey { known, faults, .. } = Survey::of(folders)?;
        let more = faults.len().saturating_sub(1);
        match faults.into_iter().next() {
            Some(first) => Err(ModelsError::Faults { first, more }),
            None => Ok(known),
        }
    }

    /// The models themselves.
    #[must_use]
    pub fn all(&self) -> &Models {
        &self.models
    }

    /// Where a model was read from; none for one that is built in.
    #[must_use]
    pub fn file(&self, model: &str, resource: &str) -> Option<&Path> {
        self.files.get(&format!("{model}/{resource}")).map(PathBuf::as_path)
    }

    /// What is other than before, in words.
    #[must_use]
    pub fn changes(&self, before: &Self) -> Vec<String> {
        let now = self.models.all().filter_map(|(model, resource, read)| {
            let name = format!("{model}/{resource}");
            match before.models.get(model, resource) {
                None => Some(format!("{name} is new")),
                Some(old) if old.document() != read.document() => Some(format!("{name} is another")),
                Some(_) => None,
            }
        });
        let gone = before.models.all().filter(|(model, resource, _)| self.models.get(model, resource).is_none());
        now.chain(gone.map(|(model, resource, _)| format!("{model}/{resource} is gone"))).collect()
    }
}

/// Whether a plugin can be served with these models.
///
/// # Errors
/// Why not, and what to do, for the operator.
pub fn served(manifest: &Manifest, models: &Models) -> Result<(), String> {
    serves::check(manifest, models).map_err(|why| match &why {
        NotServed::UnknownModels(names, _) => {
            let files: Vec<String> = names.iter().map(|name| format!("DIR/{name}.json")).collect();
            format!("{why}; add it with --models DIR, or models in the configuration, and {}", files.join(", "))
        }
        NotServed::NotOfTheModel(_) => why.to_string(),
    })
}
