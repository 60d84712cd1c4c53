use serde_json::{Number, Value, json};

use super::body::Body;
use super::refusal::Refusal;

const CURRENCIES: [&str; 23] = [
    "BAM", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "EUR", "GBP", "INR", "ISK", "JPY", "MAD", "MXN", "NOK", "PEN", "PLN", "RON",
    "SEK", "TRY", "USD", "ZAR",
];

/// Amounts are from zero to below this.
const TOO_MUCH: f64 = 100_000_000_000.0;

/// `{"amount":123.3,"currency":"EUR"}`.
pub(super) fn money(body: &Body, name: &str, value: Value) -> Result<Value, Refusal> {
    let mut money = body.within(name, value)?;
    let amount = money.take("amount").filter(|amount| amount.as_f64().is_some_and(|amount| (0.0..TOO_MUCH).contains(&amount)));
    let amount = amount.ok_or_else(|| money.refuse("amount", "must be from 0 to below 100 billion"))?;
    let currency = money.choice("currency", &CURRENCIES)?.ok_or_else(|| money.refuse("currency", "must not be empty"))?;
    money.finish()?;
    Ok(json!({ "amount": amount, "currency": currency }))
}

/// Money that can only be in EUR for now.
pub(super) fn euros(body: &Body, name: &str, value: Value) -> Result<Value, Refusal> {
    let money = money(body, name, value)?;
    if money.get("currency").and_then(Value::as_str) == Some("EUR") { Ok(money) } else { Err(body.refuse(name, "must be in EUR")) }
}

/// `{"value":60,"unit":"minutes"}`, kept in seconds.
pub(super) fn time(body: &Body, name: &str, value: Value) -> Result<Value, Refusal> {
    let mut time = body.within(name, value)?;
    let number = time.take("value").and_then(|value| value.as_f64()).filter(|number| (0.0..TOO_MUCH).contains(number));
    let number = number.ok_or_else(|| time.refuse("value", "must be a number"))?;
    let unit = time.choice("unit", &["hours", "minutes", "seconds"])?.ok_or_else(|| time.refuse("unit", "must not be empty"))?;
    time.finish()?;
    let seconds = match unit.as_str() {
        "hours" => number * 3_600.0,
        "minutes" => number * 60.0,
        _ => number,
    };
    Ok(json!({ "value": whole(seconds), "unit": "seconds" }))
}

/// A number without a fraction where it has none.
fn whole(number: f64) -> Value {
    if number.fract() == 0.0 { Value::from(number as u64) } else { Number::from_f64(number).map_or(Value::Null, Value::Number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_kept_in_seconds() {
        let body = Body::read(&request()).unwrap();
        for (value, seconds) in [(json!(2), json!(7_200)), (json!(0.5), json!(1_800)), (json!(0.000_625), json!(2.25))] {
            let kept = time(&body, "time_budget", json!({ "value": value, "unit": "hours" })).unwrap();
            assert_eq!(kept["value"].as_f64(), seconds.as_f64(), "{value}");
        }
        assert!(time(&body, "time_budget", json!({ "value": 1 })).is_err());
    }

    fn request() -> crate::exchange::NativeRequest {
        let (parts, ()) = http::Request::post("/teamleader/projects.list").body(()).unwrap().into_parts();
        crate::exchange::NativeRequest::new(crate::provider::Provider::Teamleader, parts, bytes::Bytes::new())
    }
}
