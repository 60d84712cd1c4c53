//! A component with its dependencies plugged in, by exact names as Spin does it.

use std::collections::{BTreeMap, HashSet};

use thiserror::Error;
use wac_graph::types::{Package, SubtypeChecker, WorldId};
use wac_graph::{CompositionGraph, EncodeOptions, NodeId};

/// Why a component cannot be composed.
#[derive(Debug, Error)]
pub enum ComposeError {
    /// No component, or no name.
    #[error("{name}: {why}")]
    Package {
        /// Which component.
        name: String,
        /// Why.
        why: String,
    },
    /// Nothing to plug it into.
    #[error("dependency '{dependency}' doesn't match any imports of component '{component}'")]
    Unmatched {
        /// The component.
        component: String,
        /// The dependency.
        dependency: String,
    },
    /// Two dependencies for one import.
    #[error("component '{component}' has dependency conflicts: import '{import}' satisfied by dependencies: '{}'", .dependencies.join("', '"))]
    Conflict {
        /// The component.
        component: String,
        /// The import.
        import: String,
        /// The dependencies.
        dependencies: Vec<String>,
    },
    /// The dependency does not have what is imported.
    #[error("dependency '{dependency}' doesn't export '{export}' to satisfy import '{import}'")]
    MissingExport {
        /// The dependency.
        dependency: String,
        /// What it should export.
        export: String,
        /// The import.
        import: String,
    },
    /// It has another form of what is imported.
    #[error("dependency '{dependency}' exports '{export}' which is not compatible with import '{import}': {why}")]
    Incompatible {
        /// The dependency.
        dependency: String,
        /// What it exports.
        export: String,
        /// The import.
        import: String,
        /// Where they differ.
        why: String,
    },
    /// A dependency that would have to inherit something. Spin lets it start and refuses
    /// each call; a plugin imports nothing, so here it does not start.
    #[error("dependency '{dependency}' imports {} and inherits nothing", .imports.join(", "))]
    Imports {
        /// The dependency.
        dependency: String,
        /// What it imports.
        imports: Vec<String>,
    },
}

/// A dependency of a component.
pub(crate) struct Part {
    /// Its name in the manifest.
    pub(crate) name: String,
    /// Which export is taken; the import's own name where it is none.
    pub(crate) export: Option<String>,
    /// The component.
    pub(crate) bytes: Vec<u8>,
}

/// A component with its dependencies.
pub(crate) fn compose(id: &str, source: Vec<u8>, parts: Vec<Part>) -> Result<Vec<u8>, ComposeError> {
    if parts.is_empty() {
        return Ok(source);
    }
    let mut composer = Composer { id, graph: CompositionGraph::new() };
    let (world, instance) = composer.register(id, source)?;
    for (import, part) in composer.assign(world, parts)? {
        let argument = composer.export_of(world, &import, part)?;
        composer.graph.set_instantiation_argument(instance, &import, argument).map_err(|why| failed(id, &why))?;
    }
    composer.export_all(world, instance)?;
    composer.graph.encode(EncodeOptions::default()).map_err(|why| failed(id, &why))
}

struct Composer<'a> {
    id: &'a str,
    graph: CompositionGraph,
}

impl Composer<'_> {
    fn register(&mut self, name: &str, bytes: Vec<u8>) -> Result<(WorldId, NodeId), ComposeError> {
        let package = Package::from_bytes(name, None, bytes, self.graph.types_mut()).map_err(|why| failed(name, &why))?;
        let world = package.ty();
        let package = self.graph.register_package(package).map_err(|why| failed(name, &why))?;
        Ok((world, self.graph.instantiate(package)))
    }

    /// The one part for each import that has one.
    fn assign(&self, world: WorldId, parts: Vec<Part>) -> Result<BTreeMap<String, Part>, ComposeError> {
        let imports: Vec<String> = self.graph.types()[world].imports.keys().cloned().collect();
        let mut names: BTreeMap<&String, Vec<String>> = BTreeMap::new();
        for part in &parts {
            let fitting: Vec<&String> = imports.iter().filter(|import| fits(&part.name, import)).collect();
            if fitting.is_empty() {
                return Err(ComposeError::Unmatched { component: self.id.to_owned(), dependency: part.name.clone() });
            }
            fitting.into_iter().for_each(|import| names.entry(import).or_default().push(part.name.clone()));
        }
        if let Some((import, dependencies)) = names.iter().find(|(_, names)| names.len() > 1) {
            let (import, dependencies) = ((*import).clone(), dependencies.clone());
            return Err(ComposeError::Conflict { component: self.id.to_owned(), import, dependencies });
        }
        let of = |import: &String| parts.iter().find(|part| fits(&part.name, import)).map(Part::again);
        Ok(names.into_keys().filter_map(|import| Some((import.clone(), of(import)?))).collect())
    }

    /// What fills an import.
    fn export_of(&mut self, world: WorldId, import: &str, part: Part) -> Result<NodeId, ComposeError> {
        let Part { name: dependency, export, bytes } = part;
        let export = export.unwrap_or_else(|| import.to_owned());
        let package = dependency.split(['/', '@']).next().unwrap_or_default();
        let (own, instance) = self.register(package, bytes)?;
        let types = self.graph.types();
        let imports: Vec<String> = types[own].imports.keys().cloned().collect();
        if !imports.is_empty() {
            return Err(ComposeError::Imports { dependency, imports });
        }
        let (Some(found), Some(wanted)) = (types[own].exports.get(&export), types[world].imports.get(import)) else {
            return Err(ComposeError::MissingExport { dependency, export, import: import.to_owned() });
        };
        if let Err(why) = SubtypeChecker::new(&mut HashSet::new()).is_subtype(*found, types, *wanted, types) {
            return Err(ComposeError::Incompatible { dependency, export, import: import.to_owned(), why: format!("{why:#}") });
        }
        self.graph.alias_instance_export(instance, &export).map_err(|why| failed(self.id, &why))
    }

    fn export_all(&mut self, world: WorldId, instance: NodeId) -> Result<(), ComposeError> {
        let names: Vec<String> = self.graph.types()[world].exports.keys().cloned().collect();
        for name in names {
            let export = self.graph.alias_instance_export(instance, &name).map_err(|why| failed(self.id, &why))?;
            self.graph.export(export, &name).map_err(|why| failed(self.id, &why))?;
        }
        Ok(())
    }
}

impl Part {
    fn again(&self) -> Self {
        Self { name: self.name.clone(), export: self.export.clone(), bytes: self.bytes.clone() }
    }
}

fn failed(name: &str, why: &dyn std::fmt::Display) -> ComposeError {
    ComposeError::Package { name: name.to_owned(), why: format!("{why:#}") }
}

/// Whether a dependency's name means an import: `package`, `package/interface`, either
/// with `@version`; what it leaves out may be anything, and a version must be the very one.
fn fits(dependency: &str, import: &str) -> bool {
    let (package, interface, version) = split(dependency);
    let (import_package, import_interface, import_version) = split(import);
    package == import_package && (interface.is_none() || interface == import_interface) && (version.is_none() || version == import_version)
}

fn split(name: &str) -> (&str, Option<&str>, Option<&str>) {
    let (name, version) = name.split_once('@').map_or((name, None), |(name, version)| (name, Some(version)));
    let (package, interface) = name.split_once('/').map_or((name, None), |(package, interface)| (package, Some(interface)));
    (package, interface, version)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "patchboard:provider/mapper@0.1.0";

    /// A component that imports a function and exports a handler's worth of nothing.
    fn root(import: &str, function: &str) -> Vec<u8> {
        let text = format!(
            r#"(component (import "{import}" (instance $i (export "describe" (func {function})))) (alias export $i "describe" (func $f)) (export "run" (func $f)))"#
        );
        wat::parse_str(text).unwrap()
    }

    /// A component that exports a function of no parameters and one number.
    fn plugin(export: &str, imports: &str) -> Vec<u8> {
        let text = format!(
            r#"(component {imports}
                (core module $m (func (export "f") (result i32) i32.const 7))
                (core instance $m (instantiate $m))
                (func $f (result u32) (canon lift (core func $m "f")))
                (instance $i (export "describe" (func $f)))
                (export "{export}" (instance $i)))"#
        );
        wat::parse_str(text).unwrap()
    }

    fn part(name: &str, bytes: Vec<u8>) -> Part {
        Part { name: name.to_owned(), export: None, bytes }
    }

    fn refused(parts: Vec<Part>) -> String {
        compose("p-x", root(NAME, "(result u32)"), parts).unwrap_err().to_string()
    }

    #[test]
    fn a_plugin_fills_the_import_of_its_name_and_nothing_is_left_to_import() {
        let whole = compose("p-x", root(NAME, "(result u32)"), vec![part(NAME, plugin(NAME, ""))]).unwrap();
        let mut graph = CompositionGraph::new();
        let package = Package::from_bytes("whole", None, whole, graph.types_mut()).unwrap();
        let world = &graph.types()[package.ty()];
        let exports: Vec<&str> = world.exports.keys().map(String::as_str).collect();
        assert_eq!((world.imports.len(), exports), (0, vec!["run"]));
    }

    #[test]
    fn a_component_without_dependencies_stays_as_it_is() {
        assert_eq!(compose("p-x", b"anything".to_vec(), Vec::new()).unwrap(), b"anything");
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_name() {
        let newer = "patchboard:provider/mapper@0.1.1";
        assert!(refused(vec![part(newer, plugin(newer, ""))]).contains("doesn't match any imports of component 'p-x'"));
        assert!(refused(vec![part(NAME, plugin(newer, ""))]).contains("doesn't export"));
        let two = vec![part(NAME, plugin(NAME, "")), part("patchboard:provider/mapper", plugin(NAME, ""))];
        assert!(refused(two).contains("conflicts"));
        assert!(refused(vec![part(NAME, plugin(NAME, r#"(import "clock" (func))"#))]).contains("imports clock and inherits nothing"));
        assert!(refused(vec![part(NAME, b"no wasm".to_vec())]).starts_with("patchboard:provider: "));
        let other = compose("p-x", root(NAME, "(result string)"), vec![part(NAME, plugin(NAME, ""))]).unwrap_err();
        assert!(matches!(other, ComposeError::Incompatible { .. }), "{other}");
    }

    #[test]
    fn a_name_means_what_it_says_and_nothing_else() {
        let import = "patchboard:provider/mapper@0.1.0";
        for (name, means) in [
            (import, true),
            ("patchboard:provider/mapper", true),
            ("patchboard:provider@0.1.0", true),
            ("patchboard:provider", true),
            ("patchboard:provider/mapper@0.1.1", false),
            ("patchboard:provider/other@0.1.0", false),
            ("patchboard:other", false),
            ("mapper", false),
        ] {
            assert_eq!(fits(name, import), means, "{name}");
        }
    }
}
