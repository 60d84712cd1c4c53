//! A space: which parameters each operation knows, and what they do.

use serde_json::{Value, json};

use super::parameters::Parameters;
use super::refusal::Refusal;
use super::seeds;
use crate::objects::{Object, object, text};

/// Parameters of Update Space. `archived` is not among them. The last three are documented for Create Space, whose
/// answer is the same. <https://developers.wrike.com/reference/putspacessingle>
pub(super) const UPDATE: &[&str] = &[
    "accessType",
    "title",
    "description",
    "membersAdd",
    "membersUpdate",
    "membersRemove",
    "guestRoleId",
    "defaultProjectWorkflowId",
    "suggestedProjectWorkflowsAdd",
    "suggestedProjectWorkflowsRemove",
    "defaultTaskWorkflowId",
    "suggestedTaskWorkflowsAdd",
    "suggestedTaskWorkflowsRemove",
    "withInvitations",
    "workScheduleId",
    "fields",
];

/// Parameters of Create Space. <https://developers.wrike.com/reference/postspacesempty>
pub(super) const CREATE: &[&str] = &[
    "accessType",
    "title",
    "description",
    "members",
    "guestRoleId",
    "defaultProjectWorkflowId",
    "suggestedProjectWorkflows",
    "defaultTaskWorkflowId",
    "suggestedTaskWorkflows",
    "withInvitations",
    "workScheduleId",
    "fields",
];

pub(super) const LIST: &[&str] = &["withArchived", "userIsMember", "withInvitations", "title", "accessTypes", "fields"];

pub(super) const READ: &[&str] = &["fields"];

/// Members that are only shown when `fields` asks for them: its word, and the member's name.
const ON_REQUEST: [(&str, &str); 4] = [
    ("members", "members"),
    ("suggestedProjectWorkflows", "suggestedProjectWorkflowIds"),
    ("suggestedTaskWorkflows", "suggestedTaskWorkflowIds"),
    ("workScheduleId", "workScheduleId"),
];

const MOST_MEMBERS: usize = 1_000;
const MOST_PROJECT_WORKFLOWS: usize = 100;
const NO_LIMIT: usize = usize::MAX;

/// The members on request that `fields` asks for.
pub(super) fn shown(parameters: &Parameters) -> Result<Vec<&'static str>, Refusal> {
    let words = parameters.strings("fields", NO_LIMIT)?.unwrap_or_default();
    words
        .iter()
        .map(|word| {
            let known = ON_REQUEST.iter().find(|(name, _)| name == word);
            known.map(|(_, member)| *member).ok_or_else(|| Refusal::parameter("fields"))
        })
        .collect()
}

/// The space as an answer shows it.
pub(super) fn view(space: &Object, shown: &[&str]) -> Value {
    let mut view = space.clone();
    view.retain(|name, _| {
        let on_request = ON_REQUEST.iter().any(|(_, member)| member == name);
        !on_request || shown.contains(&name.as_str())
    });
    Value::Object(view)
}

/// Which spaces a list takes.
#[derive(Debug)]
pub(super) struct Filter {
    with_archived: bool,
    user_is_member: Option<bool>,
    title: Option<String>,
    access_types: Option<Vec<String>>,
}

impl Filter {
    pub(super) fn read(parameters: &Parameters) -> Result<Self, Refusal> {
        parameters.flag("withInvitations")?;
        let title = parameters.text("title");
        if title.is_some_and(|title| title.trim().is_empty()) {
            return Err(Refusal::parameter("title"));
        }
        let access_types = parameters.strings("accessTypes", NO_LIMIT)?;
        let known = ["Locked", "Personal", "Private", "Public"];
        let mut asked = access_types.iter().flatten();
        if asked.any(|word| !known.contains(&word.as_str())) {
            return Err(Refusal::parameter("accessTypes"));
        }
        Ok(Self {
            with_archived: parameters.flag("withArchived")?.unwrap_or(false),
            user_is_member: parameters.flag("userIsMember")?,
            title: title.map(str::to_lowercase),
            access_types,
        })
    }

    pub(super) fn takes(&self, space: &Object) -> bool {
        let archived = space.get("archived") == Some(&Value::Bool(true));
        let title = text(space, "title").unwrap_or_default().to_lowercase();
        let access_type = text(space, "accessType").unwrap_or_default();
        (self.with_archived || !archived)
            && self.user_is_member.is_none_or(|asked| asked == has_user(space))
            && self.title.as_ref().is_none_or(|part| title.contains(part))
            && self.access_types.as_ref().is_none_or(|types| types.iter().any(|word| word == access_type))
    }
}

fn has_user(space: &Object) -> bool {
    members(space).iter().any(|member| id(member) == Some(seeds::USER))
}

/// A new space, without its id.
pub(super) fn create(parameters: &Parameters) -> Result<Object, Refusal> {
    let access_type = parameters.choice("accessType", &["Locked", "Private", "Public"])?.ok_or(Refusal::ParameterRequired("accessType"))?;
    let title = parameters.filled("title").ok_or(Refusal::ParameterRequired("title"))?;
    let mut space = object(json!({
        "title": title,
        "avatarUrl": seeds::AVATAR,
        "accessType": access_type,
        "archived": false,
        "defaultProjectWorkflowId": seeds::PROJECT_WORKFLOW,
        "defaultTaskWorkflowId": seeds::TASK_WORKFLOW,
        "suggestedProjectWorkflowIds": parameters.strings("suggestedProjectWorkflows", MOST_PROJECT_WORKFLOWS)?.unwrap_or_default(),
        "suggestedTaskWorkflowIds": parameters.strings("suggestedTaskWorkflows", NO_LIMIT)?.unwrap_or_default(),
        "members": member_list(parameters, "members", MOST_MEMBERS)?.unwrap_or_default(),
    }));
    plain_members(&mut space, parameters)?;
    Ok(space)
}

/// Changes a space as the parameters say.
pub(super) fn update(space: &mut Object, parameters: &Parameters) -> Result<(), Refusal> {
    if let Some(access_type) = parameters.choice("accessType", &["Private", "Public"])? {
        space.insert("accessType".to_owned(), access_type.into());
    }
    if let Some(title) = parameters.filled("title") {
        space.insert("title".to_owned(), title.into());
    }
    plain_members(space, parameters)?;
    change_members(space, parameters)?;
    let member = "suggestedProjectWorkflowIds";
    let add = parameters.strings("suggestedProjectWorkflowsAdd", MOST_PROJECT_WORKFLOWS)?;
    let remove = parameters.strings("suggestedProjectWorkflowsRemove", NO_LIMIT)?;
    change_set(space, member, add, remove);
    let member = "suggestedTaskWorkflowIds";
    let add = parameters.strings("suggestedTaskWorkflowsAdd", NO_LIMIT)?;
    let remove = parameters.strings("suggestedTaskWorkflowsRemove", NO_LIMIT)?;
    change_set(space, member, add, remove);
    Ok(())
}

/// What create and update share.
fn plain_members(space: &mut Object, parameters: &Parameters) -> Result<(), Refusal> {
    parameters.flag("withInvitations")?;
    for name in ["description", "defaultProjectWorkflowId", "defaultTaskWorkflowId", "workScheduleId"] {
        if let Some(value) = parameters.filled(name) {
            space.insert(name.to_owned(), value.into());
        }
    }
    // A guest role belongs to public spaces only.
    let public = text(space, "accessType") == Some("Public");
    match parameters.filled("guestRoleId") {
        Some(_) if !public => return Err(Refusal::parameter("guestRoleId")),
        Some(role) => {
            space.insert("guestRoleId".to_owned(), role.into());
        }
        None if public => {
            let role = space.entry("guestRoleId");
            role.or_insert_with(|| seeds::GUEST_ROLE.into());
        }
        None => {
            space.shift_remove("guestRoleId");
        }
    }
    Ok(())
}

fn change_set(space: &mut Object, member: &str, add: Option<Vec<String>>, remove: Option<Vec<String>>) {
    let held = space.get(member).and_then(Value::as_array);
    let mut ids: Vec<Value> = held.cloned().unwrap_or_default();
    for id in add.into_iter().flatten().map(Value::from) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let remove = remove.unwrap_or_default();
    ids.retain(|id| !remove.iter().any(|gone| id.as_str() == Some(gone)));
    space.insert(member.to_owned(), ids.into());
}

fn change_members(space: &mut Object, parameters: &Parameters) -> Result<(), Refusal> {
    let add = member_list(parameters, "membersAdd", MOST_MEMBERS)?;
    let update = member_list(parameters, "membersUpdate", NO_LIMIT)?;
    let remove = parameters.strings("membersRemove", MOST_MEMBERS)?;
    let mut held = members(space);
    for member in update.iter().flatten() {
        if !held.iter().any(|other| id(other) == id(member)) {
            return Err(Refusal::parameter("membersUpdate"));
        }
    }
    for member in add.into_iter().chain(update).flatten() {
        match held.iter_mut().find(|other| id(other) == id(&member)) {
            Some(other) => *other = member,
            None => held.push(member),
        }
    }
    let remove = remove.unwrap_or_default();
    held.retain(|member| !remove.iter().any(|gone| id(member) == Some(gone)));
    space.insert("members".to_owned(), held.into());
    Ok(())
}

fn members(space: &Object) -> Vec<Value> {
    let held = space.get("members").and_then(Value::as_array);
    held.cloned().unwrap_or_default()
}

fn id(member: &Value) -> Option<&str> {
    member.get("id").and_then(Value::as_str)
}

/// An array of `{id, accessRoleId, isManager}`, each member once.
fn member_list(parameters: &Parameters, name: &str, most: usize) -> Result<Option<Vec<Value>>, Refusal> {
    let Some(items) = parameters.array(name, most)? else {
        return Ok(None);
    };
    for (place, item) in items.iter().enumerate() {
        let twice = items.iter().take(place).any(|other| id(other) == id(item));
        if twice || !is_member(item) {
            return Err(Refusal::parameter(name));
        }
    }
    Ok(Some(items))
}

fn is_member(item: &Value) -> bool {
    let Some(fields) = item.as_object() else {
        return false;
    };
    id(item).is_some()
        && fields.iter().all(|(name, value)| match name.as_str() {
            "id" | "accessRoleId" => value.is_string(),
            "isManager" => value.is_boolean(),
            _ => false,
        })
}
