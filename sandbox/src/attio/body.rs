use serde_json::Value;

use super::refusal::Refusal;
use crate::exchange::NativeRequest;
use crate::objects::Object;

/// The body as an object.
pub(super) fn object(request: &NativeRequest) -> Result<Object, Refusal> {
    if !request.says_json() {
        return Err(Refusal::bad("The body must be application/json."));
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Refusal::bad("The body must be an object.")),
        Err(error) => Err(Refusal::bad(format!("The body is not JSON: {error}."))),
    }
}

/// `{"data":{"values":{…}}}`; `data` holds nothing else.
pub(super) fn values(request: &NativeRequest) -> Result<Object, Refusal> {
    let mut body = object(request)?;
    let Some(Value::Object(mut data)) = body.shift_remove("data") else {
        return Err(Refusal::bad("data is required and must be an object."));
    };
    let values = data.shift_remove("values");
    if let Some(name) = data.keys().next() {
        return Err(Refusal::bad(format!("data must not hold \"{name}\".")));
    }
    match values {
        Some(Value::Object(values)) => Ok(values),
        _ => Err(Refusal::bad("data.values is required and must be an object.")),
    }
}
