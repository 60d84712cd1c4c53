//! The versions of the contract, and which of them a component is built for.

use semver::Version;

use crate::{Outside, PackError};

/// The interface that every plugin exports, without the contract's version.
const INTERFACE: &str = "patchboard:provider/mapper";
/// How much of a name that a stranger chose is shown.
const SHOWN: usize = 80;

/// A version of the contract that this program speaks, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contract {
    /// `wit/provider.wit`.
    V0_1,
    /// `wit/next/provider.wit`.
    V0_2,
}

/// Whether versions of the contract that may still change are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drafts {
    /// Those, too.
    Taken,
    /// Published ones alone.
    Refused,
}

impl Contract {
    /// Every version, the newest first.
    pub const ALL: [Self; 2] = [Self::V0_2, Self::V0_1];

    /// The version of the WIT package.
    #[must_use]
    pub const fn version(self) -> &'static str {
        match self {
            Self::V0_1 => "0.1.0",
            Self::V0_2 => "0.2.0",
        }
    }

    /// The interface that a plugin of this version exports.
    #[must_use]
    pub const fn interface(self) -> &'static str {
        match self {
            Self::V0_1 => "patchboard:provider/mapper@0.1.0",
            Self::V0_2 => "patchboard:provider/mapper@0.2.0",
        }
    }

    /// Whether it may still change.
    #[must_use]
    pub const fn is_draft(self) -> bool {
        matches!(self, Self::V0_2)
    }
}

impl Outside {
    /// Whether it is built for a version, perhaps among others.
    #[must_use]
    pub fn speaks(&self, contract: Contract) -> bool {
        self.exports.iter().any(|export| export == contract.interface())
    }

    /// The newest version that a plugin is built for and that is taken.
    ///
    /// # Errors
    /// [`PackError`] that says what it is instead.
    pub fn contract(&self, drafts: Drafts) -> Result<Contract, PackError> {
        if !self.imports.is_empty() {
            return Err(PackError::Imports(self.imports.clone()));
        }
        let taken = |contract: &Contract| drafts == Drafts::Taken || !contract.is_draft();
        let mut spoken = Contract::ALL.into_iter().filter(|contract| self.speaks(*contract));
        match (spoken.clone().find(taken), spoken.next()) {
            (Some(contract), _) => Ok(contract),
            (None, Some(draft)) => Err(PackError::Draft(draft)),
            (None, None) => Err(self.of_another()),
        }
    }

    /// What a component is that speaks no version that we know.
    fn of_another(&self) -> PackError {
        let version = |export: &String| match export.strip_prefix(INTERFACE)?.strip_prefix('@') {
            None if export == INTERFACE => Some(None),
            version => version.map(|version| Some(version.to_owned())),
        };
        match self.exports.iter().find_map(version) {
            None => PackError::OtherWorld(self.exports.clone()),
            Some(None) => PackError::NoVersion,
            Some(Some(version)) if is_future(&version) => PackError::Future(shown(&version)),
            Some(Some(version)) => PackError::NoSuchContract(shown(&version)),
        }
    }
}

/// Whether it can be a version that is published after those that we know: patch versions
/// never are.
fn is_future(version: &str) -> bool {
    let newest = Contract::ALL.into_iter().filter_map(|known| Version::parse(known.version()).ok()).max();
    Version::parse(version).is_ok_and(|version| version.patch == 0 && Some(version) > newest)
}

fn shown(version: &str) -> String {
    version.chars().take(SHOWN).flat_map(char::escape_debug).collect()
}

/// The versions that this program speaks, for messages.
pub(crate) fn spoken() -> String {
    let name = |contract: Contract| format!("{}{}", contract.version(), if contract.is_draft() { " (a draft)" } else { "" });
    Contract::ALL.into_iter().rev().map(name).collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = Contract::V0_1.interface();
    const DRAFT: &str = Contract::V0_2.interface();

    fn of(exports: &[&str], drafts: Drafts) -> Result<Contract, String> {
        let exports = exports.iter().map(|name| (*name).to_owned()).collect();
        Outside { exports, ..Outside::default() }.contract(drafts).map_err(|e| e.to_string())
    }

    fn refusal(exports: &[&str]) -> String {
        let refused = of(exports, Drafts::Refused).unwrap_err();
        assert_eq!(of(exports, Drafts::Taken).unwrap_err(), refused);
        assert!(!refused.contains('\n'), "{refused}");
        refused
    }

    #[test]
    fn an_interface_is_named_by_its_version_and_the_newest_comes_first() {
        assert!(Contract::ALL.is_sorted_by(|newer, older| newer > older));
        for contract in Contract::ALL {
            assert_eq!(contract.interface(), format!("{INTERFACE}@{}", contract.version()));
        }
    }

    #[test]
    fn a_plugin_is_taken_by_the_newest_version_that_it_speaks_and_that_is_taken() {
        assert_eq!(of(&[OLD, "extra"], Drafts::Refused), Ok(Contract::V0_1));
        assert_eq!(of(&[OLD], Drafts::Taken), Ok(Contract::V0_1));
        assert_eq!(of(&[DRAFT], Drafts::Taken), Ok(Contract::V0_2));
        for both in [[OLD, DRAFT], [DRAFT, OLD]] {
            assert_eq!(of(&both, Drafts::Taken), Ok(Contract::V0_2));
            assert_eq!(of(&both, Drafts::Refused), Ok(Contract::V0_1));
        }
        assert_eq!(of(&["patchboard:provider/mapper@0.3.0", OLD], Drafts::Refused), Ok(Contract::V0_1));
    }

    #[test]
    fn a_draft_that_is_not_taken_is_refused_with_the_setting() {
        assert_eq!(
            of(&[DRAFT], Drafts::Refused).unwrap_err(),
            "it is built for the contract 0.2.0, a draft that may still change; sandbox.draft_contract = true in the configuration, \
             or PATCHBOARD_SANDBOX__DRAFT_CONTRACT=true, has this program take it"
        );
    }

    #[test]
    fn a_plugin_from_the_future_is_told_what_it_needs() {
        for version in ["0.3.0", "1.0.0", "0.3.0-draft"] {
            assert_eq!(
                refusal(&[&format!("patchboard:provider/mapper@{version}")]),
                format!(
                    "it is built for the contract {version}, and this program speaks 0.1.0 and 0.2.0 (a draft): it needs a newer \
                     Patchboard, or has to be built with an older SDK"
                )
            );
        }
    }

    #[test]
    fn a_version_that_there_never_was_is_no_future() {
        for version in ["0.1.1", "0.2.1", "0.0.9", "0.2.0-draft", "1", "", "latest"] {
            assert_eq!(
                refusal(&[&format!("patchboard:provider/mapper@{version}")]),
                format!("it is built for the contract \"{version}\", which does not exist; this program speaks 0.1.0 and 0.2.0 (a draft)")
            );
        }
        let line = refusal(&[&format!("patchboard:provider/mapper@0.1.0\n{}", "x".repeat(1000))]);
        assert!(line.contains("0.1.0\\nxxx") && line.len() < 300, "{line}");
    }

    #[test]
    fn an_interface_without_a_version_is_told_so() {
        assert_eq!(
            refusal(&["patchboard:provider/mapper"]),
            "it exports patchboard:provider/mapper without a version; this program speaks 0.1.0 and 0.2.0 (a draft)"
        );
    }

    #[test]
    fn imports_and_other_worlds_are_refused_by_name() {
        let imports = Outside { imports: vec!["wasi:cli/environment@0.2.0".to_owned()], exports: vec![OLD.to_owned()], debug: false };
        let refused = imports.contract(Drafts::Taken).unwrap_err();
        assert_eq!(refused.to_string(), "it imports wasi:cli/environment@0.2.0; a plugin must not import anything");
        assert!(refusal(&["wasi:http/incoming-handler@0.2.0"]).contains("it exports wasi:http/incoming-handler@0.2.0"));
        assert!(refusal(&["patchboard:provider/mapperx@0.1.0"]).contains("it exports patchboard:provider/mapperx@0.1.0"));
        assert!(refusal(&[]).ends_with("it exports nothing"));
    }
}
