use serde_json::{Value, json};

use crate::objects::{Object, object};
use crate::timestamps::Precision;

/// The user whom the sandbox tokens belong to.
pub(super) const USER: &str = "66abace2-62af-0836-a927-fe3f44b9b47b";

const OTHER_USER: &str = "55d3707c-14dc-4b62-a072-e3f4c1413462";
const COMPANY: &str = "f29abf48-337d-44b4-aad4-585f5277a456";
const CONTACT: &str = "1106f231-0464-41b7-8b0b-19451af81afe";
const DEAL: &str = "8385b072-587f-4ebf-a32b-5f48baea1b1c";
const FIELD: &str = "bf6765de-56eb-40ec-ad14-9096c5dc5fe1";

/// The department of the account.
pub(super) const DEPARTMENT: &str = "0d0dec5a-7096-4009-be37-07eab117db07";

/// The last `project_key` and the last number in a `reference`; those of new projects count on.
const LAST_KEY: u64 = 124;
const LAST_REFERENCE: u64 = 1;

/// Projects of the new module. The first is the example of `projects-v2/projects.info`.
pub(super) fn projects() -> [Value; 2] {
    let mut first = whole("49b403be-a32e-0901-9b1c-25214f9027c6", 123);
    first.extend(object(json!({
        "title": "My project title",
        "description": "My project description",
        "time_budget": { "value": 43_200, "unit": "seconds" },
        "time_tracked": { "value": 43_200, "unit": "seconds" },
        "amount_billed": euros(123.3),
        "external_budget": euros(123.3),
        "price": euros(123.3),
        "start_date": "2022-02-23",
        "end_date": "2022-02-28",
        "purchase_order_number": "000023",
        "company_entity": { "type": "department", "id": DEPARTMENT },
        "owners": [{ "type": "user", "id": USER }],
        "assignees": [{ "assignee": { "type": "user", "id": USER }, "assign_type": "manual" }],
        "customers": [{ "type": "company", "id": COMPANY }, { "type": "contact", "id": CONTACT }],
        "deals": [{ "type": "deal", "id": DEAL }],
        "custom_fields": [{ "definition": { "type": "customFieldDefinition", "id": FIELD }, "value": "092980616" }],
    })));
    let mut second = whole("0184f276-811b-716d-8b79-17628c9573c6", LAST_KEY);
    second.extend(object(json!({
        "title": "Office move",
        "status": "closed",
        "billing_method": "fixed_price",
        "fixed_price": euros(4_000.0),
        "owners": [{ "type": "user", "id": OTHER_USER }],
    })));
    [Value::Object(first), Value::Object(second)]
}

/// A project of the new module as it begins: what is not given is empty.
pub(super) fn new_project(created: u64) -> Object {
    let mut project = whole(&format!("0184f276-811b-716d-8b79-{:012x}", 0x1762_8c95_73c6_u64.saturating_add(created)), LAST_KEY + created);
    project.insert("owners".to_owned(), json!([{ "type": "user", "id": USER }]));
    project
}

fn whole(id: &str, key: u64) -> Object {
    object(json!({
        "id": id,
        "project_key": key,
        "title": null,
        "description": null,
        "status": "open",
        "update_rights": "owners",
        "billing_method": "time_and_materials",
        "time_budget": null,
        "time_estimated": null,
        "time_tracked": { "value": 0, "unit": "seconds" },
        "amount_billed": euros(0.0),
        "amount_unbilled": euros(0.0),
        "fixed_amount_billed": null,
        "amount_paid": null,
        "external_budget": null,
        "task_external_budget_spent": null,
        "material_external_budget_spent": null,
        "external_budget_spent": null,
        "internal_budget": null,
        "price": euros(0.0),
        "fixed_price": null,
        "calculated_price": null,
        "cost": null,
        "margin": null,
        "margin_percentage": null,
        "start_date": null,
        "end_date": null,
        "purchase_order_number": null,
        "company_entity": null,
        "owners": [],
        "color": "#00B2B2",
        "assignees": [],
        "customers": [],
        "deals": [],
        "quotations": [],
        "custom_user_rates": [],
        "custom_fields": [],
        "legacy_project": null,
        "external_parties": [],
    }))
}

/// A project of the legacy module: the example of `projects.info`.
pub(super) fn legacy_projects() -> [Value; 1] {
    let mut project = legacy_whole("8a04371b-2ffb-407b-9b24-d5b5452009c7", LAST_REFERENCE, "2016-02-01T11:25:41+00:00");
    project.extend(object(json!({
        "title": "New company website",
        "customer": { "type": "contact", "id": CONTACT },
        "starts_on": "2016-02-04",
        "due_on": "2016-10-14",
        "source": { "type": "deal", "id": DEAL },
        "milestones": [{ "type": "milestone", "id": "7c6b5e26-3068-47a6-bf3b-431d7ab7e704" }],
        "participants": [{ "participant": { "type": "user", "id": OTHER_USER }, "role": "decision_maker" }],
        "purchase_order_number": "000023",
        "custom_fields": [{ "definition": { "type": "customFieldDefinition", "id": FIELD }, "value": "092980616" }],
    })));
    [Value::Object(project)]
}

/// A project of the legacy module as it begins.
pub(super) fn new_legacy_project(created: u64) -> Object {
    let id = format!("01548b10-4932-4a18-8a89-{:012x}", 0x005a_d09d_b2c8_u64.saturating_add(created));
    legacy_whole(&id, LAST_REFERENCE + created, &now())
}

/// A milestone, of which a project shows the id alone.
pub(super) fn new_milestone(created: u64) -> Value {
    json!({ "type": "milestone", "id": format!("7c6b5e26-3068-47a6-bf3b-{:012x}", 0x431d_7ab7_e704_u64.saturating_add(created)) })
}

fn legacy_whole(id: &str, number: u64, at: &str) -> Object {
    let zero = euros(0.0);
    object(json!({
        "id": id,
        "reference": format!("PRO-{number}"),
        "title": null,
        "description": "",
        "status": "active",
        "customer": null,
        "starts_on": null,
        "due_on": null,
        "created_at": at,
        "updated_at": at,
        "source": null,
        "milestones": [],
        "participants": [],
        "purchase_order_number": null,
        "custom_fields": [],
        "actuals": { "billable_amount": zero, "costs": zero, "result": zero, "profit_percentage": 0 },
        "budget": {
            "provided": zero, "spent": { "total": zero, "time": zero, "materials": zero }, "remaining": zero, "allocated": zero,
            "forecasted": zero,
        },
    }))
}

pub(super) fn users() -> [Value; 2] {
    let user = |id: &str, first: &str, last: &str, function: &str| {
        json!({
            "id": id, "account": { "type": "account", "id": "0fc55513-7f68-4865-aba0-de5da9e4e43d" }, "first_name": first,
            "last_name": last, "email": format!("{}@teamleader.eu", first.to_lowercase()),
            "telephones": [{ "type": "phone", "number": "092980615" }], "language": "nl-BE", "function": function,
            "time_zone": "Europe/Brussels", "status": "active",
            "teams": [{ "type": "team", "id": "6dd0069e-45da-0ec4-911a-afb351d968cd" }],
        })
    };
    [user(USER, "John", "Smith", "Sales"), user(OTHER_USER, "Ada", "Northfield", "Delivery")]
}

pub(super) fn companies() -> [Value; 2] {
    let company = |id: &str, name: &str| {
        json!({
            "id": id, "name": name, "status": "active", "vat_number": "BE0899623035",
            "emails": [{ "type": "primary", "email": "info@piedpiper.eu" }], "website": "https://piedpiper.com", "language": "nl",
            "responsible_user": { "type": "user", "id": USER }, "added_at": "2016-02-04T16:44:33+00:00",
            "updated_at": "2016-02-05T16:44:33+00:00", "web_url": format!("https://focus.teamleader.eu/company_detail.php?id={id}"),
            "tags": ["prospect"], "custom_fields": [],
        })
    };
    [company(COMPANY, "Pied Piper"), company("9cb3e568-3931-4b8f-8db8-5a002e8cf253", "Hooli")]
}

pub(super) fn contacts() -> [Value; 2] {
    let contact = |id: &str, first: &str, last: &str| {
        json!({
            "id": id, "first_name": first, "last_name": last, "status": "active", "salutation": "Mr",
            "emails": [{ "type": "primary", "email": "info@piedpiper.eu" }], "language": "en", "tags": ["expo"], "custom_fields": [],
            "added_at": "2016-02-04T16:44:33+00:00", "updated_at": "2016-02-05T16:44:33+00:00",
            "web_url": format!("https://focus.teamleader.eu/contact_detail.php?id={id}"),
        })
    };
    [contact(CONTACT, "Erlich", "Bachman"), contact("03148b5d-4cb0-4750-a3f2-8697cf8bce10", "Monica", "Hall")]
}

pub(super) fn deals() -> [Value; 2] {
    let deal = |id: &str, title: &str, reference: &str| {
        json!({
            "id": id, "title": title, "summary": null, "reference": reference, "status": "won",
            "lead": { "customer": { "type": "company", "id": COMPANY } }, "department": { "type": "department", "id": DEPARTMENT },
            "estimated_value": euros(123.3), "estimated_probability": 0.5, "responsible_user": { "type": "user", "id": USER },
            "created_at": "2017-05-09T11:25:11+00:00", "updated_at": "2017-05-09T11:30:58+00:00", "custom_fields": [],
            "web_url": format!("https://focus.teamleader.eu/sale_detail.php?id={id}"),
        })
    };
    [deal(DEAL, "Interesting deal", "2017/2"), deal("f6871b06-6513-4750-b5e6-ff3503b5a029", "Second deal", "2017/3")]
}

/// Custom fields of several types, the last of another context.
pub(super) fn definitions() -> [Value; 7] {
    let definition = |id: &str, context: &str, kind: &str, label: &str, configuration: Value| {
        json!({
            "id": id, "context": context, "type": kind, "label": label, "group": "Details", "required": false,
            "configuration": configuration,
        })
    };
    let options = json!({
        "options": [
            { "id": "179e1564-493b-4305-8c54-a34fc80920fc", "value": "North" },
            { "id": "179e1564-493b-4305-8c54-a34fc80920fd", "value": "South" },
        ],
        "extra_option_allowed": false,
    });
    let none = json!({});
    [
        definition(FIELD, "project", "single_line", "Phone of the site", none.clone()),
        definition("9c64570b-4ec1-4e03-9662-af904f78f7fa", "project", "number", "Floor space", none.clone()),
        definition("9c64570b-4ec1-4e03-9662-af904f78f7fb", "project", "boolean", "Insured", none.clone()),
        definition("9c64570b-4ec1-4e03-9662-af904f78f7fc", "project", "multi_select", "Regions", options),
        definition("9c64570b-4ec1-4e03-9662-af904f78f7fd", "project", "company", "Subcontractor", none.clone()),
        definition("9c64570b-4ec1-4e03-9662-af904f78f7fe", "project", "auto_increment", "Number", none.clone()),
        definition("74855f4a-2b61-429c-81d8-c79ad3675a76", "contact", "single_line", "Nickname", none),
    ]
}

/// The present, as Teamleader writes it: `2016-02-01T11:25:41+00:00`.
pub(super) fn now() -> String {
    native(&Precision::Seconds.now())
}

/// The present, or the second after `previous`.
pub(super) fn after(previous: Option<&Value>) -> String {
    native(&Precision::Seconds.after(previous))
}

fn native(text: &str) -> String {
    text.replace('Z', "+00:00")
}

fn euros(amount: f64) -> Value {
    json!({ "amount": amount, "currency": "EUR" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_new_projects_have_the_form_of_the_seeds_and_differ() {
        let id = |project: &Object| project["id"].as_str().unwrap().to_owned();
        assert_eq!(id(&new_project(1)), "0184f276-811b-716d-8b79-17628c9573c7");
        assert_eq!(new_project(1)["project_key"], 125);
        assert_eq!(id(&new_legacy_project(1)).len(), 36);
        assert_ne!(id(&new_legacy_project(1)), id(&new_legacy_project(2)));
        assert_eq!(new_legacy_project(2)["reference"], "PRO-3");
        let last = now();
        assert!(after(Some(&last.clone().into())) > last);
    }
}
