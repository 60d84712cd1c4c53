//! A value against the schema of a model.
//!
//! A model needs ten keywords of JSON Schema, and a component at the edge has two megabytes
//! for everything: a validator of all of JSON Schema takes half of them. So these ten are
//! ours, in the words of the `jsonschema` crate and in the order of the value; a test holds
//! both against each other, and a model that uses an eleventh keyword is refused when it is read.

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::contract::FieldError;
use crate::json::token;
use crate::manifest::date_of;

/// What says nothing about a value.
const ANNOTATIONS: [&str; 6] = ["$schema", "$id", "$defs", "$comment", "title", "description"];
const TYPES: [&str; 5] = ["string", "object", "array", "number", "boolean"];
const FORMATS: [&str; 2] = ["date-time", "date"];
/// Options that a message names.
const SHOWN: usize = 3;
/// Of references inside each other; a model that goes round in circles ends here.
const MAX_DEPTH: usize = 32;

/// A schema of a document.
#[derive(Clone, Copy)]
pub(super) struct Schema<'m> {
    document: &'m Value,
    members: &'m Map<String, Value>,
}

impl<'m> Schema<'m> {
    /// The whole document.
    pub(super) fn of(document: &'m Value) -> Result<Self, String> {
        let members = document.as_object().ok_or("it is not an object")?;
        Ok(Self { document, members })
    }

    fn inner(self, schema: &'m Value) -> Result<Self, String> {
        let members = schema.as_object().ok_or("a schema in it is not an object")?;
        Ok(Self { members, ..self })
    }

    fn text(self, keyword: &str) -> Option<&'m str> {
        self.members.get(keyword).and_then(Value::as_str)
    }

    fn size(self, keyword: &str) -> Option<usize> {
        self.members.get(keyword).and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok())
    }

    fn properties(self) -> impl Iterator<Item = (&'m String, &'m Value)> {
        self.members.get("properties").and_then(Value::as_object).into_iter().flatten()
    }

    fn any_of(self) -> Option<&'m Vec<Value>> {
        self.members.get("anyOf").and_then(Value::as_array)
    }

    fn referred(self) -> Option<&'m Value> {
        self.text("$ref").and_then(|pointer| pointer.strip_prefix('#')).and_then(|pointer| self.document.pointer(pointer))
    }

    /// Whether every keyword is one of ours, and says what it should.
    pub(super) fn check(self) -> Result<(), String> {
        for (keyword, value) in self.members {
            let known = match keyword.as_str() {
                "type" => value.as_str().is_some_and(|name| TYPES.contains(&name)),
                "format" => value.as_str().is_some_and(|name| FORMATS.contains(&name)),
                "enum" | "anyOf" => value.is_array(),
                "required" => value.as_array().is_some_and(|names| names.iter().all(Value::is_string)),
                "minLength" | "minProperties" => value.is_u64(),
                "properties" | "$defs" | "items" => value.is_object(),
                "$ref" => self.referred().is_some(),
                other => ANNOTATIONS.contains(&other),
            };
            if !known {
                return Err(format!("{keyword:?} is not used in models, or not like that"));
            }
        }
        let named = self.members.get("$defs").and_then(Value::as_object).into_iter().flatten().map(|(_, schema)| schema);
        let inner = named.chain(self.properties().map(|(_, schema)| schema)).chain(self.members.get("items"));
        inner.chain(self.any_of().into_iter().flatten()).try_for_each(|schema| self.inner(schema)?.check())
    }

    /// Every fault of a value, cheap checks first.
    pub(super) fn faults(self, value: &Value) -> Vec<FieldError> {
        let mut faults = Faults { path: String::new(), found: Vec::new(), depth: 0 };
        faults.find(self, value);
        faults.found
    }
}

/// Faults on the way through a value.
struct Faults {
    path: String,
    found: Vec<FieldError>,
    depth: usize,
}

impl Faults {
    fn add(&mut self, message: String) {
        self.found.push(FieldError { path: self.path.clone(), message });
    }

    fn find(&mut self, schema: Schema<'_>, value: &Value) {
        if self.depth == MAX_DEPTH {
            return;
        }
        self.depth += 1;
        self.own(schema, value);
        let properties = schema.members.get("properties").and_then(Value::as_object);
        for (name, member) in value.as_object().into_iter().flatten() {
            if let Some(property) = properties.and_then(|properties| properties.get(name)) {
                self.below(&token(name), schema, property, member);
            }
        }
        if let (Some(items), Some(members)) = (schema.members.get("items"), value.as_array()) {
            for (index, member) in members.iter().enumerate() {
                self.below(&index.to_string(), schema, items, member);
            }
        }
        if let Some(choices) = schema.any_of()
            && !choices.iter().filter_map(|choice| schema.inner(choice).ok()).any(|choice| choice.faults(value).is_empty())
        {
            self.add(format!("{value} is not valid under any of the schemas listed in the 'anyOf' keyword"));
        }
        if let Some(referred) = schema.referred().and_then(|referred| schema.inner(referred).ok()) {
            self.find(referred, value);
        }
        self.depth -= 1;
    }

    fn below(&mut self, token: &str, schema: Schema<'_>, inner: &Value, member: &Value) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(token);
        if let Ok(inner) = schema.inner(inner) {
            self.find(inner, member);
        }
        self.path.truncate(length);
    }

    /// What a schema says about a value itself, in the order of its cost.
    fn own(&mut self, schema: Schema<'_>, value: &Value) {
        if let Some(name) = schema.text("type").filter(|name| !is(name, value)) {
            self.add(format!("{value} is not of type \"{name}\""));
        }
        if let Some(options) = schema.members.get("enum").and_then(Value::as_array).filter(|options| !options.contains(value)) {
            self.add(format!("{value} is not one of {}", shown(options)));
        }
        if let (Some(least), Some(text)) = (schema.size("minLength"), value.as_str())
            && text.chars().count() < least
        {
            self.add(format!("{value} is shorter than {least} character{}", if least == 1 { "" } else { "s" }));
        }
        if let (Some(least), Some(members)) = (schema.size("minProperties"), value.as_object())
            && members.len() < least
        {
            self.add(format!("{value} has less than {least} propert{}", if least == 1 { "y" } else { "ies" }));
        }
        let required = schema.members.get("required").and_then(Value::as_array).into_iter().flatten();
        for name in required.filter(|name| value.is_object() && name.as_str().is_none_or(|name| value.get(name).is_none())) {
            self.add(format!("{name} is a required property"));
        }
        if let (Some(format), Some(text)) = (schema.text("format"), value.as_str())
            && !follows(format, text)
        {
            self.add(format!("{value} is not a \"{format}\""));
        }
    }
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "string" => value.is_string(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "number" => value.is_number(),
        _ => value.is_boolean(),
    }
}

fn follows(format: &str, text: &str) -> bool {
    match format {
        "date" => text.len() == 10 && date_of(text).is_some(),
        // A space between date and time is not for the wire.
        _ => matches!(text.as_bytes().get(10), Some(b'T' | b't')) && OffsetDateTime::parse(text, &Rfc3339).is_ok(),
    }
}

/// `"a", "b" or "c"`; of more than three the first two.
fn shown(options: &[Value]) -> String {
    let texts: Vec<String> = options.iter().map(Value::to_string).collect();
    match texts.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] if texts.len() <= SHOWN => format!("{} or {last}", first.join(", ")),
        [first, second, rest @ ..] => format!("{first}, {second} or {} other candidates", rest.len()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn sorted(faults: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
        let mut faults: Vec<_> = faults.collect();
        faults.sort();
        faults
    }

    /// What the library says, to the letter.
    fn library(schema: &Value, value: &Value) -> Vec<(String, String)> {
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(schema).unwrap();
        sorted(validator.iter_errors(value).map(|e| (e.instance_path().to_string(), e.to_string())))
    }

    fn ours(schema: &Value, value: &Value) -> Vec<(String, String)> {
        sorted(Schema::of(schema).unwrap().faults(value).into_iter().map(|e| (e.path, e.message)))
    }

    fn documents() -> Vec<Value> {
        patchboard_models::BUILT_IN.iter().map(|source| serde_json::from_str(source.schema).unwrap()).collect()
    }

    fn same(value: &Value) {
        for schema in documents() {
            assert_eq!(ours(&schema, value), library(&schema, value), "{value}");
        }
    }

    #[test]
    fn values_at_the_border_are_told_in_the_words_of_the_library() {
        for value in [
            json!({"name": 7, "status": "paused", "type": "secret"}),
            json!({"status": "none", "close_date": "2026-02-30", "created_at": "yesterday"}),
            json!({"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00+25:00", "close_date": "2026-01-01"}),
            json!({"created_at": "2026-01-01t00:00:00.123z", "updated_at": "2026-01-01 00:00:00Z"}),
            json!({"close_date": 7, "amount": "7", "tags": [{}, {"id": 1}, 7]}),
            json!({"account": 7, "owner": {}, "stage": {"id": ""}, "contact": [{"id": "1"}, {"id": 2}], "opportunity": {"name": "x"}}),
            json!({"account": {"id": "1", "name": 7}, "contact": {"id": "1"}, "amount": 1.10, "custom_fields": []}),
            json!({"tags": "x", "contact": "x", "a/b": 1}),
            json!([]),
            json!("x"),
        ] {
            same(&value);
        }
    }

    #[test]
    fn a_keyword_that_is_not_ours_is_refused() {
        for document in documents() {
            Schema::of(&document).unwrap().check().unwrap();
        }
        for wrong in [
            json!({"properties": {"a": {"pattern": "x"}}}),
            json!({"type": ["string", "null"]}),
            json!({"properties": {"a": {"format": "email"}}}),
            json!({"$defs": {"a": {"oneOf": []}}}),
            json!({"$ref": "#/$defs/none"}),
            json!({"properties": {"a": true}}),
        ] {
            assert!(Schema::of(&wrong).unwrap().check().is_err(), "{wrong}");
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "|active|open|2026-01-01|2026-01-01T00:00:00Z|[a-z0-9é]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            let name = prop_oneof![Just("id".to_owned()), Just("name".to_owned()), "[a-z~/]{1,2}"];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::vec((name, inner), 0..3).prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// A schema of our keywords.
    fn schema() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            prop::sample::select(TYPES.as_slice()).prop_map(|name| json!({"type": name})),
            prop::sample::select(FORMATS.as_slice()).prop_map(|name| json!({"type": "string", "format": name})),
            (0_u32..3).prop_map(|least| json!({"minLength": least})),
            prop::collection::vec(value(), 1..5).prop_map(|values| json!({"enum": values})),
            Just(json!({"$ref": "#/$defs/named"})),
            Just(json!({})),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                inner.clone().prop_map(|items| json!({"type": "array", "items": items})),
                prop::collection::vec(inner.clone(), 1..3).prop_map(|choices| json!({"anyOf": choices})),
                (inner.clone(), inner, 0_u32..3).prop_map(
                    |(id, name, least)| json!({"properties": {"id": id, "name": name}, "required": ["id"], "minProperties": least})
                ),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_value_against_any_schema_of_our_keywords_is_told_in_the_words_of_the_library(
            field in schema(), other in schema(), given in value(), more in value()
        ) {
            let named = json!({"type": "object", "properties": {"id": {"minLength": 1}}, "required": ["id"]});
            let schema = json!({"type": "object", "properties": {"id": field, "name": other}, "$defs": {"named": named}});
            Schema::of(&schema).unwrap().check().unwrap();
            let object = json!({"id": given, "name": more});
            prop_assert_eq!(ours(&schema, &object), library(&schema, &object));
        }

        #[test]
        fn any_value_is_told_in_the_words_of_the_library(nth in 0_usize..2, given in prop::collection::vec((0_usize..20, value()), 0..5)) {
            let schema = documents().swap_remove(nth);
            let names: Vec<String> = schema["properties"].as_object().unwrap().keys().cloned().collect();
            let object: Map<String, Value> = given.into_iter().map(|(at, value)| (names[at % names.len()].clone(), value)).collect();
            let object = Value::Object(object);
            prop_assert_eq!(ours(&schema, &object), library(&schema, &object));
        }
    }
}
