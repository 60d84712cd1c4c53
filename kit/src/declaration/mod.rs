//! Section 2: what the manifest declares, against what the plugin does. Nothing here
//! knows any provider; everything is derived from the manifest, with values and native
//! answers out of the cases.

mod answers;
mod calls;
mod enums;
pub(crate) mod fields;
mod hosts;
mod members;
mod params;
mod remote;
mod required;

use std::collections::BTreeSet;

use patchboard_gateway::Provider;

use crate::context::Context;
use crate::report::{Check, Difference, Section};

/// Every check of the section.
pub(crate) async fn check<P: Provider>(context: &Context<'_, P>, described: &str) -> Vec<Check> {
    vec![
        members::check(described),
        shown(context),
        fields::given(context),
        fields::declared(context).await,
        fields::undeclared(context).await,
        params::declared(context).await,
        enums::check(context).await,
        required::check(context).await,
        remote::check(context).await,
        answers::check(context),
        answers::marked(context),
        calls::reads(context).await,
        calls::made(context),
        hosts::check(context),
    ]
}

/// What is found, each thing once: the same fault shows with every kind of account.
#[derive(Default)]
pub(crate) struct Found {
    named: BTreeSet<String>,
    differences: Vec<Difference>,
    looked_at: usize,
}

impl Found {
    pub(crate) fn looked(&mut self) {
        self.looked_at += 1;
    }

    pub(crate) fn add(&mut self, difference: Difference) {
        self.add_once(difference.what.clone(), difference);
    }

    /// Adds what is the same as everything else of that key.
    pub(crate) fn add_once(&mut self, key: String, difference: Difference) {
        if self.named.insert(key) {
            self.differences.push(difference);
        }
    }

    /// The check, which counts things of one kind.
    pub(crate) fn check(self, section: Section, name: &str, things: &str) -> Check {
        match (self.looked_at, self.differences.is_empty()) {
            (0, true) => Check::skipped(section, name, format!("no {things}")),
            (looked_at, _) => Check::of(section, name, format!("{looked_at} {things}"), self.differences),
        }
    }
}

/// Without a case that succeeds, nothing of an operation can be confirmed.
fn shown<P: Provider>(context: &Context<'_, P>) -> Check {
    let mut found = Found::default();
    for place in context.places() {
        found.looked();
        if !context.played.iter().any(|played| place.has(played.case) && played.succeeds()) {
            let what = format!("{} is declared, and no case shows that it succeeds", place.name());
            found.add(Difference::new(what, format!("a case of {} that succeeds", place.name()), "none"));
        }
    }
    found.check(Section::Declaration, "every declared operation succeeds in a case", "operations")
}
