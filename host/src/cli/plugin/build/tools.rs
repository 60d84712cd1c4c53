//! Other programs: found, named when they are missing, and run with what they say kept
//! for when they fail.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Instant, SystemTime};

use anyhow::Context as _;

use super::misuse;

/// How much of what a failed program said is shown.
const SHOWN: usize = 40;

/// A program on the PATH.
pub(super) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let files = |name: &str| env::split_paths(&path).map(|dir| dir.join(format!("{name}{}", env::consts::EXE_SUFFIX))).collect::<Vec<_>>();
    names.iter().flat_map(|name| files(name)).find(|file| file.is_file())
}

/// Says what is done and how long it took.
pub(super) fn step<T>(what: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    eprintln!("==> {what}");
    let begun = Instant::now();
    let done = work()?;
    eprintln!("    {:.1} s", begun.elapsed().as_secs_f32());
    Ok(done)
}

/// Runs a program to its end and answers what it wrote to standard output. What a failed
/// one said is the author's to read, so it is the error.
pub(super) fn run(command: &mut Command, what: &str) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("cannot run {:?}", command.get_program()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(SHOWN)..).unwrap_or_default();
    Err(misuse(format!("{what} failed ({}):\n{}", output.status, last.join("\n"))))
}

/// Whether what was installed is older than the file that says what to install.
pub(super) fn outdated(installed: &Path, lock: &Path) -> bool {
    let changed = |file: &Path| -> Option<SystemTime> { file.metadata().ok()?.modified().ok() };
    let installed = changed(installed);
    installed.is_none() || installed < changed(lock)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_a_failed_program_said_is_the_error() {
        let error = run(Command::new("sh").args(["-c", "echo one; echo two >&2; exit 3"]), "the work").unwrap_err().to_string();
        assert!(error.starts_with("the work failed") && error.ends_with("one\ntwo"), "{error}");
        assert_eq!(run(Command::new("sh").args(["-c", "echo one"]), "the work").unwrap(), "one\n");
        assert!(run(&mut Command::new("/nonexistent"), "the work").unwrap_err().to_string().contains("nonexistent"));
    }

    #[test]
    fn what_is_not_installed_or_older_than_its_lock_file_is_outdated() {
        let folder = tempfile::tempdir().unwrap();
        let (installed, lock) = (folder.path().join("installed"), folder.path().join("lock"));
        fs::write(&lock, "").unwrap();
        assert!(outdated(&installed, &lock));
        let file = fs::File::create(&installed).unwrap();
        assert!(!outdated(&installed, &lock));
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(outdated(&installed, &lock));
    }

    #[test]
    fn programs_are_found_by_the_first_name_that_is_there() {
        assert!(find(&["no-such-program", "sh"]).is_some_and(|file| file.ends_with("sh")));
        assert_eq!(find(&["no-such-program"]), None);
    }
}
