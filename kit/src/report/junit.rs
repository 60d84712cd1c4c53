//! A report as JUnit XML, which every CI can show.

use quick_junit::{NonSuccessKind, Report as Junit, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::{Check, Report, Section, Verdict};

const SECTIONS: [Section; 5] = [Section::Cases, Section::Declaration, Section::Laws, Section::Robustness, Section::OpenApi];

pub(super) fn junit(report: &Report) -> Result<String, SerializeError> {
    let mut junit = Junit::new(report.plugin.clone());
    for section in SECTIONS {
        let mut suite = TestSuite::new(format!("{}.{}", report.plugin, section.as_str()));
        let checks = report.checks.iter().filter(|check| check.section == section);
        suite.add_test_cases(checks.map(|check| test_case(report, check)));
        if suite.tests > 0 {
            junit.add_test_suite(suite);
        }
    }
    junit.to_string()
}

fn test_case(report: &Report, check: &Check) -> TestCase {
    let status = match check.verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Skipped => {
            let mut skipped = TestCaseStatus::skipped();
            skipped.set_message(check.detail.clone());
            skipped
        }
        Verdict::Failed => failure(check),
    };
    let mut case = TestCase::new(check.name.clone(), status);
    case.set_classname(format!("{}.{}", report.plugin, check.section.as_str()));
    case
}

fn failure(check: &Check) -> TestCaseStatus {
    let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let all: Vec<&str> = check.differences.iter().map(|difference| difference.what.as_str()).collect();
    failure.set_message(all.join("; "));
    let text: Vec<String> = check.differences.iter().map(|difference| format!("{}\n{}", difference.what, difference.diff)).collect();
    failure.set_description(text.join("\n"));
    failure
}
