//! `junit.xml`: the tests for every reader of JUnit files, a suite for each test binary and one for its doctests.
//!
//! The format has no standard. This writes what Jenkins's xUnit plugin accepts by its schema (junit-10.xsd), with the
//! `flakyFailure` and `rerunFailure` elements of Maven Surefire; `xtask/schema/junit.xsd` says it exactly.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, NonSuccessReruns, Report, TestCase as Case, TestCaseStatus, TestRerun, TestSuite,
};

use super::RenderError;
use crate::kit::text::terminal;
use crate::model::record::RunRecord;
use crate::model::test::{Attempt, TestCase, TestKind, TestOutcome};

/// The tests of a run as JUnit XML. A run without tests gives a document without suites.
///
/// # Errors
/// When the XML cannot be written.
pub fn junit(record: &RunRecord) -> Result<String, RenderError> {
    let mut report = Report::new(record.tool.name.as_str());
    report.set_time(Duration::from_millis(record.run.duration_ms));
    for (name, cases) in suites(&record.tests.cases) {
        report.add_test_suite(suite(&name, &cases));
    }
    let xml = report.to_string().map_err(|cause| RenderError::new("junit.xml", cause))?;
    // Jenkins's schema knows no `skipped` on the root, and the library always writes one.
    Ok(xml.replacen(&format!(" skipped=\"{}\"", report.skipped), "", 1))
}

/// The suites in the order in which their first case came.
fn suites(cases: &[TestCase]) -> Vec<(String, Vec<&TestCase>)> {
    let mut suites: Vec<(String, Vec<&TestCase>)> = Vec::new();
    for case in cases {
        let name = match case.kind {
            TestKind::Test | TestKind::Check => case.binary.clone(),
            TestKind::Doctest => format!("{} (doctests)", case.binary),
        };
        match suites.iter_mut().find(|(known, _)| *known == name) {
            Some((_, members)) => members.push(case),
            None => suites.push((name, vec![case])),
        }
    }
    suites
}

fn suite(name: &str, cases: &[&TestCase]) -> TestSuite {
    let mut suite = TestSuite::new(name);
    let attempts =
        |case: &TestCase| case.earlier.iter().filter_map(|attempt| attempt.duration_ms).sum::<u64>();
    let spent = cases.iter().map(|case| case.duration_ms.unwrap_or(0).saturating_add(attempts(case)));
    suite.set_time(Duration::from_millis(spent.fold(0, u64::saturating_add)));
    if let Some(first) = cases.first() {
        suite.extra.insert("package".into(), first.package.as_str().into());
    }
    for case in cases {
        suite.add_test_case(self::case(name, case));
    }
    suite
}

fn case(suite: &str, case: &TestCase) -> Case {
    let mut element = Case::new(case.name.as_str(), status(case));
    element.set_classname(suite);
    if let Some(duration) = case.duration_ms {
        element.set_time(Duration::from_millis(duration));
    }
    if case.outcome.is_bad() && !case.output.is_empty() {
        element.set_system_out(terminal(&case.output));
    }
    element
}

fn status(case: &TestCase) -> TestCaseStatus {
    let reruns: Vec<TestRerun> = case.earlier.iter().map(rerun).collect();
    match case.outcome {
        TestOutcome::Passed => TestCaseStatus::Success { flaky_runs: reruns },
        TestOutcome::Skipped => TestCaseStatus::Skipped {
            message: case.message.as_deref().map(|message| terminal(message).into()),
            ty: None,
            description: None,
        },
        TestOutcome::Failed | TestOutcome::TimedOut => TestCaseStatus::NonSuccess {
            kind: NonSuccessKind::Failure,
            message: Some(message(case.message.as_deref(), case.outcome).into()),
            ty: Some(kind(case.outcome).into()),
            description: None,
            reruns: NonSuccessReruns { runs: reruns, ..NonSuccessReruns::default() },
        },
    }
}

fn rerun(attempt: &Attempt) -> TestRerun {
    let mut rerun = TestRerun::new(NonSuccessKind::Failure);
    rerun.set_type(kind(attempt.outcome));
    rerun.set_message(message(attempt.message.as_deref(), attempt.outcome));
    if !attempt.output.is_empty() {
        rerun.set_system_out(terminal(&attempt.output));
    }
    rerun
}

fn kind(outcome: TestOutcome) -> &'static str {
    if outcome == TestOutcome::TimedOut { "timeout" } else { "failure" }
}

fn message(message: Option<&str>, outcome: TestOutcome) -> String {
    terminal(message.unwrap_or_else(|| outcome.word()))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;
    use crate::model::gates::failed::tests::case;
    use crate::model::record::TestsRecord;
    use crate::model::record::tests::record;
    use crate::report::sample::sample;

    fn read(xml: &str) -> Report {
        Report::deserialize_from_str(xml).unwrap()
    }

    #[test]
    fn the_counts_are_right() {
        let report = read(&junit(&sample()).unwrap());
        assert_eq!((report.tests, report.failures, report.errors), (14, 6, 0));
        let suites: Vec<_> = report
            .test_suites
            .iter()
            .map(|suite| (suite.name.as_str(), suite.tests, suite.failures, suite.skipped))
            .collect();
        let expected = [
            ("widgets", 5, 2, 0),
            ("widgets::it", 3, 1, 1),
            ("widgets (doctests)", 2, 1, 0),
            ("image widgets structure", 2, 1, 0),
            ("image widgets size", 1, 0, 0),
            ("image widgets smoke serve", 1, 1, 0),
        ];
        assert_eq!(suites, expected);
    }

    #[test]
    fn attempts_skips_and_timeouts_are_told_apart() {
        let xml = junit(&sample()).unwrap();
        assert!(xml.contains("<flakyFailure ") && xml.contains("<rerunFailure "));
        assert!(xml.contains("<skipped message=\"needs a database\"/>"));
        assert!(xml.contains("<failure message=\"ran longer than 60.0 s\" type=\"timeout\"/>"));
        assert!(xml.contains("time=\"60.000\""));
        assert!(!xml.contains("first attempt</system-out>"));
    }

    #[test]
    fn a_passed_test_keeps_its_output_for_itself() {
        let mut record = record();
        let loud = TestCase { output: "loud".to_owned(), ..case("a", TestKind::Test, TestOutcome::Passed) };
        record.tests = TestsRecord::of(vec![loud]);
        assert!(!junit(&record).unwrap().contains("loud"));
    }

    #[test]
    fn escape_codes_and_illegal_characters_are_gone() {
        let xml = junit(&sample()).unwrap();
        assert!(xml.chars().all(|c| !c.is_control() || c == '\n'), "a control character is left");
        assert!(xml.contains("red @octocat #1 &lt;script&gt;") && !xml.contains("[31m"));
    }

    #[test]
    fn a_run_without_tests_is_a_document_too() {
        let report = read(&junit(&record()).unwrap());
        assert_eq!((report.tests, report.test_suites.len()), (0, 0));
    }

    /// By `xmllint` (Debian: libxml2-utils); a machine without it says so, and CI must have it.
    #[test]
    fn it_is_of_its_schema() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("junit.xml");
        let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/junit.xsd");
        for record in [sample(), record()] {
            std::fs::write(&file, junit(&record).unwrap()).unwrap();
            let checked =
                Command::new("xmllint").args(["--noout", "--nonet", "--schema", schema]).arg(&file).output();
            match checked {
                Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
                Err(error) => {
                    let ci = std::env::var_os("CI").is_some_and(|value| value == "true");
                    assert!(!ci, "xmllint is needed in CI (apt-get install libxml2-utils): {error}");
                    println!("skipped: xmllint is not installed (apt-get install libxml2-utils)");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_xml_that_reads_back(name in any::<String>(), message in any::<String>(), output in any::<String>()) {
            let mut record = record();
            let message = Some(message);
            let failed = TestCase { message, output, ..case(&name, TestKind::Test, TestOutcome::Failed) };
            record.tests = TestsRecord::of(vec![failed]);
            let report = read(&junit(&record).unwrap());
            prop_assert_eq!((report.tests, report.failures), (1, 1));
        }
    }
}
