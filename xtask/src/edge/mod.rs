//! `cargo xtask edge`: the components of the Spin app, and its manifest.

mod parity;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use patchboard_edge_manifest::{Plugin, app, without_digests};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::build::{self, EDGE_TARGET as TARGET};
use crate::sh::{self, cargo, root, step, target_dir};

const MANIFEST: &str = "spin.toml";
/// Our two components, and how many bytes each may have: they are instantiated for every
/// request, and moved to every place the app runs at.
const COMPONENTS: [(&str, &str, usize); 2] =
    [("router", "patchboard_edge_router", 1_000_000), ("provider", "patchboard_edge_provider", 2_000_000)];
/// Bytes that a plugin may have.
const MAX_PLUGIN: usize = 1_000_000;
/// Bytes that all files of the app may have together.
const MAX_APP: usize = 8_000_000;

/// What to do.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Change nothing: fail where spin.toml is not what would be written
    #[arg(long)]
    pub check: bool,
    /// And send the parity list to a real `spin up`, where Spin is on the PATH
    #[arg(long)]
    pub spin: bool,
}

/// Builds everything and writes the manifest.
pub fn run(options: &Options) -> anyhow::Result<()> {
    build::plugins()?;
    let plugins = plugins()?;
    manifest(&plugins, options.check)?;
    step("the components of the edge (the first time takes minutes)", components)?;
    sizes(&plugins)?;
    if options.spin { parity::run() } else { Ok(()) }
}

/// The components' own lines are compiled for their target alone, so they are held against
/// the lints there.
pub fn lints() -> anyhow::Result<()> {
    let mut clippy = cargo();
    clippy.args(["clippy", "--locked", "--profile", "edge", "--target", TARGET]);
    sh::run(clippy.args(["-p", "patchboard-edge-router", "-p", "patchboard-edge-provider", "--", "-D", "warnings"]))
}

/// The bundled plugins as the manifest says them.
fn plugins() -> anyhow::Result<Vec<Plugin>> {
    let mut plugins = Vec::new();
    for folder in build::plugin_folders()? {
        let declared = root().join("plugins").join(&folder).join("manifest.json");
        let declared = fs::read(&declared).with_context(|| format!("cannot read {}", declared.display()))?;
        let declared: Value = serde_json::from_slice(&declared).with_context(|| format!("the manifest of {folder}"))?;
        let hosts = declared.get("hosts").and_then(Value::as_array).into_iter().flatten();
        let name = declared.get("name").and_then(Value::as_str).with_context(|| format!("the manifest of {folder} has no name"))?;
        let bytes = fs::read(target_dir().join("plugins").join(format!("{folder}.wasm")))?;
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        plugins.push(Plugin {
            name: name.to_owned(),
            hosts: hosts.filter_map(Value::as_str).map(str::to_owned).collect(),
            file: format!("target/plugins/{folder}.wasm"),
            digest: format!("sha256:{digest}"),
        });
    }
    Ok(plugins)
}

fn manifest(plugins: &[Plugin], check: bool) -> anyhow::Result<()> {
    let file = root().join(MANIFEST);
    let wanted = app(plugins)?;
    let found = fs::read_to_string(&file).unwrap_or_default();
    if check && without_digests(&found) != without_digests(&wanted) {
        bail!("{MANIFEST} is stale; `cargo xtask edge` writes it");
    }
    if !check && found != wanted {
        fs::write(&file, wanted)?;
    }
    Ok(())
}

/// Builds our components into `target/edge`.
pub fn components() -> anyhow::Result<()> {
    build::target(TARGET)?;
    let mut build = cargo();
    build.args(["build", "--locked", "--profile", "edge", "--target", TARGET]);
    build.args(["-p", "patchboard-edge-router", "-p", "patchboard-edge-provider"]);
    sh::run(&mut build)?;
    let out = target_dir().join("edge");
    fs::create_dir_all(&out)?;
    for (name, package, _) in COMPONENTS {
        let built = target_dir().join(TARGET).join("edge").join(format!("{package}.wasm"));
        let bytes = fs::read(&built).with_context(|| format!("cannot read {}", built.display()))?;
        let file = out.join(format!("{name}.wasm"));
        // An unchanged file keeps its time.
        if fs::read(&file).ok().as_deref() != Some(&bytes) {
            fs::write(&file, bytes)?;
        }
    }
    Ok(())
}

fn sizes(plugins: &[Plugin]) -> anyhow::Result<()> {
    let ours = COMPONENTS.iter().map(|(name, _, most)| (target_dir().join("edge").join(format!("{name}.wasm")), *most));
    let theirs = plugins.iter().map(|plugin| (root().join(&plugin.file), MAX_PLUGIN));
    let mut total = 0;
    for (file, most) in ours.chain(theirs) {
        total += size(&file, most)?;
    }
    println!("{:>9} bytes  the app of {} providers", total, plugins.len());
    if total > MAX_APP {
        bail!("the files of the app have {total} bytes and may have {MAX_APP}");
    }
    Ok(())
}

fn size(file: &Path, most: usize) -> anyhow::Result<usize> {
    let size = usize::try_from(fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?.len())?;
    let name: PathBuf = file.iter().skip_while(|part| *part != "target").collect();
    println!("{size:>9} bytes  {}", name.display());
    if size > most {
        bail!("{} has {size} bytes and may have {most}", file.display());
    }
    Ok(size)
}
