use http::StatusCode;

use super::CONTENT_TYPE;
use super::query::Shape;
use super::refusal::Refusal;
use super::tenant::Tenant;
use crate::exchange::{Answer, NativeRequest};
use crate::objects::{Object, Objects, text};

/// Plans on one page when `$top` does not say. No number is published for Planner.
const PAGE: usize = 100;

/// The plans of a group.
pub(super) fn of_group(plans: &Objects, request: &NativeRequest, shape: &Shape, tenant: &Tenant, group: &str) -> Result<Answer, Refusal> {
    if group != tenant.group {
        return Err(Refusal::NotFound);
    }
    Ok(answer(plans, request, shape, |plan| text(plan, "owner") == Some(group)))
}

/// The plans shared with the user of the token: all of them.
pub(super) fn of_user(plans: &Objects, request: &NativeRequest, shape: &Shape) -> Answer {
    answer(plans, request, shape, |_| true)
}

fn answer(plans: &Objects, request: &NativeRequest, shape: &Shape, takes: impl Fn(&Object) -> bool) -> Answer {
    let all: Vec<&Object> = plans.iter().filter(|plan| takes(plan)).collect();
    let size = shape.top.unwrap_or(PAGE);
    let page = all.iter().skip(shape.skip).take(size);
    let items = page.map(|plan| shape.item(plan)).collect();
    let next = shape.skip.saturating_add(size);
    let link = (next < all.len()).then(|| next_link(request, next));
    let body = shape.collection(items, all.len(), link);
    Answer::text(StatusCode::OK, CONTENT_TYPE, body.to_string())
}

/// The same list from there on: the client is to follow the link as it is.
fn next_link(request: &NativeRequest, next: usize) -> String {
    let kept = request.query.split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !["", "$skip", "%24skip", "$skiptoken", "%24skiptoken"].contains(&name)
    });
    let mut query: Vec<String> = kept.map(str::to_owned).collect();
    query.push(format!("$skiptoken={next}"));
    format!("{}{}?{}", request.base, request.path, query.join("&"))
}
