//! The guide as a program: the blocks of a Markdown file, run in the order in which a
//! reader meets them.
//!
//! What a fenced block is stands behind its three backticks, where readers do not see it:
//!
//! - `sh`: run by a shell; the folder it ends in is where the next one begins
//! - `sh fails`: the same, and it must end with an error
//! - `text`: what the block before has written; `…` stands for anything in a line, and a
//!   line of it alone for any lines
//! - `json file=cases/get.json`, and so on: the whole content of a file
//! - a language's name (`sh javascript`): only followed by whoever has chosen it
//!
//! Other blocks are only read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use crate::languages;

/// The languages that a reader can choose.
pub const LANGUAGES: [&str; 3] = ["javascript", "python", "rust"];

/// A fenced block that is followed.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    /// The line of the file that it begins on.
    line: usize,
    what: What,
    text: String,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    Shell { fails: bool },
    Output,
    File(String),
}

/// Follows a guide as somebody who has chosen a language, in an empty folder.
pub fn follow(guide: &Path, language: &str, folder: &Path, programs: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(guide).with_context(|| format!("cannot read {}", guide.display()))?;
    let blocks = blocks(&text, language);
    ensure!(!blocks.is_empty(), "{} has nothing to follow", guide.display());
    let mut reader = Reader { folder: folder.to_owned(), programs, said: String::new() };
    for block in &blocks {
        reader.follow(block).with_context(|| format!("{}:{}", guide.display(), block.line))?;
    }
    Ok(())
}

/// The blocks that whoever has chosen this language follows.
fn blocks(text: &str, language: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let text: String = lines.by_ref().map_while(|(_, line)| (line != "```").then(|| format!("{line}\n"))).collect();
        let words: Vec<&str> = info.split_whitespace().collect();
        let other = |word: &&str| LANGUAGES.contains(word) && **word != *language;
        if words.iter().skip(1).any(other) {
            continue;
        }
        if let Some(what) = What::of(&words) {
            blocks.push(Block { line: at + 1, what, text });
        }
    }
    blocks
}

impl What {
    fn of(words: &[&str]) -> Option<Self> {
        let file = words.iter().find_map(|word| word.strip_prefix("file="));
        match (file, words.first()) {
            (Some(file), _) => Some(Self::File(file.to_owned())),
            (None, Some(&"sh")) => Some(Self::Shell { fails: words.contains(&"fails") }),
            (None, Some(&"text")) => Some(Self::Output),
            _ => None,
        }
    }
}

/// Where the reader stands.
struct Reader<'a> {
    folder: PathBuf,
    /// The folder of the `patchboard` program.
    programs: &'a Path,
    /// What the last command has written.
    said: String,
}

impl Reader<'_> {
    fn follow(&mut self, block: &Block) -> anyhow::Result<()> {
        match &block.what {
            What::Shell { fails } => self.run(&block.text, *fails),
            What::Output => expect(&block.text, &self.said),
            What::File(name) => {
                let file = self.folder.join(name);
                fs::create_dir_all(file.parent().unwrap_or(&self.folder))?;
                Ok(fs::write(file, &block.text)?)
            }
        }
    }

    fn run(&mut self, script: &str, fails: bool) -> anyhow::Result<()> {
        let place = tempfile::NamedTempFile::new()?;
        let whole = format!("set -eu\n{script}\npwd > '{}'\n", place.path().display());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([self.programs.to_owned()].into_iter().chain(std::env::split_paths(&path)))?;
        let mut shell = Command::new("sh");
        shell.args(["-c", &whole]).current_dir(&self.folder).env("PATH", path);
        // A machine that is busy with builds may let a plugin wait for its processor.
        shell.env("PATCHBOARD_SANDBOX__DEADLINE_MS", "5000").env("CARGO_TARGET_DIR", languages::cargo_target());
        let output = shell.output().context("cannot run sh")?;
        self.said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success() != fails, "{script}ended with {}:\n{}", output.status, self.said);
        let place = fs::read_to_string(place.path())?;
        if !place.is_empty() {
            self.folder = PathBuf::from(place.trim_end());
        }
        Ok(())
    }
}

/// Whether what was written is what the guide shows, line by line.
fn expect(shown: &str, said: &str) -> anyhow::Result<()> {
    let mut rest = said.lines();
    let mut gap = true;
    for line in shown.lines() {
        if line.trim() == "…" {
            gap = true;
            continue;
        }
        let found = if gap { rest.any(|said| fits(line, said)) } else { rest.next().is_some_and(|said| fits(line, said)) };
        if !found {
            bail!("the guide shows:\n{shown}\nbut {line:?} is not where it should be in:\n{said}");
        }
        gap = false;
    }
    Ok(())
}

/// Whether a line is the one that is shown; `…` stands for anything.
fn fits(shown: &str, said: &str) -> bool {
    let mut parts = shown.trim_end().split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = said.trim_end().strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUIDE: &str = "# A guide\n```sh rust\none\n```\n```sh python fails\ntwo\n```\nwords\n```text\nthree\n```\n```js file=a/b.js\nfour\n\n```\n```js\nread\n```\n";

    #[test]
    fn a_reader_follows_the_blocks_of_the_chosen_language_and_those_of_all() {
        let found = blocks(GUIDE, "python");
        let expected = [
            Block { line: 5, what: What::Shell { fails: true }, text: "two\n".to_owned() },
            Block { line: 9, what: What::Output, text: "three\n".to_owned() },
            Block { line: 12, what: What::File("a/b.js".to_owned()), text: "four\n\n".to_owned() },
        ];
        assert_eq!(found, expected);
        assert_eq!(blocks(GUIDE, "rust").len(), 3);
        assert_eq!(blocks(GUIDE, "javascript").len(), 2);
    }

    #[test]
    fn what_is_shown_must_stand_in_what_was_said_in_order_and_without_gaps() {
        let said = "one\ntwo 12.5 s\nthree\nfour\n";
        for shown in ["one\ntwo … s\nthree\nfour\n", "three\nfour", "one\n…\nfour", "two…\n…\nfour", "t…o …5… s"] {
            expect(shown, said).unwrap();
        }
        for shown in ["two\n", "one\nthree", "four\nthree", "one\n…\none", "two … ms"] {
            assert!(expect(shown, said).is_err(), "{shown}");
        }
    }

    #[test]
    fn a_guide_is_followed_from_folder_to_folder_and_stops_where_it_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let guide = folder.path().join("guide.md");
        let good = "```sh\nmkdir inner\ncd inner\n```\n```txt file=deep/file\nhello\n```\n```sh\ncat deep/file\n```\n```text\nhello\n```\n```sh fails\nfalse\n```\n";
        fs::write(&guide, good).unwrap();
        follow(&guide, "rust", folder.path(), folder.path()).unwrap();
        for (wrong, says) in [
            ("```sh\nfalse\n```\n", "guide.md:1"),
            ("```sh fails\ntrue\n```\n", "ended with"),
            ("```sh\necho a\n```\n\n```text\nb\n```\n", "guide.md:5"),
            ("words", "nothing to follow"),
        ] {
            fs::write(&guide, wrong).unwrap();
            let error = format!("{:#}", follow(&guide, "rust", folder.path(), folder.path()).unwrap_err());
            assert!(error.contains(says), "{error}");
        }
    }

    /// Every name of a property, at any depth.
    fn properties(schema: &serde_json::Value, names: &mut Vec<String>) {
        match schema {
            serde_json::Value::Object(members) => {
                if let Some(own) = members.get("properties").and_then(serde_json::Value::as_object) {
                    names.extend(own.keys().cloned());
                }
                members.values().for_each(|member| properties(member, names));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| properties(item, names)),
            _ => {}
        }
    }

    #[test]
    fn the_reference_explains_every_member_of_the_manifest_and_every_helper() {
        let read = |file: &str| fs::read_to_string(crate::sh::root().join(file)).unwrap();
        let reference = read("docs/plugin-reference.md");
        let mut names = Vec::new();
        properties(&serde_json::from_str(&read("wit/manifest.schema.json")).unwrap(), &mut names);
        assert!(names.len() > 40, "{names:?}");
        for name in names {
            let shown = [format!("`{name}`"), format!("\"{name}\"")].iter().any(|shown| reference.contains(shown));
            assert!(shown, "docs/plugin-reference.md does not explain `{name}`");
        }
        for (file, before) in [("sdk/javascript/patchboard.js", "export function "), ("sdk/python/patchboard.py", "\ndef ")] {
            let source = read(file);
            let helpers = source.split(before).skip(1).filter_map(|rest| rest.split('(').next());
            for helper in helpers.filter(|helper| !helper.starts_with('_')) {
                assert!(reference.contains(helper), "docs/plugin-reference.md does not mention {helper} of {file}");
            }
        }
    }
}
