//! What this program carries for the author of a plugin: the contract, and the helpers of
//! each language. They are written into a plugin's `vendor/`, so that no checkout is needed.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use toml::{Table, Value};

use super::language::Language;

/// The folder in a plugin's folder.
pub(super) const FOLDER: &str = "vendor";

const WIT: [(&str, &str); 2] = [
    ("wit/provider.wit", include_str!("../../../../wit/provider.wit")),
    ("wit/manifest.schema.json", include_str!("../../../../wit/manifest.schema.json")),
];
const JAVASCRIPT: [(&str, &str); 1] = [("patchboard.js", include_str!("../../../../sdk/javascript/patchboard.js"))];
const PYTHON: [(&str, &str); 1] = [("patchboard.py", include_str!("../../../../sdk/python/patchboard.py"))];
const RUST: [(&str, &str); 18] = [
    ("patchboard-sdk/src/arena.rs", include_str!("../../../../sdk/src/arena.rs")),
    ("patchboard-sdk/src/bindings.rs", include_str!("../../../../sdk/src/bindings.rs")),
    ("patchboard-sdk/src/component.rs", include_str!("../../../../sdk/src/component.rs")),
    ("patchboard-sdk/src/date.rs", include_str!("../../../../sdk/src/date.rs")),
    ("patchboard-sdk/src/enums.rs", include_str!("../../../../sdk/src/enums.rs")),
    ("patchboard-sdk/src/error.rs", include_str!("../../../../sdk/src/error.rs")),
    ("patchboard-sdk/src/exchange.rs", include_str!("../../../../sdk/src/exchange.rs")),
    ("patchboard-sdk/src/lib.rs", include_str!("../../../../sdk/src/lib.rs")),
    ("patchboard-sdk/src/link.rs", include_str!("../../../../sdk/src/link.rs")),
    ("patchboard-sdk/src/page.rs", include_str!("../../../../sdk/src/page.rs")),
    ("patchboard-sdk/src/path.rs", include_str!("../../../../sdk/src/path.rs")),
    ("patchboard-sdk/src/request.rs", include_str!("../../../../sdk/src/request.rs")),
    ("patchboard-sdk/src/resource.rs", include_str!("../../../../sdk/src/resource.rs")),
    ("patchboard-sdk/src/response.rs", include_str!("../../../../sdk/src/response.rs")),
    ("patchboard-sdk/src/state.rs", include_str!("../../../../sdk/src/state.rs")),
    ("patchboard-sdk/src/testing.rs", include_str!("../../../../sdk/src/testing.rs")),
    ("patchboard-sdk/src/unified.rs", include_str!("../../../../sdk/src/unified.rs")),
    ("patchboard-sdk/src/value.rs", include_str!("../../../../sdk/src/value.rs")),
];
const SDK: &str = include_str!("../../../../sdk/Cargo.toml");
const WORKSPACE: &str = include_str!("../../../../Cargo.toml");

/// Writes `vendor/` into a folder.
pub(super) fn write(dir: &Path, language: Language) -> anyhow::Result<()> {
    let vendor = dir.join(FOLDER);
    let helpers: &[(&str, &str)] = match language {
        Language::Rust => &RUST,
        Language::JavaScript => &JAVASCRIPT,
        Language::Python => &PYTHON,
    };
    for (path, text) in WIT.iter().chain(helpers) {
        file(&vendor.join(path), text)?;
    }
    if language == Language::Rust {
        file(&vendor.join("patchboard-sdk/Cargo.toml"), &standalone(SDK, WORKSPACE)?)?;
    }
    Ok(())
}

/// Writes a file, making its folders.
pub(super) fn file(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// A package's Cargo.toml with what it inherits from its workspace written out.
fn standalone(package: &str, workspace: &str) -> anyhow::Result<String> {
    let mut package: Table = toml::from_str(package).context("the SDK's Cargo.toml")?;
    let workspace: Table = toml::from_str(workspace).context("the workspace's Cargo.toml")?;
    package.remove("lints");
    for (table, inherited) in [("package", "package"), ("dependencies", "dependencies")] {
        let of_workspace = workspace.get("workspace").and_then(|workspace| workspace.get(inherited));
        let Some(own) = package.get_mut(table).and_then(Value::as_table_mut) else { continue };
        for (name, value) in own.iter_mut() {
            if value.get("workspace").and_then(Value::as_bool) == Some(true) {
                let inherited = of_workspace.and_then(|all| all.get(name));
                *value = inherited.with_context(|| format!("the workspace has no {name}"))?.clone();
            }
        }
    }
    Ok(toml::to_string(&package)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_rust_sdk_is_carried() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/src");
        let mut files: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| format!("patchboard-sdk/src/{}", entry.unwrap().file_name().to_string_lossy()))
            .collect();
        files.sort();
        assert_eq!(files, RUST.map(|(path, _)| path.to_owned()));
    }

    #[test]
    fn the_sdk_stands_without_its_workspace() {
        let text = standalone(SDK, WORKSPACE).unwrap();
        let table: Table = toml::from_str(&text).unwrap();
        assert!(!text.contains("workspace"), "{text}");
        assert_eq!(table["package"]["version"].as_str(), Some(env!("CARGO_PKG_VERSION")));
        assert!(table["dependencies"]["serde_json"]["features"].as_array().is_some_and(|features| !features.is_empty()), "{text}");
        let missing = standalone("[dependencies]\nnowhere.workspace = true", "[workspace.dependencies]").unwrap_err();
        assert!(missing.to_string().contains("nowhere"));
    }
}
