//! What a test found: checks, and the differences that they name.

mod diff;
mod junit;
mod table;

use std::fmt::Display;

use patchboard_gateway::contract::PluginIdentity;
use serde::Serialize;
use serde_json::Value;

/// The parts of the kit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Section {
    /// What the author says it does.
    Cases,
    /// What it declares, against what it does.
    Declaration,
    /// What every plugin must do.
    Laws,
    /// What must not bring it down.
    Robustness,
    /// What the provider says about its own API.
    OpenApi,
}

impl Section {
    /// Its name in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cases => "cases",
            Self::Declaration => "declaration",
            Self::Laws => "laws",
            Self::Robustness => "robustness",
            Self::OpenApi => "openapi",
        }
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Passed,
    /// Something differs.
    Failed,
    /// There was nothing to check.
    Skipped,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is about, by name.
    pub what: String,
    /// From what was expected to what there is, as a unified diff.
    pub diff: String,
}

impl Difference {
    /// Two texts that should be the same.
    #[must_use]
    pub fn new(what: impl Into<String>, expected: impl Display, found: impl Display) -> Self {
        Self { what: what.into(), diff: diff::unified(&expected.to_string(), &found.to_string()) }
    }

    /// Two JSON values that should be the same.
    #[must_use]
    pub fn json(what: impl Into<String>, expected: &Value, found: &Value) -> Self {
        Self::new(what, diff::pretty(expected), diff::pretty(found))
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Where it belongs.
    pub section: Section,
    /// What it checks.
    pub name: String,
    /// How it ended.
    pub verdict: Verdict,
    /// How much was checked, or why nothing was.
    pub detail: String,
    /// What differs.
    pub differences: Vec<Difference>,
}

impl Check {
    /// A check that looked at so many things.
    #[must_use]
    pub fn of(section: Section, name: impl Into<String>, looked_at: impl Into<String>, differences: Vec<Difference>) -> Self {
        let verdict = if differences.is_empty() { Verdict::Passed } else { Verdict::Failed };
        Self { section, name: name.into(), verdict, detail: looked_at.into(), differences }
    }

    /// A check with nothing to look at.
    #[must_use]
    pub fn skipped(section: Section, name: impl Into<String>, why: impl Into<String>) -> Self {
        Self { section, name: name.into(), verdict: Verdict::Skipped, detail: why.into(), differences: Vec::new() }
    }
}

/// Everything that a test found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The provider's name.
    pub plugin: String,
    /// The plugin's version.
    pub version: String,
    /// `sha256:…` of the component.
    pub digest: String,
    /// Whether nothing differs.
    pub ok: bool,
    /// Every check, in order.
    pub checks: Vec<Check>,
}

impl Report {
    /// An empty report.
    #[must_use]
    pub fn of(plugin: &PluginIdentity) -> Self {
        Self { plugin: plugin.name.clone(), version: plugin.version.clone(), digest: plugin.digest.clone(), ok: true, checks: Vec::new() }
    }

    /// The report of a component that no server would load, with the reason.
    #[must_use]
    pub fn refused(file: &str, imports: &[String], why: &str) -> Self {
        let identity = PluginIdentity { name: file.to_owned(), version: String::new(), digest: String::new() };
        let mut report = Self::of(&identity);
        let check = match imports {
            [] => Check::of(
                Section::Declaration,
                "a server admits the component",
                "",
                vec![Difference::new(why, "a plugin that a server admits", why)],
            ),
            imports => crate::laws::imports(imports),
        };
        report.extend([check]);
        report
    }

    /// Adds checks.
    pub fn extend(&mut self, checks: impl IntoIterator<Item = Check>) {
        self.checks.extend(checks);
        self.ok = self.checks.iter().all(|check| check.differences.is_empty());
    }

    /// Every difference with its check, in order.
    pub fn differences(&self) -> impl Iterator<Item = (&Check, &Difference)> {
        self.checks.iter().flat_map(|check| check.differences.iter().map(move |difference| (check, difference)))
    }

    /// For people: a table, every difference in a line, and the first as a diff.
    #[must_use]
    pub fn table(&self) -> String {
        table::table(self)
    }

    /// For people: every difference in a line, and the first as a diff.
    #[must_use]
    pub fn faults(&self) -> String {
        table::faults(self)
    }

    /// For CI: JUnit XML.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn junit(&self) -> Result<String, quick_junit::SerializeError> {
        junit::junit(self)
    }
}
