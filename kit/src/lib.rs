//! The conformance kit: what a plugin must do, tested offline.
//!
//! Five sections, one for each way in which a plugin can be wrong. [`case`] holds what
//! its author says it does; the kit plays it through the real engine. What it declares is
//! held against what it does. The laws of the contract are tried on it. Thousands of
//! generated requests and broken answers must not bring it down. And where the provider
//! publishes a description of its API, every native request is held against that.
//!
//! The crate does no input or output. It is handed a [`Provider`], the text of cases and
//! descriptions, and gives back a [`Report`], which a command prints.
#![forbid(unsafe_code)]

pub mod case;
mod cases;
pub mod compare;
mod context;
mod declaration;
mod laws;
mod native;
pub mod openapi;
pub mod report;
mod rig;
mod robustness;
mod value;

use patchboard_gateway::Provider;
use patchboard_gateway::model::Models;

pub use case::{Case, CaseError};
pub use compare::{Comparison, Wire};
pub use openapi::{Description, DescriptionError};
pub use report::{Report, Section};
pub use rig::steadily;

/// What is tested, and against what.
#[derive(Debug)]
pub struct Subject<'a, P> {
    /// The plugin.
    pub provider: &'a P,
    /// The unified models that it is served with.
    pub models: &'a Models,
    /// What it says about itself, as it says it.
    pub described: &'a str,
    /// What its component imports; none is allowed.
    pub imports: &'a [String],
    /// Its cases.
    pub cases: &'a [Case],
    /// The provider's own descriptions of its API, if there are any.
    pub descriptions: &'a [Description],
    /// How much is generated.
    pub options: Options,
}

/// How much is generated, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many unified requests are generated.
    pub requests: u32,
    /// Where the generator starts; the same seed gives the same requests.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { requests: 2000, seed: 1 }
    }
}

/// Tests a plugin.
pub async fn test<P: Provider>(subject: &Subject<'_, P>) -> Report {
    let context = context::Context::prepare(subject).await;
    let mut report = Report::of(subject.provider.identity());
    report.extend(cases::check(&context));
    report.extend(declaration::check(&context, subject.described).await);
    report.extend(laws::check(&context, subject.imports).await);
    report.extend(robustness::check(&context, subject.options).await);
    report.extend(openapi::check(&context, subject.descriptions));
    report
}
