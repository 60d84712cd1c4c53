//! `cargo xtask kit`: the conformance kit over every bundled plugin.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;

use crate::build::Built;
use crate::sh::{root, step, target_dir};

/// Tests every component of the last build with the cases of its plugin, and with the
/// provider's own description where the folder with them stands beside the checkout.
/// JUnit files are written to `target/kit`.
pub fn run(built: &Built) -> anyhow::Result<()> {
    let descriptions = root().join("..").join("shared").join("specs");
    if !descriptions.is_dir() {
        eprintln!(
            "    the provider descriptions beside the checkout ({}) are not there: native requests are not held against them",
            descriptions.display()
        );
    }
    let reports = target_dir().join("kit");
    fs::create_dir_all(&reports)?;
    let mut failed = Vec::new();
    for component in files(&target_dir().join("plugins"), |name| name.ends_with(".wasm"))? {
        let name = component.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let tested = step(&format!("conformance of {name}"), || test(built, &component, &name, &descriptions, &reports));
        failed.extend(tested.is_err().then_some(name));
    }
    if !failed.is_empty() {
        bail!("not as they should be: {}", failed.join(", "));
    }
    Ok(())
}

fn test(built: &Built, component: &Path, name: &str, descriptions: &Path, reports: &Path) -> anyhow::Result<()> {
    let mut test = Command::new(&built.patchboard);
    test.args(["plugin", "test"]).arg(component).arg("--cases").arg(root().join("plugins").join(name).join("cases"));
    test.arg("--junit").arg(reports.join(format!("{name}.xml")));
    for description in of(name, descriptions)? {
        test.arg("--openapi").arg(description);
    }
    let output = test.output()?;
    if !output.status.success() {
        bail!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    }
    // One line of the table is enough where nothing differs.
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    eprintln!("    {name}: {}", table.lines().last().unwrap_or_default());
    Ok(())
}

/// The descriptions of a provider: `wrike.derived.yaml`, `workiva-prototype.derived.yaml`.
fn of(name: &str, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let rest = |file: &str| file.strip_prefix(name).is_some_and(|rest| rest.starts_with('.') || rest.starts_with('-'));
    files(folder, |file| rest(file) && (file.ends_with(".yaml") || file.ends_with(".json")))
}

fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().and_then(|name| name.to_str()).is_some_and(&wanted) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
