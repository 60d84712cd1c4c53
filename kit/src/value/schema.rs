//! Values out of the unified models' schemas.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Map, Value};

/// How deep a value without a schema nests.
const DEPTH: u32 = 3;

/// The unified models' schemas.
#[derive(Debug)]
pub(crate) struct Schemas(BTreeMap<(&'static str, &'static str), Value>);

impl Schemas {
    pub(crate) fn built_in() -> Result<Self, serde_json::Error> {
        let parse = |source: &patchboard_models::Source| {
            serde_json::from_str(source.schema).map(|schema| ((source.model, source.resource), schema))
        };
        patchboard_models::BUILT_IN.iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    fn find(&self, model: &str, resource: &str) -> Option<&Value> {
        self.0.iter().find(|((m, r), _)| *m == model && *r == resource).map(|(_, schema)| schema)
    }

    /// A value of a field. A field that the model does not have gets a text.
    pub(crate) fn value(&self, rng: &mut Rng, model: &str, resource: &str, field: &str) -> Value {
        let found = self.find(model, resource).and_then(|root| Some((root, root.pointer("/properties")?.get(field)?)));
        match found {
            Some((root, schema)) => Generator { root, rng }.value(schema),
            None => text(rng).into(),
        }
    }
}

struct Generator<'a> {
    root: &'a Value,
    rng: &'a mut Rng,
}

impl Generator<'_> {
    fn value(&mut self, schema: &Value) -> Value {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#')) {
            return self.root.pointer(target).cloned().map_or(Value::Null, |schema| self.value(&schema));
        }
        let choice = |name: &str| schema.get(name).and_then(Value::as_array).filter(|choices| !choices.is_empty());
        if let Some(values) = choice("enum") {
            return self.one_of(values);
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => self.text(schema).into(),
            Some("integer") => self.rng.i64(-1_000_000..1_000_000).into(),
            Some("number") => (f64::from(self.rng.i32(-1_000_000..1_000_000)) / 100.0).into(),
            Some("boolean") => self.rng.bool().into(),
            Some("array") => self.array(schema),
            Some("object") if schema.get("properties").is_some() => self.object(schema),
            Some("object") => self.members(DEPTH),
            _ => match choice("anyOf").or(choice("oneOf")) {
                Some(schemas) => {
                    let schema = self.one_of(schemas);
                    self.value(&schema)
                }
                None => wild(self.rng, DEPTH),
            },
        }
    }

    fn one_of(&mut self, choices: &[Value]) -> Value {
        self.rng.choice(choices).cloned().unwrap_or_default()
    }

    fn text(&mut self, schema: &Value) -> String {
        let formats: Vec<&str> = [schema]
            .into_iter()
            .chain(schema.get("anyOf").and_then(Value::as_array).into_iter().flatten())
            .filter_map(|schema| schema.get("format").and_then(Value::as_str))
            .collect();
        let (year, month, day) = (self.rng.u16(1970..2100), self.rng.u8(1..=12), self.rng.u8(1..=28));
        match self.rng.choice(formats) {
            Some("date-time") => {
                let (hour, minute, second) = (self.rng.u8(0..24), self.rng.u8(0..60), self.rng.u8(0..60));
                format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
            }
            Some("date") => format!("{year}-{month:02}-{day:02}"),
            _ => text(self.rng),
        }
    }

    fn array(&mut self, schema: &Value) -> Value {
        let any = Value::Bool(true);
        let items = schema.get("items").unwrap_or(&any);
        (0..self.rng.usize(0..4)).map(|_| self.value(items)).collect()
    }

    fn object(&mut self, schema: &Value) -> Value {
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let mut members = Map::new();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if required.contains(&name.as_str()) || members.is_empty() || self.rng.bool() {
                members.insert(name.clone(), self.value(property));
            }
        }
        members.into()
    }

    fn members(&mut self, depth: u32) -> Value {
        (0..self.rng.usize(0..4)).map(|_| (text(self.rng), wild(self.rng, depth))).collect()
    }
}

/// Any JSON.
pub(crate) fn wild(rng: &mut Rng, depth: u32) -> Value {
    match rng.u8(0..if depth == 0 { 5 } else { 7 }) {
        0 => Value::Null,
        1 => rng.bool().into(),
        2 => number(rng),
        3 | 4 => text(rng).into(),
        5 => (0..rng.usize(0..4)).map(|_| wild(rng, depth - 1)).collect(),
        _ => (0..rng.usize(0..4)).map(|_| (text(rng), wild(rng, depth - 1))).collect(),
    }
}

fn number(rng: &mut Rng) -> Value {
    const NUMBERS: [&str; 8] = ["0", "-0.0", "1e308", "-1e-308", "9007199254740993", "18446744073709551615", "-9223372036854775808", "0.1"];
    let text = rng.choice(NUMBERS).unwrap_or("0");
    serde_json::from_str(text).unwrap_or_default()
}

/// Any text: mostly short and plain, sometimes long, empty, or of rare characters.
pub(crate) fn text(rng: &mut Rng) -> String {
    const RARE: [&str; 16] =
        ["", " ", "\0", "\u{7f}", "\r\n", "\"", "\\", "/", "../..", "%2F", "?a=b&c", "#", "\u{202e}", "\u{1f600}", "e\u{301}", "\u{feff}"];
    match rng.u8(0..10) {
        0..=5 => (0..rng.usize(1..12)).map(|_| rng.alphanumeric()).collect(),
        6 | 7 => (0..rng.usize(1..6)).map(|_| rng.choice(RARE).unwrap_or("x")).collect(),
        8 => (0..rng.usize(1..20)).map(|_| rng.char(..)).collect(),
        _ => rng.alphabetic().to_string().repeat(rng.usize(100..5000)),
    }
}

#[cfg(test)]
mod tests {
    use patchboard_gateway::model::Models;

    use super::*;

    #[test]
    fn what_is_generated_for_a_field_is_of_the_models_type() {
        let (schemas, models) = (Schemas::built_in().unwrap(), Models::built_in().unwrap());
        for source in patchboard_models::BUILT_IN {
            let model = models.find(source.model, source.resource).unwrap();
            for field in model.fields() {
                for seed in 0..50 {
                    let value = schemas.value(&mut Rng::with_seed(seed), source.model, source.resource, field);
                    let errors = model.check(&Map::from_iter([(field.to_owned(), value.clone())]));
                    assert!(errors.is_empty(), "{field} {value}: {errors:?}");
                }
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_value() {
        let value = || wild(&mut Rng::with_seed(7), DEPTH);
        assert_eq!(value(), value());
    }
}
