//! What a component imports and exports, read from its outermost level.

use wasmparser::{Encoding, Parser, Payload};

use crate::PackError;

/// A component's imports and exports, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outside {
    /// Names of imports.
    pub imports: Vec<String>,
    /// Names of exports.
    pub exports: Vec<String>,
    /// Whether it was marked by [`mark_debug`].
    pub debug: bool,
}

/// The custom section of a debug build.
const DEBUG: &str = "patchboard:debug";

/// Marks a component as one that tells mistakes in its code to callers.
pub fn mark_debug(component: &mut Vec<u8>) {
    // An id, the section's length, and its name with a length of its own; both are below 128.
    let length = u8::try_from(DEBUG.len()).unwrap_or_default();
    component.extend([0, length + 1, length]);
    component.extend(DEBUG.bytes());
}

/// Reads a file without compiling it.
///
/// # Errors
/// [`PackError`] for what is no component.
pub fn read(bytes: &[u8]) -> Result<Outside, PackError> {
    if !bytes.starts_with(b"\0asm") {
        return Err(PackError::NotWasm);
    }
    let broken = |e: wasmparser::BinaryReaderError| PackError::Broken(e.to_string());
    let mut outside = Outside::default();
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(broken)? {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => return Err(PackError::CoreModule),
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    outside.imports.push(import.map_err(broken)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    outside.exports.push(export.map_err(broken)?.name.name.to_owned());
                }
            }
            Payload::CustomSection(section) if depth == 0 => outside.debug |= section.name() == DEBUG,
            _ => {}
        }
    }
    Ok(outside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_component_is_told_apart() {
        assert_eq!(read(b"hello"), Err(PackError::NotWasm));
        assert_eq!(read(b""), Err(PackError::NotWasm));
        assert_eq!(read(b"\0asm\x01\0\0\0"), Err(PackError::CoreModule));
        assert_eq!(read(b"\0asm\x0d\0\x01\0"), Ok(Outside::default()));
        let mut marked = b"\0asm\x0d\0\x01\0".to_vec();
        mark_debug(&mut marked);
        assert_eq!(read(&marked), Ok(Outside { debug: true, ..Outside::default() }));
        assert!(matches!(read(b"\0asm\x0d\0\x01\0\x07"), Err(PackError::Broken(_))));
    }
}
