//! What a plugin says that it serves, against the unified models that there are.
//!
//! A field that the model does not have would reach the plugin unchecked, and a value that
//! the model does not take could never be given: such a plugin is not loaded.

use serde_json::Value;
use thiserror::Error;

use crate::manifest::{Manifest, Resource};
use crate::model::{Model, Models};

/// Why a plugin cannot be served with the models that there are.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotServed {
    /// Models that are not there, and those that are.
    #[error("it serves {}, and there is no such unified model; there is {}", .0.join(", "), .1.join(", "))]
    UnknownModels(Vec<String>, Vec<String>),
    /// Fields and values that the models do not have.
    #[error("it declares what its model does not have: {}", .0.join("; "))]
    NotOfTheModel(Vec<String>),
}

/// Holds a manifest against the models.
///
/// # Errors
/// [`NotServed`], with everything at fault.
pub fn check(manifest: &Manifest, models: &Models) -> Result<(), NotServed> {
    let name = |resource: &Resource| format!("{}/{}", resource.model, resource.resource);
    let unknown = manifest.resources.iter().filter(|resource| models.get(&resource.model, &resource.resource).is_none());
    let unknown: Vec<String> = unknown.map(name).collect();
    if !unknown.is_empty() {
        let there = models.all().map(|(model, resource, _)| format!("{model}/{resource}")).collect();
        return Err(NotServed::UnknownModels(unknown, there));
    }
    let mut faults = Vec::new();
    for resource in &manifest.resources {
        if let Some(model) = models.get(&resource.model, &resource.resource) {
            declared(resource, model, &name(resource), &mut faults);
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(NotServed::NotOfTheModel(faults)) }
}

fn declared(resource: &Resource, model: &Model, name: &str, faults: &mut Vec<String>) {
    let answers = resource.answers.iter().map(|answer| ("answers".to_owned(), &answer.name, answer.values.as_ref()));
    let taken = resource
        .operations
        .iter()
        .flat_map(|(operation, spec)| spec.fields.iter().map(move |field| (operation.to_string(), &field.name, field.values.as_ref())));
    for (place, field, values) in answers.chain(taken) {
        if !model.has(field) {
            let there: Vec<&str> = model.fields().collect();
            faults.push(format!("{name} {place}: the field {field:?}; there is {}", there.join(", ")));
        } else if let Some(of_model) = model.values(field) {
            let has = |value: &&String| of_model.iter().any(|known| known.as_str() == Some(value.as_str()));
            let others = values.into_iter().flatten().filter(|value| !has(value));
            faults.extend(others.map(|value| format!("{name} {place}: {field} = {value:?}; there is {}", Value::from(of_model.clone()))));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::tests::example;

    fn checked(change: impl FnOnce(&mut Value)) -> Result<(), String> {
        let mut manifest = example();
        change(&mut manifest);
        check(&Manifest::parse(&manifest.to_string()).unwrap(), &Models::built_in().unwrap()).map_err(|e| e.to_string())
    }

    #[test]
    fn what_the_models_have_is_served() {
        assert_eq!(checked(|_| {}), Ok(()));
    }

    #[test]
    fn a_model_that_is_not_there_is_named() {
        let why = checked(|manifest| manifest["resources"][0]["model"] = json!("hr")).unwrap_err();
        assert_eq!(why, "it serves hr/workspaces, and there is no such unified model; there is crm/projects, ticketing/workspaces");
    }

    #[test]
    fn a_field_and_a_value_that_the_model_does_not_have_are_named_with_those_it_has() {
        let why = checked(|manifest| {
            let resource = &mut manifest["resources"][0];
            resource["answers"] = json!([{"name": "id"}, {"name": "nickname"}]);
            resource["operations"]["update"]["fields"].as_array_mut().unwrap().push(json!({"name": "type", "enum": ["public", "secret"]}));
        })
        .unwrap_err();
        assert!(
            why.starts_with(
                "it declares what its model does not have: ticketing/workspaces answers: the field \"nickname\"; there is id, name,"
            ),
            "{why}"
        );
        assert!(why.ends_with("ticketing/workspaces update: type = \"secret\"; there is [\"public\",\"private\"]"), "{why}");
    }
}
