//! Unified requests that no person would write.

use fastrand::Rng;
use patchboard_gateway::body::REMOTE_DATA;
use patchboard_gateway::contract::Pair;
use patchboard_gateway::manifest::Field;
use serde_json::{Map, Value};

use crate::context::Scene;
use crate::rig::Ask;
use crate::value::{of_field, text, wild};

/// A request of a scene, out of the model's schema.
pub(super) fn ask(scene: &Scene<'_, '_>, rng: &mut Rng) -> Ask {
    let ask = scene.ask();
    let id = ask.id.as_ref().map(|id| id_like(id, rng));
    let query = query(scene, &ask.query, rng);
    let fields = if scene.place.spec.fields.is_empty() { Map::new() } else { fields(scene, rng) };
    let body = if fields.is_empty() { Vec::new() } else { Value::Object(fields).to_string().into_bytes() };
    Ask { id, query, body, ..ask }
}

fn one_in(rng: &mut Rng, times: u8) -> bool {
    rng.u8(0..times) == 0
}

/// Half of the ids are such as the provider has.
fn id_like(id: &str, rng: &mut Rng) -> String {
    let text = if rng.bool() { id.to_owned() } else { text(rng) };
    text.chars().filter(|c| !c.is_control()).take(200).chain(std::iter::once('1')).collect()
}

fn query(scene: &Scene<'_, '_>, given: &[Pair], rng: &mut Rng) -> Vec<Pair> {
    let mut query: Vec<Pair> = Vec::new();
    for param in &scene.place.spec.params {
        let value = given.iter().find(|(name, _)| *name == param.name).map(|(_, value)| value.clone());
        let value = value.filter(|_| !one_in(rng, 3)).unwrap_or_else(|| text(rng));
        if param.required || rng.bool() {
            query.push((param.name.clone(), value.chars().filter(|c| !c.is_control()).collect()));
        }
    }
    if one_in(rng, 20) {
        query.push((format!("remote_query[{}]", rng.alphabetic()), text(rng)));
    }
    query
}

fn fields(scene: &Scene<'_, '_>, rng: &mut Rng) -> Map<String, Value> {
    let mut fields = Map::new();
    for field in scene.fields() {
        if field.required && !one_in(rng, 50) || rng.bool() {
            fields.insert(field.name.clone(), value(scene, field, rng));
        }
    }
    if one_in(rng, 10) {
        let names: Vec<&str> = scene.model.fields().collect();
        let name = rng.choice(names).unwrap_or("unknown").to_owned();
        fields.insert(name, wild(rng, 2));
    }
    if one_in(rng, 10) {
        fields.insert(REMOTE_DATA.to_owned(), wild(rng, 3));
    }
    fields
}

fn value(scene: &Scene<'_, '_>, field: &Field, rng: &mut Rng) -> Value {
    match (rng.u8(0..10), &field.values) {
        (0, _) => Value::Null,
        (1, _) => wild(rng, 3),
        (2 | 3, _) => scene.base.case.fields().get(&field.name).cloned().unwrap_or_else(|| text(rng).into()),
        (_, Some(values)) => rng.choice(values).cloned().unwrap_or_default().into(),
        _ => of_field(rng, scene.model, &field.name),
    }
}
