//! `amount` and `currency`: Teamleader's money has both, or there is none.

use patchboard_sdk::value::number;
use patchboard_sdk::{Error, Given, Request};
use serde_json::{Value, json};

/// The only currency that a project's budget has at present.
const CURRENCY: &str = "EUR";

/// Whether one of the two was given without the other, which is then as it is now.
pub(crate) fn needs_current(request: &Request) -> bool {
    matches!((request.given("amount"), request.given("currency")), (Given::Value(_), Given::Absent) | (Given::Absent, Given::Value(_)))
}

/// The native budget, `null` where it is cleared, nothing where it stays. `current` is
/// the one that the project has.
pub(crate) fn change(request: &Request, current: Option<&Value>) -> Result<Option<Value>, Error> {
    let now = |member: &str| current.and_then(|money| money.get(member)).filter(|value| !value.is_null()).cloned();
    let refused = |why: &str| Err(Error::field("/currency", why));
    let (amount, currency) = match (request.given("amount"), request.given("currency")) {
        (Given::Absent, Given::Absent) => return Ok(None),
        (Given::Clear, Given::Absent | Given::Clear) => return Ok(Some(Value::Null)),
        (Given::Clear, Given::Value(_)) => return refused("has no place at Teamleader without an amount"),
        (_, Given::Clear) => return refused("cannot be cleared at Teamleader while there is an amount"),
        (Given::Value(amount), Given::Value(currency)) => (amount.clone(), currency.clone()),
        (Given::Value(amount), Given::Absent) => (amount.clone(), now("currency").unwrap_or_else(|| CURRENCY.into())),
        (Given::Absent, Given::Value(currency)) => match now("amount") {
            Some(amount) => (amount, currency.clone()),
            None => return refused("needs an amount: the project has no budget"),
        },
    };
    Ok(Some(json!({"amount": number(&amount).map_or(amount, Value::Number), "currency": currency})))
}
