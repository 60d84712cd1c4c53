//! Section 4: generated requests and broken answers. Whatever comes, a plugin answers,
//! or refuses in one of the ways that the contract has.

mod generate;
mod mutate;

use fastrand::Rng;
use patchboard_gateway::Provider;
use patchboard_gateway::contract::Exchange;
use patchboard_gateway::upstream::UpstreamError;
use std::cell::RefCell;

use crate::context::{Context, Played, Scene};
use crate::declaration::Found;
use crate::report::{Check, Difference, Section};
use crate::rig::{Answers, Given};
use crate::{Options, native};

/// Every check of the section.
pub(crate) async fn check<P: Provider>(context: &Context<'_, P>, options: Options) -> Vec<Check> {
    vec![generated(context, options).await, broken(context, options.seed).await]
}

/// Requests out of the model's schema, answered by the cases' answers, half of them spoilt.
async fn generated<P: Provider>(context: &Context<'_, P>, options: Options) -> Check {
    let mut found = Found::default();
    let scenes = context.scenes();
    for nth in 0..u64::from(options.requests) {
        // Each request is made from its number alone, so that one can be repeated.
        let mut rng = Rng::with_seed(options.seed.wrapping_mul(1_000_003).wrapping_add(nth));
        let Some(scene) = rng.choice(&scenes) else { break };
        let ask = generate::ask(context, scene, &mut rng);
        let answers = Spoilt { context, scene, rng: RefCell::new(rng) };
        let ran = context.rig.run(&ask, &answers).await;
        found.looked();
        if let Some(why) = ran.failure() {
            let body = String::from_utf8_lossy(&ask.body).into_owned();
            let natives: Vec<String> = ran.exchanges.iter().map(native::exact).collect();
            let answered: Vec<String> = ran.steps.iter().map(|step| String::from_utf8_lossy(&step.response.body).into_owned()).collect();
            let what = format!("{}: {why} (request {nth} of seed {})", scene.place.name(), options.seed);
            let shown =
                format!("{why}\nid {:?}\nquery {:?}\nbody {body}\n{}\nanswered {answered:?}", ask.id, ask.query, natives.join("\n"));
            found.add(Difference::new(what, "an answer, or a refusal of the contract's", shown));
        }
    }
    let name = format!("generated requests of seed {}", options.seed);
    found.check(Section::Robustness, &name, "requests")
}

/// Answers out of the cases, half of them spoilt.
struct Spoilt<'c, 'a, P> {
    context: &'c Context<'a, P>,
    scene: &'c Scene<'c, 'a>,
    rng: RefCell<Rng>,
}

impl<P: Provider> Answers for Spoilt<'_, '_, P> {
    fn answer(&self, _nth: usize, exchange: &Exchange) -> Option<Given> {
        let mut rng = self.rng.borrow_mut();
        let shown = self.context.shown(self.scene, &exchange.call);
        let given = rng.choice(shown)?;
        match given {
            Ok(response) if rng.bool() => Some(Ok(mutate::any(response, &mut rng))),
            Err(_) if rng.bool() => Some(Err(UpstreamError::Unreadable("cut off".to_owned()))),
            given => Some(given),
        }
    }
}

/// Every answer of every case, cut off, damaged, and with every part of it replaced.
async fn broken<P: Provider>(context: &Context<'_, P>, seed: u64) -> Check {
    let mut found = Found::default();
    let mut rng = Rng::with_seed(seed);
    for scene in kinds(context) {
        let answers = scene.base.case.exchanges.iter().map(|exchange| Given::from(&exchange.answer));
        let answers: Vec<Given> = answers.collect();
        for (nth, answer) in answers.iter().enumerate() {
            let Ok(response) = answer else { continue };
            for (how, mutated) in mutate::all(response, &mut rng) {
                found.looked();
                let mut spoilt = answers.clone();
                spoilt.splice(nth..=nth, [Ok(mutated.clone())]);
                let ran = context.rig.run(&scene.ask(), &Others { first: spoilt, then: context.answers(&scene) }).await;
                if let Some(why) = ran.failure() {
                    let call = scene.base.case.exchanges.get(nth).map(|exchange| exchange.expect.call.clone()).unwrap_or_default();
                    let what = format!("{}: an answer to the call `{call}` that is {how}: {why}", scene.place.name());
                    let body = String::from_utf8_lossy(&mutated.body).into_owned();
                    found.add(Difference::new(
                        what,
                        "an answer, or a refusal of the contract's",
                        format!("{why}\n{} {body}", mutated.status),
                    ));
                }
            }
        }
    }
    found.check(Section::Robustness, "mutated and truncated answers", "answers")
}

/// A scene for every operation and sequence of calls that a case shows.
fn kinds<'c, 'a, P: Provider>(context: &'c Context<'a, P>) -> Vec<Scene<'c, 'a>> {
    let mut kinds: Vec<Scene<'c, 'a>> = Vec::new();
    for played in context.played.iter().filter(|played| played.succeeds()) {
        let calls = |played: &Played<'_>| -> Vec<String> { played.ran.exchanges.iter().map(|exchange| exchange.call.clone()).collect() };
        let scenes = context.scenes().into_iter().find(|scene| scene.place.has(played.case));
        let scene = scenes.and_then(|scene| scene.of(context, played));
        let same = |other: &Scene<'_, '_>| other.place.has(played.case) && calls(other.base) == calls(played);
        kinds.extend(scene.filter(|_| !kinds.iter().any(same)));
    }
    kinds
}

/// These answers, then others.
struct Others<A> {
    first: Vec<Given>,
    then: A,
}

impl<A: Answers> Answers for Others<A> {
    fn answer(&self, nth: usize, exchange: &Exchange) -> Option<Given> {
        self.first.get(nth).cloned().or_else(|| self.then.answer(nth, exchange))
    }
}
