//! The kinds of accounts that make a difference: those of the cases, and every choice of
//! every setting.

use patchboard_gateway::Provider;
use patchboard_gateway::contract::Pair;
use patchboard_gateway::manifest::BASE_URL;

use super::{Context, Place, Played};
use crate::rig::{Settings, settle};

/// Accounts that one operation is tried with at most.
const MAX: usize = 24;

/// An account's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variant {
    /// As the account gives them.
    pub(crate) settings: Settings,
    /// As the plugin sees them.
    pub(crate) settled: Vec<Pair>,
}

impl<'a, P: Provider> Context<'a, P> {
    /// The settings as the plugin sees them; none where they are not taken.
    pub(crate) fn settled(&self, settings: &Settings) -> Option<Vec<Pair>> {
        settle(settings, self.rig.manifest())
    }

    /// The accounts to try an operation with.
    pub(crate) fn variants(&self, place: Place<'a>) -> Vec<Variant> {
        // An account that an operation does not work with is no place to try its fields.
        let works = |played: &&Played<'_>| place.has(played.case) && played.succeeds() && !played.case.settings.contains_key(BASE_URL);
        let cases = self.played.iter().filter(works);
        let shown: Vec<Settings> = cases.map(|played| played.case.settings.clone()).collect();
        let first = shown.first().cloned().unwrap_or_default();
        let mut variants: Vec<Variant> = Vec::new();
        for settings in shown.into_iter().chain(self.choices(&first)) {
            let Some(settled) = self.settled(&settings) else { continue };
            if variants.iter().all(|variant| variant.settled != settled) {
                variants.push(Variant { settings, settled });
            }
        }
        variants.truncate(MAX);
        variants
    }

    /// The same account with every choice of every setting, one at a time.
    pub(crate) fn choices(&self, settings: &Settings) -> Vec<Settings> {
        let declared = self.rig.manifest().settings.iter();
        let all = declared.flat_map(|setting| setting.choices.iter().flatten().map(|choice| (setting.name.clone(), choice.clone())));
        all.map(|(name, choice)| {
            let mut settings = settings.clone();
            settings.insert(name, choice);
            settings
        })
        .collect()
    }
}
