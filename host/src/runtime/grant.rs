//! What a plugin may use in one call, decided when it is admitted: by what it needs,
//! within what the operator allows.
//!
//! Most plugins are one core module that starts in microseconds; they share one pool
//! and one set of bounds. An interpreter with its libraries, as componentize-py and
//! QuickJS make it, is dozens of modules, and starts in milliseconds. It gets a pool of its
//! own, so that the bounds of the small ones need not be loosened for it.

use std::time::Duration;

use patchboard_pack::Needs;
use serde::Serialize;

use super::machine::{Bounds, MAX_TABLE};

/// Core instances of a small plugin, and nested components: its module, and what
/// wit-component adds.
pub(super) const SMALL_INSTANCES: u32 = 4;
/// Memories of a small plugin.
pub(super) const SMALL_MEMORIES: u32 = 1;
/// Tables of a small plugin.
pub(super) const SMALL_TABLES: u32 = 4;
/// An interpreter takes so many times as long as compiled code for the same mapping,
/// where the mapping is mostly the work of its built-in functions.
const SLOWER: u32 = 4;
/// And a large plugin's deadline grows by so many of its own starts.
const STARTS: u32 = 20;

/// Which pool serves a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// One module, one memory.
    Small,
    /// More than that, such as an interpreter with its libraries.
    Large,
}

/// What a plugin was seen to take when it was described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Bytes of linear memory.
    pub memory: usize,
    /// From nothing to an instance that has answered.
    pub start: Duration,
}

/// What a plugin may use in one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// Which pool serves it.
    pub size: Size,
    /// Bytes of linear memory, of all its memories together.
    pub memory: usize,
    /// How long a call may take.
    pub deadline: Duration,
    /// Bytes that one call may return.
    pub output: usize,
}

impl Size {
    /// The smallest pool that holds a component.
    ///
    /// # Errors
    /// What it needs too much of, and the setting that bounds it.
    pub(super) fn of(needs: &Needs, bounds: &Bounds) -> Result<Self, String> {
        let elements = bytes(MAX_TABLE).saturating_mul(u64::from(bounds.large.tables.max(SMALL_TABLES)));
        for (what, needed, allowed, setting) in [
            ("table elements at first", needs.table_elements, elements, ""),
            ("bytes of plain code, by what compiling it takes", needs.code, bounds.large.code, " (sandbox.large.code_bytes)"),
        ] {
            if needed > allowed {
                return Err(format!("it needs {needed} {what}; at most {allowed} are allowed{setting}"));
            }
        }
        let small = [
            (needs.core_instances, SMALL_INSTANCES.into()),
            (needs.component_instances, SMALL_INSTANCES.into()),
            (needs.memories, SMALL_MEMORIES.into()),
            (needs.tables, SMALL_TABLES.into()),
            (needs.memory_bytes, bytes(bounds.memory)),
        ];
        if small.iter().all(|(needed, allowed)| needed <= allowed) {
            return Ok(Self::Small);
        }
        let large = [
            ("core instances", needs.core_instances, bounds.large.core_instances.into(), "core_instances"),
            ("nested components", needs.component_instances, bounds.large.core_instances.into(), "core_instances"),
            ("memories", needs.memories, bounds.large.memories.into(), "memories"),
            ("tables", needs.tables, bounds.large.tables.into(), "tables"),
            ("bytes of memory at first", needs.memory_bytes, bytes(bounds.large.memory), "memory_bytes"),
        ];
        match large.into_iter().find(|(_, needed, allowed, _)| needed > allowed) {
            Some((what, needed, allowed, setting)) => {
                Err(format!("it needs {needed} {what}; at most {allowed} are allowed (sandbox.large.{setting})"))
            }
            None => Ok(Self::Large),
        }
    }
}

impl Grant {
    /// The most that a plugin of this size can get: what it is described under.
    pub(super) fn most(size: Size, bounds: &Bounds) -> Self {
        let (memory, deadline) = match size {
            Size::Small => (bounds.memory, bounds.deadline),
            Size::Large => (bounds.large.memory, bounds.large.deadline),
        };
        Self { size, memory, deadline, output: bounds.output }
    }

    /// What a plugin gets that was seen to take so much. A small one gets what every small
    /// one gets; a large one gets what its mapping needs in an interpreter, and what it takes itself.
    pub(super) fn of(size: Size, measured: &Measured, bounds: &Bounds) -> Self {
        let most = Self::most(size, bounds);
        match size {
            Size::Small => most,
            Size::Large => Self {
                memory: measured.memory.saturating_add(bounds.memory).min(most.memory),
                deadline: bounds.deadline.saturating_mul(SLOWER).saturating_add(measured.start.saturating_mul(STARTS)).min(most.deadline),
                ..most
            },
        }
    }
}

fn bytes(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: Needs = Needs {
        core_instances: 1,
        memories: 1,
        tables: 1,
        memory_bytes: 17 << 16,
        table_elements: 65,
        component_instances: 1,
        code: 300 << 10,
    };
    const PYTHON: Needs = Needs {
        core_instances: 38,
        tables: 2,
        memory_bytes: 205 << 16,
        table_elements: 5785,
        component_instances: 2,
        code: 27 << 20,
        ..RUST
    };

    #[test]
    fn one_module_is_small_and_an_interpreter_is_large() {
        let bounds = Bounds::default();
        assert_eq!(Size::of(&RUST, &bounds), Ok(Size::Small));
        assert_eq!(Size::of(&PYTHON, &bounds), Ok(Size::Large));
        for more in [
            Needs { core_instances: 5, ..RUST },
            Needs { memories: 2, ..RUST },
            Needs { tables: 5, ..RUST },
            Needs { memory_bytes: (64 << 20) + 1, ..RUST },
        ] {
            assert_eq!(Size::of(&more, &bounds), Ok(Size::Large), "{more:?}");
        }
    }

    #[test]
    fn what_is_beyond_the_operators_bounds_is_refused_with_the_setting() {
        let bounds = Bounds::default();
        for (needs, says) in [
            (Needs { core_instances: 65, ..RUST }, "65 core instances; at most 64 are allowed (sandbox.large.core_instances)"),
            (Needs { component_instances: 65, ..RUST }, "65 nested components; at most 64 are allowed (sandbox.large.core_instances)"),
            (Needs { code: (48 << 20) + 1, ..RUST }, "(sandbox.large.code_bytes)"),
            (Needs { table_elements: 160_001, ..RUST }, "160001 table elements at first; at most 160000 are allowed"),
            (Needs { memories: 99, ..RUST }, "(sandbox.large.memories)"),
            (Needs { tables: 99, ..RUST }, "(sandbox.large.tables)"),
            (Needs { memory_bytes: u64::MAX, ..RUST }, "(sandbox.large.memory_bytes)"),
        ] {
            let why = Size::of(&needs, &bounds).unwrap_err();
            assert!(why.contains(says), "{why}");
        }
    }

    #[test]
    fn what_a_large_plugin_takes_does_not_loosen_the_bounds_of_a_small_one() {
        let bounds = Bounds::default();
        let measured = Measured { memory: 16 << 20, start: Duration::from_millis(5) };
        let small = Grant::of(Size::Small, &measured, &bounds);
        assert_eq!((small.memory, small.deadline), (bounds.memory, bounds.deadline));
        let large = Grant::of(Size::Large, &measured, &bounds);
        assert_eq!(large.memory, (16 << 20) + bounds.memory);
        assert_eq!(large.deadline, bounds.deadline * 4 + Duration::from_millis(100));
        assert_eq!((small.output, large.output), (bounds.output, bounds.output));
    }

    #[test]
    fn a_grant_never_exceeds_the_operators_bounds() {
        let bounds = Bounds::default();
        let measured = Measured { memory: usize::MAX, start: Duration::MAX };
        let large = Grant::of(Size::Large, &measured, &bounds);
        assert_eq!(large, Grant::most(Size::Large, &bounds));
        assert_eq!((large.memory, large.deadline), (bounds.large.memory, bounds.large.deadline));
    }
}
