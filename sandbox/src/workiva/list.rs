use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::refusal::Refusal;
use crate::exchange::{Answer, NativeRequest, form_pairs};
use crate::objects::Objects;

const MOST: usize = 1_000;

/// The list: `$maxpagesize` workspaces at a time, with a link to the rest.
pub(super) fn answer(workspaces: &Objects, request: &NativeRequest) -> Result<Answer, Refusal> {
    let (mut size, mut offset) = (MOST, 0);
    for (name, value) in request.query_pairs() {
        match name.as_str() {
            "$maxpagesize" => size = page_size(&value)?,
            // The cursor carries the page size with it.
            "$next" => (size, offset) = read_cursor(&value)?,
            _ => {}
        }
    }
    let page: Vec<Value> = workspaces.iter().skip(offset).take(size).cloned().map(Value::Object).collect();
    let next = offset.saturating_add(size);
    let mut body = json!({ "data": page });
    if next < workspaces.iter().count()
        && let Some(members) = body.as_object_mut()
    {
        let cursor = cursor(size, next);
        let cursor = utf8_percent_encode(&cursor, NON_ALPHANUMERIC);
        let link = format!("{}{}?%24next={cursor}", request.base, request.path);
        members.insert("@nextLink".to_owned(), link.into());
    }
    Ok(Answer::json(StatusCode::OK, &body))
}

fn page_size(text: &str) -> Result<usize, Refusal> {
    match text.parse() {
        Ok(size) if (1..=MOST).contains(&size) => Ok(size),
        _ => Err(Refusal::bad("$maxpagesize", "$maxpagesize must be from 1 to 1000.")),
    }
}

/// Opaque to clients; of the form of the document's example, `JTI0bGltaXQ9MTAwJiUyNG9mZnNldD0xMDA`.
fn cursor(size: usize, offset: usize) -> String {
    STANDARD_NO_PAD.encode(format!("%24limit={size}&%24offset={offset}"))
}

fn read_cursor(text: &str) -> Result<(usize, usize), Refusal> {
    let refused = || Refusal::bad("$next", "The cursor is not valid.");
    let decoded = STANDARD_NO_PAD.decode(text).map_err(|_| refused())?;
    let (mut size, mut offset) = (None, None);
    for (name, value) in form_pairs(&decoded) {
        match name.as_str() {
            "$limit" => size = Some(page_size(&value)?),
            "$offset" => offset = value.parse().ok(),
            _ => return Err(refused()),
        }
    }
    size.zip(offset).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_the_documented_one_and_reads_back() {
        assert_eq!(cursor(100, 100), "JTI0bGltaXQ9MTAwJiUyNG9mZnNldD0xMDA");
        assert_eq!(read_cursor(&cursor(7, 21)).unwrap(), (7, 21));
    }

    #[test]
    fn a_made_up_cursor_is_refused() {
        for text in ["", "x", "!", "JTI0bGltaXQ9MA", "AAAA"] {
            assert!(read_cursor(text).is_err(), "{text}");
        }
    }
}
