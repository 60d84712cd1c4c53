//! {{provider}}: a unified workspace is a space.

use patchboard_sdk::{Account, Error, Exchange, Plugin, Rejection, Request, Response, Step, Unified, segment};

struct Provider;

impl Plugin for Provider {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn map_request(_account: &Account, request: &Request) -> Result<Exchange, Error> {
        let mut body = serde_json::Map::new();
        request.rename("name", &mut body, "title");
        Ok(Exchange::patch("update_space", format!("/spaces/{}", segment(request.id()))).json(body).answers())
    }

    fn map_response(_account: &Account, _request: &Request, _state: &[u8], response: &Response) -> Result<Step, Error> {
        if !response.is_success() {
            let body = response.json().unwrap_or_default();
            let message = body.get("message").and_then(|message| message.as_str()).unwrap_or_default();
            return Err(Rejection::of_status(response.status).message(message).into());
        }
        let native = response.json()?;
        Ok(Unified::of(&native).take("id", "/id").take("name", "/title").item("").into())
    }
}

patchboard_sdk::export!(Provider);
