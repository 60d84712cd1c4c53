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
    let cases = (comparison.cases > 0).then(|| count(comparison.cases, "case", "cases"));
    let recordings = (comparison.recordings > 0).then(|| count(comparison.recordings, "recording", "recordings"));
    let played: Vec<String> = cases.into_iter().chain(recordings).collect();
    let played = if played.is_empty() { "there is no case and no recording".to_owned() } else { played.join(" and ") };
    if comparison.same {
        return format!("no difference ({played})");
    }
    let declared = count(comparison.declaration.len(), "difference", "differences");
    let changed = count(comparison.changes.len(), "request that differs", "requests that differ");
    format!("{declared} in the declaration, {changed} ({played})")
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
