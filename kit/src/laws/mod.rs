//! Section 3: what every plugin must do, whatever its provider is like.

mod clearing;
mod errors;
mod ids;
mod left_out;
mod same;

use patchboard_gateway::Provider;

use crate::context::Context;
use crate::report::{Check, Difference, Section};

/// Every law.
pub(crate) async fn check<P: Provider>(context: &Context<'_, P>, imported: &[String]) -> Vec<Check> {
    vec![
        imports(imported),
        same::check(context).await,
        left_out::check(context).await,
        clearing::check(context).await,
        errors::check(context).await,
        ids::check(context).await,
    ]
}

/// A plugin is pure: nothing of the outside reaches it.
pub(crate) fn imports(imported: &[String]) -> Check {
    let differences = imported.iter().map(|name| Difference::new(format!("it imports {name}"), "", name)).collect();
    Check::of(Section::Laws, "it imports nothing", "", differences)
}
