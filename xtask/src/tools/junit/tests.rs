//! The reader against a report of the real nextest, a foreign one, and what `quick-junit` writes.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use quick_junit::{NonSuccessKind, Report, TestCaseStatus, TestRerun, TestSuite};

use super::*;
use crate::model::test::TestOutcome;
use crate::tools::test_output::tail;

const NEXTEST: &[u8] = include_bytes!("../../../tests/fixtures/junit/nextest-0.9.143.xml");
const FOREIGN: &[u8] = include_bytes!("../../../tests/fixtures/junit/foreign.xml");

fn nextest() -> Vec<TestCase> {
    read(NEXTEST, &Naming::Nextest).unwrap()
}

fn foreign(bytes: &[u8]) -> Result<Vec<TestCase>, JunitError> {
    read(bytes, &Naming::Foreign { package: "site".to_owned() })
}

fn find<'a>(cases: &'a [TestCase], full_name: &str) -> &'a TestCase {
    cases.iter().find(|case| case.full_name() == full_name).unwrap()
}

#[test]
fn every_case_of_nextest_is_read() {
    let cases = nextest();
    let count = |outcome| cases.iter().filter(|case| case.outcome == outcome).count();
    assert_eq!(cases.len(), 37);
    assert_eq!(
        (count(TestOutcome::Failed), count(TestOutcome::TimedOut), count(TestOutcome::Skipped)),
        (12, 1, 3)
    );
    let binary = find(&cases, "beta::bin/beta in_the_binary");
    assert_eq!((binary.package.as_str(), binary.duration_ms), ("beta", Some(12)));
}

#[test]
fn the_last_attempt_is_the_case_and_the_others_are_earlier() {
    let cases = nextest();
    let failed = find(&cases, "alpha tests::panics");
    assert_eq!(failed.message.as_deref(), Some("assertion `left == right` failed: sums (left: 2, right: 3)"));
    // The file tells the first attempt (6 ms) as the failure and the second (7 ms) as the rerun.
    assert_eq!(
        (failed.duration_ms, failed.earlier[0].duration_ms, failed.earlier.len()),
        (Some(7), Some(6), 1)
    );
    assert!(failed.output.contains("before\nthe panic\n") && failed.output.contains("(28379) panicked"));
    assert_eq!(failed.output.matches("panicked at").count(), 1, "it is told once:\n{}", failed.output);
    let flaky = find(&cases, "beta::flaky flaky");
    assert!(flaky.is_flaky() && flaky.output.is_empty());
    assert_eq!(flaky.earlier[0].message.as_deref(), Some("first time"));
    assert!(flaky.earlier[0].output.contains("err first"));
}

#[test]
fn timeouts_aborts_and_skips_of_nextest_are_told_apart() {
    let cases = nextest();
    let hangs = find(&cases, "beta::flaky hangs");
    assert_eq!((hangs.outcome, hangs.earlier[0].outcome), (TestOutcome::TimedOut, TestOutcome::TimedOut));
    assert_eq!(hangs.message.as_deref(), Some("it was ended after 2.0 s"));
    assert!(hangs.earlier[0].output.contains("before hanging"));
    let aborts = find(&cases, "beta::aborts b_aborts");
    assert_eq!(aborts.message.as_deref(), Some("process aborted with signal 6 (SIGABRT)"));
    let skipped = find(&cases, "beta::flaky left_out");
    assert_eq!((skipped.message.as_deref(), skipped.duration_ms), (None, None));
}

#[test]
fn a_panic_that_was_not_as_expected_is_told_as_libtest_tells_it() {
    let xml = "<testsuites><testsuite name='sp'><testcase name='a'>\
               <failure message=\"thread 'a' (3) panicked at src/lib.rs:3:25\">thread 'a' (3) panicked at src/lib.rs:3:25:\nthat</failure>\
               <system-out>---- a stdout ----\nnote: panic did not contain expected string\n panic message: \"that\"</system-out>\
               </testcase></testsuite></testsuites>";
    let cases = read(xml.as_bytes(), &Naming::Nextest).unwrap();
    assert_eq!(cases[0].message.as_deref(), Some("panic did not contain expected string"));
}

#[test]
fn foreign_reports_are_read_as_they_are_meant() {
    let cases = foreign(FOREIGN).unwrap();
    let names: Vec<String> = cases.iter().map(TestCase::full_name).collect();
    assert_eq!(
        names,
        ["outer pkg.Class::adds", "inner fails", "inner left out", "outer unnamed", "outer twice"]
    );
    assert!(cases.iter().all(|case| case.package == "site"));
    assert_eq!(cases[0].duration_ms, Some(1_000_500));
    assert_eq!(cases[1].outcome, TestOutcome::Failed, "an error of type …Timeout… is a failure like others");
    assert_eq!(cases[1].message.as_deref(), Some("boom & <b>bust</b>"));
    assert_eq!(cases[1].output, "at line 3 \u{fffd}[31mred & raw\nbefore <it>");
    assert_eq!(cases[2].message.as_deref(), Some("not on this system"));
    assert_eq!((cases[3].outcome, cases[3].duration_ms), (TestOutcome::Passed, None));
    assert_eq!((cases[4].outcome, cases[4].message.as_deref()), (TestOutcome::Failed, Some("first")));
}

#[test]
fn what_is_no_report_is_refused() {
    assert!(matches!(foreign(b"<html></html>"), Err(JunitError::NoSuite)));
    assert!(matches!(foreign(b""), Err(JunitError::NoSuite)));
    assert!(matches!(
        foreign(b"<testsuites><testsuite name='a'><testcase name='b'/>"),
        Err(JunitError::CutOff)
    ));
    assert!(matches!(foreign(b"<testsuites></testsuite>"), Err(JunitError::Xml { .. })));
    assert!(matches!(
        foreign(&FOREIGN[..FOREIGN.len() - 30]),
        Err(JunitError::CutOff | JunitError::Xml { .. })
    ));
    assert_eq!(foreign(b"<testsuite/>").unwrap(), []);
}

#[test]
fn setup_scripts_are_cases_only_when_they_fail() {
    let script = |inside: &str| {
        let text = format!(
            "<testsuites><testsuite name='@setup-script:db'><testcase name='db' classname='@setup-script:db'>\
             {inside}</testcase></testsuite></testsuites>"
        );
        read(text.as_bytes(), &Naming::Nextest).unwrap()
    };
    assert_eq!(script(""), []);
    assert_eq!(script("<failure type='script failure with exit code 1'/>")[0].outcome, TestOutcome::Failed);
}

#[test]
fn bytes_that_are_not_utf_8_are_replaced() {
    let cases =
        foreign(b"<testsuite name='a'><testcase name='b\xff'><failure>\xfe</failure></testcase></testsuite>");
    assert_eq!(cases.unwrap()[0].name, "b\u{fffd}");
}

#[test]
fn a_report_of_many_megabytes_is_read_quickly_and_kept_small() {
    let mut text = String::from("<testsuites><testsuite name='a'>");
    for number in 0..10 {
        write!(text, "<testcase name='t{number}'><failure message='m'/><system-out>").unwrap();
        text += &"a line of output &lt; another\n".repeat(50_000);
        text += "</system-out></testcase>";
    }
    text += "</testsuite></testsuites>";
    assert!(text.len() > 10_000_000);
    let begin = Instant::now();
    let cases = foreign(text.as_bytes()).unwrap();
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    assert!(cases.iter().all(|case| case.output.len() <= tail::LIMIT + 100 && case.output.starts_with("… ")));
    assert!(cases[0].output.lines().next().unwrap().ends_with(" bytes left out"));
}

fn status(kind: u8, text: &str, attempts: usize) -> TestCaseStatus {
    let mut status = match kind {
        0 => TestCaseStatus::success(),
        1 => TestCaseStatus::non_success(NonSuccessKind::Failure),
        2 => TestCaseStatus::non_success(NonSuccessKind::Error),
        _ => TestCaseStatus::skipped(),
    };
    status.set_message(text);
    for number in 0..if kind < 3 { attempts } else { 0 } {
        let mut rerun = TestRerun::new(NonSuccessKind::Failure);
        rerun.set_message(format!("{text}{number}"));
        status.add_rerun(rerun);
    }
    status
}

proptest! {
    #[test]
    fn what_quick_junit_writes_reads_back(
        cases in prop::collection::vec(("[!-~ä名]{1,12}", 0_u8..4, "[!-~]{1,20}", 0_usize..3, 0_u64..100_000), 0..8),
    ) {
        let mut report = Report::new("run");
        let mut suite = TestSuite::new("pkg::it");
        for (name, kind, text, attempts, time) in &cases {
            let mut case = quick_junit::TestCase::new(name.as_str(), status(*kind, text, *attempts));
            case.set_time(Duration::from_millis(*time));
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
        let written = report.to_string().unwrap();
        let found = read(written.as_bytes(), &Naming::Nextest).unwrap();
        prop_assert_eq!(found.len(), cases.len());
        for ((name, kind, text, attempts, time), case) in cases.iter().zip(&found) {
            prop_assert_eq!(&case.name, name);
            prop_assert_eq!((case.package.as_str(), case.binary.as_str()), ("pkg", "pkg::it"));
            let outcome = [TestOutcome::Passed, TestOutcome::Failed, TestOutcome::Failed, TestOutcome::Skipped][usize::from(*kind)];
            prop_assert_eq!(case.outcome, outcome);
            prop_assert_eq!(case.earlier.len(), if *kind < 3 { *attempts } else { 0 });
            if *attempts == 0 && *kind < 3 {
                prop_assert_eq!(case.duration_ms, Some(*time));
            }
            let last = attempts.checked_sub(1).map_or_else(|| text.clone(), |last| format!("{text}{last}"));
            match kind {
                1 | 2 => prop_assert_eq!(case.message.as_ref(), Some(&last)),
                3 => prop_assert_eq!(case.message.as_ref(), Some(text)),
                _ => {}
            }
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in any::<Vec<u8>>()) {
        let _ = foreign(&bytes);
    }

    #[test]
    fn any_elements_are_survived(text in "(<testsuites?>|</testsuites?>|<testsuite name='a'>|<testcase name='b'>|</testcase>|<failure>|</failure>|<rerunFailure/>|<flakyError/>|<skipped/>|<system-out>|</system-out>|<!\\[CDATA\\[|\\]\\]>|&|&#1;|x|<|>){0,25}") {
        let _ = foreign(text.as_bytes());
        let _ = read(text.as_bytes(), &Naming::Nextest);
    }
}

#[test]
fn what_libtest_prints_around_a_failed_test_is_left_out() {
    let out = "running 1 test\nsaid by the test\ntest t::fails ... FAILED\n\nfailures:\n\nfailures:\n    t::fails\n\n\
               test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.01s\n";
    let xml = format!(
        "<testsuites><testsuite name=\"demo\"><testcase name=\"t::fails\"><failure message=\"m\">m</failure>\
         <system-out>{out}</system-out></testcase></testsuite></testsuites>"
    );
    let cases = read(xml.as_bytes(), &Naming::Nextest).unwrap();
    assert_eq!(cases[0].output, "m\nsaid by the test");
}
