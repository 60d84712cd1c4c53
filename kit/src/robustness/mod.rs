//! Section 4: generated requests and broken answers. Whatever comes, a plugin answers,
//! or refuses in one of the ways that the contract has.

mod generate;
mod mutate;

use std::cell::RefCell;
use std::collections::BTreeSet;

use fastrand::Rng;
use patchboard_gateway::Provider;
use patchboard_gateway::contract::Exchange;
use patchboard_gateway::upstream::UpstreamError;

use crate::context::{Context, Scene};
use crate::declaration::Found;
use crate::report::{Check, Difference, Section};
use crate::rig::{Answers, Given};
use crate::{Options, native};

/// Broken answers that are tried in all, so that it takes seconds.
const MAX_BROKEN: usize = 3000;
/// Broken answers to one call that are tried at least.
const MIN_BROKEN: usize = 60;

/// What a plugin may do with anything.
const EXPECTED: &str = "an answer, or a refusal of the contract's";

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
        let ask = generate::ask(scene, &mut rng);
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
            // One reason shows in many requests; the first stands for all.
            found.add_once(format!("{} {why}", scene.place.name()), Difference::new(what, EXPECTED, shown));
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

/// The answer to every call, cut off, damaged, and with every part of it replaced.
async fn broken<P: Provider>(context: &Context<'_, P>, seed: u64) -> Check {
    let mut found = Found::default();
    let mut rng = Rng::with_seed(seed);
    let moments = moments(context);
    let each = MAX_BROKEN.checked_div(moments.len()).unwrap_or_default().max(MIN_BROKEN);
    for (scene, nth) in &moments {
        let answers: Vec<Given> = scene.base.case.exchanges.iter().map(|exchange| Given::from(&exchange.answer)).collect();
        let Some(Ok(response)) = answers.get(*nth) else { continue };
        let mutations = mutate::all(response, &mut rng);
        for (how, mutated) in rng.choose_multiple(mutations, each) {
            found.looked();
            let mut spoilt = answers.clone();
            spoilt.splice(nth..=nth, [Ok(mutated.clone())]);
            let ran = context.rig.run(&scene.ask(), &Others { first: spoilt, then: context.answers(scene) }).await;
            if let Some(why) = ran.failure() {
                let call = scene.base.case.exchanges.get(*nth).map(|exchange| exchange.expect.call.clone()).unwrap_or_default();
                let what = format!("{}: an answer to the call `{call}` that is {how}: {why}", scene.place.name());
                let shown = format!("{why}\n{} {}", mutated.status, String::from_utf8_lossy(&mutated.body));
                found.add(Difference::new(what, EXPECTED, shown));
            }
        }
    }
    found.check(Section::Robustness, "mutated and truncated answers", "answers")
}

/// The answer to every call of every operation, in the first case that shows it.
fn moments<'c, 'a, P: Provider>(context: &'c Context<'a, P>) -> Vec<(Scene<'c, 'a>, usize)> {
    let mut moments: Vec<(Scene<'c, 'a>, usize)> = Vec::new();
    let mut seen: BTreeSet<(String, &str)> = BTreeSet::new();
    let scenes = context.scenes();
    for played in context.played.iter().filter(|played| played.succeeds()) {
        let of_place = scenes.iter().find(|scene| scene.place.has(played.case));
        let Some(scene) = of_place.and_then(|scene| scene.of(context, played)) else { continue };
        for (nth, exchange) in played.case.exchanges.iter().enumerate() {
            if seen.insert((scene.place.name(), &exchange.expect.call)) {
                moments.push((scene.clone(), nth));
            }
        }
    }
    moments
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
