//! The tests of the page: a table of those worth a row, and the flaky ones.

use std::cmp::Reverse;

use serde::Serialize;

use super::pieces::{Badge, clean};
use crate::kit::text::plural;
use crate::model::record::RunRecord;
use crate::model::test::{TestCase, TestOutcome};
use crate::report::words;

/// Rows of the table; a browser stays quick, and nobody reads more.
const ROWS: usize = 500;

#[derive(Serialize)]
pub(super) struct Tests {
    counts: Option<String>,
    rows: Vec<Row>,
    more: Option<String>,
}

#[derive(Serialize)]
struct Row {
    badge: Badge,
    name: String,
    binary: String,
    time: String,
    note: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Flaky {
    name: String,
    binary: String,
    attempts: usize,
    message: Option<String>,
}

/// The failed first, then the flaky, then the skipped, then the slowest of the rest.
pub(super) fn tests(record: &RunRecord) -> Tests {
    let rank = |case: &TestCase| match case.outcome {
        TestOutcome::Failed | TestOutcome::TimedOut => 0,
        TestOutcome::Passed if case.is_flaky() => 1,
        TestOutcome::Skipped => 2,
        TestOutcome::Passed => 3,
    };
    let mut cases: Vec<&TestCase> = record.tests.cases.iter().collect();
    cases.sort_by_key(|case| (rank(case), Reverse(case.duration_ms)));
    let left = cases.len().saturating_sub(ROWS);
    Tests {
        counts: words::tests(record),
        rows: cases.into_iter().take(ROWS).map(row).collect(),
        more: (left > 0)
            .then(|| format!("{} more without a row here: junit.xml has all", plural(left, "test"))),
    }
}

pub(super) fn flaky(record: &RunRecord) -> Vec<Flaky> {
    let told = |case: &TestCase| Flaky {
        name: clean(&case.name),
        binary: clean(&case.binary),
        attempts: case.earlier.len() + 1,
        message: case.earlier.first().and_then(|attempt| attempt.message.as_deref()).map(clean),
    };
    record.tests.flaky().take(ROWS).map(told).collect()
}

fn row(case: &TestCase) -> Row {
    let (word, sign, tone) = match case.outcome {
        TestOutcome::Passed if case.is_flaky() => ("flaky", "~", "unsure"),
        TestOutcome::Passed => ("passed", "✓", "good"),
        TestOutcome::Failed | TestOutcome::TimedOut => (case.outcome.word(), "✕", "bad"),
        TestOutcome::Skipped => ("skipped", "–", "idle"),
    };
    let skipped = case.outcome == TestOutcome::Skipped;
    Row {
        badge: Badge { word, sign, tone },
        name: clean(&case.name),
        binary: clean(&case.binary),
        time: words::time(case.duration_ms),
        note: case.message.as_deref().filter(|_| skipped).map(clean),
    }
}
