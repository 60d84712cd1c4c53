//! What a schema cannot say about a manifest.

use std::collections::BTreeSet;

use http::HeaderName;
use time::Date;
use time::macros::format_description;

use super::{BaseUrl, Call, Effect, Manifest, OperationSpec, Scheme, Setting, Template};

/// The first contradiction, in words.
pub(super) fn check(manifest: &Manifest) -> Result<(), String> {
    unique("setting", manifest.settings.iter().map(|s| s.name.as_str()))?;
    manifest.settings.iter().try_for_each(setting)?;
    base_url(manifest)?;
    manifest.authentication.iter().try_for_each(scheme)?;
    unique("resource", manifest.resources.iter().map(|r| format!("{}/{}", r.model, r.resource)))?;
    for resource in &manifest.resources {
        unique("answer", resource.answers.iter().map(|a| a.name.as_str()))?;
        for (name, operation) in &resource.operations {
            self::operation(manifest, operation).map_err(|e| format!("{}/{} {name}: {e}", resource.model, resource.resource))?;
        }
    }
    Ok(())
}

fn unique<T: Ord + std::fmt::Display>(what: &str, names: impl Iterator<Item = T>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if seen.contains(&name) {
            return Err(format!("the {what} {name} is declared twice"));
        }
        seen.insert(name);
    }
    Ok(())
}

fn setting(setting: &Setting) -> Result<(), String> {
    let Some(default) = &setting.default else { return Ok(()) };
    if setting.required {
        return Err(format!("the setting {} is required and has a default", setting.name));
    }
    accepts(setting, default).map_err(|e| format!("the default of the setting {} {e}", setting.name))
}

/// Why a setting does not take a value.
pub(super) fn accepts(setting: &Setting, value: &str) -> Result<(), String> {
    if let Some(choices) = setting.choices.as_ref().filter(|choices| !choices.iter().any(|choice| choice == value)) {
        return Err(format!("must be one of {}", choices.join(", ")));
    }
    match &setting.pattern {
        Some(pattern) if !pattern.matches(value) => Err(format!("must match {}", pattern.as_str())),
        _ => Ok(()),
    }
}

fn known<'a>(manifest: &Manifest, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    for name in names {
        if manifest.setting(name).is_none() {
            return Err(format!("the setting {name} is used and not declared"));
        }
    }
    Ok(())
}

fn base_url(manifest: &Manifest) -> Result<(), String> {
    let templates: Vec<&Template> = match &manifest.base_url {
        BaseUrl::One(template) => vec![template],
        BaseUrl::By { setting, choices } => {
            known(manifest, std::iter::once(setting.as_str()))?;
            choices.values().collect()
        }
    };
    for template in templates {
        known(manifest, template.settings())?;
        let defaults: Vec<_> =
            manifest.settings.iter().map(|s| (s.name.clone(), s.default.clone().unwrap_or_else(|| "x".to_owned()))).collect();
        let filled = template.fill(&defaults).map_err(|e| e.to_string())?;
        let url = url::Url::parse(&filled).map_err(|e| format!("the base URL {filled} is none: {e}"))?;
        let host = url.host_str().unwrap_or_default();
        if template.settings().next().is_none() && !manifest.hosts.iter().any(|pattern| pattern.matches(host)) {
            return Err(format!("the base URL's host {host} is not among the declared hosts"));
        }
    }
    Ok(())
}

fn scheme(scheme: &Scheme) -> Result<(), String> {
    match scheme {
        Scheme::Header { name, .. } if HeaderName::from_bytes(name.as_bytes()).is_err() => Err(format!("{name:?} is no header")),
        _ => Ok(()),
    }
}

fn operation(manifest: &Manifest, operation: &OperationSpec) -> Result<(), String> {
    unique("field", operation.fields.iter().map(|f| f.name.as_str()))?;
    unique("parameter", operation.params.iter().map(|p| p.name.as_str()))?;
    for field in &operation.fields {
        known(manifest, field.when.settings())?;
    }
    for param in &operation.params {
        known(manifest, param.when.settings())?;
    }
    operation.calls.iter().try_for_each(|call| self::call(manifest, call).map_err(|e| format!("call {}: {e}", call.name)))
}

fn call(manifest: &Manifest, call: &Call) -> Result<(), String> {
    if call.cache_seconds > 0 && call.effect != Effect::Read {
        return Err("only the answer of a read can be kept".to_owned());
    }
    known(manifest, call.when.settings())?;
    for (what, written) in [("deprecated", &call.deprecated), ("sunset", &call.sunset)] {
        if let Some(date) = written {
            date_of(date).ok_or_else(|| format!("{what}: {date:?} is no date"))?;
        }
    }
    Ok(())
}

/// A date of the form `2026-02-12`.
pub(crate) fn date_of(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}
