//! What a component imports and exports, read from its outermost level.

use wasmparser::{Encoding, Parser, Payload};

use crate::{INTERFACE, PackError};

/// A component's imports and exports, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outside {
    /// Names of imports.
    pub imports: Vec<String>,
    /// Names of exports.
    pub exports: Vec<String>,
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
            _ => {}
        }
    }
    Ok(outside)
}

impl Outside {
    /// Whether this is a plugin of the contract that this program speaks.
    ///
    /// # Errors
    /// [`PackError`] that says what it is instead.
    pub fn is_plugin(&self) -> Result<(), PackError> {
        if !self.imports.is_empty() {
            return Err(PackError::Imports(self.imports.clone()));
        }
        if self.exports.iter().any(|export| export == INTERFACE) {
            return Ok(());
        }
        let interface = INTERFACE.split('@').next().unwrap_or(INTERFACE);
        let same = |export: &&String| export.split('@').next() == Some(interface);
        match self.exports.iter().find(same) {
            Some(found) => Err(PackError::OtherContract { found: found.clone() }),
            None => Err(PackError::OtherWorld(self.exports.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside(imports: &[&str], exports: &[&str]) -> Result<(), PackError> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Outside { imports: owned(imports), exports: owned(exports) }.is_plugin()
    }

    #[test]
    fn what_is_no_component_is_told_apart() {
        assert_eq!(read(b"hello"), Err(PackError::NotWasm));
        assert_eq!(read(b""), Err(PackError::NotWasm));
        assert_eq!(read(b"\0asm\x01\0\0\0"), Err(PackError::CoreModule));
        assert_eq!(read(b"\0asm\x0d\0\x01\0"), Ok(Outside::default()));
        assert!(matches!(read(b"\0asm\x0d\0\x01\0\x07"), Err(PackError::Broken(_))));
    }

    #[test]
    fn imports_other_worlds_and_other_contracts_are_refused_by_name() {
        assert_eq!(outside(&[], &[INTERFACE, "extra"]), Ok(()));
        assert_eq!(
            outside(&["wasi:cli/environment@0.2.0"], &[INTERFACE]).unwrap_err().to_string(),
            "it imports wasi:cli/environment@0.2.0; a plugin must not import anything"
        );
        assert!(
            outside(&[], &["wasi:http/incoming-handler@0.2.0"])
                .unwrap_err()
                .to_string()
                .contains("it exports wasi:http/incoming-handler@0.2.0")
        );
        assert!(outside(&[], &[]).unwrap_err().to_string().ends_with("it exports nothing"));
        assert_eq!(
            outside(&[], &["patchboard:provider/mapper@0.2.0"]).unwrap_err().to_string(),
            "it is built for the contract patchboard:provider/mapper@0.2.0, and this program speaks patchboard:provider/mapper@0.1.0"
        );
    }
}
