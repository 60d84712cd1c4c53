use serde_json::{Value, json};

use super::model::Model;
use crate::objects::Object;
use crate::timestamps::Precision;

/// A company of the tenant. It can be named by its id, or by `extid-` or `srcid-` and one of the others.
#[derive(Debug)]
pub(super) struct Company {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    external_id: &'static str,
    source_id: &'static str,
}

const COMPANIES: [Company; 2] = [
    Company { id: "609975100b73992504810554", name: "Tenet", external_id: "tenet", source_id: "0015Y00002Tenet" },
    Company { id: "609975100b73992504810555", name: "Northwind", external_id: "northwind", source_id: "0015Y00002North" },
];

/// The company that an id of any form names.
pub(super) fn company(id: &str) -> Option<&'static Company> {
    COMPANIES.iter().find(|company| match (id.strip_prefix("extid-"), id.strip_prefix("srcid-")) {
        (Some(external), _) => external == company.external_id,
        (_, Some(source)) => source == company.source_id,
        _ => id == company.id,
    })
}

/// Adapted from the example of a project, for the page of workspaces has none.
pub(super) fn workspace() -> Value {
    json!({
        "_id": "609a88660b73992504816060",
        "companyId": "609975100b73992504810554",
        "companyName": "Tenet",
        "name": "Workspace 1",
        "externalId": "ws-1",
        "custom": { "Tier": "Gold" },
        "__v": 0,
    })
}

/// The example of <https://www.planhat.com/developers/api/project>, with an id of its own.
pub(super) fn project() -> Value {
    json!({
        "_id": "60a3b5d20b739925048160c1",
        "companyId": "609975100b73992504810554",
        "companyName": "Tenet",
        "name": "SAP Integration",
        "currency": "USD",
        "startDate": "2021-05-12T03:00:00.000Z",
        "mrr": 1000,
        "custom": { "Notes": "", "Product": ["Product A"], "Days in Phase": 0, "NRR30": 0, "Renewal in days": -1 },
        "createdAt": "2021-05-11T13:36:38.123Z",
        "updatedAt": "2021-05-12T09:00:00.000Z",
        "__v": 0,
    })
}

/// A new object: its id, what was written, and what Planhat adds.
pub(super) fn new_object(model: Model, created: u32, members: Object) -> Object {
    let mut object = Object::new();
    object.insert("_id".to_owned(), id(model, created).into());
    object.insert("custom".to_owned(), json!({}));
    object.extend(members);
    if model == Model::Project {
        let now = Precision::Milliseconds.now();
        object.insert("createdAt".to_owned(), now.as_str().into());
        object.insert("updatedAt".to_owned(), now.into());
    }
    object.insert("__v".to_owned(), 0.into());
    object
}

/// 24 hexadecimal digits, of which the last six count on from the seed's; later ids are greater.
fn id(model: Model, created: u32) -> String {
    let (machine, first) = match model {
        Model::Workspace => ("609a88660b73992504", 0x81_6060),
        Model::Project => ("60a3b5d20b73992504", 0x81_60c1),
    };
    format!("{machine}{:06x}", created.wrapping_add(first) & 0x00ff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_new_objects_count_on_from_the_seed() {
        assert_eq!(workspace()["_id"], id(Model::Workspace, 0));
        assert_eq!(project()["_id"], id(Model::Project, 0));
        assert!(id(Model::Project, 2_500) > id(Model::Project, 2_499));
    }

    #[test]
    fn a_company_has_three_names() {
        for id in ["609975100b73992504810555", "extid-northwind", "srcid-0015Y00002North"] {
            assert_eq!(company(id).unwrap().name, "Northwind");
        }
        assert!(company("northwind").is_none());
    }
}
