//! Unified requests as Attio's.

use patchboard_sdk::page::{By, Paging};
use patchboard_sdk::{Error, Exchange, Operation, Request, segment};
use serde_json::{Map, Value, json};

use crate::IdMode;
use crate::values;

/// Attio takes a limit and an offset (<https://docs.attio.com/rest-api/guides/pagination>).
/// Its default is the only page size that its reference names.
pub(crate) const PAGES: Paging = Paging { by: By::Offset, usual: 500, most: 500 };

/// The state of the search for a record by the customer's own id.
pub(crate) const FIND: &[u8] = b"find";
/// The state of what follows that search.
pub(crate) const FOUND: &[u8] = b"found";

const RECORDS: &str = "/v2/objects/workspaces/records";
const QUERY: &str = "/v2/objects/workspaces/records/query";

/// The first exchange. A change that cannot be made is refused before a search for its
/// record.
pub(crate) fn first(id_mode: IdMode, request: &Request) -> Result<Exchange, Error> {
    match request.operation {
        Operation::List => list(request),
        Operation::Create => Ok(Exchange::post("create_record", RECORDS).json(body(values::of(request)?)).answers()),
        Operation::Upsert => upsert(request),
        Operation::Get | Operation::Update | Operation::Delete => {
            let direct = by_record_id(request, request.id())?;
            Ok(if id_mode == IdMode::WorkspaceId { find(request.id()) } else { direct })
        }
    }
}

/// What is done with a record of a known id.
pub(crate) fn by_record_id(request: &Request, record_id: &str) -> Result<Exchange, Error> {
    let path = format!("{RECORDS}/{}", segment(record_id));
    let exchange = match request.operation {
        Operation::Update => update(request, path)?,
        Operation::Delete => Exchange::delete("delete_record", path),
        _ => Exchange::get("get_record", path),
    };
    Ok(exchange.answers())
}

/// PATCH adds to an attribute with several values, PUT replaces them; what is not sent
/// stays with both. Neither creates a record.
/// (<https://docs.attio.com/rest-api/endpoint-reference/records/update-a-record-overwrite-multiselect-values>)
fn update(request: &Request, path: String) -> Result<Exchange, Error> {
    let values = values::of_update(request)?;
    let exchange =
        if values::may_hold_many(&values) { Exchange::put("overwrite_record", path) } else { Exchange::patch("update_record", path) };
    Ok(exchange.json(body(values)))
}

/// `PUT …/records?matching_attribute=…`: changes the record that has the attribute's
/// value, or creates one.
fn upsert(request: &Request) -> Result<Exchange, Error> {
    let attribute = request.param("matching_attribute").unwrap_or(values::WORKSPACE_ID);
    let values = values::of_upsert(request, attribute)?;
    Ok(Exchange::put("assert_record", RECORDS).query("matching_attribute", attribute).json(body(values)).answers())
}

fn list(request: &Request) -> Result<Exchange, Error> {
    let page = PAGES.asked(request)?;
    Ok(Exchange::post("list_records", QUERY).json(json!({"limit": page.size(), "offset": page.place()})).answers())
}

/// A text as a filter means equality
/// (<https://docs.attio.com/docs/attribute-types/attribute-types-text>).
fn find(workspace_id: &str) -> Exchange {
    Exchange::post("find_record", QUERY).json(json!({"filter": {values::WORKSPACE_ID: workspace_id}, "limit": 1})).state(FIND)
}

fn body(values: Map<String, Value>) -> Value {
    json!({"data": {"values": values}})
}
