//! Whatever an account's settings are, requests go to declared hosts only.

use std::collections::BTreeSet;

use patchboard_gateway::Provider;
use patchboard_gateway::manifest::{BASE_URL, Setting, Template, base_url};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::string::string_regex;
use proptest::test_runner::TestRunner;

use super::Found;
use crate::context::Context;
use crate::report::{Check, Difference, Section};
use crate::rig::Settings;

/// Values of a setting that are made up from its pattern.
const SAMPLES: usize = 64;
/// What would lead elsewhere, if a setting took it.
const ASTRAY: [&str; 8] = [
    "elsewhere.example",
    "elsewhere.example/",
    "elsewhere.example#",
    "elsewhere.example?",
    "elsewhere.example\\",
    "user@elsewhere.example",
    "elsewhere.example:443/",
    "127.0.0.1/",
];

pub(super) fn check<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    let mut named = BTreeSet::new();
    for (varied, settings) in accounts(context) {
        found.looked();
        // One example for each setting tells enough.
        if varied.as_ref().is_some_and(|setting| named.contains(setting)) {
            continue;
        }
        if let Some((host, url)) = undeclared(context, &settings) {
            named.extend(varied);
            let hosts: Vec<&str> = context.rig.manifest().hosts.iter().map(|host| host.as_str()).collect();
            let with: Vec<String> = settings.iter().map(|(name, value)| format!("{name} = {value:?}")).collect();
            let with = if with.is_empty() { String::new() } else { format!(" with {}", with.join(", ")) };
            let what = format!("the host `{host}` is not declared, and requests go there{with}");
            found.add(Difference::new(what, format!("one of the hosts {}", hosts.join(", ")), url));
        }
    }
    for played in &context.played {
        if let Some(why) = played.ran.failure().filter(|why| why.contains("base URL")) {
            let what = format!("in the case \"{}\" the plugin asks for another place than its base URL", played.case.name);
            found.add(Difference::new(what, "a path below the base URL", why));
        }
    }
    found.check(Section::Declaration, "only declared hosts are reached", "accounts")
}

/// The host that an account's requests would go to, where it is not declared.
fn undeclared<P: Provider>(context: &Context<'_, P>, settings: &Settings) -> Option<(String, String)> {
    let manifest = context.rig.manifest();
    let settled = context.settled(settings)?;
    let text = manifest.base_url.of(&settled).ok()?.fill(&settled).ok()?;
    let url = base_url(&text).ok()?;
    let host = url.host_str()?;
    let declared = url.scheme() == "https" && manifest.hosts.iter().any(|pattern| pattern.matches(host));
    (!declared).then(|| (host.to_owned(), text.clone()))
}

/// The accounts of the cases, and one of them with every choice and many values of each
/// setting that the base URL has, which is named.
fn accounts<P: Provider>(context: &Context<'_, P>) -> Vec<(Option<String>, Settings)> {
    let manifest = context.rig.manifest();
    let shown = context.played.iter().map(|played| &played.case.settings).filter(|settings| context.settled(settings).is_some());
    let shown: BTreeSet<&Settings> = shown.filter(|settings| !settings.contains_key(BASE_URL)).collect();
    let first = shown.first().map(|settings| (*settings).clone()).unwrap_or_default();
    let templates: Vec<&Template> = manifest.base_url.templates().collect();
    let mut accounts: Vec<(Option<String>, Settings)> = shown.into_iter().map(|settings| (None, settings.clone())).collect();
    accounts.extend(context.choices(&first).into_iter().chain([first.clone()]).map(|settings| (None, settings)));
    for setting in manifest.settings.iter().filter(|setting| templates.iter().any(|t| t.settings().any(|name| name == setting.name))) {
        let with = |value: String| {
            let mut settings = first.clone();
            settings.insert(setting.name.clone(), value);
            settings
        };
        let taken = values(setting).into_iter().map(with).filter(|settings| context.settled(settings).is_some());
        accounts.extend(taken.map(|settings| (Some(setting.name.clone()), settings)));
    }
    accounts
}

fn values(setting: &Setting) -> Vec<String> {
    let mut values: Vec<String> = setting.choices.clone().unwrap_or_default();
    values.extend(ASTRAY.map(str::to_owned));
    if let Some(strategy) = setting.pattern.as_ref().and_then(|pattern| string_regex(pattern.as_str()).ok()) {
        let mut runner = TestRunner::deterministic();
        values.extend((0..SAMPLES).filter_map(|_| strategy.new_tree(&mut runner).ok()).map(|tree| tree.current()));
    }
    values
}
