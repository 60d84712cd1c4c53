//! A project of Pipeliner's as a unified one.

use patchboard_sdk::value;
use patchboard_sdk::{EnumTable, Unified, rfc3339};
use serde_json::{Map, Value};

/// `status` is a number that Pipeliner derives, read-only.
const STATUS: EnumTable = EnumTable(&[("not started", "1"), ("in progress", "2"), ("completed", "4")]);

/// The unified project. Where `load-only` leaves the id out, it is the request's.
pub(crate) fn unified<'a>(project: &'a Value, id: Option<&str>) -> Unified<'a> {
    Unified::of(project)
        .set("id", id.map(Value::from))
        .text("id", "/id")
        .text("name", "/name")
        .text("description", "/description")
        .set("status", status(project))
        .set("account", relation(project, "account"))
        .set("contact", contacts(project))
        .set("owner", relation(project, "owner"))
        .date("close_date", "/end_date")
        .set("created_at", moment(project, "created"))
        .set("updated_at", moment(project, "modified"))
}

fn status(project: &Value) -> Option<Value> {
    let number = text(project, "status")?;
    STATUS.unified(number.as_str()?).map(Value::from)
}

/// A relation stands as `owner_id` beside `owner`, which is a URI, or an object where
/// `expand` names it.
fn relation(object: &Value, name: &str) -> Option<Value> {
    let related = object.get(name).unwrap_or(&Value::Null);
    let id = text(object, &format!("{name}_id")).or_else(|| text(related, "id")).or_else(|| last_segment(related))?;
    let mut reference = Map::from_iter([("id".to_owned(), id)]);
    let name = text(related, "formatted_name").or_else(|| text(related, "name"));
    reference.extend(name.map(|name| ("name".to_owned(), name)));
    Some(reference.into())
}

/// All contacts where `expand` names their relations. Those are URIs otherwise, which
/// say nothing, and the primary contact is the only one that is known.
fn contacts(project: &Value) -> Option<Value> {
    let relations = project.get("contact_relations").and_then(Value::as_array);
    let all: Vec<Value> = relations.into_iter().flatten().filter_map(|row| relation(row, "contact")).collect();
    if all.is_empty() { relation(project, "primary_contact").map(|primary| vec![primary].into()) } else { Some(all.into()) }
}

/// The id at the end of a URI such as `…/entities/Clients/00000000-…`.
fn last_segment(uri: &Value) -> Option<Value> {
    uri.as_str()?.rsplit('/').next().filter(|id| !id.is_empty()).map(Value::from)
}

/// `2024-07-09 12:51:48.050073+00:00` as RFC 3339, cut to milliseconds; what cannot be
/// read is taken as it is.
fn moment(project: &Value, name: &str) -> Option<Value> {
    let written = project.get(name)?.as_str()?;
    let read = rfc3339(&written.replacen(' ', "T", 1));
    Some(read.map_or_else(|| written.to_owned(), |moment| milliseconds(&moment)).into())
}

fn milliseconds(moment: &str) -> String {
    let Some((seconds, rest)) = moment.split_once('.') else { return moment.to_owned() };
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    let (fraction, offset) = rest.split_at(digits);
    let kept = fraction.get(..3).unwrap_or(fraction);
    format!("{seconds}.{kept}{offset}")
}

fn text(object: &Value, name: &str) -> Option<Value> {
    object.get(name).and_then(value::text).map(Value::from)
}
