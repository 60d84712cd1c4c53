//! The languages that a plugin can be written in here. What a folder holds tells which.

use std::fmt;
use std::path::Path;

use super::misuse;

/// A language with a build of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Language {
    /// The smallest and fastest plugins; needs Rust
    Rust,
    /// JavaScript in QuickJS; needs Node 20 or later
    #[value(name = "javascript", alias = "js")]
    JavaScript,
    /// Python in CPython; needs Python 3.9 or later
    Python,
}

impl Language {
    const ALL: [Self; 3] = [Self::Rust, Self::JavaScript, Self::Python];

    /// The file that makes a folder one of this language.
    fn mark(self) -> &'static str {
        match self {
            Self::Rust => "Cargo.toml",
            Self::JavaScript => "package.json",
            Self::Python => "requirements.txt",
        }
    }

    /// The language of a folder.
    pub(super) fn of(dir: &Path) -> anyhow::Result<Self> {
        let found: Vec<Self> = Self::ALL.into_iter().filter(|language| dir.join(language.mark()).is_file()).collect();
        match found.as_slice() {
            [language] => Ok(*language),
            [] => Err(misuse(format!(
                "{} is no plugin's folder: it holds no Cargo.toml (Rust), package.json (JavaScript) or requirements.txt (Python); `patchboard plugin new NAME` makes one",
                dir.display()
            ))),
            several => {
                let marks: Vec<&str> = several.iter().map(|language| language.mark()).collect();
                Err(misuse(format!("{} holds {}; say which one builds the plugin: --language", dir.display(), marks.join(" and "))))
            }
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "Rust",
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_a_folder_holds_tells_its_language() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Language::of(folder.path()).unwrap_err().to_string().contains("no plugin's folder"));
        fs::write(folder.path().join("package.json"), "{}").unwrap();
        assert_eq!(Language::of(folder.path()).unwrap(), Language::JavaScript);
        fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        assert!(Language::of(folder.path()).unwrap_err().to_string().contains("Cargo.toml and package.json"));
    }
}
