//! The `patchboard` program, as a shell would run it.

use std::env;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The program under test: `PATCHBOARD_BIN`, or the one beside the tests in the target
/// folder.
#[must_use]
pub fn program() -> PathBuf {
    if let Some(path) = env::var_os("PATCHBOARD_BIN") {
        return PathBuf::from(path);
    }
    // The tests stand in target/<profile>/deps.
    let tests = env::current_exe().expect("the test knows its own path");
    let beside = tests.ancestors().nth(2).map(|folder| folder.join(format!("patchboard{}", env::consts::EXE_SUFFIX)));
    let path = beside.unwrap_or_default();
    assert!(path.is_file(), "{} is missing: run `cargo xtask build` first, or set PATCHBOARD_BIN", path.display());
    path
}

/// A command to be run.
#[must_use]
pub fn patchboard(arguments: &[&str]) -> Invocation {
    let mut command = Command::new(program());
    // The developer's own settings are not the tests'.
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PATCHBOARD_")) {
        command.env_remove(name);
    }
    command.args(arguments);
    Invocation { command, input: Vec::new() }
}

/// A command that has not run yet.
#[derive(Debug)]
pub struct Invocation {
    command: Command,
    input: Vec<u8>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Run {
    /// The exit code; none for a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Invocation {
    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: AsRef<std::ffi::OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    /// What it reads from standard input.
    #[must_use]
    pub fn input(mut self, text: &str) -> Self {
        self.input = text.as_bytes().to_vec();
        self
    }

    /// Starts it with pipes.
    #[must_use]
    pub fn spawn(mut self) -> Child {
        let spawned = self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.expect("the program starts");
        if let Some(mut stdin) = child.stdin.take() {
            // A program that was killed, or that reads nothing, is no fault of the input.
            let _ = stdin.write_all(&self.input);
        }
        child
    }

    /// Runs it to its end.
    #[must_use]
    pub fn run(self) -> Run {
        let output = self.spawn().wait_with_output().expect("the program ends");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Run { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Runs it; it must succeed.
    pub fn succeed(self) -> Run {
        let run = self.run();
        assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
        run
    }
}

impl Run {
    /// Standard output as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// Asserts that the command says what was wrong with it, and ended with 2.
    pub fn is_misuse(&self, says: &str) {
        assert_eq!(self.code, Some(2), "{}{}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "", "what is wrong goes to standard error");
        assert!(self.stderr.contains(says), "{says:?} is not in: {}", self.stderr);
    }
}
