//! Which of several versions an account uses.

use semver::{Version, VersionReq};

/// The place of the chosen version among `versions`, which stand newest first.
pub(super) fn choose<'v>(versions: impl Iterator<Item = &'v Version> + Clone, follows: Option<&VersionReq>) -> Option<usize> {
    match follows {
        Some(wanted) => versions.clone().position(|version| wanted.matches(version)),
        // Nobody gets a pre-release who has not asked for one, unless there is nothing else.
        None => versions.clone().position(|version| version.pre.is_empty()).or((versions.count() > 0).then_some(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(versions: &[&str], follows: Option<&str>) -> Option<String> {
        let mut versions: Vec<Version> = versions.iter().map(|text| text.parse().unwrap()).collect();
        versions.sort_by(|a, b| b.cmp(a));
        let wanted = follows.map(|text| VersionReq::parse(text).unwrap());
        choose(versions.iter(), wanted.as_ref()).map(|nth| versions[nth].to_string())
    }

    #[test]
    fn the_newest_version_that_fits_is_used() {
        let all = ["0.1.0", "0.1.9", "0.2.0", "1.10.0", "1.9.0", "2.0.0-rc.1"];
        for (follows, expected) in [
            (None, Some("1.10.0")),
            (Some("=0.1.0"), Some("0.1.0")),
            (Some("^0.1"), Some("0.1.9")),
            (Some("0.1.0"), Some("0.1.9")),
            (Some("*"), Some("1.10.0")),
            (Some(">=0.1, <1.10"), Some("1.9.0")),
            (Some("=2.0.0-rc.1"), Some("2.0.0-rc.1")),
            (Some("^2"), None),
            (Some("=3.0.0"), None),
        ] {
            assert_eq!(chosen(&all, follows).as_deref(), expected, "{follows:?}");
        }
    }

    #[test]
    fn a_pre_release_is_used_where_there_is_nothing_else() {
        assert_eq!(chosen(&["1.0.0-a", "1.0.0-b"], None).as_deref(), Some("1.0.0-b"));
        assert_eq!(chosen(&["0.9.0", "1.0.0-b"], None).as_deref(), Some("0.9.0"));
        assert_eq!(chosen(&[], None), None);
    }
}
