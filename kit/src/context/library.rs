//! Native answers out of cases, found by the call that they answer.

use std::cell::RefCell;

use patchboard_gateway::Provider;
use patchboard_gateway::contract::Exchange;

use super::{Context, Played, Scene};
use crate::rig::{Answers, Given};

/// Answers each call as a case does; calls that the case does not make as another case of
/// the same operation does.
pub(crate) struct ByCall {
    own: Vec<(String, Given)>,
    others: Vec<(String, Given)>,
    seen: RefCell<Vec<String>>,
}

impl Answers for ByCall {
    fn answer(&self, nth: usize, exchange: &Exchange) -> Option<Given> {
        let mut seen = self.seen.borrow_mut();
        seen.truncate(nth);
        let before = seen.iter().filter(|call| **call == exchange.call).count();
        seen.push(exchange.call.clone());
        let of_call = |answers: &'_ [(String, Given)]| -> Vec<Given> {
            answers.iter().filter(|(call, _)| *call == exchange.call).map(|(_, given)| given.clone()).collect()
        };
        let (own, others) = (of_call(&self.own), of_call(&self.others));
        own.get(before).or(own.last()).or(others.first()).cloned()
    }
}

fn answers(played: &Played<'_>) -> impl Iterator<Item = (String, Given)> {
    played.case.exchanges.iter().map(|exchange| (exchange.expect.call.clone(), Given::from(&exchange.answer)))
}

impl<'a, P: Provider> Context<'a, P> {
    /// The answers for a scene.
    pub(crate) fn answers(&self, scene: &Scene<'_, 'a>) -> ByCall {
        let others = self.played.iter().filter(|played| scene.place.has(played.case) && played.succeeds());
        let success = |(_, given): &(String, Given)| given.as_ref().is_ok_and(|response| response.status < 300);
        ByCall { own: answers(scene.base).collect(), others: others.flat_map(answers).filter(success).collect(), seen: RefCell::default() }
    }

    /// Every answer to a call that any case of the operation shows, errors too.
    pub(crate) fn shown(&self, scene: &Scene<'_, 'a>, call: &str) -> Vec<Given> {
        let cases = self.played.iter().filter(|played| scene.place.has(played.case));
        cases.flat_map(answers).filter(|(of, _)| of == call).map(|(_, given)| given).collect()
    }
}
