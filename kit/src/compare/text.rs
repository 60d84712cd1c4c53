//! A comparison for people.

use std::fmt::Write as _;

use super::{Comparison, Side};
use crate::report::Difference;

pub(super) fn text(comparison: &Comparison) -> String {
    let mut text = format!("{} -> {}\n", side(&comparison.old), side(&comparison.new));
    if !comparison.declaration.is_empty() {
        text.push_str("\nThe declaration\n");
        differences(&mut text, &comparison.declaration);
    }
    for change in &comparison.changes {
        let _ = write!(text, "\n{}\n", change.name);
        differences(&mut text, &change.differences);
    }
    let _ = write!(text, "\n{}\n", verdict(comparison));
    text
}

fn side(side: &Side) -> String {
    format!("{} {} ({})", side.name, side.version, side.digest.chars().take(19).collect::<String>())
}

fn differences(text: &mut String, differences: &[Difference]) {
    for difference in differences {
        let _ = writeln!(text, "  {}", difference.what);
        for line in difference.diff.lines().filter(|line| !line.starts_with("---") && !line.starts_with("+++")) {
            let _ = writeln!(text, "    {line}");
        }
    }
}

fn verdict(comparison: &Comparison) -> String {
    let Comparison { cases, recordings, changes, declaration, .. } = comparison;
    let played = match (cases, recordings) {
        (0, 0) => "nothing was played: there is no case and no recording".to_owned(),
        (cases, 0) => format!("{cases} cases"),
        (0, recordings) => format!("{recordings} recordings"),
        (cases, recordings) => format!("{cases} cases and {recordings} recordings"),
    };
    match (declaration.len(), changes.len()) {
        (0, 0) => format!("no difference ({played})"),
        (declared, changed) => format!("{declared} differences in the declaration, {changed} requests that differ ({played})"),
    }
}
