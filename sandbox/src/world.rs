use http::StatusCode;
use serde_json::Value;

use crate::attio::Attio;
use crate::capsule::Capsule;
use crate::exchange::{Answer, NativeRequest};
use crate::failures::Rules;
use crate::insightly::Insightly;
use crate::log::RequestLog;
use crate::objects::Change;
use crate::pipeliner::Pipeliner;
use crate::planhat::Planhat;
use crate::planner::{Planner, tenant};
use crate::polyteia::Polyteia;
use crate::provider::Provider;
use crate::teamleader::Teamleader;
use crate::workiva::Workiva;
use crate::wrike::Wrike;

/// What every stand-in can do.
pub(crate) trait StandIn {
    /// Answers a request as the provider would, and keeps what it writes.
    fn answer(&mut self, request: &NativeRequest) -> Answer;

    /// An error in the provider's own shape. Without a message, the provider's usual one.
    fn error(&self, status: StatusCode, message: Option<&str>) -> Answer;

    /// Its objects, in their native form.
    fn objects(&self) -> Vec<Value>;

    /// The member of an object that holds its id.
    fn id_member(&self) -> &'static str {
        "id"
    }

    /// Changes an object from outside, moving etag or date on. False when there is no such object.
    fn change(&mut self, id: &str, change: &Change) -> bool;

    /// What `add` can add, the usual kind of object first.
    fn kinds(&self) -> &'static [&'static str];

    /// Adds an object of one of its kinds, with the shape of a new one.
    fn add(&mut self, kind: &str);
}

/// Everything that a reset takes back.
pub(crate) struct World {
    wrike: Wrike,
    workiva: Workiva,
    planner: Planner,
    pub(crate) polyteia: Polyteia,
    attio: Attio,
    planhat: Planhat,
    microsoft_365: Planner,
    capsule: Capsule,
    insightly: Insightly,
    pipeliner: Pipeliner,
    pub(crate) teamleader: Teamleader,
    pub(crate) rules: Rules,
    pub(crate) log: RequestLog,
}

impl World {
    /// The seeds, no failures, an empty log.
    pub(crate) fn new() -> Self {
        Self {
            wrike: Wrike::seeded(),
            workiva: Workiva::seeded(),
            planner: Planner::seeded(&tenant::PLANNER),
            polyteia: Polyteia::seeded(),
            attio: Attio::seeded(),
            planhat: Planhat::seeded(),
            microsoft_365: Planner::seeded(&tenant::MICROSOFT_365),
            capsule: Capsule::seeded(),
            insightly: Insightly::seeded(),
            pipeliner: Pipeliner::seeded(),
            teamleader: Teamleader::seeded(),
            rules: Rules::default(),
            log: RequestLog::new(),
        }
    }

    /// Everything as at the start. The log itself stays: requests under way still hold places in it.
    pub(crate) fn reset(&mut self) {
        let fresh = Self::new();
        let log = std::mem::replace(self, fresh).log;
        self.log = log;
        self.log.clear();
        self.log.enable(true);
    }

    pub(crate) fn stand_in(&mut self, provider: Provider) -> &mut dyn StandIn {
        match provider {
            Provider::Wrike => &mut self.wrike,
            Provider::Workiva => &mut self.workiva,
            Provider::MicrosoftPlanner => &mut self.planner,
            Provider::Polyteia => &mut self.polyteia,
            Provider::Attio => &mut self.attio,
            Provider::Planhat => &mut self.planhat,
            Provider::Microsoft365 => &mut self.microsoft_365,
            Provider::Capsule => &mut self.capsule,
            Provider::Insightly => &mut self.insightly,
            Provider::Pipeliner => &mut self.pipeliner,
            Provider::Teamleader => &mut self.teamleader,
        }
    }
}
