//! Teamleader's projects as unified ones.

use patchboard_sdk::{EnumTable, Unified};
use serde_json::{Map, Value, json};

use crate::legacy;
use crate::module::Module;
use crate::relations::{has_type, id, list, same};

const STATUS: EnumTable = EnumTable(&[("open", "open"), ("closed", "closed")]);
const LEGACY_STATUS: EnumTable =
    EnumTable(&[("in progress", "active"), ("deferred", "on_hold"), ("completed", "done"), ("cancelled", "cancelled")]);

/// A project as a unified one, names of others left out. A project can have several
/// owners: the one that was asked for is answered where it is among them, else the first.
pub(crate) fn unified(module: Module, native: &Value, asked: Option<&str>) -> Map<String, Value> {
    let common = Unified::of(native).text("id", "/id").text("name", "/title").text("description", "/description");
    match module {
        Module::V2 => v2(common, native, asked),
        Module::Legacy => legacy(common, native, asked),
    }
}

fn v2(common: Unified<'_>, native: &Value, asked: Option<&str>) -> Map<String, Value> {
    let customers = |kind| references(list(native, "customers").iter().filter(move |customer| has_type(customer, kind)));
    let owners = list(native, "owners").iter().filter_map(id).collect();
    common
        .enumerated("status", "/status", STATUS)
        .set("account", customers("company").into_iter().next())
        .set("contact", many(customers("contact")))
        .set("opportunity", many(references(list(native, "deals").iter())))
        .set("owner", owner(owners, asked))
        .number("amount", "/external_budget/amount")
        .text("currency", "/external_budget/currency")
        .date("close_date", "/end_date")
        .fields()
}

fn legacy(common: Unified<'_>, native: &Value, asked: Option<&str>) -> Map<String, Value> {
    let customers = |kind| references(list(native, "customer").iter().filter(move |customer| has_type(customer, kind)));
    let deals = references(list(native, "source").iter().filter(|source| has_type(source, "deal")));
    let owners = legacy::participants(native).into_iter().filter(|(_, decides)| *decides).map(|(id, _)| id).collect();
    common
        .enumerated("status", "/status", LEGACY_STATUS)
        .date("created_at", "/created_at")
        .set("account", customers("company").into_iter().next())
        .set("contact", many(customers("contact")))
        .set("opportunity", many(deals))
        .set("owner", owner(owners, asked))
        .number("amount", "/budget/provided/amount")
        .text("currency", "/budget/provided/currency")
        .date("close_date", "/due_on")
        .fields()
}

fn references<'a>(native: impl Iterator<Item = &'a Value>) -> Vec<Value> {
    native.filter_map(id).map(|id| json!({"id": id})).collect()
}

fn many(references: Vec<Value>) -> Option<Value> {
    (!references.is_empty()).then(|| references.into())
}

fn owner(owners: Vec<String>, asked: Option<&str>) -> Option<Value> {
    let asked = asked.and_then(|asked| owners.iter().find(|owner| same(owner, asked)));
    asked.or(owners.first()).map(|id| json!({"id": id}))
}
