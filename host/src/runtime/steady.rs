//! Calls outside of a request, where a plugin's verdict counts and not its speed.

use patchboard_gateway::PluginFailure;
use patchboard_gateway::contract::Called;

/// How often a call that ran over its deadline is made: a machine that is busy with
/// something else can stop a plugin that is not slow.
const ATTEMPTS: usize = 3;

/// Makes a call; once more where it ran over its deadline.
pub async fn steadily<T>(call: impl AsyncFn() -> Called<T>) -> Called<T> {
    let mut called = call().await;
    for _ in 1..ATTEMPTS {
        if !matches!(called, Err(PluginFailure::Deadline(_))) {
            break;
        }
        called = call().await;
    }
    called
}
