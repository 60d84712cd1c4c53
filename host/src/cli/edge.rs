//! `patchboard edge`: what the Spin app is given by a host.

use std::fs;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use patchboard_edge_manifest::{Added, EditError, Plugin, add};
use patchboard_gateway::contract::Provider as _;

use super::plugin::test;
use super::{Common, misuse};

/// Prepare the Spin app: add providers, export accounts
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a plugin to a Spin manifest: its private route and its component
    #[command(after_help = ADD)]
    Add {
        /// The plugin's component file
        file: PathBuf,
        /// The manifest to write into
        #[arg(long, value_name = "FILE", default_value = "spin.toml")]
        manifest: PathBuf,
        /// The folder with the plugin's cases [default: cases beside the file, else plugins/NAME/cases]
        #[arg(long, value_name = "DIR")]
        cases: Option<PathBuf>,
        /// Add it though there are no cases to test it with
        #[arg(long)]
        untested: bool,
    },
    /// Export accounts and token hashes for the app's import route; credentials stay sealed
    #[command(after_help = SYNC)]
    Sync {
        /// Write the export here; - writes to standard output
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
        /// Of this customer alone
        #[arg(long)]
        tenant: Option<String>,
    },
}

const ADD: &str = "\
The plugin is admitted as a server would, and has to pass the conformance kit with its cases: Spin does
not interrupt a plugin that loops. The app serves the built-in models: a plugin for another model is refused.
What else stands in the manifest stays; done twice it is done once.

Example:
  patchboard edge add ./acme.wasm --manifest spin.toml && spin up";

const SYNC: &str = "\
The app opens credentials with the key of this host (data/key, or PATCHBOARD_ENCRYPTION_KEY) in
its variable encryption_key.

Example:
  patchboard edge sync --output accounts.jsonl
  curl -X PUT 'https://APP/edge/import?prune=true' -H \"Authorization: Bearer $ADMIN_TOKEN\" --data-binary @accounts.jsonl";

pub(super) fn run(common: &Common, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Add { file, manifest, cases, untested } => add_plugin(common, &file, &manifest, cases, untested),
        Command::Sync { output, tenant } => sync(common, &output, tenant.as_deref()),
    }
}

fn add_plugin(common: &Common, file: &Path, manifest: &Path, cases: Option<PathBuf>, untested: bool) -> anyhow::Result<ExitCode> {
    let text = fs::read_to_string(manifest).map_err(|e| {
        misuse(format!(
            "cannot read the manifest {}: {e}; run this in the folder of a Spin app, or give --manifest FILE",
            manifest.display()
        ))
    })?;
    let tested = test::for_edge(common, file, cases)?;
    match tested.report {
        Some(report) if !report.ok => {
            eprint!("{}", report.table());
            return Err(misuse(format!("{} does not pass its tests; the manifest is as it was", file.display())));
        }
        None if !untested => {
            return Err(misuse(format!(
                "{} has no cases, so it cannot be tested, and Spin does not interrupt a plugin that loops: name its cases with --cases DIR, or trust it with --untested",
                file.display()
            )));
        }
        _ => {}
    }
    let identity = tested.plugin.identity();
    let plugin = Plugin {
        name: identity.name.clone(),
        hosts: tested.plugin.manifest().hosts.iter().map(|host| host.as_str().to_owned()).collect(),
        file: from_folder_of(manifest, file)?,
        digest: identity.digest.clone(),
    };
    let Added { text: new, component, listed } = add(&text, &plugin).map_err(|e| not_edited(manifest, &e))?;
    if new == text {
        eprintln!("{} has {component} already", manifest.display());
        return Ok(ExitCode::SUCCESS);
    }
    replace(manifest, new.as_bytes())?;
    println!("{component}");
    eprintln!("{} {} was added to {}; restart the app", identity.name, identity.version, manifest.display());
    if !listed {
        eprintln!("note: the manifest has no component \"router\" with a variable \"providers\"; add the provider where yours is told");
    }
    Ok(ExitCode::SUCCESS)
}

fn not_edited(manifest: &Path, error: &EditError) -> anyhow::Error {
    misuse(format!("the manifest {}: {error}", manifest.display()))
}

/// A path as the manifest writes it: from its own folder, with slashes.
fn from_folder_of(manifest: &Path, file: &Path) -> anyhow::Result<String> {
    let whole = |path: &Path| fs::canonicalize(path).map_err(|e| misuse(format!("{}: {e}", path.display())));
    let (manifest, file) = (whole(manifest)?, whole(file)?);
    let folder: Vec<Component<'_>> = manifest.parent().unwrap_or_else(|| Path::new("/")).components().collect();
    let parts: Vec<Component<'_>> = file.components().collect();
    let shared = folder.iter().zip(&parts).take_while(|(a, b)| a == b).count();
    let up = folder.iter().skip(shared).map(|_| "..".to_owned());
    let down = parts.iter().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    Ok(up.chain(down).collect::<Vec<_>>().join("/"))
}

/// Writes beside and renames: the manifest is the old one or the new one.
fn replace(file: &Path, content: &[u8]) -> anyhow::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let failed = || format!("cannot write {}", file.display());
    let mut new = tempfile::NamedTempFile::new_in(folder).with_context(failed)?;
    new.write_all(content).with_context(failed)?;
    if let Ok(old) = fs::metadata(file) {
        new.as_file().set_permissions(old.permissions()).with_context(failed)?;
    }
    new.persist(file).with_context(failed)?;
    Ok(())
}

fn sync(common: &Common, output: &Path, tenant: Option<&str>) -> anyhow::Result<ExitCode> {
    let (_, store) = common.store()?;
    let export = store.export(tenant)?;
    let file = export.write().map_err(|e| misuse(e.to_string()))?;
    if output == Path::new("-") {
        std::io::stdout().lock().write_all(&file)?;
    } else {
        replace(output, &file)?;
    }
    eprintln!("{} accounts and {} tokens were exported; credentials stay sealed", export.accounts.len(), export.tokens.len());
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_from_the_manifests_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("app/plugins")).unwrap();
        for name in ["app/spin.toml", "app/plugins/a.wasm", "b.wasm"] {
            fs::write(path(name), "").unwrap();
        }
        assert_eq!(from_folder_of(&path("app/spin.toml"), &path("app/plugins/a.wasm")).unwrap(), "plugins/a.wasm");
        assert_eq!(from_folder_of(&path("app/spin.toml"), &path("b.wasm")).unwrap(), "../b.wasm");
        assert!(from_folder_of(&path("app/spin.toml"), &path("none.wasm")).is_err());
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("spin.toml");
        replace(&file, b"one").unwrap();
        replace(&file, b"two").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
