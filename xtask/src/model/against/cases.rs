//! Which tests are new, gone, failing and skipped since another run.

use std::collections::{HashMap, HashSet};

use crate::model::record::RunRecord;
use crate::model::step::Status;
use crate::model::test::{TestCase, TestKind, TestOutcome};

/// The tests of kinds that came to their end in both runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestsChange {
    /// How many the run before did not have.
    pub added: usize,
    /// How many only the run before had.
    pub removed: usize,
    /// The full names of those that fail and did not fail before, new ones included, in the order of this run.
    pub newly_failing: Vec<String>,
    /// The full names of those that are skipped and ran before, in the order of this run.
    pub newly_skipped: Vec<String>,
}

/// A test in another run: its kind, its full name without lines, and which one it is of several of that name.
type Key = (TestKind, String, usize);

impl TestsChange {
    /// None when no kind of tests can be compared.
    pub(super) fn between(now: &RunRecord, before: &RunRecord) -> Option<Self> {
        let kinds = [TestKind::Test, TestKind::Doctest, TestKind::Check];
        let kinds: Vec<TestKind> =
            kinds.into_iter().filter(|kind| is_whole(now, *kind) && is_whole(before, *kind)).collect();
        if kinds.is_empty() {
            return None;
        }
        let (now, before) = (keyed(now, &kinds), keyed(before, &kinds));
        let known: HashMap<&Key, &TestCase> = before.iter().map(|(key, case)| (key, *case)).collect();
        let there: HashSet<&Key> = now.iter().map(|(key, _)| key).collect();
        let mut change = Self {
            removed: before.iter().filter(|(key, _)| !there.contains(key)).count(),
            ..Self::default()
        };
        for (key, case) in &now {
            let earlier = known.get(key).map(|case| case.outcome);
            change.added += usize::from(earlier.is_none());
            if case.outcome.is_bad() && !earlier.is_some_and(TestOutcome::is_bad) {
                change.newly_failing.push(case.full_name());
            }
            if case.outcome == TestOutcome::Skipped && earlier.is_some_and(|it| it != TestOutcome::Skipped) {
                change.newly_skipped.push(case.full_name());
            }
        }
        Some(change)
    }
}

/// Some of this kind were seen, and no step that could have had more of them was cut off.
fn is_whole(record: &RunRecord, kind: TestKind) -> bool {
    let groups: &[&str] = if kind == TestKind::Check { &["image"] } else { &["test", "step"] };
    let is_cut = record.steps.iter().any(|step| {
        let group = step.id.split('.').next().unwrap_or_default();
        groups.contains(&group) && matches!(step.status, Status::Inconclusive | Status::Cancelled)
    });
    !is_cut && record.tests.cases.iter().any(|case| case.kind == kind)
}

fn keyed<'a>(record: &'a RunRecord, kinds: &[TestKind]) -> Vec<(Key, &'a TestCase)> {
    let mut seen: HashMap<(TestKind, String), usize> = HashMap::new();
    let cases = record.tests.cases.iter().filter(|case| kinds.contains(&case.kind));
    cases
        .map(|case| {
            let name = without_line(case);
            let count = seen.entry((case.kind, name.clone())).or_default();
            *count += 1;
            ((case.kind, name, *count), case)
        })
        .collect()
}

/// Examples of documentation are named by their line, which moves: `src/lib.rs - item (line 3)`.
fn without_line(case: &TestCase) -> String {
    let name = case.full_name();
    match name.rsplit_once(" (line ") {
        Some((start, _)) if case.kind == TestKind::Doctest => start.to_owned(),
        _ => name,
    }
}
