use super::*;
use crate::model::coverage::{Backend, CoverageRecord, Totals};
use crate::model::finding::{Level, Location};
use crate::model::gates::failed::tests::case;
use crate::model::image::{Contents, ImageRecord};
use crate::model::record::TestsRecord;
use crate::model::record::tests::{record, step};
use crate::model::test::{TestKind, TestOutcome};

fn finding(step: &str, message: &str, line: u32) -> Finding {
    Finding::new(step, "rule", Level::Warning, message).at(Location::at("src/a.rs", line, 1))
}

/// A run in which clippy ended, with these findings.
fn found(findings: Vec<Finding>) -> RunRecord {
    RunRecord { steps: vec![step("lint.clippy", Status::Passed)], findings, ..record() }
}

#[test]
fn a_finding_that_only_moved_is_not_new() {
    let before = found(vec![finding("lint.clippy", "old, of 31", 3), finding("lint.clippy", "gone", 4)]);
    let now = found(vec![finding("lint.clippy", "fresh", 1), finding("lint.clippy", "old, of 30", 90)]);
    let change = Changes::between(&now, &before).findings;
    assert_eq!((change.new, change.gone), ([0].into(), 1));
    assert_eq!(change.not_compared, [""; 0]);
}

#[test]
fn a_second_equal_finding_is_new() {
    let one = || finding("lint.clippy", "same", 3);
    let change = Changes::between(&found(vec![one(), one()]), &found(vec![one()])).findings;
    assert_eq!((change.new, change.gone), ([1].into(), 0));
}

#[test]
fn a_step_that_did_not_end_in_both_tells_nothing() {
    let old = || vec![finding("lint.clippy", "old", 3)];
    let with = |status, findings| RunRecord { steps: vec![step("lint.clippy", status)], ..found(findings) };
    let cached = StepRecord { cached: true, ..step("lint.clippy", Status::Passed) };
    for other in [
        with(Status::Inconclusive, Vec::new()),
        with(Status::Skipped, Vec::new()),
        with(Status::Cancelled, Vec::new()),
        RunRecord { steps: vec![cached], ..record() },
    ] {
        for change in [Changes::between(&found(old()), &other), Changes::between(&other, &found(old()))] {
            assert_eq!((change.findings.new.len(), change.findings.gone), (0, 0), "{:?}", other.steps);
            assert_eq!(change.findings.not_compared, ["lint.clippy"]);
        }
    }
    let never = Changes::between(&record(), &found(old())).findings;
    assert_eq!(never, FindingsChange::default(), "a step that this run does not have");
    let failed = with(Status::Failed, old());
    assert_eq!(Changes::between(&failed, &found(Vec::new())).findings.new, [0].into());
}

fn tested(status: Status, cases: &[(&str, TestOutcome)]) -> RunRecord {
    let cases = cases.iter().map(|(name, outcome)| case(name, TestKind::Test, *outcome)).collect();
    RunRecord { steps: vec![step("test.suite", status)], tests: TestsRecord::of(cases), ..record() }
}

#[test]
fn tests_are_told_by_what_became_of_them() {
    use TestOutcome::{Failed, Passed, Skipped, TimedOut};
    let before = tested(
        Status::Passed,
        &[("stays", Passed), ("breaks", Passed), ("known", Failed), ("rests", Passed), ("goes", Passed)],
    );
    let now = tested(
        Status::Failed,
        &[
            ("stays", Passed),
            ("breaks", TimedOut),
            ("known", TimedOut),
            ("rests", Skipped),
            ("new", Failed),
            ("later", Skipped),
        ],
    );
    let change = Changes::between(&now, &before).tests.unwrap();
    assert_eq!((change.added, change.removed), (2, 1));
    assert_eq!(change.newly_failing, ["demo breaks", "demo new"]);
    assert_eq!(change.newly_skipped, ["demo rests"], "a new one was never run");
    let same = Changes::between(&before, &before).tests.unwrap();
    assert_eq!(same, TestsChange::default());
}

#[test]
fn a_run_of_tests_that_was_cut_off_has_removed_none() {
    let whole = tested(Status::Passed, &[("a", TestOutcome::Passed), ("b", TestOutcome::Passed)]);
    for cut in [Status::Inconclusive, Status::Cancelled] {
        let part = tested(cut, &[("a", TestOutcome::Passed)]);
        assert_eq!(Changes::between(&part, &whole).tests, None);
        assert_eq!(Changes::between(&whole, &part).tests, None);
    }
    assert_eq!(Changes::between(&whole, &record()).tests, None);
}

#[test]
fn examples_of_documentation_may_move() {
    let at = |lines: &[u32]| {
        let name = |line: &u32| format!("src/lib.rs - item (line {line})");
        let cases = lines.iter().map(|line| case(&name(line), TestKind::Doctest, TestOutcome::Passed));
        RunRecord { tests: TestsRecord::of(cases.collect()), ..record() }
    };
    let change = |now: &[u32], before: &[u32]| Changes::between(&at(now), &at(before)).tests.unwrap();
    assert_eq!(change(&[4, 9], &[3, 8]), TestsChange::default());
    assert_eq!(change(&[4, 9], &[3]).added, 1);
    assert_eq!(change(&[4], &[3, 8]).removed, 1);
}

fn covered(covered: u64, total: u64, backend: &str) -> RunRecord {
    let lines = Share { covered, total };
    let backend = Backend { name: backend.to_owned(), reason: String::new() };
    let totals = Totals { lines, ..Totals::default() };
    RunRecord { coverage: Some(CoverageRecord { backend, totals, ..CoverageRecord::default() }), ..record() }
}

#[test]
fn lines_differ_by_percentage_points() {
    let change = |now: (u64, u64), before: (u64, u64)| {
        let (now, before) = (covered(now.0, now.1, "embedded"), covered(before.0, before.1, "embedded"));
        Changes::between(&now, &before).lines.unwrap().difference().unwrap()
    };
    let points = Percent::from_thousandths;
    assert_eq!(change((9, 10), (8, 10)), (Ordering::Greater, points(10_000)));
    assert_eq!(change((2, 3), (1, 1)), (Ordering::Less, points(33_330)));
    assert_eq!(change((2, 3), (4, 6)), (Ordering::Equal, points(0)));
    assert_eq!(change((999_999, 1_000_000), (1, 1)), (Ordering::Less, points(0)), "less, and hardly so");
    assert_eq!(change((u64::MAX, 1), (0, u64::MAX)), (Ordering::Greater, points(100_000)));
}

#[test]
fn coverage_is_compared_with_what_counts_alike() {
    let now = covered(9, 10, "embedded");
    let before = |before: &RunRecord| Changes::between(&now, before).lines.unwrap();
    assert_eq!(before(&record()).before, Err(Incomparable::NotMeasured));
    assert_eq!(before(&covered(0, 0, "embedded")).before, Err(Incomparable::NotMeasured));
    let other = before(&covered(8, 10, "llvm"));
    assert_eq!((other.before, other.difference()), (Err(Incomparable::OtherBackend), None));
    assert_eq!(Changes::between(&record(), &now).lines, None);
}

#[test]
fn images_are_compared_by_name_and_runs_by_time() {
    let built = |images: &[(&str, Option<u64>)], duration_ms: u64| {
        let image = |(name, size): &(&str, Option<u64>)| ImageRecord {
            contents: size.map(|size| Contents { size, ..Contents::default() }),
            ..ImageRecord::named(*name)
        };
        let mut record = RunRecord { images: images.iter().map(image).collect(), ..record() };
        record.run.duration_ms = duration_ms;
        record
    };
    let now = built(&[("b", Some(7)), ("a", Some(5)), ("c", None)], 90);
    let changes = Changes::between(&now, &built(&[("a", Some(4)), ("b", None), ("gone", Some(1))], 80));
    let size = |name: &str, now, before| SizeChange { name: name.to_owned(), now, before };
    assert_eq!(changes.images, [size("b", 7, None), size("a", 5, Some(4))]);
    assert_eq!(changes.duration, Amount { now: 90, before: 80 });
}
