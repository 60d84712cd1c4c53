//! Reads the body of `POST /_control/fail`.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use super::kind::{KINDS, Kind, RetryAfter};
use super::rules::{Failure, Rule};
use crate::control::{ControlError, Fields, header_name, header_value};
use crate::provider::Provider;

/// Padding and bombs beyond this test nothing that a smaller one does not.
const MOST_MEGABYTES: u64 = 16_384;

/// The failure that a control body asks for.
pub(crate) fn rule(body: &[u8]) -> Result<Rule, ControlError> {
    let mut fields = Fields::parse(body)?;
    let provider = fields.provider()?;
    let name = kind_name(&fields.required_text("kind")?)?;
    let method = fields.text("method")?.map(|text| method(&text)).transpose()?;
    let after = fields.number("after", 0, u64::MAX)?.unwrap_or(0);
    let times = fields.number("times", 1, u64::MAX)?.unwrap_or(1);
    let asked = fields.flag("apply")?;
    let kind = kind(name, provider, &mut fields)?;
    fields.finish()?;
    let always = kind.spoils_the_real_answer();
    if always && asked == Some(false) {
        return Err(ControlError::bad(format!(
            "'{name}' spoils the real answer, so the request always takes effect: 'apply' cannot be false"
        )));
    }
    Ok(Rule { provider, method, after, times, name, failure: Failure { kind, apply: always || asked.unwrap_or(false) } })
}

fn kind_name(asked: &str) -> Result<&'static str, ControlError> {
    let mut names = KINDS.iter().map(|(name, _)| *name);
    names.find(|name| *name == asked).ok_or_else(|| {
        let names: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        ControlError::bad(format!("there is no kind '{asked}'; there are: {names}"))
    })
}

fn method(text: &str) -> Result<Method, ControlError> {
    Method::from_bytes(text.to_ascii_uppercase().as_bytes()).map_err(|_| ControlError::bad("'method' is not an HTTP method"))
}

fn kind(name: &str, provider: Provider, fields: &mut Fields) -> Result<Kind, ControlError> {
    Ok(match name {
        "rate_limit" => Kind::RateLimit { retry_after: retry_after(fields)? },
        "status" => own_status(fields)?,
        "hang" => Kind::Hang { pause: fields.number("seconds", 0, 86_400)?.map(Duration::from_secs) },
        "truncate" => Kind::Truncate,
        "truncated_json" => Kind::TruncatedJson,
        "html" => Kind::Html { status: fields.status(StatusCode::INTERNAL_SERVER_ERROR)? },
        "empty" => Kind::Empty { status: fields.status(StatusCode::OK)? },
        "gzip_bomb" => Kind::GzipBomb { megabytes: megabytes(fields, 1_024)? },
        "redirect" => redirect(fields)?,
        "reset" => Kind::Reset,
        "slow_body" => slow_body(fields)?,
        "ignore_prefer" if matches!(provider, Provider::MicrosoftPlanner | Provider::Microsoft365) => Kind::IgnorePrefer,
        "ignore_prefer" => {
            return Err(ControlError::bad(
                "'ignore_prefer' is for microsoft-planner and microsoft-365: no other provider here reads Prefer",
            ));
        }
        "echo_authorization" => Kind::EchoAuthorization { status: fields.status(StatusCode::BAD_REQUEST)? },
        "invalid_utf8" => Kind::InvalidUtf8,
        _ => Kind::Large { megabytes: megabytes(fields, 64)? },
    })
}

fn megabytes(fields: &mut Fields, default: u32) -> Result<u32, ControlError> {
    let asked = fields.number("megabytes", 1, MOST_MEGABYTES)?;
    Ok(asked.and_then(|number| u32::try_from(number).ok()).unwrap_or(default))
}

fn retry_after(fields: &mut Fields) -> Result<RetryAfter, ControlError> {
    match fields.take("retry_after") {
        None => Ok(RetryAfter::Documented),
        Some(Value::Null) => Ok(RetryAfter::Absent),
        Some(Value::String(text)) => header_value("retry_after", &text).map(RetryAfter::Value),
        Some(Value::Number(number)) => header_value("retry_after", &number.to_string()).map(RetryAfter::Value),
        Some(_) => Err(ControlError::bad("'retry_after' must be text, a number or null")),
    }
}

fn own_status(fields: &mut Fields) -> Result<Kind, ControlError> {
    let Some(status) = fields.number("status", 200, 599)? else {
        return Err(ControlError::bad("'status' is required for this kind"));
    };
    let status = u16::try_from(status)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or_else(|| ControlError::bad("'status' is not an HTTP status"))?;
    let body = fields.take("body").map(|body| match body {
        Value::String(text) => Bytes::from(text),
        other => Bytes::from(other.to_string()),
    });
    let mut headers = HeaderMap::new();
    for (name, value) in fields.object("headers")?.unwrap_or_default() {
        let text = value.as_str().ok_or_else(|| ControlError::bad("the values of 'headers' must be texts"))?;
        headers.insert(header_name(&name)?, header_value("headers", text)?);
    }
    if let Some(content_type) = fields.text("content_type")? {
        headers.insert(CONTENT_TYPE, header_value("content_type", &content_type)?);
    }
    Ok(Kind::Status { status, body, headers })
}

fn redirect(fields: &mut Fields) -> Result<Kind, ControlError> {
    let status = fields.status(StatusCode::FOUND)?;
    if !status.is_redirection() {
        return Err(ControlError::bad("'status' must be from 300 to 399"));
    }
    let location = header_value("location", &fields.required_text("location")?)?;
    Ok(Kind::Redirect { status, location })
}

fn slow_body(fields: &mut Fields) -> Result<Kind, ControlError> {
    let chunk = fields.number("chunk", 1, 1_048_576)?.unwrap_or(1);
    let pause = fields.number("interval_ms", 0, 3_600_000)?.unwrap_or(100);
    Ok(Kind::SlowBody { chunk: usize::try_from(chunk).unwrap_or(1), pause: Duration::from_millis(pause) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_the_index_can_be_asked_for() {
        for (name, _) in KINDS {
            let more = match *name {
                "status" => r#","status":503"#,
                "redirect" => r#","location":"http://example.com/""#,
                _ => "",
            };
            let body = format!(r#"{{"provider":"microsoft-planner","kind":"{name}"{more}}}"#);
            assert_eq!(rule(body.as_bytes()).unwrap().name, *name);
        }
    }

    #[test]
    fn a_body_that_makes_no_sense_is_refused_with_the_reason() {
        for (body, reason) in [
            (r#"{"kind":"reset"}"#, "'provider' is required"),
            (r#"{"provider":"wrike"}"#, "'kind' is required"),
            (r#"{"provider":"wrike","kind":"nap"}"#, "there is no kind 'nap'"),
            (r#"{"provider":"wrike","kind":"reset","times":0}"#, "'times'"),
            (r#"{"provider":"wrike","kind":"reset","status":500}"#, "'status' is not known"),
            (r#"{"provider":"wrike","kind":"status"}"#, "'status' is required"),
            (r#"{"provider":"wrike","kind":"html","status":99}"#, "'status' must be"),
            (r#"{"provider":"wrike","kind":"redirect"}"#, "'location' is required"),
            (r#"{"provider":"wrike","kind":"redirect","status":200,"location":"/"}"#, "300 to 399"),
            (r#"{"provider":"wrike","kind":"redirect","location":"\n"}"#, "'location' cannot be"),
            (r#"{"provider":"wrike","kind":"ignore_prefer"}"#, "microsoft-planner"),
            (r#"{"provider":"wrike","kind":"large","apply":false}"#, "'apply' cannot be false"),
            (r#"{"provider":"wrike","kind":"rate_limit","retry_after":[]}"#, "'retry_after'"),
            (r#"{"provider":"wrike","kind":"reset","method":"A B"}"#, "'method'"),
        ] {
            let error = rule(body.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(reason), "{body}: {error}");
        }
    }
}
