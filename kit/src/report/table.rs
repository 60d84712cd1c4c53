//! A report for people.

use std::fmt::Write as _;

use super::{Check, Report, Verdict};

/// Differences of one check that are listed; the rest is counted.
const MAX_LISTED: usize = 20;

pub(super) fn table(report: &Report) -> String {
    let mut text = format!("{} {}\n\n", report.plugin, report.version).replace(" \n", "\n");
    let rows: Vec<[String; 3]> = report.checks.iter().map(row).collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default();
    let (first, second) = (width(0).max("SECTION".len()), width(1).max("CHECK".len()));
    let _ = writeln!(text, "{:first$}  {:second$}  RESULT", "SECTION", "CHECK");
    for [section, name, result] in &rows {
        let _ = writeln!(text, "{}", format!("{section:first$}  {name:second$}  {result}").trim_end());
    }
    differences(report, &mut text);
    text
}

pub(super) fn faults(report: &Report) -> String {
    let mut text = format!("{} {}\n", report.plugin, report.version);
    differences(report, &mut text);
    text
}

fn row(check: &Check) -> [String; 3] {
    let detail = if check.detail.is_empty() { String::new() } else { format!(" ({})", check.detail) };
    let result = match (check.verdict, check.differences.len()) {
        (Verdict::Passed, _) => format!("ok{detail}"),
        (Verdict::Skipped, _) => format!("skipped{detail}"),
        (Verdict::Failed, 1) => format!("1 DIFFERENCE{detail}"),
        (Verdict::Failed, many) => format!("{many} DIFFERENCES{detail}"),
    };
    [check.section.as_str().to_owned(), check.name.clone(), result]
}

fn differences(report: &Report, text: &mut String) {
    let Some((check, first)) = report.differences().next() else {
        let _ = writeln!(text, "\n{} checks, no difference", report.checks.len());
        return;
    };
    text.push('\n');
    for check in report.checks.iter().filter(|check| !check.differences.is_empty()) {
        let _ = writeln!(text, "{}: {}", check.section.as_str(), check.name);
        for difference in check.differences.iter().take(MAX_LISTED) {
            let _ = writeln!(text, "  - {}", difference.what);
        }
        if let Some(more) = check.differences.len().checked_sub(MAX_LISTED).filter(|more| *more > 0) {
            let _ = writeln!(text, "  - and {more} more");
        }
    }
    let _ = write!(text, "\nThe first difference, in {}: {}\n{}\n{}", check.section.as_str(), check.name, first.what, first.diff);
}
