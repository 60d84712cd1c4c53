//! Values out of the unified models' schemas.
//!
//! A value is made to fit as far as a generator can: what a pattern or a rule of several
//! parts takes is found among the schema's `examples`. Who needs values of the model holds
//! them against it.

use fastrand::Rng;
use patchboard_gateway::model::Model;
use serde_json::{Map, Value};

/// How deep a value without a schema nests.
const DEPTH: u32 = 3;
/// Characters of the longest text, and items of the longest list, that a schema can ask for.
const LONGEST: usize = 5000;
const MANY: i64 = 100;
/// How deep a value of a schema nests that refers to itself.
const SCHEMA_DEPTH: u32 = 12;

/// A value of a field. A field that the model does not have gets a text.
pub(crate) fn of_field(rng: &mut Rng, model: &Model, field: &str) -> Value {
    match model.schema(field) {
        Some(schema) => Generator { root: model.document(), rng, depth: SCHEMA_DEPTH }.value(schema),
        None => text(rng).into(),
    }
}

struct Generator<'a> {
    root: &'a Value,
    rng: &'a mut Rng,
    /// Steps that are left.
    depth: u32,
}

impl Generator<'_> {
    fn value(&mut self, schema: &Value) -> Value {
        if self.depth == 0 {
            return Value::Null;
        }
        self.depth -= 1;
        let value = self.of(schema);
        self.depth += 1;
        value
    }

    fn of(&mut self, schema: &Value) -> Value {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#')) {
            return self.root.pointer(target).cloned().map_or(Value::Null, |schema| self.value(&schema));
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        let choice = |name: &str| schema.get(name).and_then(Value::as_array).filter(|choices| !choices.is_empty());
        if let Some(values) = choice("enum") {
            return self.one_of(values);
        }
        if let Some(examples) = choice("examples").filter(|_| self.rng.bool()) {
            return self.one_of(examples);
        }
        let name = self.type_of(schema);
        match name.as_deref() {
            Some("string") => self.text(schema).into(),
            Some("integer") => self.whole(schema),
            Some("number") => self.number(schema),
            Some("boolean") => self.rng.bool().into(),
            Some("null") => Value::Null,
            Some("array") => self.array(schema),
            Some("object") if schema.get("properties").is_some() => self.object(schema),
            Some("object") => self.members(DEPTH),
            _ => match choice("anyOf").or(choice("oneOf")).or(choice("allOf")) {
                Some(schemas) => {
                    let schema = self.one_of(schemas);
                    self.value(&schema)
                }
                None => wild(self.rng, DEPTH),
            },
        }
    }

    /// The type, or one of several.
    fn type_of(&mut self, schema: &Value) -> Option<String> {
        match schema.get("type")? {
            Value::Array(names) => self.one_of(names).as_str().map(str::to_owned),
            one => one.as_str().map(str::to_owned),
        }
    }

    fn whole(&mut self, schema: &Value) -> Value {
        let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_i64);
        let least = bound("minimum").or(bound("exclusiveMinimum").map(|bound| bound.saturating_add(1)));
        let most = bound("maximum").or(bound("exclusiveMaximum").map(|bound| bound.saturating_sub(1)));
        let (least, most) = range(least, most);
        let step = bound("multipleOf").filter(|step| *step > 0).unwrap_or(1);
        let value = self.rng.i64(least..=most);
        value.checked_div(step).and_then(|times| times.checked_mul(step)).unwrap_or(value).into()
    }

    fn number(&mut self, schema: &Value) -> Value {
        if let Some(step) = schema.get("multipleOf").and_then(Value::as_f64) {
            return (f64::from(self.rng.i32(1..10)) * step).into();
        }
        let bound = |keywords: [&str; 2]| keywords.into_iter().find_map(|keyword| schema.get(keyword)?.as_f64());
        match (bound(["minimum", "exclusiveMinimum"]), bound(["maximum", "exclusiveMaximum"])) {
            (None, None) => (f64::from(self.rng.i32(-1_000_000..1_000_000)) / 100.0).into(),
            (least, most) => {
                let least = least.unwrap_or_else(|| most.unwrap_or_default() - 1000.0);
                let most = most.unwrap_or(least + 1000.0);
                (least + (most - least) * f64::from(self.rng.u16(1..1000)) / 1000.0).into()
            }
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
            Some("time") => format!("{:02}:{:02}:00Z", self.rng.u8(0..24), self.rng.u8(0..60)),
            Some("email" | "idn-email") => format!("{}@example.com", self.word()),
            Some("hostname" | "idn-hostname") => format!("{}.example.com", self.word()),
            Some("uri" | "iri" | "uri-reference" | "iri-reference") => format!("https://example.com/{}", self.word()),
            Some("uuid") => format!("{:08x}-0000-4000-8000-{:012x}", self.rng.u32(..), self.rng.u64(..1 << 48)),
            Some("ipv4") => format!("192.0.2.{}", self.rng.u8(..)),
            Some("ipv6") => format!("2001:db8::{:x}", self.rng.u16(..)),
            _ => self.sized(schema),
        }
    }

    fn word(&mut self) -> String {
        (0..self.rng.usize(1..10)).map(|_| self.rng.lowercase()).collect()
    }

    /// A text as long as it must and may be.
    fn sized(&mut self, schema: &Value) -> String {
        let size = |keyword: &str| schema.get(keyword).and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
        let mut made = text(self.rng);
        while made.chars().count() < size("minLength").unwrap_or_default().min(LONGEST) {
            made.push(self.rng.alphanumeric());
        }
        match size("maxLength") {
            Some(most) => made.chars().take(most).collect(),
            None => made,
        }
    }

    fn array(&mut self, schema: &Value) -> Value {
        let any = Value::Bool(true);
        let items = schema.get("items").unwrap_or(&any);
        let size = |keyword: &str| schema.get(keyword).and_then(Value::as_i64);
        let (least, most) = match (size("minItems"), size("maxItems")) {
            (None, None) => (0, 3),
            (least, most) => range(least.or(Some(0)), most.or(least.map(|least| least.saturating_add(2)))),
        };
        (0..self.rng.i64(least..=most).min(MANY)).map(|_| self.value(items)).collect()
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

/// Both bounds, where a schema gives one of them or none.
fn range(least: Option<i64>, most: Option<i64>) -> (i64, i64) {
    match (least, most) {
        (Some(least), Some(most)) => (least, most.max(least)),
        (Some(least), None) => (least, least.saturating_add(1000)),
        (None, Some(most)) => (most.saturating_sub(1000), most),
        (None, None) => (-1_000_000, 999_999),
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
    use serde_json::json;

    use super::*;

    /// Every value that is made for every field is taken by the model.
    fn all_fit(model: &Model) {
        for field in model.fields() {
            for seed in 0..50 {
                let value = of_field(&mut Rng::with_seed(seed), model, field);
                let errors = model.check(&Map::from_iter([(field.to_owned(), value.clone())]));
                assert!(errors.is_empty(), "{field} {value}: {errors:?}");
            }
        }
    }

    #[test]
    fn what_is_generated_for_a_field_is_of_the_models_type() {
        let models = Models::built_in().unwrap();
        models.all().for_each(|(_, _, model)| all_fit(model));
    }

    #[test]
    fn what_is_generated_keeps_the_bounds_of_a_file() {
        let document = json!({"type": "object", "properties": {
            "level": {"type": "integer", "minimum": 1, "maximum": 9},
            "pair": {"type": "integer", "exclusiveMinimum": 0, "multipleOf": 2, "maximum": 1000, "enum": [2, 4]},
            "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "step": {"type": "number", "multipleOf": 0.5},
            "least": {"type": "number", "minimum": 7},
            "short": {"type": "string", "minLength": 3, "maxLength": 4},
            "badge": {"enum": ["AB1"]},
            "site": {"const": "north"},
            "maybe": {"type": ["boolean", "null"]},
            "tags": {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 3},
            "email": {"type": "string", "format": "email"}, "page": {"type": "string", "format": "uri"},
            "key": {"type": "string", "format": "uuid"}, "at": {"type": "string", "format": "time"},
            "host": {"type": "string", "format": "hostname"}, "v4": {"type": "string", "format": "ipv4"},
            "v6": {"type": "string", "format": "ipv6"},
            "one": {"oneOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]}
        }});
        all_fit(&Model::of_file(document.to_string().as_bytes()).unwrap());
    }

    #[test]
    fn a_schema_that_refers_to_itself_comes_to_an_end_and_examples_are_used() {
        let document = json!({"type": "object", "properties": {
            "tree": {"$ref": "#/$defs/tree"}, "badge": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{3}$", "examples": ["AB123"]}
        }, "$defs": {"tree": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"$ref": "#/$defs/tree"}}}});
        let model = Model::of_file(document.to_string().as_bytes()).unwrap();
        let made = |field: &str, seed: u64| of_field(&mut Rng::with_seed(seed), &model, field);
        assert!(made("tree", 1).is_array());
        assert!((0..10).any(|seed| made("badge", seed) == "AB123"));
    }

    #[test]
    fn the_same_seed_gives_the_same_value() {
        let value = || wild(&mut Rng::with_seed(7), DEPTH);
        assert_eq!(value(), value());
    }
}
