use http::StatusCode;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::refusal::Refusal;
use crate::exchange::{Answer, NativeRequest};
use crate::objects::{Object, text};
use crate::timestamps::is_date;

/// Entries on a page: `perPage` of <https://developer.capsulecrm.com/v2/operations/Project>.
const PAGE: usize = 50;
const MOST: usize = 100;

/// One page of `all` below `name`, with a link to the next.
pub(super) fn answer(request: &NativeRequest, name: &str, all: &[&Object], view: impl Fn(&Object) -> Value) -> Result<Answer, Refusal> {
    let (mut page, mut size) = (1, PAGE);
    for (parameter, value) in request.query_pairs() {
        match parameter.as_str() {
            "page" => page = number("page", &value, usize::MAX)?,
            "perPage" => size = number("perPage", &value, MOST)?,
            _ => {}
        }
    }
    let offset = page.saturating_sub(1).saturating_mul(size);
    let shown: Vec<Value> = all.iter().skip(offset).take(size).map(|one| view(one)).collect();
    let answer = Answer::json(StatusCode::OK, &json!({ name: shown }));
    if offset.saturating_add(size) >= all.len() {
        return Ok(answer);
    }
    let link = format!("<{}>; rel=\"next\"", next(request, page.saturating_add(1), size));
    Ok(answer.with_header("link", &link))
}

/// The point in time after which entries are taken, when the query names one.
pub(super) fn since(request: &NativeRequest) -> Result<Option<OffsetDateTime>, Refusal> {
    let Some((_, value)) = request.query_pairs().into_iter().find(|(name, _)| name == "since") else {
        return Ok(None);
    };
    let value = if is_date(&value) { format!("{value}T00:00:00Z") } else { value };
    match OffsetDateTime::parse(&value, &Rfc3339) {
        Ok(at) => Ok(Some(at)),
        Err(_) => Err(Refusal::invalid("since", "since must be an ISO 8601 date")),
    }
}

/// True when the time in `member` is later.
pub(super) fn is_after(object: &Object, member: &str, since: OffsetDateTime) -> bool {
    let at = text(object, member).and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    at.is_some_and(|at| at > since)
}

fn number(name: &str, text: &str, most: usize) -> Result<usize, Refusal> {
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(Refusal::invalid(name, format!("{name} must be a number from 1 to {most}"))),
    }
}

/// The same list from there on.
fn next(request: &NativeRequest, page: usize, size: usize) -> String {
    let kept = request.query.split('&').filter(|pair| !["", "page", "perPage"].contains(&pair.split('=').next().unwrap_or_default()));
    let mut query = vec![format!("page={page}"), format!("perPage={size}")];
    query.extend(kept.map(str::to_owned));
    format!("{}{}?{}", request.base, request.path, query.join("&"))
}
