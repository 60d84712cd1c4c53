use http::StatusCode;
use serde_json::Value;

use super::refusal::Refusal;
use crate::exchange::Answer;
use crate::objects::{Object, Objects, has_id};

/// The additional contacts of projects, by the ids of both, in the order in which they were added. The main contact of a
/// project is its `party`, and none of them.
#[derive(Debug, Default)]
pub(super) struct Contacts(Vec<(String, String)>);

impl Contacts {
    pub(super) fn of<'a>(&self, project: &str, parties: &'a Objects) -> Vec<&'a Object> {
        self.0.iter().filter(|(id, _)| id == project).filter_map(|(_, party)| parties.get(party)).collect()
    }

    pub(super) fn add(&mut self, id: &str, project: &Object, party: &str, parties: &Objects) -> Result<Answer, Refusal> {
        parties.get(party).ok_or(Refusal::NotFound)?;
        if is_main(project, party) {
            return Err(Refusal::invalid("party", "party is already related to this project"));
        }
        if self.position(id, party).is_some() {
            return Err(Refusal::invalid("party", "party is already a contact for this project"));
        }
        self.0.push((id.to_owned(), party.to_owned()));
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    pub(super) fn remove(&mut self, id: &str, party: &str) -> Result<Answer, Refusal> {
        let place = self.position(id, party).ok_or(Refusal::NotFound)?;
        self.0.remove(place);
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    /// Who became the main contact is no additional one any more.
    pub(super) fn main_changed(&mut self, id: &str, project: &Object) {
        self.0.retain(|(other, party)| other != id || !is_main(project, party));
    }

    pub(super) fn forget(&mut self, id: &str) {
        self.0.retain(|(other, _)| other != id);
    }

    fn position(&self, id: &str, party: &str) -> Option<usize> {
        self.0.iter().position(|(project, other)| project == id && other == party)
    }
}

fn is_main(project: &Object, party: &str) -> bool {
    project.get("party").and_then(Value::as_object).is_some_and(|main| has_id(main, "id", party))
}
