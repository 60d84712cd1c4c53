//! What a model may say beside being a JSON Schema: what a change of some fields can be
//! held against, what `meta` can show, and what ends.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::file::{LONGEST_NAME, ModelFault};
use super::full;
use crate::body::REMOTE_DATA;
use crate::json::token;

/// The draft that is read.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Keywords that say something about the schema itself, or to people. `default` is not
/// filled in: a field that is left out stays as it is.
const ANNOTATIONS: [&str; 10] = [
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentEncoding",
    "contentMediaType",
];
/// Keywords about a value.
const ASSERTIONS: [&str; 22] = [
    "type",
    "enum",
    "const",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minContains",
    "maxContains",
    "minProperties",
    "maxProperties",
    "required",
    "dependentRequired",
    "$ref",
];
/// Keywords that hold one schema of the same value.
const SAME: [&str; 4] = ["not", "if", "then", "else"];
/// Keywords that hold a list of schemas of the same value.
const SAME_LIST: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords that hold one schema of a value inside.
const INNER: [&str; 6] = ["items", "contains", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties"];
/// Keywords that hold schemas by a name.
const NAMED: [&str; 4] = ["properties", "patternProperties", "dependentSchemas", "$defs"];
/// What the whole document may say: the rest would be a rule about several fields.
const WHOLE: [&str; 13] = [
    "$schema",
    "$id",
    "$defs",
    "$comment",
    "title",
    "description",
    "type",
    "properties",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
];
/// Where references may point to.
const DEFS: &str = "#/$defs/";

/// Every place where a document says what a model cannot.
pub(super) fn check(document: &Value) -> Vec<ModelFault> {
    let Some(members) = document.as_object() else {
        return vec![ModelFault::at("", "is no JSON object; a model is the JSON Schema of one object")];
    };
    let mut rules = Rules::default();
    rules.whole(members);
    rules.inside("", members);
    rules.astray();
    rules.endless();
    rules.faults
}

#[derive(Default)]
struct Rules {
    faults: Vec<ModelFault>,
    /// The places of all schemas.
    schemas: BTreeSet<String>,
    /// The places of all references, with where they lead.
    references: Vec<(String, String)>,
    /// For each schema those that the same value is held against, too.
    same: BTreeMap<String, Vec<String>>,
}

impl Rules {
    fn fault(&mut self, pointer: impl AsRef<str>, message: impl Into<String>) {
        self.faults.push(ModelFault::at(pointer.as_ref(), message));
    }

    /// The document as a whole.
    fn whole(&mut self, members: &Map<String, Value>) {
        for (keyword, value) in members {
            let pointer = format!("/{}", token(keyword));
            match keyword.as_str() {
                "$schema" if value.as_str().is_some_and(|draft| draft.trim_end_matches('#') != DRAFT) => {
                    self.fault(pointer, format!("is another draft than the one that is read; write {DRAFT}, or leave it out"));
                }
                "type" if *value != "object" => self.fault(pointer, "must be \"object\": a model describes one object"),
                "additionalProperties" if *value != Value::Bool(false) => {
                    self.fault(pointer, "a model has the fields that it names; write false, or leave it out");
                }
                "required" | "additionalProperties" => {}
                name if known(name) && !WHOLE.contains(&name) => {
                    self.fault(
                        pointer,
                        "a change gives some fields, so it cannot be held against a rule about all of them; move it into a field, or leave it to the plugin",
                    );
                }
                _ => {}
            }
        }
        match members.get("properties").and_then(Value::as_object) {
            Some(fields) if !fields.is_empty() => fields.iter().for_each(|(name, field)| self.field(name, field)),
            _ => self.fault("/properties", "is missing or empty: a model names its fields there"),
        }
    }

    fn field(&mut self, name: &str, field: &Value) {
        let pointer = format!("/properties/{}", token(name));
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if !plain || !begins || name.len() > LONGEST_NAME {
            self.fault(
                &pointer,
                format!(
                    "is no name of a field: it takes letters, digits, _ and -, a letter or _ first, and at most {LONGEST_NAME} characters"
                ),
            );
        }
        if name == REMOTE_DATA {
            self.fault(&pointer, "is the member of every request that holds native fields; give the field another name");
        }
        if field.is_boolean() {
            self.fault(&pointer, "is no object; a field is described by an object, {} for one of any type");
        }
    }

    /// A schema, and every schema in it.
    fn schema(&mut self, pointer: &str, schema: &Value) {
        self.schemas.insert(pointer.to_owned());
        if let Some(members) = schema.as_object() {
            for unread in ["$id", "$schema"].into_iter().filter(|name| members.contains_key(*name)) {
                self.fault(format!("{pointer}/{unread}"), "stands only in the document as a whole");
            }
            self.inside(pointer, members);
        }
    }

    fn inside(&mut self, pointer: &str, members: &Map<String, Value>) {
        for (keyword, value) in members {
            let at = format!("{pointer}/{}", token(keyword));
            match keyword.as_str() {
                "$ref" => self.reference(pointer, &at, value),
                "format" => self.format(&at, value),
                "pattern" => self.pattern(&at, value.as_str()),
                name if SAME.contains(&name) => {
                    self.also(pointer, &at);
                    self.schema(&at, value);
                }
                name if SAME_LIST.contains(&name) || name == "prefixItems" => {
                    for (nth, schema) in value.as_array().into_iter().flatten().enumerate() {
                        let at = format!("{at}/{nth}");
                        if name != "prefixItems" {
                            self.also(pointer, &at);
                        }
                        self.schema(&at, schema);
                    }
                }
                name if INNER.contains(&name) => self.schema(&at, value),
                name if NAMED.contains(&name) => self.named(pointer, &at, name, value),
                name if known(name) || pointer.is_empty() && WHOLE.contains(&name) => {}
                other => self.fault(at, unknown(other)),
            }
        }
    }

    fn named(&mut self, pointer: &str, at: &str, keyword: &str, schemas: &Value) {
        for (name, schema) in schemas.as_object().into_iter().flatten() {
            let at = format!("{at}/{}", token(name));
            match keyword {
                "patternProperties" => self.pattern(&at, Some(name)),
                "dependentSchemas" => self.also(pointer, &at),
                _ => {}
            }
            self.schema(&at, schema);
        }
    }

    fn also(&mut self, schema: &str, other: &str) {
        self.same.entry(schema.to_owned()).or_default().push(other.to_owned());
    }

    /// `meta` shows a field with `$defs` and nothing else beside it.
    fn reference(&mut self, pointer: &str, at: &str, value: &Value) {
        let Some(target) = value.as_str() else { return };
        if !target.starts_with(DEFS) {
            return self.fault(at, format!("a reference goes to {DEFS}… of the same file; put what {target:?} names there"));
        }
        let target = target.trim_start_matches('#');
        self.also(pointer, target);
        self.references.push((at.to_owned(), target.to_owned()));
    }

    /// References that lead to no schema.
    fn astray(&mut self) {
        for (at, target) in std::mem::take(&mut self.references) {
            if !self.schemas.contains(&target) {
                self.fault(at, format!("no schema stands at {target}"));
            }
        }
    }

    fn format(&mut self, at: &str, value: &Value) {
        if let Some(name) = value.as_str().filter(|name| !full::knows_format(name)) {
            self.fault(
                at,
                format!(
                    "{name:?} is no format that is checked, such as date-time, date, email, uri or uuid; leave it out, or write a pattern"
                ),
            );
        }
    }

    fn pattern(&mut self, at: &str, pattern: Option<&str>) {
        if let Some(pattern) = pattern.filter(|pattern| !full::is_pattern(pattern)) {
            self.fault(at, format!("{pattern:?} is not read: a pattern is a regular expression without look-around and back-references"));
        }
    }

    /// A schema that leads back to itself without a step into the value would never end.
    fn endless(&mut self) {
        let mut done = BTreeSet::new();
        let all: Vec<String> = self.same.keys().cloned().collect();
        for schema in all {
            let mut way = Vec::new();
            if let Some(found) = circle(&self.same, &schema, &mut way, &mut done) {
                self.fault(found, "leads back to itself without a step into the value, so it says nothing and never ends");
            }
        }
    }
}

/// A schema on a way that comes back to it.
fn circle(same: &BTreeMap<String, Vec<String>>, at: &str, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> Option<String> {
    if way.iter().any(|before| before == at) {
        return Some(at.to_owned());
    }
    if !done.insert(at.to_owned()) {
        return None;
    }
    way.push(at.to_owned());
    let found = same.get(at).into_iter().flatten().find_map(|next| circle(same, next, way, done));
    way.pop();
    found
}

fn known(keyword: &str) -> bool {
    let lists: [&[&str]; 6] = [&ANNOTATIONS, &ASSERTIONS, &SAME, &SAME_LIST, &INNER, &NAMED];
    keyword.starts_with("x-") || keyword == "prefixItems" || lists.iter().any(|list| list.contains(&keyword))
}

fn unknown(keyword: &str) -> String {
    let instead = match keyword {
        "definitions" => "write $defs",
        "nullable" => "null clears every field; inside of one, write \"type\": [\"string\", \"null\"]",
        "example" => "write examples, a list",
        "$anchor" | "$dynamicAnchor" | "$dynamicRef" | "$recursiveRef" => "refer to #/$defs/… by $ref",
        _ => "leave it out, or begin its name with x-",
    };
    format!("{keyword:?} is no keyword that is read; {instead}")
}
