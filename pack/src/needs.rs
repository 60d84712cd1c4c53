//! What one instance of a component takes, counted in the file before it is compiled.

use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentInstance, ComponentOuterAliasKind, ComponentTypeRef, CompositeInnerType, Encoding,
    Instance, MemoryType, Parser, Payload,
};

use crate::PackError;
use crate::weight::weight;

const PAGE_LOG2: u32 = 16;

/// What one instance of a component takes from a pool. Small plugins are one module with
/// one memory; an interpreter with its libraries is dozens of modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Needs {
    /// Core modules that are instantiated. Those that a host makes to join nested
    /// components are estimated: one for each nested component.
    pub core_instances: u64,
    /// Linear memories.
    pub memories: u64,
    /// Tables.
    pub tables: u64,
    /// Bytes that its memories have at first.
    pub memory_bytes: u64,
    /// Elements that its tables have at first.
    pub table_elements: u64,
    /// Nested components that are instantiated. A file of some hundred bytes can ask for
    /// more of them than there is memory for.
    pub component_instances: u64,
    /// What compiling its code takes, in bytes of plain code.
    pub code: u64,
}

impl Needs {
    fn and(self, other: Self) -> Self {
        self.with(other, u64::saturating_add)
    }

    fn or_more(self, other: Self) -> Self {
        self.with(other, u64::max)
    }

    fn with(self, other: Self, both: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            core_instances: both(self.core_instances, other.core_instances),
            memories: both(self.memories, other.memories),
            tables: both(self.tables, other.tables),
            memory_bytes: both(self.memory_bytes, other.memory_bytes),
            table_elements: both(self.table_elements, other.table_elements),
            component_instances: both(self.component_instances, other.component_instances),
            // Compiled once, whatever becomes of it.
            code: 0,
        }
    }

    fn memory(&mut self, memory: &MemoryType) {
        let page = memory.page_size_log2.unwrap_or(PAGE_LOG2).min(PAGE_LOG2);
        self.memories += 1;
        self.memory_bytes = self.memory_bytes.saturating_add(memory.initial.saturating_mul(1 << page));
    }
}

/// A module or component that is being read.
#[derive(Default)]
struct Open {
    module: bool,
    /// What an instance of it takes, as far as it has been read.
    needs: Needs,
    /// Its core modules and components by index; none for those that come from elsewhere.
    modules: Vec<Option<Needs>>,
    components: Vec<Option<Needs>>,
}

/// Counts what one instance of a component takes. Where the file hands modules around in
/// ways that no known toolchain has, the largest of them is taken.
///
/// # Errors
/// [`PackError`] for what cannot be read.
pub fn needs(bytes: &[u8]) -> Result<Needs, PackError> {
    let broken = |e: wasmparser::BinaryReaderError| PackError::Broken(e.to_string());
    let mut count = Count::default();
    for payload in Parser::new(0).parse_all(bytes) {
        count.take(payload.map_err(broken)?).map_err(broken)?;
    }
    Ok(Needs { code: count.code, ..count.whole })
}

#[derive(Default)]
struct Count {
    open: Vec<Open>,
    largest: Needs,
    whole: Needs,
    code: u64,
    /// The most values that a function type answers.
    results: u64,
}

impl Count {
    fn take(&mut self, payload: Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::Version { encoding, .. } => self.open.push(Open { module: encoding == Encoding::Module, ..Open::default() }),
            Payload::End(_) => self.close(),
            Payload::TypeSection(section) => {
                for group in section {
                    let functions = group?.into_types().filter_map(|ty| match ty.composite_type.inner {
                        CompositeInnerType::Func(function) => u64::try_from(function.results().len()).ok(),
                        _ => None,
                    });
                    self.results = functions.fold(self.results, u64::max);
                }
            }
            Payload::CodeSectionEntry(body) => self.code = self.code.saturating_add(weight(&body, self.results)?),
            other => self.inside(other)?,
        }
        Ok(())
    }

    fn close(&mut self) {
        let Some(closed) = self.open.pop() else { return };
        let mut needs = closed.needs;
        if closed.module {
            needs.core_instances = 1;
        }
        self.largest = self.largest.or_more(needs);
        match self.open.last_mut() {
            None => self.whole = needs,
            Some(outer) if closed.module => outer.modules.push(Some(needs)),
            Some(outer) => outer.components.push(Some(needs)),
        }
    }

    fn inside(&mut self, payload: Payload<'_>) -> wasmparser::Result<()> {
        let largest = self.largest;
        let Some((open, outer)) = self.open.split_last_mut() else { return Ok(()) };
        match payload {
            Payload::MemorySection(section) => {
                for memory in section {
                    open.needs.memory(&memory?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    open.needs.tables += 1;
                    open.needs.table_elements = open.needs.table_elements.saturating_add(table?.ty.initial);
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section {
                    if let Instance::Instantiate { module_index, .. } = instance? {
                        open.needs = open.needs.and(at(&open.modules, module_index).unwrap_or(largest));
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section {
                    if let ComponentInstance::Instantiate { component_index, .. } = instance? {
                        open.needs = open.needs.and(joined(at(&open.components, component_index).unwrap_or(largest)));
                    }
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    match import?.ty {
                        ComponentTypeRef::Module(_) => open.modules.push(None),
                        ComponentTypeRef::Component(_) => open.components.push(None),
                        _ => {}
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    open.alias(&alias?, outer);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Open {
    fn alias(&mut self, alias: &ComponentAlias<'_>, outer: &[Self]) {
        match alias {
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Module, .. } => self.modules.push(None),
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Component, .. } => self.components.push(None),
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, count, index } => {
                self.modules.push(around(outer, *count).and_then(|outer| at(&outer.modules, *index)));
            }
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                self.components.push(around(outer, *count).and_then(|outer| at(&outer.components, *index)));
            }
            _ => {}
        }
    }
}

/// The component that is so many levels further out; one is the nearest.
fn around(outer: &[Open], levels: u32) -> Option<&Open> {
    let levels = usize::try_from(levels).ok().filter(|levels| *levels > 0)?;
    outer.len().checked_sub(levels).and_then(|at| outer.get(at))
}

fn at(known: &[Option<Needs>], index: u32) -> Option<Needs> {
    usize::try_from(index).ok().and_then(|index| known.get(index).copied().flatten())
}

/// A nested component counts itself. One that runs code is joined to the others by a
/// module of the host's.
fn joined(mut nested: Needs) -> Needs {
    nested.component_instances = nested.component_instances.saturating_add(1);
    if nested.core_instances > 0 {
        nested.core_instances = nested.core_instances.saturating_add(1);
    }
    nested
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Needs {
        needs(&wat::parse_str(text).unwrap()).unwrap()
    }

    #[test]
    fn what_is_only_defined_takes_nothing() {
        assert_eq!(of("(component)"), Needs::default());
        assert_eq!(of("(component (core module (memory 1)))"), Needs::default());
        assert_eq!(of("(component (component (core module $m (memory 1)) (core instance (instantiate $m))))"), Needs::default());
    }

    #[test]
    fn every_instance_of_a_module_counts() {
        let component = r#"(component
            (core module $a (memory 2) (table 1 funcref))
            (core module $b (table 1 funcref) (table 1 funcref))
            (core instance (instantiate $a))
            (core instance (instantiate $a))
            (core instance (instantiate $b)))"#;
        let table_elements = 4;
        let needs = Needs { core_instances: 3, memories: 2, tables: 4, memory_bytes: 4 << 16, table_elements, ..Needs::default() };
        assert_eq!(of(component), needs);
    }

    #[test]
    fn nested_components_count_as_often_as_they_are_instantiated_and_modules_of_outer_ones_are_found() {
        let component = r#"(component
            (core module $m (memory 3))
            (component $nested
                (alias outer 1 $m (core module $n))
                (core instance (instantiate $n)))
            (instance (instantiate $nested))
            (instance (instantiate $nested)))"#;
        let component_instances = 2;
        let needs = Needs { core_instances: 4, memories: 2, memory_bytes: 6 << 16, component_instances, ..Needs::default() };
        assert_eq!(of(component), needs);
    }

    #[test]
    fn a_module_from_elsewhere_counts_as_the_largest_there_is() {
        let component = r#"(component
            (core module $big (memory 5))
            (component $nested (import "m" (core module $n)) (core instance (instantiate $n)))
            (instance (instantiate $nested (with "m" (core module $big)))))"#;
        let component_instances = 1;
        let needs = Needs { core_instances: 2, memories: 1, memory_bytes: 5 << 16, component_instances, ..Needs::default() };
        assert_eq!(of(component), needs);
    }

    #[test]
    fn a_chain_that_doubles_at_every_level_is_counted_without_being_built() {
        let mut text = "(component (component $c0 (core module $m (memory 1)) (core instance (instantiate $m)))".to_owned();
        for level in 1..70 {
            let inner = level - 1;
            text.push_str(&format!(
                "(component $c{level} (alias outer 1 $c{inner} (component $x)) (instance (instantiate $x)) (instance (instantiate $x)))"
            ));
        }
        text.push_str("(instance (instantiate $c69)))");
        assert_eq!(of(&text).memory_bytes, u64::MAX);
    }

    #[test]
    fn nested_components_without_code_count_too() {
        let mut text = "(component (component $c0)".to_owned();
        for level in 1..30 {
            let inner = level - 1;
            text.push_str(&format!(
                "(component $c{level} (alias outer 1 $c{inner} (component $x)) (instance (instantiate $x)) (instance (instantiate $x)))"
            ));
        }
        text.push_str("(instance (instantiate $c29)))");
        assert_eq!(of(&text), Needs { component_instances: (1 << 30) - 1, ..Needs::default() });
    }

    #[test]
    fn what_breaks_off_is_broken() {
        assert!(matches!(needs(b"\0asm\x0d\0\x01\0\x07"), Err(PackError::Broken(_))));
    }
}
