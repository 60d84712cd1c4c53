//! Values to try a field with: those of the cases, others of their shape, and values out
//! of the model.

use fastrand::Rng;
use patchboard_gateway::Provider;
use patchboard_gateway::manifest::Field;
use serde_json::{Map, Value};

use super::{Context, Scene};
use crate::value::{alter, of_field};

/// How many values are tried at most.
const MAX: usize = 8;
/// How many are generated to find some that the declaration takes.
const GENERATED: u64 = 40;

impl<'a, P: Provider> Context<'a, P> {
    /// Values that the field takes by its declaration; none is null.
    pub(crate) fn probes(&self, scene: &Scene<'_, 'a>, field: &Field) -> Vec<Value> {
        let values = field.values.clone().map(|values| values.into_iter().map(Value::from).collect());
        if let Some(values) = values.or_else(|| scene.model.values(&field.name).cloned()) {
            return values.into_iter().filter(|value| !value.is_null()).collect();
        }
        let given = self.given(scene, &field.name);
        let altered: Vec<Value> = given.iter().map(alter).collect();
        let generated = (0..GENERATED).map(|seed| self.generated(scene, &field.name, seed));
        let mut probes: Vec<Value> = Vec::new();
        for value in given.into_iter().chain(altered).chain(generated) {
            if !probes.contains(&value) && takes(scene, field, &value) {
                probes.push(value);
            }
        }
        probes.truncate(MAX);
        probes
    }

    /// A value for a field that the operation does not declare.
    pub(crate) fn undeclared(&self, scene: &Scene<'_, 'a>, field: &str) -> Value {
        let seed = (0..GENERATED).find(|seed| !is_empty(&self.generated(scene, field, *seed)));
        self.generated(scene, field, seed.unwrap_or_default())
    }

    fn generated(&self, scene: &Scene<'_, 'a>, field: &str, seed: u64) -> Value {
        of_field(&mut Rng::with_seed(seed), scene.model, field)
    }

    /// What the cases of the operation give for a field.
    fn given(&self, scene: &Scene<'_, 'a>, field: &str) -> Vec<Value> {
        let cases = self.played.iter().filter(|played| scene.place.has(played.case) && played.succeeds());
        let values = cases.filter_map(|played| played.case.fields().get(field).cloned());
        values.filter(|value| !value.is_null() && !is_empty(value)).collect()
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// Whether the declaration takes a value. Texts with rare characters are left to the
/// robustness tests: a provider may refuse them for good reasons.
fn takes(scene: &Scene<'_, '_>, field: &Field, value: &Value) -> bool {
    let length = value.as_str().map(|text| text.chars().count());
    let fits = length
        .is_none_or(|length| field.min_length.is_none_or(|min| length >= min) && length <= field.max_length.unwrap_or(40) && length > 0);
    let plain = value.as_str().is_none_or(|text| text.chars().all(|c| c == ' ' || c.is_ascii_graphic()));
    let of_model = scene.model.check(&Map::from_iter([(field.name.clone(), value.clone())])).is_empty();
    fits && plain && of_model && !is_empty(value) && !value.is_null()
}
