//! A plugin that a command line names: a component file, the folder that it was built
//! into, or one of those that a server would load.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use semver::VersionReq;

use super::super::{Common, misuse, refused};
use super::test::{component, read};
use crate::accounts;
use crate::runtime::{Machine, Plugin};
use crate::service;

/// A plugin with its file, where it has one.
pub(in super::super) struct Given {
    pub(in super::super) plugin: Arc<Plugin>,
    pub(in super::super) file: Option<PathBuf>,
}

/// Finds and admits a plugin: `FILE`, `DIR`, `NAME` or `NAME@REQ`.
pub(in super::super) fn given(common: &Common, text: &str) -> anyhow::Result<Given> {
    let path = Path::new(text);
    if path.exists() {
        let file = component(path)?;
        let machine = Arc::new(Machine::new(common.config()?.bounds())?);
        let plugin = Plugin::admit(&machine, &read(&file)?, None);
        let plugin = plugin.map_err(|e| misuse(format!("{} is not admitted: {e}", file.display())))?;
        return Ok(Given { plugin: Arc::new(plugin), file: Some(file) });
    }
    let (name, follows) = text.split_once('@').map_or((text, None), |(name, follows)| (name, Some(follows)));
    if name.is_empty() || name.contains(['/', '.']) {
        return Err(misuse(format!("there is no file {text}, and it is no NAME or NAME@VERSION of a loaded plugin")));
    }
    let follows = follows.map(exact).transpose()?;
    let (config, store) = common.store()?;
    let registry = service::plugins(&config, &store)?;
    let plugin = registry.find(name, follows.as_ref()).map_err(|problem| refused(&problem))?;
    Ok(Given { plugin: plugin.clone(), file: None })
}

/// A plain version behind the `@` is that version and no other.
fn exact(text: &str) -> anyhow::Result<VersionReq> {
    let text = if semver::Version::parse(text).is_ok() { format!("={text}") } else { text.to_owned() };
    accounts::follows(&text).map_err(|problem| refused(&problem))
}
