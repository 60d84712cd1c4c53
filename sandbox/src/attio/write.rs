//! Records that come into being or change.

use serde_json::{Value, json};

use super::attribute::{ATTRIBUTES, Attribute};
use super::record;
use super::refusal::Refusal;
use super::seeds;
use super::value::{Written, is_same};
use crate::objects::{Object, Objects};

/// What becomes of the values that an attribute which can hold several has already. One that cannot gets the new value,
/// and nothing by an empty list, in every mode; attributes that are not written stay as they are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    /// They stay; new ones come before them
    /// (<https://docs.attio.com/rest-api/endpoint-reference/records/update-a-record-append-multiselect-values>).
    Append,
    /// Only those stay that are written again.
    Overwrite,
    /// As with `Overwrite`, but those of the matching attribute stay, and new ones are added.
    Assert(&'static Attribute),
}

/// The record that a creation makes.
pub(super) fn create(records: &Objects, number: u64, written: Vec<Written>) -> Result<Object, Refusal> {
    let blank = seeds::new_record(number);
    update(records, &blank, written, Mode::Overwrite)
}

/// The record as it is after a change. Nothing is kept yet.
pub(super) fn update(records: &Objects, record: &Object, written: Vec<Written>, mode: Mode) -> Result<Object, Refusal> {
    let mut changed = record.clone();
    for (attribute, new) in written {
        check_unique(records, record::id(record), attribute, &new)?;
        let held = record::values(record, attribute).filter_map(Value::as_object).cloned().collect();
        let left = join(attribute, held, new, mode);
        if let Some(Value::Object(values)) = changed.get_mut("values") {
            values.insert(attribute.slug.to_owned(), json!(left));
        }
    }
    match ATTRIBUTES.iter().find(|attribute| attribute.required && !record::is_filled(&changed, attribute)) {
        Some(missing) => Err(Refusal::MissingValue(missing.id)),
        None => Ok(changed),
    }
}

fn check_unique(records: &Objects, own: &str, attribute: &Attribute, new: &[Object]) -> Result<(), Refusal> {
    let taken = |record: &Object| record::id(record) != own && record::has_any(record, attribute, new);
    if attribute.unique && records.find(taken).is_some() { Err(Refusal::NotUnique(attribute.id)) } else { Ok(()) }
}

/// The values that an attribute has in the end. One that it had before keeps what it says about itself.
fn join(attribute: &Attribute, held: Vec<Object>, new: Vec<Object>, mode: Mode) -> Vec<Object> {
    let is_new = |value: &Object| !held.iter().any(|other| is_same(other, value));
    match mode {
        Mode::Append if attribute.many => {
            let added: Vec<Object> = new.into_iter().filter(is_new).collect();
            added.into_iter().chain(held).collect()
        }
        Mode::Assert(matching) if attribute.many && matching.id == attribute.id => {
            let added: Vec<Object> = new.into_iter().filter(is_new).collect();
            held.into_iter().chain(added).collect()
        }
        _ => new.into_iter().map(|value| held.iter().find(|other| is_same(other, &value)).cloned().unwrap_or(value)).collect(),
    }
}
