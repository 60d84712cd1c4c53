//! A provider's two tables in a manifest: the private route and the component. What else
//! stands in the file, comments too, stays.

use std::collections::BTreeSet;

use thiserror::Error;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use crate::component;

/// The file of the router, into which every provider is written.
const APP: &str = include_str!("app.toml");
/// The interface that a plugin exports. Spin wants exactly this name.
const INTERFACE: &str = "patchboard:provider/mapper@0.1.0";
const ROUTER: &str = "router";
const SOURCE: &str = "target/edge/provider.wasm";

/// A plugin, as far as the manifest says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    /// The provider's name.
    pub name: String,
    /// The hosts that it declares; `*.name` for every name below.
    pub hosts: Vec<String>,
    /// Its component file, from the manifest's folder.
    pub file: String,
    /// `sha256:…` of the file, which a dry run shows.
    pub digest: String,
}

/// A manifest with a provider in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The whole file.
    pub text: String,
    /// The provider's component.
    pub component: String,
    /// Whether the manifest has a router that names its providers.
    pub listed: bool,
}

/// Why a manifest is not edited.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EditError {
    /// Not TOML.
    #[error("it is not TOML: {0}")]
    NotToml(String),
    /// Not a manifest of this form.
    #[error("it is no Spin manifest of version 2")]
    NotSpin,
    /// A part of it is something else than it should be.
    #[error("{0} is not a table there")]
    Form(&'static str),
    /// A provider that cannot have a component.
    #[error("{0:?} is no provider's name")]
    Name(String),
}

/// The whole manifest of an app with these plugins.
///
/// # Errors
/// [`EditError::Name`].
pub fn app(plugins: &[Plugin]) -> Result<String, EditError> {
    plugins.iter().try_fold(APP.to_owned(), |text, plugin| add(&text, plugin).map(|added| added.text))
}

/// Writes a provider into a manifest, or brings it up to date. Done twice it is done once.
///
/// # Errors
/// [`EditError`].
pub fn add(text: &str, plugin: &Plugin) -> Result<Added, EditError> {
    let id = component::id(&plugin.name).ok_or_else(|| EditError::Name(plugin.name.clone()))?;
    let mut manifest: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| EditError::NotToml(e.to_string()))?;
    if manifest.get("spin_manifest_version").and_then(Item::as_integer) != Some(2) {
        return Err(EditError::NotSpin);
    }
    variables(&mut manifest)?;
    trigger(&mut manifest, &id)?;
    component(&mut manifest, &id, plugin)?;
    let listed = list(&mut manifest, &plugin.name);
    Ok(Added { text: manifest.to_string(), component: id, listed })
}

/// The variables that a provider's component is given, where the app does not have them.
fn variables(manifest: &mut DocumentMut) -> Result<(), EditError> {
    let own: DocumentMut = APP.parse().map_err(|e: toml_edit::TomlError| EditError::NotToml(e.to_string()))?;
    let own = own.get("variables").and_then(Item::as_table).ok_or(EditError::Form("variables"))?;
    let variables = table(manifest.as_table_mut(), "variables")?;
    for name in ["encryption_key", "extra_upstream", "total_seconds"] {
        if let (false, Some(declared)) = (variables.contains_key(name), own.get(name)) {
            variables.insert(name, declared.clone());
        }
    }
    Ok(())
}

fn table<'t>(parent: &'t mut Table, name: &'static str) -> Result<&'t mut Table, EditError> {
    let item = parent.entry(name).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    item.as_table_mut().ok_or(EditError::Form(name))
}

fn trigger(manifest: &mut DocumentMut, id: &str) -> Result<(), EditError> {
    let triggers = table(manifest.as_table_mut(), "trigger")?;
    let http = triggers.entry("http").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let http = http.as_array_of_tables_mut().ok_or(EditError::Form("trigger.http"))?;
    if http.iter().any(|trigger| trigger.get("component").and_then(Item::as_str) == Some(id)) {
        return Ok(());
    }
    let mut route = InlineTable::new();
    route.insert("private", true.into());
    let mut trigger = Table::new();
    trigger.insert("route", value(route));
    trigger.insert("component", value(id));
    http.push(trigger);
    Ok(())
}

fn component(manifest: &mut DocumentMut, id: &str, plugin: &Plugin) -> Result<(), EditError> {
    let components = table(manifest.as_table_mut(), "component")?;
    // What the providers that are there have in common, a further one has, too.
    let other = components.iter().filter(|(name, _)| name.starts_with("p-")).find_map(|(_, other)| other.as_table());
    let source = other.and_then(|other| other.get("source")).and_then(Item::as_str).unwrap_or(SOURCE).to_owned();
    let build = other.map_or_else(|| Some(own_build()), |other| other.get("build").cloned());
    let item = components.entry(id).or_insert_with(|| Item::Table(Table::new()));
    let component = item.as_table_mut().ok_or(EditError::Form("component"))?;
    if !component.contains_key("source") {
        component.insert("source", value(source));
    }
    let hosts = plugin.hosts.iter().map(|host| format!("https://{host}")).chain(["{{ extra_upstream }}".to_owned()]);
    set(component, "allowed_outbound_hosts", Value::Array(hosts.collect::<Array>()));
    set(component, "key_value_stores", Value::Array(["default"].into_iter().collect::<Array>()));
    let mut variables = InlineTable::new();
    for name in ["encryption_key", "extra_upstream", "total_seconds"] {
        variables.insert(name, format!("{{{{ {name} }}}}").into());
    }
    variables.insert("plugin_digest", plugin.digest.as_str().into());
    set(component, "variables", Value::InlineTable(variables));
    let mut file = InlineTable::new();
    file.insert("path", plugin.file.as_str().into());
    let mut dependencies = InlineTable::new();
    dependencies.insert(INTERFACE, Value::InlineTable(file));
    set(component, "dependencies", Value::InlineTable(dependencies));
    if let (false, Some(build)) = (component.contains_key("build"), build) {
        component.insert("build", build);
    }
    Ok(())
}

fn own_build() -> Item {
    let mut build = InlineTable::new();
    build.insert("command", "cargo xtask edge".into());
    value(build)
}

/// Sets a member; one that says the same stays as it is written.
fn set(table: &mut Table, name: &str, new: Value) {
    let same = table.get(name).is_some_and(|old| plain(old) == plain(&Item::Value(new.clone())));
    if !same {
        table.insert(name, Item::Value(new));
    }
}

/// What an item says, however it is written.
fn plain(item: &Item) -> String {
    fn members(table: &dyn TableLike) -> String {
        table.iter().map(|(name, item)| format!("{name:?}={};", plain(item))).collect()
    }
    match item {
        Item::Table(table) => members(table),
        Item::Value(Value::InlineTable(table)) => members(table),
        Item::Value(Value::Array(array)) => array.iter().map(|v| plain(&Item::Value(v.clone()))).collect::<Vec<_>>().join(","),
        Item::Value(Value::String(text)) => format!("{:?}", text.value()),
        other => other.to_string().trim().to_owned(),
    }
}

/// Names the provider in the router's list, in order.
fn list(manifest: &mut DocumentMut, provider: &str) -> bool {
    let router = manifest.get_mut("component").and_then(|c| c.get_mut(ROUTER)).and_then(|r| r.get_mut("variables"));
    let Some(variables) = router.and_then(Item::as_table_like_mut) else { return false };
    let Some(listed) = variables.get("providers").and_then(Item::as_str) else { return false };
    let mut names: BTreeSet<&str> = listed.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.insert(provider) {
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        variables.insert("providers", value(names));
    }
    true
}

/// A manifest without the digests of plugin files, which differ from one build to another.
#[must_use]
pub fn without_digests(text: &str) -> String {
    const BEFORE: &str = "plugin_digest = \"";
    let mut parts = text.split(BEFORE);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + BEFORE + part.split_once('"').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(name: &str) -> Plugin {
        Plugin {
            name: name.to_owned(),
            hosts: vec!["api.example.com".to_owned(), "*.example.net".to_owned()],
            file: format!("target/plugins/{name}.wasm"),
            digest: "sha256:00".to_owned(),
        }
    }

    #[test]
    fn a_provider_is_two_tables_more() {
        let one = app(&[plugin("wrike")]).unwrap();
        let two = app(&[plugin("wrike"), plugin("microsoft-365")]).unwrap();
        let listed = |names: &str| format!("providers = \"{names}\"");
        let rest = two.replace(&listed("microsoft-365, wrike"), &listed("wrike"));
        let added: String = rest.lines().filter(|line| !one.contains(line)).map(|line| format!("{line}\n")).collect();
        assert_eq!(
            added,
            "component = \"p-microsoft-n365\"\n[component.p-microsoft-n365]\n".to_owned()
                + "dependencies = { \"patchboard:provider/mapper@0.1.0\" = { path = \"target/plugins/microsoft-365.wasm\" } }\n"
        );
        assert!(one.contains("allowed_outbound_hosts = [\"https://api.example.com\", \"https://*.example.net\", \"{{ extra_upstream }}\"]"));
    }

    #[test]
    fn done_twice_it_is_done_once_and_what_is_there_stays() {
        let once = app(&[plugin("wrike")]).unwrap();
        let kept = once.replace("[component.p-wrike]\n", "# ours\n[component.p-wrike]\n").replace(", \"{{ extra", ",   \"{{ extra");
        let again = add(&kept, &plugin("wrike")).unwrap();
        assert_eq!((again.text.as_str(), again.component.as_str(), again.listed), (kept.as_str(), "p-wrike", true));
        let changed = add(&kept, &Plugin { digest: "sha256:01".to_owned(), ..plugin("wrike") }).unwrap().text;
        assert_eq!(changed, kept.replace("sha256:00", "sha256:01"));
    }

    #[test]
    fn another_apps_manifest_gets_what_a_provider_needs() {
        let text = "spin_manifest_version = 2\n[application]\nname = \"x\"\n";
        let added = add(text, &plugin("wrike")).unwrap();
        assert!(!added.listed);
        for needed in ["encryption_key = { required = true, secret = true }", "route = { private = true }", "[component.p-wrike]"] {
            assert!(added.text.contains(needed), "{needed} in {}", added.text);
        }
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        assert!(matches!(add("x", &plugin("a")), Err(EditError::NotToml(_))));
        assert_eq!(add("spin_manifest_version = 1", &plugin("a")), Err(EditError::NotSpin));
        assert_eq!(add("spin_manifest_version = 2\ncomponent = 1", &plugin("a")), Err(EditError::Form("component")));
        assert_eq!(app(&[plugin("../x")]), Err(EditError::Name("../x".to_owned())));
    }

    #[test]
    fn digests_are_left_out_of_a_comparison() {
        assert_eq!(without_digests("a plugin_digest = \"sha256:1\" b"), "a plugin_digest = \" b");
        assert_eq!(without_digests("nothing"), "nothing");
    }
}
