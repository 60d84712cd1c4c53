//! A model that an operator has written: read, and refused with every place at fault.

use serde_json::Value;
use thiserror::Error;

use super::value::Schema;
use super::{Model, full, rules};
use crate::json::{self, JsonError};

/// Nesting of a file; nobody reads a schema that goes deeper.
const MAX_NESTING: usize = 64;
/// Characters of the name of a model, a resource or a field: as many as a provider's has.
pub(super) const LONGEST_NAME: usize = 63;

/// Why the fields that a model requires are not asked for.
const NOT_REQUIRED: &str = "nothing is held against it: a change gives some fields, and the plugin declares which ones it requires";

/// What is wrong with a model, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {message}", if pointer.is_empty() { "the file" } else { pointer })]
pub struct ModelFault {
    /// The place in the file, as a JSON pointer; empty for all of it.
    pub pointer: String,
    /// What is wrong there, and what to do.
    pub message: String,
}

impl ModelFault {
    pub(super) fn at(pointer: &str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.to_owned(), message: message.into() }
    }
}

/// Whether a text can be the name of a model or a resource, as it stands in a path: a to z,
/// 0 to 9, `_` and `-`, a letter first.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    text.len() <= LONGEST_NAME && text.starts_with(|first: char| first.is_ascii_lowercase()) && text.chars().all(rest)
}

impl Model {
    /// Reads a JSON Schema file. Where it uses no more than the keywords of the built-in
    /// models it is held against values in the same way as these, else by a validator of
    /// all of JSON Schema.
    ///
    /// # Errors
    /// Every place at fault, in the order of the file as far as there is one.
    pub fn of_file(bytes: &[u8]) -> Result<Self, Vec<ModelFault>> {
        let schema = json::parse(bytes, MAX_NESTING).map_err(|error| vec![unreadable(&error)])?;
        let mut faults = rules::check(&schema);
        let told = |fault: &ModelFault| faults.iter().any(|other| other.pointer == fault.pointer);
        let misshapen: Vec<ModelFault> = full::misshapen(&schema).into_iter().filter(|fault| !told(fault)).collect();
        faults.extend(misshapen);
        if !faults.is_empty() {
            return Err(faults);
        }
        let (schema, notes) = held(schema);
        let fields = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        let own = Schema::of(&schema).and_then(Schema::check).is_ok();
        let full = if own { None } else { Some(full::compile(&schema).map_err(|fault| vec![fault])?) };
        Ok(Self { fields, schema, full, notes })
    }

    /// What the file says and nothing is held against, each with its place.
    #[must_use]
    pub fn notes(&self) -> &[ModelFault] {
        &self.notes
    }
}

/// What a request is held against: it gives some of the fields, so nothing can be said of
/// those that it leaves out, and fields that the model does not have are warned of.
fn held(mut schema: Value) -> (Value, Vec<ModelFault>) {
    let mut notes = Vec::new();
    if let Some(members) = schema.as_object_mut() {
        let required = members.shift_remove("required");
        notes.extend(required.map(|_| ModelFault::at("/required", NOT_REQUIRED)));
        members.shift_remove("additionalProperties");
    }
    (schema, notes)
}

fn unreadable(error: &JsonError) -> ModelFault {
    let message = match error {
        JsonError::NotUtf8 { offset } => format!("is not UTF-8 (first bad byte at offset {offset})"),
        JsonError::Syntax(why) => format!("is not JSON: {why}"),
        JsonError::DuplicateKey { key } => format!("the member {key:?} is given twice in one object"),
        JsonError::Reserved => "has a member whose name cannot be told from a number".to_owned(),
        JsonError::TooDeep { limit } => format!("is nested deeper than {limit} levels"),
    };
    ModelFault::at("", message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn faults(document: &Value) -> Vec<(String, String)> {
        let refused = Model::of_file(document.to_string().as_bytes()).expect_err("it is refused");
        refused.into_iter().map(|fault| (fault.pointer, fault.message)).collect()
    }

    fn person() -> Value {
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "title": "Person",
            "required": ["id"],
            "additionalProperties": false,
            "properties": {
                "id": {"type": "string", "readOnly": true},
                "badge": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{3}$", "examples": ["AB123"]},
                "email": {"type": ["string", "null"], "format": "email", "maxLength": 40},
                "level": {"type": "integer", "minimum": 1, "maximum": 9, "default": 1},
                "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "multipleOf": 0.25},
                "site": {"const": "north"},
                "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2, "uniqueItems": true},
                "manager": {"$ref": "#/$defs/person"},
                "contact": {"oneOf": [{"type": "string", "format": "uri"}, {"type": "string", "format": "uuid"}]},
                "extra": {"type": "object", "maxProperties": 1, "additionalProperties": {"not": {"type": "object"}}},
                "any": {}
            },
            "$defs": {"person": {
                "type": "object", "properties": {"id": {"type": "string"}, "manager": {"$ref": "#/$defs/person"}},
                "required": ["id"], "additionalProperties": false
            }}
        })
    }

    fn check(given: &Value) -> Vec<(String, String)> {
        let model = Model::of_file(person().to_string().as_bytes()).unwrap();
        model.check(given.as_object().unwrap()).into_iter().map(|e| (e.path, e.message)).collect()
    }

    fn told(given: &Value, path: &str, message: &str) {
        assert_eq!(check(given), [(path.to_owned(), message.to_owned())], "{given}");
    }

    #[test]
    fn values_that_fit_pass_null_clears_and_other_fields_are_left_to_the_warnings() {
        assert_eq!(
            check(&json!({"badge": "AB123", "email": "a@b.example", "level": 3, "share": 0.5, "site": "north", "tags": ["a"],
                "manager": {"id": "1", "manager": {"id": "2"}}, "contact": "https://a.example/", "extra": {"a": 1}, "any": [{}]})),
            []
        );
        assert_eq!(check(&json!({"badge": null, "level": null, "manager": null, "site": null, "nickname": {}})), []);
    }

    #[test]
    fn each_keyword_has_its_message_at_the_place_of_the_value() {
        told(&json!({"badge": "ab1"}), "/badge", r#""ab1" does not match "^[A-Z]{2}[0-9]{3}$""#);
        told(&json!({"badge": 7}), "/badge", r#"7 is not of type "string""#);
        told(&json!({"email": "nobody"}), "/email", r#""nobody" is not a "email""#);
        told(&json!({"email": 7}), "/email", r#"7 is not of types "null", "string""#);
        told(&json!({"level": 1.5}), "/level", r#"1.5 is not of type "integer""#);
        told(&json!({"level": 10}), "/level", "10 is greater than the maximum of 9");
        told(&json!({"share": 0.3}), "/share", "0.3 is not a multiple of 0.25");
        told(&json!({"share": 1}), "/share", "1 is greater than or equal to the maximum of 1");
        told(&json!({"site": "south"}), "/site", r#""north" was expected"#);
        told(&json!({"tags": ["a", "a"]}), "/tags", r#"["a","a"] has non-unique elements"#);
        told(&json!({"manager": {"id": "1", "manager": {"id": 2}}}), "/manager/manager/id", r#"2 is not of type "string""#);
        told(&json!({"manager": {}}), "/manager", r#""id" is a required property"#);
        told(&json!({"extra": {"a": {}}}), "/extra/a", r#"{"type":"object"} is not allowed for {}"#);
    }

    #[test]
    fn faults_stand_in_the_order_of_the_value() {
        let paths: Vec<String> = check(&json!({"tags": [], "level": 0, "badge": ""})).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["/tags", "/level", "/badge"]);
    }

    #[test]
    fn what_is_required_is_noted_and_not_asked_for() {
        let model = Model::of_file(person().to_string().as_bytes()).unwrap();
        assert_eq!(model.notes(), [ModelFault::at("/required", NOT_REQUIRED)]);
        assert!(model.full.is_some() && model.is_object("extra") && !model.is_object("tags"));
    }

    #[test]
    fn a_file_of_the_ten_keywords_is_checked_as_the_built_in_models_are() {
        for source in patchboard_models::BUILT_IN {
            let model = Model::of_file(source.schema.as_bytes()).unwrap();
            assert!(model.full.is_none() && model.notes().is_empty());
        }
    }

    #[test]
    fn what_cannot_be_read_says_so() {
        let says = |bytes: &[u8]| Model::of_file(bytes).unwrap_err()[0].to_string();
        assert!(says(b"{").starts_with("the file: is not JSON: EOF while parsing"), "{}", says(b"{"));
        assert_eq!(says(b"{\"type\":\"object\",\"type\":1}"), "the file: the member \"type\" is given twice in one object");
        assert!(says(b"\xff").contains("is not UTF-8"));
        assert!(says(b"7").contains("is no JSON object"), "{}", says(b"7"));
        let deep = format!("{}1{}", "[".repeat(70), "]".repeat(70));
        assert_eq!(says(deep.as_bytes()), "the file: is nested deeper than 64 levels");
    }

    /// What is changed in the document, where the fault is, and what it says.
    #[test]
    fn every_fault_has_its_place() {
        let at = |pointer: &str, value: Value| {
            let mut document = person();
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            document.pointer_mut(parent).unwrap()[name] = value;
            document
        };
        for (pointer, value, place, says) in [
            ("/$schema", json!("http://json-schema.org/draft-07/schema#"), "/$schema", "another draft"),
            ("/type", json!("array"), "/type", "must be \"object\""),
            ("/additionalProperties", json!(true), "/additionalProperties", "write false"),
            ("/anyOf", json!([{}]), "/anyOf", "a rule about all of them"),
            ("/definitions", json!({}), "/definitions", "write $defs"),
            ("/properties", json!({}), "/properties", "is missing or empty"),
            ("/properties/level/maximum", json!("9"), "/properties/level/maximum", "is not of type \"number\""),
            ("/properties/level/type", json!("int"), "/properties/level/type", "is not valid under any"),
            ("/properties/level/maxlength", json!(1), "/properties/level/maxlength", "begin its name with x-"),
            ("/properties/level/nullable", json!(true), "/properties/level/nullable", "null clears every field"),
            ("/properties/badge/pattern", json!("(?=a)b"), "/properties/badge/pattern", "without look-around"),
            ("/properties/badge/pattern", json!("(a"), "/properties/badge/pattern", "regular expression"),
            ("/properties/email/format", json!("int32"), "/properties/email/format", "no format that is checked"),
            ("/properties/manager/$ref", json!("#/$defs/nobody"), "/properties/manager/$ref", "no schema stands at /$defs/nobody"),
            (
                "/properties/manager/$ref",
                json!("#/$defs/person/required"),
                "/properties/manager/$ref",
                "no schema stands at /$defs/person/required",
            ),
            ("/properties/manager/$ref", json!("#/properties/id"), "/properties/manager/$ref", "a reference goes to #/$defs/"),
            ("/properties/manager/$ref", json!("https://a.example/x.json"), "/properties/manager/$ref", "of the same file"),
            ("/properties/remote_data", json!({}), "/properties/remote_data", "native fields"),
            ("/properties/any", json!(true), "/properties/any", "is no object"),
            ("/properties/a b", json!({}), "/properties/a b", "no name of a field"),
            ("/properties/tags/items", json!({"$id": "x"}), "/properties/tags/items/$id", "document as a whole"),
            ("/$defs/person/$ref", json!("#/$defs/person"), "/$defs/person", "never ends"),
            ("/$defs/person/allOf", json!([{"not": {"$ref": "#/$defs/person"}}]), "/$defs/person", "never ends"),
        ] {
            let found = faults(&at(pointer, value.clone()));
            assert!(found.iter().any(|(at, message)| at == place && message.contains(says)), "{pointer} = {value}: {found:?}");
        }
    }

    #[test]
    fn every_fault_of_a_file_is_told_at_once() {
        let found = faults(&json!({"type": "object", "properties": {"a": {"minimum": "1"}, "b": {"format": "int32"}}, "oneOf": []}));
        let places: Vec<&str> = found.iter().map(|(place, _)| place.as_str()).collect();
        for place in ["/properties/a/minimum", "/properties/b/format", "/oneOf"] {
            assert!(places.contains(&place), "{place}: {found:?}");
        }
    }

    /// Documents of keywords with values that may not be theirs.
    fn document() -> impl Strategy<Value = Value> {
        let keyword = prop::sample::select(vec![
            "type",
            "properties",
            "$ref",
            "$defs",
            "pattern",
            "format",
            "anyOf",
            "allOf",
            "not",
            "items",
            "minimum",
            "required",
            "enum",
            "additionalProperties",
            "patternProperties",
            "a",
            "$id",
            "$schema",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            prop::sample::select(vec!["object", "string", "#/$defs/a", "#", "(", "date", "", "~1"]).prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::vec((keyword.clone(), inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_document_makes_it_panic_and_what_is_read_checks_any_value(fields in document(), defs in document(), value in document()) {
            let whole = json!({"type": "object", "properties": {"a": fields}, "$defs": {"a": defs}});
            for text in [whole.to_string(), fields.to_string()] {
                if let Ok(model) = Model::of_file(text.as_bytes()) {
                    let _ = model.check(&serde_json::Map::from_iter([("a".to_owned(), value.clone())]));
                }
            }
        }
    }

    #[test]
    fn names_are_those_that_stand_in_a_path_as_they_are() {
        assert!(is_name("hr") && is_name("time-off_2") && is_name(&"a".repeat(LONGEST_NAME)));
        for name in ["", "HR", "2hr", "-hr", "h r", "h/r", ".", "é", &"a".repeat(LONGEST_NAME + 1)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
