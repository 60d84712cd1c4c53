//! Calls for a part of a project: its pipeline, its tags, its links.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::seeds::PIPELINES;
use super::{Related, collections, write};
use crate::exchange::{Answer, NativeRequest};
use crate::objects::{Object, has_id, object};

/// Answers a call below a project, and changes it. On a copy: nothing is written when the call is refused.
pub(super) fn answer(project: &mut Object, related: &mut Related, request: &NativeRequest, path: &[&str]) -> Result<Answer, Refusal> {
    let mut changed = project.clone();
    let answer = match (&request.method, path) {
        (&Method::PUT, ["Pipeline"]) => set_pipeline(&mut changed, related, &write::body(request)?)?,
        (&Method::DELETE, ["Pipeline"]) => clear_pipeline(&mut changed)?,
        (&Method::PUT, ["PipelineStage"]) => set_stage(&mut changed, related, &write::body(request)?)?,
        (&Method::GET, ["Tags"]) => Answer::json(StatusCode::OK, &collections::rows(project, "TAGS").into()),
        (&Method::POST, ["Tags"]) => add_tag(&mut changed, &write::body(request)?)?,
        (&Method::PUT, ["Tags"]) => replace_tags(&mut changed, write::json(request)?)?,
        (&Method::DELETE, ["Tags"]) => remove_tag(&mut changed, &write::body(request)?)?,
        (&Method::GET, ["Links"]) => Answer::json(StatusCode::OK, &collections::rows(project, "LINKS").into()),
        (&Method::POST, ["Links"]) => put_link(&mut changed, related, &write::body(request)?, StatusCode::CREATED)?,
        (&Method::PUT, ["Links"]) => put_link(&mut changed, related, &write::body(request)?, StatusCode::OK)?,
        (&Method::DELETE, ["Links", id]) => remove_link(&mut changed, id)?,
        (_, ["Pipeline" | "PipelineStage" | "Tags" | "Links"] | ["Links", _]) => return Err(Refusal::MethodNotAllowed),
        _ => return Err(Refusal::NotFound),
    };
    if changed != *project {
        super::touch(&mut changed);
        *project = changed;
    }
    Ok(answer)
}

fn set_pipeline(project: &mut Object, related: &Related, body: &Object) -> Result<Answer, Refusal> {
    only(body, &["PIPELINE_ID", "PIPELINE_STAGE_CHANGE"])?;
    let pipeline = number(body, "PIPELINE_ID")?;
    if !PIPELINES.contains(&pipeline) {
        return Err(Refusal::NotFound);
    }
    let change = body.get("PIPELINE_STAGE_CHANGE").cloned().map(object);
    let stage = change.ok_or_else(|| Refusal::bad("PIPELINE_STAGE_CHANGE is required"))?;
    let stage = number(&stage, "STAGE_ID")?;
    check_stage(related, stage, pipeline)?;
    project.insert("PIPELINE_ID".to_owned(), pipeline.into());
    project.insert("STAGE_ID".to_owned(), stage.into());
    let body = json!([{ "PIPELINE_ID": pipeline, "PIPELINE_STAGE_CHANGE": { "STAGE_ID": stage } }]);
    Ok(Answer::json(StatusCode::OK, &body))
}

fn clear_pipeline(project: &mut Object) -> Result<Answer, Refusal> {
    if project.get("PIPELINE_ID").is_none_or(Value::is_null) {
        return Err(Refusal::DeleteFailed);
    }
    project.insert("PIPELINE_ID".to_owned(), Value::Null);
    project.insert("STAGE_ID".to_owned(), Value::Null);
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

fn set_stage(project: &mut Object, related: &Related, body: &Object) -> Result<Answer, Refusal> {
    only(body, &["STAGE_ID", "ACTIVITYSET_ASSIGNMENT"])?;
    let stage = number(body, "STAGE_ID")?;
    let pipeline = project.get("PIPELINE_ID").and_then(Value::as_u64);
    check_stage(related, stage, pipeline.ok_or_else(|| Refusal::bad("The project has no pipeline"))?)?;
    project.insert("STAGE_ID".to_owned(), stage.into());
    Ok(Answer::json(StatusCode::OK, &json!([{ "STAGE_ID": stage }])))
}

fn check_stage(related: &Related, stage: u64, pipeline: u64) -> Result<(), Refusal> {
    let stage = related.stages.get(&stage.to_string()).ok_or(Refusal::NotFound)?;
    if stage.get("PIPELINE_ID").and_then(Value::as_u64) == Some(pipeline) {
        Ok(())
    } else {
        Err(Refusal::bad("The stage does not belong to the pipeline"))
    }
}

fn add_tag(project: &mut Object, body: &Object) -> Result<Answer, Refusal> {
    let tag = collections::tag(body)?;
    let mut tags = collections::rows(project, "TAGS");
    if !tags.contains(&tag) {
        tags.push(tag.clone());
    }
    project.insert("TAGS".to_owned(), tags.into());
    Ok(Answer::json(StatusCode::CREATED, &tag))
}

/// The reference names one tag, the introduction a bulk update: both are taken.
fn replace_tags(project: &mut Object, body: Value) -> Result<Answer, Refusal> {
    let all = if body.is_object() { Value::Array(vec![body]) } else { body };
    let tags = collections::tags(&all)?;
    project.insert("TAGS".to_owned(), tags.clone());
    Ok(Answer::json(StatusCode::CREATED, &tags))
}

fn remove_tag(project: &mut Object, body: &Object) -> Result<Answer, Refusal> {
    let tag = collections::tag(body)?;
    let mut tags = collections::rows(project, "TAGS");
    let place = tags.iter().position(|held| *held == tag).ok_or(Refusal::DeleteFailed)?;
    tags.remove(place);
    project.insert("TAGS".to_owned(), tags.into());
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

fn put_link(project: &mut Object, related: &mut Related, body: &Object, status: StatusCode) -> Result<Answer, Refusal> {
    let named = body.get("LINK_ID").is_some_and(|id| !id.is_null());
    if named != (status == StatusCode::OK) {
        return Err(Refusal::bad("LINK_ID belongs to a link that is changed, and only there"));
    }
    let link = collections::link(project, body, related)?;
    let mut links = collections::rows(project, "LINKS");
    collections::put(&mut links, link.clone());
    project.insert("LINKS".to_owned(), links.into());
    Ok(Answer::json(status, &link))
}

fn remove_link(project: &mut Object, id: &str) -> Result<Answer, Refusal> {
    let mut links = collections::rows(project, "LINKS");
    let place = links.iter().position(|link| link.as_object().is_some_and(|link| has_id(link, "LINK_ID", id)));
    links.remove(place.ok_or(Refusal::NotFound)?);
    project.insert("LINKS".to_owned(), links.into());
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

fn only(body: &Object, known: &[&str]) -> Result<(), Refusal> {
    match body.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(Refusal::bad(format!("There is no field {name}"))),
        None => Ok(()),
    }
}

fn number(body: &Object, name: &str) -> Result<u64, Refusal> {
    body.get(name).and_then(Value::as_u64).ok_or_else(|| Refusal::bad(format!("{name} must be a number")))
}
