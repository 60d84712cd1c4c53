//! Tables between unified and native values.

/// Pairs of a unified and a native value.
#[derive(Debug, Clone, Copy)]
pub struct EnumTable(pub &'static [(&'static str, &'static str)]);

impl EnumTable {
    /// The native value of a unified one.
    #[must_use]
    pub fn native(self, unified: &str) -> Option<&'static str> {
        self.0.iter().find(|(ours, _)| *ours == unified).map(|(_, theirs)| *theirs)
    }

    /// The unified value of a native one; the first, where several share it.
    #[must_use]
    pub fn unified(self, native: &str) -> Option<&'static str> {
        self.0.iter().find(|(_, theirs)| *theirs == native).map(|(ours, _)| *ours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_maps_there_and_back() {
        let table = EnumTable(&[("public", "Public"), ("private", "Private")]);
        assert_eq!(table.native("public"), Some("Public"));
        assert_eq!(table.unified("Private"), Some("private"));
        assert_eq!((table.native("x"), table.unified("x")), (None, None));
    }
}
