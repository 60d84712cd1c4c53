//! `patchboard plugin`.

mod build;
mod dev;
mod diff;
mod given;
mod inspect;
mod install;
mod language;
mod list;
mod locked;
mod new;
mod offer;
mod pull;
mod push;
mod remove;
mod source;
pub(super) mod test;
mod vendor;

use std::process::ExitCode;

pub(super) use given::given;
pub(super) use list::ask;

use super::{Common, misuse};

/// Make, build, test, compare, publish, install, list and reload plugins
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the plugins that a server would load, and those it would refuse
    List(list::List),
    /// Let the running server read its models and plugins again, without losing a request
    Reload(list::Reload),
    /// Make the folder of a new plugin, in Rust, JavaScript or Python
    New(new::Arguments),
    /// Build the plugin of a folder into an import-free component
    Build(build::Arguments),
    /// Build and test a plugin whenever a file of it changes
    Dev(dev::Arguments),
    /// Admit a component as a server would, and show what it declares, needs and gets
    Inspect(inspect::Arguments),
    /// Show what would change from one version of a plugin to another: what is sent, answered and declared
    Diff(diff::Arguments),
    /// Test a component: its cases, its declaration against its behaviour, the laws of the
    /// contract, generated requests and broken answers
    Test(test::Arguments),
    /// Push a component to an OCI registry
    Push(push::Arguments),
    /// Get a component from an OCI registry as a file
    Pull(pull::Arguments),
    /// Install a plugin from an OCI registry, or restore what plugins.lock names
    Install(install::Arguments),
    /// Remove an installed plugin
    Remove(remove::Arguments),
}

pub(super) fn run(common: &Common, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::List(arguments) => list::list(common, &arguments),
        Command::Reload(arguments) => list::reload(common, &arguments),
        Command::New(arguments) => new::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Dev(arguments) => dev::run(common, &arguments),
        Command::Inspect(arguments) => inspect::run(common, &arguments),
        Command::Diff(arguments) => diff::run(common, &arguments),
        Command::Test(arguments) => test::run(common, &arguments),
        Command::Push(arguments) => push::run(common, &arguments),
        Command::Pull(arguments) => pull::run(common, &arguments),
        Command::Install(arguments) => install::run(common, &arguments),
        Command::Remove(arguments) => remove::run(common, &arguments),
    }
}
