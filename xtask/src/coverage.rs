//! `cargo xtask coverage`: what each provider takes and answers, out of the manifests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::{Map, Value};

use crate::sh::root;

/// Whether to write the page or to compare it.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// Write nothing; fail where the page is not what the manifests say
    #[arg(long)]
    pub check: bool,
}

const OPERATIONS: [&str; 6] = ["list", "get", "create", "update", "upsert", "delete"];
const HEAD: &str = "# Coverage\n\nWhat each provider takes and answers, as its plugin declares it. Written by `cargo xtask coverage`; the conformance kit\n\
    holds every line of it against what the plugin does. An extension is what the provider can do and the unified API that this one is\n\
    compatible with does not list.\n";

/// Writes or compares `docs/coverage.md`.
pub fn run(options: Options) -> anyhow::Result<()> {
    let file = root().join("docs").join("coverage.md");
    let page = page()?;
    if options.check {
        let there = fs::read_to_string(&file).unwrap_or_default();
        ensure!(there == page, "docs/coverage.md is not what the manifests say; run `cargo xtask coverage`");
    } else {
        fs::write(&file, page)?;
    }
    Ok(())
}

/// A provider's declaration of one resource.
struct Provider {
    title: String,
    resource: Value,
}

fn page() -> anyhow::Result<String> {
    let mut by_resource: BTreeMap<String, Vec<Provider>> = BTreeMap::new();
    for file in json_files(&root().join("plugins"), |folder| folder.join("manifest.json"))? {
        let manifest = read(&file)?;
        for resource in array(&manifest, "resources") {
            let name = format!("{}/{}", text(resource, "model"), text(resource, "resource"));
            by_resource.entry(name).or_default().push(Provider { title: text(&manifest, "title"), resource: resource.clone() });
        }
    }
    let mut page = HEAD.to_owned();
    for (name, providers) in &by_resource {
        let model = read(&root().join("models").join(format!("{name}.json")))?;
        let fields = model.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        section(&mut page, name, &fields, providers)?;
    }
    Ok(page)
}

fn section(page: &mut String, name: &str, fields: &Map<String, Value>, providers: &[Provider]) -> anyhow::Result<()> {
    writeln!(page, "\n## {name}\n")?;
    let operations = OPERATIONS.iter().map(|operation| {
        let cells = providers.iter().map(|provider| provider.operation(operation).map(|_| "supported".to_owned()));
        ((*operation).to_owned(), cells.collect())
    });
    table(page, "operation", providers, operations.collect())?;
    for operation in OPERATIONS.iter().filter(|operation| providers.iter().any(|provider| provider.takes(operation))) {
        taken(page, operation, fields, providers)?;
    }
    writeln!(page, "\n### Answers\n")?;
    let mut notes = Vec::new();
    let answer = |provider: &Provider, name: &str| find(array(&provider.resource, "answers"), name);
    let answered = rows(fields.keys(), providers, &mut notes, &answer);
    table(page, "field", providers, answered)?;
    list(page, &notes)
}

/// What an operation takes: fields, parameters, `remote_data`.
fn taken(page: &mut String, operation: &str, fields: &Map<String, Value>, providers: &[Provider]) -> anyhow::Result<()> {
    writeln!(page, "\n### {operation}: what is taken\n")?;
    let mut notes = Vec::new();
    let field = |provider: &Provider, name: &str| provider.member(operation, "fields", name);
    let mut taken = rows(fields.keys(), providers, &mut notes, &field);
    let param = |provider: &Provider, name: &str| provider.member(operation, "params", name.trim_start_matches('?'));
    taken.extend(rows(params(operation, providers).iter(), providers, &mut notes, &param));
    if providers.iter().any(|provider| provider.remote(operation).is_some()) {
        taken.push(("remote_data".to_owned(), providers.iter().map(|provider| provider.remote(operation)).collect()));
    }
    table(page, "field", providers, taken)?;
    list(page, &notes)
}

impl Provider {
    fn operation(&self, operation: &str) -> Option<&Value> {
        self.resource.get("operations")?.get(operation)
    }

    /// Whether there is something to say about what an operation takes.
    fn takes(&self, operation: &str) -> bool {
        self.operation(operation).is_some_and(|o| !array(o, "fields").is_empty() || !array(o, "params").is_empty())
    }

    fn member(&self, operation: &str, list: &str, name: &str) -> Option<Value> {
        find(array(self.operation(operation)?, list), name)
    }

    fn remote(&self, operation: &str) -> Option<String> {
        let takes = |call: &Value| call.get("remote_data").is_some();
        array(self.operation(operation)?, "calls").iter().any(takes).then(|| "supported".to_owned())
    }
}

type Rows = Vec<(String, Vec<Option<String>>)>;

/// A row for every name that some provider declares.
fn rows<'n>(
    names: impl Iterator<Item = &'n String>,
    providers: &[Provider],
    notes: &mut Vec<String>,
    declared: &dyn Fn(&Provider, &str) -> Option<Value>,
) -> Rows {
    let mut rows = Vec::new();
    for name in names {
        let members: Vec<Option<Value>> = providers.iter().map(|provider| declared(provider, name)).collect();
        if members.iter().all(Option::is_none) {
            continue;
        }
        for (provider, member) in providers.iter().zip(&members) {
            let noted = member.as_ref().map(note).filter(|note| !note.is_empty());
            notes.extend(noted.map(|note| format!("{}, `{name}`: {note}", provider.title)));
        }
        rows.push((name.clone(), members.iter().map(|member| member.as_ref().map(cell)).collect()));
    }
    rows
}

/// `required`, or `supported`, with the values of an enum and whether null clears.
fn cell(member: &Value) -> String {
    let flag = |name: &str| member.get(name) == Some(&Value::Bool(true));
    let mut cell = if flag("required") { "required" } else { "supported" }.to_owned();
    if flag("extension") {
        cell.push_str(" (extension)");
    }
    if flag("nullable") {
        cell.push_str(", null clears");
    }
    let values: Vec<String> = array(member, "enum").iter().filter_map(Value::as_str).map(|value| format!("`{value}`")).collect();
    match values.len() {
        0 => {}
        1..=12 => cell.push_str(&format!(": {}", values.join(", "))),
        many => cell.push_str(&format!(": {many} values")),
    }
    cell
}

fn note(member: &Value) -> String {
    let mut parts = Vec::new();
    for (setting, values) in member.get("when").and_then(Value::as_object).into_iter().flatten() {
        let values: Vec<&str> = match values {
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect(),
        };
        parts.push(format!("only where the setting `{setting}` is {}.", values.join(" or ")));
    }
    parts.extend(Some(text(member, "note")).filter(|note| !note.is_empty()));
    let length = |name: &str, words: &str| member.get(name).map(|length| format!("{words} {length} characters."));
    parts.extend(length("max_length", "At most"));
    parts.join(" ")
}

fn table(page: &mut String, first: &str, providers: &[Provider], rows: Rows) -> anyhow::Result<()> {
    let titles: Vec<&str> = providers.iter().map(|provider| provider.title.as_str()).collect();
    writeln!(page, "| {first} | {} |", titles.join(" | "))?;
    writeln!(page, "|---|{}", "---|".repeat(titles.len()))?;
    for (name, cells) in rows {
        let cells: Vec<String> = cells.into_iter().map(|cell| cell.unwrap_or_else(|| "–".to_owned())).collect();
        writeln!(page, "| `{name}` | {} |", cells.join(" | "))?;
    }
    Ok(())
}

fn list(page: &mut String, notes: &[String]) -> anyhow::Result<()> {
    if !notes.is_empty() {
        writeln!(page)?;
    }
    notes.iter().try_for_each(|note| writeln!(page, "- {note}")).map_err(Into::into)
}

/// Query parameters, each once, in the order in which providers declare them.
fn params(operation: &str, providers: &[Provider]) -> Vec<String> {
    let mut names = Vec::new();
    for param in providers.iter().filter_map(|provider| provider.operation(operation)).flat_map(|operation| array(operation, "params")) {
        let name = format!("?{}", text(param, "name"));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn find(members: &[Value], name: &str) -> Option<Value> {
    members.iter().find(|member| text(member, "name") == name).cloned()
}

fn array<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn read(file: &Path) -> anyhow::Result<Value> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is not JSON", file.display()))
}

fn json_files(folder: &Path, file: impl Fn(&Path) -> PathBuf) -> anyhow::Result<Vec<PathBuf>> {
    let entries: Vec<PathBuf> = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    let mut files: Vec<PathBuf> = entries.iter().map(|entry| file(entry)).filter(|file| file.is_file()).collect();
    files.sort();
    Ok(files)
}
