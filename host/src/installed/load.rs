//! What a server loads of the installed plugins.

use std::path::Path;

use patchboard_gateway::Manifest;

use super::{Folder, FolderError, Locked, Policy};

/// An installed plugin, or what lies in its place.
#[derive(Debug)]
pub struct Component {
    /// Its file, or the lock file.
    pub file: String,
    /// Its bytes with what is known about it; or why it is not to be loaded.
    pub content: Result<Ready, String>,
}

/// An installed plugin that is what the lock file says, and that the policy takes.
#[derive(Debug)]
pub struct Ready {
    /// What the lock file says.
    pub locked: Locked,
    /// Who has signed it, by a signature that was verified just now.
    pub signer: Option<String>,
    /// The component.
    pub bytes: Vec<u8>,
}

impl Ready {
    /// Whether what it says about itself is what was installed, and what the policy takes.
    ///
    /// # Errors
    /// In words.
    pub fn admits(&self, manifest: &Manifest, policy: &Policy) -> Result<(), String> {
        let said = format!("{}@{}", manifest.name, manifest.version);
        if said != self.locked.id() {
            return Err(format!("it says that it is {said}, and plugins.lock says {}", self.locked.id()));
        }
        policy.hosts(manifest).map_err(|refusal| refusal.to_string())
    }
}

/// The installed plugins, newest versions first, and what else lies in their folder. A file
/// that the lock file does not name is not loaded.
#[must_use]
pub fn load(data_dir: &Path, policy: &Policy) -> Vec<Component> {
    let folder = Folder::of(data_dir);
    if !folder.exists() {
        return Vec::new();
    }
    read(&folder, policy).unwrap_or_else(|error| {
        vec![Component { file: data_dir.join("plugins.lock").display().to_string(), content: Err(error.to_string()) }]
    })
}

fn read(folder: &Folder, policy: &Policy) -> Result<Vec<Component>, FolderError> {
    let entered = folder.enter()?;
    let mut foreign = folder.components()?;
    let mut found = Vec::new();
    for locked in entered.lock().plugins().iter().rev() {
        let file = folder.component(locked);
        foreign.retain(|other| *other != file);
        found.push(Component { file: file.display().to_string(), content: ready(folder, locked, policy) });
    }
    let why = "plugins.lock does not name it; install plugins with `patchboard plugin install`, or keep your own in a folder for --plugins";
    found.extend(foreign.into_iter().map(|file| Component { file: file.display().to_string(), content: Err(why.to_owned()) }));
    Ok(found)
}

/// One plugin that the lock file names, if it is what it says and the policy takes it.
///
/// # Errors
/// In words.
pub fn ready(folder: &Folder, locked: &Locked, policy: &Policy) -> Result<Ready, String> {
    policy.registry(&locked.source).map_err(|refusal| refusal.to_string())?;
    let bytes = folder.read(locked)?;
    let signer = match folder.proof(locked) {
        Ok(proof) => proof.signer(locked, policy).map_err(|refusal| refusal.to_string())?.map(str::to_owned),
        Err(why) if policy.requires_signature() => return Err(why),
        Err(_) => None,
    };
    Ok(Ready { locked: locked.clone(), signer, bytes })
}
