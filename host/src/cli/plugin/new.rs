//! `patchboard plugin new`: a folder that builds, passes the kit, and explains itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use super::language::Language;
use super::{misuse, vendor};
use crate::registry;

/// What stands in for the plugin's name and title in a template.
const NAME: &str = "{{name}}";
const TITLE: &str = "{{title}}";
/// As long as a manifest's name may be.
const LONGEST: usize = 63;

const COMMON: [(&str, &str); 3] = [
    ("manifest.json", include_str!("../../../../sdk/templates/manifest.json")),
    ("cases/update.json", include_str!("../../../../sdk/templates/update.json")),
    ("cases/errors.json", include_str!("../../../../sdk/templates/errors.json")),
];
const RUST: [(&str, &str); 4] = [
    ("README.md", include_str!("../../../../sdk/templates/rust/README.md")),
    ("Cargo.toml", include_str!("../../../../sdk/templates/rust/Cargo.toml.template")),
    ("src/lib.rs", include_str!("../../../../sdk/templates/rust/lib.rs")),
    (".gitignore", include_str!("../../../../sdk/templates/rust/gitignore")),
];
const JAVASCRIPT: [(&str, &str); 5] = [
    ("README.md", include_str!("../../../../sdk/templates/javascript/README.md")),
    ("plugin.js", include_str!("../../../../sdk/templates/javascript/plugin.js")),
    ("package.json", include_str!("../../../../sdk/templates/javascript/package.json")),
    ("package-lock.json", include_str!("../../../../sdk/templates/javascript/package-lock.json")),
    (".gitignore", include_str!("../../../../sdk/templates/javascript/gitignore")),
];
const PYTHON: [(&str, &str); 4] = [
    ("README.md", include_str!("../../../../sdk/templates/python/README.md")),
    ("plugin.py", include_str!("../../../../sdk/templates/python/plugin.py")),
    ("requirements.txt", include_str!("../../../../sdk/templates/python/requirements.txt")),
    (".gitignore", include_str!("../../../../sdk/templates/python/gitignore")),
];

const AFTER: &str = "\
The folder maps `update` of a made-up API, with the cases that say so; its README explains every file. Then:
  cd NAME
  patchboard plugin build      makes NAME.wasm, a component without imports
  patchboard plugin test .     tests it, offline

Which language? A call of a plugin in Rust costs microseconds, one in JavaScript or Python milliseconds. A component in
Rust has some 200 KB, one in JavaScript 1.2 MB, one in Python 19 MB. docs/write-a-plugin.md has the numbers.";

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(in super::super) struct Arguments {
    /// The provider's name, as accounts name it: a to z, 0 to 9 and -, a letter first
    name: String,
    /// What the plugin is written in
    #[arg(long, short)]
    language: Language,
    /// Where to make it; a folder that does not exist, or is empty [default: ./NAME]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let Arguments { name, language, dir } = arguments;
    check_name(name)?;
    let dir = dir.clone().unwrap_or_else(|| PathBuf::from(name));
    check_free(&dir)?;
    make(&dir, name, *language)?;
    println!("{}", dir.display());
    eprintln!("{}", next(&dir, name, *language));
    Ok(ExitCode::SUCCESS)
}

fn check_name(name: &str) -> anyhow::Result<()> {
    let letter = name.starts_with(|first: char| first.is_ascii_lowercase());
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if letter && plain && name.len() <= LONGEST {
        return Ok(());
    }
    Err(misuse(format!(
        "{name:?} is no provider's name: it takes a to z, 0 to 9 and -, begins with a letter, and has at most {LONGEST} characters"
    )))
}

fn check_free(dir: &Path) -> anyhow::Result<()> {
    match fs::read_dir(dir) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(misuse(format!("{} is not empty; give another folder by --dir, or another name", dir.display()))),
        },
        Err(_) if fs::symlink_metadata(dir).is_err() => Ok(()),
        Err(error) => Err(misuse(format!("{}: {error}; give another folder by --dir", dir.display()))),
    }
}

/// Makes the whole folder aside and puts it in place at once: none is left half made.
fn make(dir: &Path, name: &str, language: Language) -> anyhow::Result<()> {
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    let aside = tempfile::Builder::new().prefix(".patchboard-new-").tempdir_in(parent);
    let aside = aside.with_context(|| format!("cannot write into {}", parent.display()))?;
    let made = aside.path().join("plugin");
    let own: &[(&str, &str)] = match language {
        Language::Rust => &RUST,
        Language::JavaScript => &JAVASCRIPT,
        Language::Python => &PYTHON,
    };
    for (path, template) in COMMON.iter().chain(own) {
        vendor::file(&made.join(path), &template.replace(NAME, name).replace(TITLE, &title(name)))?;
    }
    vendor::write(&made, language)?;
    fs::rename(&made, dir).with_context(|| format!("cannot put {} in place", dir.display()))
}

/// `quay-side` as `Quay Side`.
fn title(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    name.split('-').filter_map(word).collect::<Vec<_>>().join(" ")
}

/// What to do now.
fn next(dir: &Path, name: &str, language: Language) -> String {
    let known = if registry::bundled_names().any(|bundled| bundled == name) {
        format!("note: {name} is also the name of a bundled plugin; a server that loads yours uses it in its place\n")
    } else {
        String::new()
    };
    let folder = dir.display();
    format!(
        "{known}a {language} plugin that maps `update` of a made-up API; {folder}/README.md explains it. Next:\n  cd {folder}\n  patchboard plugin build\n  patchboard plugin test ."
    )
}

#[cfg(test)]
mod tests {
    use patchboard_gateway::Manifest;
    use patchboard_kit::Case;

    use super::*;

    #[test]
    fn names_are_those_of_manifests() {
        for name in ["a", "quayside", "quay-side-2", &"a".repeat(63)] {
            check_name(name).unwrap();
        }
        for name in ["", "Quay", "2quay", "-quay", "quay_side", "quay/side", "..", "é", &"a".repeat(64)] {
            assert!(check_name(name).unwrap_err().to_string().contains("is no provider's name"), "{name}");
        }
    }

    #[test]
    fn a_title_is_the_names_words() {
        assert_eq!(title("quay-side-2"), "Quay Side 2");
        assert_eq!(title("a--b"), "A B");
    }

    #[test]
    fn a_folder_that_holds_something_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        check_free(folder.path()).unwrap();
        check_free(&folder.path().join("new")).unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(check_free(folder.path()).unwrap_err().to_string().contains("is not empty"));
        assert!(check_free(&file).unwrap_err().to_string().contains("--dir"));
    }

    #[test]
    fn every_language_has_a_manifest_that_is_read_and_cases_that_are_read_and_nothing_is_left_to_fill_in() {
        for language in [Language::Rust, Language::JavaScript, Language::Python] {
            let folder = tempfile::tempdir().unwrap();
            let dir = folder.path().join("deep/quay-side");
            make(&dir, "quay-side", language).unwrap();
            let manifest = Manifest::parse(&fs::read_to_string(dir.join("manifest.json")).unwrap()).unwrap();
            assert_eq!((manifest.name.as_str(), manifest.title.as_str()), ("quay-side", "Quay Side"));
            let mut cases = Vec::new();
            for (path, text) in &COMMON[1..] {
                cases.extend(Case::parse(path, text).unwrap());
            }
            assert!(cases.len() >= 2);
            Case::unique(&cases).unwrap();
            for (path, _) in RUST.iter().chain(&JAVASCRIPT).chain(&PYTHON).chain(&COMMON) {
                let text = fs::read_to_string(dir.join(path)).unwrap_or_default();
                assert!(!text.contains("{{"), "{path}");
            }
            assert_eq!(Language::of(&dir).unwrap(), language);
            assert_eq!(fs::read_dir(folder.path().join("deep")).unwrap().count(), 1, "nothing is left beside it");
        }
    }

    #[test]
    fn a_bundled_name_is_said() {
        let Some(bundled) = registry::bundled_names().next() else { return };
        assert!(next(Path::new("x"), bundled, Language::Rust).contains("bundled plugin"));
        assert!(!next(Path::new("x"), "quayside", Language::Rust).contains("bundled"));
    }
}
