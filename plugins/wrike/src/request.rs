//! Unified requests as Wrike's.

use patchboard_sdk::{Exchange, Request, segment};

/// `PUT /spaces/{spaceId}`. Parameters go into a form body: Wrike takes them in the
/// query too, where they would be limited in length and stand in logs.
pub(crate) fn update(request: &Request) -> Exchange {
    let mut form = Vec::new();
    request.rename_in_form("name", &mut form, "title");
    request.rename_in_form("description", &mut form, "description");
    Exchange::put("update_space", format!("/spaces/{}", segment(request.id()))).form(form).answers()
}
